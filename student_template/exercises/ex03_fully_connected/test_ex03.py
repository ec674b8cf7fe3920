"""The checks of ex03: fully connected layers, and networks of them."""

from itertools import pairwise

import numpy as np
import pytest

from grader.checks import (
    assert_caches_apart,
    assert_gradients,
    assert_same,
    assert_shape,
    fail,
    grid_values,
    say,
    upstream,
)

SHAPES = "test_output_shape"
BACK = "test_gradient_shapes"
NETWORK = "test_network_shape"
NETWORK_BACK = "test_network_gradient_shapes"
GRADIENTS = ("dx", "dw", "db")


def arrays(rng, shape=(3, 5), m=4):
    """Inputs, weights and biases of a layer of m units."""
    d = int(np.prod(shape[1:]))
    return grid_values(rng, shape), grid_values(rng, (d, m)), grid_values(rng, m)


def affine(x, w, b):
    """What a fully connected layer computes."""
    return x.reshape(len(x), -1) @ w + b


def network(rng, shape, sizes):
    """Inputs and layers; every hidden unit's sum is at least 1/4 away from ReLU's kink."""
    steps = [int(np.prod(shape[1:])), *sizes]
    while True:
        x = grid_values(rng, shape)
        params = [(grid_values(rng, pair), grid_values(rng, pair[1])) for pair in pairwise(steps)]
        hidden, closest, both = x, np.inf, True
        for w, b in params[:-1]:
            sums = affine(hidden, w, b)
            closest = min(closest, np.abs(sums).min())
            both = both and (sums > 0).any() and (sums < 0).any()
            hidden = np.maximum(sums, 0)
        if closest >= 1 / 4 and both:
            return x, params


def run(x, params):
    """What a network computes."""
    for w, b in params[:-1]:
        x = np.maximum(affine(x, w, b), 0)
    return affine(x, *params[-1])


# One layer, forward


@pytest.mark.points(1)
def test_output_shape(student, rng):
    """The output has one row per example and one column per unit, whatever the shape of x."""
    # Square arrays first: there even a wrong product has a value, by which the mistake is recognised.
    for shape, m in [
        ((4, 4), 4),
        ((3, 5), 4),
        ((1, 6), 2),
        ((5, 1), 3),
        ((3, 4), 1),
        ((2, 3, 4), 5),
        ((3, 2, 4, 5), 7),
    ]:
        x, w, b = arrays(rng, shape, m)
        out, _ = student.affine_forward(x, w, b)
        assert_shape(
            out,
            (shape[0], m),
            because=say(
                "For x {x}, w {w}, b {b}:",
                x=x.shape,
                w=w.shape,
                b=b.shape,
            ),
        )


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_worked_example(student):
    """An example with two inputs and three units, worked by hand."""
    x, w = np.array([[1.0, 2.0], [0.0, -1.0]]), np.array([[1.0, 0.0, -2.0], [3.0, 1.0, 0.5]])
    out, _ = student.affine_forward(x, w, np.array([0.0, 10.0, 100.0]))
    assert_same(out, np.array([[7.0, 12.0, 99.0], [-3.0, 9.0, 99.5]]))


@pytest.mark.points(2)
@pytest.mark.after(SHAPES)
def test_values(student, reference, rng):
    """Each unit adds up all inputs, each times its weight, and its bias."""
    for shape, m in [((3, 5), 4), ((4, 4), 4), ((1, 3), 2), ((6, 1), 1)]:
        x, w, b = arrays(rng, shape, m)
        assert_same(
            student.affine_forward(x, w, b)[0],
            reference.affine_forward(x, w, b)[0],
            because=say(
                "For x {x}, w {w}, b {b}:",
                x=x.shape,
                w=w.shape,
                b=b.shape,
            ),
        )


