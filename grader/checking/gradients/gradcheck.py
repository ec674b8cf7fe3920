"""The gradient check: is a backward pass the gradient of the forward pass, and if not, where?

Theory of operation. With `out, cache = forward(*arrays)` and a random `dout`, the gradients are those of
L = sum(out * dout).

0. Contract, before any number (`contract.py`): shapes, finite values, arguments left alone, the forward
   repeatable to the bit, the backward linear in `dout`.
1. Where a trusted pair is at hand and the output is the trusted one, the gradients are compared with the
   trusted ones (`known.py`), and no slope is measured. What may be rounding for these `dout`s is asked
   again for mixtures of them. A forward that is right here has no slopes of its
   own: whatever it answers when it is called again earns nothing.
2. Else the student's own forward is measured (`slopes.py`, its noise in `noise.py`). L's differences are
   formed here in float64 from *differences of outputs*, so what did not move cancels exactly. Along a few
   directions through each array the slope must be <gradient, direction>; entries whose sizes differ by far
   have directions of their own.
3. A direction that disagrees is only a suspicion, and one whose tolerance is large says nothing. Then
   entries decide, one by one, each at the steps that show it best. At a kink any slope between the
   one-sided ones is right.
4. A gradient counts as right only where a mistake would have been seen: where the tolerance is small
   beside it. What is too coarse or too noisy for that is inconclusive, and never passes.

Everything is a function of the seed; nothing depends on the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from grader.checking.gradients.compare import DOUBLE, HALF, SINGLE, half
from grader.checking.gradients.contract import (
    UNSTEADY,
    Broken,
    gradient_names,
    layer_contract,
    loss_contract,
)
from grader.checking.gradients.directions import Directions, promised
from grader.checking.gradients.entries import PORTION, Entries
from grader.checking.gradients.known import FACTOR, Known, know
from grader.checking.gradients.probe import Function, Probe
from grader.checking.gradients.slopes import ROUNDED, SINGLE_START, Scope
from grader.checking.gradients.verdict import Gradient, Verdict
from grader.language import later, say

Kind = Literal["auto", "linear", "smooth"]
CLOSER = -22  # the exponent of a step with which a forward that looks too coarse is looked at again
SHRINKS = 16.0  # times less roughness is no chance
FEW = 8  # entries that are tried together where one wrong one is enough

COARSE = later(
    "the forward pass cannot be differentiated: its outputs jump by about {size:.1g} of "
    "their size where the arguments hardly move, so its slopes cannot be measured"
)
FEW_DIGITS = later(
    "the forward pass is computed with about {digits} digits, as in float16, which are "
    "too few to measure its slopes"
)
HIDDEN = later(
    "the slopes along {argument} are too small beside the rounding of the outputs to be "
    "measured: they are known to {tolerance:.1g} only, and the gradient under test is "
    "about {size:.1g}"
)


def check_gradient(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    *arrays: Any,
    seed: int = 0,
    exact: tuple[Callable[..., Any], Callable[..., Any]] | None = None,
    symmetric: Sequence[str] = (),
    **parameters: Any,
) -> Verdict:
    """Whether `backward` is the gradient of `forward`.

    `out, cache = forward(*arrays, **parameters)` and `backward(dout, cache)`, which returns one array
    or several: the gradients of `sum(out * dout)` by each floating array among `arrays`, in order.

    Args:
        forward: any callable of that form. It gets copies of what is given here.
        backward: likewise.
        arrays: positional arguments of any shape. Float arrays, also inside lists and tuples, are moved,
            as float64; labels and sizes are passed on as they are.
        seed: of `dout` and the directions; with the same seed the same is asked.
        exact: a trusted forward and backward. Where the output is the trusted one, so must the
            gradients be, and nothing is measured.
        symmetric: names of arguments that are symmetric matrices: they are moved symmetrically, and
            the symmetric part of their gradient counts.
        parameters: keyword arguments of `forward`. A generator among them is in the same state at
            every call.

    Returns:
        A verdict: `outcome` is "right", "wrong" or "inconclusive", `print` shows it in words.

    Raises:
        ExerciseError: an argument is complex, or none is an array of floats.

    >>> import numpy as np
    >>> def forward(x):
    ...     return np.tanh(x), np.tanh(x)
    >>> x = np.array([[0.5, -1.0, 2.0]])
    >>> check_gradient(forward, lambda dout, out: dout * (1 - out**2), x).outcome
    'right'
    >>> check_gradient(forward, lambda dout, out: dout * (1 - out), x).outcome
    'wrong'
    """
    known = None
    if exact:
        known = know(*exact, arrays, parameters, seed=seed, symmetric=symmetric, repeatable=True)
    rng = np.random.default_rng(seed)
    return check_layer(
        forward, backward, arrays, parameters, rng=rng, known=known, symmetric=symmetric
    )


def check_layer(
    forward: Function,
    backward: Function,
    arrays: Sequence[Any],
    parameters: dict[str, Any],
    *,
    rng: np.random.Generator,
    kind: Kind = "auto",
    known: Known | None = None,
    symmetric: Sequence[str] = (),
) -> Verdict:
    """Check `backward(dout, cache)` against `out, cache = forward(*arrays, **parameters)`.

    Args:
        forward, backward, arrays, parameters, symmetric: as in `check_gradient`.
        rng: where `dout` and directions are drawn from.
        kind: `linear` promises that the forward is linear in each array alone, which saves calls; a
            broken promise only costs them. Else `auto` (`smooth` is the same).
        known: the trusted answers.
    """
    probe = Probe(forward, arrays, parameters, symmetric=symmetric)
    try:
        out, pairs, trusted = layer_contract(probe, backward, rng, known)
        if trusted is not None and _doubtful(probe, pairs, trusted):
            out, pairs, trusted = layer_contract(probe, backward, rng, trusted.mixed())
    except Broken as broken:
        return Verdict(problem=str(broken), culprit=broken.culprit, evaluations=probe.evaluations)
    names = gradient_names(backward, probe)
    blamed = trusted is None and known is not None and known.gave(*pairs[0])
    linear = kind == "linear"
    return _compare(probe, out, pairs, names, rng, trusted, linear=linear, blamed=blamed)


def check_loss(
    loss: Function,
    arrays: Sequence[Any],
    parameters: dict[str, Any],
    *,
    rng: np.random.Generator,
    known: Known | None = None,
) -> Verdict:
    """Check the gradients that `value, gradients = loss(*arrays, **parameters)` returns itself.

    Args:
        loss: a student's function or any callable of that form; `gradients` belong to the leading
            floating arrays, in order.
        arrays, parameters, rng, known: as in `check_layer`.
    """
    probe = Probe(loss, arrays, parameters)
    try:
        out, gradients = loss_contract(probe)
    except Broken as broken:
        return Verdict(problem=str(broken), culprit="forward", evaluations=probe.evaluations)
    pairs = [(np.ones(out.shape), [np.asarray(g, float) for g in gradients])]
    names = gradient_names(loss, probe, 1)
    trusted = known and known.beside(probe, out)
    return _compare(probe, out, pairs, names, rng, trusted, linear=False)


Pairs = Sequence[tuple[np.ndarray, list[np.ndarray]]]


def _compare(
    probe: Probe,
    out: np.ndarray,
    pairs: Pairs,
    names: list[str],
    rng: np.random.Generator,
    known: Known | None,
    *,
    linear: bool,
    blamed: bool = False,
) -> Verdict:
    """Compare with what is known of this very output, or measure. Where the forward is `blamed`, because its
    output alone is not the trusted one, nobody asks which entries are wrong: one is enough."""
    dout, gradients = pairs[0]
    wrong: list[Gradient] = []
    reason = ""
    if known is not None and len(known.gradients[0]) == len(gradients):
        wrong, close = _exactly(probe, pairs, names, known)
        if wrong and close:
            dout, gradients, measured, reason = _measured(probe, out, pairs, names, rng, linear)
            wrong = measured if measured or reason else []
    else:
        dout, gradients, wrong, reason = _measured(
            probe, out, pairs, names, rng, linear, first=FEW if blamed else PORTION
        )
    if probe.evaluations > 3 and not np.array_equal(
        probe.outs([probe.leaves])[0], out.ravel(), equal_nan=True
    ):
        return Verdict(problem=say(UNSTEADY), culprit="forward", evaluations=probe.evaluations)
    return Verdict(
        wrong=tuple(wrong),
        reason="" if wrong else reason,
        known=known is not None,
        dout=dout,
        out=out,
        gradients=dict(zip(names, gradients, strict=True)),
        evaluations=probe.evaluations,
    )


def _doubtful(probe: Probe, pairs: Pairs, known: Known) -> bool:
    """Whether other mixtures of the `dout`s may show what these do not."""
    wrong, close = _exactly(probe, pairs, probe.names, known)
    if wrong and not close:
        return False
    arrays = _by_array(pairs)
    halves = _halves(arrays)
    return any(
        known.leaning(index, row, factor=FACTOR / 2, few=1).any()
        or any(known.doubtful(n, index, g, halves=halves[index]) for n, g in enumerate(row))
        for index, row in enumerate(arrays)
    )


def _by_array(pairs: Pairs) -> list[tuple[np.ndarray, ...]]:
    """For each array its gradients by `dout`."""
    return [*zip(*(gradients for _, gradients in pairs), strict=True)]


def _halves(arrays: Sequence[Sequence[np.ndarray]]) -> list[bool]:
    """For each array whether its gradients may be in half precision."""
    return [all(half(g) or not g.any() for g in row) for row in arrays]


def _exactly(
    probe: Probe, pairs: Pairs, names: list[str], known: Known
) -> tuple[list[Gradient], bool]:
    """The gradients that are not the trusted ones, and whether few digits may be all that is wrong."""
    first: list[Gradient] = []
    close = True
    arrays = _by_array(pairs)
    halves = _halves(arrays)
    for which, (_, gradients) in enumerate(pairs):
        wrong = []
        for index, g in enumerate(gradients):
            off = known.off(which, index, g, halves=halves[index])
            if off.any():
                want = known.gradients[which][index]
                wrong.append(Gradient(names[index], probe.names[index], g, want, off))
                close &= known.near(which, index, g, halves=halves[index])
        first = first or wrong
    if first or len(pairs) <= 2:
        return first, close
    for index, row in enumerate(arrays):
        off = known.leaning(index, row) | known.often_off(index, row, halves=halves[index])
        if off.any():
            want = known.gradients[0][index]
            first.append(Gradient(names[index], probe.names[index], row[0], want, off))
    return first, not first


def _measured(
    probe: Probe,
    out: np.ndarray,
    pairs: Pairs,
    names: list[str],
    rng: np.random.Generator,
    linear: bool,
    first: int = PORTION,
) -> tuple[np.ndarray, list[np.ndarray], list[Gradient], str]:
    """Measure the forward's own slopes: `dout`, gradients, which of them are wrong, why nothing is known.
    `first` is how many entries of an array are tried together at first."""
    if linear and promised(probe, out, pairs, rng):
        return *pairs[-1], [], ""
    scope = Scope(probe, out)
    directions = Directions(scope, pairs[0][1], rng)
    if directions.straight(pairs):
        return *pairs[-1], [], ""
    directions.complete()
    if reason := _too_coarse(scope, directions):
        return *pairs[0], [], reason
    settled: set[int] = {i for i, leaf in enumerate(probe.leaves) if not leaf.size}
    linear_for_sure = len(pairs) != 3  # else one `dout` says nothing of another
    reasons: dict[int, str] = {}
    for dout, gradients in pairs:
        wrong: list[Gradient] = []
        d = dout.ravel()
        for index, gradient in enumerate(gradients):
            if wrong and first < PORTION:
                break
            outcome = directions.judge(index, gradient, d) if gradient.size else "right"
            if outcome == "right":
                settled.add(index)
            known = index in settled and linear_for_sure
            if outcome == "right" or (outcome == "unclear" and known):
                continue
            entries = Entries(scope, index, gradient, d, rng, first)
            if entries.wrong.any():
                wrong.append(
                    Gradient(
                        names[index],
                        probe.names[index],
                        gradient,
                        entries.numeric,
                        entries.wrong,
                        entries.step,
                    )
                )
            elif entries.clear:
                settled.add(index)
            else:
                reasons[index] = say(
                    HIDDEN,
                    argument=probe.names[index],
                    tolerance=entries.tolerance,
                    size=entries.size,
                )
        if wrong:
            return dout, gradients, wrong, ""
    left = [i for i in range(len(probe.leaves)) if i not in settled]
    return *pairs[-1], [], reasons[left[0]] if left else ""


def _too_coarse(scope: Scope, directions: Directions) -> str:
    """Why no slope of this forward can be measured, or nothing; finds out what numbers it gives."""
    grain = scope.resolution(directions.tracks)
    stuck = directions.stuck()
    if grain is None or stuck:
        directions.look(SINGLE_START)
        grain = scope.resolution(directions.tracks) or DOUBLE
        if grain == DOUBLE and directions.stairs(stuck):
            return say(COARSE, size=directions.jump())
    if grain == HALF:
        return say(FEW_DIGITS, digits=3)
    if grain == SINGLE:
        scope.grain = SINGLE
        directions.look(SINGLE_START)
    size = scope.roughness()
    if size > ROUNDED and scope.grain is None:
        directions.look(CLOSER)  # what bends this much may yet be straight from near; noise stays
        size = min(size, SHRINKS * scope.roughness())
    if size > ROUNDED:
        return say(COARSE, size=size)
    return ""
