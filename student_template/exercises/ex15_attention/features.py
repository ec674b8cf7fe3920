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
    vary={
        "examples": (2,),
        "axes": (0, 2),
        "queries": (2, 3),
        "keys": (3,),
        "d": (2, 4),
        "masked": (True,),
        "blind": (True,),
    },
    words={
        "examples": ("there is one example", "there are several examples"),
        "axes": ("one axis comes before queries and keys", "no axis does, or two"),
        "queries": ("there is one query", "there are several queries"),
        "keys": ("there are two keys", "there are more"),
        "d": ("queries have one number", "queries have several numbers"),
        "masked": MASKS,
        "blind": ("each query may look somewhere", "a query may look nowhere"),
    },
)
def for_attention(rng, examples=1, axes=1, queries=1, keys=2, d=1, masked=False, blind=False):
    """Queries, keys and values, of which no mean is 0."""
    lead = ((), (examples,), (2, examples))[axes]
    q = distinct_values(rng, (*lead, queries, d))
    k, v = distinct_values(rng, (*lead, keys, d)), distinct_values(rng, (*lead, keys, 2)) + 1
    mask = hiding(queries, keys) if masked else None
    if blind:
        mask = np.ones((queries, keys), bool) if mask is None else mask
        mask[0] = False
    return q, k, v, mask


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
