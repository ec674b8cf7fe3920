"""A convolutional network with all layers written in one place; the cache is a dict."""

import numpy as np


def init_cnn(rng, channels, field, classes, image):
    """Draw all weights."""
    c, h, w = image
    shrink = field - 1 - 2 * ((field - 1) // 2)
    flat = channels * ((h - shrink) // 2) * ((w - shrink) // 2)
    filters = rng.standard_normal((channels, c, field, field)) * (2 / (c * field * field)) ** 0.5
    table = rng.standard_normal((flat, classes)) * 0.1 / flat**0.5
    return [(filters, np.zeros(channels)), (table, np.zeros(classes))]


def cnn_forward(x, params, p_drop=0.0, rng=None):
    """Windows times filters, then halves of rows and columns."""
    (w1, b1), (w2, b2) = params
    field = w1.shape[2]
    pad = (field - 1) // 2
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (field, field), axis=(2, 3))
    z = np.einsum("ncijuv,fcuv->nfij", windows, w1, optimize=True) + b1[:, None, None]
    z = z[:, :, : z.shape[2] // 2 * 2, : z.shape[3] // 2 * 2]
    n, f, h, w = z.shape
    blocks = np.maximum(z, 0).reshape(n, f, h // 2, 2, w // 2, 2)
    pooled = blocks.max(axis=(3, 5))
    scale = np.ones(pooled.shape)
    if rng is not None:
        scale = (rng.random(pooled.shape) >= p_drop) / (1 - p_drop)
    flat = (pooled * scale).reshape(n, -1)
    cache = {"windows": windows, "z": z, "blocks": blocks, "pooled": pooled, "scale": scale}
    cache["flat"] = flat
    return flat @ w2 + b2, cache


def cnn_loss(x, y, params, p_drop=0.0, rng=None):
    """Forward, softmax, backward."""
    logits, cache = cnn_forward(x, params, p_drop, rng)
    n = len(x)
    logits = logits - logits.max(axis=1, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    loss = -log_p[np.arange(n), y].mean()
    delta = np.exp(log_p)
    delta[np.arange(n), y] -= 1
    delta /= n

    dw2, db2 = cache["flat"].T @ delta, delta.sum(axis=0)
    dpooled = (delta @ params[1][0].T).reshape(cache["pooled"].shape) * cache["scale"]
    tied = cache["blocks"] == cache["pooled"][:, :, :, None, :, None]
    share = dpooled / tied.sum(axis=(3, 5))
    dz = (tied * share[:, :, :, None, :, None]).reshape(cache["z"].shape) * (cache["z"] > 0)
    windows = cache["windows"][:, :, : dz.shape[2], : dz.shape[3]]
    dw1 = np.einsum("nfij,ncijuv->fcuv", dz, windows, optimize=True)
    return float(loss), [(dw1, dz.sum(axis=(0, 2, 3))), (dw2, db2)]


def train_cnn(
    x, y, rng, channels=24, field=5, classes=10, lr=0.25, epochs=40, batch=32, p_drop=0.4
):
    """Shuffle an index array, split it, step."""
    params = init_cnn(rng, channels, field, classes, x.shape[1:])
    order, history = np.arange(len(x)), []
    for _ in range(epochs):
        rng.shuffle(order)
        losses = []
        for chosen in np.split(order, range(batch, len(x), batch)):
            loss, grads = cnn_loss(x[chosen], y[chosen], params, p_drop, rng)
            losses.extend([loss] * len(chosen))
            params = [
                (w - lr * dw, b - lr * db) for (w, b), (dw, db) in zip(params, grads, strict=True)
            ]
        history.append(np.asarray(np.mean(losses)))
    return params, history


def predict(x, params):
    """Look for the highest score."""
    return np.argmax(cnn_forward(x, params)[0], axis=1)
