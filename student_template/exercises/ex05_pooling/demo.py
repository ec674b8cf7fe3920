"""Your pooling makes digits smaller, and a small shift matters less."""

from pathlib import Path

import numpy as np

from grader.demos import Pictures, say


def demo(student, rng):
    with np.load(Path(__file__).parent.parent / "data" / "digits.npz") as digits:
        x = digits["images"][:1, np.newaxis] / 16
    moved = say("The same, one pixel to the right: a quarter of the numbers is left.")
    for title, picture in (
        (say("A digit, and what your pooling leaves of it: a quarter of the numbers."), x),
        (moved, np.roll(x, 1, axis=3)),
    ):
        small = [
            pool(picture, 2, 2)[0][0, 0]
            for pool in (
                student.max_pool_forward,
                student.average_pool_forward,
                student.l2_pool_forward,
            )
        ]
        yield Pictures(
            title,
            [picture[0, 0], *(s / max(s.max(), 1e-12) for s in small)],
            ["the digit", "max", "average", "L2"],
        )
