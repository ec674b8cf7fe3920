"""What a forward and a backward pass must keep before any slope of theirs is worth measuring."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from grader.checking.calls.student import StudentFunction
from grader.checking.gradients.compare import HALF, SINGLE, half, precision
from grader.checking.gradients.inputs import turned, upstream
from grader.checking.gradients.known import Known
from grader.checking.gradients.probe import Function, Probe, call_many, flatten
from grader.checking.gradients.slopes import length, rms
from grader.errors import ExerciseError
from grader.language import later, say, series

Pair = tuple[np.ndarray, list[np.ndarray]]  # a dout, and the gradients that belong to it

UNSTEADY = later(
    "Called twice with the same arguments, the forward pass gives two different answers."
)


class Broken(Exception):
    """The contract is broken; the message says how, `culprit` in which of the two functions."""

    def __init__(self, message: str, culprit: str = "backward") -> None:
        super().__init__(message)
        self.culprit = culprit


def layer_contract(
    probe: Probe, backward: Function, rng: np.random.Generator, known: Known | None = None
) -> tuple[np.ndarray, list[Pair], Known | None]:
    """The output, and two upstream gradients with what the backward made of them; three, where float16
    leaves it open whether the third is twice the first less four times the second. And what is known, if
    the output is the trusted one.

    Each backward has its own forward. Where the output is the trusted one, its `dout`s are used, and
    no more is asked: gradients that are right for both of them are linear in `dout`. Raises `Broken`.
    """
    answers = probe.run([probe.leaves] * 2)
    out = _output(probe, answers)
    trusted = known and known.beside(probe, out)
    if trusted is not None:
        douts = trusted.douts
        if more := len(douts) - len(answers):
            answers += probe.run([probe.leaves] * more)
    else:
        d1 = upstream(rng, out.shape)
        d2 = turned(d1, upstream(rng, out.shape))
        douts = [d1, d2, 2 * d1 - 4 * d2]
        answers += probe.run([probe.leaves])
        _same_answer(answers[0][0], answers[2][0])
    found = [
        flatten(g)
        for g in call_many(backward, [(d, a[1]) for d, a in zip(douts, answers, strict=True)], {})
    ]
    _not_changed(backward, "backward")
    names = gradient_names(backward, probe)
    for gradients in found:
        _fitting(probe, gradients, names)
    linear = trusted is None and _linear(probe, backward, out, douts, found, names)
    pairs = [
        (d, [probe.mirror(i, np.asarray(g, float)) for i, g in enumerate(gradients)])
        for d, gradients in zip(douts, found, strict=True)
    ]
    return out, pairs[:2] if linear else pairs, trusted


def _output(probe: Probe, answers: list[tuple[Any, ...]]) -> np.ndarray:
    _not_changed(probe.forward, "forward")
    if any(len(a) != 2 for a in answers):
        raise Broken(say("The forward pass must return (out, cache)."), "forward")
    out = probe.out(answers[0][0])
    if not np.isfinite(out).all():
        raise Broken(say("The forward pass gives NaN or infinity on ordinary numbers."), "forward")
    for again in answers[1:]:
        _same_answer(answers[0][0], again[0])
    return out


def _linear(
    probe: Probe,
    backward: Function,
    out: np.ndarray,
    douts: list[np.ndarray],
    found: list[list[np.ndarray]],
    names: list[str],
) -> bool:
    """Whether the gradients for 2a - 4b are 2 times those for a less 4 times those for b, for what is
    computed in single precision. Raises `Broken` if they are not, though what is computed in float16 is
    given more room.

    A gradient that vanishes is the rounding of what cancels, so it is judged by the size of what may
    have been added up: `dout` times the outputs over the arguments.
    """
    sure = True
    for name, leaf, *gradients in zip(names, probe.leaves, *found, strict=True):
        a, b, c = (np.asarray(g, float) for g in gradients)
        scale = float(np.max(np.abs(np.stack([2 * a, 4 * b, c])), initial=0.0))
        terms = length(douts[2] * out) / (rms(leaf[np.isfinite(leaf)]) or 1.0)
        off = float(np.max(np.abs(c - (2 * a - 4 * b)), initial=0.0))
        room = 64 * math.sqrt(a.size + 8)
        if off <= room * (SINGLE * scale + precision(a, b, c) * terms):
            continue
        if half(a) and half(b) and half(c) and off <= room * HALF * (scale + terms):
            sure = False  # numbers that fit into float16 may have been computed in double
            continue
        cache = probe.run([probe.leaves])[0][1]
        zero = flatten(call_many(backward, [(np.zeros(out.shape), cache)], {})[0])
        if any(np.asarray(z).any() for z in zero):
            raise Broken(
                say("With dout all zero, {name} must be all zero, and it is not.", name=name)
            )
        raise Broken(
            say(
                "{name} does not grow in proportion to dout. A backward pass multiplies dout by "
                "slopes that the forward pass left behind; it never asks how large or of which sign "
                "dout is.",
                name=name,
            )
        )
    return sure


def loss_contract(probe: Probe) -> tuple[np.ndarray, list[np.ndarray]]:
    """The value of a loss, and the gradients that it returned. Raises `Broken`.

    `probe` is left with the arguments that have a gradient.
    """
    first, again = probe.run([probe.leaves, probe.leaves])
    _not_changed(probe.forward, "forward")
    _same_answer(first[0], again[0])
    gradients = flatten(first[1:])
    if gradients and len(gradients) < len(probe.leaves):  # targets and weights are not learned
        probe.keep(len(gradients))
    _fitting(probe, gradients, gradient_names(probe.forward, probe, 1))
    return probe.out(first[0]), gradients


def _same_answer(a: Any, b: Any) -> None:
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or not np.array_equal(a, b, equal_nan=True):
        raise Broken(say(UNSTEADY), "forward")


def _not_changed(function: Function, culprit: str) -> None:
    if isinstance(function, StudentFunction) and function.last.changed:
        names = [n for n, _ in function.declared.parameters]
        changed = series(names[i] for i in function.last.changed if i < len(names))
        raise Broken(
            say(
                "{function} changes its argument {changed}. Work on a copy: the caller still needs the "
                "original.",
                function=function.name,
                changed=changed or say("in place"),
            ),
            culprit,
        )


def _fitting(probe: Probe, gradients: list[np.ndarray], names: list[str]) -> None:
    if probe.whole and len(gradients) == len(probe.leaves) + len(probe.whole):
        raise ExerciseError(
            say(
                "a gradient check moves floats only, and {names} holds whole numbers: pass it as "
                "floats, x.astype(float)",
                names=series(probe.whole),
            )
        )
    if len(gradients) != len(probe.leaves):
        wanted = series(names)
        raise Broken(
            say(
                "{n} gradients are needed, {wanted}; there are {given}.",
                n=len(probe.leaves),
                wanted=wanted,
                given=len(gradients),
            )
        )
    for name, argument, leaf, gradient in zip(
        names, probe.names, probe.leaves, gradients, strict=True
    ):
        if gradient.dtype.kind not in "fiub":
            raise Broken(say("{name} must be an array of numbers.", name=name))
        if gradient.shape != leaf.shape:
            raise Broken(
                say(
                    "{name} has shape {shape}, but it must have the shape of {argument}, which is "
                    "{wanted}.",
                    name=name,
                    shape=gradient.shape,
                    argument=argument,
                    wanted=leaf.shape,
                )
            )
        if not np.isfinite(gradient).all():
            raise Broken(say("{name} holds NaN or infinity.", name=name))


def gradient_names(function: Function, probe: Probe, skip: int = 0) -> list[str]:
    """What the gradients are called: as declared, also a part such as `grads[0][1]` of one that is
    declared; else `d` and the argument's name."""
    if isinstance(function, StudentFunction):
        declared = [name for name, _ in function.declared.returns][skip:]
        if len(declared) == len(probe.names):
            return declared
        owners = list(dict.fromkeys(name.partition("[")[0] for name in probe.names))
        if len(declared) == len(owners):
            called = dict(zip(owners, declared, strict=True))
            parts = [name.partition("[") for name in probe.names]
            return [f"{called[owner]}{bracket}{path}" for owner, bracket, path in parts]
    return [f"d{name}" for name in probe.names]
