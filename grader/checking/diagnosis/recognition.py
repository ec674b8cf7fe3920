"""From a wrong answer to the name of the mistake.

The answers in a failed check are compared with those of each misconception of the exercise to the same
calls (its trusted code runs here, or its answers were recorded). A misconception that is wrong in the
same way as the student is recognised. No student code runs here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Protocol

from grader.checking.calls.code import Answer
from grader.checking.calls.local_code import LocalCode
from grader.checking.calls.objects import map_parts
from grader.checking.calls.student import Call, error_summary, kept, loggable
from grader.checking.diagnosis.fingerprint import (
    ANYTHING,
    Fingerprint,
    fingerprint,
    is_one_of_few,
    is_zero,
    match,
    types_and_shapes,
)
from grader.checking.diagnosis.remembered import MAX_REMEMBERED, Answers, pack, unpack
from grader.errors import CheckEnded
from grader.model import Exercise, Misconception
from grader.sandbox.wire import Encoder, Opaque

# Later calls of a check seldom add evidence, and every one costs a call of every misconception.
MAX_CALLS = 48
RAISED = "(raised)"  # marks a call without an answer
_UNKNOWN_REASON = re.compile(rf"'{re.escape(RAISED)} \w+'")  # see `error_summary`

# The parts of an answer that can be right or wrong independently of each other.
Parts = list[Fingerprint]
Handles = dict[int, Any]  # the student's handles -> the corresponding values here


@dataclass(frozen=True, slots=True)
class RunnableMisconception:
    """A misconception that can be run: the functions that differ from the reference.

    Attributes:
        name: its name, such as `flipped_kernel`.
        hint: the hint that a good teacher would give.
        caught_by: the check that must catch it.
        functions: the wrong functions by name.
    """

    name: str
    hint: str
    caught_by: str
    functions: Mapping[str, Callable[..., Any]]

    @property
    def value(self) -> Misconception:
        """The misconception without its functions."""
        return Misconception(self.name, self.hint, self.caught_by, tuple(self.functions))


class Catalogue(Protocol):
    """The answers of an exercise's reference and misconceptions to the calls of a check."""

    def right(self, check: str, calls: Sequence[Call]) -> Iterator[Parts]:
        """The reference's answers, call by call. They may end early."""
        ...

    def wrong(
        self, check: str, calls: Sequence[Call]
    ) -> Iterable[tuple[Misconception, Iterator[Parts]]]:
        """Each misconception with its answers, call by call."""
        ...

    def runnable(self, names: Collection[str]) -> Sequence[RunnableMisconception]:
        """Those of some misconceptions that are code; none where there are only recorded answers."""
        ...


@dataclass(frozen=True, slots=True)
class Recognition:
    """What the answers in one check show about misconceptions.

    Attributes:
        found: the misconceptions that explain the earliest wrong part, best explanation first.
        weak: the names of those that explain only zeros, which an unfinished function returns, too, or
            exceptions, which have many causes.
        excluded: the names of misconceptions that are wrong in another way than the student.
        partly: whether an earlier part is wrong that no misconception in `found` explains.
    """

    found: tuple[Misconception, ...] = ()
    weak: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    partly: bool = False


