"""Your dropout on a digit: many thinned pictures, and their average is the whole one again."""

from pathlib import Path

import numpy as np

from grader.demos import Pictures, say

P_DROP = 0.5


def demo(student, rng):
    with np.load(Path(__file__).parent.parent / "data" / "digits.npz") as digits:
        x = digits["images"][0] / 16
    masked = [
        student.dropout_forward(x, P_DROP, True, np.random.default_rng(n))[0] for n in range(200)
    ]
    yield Pictures(
        "Four times your dropout: half of the pixels are gone, the others count twice.",
        masked[:4],
    )
    counts = (1, 5, 20, 200)
    yield Pictures(
        "The average over more and more masks comes back to the digit, which prediction uses.",
        [
            *(np.mean(masked[:n], axis=0) for n in counts),
            student.dropout_forward(x, P_DROP, False, None)[0],
        ],
        [*(say("masks: {n}", n=n) for n in counts), say("prediction")],
    )
