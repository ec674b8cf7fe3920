"""The assertions about gradients, and the words for what the gradient check finds."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from grader.checking.assertions.patterns import pattern
from grader.checking.assertions.values import lengths
from grader.checking.calls.student import StudentFunction
from grader.checking.diagnosis.fingerprint import same_fingerprint
from grader.checking.diagnosis.recording import NotRecorded
from grader.checking.gradients.compare import both, close, picture, place
from grader.checking.gradients.gradcheck import Kind, check_layer, check_loss
from grader.checking.gradients.known import Known, know, seed_of
from grader.checking.gradients.probe import Function, flatten
from grader.checking.gradients.verdict import Gradient, Verdict
from grader.errors import CheckEnded
from grader.language import all_of, later, later_n, say, say_n
from grader.model import Outcome

# A right forward and backward pass; of a loss, which gives its gradients itself, there is no second.
Pair = tuple[Callable[..., Any], Callable[..., Any] | None]


def assert_gradients(
    forward: Function,
    backward: Function,
    *arrays: Any,
    kind: Kind = "auto",
    symmetric: Sequence[str] = (),
    exact: Pair | None = None,
    **parameters: Any,
) -> None:
    """Assert that `backward` is the gradient of `forward`.

    With `out, cache = forward(*arrays, **parameters)` and a random `dout`, the arrays that
    `backward(dout, cache)` returns must be the gradients of sum(out * dout), one for each floating
    array among `arrays`, in order. Where the output is the reference's, so must the gradients be; else
    the slopes of the student's own forward are measured. What cannot be measured, because the forward
    is too coarse or too noisy, fails, and says so. See `grader.checking.gradients.gradcheck` for how
    that is decided.

    Args:
        forward: the student's function, `out, cache = forward(…)`, or a function of the check that
            makes objects of the student, such as a layer or a graph, and gives them as the cache.
        backward: the student's function, `gradients = backward(dout, cache)`, or likewise.
        arrays: positional arguments of `forward`; draw them with `grid_values` and its like.
        kind: `linear` if the forward is linear in each array alone (cheapest), else `auto`.
        symmetric: names of arguments that are symmetric matrices.
        exact: a right pair of such functions; of the student's own functions it is the reference's.
        parameters: keyword arguments of `forward`.

    Raises `CheckEnded` with the first gradient that is wrong and, where one is known, the likely cause.

    >>> assert_gradients(student.relu_forward, student.relu_backward, grid_values(rng, (4, 3)))
    """
    seed = seed_of(arrays)
    repeatable = exact is None  # a check's own pair may make objects, which the check goes on with
    exact = exact or _trusted_functions(forward, backward)
    verdict = check_layer(
        forward,
        backward,
        arrays,
        parameters,
        rng=np.random.default_rng(seed),
        kind=kind,
        known=_known(exact, arrays, parameters, seed, symmetric, repeatable=repeatable),
        symmetric=symmetric,
    )
    _conclude(verdict, forward, backward, _Ask(exact, arrays, parameters))


def assert_loss_gradient(loss: Function, *arrays: Any, **parameters: Any) -> None:
    """Assert that the gradients that a loss returns beside its value are those of its value.

    Args:
        loss: the student's function; returns `(value, gradient, …)`.
        arrays: its positional arguments; the gradients belong to the leading floating ones.
        parameters: keyword arguments.

    Raises `CheckEnded` like `assert_gradients`.

    >>> pred, target = grid_values(rng, (4, 3)), grid_values(rng, (4, 3))
    >>> assert_loss_gradient(student.mse_loss, pred, target)
    """
    seed = seed_of(arrays)
    exact = _trusted_functions(loss, None)
    known = _known(exact, arrays, parameters, seed, ())
    rng = np.random.default_rng(seed)
    verdict = check_loss(loss, arrays, parameters, rng=rng, known=known)
    _conclude(verdict, loss, None, _Ask(exact, arrays, parameters))


ALL = later_n(
    "{gradient}: {n} of {tried} entries differs at {gradient}{at}, which is {wrong}, expected {right}.",
    "{gradient}: {n} of {tried} entries differ, most at {gradient}{at}, which is {wrong}, expected {right}.",
)
SOME = later_n(
    "{gradient}: {n} of {tried} entries that were tried differs at {gradient}{at}, which is {wrong}, "
    "expected {right}.",
    "{gradient}: {n} of {tried} entries that were tried differ, most at {gradient}{at}, which is {wrong}, "
    "expected {right}.",
)
RISES = later("Why: if {argument} rises by a tiny h, {result} rises by {change}·h.")
FALLS = later("Why: if {argument} rises by a tiny h, {result} falls by {change}·h.")
STAYS = later("Why: if {argument} rises by a tiny h, {result} does not change.")
ONLY_EXAMPLE = {
    0: later("{name} counts only the first example: the others must be added."),
    -1: later("{name} counts only the last example: the others must be added."),
}
MISSES = {
    (2, 0): later("{name} misses the first row of dout."),
    (2, -1): later("{name} misses the last row of dout."),
    (3, 0): later("{name} misses the first column of dout."),
    (3, -1): later("{name} misses the last column of dout."),
}
ONLY_LINE = {
    (2, 0): later("{name} counts only the first row of dout: the others must be added."),
    (2, -1): later("{name} counts only the last row of dout: the others must be added."),
    (3, 0): later("{name} counts only the first column of dout: the others must be added."),
    (3, -1): later("{name} counts only the last column of dout: the others must be added."),
}


def _trusted_functions(forward: Function, backward: Function | None) -> Pair | None:
    """The reference's functions of the same names, if there are any; of a loss, it and None."""
    trusted = [f.reference if isinstance(f, StudentFunction) else None for f in (forward, backward)]
    if trusted[0] is None or (backward is not None and trusted[1] is None):
        return None
    return trusted[0], trusted[1]


