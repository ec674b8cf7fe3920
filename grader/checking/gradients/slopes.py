"""Slopes of the student's own forward pass: how they are measured, and how far they may be off.

Class L, piecewise linear: one difference along a direction is exact up to rounding, whatever the step.
Class S, anything else: two central differences, Richardson's extrapolation, and a tolerance built from
the student's own precision.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.checking.gradients.compare import DOUBLE, SINGLE, precision
from grader.checking.gradients.probe import Probe

SIZES = np.arange(128, 385)
DIRECTIONS = 2  # random ones; class S also tries all-ones and x itself


@dataclass
class Slopes:
    """Slopes of L along some shifts: values, and how far each may be off."""

    value: np.ndarray
    tolerance: np.ndarray
    noise: np.ndarray


@dataclass
class Differences:
    """Central differences of the outputs, at step `h` and at half of it: (directions, M) each."""

    h: np.ndarray
    wide: np.ndarray
    narrow: np.ndarray


class Line:
    """How slopes are measured. `slopes` gives them along unit entries, `disagrees` tries directions."""

    def __init__(self, probe: Probe, out: np.ndarray) -> None:
        self.probe = probe
        self.y = out.ravel()
        self.d = np.zeros_like(self.y)  # the dout that slopes are taken for

    def disagrees(self, index: int, gradient: np.ndarray) -> bool:
        """Whether some direction through array `index` speaks against `gradient`."""
        raise NotImplementedError

    def slopes(self, index: int, places: np.ndarray, shrink: float, g: np.ndarray) -> Slopes:
        """Slopes along the entries `places` (flat indices), with steps multiplied by `shrink`."""
        raise NotImplementedError

    def one_sided(
        self, index: int, shifts: Sequence[np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The slopes ahead and behind along each of `shifts`, and whether they are slopes at all:
        the same at a step and at a quarter of it. A jump is not a slope."""
        h = 2.0**-14
        rows = self.probe.moved(index, [s * k * h for s in shifts for k in (1, -1, 0.25, -0.25)])
        ahead, behind = (rows[0::4] - self.y) @ self.d / h, (self.y - rows[1::4]) @ self.d / h
        near = (rows[2::4] - self.y) @ self.d / (h / 4), (self.y - rows[3::4]) @ self.d / (h / 4)
        room = 1e-3 * np.maximum(np.abs(ahead), np.abs(behind))
        steady = (np.abs(near[0] - ahead) <= room) & (np.abs(near[1] - behind) <= room)
        return ahead, behind, np.asarray(steady)


def units(leaf: np.ndarray, places: np.ndarray, steps: np.ndarray | float) -> list[np.ndarray]:
    """Shifts of one entry each, by `steps`."""
    shifts = []
    for place, step in zip(places, np.broadcast_to(steps, places.shape), strict=True):
        shift = np.zeros(leaf.size)
        shift[place] = step
        shifts.append(shift.reshape(leaf.shape))
    return shifts