def recognise(
    check: str,
    calls: Sequence[Call],
    catalogue: Catalogue,
    likely: Collection[str] = (),
    only: Collection[str] | None = None,
) -> Recognition:
    """Find the misconceptions that explain the earliest wrong part of the student's answers.

    A misconception explains a wrong part if it is wrong there in the same way, and if nowhere else it is
    wrong in a way that the student is not. So of two independent mistakes (one in `dx`, one in `dw`),
    each is recognised where it shows first. Where it shares only such answers as mistakes share by chance
    (zeros, a single whole number), it must explain that part in all calls of the function. And it is no name
    for a check where the same part was wrong in an earlier call that it does not explain: of that one
    the student reads.

    Args:
        check: the check's name.
        calls: its calls, with the student's answers.
        catalogue: the answers of the reference and of the misconceptions.
        likely: the names of misconceptions that explained other checks of this submission. They are
            tried first; if one of them explains this check, too, no other is tried.
        only: the names of those that are tried at all, if it is not every one.
    """
    calls = calls[:MAX_CALLS]
    right = list(catalogue.right(check, calls))
    theirs = [answer_parts(call.answer, call.error) for call in calls[: len(right)]]

    def rank(at: tuple[int, int]) -> tuple[bool, tuple[int, int]]:
        """Wrong values first: an argument that a call changed, its last part, may hide them."""
        return at[1] == len(right[at[0]]) - 1 > 0, at

    wrong = list(_wrong_places(theirs, right))
    first = min(wrong, key=rank, default=None)
    if first is None:
        return Recognition()
    explained_by_likely = False
    found: list[tuple[tuple[int, int], int, Misconception]] = []
    weak, excluded = set(), set()
    every = catalogue.wrong(check, calls)
    tried = [one for one in every if only is None or one[0].name in only]
    for misconception, answers in sorted(tried, key=lambda one: one[0].name not in likely):
        if explained_by_likely and misconception.name not in likely:
            break
        explained = _explained_parts(answers, theirs, right)
        if explained is None:
            excluded.add(misconception.name)
        elif _is_by_chance(explained, wrong, calls, theirs, right):
            continue
        elif not all(_is_no_evidence(theirs[call][part]) for call, part in explained):
            explained.sort(key=rank)
            found.append((explained[0], -len(explained), misconception))
            if all(_is_weak_evidence(theirs[call][part]) for call, part in explained):
                weak.add(misconception.name)
            elif explained[0] == first and misconception.name in likely:
                explained_by_likely = True
    earliest = min((at for at, _, _ in found), key=rank, default=None)
    if earliest is not None and (
        rank(earliest)[0] > rank(first)[0]
        or any(
            at[1] == earliest[1]
            and at[0] < earliest[0]
            and calls[at[0]].function == calls[earliest[0]].function
            for at in wrong
        )
    ):  # values are wrong without it, too: those that the student reads of
        return Recognition((), frozenset(weak), frozenset(excluded))
    best = tuple(value for at, _, value in sorted(found, key=lambda f: f[1]) if at == earliest)
    return Recognition(best, frozenset(weak), frozenset(excluded), partly=earliest != first)


def wrong_in(check: str, calls: Sequence[Call], catalogue: Catalogue) -> set[str]:
    """The names of the misconceptions that answer wrongly to some of these calls of a check."""
    right = list(catalogue.right(check, calls[:MAX_CALLS]))
    return {
        misconception.name
        for misconception, answers in catalogue.wrong(check, calls[:MAX_CALLS])
        if any(
            next(_wrong_places([mine], [parts]), None) is not None
            for mine, parts in zip(answers, right, strict=False)
        )
    }


def _is_weak_evidence(part: Fingerprint) -> bool:
    return is_zero(part) or RAISED in part.structure


def _is_by_chance(
    explained: Collection[tuple[int, int]],
    wrong: Iterable[tuple[int, int]],
    calls: Sequence[Call],
    theirs: list[Parts],
    right: list[Parts],
) -> bool:
    """Whether only answers are explained that different mistakes share, and not all of their kind."""

    def shared(one: Fingerprint, wanted: Fingerprint) -> bool:
        same = types_and_shapes(one) == types_and_shapes(wanted)  # another shape tells something
        return same and (is_zero(one) or is_one_of_few(one))

    if any(len(theirs[call]) != len(right[call]) for call, _ in explained) or not all(
        shared(theirs[call][part], right[call][part]) for call, part in explained
    ):
        return False
    kinds = {(calls[call].function, part) for call, part in explained}
    return any(at not in explained and (calls[at[0]].function, at[1]) in kinds for at in wrong)


def _is_no_evidence(part: Fingerprint) -> bool:
    """Whether it is an exception that is known by its type only: a ValueError says nothing of its cause."""
    return _UNKNOWN_REASON.fullmatch(part.structure) is not None


