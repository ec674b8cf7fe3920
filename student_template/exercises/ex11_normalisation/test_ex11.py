"""The checks of ex11: batch normalisation and layer normalisation."""

import numpy as np
import pytest

from grader.checks import (
    assert_arguments_unchanged,
    assert_caches_apart,
    assert_gradients,
    assert_raises,
    assert_results_kept,
    assert_same,
    assert_shape,
    distinct_values,
    grid_values,
    say,
    upstream,
)

NEW, BATCH, BATCH_BACK = "test_new_layer", "test_batch_shape", "test_batch_gradient_shapes"
LAYER, LAYER_BACK = "test_layer_shape", "test_layer_gradient_shapes"
SIZES = ((2, 3), (5, 4), (16, 1), (3, 7))  # examples and features
SHAPES = ((5,), (4, 5), (2, 3, 4), (2, 1, 3, 2, 6))


def normalised(x, axis, eps=1e-5):
    """x with mean 0 and variance 1 over an axis, up to eps."""
    x = np.asarray(x, float)
    centred = x - x.mean(axis=axis, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=axis, keepdims=True) + eps)


def room_for(result):
    """The tolerance for a sum of entries of a result: wide if all of them are float32 numbers."""
    return 1e-5 if np.array_equal(result, np.asarray(result, np.float32)) else 1e-9


def scales(rng, features):
    """A gamma and a beta that are not what a new layer has; gammas of both signs."""
    gamma = 0.5 + np.abs(grid_values(rng, features))
    gamma[::2] *= -1
    return gamma, grid_values(rng, features)


def made(module, gamma, beta, **options):
    """A layer with these scales and shifts."""
    norm = module.BatchNorm(len(gamma), **options)
    norm.gamma, norm.beta = gamma, beta
    return norm


def passes(module, training, statistics=None):
    """The forward and backward pass of a new layer, as functions of all that it is made of."""

    def forward(x, gamma, beta):
        norm = made(module, gamma, beta)
        if statistics is not None:
            norm.running_mean, norm.running_var = statistics
        return norm.forward(x, training=training), norm

    def backward(dout, norm):
        return norm.backward(dout), norm.dgamma, norm.dbeta

    return forward, backward


# Batch normalisation


@pytest.mark.points(2)
def test_new_layer(student):
    """A new layer has gamma 1, beta 0, running mean 0 and running variance 1, one for each feature."""
    norm = student.BatchNorm(3)
    for name, value in (("gamma", 1), ("beta", 0), ("running_mean", 0), ("running_var", 1)):
        assert_same(getattr(norm, name), np.full(3, float(value)), name=f"BatchNorm(3).{name}")


@pytest.mark.points(1)
@pytest.mark.after(NEW)
def test_batch_shape(student, rng):
    """The output has the shape of x, in training and in use."""
    for n, features in SIZES:
        x = grid_values(rng, (n, features))
        for training in (True, False):
            out = student.BatchNorm(features).forward(x, training=training)
            assert_shape(
                out,
                x.shape,
                because=say("For x {x}, training={training}:", x=x.shape, training=training),
            )


@pytest.mark.points(2)
@pytest.mark.after(BATCH)
def test_batch_worked_example(student):
    """The example of the handout: 1, 3, 5, 7 in one feature, and 2, 2, 2, 2 in another."""
    x = np.array([[1.0, 2.0], [3.0, 2.0], [5.0, 2.0], [7.0, 2.0]])
    norm = student.BatchNorm(2, momentum=0.1, eps=0.5)
    out = norm.forward(x)
    assert_same(out[:, 0], np.array([-3, -1, 1, 3]) / np.sqrt(5.5), name="out[:, 0]")
    assert_same(out[:, 1], np.zeros(4), name="out[:, 1]")
    assert_same(norm.running_mean, np.array([0.4, 0.2]), name="running_mean")
    assert_same(norm.running_var, np.array([0.9 + 0.1 * 20 / 3, 0.9]), name="running_var")


@pytest.mark.points(3)
@pytest.mark.after(BATCH)
def test_batch_values(student, rng):
    """Each feature is normalised over the batch, then scaled by gamma and shifted by beta."""
    for n, features in SIZES:
        x, (gamma, beta) = distinct_values(rng, (n, features)), scales(rng, features)
        for eps in (1e-5, 0.25):
            out = made(student, gamma, beta, eps=eps).forward(x)
            because = say("For x {x}, eps={eps}:", x=x.shape, eps=eps)
            assert_same(out, gamma * normalised(x, 0, eps) + beta, because=because)
    assert_same(
        made(student, gamma, beta).forward(x),
        gamma * normalised(x, 0) + beta,
        because="With training left out, so True:",
    )


