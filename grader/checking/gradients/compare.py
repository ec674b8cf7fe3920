"""Equality of numbers, in the precision they were computed in, and what to say where it fails."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from grader.language import say, say_n
from grader.model import Picture

DOUBLE = 2.0**-53
SINGLE = 2.0**-24
HALF = 2.0**-11
PICTURE_SIDE = 12


def precision(*values: Any) -> float:
    """The unit roundoff that results speak of: single if every one of them is a float32 number.

    A result that was computed in double precision has digits that float32 does not hold, unless it
    is exact in both; then either bound admits it.
    """
    with np.errstate(over="ignore"):
        single = all(
            np.array_equal(v, np.asarray(v, np.float32), equal_nan=True)
            for v in (np.asarray(v, float) for v in values)
        )
    return SINGLE if single else DOUBLE


def half(value: Any) -> bool:
    """Whether all numbers are those of half precision; zeros alone are of none."""
    with np.errstate(over="ignore"):
        return bool(np.any(value)) and np.array_equal(value, np.asarray(value, np.float16))


def close(got: np.ndarray, want: np.ndarray, tolerance: float = 1e-9) -> np.ndarray:
    """Which entries are equal up to rounding; shapes must be the same.

    The bound is `tolerance` times the largest expected absolute value; if everything that came back
    is a float32 number, at least 1e-5 times. NaN equals NaN, infinities equal themselves.
    """
    got, want = np.asarray(got, float), np.asarray(want, float)
    same = (got == want) | (np.isnan(got) & np.isnan(want))
    if same.all():  # the usual case: the course's numbers are exact
        return np.asarray(same)
    finite = np.isfinite(want)
    scale = np.max(np.abs(want), where=finite, initial=0.0)
    if precision(got) == SINGLE:
        tolerance = max(tolerance, 1e-5)
    with np.errstate(invalid="ignore"):
        near = np.abs(got - want) <= tolerance * scale
    return np.asarray((near & finite) | same)


def error(got: np.ndarray, want: np.ndarray) -> float:
    """The largest difference, relative to the largest expected absolute value; numbers are finite."""
    got, want = np.asarray(got, float), np.asarray(want, float)
    scale = np.max(np.abs(want), initial=0.0)
    with np.errstate(over="ignore"):
        return float(np.max(np.abs(got - want), initial=0.0) / scale) if scale else math.inf


def number(value: Any, digits: int = 6) -> str:
    """A number as a student should see it: short, and exact where that is short."""
    value = np.asarray(value)[()]
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | np.integer):
        return str(int(value))
    return f"{float(value) + 0.0:.{digits}g}"  # -0 is 0


def both(got: Any, want: Any) -> tuple[str, str]:
    """Two numbers that differ, each as `number` gives it, with as many digits as tell them apart."""
    for digits in range(6, 18):
        mine, right = number(got, digits), number(want, digits)
        if mine != right:
            break
    return mine, right


def place(index: tuple[int, ...]) -> str:
    """An index as it is written in brackets: `[0,1,2]`, or nothing for a single number."""
    return (
        f"[{','.join(str(int(i)) for i in index)}]" if index else ""
    )  # no space to break a line at


def differences(name: str, got: np.ndarray, want: np.ndarray, wrong: np.ndarray) -> str:
    """How two arrays of one shape differ: how many entries, the first few, the worst."""
    if not got.shape:
        mine, right = both(got, want)
        return say("{name} is {mine}, expected {right}.", name=name, mine=mine, right=right)
    places = np.argwhere(wrong)
    if wrong.size == 1:
        lines = [say("the only entry of {name} differs:", name=name)]
    elif len(places) == wrong.size == 2:
        lines = [say("both entries of {name} differ:", name=name)]
    elif len(places) == wrong.size:
        lines = [say("all {n} entries of {name} differ:", n=wrong.size, name=name)]
    else:
        lines = [
            say_n(
                "{n} of {all} entries of {name} differs:",
                "{n} of {all} entries of {name} differ:",
                len(places),
                all=wrong.size,
                name=name,
            )
        ]
    with np.errstate(invalid="ignore"):
        error = np.abs(np.asarray(got, float) - np.asarray(want, float))[wrong]
    odd = ~np.isfinite(error)
    worst = int(np.argmax(odd if odd.any() else error))
    numbers = [*range(min(3, len(places))), *([worst] if worst > 2 else [])]
    shown = {n: tuple(int(i) for i in places[n]) for n in numbers}
    width = max(len(place(p)) for p in shown.values())
    for n, p in shown.items():
        mine, right = both(got[p], want[p])
        entry = f"{name}{place(p):<{width}}"
        line = say("{name} is {mine}, expected {right}", name=entry, mine=mine, right=right)
        if n == worst and len(places) > 1:
            line += f"  {say('(largest error)')}"
        lines.append(f"  {line}")
    return "\n".join(lines)


def picture(name: str, got: np.ndarray, want: np.ndarray, wrong: np.ndarray) -> Picture | None:
    """The 2-D slice with the most wrong entries, if the arrays have one worth looking at: small, or
    with a pattern of right and wrong to see."""
    if got.ndim < 2 or min(got.shape[-2:]) < 2 or max(got.shape[-2:]) > PICTURE_SIDE:
        return None
    counts = wrong.sum(axis=(-2, -1))
    lead = np.unravel_index(int(np.argmax(counts)), counts.shape) if counts.shape else ()
    size = got.shape[-2] * got.shape[-1]
    if not counts.any() or (size > 16 and counts[lead] > 0.6 * size):
        return None
    title = name + place(tuple(int(i) for i in lead))

    def rows(array: np.ndarray) -> tuple[tuple[float, ...], ...]:
        return tuple(tuple(float(v) for v in row) for row in np.asarray(array[lead], float))

    marks = tuple(tuple(bool(v) for v in row) for row in wrong[lead])
    return Picture(title, rows(want), rows(got), marks)
