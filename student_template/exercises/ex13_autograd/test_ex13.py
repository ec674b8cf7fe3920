"""The checks of ex13: a graph of operations, its gradients, and a network that is trained with them."""

import inspect

import numpy as np
import pytest

from grader.checks import (
    assert_gradients,
    assert_raises,
    assert_same,
    assert_shape,
    distinct_values,
    fail,
    grid_values,
    say,
    upstream,
)
from grader.errors import CheckEnded

VALUES = "test_values_of_sums_and_products"
USED, ORDER = "test_a_value_used_twice", "test_order_of_the_graph"
LOSS = "test_cross_entropy"


def passes(module, expression):
    """Forward and backward of an expression of tensors, for `assert_gradients`."""

    def forward(*arrays):
        leaves = [module.Tensor(a) for a in arrays]
        out = expression(*leaves)
        return out.data, (out, leaves)

    def backward(dout, cache):
        out, leaves = cache
        (out * dout).sum().backward()
        gradients = tuple(leaf.grad for leaf in leaves)
        return gradients if len(gradients) > 1 else gradients[0]

    forward.__signature__ = inspect.signature(expression)  # its gradients are called dx, dw, …
    return forward, backward


def assert_slopes(student, reference, expression, *arrays):
    """Fail unless the gradients of an expression are right."""
    assert_gradients(*passes(student, expression), *arrays, exact=passes(reference, expression))


def slopes(module, expression, *arrays):
    """What one backward pass from a number leaves in each tensor that it was made of."""
    leaves = [module.Tensor(a) for a in arrays]
    expression(*leaves).backward()
    return [leaf.grad for leaf in leaves]


# Values


@pytest.mark.points(1)
def test_new_tensor(student, rng):
    """A new tensor has its data as floats, and a gradient of zeros in the same shape."""
    for data in (grid_values(rng, (2, 3)), np.array([[1], [2]]), [3, 4, 5], 7):
        tensor = student.Tensor(data)
        want, because = np.array(data, float), say("For Tensor({data!r}):", data=data)
        assert_same(tensor.data, want, name="data", because=because)
        assert_shape(tensor.grad, want.shape, name="grad", because=because)
        assert_same(tensor.grad, np.zeros(want.shape), name="grad", because=because)
        half = tensor * 0.5
        assert_same(half.data, want / 2, name="(t * 0.5).data", because=because)


@pytest.mark.points(2)
@pytest.mark.after("test_new_tensor")
def test_values_of_sums_and_products(student, rng):
    """Sums and products of tensors, arrays and numbers, on either side, with broadcasting."""
    a, b = grid_values(rng, (2, 3)), grid_values(rng, (2, 3))
    x, y = student.Tensor(a), student.Tensor(b)
    row, column = grid_values(rng, 3), grid_values(rng, (2, 1))
    for name, got, want in (
        ("x + y", x + y, a + b),
        ("x * y", x * y, a * b),
        ("x + 2", x + 2, a + 2),
        ("2 + x", 2 + x, a + 2),
        ("x * 0.5", x * 0.5, a / 2),
        ("3 * x", 3 * x, 3 * a),
        ("x + array", x + b, a + b),
        ("x * array", x * b, a * b),
        ("x + row", x + student.Tensor(row), a + row),
        ("column * x", student.Tensor(column) * x, column * a),
        ("row + column", student.Tensor(row) + student.Tensor(column), row + column),
    ):
        assert_same(got.data, want, name=f"({name}).data")


@pytest.mark.points(1)
@pytest.mark.after("test_new_tensor")
def test_values_of_matrix_products(student, rng):
    """x @ w is the matrix product."""
    for n, d, m in ((2, 3, 4), (1, 2, 1), (3, 1, 2)):
        a, b = grid_values(rng, (n, d)), grid_values(rng, (d, m))
        if m == 1:  # bytes, which would overflow
            a, b = np.uint8([[200, 7]]), np.uint8([[200], [7]])
        out = student.Tensor(a) @ student.Tensor(b)
        assert_same(
            out.data,
            a.astype(float) @ b,
            name="(x @ w).data",
            because=say("For {x} @ {w}:", x=a.shape, w=b.shape),
        )


