"""Normalisation as a graph of small steps, each sent back by itself; the layer is a dataclass."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class BatchNorm:
    """The arrays are made after the numbers are known."""

    features: int
    momentum: float = 0.1
    eps: float = 1e-5
    saved: Any = field(default=None, repr=False)

    def __post_init__(self):
        """Make the parameters, their gradients and the statistics."""
        self.gamma, self.beta = np.ones(self.features), np.zeros(self.features)
        self.dgamma, self.dbeta = np.zeros((2, self.features))
        self.running_mean, self.running_var = np.zeros(self.features), np.ones(self.features)

    def forward(self, x, training=True):
        """Keep every step between x and out."""
        x = x.astype(np.float64)
        n = x.shape[0]
        if not training:
            std = np.sqrt(self.running_var + self.eps)
            xhat = (x - self.running_mean) / std
            self.saved = (xhat, None, std, self.gamma.copy(), n)
            return self.gamma * xhat + self.beta
        if n < 2:
            raise ValueError(f"{n} example is too few")
        mu = np.add.reduce(x) / n
        diff = x - mu
        var = np.add.reduce(np.square(diff)) / n
        std = np.sqrt(var + self.eps)
        xhat = diff / std
        self.running_mean = self.running_mean * (1 - self.momentum) + mu * self.momentum
        self.running_var = (
            self.running_var * (1 - self.momentum) + var * n / (n - 1) * self.momentum
        )
        self.saved = (xhat, diff, std, self.gamma.copy(), n)
        return self.gamma * xhat + self.beta

    def backward(self, dout):
        """Go back step by step: out, xhat, std, var, diff, mu, x."""
        xhat, diff, std, gamma, n = self.saved
        self.dbeta = np.add.reduce(dout)
        self.dgamma = np.add.reduce(dout * xhat)
        dxhat = dout * gamma
        if diff is None:
            return dxhat / std
        dstd = -np.add.reduce(dxhat * diff) / std**2
        dvar = dstd / (2 * std)
        ddiff = dxhat / std + 2 * diff * dvar / n
        return ddiff - np.add.reduce(ddiff) / n


def layer_norm_forward(x, gamma, beta, eps=1e-5):
    """Keep what the steps need in a closure."""
    x = np.array(x, dtype=np.float64)
    count = x.shape[-1]
    diff = x - x.sum(-1, keepdims=True) / count
    std = np.sqrt((diff * diff).sum(-1, keepdims=True) / count + eps)
    xhat = diff / std
    scale = np.array(gamma)

    def back(dout):
        dxhat = dout * scale
        dvar = -(dxhat * diff).sum(-1, keepdims=True) / std**3 / 2
        ddiff = dxhat / std + 2 * diff * dvar / count
        dx = ddiff - ddiff.sum(-1, keepdims=True) / count
        flat = dout.reshape(-1, count)
        return dx, np.einsum("nd,nd->d", flat, xhat.reshape(-1, count)), flat.sum(0)

    return scale * xhat + beta, back


def layer_norm_backward(dout, cache):
    """Call what forward left."""
    return cache(dout)


def fold_batch_norm(w, b, norm):
    """Fold by a diagonal matrix."""
    scale = np.diag(norm.gamma / np.sqrt(norm.running_var + norm.eps))
    return w @ scale, (b - norm.running_mean) @ scale + norm.beta
