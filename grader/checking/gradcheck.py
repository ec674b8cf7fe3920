"""The gradient check: is a backward pass the gradient of the forward pass, and if not, where?

Theory of operation. With `out, cache = forward(*arrays)` and a fixed random `dout`, the gradients are
those of L = sum(out * dout). The student's process returns outputs only; L's differences are formed
here in float64 from *differences of outputs*, so what did not move cancels exactly.

0. Contract, before any number: shapes, finite values, arguments left alone, the forward repeatable to
   the bit, the backward linear in `dout`.
1. A few directions v through each array: the slope of L along v against <gradient, v>. Where the
   forward is linear along v to rounding, one difference is exact whatever the step ("class L");
   elsewhere ("class S") two central differences, Richardson's extrapolation, and a tolerance built
   from the student's own precision, which fourth differences along short lines measure.
2. A direction that disagrees is only a suspicion. Entries one by one decide, and localise.
3. An entry that disagrees is tried again at smaller steps: an error of the method shrinks with the
   step, a mistake does not. At a kink any slope between the one-sided ones is right.

Everything is a function of the seed; nothing depends on the clock.
"""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from grader.checking.compare import DOUBLE, SINGLE, close, precision
from grader.checking.inputs import upstream
from grader.checking.student import StudentFunction

Kind = Literal["auto", "linear", "smooth"]
Function = StudentFunction | Callable[..., Any]
Pair = tuple[np.ndarray, list[np.ndarray]]  # a dout, and the gradients that belong to it
Exact = Callable[[np.ndarray], tuple[np.ndarray, list[np.ndarray]]]

DIRECTIONS = 2
ENTRIES = 96  # entries tried one by one in a portion


@dataclass(frozen=True)
class Gradient:
    """One array's gradient under test.

    Attributes:
        name: `dx`, or `dparams[0][1]`.
        argument: name of the array that it belongs to.
        analytic: what the backward returned.
        numeric: slopes of the student's own forward, NaN where they were not measured.
        wrong: which measured entries disagree.
    """

    name: str
    argument: str
    analytic: np.ndarray
    numeric: np.ndarray
    wrong: np.ndarray


@dataclass(frozen=True)
class Verdict:
    """The result of a gradient check.

    Attributes:
        problem: what broke the contract, or empty.
        wrong: the gradients that disagree.
        inconclusive: the numbers are too coarse to tell; neither a pass nor a fail.
        dout: the upstream gradient used.
        gradients: the analytic gradients by name, where the contract held.
        evaluations: how many times the forward was called.
    """

    problem: str = ""
    culprit: str = "backward"
    wrong: tuple[Gradient, ...] = ()
    inconclusive: bool = False
    dout: np.ndarray | None = None
    out: np.ndarray | None = None
    gradients: dict[str, np.ndarray] = field(default_factory=dict)
    evaluations: int = 0

    @property
    def passed(self) -> bool:
        """True only when the contract held and every measured slope agreed."""
        return not (self.problem or self.wrong or self.inconclusive) and bool(self.gradients)


class Broken(Exception):
    """The contract is broken; the message says how, `culprit` in which of the two functions."""

    def __init__(self, message: str, culprit: str = "backward") -> None:
        super().__init__(message)
        self.culprit = culprit


def check_layer(
    forward: Function,
    backward: Function,
    arrays: Sequence[Any],
    parameters: dict[str, Any],
    *,
    rng: np.random.Generator,
    kind: Kind = "auto",
    exact: Exact | None = None,
) -> Verdict:
    """Check `backward(dout, cache)` against `out, cache = forward(*arrays, **parameters)`.

    Args:
        forward, backward: a student's functions, or any callables of that form.
        arrays: positional arguments. Floating arrays, also inside lists and tuples, are perturbed;
            whatever else there is (labels, sizes) is passed on as it is.
        parameters: keyword arguments of `forward`; a generator among them is in the same state at
            every call.
        rng: where `dout` and directions are drawn from.
        exact: gives the trusted output and gradients for the `dout` that was drawn. Where the
            student's output equals the trusted one, its gradients must too: an entry that does not
            is tried, even if no direction noticed it.
        kind: `linear` promises that the forward is linear in each array alone and saves
            evaluations; `smooth` skips the attempt; `auto` finds out.
    """
    probe = _Probe(forward, arrays, parameters)
    try:
        out, pairs = _contract(probe, backward, rng)
    except Broken as broken:
        return Verdict(problem=str(broken), culprit=broken.culprit, evaluations=probe.evaluations)
    dout, gradients = pairs[0]
    strangers = _strangers(out, gradients, exact(dout)) if exact else {}
    return _compare(probe, out, pairs, _names(backward, probe), rng, kind, strangers)


