"""Convolution in loops over examples, filters and places."""

import numpy as np


def output_size(size, field, stride, pad):
    """Walk along the axis and count."""
    if field < 1 or stride < 1 or pad < 0:
        raise ValueError("field, stride and pad are too small")
    places = 0
    start = -pad
    while start + field <= size + pad:
        places += 1
        start += stride
    if places == 0:
        raise ValueError("the field does not fit")
    return places


def conv_forward(x, w, b, stride=1, pad=0):
    """Multiply and add at every place."""
    if np.shape(x)[1] != np.shape(w)[1]:
        raise ValueError("x and w need the same number of channels")
    n, _, h, width = x.shape
    f, _, hh, ww = w.shape
    rows, columns = output_size(h, hh, stride, pad), output_size(width, ww, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    out = np.zeros((n, f, rows, columns))
    for example in range(n):
        for k in range(f):
            for i in range(rows):
                for j in range(columns):
                    top, left = i * stride, j * stride
                    window = padded[example, :, top : top + hh, left : left + ww]
                    out[example, k, i, j] = np.sum(window * w[k]) + b[k]
    return out, (x, w, b, stride, pad)


def conv_backward(dout, cache):
    """Send each product's share back."""
    x, w, b, stride, pad = cache
    hh, ww = w.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    dpadded, dw, db = np.zeros(padded.shape), np.zeros(w.shape), np.zeros(b.shape)
    for example in range(dout.shape[0]):
        for k in range(dout.shape[1]):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    g = dout[example, k, i, j]
                    here = np.s_[
                        example, :, i * stride : i * stride + hh, j * stride : j * stride + ww
                    ]
                    db[k] += g
                    dw[k] += g * padded[here]
                    dpadded[here] += g * w[k]
    return dpadded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]], dw, db


def parameter_counts(c, h, w, f, field):
    """Count weights and biases."""
    maps = f * (h - field + 1) * (w - field + 1)
    weights = c * field * field
    return {
        "shared": f * weights + f,
        "locally_connected": maps * weights + maps,
        "fully_connected": maps * c * h * w + maps,
    }
