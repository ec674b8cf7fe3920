"""What the inputs of recurrent layers can look like, from the simplest on."""

import numpy as np

from grader.checks import distinct_values, inputs_of

WORDS = {
    "n": ("there is one sequence", "there are several sequences"),
    "steps": ("there is one step", "there are several steps"),
    "start": ("the start is zeros", "the start is not zeros"),
    "state": ("wh is zeros", "wh is not zeros"),
    "bias": ("b is zeros", "b is not zeros"),
}
VARIED = {"n": (2,), "start": (0.5,), "state": (0.25,), "bias": (0.5,)}


def weights(rng, inputs, units, gates, state, bias):
    """wx, wh and b: of other numbers in each place, so that no two can be mixed up."""
    columns = gates * units
    wh = state * distinct_values(rng, (units, columns))
    return distinct_values(rng, (inputs, columns)) / 2, wh, bias * distinct_values(rng, columns)


@inputs_of("rnn_forward", then="rnn_backward", vary={**VARIED, "steps": (3,)}, words=WORDS)
def for_rnn(rng, n=1, steps=1, start=0.0, state=0.0, bias=0.0):
    """Sequences of two inputs, for three units."""
    x, h0 = distinct_values(rng, (n, steps, 2)) / 2, start * distinct_values(rng, (n, 3))
    return x, h0, *weights(rng, 2, 3, 1, state, bias)


@inputs_of("lstm_forward", then="lstm_backward", vary={**VARIED, "steps": (3,)}, words=WORDS)
def for_lstm(rng, n=1, steps=1, start=0.0, state=0.0, bias=0.0):
    """Sequences of two inputs, for two units with four gates."""
    x = distinct_values(rng, (n, steps, 2)) / 2
    h0, c0 = (start * distinct_values(rng, (n, 2)) for _ in range(2))
    return x, h0, c0, *weights(rng, 2, 2, 4, state, bias)


@inputs_of(
    "clip_gradients",
    vary={"arrays": (2,), "size": (8.0,)},
    words={
        "arrays": ("there is one gradient", "there are several gradients"),
        "size": ("the gradients are shorter than the limit", "they are longer than the limit"),
    },
)
def for_clipping(rng, arrays=1, size=0.5):
    """Gradients of two shapes, and a limit of 1."""
    shapes = ((2,), (3, 1))[:arrays]
    grads = [distinct_values(rng, shape) for shape in shapes]
    norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    return [size * g / norm for g in grads], 1.0
