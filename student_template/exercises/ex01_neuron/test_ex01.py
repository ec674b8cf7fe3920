"""The checks of ex01: the threshold neuron, logic from neurons, the perceptron, a layer."""

import math

import numpy as np
import pytest

from grader.checks import (
    assert_arguments_unchanged,
    assert_results_kept,
    assert_same,
    assert_shape,
    fail,
    grid_values,
    say,
)

NEURON = "test_threshold_neuron"
GATES = ("test_and_gate", "test_or_gate", "test_not_gate", "test_xor_gate")
PERCEPTRON = "test_perceptron_by_hand"
LAYER = "test_layer_shape"


def fires(x, w, b):
    """What a threshold neuron answers."""
    return (x @ w + b >= 0).astype(int)


def assert_truth_table(gate, table):
    """Each row alone, then all rows in another order, some of them twice, as floats."""
    answers = {row: gate(np.array([row])) for row in table}
    wrong = []
    for row, want in table.items():
        call = f"{gate.name}([{list(row)}])"
        assert_shape(answers[row], (1,), name=call)
        if answers[row][0] != want:
            wrong.append(
                say(
                    "  {call} is {value}, expected [{want}]",
                    call=call,
                    value=answers[row].tolist(),
                    want=want,
                )
            )
    if wrong:
        fail(
            "\n".join([say("{n} of {n2} answers are wrong:", n=len(wrong), n2=len(table)), *wrong])
        )
    rows = [*reversed(table), *table, next(iter(table))]
    assert_same(
        gate(np.array(rows, float)),
        np.array([table[row] for row in rows]),
        name="y",
        because=say(
            "{gate} was given {n} examples at once, one a row:", gate=gate.name, n=len(rows)
        ),
    )


def points_around(ends):
    """For each point of the table's two ends: itself, points on one side of it, and those opposite.

    A neuron answers 1 on one side of a line, so it cannot answer one thing in the middle of two points
    and the other at both.
    """
    ways = 4 * np.array([[1, 1], [1, -1], [1, 0], [0, 1]])[:, : ends.shape[1]]
    return np.concatenate([[end, *(end - ways), *(end + ways)] for end in ends])


def separable(rng, n, d):
    """Examples that one neuron can tell apart, and a bound on its mistakes: (R / margin)²."""
    while True:
        w, b = grid_values(rng, d), float(grid_values(rng, ()))
        x = grid_values(rng, (20 * n, d))
        x = x[np.abs(x @ w + b) >= 1 / 2][:n]
        sums = x @ w + b
        y = (sums >= 0).astype(int)
        if len(x) == n and 2 < y.sum() < n - 2:
            break
    radius = (x**2).sum(axis=1).max() + 1
    return x, y, math.ceil(radius * (w @ w + b * b) / (sums**2).min())


# One neuron


@pytest.mark.points(2)
def test_threshold_neuron(student, rng):
    """A neuron answers 1 where the weighted sum of its inputs plus b is at least 0, otherwise 0."""
    for n, d in [(5, 3), (1, 4), (8, 1)]:
        half, w, b = grid_values(rng, (n, d)), grid_values(rng, d), float(grid_values(rng, ()))
        x = np.concatenate([half, -half]) if n > 1 else half
        for bias in (b, -b, 0.0):
            assert_same(
                student.threshold_neuron(x, w, bias),
                fires(x, w, bias),
                name="y",
                because=say(
                    "For x {x}, w {w}, b = {bias:g}:",
                    x=x.shape,
                    w=w.shape,
                    bias=bias,
                ),
            )


@pytest.mark.points(1)
@pytest.mark.after(NEURON)
def test_neuron_by_hand(student):
    """An example by hand: weights 2 and -1, bias -1."""
    x = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 2.0], [3.0, -2.0]])
    want = np.array([1, 0, 1, 0, 1])
    assert_same(student.threshold_neuron(x, np.array([2.0, -1.0]), -1.0), want, name="y")


@pytest.mark.points(2)
@pytest.mark.after(NEURON)
def test_fires_on_the_boundary(student, rng):
    """Where the weighted sum plus b is exactly 0 the neuron fires; a little below it does not."""
    x, w = grid_values(rng, (6, 3)), grid_values(rng, 3)
    for row in x:
        below = row - 2.0**-8 * np.array([np.sign(w[0]), 0, 0])
        got = student.threshold_neuron(np.stack([row, below]), w, -float(row @ w))
        because = (
            "x·w + b is exactly 0 for the first example, which is enough, then a little below 0:"
        )
        assert_same(got, np.array([1, 0]), name="y", because=because)