@pytest.mark.points(2)
@pytest.mark.after(SHAPES)
def test_examples_are_flattened(student, rng):
    """An example of several axes is read row by row: entry [c, h, w] is input (c·H + h)·W + w."""
    for shape in ((2, 3, 4), (3, 2, 3, 5), (1, 4, 2)):
        x, w, b = arrays(rng, shape, 4)
        out, _ = student.affine_forward(x, w, b)
        assert_same(
            out,
            affine(x, w, b),
            because=say("For x {x}, w {w}:", x=x.shape, w=w.shape),
        )


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_bias(student, rng):
    """Each unit has one bias: for an example of zeros the output is b."""
    for n, m in ((3, 5), (4, 4)):
        x, w, b = arrays(rng, (n, 2), m)
        out, _ = student.affine_forward(0 * x, w, b)
        assert_same(
            out,
            np.tile(b, (n, 1)),
            because=say("x is zero, of shape {value}; b is {value2}:", value=(n, 2), value2=(m,)),
        )


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_one_input_reaches_every_unit(student, rng):
    """An example with a single 1 picks that row of w: every unit is tied to every input."""
    _, w, b = arrays(rng, (1, 5), 4)
    out, _ = student.affine_forward(np.eye(5), w, 0 * b)
    assert_same(out, w, because="Example i is zero except for a 1 at input i, and b is zero:")


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_other_number_types(student, rng):
    """float32, whole numbers, arrays that are not contiguous, and each example alone work, too."""
    x, w, b = arrays(rng, (3, 2, 4), 5)
    want = affine(x, w, b)
    single = [a.astype(np.float32) for a in (x, w, b)]
    assert_same(student.affine_forward(*single)[0], want, tolerance=1e-5, because="In float32:")
    views = np.asfortranarray(x), np.asfortranarray(w), b
    assert_same(student.affine_forward(*views)[0], want, because="With x and w not contiguous:")
    whole = tuple(rng.integers(-9, 10, a.shape) for a in (x, w, b))
    cases = {
        say("With whole numbers (int64):"): whole,
        say("With whole numbers, but fractions in x:"): (x, *whole[1:]),
        say("With whole numbers, but fractions in w:"): (whole[0], w, whole[2]),
        say("With whole numbers, but fractions in b:"): (*whole[:2], b),
        say("With bytes (uint8); with b the sums do not fit into a byte:"): (
            rng.integers(1, 4, x.shape).astype(np.uint8),
            rng.integers(1, 8, w.shape).astype(np.uint8),
            np.full(b.shape, 253, np.uint8),
        ),
    }
    answers = student.affine_forward.map([*cases.values()])
    for (out, _), (because, given) in zip(answers, cases.items(), strict=True):
        assert_same(out, affine(*(a.astype(float) for a in given)), because=because)
    for n in range(3):
        out, _ = student.affine_forward(x[n : n + 1], w, b)
        assert_same(out, want[n : n + 1], because=say("Example {n} alone:", n=n))


# One layer, backward


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_gradient_shapes(student, rng):
    """dx, dw and db have exactly the shapes of x, w and b."""
    # Here, too, square arrays come first.
    for shape, m in [((4, 4), 4), ((3, 5), 4), ((2, 3, 4), 5), ((1, 2, 3, 2), 3), ((5, 3), 1)]:
        x, w, b = arrays(rng, shape, m)
        out, cache = student.affine_forward(x, w, b)
        gradients = student.affine_backward(upstream(rng, out.shape), cache)
        because = say("For x {x}, w {w}, b {b}:", x=x.shape, w=w.shape, b=b.shape)
        shapes = dict(zip(GRADIENTS, (x.shape, w.shape, b.shape), strict=True))
        for gradient, (name, want) in zip(gradients, shapes.items(), strict=True):
            assert_shape(gradient, want, name=name, because=because, others=shapes)


