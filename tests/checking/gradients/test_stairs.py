"""The gradient check where steps of one size see something else than smaller ones: stairs, jumps, noise in a
single output, and kinks on both sides of a place."""

import zlib

import numpy as np
import pytest

from grader.checks import check_gradient

SEEDS = range(8)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def elementwise(function, slope):
    """A layer of one argument."""
    return (lambda x: (function(x), x)), (lambda dout, x: dout * slope(x))


def scaled(backward, factor, which=0):
    """The same with one gradient off by a factor."""

    def wrong(dout, cache):
        gradients = backward(dout, cache)
        if not isinstance(gradients, tuple):
            return factor * gradients
        return tuple(factor * g if i == which else g for i, g in enumerate(gradients))

    return wrong


# Kinks on both sides ---------------------------------------------------------------------------------

WIDTHS = [1e-2, 1e-4, 1e-6, 1e-8]


def narrow(kind, width):
    """A layer with a kink on both sides of `place`, and that place."""
    if kind == "clip":
        layer = elementwise(
            lambda x: np.clip(x, 2 - width, 2 + width) + x / 2,
            lambda x: (np.abs(x - 2) < width) + 0.5,
        )
        return *layer, 2.0
    if kind == "soft threshold":
        layer = elementwise(
            lambda x: np.sign(x) * np.maximum(np.abs(x) - width, 0),
            lambda x: 1.0 * (np.abs(x) > width),
        )
        return *layer, 0.0
    layer = elementwise(
        lambda x: width * np.tanh(x / width) + x / 2,
        lambda x: 1.5 - np.tanh(x / width) ** 2,
    )
    return *layer, 0.0


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", ["clip", "soft threshold", "steep"])
def test_between_two_kinks(kind, width):
    """The slope between them is right, though every larger step shows the one outside."""
    forward, backward, place = narrow(kind, width)
    for seed in SEEDS:
        x = normal(3, 2, seed=seed)
        x.flat[2] = place
        assert check_gradient(forward, backward, x, seed=seed).outcome == "right", seed
        for factor in (0, -1, 1.01, 2):
            wrong = check_gradient(forward, scaled(backward, factor), x, seed=seed)
            assert wrong.outcome != "right", (seed, factor)


def test_nothing_at_all_between_two_kinks():
    """A zero there is no reason to believe zeros elsewhere."""
    forward, backward, _ = narrow("soft threshold", 1e-8)
    x = np.zeros((2, 3))
    assert check_gradient(forward, backward, x).outcome == "right"
    x[0] = 1.0
    assert check_gradient(forward, backward, x).outcome == "right"
    assert check_gradient(forward, scaled(backward, 0), x).outcome == "wrong"


# Jumps -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["modulo", "hard threshold"])
def test_a_jump_beside_a_place_hides_no_gradient_of_zeros(kind):
    if kind == "modulo":
        forward, backward = elementwise(lambda x: np.mod(x, 1), np.ones_like)
        place = 1 + 1e-6
    else:
        forward, backward = elementwise(
            lambda x: x * (np.abs(x) > 0.5), lambda x: 1.0 * (np.abs(x) > 0.5)
        )
        place = 0.5 + 1e-6
    for seed in SEEDS:
        x = normal(3, 2, seed=seed)
        x.flat[1] = place
        assert check_gradient(forward, backward, x, seed=seed).outcome == "right", seed
        for factor in (0, -1, 1.01):
            wrong = check_gradient(forward, scaled(backward, factor), x, seed=seed)
            assert wrong.outcome != "right", (seed, factor)


def test_large_outputs_hide_no_gradient_of_an_argument_they_do_not_depend_on():
    """The rounding of 10⁸ is as large as all that a small argument moves; alone it may leave that open."""

    def forward(w, x):
        return np.concatenate([w, 3 * x]), None

    def backward(dout, _):
        return dout[:3], 3 * dout[3:]

    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        w, x = 1e8 * (1 + rng.random(3)), 1e-8 * rng.normal(size=3)
        exact = (forward, backward)
        assert check_gradient(forward, backward, w, x, seed=seed).outcome != "wrong"
        assert check_gradient(forward, backward, w, x, seed=seed, exact=exact).outcome == "right"
        for factor in (0, -1, 1.01, 2):
            wrong = scaled(backward, factor, which=1)
            assert check_gradient(forward, wrong, w, x, seed=seed).outcome != "right", seed
            found = check_gradient(forward, wrong, w, x, seed=seed, exact=exact)
            assert found.outcome != "right", seed


@pytest.mark.parametrize(
    ("function", "slope", "x"),
    [
        pytest.param(
            lambda x: np.sin(1e4 * x), lambda x: 1e4 * np.cos(1e4 * x), normal(3, 2), id="sine"
        ),
        pytest.param(
            lambda x: np.abs(x - 1),
            lambda x: np.sign(x - 1),
            1 + 1e-4 * normal(3, 2),
            id="absolute",
        ),
    ],
)
def test_what_bends_much_is_looked_at_from_nearer(function, slope, x):
    """A first step that sees no slope is no reason to say that there is none."""
    forward, backward = elementwise(function, slope)
    assert check_gradient(forward, backward, x).outcome == "right"
    assert check_gradient(forward, scaled(backward, 1.01), x).outcome == "wrong"


# Noise and stairs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1e-2, 1e-4, 1e-6])
def test_noise_in_one_output(size):
    """It hides the slopes of that output alone: a right gradient is not called wrong, and zeros never right."""

    def forward(x):
        y = np.tanh(x)
        rng = np.random.default_rng(zlib.crc32(x.tobytes()))
        y.flat[3] += size * rng.normal()
        return y, x

    def backward(dout, x):
        return dout * (1 - np.tanh(x) ** 2)

    for seed in SEEDS:
        x = normal(4, 2, seed=seed)
        assert check_gradient(forward, backward, x, seed=seed).outcome != "wrong", seed
        for factor in (0, -1, 2):
            wrong = check_gradient(forward, scaled(backward, factor), x, seed=seed)
            assert wrong.outcome != "right", (seed, factor)


def product(x, w, v, part):
    """Two layers; `part` is what single precision computes of them."""
    single = np.float32
    hidden = (x.astype(single) @ w.astype(single)).astype(float) if part == "product" else x @ w
    if part == "argument":
        hidden = x.astype(single).astype(float) @ w
    if part == "activation":
        hidden = hidden.astype(single)
    hidden = np.tanh(hidden).astype(float)
    out = hidden @ v
    if part == "column":
        out[:, 0] = (hidden @ v[:, 0]).astype(single)
    return out, (x, w, v, hidden)


def product_backward(dout, cache):
    x, w, v, hidden = cache
    dhidden = (dout @ v.T) * (1 - hidden**2)
    return dhidden @ w.T, x.T @ dhidden, hidden.T @ dout


@pytest.mark.parametrize("part", ["product", "argument", "activation", "column"])
def test_a_part_in_single_precision(part):
    """A step within one of its stairs shows no noise, and a slope of 0: that is no evidence."""
    for seed in SEEDS:
        arrays = (
            normal(4, 3, seed=seed),
            normal(3, 5, seed=seed + 100),
            normal(5, 2, seed=seed + 200),
        )
        right = check_gradient(product, product_backward, *arrays, seed=seed, part=part)
        assert right.outcome == "right", seed
        for which in range(3):
            for factor in (0, 1.01):
                wrong = scaled(product_backward, factor, which)
                found = check_gradient(product, wrong, *arrays, seed=seed, part=part)
                assert found.outcome == "wrong", (seed, which, factor)
