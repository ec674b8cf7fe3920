"""What is tried first: which functions are wrong, and how suspicious each of their lines is."""

from __future__ import annotations

import ast
import itertools
import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from grader.checking.diagnosis.fingerprint import ANYTHING, fingerprint
from grader.checking.diagnosis.recognition import RAISED
from grader.checking.diagnosis.repair.bench import Tried
from grader.checking.diagnosis.repair.cases import Case, draws
from grader.checking.diagnosis.repair.edits import Edit, edits
from grader.checking.diagnosis.repair.scope import nodes_of
from grader.checking.diagnosis.repair.slices import returned, slice_of
from grader.checking.diagnosis.repair.source import Place

# What a line's role adds to the cost of its edits.
CRASHED = -1.5  # an exception came up there
ONLY_WRONG = -0.7  # no right case runs it
IN_ALL = -0.7  # it is in a helper that runs wherever something is wrong, in several functions
BEFORE = 1.5  # it runs before the wrong call, and not in it
APART = 1.5  # the wrong value does not depend on it
SHARED = 0.7  # a right value depends on it, too
EARLIER = 1.0  # it is in the file of an earlier exercise, which has been graded by itself
# What it adds where each try is dear that the kind is many edits of which few are likely.
RARELY, RARE = {"call", "missing", "default"}, 1.2
# What the kind of an edit adds, by whether the shape of an answer is wrong or only its numbers.
OF_SHAPES = {"shape", "axis", "transpose", "sum"}
MISSHAPEN, WELL_SHAPED = -0.7, 0.7

LEAST = 1.0  # no edit costs less by itself, but where something is never read

NOTHING = fingerprint(None)


@dataclass(frozen=True)
class Group:
    """The cases whose first wrong answer is that of one function.

    Attributes:
        function: the function.
        cases: the numbers of the cases.
        wrong, right: which parts of its answers are wrong in some of them, and in none.
        kept: parts that stay with the student, such as a cache: nobody has seen whether they are right.
    """

    function: str
    cases: tuple[int, ...]
    wrong: frozenset[int]
    right: frozenset[int]
    kept: frozenset[int] = frozenset()

    @property
    def only_changes(self) -> bool:
        """Whether nothing is wrong but what becomes of the arguments, which is the last part."""
        last = max(self.wrong | self.right)
        return last > 0 and -1 not in self.wrong and self.wrong == {last}


def groups(cases: Sequence[Case], order: Sequence[str]) -> list[Group]:
    """Wrong cases by the function whose answer is wrong first, in the order of the exercise."""
    found: dict[str, dict[int, set[int]]] = {}
    otherwise = {c.function for c in cases if _draws_otherwise(c)}
    for index, case in enumerate(cases):
        wrong = case.wrong()
        drawn = draws(case.calls) and not any(RAISED in p.structure for p in case.right[-1])
        if drawn and not otherwise.isdisjoint(c.function for c in case.calls):
            continue
        if wrong and not _returns_too_few(case):
            call = min(c for c, _ in wrong)
            function = case.calls[call].function
            found.setdefault(function, {})[index] = {p for c, p in wrong if c == call}
    result = []
    for function, members in found.items():
        wrong_parts = frozenset(p for parts in members.values() for p in parts)
        answers = [
            right
            for i in members
            for right, call in zip(cases[i].right, cases[i].calls, strict=True)
            if call.function == function
        ]
        count = max(map(len, answers))
        right = frozenset(range(count)) - wrong_parts if -1 not in wrong_parts else frozenset()
        kept = {p for parts in answers for p, one in enumerate(parts) if one.structure == ANYTHING}
        result.append(Group(function, tuple(members), wrong_parts, right, right & kept))
    return sorted(result, key=lambda g: order.index(g.function))


def _draws_otherwise(case: Case) -> bool:
    """Whether a check lets pass what differs from the reference, where a generator is given."""
    parts = zip(case.judged, case.right, strict=True)
    return draws(case.calls) and any(len(judged) < len(right) for judged, right in parts)