@pytest.mark.points(1)
@pytest.mark.after(NEURON)
def test_neuron_with_other_number_types(student, rng):
    """Whole numbers, float32, and arrays that are not contiguous work, too; nothing is changed."""
    x, w = rng.integers(-4, 5, (7, 3)), np.array([2, -1, 3])
    got = assert_arguments_unchanged(student.threshold_neuron, x, w, -1)
    assert_same(got, fires(x, w, -1), name="y", because="With whole numbers:")
    x, w, b = grid_values(rng, (6, 5)), grid_values(rng, 5), float(grid_values(rng, ()))
    single = student.threshold_neuron(x.astype(np.float32), w.astype(np.float32), b)
    assert_same(single, fires(x, w, b), name="y", because="In float32:")
    got = assert_arguments_unchanged(student.threshold_neuron, np.asfortranarray(x), w, b)
    assert_same(got, fires(x, w, b), name="y", because="With x not contiguous:")


# Logic


@pytest.mark.points(1)
def test_and_gate(student):
    """AND: 1 only where both inputs are 1."""
    assert_truth_table(student.and_gate, {(0, 0): 0, (0, 1): 0, (1, 0): 0, (1, 1): 1})


@pytest.mark.points(1)
def test_or_gate(student):
    """OR: 1 where at least one input is 1."""
    assert_truth_table(student.or_gate, {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 1})


@pytest.mark.points(1)
def test_not_gate(student):
    """NOT: 1 where the input is 0, and 0 where it is 1."""
    assert_truth_table(student.not_gate, {(0,): 1, (1,): 0})


@pytest.mark.points(2)
def test_xor_gate(student):
    """XOR: 1 where exactly one input is 1; it takes two layers."""
    assert_truth_table(student.xor_gate, {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 0})


@pytest.mark.points(1)
@pytest.mark.after(NEURON, *GATES)
def test_answers_are_numbers(student):
    """Neurons and gates answer with the whole numbers 0 and 1, not with True, False, 1.0 or 0.0."""
    pairs = points_around(np.array([[0, 0], [1, 1]]))
    around = {
        student.and_gate: pairs,
        student.or_gate: pairs,
        student.not_gate: points_around(np.array([[0], [1]])),
    }
    others = np.array([[0.25, 0.5], [3.0, -2.0], [-1.5, 7.25], [0.75, 0.75]])
    answers = {
        student.threshold_neuron: student.threshold_neuron(pairs, np.array([1, 1]), -2),
        **{gate: gate(points) for gate, points in around.items()},
        student.xor_gate: student.xor_gate(others),
    }
    for function, got in answers.items():
        if got.dtype.kind == "f":
            fail(
                say(
                    "{function} answers with floats, 1.0 and 0.0, instead of whole numbers.",
                    function=function.name,
                ),
                hint=".astype(int) turns them into whole numbers.",
            )
        if got.dtype.kind == "b":
            fail(
                say(
                    "{function} answers with True and False instead of 1 and 0.",
                    function=function.name,
                ),
                hint="A comparison gives truth values: .astype(int) turns them into numbers, which "
                "can be multiplied with the next layer's weights and subtracted from labels.",
            )
    for gate, points in around.items():
        got = answers[gate]
        assert_shape(
            got, (len(points),), name=say("{gate} of {n} examples", gate=gate.name, n=len(points))
        )
        here, before, after = np.split(got.reshape(2, 9), [1, 5], axis=1)
        odd = (before != here) & (after != here)
        if not np.isin(got, (0, 1)).all() or odd.any():
            fail(
                say(
                    "{gate} answers {value} to the inputs {value2}; no weights and bias of one threshold "
                    "neuron do that.",
                    gate=gate.name,
                    value=got.tolist(),
                    value2=points.tolist(),
                ),
                hint="Choose weights and a bias, and call threshold_neuron.",
            )
    # A network of threshold neurons answers 0 or 1 to any numbers, what is looked up does not.
    if not np.isin(answers[student.xor_gate], (0, 1)).all():
        fail(
            say(
                "xor_gate answers {value} to the inputs {value2}; threshold neurons answer 0 or 1, "
                "whatever the numbers are.",
                value=answers[student.xor_gate].tolist(),
                value2=others.tolist(),
            ),
            hint="Build it from two layers of threshold neurons.",
        )


# The perceptron


