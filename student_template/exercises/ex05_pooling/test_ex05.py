"""The checks of ex05: max, average and L2 pooling."""

import numpy as np
import pytest

from grader.checks import (
    assert_caches_apart,
    assert_gradients,
    assert_raises,
    assert_same,
    assert_shape,
    distinct_values,
    fail,
    grid_values,
    say,
    upstream,
)

MAX, MAX_BACK = "test_max_shape", "test_max_gradient_shape"
AVERAGE, AVERAGE_BACK = "test_average_shape", "test_average_gradient_shape"
L2, L2_BACK = "test_l2_shape", "test_l2_gradient_shape"

# Pictures, size, stride: windows side by side, overlapping, apart, of one cell, as high as the picture;
# heights and widths that the stride does not divide.
CASES = (
    ((2, 3, 6, 8), 2, 2),
    ((2, 3, 7, 6), 3, 2),
    ((3, 2, 5, 9), 2, 3),
    ((2, 1, 9, 7), 1, 4),
    ((1, 4, 4, 6), 4, 1),
)
TINY = 1e-6  # relative; room for those who guard a division or a root with a tiny epsilon


def room(result):
    """The tolerance for a sum of entries of a result: wide if all of them are float32 numbers."""
    return 1e-5 if np.array_equal(result, np.asarray(result, np.float32)) else 1e-9


def places(length, size, stride):
    """How many windows fit, by trying every start."""
    return sum(1 for start in range(0, length, stride) if start + size <= length)


def windows(x, size, stride):
    """Each window as (place, cells): cells of shape (N, C, size, size)."""
    for i in range(places(x.shape[2], size, stride)):
        for j in range(places(x.shape[3], size, stride)):
            top, left = i * stride, j * stride
            yield (i, j), x[:, :, top : top + size, left : left + size]


def pooled(x, size, stride, function):
    """`function` of the cells of each window: what a pooling layer computes."""
    x = np.asarray(x, float)
    shape = (*x.shape[:2], places(x.shape[2], size, stride), places(x.shape[3], size, stride))
    out = np.zeros(shape)
    for (i, j), cells in windows(x, size, stride):
        out[:, :, i, j] = function(cells.reshape(*x.shape[:2], -1))
    return out


def largest(cells):
    """Maximum of each window."""
    return cells.max(axis=-1)


def mean(cells):
    """Mean of each window."""
    return cells.mean(axis=-1)


def length(cells):
    """Square root of the sum of squares of each window."""
    return np.sqrt((cells**2).sum(axis=-1))


def each_case(draw):
    """Arguments for each of `CASES` with an x that `draw` makes of a shape, and the words for it."""
    calls = [(draw(shape), size, stride) for shape, size, stride in CASES]
    words = [
        say("For x {shape}, size {size}, stride {stride}:", shape=shape, size=size, stride=stride)
        for shape, size, stride in CASES
    ]
    return calls, words


def back(backward, rng, answers):
    """A dout for each of several answers of a forward pass, and the dx of each."""
    douts = [upstream(rng, out.shape) for out, _ in answers]
    asked = [(dout, cache) for dout, (_, cache) in zip(douts, answers, strict=True)]
    return douts, backward.map(asked)


def assert_forward_shape(forward, rng):
    """The output's shape for every kind of window, and with size and stride left out."""
    calls, words = each_case(lambda shape: grid_values(rng, shape))
    for (shape, size, stride), (out, _), because in zip(
        CASES, forward.map(calls), words, strict=True
    ):
        want = (*shape[:2], places(shape[2], size, stride), places(shape[3], size, stride))
        assert_shape(out, want, because=because)
    out, _ = forward(grid_values(rng, (2, 3, 8, 6)))
    assert_shape(
        out, (2, 3, 4, 3), because="For x (2, 3, 8, 6), size and stride not given, so both 2:"
    )


def assert_values(forward, rng, function, tolerance=1e-9):
    """The output for every kind of window."""
    calls, words = each_case(lambda shape: distinct_values(rng, shape))
    for call, (out, _), because in zip(calls, forward.map(calls), words, strict=True):
        assert_same(out, pooled(*call, function), tolerance=tolerance, because=because)


