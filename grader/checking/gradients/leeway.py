"""How far rounding and kinks may take the gradients of a trusted pair, measured on the pair itself."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checking.gradients.compare import DOUBLE
from grader.checking.gradients.probe import Probe, flatten
from grader.checking.gradients.slopes import Scope, length
from grader.checking.gradients.tracks import Track, random_direction, sizes, unit

Function = Callable[..., Any]
Array = np.ndarray

JITTER = 2.0**-30  # relative, for what is kept between the passes
FINE_JITTER = 2.0**-42  # for what that moves far
LEAP = 2.0**-10  # of a gradient's largest entry: by so much it may be a jump
SHRUNK = JITTER / FINE_JITTER  # times less moves there what neither jumps nor did
CHANCE = 8.0  # times more or less is no more than chance in a few draws
DRAWS = 4
TINY_WAY = 2.0**-34  # relative; what bends over it is less than a rounding
JUMP = 2.0**20  # roundings of all that is large in a gradient: what is left by more is no rounding
SMALL_STEPS = (-22, -30)  # a kink that both see is at the very place


@dataclass(frozen=True)
class Leeway:
    """How far rounding and kinks may take the gradients at one place.

    Attributes:
        rough: for each `dout`, by how many unit roundoffs rounding in the pass may move each entry.
        hidden: for each `dout`, by how many unit roundoffs the trusted pass itself is seen to be off, by
            what cancels anywhere inside it: the output, and each gradient; NaN where nothing is known.
        sides: for each `dout` and array that has a kink here: what each entry may be, at least and at
            most, and `(direction, least, most)` for some directions; else None.
    """

    rough: list[list[Array]]
    hidden: list[list[Array]]
    sides: list[list[Sides | None]]


@dataclass(frozen=True)
class Sides:
    """What a gradient may be at a kink.

    Attributes:
        low, high: the least and largest that each entry may be; NaN where there is a jump.
        along: directions, in each of which the gradient must lie between two numbers.
    """

    low: Array
    high: Array
    along: list[tuple[Array, float, float]]

    def off(self, gradient: Array, wrong: Array) -> Array:
        """Which of the `wrong` entries a kink does not excuse."""
        bent = self.high - self.low > 1e-3 * np.maximum(np.abs(self.low), np.abs(self.high))
        room = 1e-3 * (self.high - self.low)
        excused = bent & (gradient >= self.low - room) & (gradient <= self.high + room)
        if not (wrong & excused).any() or not self.together(gradient):
            return wrong
        return np.asarray(wrong & ~excused)

    def together(self, gradient: Array) -> bool:
        """Whether all entries at once are possible: each alone may lie anywhere between its sides, but
        a gradient handed to every one of several tied maxima is too much along all-ones."""
        for direction, low, high in self.along:
            room = 1e-3 * max(abs(low), abs(high))
            if not low - room <= float(np.sum(gradient * direction)) <= high + room:
                return False
        return True


def measured(
    probe: Probe,
    backward: Function | None,
    out: Array,
    douts: list[Array],
    gradients: list[list[Array]],
    natural: list[list[float]],
    rng: np.random.Generator,
) -> Leeway:
    """What rounding and kinks may do to the `gradients` for these `douts`; without a backward, the forward
    gives them itself. `natural` is how large they are where nothing cancels."""
    rough = [
        _rough(probe, backward, dout, grads, rng)
        for dout, grads in zip(douts, gradients, strict=True)
    ]
    hidden = [
        _hidden(probe, backward, out, d, grads, terms, rng)
        for d, grads, terms in zip(douts, gradients, natural, strict=True)
    ]
    return Leeway(rough, hidden, _sides(Scope(probe, out), douts, rng))


def back(backward: Function, dout: Array, cache: Any) -> list[Array]:
    """The gradients for a `dout`, float64; the backward gets copies."""
    return [np.asarray(g, float) for g in flatten(backward(dout.copy(), copy.deepcopy(cache)))]


def _rough(
    probe: Probe,
    backward: Function | None,
    dout: Array,
    gradients: list[Array],
    rng: np.random.Generator,
) -> list[Array]:
    """By how many unit roundoffs each entry moves when what it is made of is rounded.

    What is kept between the passes and `dout` are changed by a little, entry by entry: so a difference
    of large numbers is known by their size. Where such a change makes a jump (a tie that is broken), as
    large as a smaller one makes, `dout` alone is changed, in which a backward pass is linear.
    """
    moves = _moved(probe, backward, dout, gradients, JITTER, rng)
    far = [m > LEAP * np.max(np.abs(g), initial=0.0) for m, g in zip(moves, gradients, strict=True)]
    if any(f.any() for f in far):
        finer = _moved(probe, backward, dout, gradients, FINE_JITTER, rng)
        jumps = [
            f & ((SHRUNK * few > CHANCE * many) | (CHANCE * SHRUNK * few < many))
            for f, few, many in zip(far, finer, moves, strict=True)
        ]
        moves = [np.where(jump, 0.0, m) for jump, m in zip(jumps, moves, strict=True)]
    if backward is not None:
        alone = _moved(probe, backward, dout, gradients, JITTER, rng, cached=False)
        moves = [np.fmax(m, more) for m, more in zip(moves, alone, strict=True)]
    return [m / JITTER for m in moves]


def _moved(
    probe: Probe,
    backward: Function | None,
    dout: Array,
    gradients: list[Array],
    jitter: float,
    rng: np.random.Generator,
    *,
    cached: bool = True,
) -> list[Array]:
    """How far each entry moves, in the mean, when `dout` is changed by a little, and what is `cached`, too;
    without a backward, the arguments."""
    squares = [np.zeros(g.shape) for g in gradients]
    for _ in range(DRAWS):
        changed = dout * (1 + jitter * rng.normal(size=dout.shape))
        if backward is None:
            leaves = [x * (1 + jitter * rng.normal(size=x.shape)) for x in probe.leaves]
            answers = flatten(list(probe.run([[*leaves]])[0][1:]))
        else:
            cache = copy.deepcopy(probe.run([probe.leaves])[0][1])
            answers = back(backward, changed, _jittered(cache, jitter, rng) if cached else cache)
        squares = [
            s + (np.asarray(a, float) - g) ** 2
            for s, a, g in zip(squares, answers, gradients, strict=True)
        ]
    return [np.sqrt(s / DRAWS) for s in squares]


def _hidden(
    probe: Probe,
    backward: Function | None,
    out: Array,
    dout: Array,
    gradients: list[Array],
    natural: list[float],
    rng: np.random.Generator,
) -> list[Array]:
    """The rounding of each entry of the output and the gradients in unit roundoffs, as the trusted pass
    shows it itself.

    Over a tiny way ahead and as far behind a gradient is straight: what is left of its second difference
    is the rounding of all that it was made of, also of what cancels; much more is a jump.
    """
    there = [out, *gradients]
    found = [np.zeros(g.shape) for g in there]
    for _ in range(DRAWS):
        ways = [TINY_WAY * rng.normal(size=x.shape) for x in [*probe.leaves, dout]]
        ends = []
        for sign in (1, -1):
            *leaves, d = (
                x * (1 + sign * w) for x, w in zip([*probe.leaves, dout], ways, strict=True)
            )
            y, *rest = probe.run([leaves])[0]
            grads = back(backward, d, rest[0]) if backward else flatten(rest)
            ends.append([probe.out(y), *grads])
        for seen, g, ahead, behind in zip(found, there, *ends, strict=False):
            left = np.abs((ahead - g) + (behind - g)) / (2 * DOUBLE)
            np.maximum(seen, left, out=seen)
    for seen, g, terms in zip(found, there, [length(out), *natural], strict=False):
        seen[seen > JUMP * max(terms, float(np.max(np.abs(g), initial=0.0)))] = 0.0
    return found


def _jittered(value: Any, by: float, rng: np.random.Generator) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value * (1 + by * rng.normal(size=value.shape))
    if isinstance(value, float):
        return value * (1 + by * float(rng.normal()))
    if type(value) in (list, tuple):
        return type(value)(_jittered(v, by, rng) for v in value)
    if type(value) is dict:
        return {k: _jittered(v, by, rng) for k, v in value.items()}
    return value


def _sides(scope: Scope, douts: list[Array], rng: np.random.Generator) -> list[list[Sides | None]]:
    """What the gradients may be where the forward has a kink at its very arguments."""
    leaves = scope.probe.leaves
    tracks = [
        Track(i, scope.probe.mirror(i, random_direction(rng, leaf.shape) * sizes(leaf)[0]))
        for i, leaf in enumerate(leaves)
    ]
    scope.look([(track, e) for track in tracks for e in SMALL_STEPS])
    found: list[list[Sides | None]] = [[None] * len(leaves) for _ in douts]
    for index, (leaf, track) in enumerate(zip(leaves, tracks, strict=True)):
        if not _bent(scope, track):
            continue
        size = sizes(leaf)[0].ravel()
        units = [Track(index, unit(leaf, p, size[p])) for p in range(leaf.size)]
        waves = (np.ones(leaf.shape), np.cos(7 * leaf + 1), np.sin(5 * leaf + 2))
        guards = [Track(index, v) for v in waves]
        scope.look([(t, e) for t in (*units, *guards) for e in SMALL_STEPS])
        for which, dout in enumerate(douts):
            d = dout.ravel()
            near, far = (np.array([_between(scope, t, d, e) for t in units]) for e in SMALL_STEPS)
            steady = np.abs(near - far).max(axis=1) <= 0.02 * np.ptp(far, axis=1)
            low, high = np.where(steady[:, None], far, np.nan).T / size
            along = [(t.shift, *_between(scope, t, d, SMALL_STEPS[-1])) for t in guards]
            found[which][index] = Sides(low.reshape(leaf.shape), high.reshape(leaf.shape), along)
    return found


def _bent(scope: Scope, track: Track) -> bool:
    """Whether an output has other slopes ahead and behind, at both small steps."""
    for e in SMALL_STEPS:
        rows = track.looks[e] - scope.y
        size = np.max(np.abs(rows), axis=0, initial=0.0)
        blur = 1e-3 * size + 64 * DOUBLE * np.abs(scope.y)
        if not (np.abs(rows[0] + rows[1]) > blur).any():
            return False
    return True


def _between(scope: Scope, track: Track, d: Array, e: int) -> tuple[float, float]:
    """The least and the largest slope, where each output may take either of its one-sided ones."""
    rows = (track.looks[e] - scope.y) * d / 2.0**e
    ahead, behind = rows[0], -rows[1]
    return float(np.minimum(ahead, behind).sum()), float(np.maximum(ahead, behind).sum())
