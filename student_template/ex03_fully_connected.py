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
    raise NotImplementedError


def affine_backward(dout, cache):
    """Compute the gradients of a fully connected layer.

    dout: gradient of the loss by the layer's output, shape (N, M).
    cache: what affine_forward returned beside that output.

    Returns (dx, dw, db), each with the shape of the x, w and b that went into affine_forward.
    """
    raise NotImplementedError


def mlp_forward(x, params):
    """Compute a network of fully connected layers with ReLU between them and none after the last.

    x: inputs, shape (N, d1, ..., dk) with d1 * ... * dk = D0.
    params: list of (w, b) with shapes (D0, D1) and (D1,), (D1, D2) and (D2,), ...; at least one.

    Returns (out, cache): out has shape (N, D_last).
    """
    raise NotImplementedError


def mlp_backward(dout, cache):
    """Compute the gradients of the network of mlp_forward.

    dout: gradient of the loss by the network's output, shape (N, D_last).
    cache: what mlp_forward returned beside that output.

    Returns (dx, grads): dx has the shape of x, grads is a list of (dw, db) like params.
    ReLU has slope 0 at exactly 0.
    """
    raise NotImplementedError