def assert_channels_apart(forward, rng, function, tolerance=1e-9):
    """Each channel of each picture alone gives the same as all together."""
    x = distinct_values(rng, (2, 3, 6, 7))
    alone = x.reshape(6, 1, 6, 7)  # every channel as a picture of its own
    (together, _), (parts, _) = forward.map([(x, 3, 2), (alone, 3, 2)])
    assert_shape(parts, (6, 1, 2, 3))
    assert_shape(together, (2, 3, 2, 3))
    for n in range(2):
        for c in range(3):
            because = say(
                "Channel {c} of picture {n}, alone and together with the others:", c=c, n=n
            )
            part = parts[3 * n + c : 3 * n + c + 1]
            mine = together[n : n + 1, c : c + 1]
            assert_same(mine, part, tolerance=tolerance, because=because)


def assert_other_types(forward, rng, function, tolerance=1e-9):
    """float32, whole numbers, bytes as pictures have them, and views."""
    x = distinct_values(rng, (2, 3, 5, 7))
    inputs = {
        say("In float32:"): x.astype(np.float32),
        say("With x not contiguous:"): np.asfortranarray(x),
        say("With whole numbers (int64):"): rng.integers(-9, 10, x.shape),
        say("With whole numbers (uint8):"): rng.integers(100, 256, x.shape).astype(np.uint8),
    }
    answers = forward.map([(numbers, 3, 2) for numbers in inputs.values()])
    for (because, numbers), (out, _) in zip(inputs.items(), answers, strict=True):
        close = max(tolerance, 1e-5) if numbers.dtype == np.float32 else tolerance
        assert_same(out, pooled(numbers, 3, 2, function), tolerance=close, because=because)


def assert_gradient_of_whole_numbers(forward, backward, rng):
    """dx for whole numbers, also in bytes, is dx for the same numbers as floats."""
    kinds = {"int64": -70, "uint8": 100}
    whole = [
        (least + rng.permutation(144).reshape(2, 3, 4, 6)).astype(kind)
        for kind, least in kinds.items()
    ]
    (out, floats), *answers = forward.map([(np.concatenate(whole, dtype=float),), *zip(whole)])
    assert_shape(out, (4, 3, 2, 3))
    dout = 8 * np.abs(upstream(rng, out.shape))
    caches = [cache for _, cache in answers]
    wants, *gradients = backward.map([(dout, floats), (dout[:2], caches[0]), (dout[2:], caches[1])])
    assert_shape(wants, (4, 3, 4, 6), name="dx")
    for kind, dx, want in zip(kinds, gradients, (wants[:2], wants[2:]), strict=True):
        because = say(
            "x holds whole numbers ({kind}), dout does not; compared with x as floats:", kind=kind
        )
        assert_same(dx, want, name="dx", tolerance=TINY, because=because)


def assert_backward_shape(forward, backward, rng):
    """dx has the shape of x for every kind of window."""
    calls, words = each_case(lambda shape: distinct_values(rng, shape))
    for call, because in zip(calls, words, strict=True):
        out, cache = forward(*call)
        dx = backward(upstream(rng, out.shape), cache)
        assert_shape(dx, call[0].shape, name="dx", because=because)


def assert_no_hidden_state(forward, backward, rng):
    """Two forward passes before one backward pass; arguments and dout are left alone."""
    first, second = ((distinct_values(rng, (2, 3, 6, 5)),) for _ in range(2))
    other = (distinct_values(rng, (1, 2, 4, 4)),)
    assert_caches_apart(forward, backward, rng, first, second, other, size=3, stride=2)


