"""Everything in single precision."""

import numpy as np


def identity_forward(x):
    """Return x in single precision."""
    return np.array(x, dtype=np.float32), None


def identity_backward(dout, cache):
    """Return dout in single precision."""
    return np.array(dout, dtype=np.float32)


def sigmoid_forward(x):
    """Never take the exponential of a positive number."""
    x = np.asarray(x, dtype=np.float32)
    out = np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))
    return out, out


def sigmoid_backward(dout, cache):
    """Multiply by the slope."""
    return np.asarray(dout, dtype=np.float32) * cache * (1 - cache)


def relu_forward(x):
    """Keep the positive part."""
    x = np.asarray(x, dtype=np.float32)
    return np.maximum(np.float32(0), x), np.sign(x)


def relu_backward(dout, cache):
    """Pass on where the sign was positive."""
    return np.asarray(dout, dtype=np.float32) * (cache == 1)


def collapse(weights, biases):
    """Multiply from the last layer to the first."""
    w = np.eye(np.shape(weights[-1])[1], dtype=np.float32)
    b = np.zeros(np.shape(weights[-1])[1], dtype=np.float32)
    for weight, bias in zip(reversed(weights), reversed(biases), strict=True):
        b = b + np.asarray(bias, dtype=np.float32) @ w
        w = np.asarray(weight, dtype=np.float32) @ w
    return w, b


def sparsity(a):
    """Share of zeros."""
    return np.mean(np.equal(a, 0), dtype=np.float32)


def gradient_through(depth, z, activation):
    """Recur over the layers."""
    names = {
        "identity": (identity_forward, identity_backward),
        "sigmoid": (sigmoid_forward, sigmoid_backward),
        "relu": (relu_forward, relu_backward),
    }
    if activation not in names:
        raise ValueError(activation)
    forward, backward = names[activation]
    if depth == 0:
        return np.ones(np.shape(z), dtype=np.float32)
    out, cache = forward(z)
    return backward(gradient_through(depth - 1, out, activation), cache)
