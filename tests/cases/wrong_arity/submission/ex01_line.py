import numpy as np


def mean(x):
    return float(np.sum(x) / np.size(x))


def count():
    return 10


def line_forward(x):
    return x, x


def line_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
