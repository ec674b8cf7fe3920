"""Convolution as a sum of shifted pictures, one a cell of the filter; the cache is a closure."""

import numpy as np


def output_size(size, field, stride, pad):
    """Count the places of the field."""
    if field < 1 or stride < 1 or pad < 0 or field > size + 2 * pad:
        raise ValueError("no such layer")
    return 1 + (size + 2 * pad - field) // stride


def conv_forward(x, w, b, stride=1, pad=0):
    """Shift, weigh, add."""
    if np.shape(x)[1] != np.shape(w)[1]:
        raise ValueError("x and w need the same number of channels")
    n, _, h, width = x.shape
    f, _, hh, ww = w.shape
    rows, columns = output_size(h, hh, stride, pad), output_size(width, ww, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad))) * 1.0

    def seen_by(u, v):
        return np.s_[
            :,
            :,
            u : u + (rows - 1) * stride + 1 : stride,
            v : v + (columns - 1) * stride + 1 : stride,
        ]

    cells = list(np.ndindex(hh, ww))
    out = np.zeros((n, f, rows, columns)) + np.reshape(b, (f, 1, 1))
    for u, v in cells:
        out += np.einsum("ncij,fc->nfij", padded[seen_by(u, v)], w[:, :, u, v])

    def back(dout):
        dpadded, dw = np.zeros(padded.shape), np.zeros(w.shape)
        for u, v in cells:
            dpadded[seen_by(u, v)] += np.einsum("nfij,fc->ncij", dout, w[:, :, u, v])
            dw[:, :, u, v] = np.einsum("nfij,ncij->fc", dout, padded[seen_by(u, v)])
        db = dout.sum(axis=(0, 2, 3), dtype=float)
        return dpadded[:, :, pad : pad + h, pad : pad + width], dw, db

    return out, back


def conv_backward(dout, cache):
    """Call what forward left."""
    return cache(dout)


def parameter_counts(c, h, w, f, field):
    """Count weights and biases."""
    maps = f * (h - field + 1) * (w - field + 1)
    weights = c * field * field
    return {
        "shared": f * weights + f,
        "locally_connected": maps * weights + maps,
        "fully_connected": maps * c * h * w + maps,
    }
