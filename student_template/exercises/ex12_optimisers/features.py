"""What the shapes of first weights can look like, from the simplest on."""

from grader.checks import inputs_of


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