def _returns_too_few(case: Case) -> bool:
    """Whether an answer came, but of another number of values: the check says so, and it is enough, but for
    nothing at all, of which the line can be told."""
    for mine, right in zip(case.theirs, case.right, strict=False):
        several = len(mine) != len(right) and len(mine) > 1 and len(right) > 1
        if several and mine[0] != NOTHING:
            return True
    return False


def edits_of(number: int, places: Sequence[Place], known: dict[int, list[Edit]]) -> list[Edit]:
    """Every edit of a function, by what its file and the files that it imports from know. `known` keeps them
    by the number of the function."""
    if number not in known:
        known[number] = _edits_of(places[number], places)
    return known[number]


def _edits_of(place: Place, places: Sequence[Place]) -> list[Edit]:
    others = [p for p in places if p is not place]
    helpers = [p.path for p in others if p.label == place.label]
    near = [p for p in others if p.label == place.label or p.name in place.imported]
    signatures = {p.name: p.node.args for p in near if p.path == p.name}
    known = [p.node for p in places if p.label == place.label]
    words = {n.id for node in known for n in nodes_of(node) if isinstance(n, ast.Name)}
    idle = signatures.keys() & (place.imported - words)
    around = [p.node for p in others if p.label == place.label]
    return edits(place.node, helpers, _texts(places), signatures, idle, around)


class Ordered:
    """The edits of the functions that ran for a group, with what each costs, the most promising first.

    Those of a function are thousands: they are thought of when one of them may be next, not before.

    Args:
        group: whose wrong answers are to become right.
        cases, runs: what is to be right, and what each case answers as it is.
        places: the submission's functions.
        known: see `edits_of`.

    Attributes:
        most: what an edit may cost for which other functions' are thought of.
        thought: how many edits were thought of.
        thinks: whether those of another function are thought of next.
    """

    most = math.inf
    thinks = False

    def __init__(
        self,
        group: Group,
        cases: Sequence[Case],
        runs: Sequence[Tried],
        places: Sequence[Place],
        known: dict[int, list[Edit]],
    ) -> None:
        self.thought = 0
        self._places, self._known = places, known
        self._ready: list[tuple[tuple[float, int], float, Place, Edit]] = []
        more = (
            MISSHAPEN if misshapen(group, cases) else WELL_SHAPED if -1 not in group.wrong else 0.0
        )
        self._of_shapes = more
        home = next((p.label for p in places if p.path == group.function), "")
        cleared = innocent(group, cases)
        ran, elsewhere = _lines(group, cases, runs)
        raised = {runs[i].raised for i in group.cases} - {None}
        waiting: list[tuple[float, int, _Suspects]] = []
        for number, place in enumerate(places):
            reached = {n for label, n in ran if label == place.label and n in place.lines()}
            if place.name in cleared or not reached:
                continue
            late = _run_in_wrong_call(group, cases, runs, place)
            suspects = _Suspects(group, place, reached, elsewhere, raised, late)
            suspects.less = IN_ALL if _shared(place, cases, runs) else 0.0
            suspects.less += EARLIER * (place.label != home)
            waiting.append((suspects.least + min(more, 0.0), number, suspects))
        self._waiting = sorted(waiting, key=lambda one: one[:2], reverse=True)

    def __iter__(self) -> Iterator[tuple[float, Place, Edit]]:
        for at in itertools.count():
            while self._thinks(at):
                self._think()
            if at == len(self._ready):
                return
            _, cost, place, edit = self._ready[at]
            self.thinks = self._thinks(at + 1)
            yield cost, place, edit

    def _thinks(self, at: int) -> bool:
        """Whether another function's edit may come before the one there."""
        return bool(self._waiting) and self._waiting[-1][0] <= min(self.most, self._key(at))

    def _key(self, at: int) -> float:
        """By what an edit sorts; infinite where there is none yet."""
        return self._ready[at][0][0] if at < len(self._ready) else math.inf

    def _think(self) -> None:
        """Think of the edits of the function that waits in front."""
        least, number, suspects = self._waiting.pop()
        for edit in edits_of(number, self._places, self._known):
            cost = suspects.cost(edit)
            if cost is not None:
                cost += self._of_shapes * (edit.kind in OF_SHAPES)
                self._ready.append(((max(cost, least), number), cost, suspects.place, edit))
                self.thought += 1
        self._ready.sort(key=lambda one: one[0])


