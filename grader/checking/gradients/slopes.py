"""Slopes of a forward pass along one shift: how they are measured, and how far each may be off.

A shift is looked at with a step of 2^e: the outputs at ±1 and ±1/2 of it. Two central differences give
Richardson's value. Its tolerance is built from what these four points say of themselves, so it is
honest wherever they lie:

* how much the two differences differ (curvature; a kink between the two steps);
* the fourth difference over the step (a kink within both steps; rounding that is not smooth);
* the outputs' own noise, which fourth differences along all shifts measure, over the step.

Neither alone is enough: beside a kink at a third of the step the fourth difference vanishes, at half of
it the first does. Together they are never smaller than the error that one kink makes (its slopes s and
s + J at a distance r·h: the error is |1/2 - 7r/6| J, the tolerance at least (r/2 + |1 - 3r|) J for
r < 1/2). Of several steps the one with the smallest tolerance counts; so a kink is invisible as soon as
a step is smaller than its distance, and a wrong slope stays wrong at every step.

The steps shrink or grow towards where rounding and curvature weigh the same. Where that is not enough in
single precision, a polynomial is fitted to many steps (`windows.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np

from grader.checking.gradients import windows
from grader.checking.gradients.compare import DOUBLE, HALF, SINGLE
from grader.checking.gradients.probe import Probe

START = -13  # in double precision rounding is 1e-12 of a slope there, and curvature 1e-9
SINGLE_START = -5
SMALLEST, LARGEST = -44, 0
FLAT = -7
POINTS = (1.0, -1.0, 0.5, -0.5)
TWIST = np.array([1.0, -1.0, -2.0, 2.0])  # of what is looked at, the third difference
MANY = 32  # roundings that an output must move by, so that these are independent in a window
FEW = 8  # roundings that show nothing
ONCE = np.ones(1)

# Standard deviations, in those of one output over the step: of Richardson's value; of the difference
# of the two central differences; of the fourth difference, and the third.
OF_VALUE, OF_TRUNCATION, OF_BEND, OF_TWIST = 1.9, 1.6, 8.4, 3.2
SAFE = 6 * OF_VALUE
ENOUGH = 3  # samples of an output's noise at one step, before they are believed
ROUNDED = 2.0**-10  # noise above this part of the outputs is more than any arithmetic makes
LEAST_HALF = 2.0**-14  # below it float16 has equal steps, which no small shift climbs
TINY = 2.0**-40  # noise below this part of the arguments is rounding, however small the outputs are


@dataclass(frozen=True)
class Slope:
    """The slope along a shift, as the best of its steps shows it.

    Attributes:
        value: the slope of sum(out * dout).
        tolerance: how far it may be off.
        noise, curvature: what of the tolerance would shrink with a larger and with a smaller step.
        terms: the absolute slopes of sum(out * dout) that this is the sum of.
        exponent: the step is 2 to this power, times the shift.
        hidden: what outputs that nothing moves may yet hide in their last digits, and is not in `tolerance`.
    """

    value: float
    tolerance: float
    noise: float
    curvature: float
    terms: float
    exponent: int
    hidden: float = 0.0


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
    """

    def __init__(self, index: int, shift: np.ndarray, largest: int = LARGEST) -> None:
        self.index, self.shift, self.largest = index, shift, largest
        self.looks: dict[int, np.ndarray] = {}
        self.windows: dict[int, Window] = {}


