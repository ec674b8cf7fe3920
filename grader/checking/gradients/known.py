"""What a trusted pair says at one place: outputs, gradients, and how far rounding may take them.

Where the code under test gives the trusted outputs, its gradients are compared with the trusted ones,
and no slope is measured: no kink, no noise and no scale can make that wrong. What is known depends on the
arguments alone; it is computed once for all submissions, and recorded for a copy of the course that comes
without solutions.
"""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from grader.checking.gradients.compare import DOUBLE, HALF, SINGLE, close, half, precision
from grader.checking.gradients.inputs import turned, upstream
from grader.checking.gradients.leeway import Leeway, Sides, back, measured
from grader.checking.gradients.probe import Probe, flatten
from grader.checking.gradients.slopes import (
    length,
    rms,
)

Function = Callable[..., Any]
Array = np.ndarray

CLEAR = 0.1  # of a gradient's largest entry, which what cancels out of sight must leave
LEAST = 2.0**-24  # the smallest number of float16
LEAST_SINGLE = 2.0**-126  # below it float32 has fewer digits
EVEN = 16.0  # times rougher is no more than chance
BLIND = 0.5  # of it, and few digits tell nothing
# Of the first `dout` and so much of the second; the last has more digits than float16.
MIXTURES = (1.0, -1.0, 0.5, -0.5, math.pi / 3)
ALLOWED = 32.0  # roundings that a gradient may differ by
MANY = 0.125  # of them are many in half precision, where all are a tenth of a gradient
SEVERAL = 3  # `dout`s for which they are no chance
OF_LARGEST = 16.0  # roundings of the largest entry are no less than many
LOST = 4.0  # roundings of all that cancels that may hide an entry, or turn its sign
FACTOR = 0.004  # and a factor of one that vanishes, where roundings of what cancels explain it
LEANS = 5.0  # roundings of what is seen to cancel that may all go along the gradient
SAME = 1e-9  # relative: rounding may move every entry by more
KEPT = 256  # answers that are remembered
_remembered: OrderedDict[tuple[Any, ...], Known] = OrderedDict()


