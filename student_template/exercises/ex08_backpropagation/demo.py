"""Your network learns to tell the inside of a ring from the outside."""

import numpy as np

from grader.demos import Curves, Pictures, say

SIDE = 16  # pixels
SIZES = (0, 2, 8, 24)  # hidden units; 0 for none


def demo(student, rng):
    x = rng.uniform(-1, 1, (160, 2))
    y = (np.sum(x**2, axis=1) < 0.45).astype(int)
    places = np.linspace(-1, 1, SIDE)
    plane = [np.array([[a, b]]) for b in places[::-1] for a in places]
    curves, maps = {}, []
    for units in SIZES:
        layers = [2, units, 2] if units else [2, 2]
        name = say("{n} hidden units", n=units)
        params, curves[name] = student.train(x, y, layers, "relu", 0.5, 120, 16, rng)
        losses = student.loss_and_gradients.map([(p, np.array([1]), params, "relu") for p in plane])
        maps.append(np.exp([-loss for loss, _ in losses]).reshape(SIDE, SIDE))
    yield Curves("The loss, epoch by epoch", curves)
    yield Pictures(
        "Where your networks expect the inside of the ring: the brighter, the surer.",
        maps,
        list(curves),
    )
