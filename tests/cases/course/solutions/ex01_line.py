"""A line through the data."""

import numpy as np


def mean(x):
    """Return the mean of the entries of x."""
    ### BEGIN SOLUTION
    return float(np.sum(x) / np.size(x))
    ### END SOLUTION


def count(x):
    """Return the number of entries of x, an int."""
    ### BEGIN SOLUTION
    return int(np.size(x))
    ### END SOLUTION


def line_forward(x, w, b=0.0):
    """Return (out, cache): out = x · w + b, shape (N, M)."""
    ### BEGIN SOLUTION
    return x @ w + b, (x, w)
    ### END SOLUTION


def line_backward(dout, cache):
    """Return (dx, dw, db), the gradients of sum(out * dout)."""
    ### BEGIN SOLUTION
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
    ### END SOLUTION
