"""Pooling by running over the window's cells; tied maxima share equally; caches are dicts."""

import numpy as np


def _places(size_of_x, size, stride):
    if size < 1 or stride < 1 or size > size_of_x:
        raise ValueError("no such window")
    return (size_of_x - size) // stride + 1


def _cells(shape, size, stride):
    rows, columns = _places(shape[2], size, stride), _places(shape[3], size, stride)
    for u, v in np.ndindex(size, size):
        yield np.s_[
            :,
            :,
            u : u + (rows - 1) * stride + 1 : stride,
            v : v + (columns - 1) * stride + 1 : stride,
        ]


def max_pool_forward(x, size=2, stride=2):
    """Keep a running maximum."""
    x = np.array(x) * 1.0
    out = None
    for cell in _cells(x.shape, size, stride):
        out = x[cell] if out is None else np.maximum(out, x[cell])
    return out.copy(), {"x": x, "out": out.copy(), "cells": list(_cells(x.shape, size, stride))}


def max_pool_backward(dout, cache):
    """Share among the tied."""
    x, out, cells = cache["x"], cache["out"], cache["cells"]
    tied = sum((x[cell] == out).astype(x.dtype) for cell in cells)
    dx = np.zeros_like(x)
    for cell in cells:
        dx[cell] += np.where(x[cell] == out, dout / tied, 0)
    return dx


def average_pool_forward(x, size=2, stride=2):
    """Add up, divide."""
    x = np.asarray(x) * 1.0
    cells = list(_cells(x.shape, size, stride))
    return sum(x[cell] for cell in cells) / len(cells), {"like": np.zeros_like(x), "cells": cells}


def average_pool_backward(dout, cache):
    """Divide, add up."""
    dx = cache["like"].copy()
    for cell in cache["cells"]:
        dx[cell] += dout / len(cache["cells"])
    return dx


def l2_pool_forward(x, size=2, stride=2):
    """Add the squares up, take the root."""
    x = np.array(x) * 1.0
    cells = list(_cells(x.shape, size, stride))
    out = np.sqrt(sum(x[cell] ** 2 for cell in cells))
    return out, {"x": x, "length": out.copy(), "cells": cells}


def l2_pool_backward(dout, cache):
    """Divide by the length where there is one."""
    x, length = cache["x"], cache["length"]
    ratio = np.zeros(length.shape, dtype=length.dtype)
    np.divide(dout, length, out=ratio, where=length != 0)
    dx = np.zeros_like(x)
    for cell in cache["cells"]:
        dx[cell] += x[cell] * ratio
    return dx
