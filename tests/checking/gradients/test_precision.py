"""The gradient check where one pass, or both, compute in few digits, and where short numbers only look like it."""

import numpy as np
import pytest
from gradient_layers import batch_norm, batch_norm_backward, normal

from grader.checks import check_gradient, grid_values


def tanh(x):
    return np.tanh(x), np.tanh(x)


def tanh_backward(dout, out):
    return dout * (1 - out**2)


def softmax(x):
    p = np.exp(20 * (x - x.max(axis=1, keepdims=True)))
    p = p / p.sum(axis=1, keepdims=True)
    return p, p


def softmax_backward(dout, p):
    return 20 * p * (dout - (dout * p).sum(axis=1, keepdims=True))


def rounded_first(kind, forward):
    """A forward that makes its arguments this type, and a cache of them; the backward gets dout as it is."""
    return lambda *arrays: forward(*(a.astype(kind) for a in arrays))


@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_a_backward_in_double_of_what_a_forward_left_in_few_digits(kind):
    """The gradients have all digits of float64, and are right to those of the cache only."""
    exact = tanh, tanh_backward
    forward = rounded_first(kind, tanh)
    for seed in range(10):
        x = normal(4, 3, seed=seed)
        right = check_gradient(forward, tanh_backward, x, seed=seed, exact=exact)
        assert (right.outcome, right.known) == ("right", True)
        for factor in (1.5, -1, 0):
            wrong = check_gradient(
                forward, lambda d, c, k=factor: k * tanh_backward(d, c), x, seed=seed, exact=exact
            )
            assert wrong.outcome == "wrong"
        one_per_cent = check_gradient(
            forward, lambda d, c: 1.01 * tanh_backward(d, c), x, seed=seed, exact=exact
        )
        assert one_per_cent.outcome != "right"


def test_what_cancels_in_a_backward_in_double():
    """A batch norm of two examples in float32 leaves little of its gradient, in whatever the rest is done."""
    exact = batch_norm, batch_norm_backward
    forward = rounded_first(np.float32, batch_norm)
    for seed in range(10):
        x = np.array([[0.0], [0.5]]) + np.random.default_rng(seed).uniform(0, 0.2, (2, 3))
        right = check_gradient(forward, batch_norm_backward, x, seed=seed, exact=exact)
        assert right.outcome == "right"
        for factor in (1.01, -1, 0):
            wrong = check_gradient(
                forward, lambda d, c, k=factor: k * batch_norm_backward(d, c), x, seed=seed, exact=exact
            )  # fmt: skip
            assert wrong.outcome != "right"


@pytest.mark.parametrize("factor", [1, -1, 0])
@pytest.mark.parametrize("dtype", [np.float64, np.float16])
def test_float16_that_leaves_nothing_tells_nothing(factor, dtype):
    """Of the gradient of a batch norm of two examples float16 keeps no digit, so that none of them is right,
    or wrong, whatever the cache is."""

    def norm(x):
        std = np.sqrt(x.var(axis=0) + x.dtype.type(1e-5))
        hat = (x - x.mean(axis=0)) / std
        return hat, (hat, std)

    def backward(dout, cache):
        hat, std = cache
        return (dout - dout.mean(axis=0) - hat * (dout * hat).mean(axis=0)) / std

    for seed in range(10):
        x = np.array([[0.0], [0.5]]) + np.random.default_rng(seed).uniform(0, 0.2, (2, 3))
        verdict = check_gradient(
            rounded_first(np.float16, norm),
            lambda d, c: factor * backward(d.astype(dtype), c),
            x,
            seed=seed,
            exact=(norm, backward),
        )
        assert verdict.outcome == "inconclusive"


def test_short_numbers_of_a_forward_in_double_are_no_half_precision():
    """A leak of 1/512 makes outputs that float16 holds, too; they are not those of a ReLU, rounded."""

    def relu(x):
        return np.maximum(x, 0), x

    def backward(dout, x):
        return dout * (x > 0)

    def leaky(x):
        return np.where(x > 0, x, x / 512), x

    def leaky_backward(dout, x):
        return dout * np.where(x > 0, 1, 1 / 512)

    x = grid_values(np.random.default_rng(0), (4, 3))
    assert check_gradient(relu, backward, x, exact=(relu, backward)).known
    right = check_gradient(leaky, leaky_backward, x, exact=(relu, backward))
    assert (right.outcome, right.known) == ("right", False)
    assert check_gradient(leaky, backward, x, exact=(relu, backward)).outcome == "wrong"