def _lines(
    group: Group, cases: Sequence[Case], runs: Sequence[Tried]
) -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
    """The lines that run in a group's cases, and those that run in right cases of its functions."""
    ran = {at for index in group.cases for lines in runs[index].lines for at in lines}
    elsewhere: set[tuple[str, int]] = set()
    mine = {cases[i].calls[-1].function for i in group.cases} | {group.function}
    for index, case in enumerate(cases):
        if index not in group.cases and case.function in mine and not case.wrong():
            elsewhere.update(*runs[index].lines)
    return ran, elsewhere


def _shared(place: Place, cases: Sequence[Case], runs: Sequence[Tried]) -> bool:
    """Whether a helper runs wherever something is wrong, in several functions."""
    wrong = [i for i, case in enumerate(cases) if case.wrong()]
    several = len({cases[i].function for i in wrong}) > 1
    helper = all(place.path != c.function for case in cases for c in case.calls)
    return several and helper and all(runs_in(place, runs[i]) for i in wrong)


def runs_in(place: Place, run: Tried) -> bool:
    """Whether a function runs in a case."""
    every = (at for lines in run.lines for at in lines)
    return any(label == place.label and line in place.lines() for label, line in every)


def misshapen(group: Group, cases: Sequence[Case]) -> bool:
    """Whether answers of the group's function have another shape than the right ones."""
    for index in group.cases:
        case = cases[index]
        for call, part in case.wrong():
            mine = case.calls[call].function == group.function and part >= 0
            if mine and case.theirs[call][part].structure != case.right[call][part].structure:
                return True
    return False


def by_cost(
    places: Sequence[Place],
    called: Collection[str],
    cleared: Collection[str],
    raised: tuple[str, int],
    known: dict[int, list[Edit]],
) -> list[tuple[float, Place, Edit]]:
    """The edits of some functions, and of those that they use without what is `cleared`, the likeliest kinds
    first; before them those of the line where an exception came up."""
    reached = used([p for p in places if p.path not in cleared], called)
    home = next((p.label for p in places if p.path in called), "")
    found: list[tuple[float, Place, Edit]] = []
    for number, place in enumerate(places):
        if place.name in reached and place.path not in cleared:
            for edit in edits_of(number, places, known):
                at = place.label == raised[0] and edit.line <= raised[1] <= edit.end
                cost = edit.cost + CRASHED * at + RARE * (edit.kind in RARELY)
                cost += EARLIER * (place.label != home)
                found.append((cost, place, edit))
    return sorted(found, key=lambda one: one[0])


def used(places: Sequence[Place], called: Collection[str]) -> set[str]:
    """The names of some functions, and of those that they use."""
    named = {p.name: p for p in places}
    todo, reached = list(called), set[str]()
    while todo:
        name = todo.pop()
        if name in named and name not in reached:
            reached.add(name)
            names = {n.id for n in nodes_of(named[name].node) if isinstance(n, ast.Name)}
            names |= {n.attr for n in nodes_of(named[name].node) if isinstance(n, ast.Attribute)}
            todo += sorted(names & set(named))
    return reached


def innocent(group: Group, cases: Sequence[Case]) -> set[str]:
    """Functions that answer right wherever they are called, and hand nothing to the wrong one."""
    chained = {c.function for i in group.cases for c in cases[i].calls}
    called = {c.function for case in cases for c in case.calls}
    wrong = {case.calls[call].function for case in cases for call, _ in case.wrong()}
    return called - wrong - chained