def _known(
    exact: Pair | None,
    arrays: Sequence[Any],
    parameters: dict[str, Any],
    seed: int,
    symmetric: Sequence[str],
    *,
    repeatable: bool = True,
) -> Known | None:
    """The right answers, where there is a right pair and it has one (live, or recorded)."""
    if exact is None:
        return None
    try:
        return know(
            *exact, arrays, parameters, seed=seed, symmetric=symmetric, repeatable=repeatable
        )
    except NotRecorded:
        return None


def _conclude(verdict: Verdict, forward: Function, backward: Function | None, ask: _Ask) -> None:
    """End the check, in words, unless the verdict is that the gradients are right."""
    if verdict.passed:
        return
    behind = backward or forward
    culprit = forward if verdict.culprit == "forward" else behind
    where = culprit.where if isinstance(culprit, StudentFunction) else None
    forward_at = forward.where if isinstance(forward, StudentFunction) else None
    if verdict.problem:
        raise CheckEnded(Outcome.FAILED, verdict.problem, where=where)
    if verdict.inconclusive or verdict.dout is None or verdict.out is None:
        raise CheckEnded(
            Outcome.FAILED,
            say(
                "Whether {behind} is right cannot be told: {reason}.",
                behind=_name(behind),
                reason=verdict.reason,
            ),
            hint=say(
                "Use float64 arrays (NumPy's default), do not round, and let the same arguments give "
                "the same output without any noise."
            ),
            where=forward_at,
        )
    if lesson := _forward_to_blame(verdict, ask, _name(forward), _name(behind)):
        raise CheckEnded(Outcome.FAILED, lesson, where=forward_at)
    lines = [_lesson(verdict, ask, _name(forward), _name(behind))]
    hint, shown = "", None
    sizes = lengths([verdict.out, *ask.arrays])
    result = say("the loss") if backward is None else "sum(out * dout)"
    for gradient in verdict.wrong[:3]:
        want = gradient.numeric
        lines += _entries_in_words(gradient, result, meaning=gradient is verdict.wrong[0])
        if not np.isnan(want).any():
            hint = hint or pattern(gradient.name, gradient.analytic, want, sizes)
            hint = hint or _other_dout(gradient, verdict, ask)
            wrong = ~close(gradient.analytic, want, 1e-6)
            shown = shown or picture(gradient.name, gradient.analytic, want, wrong)
    raise CheckEnded(Outcome.FAILED, "\n".join(lines), hint=hint, picture=shown, where=where)


class _Ask:
    """What else the reference answers at the same arguments, where it can be asked."""

    def __init__(
        self, exact: Pair | None, arrays: Sequence[Any], parameters: dict[str, Any]
    ) -> None:
        self._exact = exact
        self.arrays, self._parameters = arrays, parameters
        self.possible = exact is not None and exact[1] is not None

    def gradients(self, dout: np.ndarray) -> list[np.ndarray]:
        """The gradients for another `dout`; none where it has no answer."""
        forward, backward = self._exact or (None, None)
        if forward is None or backward is None:
            return []
        try:
            # Copies: a generator among them must be in the same state at every call.
            out, cache = forward(*copy.deepcopy(self.arrays), **copy.deepcopy(self._parameters))
            if np.shape(out) != np.shape(dout):
                return []
            return [np.asarray(g, float) for g in flatten(backward(dout, cache))]
        except NotRecorded:
            return []


def _name(function: Function) -> str:
    return str(getattr(function, "name", None) or getattr(function, "__name__", "it"))


