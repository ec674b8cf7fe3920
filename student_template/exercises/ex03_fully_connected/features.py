"""What the inputs of a fully connected layer can look like, from the simplest on."""

from itertools import pairwise

from grader.checks import distinct_values, grid_values, inputs_of


@inputs_of(
    "affine_forward",
    then="affine_backward",
    vary={"n": (2, 3), "d": (3,), "m": (2, 4), "axes": (2, 3), "whole": (True,)},
    words={
        "n": ("there is one example", "there are several examples"),
        "m": ("there is one output", "there are several outputs"),
        "axes": ("an example is one row of numbers", "an example has several axes"),
        "whole": ("inputs are fractions", "they are whole numbers"),
    },
)
def layer(rng, n=1, d=2, m=1, axes=1, whole=False):
    """Examples of d numbers, along several axes of which the last has length d."""
    shape = (n, *(2,) * (axes - 1), d)
    size = d * 2 ** (axes - 1)
    values = [grid_values(rng, s, step=1 / 2) for s in (shape, (size, m), m)]
    return tuple((2 * v).astype(int) if whole else v for v in values)


@inputs_of(
    "mlp_forward",
    then="mlp_backward",
    vary={"n": (2, 3), "d": (3,), "m": (2,), "axes": (2,), "layers": (2, 3)},
    words={
        "n": ("there is one example", "there are several examples"),
        "m": ("there is one output", "there are several outputs"),
        "axes": ("an example is one row of numbers", "an example has several axes"),
        "layers": ("there is one layer", "there are several layers"),
    },
)
def network(rng, n=1, d=2, m=1, axes=1, layers=1):
    """Examples, and layers of which some units are on and some are off."""
    shape = (n, *(2,) * (axes - 1), d)
    sizes = [d * 2 ** (axes - 1), *[6] * (layers - 1), m]
    params = [
        (distinct_values(rng, pair, step=1 / 8), distinct_values(rng, pair[1], step=1 / 8))
        for pair in pairwise(sizes)
    ]
    return distinct_values(rng, shape, step=1 / 4), params
