"""Dropout in single precision, the coins drawn from a binomial distribution."""

import numpy as np


def dropout_forward(x, p_drop, training, rng):
    """Keep with probability 1 - p_drop."""
    if not 0.0 <= p_drop < 1.0:
        raise ValueError("p_drop is a probability below 1")
    x = np.array(x, dtype=np.float32)
    if not training:
        return x, None
    mask = rng.binomial(1, 1 - p_drop, size=x.shape).astype(np.float32)
    mask /= np.float32(1 - p_drop)
    return x * mask, mask


def dropout_backward(dout, cache):
    """Reuse the mask."""
    dout = np.array(dout, dtype=np.float32)
    return dout if cache is None else dout * cache


def expected_output(x, w, p_drop):
    """Nothing of p_drop is left."""
    if not 0.0 <= p_drop < 1.0:
        raise ValueError("p_drop is a probability below 1")
    return np.asarray(x, dtype=np.float32) @ np.asarray(w, dtype=np.float32)


def ensemble_output(x, w, p_drop, n, rng):
    """Average with a running mean."""
    if n < 1:
        raise ValueError("no sub-network")
    w = np.asarray(w, dtype=np.float32)
    mean = np.zeros((np.shape(x)[0], w.shape[1]), dtype=np.float32)
    for count in range(1, n + 1):
        out, _ = dropout_forward(x, p_drop, True, rng)
        mean += (out @ w - mean) / np.float32(count)
    return mean
