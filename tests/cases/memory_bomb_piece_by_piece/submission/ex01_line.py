import numpy as np


def mean(x):
    heap = []
    while True:
        heap.append(np.empty(16 << 20, np.uint8))


def count(x):
    return int(np.size(x))


def line_forward(x, w, b=0.0):
    return x @ w + b, (x, w)


def line_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
