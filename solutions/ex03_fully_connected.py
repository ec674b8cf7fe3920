"""Fully connected layers: every unit is connected to every number of the layer before.

Parameters of a network are a list of pairs (w, b), first layer first.
"""

import numpy as np


def affine_forward(x, w, b):
    """Compute a fully connected layer: each example, flattened to a row, times w, plus b.

    x: inputs, shape (N, d1, ..., dk) with d1 * ... * dk = D.
    w: weights, shape (D, M).
    b: biases, shape (M,).

    Returns (out, cache): out has shape (N, M). Integers become floats first.
    """
    ### BEGIN SOLUTION
    dtype = np.result_type(x, w, b, 1.0)
    x, w, b = (np.asarray(array, dtype=dtype) for array in (x, w, b))
    return x.reshape(x.shape[0], w.shape[0]) @ w + b, (x, w)
    ### END SOLUTION


def affine_backward(dout, cache):
    """Compute the gradients of a fully connected layer.

    dout: gradient of the loss by the layer's output, shape (N, M).
    cache: what affine_forward returned beside that output.

    Returns (dx, dw, db), each with the shape of the x, w and b that went into affine_forward.
    """
    ### BEGIN SOLUTION
    x, w = cache
    dout = np.asarray(dout, dtype=np.result_type(dout, w))
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], w.shape[0]).T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db
    ### END SOLUTION


def mlp_forward(x, params):
    """Compute a network of fully connected layers with ReLU between them and none after the last.

    x: inputs, shape (N, d1, ..., dk) with d1 * ... * dk = D0.
    params: list of (w, b) with shapes (D0, D1) and (D1,), (D1, D2) and (D2,), ...; at least one.

    Returns (out, cache): out has shape (N, D_last).
    """
    ### BEGIN SOLUTION
    out, affine_cache = affine_forward(x, *params[0])
    affine_caches, masks = [affine_cache], []
    for w, b in params[1:]:
        masks.append(out > 0)
        out, affine_cache = affine_forward(np.maximum(out, 0), w, b)
        affine_caches.append(affine_cache)
    return out, (affine_caches, masks)
    ### END SOLUTION


def mlp_backward(dout, cache):
    """Compute the gradients of the network of mlp_forward.

    dout: gradient of the loss by the network's output, shape (N, D_last).
    cache: what mlp_forward returned beside that output.

    Returns (dx, grads): dx has the shape of x, grads is a list of (dw, db) like params.
    ReLU has slope 0 at exactly 0.
    """
    ### BEGIN SOLUTION
    affine_caches, masks = cache
    dx, dw, db = affine_backward(dout, affine_caches[-1])
    grads = [(dw, db)]
    for affine_cache, was_on in zip(reversed(affine_caches[:-1]), reversed(masks), strict=True):
        dx, dw, db = affine_backward(np.where(was_on, dx, 0), affine_cache)
        grads.append((dw, db))
    return dx, grads[::-1]
    ### END SOLUTION
