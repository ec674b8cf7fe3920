"""Shifts of an array, by which a forward pass is looked at, and what was seen along them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

POINTS = (1.0, -1.0, 0.5, -0.5)  # of a step, at which outputs are looked at
SIZES = np.arange(128, 385)
SPAN = 10  # octaves that entries of one group span at most
LEVEL = 3  # octaves below the group's largest entry, under which a shift does not shrink


@dataclass(frozen=True)
class Window:
    """How outputs move at `windows.POINTS` of a step: (points, M), the mean of so many `times`."""

    moves: np.ndarray
    times: int


class Track:
    """A shift of one array, and what was seen along it.

    Attributes:
        index: which array.
        shift: one step of it at exponent 0.
        largest: the largest exponent of a step; above 0 for entries that are small in their array.
        looks: the outputs at `POINTS` by exponent: (4, M) each.
        windows: what was seen with many steps, by exponent of the largest.
        reached: which outputs some step has moved, (M,): the others do not depend on it.
    """

    def __init__(self, index: int, shift: np.ndarray, largest: int = 0) -> None:
        self.index, self.shift, self.largest = index, shift, largest
        self.looks: dict[int, np.ndarray] = {}
        self.windows: dict[int, Window] = {}
        self.reached = np.zeros((), bool)

    def add(self, e: int, outputs: np.ndarray, y: np.ndarray) -> None:
        """Note the outputs at `POINTS` of a step; `y` are those at the place itself."""
        self.looks[e] = outputs
        self.reached = self.reached | (outputs != y).any(axis=0)


def sizes(leaf: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A power of two for each entry, about as large as the entry, and the group that it belongs to.

    Entries of one group lie within `SPAN` octaves, so that what one of them does to the outputs is
    not lost in the rounding of the others. Zeros are as large as the group of the largest.
    """
    flat = np.abs(leaf.ravel())
    exponents = np.where(flat > 0, np.frexp(flat)[1] - 1, 0)
    group = np.zeros(flat.shape, int)
    left, number = flat > 0, 0
    while left.any():
        top = exponents[left].max()
        chosen = left & (exponents > top - SPAN)
        group[chosen] = number
        exponents[chosen] = np.maximum(exponents[chosen], top - LEVEL)
        if number == 0:
            exponents[flat == 0] = top - (1 if (flat > 0).any() else 0)
        left &= ~chosen
        number += 1
    return np.ldexp(1.0, exponents).reshape(leaf.shape), group.reshape(leaf.shape)


def random_direction(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Entries of absolute value 1/2 to 3/2, multiples of 1/256, of random sign.

    As long as there are enough, no two are of the same size: else two entries that were swapped might
    go unnoticed.
    """
    signs = rng.choice((-1.0, 1.0), shape)
    return np.asarray(signs * rng.choice(SIZES, shape, replace=signs.size > SIZES.size) / 256)


def unit(leaf: np.ndarray, place: int, size: float) -> np.ndarray:
    """A shift of one entry."""
    shift = np.zeros(leaf.size)
    shift[place] = size
    return shift.reshape(leaf.shape)
