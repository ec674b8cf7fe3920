"""Your network adds two numbers that are longer than all it has learned from."""

import numpy as np

from grader.demos import Curves, Text, say

UNITS, LEARNED, ASKED = 8, 8, 24  # units of the network, digits of the numbers


def columns(pairs, digits):
    """Pairs of numbers as sequences of columns, lowest digit first: (N, digits, 2)."""
    return np.array([[[n >> k & 1 for n in pair] for k in range(digits)] for pair in pairs])


def digits_of(numbers, digits):
    """The digits of numbers, lowest first: (N, digits, 1)."""
    return np.array([[[n >> k & 1] for k in range(digits)] for n in numbers])


def written(row):
    """Digits as they are written, the highest first."""
    return "".join(str(int(d)) for d in row[::-1])


def demo(student, rng):
    pairs = rng.integers(0, 2**LEARNED, (64, 2)).tolist()
    x, y = columns(pairs, LEARNED), digits_of(map(sum, pairs), LEARNED)
    scales = 1.0, UNITS**-0.5, UNITS**-0.5
    shapes = (2, UNITS), (UNITS, UNITS), (UNITS, 1)
    wx, wh, v = (s * rng.normal(size=shape) for s, shape in zip(scales, shapes, strict=True))
    start = [wx, wh, np.zeros(UNITS), v, np.zeros(1)]
    params, history = student.train_rnn(x, y, start, 2.0, 0.5, 400)
    yield Curves(
        say("The loss on sums of {n} digits, step by step", n=LEARNED), {say("loss"): history}
    )
    pairs = rng.integers(0, 2**ASKED, (3, 2)).tolist()
    wx, wh, b, v, c = params
    x = columns(pairs, ASKED)
    out, _ = student.rnn_forward(x, np.zeros((len(x), UNITS)), wx, wh, b)
    answers, right = out @ v + c > 0, digits_of(map(sum, pairs), ASKED)
    for k, (asked, answer) in enumerate(zip(x, answers, strict=True)):
        missed = int(np.sum(answer != right[k]))
        yield Text(
            say(
                "{a} + {b} = {sum}, digits wrong: {n}",
                a=written(asked[:, 0]),
                b=written(asked[:, 1]),
                sum=written(answer[:, 0]),
                n=missed,
            )
        )
    x, gates = 0.1 * rng.normal(size=(8, 20, 4)), rng.normal(size=(4, 64)) / 2
    b = np.repeat([0.0, 4.0, 0.0, 0.0], 16)
    back = np.zeros((16, 64))
    norms = {
        say("plain, state × {factor}", factor=s): student.gradient_norms(
            x, gates[:, :16], s * np.eye(16), np.zeros(16), "rnn"
        )
        for s in (0.8, 1.2)
    }
    norms[say("LSTM, forget gates open")] = student.gradient_norms(x, gates, back, b, "lstm")
    yield Curves(
        "What each of 20 inputs still counts at the end (powers of ten)",
        {name: np.log10(values).tolist() for name, values in norms.items()},
    )
