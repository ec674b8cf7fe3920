"""What the inputs of softmax and the losses can look like, from the simplest on."""

import numpy as np

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


DISTRIBUTIONS = {"n": (2, 3), "classes": (3, 5)}
OF_THEM = {name: WORDS[name] for name in DISTRIBUTIONS}


def distributions(rng, n, classes):
    shares = rng.integers(1, 9, (n, classes)).astype(float)
    return shares / shares.sum(axis=1, keepdims=True)


@inputs_of(
    "kl_divergence",
    vary={**DISTRIBUTIONS, "zero": (True,)},
    words={**OF_THEM, "zero": ("no entry of p is 0", "an entry of p is 0")},
)
def for_kl(rng, n=1, classes=2, zero=False):
    """Two distributions for each example."""
    p = distributions(rng, n, classes)
    if zero:
        p[0] = np.eye(classes)[0]
    return p, distributions(rng, n, classes)


@inputs_of("kl_gradient", vary=DISTRIBUTIONS, words=OF_THEM)
def for_kl_gradient(rng, n=1, classes=2):
    """A distribution for each example, and logits."""
    return distributions(rng, n, classes), grid_values(rng, (n, classes), step=1 / 2)


@inputs_of(
    "output_delta",
    vary={"n": (2, 3), "large": (True,), "loss": ("mse",)},
    words={
        "n": ("there is one unit", "there are several units"),
        "large": ("weighted inputs are small", "they are about 1000 or -1000"),
    },
)
def for_delta(rng, n=1, large=False, loss="cross_entropy"):
    """Weighted inputs, and the activations that are wanted."""
    z = grid_values(rng, n, step=1 / 2)
    return z + 1000 * np.sign(z) * large, rng.integers(0, 2, n).astype(float), loss
