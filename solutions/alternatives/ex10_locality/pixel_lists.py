"""Shuffled pixels by coordinates; nested training sets; a hand-made table."""

import numpy as np
from ex08_backpropagation import loss_and_gradients, sgd_step
from ex08_backpropagation import train as train_network
from ex09_cnn import predict, train_cnn


def shuffle_pixels(x, permutation):
    """Copy pixel by pixel."""
    h, w = x.shape[2:]
    if sorted(np.asarray(permutation).tolist()) != list(range(h * w)):
        raise ValueError("not a permutation of the pixels")
    out = np.empty_like(x)
    for k, source in enumerate(permutation):
        out[:, :, k // w, k % w] = x[:, :, source // w, source % w]
    return out


def _predict_mlp(x, params):
    rows = x.reshape(len(x), -1)
    for w, b in params[:-1]:
        rows = np.maximum(rows @ w + b, 0)
    return np.argmax(rows @ params[-1][0] + params[-1][1], axis=1)


def accuracy_table(train, test, permutation, sizes, rng):
    """Train all four, size by size."""
    x, y = train
    x_test, y_test = test
    order = rng.permutation(len(x))
    classes = len(np.unique(np.concatenate([y, y_test])))
    table = []
    for size in sizes:
        some = order[:size]
        for pixels in ["plain", "shuffled"]:
            see = (lambda a: a) if pixels == "plain" else (lambda a: shuffle_pixels(a, permutation))
            cnn, _ = train_cnn(
                see(x[some]), y[some], rng, 16, 5, classes, lr=0.2, epochs=40, p_drop=0.0
            )
            table.append(
                {
                    "size": size,
                    "model": "cnn",
                    "pixels": pixels,
                    "accuracy": float((predict(see(x_test), cnn) == y_test).mean()),
                }
            )
            count = sum(p.size for pair in cnn for p in pair)
            hidden = max(1, count // (x[0].size + classes + 1))
            layers = [x[0].size, hidden, classes]
            mlp = train_network(see(x[some]), y[some], layers, "relu", 0.2, 39, 32, rng)[0]
            _, grads = loss_and_gradients(see(x[some]), y[some], mlp, "relu")
            mlp = sgd_step(mlp, grads, 0.2)  # a last step on all examples
            table.append(
                {
                    "size": size,
                    "model": "mlp",
                    "pixels": pixels,
                    "accuracy": float((_predict_mlp(see(x_test), mlp) == y_test).mean()),
                }
            )
    return table
