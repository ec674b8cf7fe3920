"""The slope that many steps show together, where single precision hides it from each of them.

In a window around a place, or on one side of it, outputs follow a polynomial but for their rounding. A fit
through many points averages the rounding, and its window may be far wider than a step could be. It counts
only where it leaves no more than rounding, so that nothing with a kink is taken for a polynomial; and its
tolerance grows where the next degree says something else.

On one side of the place there may be no kink where there is one just beyond it. The slope of that side is
the one at the place itself if it agrees with all that small steps say, and the other side's does not.
"""

from __future__ import annotations

import functools
from itertools import pairwise

import numpy as np

SIDE = 16  # points on each side of the place, denser beside it
STEPS = (np.arange(1, SIDE + 1) / SIDE) ** 2
POINTS = np.concatenate([STEPS, -STEPS])
SIDES = (slice(0, 2 * SIDE), slice(0, SIDE), slice(SIDE, 2 * SIDE))  # both, ahead, behind
DEGREES = ((2, 4, 6, 8, 10), (1, 2, 3, 4, 5), (1, 2, 3, 4, 5))
HIDES = 6  # times the degree: what a kink may make of the slope, as against what a fit leaves of it
HIDES_BESIDE = 600  # the same on one side, for a kink beyond 1/256 of the window
MISFIT = 2.0  # more than the rounding, and it is no polynomial


@functools.cache
def _fit(side: int, degree: int) -> tuple[np.ndarray, np.ndarray]:
    """The powers of a side's points, the first of them first, and how coefficients follow from values there.

    Around the place the rounding of the value there makes no slope: a constant takes it up.
    """
    powers = POINTS[SIDES[side], None] ** np.arange(1, degree + 1)
    if side == 0:
        powers = np.hstack([powers, np.ones((len(powers), 1))])
    return powers, np.linalg.pinv(powers)


def fitted(
    moves: np.ndarray, side: int, rounding: float, noise: float, steady: float
) -> tuple[float, float]:
    """The slope of `moves` at the points of one side of the place, 0 for both, and how far it may be off.

    Args:
        moves: at `POINTS`, from the value at the place.
        side: an index of `SIDES`.
        rounding, noise: the least and the usual deviation of a move.
        steady: the rounding of what moves by so little that its roundings are alike.
    """
    seen = []
    for degree in DEGREES[side]:
        powers, inverse = _fit(side, degree)
        found = inverse @ moves[SIDES[side]]
        left = moves[SIDES[side]] - powers @ found
        spread = float(np.linalg.norm(left)) / np.sqrt(left.size - len(found))
        share = float(np.abs(inverse[0]).sum())
        hides = HIDES * degree if side == 0 else HIDES_BESIDE
        seen.append((float(found[0]), spread, hides * max(spread, rounding) + steady * share))
    found = [
        (value, tolerance + abs(further - value))
        for (value, spread, tolerance), (further, _, _) in pairwise(seen)
        if spread <= MISFIT * noise
    ]
    return min(found, key=lambda slope: slope[1], default=(0.0, np.inf))