def assert_exact(forward, backward, rng, want):
    """dx to the last bit where a formula has no rounding, also where x is huge or tiny.

    A difference of two outputs cannot be that exact: this is what tells a formula from numerical
    differentiation.
    """
    x = distinct_values(rng, (2, 2, 4, 6)) * 2.0 ** rng.integers(-40, 60, (2, 2, 2, 3)).repeat(
        2, axis=2
    ).repeat(2, axis=3)
    out, cache = forward(x)
    dout = upstream(rng, out.shape)
    dx = backward(dout, cache)
    because = "x from 1e-12 to 1e18; a formula is exact there, numerical differentiation is not:"
    wide = dout.repeat(2, axis=2).repeat(2, axis=3)
    assert_same(dx, want(x, wide), name="dx", tolerance=0, because=because)


def assert_unseen(dx, size, stride, because):
    """Assert that what no window covers gets no gradient."""
    unseen = np.ones(dx.shape, bool)
    for _, cells in windows(unseen, size, stride):
        cells[...] = False
    if dx[unseen].any():
        fail(say("{because} dx must be 0 at the cells that no window covers.", because=because))


# Max pooling, forward


@pytest.mark.points(1)
def test_max_shape(student, rng):
    """Max pooling gives one number for each window that fits."""
    assert_forward_shape(student.max_pool_forward, rng)


@pytest.mark.points(1)
@pytest.mark.after(MAX)
def test_max_by_hand(student):
    """The largest of each 2×2 window, in a picture of 4×4."""
    x = np.array([[1, 3, -2, -1], [2, 0, -4, -3], [5, 5, 0, 6], [4, -5, 7, 1]], float)
    out, _ = student.max_pool_forward(x[None, None])
    assert_same(out, np.array([[[[3.0, -1.0], [5.0, 7.0]]]]))


@pytest.mark.points(2)
@pytest.mark.after(MAX)
def test_max_values(student, rng):
    """Each output is the largest entry of its window, for any size and stride."""
    assert_values(student.max_pool_forward, rng, largest)


@pytest.mark.points(1)
@pytest.mark.after(MAX)
def test_max_of_negative_numbers(student, rng):
    """Where all entries are negative, so is their maximum; at any scale."""
    scales = 2.0 ** np.array([0, 20, -20, 100, 120])
    x = -np.abs(distinct_values(rng, (10, 3, 6, 5))) * scales.repeat(2)[:, None, None, None]
    out, _ = student.max_pool_forward(x, size=3, stride=1)
    want = pooled(x, 3, 1, largest)
    assert_shape(out, want.shape)
    for n, scale in enumerate(scales):
        mine, right = out[2 * n : 2 * n + 2], want[2 * n : 2 * n + 2]
        try:
            assert_same(
                mine, right, because=say("All of x negative, about -{scale:.3g}:", scale=scale)
            )
        except Exception as end:
            if (mine == mine.flat[0]).all():
                end.hint = say(
                    "All outputs are the same number: does the search for the maximum start with it? "
                    "Start with -np.inf or with the first entry."
                )
            raise


@pytest.mark.points(1)
@pytest.mark.after(MAX)
def test_max_does_not_care_where(student, rng):
    """Moving a feature inside its window changes nothing: is it there, not exactly where."""
    x = np.full((9, 2, 6, 6), -1.0)
    for n, (u, v) in enumerate(np.ndindex(3, 3)):
        x[n, 0, u, 3 + v], x[n, 1, 3 + v, u] = 5.0, 2.0
    out, _ = student.max_pool_forward(x, size=3, stride=3)
    assert_shape(out, (9, 2, 2, 2))
    want = np.array([[[[-1.0, 5.0], [-1.0, -1.0]], [[-1.0, -1.0], [2.0, -1.0]]]])
    for n, (u, v) in enumerate(np.ndindex(3, 3)):
        because = say("A bright pixel at ({u}, {v}) of its 3×3 window:", u=u, v=v)
        assert_same(out[n : n + 1], want, because=because)


@pytest.mark.points(1)
@pytest.mark.after(MAX)
def test_max_keeps_channels_apart(student, rng):
    """Max pooling takes each channel of each picture by itself."""
    assert_channels_apart(student.max_pool_forward, rng, largest)


