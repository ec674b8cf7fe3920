"""The sigmoid in two branches, caches as dicts."""

import numpy as np


def identity_forward(x):
    """Copy."""
    return np.asarray(x) + 0.0, {}


def identity_backward(dout, cache):
    """Copy."""
    return np.asarray(dout) + 0.0


def sigmoid_forward(x):
    """Choose the form whose exponent is not positive."""
    x = np.asarray(x) * 1.0
    out = np.empty_like(x)
    positive = x >= 0
    out[positive] = 1 / (1 + np.exp(-x[positive]))
    power = np.exp(x[~positive])
    out[~positive] = power / (1 + power)
    return out, {"out": out}


def sigmoid_backward(dout, cache):
    """Slope s - s²."""
    return dout * (cache["out"] - cache["out"] ** 2)


def relu_forward(x):
    """Clip from below."""
    x = np.asarray(x) * 1.0
    return np.clip(x, 0, None), {"x": x.copy()}


def relu_backward(dout, cache):
    """Zero what was off."""
    dx = np.array(dout) * 1.0
    dx[cache["x"] <= 0] = 0
    return dx


def collapse(weights, biases):
    """Read the layer off its outputs for zero and for the unit vectors."""

    def stack(rows):
        for w, b in zip(weights, biases, strict=True):
            rows = rows @ w + b
        return rows

    inputs = weights[0].shape[0]
    b = stack(np.zeros((1, inputs)))[0]
    return stack(np.eye(inputs)) - b, b


def sparsity(a):
    """Count."""
    a = np.asarray(a)
    return 1 - np.count_nonzero(a) / a.size


def gradient_through(depth, z, activation):
    """Multiply the slopes on the way forward."""
    z = np.asarray(z) * 1.0
    slope = np.ones_like(z)
    for _ in range(depth):
        if activation == "sigmoid":
            z, _ = sigmoid_forward(z)
            slope = slope * z * (1 - z)
        elif activation == "relu":
            slope = slope * (z > 0)
            z, _ = relu_forward(z)
        elif activation != "identity":
            raise ValueError(f"unknown activation {activation}")
    if activation not in ("identity", "sigmoid", "relu"):
        raise ValueError(f"unknown activation {activation}")
    return slope