@pytest.mark.points(1)
@pytest.mark.after("test_new_tensor")
def test_values_of_functions(student, rng):
    """relu, exp and log act on each entry."""
    a = distinct_values(rng, (3, 4))
    a[1, 1] = 0
    x, positive = student.Tensor(a), np.abs(a) + 0.5
    assert_same(x.relu().data, np.maximum(a, 0), name="x.relu().data")
    assert_same(x.exp().data, np.exp(a), name="x.exp().data")
    assert_same(student.Tensor(positive).log().data, np.log(positive), name="x.log().data")


@pytest.mark.points(1)
@pytest.mark.after("test_new_tensor")
def test_values_of_sum_and_reshape(student, rng):
    """sum has NumPy's axis and keepdims, and reshape its order."""
    a = grid_values(rng, (2, 3, 4))
    x = student.Tensor(a)
    assert_same(x.sum().data, a.sum(), name="x.sum().data")
    for axis in (0, 1, 2, -1):
        for keepdims in (False, True):
            got, want = x.sum(axis, keepdims).data, a.sum(axis, keepdims=keepdims)
            assert_shape(got, want.shape, name=f"x.sum({axis}, {keepdims}).data")
            assert_same(got, want, name=f"x.sum({axis}, {keepdims}).data")
    for shape in ((6, 4), (24,), (4, 3, 2)):
        assert_same(x.reshape(shape).data, a.reshape(shape), name=f"x.reshape({shape}).data")


# Gradients of single operations


@pytest.mark.points(1)
@pytest.mark.after(VALUES, "test_values_of_sum_and_reshape")
def test_gradient_of_a_sum(student):
    """Every entry of a sum has the slope 1, and its gradient is an array of x's shape."""
    for shape in ((2, 3), (4,), ()):
        (got,) = slopes(student, lambda x: (x + 1.0).sum(), np.full(shape, 2.0))
        assert_shape(got, shape, name="x.grad", because=say("For x of shape {shape}:", shape=shape))
        assert_same(got, np.ones(shape), name="x.grad", because="After (x + 1).sum().backward():")


@pytest.mark.points(3)
@pytest.mark.after("test_gradient_of_a_sum")
def test_gradients_of_sums_and_products(student, reference, rng):
    """x + y and x * y, of tensors, arrays and numbers."""
    a, b, c = (grid_values(rng, (2, 3)) for _ in range(3))
    for expression in (
        lambda x, y: x + y,
        lambda x, y: x * y,
        lambda x, y: 2 + 3 * x + y * c + 0.5,
    ):
        assert_slopes(student, reference, expression, a, b)
    for data in ([3, 4, 5], np.arange(3), 7):
        (got,) = slopes(student, lambda x: (x * 0.5).sum(), data)
        want = np.full(np.shape(data), 0.5)
        assert_same(
            got,
            want,
            name="x.grad",
            because=say("After (x * 0.5).sum(), x = Tensor({data!r}):", data=data),
        )


@pytest.mark.points(3)
@pytest.mark.after("test_gradients_of_sums_and_products")
def test_gradients_of_what_is_repeated(student, reference, rng):
    """What broadcasting repeats gets the sum of what comes back, in its own shape."""
    for left, right in (
        ((2, 3), (3,)),
        ((2, 1), (2, 3)),
        ((2, 3), ()),
        ((3,), (2, 1)),
        ((2, 1), (3, 2, 2)),
    ):
        a, b = grid_values(rng, left), grid_values(rng, right)
        assert_slopes(student, reference, lambda x, y: x + y, a, b)
        assert_slopes(student, reference, lambda x, y: x * y, a, b)


