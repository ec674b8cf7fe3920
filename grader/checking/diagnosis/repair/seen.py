"""Lines that are seen to be at fault when wrong calls run: a `return` of nothing, an exception that what the
line was given cannot explain, and the only limit of a function that lets pass what is to be refused.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from grader.checking.diagnosis.recognition import RAISED
from grader.checking.diagnosis.repair.alone import hands_on, makes
from grader.checking.diagnosis.repair.bench import Tried
from grader.checking.diagnosis.repair.cases import Case
from grader.checking.diagnosis.repair.scope import OUTSIDE
from grader.checking.diagnosis.repair.slices import names_of, statements_of
from grader.checking.diagnosis.repair.source import Place
from grader.checking.diagnosis.repair.suspicion import NOTHING, Group, used
from grader.sandbox.wire import Opaque

OF_KINDS = {"TypeError", "AttributeError"}  # they say that a value is of another kind
GOES_OVER = {"zip", "enumerate", "reversed"}  # what they give is given to the function
COUNTS = {"range", "ndindex"}


class Seen(NamedTuple):
    """A statement that is at fault, and what of it is to be looked at: a kind of `words`, or nothing."""

    place: Place
    statement: ast.stmt
    look: str


def seen(
    group: Group, cases: Sequence[Case], runs: Sequence[Tried], places: Sequence[Place]
) -> Seen | None:
    """The statement at which a group's calls go wrong, if that is seen; for the parameters see `alone`."""
    own = next((p for p in places if p.path == group.function), None)
    if own is None or -1 not in group.wrong:
        return None
    here = [p for p in places if p.module == own.module]
    some = [(cases[i], runs[i]) for i in group.cases]
    return (
        _given_back(group, some, here, own)
        or _unpacked(group, some, own)
        or _raised(group, cases, runs, own)
        or _only_limit(some, [p for p in here if p.name in used(here, [own.name])])
    )


def _given_back(
    group: Group, some: Sequence[tuple[Case, Tried]], here: Sequence[Place], own: Place
) -> Seen | None:
    """The `return` of nothing that ran wherever nothing was returned, or nothing was to be taken apart."""
    takers = [place for case, run in some for place in _without_value(group, case, run, here, own)]
    if len(takers) < len(some) or len({p.path for p in takers}) > 1:
        return None
    returns = [
        (place, statement)
        for place in here
        for statement in statements_of(place.node)
        if isinstance(statement, ast.Return)
    ]
    ran = [(p, s) for p, s in returns if all(_runs(p, s, run) for _, run in some)]
    nothing = [(p, s) for p, s in ran if _is_nothing(s)]
    if len(nothing) != 1 or not any(p is takers[0] for p, _ in ran):
        return None
    return Seen(*nothing[0], "return")


def _without_value(
    group: Group, case: Case, run: Tried, here: Sequence[Place], own: Place
) -> Iterator[Place]:
    """The function that gave nothing back in a wrong case."""
    if run.raised is None:
        first = min((c for c, _ in case.wrong()), default=0)
        answers = case.theirs[first] if first < len(case.theirs) else []
        if case.calls[first].function == group.function and answers and answers[0] == NOTHING:
            yield own
        return
    for place in here:
        statement = _at(place, run.raised) if run.kind == "TypeError" else None
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Tuple):
            called = getattr(getattr(statement.value, "func", None), "id", "")
            yield from (p for p in here if p.path == called)


def _is_nothing(statement: ast.Return) -> bool:
    value = statement.value
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _unpacked(group: Group, some: Sequence[tuple[Case, Tried]], own: Place) -> Seen | None:
    """The statement that takes an argument apart, or its shape, into another number of names than it has, in
    every wrong case that ends with an exception."""
    raised = [(case, run) for case, run in some if run.raised is not None]
    at = {run.raised for _, run in raised}
    where = at.pop() if len(at) == 1 else None
    if where is None or {run.kind for _, run in raised} != {"ValueError"}:
        return None
    if any(case.calls[-1].function != group.function for case, _ in raised):
        return None
    statement = _at(own, where)
    if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Tuple):
        return None
    value = statement.value
    if isinstance(value, ast.Attribute) and value.attr == "shape":
        value = value.value
    given = _given_to(own, [case for case, _ in raised])
    if not isinstance(value, ast.Name) or value.id not in given:
        return None
    writers = [s for s in statements_of(own.node) if value.id in names_of(s)[1]]
    return None if writers and writers[0].lineno < statement.lineno else Seen(own, statement, "")


def _given_to(place: Place, some: Sequence[Case]) -> set[str]:
    """The parameters that were given something that was seen: no cache."""
    names = [a.arg for a in place.node.args.args]
    given = set(names[: min(len(case.calls[-1].args) for case in some)])
    for case in some:
        hidden = zip(names, case.calls[-1].args, strict=False)
        given -= {name for name, value in hidden if isinstance(value, Opaque)}
    return given


