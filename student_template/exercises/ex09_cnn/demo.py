"""Your network reads digits that it has never seen."""

from pathlib import Path

import numpy as np

from grader.demos import Curves, Pictures, Text, say

LEARNED, CHANNELS, EPOCHS, SHOWN = 600, 12, 15, 24


def demo(student, rng):
    with np.load(Path(__file__).parent.parent / "data" / "digits.npz") as digits:
        images, labels = digits["images"][:, np.newaxis] / 16, digits["labels"].astype(int)
        train, test = digits["train"][:LEARNED], digits["test"]
    yield Text(
        say(
            "Your network trains on {digits} digits, {epochs} epochs with {maps} maps. With a fast "
            "convolution this takes a few seconds.",
            digits=LEARNED,
            epochs=EPOCHS,
            maps=CHANNELS,
        )
    )
    params, history = student.train_cnn(
        images[train], labels[train], rng, CHANNELS, 5, 10, 0.25, EPOCHS, 32, 0.2
    )
    yield Curves("The loss, epoch by epoch", {say("loss"): history})
    guesses = student.predict(images[test], params)
    hits = int(np.sum(guesses == labels[test]))
    wrong = np.flatnonzero(guesses != labels[test])[: SHOWN // 4]
    rest = np.setdiff1d(np.arange(SHOWN), wrong)
    chosen = np.concatenate([wrong, rest])[:SHOWN]
    yield Pictures(
        say(
            "Digits that it has never seen: it reads {hits} of {all} right. Its guesses, mistakes first:",
            hits=hits,
            all=len(test),
        ),
        [images[test][i, 0] for i in chosen],
        [
            str(int(guesses[i]))
            if guesses[i] == labels[test][i]
            else say("{guess}, is {label}", guess=guesses[i], label=labels[test][i])
            for i in chosen
        ],
        [bool(guesses[i] == labels[test][i]) for i in chosen],
    )
    yield Pictures(
        "What its filters look for, bright where they want ink", list(params[0][0][:, 0])
    )