@pytest.mark.points(2)
@pytest.mark.after(BATCH)
def test_batch_removes_scale_and_shift(student, rng):
    """A feature that is measured in another unit, or from another zero, gives the same output."""
    x = distinct_values(rng, (6, 3))
    norm = student.BatchNorm(3, eps=0.0)
    out = norm.forward(x)
    other = norm.forward(x * np.array([8.0, 0.25, 1.0]) + np.array([3.0, -1.0, 64.0]))
    assert_same(other, out, because="With eps=0, after x * (8, 0.25, 1) + (3, -1, 64):")


@pytest.mark.points(2)
@pytest.mark.after(BATCH)
def test_batch_constant_feature(student, rng):
    """A feature that is the same in all examples gives beta, and no NaN, forward and backward."""
    x, (gamma, beta) = distinct_values(rng, (5, 3)), scales(rng, 3)
    x[:, 1] = 2.5
    norm = made(student, gamma, beta)
    out = norm.forward(x)
    assert_same(out[:, 1], np.full(5, beta[1]), name="out[:, 1]")
    dout = upstream(rng, out.shape)
    want = gamma[1] * (dout[:, 1] - dout[:, 1].mean()) / np.sqrt(1e-5)
    assert_same(norm.backward(dout)[:, 1], want, name="dx[:, 1]")


@pytest.mark.points(1)
@pytest.mark.after(BATCH)
def test_batch_of_one(student, rng):
    """In training one example is a ValueError; in use it is normalised like any other."""
    norm = student.BatchNorm(3)
    assert_raises(norm.forward, "ValueError", grid_values(rng, (1, 3)))
    norm.forward(np.array([[2.0, 4.0, 6.0]]), training=False)


@pytest.mark.points(2)
@pytest.mark.after(BATCH)
def test_running_mean(student, rng):
    """In training the running mean moves towards the batch's mean by the momentum."""
    for momentum in (0.1, 0.75):
        norm, want = student.BatchNorm(3, momentum=momentum), np.zeros(3)
        for n in (4, 2, 7):
            x = distinct_values(rng, (n, 3)) + 1
            norm.forward(x)
            want = (1 - momentum) * want + momentum * x.mean(axis=0)
            because = say("After a batch of {n}, momentum={momentum}:", n=n, momentum=momentum)
            assert_same(norm.running_mean, want, name="running_mean", because=because)


@pytest.mark.points(3)
@pytest.mark.after(BATCH)
def test_running_variance(student, rng):
    """The running variance moves towards that of the batch, divided by N - 1."""
    for momentum in (0.1, 0.75):
        norm, want = student.BatchNorm(3, momentum=momentum), np.ones(3)
        for n in (4, 2, 7):
            x = distinct_values(rng, (n, 3))
            norm.forward(x)
            want = (1 - momentum) * want + momentum * x.var(axis=0, ddof=1)
            because = say("After a batch of {n}, momentum={momentum}:", n=n, momentum=momentum)
            assert_same(norm.running_var, want, name="running_var", because=because)


@pytest.mark.points(3)
@pytest.mark.after(BATCH)
def test_use(student, rng):
    """In use the running statistics normalise, and nothing is remembered."""
    gamma, beta = scales(rng, 3)
    norm = made(student, gamma, beta, eps=0.25)
    mean, variance = grid_values(rng, 3), 0.5 + np.abs(grid_values(rng, 3))
    norm.running_mean, norm.running_var = mean, variance
    x = distinct_values(rng, (5, 3))
    want = gamma * (x - mean) / np.sqrt(variance + 0.25) + beta
    assert_same(norm.forward(x, training=False), want, because="With training=False:")
    for i in range(5):
        alone = norm.forward(x[i : i + 1], training=False)
        assert_same(alone, want[i : i + 1], because=say("Example {i} alone, training=False:", i=i))
    assert_same(norm.running_mean, mean, name="running_mean", because="After use:")
    assert_same(norm.running_var, variance, name="running_var", because="After use:")


@pytest.mark.points(1)
@pytest.mark.after(BATCH)
def test_batch_gradient_shapes(student, rng):
    """dx has the shape of x; dgamma and dbeta have one entry for each feature."""
    for n, features in SIZES:
        norm = student.BatchNorm(features)
        for training in (True, False):
            out = norm.forward(grid_values(rng, (n, features)), training=training)
            dx = norm.backward(upstream(rng, out.shape))
            because = say(
                "For x {value}, training={training}:", value=(n, features), training=training
            )
            assert_shape(dx, (n, features), name="dx", because=because)
            assert_shape(norm.dgamma, (features,), name="dgamma", because=because)
            assert_shape(norm.dbeta, (features,), name="dbeta", because=because)


