"""Mistakes that people make with single neurons, each a small change on the reference."""

import numpy as np

from grader.checks import misconception


def fit(x, y, epochs, *, step=None, order=None, start=0.0, zero_fires=True):
    """Rosenblatt's rule; `step(example, wanted, total)` is what to multiply the example with."""

    def answer(total):
        return int(total >= 0) if zero_fires else int(total > 0)

    def rule(example, wanted, total):
        return wanted - answer(total)

    step = step or rule
    x = np.asarray(x, float)
    w, b = np.full(x.shape[1], start), float(start)
    for _ in range(epochs):
        for i in order if order is not None else range(len(x)):
            change = step(x[i], int(y[i]), x[i] @ w + b)
            w, b = w + change * x[i], b + change
    return w, b


# One neuron


@misconception(
    hint="Is a sum of exactly 0 enough to fire? For scikit-learn's Perceptron it is not, but our neuron "
    "fires at 0 and above: >=, not >.",
    caught_by="test_fires_on_the_boundary",
)
def silent_on_the_boundary(reference):
    def threshold_neuron(x, w, b):
        return (np.asarray(x) @ np.asarray(w) + b > 0).astype(int)

    return threshold_neuron


@misconception(
    hint="Here b is added to the sum, and the sum is compared with 0; yours compares x·w with b itself, "
    "so b has the wrong sign.",
    caught_by="test_threshold_neuron",
)
def bias_is_the_threshold(reference):
    def threshold_neuron(x, w, b):
        return reference.threshold_neuron(x, w, -b)

    return threshold_neuron


@misconception(
    hint="Where does b enter? A neuron whose inputs are all 0 fires or not by its bias alone.",
    caught_by="test_threshold_neuron",
)
def neuron_without_bias(reference):
    def threshold_neuron(x, w, b):
        return reference.threshold_neuron(x, w, 0.0)

    return threshold_neuron


@misconception(
    hint="A neuron that does not fire answers 0, not -1.",
    caught_by="test_threshold_neuron",
)
def answers_minus_one(reference):
    def threshold_neuron(x, w, b):
        return 2 * reference.threshold_neuron(x, w, b) - 1

    return threshold_neuron


@misconception(
    hint="That is the weighted sum. The neuron still has to compare it with 0: it fires (1) or not (0).",
    caught_by="test_threshold_neuron",
)
def weighted_sum_without_threshold(reference):
    def threshold_neuron(x, w, b):
        return np.asarray(x, float) @ np.asarray(w) + b

    return threshold_neuron


@misconception(
    hint="The neuron fires where the sum is at least 0; yours fires where it is below. Is the comparison "
    "the wrong way round?",
    caught_by="test_threshold_neuron",
)
def fires_below_zero(reference):
    def threshold_neuron(x, w, b):
        return 1 - reference.threshold_neuron(x, w, b)

    return threshold_neuron


@misconception(
    hint="There is one answer per example, so the shape is (N,): yours still has a second axis.",
    caught_by="test_threshold_neuron",
)
def answers_in_a_column(reference):
    def threshold_neuron(x, w, b):
        return reference.threshold_neuron(x, w, b)[:, None]

    return threshold_neuron


# Logic


@misconception(
    hint="One active input already reaches your threshold. AND needs a bias low enough that only both "
    "together do.",
    caught_by="test_and_gate",
)
def and_fires_at_one_input(reference):
    def and_gate(x):
        return reference.or_gate(x)

    return and_gate


@misconception(
    hint="One active input must be enough for OR: raise the bias, so that a single weight outweighs it.",
    caught_by="test_or_gate",
)
def or_needs_both_inputs(reference):
    def or_gate(x):
        return reference.and_gate(x)

    return or_gate


@misconception(
    hint="With both inputs at 0 the sum is just the bias. At a bias of 0 the neuron fires; make it "
    "negative.",
    caught_by="test_or_gate",
)
def gate_with_bias_zero(reference):
    def or_gate(x):
        return reference.threshold_neuron(x, np.array([1.0, 1.0]), 0.0)

    return or_gate


@misconception(
    hint="NOT inverts its input: more input must mean a smaller sum, so the weight is negative.",
    caught_by="test_not_gate",
)
def not_with_positive_weight(reference):
    def not_gate(x):
        return reference.threshold_neuron(x, np.array([1.0]), -0.5)

    return not_gate


