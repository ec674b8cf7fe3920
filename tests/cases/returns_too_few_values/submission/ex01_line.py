import numpy as np


def mean(x):
    return float(np.sum(x) / np.size(x))


def count(x):
    return int(np.size(x))


def line_forward(x, w, b=0.0):
    return x @ w + b


def line_backward(dout, cache):
    return dout, dout
