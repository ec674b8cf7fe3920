"""The neuron against its definition."""

import numpy as np
import pytest

EXERCISE = "ex01_neuron"
PAIRS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def test_neuron_fires_on_the_boundary_and_above(module):
    """Exactly x·w + b = 0 fires, a little less does not."""
    x = np.array([[1.0, 2.0], [1.0, 1.5], [2.0, 2.0], [0.0, 0.0]])
    out = module.threshold_neuron(x, np.array([1.0, 2.0]), -5.0)
    assert np.shape(out) == (4,)
    np.testing.assert_array_equal(out, [1, 0, 1, 0])


def test_neuron_does_not_care_for_positive_scale(module, rng):
    """Weights and bias times a positive number give the same answers."""
    x, w, b = rng.normal(size=(50, 4)), rng.normal(size=4), 0.3
    np.testing.assert_array_equal(
        module.threshold_neuron(x, w, b), module.threshold_neuron(x, 1024 * w, 1024 * b)
    )


@pytest.mark.parametrize("dtype", [int, float, np.float32])
def test_gates_have_their_truth_tables(module, dtype):
    """All rows of all tables are right, in any numeric type."""
    x = PAIRS.astype(dtype)
    np.testing.assert_array_equal(module.and_gate(x), [0, 0, 0, 1])
    np.testing.assert_array_equal(module.or_gate(x), [0, 1, 1, 1])
    np.testing.assert_array_equal(module.xor_gate(x), [0, 1, 1, 0])
    np.testing.assert_array_equal(module.not_gate(x[:2, 1:]), [1, 0])


def test_gates_take_one_row(module):
    """A single example gives a single answer."""
    assert np.shape(module.xor_gate(PAIRS[1:2])) == (1,)
    assert np.shape(module.not_gate(np.array([[1]]))) == (1,)


def test_perceptron_separates_what_can_be_separated(module, rng):
    """On separable data all ends right, by the steps of the rule and within its mistake bound."""
    x = rng.normal(size=(200, 2))
    x = x[np.abs(x @ [0.6, -0.8] + 0.2) > 0.1]
    y = (x @ [0.6, -0.8] + 0.2 > 0).astype(int)

    extended, v, mistakes = np.hstack([x, np.ones((len(x), 1))]), np.zeros(3), 0
    for _ in range(300):
        for row, wanted in zip(extended, y, strict=True):
            error = wanted - int(row @ v >= 0)
            v = v + error * row
            mistakes += abs(error)
    truth = np.array([0.6, -0.8, 0.2])
    margin = np.min(np.abs(extended @ truth)) / np.linalg.norm(truth)
    assert 0 < mistakes <= (np.linalg.norm(extended, axis=1).max() / margin) ** 2

    w, b = module.perceptron_fit(x, y, 300)
    assert np.shape(w) == (2,)
    assert np.shape(b) == ()
    np.testing.assert_allclose([*w, b], v, rtol=1e-9)
    np.testing.assert_array_equal(module.threshold_neuron(x, w, b), y)


def test_perceptron_follows_the_rule_step_by_step(module):
    """The steps on a small example, made by hand."""
    x, y = np.array([[1, 2], [3, 1], [1, 1]]), np.array([0, 1, 0])
    # Zero weights fire: -(1, 2), -1. Then (3, 1): -3 - 2 - 1 < 0, wrong: (2, -1), 0.
    # Then (1, 1): 1, wrong: (1, -2), -1.
    w, b = module.perceptron_fit(x, y, 1)
    np.testing.assert_array_equal(w, [1, -2])
    assert b == -1


def test_perceptron_changes_nothing_when_all_is_right(module):
    """Where zero weights are right already, they stay zero."""
    w, b = module.perceptron_fit(PAIRS, np.ones(4, dtype=int), 10)
    np.testing.assert_array_equal(w, [0, 0])
    assert b == 0


def test_perceptron_never_separates_xor(module):
    """After any number of epochs one row of XOR is wrong."""
    y = np.array([0, 1, 1, 0])
    for epochs in (1, 2, 10, 101):
        w, b = module.perceptron_fit(PAIRS, y, epochs)
        assert (module.threshold_neuron(PAIRS, w, b) != y).any()


def test_layer_is_torch_linear(module, torch, rng, close):
    """A layer is PyTorch's linear with the weights transposed."""
    x, w, b = rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)
    wanted = torch.nn.functional.linear(*(torch.tensor(a) for a in (x, w.T, b)))
    close(module.layer(x, w, b), wanted)


def test_layer_equals_its_neurons(module, rng):
    """A neuron of a layer fires as it does alone; integers work too."""
    x, w, b = rng.integers(-3, 4, (30, 5)), rng.integers(-3, 4, (5, 6)), rng.integers(-3, 4, 6)
    sums = module.layer(x, w, b)
    assert sums.dtype.kind == "f"
    for unit in range(6):
        alone = module.threshold_neuron(x, w[:, unit], b[unit])
        np.testing.assert_array_equal(alone, sums[:, unit] >= 0)


def test_arguments_stay_as_they_are(module, rng):
    """Nothing is changed in place."""
    x, w, b, y = rng.normal(size=(6, 2)), rng.normal(size=(2, 3)), rng.normal(size=3), PAIRS[:, 1]
    before = [a.copy() for a in (x, w, b, y)]
    module.layer(x, w, b)
    module.threshold_neuron(x, w[:, 0], 1.0)
    module.perceptron_fit(x[:4], y, 5)
    for now, then in zip((x, w, b, y), before, strict=True):
        np.testing.assert_array_equal(now, then)
