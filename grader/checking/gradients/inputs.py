"""Random inputs for checks, chosen so that rounding and special values do not blur a result.

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
    """Random odd multiples of `step` in (-limit, limit).

    Args:
        rng: the check's generator.
        shape: the shape of the array, or its length.
        limit: the bound of the absolute values; at least `step`.
        step: the grid's step, a power of two.

    Returns an array of float64 with this shape.

    >>> x = grid_values(rng, (4, 3), limit=1.0)
    >>> x.shape
    (4, 3)
    >>> bool(np.all((x != 0) & (np.abs(x) < 1.0)))
    True
    """
    half = max(1, round(limit / step / 2))
    return np.asarray((2 * rng.integers(-half, half, shape) + 1) * step)


def positive_values(
    rng: np.random.Generator, shape: Shape, *, limit: float = 2.0, step: float = 1 / 16
) -> np.ndarray:
    """Random odd multiples of `step` in (0, limit), for logarithms, roots and divisors.

    Args:
        rng: as for `grid_values`.
        shape: as for `grid_values`.
        limit: as for `grid_values`.
        step: as for `grid_values`.

    Returns an array of float64 with this shape.

    >>> variance = positive_values(rng, 5)
    >>> variance.shape, bool(np.all(variance > 0))
    ((5,), True)
    """
    return np.asarray(np.abs(grid_values(rng, shape, limit=limit, step=step)))


def distinct_values(rng: np.random.Generator, shape: Shape, *, step: float = 1 / 8) -> np.ndarray:
    """Values in random order that all differ by at least `step`, none of them zero.

    Every maximum is clear, also after a small change of one value: use it for max pooling. Up to 4,096
    values are small enough that sums of their products stay exact.

    Args:
        rng: as for `grid_values`.
        shape: as for `grid_values`.
        step: the least difference of two values, a power of two.

    Returns an array of float64 with this shape.

    >>> np.sort(distinct_values(rng, (2, 3)), axis=None)
    array([-0.3125, -0.1875, -0.0625,  0.0625,  0.1875,  0.3125])
    """
    size = int(np.prod(shape))
    values = (np.arange(size) - size // 2) * step + step / 2
    return np.asarray(rng.permutation(values)).reshape(shape)


def probabilities(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Random probabilities, each at least 0.02; the last axis sums to 1 within rounding.

    Args:
        rng: the check's generator.
        shape: the shape of the array; its last axis has at most 49 classes.

    Returns an array of float64 with this shape.

    >>> p = probabilities(rng, (5, 3))
    >>> bool(np.all(p >= 0.02)), bool(np.allclose(p.sum(axis=1), 1))
    (True, True)
    """
    raw = rng.uniform(0.2, 2.0, shape)
    share = raw / raw.sum(axis=-1, keepdims=True)
    classes = share.shape[-1]
    return np.asarray(0.02 + share * (1 - 0.02 * classes))


def upstream(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """A random upstream gradient `dout`: odd multiples of 1/32 in (-1, 1), so none is 0 or 1.

    Args:
        rng: the check's generator.
        shape: the shape of the output that it belongs to.

    Returns an array of float64 with this shape.

    >>> dout = upstream(rng, (2, 3))
    >>> bool(np.all((dout != 0) & (np.abs(dout) < 1)))
    True
    """
    return grid_values(rng, shape, limit=1.0, step=1 / 32)


def turned(dout: np.ndarray, other: np.ndarray) -> np.ndarray:
    """`other`, where both are one number with the other sign: its absolute value alone must not pass."""
    return -other if dout.size == 1 and np.sum(dout * other) > 0 else other