class Straight(Line):
    """Class L: one difference a direction, exact up to rounding.

    Attributes:
        holds: whether the forward, in each array alone, is linear nearby: promised by the check's
            author, or found out.
    """

    def __init__(
        self, probe: Probe, out: np.ndarray, rng: np.random.Generator, *, promised: bool
    ) -> None:
        super().__init__(probe, out)
        self.h = 1.0 if promised else 2.0**-5
        self.holds = True
        signs = (1,) if promised else (1, -1)
        directions = [
            [random_direction(rng, leaf.shape) for _ in range(DIRECTIONS)] for leaf in probe.leaves
        ]
        rows = probe.moved_each([[s * self.h * v for v in vs for s in signs] for vs in directions])
        if not promised:
            self.holds = all(self._is_straight(both) for both in rows)
        ahead = [both[:: len(signs)] - self.y for both in rows]
        self._rows = list(zip(directions, ahead, strict=True))

    def _is_straight(self, both: np.ndarray) -> bool:
        """Whether f(x+v) - f(x) = f(x) - f(x-v) along each direction of an array."""
        right, left = both[0::2] - self.y, self.y - both[1::2]
        size = np.maximum(np.abs(self.y), np.sqrt(np.mean(self.y**2)))
        return not (np.abs(right - left) > 64 * DOUBLE * size).any()

    def disagrees(self, index: int, gradient: np.ndarray) -> bool:
        """See `Line.disagrees`."""
        for v, row in zip(*self._rows[index], strict=True):
            if abs(row @ self.d / self.h - np.sum(gradient * v)) > self._tolerance(
                row, float(np.abs(gradient * v).sum()), DOUBLE
            ):
                return True
        return False

    def slopes(self, index: int, places: np.ndarray, shrink: float, g: np.ndarray) -> Slopes:
        """See `Line.slopes`."""
        h = self.h * shrink
        rows = self.probe.moved(index, units(self.probe.leaves[index], places, h)) - self.y
        u = precision(self.y + rows, self.y, g)
        tolerance = np.array(
            [self._tolerance(r, abs(x), u, h) for r, x in zip(rows, g.ravel()[places], strict=True)]
        )
        value = rows @ self.d / h
        return Slopes(value, tolerance, tolerance if u == SINGLE else np.zeros_like(value))

    def _tolerance(self, row: np.ndarray, g: float, u: float, h: float = 0.0) -> float:
        h = h or self.h
        moved = row != 0
        level = float(np.max(np.abs(self.y * self.d), where=moved, initial=0.0))
        spread = math.sqrt(int(moved.sum())) * level / h
        return 64 * u * (float(np.abs(row * self.d).sum()) / h + g + spread)


