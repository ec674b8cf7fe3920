"""The gradient check where rounding hides what is asked: gradients that nearly cancel, few digits, flats."""

import numpy as np
import pytest

from grader.checks import check_gradient


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def batch_norm(x):
    std = np.sqrt(x.var(axis=0) + x.dtype.type(1e-5))
    hat = (x - x.mean(axis=0)) / std
    return hat, (hat, std)


def batch_norm_backward(dout, cache):
    hat, std = cache
    return (dout - dout.mean(axis=0) - hat * (dout * hat).mean(axis=0)) / std


def in_single(forward, backward):
    """The same layer in single precision."""

    def there(*arrays):
        return forward(*(a.astype(np.float32) for a in arrays))

    return there, lambda dout, cache: backward(np.asarray(dout, np.float32), cache)


@pytest.mark.parametrize("factor", [1.0, 1.01])
def test_one_per_cent_of_what_nearly_cancels(factor):
    """With two examples a batch norm's gradient in float32 is its roundings to some part; those are not
    one factor for all entries."""
    for seed in range(5):
        x = np.array([[0.0], [0.5]]) + np.random.default_rng(seed).uniform(0, 0.2, (2, 3))
        forward, backward = in_single(batch_norm, batch_norm_backward)
        verdict = check_gradient(
            forward,
            lambda d, c, back=backward: np.float32(factor) * back(d, c),
            x,
            seed=seed,
            exact=(batch_norm, batch_norm_backward),
        )
        assert (verdict.outcome == "right") == (factor == 1.0)


@pytest.mark.parametrize("seed", [1, 2, 12])
def test_several_douts_show_one_per_cent(seed):
    """Where one per cent is a few roundings, the roundings of one dout hide it, those of several do not."""
    rng = np.random.default_rng(seed)
    x = np.array([[0.0], [0.5]]) + rng.uniform(0, 0.2, (2, 3))
    forward, backward = in_single(batch_norm, batch_norm_backward)
    for factor in (1.0, 1.01):
        verdict = check_gradient(
            forward,
            lambda d, c, back=backward, by=factor: np.float32(by) * back(d, c),
            x,
            seed=seed,
            exact=(batch_norm, batch_norm_backward),
        )
        assert (verdict.outcome == "right") == (factor == 1.0)


@pytest.mark.parametrize("offset", [0.0, 2.0])
def test_what_the_trusted_pass_shows_to_cancel_is_no_mistake(offset):
    """With a small epsilon, and far from 0, all entries of a right gradient lean by more than one per cent
    in single precision, as the trusted one does in its last digits."""

    def norm(x):
        return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + x.dtype.type(1e-6)), x

    def back(dout, x):
        std = np.sqrt(x.var(axis=0) + x.dtype.type(1e-6))
        hat = (x - x.mean(axis=0)) / std
        return (dout - dout.mean(axis=0) - hat * (dout * hat).mean(axis=0)) / std

    forward, backward = in_single(norm, back)
    for seed in range(40):
        x = np.array([[0.0], [0.5]]) + np.random.default_rng(seed).uniform(0, 0.2, (2, 3)) + offset
        right = check_gradient(forward, backward, x, seed=seed, exact=(norm, back))
        assert right.outcome == "right", seed
        negative = check_gradient(
            forward, lambda d, c: -backward(d, c), x, seed=seed, exact=(norm, back)
        )
        assert negative.outcome != "right"


def test_a_lost_entry_in_single_precision():
    """A small entry of a loss is not lost beside the others, nor where the outputs are the trusted ones."""

    def loss(x, y):
        return np.mean((x - y) ** 2), x - y

    def backward(dout, gap):
        dx = 2 * gap / gap.dtype.type(gap.size) * gap.dtype.type(dout)
        return dx, -dx

    def loses(dout, gap):
        dx, dy = backward(dout, gap)
        dx[1, 2] = 0
        return dx, dy

    y = normal(4, 3)
    x = y + normal(4, 3, seed=1)
    x[1, 2] = y[1, 2] + 1e-2
    for exact in (None, (loss, backward)):
        right = check_gradient(*in_single(loss, backward), x, y, exact=exact)
        assert right.outcome == "right"
        assert check_gradient(*in_single(loss, loses), x, y, exact=exact).outcome == "wrong"