@pytest.mark.points(1)
@pytest.mark.after(BACK)
def test_gradients_by_hand(student):
    """The gradients of the worked example, for a dout that is easy to follow."""
    x, w = np.array([[1.0, 2.0], [0.0, -1.0]]), np.array([[1.0, 0.0, -2.0], [3.0, 1.0, 0.5]])
    _, cache = student.affine_forward(x, w, np.array([0.0, 10.0, 100.0]))
    dx, dw, db = student.affine_backward(np.array([[1.0, 0.0, 0.0], [0.0, 10.0, 2.0]]), cache)
    assert_same(dx, np.array([[1.0, 3.0], [-4.0, 11.0]]), name="dx")
    assert_same(dw, np.array([[1.0, 0.0, 0.0], [2.0, -10.0, -2.0]]), name="dw")
    assert_same(db, np.array([1.0, 10.0, 2.0]), name="db")


@pytest.mark.points(3)
@pytest.mark.after(BACK)
def test_backward_is_the_gradient_of_forward(student, rng):
    """The backward pass is the gradient of your own forward pass."""
    for shape, m in (((3, 5), 4), ((4, 4), 4)):
        x, w, b = arrays(rng, shape, m)
        assert_gradients(student.affine_forward, student.affine_backward, x, w, b, kind="linear")


@pytest.mark.points(2)
@pytest.mark.after(BACK)
def test_backward_of_flattened_examples(student, rng):
    """The same for examples of several axes, and for a single example."""
    for shape, m in (((2, 3, 2, 4), 3), ((1, 2, 3), 5)):
        x, w, b = arrays(rng, shape, m)
        assert_gradients(student.affine_forward, student.affine_backward, x, w, b, kind="linear")


@pytest.mark.points(1)
@pytest.mark.after(BACK)
def test_bias_gradient(student, rng):
    """The bias is used once per example, so with dout all 1 every entry of db is N."""
    x, w, b = arrays(rng, (5, 3), 4)
    out, cache = student.affine_forward(x, w, b)
    db = student.affine_backward(np.ones_like(out), cache)[2]
    assert_same(db, np.full(4, 5.0), name="db", because="N = 5 examples, dout all 1:")
    # Added to every output, a bias near 10¹² leaves no digit to a difference of two outputs; no
    # gradient depends on it. This is what tells formulas from numerical differentiation.
    dout = upstream(rng, out.shape)
    _, cache = student.affine_forward(x, w, 2.0**40 * b)
    gradients = student.affine_backward(dout, cache)
    want = dout @ w.T, x.T @ dout, dout.sum(axis=0)
    because = (
        "b is about 10¹², on which no gradient depends (numerical differentiation fails here):"
    )
    for name, got, right in zip(GRADIENTS, gradients, want, strict=True):
        assert_same(got, right, name=name, because=because)


@pytest.mark.points(1)
@pytest.mark.after(BACK)
def test_no_hidden_state(student, rng):
    """Two forward passes before one backward pass do not get mixed up; no argument is changed."""
    x, w, b = arrays(rng)
    others = arrays(rng), arrays(rng, (2, 3, 2), 5)
    forward, backward = student.affine_forward, student.affine_backward
    dout, gradients = assert_caches_apart(forward, backward, rng, (x, w, b), *others)
    want = dout @ w.T, x.T @ dout, dout.sum(axis=0)
    for name, got, right in zip(GRADIENTS, gradients, want, strict=True):
        assert_same(got, right, name=name)


# A network, forward


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_network_shape(student, rng):
    """A network's output has one row per example and one column per unit of its last layer."""
    for shape, sizes in [
        ((3, 4), (5, 2)),
        ((2, 2, 3), (4,)),
        ((1, 5), (3, 4, 2, 6)),
        ((4, 1, 2, 2), (3, 1)),
    ]:
        x, params = network(rng, shape, sizes) if len(sizes) < 3 else deep(rng, shape, sizes)
        out, _ = student.mlp_forward(x, params)
        words = " → ".join(str(w.shape) for w, _ in params)
        assert_shape(
            out,
            (shape[0], sizes[-1]),
            because=say("For x {x} and weights {words}:", x=x.shape, words=words),
        )