def _lesson(verdict: Verdict, ask: _Ask, forward: str, backward: str) -> str:
    names, n = all_of([g.name for g in verdict.wrong]), len(verdict.wrong)
    if forward == backward:
        return say_n(
            "{names} from {forward} is not the gradient of the loss that it returns.",
            "{names} from {forward} are not the gradients of the loss that it returns.",
            n,
            names=names,
            forward=forward,
        )
    if not ask.possible:
        return say_n(
            "{names} is not the gradient of your {forward}.",
            "{names} are not the gradients of your {forward}.",
            n,
            names=names,
            forward=forward,
        )
    if verdict.known:
        return say_n(
            "Your {forward} is right; {names} from {backward} is not the gradient of it.",
            "Your {forward} is right; {names} from {backward} are not the gradients of it.",
            n,
            forward=forward,
            names=names,
            backward=backward,
        )
    return say_n(
        "{names} is not the gradient of your own {forward}.",
        "{names} are not the gradients of your own {forward}.",
        n,
        names=names,
        forward=forward,
    )


def _forward_to_blame(verdict: Verdict, ask: _Ask, forward: str, backward: str) -> str:
    """A sentence where the gradients are right, but for the layer that `forward` should have been."""
    if verdict.known or verdict.dout is None or not ask.possible:
        return ""
    if not same_fingerprint(list(verdict.gradients.values()), ask.gradients(verdict.dout)):
        return ""
    return say(
        "Your {backward} is right for the layer in the exercise, but your {forward} computes "
        "something else, so they do not belong together. Repair {forward} first.",
        backward=backward,
        forward=forward,
    )


def _entries_in_words(gradient: Gradient, result: str, *, meaning: bool) -> list[str]:
    places = [tuple(int(i) for i in p) for p in np.argwhere(gradient.wrong)]
    if not places:  # only entries that were not tried one by one
        return ["  " + say("{gradient} differs somewhere.", gradient=gradient.name)]
    worst = max(places, key=lambda p: abs(gradient.analytic[p] - gradient.numeric[p]))
    tried = int((~np.isnan(gradient.numeric)).sum())
    mine, slope = gradient.analytic[worst], gradient.numeric[worst]
    at = place(worst)
    wrong, right = both(mine, slope)
    lines = [
        "  "
        + say_n(
            *(SOME if tried < gradient.wrong.size else ALL),
            len(places),
            gradient=gradient.name,
            tried=tried,
            at=at,
            wrong=wrong,
            right=right,
        )
    ]
    if meaning:
        why = STAYS if not slope else FALLS if slope < 0 else RISES
        change = right.removeprefix("-")
        lines.append(
            "  " + say(why, argument=f"{gradient.argument}{at}", result=result, change=change)
        )
    return lines


def _other_dout(gradient: Gradient, verdict: Verdict, ask: _Ask) -> str:
    """Whether the gradient is right for another `dout`: a part of it was forgotten or used twice."""
    if verdict.dout is None:
        return ""
    index = list(verdict.gradients).index(gradient.name)
    for dout, sentence in _changed_douts(verdict.dout, gradient.name):
        gradients = ask.gradients(dout)
        if gradients and same_fingerprint(gradients[index], gradient.analytic):
            return sentence
    return ""


def _changed_douts(dout: np.ndarray, name: str) -> Iterator[tuple[np.ndarray, str]]:
    yield (
        np.ones_like(dout),
        say("{name} does not use dout: it is what it would be for dout all ones.", name=name),
    )
    yield np.maximum(dout, 0), say("{name} uses only the positive entries of dout.", name=name)
    if dout.ndim >= 1 and dout.shape[0] > 1:
        for keep, sentence in ONLY_EXAMPLE.items():
            part = np.zeros_like(dout)
            part[keep] = dout[keep]
            yield part, say(sentence, name=name)
    if dout.ndim == 4:
        for (axis, keep), sentence in MISSES.items():
            place_at: list[Any] = [slice(None)] * 4
            place_at[axis] = keep
            part = dout.copy()
            part[tuple(place_at)] = 0
            yield part, say(sentence, name=name)
            yield dout - part, say(ONLY_LINE[axis, keep], name=name)
        corner = np.zeros_like(dout)
        corner[:, :, -1, -1] = dout[:, :, -1, -1]
        yield (
            corner,
            say(
                "{name} keeps only the last place of the filter: was `=` used for `+=`?", name=name
            ),
        )
        yield dout[..., ::-1, ::-1].copy(), say("{name} reads dout backwards.", name=name)
        if dout.shape[2] == dout.shape[3]:
            yield (
                np.swapaxes(dout, 2, 3).copy(),
                say("{name} swaps the rows and columns of dout.", name=name),
            )
