"""Your activations and their slopes, drawn."""

import numpy as np

from grader.demos import Curves


def demo(student, rng):
    x = np.linspace(-6, 6, 61)
    for name, forward, backward in (
        ("sigmoid", student.sigmoid_forward, student.sigmoid_backward),
        ("ReLU", student.relu_forward, student.relu_backward),
    ):
        out, cache = forward(x)
        slope = backward(np.ones_like(x), cache)
        yield Curves(f"Your {name} for x from -6 to 6", {name: out, f"slope of {name}": slope})
