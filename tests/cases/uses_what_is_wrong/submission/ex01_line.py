import numpy as np


def mean(x):
    np.sum(x) / np.size(x)


def count(x):
    return round(np.sum(x + 1) / mean(x + 1))


def line_forward(x, w, b=0.0):
    return x @ w + b, (x, w)


def line_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
