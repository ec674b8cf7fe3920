import numpy as np


def mean(x):
    return float(np.sum(x) / np.size(x))


def count(x):
    return int(np.size(x))


def line_forward(x, w, b=0.0):
    out, cache = x @ w + b, (x.copy(), w)
    x *= 2
    return out, cache


def line_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
