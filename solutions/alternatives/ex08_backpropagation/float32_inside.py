"""Back-propagation in single precision, on top of the earlier exercises."""

import numpy as np
from ex02_activations import relu_forward, sigmoid_forward
from ex03_fully_connected import affine_backward, affine_forward
from ex07_losses import cross_entropy_loss


def init_network(sizes, rng):
    """Draw all weights in single precision."""
    params = []
    for i, inputs in enumerate(sizes[:-1]):
        outputs = sizes[i + 1]
        w = np.sqrt(2 / inputs) * rng.standard_normal((inputs, outputs))
        params.append((w.astype(np.float32), np.zeros(outputs, dtype=np.float32)))
    return params


def loss_and_gradients(x, y, params, activation):
    """Forward and backward in single precision."""
    functions = {"relu": relu_forward, "sigmoid": sigmoid_forward}
    if activation not in functions:
        raise ValueError(f"unknown activation {activation}")
    out = np.asarray(x, dtype=np.float32)
    caches, outs = [], []
    for i, (w, b) in enumerate(params):
        out, cache = affine_forward(out, np.float32(w), np.float32(b))
        if i < len(params) - 1:
            out, _ = functions[activation](out)
        caches.append(cache)
        outs.append(out)
    loss, dout = cross_entropy_loss(out, y)
    grads = [None] * len(params)
    for i in range(len(params) - 1, -1, -1):
        if i < len(params) - 1:
            dout = dout * ((outs[i] > 0) if activation == "relu" else outs[i] * (1 - outs[i]))
        dout, dw, db = affine_backward(dout, caches[i])
        grads[i] = (dw, db)
    return loss, grads


def sgd_step(params, grads, lr):
    """Subtract."""
    return [(w - lr * dw, b - lr * db) for (w, b), (dw, db) in zip(params, grads, strict=True)]


def train(x, y, sizes, activation, lr, epochs, batch, rng):
    """Step over slices of a random order."""
    params = init_network(sizes, rng)
    history = []
    for _ in range(epochs):
        order = rng.permutation(len(x))
        steps = -(-len(x) // batch)
        for k in range(steps):
            chosen = order[k * batch : (k + 1) * batch]
            _, grads = loss_and_gradients(x[chosen], y[chosen], params, activation)
            params = sgd_step(params, grads, lr)
        history.append(float(loss_and_gradients(x, y, params, activation)[0]))
    return params, history


def layer_gradient_norms(x, y, params, activation):
    """Lengths."""
    return np.array(
        [np.linalg.norm(dw) for dw, _ in loss_and_gradients(x, y, params, activation)[1]]
    )
