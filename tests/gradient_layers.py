"""A layer in which much cancels, and numbers for it, for the tests of the gradient check's rounding."""

import numpy as np


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def batch_norm(x):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + x.dtype.type(1e-5)), x


def batch_norm_backward(dout, x):
    std = np.sqrt(x.var(axis=0) + x.dtype.type(1e-5))
    hat = (x - x.mean(axis=0)) / std
    return (dout - dout.mean(axis=0) - hat * (dout * hat).mean(axis=0)) / std
