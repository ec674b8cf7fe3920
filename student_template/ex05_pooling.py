"""Pooling: keep less of a feature map, one number for each window.

Pictures are arrays of shape (N, C, H, W). Windows are size x size squares, stride apart; a window
that would reach over the edge is left out. Every channel is pooled on its own.
"""

import numpy as np


def max_pool_forward(x, size=2, stride=2):
    """Compute the largest entry of every window.

    x: pictures, shape (N, C, H, W); integers become floats first.
    size: side of the window, at least 1.
    stride: step between neighbouring windows, at least 1.

    Returns (out, cache): out has shape (N, C, H_out, W_out), H_out = (H - size) // stride + 1 and
    W_out likewise.

    Raises ValueError if size or stride is below 1 or a window does not fit into the picture.
    """
    raise NotImplementedError


def max_pool_backward(dout, cache):
    """Compute the gradient of max pooling by its input.

    In a tie, the tied entries of the window may share dout in any way that adds up to dout.

    dout: gradient of the loss by the output, shape (N, C, H_out, W_out).
    cache: what max_pool_forward returned beside that output.

    Returns dx, with the shape of x.
    """
    raise NotImplementedError


def average_pool_forward(x, size=2, stride=2):
    """Compute the mean of every window.

    x: pictures, shape (N, C, H, W); integers become floats first.
    size: side of the window, at least 1.
    stride: step between neighbouring windows, at least 1.

    Returns (out, cache): out has shape (N, C, H_out, W_out), H_out = (H - size) // stride + 1 and
    W_out likewise.

    Raises ValueError if size or stride is below 1 or a window does not fit into the picture.
    """
    raise NotImplementedError


def average_pool_backward(dout, cache):
    """Compute the gradient of average pooling by its input.

    dout: gradient of the loss by the output, shape (N, C, H_out, W_out).
    cache: what average_pool_forward returned beside that output.

    Returns dx, with the shape of x.
    """
    raise NotImplementedError


def l2_pool_forward(x, size=2, stride=2):
    """Compute the square root of the sum of the squares of every window.

    x: pictures, shape (N, C, H, W); integers become floats first.
    size: side of the window, at least 1.
    stride: step between neighbouring windows, at least 1.

    Returns (out, cache): out has shape (N, C, H_out, W_out), H_out = (H - size) // stride + 1 and
    W_out likewise.

    Raises ValueError if size or stride is below 1 or a window does not fit into the picture.
    """
    raise NotImplementedError


def l2_pool_backward(dout, cache):
    """Compute the gradient of L2 pooling by its input; it is 0 for a window whose output is 0.

    dout: gradient of the loss by the output, shape (N, C, H_out, W_out).
    cache: what l2_pool_forward returned beside that output.

    Returns dx, with the shape of x.
    """
    raise NotImplementedError