@pytest.mark.points(1)
@pytest.mark.after(MAX)
def test_max_with_other_number_types(student, rng):
    """Max pooling of float32, whole numbers, and arrays that are not contiguous works."""
    assert_other_types(student.max_pool_forward, rng, largest)


# Max pooling, backward


@pytest.mark.points(1)
@pytest.mark.after(MAX)
def test_max_gradient_shape(student, rng):
    """max_pool_backward gives dx the shape of x, also where windows leave cells out."""
    assert_backward_shape(student.max_pool_forward, student.max_pool_backward, rng)


@pytest.mark.points(1)
@pytest.mark.after(MAX_BACK)
def test_max_backward_by_hand(student, rng):
    """dout goes to the winner of each window, and to no other entry."""
    x = np.array([[1, 3, -1, -2], [2, 0, -4, -3], [5, 0, 0, 6], [4, 8, 7, 1]], float)
    _, cache = student.max_pool_forward(x[None, None])
    dx = student.max_pool_backward(np.array([[[[10.0, 20.0], [-30.0, 40.0]]]]), cache)
    want = np.array([[0, 10, 20, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, -30, 40, 0]], float)
    assert_same(dx, want[None, None], name="dx")

    def winners(x, dout):
        blocks = x.reshape(2, 2, 2, 2, 3, 2).max(axis=(3, 5))
        return np.where(x == blocks.repeat(2, axis=2).repeat(2, axis=3), dout, 0.0)

    assert_exact(student.max_pool_forward, student.max_pool_backward, rng, winners)


@pytest.mark.points(2)
@pytest.mark.after(MAX_BACK)
def test_max_backward(student, rng):
    """max_pool_backward is the gradient of your own max_pool_forward."""
    x = distinct_values(rng, (2, 3, 4, 6))
    assert_gradients(student.max_pool_forward, student.max_pool_backward, x, size=2, stride=2)


@pytest.mark.points(2)
@pytest.mark.after(MAX_BACK)
def test_max_backward_with_overlap(student, rng):
    """Where windows overlap, an entry that wins in several of them gets the sum."""
    x = distinct_values(rng, (2, 3, 6, 5))
    x[0, 1, 2, 2] = 40.0  # wins in every window that covers it
    assert_gradients(student.max_pool_forward, student.max_pool_backward, x, size=3, stride=1)
    x = distinct_values(rng, (1, 2, 7, 9))
    assert_gradients(student.max_pool_forward, student.max_pool_backward, x, size=3, stride=2)


@pytest.mark.points(1)
@pytest.mark.after(MAX_BACK)
def test_max_backward_with_gaps(student, rng):
    """Entries between the windows, or beyond the last one, get no gradient."""
    x = distinct_values(rng, (2, 3, 8, 6))
    assert_gradients(student.max_pool_forward, student.max_pool_backward, x, size=2, stride=3)
    x = 1 + np.abs(distinct_values(rng, (1, 2, 7, 9)))
    out, cache = student.max_pool_forward(x, size=3, stride=3)
    dx = student.max_pool_backward(upstream(rng, out.shape), cache)
    assert_shape(dx, x.shape, name="dx")
    assert_unseen(dx, 3, 3, say("For x (1, 2, 7, 9), size 3, stride 3:"))


@pytest.mark.points(1)
@pytest.mark.after(MAX_BACK)
def test_max_backward_at_ties(student, rng):
    """Where several entries tie for the maximum, their shares add up to dout; no other entry gets any."""
    zeros = np.zeros((1, 2, 4, 4))
    after_relu = np.maximum(rng.integers(-2, 3, (2, 3, 6, 9)), 0).astype(float)
    after_relu[0, 0, :3, :3], after_relu[1, 2, 3:, 6:] = 0.0, 2.0
    for what, x, size in ((say("all zero"), zeros, 2), (say("as after a ReLU"), after_relu, 3)):
        out, cache = student.max_pool_forward(x, size=size, stride=size)
        dout = upstream(rng, out.shape)
        dx = student.max_pool_backward(dout, cache)
        assert_shape(dx, x.shape, name="dx")
        because = say("x is {what}, windows of {size}×{size} side by side:", what=what, size=size)
        assert_same(
            pooled(dx, size, size, lambda cells: cells.sum(axis=-1)),
            dout,
            name=say("sum of dx in each window"),
            tolerance=room(dx),
            because=because,
        )
        top = pooled(x, size, size, largest)  # of x itself: what forward made of it may be wrong
        losers = x < np.repeat(np.repeat(top, size, axis=2), size, axis=3)
        if dx[losers].any():
            fail(
                say(
                    "{because} an entry below the maximum of its window gets a gradient.",
                    because=because,
                )
            )


