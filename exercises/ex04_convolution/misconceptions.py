"""Mistakes that people make with convolution, each a small change on the reference, whose cache is
(x, w, stride, pad).
"""

import numpy as np

from grader.checks import misconception


def pad_pictures(x, pad, mode="constant"):
    return np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode=mode)


def windows(x, hh, ww, stride):
    """Every window of x: (N, C, H_out, W_out, HH, WW)."""
    view = np.lib.stride_tricks.sliding_window_view(x, (hh, ww), axis=(2, 3))
    return view[:, :, ::stride, ::stride]


def scatter(dout, w, shape, stride, pad, add=True):
    """dx from dout through the filters, window by window; with add=False the last window wins."""
    n, c, h, width = shape
    hh, ww = w.shape[2:]
    dx = np.zeros((n, c, h + 2 * pad, width + 2 * pad))
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            part = np.tensordot(dout[:, :, i, j], w, axes=(1, 0))
            seen = dx[:, :, i * stride : i * stride + hh, j * stride : j * stride + ww]
            seen[...] = seen + part if add else part
    return dx[:, :, pad : pad + h, pad : pad + width]


def only_last(dout, *, examples):
    """dout where all but its last place is 0, and with `examples` all but the last example, too."""
    last = np.zeros_like(dout)
    first = -1 if examples else 0
    last[first:, :, -1, -1] = dout[first:, :, -1, -1]
    return last


# The forward pass