@pytest.mark.points(2)
@pytest.mark.after("test_values_of_matrix_products", "test_gradients_of_sums_and_products")
def test_gradients_of_a_matrix_product(student, reference, rng):
    """x @ w sends a gradient to both."""
    for n, d, m in ((2, 3, 4), (3, 1, 2)):
        a, b = grid_values(rng, (n, d)), grid_values(rng, (d, m))
        assert_slopes(student, reference, lambda x, w: x @ w, a, b)


@pytest.mark.points(3)
@pytest.mark.after("test_values_of_functions", "test_gradients_of_sums_and_products")
def test_gradients_of_functions(student, reference, rng):
    """relu, exp and log; the slope of relu at 0 is 0."""
    a = distinct_values(rng, (3, 4))
    assert_slopes(student, reference, lambda x: x.relu(), a)
    assert_slopes(student, reference, lambda x: x.exp(), a)
    assert_slopes(student, reference, lambda x: x.log(), np.abs(a) + 0.5)
    (at_zero,) = slopes(student, lambda x: x.relu().sum(), np.array([-1.0, 0.0, -0.0, 2.0]))
    assert_same(
        at_zero, np.array([0.0, 0, 0, 1]), name="x.grad", because="For relu at -1, 0, 0, 2:"
    )


@pytest.mark.points(2)
@pytest.mark.after("test_gradients_of_sums_and_products")
def test_gradients_of_sum_and_reshape(student, reference, rng):
    """A sum sends its gradient to all that was added, and reshape sends each entry back to its place."""
    a = grid_values(rng, (2, 3, 4))
    for shape in ((6, 4), (24,)):
        assert_slopes(student, reference, lambda x, s=shape: x.reshape(s), a)
    for axis in (None, 0, 1, -1):
        for keepdims in (False, True):
            assert_slopes(student, reference, lambda x, a=axis, k=keepdims: x.sum(a, k), a)


# The graph


@pytest.mark.points(3)
@pytest.mark.after("test_gradients_of_sums_and_products")
def test_a_value_used_twice(student, reference, rng):
    """What is used twice gets two gradients: they add up."""
    a, b = grid_values(rng, (2, 2)), grid_values(rng, (2, 2))
    for expression in (
        lambda x, y: x + x + y,
        lambda x, y: x * x + y,
        lambda x, y: (x * y) * x,
        lambda x, y: (x + y) * (x + y),
    ):
        assert_slopes(student, reference, expression, a, b)


@pytest.mark.points(3)
@pytest.mark.after(USED)
def test_order_of_the_graph(student, reference, rng):
    """An operation passes its gradient on when all of it has arrived: near and far uses are waited for."""

    def near_and_far(x):
        y = x * x
        far = ((y + 1) * 2 + y).relu()
        return y + far * y

    def far_and_near(x):
        y = x * x
        far = ((y + 1) * 2 + y).relu()
        return far * y + y

    def crossed(x):
        y, z = x * 2, x * x
        for _ in range(3):
            y, z = y + z, y * z
        return y * z + x

    for expression in (near_and_far, far_and_near, crossed):
        assert_slopes(student, reference, expression, 0.5 * distinct_values(rng, (2, 2)))


@pytest.mark.points(2)
@pytest.mark.after(ORDER)
def test_many_ways_through_the_graph(student):
    """Each operation is gone through once, though a billion ways lead to x; a chain of 200 is no problem."""

    def expression(x):
        for _ in range(30):  # nobody has time to go each way for itself
            x = x + x
        for _ in range(170):
            x = x + 0.25
        return x.sum()

    because = "x was doubled 30 times, as x + x, and 170 sums came after that:"
    (got,) = slopes(student, expression, np.array([1.0, 2.0]))
    assert_same(got, np.full(2, 2.0**30), name="x.grad", because=because)


