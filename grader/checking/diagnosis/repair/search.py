"""The search for the small edit that makes wrong answers right.

Theory of operation. Cases are small calls with trusted answers. The cases whose first wrong answer is
that of one function form a group. The edits of the functions that ran for it are ordered by how likely
their kind is and how suspicious their line: what a wrong answer depends on and a right one does not,
where an exception came up, what runs in wrong cases only. Each is tried on a few cases, in which each
wrong value is wrong once, and what makes one right on all. A full repair makes the function right in all
cases of the group and spoils none; a partial one does so for one of the values that it returns, or for
the cases of one check.

How much is tried is counted in steps, which are the same on every machine: the edits that are thought of,
the nodes of the trees that are compiled, and the lines that the cases run. A clock only ends what got out
of hand, and then nothing is told.
"""

from __future__ import annotations

import ast
import itertools
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from grader.checking.diagnosis.repair.alone import alone, lines_of
from grader.checking.diagnosis.repair.bench import Bench, Tried, most_seconds
from grader.checking.diagnosis.repair.cases import Case, Growth
from grader.checking.diagnosis.repair.edits import Edit
from grader.checking.diagnosis.repair.repair import (
    AGREE,
    ALONE,
    OTHER_SIDE,
    Repair,
    clearest,
    is_counterpart,
    likeliest,
    may_have_counterparts,
)
from grader.checking.diagnosis.repair.seen import seen
from grader.checking.diagnosis.repair.source import Place
from grader.checking.diagnosis.repair.suspicion import Group, Ordered, groups, innocent, runs_in
from grader.errors import CheckEnded
from grader.model import Outcome

STEPS = 1_050_000  # for all groups of a submission together; about as many microseconds
OF_EDIT = 6  # steps, for each edit that is thought of
OF_CANDIDATE, OF_CALL, OF_LINE = 110, 35, 2  # for each that is tried, beside one for each node
OF_LATE = 150_000  # for a call that was stopped
OF_REFUSED = 60_000  # for a repair that the checks do not accept
OF_CRASH = 25_000  # for a call that took its process down
SECONDS = 8.0  # of computing, after which nothing is told
ONE_TRY, STOPS = (
    0.15,
    2,
)  # seconds of a call, and how many are stopped before the rest is thought over
TURNS = ("condition", "comparison", "stop")  # edits that are there to take another way
CHECK_ALONE = 3  # cases at least that are right, for a check to count of which all cases are
PARTS_ALONE = 3  # cases at least, for a part that is right in all of them to count


_Candidate = tuple[float, Place, Edit, bytes]  # its cost, where, what, and the code it makes