@dataclass(frozen=True)
class Known:
    """The trusted answers at one place.

    Attributes:
        out: the output.
        douts: two upstream gradients, the second of them also above 1, and a single one of other sign.
        gradients: for each `dout` the gradients, float64.
        natural: for each `dout` and array how large a gradient is that nothing cancels: the outputs,
            times `dout`, over the array.
        measure: measures `leeway`, which costs most of the calls; only what differs needs it.
        grain: the unit roundoff of the forward under test, so far as it is known: a backward works with what
            that one has left, also in float64.
    """

    out: Array
    douts: list[Array]
    gradients: list[list[Array]]
    natural: list[list[float]]
    measure: Callable[[], Leeway]
    grain: float = DOUBLE

    @cached_property
    def leeway(self) -> Leeway:
        """How far the gradients may be from these and be right, measured when it is first wanted."""
        return self.measure()

    def beside(self, probe: Probe, out: Array) -> Known | None:
        """The answers for a forward that gave this output; None where it is not the trusted one, up to the
        rounding of the numbers that it is made of."""
        if np.shape(out) != self.out.shape:
            return None
        grain = self._grain_of(probe, out)
        if not close(out, self.out).all() and not (grain == HALF and self._in_half(out)):
            return None
        return replace(self, grain=grain, measure=lambda: self.leeway)

    def whole(self) -> Known:
        """The same, with all that can be measured of it measured now."""
        leeway = self.leeway
        return replace(self, measure=lambda: leeway)

    def gave(self, dout: Array, gradients: Sequence[Array]) -> bool:
        """Whether these are the trusted gradients for its first `dout`, whatever the output is."""
        want = self.gradients[0]
        if not np.array_equal(dout, self.douts[0]) or len(gradients) != len(want):
            return False
        return all(close(g, w).all() for g, w in zip(gradients, want, strict=True))

    def _grain_of(self, probe: Probe, out: Array) -> float:
        """The unit roundoff of a forward, where the output shows it by being another than the trusted one."""
        if np.array_equal(out, self.out):
            return DOUBLE
        if half(out) and probe.in_half():
            return HALF
        return SINGLE if precision(out) == SINGLE != precision(self.out) else DOUBLE

    def _in_half(self, out: Array) -> bool:
        largest = max(float(np.max(np.abs(self.out), initial=0.0)), self._terms(), HALF)
        terms = np.fmax(largest, self.leeway.hidden[0][0])
        return bool((np.abs(out - self.out) <= 8 * HALF * terms).all())

    def _terms(self) -> float:
        """How large what is added up to an output is: the gradients times the arrays."""
        dout = self.douts[0]
        total = length(dout * self.out)
        parts = [  # `natural` is the total over the array's size
            length(g) * total / n
            for g, n in zip(self.gradients[0], self.natural[0], strict=False)
            if n
        ]
        return length(np.array(parts)) / (length(dout) or 1.0)

    def off(self, which: int, index: int, gradient: Array, *, halves: bool = True) -> Array:
        """Which entries of a gradient are not the trusted ones, nor another choice at a kink; `halves`
        if it may be in half precision by what else came back."""
        want = self.gradients[which][index]
        if _same(gradient, want):
            return np.zeros(want.shape, bool)
        rough, grain, blind = self._roundings(which, index, gradient, halves)
        if blind:
            return np.zeros(want.shape, bool)  # a mixture in which all cancels: others tell
        wrong = np.abs(gradient - want) > self._room(gradient, want, rough, grain)
        if not wrong.any() and want.any() and self._leans(gradient - want, want, rough, grain):
            wrong = np.abs(want) > 0.1 * np.max(np.abs(want))
        if wrong.any() and self._vanishes(which, index, gradient):
            wrong[...] = False
        sides = self.leeway.sides[which][index]
        return wrong if sides is None else sides.off(gradient, wrong)

    def _roundings(
        self, which: int, index: int, gradient: Array, halves: bool
    ) -> tuple[Array, float, bool]:
        """By how many unit roundoffs each entry may be off, what that is, and whether it hides everything."""
        want, rough = self.gradients[which][index], self.leeway.rough[which][index]
        hidden = self.leeway.hidden[which][1 + index]
        grain = self._grain(gradient, want, halves)
        few = grain == HALF or self._single(gradient)
        most = float(np.max(np.abs(want), initial=0.0)) / (ALLOWED * grain)
        blind = few and which > 1 and bool((hidden > BLIND * most).any())
        if few:
            rough = np.fmax(rough, np.minimum(hidden, CLEAR * most))
        else:  # what float32 would have left little of was not computed in float32
            own = np.fmax(rough, hidden) * (DOUBLE / SINGLE)
            rough = np.where(rough > CLEAR * most, own, rough)
        if not self._rounding(which, index):
            rough = np.minimum(rough, BLIND * most)
        return rough, grain, blind

    def doubtful(self, which: int, index: int, gradient: Array, *, halves: bool = True) -> bool:
        """Whether an entry is lost, has the wrong sign, or is off by many roundings, which may explain it for
        one `dout`, but not for each."""
        want = self.gradients[which][index]
        if _same(gradient, want) or self._kinked():
            return False
        if self.grain != HALF and self._grain(gradient, want, halves) == HALF:
            return True  # a `dout` that was handed on looks like it, too
        lost = (want != 0) & (gradient * want <= 0)
        return bool((lost | self._far(which, index, gradient, halves)).any())

    def often_off(self, index: int, gradients: Sequence[Array], *, halves: bool = True) -> Array:
        """Which entries are off by many roundings for several `dout`s: for one that may be chance."""
        off = np.zeros(gradients[0].shape)
        if not self._kinked():
            for which, gradient in enumerate(gradients):
                if self._cancels(which, index, gradient) or self._rounding(which, index):
                    return np.zeros(off.shape, bool)
                off += self._far(which, index, gradient, halves)
        return np.asarray(off >= SEVERAL)

    def _far(self, which: int, index: int, gradient: Array, halves: bool) -> Array:
        """Which entries in half precision are off by many roundings, if not by too many. A small one may be off
        as much for every `dout`, where what is kept for it is rounded."""
        want = self.gradients[which][index]
        rough, grain, blind = self._roundings(which, index, gradient, halves)
        if grain != HALF or blind:
            return np.zeros(want.shape, bool)
        room = MANY * self._room(gradient, want, rough, grain)
        least = OF_LARGEST * HALF * float(np.max(np.abs(want), initial=0.0))
        return np.asarray(np.abs(gradient - want) > np.fmax(room, least))

    def leaning(
        self, index: int, gradients: Sequence[Array], *, factor: float = FACTOR, few: float = LEANS
    ) -> Array:
        """Which entries are off by one factor, where nearly all of a gradient cancels: one `dout` may hide a
        hundredth in its roundings, several together do not."""
        wants = [row[index] for row in self.gradients]
        if all(np.array_equal(g, want) for g, want in zip(gradients, wants, strict=True)):
            return np.zeros(wants[0].shape, bool)
        gap = size = blur = 0.0
        for which, (want, gradient) in enumerate(zip(wants, gradients, strict=True)):
            if not self._cancels(which, index, gradient) or self._rounding(which, index):
                return np.zeros(want.shape, bool)
            gap += float(np.sum((gradient - want) * want))
            size += float(np.sum(want**2))
            blur += self._lean(which, index) * float(np.linalg.norm(want))
        off = abs(gap) > max(factor * size, few * blur)
        large = np.abs(wants[0]) > CLEAR * np.max(np.abs(wants[0]), initial=0.0)
        return np.asarray(off & large)

    def _lean(self, which: int, index: int) -> float:
        """How much of one rounding of what is seen to cancel goes along the gradient."""
        want, hidden = self.gradients[which][index], self.leeway.hidden[which][1 + index]
        terms = np.fmax(hidden, self.leeway.rough[which][index])
        return SINGLE * float(np.linalg.norm(terms * want)) / (float(np.linalg.norm(want)) or 1.0)

    def _kinked(self) -> bool:
        return any(side is not None for row in self.leeway.sides for side in row)

    def mixed(self) -> Known:
        """The answers for mixtures of the two `dout`s as well: a gradient is linear in `dout`."""

        def mix(a: Any, b: Any, by: float) -> Any:
            return [x + by * y for x, y in zip(a, b, strict=True)]

        def sizes(rows: list[Any]) -> list[Any]:
            return rows + [mix(rows[0], rows[1], abs(by)) for by in MIXTURES]

        d, e = self.douts
        first, second = self.gradients
        leeway = Leeway(
            rough=sizes(self.leeway.rough),
            hidden=sizes(self.leeway.hidden),
            sides=self.leeway.sides + [[None] * len(self.natural[0]) for _ in MIXTURES],
        )
        return replace(
            self,
            douts=[d, e, *(d + by * e for by in MIXTURES)],
            gradients=self.gradients + [mix(first, second, by) for by in MIXTURES],
            natural=sizes(self.natural),
            measure=lambda: leeway,
        )

    def near(self, which: int, index: int, gradient: Array, *, halves: bool = True) -> bool:
        """Whether a gradient in few digits is off by so little that these may be all that is wrong.

        Unless nearly all of it cancels, an entry that is lost, or of the wrong sign, is off by no more
        than a few roundings of the largest.
        """
        want, natural = self.gradients[which][index], self.natural[which][index]
        grain, gap = self._grain(gradient, want, halves), np.abs(gradient - want)
        largest = float(np.max(np.abs(want), initial=0.0))
        if grain != HALF and not self._single(gradient):
            return False
        lost = (gradient * want <= 0) & (gap > LOST * grain * largest)
        if (
            largest > 0.05 * natural
            and (lost & self.off(which, index, gradient, halves=halves)).any()
        ):
            return False
        return bool((gap <= 64 * grain * max(largest, natural)).all())

    def _vanishes(self, which: int, index: int, gradient: Array) -> bool:
        """Whether it is a gradient in which all but a little cancels, in single precision: then the
        rounding of what cancels is larger than roundings of the rest.

        Roundings know nothing of each other. Where all entries are off by one factor, and by more than
        a few roundings of what cancels, something else is wrong.
        """
        if not self._cancels(which, index, gradient):
            return False
        want, natural = self.gradients[which][index], self.natural[which][index]
        gap, blur = gradient - want, SINGLE * natural
        rough = self.leeway.rough[which][index]
        share = rough / (float(np.max(rough, initial=0.0)) or 1.0)  # an entry may be far less rough
        terms = natural * np.minimum(EVEN * share, 1)
        blurs = SINGLE * np.fmax(self.leeway.hidden[which][1 + index], terms) + LEAST_SINGLE
        if not (np.abs(gap) <= 16 * blurs).all():
            return False
        size = float(np.linalg.norm(want))
        if not size or self._rounding(which, index):
            return True
        if (np.abs(gap) > LOST * blurs)[gradient * want <= 0].any():
            return False
        if not gradient.any():
            return False
        lean = abs(float(np.sum(gap * want))) / size
        few = 4 if size > 300 * blur else 8  # of a smaller one, a hundredth does not show
        return lean <= max(few * blur, LEANS * self._lean(which, index), FACTOR * size)

    def _cancels(self, which: int, index: int, gradient: Array) -> bool:
        """Whether all but a little of a gradient in single precision cancels."""
        most = float(np.max(np.abs(self.gradients[which][index]), initial=0.0))
        return self._single(gradient) and most <= 1e-3 * self.natural[which][index]

    def _single(self, gradient: Array) -> bool:
        """Whether single precision has a part in a gradient."""
        return self.grain == SINGLE or precision(gradient) == SINGLE

    def _rounding(self, which: int, index: int) -> bool:
        """Whether the trusted gradient itself is nothing but rounding."""
        size = np.abs(self.gradients[which][index])
        seen = (size > 64 * DOUBLE * self.leeway.hidden[which][1 + index]).any()
        return not seen and np.max(size, initial=0.0) <= 1e-14 * self.natural[which][index]

    @staticmethod
    def _room(gradient: Array, want: Array, rough: Array, grain: float) -> Array:
        """How far each entry may be from the trusted one by rounding alone."""
        gap, largest = np.abs(gradient - want), float(np.max(np.abs(want), initial=0.0))
        terms = rough + np.abs(want)
        lost = gradient == 0  # what cancels to nothing at all is no larger than a few roundings
        own = np.where(lost, ALLOWED / 4, ALLOWED) * grain * terms
        if grain == HALF:
            others = np.where(lost, 2, 16) * HALF * largest
            if half(gradient):  # what it keeps of the others
                own = np.where(lost, np.maximum(own, others), own + others)
            else:  # in float64 terms that are rounded do not cancel to nothing at all
                own = np.where(lost, np.minimum(own, others), own)
            own += LEAST
        room = 1e-9 * np.abs(want) + own
        room += np.where(terms == 0, 64 * DOUBLE * largest, 0)
        fine = ALLOWED * DOUBLE * (terms + 2 * largest)
        if precision(gradient) == DOUBLE and (gap <= fine)[~lost].all():
            # Nothing was rounded to float32, so nothing was lost by that either.
            return np.asarray(np.where(lost, np.minimum(room, fine), room))
        return np.asarray(room)

    def _grain(self, gradient: Array, want: Array, halves: bool) -> float:
        if self.grain == HALF:
            return HALF
        return HALF if halves and half(gradient) and not half(want) else SINGLE

    def _leans(self, gap: Array, want: Array, rough: Array, grain: float) -> bool:
        """Whether all entries are off together, by more than roundings that know nothing of each
        other."""
        scale = float(np.max(np.abs(want)))
        w = want / scale
        total = float(np.sum(w * w))
        share = abs(float(np.sum(gap / scale * w))) / total
        return share > 6 * grain * (1 + float(np.linalg.norm(rough / scale * w)) / total) + 1e-9


