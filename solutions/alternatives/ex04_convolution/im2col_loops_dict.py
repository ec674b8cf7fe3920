"""Convolution with a column matrix filled place by place; the cache is a dict."""

import numpy as np


def output_size(size, field, stride, pad):
    """Count the places of the field."""
    if field < 1 or stride < 1 or pad < 0 or field > size + 2 * pad:
        raise ValueError("no such layer")
    return 1 + (size + 2 * pad - field) // stride


def conv_forward(x, w, b, stride=1, pad=0):
    """Fill the columns, multiply once."""
    if np.shape(x)[1] != np.shape(w)[1]:
        raise ValueError("x and w need the same number of channels")
    n, c, h, width = x.shape
    f, _, hh, ww = w.shape
    rows, columns = output_size(h, hh, stride, pad), output_size(width, ww, stride, pad)
    padded = np.pad(x * 1.0, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    cols = np.empty((rows, columns, n, c * hh * ww), dtype=padded.dtype)
    for i in range(rows):
        for j in range(columns):
            window = padded[:, :, i * stride : i * stride + hh, j * stride : j * stride + ww]
            cols[i, j] = window.reshape(n, -1)
    out = (cols @ w.reshape(f, -1).T + b).transpose(2, 3, 0, 1)
    return out, {"cols": cols, "w": w, "x_shape": x.shape, "stride": stride, "pad": pad}


def conv_backward(dout, cache):
    """Multiply once, then add the columns back place by place."""
    cols, w, stride, pad = cache["cols"], cache["w"], cache["stride"], cache["pad"]
    n, c, h, width = cache["x_shape"]
    f, _, hh, ww = w.shape
    dmaps = dout.transpose(2, 3, 0, 1) * 1.0
    db = dmaps.reshape(-1, f).sum(axis=0)
    dw = (dmaps.reshape(-1, f).T @ cols.reshape(-1, c * hh * ww)).reshape(w.shape)
    dcols = dmaps @ w.reshape(f, -1)
    dpadded = np.zeros((n, c, h + 2 * pad, width + 2 * pad), dtype=dcols.dtype)
    for i in range(dcols.shape[0]):
        for j in range(dcols.shape[1]):
            window = dpadded[:, :, i * stride : i * stride + hh, j * stride : j * stride + ww]
            window += dcols[i, j].reshape(n, c, hh, ww)
    dx = dpadded[:, :, pad:-pad, pad:-pad] if pad > 0 else dpadded
    return dx, dw, db


def parameter_counts(c, h, w, f, field):
    """Count weights and biases."""
    maps = f * (h - field + 1) * (w - field + 1)
    weights = c * field * field
    return {
        "shared": f * weights + f,
        "locally_connected": maps * weights + maps,
        "fully_connected": maps * c * h * w + maps,
    }