class Scope:
    """Where slopes are looked at: a forward pass around its arguments.

    Attributes:
        y: the outputs there, flat.
        grain: the unit roundoff of the numbers that the outputs are, or None if they are double.
    """

    def __init__(self, probe: Probe, out: np.ndarray) -> None:
        self.probe = probe
        self.y = out.ravel()
        self.grain: float | None = None
        self._tracks: dict[int, Track] = {}
        self._noise: dict[int | None, np.ndarray] = {}
        # What was computed since the last look, by the track's number.
        self._reached: dict[int, np.ndarray] = {}
        self._slopes: dict[int, tuple[np.ndarray, float | None, Slope]] = {}

    def look(self, wanted: Sequence[tuple[Track, int]]) -> None:
        """Look along each track with its step, all in one message."""
        wanted = [(track, e) for track, e in wanted if e not in track.looks]
        shifts = [(track.index, track.shift * (k * 2.0**e)) for track, e in wanted for k in POINTS]
        rows = self.probe.moved(shifts)
        for n, (track, e) in enumerate(wanted):
            self.add(track, e, rows[4 * n : 4 * n + 4])

    def fit(self, wanted: Sequence[tuple[Track, int]], around: np.ndarray = ONCE) -> None:
        """Look along each track with the many steps of a window, and with windows `around` it: in the mean
        of what they show for one step, a polynomial stays one, and the rounding averages out."""
        wanted = [
            (t, e) for t, e in wanted if e not in t.windows or t.windows[e].times < around.size
        ]
        if not wanted:
            return
        points = np.multiply.outer(around, windows.POINTS)
        shifts = [(t.index, t.shift * (k * 2.0**e)) for t, e in wanted for k in points.ravel()]
        rows = self.probe.moved(shifts).reshape(len(wanted), *points.shape, -1)
        for (track, e), moved in zip(wanted, rows - self.y, strict=True):
            track.windows[e] = Window(np.mean(moved / around[:, None, None], axis=0), around.size)
        self._slopes.clear()

    def add(self, track: Track, e: int, rows: np.ndarray) -> None:
        """Note the outputs at `POINTS` along a track, got in another way."""
        track.looks[e] = rows
        self._tracks[id(track)] = track
        self._noise.clear()
        self._reached.pop(id(track), None)
        self._slopes.clear()

    # Noise

    def noise(self, most: int | None = None) -> np.ndarray:
        """The standard deviation of each output's rounding errors: (M,); as steps of exponent `most` and
        smaller ones show it.

        Noise is what does not shrink with the step, so the smallest over the steps counts; a single
        output has few samples, so those of ordinary size lend each other theirs.
        """
        if most not in self._noise:
            least, share = np.full(self.y.shape, np.inf), np.inf
            size, before = np.abs(self.y), 0
            steps = {e for track in self._tracks.values() for e in track.looks}
            for e in sorted((e for e in steps if most is None or e <= most), reverse=True):
                found, count = self._deviation(e)
                # A few samples may be small by chance, and nothing in single precision, unless they are as
                # small as a kink makes them.
                few = (count > 0) & (found <= 2 * least * 2.0 ** (e - before))
                if self.grain is not None:
                    few &= (found > 0) | (self.y == 0)
                good = (count >= ENOUGH) | few
                least = np.where(good, np.fmin(least, found), least)
                before = e
                known = (size > 0) & good
                if known.any():
                    part = np.sort(found[known] / size[known])
                    share = min(share, 1.5 * float(part[(part.size - 1) // 2]))  # kinks are rarer
            least[~np.isfinite(least)] = 0.0
            unit = max(DOUBLE, (self.grain or 0.0) / 2, share if np.isfinite(share) else 0.0)
            self._noise[most] = np.maximum(least, unit * size)
        return self._noise[most]

    def _bend(self, track: Track, e: int) -> np.ndarray:
        """Each output's fourth difference along a track."""
        rows = track.looks[e] - self.y
        return np.asarray(rows[0] + rows[1] - 4 * (rows[2] + rows[3]))

    def _deviation(self, e: int) -> tuple[np.ndarray, np.ndarray]:
        """Each output's deviation at a step, and how many of the shifts reach it.

        In single precision an output that stays where it is shows no noise, nor that there is none: it may
        just not have reached its next number. Nor do fourth differences that are all 0: what is rounded
        alike on both sides cancels there, and shows in third ones.
        """
        fourth, third = np.zeros(self.y.shape), np.zeros(self.y.shape)
        count = np.zeros(self.y.shape)
        for track in self._tracks.values():
            if e in track.looks:
                bend = self._bend(track, e)
                reached = self.reached(track) & np.isfinite(bend)
                if self.grain is not None:
                    reached &= (track.looks[e] != self.y).any(axis=0) | (self.y == 0)
                    twist = track.looks[e].T @ TWIST
                    third[reached] = np.hypot(third[reached], twist[reached] / OF_TWIST)
                fourth[reached] = np.hypot(fourth[reached], bend[reached] / OF_BEND)
                count += reached
        return np.where(fourth, fourth, third) / np.sqrt(np.maximum(count, 1)), count

    def roughness(self) -> float:
        """The noise as a part of the outputs, 0 where it is rounding in any case."""
        size = max((float(np.max(np.abs(x), initial=0.0)) for x in self.probe.leaves), default=0.0)
        usual = np.abs(self.y) >= (_median(np.abs(self.y)) if self.y.size else 0.0)
        noise = self.noise()
        if not self.y.size or float(np.max(noise)) <= TINY * size:
            return 0.0
        top = rms(self.y[usual])
        return rms(noise[usual]) / top if top else 0.0

    def resolution(self, tracks: Sequence[Track]) -> float | None:
        """The unit roundoff of the numbers that came back along the tracks; None if it does not show yet:
        if nothing moved, unless these are outputs that only float16 leaves standing."""
        parts = [look[look != self.y] for track in tracks for look in track.looks.values()]
        values = np.concatenate([np.zeros(0), *parts])
        values = values[np.isfinite(values)]
        if not values.size:
            size = float(np.max(np.abs(self.y), initial=0.0))
            stairs = 0 < size < LEAST_HALF and np.array_equal(self.y, self.y.astype(np.float16))
            return HALF if stairs else None
        with np.errstate(over="ignore"):
            if np.array_equal(values, values.astype(np.float16)):
                # Beside 0 small differences in float32 look like it, too; a larger step tells.
                small = all(max(track.looks) < SINGLE_START for track in tracks)
                return None if small and not self.y.any() else HALF
            return SINGLE if np.array_equal(values, values.astype(np.float32)) else DOUBLE

    def stuck(self, tracks: Sequence[Track], e: int) -> np.ndarray:
        """Which outputs that are not 0 no track has moved with this step."""
        still: np.ndarray = self.y != 0
        for track in tracks:
            still &= (track.looks[e] == self.y).all(axis=0)
        return still

    # Slopes

    def reached(self, track: Track) -> np.ndarray:
        """Which outputs some step along a track has moved: the others do not depend on it."""
        if id(track) not in self._reached:
            moved = np.zeros(self.y.shape, bool)
            for look in track.looks.values():
                moved |= (look != self.y).any(axis=0)
            self._reached[id(track)] = moved
        return self._reached[id(track)]

    def unmoved(self, track: Track) -> bool:
        """Whether no step along a track has moved anything."""
        return all(bool((look == self.y).all()) for look in track.looks.values())

    def flat(self, track: Track) -> bool:
        """Whether a step of a hundredth along a track has moved nothing at all."""
        least = max(track.largest - LEVEL, 0) + FLAT
        looks = [look for e, look in track.looks.items() if e >= least]
        return any(bool((look == self.y).all()) for look in looks)

    def still(self, track: Track) -> bool:
        """Whether a step about as large as the array's largest entries moves outputs by no more than a few
        roundings."""
        few = FEW * np.maximum(self.noise(), (self.grain or DOUBLE) * np.abs(self.y))
        far = [look for e, look in track.looks.items() if e >= track.largest - LEVEL]
        return any(bool((np.abs(look - self.y) <= few).all()) for look in far)

    def slope(self, track: Track, d: np.ndarray) -> Slope:
        """The slope along a track, by the step that shows it best."""
        of, grain, slope = self._slopes.get(id(track), (None, None, None))
        if slope is None or of is not d or grain != self.grain:
            slope = self._slope(track, d)
            self._slopes[id(track)] = d, self.grain, slope
        return slope

    def _slope(self, track: Track, d: np.ndarray) -> Slope:
        e = max(track.looks)  # what no step moves is known as far as its last digits show
        unit = max(DOUBLE, self.grain or 0.0)
        if self.unmoved(track):
            hidden = SAFE * unit * length(d * self.y) / 2.0**e
            return Slope(0.0, hidden, hidden, 0.0, 0.0, e)
        hidden = unit * length(d * self.y * ~self.reached(track)) / 2.0**e
        beyond = 0.0
        if track.largest > LEVEL and e >= track.largest + START:
            # A step of the size of larger entries would move most of what it can.
            hidden, beyond = 0.0, hidden
        seen = [self._seen(track, e, look, d, hidden) for e, look in track.looks.items()]
        seen += [self._fitted(track, e, 0, d, hidden) for e in track.windows]
        sides = [self._fitted(track, e, side, d, hidden) for e in track.windows for side in (1, 2)]
        beside = [s for s in sides if all(_agree(s, other) for other in seen)]
        if all(_agree(s, other) for s, other in combinations(beside, 2)):
            seen += beside
        return replace(min(seen, key=lambda s: s.tolerance), hidden=beyond)

    def _fitted(self, track: Track, e: int, side: int, d: np.ndarray, hidden: float) -> Slope:
        """The slope that a window shows, or one side of it."""
        h, window = 2.0**e, track.windows[e]
        rows, often = window.moves, 1.0 if side else math.sqrt(window.times)
        if not np.isfinite(rows[windows.SIDES[side]]).all():
            return Slope(math.nan, math.inf, 0.0, math.inf, 0.0, e)
        most = np.max(np.abs(rows[windows.SIDES[side]]), axis=0)
        reached = self.reached(track) * d
        unit = (self.grain or DOUBLE) * np.maximum(np.abs(self.y), most)
        value, tolerance = windows.fitted(
            rows @ d,
            side,
            rounding=length(reached * unit) / 2 / often,
            noise=length(reached * (self.noise() + unit)) / often,
            steady=length(reached * unit * (most < MANY * unit)),
        )
        tolerance = tolerance / h + hidden
        return Slope(value / h, tolerance, tolerance, 0.0, float(most @ np.abs(d)) / h, e)

    def _seen(self, track: Track, e: int, look: np.ndarray, d: np.ndarray, hidden: float) -> Slope:
        h, rows = 2.0**e, look - self.y
        if not np.isfinite(rows).all():
            return Slope(math.nan, math.inf, 0.0, math.inf, 0.0, e)
        a, b, c, f = (float(x) for x in rows @ d)
        wide, narrow = (a - b) / (2 * h), (c - f) / h
        truncation, bend = abs(narrow - wide), abs(a + b - 4 * (c + f)) / h
        unit = max(DOUBLE, self.grain or 0.0)  # of what a large step makes of the outputs, too
        noise = self.noise() + unit * np.max(np.abs(rows), axis=0)
        one = length(self.reached(track) * d * noise) / h
        steep = float(np.abs(rows[2] - rows[3]) @ np.abs(d)) / h
        rounding = (2.0**-50 + 2.0 ** (-51 - e)) * steep  # of the sums, and of x + shift
        curvature = max(0.0, truncation - 3 * OF_TRUNCATION * one)
        curvature += max(0.0, bend - 3 * OF_BEND * one)
        rounding += SAFE * one + hidden
        value = (4 * narrow - wide) / 3
        return Slope(value, truncation + bend + rounding, rounding, curvature, steep, e)

    def steepest(self, track: Track, d: np.ndarray) -> float:
        """The steepest slope at the first step and at smaller ones: beside a kink, that of its far side.
        What is flat here is flat beside that. Where half the first step moves nothing at all, the kink
        lies farther away."""
        first = track.largest + START
        if first in track.looks and (track.looks[first][2:] == self.y).all():
            first = track.largest + SINGLE_START
        looks = [(e, look) for e, look in track.looks.items() if e <= first]
        steep = (float(np.abs(look[2] - look[3]) @ np.abs(d)) / 2.0**e for e, look in looks)
        return max((s for s in steep if math.isfinite(s)), default=0.0)

    def better(self, track: Track, d: np.ndarray, *, between: bool = False) -> int | None:
        """The step to try next: where rounding and curvature would weigh the same; also `between` steps that
        were tried."""
        best = self.slope(track, d)
        if self.unmoved(track):  # perhaps a step as large as the array's largest entries moves it
            steps = (track.largest + e for e in (START, SINGLE_START))
            return next((e for e in steps if e not in track.looks and e > max(track.looks)), None)
        if not math.isfinite(best.tolerance):
            step = min(track.looks) - 5
        elif best.curvature == 0 == best.noise:
            return None
        elif self._unusual(track, d) and self._shrinks(track, d):
            step = min(track.looks) - 7  # perhaps a kink, which is no noise
        elif best.curvature == 0:
            step = best.exponent + 4
        elif best.noise == 0:
            step = best.exponent - 7
        else:
            step = best.exponent + round(math.log2(best.noise / best.curvature) / 3)
            if abs(step - best.exponent) < 2:
                step = best.exponent + (2 if best.noise > best.curvature else -2)
        step = max(SMALLEST, min(track.largest, max(best.exponent - 14, step)))
        while between and step in track.looks and step != best.exponent:  # too far: halfway, then
            step = best.exponent + int((step - best.exponent) / 2)
        return step if step not in track.looks else None

    def _unusual(self, track: Track, d: np.ndarray) -> bool:
        """Whether there is more noise along a track than the rounding of its outputs explains."""
        moved = self.reached(track)
        usual = max(DOUBLE, self.grain or 0.0) * self.y
        return length(d * moved * self.noise()) > 32 * length(d * moved * usual)

    def _shrinks(self, track: Track, d: np.ndarray) -> bool:
        """Whether what bends along a track may yet shrink with the step, as beside a kink; noise stays."""
        small, *larger = sorted(track.looks)
        if small >= START or not larger:
            return small >= START
        bends = [length(d * self._bend(track, e)) for e in (small, larger[0])]
        return bool(bends[0] <= bends[1] * 2.0 ** ((small - larger[0]) / 2))

    def sides(self, track: Track, d: np.ndarray) -> tuple[float, float, int] | None:
        """The lowest and highest slope that a kink at this very place allows, and the exponent of a step
        at which they show; None if there is none.

        Each output may take any slope between its two one-sided ones. These must be the same at three
        neighbouring steps at least, one of them far smaller than the others: a jump, noise and
        curvature are not. Nor is a kink that the smallest step does not see: it lies beside this place.
        """
        noise = self.noise()
        found: list[tuple[float, float, int]] = []
        for e in sorted(track.looks):
            h, rows = 2.0**e, track.looks[e] - self.y
            if not np.isfinite(rows).all():
                continue
            ahead, behind = rows[0] * d / h, -rows[1] * d / h
            near, rear = 2 * rows[2] * d / h, -2 * rows[3] * d / h
            low, high = np.minimum(ahead, behind).sum(), np.maximum(ahead, behind).sum()
            inner = np.minimum(near, rear).sum(), np.maximum(near, rear).sum()
            jump, steep = high - low, float(np.abs(ahead).sum() + np.abs(behind).sum())
            blur = 6 * length(d * noise * (rows != 0).any(axis=0)) / h
            close = 0.01 * jump + blur
            if not found and steep > 20 * blur and jump <= 20 * blur:
                return None
            if jump > 20 * blur and max(abs(inner[0] - low), abs(inner[1] - high)) <= close:
                found.append((float(low) - 0.1 * blur, float(high) + 0.1 * blur, e))
        for (below, above, _), (low, high, e) in reversed([*pairwise(found)]):
            if max(abs(low - below), abs(high - above)) <= 0.02 * (high - low):
                room = 1e-3 * (high - low)
                return low - room, high + room, e
        return None


# Shifts ------------------------------------------------------------------------------------------

SIZES = np.arange(128, 385)
SPAN = 10  # octaves that entries of one group span at most
LEVEL = 3  # octaves below the group's largest entry, under which a shift does not shrink


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


def _agree(a: Slope, b: Slope) -> bool:
    """Whether two slopes may be the same; an unknown one may be any."""
    tolerance = a.tolerance + b.tolerance
    return math.isinf(tolerance) or abs(a.value - b.value) <= tolerance


def _median(x: np.ndarray) -> float:
    """The median; `np.median` loads `numpy.ma`, which takes longer than all slopes of a layer."""
    ordered = np.sort(x)
    return float(ordered[(x.size - 1) // 2] + ordered[x.size // 2]) / 2


def rms(x: np.ndarray) -> float:
    """The root of the mean square; 0 for an empty array."""
    top = float(np.max(np.abs(x), initial=0.0))
    return top * float(np.sqrt(np.mean(np.square(x / top)))) if top else 0.0


def length(x: np.ndarray) -> float:
    """The square root of the sum of squares, also of numbers whose squares are none."""
    return rms(x) * math.sqrt(x.size)