def deep(rng, shape, sizes):
    """A network of many layers, wherever its sums lie."""
    steps = [int(np.prod(shape[1:])), *sizes]
    params = [(grid_values(rng, pair), grid_values(rng, pair[1])) for pair in pairwise(steps)]
    return grid_values(rng, shape), params


@pytest.mark.points(1)
@pytest.mark.after(NETWORK)
def test_network_by_hand(student):
    """Two layers by hand: ReLU switches one hidden unit off, and the negative output stays."""
    x = np.array([[1.0, 2.0]])
    params = [
        (np.array([[1.0, -1.0], [1.0, 0.0]]), np.array([0.0, -1.0])),  # sums 3 and -2
        (np.array([[-2.0, 1.0], [5.0, 5.0]]), np.array([1.0, 0.0])),
    ]
    assert_same(student.mlp_forward(x, params)[0], np.array([[-5.0, 3.0]]))


@pytest.mark.points(1)
@pytest.mark.after(NETWORK)
def test_one_layer_has_no_relu(student, rng):
    """A network of one layer is that layer: there is no ReLU after the last one."""
    x, params = deep(rng, (4, 3, 2), (5,))
    assert_same(student.mlp_forward(x, params)[0], affine(x, *params[0]))


@pytest.mark.points(1)
@pytest.mark.after(NETWORK)
def test_layers_that_do_nothing(student, rng):
    """With identity matrices as weights and no bias, two or more layers compute ReLU of x."""
    x = grid_values(rng, (5, 3))
    for depth in (2, 3, 5):
        out, _ = student.mlp_forward(x, [(np.eye(3), np.zeros(3))] * depth)
        assert_same(
            out,
            np.maximum(x, 0),
            because=say("{depth} layers, w the identity matrix, b = 0:", depth=depth),
        )


@pytest.mark.points(1)
@pytest.mark.after(NETWORK)
def test_network_values(student, rng):
    """Layer after layer, with ReLU between them: depths 1 to 5, examples of any shape."""
    for shape, sizes in [((3, 4), (2,)), ((4, 3), (5, 2)), ((2, 2, 3), (5, 4, 3)), ((3, 2), (4, 5, 3, 2)), ((1, 3), (2, 4, 3, 5, 1))]:  # fmt: skip
        x, params = deep(rng, shape, sizes)
        because = say(
            "For x {shape} and layers of {names} units:",
            shape=x.shape,
            names=", ".join(map(str, sizes)),
        )
        assert_same(student.mlp_forward(x, params)[0], run(x, params), because=because)


# A network, backward


@pytest.mark.points(1)
@pytest.mark.after(NETWORK, BACK)
def test_network_gradient_shapes(student, rng):
    """dx has the shape of x; grads is a list of pairs (dw, db), first layer first, like params."""
    for shape, sizes in [((3, 4), (5, 2)), ((2, 2, 3), (4,)), ((1, 5), (3, 4, 2, 6))]:
        x, params = deep(rng, shape, sizes)
        out, cache = student.mlp_forward(x, params)
        dx, grads = student.mlp_backward(upstream(rng, out.shape), cache)
        assert_shape(dx, x.shape, name="dx")
        if len(grads) != len(params):
            fail(
                say(
                    "grads must have {n} pairs, one for each layer; it has {n2}.",
                    n=len(params),
                    n2=len(grads),
                )
            )
        for i, ((w, b), pair) in enumerate(zip(params, grads, strict=True)):
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                fail(say("grads[{i}] must be a pair (dw, db).", i=i))
            assert_shape(pair[0], w.shape, name=say("grads[{i}][0], the dw of layer {i},", i=i))
            assert_shape(pair[1], b.shape, name=say("grads[{i}][1], the db of layer {i},", i=i))


@pytest.mark.points(3)
@pytest.mark.after(NETWORK_BACK)
def test_network_backward(student, rng):
    """mlp_backward is the gradient of your own mlp_forward, by x and by every w and b."""
    # The square layers first: there gradients of the wrong layer have a fitting shape.
    for shape, sizes in (((3, 3), (3, 3)), ((3, 2, 2), (4, 3))):
        x, params = network(rng, shape, sizes)
        assert_gradients(student.mlp_forward, student.mlp_backward, x, params)


