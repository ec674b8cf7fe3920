"""Your pooling makes digits smaller, and a small shift matters less."""

from pathlib import Path

import numpy as np

from grader.demos import Pictures


def demo(student, rng):
    with np.load(Path(__file__).parent.parent / "data" / "digits.npz") as digits:
        x = digits["images"][:1, np.newaxis] / 16
    for words, picture in (
        ("A digit", x),
        ("The same, one pixel to the right", np.roll(x, 1, axis=3)),
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
            f"{words}, and what your pooling leaves of it: a quarter of the numbers.",
            [picture[0, 0], *(s / max(s.max(), 1e-12) for s in small)],
            ["the digit", "max", "average", "L2"],
        )