@pytest.mark.points(1)
@pytest.mark.after(MAX_BACK)
def test_max_backward_asks_each_window(student, rng):
    """A maximum counts in its own window only: the same number elsewhere gets nothing."""
    x = rng.integers(0, 3, (1, 2, 5, 6)).astype(float)
    x[0, 0, 1, 1:5] = 2.0
    asked = (0, 0), (1, 2), (2, 3)
    out, cache = student.max_pool_forward(np.concatenate([x, x, x]), size=3, stride=1)
    assert_shape(out, (3, 2, 3, 4))
    dout = np.zeros(out.shape)
    for n, (i, j) in enumerate(asked):
        dout[n, 0, i, j] = 1.0
    gradients = student.max_pool_backward(dout, cache)
    assert_shape(gradients, (3, 2, 5, 6), name="dx")
    for n, (i, j) in enumerate(asked):
        dx = gradients[n : n + 1]
        because = say(
            "dout[{n}] is zero except for dout[{n}, 0, {i}, {j}] = 1; x holds equal numbers:",
            n=n,
            i=i,
            j=j,
        )
        total = dx.sum()
        assert_same(
            total, 1.0, name=say("sum of dx[{n}]", n=n), tolerance=room(dx), because=because
        )
        winners = np.zeros(x.shape, bool)
        window = x[0, 0, i : i + 3, j : j + 3]
        winners[0, 0, i : i + 3, j : j + 3] = window == window.max()
        if dx[~winners].any():
            fail(say("{because} dx is not 0 outside the maxima of that window.", because=because))


@pytest.mark.points(1)
@pytest.mark.after(MAX_BACK, "test_max_backward_by_hand")
def test_max_gradient_of_whole_numbers(student, rng):
    """max_pool_backward computes dx in floats, also where x holds whole numbers."""
    assert_gradient_of_whole_numbers(student.max_pool_forward, student.max_pool_backward, rng)


@pytest.mark.points(1)
@pytest.mark.after(MAX_BACK, "test_max_backward_by_hand")
def test_max_has_no_hidden_state(student, rng):
    """Two calls of max_pool_forward do not get mixed up later; no argument is changed."""
    assert_no_hidden_state(student.max_pool_forward, student.max_pool_backward, rng)


# Average pooling


@pytest.mark.points(1)
def test_average_shape(student, rng):
    """Average pooling gives one number for each window that fits."""
    assert_forward_shape(student.average_pool_forward, rng)


@pytest.mark.points(1)
@pytest.mark.after(AVERAGE)
def test_average_by_hand(student):
    """The mean of each 2×2 window: zeros and negative numbers count, too."""
    x = np.array([[1, 3, 0, 8], [2, 0, 0, 0], [5, 5, -4, 6], [5, 5, 0, -2]], float)
    out, _ = student.average_pool_forward(x[None, None])
    assert_same(out, np.array([[[[1.5, 2.0], [5.0, 0.0]]]]))


@pytest.mark.points(2)
@pytest.mark.after(AVERAGE)
def test_average_values(student, rng):
    """Each output is the mean of its window, for any size and stride."""
    assert_values(student.average_pool_forward, rng, mean)


@pytest.mark.points(1)
@pytest.mark.after(AVERAGE)
def test_average_keeps_channels_apart(student, rng):
    """Average pooling takes each channel of each picture by itself; its numbers may be of any type."""
    assert_channels_apart(student.average_pool_forward, rng, mean)
    assert_other_types(student.average_pool_forward, rng, mean)