@pytest.mark.points(2)
@pytest.mark.after(NETWORK_BACK)
def test_deeper_network_backward(student, rng):
    """The same for one layer alone and for three."""
    for shape, sizes in (((3, 4), (2,)), ((2, 3), (4, 3, 2))):
        x, params = network(rng, shape, sizes)
        assert_gradients(student.mlp_forward, student.mlp_backward, x, params)


@pytest.mark.points(1)
@pytest.mark.after(NETWORK_BACK)
def test_units_that_are_off(student, rng):
    """Through a hidden unit whose sum is 0 or below, nothing flows back."""
    for what, start in ((say("below 0"), -1.0), (say("exactly 0"), 0.0)):
        x, params = deep(rng, (3, 4), (5, 2))
        params[0] = (params[0][0], np.full(5, start))
        _, cache = student.mlp_forward(0 * x, params)
        dout = upstream(rng, (3, 2))
        dx, grads = student.mlp_backward(dout, cache)
        because = say("x is zero and all hidden sums are {what}:", what=what)
        assert_same(dx, 0 * x, name="dx", because=because)
        assert_same(grads[0][0], np.zeros((4, 5)), name=say("dw of layer 0"), because=because)
        assert_same(grads[0][1], np.zeros(5), name=say("db of layer 0"), because=because)
        assert_same(grads[1][1], dout.sum(axis=0), name=say("db of layer 1"), because=because)


@pytest.mark.points(1)
@pytest.mark.after(NETWORK_BACK, "test_units_that_are_off")
def test_network_has_no_hidden_state(student, rng):
    """Two networks run forward before one goes backward; x, params and dout are left alone."""
    first, second = (network(rng, (4, 3), (5, 2)) for _ in range(2))
    other = deep(rng, (2, 4), (3, 5, 2))
    assert_caches_apart(student.mlp_forward, student.mlp_backward, rng, first, second, other)


@pytest.mark.points(1)
@pytest.mark.after(NETWORK_BACK, "test_other_number_types", "test_units_that_are_off")
def test_network_with_other_number_types(student, rng):
    """A network computes the same in float32, and whole numbers may meet fractions."""

    def typed(x, params, dtype):
        return x.astype(dtype), [(w.astype(dtype), b.astype(dtype)) for w, b in params]

    x, params = network(rng, (4, 3), (5, 2))
    whole, wholes = typed(4 * x, [(4 * w, 4 * b) for w, b in params], int)
    cases = {
        say("In float32"): typed(x, params, np.float32),
        say("With whole numbers in x, and fractions in w and b"): (whole, params),
        say("With whole numbers in w and b, and fractions in x"): (x, wholes),
        say("With bytes (uint8) in x"): (rng.integers(0, 9, x.shape).astype(np.uint8), params),
    }
    floats = [typed(*case, float) for case in cases.values()]
    answers = student.mlp_forward.map([*floats, *cases.values()])
    dout = upstream(rng, answers[0][0].shape)
    gradients = student.mlp_backward.map([(dout, cache) for _, cache in answers])
    for i, what in enumerate(cases):
        because = say(
            "{what}; expected is your own answer to the same numbers in float64:", what=what
        )
        (out, _), (dx, grads) = answers[len(cases) + i], gradients[len(cases) + i]
        (want, _), (want_dx, want_grads) = answers[i], gradients[i]
        assert_same(out, want, tolerance=1e-4, because=because)
        assert_same(dx, want_dx, name="dx", tolerance=1e-4, because=because)
        for layer, (pair, right) in enumerate(zip(grads, want_grads, strict=True)):
            name = f"grads[{layer}]"
            assert_same(list(pair), list(right), name=name, tolerance=1e-4, because=because)


# Whatever the sizes
