"""Convolution in single precision, whatever comes in."""

import numpy as np


def output_size(size, field, stride, pad):
    """Count the places of the field."""
    if field < 1 or stride < 1 or pad < 0 or field > size + 2 * pad:
        raise ValueError("no such layer")
    return 1 + (size + 2 * pad - field) // stride


def conv_forward(x, w, b, stride=1, pad=0):
    """Tensordot over windows in single precision."""
    if np.shape(x)[1] != np.shape(w)[1]:
        raise ValueError("x and w need the same number of channels")
    x, w, b = (np.array(a, dtype=np.float32) for a in (x, w, b))
    output_size(x.shape[2], w.shape[2], stride, pad)
    output_size(x.shape[3], w.shape[3], stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    out = np.tensordot(windows, w, axes=[(1, 4, 5), (1, 2, 3)]) + b
    return out.transpose(0, 3, 1, 2).copy(), [windows, w, padded.shape, stride, pad]


def conv_backward(dout, cache):
    """Add the windows' gradients up, place by place."""
    windows, w, padded_shape, stride, pad = cache
    dout = np.asarray(dout, dtype=np.float32)
    hh, ww = w.shape[2:]
    height, width = padded_shape[2:]
    rows, columns = dout.shape[2:]
    dw = np.tensordot(dout, windows, axes=[(0, 2, 3), (0, 2, 3)])
    db = dout.sum(axis=(0, 2, 3))
    dpadded = np.zeros(padded_shape, dtype=np.float32)
    dwindows = np.tensordot(dout, w, axes=[(1,), (0,)])
    for i in range(rows):
        for j in range(columns):
            dpadded[:, :, i * stride : i * stride + hh, j * stride : j * stride + ww] += dwindows[
                :, i, j
            ]
    return dpadded[:, :, pad : height - pad, pad : width - pad], dw, db


def parameter_counts(c, h, w, f, field):
    """Count weights and biases."""
    maps = f * (h - field + 1) * (w - field + 1)
    weights = c * field * field
    return {
        "shared": f * weights + f,
        "locally_connected": maps * weights + maps,
        "fully_connected": maps * c * h * w + maps,
    }
