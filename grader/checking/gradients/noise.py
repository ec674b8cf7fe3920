"""The noise of a forward pass's outputs: what of their moves is rounding, and no slope, curvature or kink.

Fourth differences along all shifts show it. Noise is what does not shrink with the step, so the smallest over
the steps counts; but for steps that lie within one of the stairs that rounding inside the forward makes.
"""

from __future__ import annotations

import math

import numpy as np

from grader.checking.gradients.compare import DOUBLE
from grader.checking.gradients.tracks import Track

TWIST = np.array([1.0, -1.0, -2.0, 2.0])  # of what is looked at, the third difference
# Standard deviations of the fourth difference, and the third, in those of one output.
OF_BEND, OF_TWIST = 8.4, 3.2
UNUSUAL = 32.0  # roundings, and more is no rounding of an output
STAIRS = 8.0  # stairs that a large step climbs at least
BY_CHANCE = 30.0  # times smaller than it is may noise look in one sample
ENOUGH = 3  # samples of an output's noise at one step, before they are believed
ENOUGH_OWN = 8  # samples of an output, and it needs nothing of others'


class Noise:
    """The noise of outputs `y`, flat, as the tracks show it that were added."""

    def __init__(self, y: np.ndarray) -> None:
        self.y = y
        self._tracks: dict[int, Track] = {}
        self._stairs: dict[int, tuple[int, np.ndarray]] = {}  # of a track, with so many looks
        # What was computed since the last look.
        self._found: dict[tuple[float | None, int | None], np.ndarray] = {}
        self._within: np.ndarray | None = None

    def add(self, track: Track) -> None:
        """Count a track, or what was seen along it since."""
        self._tracks[id(track)] = track
        self._found.clear()
        self._within = None

    def of(self, grain: float | None, most: int | None = None) -> np.ndarray:
        """The standard deviation of each output's rounding errors: (M,); as steps of exponent `most` and
        smaller ones show it.

        A single output may have few samples, so those of ordinary size lend each other theirs.
        """
        if (grain, most) not in self._found:
            steps = {e for track in self._tracks.values() for e in track.looks}
            steps = {e for e in steps if most is None or e <= most}
            least = self._fewest(steps, grain) if grain else self._pooled(steps)
            unit = max(DOUBLE, (grain or 0.0) / 2)
            self._found[grain, most] = np.maximum(least, unit * np.abs(self.y))
        return self._found[grain, most]

    def _pooled(self, steps: set[int]) -> np.ndarray:
        """The least noise of each output in double precision: of the smaller of the steps up to one that
        shows least. What is more than rounding, and is no curvature, may be small by chance in a few
        samples: it counts as much as they leave possible."""
        size, total, count = np.abs(self.y), np.zeros(self.y.shape), np.zeros(self.y.shape)
        least, share = np.full(self.y.shape, np.inf), math.inf
        within = self.within_stairs()
        seen = [(e, *self.deviation(e)) for e in sorted(steps)]
        larger = [*seen[1:], (0, np.full(self.y.shape, np.inf), count)]
        for (e, one, samples), (next_e, further, _) in zip(seen, larger, strict=True):
            own = samples * (e > within)
            total, count = np.hypot(total, np.sqrt(own) * one), count + own
            found = total / np.sqrt(np.maximum(count, 1))
            usual = np.maximum(UNUSUAL * DOUBLE * size, further * 4.0 ** (e - next_e))  # curvature
            chance = 1 + BY_CHANCE / np.maximum(count, 1) ** 1.5 * (found > usual)
            share = min(share, self._share(found, count > 0))
            lent = np.where(count < ENOUGH_OWN, _finite(share), 0) * size
            least = np.where(count > 0, np.fmin(least, np.fmax(chance * found, lent)), least)
        return np.where(np.isfinite(least), least, _finite(share) * size)

    def within_stairs(self) -> np.ndarray:
        """For each output the exponent of the largest step that lies within one of its stairs: a larger one
        climbs them, and bends by as much as they are high."""
        if self._within is None:
            self._within = np.full(self.y.shape, -np.inf)
            for track in self._tracks.values():
                if len(track.looks) > 1:
                    if (of := self._stairs.get(id(track))) is None or of[0] != len(track.looks):
                        of = self._stairs[id(track)] = len(track.looks), self._stair(track)
                    np.maximum(self._within, of[1], out=self._within)
        return self._within

    def _stair(self, track: Track) -> np.ndarray:
        """The same, as one track shows it."""
        most = np.full(self.y.shape, -np.inf)
        seen: list[tuple[int, np.ndarray, np.ndarray]] = []
        for e in sorted(track.looks):
            ahead, behind, near, rear = track.looks[e] - self.y
            wide, narrow = (ahead - behind) / 2, near - rear
            bends = np.abs(bent(track.looks[e] - self.y))
            off_line = bends + np.abs(narrow - wide)
            moves = (4 * narrow - wide) / 3
            high = bends > UNUSUAL * DOUBLE * np.abs(self.y)
            for before, smaller, less in seen:
                off = np.abs(moves - smaller * 2.0 ** (e - before))
                most[high & (off > STAIRS * off_line) & (STAIRS * less <= bends)] = before
            seen.append((e, moves, bends))
        return most

    def _fewest(self, steps: set[int], grain: float) -> np.ndarray:
        """The same in single precision, by single steps: a few samples may be small by chance, and show
        nothing unless they are as small as a kink makes them."""
        least, share, before = np.full(self.y.shape, np.inf), math.inf, 0
        for e in sorted(steps, reverse=True):
            found, count = self.deviation(e, grain)
            few = (count > 0) & (found <= 2 * least * 2.0 ** (e - before))
            few &= (found > 0) | (self.y == 0)
            good = (count >= ENOUGH) | few
            least = np.where(good, np.fmin(least, found), least)
            before = e
            share = min(share, self._share(found, good))
        lent = _finite(share) * np.abs(self.y)
        return np.asarray(np.fmax(np.where(np.isfinite(least), least, 0), lent))

    def _share(self, noise: np.ndarray, known: np.ndarray) -> float:
        """The noise of the usual output as a part of it, so far as it is known; kinks are rarer."""
        known = known & (self.y != 0)
        if not known.any():
            return math.inf
        part = np.sort(noise[known] / np.abs(self.y[known]))
        return 1.5 * float(part[(part.size - 1) // 2])

    def deviation(self, e: int, grain: float | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Each output's deviation at a step, and how many of the shifts reach it.

        In single precision an output that stays where it is shows no noise, nor that there is none: it may
        just not have reached its next number. Nor do fourth differences that are all 0: what is rounded
        alike on both sides cancels there, and shows in third ones.
        """
        fourth, third = np.zeros(self.y.shape), np.zeros(self.y.shape)
        count = np.zeros(self.y.shape)
        for track in self._tracks.values():
            if e in track.looks:
                bends = bent(track.looks[e] - self.y)
                reached = track.reached & np.isfinite(bends)
                if grain is not None:
                    reached &= (track.looks[e] != self.y).any(axis=0) | (self.y == 0)
                    twist = track.looks[e].T @ TWIST
                    third[reached] = np.hypot(third[reached], twist[reached] / OF_TWIST)
                fourth[reached] = np.hypot(fourth[reached], bends[reached] / OF_BEND)
                count += reached
        return np.where(fourth, fourth, third) / np.sqrt(np.maximum(count, 1)), count


def bent(rows: np.ndarray) -> np.ndarray:
    """The fourth difference of the moves at `POINTS`."""
    return np.asarray(rows[0] + rows[1] - 4 * (rows[2] + rows[3]))


def _finite(x: float) -> float:
    return x if math.isfinite(x) else 0.0