def check_loss(
    loss: Function,
    arrays: Sequence[Any],
    parameters: dict[str, Any],
    *,
    rng: np.random.Generator,
    positive: bool = False,
) -> Verdict:
    """Check the gradients that `value, gradients = loss(*arrays, **parameters)` returns itself.

    Args:
        loss: a student's function or any callable of that form; `gradients` belong to the leading
            floating arrays, in order.
        arrays, parameters, rng: as in `check_layer`.
        positive: the arrays hold positive numbers (probabilities); steps keep them positive.
    """
    probe = _Probe(loss, arrays, parameters, positive=positive)
    try:
        first, again = probe.run([probe.leaves, probe.leaves])
        _not_changed(probe.forward, "forward")
        _same_answer(first[0], again[0])
        gradients = flatten(first[1:])
        if gradients and len(gradients) < len(probe.leaves):  # targets and weights are not learned
            probe.keep(len(gradients))
        _shapes(probe, gradients, _names(loss, probe, 1))
    except Broken as broken:
        return Verdict(problem=str(broken), culprit="forward", evaluations=probe.evaluations)
    dout = np.full(np.shape(first[0]), 0.75)  # exact, and not 1
    pairs = [(dout, [0.75 * g for g in gradients])]
    out = probe.out(first[0])
    return _compare(probe, out, pairs, _names(loss, probe, 1), rng, "smooth", {})


# Calling the student -----------------------------------------------------------------------------


