"""Lines that need no search: a wrong value that comes from one statement alone.

A statement is told only where nothing else could be at fault: no other statement ran for the wrong value
that did not run for right ones, too, and what it was given cannot be wrong either.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence

from grader.checking.diagnosis.repair.bench import Tried
from grader.checking.diagnosis.repair.cases import Case
from grader.checking.diagnosis.repair.slices import names_of, slice_of, statements_of
from grader.checking.diagnosis.repair.source import Place
from grader.checking.diagnosis.repair.suspicion import Group
from grader.sandbox.wire import Opaque

ENOUGH = 3  # cases in which the other values are right
MAKES = {"zeros", "zeros_like", "ones", "empty", "empty_like", "full", "array", "list"}


def alone(
    group: Group,
    cases: Sequence[Case],
    runs: Sequence[Tried],
    places: Sequence[Place],
    innocent: Collection[str],
) -> tuple[Place, ast.stmt] | None:
    """The one statement that a group's wrong value can come from, with its function; None if there
    are several.

    Args:
        group: the wrong cases of one function.
        cases, runs: all cases, and what ran in each.
        places: the submission's functions.
        innocent: functions that answer right wherever they are called.
    """
    place = next((p for p in places if p.path == group.function), None)
    if place is None:
        return None
    ran: set[tuple[str, int]] = set()
    kept = False
    for index in group.cases:
        case, run = cases[index], runs[index]
        if run.raised is not None:
            return None
        for call, lines in zip(case.calls, run.lines, strict=False):
            if call.function == group.function:
                ran |= lines
                kept = kept or any(isinstance(a, Opaque) for a in call.args)
    trusted = [p for p in places if p.name in innocent]
    inside = {n for label, n in ran if label == place.label and n in place.lines()}
    outside = {
        at
        for at in ran
        if not (at[0] == place.label and at[1] in place.lines())
        and not any(at[0] == p.label and at[1] in p.lines() for p in trusted)
    }
    mine = [s for s in statements_of(place.node) if not inside.isdisjoint(_lines(s))]
    if not group.only_changes and (nothing := _nothing(mine, place)) is not None:
        return place, nothing
    if outside:
        return None
    found = _only(mine, place, kept=kept) or _apart(group, mine, place)
    return (place, found) if found is not None else None


def _nothing(mine: Sequence[ast.stmt], place: Place) -> ast.stmt | None:
    """A `return` of nothing at the end, where that ran: whatever else is wrong, it is."""
    last = place.node.body[-1]
    if not isinstance(last, ast.Return) or last not in mine:
        return None
    nothing = last.value is None or (
        isinstance(last.value, ast.Constant) and last.value.value is None
    )
    return last if nothing else None


def _only(mine: Sequence[ast.stmt], place: Place, *, kept: bool) -> ast.stmt | None:
    """The only statement that ran, or the `return` of a plain value."""
    last = place.node.body[-1]
    plain = isinstance(last, ast.Return) and isinstance(last.value, ast.Constant | None)
    if plain and last in mine:
        return last
    if len(mine) != 1 or isinstance(mine[0], ast.If | ast.For | ast.While | ast.With | ast.Try):
        return None
    read, _ = names_of(mine[0])
    parameters = [a.arg for a in place.node.args.args]
    return None if kept and read & set(parameters[1:]) else mine[0]


def _apart(group: Group, mine: Sequence[ast.stmt], place: Place) -> ast.stmt | None:
    """The only statement that the wrong values depend on and the right ones do not."""
    if -1 in group.wrong:  # the call raised
        return None
    last = max(group.right | group.wrong)  # what became of arguments
    values = group.right - group.kept - {last}
    if not values or len(group.cases) < ENOUGH:
        return None
    wrong: set[int] = set()
    right: set[int] = set()
    for part in group.wrong:
        wrong |= slice_of(place.node, part)
    for part in values:
        right |= slice_of(place.node, part)
    shared = [s for s in mine if s.lineno in wrong & right]
    if any(_gives_several(s, group.wrong) for s in shared):
        return None  # the right value clears its own part only
    apart = [s for s in mine if s.lineno in wrong - right]
    known = {name for s in mine if s.lineno in right for name in names_of(s)[0] | names_of(s)[1]}
    parameter = place.node.args.args[0].arg if place.node.args.args else ""
    own = {name for s in apart for name in names_of(s)[1]}
    if any(names_of(s)[0] - known - own - {parameter, "np", "numpy"} for s in apart):
        return None
    filling = [s for s in apart if not _makes(s)]
    return filling[0] if len(filling) == 1 and not isinstance(filling[0], ast.If) else None


def _gives_several(statement: ast.stmt, parts: Collection[int]) -> bool:
    """Whether a statement computes several values side by side, one of them in a `return` of these `parts`.
    To take a shape or a cache apart, or to return what has a name, does not."""
    value = getattr(statement, "value", None)
    if isinstance(statement, ast.Return) and isinstance(value, ast.Tuple):
        given = [v for part, v in enumerate(value.elts) if part in parts]
        return not all(isinstance(v, ast.Name) for v in given)
    several = isinstance(statement, ast.Assign) and len(names_of(statement)[1]) > 1
    return several and isinstance(value, ast.Tuple | ast.IfExp)


def _makes(statement: ast.stmt) -> bool:
    """Whether a statement makes an array or a list that is to be filled."""
    value = getattr(statement, "value", None)
    if isinstance(value, ast.List):
        return not value.elts
    called = value.func if isinstance(value, ast.Call) else None
    return getattr(called, "attr", getattr(called, "id", "")) in MAKES


def _lines(statement: ast.stmt) -> range:
    body = getattr(statement, "body", None)
    if isinstance(body, list) and body:
        return range(statement.lineno, max(statement.lineno + 1, body[0].lineno))
    return range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
