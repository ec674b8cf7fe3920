"""Dropout: in training, switch units off at random, so that none can be relied on.

This is inverted dropout: whatever is kept is scaled up in training, and prediction changes nothing.
"""

import numpy as np


def dropout_forward(x, p_drop, training, rng):
    """Drop every entry of x on its own with probability p_drop, and scale up what is kept.

    In training a dropped entry becomes 0 and a kept one x / (1 - p_drop). Otherwise the output
    equals x and no random number is drawn.

    x: activations, any shape; integers become floats first.
    p_drop: probability of dropping, from 0 up to but not including 1.
    training: True in training, False in prediction.
    rng: a numpy.random.Generator, the only source of randomness; may be None in prediction.

    Returns (out, cache): out is a new array with the shape of x.

    Raises ValueError if p_drop is not in [0, 1), or is NaN, in training and in prediction.
    """
    raise NotImplementedError


def dropout_backward(dout, cache):
    """Compute the gradient of dropout by its input, for the entries that the forward call kept.

    dout: gradient of the loss by the output, the shape of x.
    cache: what dropout_forward returned beside that output.

    Returns dx, with the shape of x.
    """
    raise NotImplementedError


def expected_output(x, w, p_drop):
    """Compute the expected value of dropout(x) @ w over all random masks, without drawing any.

    x: inputs of one linear layer, shape (N, D); dropout as in dropout_forward acts on x.
    w: weights, shape (D, M).
    p_drop: probability of dropping, in [0, 1).

    Returns an array of shape (N, M).

    Raises ValueError if p_drop is not in [0, 1), or is NaN.
    """
    raise NotImplementedError


def ensemble_output(x, w, p_drop, n, rng):
    """Compute the average of dropout(x) @ w over n random sub-networks.

    x: inputs of one linear layer, shape (N, D); dropout as in dropout_forward acts on x.
    w: weights, shape (D, M).
    p_drop: probability of dropping, in [0, 1).
    n: number of sub-networks, at least 1; each has its own mask.
    rng: a numpy.random.Generator.

    Returns an array of shape (N, M).

    Raises ValueError if p_drop is not in [0, 1) or n is below 1.
    """
    raise NotImplementedError
