"""Your optimisers go down a long, narrow valley, each on a path of its own."""

import numpy as np

from grader.demos import Curves, Pictures, say

STEEP = np.array([1.0, 0.05])  # the valley's curvature: across it, and along
START, STEPS = np.array([4.0, -17.0]), 60
ROWS, COLUMNS = np.arange(-5, 6), np.arange(-18, 6)


def height(w):
    """Half of the curvature times the square; the lowest point is at 0."""
    return np.sum(STEEP * np.square(w), axis=-1) / 2


def path(optimiser):
    """The points of an optimiser that knows nothing but the slope at each of them."""
    points = [START]
    for _ in range(STEPS):
        (w,) = optimiser.step([points[-1]], [STEEP * points[-1]])
        points.append(w)
    return np.array(points)


def drawn(points):
    """The valley from above, dark where it is deep, with the points in white."""
    picture = height(np.stack(np.meshgrid(ROWS, COLUMNS, indexing="ij"), axis=-1))
    picture *= 0.6 / picture.max()
    seen = np.nan_to_num(points.clip(-99, 99), nan=99)  # far outside
    for row, column in np.rint(seen - [ROWS[0], COLUMNS[0]]).astype(int):
        if 0 <= row < len(ROWS) and 0 <= column < len(COLUMNS):
            picture[row, column] = 1.0
    return picture


def demo(student, rng):
    paths = {
        say("descent"): path(student.SGD(1.7)),
        say("momentum"): path(student.SGD(0.5, momentum=0.8)),
        "RMSprop": path(student.RMSprop(0.5)),
        "Adam": path(student.Adam(1.0)),
    }
    yield Pictures(
        say("A valley from above, and {n} steps of yours in white:", n=STEPS),
        [drawn(points) for points in paths.values()],
        list(paths),
    )
    yield Curves(
        "How high you are after each step (powers of ten)",
        {
            name: np.log10(np.maximum(height(points), 1e-12)).tolist()
            for name, points in paths.items()
        },
    )
