"""Normalisation that computes in double precision and answers in single precision, with slots."""

import numpy as np


def _single(a):
    """An array of float32."""
    return np.asarray(a, dtype=np.float32)


def _statistics(x, axis):
    """Mean and variance over an axis, which stays."""
    x = np.asarray(x, dtype=np.float64)
    return np.mean(x, axis, keepdims=True), np.var(x, axis, keepdims=True)


class BatchNorm:
    """All attributes are float32 arrays."""

    __slots__ = ("beta", "dbeta", "dgamma", "eps", "gamma", "last", "momentum", "running_mean",
                 "running_var")  # fmt: skip

    def __init__(self, features, momentum=0.1, eps=1e-5):
        """Start from the identity, up to eps."""
        self.momentum, self.eps = momentum, eps
        self.gamma = self.running_var = np.ones(features, np.float32)
        self.beta = self.running_mean = np.zeros(features, np.float32)
        self.dgamma = self.dbeta = np.zeros(features, np.float32)

    def forward(self, x, training=True):
        """Mix the statistics without a branch for use: a momentum of 0 keeps them."""
        if training:
            if np.shape(x)[0] <= 1:
                raise ValueError("too few examples")
            mean, variance = _statistics(x, 0)
            n = np.shape(x)[0]
            m = self.momentum
            self.running_mean = _single(self.running_mean + m * (mean[0] - self.running_mean))
            unbiased = variance[0] * n / (n - 1)
            self.running_var = _single(self.running_var + m * (unbiased - self.running_var))
        else:
            mean, variance = self.running_mean, np.asarray(self.running_var, np.float64)
        inverse = (variance + self.eps) ** -0.5
        normal = (x - mean) * inverse
        self.last = normal, inverse, np.array(self.gamma), training
        return _single(self.gamma * normal + self.beta)

    def backward(self, dout):
        """Project out what mean and variance take."""
        normal, inverse, gamma, training = self.last
        dout = np.asarray(dout, np.float64)
        self.dgamma, self.dbeta = _single((dout * normal).sum(0)), _single(dout.sum(0))
        dx = dout * gamma
        if training:
            dx = dx - dx.mean(0) - normal * (dx * normal).mean(0)
        return _single(dx * inverse)


def layer_norm_forward(x, gamma, beta, eps=1e-5):
    """The same over the last axis."""
    mean, variance = _statistics(x, -1)
    inverse = (variance + eps) ** -0.5
    normal = (x - mean) * inverse
    return _single(gamma * normal + beta), [normal, inverse, np.copy(gamma)]


def layer_norm_backward(dout, cache):
    """Sum over all axes but the last."""
    normal, inverse, gamma = cache
    dout = np.asarray(dout, np.float64)
    scaled = dout * gamma
    dx = scaled - scaled.mean(-1, keepdims=True)
    dx -= normal * (scaled * normal).mean(-1, keepdims=True)
    axes = tuple(range(dout.ndim - 1))
    return _single(dx * inverse), _single((dout * normal).sum(axes)), _single(dout.sum(axes))


def fold_batch_norm(w, b, norm):
    """Scale the columns of w and the bias."""
    scale = np.divide(norm.gamma, np.sqrt(np.add(norm.running_var, norm.eps)))
    return np.multiply(w, scale), np.subtract(b, norm.running_mean) * scale + norm.beta
