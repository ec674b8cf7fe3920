"""Inputs on which a check can see clearly. The helpers that exercise authors draw their arrays from.

Values are odd multiples of a power of two: never zero, never at the kink of a ReLU, exact in float32,
and sums of a few products of them are exact too. So a right answer is right to the last bit, also
when it was computed in single precision or in another order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Shape = int | Sequence[int]


def grid_values(
    rng: np.random.Generator, shape: Shape, *, limit: float = 2.0, step: float = 1 / 16
) -> np.ndarray:
    """Random odd multiples of `step` in (-limit, limit), float64.

    Args:
        rng: the check's generator.
        shape: shape of the array.
        limit: bound of the absolute values; at least `step`.
        step: the grid, a power of two.
    """
    half = max(1, round(limit / step / 2))
    return np.asarray((2 * rng.integers(-half, half, shape) + 1) * step)


def positive_values(
    rng: np.random.Generator, shape: Shape, *, limit: float = 2.0, step: float = 1 / 16
) -> np.ndarray:
    """Random odd multiples of `step` in (0, limit), float64."""
    return np.asarray(np.abs(grid_values(rng, shape, limit=limit, step=step)))


def distinct_values(rng: np.random.Generator, shape: Shape, *, step: float = 1 / 8) -> np.ndarray:
    """Values that all differ, by at least `step`, none of them zero: every maximum is clear.

    At most 4,096 of them lie within a few powers of two of 1, so that sums stay exact.
    """
    size = int(np.prod(shape))
    values = (np.arange(size) - size // 2) * step + step / 2
    return np.asarray(rng.permutation(values)).reshape(shape)


def probabilities(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Rows of probabilities, each at least 0.02 and summing to 1 within rounding."""
    raw = rng.uniform(0.2, 2.0, shape)
    share = raw / raw.sum(axis=-1, keepdims=True)
    classes = share.shape[-1]
    return np.asarray(0.02 + share * (1 - 0.02 * classes))


def upstream(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """A `dout`: random odd multiples of 1/32 in (-1, 1), so none is 0 or 1."""
    return grid_values(rng, shape, limit=1.0, step=1 / 32)
