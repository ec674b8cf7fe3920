"""Shuffled pixels by one gather; everything in single precision."""

import numpy as np
from ex03_fully_connected import mlp_backward, mlp_forward
from ex07_losses import cross_entropy_loss
from ex08_backpropagation import init_network, sgd_step
from ex09_cnn import cnn_loss, init_cnn, predict


def shuffle_pixels(x, permutation):
    """Gather along the flattened pixels."""
    pixels = np.prod(x.shape[2:])
    if len(permutation) != pixels or set(np.asarray(permutation).tolist()) != set(range(pixels)):
        raise ValueError("not a permutation of the pixels")
    return np.take(np.reshape(x, (*x.shape[:2], -1)), permutation, axis=2).reshape(x.shape)


def _single(params):
    return [(w.astype(np.float32), b.astype(np.float32)) for w, b in params]


def _mlp_loss(x, y, params):
    logits, cache = mlp_forward(x, params)
    loss, dlogits = cross_entropy_loss(logits, y)
    return loss, mlp_backward(dlogits, cache)[1]


def _fit(x, y, params, loss, rng):
    for _ in range(40):
        order = rng.permutation(len(x))
        for start in range(0, len(x), 32):
            chosen = order[start : start + 32]
            params = sgd_step(params, loss(x[chosen], y[chosen], params)[1], 0.2)
    return params


def accuracy_table(train, test, permutation, sizes, rng):
    """Fit both networks on both kinds of pixels."""
    views = {
        "plain": lambda x: np.asarray(x, dtype=np.float32),
        "shuffled": lambda x: shuffle_pixels(np.asarray(x, dtype=np.float32), permutation),
    }
    image = train[0].shape[1:]
    table = []
    for size in sizes:
        chosen = rng.choice(len(train[0]), size, replace=False)
        y = train[1][chosen]
        for pixels, view in views.items():
            x, new = view(train[0][chosen]), view(test[0])
            cnn = _fit(x, y, _single(init_cnn(rng, 16, 5, 10, image)), cnn_loss, rng)
            hidden = sum(w.size + b.size for w, b in cnn) // (int(np.prod(image)) + 11)
            start = _single(init_network([int(np.prod(image)), hidden, 10], rng))
            mlp = _fit(x, y, start, _mlp_loss, rng)
            for model, answer in [
                ("cnn", predict(new, cnn)),
                ("mlp", mlp_forward(new, mlp)[0].argmax(1)),
            ]:
                accuracy = float(np.mean(answer == test[1]))
                table.append({"size": size, "model": model, "pixels": pixels, "accuracy": accuracy})
    return table
