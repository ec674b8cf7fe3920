"""Back-propagation with all layers in one place, nothing imported from earlier exercises."""

import numpy as np


def init_network(sizes, rng):
    """Draw all weights."""
    params = []
    for i in range(len(sizes) - 1):
        w = rng.standard_normal((sizes[i], sizes[i + 1])) * (2 / sizes[i]) ** 0.5
        params.append((w, np.zeros(sizes[i + 1])))
    return params


def loss_and_gradients(x, y, params, activation):
    """Go forward and keep the activations, go backward over them."""
    if activation not in ("sigmoid", "relu"):
        raise ValueError(f"unknown activation {activation}")
    n = len(x)
    activations = [np.asarray(x, dtype=float).reshape(n, -1)]
    for w, b in params[:-1]:
        z = activations[-1] @ w + b
        activations.append(z * (z > 0) if activation == "relu" else (1 + np.tanh(z / 2)) / 2)
    logits = activations[-1] @ params[-1][0] + params[-1][1]

    logits = logits - logits.max(axis=1, keepdims=True)
    total = np.exp(logits).sum(axis=1, keepdims=True)
    loss = np.mean(np.log(total[:, 0]) - logits[np.arange(n), y])
    delta = np.exp(logits) / total
    delta[np.arange(n), y] -= 1
    delta /= n

    grads = []
    for k in range(len(params) - 1, -1, -1):
        a = activations[k]
        grads.append((a.T @ delta, delta.sum(axis=0)))
        if k > 0:
            delta = delta @ params[k][0].T
            delta = delta * (a > 0) if activation == "relu" else delta * a * (1 - a)
    return np.asarray(loss), list(reversed(grads))


def sgd_step(params, grads, lr):
    """Copy, then subtract."""
    new = []
    for i in range(len(params)):
        w, b = params[i][0].copy(), params[i][1].copy()
        w -= lr * grads[i][0]
        b -= lr * grads[i][1]
        new.append((w, b))
    return new


def train(x, y, sizes, activation, lr, epochs, batch, rng):
    """Shuffle an index array, split it, step."""
    params = init_network(sizes, rng)
    history = []
    order = np.arange(len(x))
    for _ in range(epochs):
        rng.shuffle(order)
        for chosen in np.split(order, range(batch, len(x), batch)):
            grads = loss_and_gradients(x[chosen], y[chosen], params, activation)[1]
            params = sgd_step(params, grads, lr)
        history.append(loss_and_gradients(x, y, params, activation)[0])
    return params, history


def layer_gradient_norms(x, y, params, activation):
    """Root of the sum of squares."""
    grads = loss_and_gradients(x, y, params, activation)[1]
    return np.array([np.sqrt((dw * dw).sum()) for dw, _ in grads])