class Search:
    """Looks for repairs of one submission.

    Args:
        bench: the process to try in; it holds the cases.
        cases: what is to be right.
        places: the submission's functions.
        accepts: whether a repair that is right in all cases is one by the checks, too, which may know more.
        steps: how much may be tried.

    Attributes:
        edits: those of each function, by its number.
        weights: how many lines the calls of each function run that were looked at.
    """

    def __init__(
        self,
        bench: Bench,
        cases: Sequence[Case],
        places: Sequence[Place],
        accepts: Callable[[Repair], bool] = lambda _: True,
        steps: int = STEPS,
    ) -> None:
        self._accepts = accepts
        self._bench, self._cases, self._places = bench, list(cases), places
        self._order = list(bench.order)
        self._budget = steps
        self._started = time.process_time()
        self._nodes = {id(place): sum(1 for _ in ast.walk(place.node)) for place in places}
        self.edits: dict[int, list[Edit]] = {}
        self.weights: dict[str, Growth] = {}
        self.steps = 0
        self.tried = 0
        self._runs: list[Tried] = []  # what each case answers as it is
        self._ordered: tuple[Group, Ordered] | None = None

    @property
    def _out_of_hand(self) -> bool:
        """Whether it took far more time than steps."""
        return time.process_time() - self._started + self._bench.used > SECONDS

    def repairs(self) -> list[Repair]:
        """The repairs found, at most one for each wrong function, or one for each of its values."""
        found: list[Repair] = []
        with suppress(CheckEnded):
            self._bench.keep(self._cases)
            self._look()
            todo = groups(self._cases, self._order)
            while todo:
                left = self._budget - self.steps
                first, *rest = todo
                todo = [g for g in rest if not self._runs_in(first.function, g)]
                share = 2 * left // 3 if todo else left
                found += self._group(first, self.steps + share)
                explained = {f for r in found for f in r.functions}
                todo = [g for g in todo if g.function not in explained]
        return [] if self._out_of_hand else found

    def _runs_in(self, function: str, group: Group) -> bool:
        """Whether a function that is wrong itself runs in every case of a group: the group's mistake is
        the same, as far as can be seen."""
        places = [p for p in self._places if p.path == function]
        return all(any(runs_in(p, self._runs[i]) for p in places) for i in group.cases)

    def _look(self) -> None:
        """Run the cases once as they are: do they answer as before, which lines run, how many?"""
        every = range(len(self._cases))
        try:
            (answers,) = self._bench.attempt(every, each=4 * ONE_TRY, trace=True)
            tried: Sequence[Tried | None] = answers or [None for _ in every]
        except CheckEnded:
            tried = [self._alone(index) for index in every]
        kept: list[Case] = []
        for case, one in zip(self._cases, tried, strict=True):
            if one is not None and _same(one, case):
                kept.append(replace(case, theirs=tuple(one.parts)))
                self._runs.append(one)
        if len(kept) < len(self._cases):
            self._cases = kept
            self._bench.keep(kept)
        looked: dict[str, list[tuple[int, int]]] = {}
        for case, run in zip(self._cases, self._runs, strict=True):
            looked.setdefault(case.function, []).append((case.size, run.steps))
        self.weights |= {function: Growth.of(some) for function, some in looked.items()}

    def _alone(self, index: int) -> Tried | None:
        """One case as it is; None if it does not end."""
        if self.steps > self._budget // 2:
            return None
        try:
            (tried,) = self._bench.attempt([index], each=4 * ONE_TRY, trace=True)
        except CheckEnded:
            self.steps += OF_LATE
            return None
        return tried[0] if tried else None

    def _group(self, group: Group, ends: int) -> list[Repair]:
        best: dict[frozenset[int], Repair] = {}
        full: list[Repair] = []
        by_check: list[Repair] = []
        every = self._every(group)
        for batch in _batches(self._candidates(group), every):
            if self.steps > ends or self._out_of_hand or batch[0][0] > every.most:
                break
            for repair, whole in self._repairs_in(group, batch):
                if whole and (full or self._accepts(repair)):
                    full.append(repair)
                    every.most = full[0].cost + AGREE
                elif whole:
                    self.steps += OF_REFUSED
                elif not repair.parts:
                    by_check.append(repair)
                elif len(group.cases) >= PARTS_ALONE:
                    best.setdefault(repair.parts, repair)
        if full:
            home = next((p.label for p in self._places if p.path == group.function), "")
            return likeliest([*full, *self._counterparts(group, full[0], ends)], home)
        if not best:
            return self._alone_in(group) or clearest(by_check)
        chosen: list[Repair] = []
        for repair in sorted(best.values(), key=lambda r: (-len(r.parts), min(r.parts))):
            if not any(repair.parts & other.parts for other in chosen):
                chosen.append(repair)
        return chosen

    def _counterparts(self, group: Group, first: Repair, ends: int) -> Iterator[Repair]:
        """Repairs of the first one's kind on the other side: which of the two is meant, nobody can know."""
        if not may_have_counterparts(first):
            return
        other_side = partial(is_counterpart, first)
        every = self._every(group)
        every.most = first.cost + OTHER_SIDE
        for batch in _batches(self._candidates(group, other_side), every):
            if self.steps > ends or self._out_of_hand:
                return
            for repair, whole in self._repairs_in(group, batch):
                if whole:
                    yield replace(repair, cost=first.cost)

    def _repairs_in(
        self, group: Group, batch: Sequence[_Candidate]
    ) -> Iterator[tuple[Repair, bool]]:
        """The repairs in a batch, and whether each makes the whole group right."""
        for cost, place, edit, cured, functions, passing in self._judged(group, batch):
            whole = cured >= group.wrong
            repair = Repair(
                function=group.function,
                place=place,
                edit=edit,
                part=None if whole or passing else min(cured),
                parts=frozenset(cured),
                functions=functions,
                only_changes=group.only_changes,
                cost=cost,
                checks=passing or self._checks_of(group, cured),
            )
            yield repair, whole

    def _checks_of(self, group: Group, parts: Collection[int]) -> frozenset[str]:
        """The checks in which one of these parts is wrong."""
        return frozenset(
            self._cases[i].check
            for i in group.cases
            if not self._wrong_parts(group, i).isdisjoint(parts)
        )

    def _alone_in(self, group: Group) -> list[Repair]:
        """The statements that the group's wrong value can only come from, as a repair without a change."""
        cleared = innocent(group, self._cases)
        found = alone(group, self._cases, self._runs, self._places, cleared)
        look = None
        if found is None:
            at_fault = seen(group, self._cases, self._runs, self._places)
            if at_fault is None:
                return []
            found, look = (at_fault.place, [at_fault.statement]), at_fault.look
        place, (first, *others) = found
        also = tuple(n for s in (first, *others) for n in lines_of(s)[s is first :])
        end = first.end_lineno or first.lineno
        edit = Edit(ALONE, 0.0, first.lineno, end, (), also if others else ())
        whole = len(group.right) < 2  # one of them is what became of the arguments
        return [
            Repair(
                function=group.function,
                place=place,
                edit=edit,
                part=None if whole else min(group.wrong),
                parts=group.wrong,
                functions=frozenset({group.function}),
                only_changes=group.only_changes,
                cost=0.0,
                checks=frozenset(self._cases[i].check for i in group.cases),
                look=look,
            )
        ]

    def _candidates(
        self, group: Group, wanted: Callable[[float, Place, Edit], bool] = lambda *_: True
    ) -> Iterator[_Candidate]:
        """Edits with the code that they make, in order; none makes the same code as another."""
        seen: set[bytes] = set()
        every = self._every(group)
        thought = every.thought
        for cost, place, edit in every:
            self.steps += OF_EDIT * (every.thought - thought)
            thought = every.thought
            if not wanted(cost, place, edit):
                continue
            self.steps += OF_CANDIDATE + self._nodes[id(place)]
            with edit.made():
                code = place.code()
            if code is not None and code not in seen:
                seen.add(code)
                yield cost, place, edit, code

    def _every(self, group: Group) -> Ordered:
        """The edits for a group."""
        if self._ordered is None or self._ordered[0] is not group:
            every = Ordered(group, self._cases, self._runs, self._places, self.edits)
            self._ordered = group, every
        return self._ordered[1]

    def _judged(
        self, group: Group, batch: Sequence[_Candidate]
    ) -> Iterator[tuple[float, Place, Edit, set[int], frozenset[str], frozenset[str]]]:
        """Those of a batch that make something right in all cases and spoil nothing, and what; and, where
        that is nothing, the checks of which all cases are right."""
        screen = self._screen(group)
        others = [i for i in range(len(self._cases)) if i not in screen]
        others.sort(key=lambda i: (i not in group.cases, self._runs[i].steps))
        for candidate, first in self._screened(group, screen, batch):
            (rest,) = self._attempt(others, [candidate])
            if rest is None:
                continue
            order, tried = [*screen, *others], [*first, *rest]
            cured, spoiled = self._compared(group, order, tried)
            passing = frozenset[str]()
            if not cured and not candidate[2].in_comparison:
                passing = self._passing(group, order, tried)
            if (cured or passing) and not spoiled:
                cost, place, edit, _ = candidate
                if edit.kind not in TURNS and self._loses_lines(group, candidate):
                    continue
                yield cost, place, edit, cured, self._mended(order, tried), passing

    def _screen(self, group: Group) -> list[int]:
        """The cheapest wrong case; and for each wrong part that is right there, the cheapest where it is not."""
        chosen: list[int] = []
        left = set(group.wrong)
        for index in sorted(group.cases, key=self._price):
            parts = self._wrong_parts(group, index)
            if not chosen or parts & left:
                chosen.append(index)
                left -= parts
        return chosen

    def _price(self, index: int) -> int:
        """What a case costs; where numbers are equal a right answer may differ from the trusted one."""
        return self._runs[index].steps * (2 if self._cases[index].repeats else 1)

    def _screened(
        self, group: Group, screen: Sequence[int], batch: Sequence[_Candidate]
    ) -> Iterator[tuple[_Candidate, list[Tried]]]:
        """Those of a batch that make something right that is wrong in these cases, and spoil nothing there."""
        left: list[tuple[_Candidate, list[Tried]]] = [(candidate, []) for candidate in batch]
        for index in screen:
            answers = self._attempt([index], [candidate for candidate, _ in left])
            left = [
                (candidate, [*tried, *more])
                for (candidate, tried), more in zip(left, answers, strict=True)
                if more is not None and not self._compared(group, [index], more)[1]
            ]
        for candidate, tried in left:
            if any(
                self._wrong_parts(group, index) - self._wrong_parts(group, index, one)
                for index, one in zip(screen, tried, strict=True)
            ):
                yield candidate, tried

    def _wrong_parts(self, group: Group, index: int, tried: Tried | None = None) -> set[int]:
        """The parts of the group's function that are wrong in a case, as it is or as it was tried. Where calls
        may raise, one that gives something wrong instead is no better."""
        case = self._cases[index]
        wrong = case.wrong() if tried is None else tried.wrong
        parts = {p for call, p in wrong if case.calls[call].function == group.function}
        return parts | group.wrong if parts and -1 in group.wrong else parts

    def _passing(
        self, group: Group, which: Sequence[int], tried: Sequence[Tried]
    ) -> frozenset[str]:
        """The checks of which all cases of the group are right now, if these are not few."""
        right: dict[str, list[bool]] = {}
        for index, one in zip(which, tried, strict=True):
            case = self._cases[index]
            if index in group.cases:
                right.setdefault(case.check, []).append(not one.wrong)
        if sum(map(sum, right.values())) < CHECK_ALONE:
            return frozenset()
        return frozenset(check for check, flags in right.items() if check and all(flags))

    def _loses_lines(self, group: Group, candidate: _Candidate) -> bool:
        """Whether lines that ran in wrong cases run no more: a branch or loop was only gone around."""
        _, place, edit, code = candidate
        which = list(group.cases)
        try:
            (tried,) = self._bench.attempt(which, [[(place, code)]], each=4 * ONE_TRY, trace=True)
        except CheckEnded:
            return True
        changed = range(edit.line, edit.end + 1)
        before: set[tuple[str, int]] = set()
        now: set[tuple[str, int]] = set()
        for index, one in zip(which, tried or (), strict=True):
            if self._runs[index].raised is None:
                before |= {at for lines in self._runs[index].lines for at in lines}
            now |= {at for lines in one.lines for at in lines}
        lost = {n for label, n in before - now if label == place.label and n not in changed}
        return bool(lost)

    def _attempt(
        self, which: Sequence[int], batch: Sequence[_Candidate]
    ) -> list[list[Tried] | None]:
        """Try a batch; if the process ends over it, each of it alone."""
        self.tried += len(batch)
        self.steps += len(batch) * sum(OF_CALL + OF_LINE * self._runs[i].steps for i in which)
        sets = [[(place, code)] for _, place, _, code in batch]
        try:
            found = self._bench.attempt(which, sets, each=ONE_TRY, stops=STOPS)
            self.steps += OF_LATE * sum(one.stopped for some in found for one in some or ())
            left = batch[max(1, len(found)) :]
            if not left or self.steps > self._budget:
                return found + [None] * (len(batch) - len(found))
            return found + self._attempt(which, left)
        except CheckEnded as end:
            late = end.outcome is Outcome.TIMEOUT
            self.steps += int(1e6 * most_seconds(which, sets, ONE_TRY)) if late else OF_CRASH
        if len(batch) == 1 or self.steps > self._budget:
            return [None] * len(batch)
        return [
            self._attempt(which, [one])[0] if self.steps <= self._budget else None for one in batch
        ]

    def _mended(self, which: Sequence[int], tried: Sequence[Tried]) -> frozenset[str]:
        """The functions that were wrong somewhere, and are right now in all cases."""
        before: set[str] = set()
        now: set[str] = set()
        for index, one in zip(which, tried, strict=True):
            case = self._cases[index]
            before |= {case.calls[call].function for call, _ in case.wrong()}
            now |= {case.calls[call].function for call, _ in one.wrong}
        return frozenset(before - now)

    def _compared(
        self, group: Group, which: Sequence[int], tried: Sequence[Tried]
    ) -> tuple[set[int], bool]:
        """The parts of the group's function that are right now in each of these cases, and whether
        something is wrong now that was right."""
        cured = set(group.wrong)
        for index, one in zip(which, tried, strict=True):
            case = self._cases[index]
            before, now = case.wrong(), one.wrong
            calls = [i for i, c in enumerate(case.calls) if c.function == group.function]
            for call, part in now:
                if call in calls:
                    cured -= set(group.wrong) if part == -1 else {part}
                    if -1 in group.wrong:  # it does not crash any more, and that is all
                        cured.clear()
                whole = (call, -1) in before or any(c < call for c, _ in before)
                whole = whole or case.follows_other(call)
                if (call, part) not in before and not whole:
                    return set(), True
        return cured, False


def _batches(some: Iterable[_Candidate], every: Ordered) -> Iterator[list[_Candidate]]:
    """Small batches first: the likeliest edits are often right. What is there is tried before others are
    thought of."""
    rest = iter(some)
    for size in itertools.chain((4, 8, 16, 32), itertools.repeat(64)):
        batch: list[_Candidate] = []
        for one in rest:
            batch.append(one)
            if len(batch) == size or every.thinks:
                break
        if not batch:
            return
        yield batch


def _same(tried: Tried, case: Case) -> bool:
    """Whether the case ends alone where it ended in its check, and the same is wrong."""
    return len(tried.parts) == len(case.theirs) and tried.wrong == case.wrong()
