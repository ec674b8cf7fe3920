"""From a wrong answer to the name of the mistake.

The calls of a failed check are compared with what each misconception of the exercise answers to them
(trusted code, here in the grader, or its recorded answers); one that is wrong like the student names
the mistake. No code of the student's runs here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from grader.checking.code import Answer, LocalCode
from grader.checking.fingerprint import (
    ANYTHING,
    Print,
    fingerprint,
    form,
    match,
    says_nothing,
)
from grader.checking.student import Call
from grader.errors import CheckEnded
from grader.model import Exercise, Misconception
from grader.sandbox.wire import Opaque

MAX_CALLS = 48

Parts = list[Print]  # what can be right or wrong by itself in an answer
Handles = dict[int, Any]  # the student's handles, and what stands for them here


@dataclass(frozen=True, slots=True)
class Wrong:
    """A misconception that can be run: the functions that differ from the reference.

    Attributes:
        name: its name, such as `flipped_kernel`.
        hint: the sentence that a good teacher would say.
        caught_by: the check that must catch it.
        functions: the wrong functions by name.
    """

    name: str
    hint: str
    caught_by: str
    functions: Mapping[str, Callable[..., Any]]

    @property
    def value(self) -> Misconception:
        """Its name and hint."""
        return Misconception(self.name, self.hint)


class Catalogue(Protocol):
    """What the reference and the misconceptions of an exercise answer to the calls of a check."""

    def right(self, check: str, calls: Sequence[Call]) -> Iterator[Parts]:
        """The reference's answers, call by call; they may end early."""
        ...

    def wrong(
        self, check: str, calls: Sequence[Call]
    ) -> Iterable[tuple[Misconception, Iterator[Parts]]]:
        """Each misconception with its answers, call by call."""
        ...


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the answers in one check tell of the misconceptions.

    Attributes:
        found: those that explain what is wrong first, the one that explains most at the front.
        weak: the names of those among them that explain nothing but arrays of zeros, which is what an
            unfinished function returns, too.
        excluded: the names of those that would be wrong in another way than the student is.
    """

    found: tuple[Misconception, ...] = ()
    weak: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()


def recognise(check: str, calls: Sequence[Call], catalogue: Catalogue) -> Recognised:
    """The misconceptions that explain what is wrong first in the student's answers to `calls`.

    One explains a wrong part of an answer if it is wrong there in the same way, and is wrong nowhere
    else in a way that the student is not. So of two independent mistakes (one in `dx`, one in `dw`)
    each is recognised where it shows first.
    """
    calls = calls[:MAX_CALLS]
    right = list(catalogue.right(check, calls))
    theirs = [answer_parts(call.answer, call.error) for call in calls[: len(right)]]
    if all(map(_same, theirs, right)):
        return Recognised()
    found: list[tuple[tuple[int, int], int, Misconception]] = []
    weak, excluded = set(), set()
    for misconception, answers in catalogue.wrong(check, calls):
        explained = _explained(answers, theirs, right)
        if explained is None:
            excluded.add(misconception.name)
        elif explained:
            found.append((explained[0], -len(explained), misconception))
            if all(says_nothing(theirs[call][part]) for call, part in explained):
                weak.add(misconception.name)
    first = min((at for at, _, _ in found), default=None)
    best = tuple(value for at, _, value in sorted(found, key=lambda f: f[:2]) if at == first)
    return Recognised(best, frozenset(weak), frozenset(excluded))


def _explained(
    answers: Iterator[Parts], theirs: list[Parts], right: list[Parts]
) -> list[tuple[int, int]] | None:
    """The wrong parts, as (call, part), that the answers share with the student's; None if the
    answers are wrong where the student's are not, no parts if they end too early."""
    explained: list[tuple[int, int]] = []
    index = -1
    for index, ours in zip(range(len(theirs)), answers, strict=False):
        parts = _shared(ours, theirs[index], right[index])
        if parts is None:
            return None
        explained += [(index, part) for part in parts]
    return explained if index == len(theirs) - 1 else []