def _wrong_places(theirs: list[Parts], right: list[Parts]) -> Iterator[tuple[int, int]]:
    """The wrong parts of the student's answers, as (call, part)."""
    for call, (a, b) in enumerate(zip(theirs, right, strict=True)):
        if len(a) != len(b):
            yield call, 0
        else:
            yield from (
                (call, part)
                for part, (x, y) in enumerate(zip(a, b, strict=True))
                if not match(x, y)
            )


def _explained_parts(
    answers: Iterator[Parts], theirs: list[Parts], right: list[Parts]
) -> list[tuple[int, int]] | None:
    """The wrong parts that the answers share with the student's, as (call, part).

    None if the answers are wrong where the student's are not; empty if they end too early.
    """
    explained: list[tuple[int, int]] = []
    index = -1
    for index, ours in zip(range(len(theirs)), answers, strict=False):
        parts = _shared_wrong_parts(ours, theirs[index], right[index])
        if parts is None:
            return None
        explained += [(index, part) for part in parts]
    return explained if index == len(theirs) - 1 else []


def _shared_wrong_parts(ours: Parts, theirs: Parts, right: Parts) -> list[int] | None:
    if not len(ours) == len(theirs) == len(right):
        if _all_match(ours, right):
            return []
        return [0] if _all_match(ours, theirs) else None
    parts = []
    for index, (a, b, c) in enumerate(zip(ours, theirs, right, strict=True)):
        if match(a, c):
            if (
                b.structure != c.structure
                and types_and_shapes(b) != types_and_shapes(c)
                and ANYTHING not in (b.structure, c.structure)
            ):
                return (
                    None  # the student's message is about a wrong shape or type: only that counts
                )
            continue
        if not match(a, b):
            return None
        parts.append(index)
    return parts


def _all_match(a: Parts, b: Parts) -> bool:
    return len(a) == len(b) and all(map(match, a, b))


def answer_parts(answer: Answer | None, error: str = "") -> Parts:
    """The parts of an answer: each returned value, and which arguments the call changed.

    Args:
        answer: the answer; None if the call raised.
        error: what `error_summary` says about the end of that call.
    """
    if answer is None:
        return [fingerprint(f"{RAISED} {error}")]
    values = answer.value if isinstance(answer.value, tuple) else (answer.value,)
    return [*map(fingerprint, values), fingerprint(f"changed {answer.changed}")]


def call_history_digests(calls: Sequence[Call]) -> Iterator[bytes]:
    """For each call, a digest of it and of all calls before it: equal for the same calls in the same
    order, with the same values kept by the student's process."""
    digest = hashlib.sha256()
    for call in calls:
        encoder = Encoder(lambda _: -1)
        trees = [encoder.encode(list(call.args)), encoder.encode(dict(call.keywords))]
        values = call.answer.value if call.answer is not None else None
        held = (
            [v.handle if isinstance(v, Opaque) else -1 for v in values]
            if isinstance(values, tuple)
            else []
        )
        digest.update(repr((call.function, call.seed, trees, held)).encode())
        digest.update(encoder.body)
        yield digest.digest()


