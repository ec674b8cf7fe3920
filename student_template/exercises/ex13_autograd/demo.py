"""Your engine trains a network on the digits of ex09, which reads some that it has never seen."""

from pathlib import Path

import numpy as np

from grader.demos import Curves, Pictures, Text, say

HIDDEN, RATE, STEPS, SHOWN = 48, 0.5, 300, 24


def demo(student, rng):
    with np.load(Path(__file__).parent.parent / "data" / "digits.npz") as digits:
        images, labels = digits["images"] / 16, digits["labels"].astype(int)
        train, test = digits["train"], digits["test"]
    x = images.reshape(len(images), -1)
    yield Text(
        say(
            "Your engine trains a network of {units} hidden units on {digits} digits.",
            units=HIDDEN,
            digits=len(train),
        )
    )
    given = x[train], labels[train], HIDDEN, 10, RATE, STEPS, rng
    (w1, b1, w2, b2), history = student.train(*given)
    yield Curves(say("The loss over {n} steps", n=STEPS), {say("loss"): history})
    guesses = (np.maximum(x[test] @ w1 + b1, 0) @ w2 + b2).argmax(axis=1)
    right = guesses == labels[test]
    chosen = np.argsort(right, kind="stable")[:SHOWN]
    yield Pictures(
        say(
            "Digits that it has never seen: it reads {hits} of {all} right. Mistakes first:",
            hits=right.sum(),
            all=len(test),
        ),
        [images[test][i] for i in chosen],
        [
            str(guesses[i])
            if right[i]
            else say("{guess}, is {label}", guess=guesses[i], label=labels[test][i])
            for i in chosen.tolist()
        ],
        [bool(right[i]) for i in chosen],
    )