@pytest.mark.points(1)
@pytest.mark.after(AVERAGE)
def test_average_gradient_shape(student, rng):
    """average_pool_backward gives dx the shape of x, also where windows leave cells out."""
    assert_backward_shape(student.average_pool_forward, student.average_pool_backward, rng)


@pytest.mark.points(1)
@pytest.mark.after(AVERAGE_BACK)
def test_average_backward_by_hand(student, rng):
    """Each cell of a 2×2 window gets a quarter of dout."""
    _, cache = student.average_pool_forward(np.arange(16.0).reshape(1, 1, 4, 4))
    dx = student.average_pool_backward(np.array([[[[4.0, 8.0], [-12.0, 1.0]]]]), cache)
    want = np.array([[1, 1, 2, 2], [1, 1, 2, 2], [-3, -3, 0.25, 0.25], [-3, -3, 0.25, 0.25]])
    assert_same(dx, want[None, None], name="dx")
    assert_exact(
        student.average_pool_forward, student.average_pool_backward, rng, lambda _, dout: dout / 4
    )


@pytest.mark.points(2)
@pytest.mark.after(AVERAGE_BACK)
def test_average_backward(student, rng):
    """average_pool_backward is the gradient of your own average_pool_forward."""
    for shape, size, stride in (((2, 3, 4, 6), 2, 2), ((2, 3, 6, 5), 3, 2)):
        x = grid_values(rng, shape)
        assert_gradients(
            student.average_pool_forward,
            student.average_pool_backward,
            x,
            kind="linear",
            size=size,
            stride=stride,
        )


@pytest.mark.points(1)
@pytest.mark.after(AVERAGE_BACK)
def test_average_backward_with_gaps(student, rng):
    """What goes back adds up to dout, and entries that no window covers get none of it."""
    calls, words = each_case(lambda shape: grid_values(rng, shape))
    answers = student.average_pool_forward.map(calls)
    douts, gradients = back(student.average_pool_backward, rng, answers)
    for (x, size, stride), dout, dx, because in zip(calls, douts, gradients, words, strict=True):
        want = np.zeros(x.shape)
        for (i, j), cells in windows(want, size, stride):
            cells[...] = cells + dout[:, :, i, j, None, None] / size**2
        assert_same(dx, want, name="dx", tolerance=TINY, because=because)
        assert_unseen(dx, size, stride, because)


@pytest.mark.points(1)
@pytest.mark.after(AVERAGE_BACK, "test_average_backward_by_hand")
def test_average_gradient_of_whole_numbers(student, rng):
    """average_pool_backward computes dx in floats, also where x holds whole numbers."""
    assert_gradient_of_whole_numbers(
        student.average_pool_forward, student.average_pool_backward, rng
    )


@pytest.mark.points(1)
@pytest.mark.after(AVERAGE_BACK, "test_average_backward_by_hand")
def test_average_has_no_hidden_state(student, rng):
    """Two calls of average_pool_forward do not get mixed up later; no argument is changed."""
    assert_no_hidden_state(student.average_pool_forward, student.average_pool_backward, rng)


# L2 pooling


@pytest.mark.points(1)
def test_l2_shape(student, rng):
    """L2 pooling gives one number for each window that fits."""
    assert_forward_shape(student.l2_pool_forward, rng)


@pytest.mark.points(1)
@pytest.mark.after(L2)
def test_l2_by_hand(student):
    """The square root of the sum of squares of each 2×2 window: 3, 0, 0, -4 give 5."""
    x = np.array([[3, 0, 1, 1], [0, -4, 1, -1], [-6, 0, 2, 4], [0, 0, 5, 6]], float)
    out, _ = student.l2_pool_forward(x[None, None])
    assert_same(out, np.array([[[[5.0, 2.0], [6.0, 9.0]]]]), tolerance=TINY)


@pytest.mark.points(2)
@pytest.mark.after(L2)
def test_l2_values(student, rng):
    """Each output is the length of its window as a vector, for any size and stride."""
    assert_values(student.l2_pool_forward, rng, length, TINY)


