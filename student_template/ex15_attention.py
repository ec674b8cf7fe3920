"""Attention: scaled dot products with a mask, several heads, positions, and a transformer's block."""

import numpy as np
from ex11_normalisation import layer_norm_backward, layer_norm_forward


def positions(length, features):
    """Compute a vector for each place of a sequence, of sines and cosines.

    length: the number of places T.
    features: how many numbers for each place, D; an odd D is a ValueError.

    Returns an array of shape (T, D). In row t, columns 2i and 2i + 1 are the sine and the cosine of
    t / 10000 ** (2i / D).
    """
    raise NotImplementedError


def causal_mask(length):
    """Say which places may look where, if nobody may look into the future.

    length: the number of places T.

    Returns an array of booleans, shape (T, T): True at [i, j] where place i may look at place j,
    which is where j <= i.
    """
    raise NotImplementedError


def attention_forward(q, k, v, mask=None):
    """Let each query look at all keys, and mix the values by how well the keys fit.

    q: queries, shape (..., T, D).
    k: keys, shape (..., S, D).
    v: values, shape (..., S, E).
    mask: booleans that broadcast to (..., T, S), True where a query may look; None hides nothing. A
        query that may look nowhere gets zeros.

    Returns (out, cache): out has shape (..., T, E); cache is whatever attention_backward needs.
    """
    raise NotImplementedError


def attention_backward(dout, cache):
    """Compute the gradients of attention.

    dout: gradient of the loss by the output, shape (..., T, E).
    cache: what attention_forward returned beside that output.

    Returns (dq, dk, dv), each with the shape of the q, k and v that went into attention_forward.
    """
    raise NotImplementedError


def multi_head_forward(x, wq, wk, wv, wo, heads, mask=None):
    """Let a sequence attend to itself with several heads.

    x: inputs, shape (N, T, D).
    wq, wk, wv, wo: make queries, keys, values and the output, each of shape (D, D).
    heads: the number of heads H; if it does not divide D, ValueError. Head h has columns
        h * D / H up to (h + 1) * D / H of the queries, keys and values.
    mask: booleans, shape (T, T), True where a place may look; None hides nothing.

    Returns (out, cache): out has shape (N, T, D), the results of all heads beside each other, times
    wo; cache is whatever multi_head_backward needs.
    """
    raise NotImplementedError


def multi_head_backward(dout, cache):
    """Compute the gradients of attention with several heads.

    dout: gradient of the loss by the output, shape (N, T, D).
    cache: what multi_head_forward returned beside that output.

    Returns (dx, dwq, dwk, dwv, dwo), each with the shape of what went in.
    """
    raise NotImplementedError


class Block:
    """A transformer's block: attention, then a small network for each place, each on a bypass.

    a = x + multi_head(layer_norm(x)), and out = a + relu(layer_norm(a) @ w1 + b1) @ w2 + b2.

    Attributes:
        params: a dictionary of arrays: wq, wk, wv, wo (D, D); gamma1, beta1, gamma2, beta2 (D,);
            w1 (D, hidden), b1 (hidden,), w2 (hidden, D), b2 (D,). 1 and 2 in gamma and beta are
            the first and the second layer normalisation, with eps 1e-5.
        grads: their gradients under the same names, which the latest backward pass set; at first {}.
    """

    def __init__(self, features, heads, hidden, rng):
        """Draw the parameters.

        features: the number of features D of each place.
        heads: the number of heads.
        hidden: the number of units between w1 and w2.
        rng: a numpy.random.Generator.

        Weights are normal with mean 0 and standard deviation 1 / sqrt(rows of the matrix); gammas
        are 1, betas and biases 0.
        """
        raise NotImplementedError

    def forward(self, x, mask=None):
        """Send a batch of sequences through the block.

        x: inputs, shape (N, T, D).
        mask: booleans, shape (T, T), True where a place may look; None hides nothing.

        Returns out, shape (N, T, D).
        """
        raise NotImplementedError

    def backward(self, dout):
        """Send the gradient back through the latest forward pass.

        dout: gradient of the loss by the output, shape (N, T, D).

        Returns dx, shape (N, T, D), and sets grads.
        """
        raise NotImplementedError