@pytest.mark.points(2)
def test_perceptron_by_hand(student):
    """Rosenblatt's rule on three examples, worked by hand."""
    x = np.array([[2.0, 1.0], [-1.0, 2.0], [1.0, 2.0]])
    y = np.array([0, 0, 1])
    wanted = {1: ([-1.0, 1.0], 0.0), 2: ([1.0, 1.0], 0.0), 3: ([1.0, 0.0], -1.0)}
    answers = {epochs: student.perceptron_fit(x, y, epochs) for epochs in wanted}
    for epochs, (weights, bias) in wanted.items():
        w, b = answers[epochs]
        because = say("After epochs={epochs}:", epochs=epochs)
        assert_same(w, np.array(weights), name="w", because=because)
        assert_same(b, bias, name="b", because=because)


@pytest.mark.points(2)
@pytest.mark.after(PERCEPTRON)
def test_perceptron_follows_the_rule(student, reference, rng):
    """After each wrong answer the weights change by (y - answer)·x and the bias by (y - answer)."""
    cases = [(9, 4, 1), (9, 4, 2), (6, 3, 7), (1, 2, 3), (5, 1, 4)]
    # One comes twice, with other numbers: an answer that was remembered is no longer right.
    for what, n, d, epochs in [*(("x", *case) for case in cases), ("another x", 9, 4, 2)]:
        x, y = grid_values(rng, (n, d)), rng.integers(0, 2, n)
        y[0] = 0  # an untrained neuron fires, so this one is a mistake
        w, b = student.perceptron_fit(x, y, epochs)
        want_w, want_b = reference.perceptron_fit(x, y, epochs)
        because = say("For {what} {x} and epochs={epochs}:", what=what, x=x.shape, epochs=epochs)
        assert_same(w, want_w, name="w", because=because)
        assert_same(b, want_b, name="b", because=because)
    x, y = np.array([[1.0], [3.0]]), np.array([1, 0])
    wanted = [(1, -3.0, -1.0), (2, -2.0, 0.0), (3, -1.0, 1.0)]
    answers = assert_results_kept(
        student.perceptron_fit, *[(x, y, epochs) for epochs, *_ in wanted]
    )
    for (epochs, weight, bias), (w, b) in zip(wanted, answers, strict=True):
        because = say(
            "x = [[1], [3]], y = [1, 0]; the first epoch has one mistake. epochs={epochs}:",
            epochs=epochs,
        )
        assert_same(w, np.array([weight]), name="w", because=because)
        assert_same(b, bias, name="b", because=because)


@pytest.mark.points(1)
@pytest.mark.after(PERCEPTRON)
def test_perceptron_starts_at_zero(student, rng):
    """All weights are zero at first, so the neuron fires; where that is right nothing is learned."""
    x = grid_values(rng, (5, 3))
    for y, epochs in [(np.ones(5, int), 4), (np.zeros(5, int), 0)]:
        w, b = student.perceptron_fit(x, y, epochs)
        because = say("With y all {y} and epochs={epochs}:", y=y[0], epochs=epochs)
        assert_same(w, np.zeros(3), name="w", because=because)
        assert_same(b, 0.0, name="b", because=because)


@pytest.mark.points(2)
@pytest.mark.after(PERCEPTRON)
def test_perceptron_converges(student, rng):
    """If a neuron can answer all examples right, the rule finds one after so many epochs, and stays."""
    for n, d in [(13, 3), (11, 2)]:
        x, y, mistakes = separable(rng, n, d)
        # An epoch with a mistake in it costs one of them, so the last epoch here is free of mistakes.
        w, b = student.perceptron_fit(x, y, mistakes + 1)
        assert_same(fires(x, w, b), y, name=say("answers of the trained neuron"))
        later, bias = student.perceptron_fit(x, y, mistakes + 30)
        assert_same(
            later, w, name="w", because="When all answers are right nothing changes any more:"
        )
        assert_same(
            bias, b, name="b", because="When all answers are right nothing changes any more:"
        )


@pytest.mark.points(1)
@pytest.mark.after(PERCEPTRON)
def test_perceptron_and_xor(student, reference):
    """One neuron cannot learn XOR: the rule runs in a circle and never stops changing the weights."""
    x, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])
    for epochs in (1, 2, 3, 4, 12, 25):
        w, b = student.perceptron_fit(x, y, epochs)
        want_w, want_b = reference.perceptron_fit(x, y, epochs)
        because = say(
            "The four examples of XOR, in the order of a truth table, epochs={epochs}:",
            epochs=epochs,
        )
        assert_same(w, want_w, name="w", because=because)
        assert_same(b, want_b, name="b", because=because)


# A layer


