"""Fully connected layers with every sum written out."""

import numpy as np


def affine_forward(x, w, b):
    """Sum over inputs, for each example and unit."""
    rows = np.array([np.ravel(example) for example in x], dtype=float)
    out = np.zeros((len(rows), len(b)))
    for n in range(len(rows)):
        for m in range(len(b)):
            out[n, m] = b[m]
            for d in range(rows.shape[1]):
                out[n, m] += rows[n, d] * w[d, m]
    return out, [rows, np.array(w), np.shape(x)]


def affine_backward(dout, cache):
    """Send every product's share back."""
    rows, w, shape = cache
    drows, dw, db = np.zeros(rows.shape), np.zeros(w.shape), np.zeros(w.shape[1])
    for n in range(rows.shape[0]):
        for m in range(w.shape[1]):
            db[m] += dout[n, m]
            for d in range(rows.shape[1]):
                drows[n, d] += dout[n, m] * w[d, m]
                dw[d, m] += dout[n, m] * rows[n, d]
    return drows.reshape(shape), dw, db


def mlp_forward(x, params):
    """Layer by layer."""
    cache = []
    for i in range(len(params)):
        x, layer = affine_forward(x, params[i][0], params[i][1])
        cache.append((layer, x.copy()))
        if i != len(params) - 1:
            x = np.maximum(x, 0)
    return x, cache


def mlp_backward(dout, cache):
    """Layer by layer, from the end."""
    grads = []
    for i in reversed(range(len(cache))):
        layer, sums = cache[i]
        if i != len(cache) - 1:
            dout = dout * (sums > 0)
        dout, dw, db = affine_backward(dout, layer)
        grads.insert(0, (dw, db))
    return dout, grads
