"""The bias is the weight of an input that is always 1; gates fire exactly on the boundary."""

import numpy as np


def _with_ones(x):
    x = np.asarray(x)
    return np.hstack([x, np.ones((x.shape[0], 1), dtype=x.dtype)])


def threshold_neuron(x, w, b):
    """Compare the extended product with zero."""
    return np.where(_with_ones(x) @ np.append(w, b) >= 0, 1, 0)


def and_gate(x):
    """Fire at two active inputs."""
    return threshold_neuron(x, np.array([1, 1]), -2)


def or_gate(x):
    """Fire at one active input."""
    return threshold_neuron(x, np.array([1, 1]), -1)


def not_gate(x):
    """Fire at no active input."""
    return threshold_neuron(x, np.array([-1]), 0)


def xor_gate(x):
    """Hidden layer: first without second, second without first; then OR."""
    hidden = (np.asarray(x) @ np.array([[1, -1], [-1, 1]]) - 1 >= 0).astype(float)
    return or_gate(hidden)


def perceptron_fit(x, y, epochs):
    """Train the extended weight vector."""
    extended = _with_ones(np.asarray(x, dtype=float))
    v = np.zeros(extended.shape[1])
    for _ in range(epochs):
        for row, wanted in zip(extended, np.asarray(y), strict=True):
            v = v + (wanted - (row @ v >= 0)) * row
    return v[:-1], v[-1]


def layer(x, w, b):
    """One product with the extended matrix."""
    return _with_ones(np.asarray(x, dtype=float)) @ np.vstack([w, b])
