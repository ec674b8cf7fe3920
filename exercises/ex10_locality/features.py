"""What the pictures that are shuffled can look like, from the simplest on."""

from grader.checks import grid_values, inputs_of


@inputs_of(
    "shuffle_pixels",
    vary={"n": (2,), "c": (2,), "h": (2, 3)},
    words={
        "n": ("there is one picture", "there are several pictures"),
        "c": ("pictures have one channel", "they have several channels"),
        "h": ("pictures have one row", "they have several rows"),
    },
)
def for_shuffle(rng, n=1, c=1, h=1):
    """Pictures of width 2, and an order of their places."""
    return grid_values(rng, (n, c, h, 2), step=1 / 2), rng.permutation(h * 2)
