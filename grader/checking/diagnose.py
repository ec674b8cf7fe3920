"""From a wrong answer to the sentence that helps.

First the catalogue: the calls of the failed check are repeated on each misconception of the exercise
(trusted code, here in the grader); one that answers like the student, and unlike the reference, names
the mistake. Without a match, numeric patterns: a constant factor, a sign, a flip, a missing sum.
No code of the student's runs here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checking.code import Answer, LocalCode
from grader.checking.student import Call
from grader.errors import CheckEnded
from grader.model import Exercise, Misconception
from grader.sandbox.wire import Opaque

MAX_CALLS = 48
FIT = 2e-4  # a pattern is named only when it fits to this part of the largest entry


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


# Misconceptions ----------------------------------------------------------------------------------


def recognise(
    calls: Sequence[Call],
    exercise: Exercise,
    reference: Mapping[str, Any],
    catalogue: Sequence[Wrong],
) -> list[Misconception]:
    """The misconceptions that answer all of `calls` as the student did, and not as the reference."""
    calls = calls[:MAX_CALLS]
    right = _replay(calls, exercise, reference)
    telling = [i for i, call in enumerate(calls) if not _alike(call, right[i])]
    if not telling:
        return []
    called = {c.function for c in calls}
    found = []
    for wrong in catalogue:
        if called.isdisjoint(wrong.functions):
            continue
        answers = _replay(calls, exercise, {**reference, **wrong.functions}, calls)
        if answers is not None and len(answers) == len(calls):
            found.append(wrong.value)
    return found


Outcome = Answer | str  # an answer, or the name of the exception that was raised instead


def _replay(
    calls: Sequence[Call],
    exercise: Exercise,
    namespace: Mapping[str, Any],
    like: Sequence[Call] = (),
) -> list[Outcome]:
    """What `namespace` answers to `calls`; with `like`, given up at the first answer unlike them."""
    code = LocalCode(namespace, exercise)
    handles: dict[int, Any] = {}  # the student's handles, and what stands for them here
    outcomes: list[Outcome] = []
    for index, call in enumerate(calls):
        declared = exercise.functions[call.function]
        keep = [i for i, (_, kind) in enumerate(declared.returns) if kind == "cache"]
        args = tuple(handles.get(a.handle) if isinstance(a, Opaque) else a for a in call.args)
        outcome: Outcome
        try:
            outcome = code.call(call.function, [(args, call.keywords)], keep, call.seed, 0.0)[0]
        except CheckEnded as end:
            outcome = end.exception or "error"
        if isinstance(outcome, Answer) and call.answer is not None:
            theirs, ours = call.answer.value, outcome.value
            if isinstance(theirs, tuple) and isinstance(ours, tuple):
                for a, b in zip(theirs, ours, strict=False):
                    if isinstance(a, Opaque):
                        handles[a.handle] = b
        outcomes.append(outcome)
        if like and not _alike(like[index], outcome):
            break
    return outcomes if not like or _alike(like[len(outcomes) - 1], outcomes[-1]) else outcomes[:-1]


def _alike(call: Call, outcome: Outcome) -> bool:
    if call.answer is None or isinstance(outcome, str):
        return call.answer is None and bool(call.error) and call.error == outcome
    return call.answer.changed == outcome.changed and alike(call.answer.value, outcome.value)


def alike(a: Any, b: Any) -> bool:
    """Whether two answers are the same up to single precision; opaque values count as alike."""
    if isinstance(a, Opaque) or isinstance(b, Opaque):
        return True
    if isinstance(a, tuple | list) and isinstance(b, tuple | list):
        return len(a) == len(b) and all(alike(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(alike(a[k], b[k]) for k in a)
    if isinstance(a, str) or isinstance(b, str) or a is None or b is None:
        return bool(a is b or a == b)
    if isinstance(a, int | np.integer) != isinstance(b, int | np.integer):
        return False  # 4 is not 4.0: a size must be a whole number
    try:
        x, y = np.asarray(a, float), np.asarray(b, float)
    except (TypeError, ValueError):
        return False
    if x.shape != y.shape:
        return False
    scale = np.max(np.abs(y), where=np.isfinite(y), initial=0.0)
    with np.errstate(invalid="ignore"):
        return bool(
            np.all((np.abs(x - y) <= 1e-6 * scale) | (x == y) | (np.isnan(x) & np.isnan(y)))
        )


# Numeric patterns --------------------------------------------------------------------------------


def pattern(name: str, got: np.ndarray, want: np.ndarray, sizes: Mapping[str, int]) -> str:
    """A sentence about how `got` differs from `want`, or nothing.

    Args:
        name: what the array is called.
        got, want: arrays of one shape.
        sizes: lengths that could appear as a factor, by name, such as `{"N, the batch size": 2}`.
    """
    got, want = np.asarray(got, float), np.asarray(want, float)
    if got.shape != want.shape or not got.size or not np.isfinite(want).all():
        return ""
    if not np.isfinite(got).all():
        kind = "NaN" if np.isnan(got).any() else "infinity"
        return f"{name} holds {kind}: look for a division by zero or an overflow."
    if not want.any():
        return f"{name} should be all zero."
    if not got.any():
        return f"{name} is all zero."
    for sentences in (_factor, _layout, _offset, _region):
        for sentence in sentences(name, got, want, sizes):
            return sentence
    return ""


def _fits(got: np.ndarray, want: np.ndarray) -> bool:
    return bool(
        got.shape == want.shape and np.max(np.abs(got - want)) <= FIT * np.max(np.abs(got))
    )


def _factor(
    name: str, got: np.ndarray, want: np.ndarray, sizes: Mapping[str, int]
) -> Iterator[str]:
    factor = float(np.vdot(got, want) / np.vdot(want, want))
    if abs(factor - 1) < 1e-2 or factor == 0 or not _fits(got, factor * want):
        return
    if abs(factor + 1) < FIT:
        yield f"{name} has the wrong sign everywhere."
        return
    every = f"Every entry of {name} is {number_of(factor)} times what it should be"
    for label, size in sizes.items():
        if size > 1 and abs(factor * size - 1) < FIT:
            yield f"{every}: it was divided by {size}, which is {label}."
            return
        if size > 1 and abs(factor - size) < FIT * size:
            yield f"{every}: a division by {size}, {label}, may be missing, or a sum counted twice."
            return
    yield f"{every}."


def number_of(factor: float) -> str:
    """A factor as a short number or fraction."""
    for denominator in range(2, 13):
        if abs(factor * denominator - 1) < FIT:
            return f"1/{denominator}"
    return f"{factor:.4g}"


def _layout(name: str, got: np.ndarray, want: np.ndarray, _: Mapping[str, int]) -> Iterator[str]:
    if got.ndim >= 2:
        if _fits(got, want[..., ::-1, ::-1]):
            yield f"{name} is turned by 180 degrees: rows and columns run backwards."
        if _fits(got, np.swapaxes(want, -1, -2)):
            yield f"{name} is transposed: rows and columns are swapped."
    for axis in range(got.ndim):
        if got.shape[axis] > 1:
            if _fits(got, np.flip(want, axis)):
                yield f"{name} runs backwards along axis {axis}."
            for step in (1, -1):
                if _fits(got, np.roll(want, step, axis)):
                    yield f"{name} is shifted by one along axis {axis}."
    if _fits(np.abs(got), np.abs(want)):
        yield f"{name} has the right sizes, but some signs are wrong."


def _offset(name: str, got: np.ndarray, want: np.ndarray, _: Mapping[str, int]) -> Iterator[str]:
    gap = got - want
    if gap.size > 1 and np.ptp(gap) <= FIT * np.max(np.abs(gap)):
        yield f"Every entry of {name} is off by the same amount, {number_of(float(gap.flat[0]))}."


def _region(name: str, got: np.ndarray, want: np.ndarray, _: Mapping[str, int]) -> Iterator[str]:
    wrong = np.abs(got - want) > FIT * np.max(np.abs(want))
    if wrong.all() or not wrong.any():
        return
    if got.ndim >= 2 and min(got.shape[-2:]) >= 3 and not wrong[..., 1:-1, 1:-1].any():
        yield f"Only the border of {name} is wrong; the middle is right."
    zero = " They are zero." if not got[wrong].any() else ""
    for axis in range(got.ndim):
        others = tuple(i for i in range(got.ndim) if i != axis)
        bad = np.flatnonzero(wrong.any(axis=others) if others else wrong)
        if 0 < bad.size < got.shape[axis] and wrong.take(bad, axis).all():
            which = ", ".join(str(i) for i in bad[:4]) + (" …" if bad.size > 4 else "")
            words = "index" if bad.size == 1 else "indices"
            yield f"{name} is wrong at {words} {which} of axis {axis} only.{zero}"
    if zero:
        yield f"The wrong entries of {name} are all zero: were they never written?"
