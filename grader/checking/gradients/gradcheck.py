"""The gradient check: is a backward pass the gradient of the forward pass, and if not, where?

Theory of operation. With `out, cache = forward(*arrays)` and a fixed random `dout`, the gradients are
those of L = sum(out * dout). The student's process returns outputs only; L's differences are formed
here in float64 from *differences of outputs*, so what did not move cancels exactly.

0. Contract, before any number (`contract.py`): shapes, finite values, arguments left alone, the
   forward repeatable to the bit, the backward linear in `dout`.
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

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from grader.checking.gradients.compare import close
from grader.checking.gradients.contract import (
    UNSTEADY,
    Broken,
    Pair,
    gradient_names,
    layer_contract,
    loss_contract,
)
from grader.checking.gradients.probe import Function, Probe
from grader.checking.gradients.slopes import Curved, Line, Straight, rms, units

Kind = Literal["auto", "linear", "smooth"]
Exact = Callable[[np.ndarray], tuple[np.ndarray, list[np.ndarray]]]

ENTRIES = 64  # entries tried one by one in a portion
CONFIRMED = 8  # wrong ones among them that are tried again at smaller steps
SHARE = 0.75  # the dout of a loss: exact, and not 1


@dataclass(frozen=True)
class Gradient:
    """One array's gradient under test.

    Attributes:
        name: `dx`, or `grads[0][1]`.
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
    probe = Probe(forward, arrays, parameters)
    try:
        out, pairs = layer_contract(probe, backward, rng)
    except Broken as broken:
        return Verdict(problem=str(broken), culprit=broken.culprit, evaluations=probe.evaluations)
    dout, gradients = pairs[0]
    strangers = _strangers(out, gradients, exact(dout)) if exact else {}
    return _compare(probe, out, pairs, gradient_names(backward, probe), rng, kind, strangers)


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
    probe = Probe(loss, arrays, parameters, positive=positive)
    try:
        out, gradients = loss_contract(probe)
    except Broken as broken:
        return Verdict(problem=str(broken), culprit="forward", evaluations=probe.evaluations)
    dout = np.full(out.shape, SHARE)
    pairs = [(dout, [SHARE * g for g in gradients])]
    names = gradient_names(loss, probe, 1)
    verdict = _compare(probe, out, pairs, names, rng, "smooth", {})
    wrong = (
        replace(g, analytic=g.analytic / SHARE, numeric=g.numeric / SHARE) for g in verdict.wrong
    )
    found = {name: gradient / SHARE for name, gradient in verdict.gradients.items()}
    return replace(verdict, wrong=tuple(wrong), gradients=found)


# 1. Directions -----------------------------------------------------------------------------------


def _compare(
    probe: Probe,
    out: np.ndarray,
    pairs: Sequence[Pair],
    names: list[str],
    rng: np.random.Generator,
    kind: Kind,
    strangers: dict[int, np.ndarray],
) -> Verdict:
    """Judge the gradients of each pair: measured once, the same slopes of the outputs serve all.

    An array that was measured well with one `dout` is settled: with another, its slopes may happen
    to be so small that the digits of single precision do not show them.
    """
    line: Line
    if kind == "smooth" or not (line := Straight(probe, out, rng, promised=kind == "linear")).holds:
        line = Curved(probe, out, rng)
    wrong: list[Gradient] = []
    settled: set[int] = set()
    for dout, gradients in pairs:
        line.d = dout.ravel()
        suspects = [
            index
            for index, gradient in enumerate(gradients)
            if index in strangers or line.disagrees(index, gradient)
        ]
        settled |= set(range(len(gradients))) - set(suspects)
        for index in suspects:
            found = _entries(line, index, gradients[index], rng, strangers.get(index))
            if found is None:
                continue
            settled.add(index)
            if found[1].any():
                wrong.append(Gradient(names[index], probe.names[index], gradients[index], *found))
        if wrong:
            break
        strangers = {index: s for index, s in strangers.items() if index not in settled}
    if not np.array_equal(probe.outs([probe.leaves])[0], out.ravel()):
        return Verdict(problem=UNSTEADY, culprit="forward", evaluations=probe.evaluations)
    return Verdict(
        wrong=tuple(wrong),
        inconclusive=len(settled) < len(probe.leaves) and not wrong,
        dout=dout,
        out=out,
        gradients=dict(zip(names, gradients, strict=True)),
        evaluations=probe.evaluations,
    )


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


# 2. and 3. Entries -------------------------------------------------------------------------------


def _entries(
    line: Line,
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
        wrong[_confirmed(line, index, gradient, places[off > measured.tolerance], numeric)] = True
        if wrong.any():
            break
    return numeric.reshape(gradient.shape), wrong.reshape(gradient.shape)


def _confirmed(
    line: Line, index: int, gradient: np.ndarray, suspects: np.ndarray, numeric: np.ndarray
) -> np.ndarray:
    """Those of the suspected entries that are wrong.

    A few, the worst, are looked at closer; when they all are wrong, so are the others.
    """
    flat = gradient.ravel()
    worst = np.argsort(-np.abs(numeric[suspects] - flat[suspects]), kind="stable")
    sample = np.sort(suspects[worst[:CONFIRMED]])
    for chosen in (sample, suspects):
        left = _persisting(line, index, gradient, chosen, numeric)
        if left.size:
            kinks = _at_a_kink(line, index, left, flat)
            if kinks.any() and _all_together(line, index, gradient):
                left = left[~kinks]
        if left.size == chosen.size:
            return suspects
        if chosen.size == suspects.size:
            break
    return left


def _persisting(
    line: Line, index: int, gradient: np.ndarray, places: np.ndarray, numeric: np.ndarray
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


def _at_a_kink(line: Line, index: int, places: np.ndarray, flat: np.ndarray) -> np.ndarray:
    """Where the forward has a kink and the gradient lies between the two one-sided slopes."""
    ahead, behind, steady = line.one_sided(index, units(line.probe.leaves[index], places, 1.0))
    low, high = np.minimum(ahead, behind), np.maximum(ahead, behind)
    room = 1e-3 * (high - low)
    bent = high - low > 1e-3 * np.maximum(np.abs(high), np.abs(low))
    between = (flat[places] >= low - room) & (flat[places] <= high + room)
    return np.asarray(steady & bent & between)


def _all_together(line: Line, index: int, gradient: np.ndarray) -> bool:
    """Whether the gradient is possible along all-ones and along x itself.

    At a kink each entry alone may lie anywhere between its one-sided slopes, but not all of them at
    once: the gradient handed to every one of several tied maxima is caught here.
    """
    leaf = line.probe.leaves[index]
    directions = [np.ones(leaf.shape), leaf / (rms(leaf) or 1.0)]
    ahead, behind, steady = line.one_sided(index, directions)
    low, high = np.minimum(ahead, behind), np.maximum(ahead, behind)
    room = 1e-3 * np.maximum(np.abs(low), np.abs(high))
    along = np.array([np.sum(gradient * v) for v in directions])
    return bool((steady & (along >= low - room) & (along <= high + room)).all())
