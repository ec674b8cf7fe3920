"""Back-propagation where every step forward leaves the function that goes back over it."""

from itertools import pairwise

import numpy as np
from ex02_activations import relu_backward, relu_forward, sigmoid_backward, sigmoid_forward
from ex07_losses import cross_entropy_loss


def init_network(sizes, rng):
    """Draw all weights."""
    return [(rng.normal(size=(d, m)) * np.sqrt(2 / d), np.zeros((m,))) for d, m in pairwise(sizes)]


def _linear(x, w, b):
    return x @ w + b, lambda dout: (dout @ w.T, (x.T @ dout, dout.sum(0)))


def _activate(x, activation):
    if activation == "relu":
        out, cache = relu_forward(x)
        return out, lambda dout: (relu_backward(dout, cache), None)
    if activation == "sigmoid":
        out, cache = sigmoid_forward(x)
        return out, lambda dout: (sigmoid_backward(dout, cache), None)
    raise ValueError(f"unknown activation {activation}")


def loss_and_gradients(x, y, params, activation):
    """Record on a tape, play it backward."""
    if activation not in ("relu", "sigmoid"):
        raise ValueError(f"unknown activation {activation}")
    out, tape = np.reshape(x, (len(x), -1)), []
    for i, (w, b) in enumerate(params):
        out, back = _linear(out, w, b)
        tape.append(back)
        if i + 1 < len(params):
            out, back = _activate(out, activation)
            tape.append(back)
    loss, dout = cross_entropy_loss(out, y)
    grads = []
    while tape:
        dout, own = tape.pop()(dout)
        if own is not None:
            grads.insert(0, own)
    return loss, grads


def sgd_step(params, grads, lr):
    """Subtract."""
    return [
        tuple(p - lr * g for p, g in zip(*pair, strict=True))
        for pair in zip(params, grads, strict=True)
    ]


def train(x, y, sizes, activation, lr, epochs, batch, rng):
    """Cut a random order into slices."""
    params, history = init_network(sizes, rng), []
    for _ in range(epochs):
        left = rng.permutation(len(x))
        while len(left):
            now, left = left[:batch], left[batch:]
            params = sgd_step(params, loss_and_gradients(x[now], y[now], params, activation)[1], lr)
        history.append(loss_and_gradients(x, y, params, activation)[0])
    return params, history


def layer_gradient_norms(x, y, params, activation):
    """Lengths of the flattened gradients."""
    _, grads = loss_and_gradients(x, y, params, activation)
    return np.array([np.linalg.norm(np.ravel(dw)) for dw, _ in grads])
