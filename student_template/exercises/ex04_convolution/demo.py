"""Your convolution looks for edges in handwritten digits."""

from pathlib import Path

import numpy as np

from grader.demos import Pictures, say

UPRIGHT = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
FILTERS = np.array([UPRIGHT, -UPRIGHT, UPRIGHT.T])


def demo(student, rng):
    with np.load(Path(__file__).parent.parent / "data" / "digits.npz") as digits:
        x = digits["images"][:2, np.newaxis] / 16
    w = FILTERS[:, np.newaxis]
    out, _ = student.conv_forward(x, w, np.zeros(len(w)), pad=1)
    for digit, maps in zip(x, out, strict=True):
        bright = [m / max(m.max(), 1e-12) for m in np.maximum(maps, 0)]
        yield Pictures(
            "A digit, and what your convolution finds in it: each filter makes a map of its own.",
            [digit[0] / digit.max(), *bright],
            [say("the digit"), say("left edges"), say("right edges"), say("upper edges")],
        )
