"""Pooling in loops, window by window."""

import numpy as np


def _places(size_of_x, size, stride):
    if size < 1 or stride < 1 or size > size_of_x:
        raise ValueError("no such window")
    return (size_of_x - size) // stride + 1


def _windows(x, size, stride):
    for i in range(_places(x.shape[2], size, stride)):
        for j in range(_places(x.shape[3], size, stride)):
            yield i, j, np.s_[i * stride : i * stride + size, j * stride : j * stride + size]


def _pool(x, size, stride, function):
    rows, columns = _places(x.shape[2], size, stride), _places(x.shape[3], size, stride)
    out = np.zeros((*x.shape[:2], rows, columns))
    for n, c in np.ndindex(x.shape[:2]):
        for i, j, window in _windows(x, size, stride):
            out[n, c, i, j] = function(x[n, c][window])
    return out, (x, size, stride)


def max_pool_forward(x, size=2, stride=2):
    """Take the largest."""
    return _pool(x, size, stride, np.max)


def max_pool_backward(dout, cache):
    """Give all to the first of the largest."""
    x, size, stride = cache
    dx = np.zeros(x.shape)
    for n, c in np.ndindex(x.shape[:2]):
        for i, j, window in _windows(x, size, stride):
            u, v = np.unravel_index(np.argmax(x[n, c][window]), (size, size))
            dx[n, c, i * stride + u, j * stride + v] += dout[n, c, i, j]
    return dx


def average_pool_forward(x, size=2, stride=2):
    """Take the mean."""
    return _pool(x, size, stride, np.mean)


def average_pool_backward(dout, cache):
    """Give every cell the same."""
    x, size, stride = cache
    dx = np.zeros(x.shape)
    for n, c in np.ndindex(x.shape[:2]):
        for i, j, window in _windows(x, size, stride):
            dx[n, c][window] += dout[n, c, i, j] / (size * size)
    return dx


def l2_pool_forward(x, size=2, stride=2):
    """Take the length."""
    return _pool(x, size, stride, lambda window: np.linalg.norm(window * 1.0))


def l2_pool_backward(dout, cache):
    """Give in proportion to the cells."""
    x, size, stride = cache
    dx = np.zeros(x.shape)
    for n, c in np.ndindex(x.shape[:2]):
        for i, j, window in _windows(x, size, stride):
            length = np.linalg.norm(x[n, c][window] * 1.0)
            if length > 0:
                dx[n, c][window] += dout[n, c, i, j] * x[n, c][window] / length
    return dx
