"""The gradient check in single precision, where only a window of many steps shows a slope."""

import numpy as np
import pytest

from grader.checking.gradients import windows
from grader.checks import check_gradient


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def in_single(forward, backward):
    """The same layer in single precision."""

    def there(*arrays):
        return forward(*(a.astype(np.float32) for a in arrays))

    return there, lambda dout, cache: backward(np.asarray(dout, np.float32), cache)


def test_a_window_is_as_good_as_it_says():
    """A slope of a window is off by no more than its tolerance, whatever polynomial or kink is in it; on one
    side of the place, unless the kink lies nearer than its nearest points."""
    rng, known = np.random.default_rng(0), [0, 0, 0]
    for _ in range(3000):
        slope, bend, grid = rng.normal(), rng.normal(), 10.0 ** rng.uniform(-7, -3)
        curve = rng.normal(size=4) * 10.0 ** rng.uniform(-6, 0)
        kink = rng.choice([-1, 1]) * 10.0 ** rng.uniform(-2.3, 0.3)

        def line(t, s=slope, c=curve, b=bend, k=kink, g=grid):
            y = s * t + sum(a * t**n for n, a in enumerate(c, 2))
            y = y + b * np.maximum(0, (t - k) * np.sign(k))
            return np.round(y / g + 0.3) * g

        moves = line(windows.POINTS) - line(np.zeros(1))
        few = grid if np.max(np.abs(moves)) < 32 * grid else 0.0
        for side in range(3):
            value, tolerance = windows.fitted(moves, side, grid / 5, grid / 2, few)
            assert abs(value - slope) <= tolerance
            known[side] += tolerance < 0.1
    assert min(known) > 300


def test_a_slope_beside_an_extremum():
    """Where a sine times its argument is nearly flat, its slope is a thousandth of the outputs."""

    def wave(x):
        return np.sin(x) * x, x

    def backward(dout, x):
        return dout * (np.cos(x) * x + np.sin(x))

    forward, back = in_single(wave, backward)
    for seed in range(10):
        x = np.array(-2.0348 + 1e-3 * normal(seed=seed))
        assert check_gradient(forward, back, x, seed=seed).outcome == "right"
        wrong = check_gradient(forward, lambda d, x: np.float32(1.01) * back(d, x), x, seed=seed)
        assert wrong.outcome != "right"


def test_an_entry_that_hardly_moves_a_length():
    """By an entry of 0.00004 the length of a row rises by little; it is known all the same."""

    def lengths(x):
        return np.sqrt((x * x).sum(axis=1)), x

    def backward(dout, x):
        return dout[:, None] * x / np.sqrt((x * x).sum(axis=1, keepdims=True))

    def loses(dout, x):
        return backward(dout, x) * (np.abs(x) > 1e-4)

    for seed in range(10):
        x = normal(4, 4, seed=seed)
        x[1] = np.array([0.2, -0.15, 4e-5, 0.1]) * (1 + 0.1 * x[1])
        assert check_gradient(*in_single(lengths, backward), x, seed=seed).outcome == "right"
        assert check_gradient(*in_single(lengths, loses), x, seed=seed).outcome == "wrong"


@pytest.mark.parametrize("side", [-1, 1])
def test_a_kink_just_beside_the_place(side):
    """A hinge that ends 0.00015 away: the slope here is that of the other side, which goes on."""

    def hinge(x):
        return np.maximum(1 + x, 0).mean(dtype=x.dtype), x

    def backward(dout, x):
        return dout * (x > -1) / np.float32(x.size)

    def beyond(dout, x):
        return backward(dout, x) + dout * (np.abs(x + 1) < 1e-3) / np.float32(side * x.size)

    for seed in range(10):
        x = np.array([0.73, 0.4, 1.2, 0.84, -1.0, 1.6]) * (1 + 0.1 * normal(6, seed=seed))
        x[4] = -1 + side * 1.5e-4
        assert check_gradient(*in_single(hinge, backward), x, seed=seed).outcome == "right"
        assert check_gradient(*in_single(hinge, beyond), x, seed=seed).outcome != "right"


