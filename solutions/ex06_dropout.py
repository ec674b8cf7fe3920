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
    ### BEGIN SOLUTION
    if not 0 <= p_drop < 1:
        raise ValueError(f"p_drop must be at least 0 and below 1, got {p_drop}")
    x = np.asarray(x, dtype=np.result_type(x, 1.0))
    keep = 1 - float(p_drop) if training else 1.0
    kept = rng.random(x.shape) < keep if training else np.ones(x.shape, dtype=bool)
    return np.where(kept, x / keep, 0), (kept, keep)
    ### END SOLUTION


def dropout_backward(dout, cache):
    """Compute the gradient of dropout by its input, for the entries that the forward call kept.

    dout: gradient of the loss by the output, the shape of x.
    cache: what dropout_forward returned beside that output.

    Returns dx, with the shape of x.
    """
    ### BEGIN SOLUTION
    kept, keep = cache
    return np.where(kept, np.asarray(dout) / keep, 0)
    ### END SOLUTION


def expected_output(x, w, p_drop):
    """Compute the expected value of dropout(x) @ w over all random masks, without drawing any.

    x: inputs of one linear layer, shape (N, D); dropout as in dropout_forward acts on x.
    w: weights, shape (D, M).
    p_drop: probability of dropping, in [0, 1).

    Returns an array of shape (N, M).

    Raises ValueError if p_drop is not in [0, 1), or is NaN.
    """
    ### BEGIN SOLUTION
    if not 0 <= p_drop < 1:
        raise ValueError(f"p_drop must be at least 0 and below 1, got {p_drop}")
    # E[dropout(x)] = (1 - p) * x / (1 - p) = x, and the layer is linear: p_drop has cancelled out.
    dtype = np.result_type(x, w, 1.0)
    return np.asarray(x, dtype) @ np.asarray(w, dtype)
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    if n < 1:
        raise ValueError(f"an average needs at least one sub-network, got {n=}")
    total = 0
    for _ in range(n):
        thinned, _ = dropout_forward(x, p_drop, True, rng)
        total = total + thinned
    return (total / n) @ w  # the layer is linear: the mean of the products is the mean's product
    ### END SOLUTION
