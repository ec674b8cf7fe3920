"""Pooling over flattened windows; the last of tied maxima takes all; caches are closures."""

import numpy as np


def _places(size_of_x, size, stride):
    if size < 1 or stride < 1 or size > size_of_x:
        raise ValueError("no such window")
    return (size_of_x - size) // stride + 1


def _gather(x, size, stride):
    x = np.asarray(x) * 1.0
    n, c, h, w = x.shape
    rows, columns = _places(h, size, stride), _places(w, size, stride)
    top = stride * np.repeat(np.arange(rows), columns)
    left = stride * np.tile(np.arange(columns), rows)
    u = np.repeat(np.arange(size), size)
    v = np.tile(np.arange(size), size)
    index = (top[:, None] + u) * w + left[:, None] + v  # (places, cells): flat pixel numbers
    cells = x.reshape(n, c, h * w)[:, :, index]

    def scatter(dcells):
        dx = np.zeros((n, c, h * w))
        np.add.at(dx, (slice(None), slice(None), index), dcells)
        return dx.reshape(n, c, h, w)

    return cells, scatter, (n, c, rows, columns)


def max_pool_forward(x, size=2, stride=2):
    """Look from the end."""
    cells, scatter, shape = _gather(x, size, stride)
    last = cells.shape[-1] - 1 - np.argmax(cells[..., ::-1], axis=-1)

    def back(dout):
        dcells = np.zeros(cells.shape)
        np.put_along_axis(dcells, last[..., None], dout.reshape(*last.shape, 1), axis=-1)
        return scatter(dcells)

    return cells.max(axis=-1).reshape(shape), back


def max_pool_backward(dout, cache):
    """Call what forward left."""
    return cache(dout)


def average_pool_forward(x, size=2, stride=2):
    """Mean over cells."""
    cells, scatter, shape = _gather(x, size, stride)

    def back(dout):
        return scatter(np.repeat(dout.reshape(*cells.shape[:3], 1), size**2, axis=3) / size**2)

    return cells.mean(axis=-1).reshape(shape), back


def average_pool_backward(dout, cache):
    """Call what forward left."""
    return cache(dout)


def l2_pool_forward(x, size=2, stride=2):
    """Length over cells."""
    cells, scatter, shape = _gather(x, size, stride)
    out = np.linalg.norm(cells, axis=-1, keepdims=True)

    def back(dout):
        unit = np.divide(cells, out, out=np.zeros_like(cells), where=out > 0)
        return scatter(unit * dout.reshape(out.shape))

    return out.reshape(shape), back


def l2_pool_backward(dout, cache):
    """Call what forward left."""
    return cache(dout)
