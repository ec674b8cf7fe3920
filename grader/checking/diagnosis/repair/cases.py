"""Small calls with trusted answers, taken from the checks that ran: what a repair is judged by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from typing import Any

import numpy as np

from grader.checking.calls.student import Call
from grader.checking.diagnosis.fingerprint import ANYTHING, Fingerprint
from grader.checking.diagnosis.recognition import (
    Catalogue,
    Parts,
    answer_parts,
    call_history_digests,
)
from grader.model import Exercise
from grader.sandbox.trials import FIRST
from grader.sandbox.wire import Opaque

WRONG, RIGHT = 8, 5  # cases of one function
LARGEST = 30_000  # numbers in the arguments of one case
MAX_CALLS = 48
LEAST = 1e-14  # what is less is the rounding of something that vanishes, such as a saturated slope


@dataclass(frozen=True)
class Case:
    """One call, with the calls before it whose results it is given.

    Attributes:
        calls: in order; what they were given of an earlier call is an `Opaque` of its number.
        right: the trusted answers.
        theirs: what the submission answered.
        size: how many numbers the arguments hold.
        check: the check that it comes from.
    """

    calls: tuple[Call, ...]
    right: tuple[Parts, ...]
    theirs: tuple[Parts, ...]
    size: int
    check: str
    judged: tuple[frozenset[int], ...] = field(default=())

    @property
    def function(self) -> str:
        """The function that is called last."""
        return self.calls[-1].function

    @cached_property
    def repeats(self) -> bool:
        """Whether an array of fractions that is given holds a number twice."""
        given = [a for call in self.calls for a in call.args if isinstance(a, np.ndarray)]
        return any(len(np.unique(a)) < a.size for a in given if a.dtype.kind == "f")

    def follows_other(self, call: int) -> bool:
        """Whether a call before this one answered otherwise than trusted code, and a check let it pass: what
        this call is given may suit that answer only."""
        before = zip(self.judged[:call], self.right, strict=False)
        return any(len(judged) < len(right) for judged, right in before)

    def wrong(self, answers: Sequence[Parts] | None = None) -> set[tuple[int, int]]:
        """Which parts of the answers are wrong, as (call, part); a part of -1 is the whole answer."""
        return self._wrong if answers is None else self._wrong_in(answers)

    @cached_property
    def _wrong(self) -> set[tuple[int, int]]:
        return self._wrong_in(self.theirs)

    def _wrong_in(self, answers: Sequence[Parts]) -> set[tuple[int, int]]:
        found: set[tuple[int, int]] = set()
        for index, right in enumerate(self.right):
            mine = answers[index] if index < len(answers) else []
            if len(mine) != len(right):
                found.add((index, -1))
                continue
            found |= {
                (index, part)
                for part, (a, b) in enumerate(zip(mine, right, strict=True))
                if part in self.judged[index] and not close(a, b)
            }
        return found


@dataclass(frozen=True)
class Growth:
    """How many lines a call runs, by how many numbers it is given; as far as calls were looked at."""

    lines: int
    size: int
    more: float  # lines for each number more

    @classmethod
    def of(cls, looked: Sequence[tuple[int, int]]) -> Growth:
        """The growth that calls show, given as numbers and lines."""
        (least, few), (most, many) = min(looked), max(looked)
        more = (many - few) / (most - least) if many > few and most > least else 0.0
        return cls(max(lines for _, lines in looked), most, more)

    def at(self, size: int) -> float:
        """The lines of a call that is given so many numbers."""
        return self.lines + self.more * max(0, size - self.size)


def close(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether the answer `a` is the right one `b`, up to what sums in single precision differ by. A value
    that stays with the student is right only where one belongs."""
    if b.structure == ANYTHING:
        return True
    if a.structure != b.structure:
        return False
    room = max(3e-6 * max(a.scale, b.scale), LEAST)
    return all(abs(x - y) <= room for x, y in zip(a.sums, b.sums, strict=True))


def cases(
    exercise: Exercise, logged: Mapping[str, tuple[Sequence[Call], bool]], catalogue: Catalogue
) -> list[Case]:
    """The smallest cases of the checks that ran, wrong ones and right ones.

    Args:
        exercise: the exercise.
        logged: of each check its calls, and whether it passed.
        catalogue: knows the trusted answers.
    """
    found: list[Case] = []
    seen: set[bytes] = set()
    for check, (every, passed) in logged.items():
        calls = list(takewhile(_is_small, every[:MAX_CALLS]))  # trusted code is dear for large ones
        right = list(catalogue.right(check, calls))
        theirs = [answer_parts(c.answer, c.error) for c in calls[: len(right)]]
        for case in _chains(exercise, check, calls[: len(right)], right, theirs):
            if case.size > LARGEST:
                continue
            digest = list(call_history_digests(case.calls))[-1]
            if digest in seen:
                continue
            seen.add(digest)
            found.append(_judged(case, passed=passed))
    return _chosen(found)


