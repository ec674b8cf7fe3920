"""What the inputs of the neurons can look like, from the simplest on."""

import numpy as np

from grader.checks import distinct_values, grid_values, inputs_of


@inputs_of(
    "threshold_neuron",
    vary={"n": (2, 3), "d": (3,)},
    words={"n": ("there is one example", "there are several examples")},
)
def for_neuron(rng, n=1, d=2):
    """Examples of d inputs."""
    return grid_values(rng, (n, d), step=1 / 2), grid_values(rng, d, step=1 / 2), 0.25


@inputs_of(
    "layer",
    vary={"n": (2, 3), "d": (2, 3), "m": (2, 4)},
    words={
        "n": ("there is one example", "there are several examples"),
        "d": ("there is one input", "there are several inputs"),
        "m": ("there is one output", "there are several outputs"),
    },
)
def for_layer(rng, n=1, d=1, m=1):
    """Examples of d inputs, for m outputs."""
    x, w = distinct_values(rng, (n, d), step=1 / 2), distinct_values(rng, (d, m), step=1 / 4)
    return x, w, distinct_values(rng, m)


@inputs_of(
    "perceptron_fit",
    vary={"n": (2, 4), "d": (2,), "epochs": (2, 3)},
    words={
        "n": ("there is one example", "there are several examples"),
        "d": ("there is one input", "there are several inputs"),
    },
)
def for_fit(rng, n=1, d=1, epochs=1):
    """Examples with their answers; the first one is 0, which a neuron of zeros gets wrong."""
    y = rng.integers(0, 2, n)
    y[0] = 0
    return grid_values(rng, (n, d), step=1 / 2), y, epochs


def gate_inputs(rng, n):
    return rng.integers(0, 2, (n, 2))


GATE = {"vary": {"n": (2, 4)}, "words": {"n": ("there is one row", "there are several rows")}}


@inputs_of("and_gate", **GATE)
def for_and(rng, n=1):
    """Rows of two truth values."""
    return gate_inputs(rng, n)


@inputs_of("or_gate", **GATE)
def for_or(rng, n=1):
    """Rows of two truth values."""
    return gate_inputs(rng, n)


@inputs_of("xor_gate", **GATE)
def for_xor(rng, n=1):
    """Rows of two truth values."""
    return gate_inputs(rng, n)


@inputs_of("not_gate", **GATE)
def for_not(rng, n=1):
    """A column of truth values."""
    return np.asarray(rng.integers(0, 2, (n, 1)))
