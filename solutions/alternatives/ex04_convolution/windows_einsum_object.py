"""Convolution as one einsum over a view of all windows; the cache is an object."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


@dataclass
class Seen:
    """What the forward call saw."""

    windows: np.ndarray
    w: np.ndarray
    shape: tuple
    stride: int
    pad: int


def output_size(size, field, stride, pad):
    """Count the places of the field."""
    if field < 1 or stride < 1 or pad < 0 or field > size + 2 * pad:
        raise ValueError("no such layer")
    return 1 + (size + 2 * pad - field) // stride


def conv_forward(x, w, b, stride=1, pad=0):
    """Contract channels and window."""
    if np.shape(x)[1] != np.shape(w)[1]:
        raise ValueError("x and w need the same number of channels")
    x = np.asarray(x) * 1.0
    output_size(x.shape[2], w.shape[2], stride, pad)
    output_size(x.shape[3], w.shape[3], stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = sliding_window_view(padded, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    out = np.einsum("ncijuv,fcuv->nfij", windows, w, optimize=True)
    return out + np.reshape(b, (1, -1, 1, 1)), Seen(windows, np.array(w), x.shape, stride, pad)


def conv_backward(dout, cache):
    """Contract the places; for dx, spread dout out and slide the turned filters over it."""
    n, _, h, width = cache.shape
    f, _, hh, ww = cache.w.shape
    dw = np.einsum("nfij,ncijuv->fcuv", dout, cache.windows, optimize=True)
    db = np.einsum("nfij->f", dout * 1.0)

    # dout with stride - 1 zeros between the places and field - 1 zeros around.
    spread = np.zeros((n, f, h + 2 * cache.pad + hh - 1, width + 2 * cache.pad + ww - 1))
    rows, columns = dout.shape[2:]
    spread[
        :,
        :,
        hh - 1 : hh - 1 + rows * cache.stride : cache.stride,
        ww - 1 : ww - 1 + columns * cache.stride : cache.stride,
    ] = dout
    turned = cache.w[:, :, ::-1, ::-1]
    windows = sliding_window_view(spread, (hh, ww), axis=(2, 3))
    dpadded = np.einsum("nfijuv,fcuv->ncij", windows, turned, optimize=True)
    return dpadded[:, :, cache.pad : cache.pad + h, cache.pad : cache.pad + width], dw, db


def parameter_counts(c, h, w, f, field):
    """Count weights and biases."""
    maps = f * (h - field + 1) * (w - field + 1)
    weights = c * field * field
    return {
        "shared": f * weights + f,
        "locally_connected": maps * weights + maps,
        "fully_connected": maps * c * h * w + maps,
    }
