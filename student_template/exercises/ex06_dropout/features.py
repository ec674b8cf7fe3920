"""What the inputs of dropout can look like where nothing is drawn, from the simplest on."""

import numpy as np

from grader.checks import grid_values, inputs_of


@inputs_of(
    "dropout_forward",
    vary={"p_drop": (0.5, 0.25), "axes": (2, 3), "whole": (True,)},
    words={
        "p_drop": ("p_drop is 0 in prediction", "p_drop is above 0 in prediction"),
        "axes": ("x has one axis in prediction", "x has several axes"),
        "whole": ("inputs are fractions in prediction", "they are whole numbers"),
    },
)
def in_prediction(rng, p_drop=0.0, axes=1, whole=False):
    """Numbers that prediction leaves alone."""
    x = grid_values(rng, (2,) * axes, step=1 / 2)
    return (2 * x).astype(int) if whole else x, p_drop, False, None


def layer(rng, n, d, m):
    return grid_values(rng, (n, d), step=1 / 2), grid_values(rng, (d, m), step=1 / 2)


@inputs_of(
    "expected_output",
    vary={"n": (2,), "d": (2, 3), "m": (2,), "p_drop": (0.5, 0.25)},
    words={
        "n": ("there is one example", "there are several examples"),
        "d": ("there is one input", "there are several inputs"),
        "m": ("there is one output", "there are several outputs"),
    },
)
def for_expected(rng, n=1, d=1, m=1, p_drop=0.0):
    """One linear layer."""
    return *layer(rng, n, d, m), p_drop


@inputs_of(
    "ensemble_output",
    vary={"n": (2,), "d": (2, 3), "networks": (2, 4)},
    words={
        "n": ("there is one example", "there are several examples"),
        "d": ("there is one input", "there are several inputs"),
        "networks": ("there is one sub-network", "there are several sub-networks"),
    },
)
def for_ensemble(rng, n=1, d=1, networks=1):
    """One linear layer, and sub-networks that drop nothing."""
    return *layer(rng, n, d, 1), 0.0, networks, np.random.default_rng(0)
