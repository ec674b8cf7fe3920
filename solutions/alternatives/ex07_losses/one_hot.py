"""Losses with one-hot targets: cross-entropy and divergence share one formula."""

import numpy as np


def _log_sum_exp(logits):
    highest = np.max(logits, axis=1)
    return highest + np.log(np.sum(np.exp(logits - highest[:, None]), axis=1))


def mse_loss(pred, target):
    """Squared length over the number of entries."""
    if np.shape(pred) != np.shape(target):
        raise ValueError("shapes differ")
    error = np.asarray(pred) * 1.0 - target
    return np.vdot(error, error) / error.size, error * (2 / error.size)


def softmax(logits):
    """Exponential of the log-probabilities."""
    logits = np.asarray(logits) * 1.0
    return np.exp(logits - _log_sum_exp(logits)[:, None])


def cross_entropy_loss(logits, labels):
    """Weigh the log-probabilities with one-hot rows."""
    logits = np.asarray(logits) * 1.0
    targets = np.eye(logits.shape[1], dtype=logits.dtype)[np.asarray(labels)]
    log_probabilities = logits - _log_sum_exp(logits)[:, None]
    loss = -np.einsum("nc,nc->", targets, log_probabilities) / len(logits)
    return loss, kl_gradient(targets, logits)


def kl_divergence(p, q):
    """Cross-entropy minus entropy, entry by entry."""
    p, q = np.asarray(p) * 1.0, np.asarray(q) * 1.0
    if np.any((q == 0) & (p > 0)):
        return np.inf
    safe_p, safe_q = np.where(p > 0, p, 1), np.where(p > 0, q, 1)
    return np.mean(np.sum(p * np.log(safe_p) - p * np.log(safe_q), axis=1))


def kl_gradient(p, logits):
    """Softmax minus truth, a share for each row."""
    return np.subtract(softmax(logits), p) / np.shape(p)[0]


def output_delta(z, y, loss):
    """Chain the loss's slope with the sigmoid's."""
    z = np.asarray(z, dtype=float)
    a = 0.5 * (1 + np.tanh(z / 2))
    slope = 0.25 * (1 - np.tanh(z / 2) ** 2)
    return {"mse": lambda: 2 * (a - y) * slope, "cross_entropy": lambda: a - y}.get(
        loss, lambda: _unknown(loss)
    )()


def _unknown(loss):
    raise ValueError(f"unknown loss {loss}")