class _Probe:
    """A forward function, evaluated at points near its arrays. Only floating arrays move."""

    def __init__(
        self,
        forward: Function,
        arrays: Sequence[Any],
        parameters: dict[str, Any],
        *,
        positive: bool = False,
    ) -> None:
        self.forward = forward
        self.parameters = parameters
        self.positive = positive
        self.evaluations = 0
        self._arrays = list(arrays)
        paths = [(i, path) for i, value in enumerate(arrays) for path in _paths(value)]
        self._places = paths
        names = _parameter_names(forward)
        self.names = [
            (names[i] if i < len(names) else f"argument {i + 1}") + "".join(f"[{k}]" for k in path)
            for i, path in paths
        ]
        self.leaves = [np.asarray(_get(arrays[i], path), float) for i, path in paths]
        if not self.leaves:
            raise TypeError("a gradient check needs at least one array of floats")

    def keep(self, count: int) -> None:
        """Look at the first `count` arrays only."""
        self._places, self.names = self._places[:count], self.names[:count]
        self.leaves = self.leaves[:count]

    def run(self, points: Sequence[Sequence[np.ndarray]]) -> list[tuple[Any, ...]]:
        """`forward` at each point, as tuples `(out, …)`."""
        self.evaluations += len(points)
        arguments = [tuple(self._arguments(leaves)) for leaves in points]
        answers = call_many(self.forward, arguments, self.parameters)
        return [a if isinstance(a, tuple) else (a,) for a in answers]

    def outs(self, points: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
        """The outputs at each point, stacked and flattened: (points, M), float64."""
        answers = self.run(points)
        return np.stack([self.out(a[0]).ravel() for a in answers])

    def moved(self, index: int, shifts: Sequence[np.ndarray]) -> np.ndarray:
        """The outputs with `leaves[index]` shifted by each of `shifts`."""
        before, leaf, after = self.leaves[:index], self.leaves[index], self.leaves[index + 1 :]
        return self.outs([[*before, leaf + shift, *after] for shift in shifts])

    @staticmethod
    def out(value: Any) -> np.ndarray:
        """An output as a float64 array; NaN where it is not finite stays NaN."""
        return np.asarray(value, dtype=float)

    def _arguments(self, leaves: Sequence[np.ndarray]) -> list[Any]:
        arguments = list(self._arrays)
        for (i, path), leaf in zip(self._places, leaves, strict=False):
            arguments[i] = _put(arguments[i], path, leaf)
        return arguments


def call_many(
    function: Function, arguments: Sequence[tuple[Any, ...]], parameters: dict[str, Any]
) -> list[Any]:
    """Call a student's function in one message, or any other callable in a loop."""
    if isinstance(function, StudentFunction):
        return function.map(arguments, **parameters)
    return [function(*copy.deepcopy(a), **copy.deepcopy(parameters)) for a in arguments]


def flatten(value: Any) -> list[np.ndarray]:
    """The arrays inside nested lists and tuples, in order."""
    if isinstance(value, list | tuple):
        return [leaf for part in value for leaf in flatten(part)]
    return [np.asarray(value)]


def _paths(value: Any, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    if isinstance(value, list | tuple):
        return [p for i, part in enumerate(value) for p in _paths(part, (*path, i))]
    return [path] if isinstance(value, np.ndarray) and value.dtype.kind == "f" else []


def _get(value: Any, path: tuple[int, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _put(value: Any, path: tuple[int, ...], leaf: np.ndarray) -> Any:
    if not path:
        return leaf
    parts = list(value)
    parts[path[0]] = _put(parts[path[0]], path[1:], leaf)
    return type(value)(parts)


def _parameter_names(function: Function) -> list[str]:
    if isinstance(function, StudentFunction):
        return [name for name, _ in function.declared.parameters]
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def _names(function: Function, probe: _Probe, skip: int = 0) -> list[str]:
    """What the gradients are called: as declared, else `d` and the argument's name."""
    if isinstance(function, StudentFunction):
        declared = [name for name, _ in function.declared.returns][skip:]
        if len(declared) == len(probe.names):
            return declared
    return [f"d{name}" for name in probe.names]


# 0. The contract ---------------------------------------------------------------------------------


def _contract(
    probe: _Probe, backward: Function, rng: np.random.Generator
) -> tuple[np.ndarray, list[Pair]]:
    """Everything that can be asked before a slope is measured. Each backward has its own forward.

    Returns the output, and two upstream gradients with what the backward made of them.
    """
    answers = probe.run([probe.leaves] * 4)
    _not_changed(probe.forward, "forward")
    if any(len(a) != 2 for a in answers):
        raise Broken("The forward pass must return (out, cache).", "forward")
    out = probe.out(answers[0][0])
    if not np.isfinite(out).all():
        raise Broken("The forward pass gives NaN or infinity on ordinary numbers.", "forward")
    for again in answers[1:]:
        _same_answer(answers[0][0], again[0])
    d1, d2 = upstream(rng, out.shape), upstream(rng, out.shape)
    douts = [d1, np.zeros_like(d1), d2, 2 * d1 - 4 * d2]
    pairs = [(d, a[1]) for d, a in zip(douts, answers, strict=True)]
    first, zero, second, mixed = (flatten(g) for g in call_many(backward, pairs, {}))
    _not_changed(backward, "backward")
    names = _names(backward, probe)
    _shapes(probe, first, names)
    for name, a, b, c, z in zip(names, first, second, mixed, zero, strict=True):
        if z.any():
            raise Broken(f"With dout all zero, {name} must be all zero, and it is not.")
        scale = np.max(np.abs(np.stack([2 * a, 4 * b, c])), initial=0.0)
        tolerance = 64 * math.sqrt(a.size + 8) * precision(a, b, c) * scale
        if np.max(np.abs(c - (2 * a - 4 * b)), initial=0.0) > tolerance:
            raise Broken(
                f"{name} does not grow in proportion to dout. A backward pass multiplies dout by "
                "slopes that the forward pass left behind; it never asks how large or of which "
                "sign dout is."
            )
    answers_to = ((d1, first), (d2, second))
    return out, [(d, [np.asarray(g, float) for g in gradients]) for d, gradients in answers_to]


def _same_answer(a: Any, b: Any) -> None:
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or not np.array_equal(a, b, equal_nan=True):
        raise Broken(
            "Called twice with the same arguments, the forward pass gives two different answers.",
            "forward",
        )


def _not_changed(function: Function, culprit: str) -> None:
    if isinstance(function, StudentFunction) and function.last.changed:
        names = [n for n, _ in function.declared.parameters]
        changed = ", ".join(names[i] for i in function.last.changed if i < len(names))
        raise Broken(
            f"{function.name} changes its argument {changed or 'in place'}. "
            "Work on a copy: the caller still needs the original.",
            culprit,
        )


def _shapes(probe: _Probe, gradients: list[np.ndarray], names: list[str]) -> None:
    if len(gradients) != len(probe.leaves):
        wanted = ", ".join(names)
        raise Broken(
            f"{len(probe.leaves)} gradients are needed, {wanted}; there are {len(gradients)}."
        )
    for name, argument, leaf, gradient in zip(
        names, probe.names, probe.leaves, gradients, strict=True
    ):
        if gradient.dtype.kind not in "fiub":
            raise Broken(f"{name} must be an array of numbers.")
        if gradient.shape != leaf.shape:
            raise Broken(
                f"{name} has shape {gradient.shape}, but it must have the shape of {argument}, "
                f"which is {leaf.shape}."
            )
        if not np.isfinite(gradient).all():
            raise Broken(f"{name} holds NaN or infinity.")


def _strangers(
    out: np.ndarray, gradients: list[np.ndarray], exact: tuple[np.ndarray, list[np.ndarray]]
) -> dict[int, np.ndarray]:
    """Entries that differ from the trusted gradient although the outputs agree, worst first."""
    if not close(out, exact[0]).all() or len(gradients) != len(exact[1]):
        return {}
    found = {}
    for index, (gradient, right) in enumerate(zip(gradients, exact[1], strict=True)):
        off = np.flatnonzero(~close(gradient, right).ravel())
        if off.size:
            size = np.abs(gradient - right).ravel()[off]
            found[index] = off[np.argsort(-size, kind="stable")]
    return found


# 1. Directions -----------------------------------------------------------------------------------


def _compare(
    probe: _Probe,
    out: np.ndarray,
    pairs: Sequence[Pair],
    names: list[str],
    rng: np.random.Generator,
    kind: Kind,
    strangers: dict[int, np.ndarray],
) -> Verdict:
    """Judge the gradients of each pair: measured once, the same slopes of the outputs serve all."""
    straight = _Straight(probe, out, 1.0 if kind == "linear" else 2.0**-5)
    line: _Line = straight
    if kind != "linear" and (kind == "smooth" or not straight.is_straight(rng)):
        line = _Curved(probe, out, rng)
    wrong: list[Gradient] = []
    inconclusive = False
    for dout, gradients in pairs:
        line.d = dout.ravel()
        suspects = [
            index
            for index, gradient in enumerate(gradients)
            if index in strangers or line.disagrees(index, gradient, rng)
        ]
        for index in suspects:
            found = _entries(line, index, gradients[index], rng, strangers.get(index))
            if found is None:
                inconclusive = True
            elif found[1].any():
                wrong.append(Gradient(names[index], probe.names[index], gradients[index], *found))
        if wrong:
            break
        strangers = {}
    return Verdict(
        wrong=tuple(wrong),
        inconclusive=inconclusive and not wrong,
        dout=dout,
        out=out,
        gradients=dict(zip(names, gradients, strict=True)),
        evaluations=probe.evaluations,
    )


@dataclass
class _Slopes:
    """Slopes of L along some shifts: values, and how far each may be off."""

    value: np.ndarray
    tolerance: np.ndarray
    noise: np.ndarray


@dataclass
class _Differences:
    """Central differences of the outputs, at step `h` and at half of it: (directions, M) each."""

    h: np.ndarray
    wide: np.ndarray
    narrow: np.ndarray


class _Line:
    """How slopes are measured. `slopes` gives them along unit entries, `disagrees` tries directions."""

    def __init__(self, probe: _Probe, out: np.ndarray) -> None:
        self.probe = probe
        self.y = out.ravel()
        self.d = np.zeros_like(self.y)  # the dout that slopes are taken for

    def disagrees(self, index: int, gradient: np.ndarray, rng: np.random.Generator) -> bool:
        """Whether some direction through array `index` speaks against `gradient`."""
        raise NotImplementedError

    def slopes(self, index: int, places: np.ndarray, shrink: float, g: np.ndarray) -> _Slopes:
        """Slopes along the entries `places` (flat indices), with steps multiplied by `shrink`."""
        raise NotImplementedError

    def one_sided(self, index: int, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The slopes to the right and to the left of each entry."""
        h = 2.0**-16
        right = (
            self.probe.moved(index, _units(self.probe.leaves[index], places, h)) - self.y
        ) @ self.d
        left = (
            self.y - self.probe.moved(index, _units(self.probe.leaves[index], places, -h))
        ) @ self.d
        return right / h, left / h


def _units(leaf: np.ndarray, places: np.ndarray, steps: np.ndarray | float) -> list[np.ndarray]:
    shifts = []
    for place, step in zip(places, np.broadcast_to(steps, places.shape), strict=True):
        shift = np.zeros(leaf.size)
        shift[place] = step
        shifts.append(shift.reshape(leaf.shape))
    return shifts


class _Straight(_Line):
    """Class L: one difference a direction, exact up to rounding."""

    def __init__(self, probe: _Probe, out: np.ndarray, h: float) -> None:
        super().__init__(probe, out)
        self.h = h
        self._rows: dict[int, tuple[list[np.ndarray], np.ndarray]] = {}

    def is_straight(self, rng: np.random.Generator) -> bool:
        """Whether the forward, in each array alone, is linear nearby: f(x+v) - f(x) = f(x) - f(x-v)."""
        for index, leaf in enumerate(self.probe.leaves):
            directions = [_random_direction(rng, leaf.shape) for _ in range(DIRECTIONS)]
            both = self.probe.moved(index, [s * self.h * v for v in directions for s in (1, -1)])
            right, left = both[0::2] - self.y, self.y - both[1::2]
            size = np.maximum(np.abs(self.y), np.sqrt(np.mean(self.y**2)))
            if (np.abs(right - left) > 64 * DOUBLE * size).any():
                return False
            self._rows[index] = (directions, right)
        return True

    def disagrees(self, index: int, gradient: np.ndarray, rng: np.random.Generator) -> bool:
        """See `_Line.disagrees`."""
        if index not in self._rows:
            directions = [_random_direction(rng, gradient.shape) for _ in range(DIRECTIONS)]
            shifts = [self.h * v for v in directions]
            self._rows[index] = (directions, self.probe.moved(index, shifts) - self.y)
        for v, row in zip(*self._rows[index], strict=True):
            if abs(row @ self.d / self.h - np.sum(gradient * v)) > self._tolerance(
                row, float(np.abs(gradient * v).sum()), DOUBLE
            ):
                return True
        return False

    def slopes(self, index: int, places: np.ndarray, shrink: float, g: np.ndarray) -> _Slopes:
        """See `_Line.slopes`."""
        h = self.h * shrink
        rows = self.probe.moved(index, _units(self.probe.leaves[index], places, h)) - self.y
        u = precision(self.y + rows, self.y, g)
        tolerance = np.array(
            [self._tolerance(r, abs(x), u, h) for r, x in zip(rows, g.ravel()[places], strict=True)]
        )
        value = rows @ self.d / h
        return _Slopes(value, tolerance, tolerance if u == SINGLE else np.zeros_like(value))

    def _tolerance(self, row: np.ndarray, g: float, u: float, h: float = 0.0) -> float:
        h = h or self.h
        moved = row != 0
        level = float(np.max(np.abs(self.y * self.d), where=moved, initial=0.0))
        spread = math.sqrt(int(moved.sum())) * level / h
        return 64 * u * (float(np.abs(row * self.d).sum()) / h + g + spread)


class _Curved(_Line):
    """Class S: central differences at two steps; the tolerance comes from the student's precision."""

    def __init__(self, probe: _Probe, out: np.ndarray, rng: np.random.Generator) -> None:
        super().__init__(probe, out)
        self._directions: dict[int, tuple[list[np.ndarray], _Differences]] = {}
        self.u, self.epsilon = self._measure(rng)
        # Double precision leaves room for smaller steps, and so for less truncation.
        self.exponent = 9 if self.u == DOUBLE else 6

    def _measure(self, rng: np.random.Generator) -> tuple[float, float]:
        """The unit roundoff of the student's arithmetic, and the relative noise of an output.

        Fourth differences along a short line wipe out any smooth function and leave its rounding
        errors, amplified by sqrt(70) = sqrt(1 + 16 + 36 + 16 + 1).
        """
        points = []
        for _ in range(2):
            lines = [
                _random_direction(rng, x.shape) * 2.0**-17 * _rms(x) for x in self.probe.leaves
            ]
            points += [
                [x + k * v for x, v in zip(self.probe.leaves, lines, strict=True)]
                for k in range(-3, 4)
            ]
        rows = self.probe.outs(points)
        scale = _rms(self.y) or 1.0
        fourth = np.concatenate([np.diff(part, 4, axis=0) for part in (rows[:7], rows[7:])])
        sigma = float(np.sqrt(np.mean(fourth**2))) / math.sqrt(70) / scale
        u = DOUBLE if sigma <= 64 * DOUBLE else SINGLE
        return u, max(u, (3 if self.y.size >= 8 else 5) * sigma)

    def disagrees(self, index: int, gradient: np.ndarray, rng: np.random.Generator) -> bool:
        """See `_Line.disagrees`."""
        if index not in self._directions:
            self._directions[index] = self._along_directions(index, rng)
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
        self, index: int, rng: np.random.Generator
    ) -> tuple[list[np.ndarray], _Differences]:
        leaf = self.probe.leaves[index]
        directions = [np.ones(leaf.shape), leaf / (_rms(leaf) or 1.0)]
        directions += [_random_direction(rng, leaf.shape) for _ in range(DIRECTIONS)]
        steps = self._steps(leaf, np.arange(leaf.size), 1.0).reshape(leaf.shape)
        if self.probe.positive:  # each entry has its own step: put it into the direction
            directions = [v * steps / steps.max() for v in directions]
        h = np.full(len(directions), steps.max())
        return directions, self._measured(index, [v * h[0] for v in directions], h)

    def slopes(self, index: int, places: np.ndarray, shrink: float, g: np.ndarray) -> _Slopes:
        """See `_Line.slopes`."""
        leaf = self.probe.leaves[index]
        h = self._steps(leaf, places, shrink)
        differences = self._measured(index, _units(leaf, places, h), h)
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
        power = round(math.log2(_rms(leaf))) if _rms(leaf) > 0 else 0
        return np.full(places.shape, min(2.0 ** (power - self.exponent), 2.0**-5) * shrink)

    def _measured(self, index: int, shifts: list[np.ndarray], h: np.ndarray) -> _Differences:
        rows = self.probe.moved(index, [s * v for v in shifts for s in (1.0, -1.0, 0.5, -0.5)])
        wide, narrow = rows[0::4] - rows[1::4], rows[2::4] - rows[3::4]
        return _Differences(h, wide / (2 * h[:, None]), narrow / h[:, None])

    def _slopes(self, differences: _Differences) -> _Slopes:
        """Richardson's extrapolation of the two central differences, and its noise."""
        level = self.epsilon * np.maximum(np.abs(self.y), _rms(self.y)) * np.abs(self.d)
        moved = differences.wide != 0
        noise = 3 / differences.h * np.sqrt((moved * level**2).sum(axis=1))
        value = ((4 * differences.narrow - differences.wide) / 3) @ self.d
        return _Slopes(value, np.zeros_like(value), noise)


# 2. and 3. Entries -------------------------------------------------------------------------------


def _entries(
    line: _Line,
    index: int,
    gradient: np.ndarray,
    rng: np.random.Generator,
    strangers: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray] | None:
    """Slopes entry by entry and which of them disagree; None if the noise hides the answer.

    Entries are tried in portions, those that look strange first, until a portion holds a wrong one.
    """
    flat = gradient.ravel()
    order = rng.permutation(flat.size)
    if strangers is not None:
        order = np.concatenate([strangers, np.setdiff1d(order, strangers, assume_unique=True)])
    numeric = np.full(flat.size, np.nan)
    wrong = np.zeros(flat.size, bool)
    for start in range(0, flat.size, ENTRIES):
        places = np.sort(order[start : start + ENTRIES])
        measured = line.slopes(index, places, 1.0, gradient)
        numeric[places] = measured.value
        off = np.abs(measured.value - flat[places])
        largest = float(np.nanmax(np.abs(numeric)))
        hidden = np.max(measured.noise, initial=0.0) > 0.05 * largest
        if hidden and not (off > 0.5 * largest).any():
            return None
        left = _persisting(line, index, gradient, places[off > measured.tolerance], numeric)
        if left.size:
            kinks = _at_a_kink(line, index, left, flat)
            if kinks.any() and _all_together(line, index, gradient):
                left = left[~kinks]
        if left.size:
            wrong[left] = True
            break
    return numeric.reshape(gradient.shape), wrong.reshape(gradient.shape)


def _persisting(
    line: _Line, index: int, gradient: np.ndarray, places: np.ndarray, numeric: np.ndarray
) -> np.ndarray:
    """The entries that still disagree at smaller steps; `numeric` gets the better slopes."""
    largest = max(float(np.nanmax(np.abs(numeric))), 1e-300)
    for shrink in (2.0**-7, 2.0**-14):
        if places.size == 0:
            break
        again = line.slopes(index, places, shrink, gradient)
        clear = again.noise < 0.05 * largest
        numeric[places[clear]] = again.value[clear]
        off = np.abs(again.value - gradient.ravel()[places])
        places = places[(off > again.tolerance) | ~clear]
    return places


def _at_a_kink(line: _Line, index: int, places: np.ndarray, flat: np.ndarray) -> np.ndarray:
    """Where the forward has a kink and the gradient lies between the two one-sided slopes."""
    right, left = line.one_sided(index, places)
    low, high = np.minimum(right, left), np.maximum(right, left)
    room = 1e-3 * (high - low)
    bent = high - low > 1e-3 * np.maximum(np.abs(high), np.abs(low))
    between = (flat[places] >= low - room) & (flat[places] <= high + room)
    return np.asarray(bent & between)


def _all_together(line: _Line, index: int, gradient: np.ndarray) -> bool:
    """Whether the gradient is possible along all-ones and along x itself.

    At a kink each entry alone may lie anywhere between its one-sided slopes, but not all of them at
    once: the gradient handed to every one of several tied maxima is caught here.
    """
    leaf = line.probe.leaves[index]
    h = 2.0**-16
    for v in (np.ones(leaf.shape), leaf / (_rms(leaf) or 1.0)):
        ahead, behind = line.probe.moved(index, [h * v, -h * v])
        slopes = sorted(((ahead - line.y) @ line.d / h, (line.y - behind) @ line.d / h))
        room = 1e-3 * max(map(abs, slopes))
        if not slopes[0] - room <= np.sum(gradient * v) <= slopes[1] + room:
            return False
    return True


def _random_direction(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Entries of absolute value 1/2 to 3/2, multiples of 1/64, of random sign."""
    return rng.choice((-1.0, 1.0), shape) * rng.integers(32, 97, shape) / 64


def _rms(x: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(x)))) if x.size else 0.0
