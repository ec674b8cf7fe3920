"""Convolution as one matrix product: index arrays gather the windows, np.add.at puts them back."""

import numpy as np


def output_size(size, field, stride, pad):
    """Count the places of the field."""
    if field < 1 or stride < 1 or pad < 0 or field > size + 2 * pad:
        raise ValueError("no such layer")
    return 1 + (size + 2 * pad - field) // stride


def _indices(filter_shape, places, stride):
    channel, u, v = (a.reshape(-1, 1) for a in np.indices(filter_shape))
    i, j = (a.reshape(1, -1) for a in np.indices(places))
    return channel, u + stride * i, v + stride * j


def conv_forward(x, w, b, stride=1, pad=0):
    """Gather, multiply."""
    if np.shape(x)[1] != np.shape(w)[1]:
        raise ValueError("x and w need the same number of channels")
    x = np.asarray(x)
    n, c, h, width = x.shape
    f, _, hh, ww = w.shape
    rows, columns = output_size(h, hh, stride, pad), output_size(width, ww, stride, pad)
    padded = np.zeros((n, c, h + 2 * pad, width + 2 * pad), dtype=np.result_type(x, w, 1.0))
    padded[:, :, pad : pad + h, pad : pad + width] = x
    where = _indices((c, hh, ww), (rows, columns), stride)
    patches = padded[(slice(None), *where)]  # (N, C*HH*WW, places)
    out = np.reshape(w, (f, -1)) @ patches + np.reshape(b, (-1, 1))
    cache = (patches, where, padded.shape, w * 1.0, pad)
    return out.reshape(n, f, rows, columns), cache


def conv_backward(dout, cache):
    """Multiply, put back."""
    patches, where, padded_shape, w, pad = cache
    n, f = dout.shape[:2]
    dmaps = dout.reshape(n, f, -1)
    dw = np.einsum("nfp,nkp->fk", dmaps, patches).reshape(w.shape)
    db = dmaps.sum(axis=(0, 2))
    dpatches = w.reshape(f, -1).T @ dmaps
    dpadded = np.zeros(padded_shape, dtype=dpatches.dtype)
    np.add.at(dpadded, (slice(None), *where), dpatches)
    h, width = padded_shape[2] - 2 * pad, padded_shape[3] - 2 * pad
    return dpadded[:, :, pad : pad + h, pad : pad + width].copy(), dw, db * 1.0


def parameter_counts(c, h, w, f, field):
    """Count weights and biases."""
    maps = f * (h - field + 1) * (w - field + 1)
    weights = c * field * field
    return {
        "shared": f * weights + f,
        "locally_connected": maps * weights + maps,
        "fully_connected": maps * c * h * w + maps,
    }
