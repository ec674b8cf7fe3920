"""Directions through whole arrays: a few slopes that say whether a gradient may be right at all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from grader.checking.gradients.compare import DOUBLE
from grader.checking.gradients.probe import Probe
from grader.checking.gradients.slopes import ROUNDED, SINGLE_START, START, Scope, length, rms
from grader.checking.gradients.tracks import Track, random_direction, sizes

GENERIC = math.pi / 3  # no short binary number: what is moved by it shows all digits that are kept
RANDOM = 2  # random directions through an array
ROUNDS = 4  # further steps that are tried
OF_ENTRY = 0.02  # the tolerance of a direction that shows one wrong entry, in typical entries
OF_ALL = 0.002  # and one that shows that all are off together, in all of them
SEEN = 5.0  # an entry smaller than so many tolerances has not been seen in a direction
STRAIGHT = 64  # roundings that outputs on a straight line may be off it by
FINE = 2.0**-30  # moves of an output below this part of it are rounding, not stairs
FOLLOWED = 8  # outputs that are followed to where they first move, at most
HALVINGS = 14  # of the way there
STEEPER = 8.0  # than on the whole way, and it is a jump
FLAT = (-1, 1)  # the exponents of steps at which a forward that does not care must not move

Judgement = Literal["right", "suspect", "unclear"]


@dataclass
class _Way:
    """A direction: the entries that it moves, and whether it goes along the gradient's own signs."""

    track: Track
    moves: np.ndarray
    aligned: bool


