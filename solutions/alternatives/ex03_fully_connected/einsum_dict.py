"""Fully connected layers with einsum, caches as dicts, gradients of a network as tuples."""

import numpy as np


def affine_forward(x, w, b):
    """Contract the features."""
    flat = np.asarray(x).reshape(np.shape(x)[0], -1) + 0.0
    return np.einsum("nd,dm->nm", flat, w) + b, {"flat": flat, "w": w, "shape": np.shape(x)}


def affine_backward(dout, cache):
    """Contract the other index."""
    dx = np.einsum("nm,dm->nd", dout, cache["w"] + 0.0).reshape(cache["shape"])
    dw = np.einsum("nd,nm->dm", cache["flat"], dout)
    return dx, dw, np.einsum("nm->m", dout)


def mlp_forward(x, params):
    """Recur over the layers."""
    (w, b), *rest = params
    out, cache = affine_forward(x, w, b)
    if not rest:
        return out, {"affine": cache}
    final, inner = mlp_forward(np.where(out > 0, out, 0), rest)
    return final, {"affine": cache, "on": out > 0, "inner": inner}


def mlp_backward(dout, cache):
    """Recur over the layers."""
    grads = []
    if "inner" in cache:
        dout, grads = mlp_backward(dout, cache["inner"])
        dout = dout * cache["on"]
    dx, dw, db = affine_backward(dout, cache["affine"])
    return dx, [(dw, db), *grads]