@misconception(
    hint="Both inputs on must give 0. One neuron cannot do that: let a hidden neuron notice “both” and "
    "subtract it.",
    caught_by="test_xor_gate",
)
def xor_with_one_neuron(reference):
    def xor_gate(x):
        return reference.or_gate(x)

    return xor_gate


@misconception(
    hint="NAND also fires when both inputs are 0: combine it with OR, so that at least one is needed.",
    caught_by="test_xor_gate",
)
def xor_is_only_nand(reference):
    def xor_gate(x):
        return 1 - reference.and_gate(x)

    return xor_gate


@misconception(
    hint="All your answers are 1. Do you combine OR and NAND with OR? Both of them must fire: that is AND.",
    caught_by="test_xor_gate",
)
def xor_is_always_one(reference):
    def xor_gate(x):
        return np.ones(len(x), int)

    return xor_gate


# The perceptron


@misconception(
    hint="The neuron learns only from mistakes: subtract the neuron's answer from y, and a right answer changes nothing.",
    caught_by="test_perceptron_by_hand",
)
def learns_from_every_example(reference):
    def perceptron_fit(x, y, epochs):
        return fit(x, y, epochs, step=lambda _, wanted, total: wanted)

    return perceptron_fit


@misconception(
    hint="A neuron that fires and should not must learn, too: there y - answer is -1, while y alone is 0.",
    caught_by="test_perceptron_by_hand",
)
def only_silence_is_corrected(reference):
    def perceptron_fit(x, y, epochs):
        return fit(x, y, epochs, step=lambda _, wanted, total: wanted * (total < 0))

    return perceptron_fit


@misconception(
    hint="Rosenblatt's rule compares y with the neuron's answer, 0 or 1; yours compares it with the sum "
    "before the threshold.",
    caught_by="test_perceptron_by_hand",
)
def compares_with_the_sum(reference):
    def perceptron_fit(x, y, epochs):
        return fit(x, y, epochs, step=lambda _, wanted, total: wanted - total)

    return perceptron_fit


@misconception(
    hint="If the neuron stays silent and should fire, the weights must move towards the input: "
    "y - answer, not answer - y.",
    caught_by="test_perceptron_by_hand",
)
def moves_the_wrong_way(reference):
    def perceptron_fit(x, y, epochs):
        return fit(x, y, epochs, step=lambda _, wanted, total: int(total >= 0) - wanted)

    return perceptron_fit


@misconception(
    hint="The bias learns, too: it is the weight of an input that is always 1, so it changes by "
    "y - answer.",
    caught_by="test_perceptron_by_hand",
)
def bias_never_learns(reference):
    def perceptron_fit(x, y, epochs):
        x = np.asarray(x, float)
        w = np.zeros(x.shape[1])
        for _ in range(epochs):
            for example, wanted in zip(x, y, strict=True):
                w = w + (int(wanted) - int(example @ w >= 0)) * example
        return w, 0.0

    return perceptron_fit


@misconception(
    hint="The bias learns, but the answer ignores it: in training, too, the neuron answers by x·w + b.",
    caught_by="test_perceptron_by_hand",
)
def bias_learns_unasked(reference):
    def perceptron_fit(x, y, epochs):
        x = np.asarray(x, float)
        w, b = np.zeros(x.shape[1]), 0.0
        for _ in range(epochs):
            for example, wanted in zip(x, y, strict=True):
                error = int(wanted) - int(example @ w >= 0)
                w, b = w + error * example, b + error
        return w, b

    return perceptron_fit


@misconception(
    hint="The weights change at once, after each example; yours answers the whole epoch with the old "
    "weights and adds everything up at its end.",
    caught_by="test_perceptron_by_hand",
)
def whole_epoch_at_once(reference):
    def perceptron_fit(x, y, epochs):
        x = np.asarray(x, float)
        w, b = np.zeros(x.shape[1]), 0.0
        for _ in range(epochs):
            error = np.asarray(y) - (x @ w + b >= 0)
            w, b = w + error @ x, b + float(error.sum())
        return w, b

    return perceptron_fit


@misconception(
    hint="Start with all weights and the bias at zero, as the exercise says, not at random numbers.",
    caught_by="test_perceptron_by_hand",
)
def starts_at_random(reference):
    def perceptron_fit(x, y, epochs):
        x = np.asarray(x, float)
        w, b = np.random.randn(x.shape[1]), 0.0
        for _ in range(epochs):
            for example, wanted in zip(x, y, strict=True):
                error = int(wanted) - int(example @ w + b >= 0)
                w, b = w + error * example, b + error
        return w, b

    return perceptron_fit


