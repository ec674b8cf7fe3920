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

What a smaller step shows is no better where it lies within one of the stairs that rounding inside the
forward makes: there is no noise, and a slope of 0. Where a larger step climbs them, they are seen: it bends
by as much as they are high, and its slope is another. Where all larger steps are straight and a tiny one
shows another slope, that one counts: the place lies between two kinks.

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
from grader.checking.gradients.noise import OF_BEND, UNUSUAL, Noise, bent
from grader.checking.gradients.probe import Probe
from grader.checking.gradients.tracks import LEVEL, POINTS, Track, Window

START = -13  # in double precision rounding is 1e-12 of a slope there, and curvature 1e-9
SINGLE_START = -5
SMALLEST = -44
FLAT = -7
NEAREST = -38  # shows what lies between two kinks, so far as rounding leaves it
MANY = 32  # roundings that an output must move by, so that these are independent in a window
FEW = 8  # roundings that show nothing
ONCE = np.ones(1)

# Standard deviations, in those of one output over the step: of Richardson's value; of the difference
# of the two central differences.
OF_VALUE, OF_TRUNCATION = 1.9, 1.6
SAFE = 6 * OF_VALUE
CLIMBS = 6  # octaves above a step within a stair, and a step climbs it
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
        self._noise = Noise(self.y)
        # What was computed since the last look, by the track's number.
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
        track.add(e, rows, self.y)
        self._noise.add(track)
        self._slopes.clear()

    # Noise

    def noise(self, most: int | None = None) -> np.ndarray:
        """The standard deviation of each output's rounding errors: (M,); as steps of exponent `most` and
        smaller ones show it."""
        return self._noise.of(self.grain, most)

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

    def _noisy(self, track: Track) -> np.ndarray:
        """Which outputs make noise along a track: what it has moved, and the stairs that it may not have
        climbed yet."""
        if self.grain is not None:
            return track.reached
        last = min(max(track.looks) - track.largest, SINGLE_START)
        return track.reached | (self._noise.within_stairs() > last - CLIMBS)

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
        hidden = unit * length(d * self.y * ~track.reached) / 2.0**e
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

    def nearest(self, track: Track, d: np.ndarray) -> Slope | None:
        """The slope that the step `NEAREST` shows, if it is another than all larger ones show: that between two
        kinks on both sides of the place, or on one of the stairs that larger steps climb. Unless the first
        step is straight, nobody knows which, and the tolerance is infinite."""
        near = self._seen(track, NEAREST, track.looks[NEAREST], d, 0.0)
        if _agree(near, self.slope(track, d)):
            return None
        bends, _ = self._noise.deviation(START, self.grain)
        straight = (bends <= UNUSUAL * DOUBLE * np.abs(self.y)) | ~track.reached | (d == 0)
        return near if straight.all() else replace(near, tolerance=math.inf)

    def _fitted(self, track: Track, e: int, side: int, d: np.ndarray, hidden: float) -> Slope:
        """The slope that a window shows, or one side of it."""
        h, window = 2.0**e, track.windows[e]
        rows, often = window.moves, 1.0 if side else math.sqrt(window.times)
        if not np.isfinite(rows[windows.SIDES[side]]).all():
            return Slope(math.nan, math.inf, 0.0, math.inf, 0.0, e)
        most = np.max(np.abs(rows[windows.SIDES[side]]), axis=0)
        reached = track.reached * d
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
        one = length(self._noisy(track) * d * noise) / h
        steep = float(np.abs(rows[2] - rows[3]) @ np.abs(d)) / h
        rounding = (2.0**-50 + 2.0 ** (-51 - e)) * steep  # of the sums, and of x + shift
        curvature = max(0.0, truncation - 3 * OF_TRUNCATION * one)
        curvature += max(0.0, bend - 3 * OF_BEND * one)
        rounding += SAFE * one + hidden
        value = (4 * narrow - wide) / 3
        return Slope(value, truncation + bend + rounding, rounding, curvature, steep, e)

    def steepest(self, track: Track, d: np.ndarray) -> float:
        """The steepest slope at the first step and at smaller ones: beside a kink, that of its far side.
        What is flat here is flat beside that, and what noise makes steep is no slope. Where half the first
        step moves nothing at all, the kink lies farther away."""
        first = track.largest + START
        if first in track.looks and (track.looks[first][2:] == self.y).all():
            first = track.largest + SINGLE_START
        looks = [(e, look) for e, look in track.looks.items() if e <= first]
        noise = SAFE * self.noise()
        moves = ((e, np.abs(look[2] - look[3])) for e, look in looks)
        steep = (float((m * ~(m <= noise)) @ np.abs(d)) / 2.0**e for e, m in moves)
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
        elif self._may_climb(track, best.exponent):
            step = track.largest + SINGLE_START
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

    def _may_climb(self, track: Track, e: int) -> bool:
        """Whether this step leaves an output alone that it should move by what another one does, and no large
        step has shown yet whether these are stairs or a kink."""
        if self.grain is not None or max(track.looks) >= track.largest + SINGLE_START:
            return False
        still = (track.looks[e] == self.y).all(axis=0) & (self.y != 0)
        slopes = [np.abs(look - self.y).max(axis=0) / 2.0**k for k, look in track.looks.items()]
        steep = np.max(slopes, axis=0) * 2.0**e > FEW * DOUBLE * np.abs(self.y)
        return bool((still & steep).any())

    def _unusual(self, track: Track, d: np.ndarray) -> bool:
        """Whether there is more noise along a track than the rounding of its outputs explains."""
        moved = self._noisy(track)
        usual = max(DOUBLE, self.grain or 0.0) * self.y
        return length(d * moved * self.noise()) > UNUSUAL * length(d * moved * usual)

    def _shrinks(self, track: Track, d: np.ndarray) -> bool:
        """Whether what bends along a track may yet shrink with the step, as beside a kink; noise stays."""
        small, *larger = sorted(track.looks)
        if small >= START or not larger:
            return small >= START
        bends = [length(d * bent(track.looks[e] - self.y)) for e in (small, larger[0])]
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
