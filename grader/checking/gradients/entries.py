"""One entry after another: which of them are wrong, and whether the others have been seen to be right."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from grader.checking.gradients.compare import DOUBLE, SINGLE, precision
from grader.checking.gradients.slopes import NEAREST, SINGLE_START, START, Scope, Slope, length, rms
from grader.checking.gradients.tracks import Track, sizes, unit

PORTION = 64  # entries that are tried together
CONFIRMED = 8  # wrong ones among them that are looked at closer
NEAR = 2  # of these that are looked at from near
ROUNDS = 5  # steps that are tried for an entry
AROUND = np.linspace(0.8, 1.2, 32)  # of a window, which is taken so often to average the rounding
AVERAGED = 2  # entries at most
NEARLY = 5.0  # times too large a tolerance, which that may mend
WINDOWS = (-1, -3, -5, -7)  # exponents of windows, in the array's largest entries
SHARP = 0.02  # the tolerance of an entry that says something, in its own size or that of its group
ROUNDINGS = 16  # that a gradient in single precision may be off by
OF_OTHERS = (
    4  # and that it may have of the others' size: what cancels in it is not seen from outside
)
SMALL = 0.002  # the tolerance of an entry in single precision, in a typical entry of all
BLUNT = 0.1  # and then in its own size or that of its group
TINY = 1e-4  # and where a step of a hundredth moves nothing, or one of the others' size hardly anything
NEGLIGIBLE = 1e-9  # and of what outputs may hide in their last digits
AT_PLACE = -40  # the exponent of a step that only a kink at the very place bends
TOGETHER = 0.004  # the tolerance of all of them together, in their sum


class Entries:
    """The slopes by single entries of an array, against a gradient.

    They are tried in portions, of which the `first` may be smaller, in random order, until a portion holds
    a wrong one.

    Attributes:
        numeric: the slopes, NaN where none was measured.
        wrong: which of them disagree.
        clear: whether each entry was tried, and its tolerance small enough.
        tolerance, size: of what was not clear, the largest tolerance, and what it should be beside.
        step: the smallest step that a slope was believed at.
    """

    def __init__(
        self,
        scope: Scope,
        index: int,
        gradient: np.ndarray,
        d: np.ndarray,
        rng: np.random.Generator,
        first: int = PORTION,
    ) -> None:
        self._scope, self._index, self._d = scope, index, d
        self._every = first == PORTION  # else one wrong entry is enough
        self._gradient = gradient.ravel()
        leaf = scope.probe.leaves[index]
        size, group = sizes(leaf)
        self._size, self._group = size.ravel(), group.ravel()
        self._grain = self._roundings_of_others()
        self._tracks: dict[int, Track] = {}
        self._slopes: dict[int, Slope] = {}  # of all tracks, until there are new looks
        self._near: dict[int, Slope] = {}  # of those between two kinks
        self._sizes: dict[int, float] = {}  # of what is measured, by group; that of all at -1
        self._excused: dict[int, int] = {}  # the exponent at which a kink shows
        numeric = np.full(gradient.size, np.nan)
        wrong = np.zeros(gradient.size, bool)
        self.clear, self.tolerance, self.size, self.step = True, 0.0, 0.0, 0.0
        order = self._places(rng)
        ends = [0, *range(first, order.size, PORTION), order.size]
        for start, end in itertools.pairwise(ends):
            self._portion(np.sort(order[start:end]), numeric, wrong)
            if wrong.any():
                break
        if self._excused and not wrong.any() and not self._together():
            wrong[sorted(self._excused)] = True
        if self.clear and not wrong.any():
            self.clear = self._all_in_all()
            for p in self._tracks:  # some have been looked at closer
                numeric[p] = self._value(p)
                wrong[p] = p not in self._excused and self._off(p)
        self.numeric = scope.probe.mirror(index, self._spread(numeric).reshape(gradient.shape))
        self.wrong = self._spread(wrong).reshape(gradient.shape)

    def _roundings_of_others(self) -> np.ndarray:
        """For each entry what single precision may have cost it where larger terms cancel, as they do in
        softmax(logits) - p: seen by the largest term of its group."""
        terms = np.abs(self._gradient * self._size)
        if precision(self._gradient) != SINGLE:
            return np.zeros(terms.shape)
        largest = np.zeros(int(self._group.max(initial=0)) + 1)
        np.maximum.at(largest, self._group, terms)
        return np.asarray(OF_OTHERS * SINGLE * largest[self._group])

    def _all_in_all(self) -> bool:
        """Whether it would have been seen if all of them were off together by a little."""
        tried = [p for p in self._tracks if p not in self._excused]
        terms = np.array([self._term(p) for p in tried])
        if not terms.any():
            return True
        for _ in range(ROUNDS):
            if self._fit_together(tried, terms):
                return True
            if not self._closer(tried):
                break
        for e in WINDOWS if self._scope.grain else ():
            self._fit(sorted(tried, key=lambda p: -self._slope(p).tolerance)[:CONFIRMED], e)
            if self._fit_together(tried, terms):
                return True
        return False

    def _fit_together(self, tried: list[int], terms: np.ndarray) -> bool:
        slopes = [self._slope(p) for p in tried]
        tolerance = length(np.array([s.tolerance for s in slopes]))
        tolerance += ROUNDINGS * SINGLE * length(np.array([s.terms for s in slopes]))
        tolerance += length(self._grain[tried])
        gap = float(np.sum((np.array([s.value for s in slopes]) - terms) * np.sign(terms)))
        if abs(gap) <= tolerance <= TOGETHER * float(np.abs(terms).sum()):
            return True
        self.tolerance, self.size = tolerance, float(np.abs(terms).sum())
        return False

    def _closer(self, tried: list[int]) -> bool:
        """Look closer at the entries that are least known; whether there was a step left to try."""
        worst = max(self._slope(p).tolerance for p in tried)
        blunt = [p for p in tried if self._slope(p).tolerance > worst / 4]
        steps = {p: self._scope.better(self._tracks[p], self._d, between=True) for p in blunt}
        wanted = {p: e for p, e in steps.items() if e is not None}
        if wanted:
            self._look(wanted)
        return bool(wanted)

    def _places(self, rng: np.random.Generator) -> np.ndarray:
        """The entries to try, in random order; of two mirrored ones the upper."""
        leaf = self._scope.probe.leaves[self._index]
        order = rng.permutation(leaf.size)
        if not self._scope.probe.symmetric[self._index]:
            return order
        rows, columns = np.unravel_index(order, leaf.shape)[-2:]
        return order[rows <= columns]

    def _spread(self, values: np.ndarray) -> np.ndarray:
        """The same values at the mirrored places."""
        if not self._scope.probe.symmetric[self._index]:
            return values
        square = values.reshape(self._scope.probe.leaves[self._index].shape)
        other = np.swapaxes(square, -1, -2)
        if values.dtype == bool:
            return (square | other).ravel()
        return np.where(np.isnan(square), other, square).ravel()

    def _portion(self, places: np.ndarray, numeric: np.ndarray, wrong: np.ndarray) -> None:
        start = START if self._scope.grain is None else SINGLE_START
        self._look({int(p): start for p in places})
        small = {int(p): self._tracks[int(p)].largest + start for p in places if self._group[p]}
        if small:  # what such an entry reaches shows at steps of the others' size only
            self._look(small)
        suspects = [int(p) for p in places if self._off(int(p))]
        worst = sorted(suspects, key=lambda p: -abs(self._value(p) - self._gradient[p]))
        unclear = [int(p) for p in places if not self._off(int(p)) and self._open(int(p))]
        # When the worst of them all are wrong, so are the others; else each is looked at closer.
        # A tolerance is honest, so one more look is enough for them.
        self._refine(unclear)
        self._widen(unclear)
        near = worst[:NEAR] if self._every else []
        most = 2 * len(worst) > len(places)
        self._refine(worst[len(near) * most : CONFIRMED], rounds=1, near=near)
        self._refine(self._beside_kinks(places))
        sample = worst[:CONFIRMED]
        if not all(self._off(p) and not self._kinked(p) for p in sample):
            self._refine(suspects, near=suspects)
            sample = suspects
        if sample and all(self._off(p) and not self._kinked(p) for p in sample):
            wrong[suspects] = True
        for p in map(int, places):
            slope = self._slope(p)
            numeric[p] = slope.value / self._size[p]
            self.step = min(self.step or math.inf, 2.0**slope.exponent * self._size[p])
            if self._off(p) and not wrong[p]:
                wrong[p] = not self._kinked(p)
            if not wrong[p] and not self._sharp(p) and not self._kinked(p):
                self.clear = False
                known = (slope.tolerance + slope.hidden) / self._size[p]
                if known >= self.tolerance:
                    self.tolerance = known
                    self.size = self._typical(p) / self._size[p]

    def _look(self, steps: dict[int, int], near: Sequence[int] = ()) -> None:
        """Look along entries with these steps, and some from `near`. Slopes are by the entry's size, as shifts are."""
        leaf = self._scope.probe.leaves[self._index]
        wanted = [(self._tracks[p], NEAREST) for p in near]
        for p, e in steps.items():
            if p not in self._tracks:
                shift = self._scope.probe.mirror(self._index, unit(leaf, p, self._size[p]))
                largest = int(math.log2(np.max(self._size) / self._size[p]))
                self._tracks[p] = Track(self._index, shift, largest)
            wanted.append((self._tracks[p], e))
        self._scope.look(wanted)
        self._slopes = {p: self._scope.slope(t, self._d) for p, t in self._tracks.items()}
        self._slopes |= self._near
        known = [p for p, slope in self._slopes.items() if math.isfinite(slope.tolerance)]
        sizes = np.array([self._own(p) for p in known])
        self._sizes = {-1: rms(sizes / self._size[known]) if known else 0.0}
        for number in set(self._group[known].tolist()):
            self._sizes[number] = rms(sizes[self._group[known] == number])

    def _refine(self, places: list[int], rounds: int = ROUNDS, near: Sequence[int] = ()) -> None:
        """Look closer at entries that are off or unclear, each at the steps that may show it better; some of
        them from so near that kinks on both sides lie farther away."""
        near = [p for p in near if self._scope.grain is None and self._off(p)]
        for _ in range(rounds):
            steps = {}
            for p in places:
                if (self._off(p) or self._open(p)) and not self._kinked(p):
                    e = self._scope.better(self._tracks[p], self._d, between=True)
                    if e is not None:
                        steps[p] = e
            if not steps and not near:
                return
            self._look(steps, near)
            self._between_kinks(near)
            near = []

    def _between_kinks(self, places: Sequence[int]) -> None:
        """Note the slopes between kinks on both sides, where they are what is claimed. A step on one of the
        stairs shows that as well, so it may only make the entry unclear."""
        for p in places:
            near = self._scope.nearest(self._tracks[p], self._d)
            if near and abs(near.value - self._term(p)) <= min(
                near.tolerance, SHARP * self._own(p)
            ):
                self._near[p] = self._slopes[p] = near

    def _widen(self, places: list[int]) -> None:
        """Look along a few entries that single precision hides with windows of many steps, and where little
        is missing then, with many windows around the best of them."""
        left = [p for p in places if not self._sharp(p)]
        if self._scope.grain is None or len(left) > CONFIRMED:
            return
        for e in WINDOWS:
            self._fit(left, e)
            left = [p for p in left if not self._sharp(p) and not self._wider(p, e)]
        left = [p for p in places if not self._sharp(p)]
        if len(left) <= AVERAGED and all(self._nearly(p) for p in left):
            self._scope.fit([(self._tracks[p], self._slope(p).exponent) for p in left], AROUND)
            self._look({})

    def _wider(self, p: int, e: int) -> bool:
        """Whether a wider window or step shows entry p better, so that a smaller one is of no use."""
        return self._slope(p).exponent > self._tracks[p].largest + e

    def _nearly(self, p: int) -> bool:
        """Whether a window shows entry p, and little is missing."""
        seen = self._slope(p).exponent in self._tracks[p].windows
        return seen and self._slope(p).tolerance <= NEARLY * self._limit(p)

    def _fit(self, places: list[int], e: int) -> None:
        """Look along a few entries with a window."""
        tracks = [self._tracks[p] for p in places]
        self._scope.fit([(track, track.largest + e) for track in tracks])
        self._look({})

    def _slope(self, p: int) -> Slope:
        """The slope along entry p's shift."""
        return self._slopes[p]

    def _value(self, p: int) -> float:
        return self._slope(p).value / float(self._size[p])

    def _term(self, p: int) -> float:
        """What the gradient says of the same shift."""
        return float(self._gradient[p]) * float(self._size[p])

    def _off(self, p: int) -> bool:
        slope, term = self._slope(p), self._term(p)
        if not math.isfinite(slope.tolerance):
            return False
        return self._gap(p) > (slope.hidden if term else 0.0)

    def _gap(self, p: int) -> float:
        """By how much the gradient at entry p is off the slope beyond its tolerance."""
        slope, term = self._slope(p), self._term(p)
        rounded = ROUNDINGS * SINGLE * (slope.terms + abs(term))  # of the gradient, not the slope
        return abs(slope.value - term) - (slope.tolerance + rounded + float(self._grain[p]))

    def _own(self, p: int) -> float:
        """The largest slope that is seen or claimed along entry p's shift."""
        steepest = self._scope.steepest(self._tracks[p], self._d)
        return max(abs(self._slope(p).value), abs(self._term(p)), steepest)

    def _typical(self, p: int) -> float:
        """The size of what is measured around entry p: its own, or that of its group."""
        slope = self._slope(p)
        if not math.isfinite(slope.tolerance):
            return 0.0
        own = self._own(p)
        if self._scope.unmoved(
            self._tracks[p]
        ):  # nor does a step of the others' size move anything
            return max(own, float(self._size[p]) * self._sizes[-1])
        rounding = 64 * DOUBLE * length(self._d * self._scope.y)
        if self._scope.grain is None and not self._gradient[p] and own > rounding:
            return own  # what is said to be nothing must be nothing beside all that moves there
        return max(own, self._sizes.get(int(self._group[p]), 0.0))

    def _sharp(self, p: int) -> bool:
        slope = self._slope(p)
        if not self._off(p) and self._gap(p) > 0:  # what is hidden may explain it
            others = self._sizes.get(-1, 0.0) * float(self._size[p])
            return slope.tolerance + slope.hidden <= NEGLIGIBLE * others
        return slope.tolerance <= self._limit(p)

    def _open(self, p: int) -> bool:
        """Whether a closer look may tell more of entry p: it is unclear, or is said to be nothing where
        something shows."""
        slope = self._slope(p)
        shows = not self._gradient[p] and abs(slope.value) > slope.tolerance / 2
        return shows or not self._sharp(p)

    def _limit(self, p: int) -> float:
        """The largest tolerance with which the slope along entry p says something."""
        typical, others = self._typical(p), self._sizes.get(-1, 0.0) * float(self._size[p])
        track, flat = self._tracks[p], self._scope.flat(self._tracks[p])
        if self._scope.grain is None:
            return math.inf if flat else SHARP * typical
        least = min(BLUNT * typical, SMALL * others)
        nothing = TINY * others if flat or self._scope.still(track) else 0.0
        return max(SHARP * typical, least, nothing)

    def _kinked(self, p: int) -> bool:
        """Whether the forward has a kink at entry p, and the gradient lies between the two slopes."""
        sides = self._scope.sides(self._tracks[p], self._d)
        if sides is None or not sides[0] <= self._term(p) <= sides[1]:
            return False
        self._excused[p] = sides[2]
        return True

    def _beside_kinks(self, places: np.ndarray) -> list[int]:
        """Look at what a kink excuses with a step so small that it must be at the very place; those that
        lie beside it."""
        kinked = [p for p in map(int, places) if self._kinked(p)]
        self._look(dict.fromkeys(kinked, AT_PLACE))
        for p in kinked:
            self._excused.pop(p, None)
        return [p for p in kinked if not self._kinked(p)]

    def _together(self) -> bool:
        """Whether what kinks excuse one by one is possible at once.

        A direction that is a function of the values moves tied entries alike: along it a maximum has
        one slope only, whoever of the tied ones is given the gradient, but not if each of them is.
        """
        leaf = self._scope.probe.leaves[self._index]
        waves = (np.ones(leaf.shape), np.cos(7 * leaf + 1), np.sin(5 * leaf + 2))
        e = max(self._excused.values())
        tracks = [Track(self._index, self._scope.probe.mirror(self._index, w)) for w in waves]
        self._scope.look([(track, e) for track in tracks])
        noise = self._scope.noise()
        for track in tracks:
            h, rows = 2.0**e, track.looks[e] - self._scope.y
            ahead, behind = rows[0] * self._d / h, -rows[1] * self._d / h
            low, high = np.minimum(ahead, behind).sum(), np.maximum(ahead, behind).sum()
            along = float(np.sum(self._gradient * track.shift.ravel()))
            blur = 6 * length(self._d * noise) / h
            room = 1e-3 * max(abs(low), abs(high)) + blur
            if not low - room <= along <= high + room:
                return False
        return True
