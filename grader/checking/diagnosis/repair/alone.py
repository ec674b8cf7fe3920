"""Lines that need no search: a wrong value that comes from one statement alone, or from two.

They are told only where nothing else could be at fault: no other statement ran for the wrong value that
did not run for right ones, too, and what they were given cannot be wrong either.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence

from grader.checking.diagnosis.recognition import RAISED
from grader.checking.diagnosis.repair.bench import Tried
from grader.checking.diagnosis.repair.cases import Case
from grader.checking.diagnosis.repair.slices import names_of, slice_of, statements_of
from grader.checking.diagnosis.repair.source import Place
from grader.checking.diagnosis.repair.suspicion import Group, misshapen, used
from grader.sandbox.wire import Opaque

FEW = 2  # statements that are told
ENOUGH = 3  # cases in which the other values are right
CONVERTS = {"asarray", "array", "astype", "copy"}
FLOATS = {"np", "numpy", "float", "np.float64", "np.float32", "False"}
MAKES = {"zeros", "zeros_like", "ones", "empty", "empty_like", "full", "array", "list"}


def alone(
    group: Group,
    cases: Sequence[Case],
    runs: Sequence[Tried],
    places: Sequence[Place],
    innocent: Collection[str],
) -> tuple[Place, Sequence[ast.stmt]] | None:
    """The one or two statements that a group's wrong value can come from, with their function; None if there
    are more.

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
        refuses = any(RAISED in part.structure for part in case.right[-1])
        if run.raised is not None and (refuses or not _is_in(run.raised, place)):
            return None
        for call, lines in zip(case.calls, run.lines, strict=False):
            if call.function == group.function:
                ran |= lines
                kept = kept or any(isinstance(a, Opaque) for a in call.args)
    trusted = _trusted(place, places, innocent)
    inside = {n for label, n in ran if label == place.label and n in place.lines()}
    outside = {at for at in ran if not any(_is_in(at, p) for p in (place, *trusted))}
    mine = [s for s in statements_of(place.node) if not inside.isdisjoint(lines_of(s))]
    if not group.only_changes and (nothing := _nothing(mine, place)) is not None:
        return place, [nothing]
    if outside:
        return None
    if -1 not in group.wrong:
        mine = [s for s in mine if not _only_refuses(s)]
    whole = {s for s in mine if isinstance(s, ast.Return)} if misshapen(group, cases) else set()
    found = _only(group, mine, place, whole, kept=kept) or _apart(group, mine, place, whole)
    likeliest_first = sorted(found, key=lambda s: _is_seldom_wrong(s, innocent))
    return (place, likeliest_first) if found else None


def _is_seldom_wrong(statement: ast.stmt, innocent: Collection[str]) -> bool:
    """Whether a statement takes a shape, or calls functions that answer right, one or two."""
    value = getattr(statement, "value", None)
    calls = [value.left, value.right] if isinstance(value, ast.BinOp) else [value]
    called = {getattr(c.func, "id", "") if isinstance(c, ast.Call) else "" for c in calls}
    return called <= set(innocent) or (isinstance(value, ast.Attribute) and value.attr == "shape")


def _is_in(at: tuple[str, int], place: Place) -> bool:
    """Whether a line is one of a function."""
    return at[0] == place.label and at[1] in place.lines()


def _trusted(place: Place, places: Sequence[Place], innocent: Collection[str]) -> list[Place]:
    """The functions that answer right wherever they are called, and what only these use."""
    mine = _used_without(place, places, innocent)
    through = used(places, innocent) - mine
    return [p for p in places if p is not place and (p.name in innocent or p.name in through)]


def _used_without(place: Place, places: Sequence[Place], innocent: Collection[str]) -> set[str]:
    """The functions that one uses, but for what innocent functions do for it."""
    return used([p for p in places if p.name not in innocent], [place.name])


def _nothing(mine: Sequence[ast.stmt], place: Place) -> ast.stmt | None:
    """A `return` of nothing at the end, where that ran: whatever else is wrong, it is."""
    last = place.node.body[-1]
    if not isinstance(last, ast.Return) or last not in mine:
        return None
    nothing = last.value is None or (
        isinstance(last.value, ast.Constant) and last.value.value is None
    )
    return last if nothing else None


def _only(
    group: Group,
    mine: Sequence[ast.stmt],
    place: Place,
    whole: Collection[ast.stmt],
    *,
    kept: bool,
) -> Sequence[ast.stmt]:
    """The few statements that ran and compute, or the `return` of a plain value. What is `whole` may lack
    something that would make the right shape of what it hands on."""
    last = place.node.body[-1]
    plain = isinstance(last, ast.Return) and isinstance(last.value, ast.Constant | None)
    if plain and last in mine:
        return [last]
    some = [s for s in mine if s in whole or not hands_on(s, group.wrong)] or mine
    read = {name for s in some for name in names_of(s)[0]}
    parameters = [a.arg for a in place.node.args.args]
    return [] if kept and read & set(parameters[1:]) else _few(some)


