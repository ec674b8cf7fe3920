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
    """The misconceptions that explain what is wrong first in the student's answers to `calls`.

    One explains a wrong part of an answer if it is wrong there in the same way, and is wrong nowhere
    else in a way that the student is not. So of two independent mistakes (one in `dx`, one in `dw`)
    each is recognised where it shows first. The one that explains most comes first.
    """
    calls = calls[:MAX_CALLS]
    theirs = [_parts(c.answer if c.answer is not None else c.error) for c in calls]
    right = [_parts(outcome) for outcome in _replay(calls, exercise, reference)]
    if all(_same_parts(a, b) for a, b in zip(theirs, right, strict=True)):
        return []
    called = {c.function for c in calls}
    found: list[tuple[tuple[int, int], int, Misconception]] = []
    for wrong in catalogue:
        if called.isdisjoint(wrong.functions):
            continue
        explained: list[tuple[int, int]] = []
        for index, outcome in enumerate(_replay(calls, exercise, {**reference, **wrong.functions})):
            parts = _explains(_parts(outcome), theirs[index], right[index])
            if parts is None:
                break
            explained += [(index, part) for part in parts]
        else:
            if explained:
                found.append((explained[0], -len(explained), wrong.value))
    first = min((at for at, _, _ in found), default=None)
    return [value for at, _, value in sorted(found, key=lambda f: f[:2]) if at == first]


def _explains(ours: list[Any], theirs: list[Any], right: list[Any]) -> list[int] | None:
    """The wrong parts of the student's answer that this answer shares; None if it has others."""
    if not len(ours) == len(theirs) == len(right):
        if _same_parts(ours, right):
            return []
        return [0] if _same_parts(ours, theirs) else None
    parts = []
    for index, (a, b, c) in enumerate(zip(ours, theirs, right, strict=True)):
        if alike(a, c):
            continue
        if not alike(a, b):
            return None
        parts.append(index)
    return parts


def _same_parts(a: list[Any], b: list[Any]) -> bool:
    return len(a) == len(b) and all(alike(x, y) for x, y in zip(a, b, strict=True))


def _parts(outcome: Answer | str) -> list[Any]:
    """What can be right or wrong by itself: each returned value, and each argument's fate."""
    if isinstance(outcome, str):
        return [f"raised {outcome}"]
    value = outcome.value
    parts = list(value) if isinstance(value, tuple) else [value]
    return [*parts, f"changed {outcome.changed}"]


def _replay(
    calls: Sequence[Call], exercise: Exercise, namespace: Mapping[str, Any]
) -> Iterator[Answer | str]:
    """What `namespace` answers to `calls`, one by one; an exception is given by its name."""
    code = LocalCode(namespace, exercise)
    handles: dict[int, Any] = {}  # the student's handles, and what stands for them here
    for call in calls:
        declared = exercise.functions[call.function]
        keep = [i for i, (_, kind) in enumerate(declared.returns) if kind == "cache"]
        args = tuple(handles.get(a.handle) if isinstance(a, Opaque) else a for a in call.args)
        try:
            answer = code.call(call.function, [(args, call.keywords)], keep, call.seed, 0.0)[0]
        except CheckEnded as end:
            yield end.exception
            continue
        if call.answer is not None and isinstance(call.answer.value, tuple):
            ours = answer.value if isinstance(answer.value, tuple) else ()
            for a, b in zip(call.answer.value, ours, strict=False):
                if isinstance(a, Opaque):
                    handles[a.handle] = b
        yield answer


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
        kind = complex if np.iscomplexobj(a) and np.iscomplexobj(b) else float
        if kind is float and (np.iscomplexobj(a) or np.iscomplexobj(b)):
            return False
        x, y = np.asarray(a, kind), np.asarray(b, kind)
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
    return bool(got.shape == want.shape and np.max(np.abs(got - want)) <= FIT * np.max(np.abs(got)))


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
