"""Activations against PyTorch, and the properties that need no other library."""

import numpy as np
import pytest

EXERCISE = "ex02_activations"
NAMES = ("identity", "sigmoid", "relu")


def _functions(module, name):
    return getattr(module, f"{name}_forward"), getattr(module, f"{name}_backward")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(1,), (7,), (4, 5), (2, 3, 4, 5)])
def test_value_and_gradient_are_torchs(module, torch, rng, close, name, shape):
    """Forward and backward equal PyTorch's autograd, exact zeros included."""
    x, dout = 3 * rng.normal(size=shape), rng.normal(size=shape)
    x[rng.random(shape) < 0.2] = 0
    forward, backward = _functions(module, name)
    out, cache = forward(x)
    variable = torch.tensor(x, requires_grad=True)
    function = {"identity": lambda a: a * 1, "sigmoid": torch.sigmoid, "relu": torch.relu}[name]
    wanted = function(variable)
    wanted.backward(torch.tensor(dout))
    close(out, wanted.detach())
    close(backward(dout, cache), variable.grad)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_shared_or_changed(module, rng, name):
    """Arguments stay, outputs are new arrays, and two calls do not mix their caches."""
    forward, backward = _functions(module, name)
    x, other, dout = rng.normal(size=(3, 4)), rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    before = x.copy(), dout.copy()
    out, cache = forward(x)
    forward(other)
    dx = backward(dout, cache)
    np.testing.assert_array_equal(dx, backward(dout, forward(x)[1]))
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(dout, before[1])
    assert not np.shares_memory(out, x)
    assert not np.shares_memory(dx, dout)


@pytest.mark.parametrize("name", NAMES)
def test_types_and_views(module, rng, close, name):
    """Integers become floats; a transposed view gives the transposed result."""
    forward, backward = _functions(module, name)
    x = rng.integers(-3, 4, size=(3, 4))
    out, cache = forward(x.T)
    assert out.dtype.kind == "f"
    close(out, forward(x.astype(float))[0].T)
    close(backward(x.T, cache), backward(x * 1.0, forward(x * 1.0)[1]).T)


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_keeps_single_precision(reference, name):
    """float32 in, float32 out, forward and backward."""
    forward, backward = _functions(reference, name)
    out, cache = forward(np.ones((2, 2), dtype=np.float32))
    assert out.dtype == np.float32
    assert backward(out, cache).dtype == np.float32


def test_sigmoid_at_its_ends(module):
    """No warning at ±1000; 0, 1/2 and 1 are exact; the slope is 1/4 at 0 and nowhere more."""
    x = np.array([-1000.0, 0.0, 1000.0])
    out, cache = module.sigmoid_forward(x)
    np.testing.assert_array_equal(out, [0, 0.5, 1])
    np.testing.assert_array_equal(module.sigmoid_backward(np.ones(3), cache), [0, 0.25, 0])


def test_sigmoid_is_odd_about_a_half(module, close):
    """f(-x) = 1 - f(x), and f(ln 3) = 3/4."""
    x = np.linspace(-30, 30, 121)
    close(module.sigmoid_forward(-x)[0], 1 - module.sigmoid_forward(x)[0])
    close(module.sigmoid_forward(np.log([3.0]))[0], [0.75])


def test_relu_at_minus_infinity_and_zero(module):
    """Minus infinity becomes 0, and zero of either sign has slope 0."""
    out, cache = module.relu_forward(np.array([-np.inf, -0.0, 0.0, 1e-30, -1e-30]))
    np.testing.assert_array_equal(out > 0, [False, False, False, True, False])
    np.testing.assert_array_equal(module.relu_backward(np.full(5, -2.0), cache), [0, 0, 0, -2, 0])


@pytest.mark.parametrize("depth", range(1, 7))
def test_collapse_equals_the_stack(module, rng, close, depth):
    """One layer does what the whole stack does."""
    sizes = rng.integers(2, 6, size=depth + 1)
    weights = [rng.normal(size=(sizes[i], sizes[i + 1])) for i in range(depth)]
    biases = [rng.normal(size=sizes[i + 1]) for i in range(depth)]
    before = [a.copy() for a in weights + biases]
    w, b = module.collapse(weights, biases)
    x = wanted = rng.normal(size=(4, sizes[0]))
    for weight, bias in zip(weights, biases, strict=True):
        wanted = wanted @ weight + bias
    close(x @ w + b, wanted)
    assert w.shape == (sizes[0], sizes[-1])
    assert b.shape == (sizes[-1],)
    for now, then in zip(weights + biases, before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_sparsity(module, rng):
    """Half of ReLU's outputs on symmetric noise are zero, none of the sigmoid's are."""
    noise = rng.normal(size=(200, 200))
    # A fair coin 40000 times: 6 standard deviations are 0.015, missed with probability 2e-9.
    assert abs(module.sparsity(module.relu_forward(noise)[0]) - 0.5) < 0.015
    assert module.sparsity(module.sigmoid_forward(noise)[0]) == 0
    assert module.sparsity(np.array([[0.0, -0.0], [1.0, 0.0]])) == pytest.approx(0.75)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("depth", [0, 1, 2, 5, 12])
def test_gradient_through_is_autograds(module, torch, close, name, depth):
    """The slope of the chain equals PyTorch's."""
    z = np.array([[-2.0, -0.3, 0.4], [0.7, 3.0, 20.0]])
    variable = torch.tensor(z, requires_grad=True)
    out = variable * 1
    for _ in range(depth):
        out = {"identity": lambda a: a, "sigmoid": torch.sigmoid, "relu": torch.relu}[name](out)
    out.sum().backward()
    close(module.gradient_through(depth, z, name), variable.grad)


def test_gradient_through_vanishes_for_the_sigmoid_only(module):
    """At most 4⁻ᵈ for the sigmoid, exactly 1 for a living ReLU chain."""
    z = np.array([0.0, 0.5, 4.0])
    for depth in (1, 3, 10):
        assert (module.gradient_through(depth, z, "sigmoid") <= 0.25**depth).all()
        np.testing.assert_array_equal(module.gradient_through(depth, z, "relu"), [0, 1, 1])


def test_gradient_through_knows_its_activations(module):
    """Another name is a ValueError."""
    with pytest.raises(ValueError, match=r"\w"):
        module.gradient_through(2, np.zeros(3), "tanh")
