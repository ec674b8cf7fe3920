"""What the inputs of normalisation can look like, from the simplest on."""

import numpy as np

from grader.checks import distinct_values, inputs_of


@inputs_of(
    "layer_norm_forward",
    then="layer_norm_backward",
    vary={"n": (2,), "steps": (3,), "gamma": (2.0,), "beta": (0.5,)},
    words={
        "n": ("there is one example", "there are several examples"),
        "steps": ("x has two axes", "x has three axes"),
        "gamma": ("gamma is 1", "gamma is not 1"),
        "beta": ("beta is 0", "beta is not 0"),
    },
)
def for_layer_norm(rng, n=1, steps=0, gamma=1.0, beta=0.0):
    """Examples of three features."""
    shape = (n, steps, 3) if steps else (n, 3)
    return distinct_values(rng, shape), np.full(3, gamma), np.full(3, beta)


@inputs_of(
    "BatchNorm",
    then="BatchNorm.forward",
    vary={"n": (3,), "use": (True,)},
    words={
        "n": ("there are two examples", "there are more than two examples"),
        "use": ("training is True", "training is False"),
    },
)
def for_batch_norm(rng, n=2, use=False):
    """A step of training, and after it perhaps the layer in use."""
    calls = [(distinct_values(rng, (n, 3)), training) for training in (True, False)]
    return ((3, 0.25), *calls[: 1 + use])