def _same(gradient: Array, want: Array) -> bool:
    return bool((np.abs(gradient - want) <= SAME * np.abs(want)).all())


# Computing ---------------------------------------------------------------------------------------


def know(
    forward: Function,
    backward: Function | None,
    arrays: Sequence[Any],
    parameters: dict[str, Any],
    *,
    seed: int,
    symmetric: Sequence[str] = (),
    repeatable: bool = False,
) -> Known:
    """What `forward` and `backward` say at `arrays`; without a backward, `forward` is a loss.

    It is remembered, and kept where the functions' owner records it: the function's `keep(name, make)`,
    if it has one, is asked before anything is computed. Functions that are `repeatable` answer later as
    they do now: what may not be wanted is left for later.
    """
    name = f"{seed} {_digest([*arrays, *parameters, *parameters.values()])}"
    given = flatten([*arrays, *parameters.values()])
    exactly = [x.tobytes() for x in given if x.dtype.kind == "f"]
    at = (forward, backward, name, *exactly, *symmetric)  # recordings lie under the name alone
    if at not in _remembered:
        keep = getattr(forward, "keep", None)

        def make() -> Known:
            there, back = getattr(forward, "plain", forward), getattr(backward, "plain", backward)
            return _compute(there, back, arrays, parameters, seed, symmetric)

        if keep:
            known = _known(keep(f"known {name}", lambda: _plain(make())))
        else:
            known = make()
            if not repeatable:
                known = known.whole()
        _remembered[at] = known
        while len(_remembered) > KEPT:
            _remembered.popitem(last=False)
    return _remembered[at]


