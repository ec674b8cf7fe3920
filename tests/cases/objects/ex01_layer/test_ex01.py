"""The checks of the small course with classes."""

import numpy as np
import pytest

from grader.checks import assert_gradients, assert_same, grid_values


def inputs(rng):
    return grid_values(rng, (4, 3)), grid_values(rng, (3, 2)), grid_values(rng, 2)


def passes(module):
    """The forward and backward pass of a new layer, as functions of all that it is made of."""

    def forward(x, weight, bias):
        layer = module.Linear(weight, bias)
        return layer.forward(x), layer

    def backward(dout, layer):
        return layer.backward(dout), layer.dweight, layer.dbias

    return forward, backward


@pytest.mark.points(2)
def test_forward(student, reference, rng):
    """The output is x · weight + bias."""
    x, weight, bias = inputs(rng)
    out = student.Linear(weight, bias).forward(x)
    assert_same(out, reference.Linear(weight, bias).forward(x), name="out")


@pytest.mark.points(4)
@pytest.mark.after("test_forward")
def test_gradients(student, reference, rng):
    """The gradients are those of your own forward pass."""
    assert_gradients(*passes(student), *inputs(rng), exact=passes(reference))


@pytest.mark.points(3)
@pytest.mark.after("test_forward")
def test_gradients_add_up(student, reference, rng):
    """A second backward pass adds to the gradients, and clear sets them to zeros."""
    x, weight, bias = inputs(rng)
    dout = grid_values(rng, (4, 2))
    mine, theirs = student.Linear(weight, bias), reference.Linear(weight, bias)
    for layer in (mine, theirs):
        for scale in (1.0, 0.5):
            layer.forward(scale * x)
            layer.backward(dout)
    assert_same(mine.dweight, theirs.dweight, name="dweight")
    mine.clear()
    assert_same(mine.dbias, np.zeros(2), name="dbias after clear()")


@pytest.mark.points(3)
def test_sum(student, reference, rng):
    """The sum of two layers is a new layer."""
    _, weight, bias = inputs(rng)
    a, b = student.Linear(weight, bias), student.Linear(2 * weight, 3 * bias)
    both = a + b
    assert_same(both.weight, 3 * weight, name="(a + b).weight")
    assert_same(a.weight, weight, name="a.weight after a + b")
    assert both is not a, "a + b must be a new layer."


@pytest.mark.points(2)
@pytest.mark.hidden
def test_total(student, reference, rng):
    """total takes a layer, and sees what was set."""
    _, weight, bias = inputs(rng)
    layer = student.Linear(weight, bias)
    layer.weight = 2 * weight
    assert_same(student.total(layer), float(2 * weight.sum() + bias.sum()), name="total(layer)")
