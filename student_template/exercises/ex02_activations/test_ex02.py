"""The checks of ex02: identity, sigmoid, ReLU, and what depth does with and without them."""

from itertools import pairwise

import numpy as np
import pytest

from grader.checks import (
    assert_arguments_unchanged,
    assert_caches_apart,
    assert_gradients,
    assert_new_arrays,
    assert_raises,
    assert_same,
    assert_shape,
    fail,
    grid_values,
    say,
    upstream,
)

SHAPES = ((7,), (1, 5), (4, 3), (2, 3, 5), (2, 3, 4, 5))
IDENTITY = "test_identity"
SIGMOID = "test_sigmoid_values"
SIGMOID_BACK = "test_sigmoid_backward_by_hand"
RELU = "test_relu_values"
RELU_BACK = "test_relu_backward_by_hand"
COLLAPSE = "test_collapse_two_layers"
SPARSITY = "test_sparsity"
THROUGH = "test_gradient_through_one_layer"


def assert_no_warning(function, what, hint=""):
    """Assert that NumPy had nothing to complain about in the latest call of this very `function`."""
    if said := [w for w in function.last.warnings if w.startswith("RuntimeWarning")]:
        fail(
            say(
                "{function} makes NumPy warn {what}:\n  {said}",
                function=function.name,
                what=what,
                said=said[0],
            ),
            hint=hint,
        )


def assert_elementwise(forward, backward, x, rng, want, want_slope):
    """The same layer on float32, whole numbers and views, on each example alone, and two at a time."""
    single, _ = forward(x.astype(np.float32))
    assert_same(single, want(x), tolerance=1e-5, because="In float32:")
    view, _ = assert_arguments_unchanged(forward, np.asfortranarray(x))
    assert_same(view, want(x), because="With x not contiguous:")
    dout = upstream(rng, x.shape)
    whole = {
        say("whole numbers (int64)"): 2 * rng.integers(-2, 2, x.shape) + 1,
        say("bytes (uint8), as pictures have them"): 2 * rng.integers(0, 2, x.shape, np.uint8) + 1,
    }
    answers = forward.map([(numbers,) for numbers in whole.values()])
    gradients = backward.map([(dout, cache) for _, cache in answers])
    for (kind, numbers), (out, _), dx in zip(whole.items(), answers, gradients, strict=True):
        values = numbers.astype(float)
        assert_same(out, want(values), because=say("With {kind}:", kind=kind))
        assert_same(
            dx, dout * want_slope(values), name="dx", because=say("With {kind} in x:", kind=kind)
        )
    alone = [x[n : n + 1] for n in range(len(x))]
    for n, (out, _) in enumerate(forward.map([(example,) for example in alone])):
        assert_same(out, want(alone[n]), because=say("Example {n} alone:", n=n))
    others = (grid_values(rng, x.shape),), (-2 * x[:1],)
    dout, dx = assert_caches_apart(forward, backward, rng, (x,), *others)
    assert_same(dx, dout * want_slope(x), name="dx")


def assert_exact_slopes(forward, backward, rng, slope):
    """dx is dout times a slope of 0 or 1, to the last bit, also where x is huge or tiny.

    A difference of two outputs cannot be that exact: this is what tells a formula from numerical
    differentiation.
    """
    x = grid_values(rng, (6, 5)) * 2.0 ** rng.integers(-40, 60, (6, 5))
    dout = upstream(rng, x.shape)
    dx = backward(dout, forward(x)[1])
    because = "x from 1e-12 to 1e18; a formula is exact there, numerical differentiation is not:"
    assert_same(dx, dout * slope(x), name="dx", tolerance=0, because=because)


def sigmoid(x):
    """The logistic function, for numbers that are not large."""
    return 1 / (1 + np.exp(-np.asarray(x, float)))


def sigmoid_slope(x):
    """The slope of the logistic function."""
    return sigmoid(x) * (1 - sigmoid(x))


# The identity


