"""Losses: one number that says how wrong an answer is, and the gradient that says how to improve it.

Logits are raw scores of shape (N, C), one row per example; all logarithms are natural.
"""

import numpy as np


def mse_loss(pred, target):
    """Compute the mean squared error over all entries, and its gradient by pred.

    pred, target: arrays of the same shape, any shape.

    Returns (loss, dpred): a float, and an array with the shape of pred.

    Raises ValueError if the two shapes differ.
    """
    raise NotImplementedError


def softmax(logits):
    """Compute the probabilities that belong to each row of logits.

    logits: shape (N, C); finite, however large.

    Returns an array of shape (N, C) whose rows sum to 1.
    """
    raise NotImplementedError


def cross_entropy_loss(logits, labels):
    """Compute the mean cross-entropy of softmax(logits) over the batch, and its gradient by logits.

    logits: raw scores, shape (N, C); finite, however large.
    labels: the right class of every row, shape (N,), integers from 0 to C - 1.

    Returns (loss, dlogits): a float, and an array of shape (N, C).
    """
    raise NotImplementedError


def kl_divergence(p, q):
    """Compute the Kullback-Leibler divergence KL(p || q), mean over the batch.

    p: the true distributions, shape (N, C), each row sums to 1; 0 log 0 counts as 0.
    q: the distributions compared with them, shape (N, C), each row sums to 1.

    Returns a float; infinity, without a warning, where q is 0 and p is not.
    """
    raise NotImplementedError


def kl_gradient(p, logits):
    """Compute the gradient of kl_divergence(p, softmax(logits)) by logits.

    p: the true distributions, shape (N, C), each row sums to 1.
    logits: raw scores, shape (N, C).

    Returns an array of shape (N, C); the mean over the batch is part of it.
    """
    raise NotImplementedError


def output_delta(z, y, loss):
    """Compute the derivative of a sigmoid unit's loss by its weighted input z, unit by unit.

    With a = 1 / (1 + exp(-z)) the loss of one unit is
    "mse": (a - y)², without a factor 1/2, as in mse_loss;
    "cross_entropy": -(y log a + (1 - y) log(1 - a)).

    z: weighted inputs, any shape; finite, however large.
    y: wanted activations from 0 to 1, the shape of z.
    loss: "mse" or "cross_entropy".

    Returns an array with the shape of z; nothing is averaged.

    Raises ValueError for any other loss.
    """
    raise NotImplementedError
