"""A tolerance holds for every part of a value."""

import numpy as np
import pytest

from grader.checks import assert_same
from grader.errors import CheckEnded


def nested(value):
    """The same number in every kind of container that `assert_same` looks into."""
    array = np.array([1.0, value])
    return [value, array, (array,), {"w": array}, {"a": {"b": [value]}}, [{"w": value}, (value,)]]


@pytest.mark.parametrize("index", range(len(nested(1.0))))
def test_a_tolerance_reaches_every_part(index):
    """A difference within the tolerance passes, and the same difference outside of it fails."""
    got, want = nested(1.0 + 1e-4)[index], nested(1.0)[index]
    assert_same(got, want, tolerance=1e-3)
    with pytest.raises(CheckEnded):
        assert_same(got, want, tolerance=1e-5)
    with pytest.raises(CheckEnded):
        assert_same(got, want)
