"""Exercise 13: an engine that differentiates for you, and a network that is trained with it."""

import numpy as np


class Tensor:
    """An array that remembers how it was computed, so that gradients find their way back.

    `data` is an array of floats, and `grad` one of the same shape: zeros until a backward pass adds to it.
    """

    def __init__(self, data):
        """Keep `data` (an array, a list or a number) as floats, and zeros for the gradient."""
        raise NotImplementedError

    def __add__(self, other):
        """Return self + other; `other` is a tensor, an array or a number, and shapes broadcast."""
        raise NotImplementedError

    def __radd__(self, other):
        """Return other + self, where a number stands on the left."""
        raise NotImplementedError

    def __mul__(self, other):
        """Return self * other, entry by entry; `other` is as in `__add__`."""
        raise NotImplementedError

    def __rmul__(self, other):
        """Return other * self, where a number stands on the left."""
        raise NotImplementedError

    def __matmul__(self, other):
        """Return the matrix product of two tensors, shapes (N, D) and (D, M)."""
        raise NotImplementedError

    def relu(self):
        """Return max(0, self), entry by entry; the slope at 0 is 0."""
        raise NotImplementedError

    def exp(self):
        """Return e to the power of self, entry by entry."""
        raise NotImplementedError

    def log(self):
        """Return the natural logarithm, entry by entry."""
        raise NotImplementedError

    def sum(self, axis=None, keepdims=False):
        """Return the sum over one axis, or over all entries; `keepdims` is NumPy's."""
        raise NotImplementedError

    def reshape(self, shape):
        """Return the same entries in another shape, a tuple."""
        raise NotImplementedError

    def backward(self):
        """Add to the `grad` of every tensor behind this single number the gradient of this number.

        Tensors that were computed start at zeros. Raises ValueError if there is more than one number.
        """
        raise NotImplementedError


def cross_entropy(logits, labels):
    """Return the mean of -log softmax(logits)[label] as a tensor of one number.

    `logits` is a tensor of shape (N, K), `labels` an array of N whole numbers below K.
    """
    raise NotImplementedError


def train(x, labels, hidden, classes, rate, steps, rng):
    """Train relu(x @ w1 + b1) @ w2 + b2 by gradient descent on all of `x`, shape (N, D), at once.

    Returns `(weights, history)`: the arrays `[w1, b1, w2, b2]`, and the loss before each step, as floats.
    """
    raise NotImplementedError