@pytest.mark.points(5)
@pytest.mark.after(BATCH_BACK)
def test_batch_backward(student, reference, rng):
    """The gradients are those of your own forward pass, through mean and variance as well."""
    for n, features in ((5, 4), (2, 3)):
        x, (gamma, beta) = grid_values(rng, (n, features)), scales(rng, features)
        exact = passes(reference, training=True)
        assert_gradients(*passes(student, training=True), x, gamma, beta, exact=exact)


@pytest.mark.points(2)
@pytest.mark.after(BATCH_BACK)
def test_batch_backward_in_use(student, reference, rng):
    """In use the statistics are fixed, and the gradient does not go through them."""
    x, (gamma, beta) = grid_values(rng, (5, 3)), scales(rng, 3)
    statistics = grid_values(rng, 3), 0.5 + np.abs(grid_values(rng, 3))
    exact = passes(reference, training=False, statistics=statistics)
    given = passes(student, training=False, statistics=statistics)
    assert_gradients(*given, x, gamma, beta, exact=exact)


@pytest.mark.points(2)
@pytest.mark.after(BATCH_BACK)
def test_layers_do_not_share(student, rng):
    """Two layers have nothing in common; a backward pass belongs to the latest forward pass.

    A forward pass leaves its argument alone.
    """
    first, second = student.BatchNorm(3), student.BatchNorm(3)
    x, other = distinct_values(rng, (4, 3)), distinct_values(rng, (4, 3))
    out = first.forward(x)
    dout = upstream(rng, out.shape)
    want = first.backward(dout)
    assert_same(first.dbeta, dout.sum(axis=0), name="dbeta", because="After one backward pass:")
    fresh = student.BatchNorm(3)
    assert_arguments_unchanged(fresh.forward, x)
    second.forward(other)
    second.backward(upstream(rng, other.shape))
    because = "Another layer came between forward and backward:"
    assert_same(fresh.backward(dout), want, name="dx", because=because)
    assert_same(
        student.BatchNorm(3).running_mean, np.zeros(3), name=say("running_mean of a new layer")
    )
    assert_results_kept(fresh.forward, (other,), (x,))
    because = "Another forward pass of the same layer came before:"
    assert_same(fresh.backward(dout), want, name="dx", because=because)
    assert_same(fresh.dbeta, dout.sum(axis=0), name="dbeta", because=because)
    dgamma = (dout * normalised(x, 0)).sum(axis=0)
    assert_same(fresh.dgamma, dgamma, name="dgamma", because=because)


@pytest.mark.points(1)
@pytest.mark.after(BATCH)
def test_batch_other_types(student, rng):
    """Whole numbers, bytes, float32 and views are no different."""
    x = distinct_values(rng, (5, 3))
    want = normalised(x, 0)
    out = student.BatchNorm(3).forward(x.astype(np.float32))
    assert_same(out, want, tolerance=1e-5, because="In float32:")
    out = student.BatchNorm(3).forward(np.asfortranarray(x))
    assert_same(out, want, because="With x not contiguous:")
    for kind, low, high in (("int64", -9, 10), ("uint8", 100, 256)):
        whole = rng.permutation(np.arange(low, high))[:15].reshape(5, 3).astype(kind)
        norm = student.BatchNorm(3)
        because = say("With whole numbers ({kind}):", kind=kind)
        assert_same(norm.forward(whole), normalised(whole, 0), because=because)
        mean = 0.1 * whole.astype(float).mean(axis=0)
        assert_same(norm.running_mean, mean, name="running_mean", because=because)


# Layer normalisation


@pytest.mark.points(1)
def test_layer_shape(student, rng):
    """The output has the shape of x, with any number of axes."""
    calls = [(grid_values(rng, shape), *scales(rng, shape[-1])) for shape in SHAPES]
    for shape, (out, _) in zip(SHAPES, student.layer_norm_forward.map(calls), strict=True):
        assert_shape(out, shape, because=say("For x {shape}:", shape=shape))


@pytest.mark.points(3)
@pytest.mark.after(LAYER)
def test_layer_values(student, rng):
    """Each example is normalised over its features, then scaled by gamma and shifted by beta."""
    for shape in SHAPES:
        x, (gamma, beta) = distinct_values(rng, shape), scales(rng, shape[-1])
        for options in ({}, {"eps": 0.25}):
            out, _ = student.layer_norm_forward(x, gamma, beta, **options)
            because = say(
                "For x {shape}, eps={value}:",
                shape=shape,
                value=options.get("eps", say("left out, so 1e-5")),
            )
            want = gamma * normalised(x, -1, **options) + beta
            assert_same(out, want, because=because)


