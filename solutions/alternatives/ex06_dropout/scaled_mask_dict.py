"""Dropout by a mask that already holds the scale; the cache is a dict."""

import numpy as np


def dropout_forward(x, p_drop, training, rng):
    """Multiply by the mask."""
    if not 0.0 <= p_drop < 1.0:
        raise ValueError("p_drop is a probability below 1")
    x = np.asarray(x) + 0.0
    if not training:
        return x, {}
    mask = (rng.random(x.shape) >= p_drop) / (1.0 - p_drop)
    return x * mask.astype(x.dtype), {"mask": mask}


def dropout_backward(dout, cache):
    """Multiply by the same mask."""
    return np.asarray(dout) * cache.get("mask", 1.0)


def expected_output(x, w, p_drop):
    """Weigh both cases of every input with their probabilities."""
    if not 0.0 <= p_drop < 1.0:
        raise ValueError("p_drop is a probability below 1")
    kept, dropped = np.asarray(x) / (1 - p_drop), 0.0
    return ((1 - p_drop) * kept + p_drop * dropped) @ np.asarray(w)


def ensemble_output(x, w, p_drop, n, rng):
    """Average the outputs of n sub-networks, drawn at once."""
    if n < 1:
        raise ValueError("no sub-network")
    many, _ = dropout_forward(np.broadcast_to(x, (n, *np.shape(x))), p_drop, True, rng)
    return np.mean(many @ np.asarray(w), axis=0)