class Curved(Line):
    """Class S: central differences at two steps; the tolerance comes from the student's precision."""

    def __init__(self, probe: Probe, out: np.ndarray, rng: np.random.Generator) -> None:
        super().__init__(probe, out)
        self.u, self.epsilon = self._measure(rng)
        # Double precision leaves room for smaller steps, and so for less truncation.
        self.exponent = 9 if self.u == DOUBLE else 6
        self._directions = self._along_directions(rng)

    def _measure(self, rng: np.random.Generator) -> tuple[float, float]:
        """The unit roundoff of the student's arithmetic, and the relative noise of an output.

        Fourth differences along a short line wipe out any smooth function and leave its rounding
        errors, amplified by sqrt(70) = sqrt(1 + 16 + 36 + 16 + 1). The few of a loss may all happen to
        be 0, but its values then have single precision's digits only.
        """
        points = []
        for _ in range(2):
            lines = [random_direction(rng, x.shape) * 2.0**-17 * rms(x) for x in self.probe.leaves]
            points += [
                [x + k * v for x, v in zip(self.probe.leaves, lines, strict=True)]
                for k in range(-3, 4)
            ]
        rows = self.probe.outs(points)
        scale = rms(self.y) or 1.0
        fourth = np.concatenate([np.diff(part, 4, axis=0) for part in (rows[:7], rows[7:])])
        sigma = float(np.sqrt(np.mean(fourth**2))) / math.sqrt(70) / scale
        u = DOUBLE if sigma <= 64 * DOUBLE and precision(rows) == DOUBLE else SINGLE
        return u, max(u, (3 if self.y.size >= 8 else 5) * sigma)

    def disagrees(self, index: int, gradient: np.ndarray) -> bool:
        """See `Line.disagrees`."""
        directions, differences = self._directions[index]
        D1, D2 = differences.wide, differences.narrow  # noqa: N806
        slopes = self._slopes(differences)
        for k, v in enumerate(directions):
            # Far below the usual half of |D2 - D1|: a false suspicion costs time, never a point.
            truncation = float(np.abs(D2[k] - D1[k]) @ np.abs(self.d)) / 64
            weight = float(np.abs(D2[k]) @ np.abs(self.d)) + float(np.linalg.norm(gradient * v))
            rounding = max(1e-9, 32 * math.sqrt(self.y.size + 8) * self.u) * weight
            allowed = truncation + 6 * slopes.noise[k] + rounding
            if abs(slopes.value[k] - np.sum(gradient * v)) > allowed:
                return True
        return False

    def _along_directions(
        self, rng: np.random.Generator
    ) -> list[tuple[list[np.ndarray], Differences]]:
        """For each array some directions, and the differences along them; all in one message."""
        chosen, steps = [], []
        for leaf in self.probe.leaves:
            directions = [np.ones(leaf.shape), leaf / (rms(leaf) or 1.0)]
            directions += [random_direction(rng, leaf.shape) for _ in range(DIRECTIONS)]
            own = self._steps(leaf, np.arange(leaf.size), 1.0).reshape(leaf.shape)
            if self.probe.positive:  # each entry has its own step: put it into the direction
                directions = [v * own / own.max() for v in directions]
            chosen.append(directions)
            steps.append(np.full(len(directions), own.max()))
        moves = zip(chosen, steps, strict=True)
        rows = self.probe.moved_each([_around([v * h[0] for v in vs]) for vs, h in moves])
        return [
            (directions, _central(row, h))
            for directions, row, h in zip(chosen, rows, steps, strict=True)
        ]

    def slopes(self, index: int, places: np.ndarray, shrink: float, g: np.ndarray) -> Slopes:
        """See `Line.slopes`."""
        leaf = self.probe.leaves[index]
        h = self._steps(leaf, places, shrink)
        rows = self.probe.moved(index, _around(units(leaf, places, h)))
        differences = _central(rows, h)
        D1, D2 = differences.wide, differences.narrow  # noqa: N806
        slopes = self._slopes(differences)
        weight = np.abs(D2) @ np.abs(self.d)
        slopes.tolerance = (
            0.5 * np.abs((D2 - D1) @ self.d)
            + 6 * slopes.noise
            + max(1e-6, 32 * math.sqrt(self.y.size + 8) * self.u) * weight
        )
        return slopes

    def _steps(self, leaf: np.ndarray, places: np.ndarray, shrink: float) -> np.ndarray:
        if self.probe.positive:
            powers = np.floor(np.log2(leaf.ravel()[places])) + 1 - self.exponent
            return np.asarray(np.exp2(powers) * shrink)
        power = round(math.log2(rms(leaf))) if rms(leaf) > 0 else 0
        return np.full(places.shape, min(2.0 ** (power - self.exponent), 2.0**-5) * shrink)

    def _slopes(self, differences: Differences) -> Slopes:
        """Richardson's extrapolation of the two central differences, and its noise."""
        level = self.epsilon * np.maximum(np.abs(self.y), rms(self.y)) * np.abs(self.d)
        moved = differences.wide != 0
        noise = 3 / differences.h * np.sqrt((moved * level**2).sum(axis=1))
        value = ((4 * differences.narrow - differences.wide) / 3) @ self.d
        return Slopes(value, np.zeros_like(value), noise)


def _around(shifts: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Each shift ahead and behind, whole and half."""
    return [s * v for v in shifts for s in (1.0, -1.0, 0.5, -0.5)]


def _central(rows: np.ndarray, h: np.ndarray) -> Differences:
    """Central differences of the outputs at what `_around` gave."""
    wide, narrow = rows[0::4] - rows[1::4], rows[2::4] - rows[3::4]
    return Differences(h, wide / (2 * h[:, None]), narrow / h[:, None])


def random_direction(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Entries of absolute value 1/2 to 3/2, multiples of 1/256, of random sign.

    As long as there are enough, no two are of the same size: else two entries that were swapped might
    go unnoticed.
    """
    signs = rng.choice((-1.0, 1.0), shape)
    return np.asarray(signs * rng.choice(SIZES, shape, replace=signs.size > SIZES.size) / 256)


def rms(x: np.ndarray) -> float:
    """The root of the mean square; 0 for an empty array."""
    return float(np.sqrt(np.mean(np.square(x)))) if x.size else 0.0
