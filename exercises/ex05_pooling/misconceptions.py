"""Mistakes that people make with pooling, each a small change on the reference, whose caches are
(shape, winner, size, stride) for max, (shape, size, stride) for average and (x, out, size, stride)
for L2.
"""

import numpy as np

from grader.checks import misconception


def windows(x, size, stride):
    """A view of every window: (N, C, H_out, W_out, size, size)."""
    view = np.lib.stride_tricks.sliding_window_view(np.asarray(x, float), (size, size), axis=(2, 3))
    return view[:, :, ::stride, ::stride]


def scatter(parts, shape, stride, add=True):
    """Put the windows' parts, shaped as by `windows`, into a picture; with add=False the last wins."""
    dx = np.zeros(shape)
    for i in range(parts.shape[2]):
        for j in range(parts.shape[3]):
            size = parts.shape[-1]
            cells = dx[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
            part = parts[:, :, i, j, : cells.shape[2], : cells.shape[3]]
            if add:
                cells += part
            else:
                np.copyto(cells, part, where=part != 0)
    return dx


def hot(winner, size):
    """1 at the winner of each window, else 0."""
    one = winner[..., None] == np.arange(size * size)
    return one.reshape(*winner.shape, size, size).astype(float)


def keep_x(reference, x, size, stride):
    """The reference's max pooling with x in the cache."""
    out, cache = reference.max_pool_forward(x, size, stride)
    return out, (np.array(x, float), out, *cache)


# Max pooling, forward


@misconception(
    hint="What is the maximum of -3 and -1? Start the search at -np.inf or at the first entry, not at 0.",
    caught_by="test_max_by_hand",
)
def maximum_starts_at_zero(reference):
    def max_pool_forward(x, size=2, stride=2):
        out, cache = reference.max_pool_forward(x, size, stride)
        return np.maximum(out, 0), cache

    return max_pool_forward


@misconception(
    hint="However low the number that the search starts with, there are lower ones: start with -np.inf or "
    "with the first entry.",
    caught_by="test_max_of_negative_numbers",
)
def maximum_starts_at_a_low_number(reference):
    def max_pool_forward(x, size=2, stride=2):
        out, cache = reference.max_pool_forward(x, size, stride)
        return np.maximum(out, -1e9), cache

    return max_pool_forward


@misconception(
    hint="The largest, not the largest absolute value: -4 is less than 1.",
    caught_by="test_max_by_hand",
)
def largest_absolute_value(reference):
    def max_pool_forward(x, size=2, stride=2):
        return np.abs(windows(x, size, stride)).max(axis=(4, 5)), reference.max_pool_forward(
            x, size, stride
        )[1]

    return max_pool_forward


@misconception(
    hint="Who wins the window? The largest entry; yours keeps the smallest.",
    caught_by="test_max_by_hand",
)
def minimum_for_maximum(reference):
    def max_pool_forward(x, size=2, stride=2):
        out, cache = reference.max_pool_forward(-np.asarray(x, float), size, stride)
        return -out, cache

    return max_pool_forward


@misconception(
    hint="The size of a window and the step to the next one are two numbers: windows may overlap or "
    "leave gaps.",
    caught_by="test_max_shape",
)
def stride_is_the_size(reference):
    def max_pool_forward(x, size=2, stride=2):
        return reference.max_pool_forward(x, size, size)

    return max_pool_forward


@misconception(
    hint="The window's size and the stride are swapped.",
    caught_by="test_max_shape",
)
def size_and_stride_swapped(reference):
    def max_pool_forward(x, size=2, stride=2):
        return reference.max_pool_forward(x, stride, size)

    return max_pool_forward


@misconception(
    hint="A window that would reach over the edge is left out: round down, (H - size) // stride + 1.",
    caught_by="test_max_shape",
)
def partial_windows_kept(reference):
    def max_pool_forward(x, size=2, stride=2):
        reference.max_pool_forward(x, size, stride)  # refuses what it refuses
        x = np.asarray(x, float)
        extra = [(-(n - size)) % stride for n in x.shape[2:]]
        padded = np.pad(x, ((0, 0), (0, 0), (0, extra[0]), (0, extra[1])), constant_values=-np.inf)
        return reference.max_pool_forward(padded, size, stride)

    return max_pool_forward


@misconception(
    hint="Pictures need not be square: H_out and W_out are two numbers.",
    caught_by="test_max_shape",
)
def square_pictures_only(reference):
    def max_pool_forward(x, size=2, stride=2):
        right, cache = reference.max_pool_forward(x, size, stride)
        x, rows = np.asarray(x, float), right.shape[2]
        out = np.zeros((*x.shape[:2], rows, rows))
        for i in range(rows):
            for j in range(rows):
                top, left = i * stride, j * stride
                cells = x[:, :, top : top + size, left : left + size]
                out[:, :, i, j] = cells.max(axis=(2, 3))
        return out, cache

    return max_pool_forward


@misconception(
    hint="Pictures are (N, C, H, W): yours takes the axis of the channels for the rows, as if the channels "
    "came last.",
    caught_by="test_max_shape",
)
def channels_last(reference):
    def max_pool_forward(x, size=2, stride=2):
        x = np.asarray(x, float)
        n, h, w, c = x.shape
        out = np.zeros((n, (h - size) // stride + 1, (w - size) // stride + 1, c))
        for i, j in np.ndindex(*out.shape[1:3]):
            top, left = i * stride, j * stride
            out[:, i, j] = x[:, top : top + size, left : left + size].max(axis=(1, 2))
        return out, (x, size, stride)

    return max_pool_forward


@misconception(
    hint="Pooling works on each picture and each channel alone: take the maximum over the window's two "
    "axes, not over all of them.",
    caught_by="test_max_values",
)
def one_maximum_for_all_channels(reference):
    def max_pool_forward(x, size=2, stride=2):
        out, cache = reference.max_pool_forward(x, size, stride)
        return np.broadcast_to(out.max(axis=(0, 1)), out.shape).copy(), cache

    return max_pool_forward


@misconception(
    hint="Where does window (i, j) begin? At row i·stride and column j·stride, not at (i, j).",
    caught_by="test_max_by_hand",
)
def windows_begin_at_i_and_j(reference):
    def max_pool_forward(x, size=2, stride=2):
        out, cache = reference.max_pool_forward(x, size, stride)
        dense, _ = reference.max_pool_forward(x, size, 1)
        return dense[:, :, : out.shape[2], : out.shape[3]].copy(), cache

    return max_pool_forward


@misconception(
    hint="Where does window (i, j) begin? At row i·stride and column j·stride; i·size and j·size are the "
    "same only where windows lie side by side.",
    caught_by="test_max_shape",
)
def windows_begin_at_multiples_of_the_size(reference):
    def layer(name, pooled):
        def forward(x, size=2, stride=2):
            right, cache = getattr(reference, name)(x, size, stride)
            x, out = np.asarray(x, float), np.zeros(right.shape)
            for i, j in np.ndindex(right.shape[2:]):
                top, left = i * size, j * size  # beyond the picture nothing is left of the window
                out[:, :, i, j] = pooled(x[:, :, top : top + size, left : left + size])
            return out, cache

        forward.__name__ = name
        return forward

    return (
        layer("max_pool_forward", lambda cells: cells.max(axis=(2, 3))),
        layer("average_pool_forward", lambda cells: cells.mean(axis=(2, 3))),
        layer("l2_pool_forward", lambda cells: np.sqrt((cells**2).sum(axis=(2, 3)))),
    )


# Max pooling, backward


@misconception(
    hint="In a tie there is one dout to give, not one for each: let one winner take it, as PyTorch's "
    "max_pool1d does, or divide it among them, as tinygrad's max_pool2d does.",
    caught_by="test_max_backward_at_ties",
)
def every_tied_maximum_gets_all(reference):
    def max_pool_forward(x, size=2, stride=2):
        return keep_x(reference, x, size, stride)

    def max_pool_backward(dout, cache):
        x, out, shape, _, size, stride = cache
        mask = windows(x, size, stride) == out[..., None, None]
        return scatter(mask * dout[..., None, None], shape, stride)

    return max_pool_forward, max_pool_backward


@misconception(
    hint="Where windows overlap an entry can win twice, and both gradients add up: is there an `=` where "
    "`+=` belongs? With arrays of indices += keeps only one of the parts: there use np.add.at.",
    caught_by="test_max_backward_with_overlap",
)
def last_window_overwrites(reference):
    def max_pool_backward(dout, cache):
        shape, winner, size, stride = cache
        return scatter(hot(winner, size) * dout[..., None, None], shape, stride, add=False)

    return max_pool_backward


def overwritten(parts, shape, stride):
    """A picture into which each window is written as a whole, over what is there."""
    dx = np.zeros(shape)
    size = parts.shape[-1]
    for i in range(parts.shape[2]):
        for j in range(parts.shape[3]):
            rows = slice(i * stride, i * stride + size)
            dx[:, :, rows, j * stride : j * stride + size] = parts[:, :, i, j]
    return dx


@misconception(
    hint="A window that is written as a whole, zeros included, wipes out what an earlier one that overlaps "
    "it has left: is there an `=` where `+=` belongs? With arrays of indices += keeps only one of the parts: "
    "there use np.add.at.",
    caught_by="test_max_backward_with_overlap",
)
def whole_window_overwrites(reference):
    def max_pool_backward(dout, cache):
        shape, winner, size, stride = cache
        return overwritten(hot(winner, size) * dout[..., None, None], shape, stride)

    return max_pool_backward


@misconception(
    hint="A window that is written as a whole wipes out what an earlier one that overlaps it has left: is "
    "there an `=` where `+=` belongs? And in a tie yours gives all of dout to each of the equal entries.",
    caught_by="test_max_backward_with_overlap",
)
def whole_window_overwrites_and_ties_get_all(reference):
    def max_pool_forward(x, size=2, stride=2):
        return keep_x(reference, x, size, stride)

    def max_pool_backward(dout, cache):
        x, out, shape, _, size, stride = cache
        mask = windows(x, size, stride) == out[..., None, None]
        return overwritten(mask * dout[..., None, None], shape, stride)

    return max_pool_forward, max_pool_backward


@misconception(
    hint="Moving an entry that is not the maximum a little does not change the output: its gradient is 0.",
    caught_by="test_max_backward_by_hand",
)
def every_cell_gets_dout(reference):
    def max_pool_backward(dout, cache):
        shape, winner, size, stride = cache
        parts = np.ones((*winner.shape, size, size)) * dout[..., None, None]
        return scatter(parts, shape, stride)

    return max_pool_backward


@misconception(
    hint="That is the backward pass of average pooling: here the winner takes all.",
    caught_by="test_max_backward_by_hand",
)
def dout_shared_by_all_cells(reference):
    def max_pool_backward(dout, cache):
        shape, winner, size, stride = cache
        parts = np.ones((*winner.shape, size, size)) * dout[..., None, None] / size**2
        return scatter(parts, shape, stride)

    return max_pool_backward


@misconception(
    hint="The slope of the maximum by its winner is 1: pass dout on as it is, not times x.",
    caught_by="test_max_backward_by_hand",
)
def times_the_maximum(reference):
    def max_pool_forward(x, size=2, stride=2):
        return keep_x(reference, x, size, stride)

    def max_pool_backward(dout, cache):
        _, out, *rest = cache
        return reference.max_pool_backward(dout * out, tuple(rest))

    return max_pool_forward, max_pool_backward


@misconception(
    hint="Who won the window? You give dout to the smallest entry.",
    caught_by="test_max_backward_by_hand",
)
def gradient_to_the_minimum(reference):
    def max_pool_forward(x, size=2, stride=2):
        _, cache = reference.max_pool_forward(-np.asarray(x, float), size, stride)
        return reference.max_pool_forward(x, size, stride)[0], cache

    return max_pool_forward


@misconception(
    hint="One mask for the whole picture forgets whose maximum a cell is: where windows overlap, a cell that won in "
    "one of them gets the dout of another, too. Keep the winner of each window.",
    caught_by="test_max_backward_with_overlap",
)
def one_mask_for_all_windows(reference):
    def max_pool_forward(x, size=2, stride=2):
        out, cache = reference.max_pool_forward(x, size, stride)
        won = reference.max_pool_backward(np.ones(out.shape), cache) > 0
        return out, (won, size, stride)

    def max_pool_backward(dout, cache):
        won, size, stride = cache
        dx = np.zeros(won.shape)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                cells = np.s_[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
                dx[cells] += won[cells] * dout[:, :, i : i + 1, j : j + 1]
        return dx

    return max_pool_forward, max_pool_backward


@misconception(
    hint="A window's maximum counts inside that window only; yours also gives to the same number "
    "elsewhere in the picture.",
    caught_by="test_max_backward_asks_each_window",
)
def compared_over_the_whole_picture(reference):
    def max_pool_forward(x, size=2, stride=2):
        return keep_x(reference, x, size, stride)

    def max_pool_backward(dout, cache):
        x, out = cache[:2]
        dx = np.zeros(x.shape)
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                dx += (x == out[:, :, i, j, None, None]) * dout[:, :, i, j, None, None]
        return dx

    return max_pool_forward, max_pool_backward


@misconception(
    hint="argmax counts the cells row by row: its row is winner // size and its column winner % size, "
    "not the other way round.",
    caught_by="test_max_backward_by_hand",
)
def row_and_column_of_argmax_swapped(reference):
    def max_pool_backward(dout, cache):
        shape, winner, size, stride = cache
        parts = np.swapaxes(hot(winner, size), 4, 5) * dout[..., None, None]
        return scatter(parts, shape, stride)

    return max_pool_backward


@misconception(
    hint="Windows begin at i·stride and j·stride in the backward pass, too.",
    caught_by="test_max_backward_by_hand",
)
def backward_ignores_stride(reference):
    def max_pool_backward(dout, cache):
        shape, winner, size, _ = cache
        return scatter(hot(winner, size) * dout[..., None, None], shape, 1)

    return max_pool_backward


@misconception(
    hint="The winner gets the dout of its window; yours gets 1 whatever dout is.",
    caught_by="test_max_backward_by_hand",
)
def max_backward_without_dout(reference):
    def max_pool_backward(dout, cache):
        return reference.max_pool_backward(np.ones(np.shape(dout)), cache)

    return max_pool_backward


@misconception(
    hint="dx has the shape of x: rows and columns that no window covers are there, too, with 0.",
    caught_by="test_max_gradient_shape",
)
def dx_only_as_far_as_windows_reach(reference):
    def max_pool_backward(dout, cache):
        _, winner, size, stride = cache
        rows, columns = ((n - 1) * stride + size for n in winner.shape[2:])
        return reference.max_pool_backward(dout, cache)[:, :, :rows, :columns]

    return max_pool_backward


@misconception(
    hint="What the backward pass needs belongs in the cache. A global holds only the latest call.",
    caught_by="test_max_has_no_hidden_state",
)
def cache_in_a_global(reference):
    latest = {}

    def max_pool_forward(x, size=2, stride=2):
        out, latest["cache"] = reference.max_pool_forward(x, size, stride)
        return out, None

    def max_pool_backward(dout, cache):
        return reference.max_pool_backward(dout, latest["cache"])

    return max_pool_forward, max_pool_backward


# Average pooling


@misconception(
    hint="The average of four fives is five: divide the sum by the number of cells.",
    caught_by="test_average_by_hand",
)
def sums_instead_of_averages(reference):
    def average_pool_forward(x, size=2, stride=2):
        out, cache = reference.average_pool_forward(x, size, stride)
        return out * size**2, cache

    return average_pool_forward


@misconception(
    hint="How many cells share the average? Rows times columns: size², not size.",
    caught_by="test_average_by_hand",
)
def forward_divides_by_size(reference):
    def average_pool_forward(x, size=2, stride=2):
        out, cache = reference.average_pool_forward(x, size, stride)
        return out * size, cache

    return average_pool_forward


@misconception(
    hint="Pooling treats each channel alone: do not average over the channels.",
    caught_by="test_average_values",
)
def averages_over_channels(reference):
    def average_pool_forward(x, size=2, stride=2):
        out, cache = reference.average_pool_forward(x, size, stride)
        return np.broadcast_to(out.mean(axis=1, keepdims=True), out.shape).copy(), cache

    return average_pool_forward


@misconception(
    hint="A zero is a cell like any other: divide by all cells, not by those that are not zero.",
    caught_by="test_average_by_hand",
)
def zeros_not_counted(reference):
    def average_pool_forward(x, size=2, stride=2):
        out, cache = reference.average_pool_forward(x, size, stride)
        cells = np.count_nonzero(windows(x, size, stride), axis=(4, 5))
        return out * size**2 / np.maximum(cells, 1), cache

    return average_pool_forward


@misconception(
    hint="How many cells shared the average? size², so each gets dout / size², not dout / size.",
    caught_by="test_average_backward_by_hand",
)
def backward_divides_by_size(reference):
    def average_pool_backward(dout, cache):
        return reference.average_pool_backward(dout * cache[1], cache)

    return average_pool_backward


@misconception(
    hint="The parts that the cells get must add up to dout: divide it by their number.",
    caught_by="test_average_backward_by_hand",
)
def backward_does_not_divide(reference):
    def average_pool_backward(dout, cache):
        return reference.average_pool_backward(dout * cache[1] ** 2, cache)

    return average_pool_backward


@misconception(
    hint="Where windows overlap a cell gets a part from each of them: is there an `=` where `+=` belongs? With "
    "arrays of indices += keeps only one of the parts: there use np.add.at.",
    caught_by="test_average_backward",
)
def average_windows_overwrite(reference):
    def average_pool_backward(dout, cache):
        shape, size, stride = cache
        parts = np.ones((*dout.shape, size, size)) * dout[..., None, None] / size**2
        return scatter(parts, shape, stride, add=False)

    return average_pool_backward


@misconception(
    hint="In average pooling no cell is the winner: each gets the same part of dout.",
    caught_by="test_average_backward_by_hand",
)
def average_gradient_to_the_maximum(reference):
    def average_pool_forward(x, size=2, stride=2):
        out, _ = reference.average_pool_forward(x, size, stride)
        return out, reference.max_pool_forward(x, size, stride)[1]

    def average_pool_backward(dout, cache):
        return reference.max_pool_backward(dout, cache)

    return average_pool_forward, average_pool_backward


# L2 pooling


@misconception(
    hint="Ours is the length of the window as a vector: the sum of the squares, not their mean.",
    caught_by="test_l2_by_hand",
)
def mean_of_the_squares(reference):
    def l2_pool_forward(x, size=2, stride=2):
        out, cache = reference.l2_pool_forward(x, size, stride)
        return out / size, cache

    return l2_pool_forward


@misconception(
    hint="If all inputs double, should the output double or quadruple? The square root is missing.",
    caught_by="test_l2_by_hand",
)
def root_forgotten(reference):
    def l2_pool_forward(x, size=2, stride=2):
        out, cache = reference.l2_pool_forward(x, size, stride)
        return out**2, cache

    return l2_pool_forward


@misconception(
    hint="Square each entry before you add; yours adds the absolute values.",
    caught_by="test_l2_by_hand",
)
def sum_of_absolute_values(reference):
    def l2_pool_forward(x, size=2, stride=2):
        _, cache = reference.l2_pool_forward(x, size, stride)
        return np.abs(windows(x, size, stride)).sum(axis=(4, 5)), cache

    return l2_pool_forward


@misconception(
    hint="Square first, then add; yours adds first, so 3 and -3 cancel.",
    caught_by="test_l2_by_hand",
)
def square_of_the_sum(reference):
    def l2_pool_forward(x, size=2, stride=2):
        _, cache = reference.l2_pool_forward(x, size, stride)
        return np.abs(windows(x, size, stride).sum(axis=(4, 5))), cache

    return l2_pool_forward


@misconception(
    hint="An epsilon only has to keep you from dividing by 0: 0.01 under the root changes every output.",
    caught_by="test_l2_by_hand",
)
def epsilon_too_large(reference):
    def l2_pool_forward(x, size=2, stride=2):
        out, (x, _, *rest) = reference.l2_pool_forward(x, size, stride)
        out = np.sqrt(out**2 + 1e-2)
        return out, (x, out, *rest)

    return l2_pool_forward


def l2_backward(slope):
    """A backward pass of L2 pooling in which `slope(cells, length)` stands for cells / length."""

    def make(reference):
        def l2_pool_backward(dout, cache):
            x, out, size, stride = cache
            with np.errstate(all="ignore"):
                parts = slope(windows(x, size, stride), np.asarray(out, float)[..., None, None])
                return scatter(parts * dout[..., None, None], x.shape, stride)

        return l2_pool_backward

    return make


@misconception(
    hint="Differentiate the square root, too: it brings 1 / (2·out) to the 2·x of the squares.",
    caught_by="test_l2_backward_by_hand",
)
def root_not_differentiated(reference):
    return l2_backward(lambda cells, length: 2 * cells)(reference)


@misconception(
    hint="The slope of the root is 1 / (2·out), that of a square 2·x. The 2 cancels: is out still in your slope?",
    caught_by="test_l2_backward_by_hand",
)
def not_divided_by_the_length(reference):
    return l2_backward(lambda cells, length: cells)(reference)


@misconception(
    hint="The 2 of the square and the 1/2 of the root cancel: the slope is x / out.",
    caught_by="test_l2_backward_by_hand",
)
def factor_two_left_over(reference):
    return l2_backward(lambda cells, length: np.divide(2 * cells, length, where=length > 0, out=np.zeros(cells.shape)))(reference)  # fmt: skip


@misconception(
    hint="Raising a negative entry towards 0 makes the window shorter: keep the sign of x.",
    caught_by="test_l2_backward_by_hand",
)
def sign_lost(reference):
    return l2_backward(lambda cells, length: np.divide(np.abs(cells), length, where=length > 0, out=np.zeros(cells.shape)))(reference)  # fmt: skip


@misconception(
    hint="What is 0 / 0? In a window of zeros the length is 0: let the gradient be 0 there, as PyTorch's "
    "vector_norm does; JAX's norm answers NaN.",
    caught_by="test_l2_backward_of_zeros",
)
def divides_zero_by_zero(reference):
    return l2_backward(lambda cells, length: cells / length)(reference)


@misconception(
    hint="The inner derivative is missing: the slope of x² is 2·x, so each cell's share grows with x.",
    caught_by="test_l2_backward_by_hand",
)
def inner_derivative_missing(reference):
    return l2_backward(lambda cells, length: np.ones(cells.shape) / (2 * length))(reference)


@misconception(
    hint="Where windows overlap a cell gets a part from each of them: is there an `=` where `+=` belongs? With "
    "arrays of indices += keeps only one of the parts: there use np.add.at.",
    caught_by="test_l2_backward",
)
def l2_windows_overwrite(reference):
    def l2_pool_backward(dout, cache):
        x, out, size, stride = cache
        lengths = np.asarray(out, float)[..., None, None]
        cells = windows(x, size, stride)
        share = np.divide(cells, lengths, where=lengths > 0, out=np.zeros(cells.shape))
        return scatter(share * dout[..., None, None], x.shape, stride, add=False)

    return l2_pool_backward


@misconception(
    hint="Squares of bytes do not fit into a byte: turn x into floats before you square.",
    caught_by="test_l2_with_other_number_types",
)
def squares_of_bytes(reference):
    def l2_pool_forward(x, size=2, stride=2):
        x = np.asarray(x)
        out, cache = reference.l2_pool_forward(x, size, stride)
        if x.dtype.kind in "iu":
            view = np.lib.stride_tricks.sliding_window_view(x**2, (size, size), axis=(2, 3))
            out = np.sqrt(view[:, :, ::stride, ::stride].sum(axis=(4, 5)))
        return out, cache

    return l2_pool_forward


# All of them


def accepts(reference, answer):
    """Forward passes that ask `answer(x, size, stride)` first, and the reference where it has none."""

    def layer(name):
        def forward(x, size=2, stride=2):
            out = answer(np.asarray(x), size, stride)
            return getattr(reference, name)(x, size, stride) if out is None else (out, None)

        forward.__name__ = name
        return forward

    return tuple(map(layer, ("max_pool_forward", "average_pool_forward", "l2_pool_forward")))


@misconception(
    hint="Yours divides by a stride of 0 before it refuses it: check that size and stride are at least 1 "
    "before you compute with them, and raise ValueError yourself.",
    caught_by="test_windows_that_cannot_be",
)
def size_and_stride_not_looked_at(reference):
    def answer(x, size, stride):
        (x.shape[2] - size) // stride  # with a stride of 0 this raises another exception

    return accepts(reference, answer)


@misconception(
    hint="A window must fit into the picture in both directions: compare size with H and with W.",
    caught_by="test_windows_that_cannot_be",
)
def width_not_looked_at(reference):
    def answer(x, size, stride):
        n, c, height, width = x.shape
        if stride >= 1 and width < size <= height:
            return np.zeros((n, c, (height - size) // stride + 1, 0))
        return None

    return accepts(reference, answer)


@misconception(
    hint="np.zeros_like(x) of whole numbers has only room for whole numbers: make dx of floats, "
    "np.zeros(x.shape).",
    caught_by="test_max_gradient_of_whole_numbers",
)
def gradients_in_whole_numbers(reference):
    def passes(kind):
        def forward(x, size=2, stride=2):
            out, cache = getattr(reference, f"{kind}_pool_forward")(x, size, stride)
            return out, (cache, np.asarray(x).dtype)

        def backward(dout, cache):
            return getattr(reference, f"{kind}_pool_backward")(dout, cache[0]).astype(cache[1])

        forward.__name__, backward.__name__ = f"{kind}_pool_forward", f"{kind}_pool_backward"
        return forward, backward

    return (*passes("max"), *passes("average"), *passes("l2"))


# Blocks that are cut out by reshape


def blocks_by_reshape(reference, name, reduced):
    """A forward pass that reduces the blocks of size x size into which a reshape cuts the picture."""

    def forward(x, size=2, stride=2):
        n, c, height, width = x.shape
        blocks = x.reshape(n, c, height // size, size, width // size, size)
        return reduced(blocks, axis=(3, 5)), getattr(reference, name)(x, size, stride)[1]

    forward.__name__ = name
    return forward


@misconception(
    hint="A reshape cuts the picture into blocks side by side: that is right only where stride equals size and "
    "size divides H and W. Take a slice of the picture for each window instead.",
    caught_by="test_max_shape",
)
def maximum_of_blocks(reference):
    return blocks_by_reshape(reference, "max_pool_forward", np.max)


@misconception(
    hint="A reshape cuts the picture into blocks side by side: that is right only where stride equals size and "
    "size divides H and W. Take a slice of the picture for each window instead.",
    caught_by="test_average_shape",
)
def average_of_blocks(reference):
    return blocks_by_reshape(reference, "average_pool_forward", np.mean)


# Windows that hang out, as libraries keep them


def hanging(reference, places):
    """Forward passes over as many windows as `places(side, size, stride)` says, with the number of rows
    that are missing above; what lies outside the picture counts nothing."""

    def layer(name, function):
        def forward(x, size=2, stride=2):
            getattr(reference, name)(x, size, stride)  # refuses what it refuses
            x, sides, counts = np.asarray(x, float), [], []
            for side in x.shape[2:]:
                count, before = places(side, size, stride)
                sides.append((before, max(0, (count - 1) * stride + size - side - before)))
                counts.append(count)
            padded = np.pad(x, ((0, 0), (0, 0), *sides), constant_values=np.nan)
            seen = windows(padded, size, stride)[:, :, : counts[0], : counts[1]]
            return function(seen), None

        forward.__name__ = name
        return forward

    return (
        layer("max_pool_forward", lambda seen: np.nanmax(seen, axis=(4, 5))),
        layer("average_pool_forward", lambda seen: np.nanmean(seen, axis=(4, 5))),
        layer("l2_pool_forward", lambda seen: np.sqrt(np.nansum(seen**2, axis=(4, 5)))),
    )


@misconception(
    hint="Yours also pools windows that begin in the picture and end outside, as PyTorch does with "
    "ceil_mode=True; here they are left out: round down, (H - size) // stride + 1.",
    caught_by="test_max_shape",
)
def hanging_windows_as_ceil_mode(reference):
    def places(side, size, stride):
        return min(-((size - side) // stride), (side - 1) // stride) + 1, 0

    return hanging(reference, places)


@misconception(
    hint='Yours gives one number for every stride, as Keras does with padding="same"; here a window that '
    "would reach over the edge is left out: (H - size) // stride + 1.",
    caught_by="test_max_shape",
)
def hanging_windows_as_same(reference):
    def places(side, size, stride):
        count = -(-side // stride)
        return count, max(0, (count - 1) * stride + size - side) // 2

    return hanging(reference, places)