def _shared(ours: Parts, theirs: Parts, right: Parts) -> list[int] | None:
    if not len(ours) == len(theirs) == len(right):
        if _same(ours, right):
            return []
        return [0] if _same(ours, theirs) else None
    parts = []
    for index, (a, b, c) in enumerate(zip(ours, theirs, right, strict=True)):
        if match(a, c):
            if form(b) != form(c) and ANYTHING not in (b.structure, c.structure):
                return None  # another shape or type is what the student is told of: explain that
            continue
        if not match(a, b):
            return None
        parts.append(index)
    return parts


def _same(a: Parts, b: Parts) -> bool:
    return len(a) == len(b) and all(map(match, a, b))


def answer_parts(answer: Answer | None, error: str = "") -> Parts:
    """What can be right or wrong by itself: each returned value, and the arguments' fate.

    Args:
        answer: what a call gave back; None if it raised.
        error: the name of the exception that it raised.
    """
    if answer is None:
        return [fingerprint(f"raised {error}")]
    values = answer.value if isinstance(answer.value, tuple) else (answer.value,)
    return [*map(fingerprint, values), fingerprint(f"changed {answer.changed}")]


class LiveCatalogue:
    """The answers of trusted code that is at hand.

    Args:
        exercise: the exercise.
        reference: its reference's functions by name.
        misconceptions: its misconceptions.
    """

    def __init__(
        self, exercise: Exercise, reference: Mapping[str, Any], misconceptions: Sequence[Wrong]
    ) -> None:
        self._exercise = exercise
        self._reference = reference
        self._misconceptions = misconceptions
        self._answered: list[tuple[Parts, Handles]] = []

    def right(self, check: str, calls: Sequence[Call]) -> Iterator[Parts]:
        """See `Catalogue.right`."""
        self._answered = []
        self._code = LocalCode(self._reference, self._exercise)
        handles: Handles = {}
        for call in calls:
            parts, made = self._ask(call, handles)
            handles.update(made)
            self._answered.append((parts, made))
            yield parts

    def wrong(
        self, check: str, calls: Sequence[Call]
    ) -> Iterable[tuple[Misconception, Iterator[Parts]]]:
        """See `Catalogue.wrong`, after `right`; those that change nothing that was called are left
        out."""
        called = {c.function for c in calls}
        for one in self._misconceptions:
            if not called.isdisjoint(one.functions):
                yield one.value, self._wrong(one, calls)

    def _wrong(self, one: Wrong, calls: Sequence[Call]) -> Iterator[Parts]:
        """A misconception's answers; where it is the reference, and was given nothing of its own, the
        reference's are taken."""
        namespace = {**self._reference, **one.functions}
        handles: Handles = {}
        own: set[int] = set()
        for call, (right, made) in zip(calls, self._answered, strict=False):
            given = {a.handle for a in call.args if isinstance(a, Opaque)}
            if call.function not in one.functions and given.isdisjoint(own):
                handles.update(made)
                yield right
                continue
            self._code.namespace = namespace
            parts, new = self._ask(call, handles)
            handles.update(new)
            own.update(new)
            yield parts

    def _ask(self, call: Call, handles: Handles) -> tuple[Parts, Handles]:
        """The answer to a call, and what its handles are called here."""
        declared = self._exercise.functions[call.function]
        keep = [i for i, (_, kind) in enumerate(declared.returns) if kind == "cache"]
        args = tuple(handles.get(a.handle) if isinstance(a, Opaque) else a for a in call.args)
        try:
            answer = self._code.call(call.function, [(args, call.keywords)], keep, call.seed, 0.0)[
                0
            ]
        except CheckEnded as end:
            return answer_parts(None, end.exception), {}
        made: Handles = {}
        if call.answer is not None and isinstance(call.answer.value, tuple):
            ours = answer.value if isinstance(answer.value, tuple) else ()
            for a, b in zip(call.answer.value, ours, strict=False):
                if isinstance(a, Opaque):
                    made[a.handle] = b
        return answer_parts(answer), made