def _few(some: Sequence[ast.stmt]) -> Sequence[ast.stmt]:
    """These statements, if they are few, and do one thing each."""
    compound = any(isinstance(s, ast.If | ast.For | ast.While | ast.With | ast.Try) for s in some)
    return [] if compound or len(some) > FEW else some


def _apart(
    group: Group, mine: Sequence[ast.stmt], place: Place, whole: Collection[ast.stmt]
) -> Sequence[ast.stmt]:
    """The few statements that the wrong values depend on and the right ones do not; `whole` as in `_only`."""
    if -1 in group.wrong:  # the call raised
        return []
    last = max(group.right | group.wrong)  # what became of arguments
    values = group.right - group.kept - {last}
    if not values or len(group.cases) < ENOUGH:
        return []
    wrong: set[int] = set()
    right: set[int] = set()
    for part in group.wrong:
        wrong |= slice_of(place.node, part)
    for part in values:
        right |= slice_of(place.node, part)
    shared = [s for s in mine if s.lineno in wrong & right]
    # Of what computes several values, the right one clears its own part only.
    several = [s for s in shared if s in whole or _gives_several(s, group.wrong)]
    if not all(isinstance(s, ast.Return) for s in several):
        return []
    apart = [s for s in mine if s.lineno in wrong - right]
    filled = {name for s in mine if not makes(s) for name in names_of(s)[1]}
    needed = [s for s in mine if s.lineno in wrong]
    if any(makes(s) and not names_of(s)[1] <= filled for s in needed):  # a statement is missing
        return []
    known = {name for s in mine if s.lineno in right for name in names_of(s)[0] | names_of(s)[1]}
    parameter = place.node.args.args[0].arg if place.node.args.args else ""
    own = {name for s in apart for name in names_of(s)[1]}
    if any(names_of(s)[0] - known - own - {parameter, "np", "numpy"} for s in apart):
        return []
    filling = [s for s in apart if not makes(s)] + several
    if len(filling) == 1 and isinstance(filling[0], ast.For | ast.While):
        return filling
    return _few(filling)


def _only_refuses(statement: ast.stmt) -> bool:
    """Whether a statement does nothing but raise where a condition holds; where nothing was raised, it had no
    part in any value."""
    if not isinstance(statement, ast.If) or statement.orelse:
        return False
    return all(isinstance(inner, ast.Raise) for inner in statement.body)


def hands_on(statement: ast.stmt, parts: Collection[int]) -> bool:
    """Whether a statement hands on what has a name: returns it as these `parts`, or makes floats of it."""
    value = getattr(statement, "value", None)
    if isinstance(statement, ast.Return):
        given = value.elts if isinstance(value, ast.Tuple) else [value]
        return all(isinstance(v, ast.Name) for part, v in enumerate(given) if part in parts)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return False
    target = statement.targets[0]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return all(map(_makes_floats, target.elts, value.elts))
    return _makes_floats(target, value)


def _makes_floats(target: ast.expr, value: ast.expr | None) -> bool:
    """Whether a name gets the floats of what it stood for."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return False
    parts = [value.func.value, *value.args, *(k.value for k in value.keywords)]
    words = {ast.unparse(part) for part in parts}
    name = ast.unparse(target)
    return value.func.attr in CONVERTS and name in words and words <= FLOATS | {name}


def _gives_several(statement: ast.stmt, parts: Collection[int]) -> bool:
    """Whether a statement computes several values side by side, one of them in a `return` of these `parts`.
    To take a shape or a cache apart, or to return what has a name, does not."""
    value = getattr(statement, "value", None)
    if isinstance(statement, ast.Return) and isinstance(value, ast.Tuple):
        given = [v for part, v in enumerate(value.elts) if part in parts]
        return not all(isinstance(v, ast.Name) for v in given)
    several = isinstance(statement, ast.Assign) and len(names_of(statement)[1]) > 1
    return several and isinstance(value, ast.Tuple | ast.IfExp) and not makes(statement)


def makes(statement: ast.stmt) -> bool:
    """Whether a statement makes arrays or lists that are to be filled."""
    value = getattr(statement, "value", None)
    made = value.elts if isinstance(value, ast.Tuple) else [value]
    return bool(made) and all(_to_be_filled(one) for one in made)


def _to_be_filled(value: ast.expr | None) -> bool:
    if isinstance(value, ast.List):
        return not value.elts
    called = value.func if isinstance(value, ast.Call) else None
    return getattr(called, "attr", getattr(called, "id", "")) in MAKES


def lines_of(statement: ast.stmt) -> range:
    """The lines of a simple statement, or of the head of a compound one."""
    body = getattr(statement, "body", None)
    if isinstance(body, list) and body:
        return range(statement.lineno, max(statement.lineno + 1, body[0].lineno))
    return range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
