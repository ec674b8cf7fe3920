"""Pooling in single precision; the cache is an object."""

import numpy as np


def _places(size_of_x, size, stride):
    if size < 1 or stride < 1 or size > size_of_x:
        raise ValueError("no such window")
    return (size_of_x - size) // stride + 1


class _Pooled:
    """A pooled picture's windows, and the way back into it."""

    def __init__(self, x, size, stride):
        x = np.array(x, dtype=np.float32)
        self.shape, self.size, self.stride = x.shape, size, stride
        self.rows = _places(x.shape[2], size, stride)
        self.columns = _places(x.shape[3], size, stride)
        windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
        self.windows = windows[:, :, ::stride, ::stride]

    def add_up(self, dwindows):
        """Add the windows' gradients into a picture."""
        dx = np.zeros(self.shape, dtype=np.float32)
        for i in range(self.rows):
            for j in range(self.columns):
                top, left = i * self.stride, j * self.stride
                dx[:, :, top : top + self.size, left : left + self.size] += dwindows[:, :, i, j]
        return dx


def max_pool_forward(x, size=2, stride=2):
    """Largest of the window."""
    pooled = _Pooled(x, size, stride)
    return pooled.windows.max(axis=(4, 5)), pooled


def max_pool_backward(dout, cache):
    """Equal shares for all winners of a window."""
    won = cache.windows == cache.windows.max(axis=(4, 5), keepdims=True)
    share = np.asarray(dout, dtype=np.float32) / won.sum(axis=(4, 5), dtype=np.float32)
    return cache.add_up(won * share[..., None, None])


def average_pool_forward(x, size=2, stride=2):
    """Mean of the window."""
    pooled = _Pooled(x, size, stride)
    return np.einsum("ncijuv->ncij", pooled.windows) / np.float32(size**2), pooled


def average_pool_backward(dout, cache):
    """Equal shares."""
    share = np.asarray(dout, dtype=np.float32)[..., None, None] / np.float32(cache.size**2)
    return cache.add_up(share * np.ones_like(cache.windows))


def l2_pool_forward(x, size=2, stride=2):
    """Length of the window."""
    pooled = _Pooled(x, size, stride)
    pooled.length = np.sqrt(np.einsum("ncijuv,ncijuv->ncij", pooled.windows, pooled.windows))
    return pooled.length.copy(), pooled


def l2_pool_backward(dout, cache):
    """Shares in proportion to the cells, none where there is no length."""
    dout = np.asarray(dout, dtype=np.float32)
    silent = cache.length == 0
    ratio = np.where(silent, np.float32(0), dout / (cache.length + silent.astype(np.float32)))
    return cache.add_up(cache.windows * ratio[..., None, None])
