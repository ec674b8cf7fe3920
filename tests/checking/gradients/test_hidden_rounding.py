"""The gradient check where rounding hides inside a pass: what cancels there, what is lost there, near ties."""

import numpy as np
import pytest
from gradient_layers import batch_norm, batch_norm_backward, normal

from grader.checking.gradients.known import _known, _plain, know
from grader.checks import check_gradient


def inside(kind, forward, backward):
    """The same layer in this type."""

    def there(*arrays):
        return forward(*(a.astype(kind) for a in arrays))

    return there, lambda dout, cache: backward(np.asarray(dout, kind), cache)


def contrast(x, y):
    scores = x @ y.T
    top = scores.max(axis=1)
    p = np.exp(scores - top[:, None])
    return np.log(p.sum(axis=1)) + top - (x * y).sum(axis=1), (x, y)


def contrast_backward(dout, cache):
    x, y = cache
    p = np.exp(x @ y.T - (x @ y.T).max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p = dout[:, None] * (p - np.eye(len(x), dtype=p.dtype))
    return p @ y, p.T @ x


def softmax(x):
    p = np.exp(20 * (x - x.max(axis=1, keepdims=True)))
    return p / p.sum(axis=1, keepdims=True), x


def softmax_backward(dout, x):
    p, _ = softmax(x)
    return 20 * p * (dout - (dout * p).sum(axis=1, keepdims=True))


def losing(backward):
    """The same gradients without the smallest entry of the first."""

    def wrong(dout, cache):
        found = backward(dout, cache)
        first, *others = found if isinstance(found, tuple) else (found,)
        first = first.copy()
        first.flat[np.argmin(np.abs(first))] = 0
        return (first, *others)

    return wrong


@pytest.mark.parametrize(
    ("kind", "seeds"), [(np.float32, (286, 457, 691, 786)), (np.float16, (19, 135, 140))]
)
def test_what_cancels_inside_a_trusted_pass(kind, seeds):
    """Where a softmax is nearly 1, p - 1 has few digits: the trusted pass's own last digits show how few,
    also where it keeps nothing but its arguments."""
    exact = contrast, contrast_backward
    forward, backward = inside(kind, *exact)

    def negative(dout, cache):
        return [-g for g in backward(dout, cache)]

    for seed in seeds:
        x, y = normal(3, 4, seed=seed), normal(3, 4, seed=seed + 5000)
        assert check_gradient(forward, backward, x, y, seed=seed, exact=exact).outcome == "right"
        assert check_gradient(forward, negative, x, y, seed=seed, exact=exact).outcome == "wrong"


def test_an_entry_that_is_lost_once_may_be_rounding_but_not_always():
    """With two examples the smallest entry of a batch norm's gradient is some roundings in float32; for
    another dout it is more of them."""
    exact = batch_norm, batch_norm_backward
    for seed in range(130, 150):
        x = np.array([[0.0], [0.5]]) + np.random.default_rng(seed).uniform(0, 0.2, (2, 3))
        forward, backward = inside(np.float32, *exact)
        assert check_gradient(forward, backward, x, seed=seed, exact=exact).outcome == "right"
        lost = check_gradient(forward, losing(backward), x, seed=seed, exact=exact)
        assert lost.outcome != "right", seed


@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_a_lost_entry_beside_larger_ones(kind):
    """The weights' gradient of an affine layer is known to a few roundings of what is added up."""

    def affine(x, w):
        return x @ w, (x, w)

    def backward(dout, cache):
        x, w = cache
        return x.T @ dout, dout @ w.T

    def swapped(dout, cache):
        return backward(dout, cache)[::-1]

    for seed in range(40, 60):
        x, w = normal(4, 4, seed=seed), normal(4, 4, seed=seed + 100)
        exact = (affine, swapped)
        forward, back = inside(kind, *exact)
        assert check_gradient(forward, back, x, w, seed=seed, exact=exact).outcome == "right"
        lost = check_gradient(forward, losing(back), x, w, seed=seed, exact=exact)
        assert lost.outcome != "right", seed


def test_a_tiny_gradient_is_no_rounding():
    """A gradient of 10⁻¹⁸ whose digits are right in the trusted pass is not nothing."""
    x, exact = np.array([[2.0, 0.0, -0.1], [-0.2, 2.1, 0.1]]), (softmax, softmax_backward)
    assert check_gradient(softmax, softmax_backward, x, exact=exact).outcome == "right"
    assert check_gradient(softmax, lambda d, x: 0 * x, x, exact=exact).outcome != "right"


def test_all_entries_are_looked_at_until_they_are_known_together():
    """Of a saturated softmax each entry is known well at the first step, and all of them at another."""
    for seed in (190, 192, 208, 225):
        x = normal(3, 4, seed=seed)
        assert check_gradient(softmax, softmax_backward, x, seed=seed).outcome == "right"


def test_what_an_output_of_1_hides():
    """An entry that is small in its array moves the loser of a saturated softmax; the winner hides as much
    in its last digit. It is no more than a few roundings of the largest, and the trusted row does not even
    add up to 0; a larger one must be right."""
    x = normal(3, 4, seed=104)
    trusted = softmax_backward(normal(3, 4, seed=104), x)
    assert abs(trusted[1].sum()) > abs(trusted[1, 0])
    assert abs(trusted[1, 0]) < 8 * 2.0**-53 * abs(trusted).max()
    assert check_gradient(softmax, softmax_backward, x, seed=104).outcome == "right"
    for place in np.argwhere(np.abs(trusted) > 1e-8 * np.abs(trusted).max()):

        def wrong(dout, x, place=tuple(place)):
            return softmax_backward(dout, x) * np.where(x == x[place], -1, 1)

        assert check_gradient(softmax, wrong, x, seed=104).outcome != "right", place


def test_an_entry_of_a_saturated_softmax_is_not_nothing():
    """Beside entries that are a million times as large, one is not taken for 0 by their rounding."""
    for seed in range(60):
        x = normal(3, 4, seed=seed)
        p, _ = softmax(x)

        def loses(dout, x, p=p):
            return softmax_backward(dout, x) * (p != p.min())

        assert check_gradient(softmax, softmax_backward, x, seed=seed).outcome == "right"
        if p.min() > 1e-14:
            assert check_gradient(softmax, loses, x, seed=seed).outcome != "right", seed


def test_a_step_between_two_others():
    """Beside a near tie only a step between those that were tried shows a median in float32."""

    def median(x):
        return np.sort(x)[3], np.argsort(x)[3]

    def backward(dout, place):
        return dout * (np.arange(7, dtype=np.float32) == place)

    x = np.array(
        [-0.2937325, -1.55989155, -0.25842012, -0.25832773, 1.23747116, -0.65758844, 0.88766626]
    )
    forward, back = inside(np.float32, median, backward)
    for seed in range(8):
        assert check_gradient(forward, back, x, seed=seed).outcome == "right"
        wrong = check_gradient(forward, lambda d, c: back(1.01 * d, c), x, seed=seed)
        assert wrong.outcome != "right"


def test_small_differences_in_single_precision_are_no_half_precision():
    """Beside 0 a clipped difference of numbers near 1 moves by multiples of 2⁻²⁴, which float16 holds too."""

    def hinge(x):
        return np.maximum(x.sum() - x.dtype.type(4), x.dtype.type(0)), x

    forward, back = inside(np.float32, hinge, lambda d, x: 0 * x)
    for seed in range(8):
        x = np.array([0.5, 1.0, 1.25, 1.25 - 3e-4])
        assert check_gradient(forward, back, x, seed=seed).outcome == "right"


def test_rounding_is_averaged_where_it_hides_one_entry():
    """The slope by an entry that is small in its row is beside the rounding of single precision at each
    step, and shows in the mean of many."""

    def pool(x):
        return np.sqrt((x * x).sum(axis=1)), x

    def backward(dout, x):
        return dout[:, None] * x / np.sqrt((x * x).sum(axis=1, keepdims=True))

    forward, back = inside(np.float32, pool, backward)
    for seed in range(15):
        x = normal(4, 4, seed=seed)
        x[1, 2] = 6e-4
        assert check_gradient(forward, back, x, seed=seed).outcome == "right"
        assert check_gradient(forward, losing(back), x, seed=seed).outcome == "wrong"


def test_a_recording_without_what_cancels():
    """Older recordings do not say what cancels inside; then it is unknown, and nothing fails by it."""
    x = normal(2, 3)
    known = know(batch_norm, batch_norm_backward, [x], {}, seed=0)
    plain = _plain(known)
    del plain["hidden"]
    again = _known(plain)
    assert not again.off(0, 0, known.gradients[0][0]).any()
    assert again.off(0, 0, 1.5 * known.gradients[0][0]).any()