@pytest.mark.points(1)
def test_identity(student, rng):
    """The identity gives back its input, and its backward pass gives back dout."""
    for shape in SHAPES:
        x, dout = grid_values(rng, shape), upstream(rng, shape)
        out, cache = student.identity_forward(x)
        assert_same(out, x, because=say("For x of shape {shape}:", shape=shape))
        dx = student.identity_backward(dout, cache)
        assert_same(dx, dout, name="dx", because=say("For x of shape {shape}:", shape=shape))


@pytest.mark.points(1)
@pytest.mark.after(IDENTITY)
def test_identity_is_a_copy(student, rng):
    """The identity gives back new arrays: a change of the result does not change x or dout."""
    x, dout = grid_values(rng, (4, 3)), upstream(rng, (4, 3))
    _, cache = assert_new_arrays(student.identity_forward, x)
    assert_new_arrays(student.identity_backward, dout, cache)


# The sigmoid


@pytest.mark.points(2)
def test_sigmoid_values(student, rng):
    """The sigmoid is 1 / (1 + exp(-x)), entry by entry, for arrays of any shape."""
    for shape in SHAPES:
        x = grid_values(rng, shape)
        out, _ = student.sigmoid_forward(x)
        assert_same(out, sigmoid(x), because=say("For x of shape {shape}:", shape=shape))


@pytest.mark.points(1)
@pytest.mark.after(SIGMOID)
def test_sigmoid_by_hand(student):
    """The sigmoid of 0 is 1/2, of ln 3 it is 3/4, and of -ln 3 it is 1/4."""
    out, _ = student.sigmoid_forward(np.array([[0.0, np.log(3.0), -np.log(3.0)]]))
    assert_same(out, np.array([[0.5, 0.75, 0.25]]))


@pytest.mark.points(1)
@pytest.mark.after(SIGMOID)
def test_sigmoid_is_symmetric(student, rng):
    """sigmoid(-x) = 1 - sigmoid(x); it rises everywhere and stays between 0 and 1."""
    x = np.sort(grid_values(rng, 40, limit=8.0))
    out, mirrored = student.sigmoid_forward(x)[0], student.sigmoid_forward(-x)[0]
    assert_same(mirrored, 1 - out, name="sigmoid(-x)", tolerance=1e-6)
    if not ((out > 0) & (out < 1)).all():
        fail("For x between -8 and 8 the sigmoid must lie strictly between 0 and 1.")
    if (np.diff(out)[np.diff(x) > 0] <= 0).any():
        fail("The sigmoid must rise: a larger x gives a larger output.")


@pytest.mark.points(2)
@pytest.mark.after(SIGMOID)
def test_sigmoid_of_large_numbers(student):
    """At ±1000 the sigmoid is 0 or 1: no NaN, no infinity, and no warning."""
    forward = student.sigmoid_forward
    # At 40 the sigmoid is 1 but for 4e-18, so a limit of x at less than that shows.
    for dtype, large, tolerance in (
        (np.float64, [40.0, 750.0, 1000.0, 40000.0], 1e-15),
        (np.float32, [100.0, 1000.0], 1e-5),
    ):
        x = np.array([[*large, *(-v for v in large), 0.0]], dtype)
        want = np.array([[*(1.0 for _ in large), *(0.0 for _ in large), 0.5]])
        because = say("For x = {value} in {name}:", value=x[0].tolist(), name=dtype.__name__)
        out, _ = forward(x)
        assert_same(out, want, because=because, tolerance=tolerance)
        assert_no_warning(
            forward,
            say("for x = {value} in {name}", value=x[0].tolist(), name=dtype.__name__),
            say(
                "exp of a large number overflows. For x < 0 use exp(x) / (1 + exp(x)) instead of 1 / "
                "(1 + exp(-x)): they are equal. Mind that np.where computes both of its sides for "
                "every x; exp(-np.abs(x)) never overflows."
            ),
        )