def test_a_kink_beside_the_place_excuses_nothing():
    """The largest absolute value is 10⁻⁷ ahead of another: its gradient is not zero."""

    def largest(x):
        return np.abs(x).max(), x

    def backward(dout, x):
        return dout * np.sign(x) * (np.arange(x.size) == np.argmax(np.abs(x)))

    x = np.array([-3.0, 4.0 + 1e-7, -4.0, 1.0, 2.0])
    for seed in range(4):
        assert check_gradient(largest, backward, x, seed=seed).outcome != "wrong"
        assert check_gradient(largest, lambda d, x: 0 * x, x, seed=seed).outcome != "right"


def test_where_it_is_flat_zero_is_right():
    """Beyond the bound of a clip the gradient is zero, also where all entries are, and one is near."""

    def clip(x):
        return np.minimum(x, 0.25), x < 0.25

    x = np.array([0.25 + 1e-6, 0.5, 0.75, 1.5])
    assert check_gradient(clip, lambda d, below: d * below, x).outcome == "right"
    assert check_gradient(clip, lambda d, below: d, x).outcome == "wrong"


def test_what_is_hidden_in_last_digits():
    """The winner of a softmax is 1 to the last digit, and its share of the gradient cannot be seen."""

    def softmax(x):
        p = np.exp(20 * (x - x.max(axis=1, keepdims=True)))
        p /= p.sum(axis=1, keepdims=True)
        return p, p

    def backward(dout, p):
        return 20 * p * (dout - (dout * p).sum(axis=1, keepdims=True))

    for seed in range(4):
        x = normal(3, 4, seed=seed)
        assert check_gradient(softmax, backward, x, seed=seed).outcome == "right"


def test_zeros_are_no_half_precision():
    """A gradient of zeros gets no room for roundings of float16 where large numbers cancel."""

    def variance(x):
        return x.var(axis=0), x

    def backward(dout, x):
        return 2 * (x - x.mean(axis=0)) * dout / len(x)

    x, exact = 1e4 + normal(4, 3), (variance, backward)
    assert check_gradient(variance, backward, x, exact=exact).outcome == "right"
    assert check_gradient(variance, lambda d, x: 0 * x, x, exact=exact).outcome == "wrong"


def test_a_lost_entry_where_large_numbers_cancel():
    """Beside entries that are right to float64's last digits, one that is lost is no rounding of float32."""

    def variance(x):
        return x.var(axis=0), x

    def backward(dout, x):
        return 2 * (x - x.mean(axis=0)) * dout / len(x)

    def loses(dout, x):
        dx = backward(dout, x)
        dx.flat[np.argmin(np.abs(dx))] = 0
        return dx

    for seed in range(20):
        x, exact = 1e4 + normal(4, 3, seed=seed), (variance, backward)
        x[0] = x[1:].mean(axis=0) + 1e-5
        assert check_gradient(variance, backward, x, seed=seed, exact=exact).outcome == "right"
        assert check_gradient(variance, loses, x, seed=seed, exact=exact).outcome == "wrong"


def test_an_output_in_half_precision_that_cancels():
    """A small sum of larger products is the trusted one up to the rounding of these products."""

    def row(x, w):
        return x @ w, (x, w)

    def backward(dout, cache):
        x, w = cache
        return dout @ w.T, x.T @ dout

    def in_half(*arrays):
        return row(*(a.astype(np.float16) for a in arrays))

    def back(dout, cache):
        return backward(np.asarray(dout, np.float16), cache)

    for seed in range(20):
        x, w = normal(1, 6, seed=seed), normal(6, 1, seed=seed + 100)
        w[0] += (0.01 - (x @ w)[0, 0]) / x[0, 0]
        exact = (row, backward)
        assert check_gradient(in_half, back, x, w, seed=seed, exact=exact).outcome == "right"
        wrong = check_gradient(in_half, lambda d, c: back(-d, c), x, w, seed=seed, exact=exact)
        assert wrong.outcome == "wrong"