def test_a_short_number_that_half_precision_has_rounded():
    """Where the trusted output is a short number, too, another one may be its rounding in float16."""

    def variance(x):
        return x.var().reshape(1), x

    def backward(dout, x):
        return 2 * (x - x.mean()) * dout / x.dtype.type(x.size)

    forward, seen = rounded_first(np.float16, variance), 0
    for seed in range(60):
        x = grid_values(np.random.default_rng(seed), 4)
        seen += forward(x)[0] != variance(x)[0]
        verdict = check_gradient(
            forward,
            lambda d, c: backward(d.astype(np.float16), c),
            x,
            seed=seed,
            exact=(variance, backward),
        )
        assert verdict.outcome == "right"
    assert seen


def test_what_large_steps_move_is_no_noise():
    """Small steps do not move the winner of a saturated softmax in float32, and large ones do; that is no noise
    in which a gradient of zero is right."""
    forward = rounded_first(np.float32, softmax)
    for seed in (14, 18):
        x = normal(3, 4, seed=seed)
        for exact in (None, (softmax, softmax_backward)):
            zero = check_gradient(forward, lambda d, p: 0 * p, x, seed=seed, exact=exact)
            assert zero.outcome != "right"


def test_rounding_that_is_alike_on_both_sides_is_noise():
    """The entry of a product with a small factor moves an output near 0 by few roundings of what is added up to
    it; these are alike ahead and behind, and yet the slope is known to them only."""

    def row(x, w, b):
        return x @ w + b, (x, w)

    def backward(dout, cache):
        x, w = cache
        return dout @ w.T, x.T @ dout, dout[0]

    for seed in range(6, 11):
        rng = np.random.default_rng(seed)
        x, w = rng.normal(size=(1, 6)), rng.normal(size=(6, 1))
        b = rng.normal(size=1)
        x[0, 0] = 1e-3 * rng.uniform(0.5, 1.5)
        w[0, 0] *= 0.02
        b[0] = 0.1 - (x @ w)[0, 0]
        forward = rounded_first(np.float32, row)
        assert check_gradient(forward, backward, x, w, b, seed=seed).outcome == "right"


def test_a_mixture_in_which_all_cancels_tells_nothing():
    """Where an entry is lost in float16, other mixtures of dout are asked for; one of them may leave nothing of
    a right gradient."""

    def tied(x, w):
        h = np.tanh(x @ w)
        return h @ w.T, (x, w, h)

    def backward(dout, cache):
        x, w, h = cache
        dh = (dout @ w) * (h.dtype.type(1) - h**2)
        return dh @ w.T, x.T @ dh + dout.T @ h

    arrays = (
        np.array(
            [[-0.73, -1.8, -0.37, 0.75], [0.78, -2.69, -0.11, 0.33], [-0.59, 1.94, 1.98, 1.15]]
        ),
        np.array([[-0.14, -1.94], [-1.1, 2.18], [-2.5, 0.2], [1.19, 0.35]]),
    )
    exact, forward = (tied, backward), rounded_first(np.float16, tied)
    for number in (3, 14, 101, 103, 108):
        rng = np.random.default_rng(number)
        x, w = (np.round(a + 0.02 * rng.normal(size=a.shape), 2) for a in arrays)
        for factor in (1, 2, -1):
            verdict = check_gradient(
                forward,
                lambda d, c, k=factor: tuple(k * g for g in backward(d.astype(np.float16), c)),
                x,
                w,
                seed=788,
                exact=exact,
            )
            assert (verdict.outcome == "right") == (factor == 1)


