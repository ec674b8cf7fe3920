"""Gradient descent with nothing but your losses and their gradients."""

import numpy as np

from grader.demos import Curves, Text, say

STEPS = 60


def demo(student, rng):
    logits, labels = rng.normal(size=(8, 4)), rng.integers(0, 4, 8)
    pred, target = rng.normal(size=8), rng.normal(size=8)
    entropy, squares = [], []
    for _ in range(STEPS):
        loss, gradient = student.cross_entropy_loss(logits, labels)
        entropy.append(loss)
        logits = logits - 2 * gradient
        loss, gradient = student.mse_loss(pred, target)
        squares.append(loss)
        pred = pred - 0.3 * gradient
    yield Curves(
        say("{n} steps against your gradients: a loss falls if they point uphill.", n=STEPS),
        {say("cross-entropy"): entropy, say("mean squared error"): squares},
    )
    share = student.softmax(logits)[np.arange(8), labels].mean()
    yield Text(
        say("The right classes now have a probability of {share:.0%} on average.", share=share)
    )
