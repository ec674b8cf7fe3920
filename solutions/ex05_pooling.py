"""Pooling: keep less of a feature map, one number for each window.

Pictures are arrays of shape (N, C, H, W). Windows are size x size squares, stride apart; a window
that would reach over the edge is left out. Every channel is pooled on its own.
"""

import numpy as np


### BEGIN SOLUTION
def _windows(x, size, stride):
    """Return a view (N, C, H_out, W_out, size, size) of every window of ``x``."""
    if size < 1 or stride < 1 or size > min(x.shape[2:]):
        raise ValueError(
            f"size and stride start at 1 and a window must fit into {x.shape[2:]}, "
            f"got {size=}, {stride=}"
        )
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    return windows[:, :, ::stride, ::stride]


def _add_up(dwindows, shape, stride):
    """Add the gradients of all windows, (N, C, H_out, W_out, size, size), into a picture."""
    rows, columns, size = dwindows.shape[2:5]
    dx = np.zeros(shape, dtype=dwindows.dtype)
    for u in range(size):
        for v in range(size):
            cells = np.s_[:, :, u : u + stride * rows : stride, v : v + stride * columns : stride]
            dx[cells] += dwindows[..., u, v]
    return dx


### END SOLUTION


def max_pool_forward(x, size=2, stride=2):
    """Compute the largest entry of every window.

    x: pictures, shape (N, C, H, W); integers become floats first.
    size: side of the window, at least 1.
    stride: step between neighbouring windows, at least 1.

    Returns (out, cache): out has shape (N, C, H_out, W_out), H_out = (H - size) // stride + 1 and
    W_out likewise.

    Raises ValueError if size or stride is below 1 or a window does not fit into the picture.
    """
    ### BEGIN SOLUTION
    x = np.asarray(x, dtype=np.result_type(x, 1.0))
    windows = _windows(x, size, stride)
    cells = windows.reshape(*windows.shape[:4], size * size)
    winner = cells.argmax(axis=-1)
    out = np.take_along_axis(cells, winner[..., np.newaxis], axis=-1)[..., 0]
    return out, (x.shape, winner, size, stride)
    ### END SOLUTION


def max_pool_backward(dout, cache):
    """Compute the gradient of max pooling by its input.

    In a tie, the tied entries of the window may share dout in any way that adds up to dout.

    dout: gradient of the loss by the output, shape (N, C, H_out, W_out).
    cache: what max_pool_forward returned beside that output.

    Returns dx, with the shape of x.
    """
    ### BEGIN SOLUTION
    shape, winner, size, stride = cache
    dout = np.asarray(dout, dtype=np.result_type(dout, 1.0))
    won = winner[..., np.newaxis] == np.arange(size * size)
    dwindows = np.where(won, dout[..., np.newaxis], 0)
    return _add_up(dwindows.reshape(*winner.shape, size, size), shape, stride)
    ### END SOLUTION


def average_pool_forward(x, size=2, stride=2):
    """Compute the mean of every window.

    x: pictures, shape (N, C, H, W); integers become floats first.
    size: side of the window, at least 1.
    stride: step between neighbouring windows, at least 1.

    Returns (out, cache): out has shape (N, C, H_out, W_out), H_out = (H - size) // stride + 1 and
    W_out likewise.

    Raises ValueError if size or stride is below 1 or a window does not fit into the picture.
    """
    ### BEGIN SOLUTION
    x = np.asarray(x, dtype=np.result_type(x, 1.0))
    return _windows(x, size, stride).mean(axis=(4, 5)), (x.shape, size, stride)
    ### END SOLUTION


def average_pool_backward(dout, cache):
    """Compute the gradient of average pooling by its input.

    dout: gradient of the loss by the output, shape (N, C, H_out, W_out).
    cache: what average_pool_forward returned beside that output.

    Returns dx, with the shape of x.
    """
    ### BEGIN SOLUTION
    shape, size, stride = cache
    share = np.asarray(dout) / size**2
    return _add_up(
        np.broadcast_to(share[..., None, None], (*share.shape, size, size)), shape, stride
    )
    ### END SOLUTION


def l2_pool_forward(x, size=2, stride=2):
    """Compute the square root of the sum of the squares of every window.

    x: pictures, shape (N, C, H, W); integers become floats first.
    size: side of the window, at least 1.
    stride: step between neighbouring windows, at least 1.

    Returns (out, cache): out has shape (N, C, H_out, W_out), H_out = (H - size) // stride + 1 and
    W_out likewise.

    Raises ValueError if size or stride is below 1 or a window does not fit into the picture.
    """
    ### BEGIN SOLUTION
    x = np.asarray(x, dtype=np.result_type(x, 1.0))
    out = np.sqrt(_windows(x**2, size, stride).sum(axis=(4, 5)))
    return out, (x, out, size, stride)
    ### END SOLUTION


def l2_pool_backward(dout, cache):
    """Compute the gradient of L2 pooling by its input; it is 0 for a window whose output is 0.

    dout: gradient of the loss by the output, shape (N, C, H_out, W_out).
    cache: what l2_pool_forward returned beside that output.

    Returns dx, with the shape of x.
    """
    ### BEGIN SOLUTION
    x, out, size, stride = cache
    windows, length = _windows(x, size, stride), out[..., np.newaxis, np.newaxis]
    direction = np.zeros(windows.shape, dtype=x.dtype)
    np.divide(windows, length, out=direction, where=length > 0)
    return _add_up(direction * np.asarray(dout)[..., np.newaxis, np.newaxis], x.shape, stride)
    ### END SOLUTION
