"""How a wrong array differs from the right one, in a sentence: a factor, a sign, a flip, a region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

LARGE = 8  # entries; in fewer, one row that is wrong may be chance
FIT = 2e-4  # a pattern is named only when it fits to this part of the largest entry


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
    few = got.size < 4  # of which nothing general can be said
    if not np.isfinite(got).all():
        kind = "NaN" if np.isnan(got).any() else "infinity"
        return f"{name} holds {kind}: look for a division by zero or an overflow."
    if few:
        if not (want.any() and got.any()):
            return ""
        return next(iter((*_whole(name, got, want, sizes), *_factor(name, got, want, sizes))), "")
    if not want.any():
        return f"{name} should be all zero."
    if not got.any():
        return f"{name} is all zero: was nothing ever put into it?"
    if _fits(got, want):
        return (
            f"{name} is almost right. Look for float32 or float16, for rounding, or for a small number "
            "that was added to avoid a division by zero."
        )
    for sentences in (_whole, _factor, _layout, _offset, _region):
        for sentence in sentences(name, got, want, sizes):
            return sentence
    return ""


def _fits(got: np.ndarray, want: np.ndarray) -> bool:
    return bool(got.shape == want.shape and np.max(np.abs(got - want)) <= FIT * np.max(np.abs(got)))


def _whole(name: str, got: np.ndarray, want: np.ndarray, _: Mapping[str, int]) -> Iterator[str]:
    rounded = any((got == cut(want)).all() for cut in (np.trunc, np.floor, np.round))
    if rounded and np.abs(got - want).max() > 2 * FIT:
        yield (
            f"{name} holds whole numbers only, and fractions are lost: look for dtype=int, astype(int), "
            "zeros_like of whole numbers, rounding, or // in place of /."
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
        above = round(factor * denominator)
        if 0 < above < denominator and abs(factor * denominator - above) < FIT:
            return f"{above}/{denominator}"
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
        border = np.ones(got.shape, bool)
        border[..., 1:-1, 1:-1] = False
        if wrong.sum() < border.sum() / 2:  # a few entries that happen to lie there
            return
        yield f"Only the border of {name} is wrong; the middle is right."
    zero = " It is zero there." if not got[wrong].any() else ""
    for axis in range(got.ndim if got.size >= LARGE and got.ndim > 1 else 0):
        others = tuple(i for i in range(got.ndim) if i != axis)
        bad = np.flatnonzero(wrong.any(axis=others) if others else wrong)
        if 0 < bad.size < got.shape[axis] and wrong.take(bad, axis).all():
            which = ", ".join(str(i) for i in bad[:4]) + (" …" if bad.size > 4 else "")
            words = "index" if bad.size == 1 else "indices"
            along = f"axis {axis}{_meaning(name, got.ndim, axis)}"
            yield f"{name} is wrong at {words} {which} of {along} only.{zero}"
    if zero:
        yield f"Where {name} is wrong, it is zero: was nothing put there, or was it multiplied by 0?"


def _meaning(name: str, axes: int, axis: int) -> str:
    """What an axis of the course's four-dimensional arrays is, where that is sure."""
    if axes != 4:
        return ""
    first = "filters" if name in ("w", "dw") else "examples"
    return f", the {(first, 'channels', 'rows', 'columns')[axis]},"
