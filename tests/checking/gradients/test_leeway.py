"""How far rounding and kinks may take a gradient is measured on the trusted pair only where one differs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.checking.gradients.known import know
from grader.checks import check_gradient

X = np.linspace(-2, 2, 12).reshape(3, 4)


class Counted:
    """A trusted pair that counts its passes."""

    def __init__(self) -> None:
        self.forwards = self.backwards = 0

    def forward(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Sine."""
        self.forwards += 1
        return np.sin(x), x

    def backward(self, dout: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Its gradient."""
        self.backwards += 1
        return dout * np.cos(x)


def ask(backward: Callable[..., Any]) -> tuple[str, Counted]:
    trusted = Counted()
    pair = trusted.forward, trusted.backward
    verdict = check_gradient(lambda x: (np.sin(x), x), backward, X, exact=pair)
    return verdict.outcome, trusted


def test_the_same_gradient_costs_one_trusted_pass_a_dout():
    outcome, trusted = ask(lambda dout, x: dout * np.cos(x))
    assert (outcome, trusted.forwards, trusted.backwards) == ("right", 2, 2)


@pytest.mark.parametrize(("off", "outcome"), [(1e-12, "right"), (3e-8, "right"), (1e-4, "wrong")])
def test_what_differs_is_held_against_the_rounding_of_the_trusted_pass(off, outcome):
    """In float32 a gradient may differ by more than nothing: how much must be measured."""

    def backward(dout, x):
        return (dout * np.cos(x) * (1 + off)).astype(np.float32 if off == 3e-8 else float)

    said, trusted = ask(backward)
    assert said == outcome
    assert (trusted.forwards > 2) == (off > 1e-9)


def test_a_pair_that_may_answer_otherwise_later_is_asked_everything_at_once():
    trusted = Counted()
    known = know(trusted.forward, trusted.backward, [X], {}, seed=1)
    before = trusted.forwards
    assert known.leeway.rough
    assert before == trusted.forwards > 2


class Graph:
    """A graph that adds up what it is given at each backward pass; a handle of it cannot be copied."""

    def __init__(self, x: np.ndarray) -> None:
        self.x, self.total = x, np.zeros(x.shape)

    def __deepcopy__(self, _: object) -> "Graph":
        return self


def test_each_trusted_backward_has_a_forward_of_its_own():
    """Else the second gradient would hold the first one, too."""

    def backward(dout: np.ndarray, graph: Graph) -> np.ndarray:
        graph.total = graph.total + dout * np.cos(graph.x)
        return graph.total

    known = know(lambda x: (np.sin(x), Graph(x)), backward, [X], {}, seed=1)
    for dout, [gradient] in zip(known.douts, known.gradients, strict=True):
        assert np.allclose(gradient, dout * np.cos(X))


def softmax(kind: type) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Softmax, computed in one type."""

    def forward(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        shifted = np.exp((x - x.max(axis=-1, keepdims=True)).astype(kind))
        return (y := shifted / shifted.sum(axis=-1, keepdims=True)), y

    def backward(dout: np.ndarray, y: np.ndarray) -> np.ndarray:
        dout = dout.astype(kind)
        return y * (dout - (dout * y).sum(axis=-1, keepdims=True))

    return forward, backward


@pytest.mark.parametrize("seed", [6, 23])
def test_a_softmax_that_is_sure_of_itself_is_right_in_single_precision(seed):
    """What its gradient leaves is a billionth of what cancels in it, which is no jump."""
    x = 20 * np.random.default_rng([seed, 20]).normal(size=(3, 4))
    exact = softmax(np.float64)
    forward, backward = softmax(np.float32)
    assert check_gradient(forward, backward, x, seed=seed, exact=exact).outcome == "right"
    for factor in (0.0, -1.0, 1.02):
        wrong = check_gradient(
            forward, lambda dout, y, f=factor: f * backward(dout, y), x, seed=seed, exact=exact
        )
        assert wrong.outcome != "right"


def test_answers_are_remembered_to_the_last_digit():
    """Two places that differ by less than float32 tells have answers of their own, and so have parameters, and
    arguments that are declared symmetric."""

    def forward(x: np.ndarray, kink: float = 1.7) -> tuple[np.ndarray, np.ndarray]:
        return np.maximum(x - kink, 0), x > kink

    def backward(dout: np.ndarray, mask: np.ndarray) -> np.ndarray:
        return dout * mask

    for place in (1.7 + 1e-10, 1.7 - 1e-10):
        x = np.array([0.3, place, 2.3])
        verdict = check_gradient(forward, backward, x, exact=(forward, backward))
        assert verdict.outcome == "right"
    for kink in (1.7 + 1e-10, 1.7 - 1e-10):
        x = np.array([0.3, 1.7, 2.3])
        exact = forward, backward
        assert check_gradient(forward, backward, x, exact=exact, kink=kink).outcome == "right"
    first = know(forward, backward, [np.eye(2)], {}, seed=0)
    assert know(forward, backward, [np.eye(2)], {}, seed=0, symmetric=("x",)) is not first


def near_a_kink(distance: float) -> tuple[np.ndarray, np.ndarray]:
    """Two arrays, some entries of which differ by that little."""
    x = np.array([0.3, -1.2, 0.7, 2.1])
    return x, x + np.array([distance, -distance, 1.0, -1.0])


@pytest.mark.parametrize("distance", [1e-8, 1e-10, 1e-11])
@pytest.mark.parametrize("factor", [0.0, -1.0, 2.0, 1.01])
def test_a_kink_nearby_is_no_rounding(distance, factor):
    """A change of what is kept between the passes may step over it, and a smaller one does not."""

    def forward(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, Any]:
        return np.maximum(x, y), (x, y)

    def backward(dout: np.ndarray, cache: Any) -> tuple[np.ndarray, np.ndarray]:
        x, y = cache
        return dout * (x > y), dout * (x < y)

    def wrong(dout: np.ndarray, cache: Any) -> tuple[np.ndarray, np.ndarray]:
        dx, dy = backward(dout, cache)
        return dx * np.array([1, factor, 1, 1]), dy

    exact = forward, backward
    x, y = near_a_kink(distance)
    assert check_gradient(forward, backward, x, y, exact=exact).outcome == "right"
    assert check_gradient(forward, wrong, x, y, exact=exact).outcome == "wrong"


@pytest.mark.parametrize("eps", [1e-6, 1e-8, 1e-10])
def test_what_float32_would_have_left_nothing_of_was_not_computed_in_it(eps):
    """All but a little of the gradient of a batch norm of two examples cancels: in float64 enough is left."""

    def forward(x: np.ndarray) -> tuple[np.ndarray, Any]:
        std = np.sqrt(x.var(axis=0) + eps)
        return (x - x.mean(axis=0)) / std, ((x - x.mean(axis=0)) / std, std)

    def backward(dout: np.ndarray, cache: Any) -> np.ndarray:
        hat, std = cache
        return (dout - dout.mean(axis=0) - hat * (dout * hat).mean(axis=0)) / std

    exact = forward, backward
    for seed in range(5):
        x = np.array([[0.0], [1.0]]) + np.random.default_rng(seed).uniform(0, 0.2, (2, 3))
        assert check_gradient(forward, backward, x, seed=seed, exact=exact).outcome == "right"
        for factor in (0.0, -1.0, 2.0, 1.01):
            wrong = check_gradient(
                forward, lambda d, c, f=factor: f * backward(d, c), x, seed=seed, exact=exact
            )
            assert wrong.outcome == "wrong", (seed, factor)


@pytest.mark.parametrize("slope", [1.0005, 1.002])
def test_a_dout_that_is_handed_on_is_no_half_precision(slope):
    """Its numbers fit into float16, though nothing was computed in it."""
    exact = (lambda x: (slope * x, None)), (lambda dout, _: slope * dout)
    for seed in range(5):
        said = check_gradient(exact[0], lambda dout, _: dout, X, seed=seed, exact=exact)
        assert said.outcome == "wrong"
