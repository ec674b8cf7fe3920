"""The assertions about gradients, and the words for what the gradient check finds."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from grader.checking.assertions.patterns import pattern
from grader.checking.assertions.values import lengths
from grader.checking.calls.student import StudentFunction
from grader.checking.diagnosis.fingerprint import same_fingerprint
from grader.checking.diagnosis.recording import NotRecorded
from grader.checking.gradients.compare import both, close, error, picture, place
from grader.checking.gradients.gradcheck import (
    Exact,
    Gradient,
    Kind,
    Verdict,
    check_layer,
    check_loss,
)
from grader.checking.gradients.probe import Function, flatten
from grader.errors import CheckEnded
from grader.model import Outcome


def assert_gradients(
    forward: Function, backward: Function, *arrays: Any, kind: Kind = "auto", **parameters: Any
) -> None:
    """Assert that `backward` is the gradient of `forward`.

    With `out, cache = forward(*arrays, **parameters)` and a random `dout`, the arrays that
    `backward(dout, cache)` returns must be the gradients of sum(out * dout), one for each floating
    array among `arrays`, in order. See `grader.checking.gradients.gradcheck` for how that is decided.

    Args:
        forward: the student's function, `out, cache = forward(…)`.
        backward: the student's function, `gradients = backward(dout, cache)`.
        arrays: positional arguments of `forward`; draw them with `grid_values` and its like.
        kind: `linear` if the forward is linear in each array alone (cheapest), else `auto`.
        parameters: keyword arguments of `forward`.

    Raises `CheckEnded` with the first gradient that is wrong and, where one is known, the likely cause.

    >>> assert_gradients(student.relu_forward, student.relu_backward, grid_values(rng, (4, 3)))
    """
    exact = _exact(forward, backward, arrays, parameters)
    verdict = check_layer(
        forward,
        backward,
        arrays,
        parameters,
        rng=np.random.default_rng(_seed(arrays)),
        kind=kind,
        exact=exact,
    )
    _conclude(verdict, forward, backward, exact, arrays)


def assert_loss_gradient(
    loss: Function, *arrays: Any, positive: bool = False, **parameters: Any
) -> None:
    """Assert that the gradients that a loss returns beside its value are those of its value.

    Args:
        loss: the student's function; returns `(value, gradient, …)`.
        arrays: its positional arguments; the gradients belong to the leading floating ones.
        positive: the arrays hold probabilities: keep them positive.
        parameters: keyword arguments.

    Raises `CheckEnded` like `assert_gradients`.

    >>> pred, target = grid_values(rng, (4, 3)), grid_values(rng, (4, 3))
    >>> assert_loss_gradient(student.mse_loss, pred, target)
    """
    rng = np.random.default_rng(_seed(arrays))
    verdict = check_loss(loss, arrays, parameters, rng=rng, positive=positive)
    _conclude(verdict, loss, loss, None, arrays)


def _seed(arrays: Sequence[Any]) -> int:
    """A seed that is a function of the inputs, so that a check has no other source of chance."""
    digest = hashlib.sha256()
    for leaf in flatten(list(arrays)):
        if leaf.dtype.kind == "O":  # a generator: its state, not its address
            state = leaf[()].bit_generator.state if hasattr(leaf[()], "bit_generator") else None
            digest.update(repr(state).encode())
        else:
            digest.update(repr(leaf.shape).encode() + leaf.tobytes())
    return int.from_bytes(digest.digest()[:8], "little")


def _exact(
    forward: Function, backward: Function, arrays: Sequence[Any], parameters: dict[str, Any]
) -> Exact | None:
    """The reference's output and gradients as a function of `dout`, where there is a reference.

    Where the reference has no answer (another shape, not recorded): NaN, and no gradients.
    """
    if not (isinstance(forward, StudentFunction) and isinstance(backward, StudentFunction)):
        return None
    right_forward, right_backward = forward.reference, backward.reference
    if right_forward is None or right_backward is None:
        return None

    def exact(dout: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        nothing: tuple[np.ndarray, list[np.ndarray]] = (np.full(np.shape(dout), np.nan), [])
        try:
            # Copies: a generator among them must be in the same state at every call.
            out, cache = right_forward(*copy.deepcopy(arrays), **copy.deepcopy(parameters))
            if np.shape(out) != np.shape(dout):
                return nothing
            gradients = flatten(right_backward(dout, cache))
        except NotRecorded:
            return nothing
        return np.asarray(out, float), [np.asarray(g, float) for g in gradients]

    return exact


def _conclude(
    verdict: Verdict,
    forward: Function,
    backward: Function,
    exact: Exact | None,
    arrays: Sequence[Any],
) -> None:
    culprit = forward if verdict.culprit == "forward" else backward
    where = culprit.where if isinstance(culprit, StudentFunction) else None
    forward_at = forward.where if isinstance(forward, StudentFunction) else None
    if verdict.passed:
        return
    if verdict.problem:
        raise CheckEnded(Outcome.FAILED, verdict.problem, where=where)
    right = exact(verdict.dout) if exact and verdict.dout is not None else None
    coarse = _forward_agrees(verdict, right) and all(
        close(g.analytic, _trusted(g, verdict, right)).all() for g in verdict.wrong
    )
    rounded = [g for g in verdict.wrong if error(g.analytic, _trusted(g, verdict, right)) > 1e-9]
    if coarse and rounded:
        names, verb = _names(rounded)
        raise CheckEnded(
            Outcome.FAILED,
            f"{names} from {_name(backward)} {verb} computed with too few digits.",
            hint="Use float64 arrays (NumPy's default), and do not round.",
            where=where,
        )
    if coarse or verdict.inconclusive or verdict.dout is None or verdict.out is None:
        raise CheckEnded(
            Outcome.FAILED,
            "Your forward pass is computed with too few digits to measure its slopes.",
            hint="Use float64 arrays (NumPy's default), and do not round.",
            where=where,
        )
    if lesson := _forward_to_blame(verdict, right, _name(forward), _name(backward)):
        raise CheckEnded(Outcome.FAILED, lesson, where=forward_at)
    lines = [_lesson(verdict, right, _name(forward), _name(backward))]
    hint, shown = "", None
    sizes = lengths([verdict.out, *arrays])
    result = "the loss" if forward is backward else "sum(out * dout)"
    for gradient in verdict.wrong[:3]:
        want = _trusted(gradient, verdict, right)
        lines += _entries_in_words(gradient, want, result, meaning=gradient is verdict.wrong[0])
        if not np.isnan(want).any():
            hint = hint or pattern(gradient.name, gradient.analytic, want, sizes)
            hint = hint or _other_dout(gradient, verdict, exact)
            wrong = ~close(gradient.analytic, want, 1e-6)
            shown = shown or picture(gradient.name, gradient.analytic, want, wrong)
    raise CheckEnded(Outcome.FAILED, "\n".join(lines), hint=hint, picture=shown, where=where)


def _name(function: Function) -> str:
    return str(getattr(function, "name", None) or getattr(function, "__name__", "it"))


def _forward_agrees(verdict: Verdict, right: tuple[np.ndarray, list[np.ndarray]] | None) -> bool:
    return (
        right is not None and verdict.out is not None and bool(close(verdict.out, right[0]).all())
    )


def _trusted(
    gradient: Gradient, verdict: Verdict, right: tuple[np.ndarray, list[np.ndarray]] | None
) -> np.ndarray:
    """What the gradient should be: the reference's if the student's forward is right, else measured."""
    if right is not None and _forward_agrees(verdict, right):
        return right[1][list(verdict.gradients).index(gradient.name)]
    return gradient.numeric


def _names(gradients: Sequence[Gradient]) -> tuple[str, str]:
    """Gradients as the subject of a sentence, and `is` or `are`."""
    *most, last = (g.name for g in gradients)
    return (f"{', '.join(most)} and {last}", "are") if most else (last, "is")


def _lesson(
    verdict: Verdict, right: tuple[np.ndarray, list[np.ndarray]] | None, forward: str, backward: str
) -> str:
    names, verb = _names(verdict.wrong)
    verb += " not the gradient" if len(verdict.wrong) == 1 else " not the gradients"
    if forward == backward:
        return f"{names} from {forward} {verb} of the loss that it returns."
    if right is None:
        return f"{names} {verb} of your {forward}."
    if _forward_agrees(verdict, right):
        return f"Your {forward} is right; {names} from {backward} {verb} of it."
    return f"{names} {verb} of your own {forward}."


def _forward_to_blame(
    verdict: Verdict, right: tuple[np.ndarray, list[np.ndarray]] | None, forward: str, backward: str
) -> str:
    """A sentence where the gradients are right, but for the layer that `forward` should have been."""
    if right is None or _forward_agrees(verdict, right):
        return ""
    if not same_fingerprint(list(verdict.gradients.values()), right[1]):
        return ""
    return (
        f"Your {backward} is right for the layer in the exercise, but your {forward} computes "
        f"something else, so they do not belong together. Repair {forward} first."
    )


def _entries_in_words(
    gradient: Gradient, want: np.ndarray, result: str, *, meaning: bool
) -> list[str]:
    places = [tuple(int(i) for i in p) for p in np.argwhere(gradient.wrong)]
    if not places:  # only entries that were not tried one by one
        return [f"  {gradient.name} differs somewhere."]
    worst = max(places, key=lambda p: abs(gradient.analytic[p] - gradient.numeric[p]))
    tried = int((~np.isnan(gradient.numeric)).sum())
    count = f"{len(places)} of {tried} entries"
    if tried < gradient.wrong.size:
        count += " that were tried"
    mine, slope = gradient.analytic[worst], gradient.numeric[worst]
    if not np.isnan(want[worst]):
        slope = want[worst]
    at = place(worst)
    wrong, right = both(mine, slope)
    verb = "differs" if len(places) == 1 else "differ, most"
    lines = [
        f"  {gradient.name}: {count} {verb} at {gradient.name}{at}, which is {wrong}, expected {right}."
    ]
    if meaning:
        change = f"{'falls' if slope < 0 else 'rises'} by {right.removeprefix('-')}·h"
        lines.append(
            f"  Why: if {gradient.argument}{at} rises by a tiny h, {result} "
            f"{change if slope else 'does not change'}."
        )
    return lines


def _other_dout(gradient: Gradient, verdict: Verdict, exact: Exact | None) -> str:
    """Whether the gradient is right for another `dout`: a part of it was forgotten or used twice."""
    if exact is None or verdict.dout is None:
        return ""
    index = list(verdict.gradients).index(gradient.name)
    for dout, sentence in _changed_douts(verdict.dout, gradient.name):
        gradients = exact(dout)[1]
        if gradients and same_fingerprint(gradients[index], gradient.analytic):
            return sentence
    return ""


def _changed_douts(dout: np.ndarray, name: str) -> Iterator[tuple[np.ndarray, str]]:
    yield np.ones_like(dout), f"{name} does not use dout: it is what it would be for dout all ones."
    yield np.maximum(dout, 0), f"{name} uses only the positive entries of dout."
    if dout.ndim >= 1 and dout.shape[0] > 1:
        for keep, word in ((0, "first"), (-1, "last")):
            part = np.zeros_like(dout)
            part[keep] = dout[keep]
            yield part, f"{name} counts only the {word} example: the others must be added."
    if dout.ndim == 4:
        for axis, word in ((2, "row"), (3, "column")):
            for keep, which in ((0, "first"), (-1, "last")):
                place_at: list[Any] = [slice(None)] * 4
                place_at[axis] = keep
                part = dout.copy()
                part[tuple(place_at)] = 0
                yield part, f"{name} misses the {which} {word} of dout."
                part = dout - part
                yield (
                    part,
                    f"{name} counts only the {which} {word} of dout: the others must be added.",
                )
        corner = np.zeros_like(dout)
        corner[:, :, -1, -1] = dout[:, :, -1, -1]
        yield corner, f"{name} keeps only the last place of the filter: was `=` used for `+=`?"
        yield dout[..., ::-1, ::-1].copy(), f"{name} reads dout backwards."
        if dout.shape[2] == dout.shape[3]:
            yield np.swapaxes(dout, 2, 3).copy(), f"{name} swaps the rows and columns of dout."
