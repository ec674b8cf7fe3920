"""The threshold neuron of McCulloch and Pitts, logic built from it, and Rosenblatt's perceptron.

Inputs are arrays of shape (N, D): one example per row.
"""

import numpy as np


def threshold_neuron(x, w, b):
    """Compute the output of one threshold neuron: 1 where x·w + b is at least 0, otherwise 0.

    x: inputs, shape (N, D).
    w: weights, shape (D,).
    b: bias, a number.

    Returns an integer array of shape (N,) that holds only 0 and 1.
    """
    raise NotImplementedError


def and_gate(x):
    """Compute the logical AND of two inputs with one threshold neuron.

    x: shape (N, 2), entries 0 or 1.

    Returns an integer array of shape (N,) that holds only 0 and 1.
    """
    raise NotImplementedError


def or_gate(x):
    """Compute the logical OR of two inputs with one threshold neuron.

    x: shape (N, 2), entries 0 or 1.

    Returns an integer array of shape (N,) that holds only 0 and 1.
    """
    raise NotImplementedError


def not_gate(x):
    """Compute the logical NOT of one input with one threshold neuron.

    x: shape (N, 1), entries 0 or 1.

    Returns an integer array of shape (N,) that holds only 0 and 1.
    """
    raise NotImplementedError


def xor_gate(x):
    """Compute the exclusive OR of two inputs with two layers of threshold neurons.

    x: shape (N, 2), entries 0 or 1.

    Returns an integer array of shape (N,) that holds only 0 and 1.
    """
    raise NotImplementedError


def perceptron_fit(x, y, epochs):
    """Train one threshold neuron with Rosenblatt's rule.

    The weights and the bias start at zero. In every epoch the examples are shown one by one, in the
    order of the rows; after a wrong answer the weights change by (y - answer) times the input and
    the bias by (y - answer). There is no learning rate.

    x: inputs, shape (N, D).
    y: wanted answers, shape (N,), each 0 or 1.
    epochs: how many times all examples are shown.

    Returns (w, b): weights of shape (D,) as floats, and the bias, a float.
    """
    raise NotImplementedError


def layer(x, w, b):
    """Compute the weighted sums of a whole layer of neurons with one matrix product.

    x: inputs, shape (N, D).
    w: weights, shape (D, M); column m belongs to neuron m.
    b: biases, shape (M,).

    Returns the sums before any threshold, floats of shape (N, M).
    """
    raise NotImplementedError
