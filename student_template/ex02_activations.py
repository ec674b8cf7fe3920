"""Activation functions, and what a network loses without them.

Every forward function returns (out, cache); its backward function gets the gradient of the loss by
out, and that cache.
"""

import numpy as np


def identity_forward(x):
    """Compute f(x) = x for every entry.

    x: any shape; integers become floats first.

    Returns (out, cache): out is a new array with the shape of x.
    """
    raise NotImplementedError


def identity_backward(dout, cache):
    """Compute the gradient of the identity with respect to its input.

    dout: gradient by the output, the shape of x.
    cache: what identity_forward returned.

    Returns dx, a new array with the shape of x.
    """
    raise NotImplementedError


def sigmoid_forward(x):
    """Compute the logistic function 1 / (1 + exp(-x)) for every entry, without overflow.

    x: any shape; integers become floats first.

    Returns (out, cache): out has the shape of x. No warning for any finite x, however large.
    """
    raise NotImplementedError


def sigmoid_backward(dout, cache):
    """Compute the gradient of the logistic function with respect to its input.

    dout: gradient by the output, the shape of x.
    cache: what sigmoid_forward returned.

    Returns dx, with the shape of x.
    """
    raise NotImplementedError


def relu_forward(x):
    """Compute the rectifier max(x, 0) for every entry.

    x: any shape; integers become floats first. Minus infinity becomes 0.

    Returns (out, cache): out has the shape of x.
    """
    raise NotImplementedError


def relu_backward(dout, cache):
    """Compute the gradient of the rectifier with respect to its input; slope 0 where x is exactly 0.

    dout: gradient by the output, the shape of x.
    cache: what relu_forward returned.

    Returns dx, with the shape of x.
    """
    raise NotImplementedError


def collapse(weights, biases):
    """Compute the one linear layer that equals a stack of linear layers.

    Layer i of the stack maps x to x @ weights[i] + biases[i]; layer 0 comes first.

    weights: list of arrays, shapes (D0, D1), (D1, D2), ... with at least one entry.
    biases: list of arrays, shapes (D1,), (D2,), ...

    Returns (w, b): shapes (D0, Dk) and (Dk,), floats, such that x @ w + b is the stack's output.
    """
    raise NotImplementedError


def sparsity(a):
    """Compute the fraction of entries that are exactly zero.

    a: activations, any shape, at least one entry.

    Returns a float between 0 and 1.
    """
    raise NotImplementedError


def gradient_through(depth, z, activation):
    """Compute the slope of a chain of activations: the product of the slopes of its layers.

    The chain has one unit per layer, weight 1 and bias 0: the first layer computes f(z), the second
    f(f(z)), and so on, depth times. Its slope by z is the product of the slopes of f at z, at f(z),
    at f(f(z)), ...

    depth: number of layers, at least 0; the slope of an empty chain is 1.
    z: what goes into the first layer, an array of any shape; each entry has its own chain.
    activation: "identity", "sigmoid" or "relu".

    Returns the slopes, an array with the shape of z.

    Raises ValueError for any other activation.
    """
    raise NotImplementedError