@pytest.mark.points(1)
@pytest.mark.after("test_sigmoid_of_large_numbers", SIGMOID_BACK)
def test_saturated_sigmoid_backward(student):
    """At ±1000 the sigmoid is flat: dx is 0 there, with no NaN and no warning."""
    forward, backward = student.sigmoid_forward, student.sigmoid_backward
    x = np.array([[1000.0, -1000.0, 0.0, 40.0]])
    dx = backward(np.full(x.shape, 2.0), forward(x)[1])
    assert_same(
        dx,
        np.array([[0.0, 0.0, 0.5, 0.0]]),
        name="dx",
        because=say("For x = {value}:", value=x.tolist()),
    )
    assert_no_warning(backward, say("where the sigmoid is 0 or 1"))
    # Near 1 the slope is small, and as exact as the output: the error of out·(1 - out) is that of out.
    # A difference of two outputs that are nearly 1 is less exact by orders of magnitude.
    x = np.concatenate([np.linspace(6.0, 24.0, 20), -np.linspace(6.0, 24.0, 20)]).reshape(5, 8)
    out, cache = forward(x)
    rounding = max(np.abs(out - sigmoid(x)).max(), 2.0**-52)
    slopes = backward(np.ones(x.shape), cache)
    if np.abs(slopes - sigmoid_slope(x)).max() > 64 * rounding:
        fail(
            "For x from 6 to 24 and from -24 to -6 the slopes have too few right digits.",
            hint="Compute them by the formula, out·(1 - out), not by numerical differentiation.",
        )


@pytest.mark.points(2)
@pytest.mark.after(SIGMOID)
def test_sigmoid_backward_by_hand(student):
    """The slope of the sigmoid is out·(1 - out): 1/4 at 0, which is the most, and 3/16 at ±ln 3."""
    x = np.array([[0.0, np.log(3.0)], [-np.log(3.0), 0.0]])
    _, cache = student.sigmoid_forward(x)
    dx = student.sigmoid_backward(np.array([[1.0, 16.0], [-16.0, 2.0]]), cache)
    assert_same(dx, np.array([[0.25, 3.0], [-3.0, 0.5]]), name="dx")


@pytest.mark.points(3)
@pytest.mark.after(SIGMOID_BACK)
def test_sigmoid_backward(student, rng):
    """sigmoid_backward is the gradient of your own sigmoid_forward."""
    for shape in ((4, 3), (2, 3, 1, 2)):
        x = grid_values(rng, shape)
        assert_gradients(student.sigmoid_forward, student.sigmoid_backward, x)


@pytest.mark.points(1)
@pytest.mark.after(SIGMOID_BACK)
def test_sigmoid_with_other_inputs(student, rng):
    """The sigmoid works for any numbers, keeps examples apart and leaves its arguments alone."""
    assert_elementwise(
        student.sigmoid_forward,
        student.sigmoid_backward,
        grid_values(rng, (3, 4)),
        rng,
        sigmoid,
        sigmoid_slope,
    )


# ReLU


@pytest.mark.points(2)
def test_relu_values(student, rng):
    """ReLU keeps what is positive and turns the rest into 0, for arrays of any shape."""
    for shape in SHAPES:
        x = grid_values(rng, shape)
        out, _ = student.relu_forward(x)
        assert_same(
            out, np.where(x > 0, x, 0.0), because=say("For x of shape {shape}:", shape=shape)
        )


@pytest.mark.points(1)
@pytest.mark.after(RELU)
def test_relu_properties(student, rng):
    """ReLU twice is ReLU once, relu(2x) = 2·relu(x), and relu(x) - relu(-x) = x; at any scale."""
    for scale in (1.0, 2.0**20, 2.0**-100):
        x = scale * grid_values(rng, (5, 4))
        out, _ = student.relu_forward(x)
        because = say("For x of about {scale:.3g}:", scale=scale)
        assert_same(student.relu_forward(out)[0], out, name="relu(relu(x))", because=because)
        assert_same(student.relu_forward(2 * x)[0], 2 * out, name="relu(2x)", because=because)
        mirrored, _ = student.relu_forward(-x)
        assert_same(out - mirrored, x, name="relu(x) - relu(-x)", because=because)
        if ((out == 0) != (x <= 0)).any():
            fail(say("{because} relu(x) must be 0 exactly where x is 0 or below.", because=because))


