"""The sigmoid from the hyperbolic tangent; each cache is the function that goes backward."""

from functools import reduce

import numpy as np


def identity_forward(x):
    """Return x as floats."""
    return np.array(x, dtype=float), lambda dout: np.array(dout, dtype=float)


def identity_backward(dout, cache):
    """Go backward."""
    return cache(dout)


def sigmoid_forward(x):
    """Squash with tanh, which does not overflow."""
    out = 0.5 + 0.5 * np.tanh(np.asarray(x) / 2)
    return out, lambda dout: np.asarray(dout) * (out * (1 - out))


def sigmoid_backward(dout, cache):
    """Go backward."""
    return cache(dout)


def relu_forward(x):
    """Take x where it is positive."""
    x = np.asarray(x)
    slope = np.heaviside(x.astype(float), 0.0)
    return np.where(x > 0, x, 0.0), lambda dout: np.asarray(dout) * slope


def relu_backward(dout, cache):
    """Go backward."""
    return cache(dout)


def collapse(weights, biases):
    """Fold the stack pair by pair."""
    layers = [
        (np.asarray(w) * 1.0, np.asarray(b) * 1.0) for w, b in zip(weights, biases, strict=True)
    ]
    return reduce(lambda one, two: (one[0] @ two[0], one[1] @ two[0] + two[1]), layers)


def sparsity(a):
    """Share of zeros."""
    return (np.asarray(a) == 0).mean()


def gradient_through(depth, z, activation):
    """Go all the way forward, then all the way back."""
    forward = {"identity": identity_forward, "sigmoid": sigmoid_forward, "relu": relu_forward}
    if activation not in forward:
        raise ValueError(activation)
    steps = []
    for _ in range(depth):
        z, back = forward[activation](z)
        steps.append(back)
    return reduce(lambda slope, back: back(slope), reversed(steps), np.ones(np.shape(z)))
