"""What the inputs of the activation functions can look like, from the simplest on."""

import numpy as np

from grader.checks import grid_values, inputs_of

VARY = {"n": (2,), "zero": (True,), "large": (True,)}
WORDS = {
    "n": ("there is one row", "there are several rows"),
    "zero": ("no entry is 0", "an entry is 0"),
    "large": ("entries are small", "they are as large as 1000 and -1000"),
}


def numbers(rng, n, zero, large):
    x = grid_values(rng, (n, 2), step=1 / 2)
    if large:
        x = x + 1000 * np.sign(x)
    if zero:
        x[0, 1] = 0.0
    return x


@inputs_of("sigmoid_forward", then="sigmoid_backward", vary=VARY, words=WORDS)
def for_sigmoid(rng, n=1, zero=False, large=False):
    """Numbers for the sigmoid."""
    return numbers(rng, n, zero, large)


@inputs_of("relu_forward", then="relu_backward", vary=VARY, words=WORDS)
def for_relu(rng, n=1, zero=False, large=False):
    """Numbers for ReLU."""
    return numbers(rng, n, zero, large)