@pytest.mark.points(1)
@pytest.mark.after(RELU)
def test_relu_at_the_extremes(student):
    """ReLU of minus infinity is 0, not NaN; of 0 and -0 it is 0; large numbers stay as they are."""
    x = np.array([[-np.inf, -1000.0, -0.0], [0.0, 1000.0, np.inf]])
    out, _ = student.relu_forward(x)
    assert_same(out, np.array([[0.0, 0.0, 0.0], [0.0, 1000.0, np.inf]]))


@pytest.mark.points(2)
@pytest.mark.after(RELU)
def test_relu_backward_by_hand(student):
    """Where x was positive dout passes; elsewhere nothing does, whatever the sign of dout."""
    x = np.array([[-2.0, -1.0, 3.0], [4.0, 0.5, -0.5]])
    dout = np.array([[5.0, -6.0, 7.0], [-8.0, 9.0, 10.0]])
    _, cache = student.relu_forward(x)
    dx = student.relu_backward(dout, cache)
    assert_same(dx, np.array([[0.0, 0.0, 7.0], [-8.0, 9.0, 0.0]]), name="dx")


@pytest.mark.points(2)
@pytest.mark.after(RELU_BACK)
def test_relu_backward(student, rng):
    """relu_backward is the gradient of your own relu_forward."""
    for shape in ((5, 4), (2, 3, 1, 4)):
        assert_gradients(student.relu_forward, student.relu_backward, grid_values(rng, shape))


@pytest.mark.points(1)
@pytest.mark.after(RELU_BACK)
def test_relu_slope_at_zero(student, rng):
    """At exactly 0 (and at -0) the slope is 0, as in PyTorch, TensorFlow and JAX."""
    x = np.array([[0.0, 1.0, -0.0], [2.0, 0.0, -1.0]])
    dout = upstream(rng, (2, 3))
    dx = student.relu_backward(dout, student.relu_forward(x)[1])
    want = np.where(x > 0, dout, 0.0)
    assert_same(dx, want, name="dx", because=say("For x = {value}:", value=x.tolist()))
    assert_exact_slopes(student.relu_forward, student.relu_backward, rng, lambda x: x > 0)


@pytest.mark.points(1)
@pytest.mark.after(RELU_BACK)
def test_relu_with_other_inputs(student, rng):
    """ReLU works for any numbers, keeps examples apart and leaves its arguments alone."""
    assert_elementwise(
        student.relu_forward,
        student.relu_backward,
        grid_values(rng, (3, 4)),
        rng,
        lambda x: np.maximum(x, 0),
        lambda x: x > 0,
    )


# Depth without a non-linearity


def stack(rng, sizes):
    """Weights and biases of linear layers between `sizes`; exact in single precision, too."""
    weights = [grid_values(rng, pair, step=0.5) for pair in pairwise(sizes)]
    return weights, [grid_values(rng, size, step=0.5) for size in sizes[1:]]


def one_layer(weights, biases):
    """The layer that a stack equals, read off its outputs for zero and for the unit vectors."""

    def run(rows):
        for w, b in zip(weights, biases, strict=True):
            rows = rows @ w + b
        return rows

    b = run(np.zeros(len(weights[0])))
    return run(np.eye(len(weights[0]))) - b, b


@pytest.mark.points(2)
def test_collapse_two_layers(student, rng):
    """Two linear layers are one: its w and its b, as a stack of two square layers gives them."""
    by_hand = (
        [np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [3.0, 1.0]])],
        [np.array([1.0, -1.0]), np.array([0.0, 2.0])],
    )
    # The last two have equal sizes: an answer that was remembered by its sizes is not right for both.
    for what, (weights, biases) in {
        "": by_hand,
        say("Layers of sizes 3 → 3 → 3:"): stack(rng, (3, 3, 3)),
        say("Other layers of the same sizes:"): stack(rng, (3, 3, 3)),
    }.items():
        w, b = student.collapse(weights, biases)
        want_w, want_b = one_layer(weights, biases)
        assert_same(w, want_w, name="w", because=what)
        assert_same(b, want_b, name="b", because=what)