def _is_small(call: Call) -> bool:
    return sum(size_of(a) for a in (*call.args, *call.keywords.values())) <= LARGEST


def draws(calls: Sequence[Call]) -> bool:
    """Whether a generator is among the arguments."""
    given = (a for c in calls for a in (*c.args, *c.keywords.values()))
    return any(isinstance(a, np.random.Generator) for a in given)


def _judged(case: Case, *, passed: bool) -> Case:
    """What a check let pass is not judged where it differs from the reference: it may be right, too."""
    marks = []
    for mine, right in zip(case.theirs, case.right, strict=True):
        every = range(len(right))
        if passed and len(mine) == len(right):
            every = [p for p in every if close(mine[p], right[p])]  # type: ignore[assignment]
        marks.append(frozenset(every))
    return Case(case.calls, case.right, case.theirs, case.size, case.check, tuple(marks))


def _chains(
    exercise: Exercise,
    check: str,
    calls: Sequence[Call],
    right: Sequence[Parts],
    theirs: Sequence[Parts],
) -> Iterable[Case]:
    made: dict[int, tuple[int, int]] = {}  # the student's handles, and whose call made them
    needs: list[list[int]] = []
    together: dict[
        int, set[int]
    ] = {}  # of an object, the calls of it and of those that it is tied to
    for index, call in enumerate(calls):
        handles = [a.handle for a in call.args if isinstance(a, Opaque)]
        own = {made[h][0] for h in handles if h in made}
        before = own.union(*(together.get(h, ()) for h in handles))
        needs.append(sorted(before.union(*(needs[o] for o in own))))
        value = call.answer.value if call.answer is not None else None
        for part, inner in enumerate(value if isinstance(value, tuple) else (value,)):
            if isinstance(inner, Opaque):
                made.setdefault(inner.handle, (index, part))
        if exercise.classes:
            tied = {*needs[index], index}
            given = {h for h, (maker, _) in made.items() if maker in tied}
            together |= dict.fromkeys(given, tied)
    used = {n for need in needs for n in need}
    for index in range(len(calls)):
        if index in used and calls[index].answer is not None:
            continue  # it is in the case of the call that takes its result
        order = [*needs[index], index]
        chain = [_renumbered(calls[i], order, made, exercise) for i in order]
        if any(c is None for c in chain):
            continue
        yield Case(
            tuple(c for c in chain if c is not None),
            tuple(right[i] for i in order),
            tuple(theirs[i] for i in order),
            sum(size_of(a) for i in order for a in (*calls[i].args, *calls[i].keywords.values())),
            check,
        )


def _renumbered(
    call: Call, order: Sequence[int], made: Mapping[int, tuple[int, int]], exercise: Exercise
) -> Call | None:
    """A call whose handles are numbered as they come about when the case runs alone."""
    args = []
    for argument in call.args:
        if isinstance(argument, Opaque):
            if argument.handle not in made:
                return None
            index, part = made[argument.handle]
            args.append(Opaque(argument.type, FIRST + 100 * order.index(index) + part))
        else:
            args.append(argument)
    return Call(call.function, tuple(args), call.keywords, call.answer, call.error, call.seed)


def size_of(value: Any) -> int:
    """How many numbers a value holds."""
    if isinstance(value, np.ndarray):
        return int(value.size)
    if isinstance(value, list | tuple):
        return sum(size_of(v) for v in value)
    return 1


def _chosen(found: list[Case]) -> list[Case]:
    """The smallest wrong and right ones, of different checks where there are several."""
    found.sort(key=lambda c: c.size)
    chosen: list[Case] = []
    for function in dict.fromkeys(c.function for c in found):
        mine = [c for c in found if c.function == function]
        wrong = [c for c in mine if c.wrong()]
        right = [c for c in mine if not c.wrong()]
        chosen += [*_spread(wrong, WRONG), *_spread(right, RIGHT)]
    return chosen


def _spread(some: list[Case], most: int) -> list[Case]:
    """The smallest of every check first, then the second smallest of every check, and so on."""
    rank: dict[str, int] = {}
    keyed: list[tuple[int, int, int, Case]] = []
    for case in some:
        rank[case.check] = rank.get(case.check, 0) + 1
        keyed.append((rank[case.check], case.size, len(keyed), case))
    return [case for _, _, _, case in sorted(keyed)[:most]]
