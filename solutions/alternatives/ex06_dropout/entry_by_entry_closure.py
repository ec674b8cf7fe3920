"""Dropout with one coin after the other; the cache is a closure."""

import numpy as np


def dropout_forward(x, p_drop, training, rng):
    """Toss a coin for each entry."""
    if not 0.0 <= p_drop < 1.0:
        raise ValueError("p_drop is a probability below 1")
    x = np.array(x, dtype=float)
    if not training:
        return x, lambda dout: np.array(dout, dtype=float)
    factors = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        if rng.uniform() > p_drop:
            factors[index] = 1 / (1 - p_drop)
    return x * factors, lambda dout: dout * factors


def dropout_backward(dout, cache):
    """Call what forward left."""
    return cache(dout)


def expected_output(x, w, p_drop):
    """Sum over inputs."""
    if not 0.0 <= p_drop < 1.0:
        raise ValueError("p_drop is a probability below 1")
    out = np.zeros((len(x), np.shape(w)[1]))
    for i in range(len(w)):
        out += np.outer(np.asarray(x)[:, i], w[i])
    return out


def ensemble_output(x, w, p_drop, n, rng):
    """Run n sub-networks and average what they say."""
    if n < 1:
        raise ValueError("no sub-network")
    return sum(dropout_forward(x, p_drop, True, rng)[0] @ w for _ in range(n)) / n
