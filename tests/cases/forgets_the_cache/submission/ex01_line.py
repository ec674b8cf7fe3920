import numpy as np


def mean(x):
    return np.sum(x) // np.size(x) + 0.25


def count(x):
    return int(np.size(x))


def line_forward(x, w, b=0.0):
    return x @ w + b, w


def line_backward(dout, cache):
    w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
