"""Threshold neurons, one example and one weight at a time."""

import numpy as np


def threshold_neuron(x, w, b):
    """Fire where the weighted sum reaches zero."""
    answers = []
    for example in x:
        total = b
        for value, weight in zip(example, w, strict=True):
            total = total + value * weight
        answers.append(1 if total >= 0 else 0)
    return np.array(answers)


def and_gate(x):
    """Both."""
    return threshold_neuron(x, [2, 2], -3)


def or_gate(x):
    """At least one."""
    return threshold_neuron(x, [2, 2], -1)


def not_gate(x):
    """The opposite."""
    return threshold_neuron(x, [-2], 1)


def xor_gate(x):
    """Exactly one: OR and NAND."""
    nand = threshold_neuron(x, [-2, -2], 3)
    return and_gate(list(zip(or_gate(x), nand, strict=True)))


def perceptron_fit(x, y, epochs):
    """Rosenblatt's rule, spelled out."""
    w = [0.0] * len(x[0])
    b = 0.0
    for _ in range(epochs):
        for i in range(len(x)):
            total = b
            for j in range(len(w)):
                total += float(x[i][j]) * w[j]
            answer = 1 if total >= 0 else 0
            if answer == 0 and y[i] == 1:
                for j in range(len(w)):
                    w[j] += float(x[i][j])
                b += 1
            elif answer == 1 and y[i] == 0:
                for j in range(len(w)):
                    w[j] -= float(x[i][j])
                b -= 1
    return np.array(w), b


def layer(x, w, b):
    """One neuron after the other."""
    out = np.zeros((len(x), len(b)))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = sum(float(x[i][k]) * float(w[k][j]) for k in range(len(w))) + b[j]
    return out
