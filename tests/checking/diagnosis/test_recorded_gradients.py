"""What the gradient check derives from a reference is recorded, and found again without it."""

from pathlib import Path

import numpy as np
import pytest

from grader.checking.diagnosis.recording import NotRecorded, Recorder, Recording
from grader.checking.diagnosis.reference import load_reference
from grader.checking.gradients.known import know
from grader.checks import distinct_values
from grader.course.loader import find_course, find_exercise

ROOT = Path(__file__).resolve().parents[3]


def test_trusted_answers_survive_a_recording(tmp_path):
    """A copy of the course without solutions knows the same outputs, gradients and kinks."""
    course = find_course(ROOT)
    exercise = find_exercise(course, "ex05")
    recorder = Recorder()
    recorder.enabled = True
    live = recorder.wrap(load_reference(course, exercise), exercise)
    tied = np.zeros((1, 1, 4, 4))
    pictures = [distinct_values(np.random.default_rng(0), (2, 1, 4, 4)), tied]
    options = {"size": 2, "stride": 2}
    recorded = [
        know(live.max_pool_forward, live.max_pool_backward, [x], options, seed=1) for x in pictures
    ]
    path = tmp_path / "recorded.npz"
    path.write_bytes(recorder.save())
    copy = Recording(path, exercise).reference
    for x, known in zip(pictures, recorded, strict=True):
        again = know(copy.max_pool_forward, copy.max_pool_backward, [x], options, seed=1)
        assert np.array_equal(again.out, known.out)
        for mine, theirs in zip(again.gradients, known.gradients, strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))
        assert (again.leeway.sides[0][0] is None) == (x is not tied)
        shared = np.repeat(np.repeat(known.douts[0] / 4, 2, axis=2), 2, axis=3)
        assert again.off(0, 0, shared).any() == (x is not tied)
    with pytest.raises(NotRecorded):
        know(copy.max_pool_forward, copy.max_pool_backward, [tied + 1], options, seed=1)
