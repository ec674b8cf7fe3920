"""What the inputs of attention can look like, from the simplest on."""

import numpy as np

from grader.checks import distinct_values, inputs_of

MASKS = ("there is no mask", "a mask hides something")


def hiding(queries, keys):
    """A mask that hides one key from each query."""
    return np.arange(keys) != np.arange(queries)[:, None] % keys


@inputs_of(
    "attention_forward",
    then="attention_backward",
    vary={"examples": (2,), "queries": (2, 3), "keys": (3,), "d": (2, 4), "masked": (True,)},
    words={
        "examples": ("there is one example", "there are several examples"),
        "queries": ("there is one query", "there are several queries"),
        "keys": ("there are two keys", "there are more"),
        "d": ("queries have one number", "queries have several numbers"),
        "masked": MASKS,
    },
)
def for_attention(rng, examples=1, queries=1, keys=2, d=1, masked=False):
    """Queries, keys and values."""
    q = distinct_values(rng, (examples, queries, d))
    k, v = distinct_values(rng, (examples, keys, d)), distinct_values(rng, (examples, keys, 2))
    return q, k, v, hiding(queries, keys) if masked else None


@inputs_of(
    "multi_head_forward",
    then="multi_head_backward",
    vary={"n": (2,), "places": (3,), "heads": (2,), "masked": (True,)},
    words={
        "n": ("there is one example", "there are several examples"),
        "places": ("there are two places", "there are more"),
        "heads": ("there is one head", "there are several heads"),
        "masked": MASKS,
    },
)
def for_heads(rng, n=1, places=2, heads=1, masked=False):
    """Sequences, and matrices for each head to have two columns."""
    d = 2 * heads
    matrices = [distinct_values(rng, (d, d)) for _ in range(4)]
    mask = hiding(places, places) if masked else None
    return distinct_values(rng, (n, places, d)), *matrices, heads, mask