def test_a_kink_at_the_place_is_on_neither_side():
    """Nearer than single precision can tell, no side is believed."""

    def hinge(x):
        return np.float32(1) + np.maximum(x, 0).sum(dtype=x.dtype), x

    for seed in range(10):
        x = normal(6, seed=seed)
        x[2] = 1e-9
        for slope in (0, 1):

            def backward(dout, x, slope=slope):
                return dout * np.where(np.abs(x) < 1e-6, np.float32(slope), x > 0)

            assert check_gradient(*in_single(hinge, backward), x, seed=seed).outcome != "wrong"


def test_a_small_entry_that_is_never_the_largest():
    """What moves nothing at all over a hundredth of the array has no slope, in single precision either."""

    def pool(x):
        return x.max(axis=1), x

    def backward(dout, x):
        return dout[:, None] * (x == x.max(axis=1, keepdims=True))

    for seed in range(10):
        x = normal(6, 4, seed=seed)
        x[0, 0], x[0, 1] = 0.001, 0.3
        assert check_gradient(*in_single(pool, backward), x, seed=seed).outcome == "right"


def test_half_of_a_small_entry_beside_what_bends():
    """Where the curvature of the other entries hides a small one along a direction, it is moved without
    them."""

    def power(x):
        return (x[1:] ** 4).sum() + x.dtype.type(0.005) * x[0], x

    def backward(dout, x):
        dx = 4 * x**3
        dx[0] = 0.005
        return dx * np.float32(dout)

    def halves(dout, x):
        return backward(dout, x) * np.where(np.arange(x.size) == 0, np.float32(0.5), np.float32(1))

    for seed in range(10):
        x = 1 + 0.2 * normal(5, seed=seed)
        assert check_gradient(*in_single(power, backward), x, seed=seed).outcome == "right"
        assert check_gradient(*in_single(power, halves), x, seed=seed).outcome == "wrong"


def test_a_small_weight_of_a_saturated_unit():
    """What a step as large as the other weights hardly moves is nothing beside them, in single precision."""

    def layers(x, w, v):
        hidden = np.tanh(x @ w)
        return hidden @ v, (x, w, hidden, v)

    def backward(dout, cache):
        x, w, hidden, v = cache
        inner = dout @ v.T * (1 - hidden**2)
        return inner @ w.T, x.T @ inner, hidden.T @ dout

    def larger(dout, cache):
        return [np.float32(1.01) * g for g in backward(dout, cache)]

    x = [
        [0.593, 1.23, -0.351, 1.764],
        [0.0209, -1.421, 0.328, -1.473],
        [0.183, -0.413, -0.0466, -1.627],
    ]
    v = [[0.819, 0.759], [1.515, -1.045], [0.998, -0.878], [-1.623, -0.23], [0.677, -0.00627]]
    w = np.array(
        [
            [-0.885, -0.00926, -1.067, 1.014, 0.706],
            [0.498, -1.599, 0.912, -0.0527, -0.274],
            [0.456, -0.00364, 1.872, 1.0, -0.394],
            [-0.389, -4.063, -1.317, -1.999, 1.19],
        ]
    )
    for seed in range(10):
        arrays = np.array(x), w, np.array(v)
        assert check_gradient(*in_single(layers, backward), *arrays, seed=seed).outcome == "right"
        assert check_gradient(*in_single(layers, larger), *arrays, seed=seed).outcome != "right"


def test_one_step_that_shows_no_noise_is_chance():
    """Of a small difference of large numbers the noise is theirs, though some steps happen to show none."""

    def triplet(a, p, n):
        near, far = ((a - p) ** 2).sum(axis=1), ((a - n) ** 2).sum(axis=1)
        gap = near - far + a.dtype.type(0.5)
        return np.maximum(gap, 0).mean(dtype=a.dtype), (a, p, n, gap > 0)

    def backward(dout, cache):
        a, p, n, on = cache
        g = (dout * on / np.float32(len(a)))[:, None]
        return 2 * g * (n - p), -2 * g * (a - p), 2 * g * (a - n)

    for seed in range(60):
        a, p, n = (normal(4, 3, seed=seed + k) for k in (0, 100, 200))
        n[:3] = a[:3] + 3  # one row is left, and just above the kink
        gap = ((a[3] - p[3]) ** 2).sum() - ((a[3] - n[3]) ** 2).sum() + 0.5
        n[3, 2] = a[3, 2] + np.sqrt(max((a[3, 2] - n[3, 2]) ** 2 + gap - 0.04, 0))
        assert check_gradient(*in_single(triplet, backward), a, p, n, seed=seed).outcome == "right"