@pytest.mark.points(1)
@pytest.mark.after(L2)
def test_l2_properties(student, rng):
    """One cell gives its absolute value, a constant window c gives |c|·size, all zero gives 0."""
    x, constant = distinct_values(rng, (2, 3, 4, 5)), np.full((1, 2, 6, 6), -1.5)
    dark = np.zeros((1, 1, 2, 4))
    dark[..., 2:] = 1.0
    calls = [(x, 1, 1), (constant, 2, 2), (constant, 3, 3), (dark, 2, 2)]
    cells, *constants, lengths = (out for out, _ in student.l2_pool_forward.map(calls))
    assert_same(cells, np.abs(x), tolerance=TINY, because="Windows of one cell:")
    for size, out in zip((2, 3), constants, strict=True):
        want = np.full((1, 2, 6 // size, 6 // size), 1.5 * size)
        assert_same(
            out,
            want,
            tolerance=TINY,
            because=say("All of x is -1.5, windows {size}×{size}:", size=size),
        )
    want = np.array([[[[0.0, 2.0]]]])
    assert_same(lengths, want, tolerance=1e-5, because="One window of zeros, one of ones:")


@pytest.mark.points(1)
@pytest.mark.after(L2)
def test_l2_keeps_channels_apart(student, rng):
    """L2 pooling takes each channel of each picture by itself."""
    assert_channels_apart(student.l2_pool_forward, rng, length, TINY)


@pytest.mark.points(1)
@pytest.mark.after(L2)
def test_l2_with_other_number_types(student, rng):
    """L2 pooling of float32, whole numbers also in bytes, and arrays that are not contiguous works."""
    assert_other_types(student.l2_pool_forward, rng, length, TINY)


@pytest.mark.points(1)
@pytest.mark.after(L2)
def test_l2_gradient_shape(student, rng):
    """l2_pool_backward gives dx the shape of x, also where windows leave cells out."""
    assert_backward_shape(student.l2_pool_forward, student.l2_pool_backward, rng)


@pytest.mark.points(1)
@pytest.mark.after(L2_BACK)
def test_l2_backward_by_hand(student):
    """The slope of the length by a cell is the cell divided by the length, with its sign."""
    x = np.array([[3, 0, 1, 1], [0, -4, 1, -1]], float)
    _, cache = student.l2_pool_forward(x[None, None])
    dx = student.l2_pool_backward(np.array([[[[10.0, -4.0]]]]), cache)
    want = np.array([[6.0, 0.0, -2.0, -2.0], [0.0, -8.0, -2.0, 2.0]])
    assert_same(dx, want[None, None], name="dx", tolerance=TINY)
    # Beside 3e8 a 1 is lost in the length, and so in any difference of two lengths; its own share,
    # x / out times dout, is not. This is what tells the formula from numerical differentiation.
    x = np.array([[3e8, 1.0], [-1.0, 2.0]])[None, None]
    _, cache = student.l2_pool_forward(x)
    dx = student.l2_pool_backward(np.full((1, 1, 1, 1), 3e8), cache)
    assert_same(
        np.delete(dx.ravel(), 0),
        np.array([1.0, -1.0, 2.0]),
        name=say("dx of the small ones"),
        tolerance=1e-5,
        because="A window of 3e8, 1, -1 and 2, with dout 3e8 (numerical differentiation fails here):",
    )


@pytest.mark.points(2)
@pytest.mark.after(L2_BACK)
def test_l2_backward(student, rng):
    """l2_pool_backward is the gradient of your own l2_pool_forward, also where windows overlap."""
    for shape, size, stride in (((2, 3, 4, 6), 2, 2), ((2, 2, 5, 7), 3, 2)):
        x = grid_values(rng, shape)
        assert_gradients(
            student.l2_pool_forward, student.l2_pool_backward, x, size=size, stride=stride
        )


@pytest.mark.points(1)
@pytest.mark.after(L2_BACK)
def test_l2_backward_of_zeros(student, rng):
    """Where a window is all zero its length is 0, and its gradient is 0: not NaN."""
    x = np.maximum(grid_values(rng, (2, 3, 4, 6)), 0)
    x[0, 1, :2, 2:4], x[1, 0, 2:] = 0.0, 0.0
    _, cache = student.l2_pool_forward(x)
    dout = upstream(rng, (2, 3, 2, 3))
    dx = student.l2_pool_backward(dout, cache)
    want = np.zeros(x.shape)
    for (i, j), cells in windows(x, 2, 2):
        lengths = length(cells.reshape(2, 3, 4))[..., None, None]
        share = np.divide(cells, lengths, out=np.zeros(cells.shape), where=lengths > 0)
        want[:, :, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = share * dout[:, :, i, j, None, None]
    assert_same(dx, want, name="dx", tolerance=TINY, because="Some windows of x are all zero:")
    # A short window is not one of zeros; there is room for a tiny epsilon beside such lengths.
    scales = 2.0 ** np.array([-9, -12, -15])
    x = scales[:, None, None, None] * grid_values(rng, (3, 2, 4, 6))
    _, cache = student.l2_pool_forward(x)
    dx = student.l2_pool_backward(np.ones((3, 2, 2, 3)), cache)
    assert_shape(dx, x.shape, name="dx")
    want = x / pooled(x, 2, 2, length).repeat(2, axis=2).repeat(2, axis=3)
    for n, scale in enumerate(scales):
        because = say("Windows of lengths near {scale:.1g}, dout all 1:", scale=scale)
        name = f"dx[{n}]"
        assert_same(dx[n], want[n], name=name, tolerance=0.02, because=because)


@pytest.mark.points(1)
@pytest.mark.after(L2_BACK)
def test_l2_backward_with_gaps(student, rng):
    """Entries between the windows get no gradient, and the sum of x·dx equals the sum of out·dout."""
    calls, words = each_case(lambda shape: grid_values(rng, shape))
    answers = student.l2_pool_forward.map(calls)
    douts = [np.abs(upstream(rng, out.shape)) for out, _ in answers]
    asked = [(dout, cache) for dout, (_, cache) in zip(douts, answers, strict=True)]
    gradients = student.l2_pool_backward.map(asked)
    for (x, size, stride), (out, _), dout, dx, because in zip(
        calls, answers, douts, gradients, words, strict=True
    ):
        assert_shape(dx, x.shape, name="dx", because=because)
        assert_unseen(dx, size, stride, because)
        total, want = (x * dx).sum(), (out * dout).sum()
        assert_same(total, want, name=say("sum of x·dx"), tolerance=1e-5, because=because)


@pytest.mark.points(1)
@pytest.mark.after(L2_BACK, "test_l2_backward_by_hand")
def test_l2_gradient_of_whole_numbers(student, rng):
    """l2_pool_backward computes dx in floats, also where x holds whole numbers."""
    assert_gradient_of_whole_numbers(student.l2_pool_forward, student.l2_pool_backward, rng)


@pytest.mark.points(1)
@pytest.mark.after(L2_BACK, "test_l2_backward_by_hand")
def test_l2_has_no_hidden_state(student, rng):
    """Two calls of l2_pool_forward do not get mixed up later; no argument is changed."""
    assert_no_hidden_state(student.l2_pool_forward, student.l2_pool_backward, rng)


# All of them


@pytest.mark.points(1)
@pytest.mark.after(MAX, AVERAGE, L2)
def test_windows_that_cannot_be(student, rng):
    """A size or stride below 1, or a window larger than the picture, is a ValueError."""
    flat, narrow = grid_values(rng, (1, 2, 4, 5)), grid_values(rng, (1, 2, 5, 3))
    bad = [(flat, *sizes) for sizes in ((0, 1), (2, 0), (5, 1), (-1, 2), (2, -1))]
    for forward in (
        student.max_pool_forward,
        student.average_pool_forward,
        student.l2_pool_forward,
    ):
        for x, size, stride in [*bad, (narrow, 4, 1)]:
            assert_raises(forward, "ValueError", x, size=size, stride=stride)