def seed_of(arrays: Sequence[Any]) -> int:
    """A seed that is a function of the arguments, so that a check has no other source of chance."""
    return int(_digest(arrays)[:15], 16)


def _digest(values: Sequence[Any]) -> str:
    """A name for arguments; in single precision, for the last bits of drawn numbers may differ between
    processors."""
    digest = hashlib.sha256()
    for leaf in flatten(list(values)):
        digest.update(repr((leaf.shape, leaf.dtype.str)).encode())
        value = leaf[()] if leaf.dtype.kind == "O" else None
        if isinstance(value, np.random.Generator):  # its state, not its address
            digest.update(repr(value.bit_generator.state).encode())
        elif leaf.dtype.kind == "f":
            with np.errstate(over="ignore"):
                digest.update(leaf.astype("<f4").tobytes())
        else:
            digest.update(leaf.tobytes() if value is None else repr(value).encode())
    return digest.hexdigest()


def _compute(
    forward: Function,
    backward: Function | None,
    arrays: Sequence[Any],
    parameters: dict[str, Any],
    seed: int,
    symmetric: Sequence[str],
) -> Known:
    rng = np.random.default_rng(seed)
    probe = Probe(forward, arrays, parameters, symmetric=symmetric)
    first, second = probe.run([probe.leaves] * 2)  # each backward has its own forward
    out = probe.out(first[0])
    if backward is None:
        douts = [np.ones(out.shape)]
        gradients = [[np.asarray(g, float) for g in flatten(list(first[1:]))]]
        probe.keep(len(gradients[0]))
    else:
        d = upstream(rng, out.shape)
        douts = [d, turned(d, 2 * d - 4 * upstream(rng, out.shape))]
        caches = (first[1], second[1])
        gradients = [back(backward, d, c) for d, c in zip(douts, caches, strict=True)]
    natural = [
        [length(d * out) / (rms(leaf[np.isfinite(leaf)]) or 1.0) for leaf in probe.leaves]
        for d in douts
    ]

    def measure() -> Leeway:
        return measured(probe, backward, out, douts, gradients, natural, rng)

    mirrored = [[probe.mirror(i, g) for i, g in enumerate(grads)] for grads in gradients]
    return Known(out, douts, mirrored, natural, measure)


# As plain values, which a recording can hold ----------------------------------------------------------


def _plain(known: Known) -> dict[str, Any]:
    sides = [
        [s and [s.low, s.high, [list(part) for part in s.along]] for s in row]
        for row in known.leeway.sides
    ]
    return {
        "out": known.out,
        "douts": known.douts,
        "gradients": known.gradients,
        "rough": known.leeway.rough,
        "hidden": known.leeway.hidden,
        "natural": known.natural,
        "sides": sides,
    }


def _known(plain: dict[str, Any]) -> Known:
    sides = [
        [s and Sides(s[0], s[1], [tuple(part) for part in s[2]]) for s in row]
        for row in plain["sides"]
    ]
    blank = [  # older recordings do not say
        [np.full(np.shape(a), np.nan) for a in (plain["out"], *row)] for row in plain["gradients"]
    ]
    leeway = Leeway(plain["rough"], plain.get("hidden", blank), sides)
    return Known(plain["out"], plain["douts"], plain["gradients"], plain["natural"], lambda: leeway)