class Directions:
    """Directions through each array, and what the forward does along them.

    Some go along the signs of the gradient under test: where all of it is off by a factor, they show
    it best. Entries of very different size have directions of their own.
    """

    def __init__(
        self, scope: Scope, gradients: Sequence[np.ndarray], rng: np.random.Generator
    ) -> None:
        self._scope, self._rng = scope, rng
        self._ways: list[list[_Way]] = []
        for index, (leaf, gradient) in enumerate(zip(scope.probe.leaves, gradients, strict=True)):
            size, group = sizes(leaf)
            ways = []
            for number in range(int(group.max(initial=-1)) + 1):
                moves = group == number
                for k in range(1 + (RANDOM if number == 0 else 1)):
                    ways.append(self._way(index, size, moves, gradient, aligned=k == 0))
            self._ways.append(ways)
        self._ends: dict[int, np.ndarray] = {}  # the outputs one step ahead and behind

    @property
    def tracks(self) -> list[Track]:
        """All of them."""
        return [way.track for ways in self._ways for way in ways]

    def look(self, exponent: int) -> None:
        """Look along all of them with one more step."""
        self._scope.look([(track, exponent) for track in self.tracks])

    def _way(
        self,
        index: int,
        size: np.ndarray,
        moves: np.ndarray,
        gradient: np.ndarray,
        *,
        aligned: bool,
    ) -> _Way:
        direction = GENERIC * random_direction(self._rng, size.shape) * size * moves
        if aligned:
            direction = np.where(gradient != 0, np.abs(direction) * np.sign(gradient), direction)
        shift = self._scope.probe.mirror(index, direction)
        largest = int(math.log2(np.max(size) / np.max(size * moves))) if moves.any() else 0
        return _Way(Track(index, shift, largest), moves, aligned)

    # A forward that is straight around its arguments

    def straight(self, pairs: Sequence[tuple[np.ndarray, list[np.ndarray]]]) -> bool:
        """Whether along two directions through each group of entries the outputs are straight to their
        last digits, and all gradients are those slopes. If not, nothing is known."""
        tried = [way for ways in self._ways for k, way in enumerate(ways) if k % 3 != 2]
        h, y = 2.0**START, self._scope.y
        rows = self._scope.probe.moved(
            [(way.track.index, s * h * way.track.shift) for way in tried for s in (1, -1)]
        )
        self._ends = {id(way): rows[2 * n : 2 * n + 2] for n, way in enumerate(tried)}
        level = STRAIGHT * DOUBLE * np.maximum(np.abs(y), rms(y))
        for way in tried:
            ahead, behind = self._ends[id(way)]
            if not (np.abs(ahead + behind - 2 * y) <= level).all():
                return False
            moved = (ahead != y) | (behind != y)
            for dout, gradients in pairs:
                d = dout.ravel() * moved
                terms = np.abs(gradients[way.track.index] * way.track.shift)[way.moves]
                if not terms.any():  # whether zeros are right, larger steps tell
                    return False
                room = length(d * level) / h
                slope = float((ahead - behind) @ d) / (2 * h)
                sharp = OF_ALL * float(terms.sum()) if way.aligned else math.inf
                sharp = min(sharp, OF_ENTRY * rms(terms[terms > 0]))
                if not abs(slope - _along(way, gradients[way.track.index])) <= room <= sharp:
                    return False
                if SEEN * room > np.min(terms[terms > 0]):
                    return False
        return True

    def complete(self) -> None:
        """Look along all directions."""
        half = 2.0 ** (START - 1)
        some = [way for ways in self._ways for way in ways if id(way) in self._ends]
        rows = self._scope.probe.moved(
            [(way.track.index, s * half * way.track.shift) for way in some for s in (1, -1)]
        )
        for n, way in enumerate(some):
            ends = np.concatenate([self._ends[id(way)], rows[2 * n : 2 * n + 2]])
            self._scope.add(way.track, START, ends)
        self.look(START)
        small = [t for t in self.tracks if t.largest]
        self._scope.look([(t, t.largest + START) for t in small])  # shows what they reach

    # Coarse forwards

    def stuck(self) -> list[np.ndarray]:
        """For each array which outputs do not move at the first step, if these are many, or if no array moves
        one that is not saturated at 1."""
        still = [
            self._scope.stuck([w.track for w in ways], START)
            if ways
            else np.zeros(self._scope.y.shape, bool)
            for ways in self._ways
        ]
        alive = max(1, int((self._scope.y != 0).sum()))
        dead = np.logical_and.reduce(still) & (np.abs(np.abs(self._scope.y) - 1) > FINE)
        return still if dead.any() or any(s.sum() > 0.3 * alive for s in still) else []

    def stairs(self, stuck: list[np.ndarray]) -> bool:
        """Whether of what moves at a larger step at least half did not at the first, and jumps."""
        for still, ways in zip(stuck, self._ways, strict=False):
            moved = np.zeros(self._scope.y.shape, bool)
            for way in ways:
                for look in way.track.looks.values():
                    moved |= (np.abs(look - self._scope.y) > FINE * np.abs(self._scope.y)).any(
                        axis=0
                    )
            late = moved & still
            if moved.any() and late.sum() >= 0.5 * moved.sum() and self._jump_off(ways, late):
                return True
        return False

    def _jump_off(self, ways: Sequence[_Way], late: np.ndarray) -> bool:
        """Whether outputs that the first step leaves alone jump when they move at last, as on stairs; at a
        kink they do not. Each is followed to where it first moves; of many, it is taken for granted."""
        outputs = np.flatnonzero(late)
        if outputs.size > FOLLOWED:
            return True
        y = self._scope.y[outputs]
        whole = 2.0**SINGLE_START
        near, far = np.full(y.shape, 2.0**START), np.full(y.shape, whole)
        ends = np.stack([w.track.looks[SINGLE_START][k, outputs] for w in ways for k in (0, 1)])
        best = np.argmax(np.abs(ends - y), axis=0)
        total = moves = np.abs(ends - y).max(axis=0)
        for _ in range(HALVINGS):
            middle = (near + far) / 2
            shifts = [
                (ways[k // 2].track.index, s * (-1) ** (k % 2) * ways[k // 2].track.shift)
                for k, s in zip(best, middle, strict=True)
            ]
            rows = self._scope.probe.moved(shifts)
            there = np.abs(rows[np.arange(outputs.size), outputs] - y)
            moved = ~(there <= FINE * np.abs(y))
            moves = np.where(moved, there, moves)
            near, far = np.where(moved, near, middle), np.where(moved, middle, far)
        steep = total / np.maximum(whole - near, whole / 64)
        return not bool((moves <= STEEPER * steep * (far - near)).all())

    def jump(self) -> float:
        """The largest move along any of them, as a part of the outputs."""
        top = max(
            (float(np.nanmax(np.abs(look - self._scope.y))) for t in self.tracks for look in t.looks.values()),
            default=0.0,
        )  # fmt: skip
        return top / (rms(self._scope.y) or 1.0)

    # Judging

    def judge(self, index: int, gradient: np.ndarray, d: np.ndarray) -> Judgement:
        """What the directions through array `index` say of a gradient: `right` only where a wrong entry
        would have been seen."""
        ways = self._ways[index]
        if not gradient.any():
            return "right" if self._flat(index, gradient, d) else self._verdict(ways, gradient, d)
        verdict = self._verdict(ways, gradient, d)
        if verdict == "unclear" and self._flat(index, gradient, d):
            return "right"
        if verdict != "right":
            return verdict
        return self._unseen(index, ways, gradient, d)

    def _verdict(self, ways: Sequence[_Way], gradient: np.ndarray, d: np.ndarray) -> Judgement:
        for _ in range(ROUNDS):
            again = [way for way in ways if not self._fits(way, gradient, d)]
            steps = [(way.track, self._scope.better(way.track, d)) for way in again]
            wanted = [(track, e) for track, e in steps if e is not None]
            if not wanted:
                break
            self._scope.look(wanted)
        if any(self._disagrees(way, gradient, d) for way in ways):
            return "suspect"
        return "right" if all(self._fits(way, gradient, d) for way in ways) else "unclear"

    def _disagrees(self, way: _Way, gradient: np.ndarray, d: np.ndarray) -> bool:
        slope = self._scope.slope(way.track, d)
        return not abs(slope.value - _along(way, gradient)) <= slope.tolerance + _sum(way, gradient)

    def _fits(self, way: _Way, gradient: np.ndarray, d: np.ndarray) -> bool:
        """Whether the slope is that of the gradient, and known well enough to mean it."""
        slope = self._scope.slope(way.track, d)
        terms = np.abs(gradient * way.track.shift)[way.moves]
        terms = terms[terms > 0]
        sharp = OF_ENTRY * rms(terms)
        if way.aligned:
            sharp = min(sharp, OF_ALL * float(terms.sum()))
        return slope.tolerance <= sharp and not self._disagrees(way, gradient, d)

    def _unseen(
        self, index: int, ways: list[_Way], gradient: np.ndarray, d: np.ndarray
    ) -> Judgement:
        """Try entries by themselves that are too small to have been seen beside the others.

        Single precision may not show them so well as to call them right, but what is wrong there.
        """
        single = self._scope.grain is not None
        size, group = sizes(self._scope.probe.leaves[index])
        terms = np.abs(gradient) * size
        unseen = np.zeros(gradient.shape, bool)
        for number in range(int(group.max(initial=0)) + 1):
            some = [w for w in ways if w.moves[group == number].any()]
            known = min(self._scope.slope(w.track, d).tolerance for w in some)
            unseen |= (group == number) & (terms < SEEN * known)
        natural = 0.0 if single else 64 * DOUBLE * length(d * self._scope.y)
        for some in (unseen & (terms == 0), unseen & (terms > natural)):
            verdict = self._apart(index, size, some, gradient, d)
            if verdict == "suspect" or (verdict == "unclear" and not single):
                return verdict
        return "right"

    def _apart(
        self, index: int, size: np.ndarray, some: np.ndarray, gradient: np.ndarray, d: np.ndarray
    ) -> Judgement:
        """The verdict on some entries that are moved without the others."""
        if not some.any():
            return "right"
        way = self._way(index, size, some, gradient, aligned=True)
        self._scope.look([(way.track, START if self._scope.grain is None else SINGLE_START)])
        if not gradient[some].any() and self._scope.unmoved(way.track):
            return "right"
        return self._verdict([way], gradient, d)

    def _flat(self, index: int, gradient: np.ndarray, d: np.ndarray) -> bool:
        """Whether the forward does not depend on the array at all, and the gradient says so: along
        large steps no output moves by more than rounding, and the gradient is rounding, too."""
        size, _ = sizes(self._scope.probe.leaves[index])
        terms = length(d * self._scope.y)
        claim = float(np.max(np.abs(gradient * size), initial=0.0))
        noise = self._scope.noise(SINGLE_START)  # what large steps alone move is none
        if claim > max(64 * DOUBLE * terms, 6 * length(d * noise)):
            return False
        tracks = [way.track for way in self._ways[index][:2]]
        self._scope.look([(track, e) for track in tracks for e in FLAT])
        room = np.minimum(64 * noise, ROUNDED * rms(self._scope.y))  # a jump is no rounding
        moves = [np.abs(t.looks[e] - self._scope.y) for t in tracks for e in FLAT]
        return all(bool((rows <= room).all()) for rows in moves)


def _along(way: _Way, gradient: np.ndarray) -> float:
    return float(np.sum(gradient * way.track.shift))


def _sum(way: _Way, gradient: np.ndarray) -> float:
    """The rounding of that sum."""
    return 4 * DOUBLE * float(np.abs(gradient * way.track.shift).sum())


def promised(
    probe: Probe,
    out: np.ndarray,
    pairs: Sequence[tuple[np.ndarray, list[np.ndarray]]],
    rng: np.random.Generator,
) -> bool:
    """Whether a forward that is linear in each array shows, with one step along two directions through
    each, that the gradients are right. If not, nothing is known."""
    shifts: list[tuple[int, np.ndarray]] = []
    for index, (leaf, gradient) in enumerate(zip(probe.leaves, pairs[0][1], strict=True)):
        size, group = sizes(leaf)
        if group.any() or probe.symmetric[index]:
            return False
        random = [random_direction(rng, leaf.shape) * size for _ in range(2)]
        aligned = np.where(gradient != 0, np.abs(random[0]) * np.sign(gradient), random[0])
        shifts += [(index, aligned), (index, random[1])]
    rows = probe.moved(shifts) - out.ravel()
    for dout, gradients in pairs:
        d = dout.ravel()
        for (index, shift), row in zip(shifts, rows, strict=True):
            terms = np.abs(gradients[index] * shift)
            if not terms.size:
                continue
            level = float(np.max(np.abs(out.ravel() * d), where=row != 0, initial=0.0))
            spread = math.sqrt(int((row != 0).sum())) * level
            room = 64 * DOUBLE * (float(np.abs(row * d).sum()) + float(terms.sum()) + spread)
            off = abs(float(row @ d) - float(np.sum(gradients[index] * shift)))
            if not off <= room <= OF_ENTRY * rms(terms[terms > 0]):
                return False
    return True
