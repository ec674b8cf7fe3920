"""Normalisation: batch normalisation as a layer with a memory, and layer normalisation."""

import numpy as np


class BatchNorm:
    """Batch normalisation of `features` features: a layer that remembers the statistics of training.

    Attributes, each of shape (features,):
        gamma, beta: scale and shift, which are learned; at first ones and zeros.
        dgamma, dbeta: their gradients, which the latest backward pass set; at first zeros.
        running_mean, running_var: the statistics for use; at first zeros and ones.
    """

    def __init__(self, features, momentum=0.1, eps=1e-5):
        """Make a new layer.

        features: the number of features D.
        momentum: how far the running statistics move towards those of a batch, from 0 to 1.
        eps: is added to every variance, before the root.
        """
        raise NotImplementedError

    def forward(self, x, training=True):
        """Normalise each feature, then scale and shift it.

        x: inputs, shape (N, D). In training N must be at least 2, else ValueError.
        training: True normalises with mean and variance of this batch (divided by N), and moves the
            running statistics towards them (here the variance is divided by N - 1). False normalises
            with the running statistics and changes nothing.

        Returns out, shape (N, D).
        """
        raise NotImplementedError

    def backward(self, dout):
        """Send the gradient back through the latest forward pass.

        dout: gradient of the loss by the output, shape (N, D).

        Returns dx, shape (N, D), and sets dgamma and dbeta, each of shape (D,).
        """
        raise NotImplementedError


def layer_norm_forward(x, gamma, beta, eps=1e-5):
    """Normalise each example over its features, then scale and shift each feature.

    x: inputs, shape (..., D): the last axis holds the features of one example.
    gamma, beta: scale and shift, shape (D,).
    eps: is added to every variance, before the root.

    Returns (out, cache): out has the shape of x; cache is whatever layer_norm_backward needs.
    """
    raise NotImplementedError


def layer_norm_backward(dout, cache):
    """Compute the gradients of layer normalisation.

    dout: gradient of the loss by the output, in its shape.
    cache: what layer_norm_forward returned beside that output.

    Returns (dx, dgamma, dbeta), each with the shape of the x, gamma and beta that went in.
    """
    raise NotImplementedError


def fold_batch_norm(w, b, norm):
    """Make one layer of a fully connected layer and the batch normalisation behind it, for use.

    w, b: the fully connected layer x @ w + b, shapes (D, M) and (M,).
    norm: a BatchNorm of M features.

    Returns (folded_w, folded_b), in the shapes of w and b: x @ folded_w + folded_b is what the
    normalisation makes of x @ w + b with its running statistics. Nothing that is given changes.
    """
    raise NotImplementedError
