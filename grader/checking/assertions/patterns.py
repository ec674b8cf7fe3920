"""How a wrong array differs from the right one, in a sentence: a factor, a sign, a flip, a region."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from grader.checking.gradients.compare import error
from grader.language import later, say, say_n, series, together

LARGE = 8  # entries; in fewer, one row that is wrong may be chance
FEW = 4  # entries; that no more than these are right may be chance
SAME = 1e-6  # a factor is a known number only when it agrees with it to this part
FIT = 2e-4  # a pattern is named only when it fits to this part of the largest entry


def pattern(name: str, got: np.ndarray, want: np.ndarray, sizes: Mapping[str, int]) -> str:
    """A sentence about how `got` differs from `want`, or nothing.

    Args:
        name: what the array is called.
        got, want: arrays of one shape.
        sizes: lengths that could appear as a factor, by the sentence on each, as `lengths` has them.
    """
    got, want = np.asarray(got, float), np.asarray(want, float)
    if got.shape != want.shape or not got.size or not np.isfinite(want).all():
        return ""
    if not np.isfinite(got).all():
        if np.isnan(got).any():
            return say(
                "{name} holds NaN: look for a division by zero, an overflow, or a negative number whose root or "
                "logarithm is taken.",
                name=name,
            )
        return say(
            "{name} holds infinity: look for a division by zero, an overflow, or the logarithm of 0.",
            name=name,
        )
    if not want.any():
        return say("{name} should be all zero.", name=name) if got.size >= 4 else ""
    if not got.any():
        unfilled = got.size >= 4 and not _perhaps_zero(want)
        return (
            say("{name} is all zero: was nothing put into it, or does nothing reach it?", name=name)
            if unfilled
            else ""
        )
    if sentence := almost(name, got, want):
        return sentence
    few = np.count_nonzero(want) < 4  # of which nothing general can be said
    for sentences in (_whole, _factor) if few else (_whole, _factor, _layout, _offset, _region):
        for sentence in sentences(name, got, want, sizes):
            return sentence
    return ""


def almost(name: str, got: np.ndarray, want: np.ndarray) -> str:
    """A sentence where arrays or numbers differ in late digits only, or nothing."""
    if not (np.isfinite(got).all() and np.isfinite(want).all()):
        return ""
    if not (got % 1).any() and not (want % 1).any():
        return ""  # no rounding and no small number makes one whole number of another
    off = error(got, want)
    if not 0 < off <= FIT:
        return ""
    if off > 1e-5:
        return say(
            "{name} is almost right. Look for float32 or float16, for rounding, or for a small "
            "number that was added to avoid a division by zero.",
            name=name,
        )
    digits = round(-math.log10(off))
    if off < 1e-10:  # more digits than float32 could give
        return say(
            "{name} agrees to about {digits} digits: was a small number added, or something clipped?",
            name=name,
            digits=digits,
        )
    return say(
        "{name} agrees to about {digits} digits: was a small number added, something clipped, or "
        "float32 used? Keep everything in float64 (NumPy's default).",
        name=name,
        digits=digits,
    )


def _perhaps_zero(want: np.ndarray) -> bool:
    """Whether zeros may have been computed: most entries are about 0, or an axis does not matter, as
    where the input was zero and the output is the bias alone."""
    if (np.abs(want) > FIT).mean() <= 0.5:
        return True
    return any(n > 1 and not np.ptp(want, axis).any() for axis, n in enumerate(want.shape))


def _fits(got: np.ndarray, want: np.ndarray) -> bool:
    return bool(got.shape == want.shape and np.max(np.abs(got - want)) <= FIT * np.max(np.abs(got)))


def _whole(name: str, got: np.ndarray, want: np.ndarray, _: Mapping[str, int]) -> Iterator[str]:
    rounded = any((got == cut(want)).all() for cut in (np.trunc, np.floor, np.round))
    if rounded and np.abs(got - want).max() > 2 * FIT:
        yield (
            say(
                "{name} holds whole numbers only, and fractions are lost: look for dtype=int, "
                "astype(int), zeros_like of whole numbers, rounding, or // in place of /.",
                name=name,
            )
        )


def _factor(
    name: str, got: np.ndarray, want: np.ndarray, sizes: Mapping[str, int]
) -> Iterator[str]:
    factor = float(np.vdot(got, want) / np.vdot(want, want))
    if other := other_logarithm(name, got, want):
        yield other
        return
    if np.count_nonzero(want) < 2:  # one number is always a multiple of another
        return
    if abs(factor - 1) < 1e-2 or factor == 0 or not _fits(got, factor * want):
        return
    if abs(factor + 1) < FIT:
        yield say("{name} has the wrong sign everywhere.", name=name)
        return
    if abs(factor - 0.5) < FIT:
        yield say("Every entry of {name} is half of what is expected.", name=name)
    if abs(factor - 2) < FIT:
        yield say("Every entry of {name} is twice what is expected.", name=name)
    every = say(
        "Every entry of {name} is {factor} times what is expected.",
        name=name,
        factor=number_of(factor),
    )
    for sentence, size in sizes.items():
        if abs(factor * size - 1) < FIT:
            yield together(every, say(sentence, size=size))
        if abs(factor - size) < FIT * size:
            yield together(every, say(sentence, size=size))
    yield every


def other_logarithm(name: str, got: np.ndarray, want: np.ndarray) -> str:
    """The sentence on numbers that differ by the factor between two logarithms; empty for others."""
    for base in (2, 10):
        scaled = np.asarray(got, float) * math.log(base)
        if want.any() and np.abs(scaled - want).max() < SAME * np.abs(want).max():
            return say(
                "{name} is what is expected, divided by the natural logarithm of {base}: is a logarithm to the base "
                "{base} taken, with np.log{base}, in place of np.log?",
                name=name,
                base=base,
            )
    return ""


def number_of(factor: float) -> str:
    """A factor as a short number or fraction."""
    for denominator in range(2, 13):
        above = round(factor * denominator)
        if 0 < above < denominator and abs(factor * denominator - above) < FIT:
            return f"{above}/{denominator}"
    return f"{factor:.4g}"


def _layout(name: str, got: np.ndarray, want: np.ndarray, _: Mapping[str, int]) -> Iterator[str]:
    if got.ndim >= 2:
        if _fits(got, want[..., ::-1, ::-1]):
            yield say("{name} is turned by 180 degrees: rows and columns run backwards.", name=name)
        if _fits(got, np.swapaxes(want, -1, -2)):
            yield say("{name} is transposed: rows and columns are swapped.", name=name)
    for axis in range(got.ndim):
        if got.shape[axis] > 1:
            if _fits(got, np.flip(want, axis)):
                yield say("{name} runs backwards along axis {axis}.", name=name, axis=axis)
            for step in (1, -1):
                if _fits(got, np.roll(want, step, axis)):
                    yield say("{name} is shifted by one along axis {axis}.", name=name, axis=axis)
    if _fits(np.abs(got), np.abs(want)):
        yield say("{name} has the right sizes, but some signs are wrong.", name=name)


def _offset(name: str, got: np.ndarray, want: np.ndarray, _: Mapping[str, int]) -> Iterator[str]:
    gap = got - want
    if gap.size > 1 and np.ptp(gap) <= FIT * np.max(np.abs(gap)):
        yield say(
            "Every entry of {name} is off by the same amount, {amount}.",
            name=name,
            amount=number_of(float(gap.flat[0])),
        )


def _region(name: str, got: np.ndarray, want: np.ndarray, _: Mapping[str, int]) -> Iterator[str]:
    wrong = np.abs(got - want) > FIT * np.max(np.abs(want))
    if wrong.all() or not wrong.any():
        return
    if got.ndim >= 2 and min(got.shape[-2:]) >= 3 and not wrong[..., 1:-1, 1:-1].any():
        border = np.ones(got.shape, bool)
        border[..., 1:-1, 1:-1] = False
        few = wrong.sum() < border.sum() / 2 or (~border).sum() < FEW
        if few and not wrong[border].all():  # entries that happen to lie there
            return
        yield say("Only the border of {name} is wrong; the middle is right.", name=name)
    zero = not got[wrong].any()
    for axis in range(got.ndim if got.size >= LARGE and got.ndim > 1 else 0):
        others = tuple(i for i in range(got.ndim) if i != axis)
        bad = np.flatnonzero(wrong.any(axis=others) if others else wrong)
        if 0 < bad.size < got.shape[axis] and wrong.take(bad, axis).all():
            which = series(str(i) for i in bad[:4]) + (" …" if bad.size > 4 else "")
            along = _axis(name, got.ndim, axis)
            said = say_n(
                "{name} is wrong at index {which} of {axis} only.",
                "{name} is wrong at indices {which} of {axis} only.",
                bad.size,
                name=name,
                which=which,
                axis=along,
            )
            yield together(said, say("It is zero there.")) if zero else said
    if zero:
        yield say("Where {name} is wrong, it is zero.", name=name)


AXES = (
    later("axis {axis}, the examples,"),
    later("axis {axis}, the channels,"),
    later("axis {axis}, the rows,"),
    later("axis {axis}, the columns,"),
)
FILTERS_AXIS = later("axis {axis}, the filters,")


def _axis(name: str, axes: int, axis: int) -> str:
    """An axis, and what it is in the course's four-dimensional arrays, where that is sure."""
    if axes != 4:
        return say("axis {axis}", axis=axis)
    words = FILTERS_AXIS if axis == 0 and name in ("w", "dw") else AXES[axis]
    return say(words, axis=axis)