@pytest.mark.points(1)
def test_layer_shape(student, rng):
    """A layer of M neurons answers N examples with an array of shape (N, M)."""
    # Square arrays first: there even a wrong product has a value, by which the mistake is recognised.
    for n, d, m in [(4, 4, 4), (5, 3, 4), (1, 6, 2), (7, 1, 3), (3, 4, 1)]:
        x, w, b = grid_values(rng, (n, d)), grid_values(rng, (d, m)), grid_values(rng, m)
        out = student.layer(x, w, b)
        assert_shape(
            out,
            (n, m),
            because=say(
                "For x {x}, w {w}, b {b}:",
                x=x.shape,
                w=w.shape,
                b=b.shape,
            ),
        )


@pytest.mark.points(2)
@pytest.mark.after(LAYER)
def test_layer_values(student, rng):
    """Entry [n, m] is the sum of example n's inputs times column m of the weights, plus b[m]."""
    for n, d, m in [(5, 3, 4), (4, 4, 4), (1, 2, 6), (6, 1, 1)]:
        x, w, b = grid_values(rng, (n, d)), grid_values(rng, (d, m)), grid_values(rng, m)
        want = np.array([[(x[i] * w[:, j]).sum() + b[j] for j in range(m)] for i in range(n)])
        assert_same(
            student.layer(x, w, b),
            want,
            because=say(
                "For x {x}, w {w}, b {b}:",
                x=x.shape,
                w=w.shape,
                b=b.shape,
            ),
        )


@pytest.mark.points(1)
@pytest.mark.after(LAYER, NEURON)
def test_layer_is_many_neurons(student, rng):
    """Column m of a layer, with a threshold, is what your own neuron with w[:, m] and b[m] answers."""
    half, w, b = grid_values(rng, (4, 3)), grid_values(rng, (3, 5)), grid_values(rng, 5)
    x = np.concatenate([half, -half])
    out = student.layer(x, w, b)
    for m in range(5):
        alone = student.threshold_neuron(x, w[:, m], float(b[m]))
        assert_same((out[:, m] >= 0).astype(int), alone, name=f"(out[:, {m}] >= 0)")


@pytest.mark.points(1)
@pytest.mark.after(LAYER)
def test_layer_bias(student, rng):
    """Where all inputs are 0, every row of the output is b, whatever the sizes."""
    for n, m in [(3, 5), (4, 4)]:
        w, b = grid_values(rng, (2, m)), grid_values(rng, m)
        out = student.layer(np.zeros((n, 2)), w, b)
        try:
            assert_same(
                out,
                np.tile(b, (n, 1)),
                because=say(
                    "x is zero, of shape {value}; b is {value2}:", value=(n, 2), value2=(m,)
                ),
            )
        except Exception as end:
            if not out.any():
                end.hint = say(
                    "Here all products are 0, and what is left is the bias: it is added to the finished "
                    "sum."
                )
            raise


@pytest.mark.points(1)
@pytest.mark.after(LAYER)
def test_layer_with_other_number_types(student, rng):
    """Whole numbers, float32, views, large and small numbers work; x, w and b are left alone."""
    x, w, b = grid_values(rng, (6, 3)), grid_values(rng, (3, 4)), grid_values(rng, 4)
    want = x @ w + b
    single = [a.astype(np.float32) for a in (x, w, b)]
    assert_same(student.layer(*single), want, because="In float32:")
    views = np.asfortranarray(x), np.asfortranarray(w), b
    assert_same(
        assert_arguments_unchanged(student.layer, *views),
        want,
        because="With x and w not contiguous:",
    )
    assert_arguments_unchanged(student.layer, x, w, b)
    whole = tuple(rng.integers(-9, 10, a.shape) for a in (x, w, b))
    cases = {
        say("With whole numbers (int64):"): whole,
        say("With whole numbers, but fractions in x:"): (x, *whole[1:]),
        say("With whole numbers, but fractions in w:"): (whole[0], w, whole[2]),
        say("With whole numbers, but fractions in b:"): (*whole[:2], b),
        say("With bytes (uint8), whose sums do not fit into a byte:"): tuple(
            rng.integers(10, 16, a.shape).astype(np.uint8) for a in (x, w, b)
        ),
    }
    outs = assert_results_kept(student.layer, *cases.values())
    for out, (because, given) in zip(outs, cases.items(), strict=True):
        inputs, weights, biases = (a.astype(float) for a in given)
        assert_same(out, inputs @ weights + biases, because=because)
    for scale in (2.0**20, 2.0**-20):
        assert_same(
            student.layer(scale * x, w, scale * b),
            scale * want,
            because=say("Times 2**{scale:.0f}:", scale=np.log2(scale)),
        )


# Whatever the sizes