@pytest.mark.points(3)
@pytest.mark.after(USED)
def test_backward_passes_add_up(student, rng):
    """Backward passes add to the gradients of what you made; computed tensors begin with zeros."""
    a, b = grid_values(rng, (2, 3)), grid_values(rng, (2, 3))
    x, y = student.Tensor(a), student.Tensor(b)
    z = x * y
    loss = (z * z).sum()
    once = 2 * a * b * b, 2 * b * a * a
    for times in (1, 2, 3):
        loss.backward()
        for name, leaf, want in zip(("x.grad", "y.grad"), (x, y), once, strict=True):
            because = say(
                "After loss.backward(), {times} times, for loss = (z * z).sum() and z = x * y:",
                times=times,
            )
            assert_same(leaf.grad, times * want, name=name, because=because)
    x.grad = np.zeros((2, 3))
    (x + x * 2).sum().backward()
    because = "x.grad was set to zeros before (x + x * 2).sum().backward():"
    assert_same(x.grad, np.full((2, 3), 3.0), name="x.grad", because=because)
    assert_same(y.grad, 3 * once[1], name="y.grad", because="y has no part in it:")


@pytest.mark.points(1)
@pytest.mark.after("test_gradient_of_a_sum")
def test_backward_begins_at_one_number(student, rng):
    """backward of more than one number is a ValueError; one number may have any shape."""
    x = student.Tensor(grid_values(rng, (2, 3)))
    assert_raises((x * 2).backward, "ValueError")
    assert_same(
        x.grad, np.zeros((2, 3)), name="x.grad", because="After a backward that was refused:"
    )
    (got,) = slopes(student, lambda x: (x * 3).sum(0, True).sum(1, True), np.ones((2, 2)))
    assert_same(got, np.full((2, 2), 3.0), name="x.grad", because="From a number of shape (1, 1):")


@pytest.mark.points(2)
@pytest.mark.after(ORDER)
def test_graphs_are_apart(student, rng):
    """Two graphs that share nothing do not disturb each other, and data stays as it was."""
    a, b = grid_values(rng, (2, 2)), grid_values(rng, (2, 2))
    x, y = student.Tensor(a), student.Tensor(b)
    first, second = (x * x).sum(), (y * y * y).sum()
    third = (x * 5).sum()
    second.backward()
    assert_same(x.grad, np.zeros((2, 2)), name="x.grad", because="Only y's graph went back:")
    first.backward()
    assert_same(x.grad, 2 * a, name="x.grad", because="After y's graph, x's went back:")
    assert_same(y.grad, 3 * b * b, name="y.grad", because="After y's graph, x's went back:")
    third.backward()
    assert_same(x.grad, 2 * a + 5, name="x.grad", because="After two graphs of x:")
    for name, tensor, data in (("x.data", x, a), ("y.data", y, b)):
        assert_same(tensor.data, data, name=name, because="After three backward passes:")


# Training


@pytest.mark.points(2)
@pytest.mark.after(VALUES)
def test_cross_entropy(student, rng):
    """The loss is the mean of -log softmax of the right class, for logits of any size."""
    for n, k in ((4, 3), (1, 2), (2, 5)):
        logits, labels = grid_values(rng, (n, k)), rng.integers(0, k, n)
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        want = -np.log(p[np.arange(n), labels]).mean()
        loss = student.cross_entropy(student.Tensor(logits), labels).data
        if np.size(loss) != 1:
            fail(say("The loss must be one number; its shape is {loss}.", loss=np.shape(loss)))
        assert_same(
            np.reshape(loss, ()),
            want,
            name="loss",
            because=say("For logits {value}:", value=(n, k)),
        )
    far = np.array([[2000.0, 0.0, 1000.0], [-3000.0, -1000.0, 0.0]])
    loss = student.cross_entropy(student.Tensor(far), np.array([2, 1])).data
    assert_same(np.reshape(loss, ()), 1000.0, name="loss", because="For logits of some thousands:")


