"""A convolutional network in single precision: a list of layers with their ways back."""

import numpy as np
from ex02_activations import relu_backward, relu_forward
from ex03_fully_connected import affine_backward, affine_forward
from ex04_convolution import conv_backward, conv_forward
from ex05_pooling import max_pool_backward, max_pool_forward
from ex06_dropout import dropout_backward, dropout_forward
from ex07_losses import cross_entropy_loss


def init_cnn(rng, channels, field, classes, image):
    """Draw all weights in single precision and try a picture to learn the size."""
    w1 = rng.normal(size=(channels, image[0], field, field)) * np.sqrt(2 / (image[0] * field**2))
    w1, b1 = w1.astype(np.float32), np.zeros(channels, dtype=np.float32)
    maps, _ = conv_forward(np.zeros((1, *image), dtype=np.float32), w1, b1, 1, (field - 1) // 2)
    inputs = max_pool_forward(maps)[0].size
    w2 = (rng.normal(size=(inputs, classes)) * 0.1 / np.sqrt(inputs)).astype(np.float32)
    return [(w1, b1), (w2, np.zeros(classes, dtype=np.float32))]


def cnn_forward(x, params, p_drop=0.0, rng=None):
    """Run the layers and collect the ways back."""
    (w1, b1), (w2, b2) = [(np.float32(w), np.float32(b)) for w, b in params]
    layers = [
        (lambda a: conv_forward(a, w1, b1, 1, (w1.shape[2] - 1) // 2), conv_backward),
        (relu_forward, relu_backward),
        (max_pool_forward, max_pool_backward),
        (lambda a: dropout_forward(a, p_drop, rng is not None, rng), dropout_backward),
        (lambda a: affine_forward(a, w2, b2), affine_backward),
    ]
    out, steps = np.float32(x), []
    for forward, backward in layers:
        out, cache = forward(out)
        steps.append((backward, cache))
    return out, steps


def cnn_loss(x, y, params, p_drop=0.0, rng=None):
    """Run the ways back."""
    logits, steps = cnn_forward(x, params, p_drop, rng)
    loss, dout = cross_entropy_loss(logits, y)
    grads = []
    for backward, cache in reversed(steps):
        dout = backward(dout, cache)
        if isinstance(dout, tuple):
            dout, dw, db = dout
            grads.append((dw, db))
    return loss, grads[::-1]


def train_cnn(
    x, y, rng, channels=24, field=5, classes=10, lr=0.25, epochs=40, batch=32, p_drop=0.4
):
    """Step over slices of a random order."""
    params, history = init_cnn(rng, channels, field, classes, x.shape[1:]), []
    for _ in range(epochs):
        order, total = rng.permutation(len(x)), 0.0
        while len(order):
            chosen, order = order[:batch], order[batch:]
            loss, grads = cnn_loss(x[chosen], y[chosen], params, p_drop, rng)
            params = [
                (w - np.float32(lr) * dw, b - np.float32(lr) * db)
                for (w, b), (dw, db) in zip(params, grads, strict=True)
            ]
            total += float(loss) * len(chosen)
        history.append(total / len(x))
    return params, history


def predict(x, params):
    """Look for the highest score."""
    return np.argmax(cnn_forward(x, params)[0], axis=1)
