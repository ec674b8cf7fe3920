"""What a forward and a backward pass must keep before any slope of theirs is worth measuring."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from grader.checking.calls.student import StudentFunction
from grader.checking.gradients.compare import SINGLE, precision
from grader.checking.gradients.inputs import upstream
from grader.checking.gradients.probe import Function, Probe, call_many, flatten

Pair = tuple[np.ndarray, list[np.ndarray]]  # a dout, and the gradients that belong to it

UNSTEADY = "Called twice with the same arguments, the forward pass gives two different answers."


class Broken(Exception):
    """The contract is broken; the message says how, `culprit` in which of the two functions."""

    def __init__(self, message: str, culprit: str = "backward") -> None:
        super().__init__(message)
        self.culprit = culprit


def layer_contract(
    probe: Probe, backward: Function, rng: np.random.Generator
) -> tuple[np.ndarray, list[Pair]]:
    """The output, and two upstream gradients with what the backward made of them.

    Each backward has its own forward. Raises `Broken`.
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
    names = gradient_names(backward, probe)
    _fitting(probe, first, names)
    for name, a, b, c, z in zip(names, first, second, mixed, zero, strict=True):
        if z.any():
            raise Broken(f"With dout all zero, {name} must be all zero, and it is not.")
        scale = np.max(np.abs(np.stack([2 * a, 4 * b, c])), initial=0.0)
        room = 64 * math.sqrt(a.size + 8) * scale
        off = np.max(np.abs(c - (2 * a - 4 * b)), initial=0.0)
        if off > room * precision(a, b, c):
            if off <= room * SINGLE:
                raise Broken(
                    f"{name} is computed with too few digits (float32?): the last ones do not grow in "
                    "proportion to dout. Keep everything in float64 (NumPy's default)."
                )
            raise Broken(
                f"{name} does not grow in proportion to dout. A backward pass multiplies dout by "
                "slopes that the forward pass left behind; it never asks how large or of which "
                "sign dout is."
            )
    answers_to = ((d1, first), (d2, second))
    return out, [(d, [np.asarray(g, float) for g in gradients]) for d, gradients in answers_to]


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
        raise Broken(UNSTEADY, "forward")


def _not_changed(function: Function, culprit: str) -> None:
    if isinstance(function, StudentFunction) and function.last.changed:
        names = [n for n, _ in function.declared.parameters]
        changed = ", ".join(names[i] for i in function.last.changed if i < len(names))
        raise Broken(
            f"{function.name} changes its argument {changed or 'in place'}. "
            "Work on a copy: the caller still needs the original.",
            culprit,
        )


def _fitting(probe: Probe, gradients: list[np.ndarray], names: list[str]) -> None:
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