def _texts(places: Sequence[Place]) -> list[str]:
    """The short texts that some function looks something up by, such as the keys of a cache."""
    keys = (
        node.slice.value
        for place in places
        for node in nodes_of(place.node)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
    )
    named = (
        key.value
        for place in places
        for node in nodes_of(place.node)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    )
    asked = (
        constant.value
        for place in places
        for node in nodes_of(place.node)
        if isinstance(node, ast.Compare)
        for constant in (node.left, *node.comparators)
        if isinstance(constant, ast.Constant)
    )
    return list(
        dict.fromkeys(k for k in (*keys, *named, *asked) if isinstance(k, str) and len(k) < 40)
    )


class _Suspects:
    """How suspicious the lines of a function are.

    Args:
        group: whose answers are wrong.
        place: the function.
        reached: its lines that run in the group's cases.
        elsewhere: the lines that run in right cases.
        raised: where exceptions came up.
        late: its lines that run in the call that is wrong.

    Attributes:
        less: what all its edits cost less or more.
    """

    less = 0.0

    def __init__(
        self,
        group: Group,
        place: Place,
        reached: set[int],
        elsewhere: set[tuple[str, int]],
        raised: set[tuple[str, int] | None],
        late: set[int],
    ) -> None:
        self.place = place
        self._reached, self._late = reached, late
        self._elsewhere = {n for label, n in elsewhere if label == place.label}
        self._wrong, self._right = _slices(group, place)
        crashed = {at[1] for at in raised if at is not None and at[0] == place.label}
        self._crashed = crashed & set(place.lines())
        self._added: dict[tuple[int, int], list[float] | None] = {}

    @property
    def least(self) -> float:
        """What no edit of the function costs less than."""
        found = LEAST + self.less
        if self._crashed:
            found += CRASHED
        if not self._reached <= self._elsewhere:
            found += ONLY_WRONG
        if self._late.isdisjoint(self._reached):
            found += BEFORE
        return found + APART * self._wrong.isdisjoint(self._reached)

    def cost(self, edit: Edit) -> float | None:
        """What an edit costs here; None where its lines do not run."""
        if edit.kind == "default":  # its line runs in no call
            return edit.cost + self.less
        at = edit.line, edit.end
        if at not in self._added:
            runs = not self._reached.isdisjoint(range(edit.line, edit.end + 1))
            self._added[at] = self._of_lines(range(edit.line, edit.end + 1)) if runs else None
        added = self._added[at]
        if added is None:
            if edit.kind != "return":
                return None
            added = self._of_lines(range(edit.line, edit.end + 1))
        cost = edit.cost
        for more in added:
            cost += more
        return cost + self.less

    def _of_lines(self, lines: range) -> list[float]:
        """What some lines add."""
        found = [BEFORE] if self._late.isdisjoint(lines) else []
        if not self._crashed.isdisjoint(lines):
            found.append(CRASHED)
        if self._wrong.isdisjoint(lines):
            found.append(APART)
        elif not self._right.isdisjoint(lines):
            found.append(SHARED)
        if self._elsewhere.isdisjoint(lines):
            found.append(ONLY_WRONG)
        return found


def _slices(group: Group, place: Place) -> tuple[set[int], set[int]]:
    """The lines that the wrong values depend on, and those that the right ones do.

    Inner functions (a backward pass made by its forward pass) are read like outer ones; which of
    them returns the values is told by how many it returns.
    """
    wrong: set[int] = set()
    right: set[int] = set()
    count = len(group.right) + len(group.wrong - {-1})
    for node in ast.walk(place.node):
        if not isinstance(node, ast.FunctionDef):
            continue
        own = node.name == group.function or returned(node) == count - 1
        for part in group.wrong:
            wrong |= slice_of(node, part if own and part >= 0 else None)
        for part in group.right - group.kept if own else ():
            right |= slice_of(node, part)
    return wrong, right


def _run_in_wrong_call(
    group: Group, cases: Sequence[Case], runs: Sequence[Tried], place: Place
) -> set[int]:
    """The lines of a function that run in the call that is wrong, not only before it."""
    found: set[int] = set()
    for index in group.cases:
        for call, lines in zip(cases[index].calls, runs[index].lines, strict=False):
            if call.function == group.function:
                found |= {n for label, n in lines if label == place.label}
    return found