@pytest.mark.points(2)
@pytest.mark.after(LOSS, ORDER)
def test_cross_entropy_backward(student, rng):
    """The gradient of the loss is softmax, less 1 at the label, over N."""
    for logits in (grid_values(rng, (4, 3)), np.array([[2000.0, 0.0], [0.0, 3000.0]])):
        n, k = logits.shape
        labels = rng.integers(0, k, n)
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        (got,) = slopes(student, lambda x, y=labels: student.cross_entropy(x, y), logits)
        assert_same(
            got,
            (p - np.eye(k)[labels]) / n,
            name="logits.grad",
            because=say("For logits {value}:", value=(n, k)),
        )


@pytest.mark.points(2)
@pytest.mark.after("test_cross_entropy_backward")
def test_training_begins(student, reference, rng):
    """Weights are drawn as the handout says, and the first steps are those of gradient descent."""
    x, labels = grid_values(rng, (6, 4)), np.array([0, 1, 2, 0, 1, 2])
    for steps in (0, 1, 3):
        because = say("After {steps} steps:", steps=steps)
        given = x, labels, 5, 3, 0.5, steps
        weights, history = student.train(*given, np.random.default_rng(7))
        want, losses = reference.train(*given, np.random.default_rng(7))
        if len(weights) != 4:
            fail(
                say(
                    "weights must be a list of w1, b1, w2 and b2; it has {n} entries.",
                    n=len(weights),
                )
            )
        for name, got, right in zip(("w1", "b1", "w2", "b2"), weights, want, strict=True):
            assert_shape(got, right.shape, name=name, because=because)
            assert_same(got, right, name=name, because=because)
        if len(history) != steps:
            fail(
                say(
                    "history must have one loss for each step; after {steps} it has {n}.",
                    steps=steps,
                    n=len(history),
                )
            )
        for index, (got, right) in enumerate(zip(history, losses, strict=True)):
            assert_same(got, right, name=f"history[{index}]", because=because)


@pytest.mark.points(3)
@pytest.mark.after("test_training_begins")
def test_training_learns(student, reference, rng):
    """Sixty steps separate three classes that no line separates, as with the engine of the course."""
    x = rng.normal(size=(60, 2))
    labels = (np.hypot(*x.T) > 0.8).astype(int) + (np.hypot(*x.T) > 1.4)
    given = x, labels, 12, 3, 0.5, 60
    weights, history = student.train(*given, np.random.default_rng(3))
    want, losses = reference.train(*given, np.random.default_rng(3))
    assert_same(np.array(history, float), np.array(losses), name="history", tolerance=1e-6)
    for name, got, right in zip(("w1", "b1", "w2", "b2"), weights, want, strict=True):
        assert_same(got, right, name=name, tolerance=1e-6)


@pytest.mark.points(3)
@pytest.mark.after("test_training_begins")
def test_a_thousand_steps_fit_into_memory(student, rng):
    """A thousand steps need no more memory than a few: nothing of an earlier step is kept."""
    x, labels = rng.normal(size=(500, 4)), rng.integers(0, 3, 500)
    for steps in (10, 1000):
        # The graphs of all steps together are larger than what a submission may have (exercise.toml).
        try:
            given = x, labels, 8, 3, 0.1, steps, np.random.default_rng(5)
            _, history = student.train(*given)
        except CheckEnded as end:
            full = end.exception == "MemoryError"
            if steps == 10 or not (
                full or end.outcome == "crashed"
            ):  # in NumPy's sums it may crash
                raise
            fail(
                "10 steps fit into memory, 1000 do not: something of every step is kept."
                if full
                else end.message,
                hint="A tensor keeps all that it was computed from. After a step, what still refers to "
                "one of its tensors: a list in train or outside of any function, or new weights that "
                "were computed as tensors?",
            )
    if not history[-1] < history[0]:
        fail(
            say(
                "After 1000 steps the loss is {history:.3f}; it began at {history2:.3f}.",
                history=history[-1],
                history2=history[0],
            )
        )
