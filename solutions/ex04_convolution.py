"""Convolution: one small set of weights, applied at every place of a picture.

Pictures are arrays of shape (N, C, H, W): examples, channels, rows, columns.
"""

import numpy as np


### BEGIN SOLUTION
def _windows(x, height, width, stride):
    """Return a view (N, C, H_out, W_out, height, width) of every window of ``x``."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(2, 3))
    return windows[:, :, ::stride, ::stride]


def _zero_pad(x, pad):
    """Put ``pad`` rows and columns of zeros around every picture; always a new array."""
    return np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))


### END SOLUTION


def output_size(size, field, stride, pad):
    """Return how many places a receptive field has along one axis of a picture.

    size: length of the axis, before padding.
    field: length of the receptive field along that axis, at least 1.
    stride: step from one place to the next, at least 1.
    pad: number of zeros added at each of the two ends, at least 0.

    Returns an int, the number of places at which the whole field lies inside the padded axis.

    Raises ValueError if field or stride is below 1, if pad is negative, or if the field is longer
    than the padded axis.
    """
    ### BEGIN SOLUTION
    if field < 1 or stride < 1 or pad < 0:
        raise ValueError(
            f"field and stride start at 1 and pad at 0, got {field=}, {stride=}, {pad=}"
        )
    room = size + 2 * pad - field
    if room < 0:
        raise ValueError(f"a field of {field} does not fit into {size} + 2 * {pad} cells")
    return room // stride + 1
    ### END SOLUTION


def conv_forward(x, w, b, stride=1, pad=0):
    """Compute a convolutional layer: the cross-correlation of x with each filter, plus its bias.

    x: pictures, shape (N, C, H, W).
    w: filters, shape (F, C, HH, WW); they are not flipped.
    b: one bias per filter, shape (F,).
    stride: step between neighbouring places, the same in both directions.
    pad: rows and columns of zeros put around every picture, on all four sides.

    Returns (out, cache): out has shape (N, F, H_out, W_out), both sizes as output_size says; cache
    is whatever conv_backward needs. Integers become floats first.

    Raises ValueError if x and w differ in their number of channels, or as output_size does.
    """
    ### BEGIN SOLUTION
    dtype = np.result_type(x, w, b, 1.0)
    x, w, b = (np.asarray(array, dtype=dtype) for array in (x, w, b))
    if x.shape[1] != w.shape[1]:
        raise ValueError(f"x has {x.shape[1]} channels but the filters look at {w.shape[1]}")
    height, width = w.shape[2:]
    output_size(x.shape[2], height, stride, pad)
    output_size(x.shape[3], width, stride, pad)

    windows = _windows(_zero_pad(x, pad), height, width, stride)
    # Sum over channels and the two axes of the window; what is left is (N, H_out, W_out, F).
    out = np.tensordot(windows, w, axes=([1, 4, 5], [1, 2, 3])) + b
    return np.moveaxis(out, 3, 1), (x, w, stride, pad)
    ### END SOLUTION


def conv_backward(dout, cache):
    """Compute the gradients of a convolutional layer.

    dout: gradient of the loss by the layer's output, shape (N, F, H_out, W_out).
    cache: what conv_forward returned beside that output.

    Returns (dx, dw, db), each with the shape of the x, w and b that went into conv_forward.
    """
    ### BEGIN SOLUTION
    x, w, stride, pad = cache
    dout = np.asarray(dout, dtype=np.result_type(dout, w))
    height, width = w.shape[2:]
    rows, columns = dout.shape[2:]
    padded = _zero_pad(x, pad)

    windows = _windows(padded, height, width, stride)
    dw = np.tensordot(dout, windows, axes=([0, 2, 3], [0, 2, 3]))
    db = dout.sum(axis=(0, 2, 3))

    # Cell (u, v) of the filter saw the pixels (u + i*stride, v + j*stride). A pixel is seen through
    # several cells, so what they send back adds up.
    sent_back = np.tensordot(w, dout, axes=([0], [1]))  # (C, HH, WW, N, H_out, W_out)
    dpadded = np.zeros(padded.shape, dtype=dout.dtype)
    for u in range(height):
        for v in range(width):
            seen = dpadded[:, :, u : u + stride * rows : stride, v : v + stride * columns : stride]
            seen += np.swapaxes(sent_back[:, u, v], 0, 1)
    dx = dpadded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]
    return dx, dw, db
    ### END SOLUTION


def parameter_counts(c, h, w, f, field):
    """Count the weights and biases of three layers that compute f feature maps of a picture.

    c, h, w: channels, height and width of the picture.
    f: number of feature maps.
    field: side of the square local receptive field; stride 1, no padding.

    Returns a dict of three ints, biases included:
    "shared": a convolutional layer, one set of weights and one bias per feature map;
    "locally_connected": the same connections, but every place has its own weights and bias;
    "fully_connected": as many outputs, each connected to the whole picture, each with a bias.
    """
    ### BEGIN SOLUTION
    places = output_size(h, field, 1, 0) * output_size(w, field, 1, 0)
    one_unit = c * field * field + 1
    return {
        "shared": f * one_unit,
        "locally_connected": f * places * one_unit,
        "fully_connected": f * places * (c * h * w + 1),
    }
    ### END SOLUTION