@pytest.mark.points(2)
@pytest.mark.after(COLLAPSE)
def test_collapse_any_depth(student, rng):
    """A stack of 1 to 6 linear layers of any sizes computes what one layer computes."""
    for sizes in [
        (3, 2),
        (4, 2, 3),
        (2, 5, 3, 4),
        (3, 1, 4, 2, 5),
        (1, 3, 2, 4, 3, 2),
        (2, 3, 1, 4, 3, 2, 5),
    ]:
        weights, biases = stack(rng, sizes)
        w, b = student.collapse(weights, biases)
        want_w, want_b = one_layer(weights, biases)
        because = say("Layers of sizes {names}:", names=" → ".join(map(str, sizes)))
        assert_same(w, want_w, name="w", because=because)
        assert_same(b, want_b, name="b", because=because)


@pytest.mark.points(1)
@pytest.mark.after(COLLAPSE)
def test_collapse_with_other_inputs(student, rng):
    """Whole numbers, float32 and views work, and the layers are the same afterwards."""
    weights, biases = stack(rng, (3, 4, 2, 5))

    def same(a):
        return a

    def single(a):
        return a.astype(np.float32)

    def whole(a):
        return (2 * a).astype(int)

    def byte(a):
        return (10 * np.abs(a) + 60).astype(np.uint8)

    for what, change_w, change_b in [
        ("float64", same, same),
        ("float32", single, single),
        (say("arrays that are not contiguous"), np.asfortranarray, same),
        (say("whole numbers"), whole, whole),
        (say("whole numbers in the weights"), whole, same),
        (say("whole numbers in the biases"), same, whole),
        ("bytes (uint8)", byte, byte),
    ]:
        ws, bs = [change_w(w) for w in weights], [change_b(b) for b in biases]
        w, b = assert_arguments_unchanged(student.collapse, ws, bs)
        want_w, want_b = one_layer([a.astype(float) for a in ws], [a.astype(float) for a in bs])
        assert_same(w, want_w, name="w", because=say("With {what}:", what=what))
        assert_same(b, want_b, name="b", because=say("With {what}:", what=what))


# Sparsity


@pytest.mark.points(1)
def test_sparsity(student):
    """sparsity is the fraction of all entries that are exactly zero."""
    for a, want in [
        # Here the mean, a <= 0, a != 0, a > 0 and other divisors all give other numbers.
        (np.array([[0.0, 2.0, -1.0, 5.0], [-0.0, 3.0, 1.0, 7.0]]), 1 / 4),
        (np.array([[[1.0, 0.0], [2.0, -5.0]]]), 1 / 4),
        (np.zeros((3, 2)), 1.0),
        (np.array([-1.0, 1e-30, -1.2e-38, 4.0, 1e-9]), 0.0),
        (np.array([[0, 7], [0, 0], [1, 2]]), 1 / 2),
        (np.array([[0.0, 1.0, 1.0]]), 1 / 3),
    ]:
        got = student.sparsity(a)
        assert_same(got, want, name=f"sparsity({a.tolist()})")


@pytest.mark.points(1)
@pytest.mark.after(SPARSITY, RELU, SIGMOID)
def test_relu_makes_sparse(student, rng):
    """On numbers symmetric around 0 your ReLU switches off one half; your sigmoid none."""
    half = grid_values(rng, (6, 5))
    x = np.concatenate([half, -half])
    relu, _ = assert_arguments_unchanged(student.relu_forward, x)
    assert_same(student.sparsity(relu), 0.5, name="sparsity(relu(x))")
    assert_same(student.sparsity(student.sigmoid_forward(x)[0]), 0.0, name="sparsity(sigmoid(x))")
    noise = rng.standard_normal((40, 50))
    share = student.sparsity(student.relu_forward(noise)[0])
    assert_same(share, float(np.mean(noise <= 0)), name="sparsity(relu(noise))")
    assert_arguments_unchanged(student.sparsity, x)


# The gradient through many layers


