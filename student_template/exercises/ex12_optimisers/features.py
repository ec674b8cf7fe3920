"""What steps of optimisers and shapes of first weights can look like, from the simplest on."""

from grader.checks import grid_values, inputs_of


def steps_of(rng, n, many):
    """Parameters and gradients of n steps, of one parameter or of two."""
    shapes = ((2,), (3,))[: 1 + many]
    return [tuple([grid_values(rng, s) for s in shapes] for _ in range(2)) for _ in range(n)]


@inputs_of(
    "SGD",
    then="SGD.step",
    vary={"many": (True,), "momentum": (0.5,), "l2": (0.25,), "decay": (0.25,)},
    words={
        "many": ("there is one parameter", "there are two parameters"),
        "momentum": ("momentum is 0", "momentum is not 0"),
        "l2": ("l2 is 0", "l2 is not 0"),
        "decay": ("decay is 0", "decay is not 0"),
    },
)
def for_sgd(rng, many=False, momentum=0.0, l2=0.0, decay=0.0):
    """Three steps of descent."""
    return ((0.5, momentum, l2, decay), *steps_of(rng, 3, many))


@inputs_of(
    "RMSprop",
    then="RMSprop.step",
    vary={"n": (2, 3), "many": (True,)},
    words={
        "n": ("no step came before", "a step came before"),
        "many": ("there is one parameter", "there are two parameters"),
    },
)
def for_rmsprop(rng, n=1, many=False):
    """Steps of RMSprop, with an eps that counts."""
    return ((0.5, 0.75, 0.25), *steps_of(rng, n, many))


@inputs_of(
    "Adam",
    then="Adam.step",
    vary={"n": (2, 3), "many": (True,), "l2": (0.25,), "decay": (0.25,)},
    words={
        "n": ("no step came before", "a step came before"),
        "many": ("there is one parameter", "there are two parameters"),
        "l2": ("l2 is 0", "l2 is not 0"),
        "decay": ("decay is 0", "decay is not 0"),
    },
)
def for_adam(rng, n=1, many=False, l2=0.0, decay=0.0):
    """Steps of Adam, with an eps that counts."""
    return ((0.5, 0.5, 0.75, 0.25, l2, decay), *steps_of(rng, n, many))


@inputs_of(
    "fans",
    vary={"units": (3,), "field": ((2, 1), (1, 3))},
    words={
        "units": ("there are as many maps as channels", "there are more maps than channels"),
        "field": ("there is one pixel in a window", "there are several pixels in a window"),
    },
)
def for_fans(rng, units=2, field=(1, 1)):
    """Filters of two channels."""
    return ((units, 2, *field),)