def test_what_is_said_to_be_nothing_is_looked_at_until_it_is():
    """An entry a few thousandths as large as the others shows in float32 at larger steps only."""

    def gated(x, u):
        z = 1 / (1 + np.exp(-(x @ u)))
        return z * np.tanh(x.sum(axis=1, keepdims=True)), (x, u, z)

    def backward(dout, cache):
        x, u, z = cache
        gate, one = np.tanh(x.sum(axis=1, keepdims=True)), z.dtype.type(1)
        da = dout * gate * z * (one - z)
        dx = da @ u.T + (dout * z).sum(axis=1, keepdims=True) * (one - gate**2)
        return dx, x.T @ da

    def loses(dout, cache):
        dx, du = backward(dout.astype(np.float32), cache)
        du[np.unravel_index(np.argmin(np.abs(du)), du.shape)] = 0
        return dx, du

    forward = rounded_first(np.float32, gated)
    for seed in (19, 48):
        rng = np.random.default_rng(seed)
        x, u = rng.normal(size=(3, 2)), rng.normal(size=(2, 6))
        x[:, 0] *= 3e-3
        right = check_gradient(
            forward, lambda d, c: backward(d.astype(np.float32), c), x, u, seed=seed
        )
        assert right.outcome == "right"
        assert check_gradient(forward, loses, x, u, seed=seed).outcome == "wrong"


def test_a_lost_entry_of_a_backward_in_double():
    """A forward in float16 does not hide what its backward loses in float64: other entries have no part in it."""

    def cube(x):
        return x**3, x

    def loses(dout, x):
        return np.where(np.abs(x) < 0.1, 0, 3 * x**2 * dout)

    x = np.array([[-1.9375, -1.3125, -0.4375], [1.3125, -0.8125, 0.0625]])
    for seed in range(6):
        forward, exact = rounded_first(np.float16, cube), (cube, lambda d, x: 3 * x**2 * d)
        right = check_gradient(forward, lambda d, x: 3 * (x * d) * x, x, seed=seed, exact=exact)
        assert (right.outcome, right.known) == ("right", True)
        assert check_gradient(forward, loses, x, seed=seed, exact=exact).outcome != "right"


def test_an_entry_that_is_lost_where_all_nearly_cancels():
    """Terms that a forward in float16 has rounded leave something of each other in float64."""
    forward, exact = rounded_first(np.float16, batch_norm), (batch_norm, batch_norm_backward)

    def loses(dout, x):
        dx = batch_norm_backward(dout.astype(np.float64), x.astype(np.float64))
        dx.flat[np.argmin(np.abs(dx))] = 0
        return dx

    for seed in (80, 293, 598):
        x = np.array([[0.0], [0.5]]) + np.random.default_rng(seed).uniform(0, 0.2, (2, 3))
        assert check_gradient(forward, loses, x, seed=seed, exact=exact).outcome != "right"


def residual(kind):
    """`x + tanh(x w)`, computed in one type."""

    def forward(x, w):
        x, w = x.astype(kind), w.astype(kind)
        return x + np.tanh(x @ w), (x, w, np.tanh(x @ w))

    def backward(dout, cache):
        x, w, h = cache
        back = dout.astype(kind) * (1 - h * h)
        return dout.astype(kind) + back @ w.T, x.T @ back

    return forward, backward


@pytest.mark.parametrize("seed", [2, 47, 55, 81, 105, 157, 167, 173, 184])
def test_one_entry_that_is_off_by_half_in_half_precision(seed):
    """What is seen to cancel may explain it for one `dout`, but not for several."""
    exact, (forward, backward) = residual(np.float64), residual(np.float16)
    x, w = normal(3, 4, seed=seed), normal(4, 4, seed=seed + 1000)
    large = np.abs(exact[1](normal(3, 4, seed=seed), exact[0](x, w)[1])[1])
    place = np.argmin(np.where(large > 0.1 * large.max(), large, np.inf))

    def off(dout, cache):
        dx, dw = backward(dout, cache)
        dw.flat[place] *= 1.5
        return dx, dw

    assert check_gradient(forward, backward, x, w, seed=seed, exact=exact).outcome == "right"
    assert check_gradient(forward, off, x, w, seed=seed, exact=exact).outcome != "right"


def test_what_is_hidden_may_be_nothing_beside_the_others():
    """The slope along a small argument of a sharp softmax drowns in the rounding of an output of 0.7; it is a
    billionth of the largest, too."""
    x = np.array([[1.4, -2.139e-3, 1.799, 0.647], [-1.646, -0.683, 0.347, -2.149]])
    for seed in range(5):
        right = check_gradient(softmax, softmax_backward, x, seed=seed)
        assert right.outcome == "right"

        def lost(dout, p):
            dx = softmax_backward(dout, p)
            return np.where(np.abs(dx) == np.abs(dx).max(), 0, dx)

        assert check_gradient(softmax, lost, x, seed=seed).outcome == "wrong"
