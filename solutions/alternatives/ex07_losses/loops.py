"""Losses example by example, with the standard library's mathematics."""

import math

import numpy as np


def mse_loss(pred, target):
    """Add the squares up."""
    pred, target = np.asarray(pred, dtype=float), np.asarray(target, dtype=float)
    if pred.shape != target.shape:
        raise ValueError("shapes differ")
    total, dpred = 0.0, np.zeros(pred.shape)
    for index in np.ndindex(pred.shape):
        error = pred[index] - target[index]
        total += error * error
        dpred[index] = 2 * error / pred.size
    return total / pred.size, dpred


def softmax(logits):
    """Row by row."""
    logits = np.asarray(logits, dtype=float)
    out = np.zeros(logits.shape)
    for n, row in enumerate(logits):
        highest = max(row)
        powers = [math.exp(z - highest) for z in row]
        for c, power in enumerate(powers):
            out[n, c] = power / math.fsum(powers)
    return out


def cross_entropy_loss(logits, labels):
    """Log of the sum minus the right score."""
    logits = np.asarray(logits, dtype=float)
    dlogits, total = softmax(logits), 0.0
    for n, label in enumerate(labels):
        highest = max(logits[n])
        total += highest - logits[n][label]
        total += math.log(math.fsum(math.exp(z - highest) for z in logits[n]))
        dlogits[n, label] -= 1
    return total / len(labels), dlogits / len(labels)


def kl_divergence(p, q):
    """Skip what p rules out."""
    total = 0.0
    for truth, guess in zip(p, q, strict=True):
        for a, b in zip(truth, guess, strict=True):
            if a > 0:
                total += a * (math.log(a) - math.log(b)) if b > 0 else math.inf
    return total / len(p)


def kl_gradient(p, logits):
    """Softmax minus truth."""
    out = softmax(logits)
    for n in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[n, c] = (out[n, c] - p[n][c]) / len(p)
    return out


def output_delta(z, y, loss):
    """Unit by unit."""
    if loss not in ("mse", "cross_entropy"):
        raise ValueError(loss)
    z, y = np.asarray(z, dtype=float), np.asarray(y, dtype=float)
    out = np.zeros(z.shape)
    for index in np.ndindex(z.shape):
        power = math.exp(-abs(z[index]))
        a = 1 / (1 + power) if z[index] >= 0 else power / (1 + power)
        out[index] = a - y[index]
        if loss == "mse":
            out[index] *= 2 * power / (1 + power) ** 2
    return out
