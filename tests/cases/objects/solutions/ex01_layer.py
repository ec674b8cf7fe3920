"""A layer that keeps its own state."""

import numpy as np


class Linear:
    """out = x · weight + bias, for x of shape (N, D), weight (D, M), bias (M,)."""

    def __init__(self, weight, bias):
        """Keep the parameters, and zeros for their gradients."""
        ### BEGIN SOLUTION
        self.weight, self.bias = weight, bias
        self.clear()
        ### END SOLUTION

    def forward(self, x):
        """Return out, shape (N, M), and keep what the backward pass needs."""
        ### BEGIN SOLUTION
        self.x = x
        return x @ self.weight + self.bias
        ### END SOLUTION

    def backward(self, dout):
        """Return dx, and add the gradients of the parameters to dweight and dbias."""
        ### BEGIN SOLUTION
        self.dweight = self.dweight + self.x.T @ dout
        self.dbias = self.dbias + dout.sum(axis=0)
        return dout @ self.weight.T
        ### END SOLUTION

    def clear(self):
        """Set the gradients to zeros."""
        ### BEGIN SOLUTION
        self.dweight, self.dbias = np.zeros_like(self.weight), np.zeros_like(self.bias)
        ### END SOLUTION

    def __add__(self, other):
        """Return a layer whose output is the sum of both outputs."""
        ### BEGIN SOLUTION
        return Linear(self.weight + other.weight, self.bias + other.bias)
        ### END SOLUTION


def total(layer):
    """Return the sum of all parameters of a layer."""
    ### BEGIN SOLUTION
    return float(layer.weight.sum() + layer.bias.sum())
    ### END SOLUTION