@misconception(
    hint="All is zero at the start, and the first sum is 0. Does a neuron fire at 0? In training as in "
    "threshold_neuron: yes.",
    caught_by="test_perceptron_by_hand",
)
def training_does_not_fire_at_zero(reference):
    def perceptron_fit(x, y, epochs):
        return fit(x, y, epochs, zero_fires=False)

    return perceptron_fit


@misconception(
    hint="More epochs change nothing here. Are all examples shown `epochs` times, and does each epoch "
    "begin with the w and b of the one before?",
    caught_by="test_perceptron_by_hand",
)
def one_epoch_only(reference):
    def perceptron_fit(x, y, epochs):
        return fit(x, y, min(epochs, 1))

    return perceptron_fit


@misconception(
    hint="There is no learning rate in this rule: a mistake changes the weights by the full input.",
    caught_by="test_perceptron_by_hand",
)
def uses_a_learning_rate(reference):
    def perceptron_fit(x, y, epochs):
        w, b = fit(x, y, epochs)
        return 0.1 * w, 0.1 * b

    return perceptron_fit


@misconception(
    hint="One right answer is no reason to stop: end only after a whole epoch without a mistake.",
    caught_by="test_perceptron_by_hand",
)
def stops_at_the_first_right_answer(reference):
    def perceptron_fit(x, y, epochs):
        x = np.asarray(x, float)
        w, b = np.zeros(x.shape[1]), 0.0
        for _ in range(epochs):
            for example, wanted in zip(x, y, strict=True):
                error = int(wanted) - int(example @ w + b >= 0)
                if error == 0:
                    return w, b
                w, b = w + error * example, b + error
        return w, b

    return perceptron_fit


# A layer


@misconception(
    hint="Examples are the rows of x and neurons the columns of w: the product is x @ w, without a "
    "transpose.",
    caught_by="test_layer_shape",
)
def weights_transposed(reference):
    def layer(x, w, b):
        if x.shape[1] != w.shape[1]:
            raise ValueError(f"matmul: {x.shape} @ {w.T.shape}")
        return x @ w.T + b

    return layer


@misconception(
    hint="The bias belongs to the neurons, which are columns; yours is added along the examples, which "
    "are rows.",
    caught_by="test_layer_shape",
)
def bias_per_example(reference):
    def layer(x, w, b):
        return x @ w + b[:, None]

    return layer


@misconception(
    hint="Does an example of zeros give b? Your code never adds the biases to the sums.",
    caught_by="test_layer_bias",
)
def layer_without_bias(reference):
    def layer(x, w, b):
        return reference.layer(x, w, 0 * b)

    return layer


@misconception(
    hint="Where x holds whole numbers the sums have fractions all the same: an array made with x's dtype "
    "(dtype=x.dtype, zeros_like) cuts them off.",
    caught_by="test_layer_with_other_number_types",
)
def sums_of_the_type_of_x(reference):
    def layer(x, w, b):
        return reference.layer(x, w, b).astype(x.dtype)

    return layer


@misconception(
    hint="layer returns the sums as they are: no threshold yet.",
    caught_by="test_layer_values",
)
def layer_with_threshold(reference):
    def layer(x, w, b):
        return (reference.layer(x, w, b) >= 0).astype(int)

    return layer


@misconception(
    hint="The output is (examples, neurons); yours is (neurons, examples).",
    caught_by="test_layer_shape",
)
def layer_transposed(reference):
    def layer(x, w, b):
        return reference.layer(x, w, b).T

    return layer


@misconception(
    hint="`*` multiplies entry by entry; a weighted sum over the inputs is the matrix product `@`.",
    caught_by="test_layer_shape",
)
def multiplies_entry_by_entry(reference):
    def layer(x, w, b):
        return x * w + b

    return layer


@misconception(
    hint="Yours learns from a sum of exactly 0 whatever y is, as scikit-learn's Perceptron does; here a sum "
    "of 0 fires, which is wrong only where y is 0.",
    caught_by="test_perceptron_follows_the_rule",
)
def learns_from_a_sum_of_zero(reference):
    def step(_, wanted, total):
        return wanted - int(total > 0) if total else 2 * wanted - 1

    def perceptron_fit(x, y, epochs):
        return fit(x, y, epochs, step=step)

    return perceptron_fit
