"""The course's assertions as plain NumPy: gradients by full central differences, nothing isolated."""

import copy

import numpy as np


def grid_values(rng, shape, *, limit=2.0, step=1 / 16):
    """Odd multiples of a step, as the course's inputs are."""
    half = max(1, round(limit / step / 2))
    return (2 * rng.integers(-half, half, shape) + 1) * step


def upstream(rng, shape):
    """A gradient that comes from above."""
    return grid_values(rng, shape, limit=1.0, step=1 / 32)


def assert_same(got, want, *, tolerance=1e-9, **words):
    """Equal, or equal to rounding; the words are for messages of the course's own assertion."""
    if isinstance(want, dict):
        assert got == want
    else:
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)


def assert_shape(got, shape, **words):
    """An array of this shape."""
    assert np.shape(got) == tuple(shape)


def assert_arguments_unchanged(function, *args, **keywords):
    """The call leaves its arrays as they were."""
    before = copy.deepcopy(args)
    value = function(*args, **keywords)
    for a, b in zip(args, before, strict=True):
        if isinstance(a, np.ndarray):
            np.testing.assert_array_equal(a, b)
    return value


def assert_raises(function, exception, *args, **keywords):
    """The call is refused with an exception of this name."""
    raised = ""
    try:
        function(*args, **keywords)
    except Exception as error:
        raised = type(error).__name__
    assert raised == exception


def assert_caches_apart(forward, backward, rng, first, second, *others, **keywords):
    """Several forward calls before two backward calls do not get mixed up, and no result is written over."""
    out, cache = forward(*first, **keywords)
    kept = out.copy()
    _, other = forward(*second, **keywords)
    for more in others:
        forward(*more, **keywords)
    np.testing.assert_array_equal(out, kept)
    dout = upstream(rng, out.shape)
    gradients = backward(dout, cache)
    kept = copy.deepcopy(gradients)
    backward(dout, other)
    alone = backward(dout, forward(*first, **keywords)[1])
    for gradient, before, right in zip(gradients, kept, alone, strict=True):
        np.testing.assert_array_equal(gradient, before)
        assert_same(gradient, right)


def say(message, /, **values):
    """The sentence with its placeholders filled in, in English."""
    return message.format(**values) if values else message


def fail(message):
    """Fail."""
    raise AssertionError(message)


def assert_gradients(forward, backward, *arrays, kind="", **parameters):
    """Every entry of every gradient against a central difference of the forward pass."""
    out, cache = forward(*arrays, **parameters)
    dout = np.random.default_rng(0).standard_normal(out.shape)
    for x, gradient in zip(arrays, backward(dout, cache), strict=True):
        numeric = np.zeros_like(x)
        for place in np.ndindex(x.shape):
            kept, h = x[place], 1e-5
            x[place] = kept + h
            above = forward(*arrays, **parameters)[0]
            x[place] = kept - h
            below = forward(*arrays, **parameters)[0]
            x[place] = kept
            numeric[place] = np.sum((above - below) * dout) / (2 * h)
        np.testing.assert_allclose(gradient, numeric, rtol=1e-5, atol=1e-7)