@pytest.mark.points(1)
@pytest.mark.after(LAYER)
def test_layer_examples_apart(student, rng):
    """An example gives the same alone as in a batch, and constant features give beta."""
    x, (gamma, beta) = distinct_values(rng, (4, 5)), scales(rng, 5)
    x[2] = -3.0
    together, _ = student.layer_norm_forward(x, gamma, beta)
    for i in range(4):
        alone, _ = student.layer_norm_forward(x[i : i + 1], gamma, beta)
        because = say("Example {i}, alone and together with the others:", i=i)
        assert_same(together[i : i + 1], alone, because=because)
    assert_same(together[2], beta, name="out[2]", because="All features of example 2 are -3:")


@pytest.mark.points(1)
@pytest.mark.after(LAYER)
def test_layer_gradient_shapes(student, rng):
    """Each gradient has the shape of its argument."""
    for shape in SHAPES:
        given = grid_values(rng, shape), *scales(rng, shape[-1])
        out, cache = student.layer_norm_forward(*given)
        gradients = student.layer_norm_backward(upstream(rng, out.shape), cache)
        for name, gradient, one in zip(("dx", "dgamma", "dbeta"), gradients, given, strict=True):
            assert_shape(gradient, one.shape, name=name, because=say("For x {shape}:", shape=shape))


@pytest.mark.points(4)
@pytest.mark.after(LAYER_BACK)
def test_layer_backward(student, rng):
    """The gradients of layer normalisation are those of your own forward pass."""
    for shape in ((4, 5), (2, 1, 3, 2, 4)):
        given = grid_values(rng, shape), *scales(rng, shape[-1])
        assert_gradients(student.layer_norm_forward, student.layer_norm_backward, *given)


@pytest.mark.points(1)
@pytest.mark.after(LAYER_BACK)
def test_layer_no_hidden_state(student, rng):
    """Arguments are left alone, and a second forward pass does not disturb the first."""
    forward, backward = student.layer_norm_forward, student.layer_norm_backward
    given = distinct_values(rng, (3, 4)), *scales(rng, 4)
    out, cache = assert_arguments_unchanged(forward, *given)
    assert_arguments_unchanged(backward, upstream(rng, out.shape), cache)
    other = distinct_values(rng, (3, 4)), *scales(rng, 4)
    assert_caches_apart(forward, backward, rng, given, other)


@pytest.mark.points(1)
@pytest.mark.after(LAYER)
def test_layer_other_types(student, rng):
    """Layer normalisation takes whole numbers, bytes, float32 and views as well."""
    x, (gamma, beta) = distinct_values(rng, (3, 5)), scales(rng, 5)
    want = gamma * normalised(x, -1) + beta
    out, _ = student.layer_norm_forward(x.astype(np.float32), gamma, beta)
    assert_same(out, want, tolerance=1e-5, because="In float32:")
    out, _ = student.layer_norm_forward(np.asfortranarray(x), gamma, beta)
    assert_same(out, want, because="With x not contiguous:")
    for kind, low, high in (("int64", -9, 10), ("uint8", 100, 256)):
        whole = rng.permutation(np.arange(low, high))[:15].reshape(3, 5).astype(kind)
        out, _ = student.layer_norm_forward(whole, gamma, beta)
        want = gamma * normalised(whole, -1) + beta
        assert_same(out, want, because=say("With whole numbers ({kind}):", kind=kind))


# One layer of two


@pytest.mark.points(3)
@pytest.mark.after("test_use")
def test_fold(student, rng):
    """One fully connected layer gives what two layers give, and neither of these changes."""
    for inputs, units in ((4, 3), (2, 5)):
        gamma, beta = scales(rng, units)
        norm = made(student, gamma, beta, eps=0.25)
        norm.forward(distinct_values(rng, (6, units)) + 1)
        w, b = grid_values(rng, (inputs, units)), grid_values(rng, units)
        x = distinct_values(rng, (5, inputs))
        want = norm.forward(x @ w + b, training=False)
        folded_w, folded_b = assert_arguments_unchanged(student.fold_batch_norm, w, b, norm)
        because = say(
            "For {inputs} inputs and {units} units, eps=0.25:", inputs=inputs, units=units
        )
        assert_shape(folded_w, w.shape, name="folded_w", because=because)
        assert_shape(folded_b, b.shape, name="folded_b", because=because)
        got = x @ folded_w + folded_b
        name, room = "x @ folded_w + folded_b", max(room_for(folded_w), room_for(want))
        assert_same(got, want, name=name, tolerance=room, because=because)
        again = norm.forward(x @ w + b, training=False)
        assert_same(
            again, want, name=say("the two layers' output"), because="After fold_batch_norm:"
        )


# What takes sharper inputs
