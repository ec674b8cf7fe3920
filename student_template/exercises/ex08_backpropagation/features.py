"""What the inputs of back-propagation can look like, from the simplest on."""

from itertools import pairwise

from grader.checks import distinct_values, grid_values, inputs_of

WORDS = {"layers": ("there is one layer", "there are several layers")}


def network(rng, layers, d=1, classes=2):
    """Layers with biases so large that units are on."""
    sizes = [d, *[2] * (layers - 1), classes]
    pairs = pairwise(sizes)
    return [
        (grid_values(rng, shape, limit=1, step=1 / 4), 1 + grid_values(rng, shape[1], limit=1))
        for shape in pairs
    ]


@inputs_of(
    "loss_and_gradients",
    vary={
        "n": (2, 3),
        "d": (2,),
        "classes": (3,),
        "layers": (2, 3),
        "activation": ("relu",),
    },
    words={
        "n": ("there is one example", "there are several examples"),
        "d": ("there is one input", "there are several inputs"),
        "classes": ("there are two classes", "there are more"),
        **WORDS,
    },
)
def for_gradients(rng, n=1, d=1, classes=2, layers=1, activation="sigmoid"):
    """Examples, their classes, and a network."""
    x, params = distinct_values(rng, (n, d)), network(rng, layers, d, classes)
    return x, rng.integers(0, classes, n), params, activation


@inputs_of(
    "sgd_step",
    vary={"layers": (2, 3), "lr": (0.5, 0.0)},
    words=WORDS,
)
def for_step(rng, layers=1, lr=1.0):
    """A network and its gradients."""
    return network(rng, layers), network(rng, layers), lr
