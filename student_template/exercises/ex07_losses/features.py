"""What the inputs of softmax and the losses can look like, from the simplest on."""

from grader.checks import grid_values, inputs_of

LOGITS = {"n": (2, 3), "classes": (3, 5), "large": (True,)}
WORDS = {
    "n": ("there is one example", "there are several examples"),
    "classes": ("there are two classes", "there are more"),
    "large": ("logits are small", "they are large, about 1000"),
}


def logits_of(rng, n, classes, large):
    return grid_values(rng, (n, classes), step=1 / 2) * (1000 if large else 1)


@inputs_of("softmax", vary=LOGITS, words=WORDS)
def for_softmax(rng, n=1, classes=2, large=False):
    """Logits."""
    return logits_of(rng, n, classes, large)


@inputs_of("cross_entropy_loss", vary=LOGITS, words=WORDS)
def for_cross_entropy(rng, n=1, classes=2, large=False):
    """Logits, and labels that are not all the same."""
    logits = logits_of(rng, n, classes, large)
    return logits, rng.integers(0, classes, n)


@inputs_of(
    "mse_loss",
    vary={"n": (2, 3), "d": (2, 3)},
    words={
        "n": ("there is one example", "there are several examples"),
        "d": ("an example is one number", "an example has several numbers"),
    },
)
def for_mse(rng, n=1, d=1):
    """Predictions and targets."""
    return grid_values(rng, (n, d), step=1 / 2), grid_values(rng, (n, d), step=1 / 2)
