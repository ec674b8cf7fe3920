"""The checks of the small course: enough of them to see one fail and the others go on."""

import numpy as np
import pytest

from grader.checks import (
    assert_arguments_unchanged,
    assert_gradients,
    assert_same,
    assert_shape,
    grid_values,
)

SHAPE = "test_forward_shape"


def inputs(rng):
    return grid_values(rng, (4, 3)), grid_values(rng, (3, 2)), grid_values(rng, 2)


@pytest.mark.points(1)
def test_mean(student):
    """mean is the sum of the entries divided by their number."""
    assert_same(student.mean(np.array([1.0, 2.0, 6.0])), 3.0, name="mean([1, 2, 6])")


@pytest.mark.points(1)
def test_count(student):
    """count is how many entries there are, a whole number."""
    assert_same(student.count(np.zeros((2, 5))), 10, name="count of a (2, 5) array")


@pytest.mark.points(1)
def test_forward_shape(student, rng):
    """The output has one row per example and one column per unit."""
    out, _ = student.line_forward(*inputs(rng))
    assert_shape(out, (4, 2))


@pytest.mark.points(2)
@pytest.mark.after(SHAPE)
def test_forward_values(student, reference):
    """The output is x · w + b."""
    x, w, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [1.0, 2.0]]), np.ones(2)
    assert_same(student.line_forward(x, w, b)[0], reference.line_forward(x, w, b)[0])


@pytest.mark.points(3)
@pytest.mark.after(SHAPE)
def test_backward(student, rng):
    """The backward pass is the gradient of your own forward pass."""
    assert_gradients(student.line_forward, student.line_backward, *inputs(rng), kind="linear")


@pytest.mark.points(1)
@pytest.mark.after(SHAPE)
def test_arguments(student, rng):
    """x, w and b are the same after the call as before it."""
    assert_arguments_unchanged(student.line_forward, *inputs(rng))


@pytest.mark.points(2)
@pytest.mark.hidden
@pytest.mark.after(SHAPE)
def test_bias(student, rng):
    """Each unit has a bias of its own."""
    x, w, b = inputs(rng)
    assert_same(student.line_forward(0 * x, w, b)[0], np.broadcast_to(b, (4, 2)))