@pytest.mark.points(1)
def test_gradient_through_one_layer(student, rng):
    """Through one layer the slope is that of the activation at z: 1, out·(1 - out), or 0 and 1."""
    z = grid_values(rng, (4, 3))
    for activation, want in [
        ("sigmoid", sigmoid_slope(z)),
        ("relu", (z > 0).astype(float)),
        ("identity", np.ones((4, 3))),
    ]:
        got = student.gradient_through(1, z, activation)
        assert_same(
            got,
            want,
            name="slopes",
            because=say("depth 1, activation {activation!r}:", activation=activation),
        )


@pytest.mark.points(2)
@pytest.mark.after(THROUGH)
def test_gradient_through_many_layers(student, reference, rng):
    """Each layer's slope is taken where that layer stands: at z, then at f(z), then at f(f(z))."""
    cases = [(2, (5,)), (3, (2, 4)), (6, (1, 3)), (10, (2, 3, 2))]
    # One comes twice, with other numbers: an answer that was remembered is no longer right.
    for what, depth, shape in [*(("z", *case) for case in cases), ("another z", 3, (2, 4))]:
        z = grid_values(rng, shape)
        for activation in ("sigmoid", "relu", "identity"):
            got = student.gradient_through(depth, z, activation)
            want = reference.gradient_through(depth, z, activation)
            because = say(
                "For {what} {shape}, depth {depth}, activation {activation!r}:",
                what=what,
                shape=shape,
                depth=depth,
                activation=activation,
            )
            assert_same(got, want, name="slopes", because=because)


@pytest.mark.points(1)
@pytest.mark.after(THROUGH)
def test_gradient_through_no_layer(student, rng):
    """With depth 0 nothing happens to z, so the slope is 1 everywhere."""
    z = grid_values(rng, (2, 5))
    for activation in ("sigmoid", "relu", "identity"):
        got = student.gradient_through(0, z, activation)
        assert_same(
            got,
            np.ones((2, 5)),
            name="slopes",
            because=say(
                "depth 0, no layer at all, activation {activation!r}:", activation=activation
            ),
        )


@pytest.mark.points(1)
@pytest.mark.after(THROUGH)
def test_gradients_vanish(student, rng):
    """Through d sigmoids at most 4⁻ᵈ of a gradient is left; through ReLUs that are on, all of it."""
    z = grid_values(rng, (3, 4))
    for depth in (1, 2, 5, 12):
        got = student.gradient_through(depth, z, "sigmoid")
        assert_shape(got, z.shape, name="slopes")
        if not ((got > 0) & (got <= 4.0**-depth * (1 + 1e-5))).all():
            fail(
                say(
                    "Through {depth} sigmoids the slope must lie between 0 and 4⁻{depth} = {value:.4g}.",
                    depth=depth,
                    value=4.0**-depth,
                )
            )
        got = student.gradient_through(depth, np.abs(z), "relu")
        assert_same(
            got, np.ones((3, 4)), name="slopes", because=say("{depth} ReLUs, z > 0:", depth=depth)
        )


@pytest.mark.points(1)
@pytest.mark.after(THROUGH)
def test_gradient_through_with_other_inputs(student):
    """±1000, zero, whole numbers and float32 work; z stays as it is; no other activation is known."""
    z = np.array([[-1000.0, 0.0, 1000.0]])
    for what, given in [
        ("", z),
        (say(" in float32"), z.astype(np.float32)),
        (say(" in int64"), z.astype(int)),
    ]:
        because = say("z = [[-1000, 0, 1000]]{what}, depth 3:", what=what)
        got = assert_arguments_unchanged(student.gradient_through, 3, given, "relu")
        assert_same(got, np.array([[0.0, 0.0, 1.0]]), name="slopes", because=because)
        assert_arguments_unchanged(student.gradient_through, 3, given, "identity")
        got = assert_arguments_unchanged(student.gradient_through, 3, given, "sigmoid")
        middle = 0.25 * sigmoid_slope(0.5) * sigmoid_slope(sigmoid(0.5))
        assert_same(
            got, np.array([[0.0, middle, 0.0]]), name="slopes", tolerance=1e-5, because=because
        )
    for unknown in ("tanh", "", "Sigmoid"):
        assert_raises(student.gradient_through, "ValueError", 2, z, unknown)


# Whatever the sizes