@misconception(
    hint="Yours flips the filter, as np.convolve does; ours slides over the picture unflipped, as in "
    "PyTorch and Keras. What does a filter with a single 1 in a corner do?",
    caught_by="test_filters_are_not_flipped",
)
def flipped_filter(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        out, cache = reference.conv_forward(x, w[:, :, ::-1, ::-1], b, stride, pad)
        return out, cache

    def conv_backward(dout, cache):
        dx, dw, db = reference.conv_backward(dout, cache)
        return dx, dw[:, :, ::-1, ::-1], db

    return conv_forward, conv_backward


@misconception(
    hint="Does an all-black picture give the bias? Your code never adds b to the output.",
    caught_by="test_bias",
)
def no_bias(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        return reference.conv_forward(x, w, 0 * b, stride, pad)

    return conv_forward


@misconception(
    hint="There is one bias per filter: add it after the sum over the channels, not once per channel.",
    caught_by="test_bias",
)
def bias_once_per_channel(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        return reference.conv_forward(x, w, x.shape[1] * b, stride, pad)

    return conv_forward


@misconception(
    hint="First sum the products of the whole window, then add b once; yours adds b in every cell.",
    caught_by="test_bias",
)
def bias_in_every_cell(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        cells = w.shape[1] * w.shape[2] * w.shape[3]
        return reference.conv_forward(x, w, cells * b, stride, pad)

    return conv_forward


@misconception(
    hint="The filter is three-dimensional: add the products of all channels. Is there an `=` where "
    "`+=` belongs?",
    caught_by="test_channels_add_up",
)
def last_channel_only(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        kept = np.zeros_like(w)
        kept[:, -1] = w[:, -1]
        out, _ = reference.conv_forward(x, kept, b, stride, pad)
        return out, reference.conv_forward(x, w, b, stride, pad)[1]

    return conv_forward


@misconception(
    hint="Each picture gets the sum over the whole batch: a sum without an axis adds up the pictures, "
    "too.",
    caught_by="test_values",
)
def pictures_added_up(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        out, cache = reference.conv_forward(x, w, b, stride, pad)
        bias = np.asarray(b)[:, None, None]
        total = (out - bias).sum(axis=0, keepdims=True) + bias
        return np.broadcast_to(total, out.shape).copy(), cache

    return conv_forward


@misconception(
    hint="Does w[0, 1] look to the right or down? Rows and columns of the filter are swapped.",
    caught_by="test_output_shape",
)
def transposed_filter(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        return reference.conv_forward(x, np.swapaxes(w, 2, 3), b, stride, pad)

    return conv_forward


@misconception(
    hint="Zero padding means zeros outside the picture; yours wraps around to the opposite side.",
    caught_by="test_padding",
)
def wrap_around_padding(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        out, _ = reference.conv_forward(pad_pictures(x, pad, "wrap"), w, b, stride, 0)
        return out, reference.conv_forward(x, w, b, stride, pad)[1]

    return conv_forward


@misconception(
    hint="Zero padding means zeros outside the picture; yours repeats the pixels of the edge.",
    caught_by="test_padding",
)
def edge_padding(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        out, _ = reference.conv_forward(pad_pictures(x, pad, "edge"), w, b, stride, 0)
        return out, reference.conv_forward(x, w, b, stride, pad)[1]

    return conv_forward


@misconception(
    hint="Pad by the number that you were given: pad can be 0, 2 or 3, not only 1.",
    caught_by="test_output_shape",
)
def padding_always_one(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        return reference.conv_forward(x, w, b, stride, 1)

    return conv_forward


@misconception(
    hint="Yours answers as if pad were 0: the border of zeros makes the pictures larger, and it must "
    "reach the number of places and the windows.",
    caught_by="test_output_shape",
)
def padding_ignored(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        out, _ = reference.conv_forward(x, w, b, stride, 0)
        return out, reference.conv_forward(x, w, b, stride, pad)[1]

    return conv_forward


@misconception(
    hint="The pictures of the batch and the channels are not padded: only the two axes of space are, "
    "((0, 0), (0, 0), (pad, pad), (pad, pad)).",
    caught_by="test_output_shape",
)
def pads_every_axis(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        padded = np.pad(x, pad)
        view = windows(padded, w.shape[2], w.shape[3], stride)
        padded[0, :, : w.shape[2], : w.shape[3]] * w[0]  # what loops do first, and NumPy refuses
        out = np.einsum("ncijuv,fcuv->nfij", view, w) + b[:, None, None]
        return out, reference.conv_forward(x, w, b, stride, pad)[1]

    return conv_forward


@misconception(
    hint="The window is flattened with its channels last and the filter with its channels first, so "
    "numbers meet that do not belong together: give both the same order of axes.",
    caught_by="test_values",
)
def window_and_filter_in_different_orders(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        f, c, hh, ww = w.shape
        met = w.reshape(f, hh, ww, c).transpose(0, 3, 1, 2)
        out, _ = reference.conv_forward(x, met, b, stride, pad)
        return out, reference.conv_forward(x, w, b, stride, pad)[1]

    return conv_forward


@misconception(
    hint="H_out and W_out are two numbers: pictures need not be square, so compute each by itself.",
    caught_by="test_output_shape",
)
def square_pictures_only(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        n, _, h, _ = x.shape
        f, _, hh, ww = w.shape
        padded = pad_pictures(x, pad)
        side = (h + 2 * pad - hh) // stride + 1
        out = np.zeros((n, f, side, side))
        for i in range(side):
            for j in range(side):
                window = padded[:, :, i * stride : i * stride + hh, j * stride : j * stride + ww]
                out[:, :, i, j] = np.tensordot(window, w, axes=([1, 2, 3], [1, 2, 3])) + b
        return out, (x, w, stride, pad)

    return conv_forward


@misconception(
    hint="Filters need not be square: HH and WW are two numbers.",
    caught_by="test_output_shape",
)
def square_filters_only(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        n, _, h, width = x.shape
        f, _, hh, _ = w.shape
        padded = pad_pictures(x, pad)
        rows, columns = (h + 2 * pad - hh) // stride + 1, (width + 2 * pad - hh) // stride + 1
        out = np.zeros((n, f, rows, columns))
        for i in range(rows):
            for j in range(columns):
                window = padded[:, :, i * stride : i * stride + hh, j * stride : j * stride + hh]
                out[:, :, i, j] = (window[:, None] * w).sum(axis=(2, 3, 4)) + b
        return out, (x, w, stride, pad)

    return conv_forward


@misconception(
    hint="Where does place (i, j) look? The field moves on by `stride` pixels from place to place, so its "
    "first row is i·stride and its first column j·stride.",
    caught_by="test_stride",
)
def forward_ignores_stride(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        right, cache = reference.conv_forward(x, w, b, stride, pad)
        every, _ = reference.conv_forward(x, w, b, 1, pad)
        return every[:, :, : right.shape[2], : right.shape[3]], cache

    return conv_forward


@misconception(
    hint="The output has fractions where one of x, w and b has, even if another holds whole numbers: an "
    "array made with that one's dtype cuts them off.",
    caught_by="test_other_number_types",
)
def output_of_the_type_of_x(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        out, cache = reference.conv_forward(x, w, b, stride, pad)
        return out.astype(x.dtype), cache

    return conv_forward


@misconception(
    hint="The output has fractions where one of x, w and b has, even if another holds whole numbers: an "
    "array made with that one's dtype cuts them off.",
    caught_by="test_other_number_types",
)
def output_of_the_type_of_w(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        out, cache = reference.conv_forward(x, w, b, stride, pad)
        return out.astype(w.dtype), cache

    return conv_forward


@misconception(
    hint="Padding makes the picture larger before the stride is taken: (size + 2·pad − field) // "
    "stride + 1.",
    caught_by="test_output_size",
)
def padding_after_stride(reference):
    def output_size(size, field, stride, pad):
        return (size - field) // stride + 2 * pad + 1

    return output_size


@misconception(
    hint="The first place counts, too: after the division one place must be added.",
    caught_by="test_output_size",
)
def one_place_too_few(reference):
    def output_size(size, field, stride, pad):
        return (size + 2 * pad - field) // stride

    return output_size


@misconception(
    hint="A place counts only if the whole field fits: round down with //, not up.",
    caught_by="test_output_size",
)
def rounds_up(reference):
    def output_size(size, field, stride, pad):
        return -(-(size + 2 * pad - field) // stride) + 1

    return output_size


@misconception(
    hint="A field that is longer than the padded picture fits nowhere. What does your function answer "
    "then, instead of raise ValueError(…)?",
    caught_by="test_what_does_not_fit",
)
def refuses_nothing(reference):
    def output_size(size, field, stride, pad):
        return (size + 2 * pad - field) // stride + 1

    return output_size


@misconception(
    hint="`/` gives a float, and a size must be a whole number: use `//`.",
    caught_by="test_output_size",
)
def size_is_a_float(reference):
    def output_size(size, field, stride, pad):
        return (size + 2 * pad - field) / stride + 1

    return output_size


@misconception(
    hint="Rows of windows are ordered (example, place) but were read as (place, example): reshape in "
    "the order in which you flattened.",
    caught_by="test_values",
)
def examples_and_places_mixed(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        view = windows(pad_pictures(x, pad), w.shape[2], w.shape[3], stride)
        n, _, rows, columns = view.shape[:4]
        flat = view.transpose(0, 2, 3, 1, 4, 5).reshape(n * rows * columns, -1)
        out = flat @ w.reshape(len(w), -1).T + b
        mixed = out.reshape(rows, columns, n, len(w)).transpose(2, 3, 0, 1)
        return mixed, reference.conv_forward(x, w, b, stride, pad)[1]

    return conv_forward


@misconception(
    hint="Padding by assignment, or `x += …`, changes the caller's picture: make a new array first.",
    caught_by="test_arguments_are_left_alone",
)
def changes_the_picture(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        answer = reference.conv_forward(x, w, b, stride, pad)
        x *= 1.5
        return answer

    return conv_forward


@misconception(
    hint="What the backward pass needs belongs in the cache. A global holds only the latest call.",
    caught_by="test_no_hidden_state",
)
def cache_in_a_global(reference):
    latest = {}

    def conv_forward(x, w, b, stride=1, pad=0):
        out, latest["cache"] = reference.conv_forward(x, w, b, stride, pad)
        return out, None

    def conv_backward(dout, cache):
        return reference.conv_backward(dout, latest["cache"])

    return conv_forward, conv_backward


def looped(size_of, window_of, *, of_filter=lambda w, f, i, j: w[f], channels_last=False):
    """A conv_forward of plain loops: `size_of(x, w, stride, pad)` says how many rows and columns out has,
    `window_of(picture, i, j, w, stride)` what is seen at a place."""

    def make(reference):
        def conv_forward(x, w, b, stride=1, pad=0):
            cache = reference.conv_forward(x, w, b, stride, pad)[1]
            sides = (1, 2) if channels_last else (2, 3)
            around = [(pad, pad) if axis in sides else (0, 0) for axis in range(4)]
            padded = np.pad(np.asarray(x, float), around)
            rows, columns = size_of(reference, x, w, stride, pad)
            shape = (rows, columns, len(w)) if channels_last else (len(w), rows, columns)
            out = np.zeros((len(x), *shape))
            for n, f, i, j in np.ndindex(len(x), len(w), rows, columns):
                seen = window_of(padded[n], i, j, w, stride) * of_filter(w, f, i, j)
                out[(n, i, j, f) if channels_last else (n, f, i, j)] = np.sum(seen) + b[f]
            return out, cache

        return conv_forward

    return make


def places_of(reference, x, w, stride, pad):
    sides = zip(x.shape[2:], w.shape[2:], strict=True)
    return [reference.output_size(size, field, stride, pad) for size, field in sides]


def window_at(picture, i, j, w, stride):
    top, left = i * stride, j * stride
    return picture[:, top : top + w.shape[2], left : left + w.shape[3]]


@misconception(
    hint="Pictures are (N, C, H, W) and filters (F, C, HH, WW): yours takes the axis of the channels for "
    "the rows, as if the channels came last.",
    caught_by="test_output_shape",
)
def channels_last(reference):
    def size_of(reference, x, w, stride, pad):
        sides = zip(x.shape[1:3], w.shape[1:3], strict=True)
        return [reference.output_size(size, field, stride, pad) for size, field in sides]

    def window_of(picture, i, j, w, stride):
        top, left = i * stride, j * stride
        return picture[top : top + w.shape[1], left : left + w.shape[2]]

    return looped(size_of, window_of, channels_last=True)(reference)


@misconception(
    hint="Your loops go over as many places as the picture has pixels, so the windows run over its edge. "
    "out is as large as the picture only if pad and stride make it so: output_size tells.",
    caught_by="test_output_shape",
)
def as_many_places_as_pixels(reference):
    return looped(lambda reference, x, *_: x.shape[2:], window_at)(reference)


@misconception(
    hint="The window moves over the picture, and the filter stays whole: do not cut it at i and j, too.",
    caught_by="test_output_shape",
)
def window_cut_from_the_filter(reference):
    def cut(w, f, i, j):
        return w[f, :, i : i + w.shape[2], j : j + w.shape[3]]

    return looped(places_of, window_at, of_filter=cut)(reference)


# The backward pass


@misconception(
    hint="A pixel is seen by several windows, and each sends back its part: add with +=, do not "
    "assign with =. With arrays of indices += keeps only one of the parts: there use np.add.at.",
    caught_by="test_backward_with_stride_and_padding",
)
def windows_overwrite_dx(reference):
    def conv_backward(dout, cache):
        _, dw, db = reference.conv_backward(dout, cache)
        x, w, stride, pad = cache
        return scatter(dout, w, x.shape, stride, pad, add=False), dw, db

    return conv_backward


@misconception(
    hint="A pixel is seen through several weights of a filter, and each sends back its part: add with +=, do "
    "not assign with =. With arrays of indices += keeps only one of the parts: there use np.add.at.",
    caught_by="test_backward_with_stride_and_padding",
)
def weights_overwrite_dx(reference):
    def conv_backward(dout, cache):
        _, dw, db = reference.conv_backward(dout, cache)
        x, w, stride, pad = cache
        dx = pad_pictures(np.zeros(x.shape), pad)
        for u, v in np.ndindex(w.shape[2:]):
            rows, columns = (
                slice(first, first + stride * (places - 1) + 1, stride)
                for first, places in zip((u, v), dout.shape[2:], strict=True)
            )
            dx[:, :, rows, columns] = np.einsum("nfij,fc->ncij", dout, w[:, :, u, v])
        return dx[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]], dw, db

    return conv_backward


@misconception(
    hint="A pixel is seen by several windows and by every filter, and each sends back its part: add "
    "with +=, do not assign with =.",
    caught_by="test_backward_with_stride_and_padding",
)
def filters_overwrite_dx(reference):
    def conv_backward(dout, cache):
        _, dw, db = reference.conv_backward(dout, cache)
        x, w, stride, pad = cache
        return scatter(dout[:, -1:], w[-1:], x.shape, stride, pad, add=False), dw, db

    return conv_backward


@misconception(
    hint="Each weight sends back to the very pixel that it looked at: with dx[window] += w·dout no flip is "
    "needed, but a convolution of dout needs the filter turned by 180 degrees.",
    caught_by="test_backward_is_the_gradient_of_forward",
)
def dx_with_flipped_filter(reference):
    def conv_backward(dout, cache):
        _, dw, db = reference.conv_backward(dout, cache)
        x, w, stride, pad = cache
        return scatter(dout, w[:, :, ::-1, ::-1], x.shape, stride, pad), dw, db

    return conv_backward


@misconception(
    hint="dw[u, v] pairs the picture shifted by (u, v) with dout; yours runs the other way round. "
    "Check one entry by hand.",
    caught_by="test_backward_is_the_gradient_of_forward",
)
def dw_reversed(reference):
    def conv_backward(dout, cache):
        dx, dw, db = reference.conv_backward(dout, cache)
        return dx, dw[:, :, ::-1, ::-1], db

    return conv_backward


@misconception(
    hint="Where did place (i, j) look in the picture? At rows i·stride and columns j·stride, in the "
    "backward pass, too.",
    caught_by="test_backward_with_stride_and_padding",
)
def backward_ignores_stride(reference):
    def conv_backward(dout, cache):
        _, dw, db = reference.conv_backward(dout, cache)
        x, w, _, pad = cache
        return scatter(dout, w, x.shape, 1, pad), dw, db

    return conv_backward


@misconception(
    hint="What is the slice 0:-0? Empty. Crop with pad : pad + H instead of pad : -pad.",
    caught_by="test_gradient_shapes",
)
def crop_fails_without_padding(reference):
    def conv_backward(dout, cache):
        x, w, stride, pad = cache
        _, dw, db = reference.conv_backward(dout, cache)
        n, c, h, width = x.shape
        whole = scatter(dout, w, (n, c, h + 2 * pad, width + 2 * pad), stride, 0)
        return whole[:, :, pad:-pad, pad:-pad], dw, db

    return conv_backward


@misconception(
    hint="Yours cuts one row and one column off on each side, whatever pad says: cut as much as was "
    "padded, which may be nothing.",
    caught_by="test_gradient_shapes",
)
def crop_always_one(reference):
    def conv_backward(dout, cache):
        x, w, stride, pad = cache
        _, dw, db = reference.conv_backward(dout, cache)
        n, c, h, width = x.shape
        whole = scatter(dout, w, (n, c, h + 2 * pad, width + 2 * pad), stride, 0)
        return whole[:, :, 1:-1, 1:-1], dw, db

    return conv_backward


@misconception(
    hint="dx has fractions even where x holds whole numbers: np.zeros(shape) makes an array of floats, "
    "np.zeros_like(x) one of x's type.",
    caught_by="test_backward_with_other_number_types",
)
def dx_of_the_type_of_x(reference):
    def conv_forward(x, w, b, stride=1, pad=0):
        out, cache = reference.conv_forward(x, w, b, stride, pad)
        return out, (*cache, x.dtype)

    def conv_backward(dout, cache):
        *cache, dtype = cache
        dx, dw, db = reference.conv_backward(dout, tuple(cache))
        return dx.astype(dtype), dw, db

    return conv_forward, conv_backward


@misconception(
    hint="dx has the shape of x: take off the border that you added.",
    caught_by="test_gradient_shapes",
)
def dx_keeps_the_padding(reference):
    def conv_backward(dout, cache):
        x, w, stride, pad = cache
        _, dw, db = reference.conv_backward(dout, cache)
        n, c, h, width = x.shape
        return scatter(dout, w, (n, c, h + 2 * pad, width + 2 * pad), stride, 0), dw, db

    return conv_backward


@misconception(
    hint="The same bias is used for every example and at every place: sum dout over all axes but the "
    "filters'.",
    caught_by="test_gradient_shapes",
)
def db_summed_over_examples_only(reference):
    def conv_backward(dout, cache):
        dx, dw, _ = reference.conv_backward(dout, cache)
        return dx, dw, dout.sum(axis=0)

    return conv_backward


@misconception(
    hint="The mean belongs to the loss. A layer only adds up: db is a sum over places, not an average.",
    caught_by="test_bias_gradient",
)
def db_is_a_mean(reference):
    def conv_backward(dout, cache):
        dx, dw, _ = reference.conv_backward(dout, cache)
        return dx, dw, dout.mean(axis=(0, 2, 3))

    return conv_backward


@misconception(
    hint="The weights are shared by all examples: each adds to the same dw. Is there an `=` where `+=` "
    "belongs?",
    caught_by="test_backward_is_the_gradient_of_forward",
)
def dw_of_the_last_example(reference):
    def conv_backward(dout, cache):
        dx, _, db = reference.conv_backward(dout, cache)
        last = np.zeros_like(dout)
        last[-1] = dout[-1]
        return dx, reference.conv_backward(last, cache)[1], db

    return conv_backward


@misconception(
    hint="The weights are shared by all places: each adds to the same dw. Is there an `=` where `+=` "
    "belongs?",
    caught_by="test_backward_is_the_gradient_of_forward",
)
def dw_of_the_last_place(reference):
    def conv_backward(dout, cache):
        dx, _, db = reference.conv_backward(dout, cache)
        return dx, reference.conv_backward(only_last(dout, examples=False), cache)[1], db

    return conv_backward


@misconception(
    hint="Every example and every place adds its part to dw: use +=, for with = the last one replaces "
    "the others.",
    caught_by="test_backward_is_the_gradient_of_forward",
)
def dw_overwritten(reference):
    def conv_backward(dout, cache):
        dx, _, db = reference.conv_backward(dout, cache)
        return dx, reference.conv_backward(only_last(dout, examples=True), cache)[1], db

    return conv_backward


@misconception(
    hint="Every example and every place adds its part to db: use +=, for with = the last one replaces "
    "the others.",
    caught_by="test_bias_gradient",
)
def db_overwritten(reference):
    def conv_backward(dout, cache):
        dx, dw, _ = reference.conv_backward(dout, cache)
        return dx, dw, only_last(dout, examples=True).sum(axis=(0, 2, 3))

    return conv_backward


@misconception(
    hint="Every place adds its part to db: use +=, for with = the last place replaces the others.",
    caught_by="test_bias_gradient",
)
def db_of_the_last_place(reference):
    def conv_backward(dout, cache):
        dx, dw, _ = reference.conv_backward(dout, cache)
        return dx, dw, only_last(dout, examples=False).sum(axis=(0, 2, 3))

    return conv_backward


@misconception(
    hint="Only the loss averages over the batch. If it divides by N already, the layer must not.",
    caught_by="test_backward_is_the_gradient_of_forward",
)
def divided_by_batch_size(reference):
    def conv_backward(dout, cache):
        dx, dw, db = reference.conv_backward(dout, cache)
        return dx, dw / len(dout), db / len(dout)

    return conv_backward


@misconception(
    hint="Pad x in the backward pass as in the forward pass before you collect dw.",
    caught_by="test_backward_with_stride_and_padding",
)
def dw_misses_the_padding(reference):
    def conv_backward(dout, cache):
        dx, _, db = reference.conv_backward(dout, cache)
        x, w, stride, pad = cache
        n, c, h, width = x.shape
        shifted = np.zeros((n, c, h + 2 * pad, width + 2 * pad))
        shifted[:, :, :h, :width] = x
        view = windows(shifted, w.shape[2], w.shape[3], stride)
        return dx, np.einsum("nfij,ncijuv->fcuv", dout, view), db

    return conv_backward


@misconception(
    hint="reshape is not transpose: keep the filters in the cache as they came, in shape (F, C, HH, WW).",
    caught_by="test_backward_is_the_gradient_of_forward",
)
def filters_reshaped_for_dx(reference):
    def conv_backward(dout, cache):
        _, dw, db = reference.conv_backward(dout, cache)
        x, w, stride, pad = cache
        f, c, hh, ww = w.shape
        mixed = w.transpose(1, 2, 3, 0).reshape(f, c, hh, ww)
        return scatter(dout, mixed, x.shape, stride, pad), dw, db

    return conv_backward


# Counting parameters


@misconception(
    hint="Each feature map has a bias of its own: count it beside its weights.",
    caught_by="test_parameter_counts",
)
def biases_not_counted(reference):
    def parameter_counts(c, h, w, f, field):
        rows, columns = h - field + 1, w - field + 1
        return {
            "shared": f * c * field**2,
            "locally_connected": f * rows * columns * c * field**2,
            "fully_connected": f * rows * columns * c * h * w,
        }

    return parameter_counts


@misconception(
    hint="Each output of the fully connected layer has a bias of its own: count it beside its weights.",
    caught_by="test_parameter_counts",
)
def fully_connected_without_biases(reference):
    def parameter_counts(c, h, w, f, field):
        places = (h - field + 1) * (w - field + 1)
        counts = reference.parameter_counts(c, h, w, f, field)
        return {**counts, "fully_connected": f * places * c * h * w}

    return parameter_counts


@misconception(
    hint="A map of the locally connected layer has a bias at every place, not one for all of them.",
    caught_by="test_parameter_counts",
)
def one_bias_for_each_local_map(reference):
    def parameter_counts(c, h, w, f, field):
        places = (h - field + 1) * (w - field + 1)
        counts = reference.parameter_counts(c, h, w, f, field)
        return {**counts, "locally_connected": f * (places * c * field**2 + 1)}

    return parameter_counts


@misconception(
    hint="A filter looks at all channels: it has c·field·field weights, not field·field.",
    caught_by="test_parameter_counts",
)
def channels_not_counted(reference):
    def parameter_counts(c, h, w, f, field):
        rows, columns = h - field + 1, w - field + 1
        return {
            "shared": f * (field**2 + 1),
            "locally_connected": f * rows * columns * (field**2 + 1),
            "fully_connected": f * rows * columns * (h * w + 1),
        }

    return parameter_counts


@misconception(
    hint="Without padding the field fits at (h − field + 1)·(w − field + 1) places, not at h·w.",
    caught_by="test_parameter_counts",
)
def every_pixel_is_a_place(reference):
    def parameter_counts(c, h, w, f, field):
        return {
            "shared": f * (c * field**2 + 1),
            "locally_connected": f * h * w * (c * field**2 + 1),
            "fully_connected": f * h * w * (c * h * w + 1),
        }

    return parameter_counts


# Zeros that are not the same on both sides


def unequal_padding(before):
    """Convolution with before(pad) zeros above and on the left, and the rest of 2·pad on the other sides.

    The backward pass is left alone: whether a student's crops dx accordingly decides nothing.
    """

    def make(reference):
        def conv_forward(x, w, b, stride=1, pad=0):
            _, cache = reference.conv_forward(x, w, b, stride, pad)
            sides = (before(pad), 2 * pad - before(pad))
            padded = np.pad(x, ((0, 0), (0, 0), sides, sides))
            return reference.conv_forward(padded, w, b, stride, 0)[0], cache

        return conv_forward

    return make


@misconception(
    hint="Your zeros are fewer above and on the left than on the other sides, as libraries have it: "
    '"same" does so in PyTorch, JAX and Keras where the filter is even. Here each side gets pad of them.',
    caught_by="test_identity_filter",
)
def fewer_zeros_before_than_behind(reference):
    return unequal_padding(lambda pad: pad // 2)(reference)


@misconception(
    hint='Your zeros are all below and on the right of the picture, as with "same" and a filter of side 2 in '
    "PyTorch, JAX and Keras; here each side gets pad of them.",
    caught_by="test_identity_filter",
)
def zeros_behind_only(reference):
    return unequal_padding(lambda pad: 0)(reference)