def _raised(group: Group, cases: Sequence[Case], runs: Sequence[Tried], own: Place) -> Seen | None:
    """The statement in which every call of the function raises, because a value is of another kind, where
    all that it reads is given to the function, counted, or made to be filled."""
    every = [i for i, case in enumerate(cases) if case.function == group.function]
    mine = [i for i in every if cases[i].wrong() or runs[i].raised is None]
    at = {runs[i].raised for i in mine}
    kinds = {runs[i].kind for i in mine}
    where = at.pop() if len(at) == 1 else None
    if where is None or not kinds <= OF_KINDS:
        return None
    if any(isinstance(a, Opaque) for i in mine for c in cases[i].calls for a in c.args):
        return None
    statement = _at(own, where)
    if statement is None or not _is_reached_surely(own, statement):
        return None
    read = names_of(statement)[0] - OUTSIDE - _bound_in(statement)
    if any(_is_length(name, own) for name in read & _handed_over(statement)):
        return None
    sure = all(_is_sure(name, own, statement) for name in read)
    return Seen(own, statement, "") if sure else None


def _handed_over(statement: ast.stmt) -> set[str]:
    """The names that a statement gives to what may not take a number."""
    return {
        a.id
        for n in ast.walk(statement)
        if isinstance(n, ast.Call) and not _calls(n, COUNTS)
        for a in n.args
        if isinstance(a, ast.Name)
    }


def _is_length(name: str, place: Place) -> bool:
    """Whether a name stands for a length that is taken in a statement of its own."""
    writers = [s for s in statements_of(place.node) if name in names_of(s)[1]]
    return any(isinstance(s, ast.Assign) and not makes(s) and not hands_on(s, ()) for s in writers)


def _bound_in(statement: ast.stmt) -> set[str]:
    """The names that comprehensions and lambdas of a statement bind."""
    nodes = list(ast.walk(statement))
    targets = [
        n for node in nodes if isinstance(node, ast.comprehension) for n in ast.walk(node.target)
    ]
    return {n.id for n in targets if isinstance(n, ast.Name)} | {
        n.arg for n in nodes if isinstance(n, ast.arg)
    }


def _is_reached_surely(place: Place, statement: ast.stmt) -> bool:
    """Whether nothing but loops that count, or go over what was given, is around a statement."""
    parameters = {a.arg for a in place.node.args.args}
    around = [n for n in ast.walk(place.node) if isinstance(n, ast.stmt) and n is not statement]
    outer = [n for n in around if any(inner is statement for inner in ast.walk(n))]
    return all(n is place.node or _is_counting(n) or _goes_over(n, parameters) for n in outer)


def _is_counting(statement: ast.stmt) -> bool:
    """Whether it is a loop over `range` or `np.ndindex`."""
    return isinstance(statement, ast.For) and _calls(statement.iter, COUNTS)


def _calls(value: ast.expr, names: Collection[str]) -> bool:
    """Whether it is a call of one of some functions."""
    called = value.func if isinstance(value, ast.Call) else None
    return getattr(called, "attr", getattr(called, "id", "")) in names


def _goes_over(statement: ast.stmt, parameters: Collection[str]) -> bool:
    """Whether it is a loop over what was given, side by side or numbered."""
    if not isinstance(statement, ast.For):
        return False
    value = statement.iter
    over = value.args if isinstance(value, ast.Call) and _calls(value, GOES_OVER) else [value]
    return all(isinstance(one, ast.Name) and one.id in parameters for one in over)


def _is_sure(name: str, place: Place, reader: ast.stmt) -> bool:
    """Whether what a name stands for is of the right kind, whatever the function computes."""
    parameters = {a.arg for a in place.node.args.args}
    writers = [s for s in statements_of(place.node) if name in names_of(s)[1] and s is not reader]
    known = bool(writers) or name in parameters
    return known and all(_gives_sure(s, parameters) for s in writers)


def _gives_sure(statement: ast.stmt, parameters: set[str]) -> bool:
    """Whether a statement counts, takes lengths of what was given, or makes what is to be filled."""
    if _is_counting(statement) or makes(statement) or hands_on(statement, ()):
        return True
    if _goes_over(statement, parameters):
        return True
    value = getattr(statement, "value", None)
    if isinstance(value, ast.Subscript):
        value = value.value
    lengths = isinstance(value, ast.Attribute) and value.attr == "shape"
    counted = isinstance(value, ast.Call) and getattr(value.func, "id", "") == "len"
    return (lengths or counted) and names_of(statement)[0] - OUTSIDE <= parameters


def _only_limit(some: Sequence[tuple[Case, Tried]], here: Sequence[Place]) -> Seen | None:
    """The only condition on which something is refused, where what is to be refused is not."""
    for case, run in some:
        if run.raised is not None or not any(RAISED in p.structure for p in case.right[-1]):
            return None
    limits = [
        (place, statement)
        for place in here
        for statement in statements_of(place.node)
        if isinstance(statement, ast.If) and isinstance(statement.body[-1], ast.Raise)
    ]
    if len(limits) != 1 or not all(_runs(*limits[0], run) for _, run in some):
        return None
    return Seen(*limits[0], "condition")


def _at(place: Place, where: tuple[str, int]) -> ast.stmt | None:
    """The statement at a line, if it is one of the function, and simple or a counting loop."""
    label, line = where
    if label != place.label or line not in place.lines():
        return None
    for statement in statements_of(place.node):
        compound = hasattr(statement, "body")
        end = statement.lineno if compound else statement.end_lineno or statement.lineno
        if statement.lineno <= line <= end:
            return None if compound and not isinstance(statement, ast.For) else statement
    return None


def _runs(place: Place, statement: ast.stmt, run: Tried) -> bool:
    return any((place.label, statement.lineno) in lines for lines in run.lines)
