import numpy as np


def total(x):
    raise NotImplementedError


def mean(x):
    return float(total(x) / np.size(x))


def count(x):
    return int(np.size(x))


def line_forward(x, w, b=0.0):
    return x @ w + b, (x, w)


def line_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