class LiveCatalogue:
    """The answers of trusted code, computed when needed.

    In a class many submissions get the same calls, so answers are remembered, as fingerprints.

    Args:
        exercise: the exercise.
        reference: its reference's functions by name.
        misconceptions: its misconceptions.
        remembered: what they answered before.
    """

    def __init__(
        self,
        exercise: Exercise,
        reference: Mapping[str, Any],
        misconceptions: Sequence[RunnableMisconception],
        remembered: Answers | None = None,
    ) -> None:
        self._exercise = exercise
        self._declared = exercise.callables
        self._reference = reference
        self._misconceptions = misconceptions
        self.remembered: Answers = {} if remembered is None else remembered
        self._unpacked: dict[tuple[str, bytes], Parts] = {}  # those that were asked for
        self._begin(())

    def _begin(self, calls: Sequence[Call]) -> None:
        self._calls = calls
        self._histories = list(call_history_digests(calls))
        self._code = LocalCode(self._reference, self._exercise)
        self._answered: list[tuple[Parts, Handles]] = []

    def right(self, check: str, calls: Sequence[Call]) -> Iterator[Parts]:
        """See `Catalogue.right`."""
        self._begin(calls)
        return self._recall("", lambda: (self._right(i)[0] for i in range(len(calls))))

    def wrong(
        self, check: str, calls: Sequence[Call]
    ) -> Iterable[tuple[Misconception, Iterator[Parts]]]:
        """See `Catalogue.wrong`; call `right` first. Misconceptions in functions that were not called
        are left out."""
        called = {c.function.partition(".")[0] for c in calls}
        for one in self._misconceptions:
            if not called.isdisjoint(one.functions):
                yield one.value, self._recall(one.name, partial(self._wrong, one))

    def runnable(self, names: Collection[str]) -> Sequence[RunnableMisconception]:
        """See `Catalogue.runnable`."""
        return [one for one in self._misconceptions if one.name in names]

    def _recall(self, name: str, compute: Callable[[], Iterator[Parts]]) -> Iterator[Parts]:
        """The remembered answers of one solution, and computed ones from the first call that is new."""
        computed: Iterator[Parts] | None = None
        for index, history in enumerate(self._histories):
            at = name, history
            if at not in self.remembered and computed is None:
                computed = islice(compute(), index, None)
            if computed is not None:
                if len(self.remembered) >= MAX_REMEMBERED:
                    self.remembered.clear()
                    self._unpacked.clear()
                self._unpacked[at] = next(computed)
                self.remembered[at] = pack(self._unpacked[at])
            elif at not in self._unpacked:
                self._unpacked[at] = unpack(self.remembered[at])
            yield self._unpacked[at]

    def _right(self, index: int) -> tuple[Parts, Handles]:
        """The reference's answer to a call, and its handles; computed in order, and once each."""
        while len(self._answered) <= index:
            handles: Handles = {}
            for _, made in self._answered:
                handles = made | handles  # an object that comes back is what it was at first
            self._code.namespace = self._reference
            self._answered.append(self._ask(self._calls[len(self._answered)], handles))
        return self._answered[index]

    def _wrong(self, one: RunnableMisconception) -> Iterator[Parts]:
        """A misconception's answers. A call of a function that it leaves right, with no cache of its own,
        has the reference's answer."""
        namespace = {**self._reference, **one.functions}
        handles: Handles = {}
        own: set[int] = set()
        for index, call in enumerate(self._calls):
            given = {a.handle for a in call.args if isinstance(a, Opaque)}
            # An object of the reference must not be changed by a function that is wrong.
            alone = not self._exercise.classes and given.isdisjoint(own)
            if alone and call.function not in one.functions:
                parts, new = self._right(index)
            else:
                self._code.namespace = namespace
                parts, new = self._ask(call, handles)
                own.update(new)
            handles = new | handles
            yield parts

    def _ask(self, call: Call, handles: Handles) -> tuple[Parts, Handles]:
        """The answer to a call, and the values here for the student's handles."""
        declared = self._declared[call.function]
        given = _with_handles((call.args, dict(call.keywords)), handles)
        try:
            (answer,) = self._code.call(call.function, [given], kept(declared), call.seed, 0.0)
        except CheckEnded as end:
            return answer_parts(None, error_summary(end)), {}
        answer = loggable(answer, declared, self._exercise)
        theirs = call.answer.value if call.answer is not None else None
        return answer_parts(answer), dict(_handles_of(theirs, answer.value))


def _with_handles(value: Any, handles: Handles) -> Any:
    """`value` with what stands here for the student's handles."""
    if isinstance(value, Opaque):
        return handles.get(value.handle)
    return map_parts(lambda part: _with_handles(part, handles), value)


def _handles_of(theirs: Any, ours: Any) -> Iterator[tuple[int, Any]]:
    """The student's handles in an answer, each with the value that is in its place here."""
    if isinstance(theirs, Opaque):
        yield theirs.handle, ours
    elif isinstance(theirs, list | tuple) and isinstance(ours, list | tuple):
        for a, b in zip(theirs, ours, strict=False):
            yield from _handles_of(a, b)
