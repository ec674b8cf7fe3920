"""Mistakes that people make with back-propagation, each a small change on the reference."""

from itertools import pairwise

import numpy as np

from grader.checks import misconception


def sigmoid(z):
    return (1 + np.tanh(z / 2)) / 2


def backpropagate(
    x, y, params, activation, *, slope=None, weights=None, last=False, scale=None, delta=None
):
    """Loss and gradients, with a part replaced: the slope of the activation at (z, a), the weights
    that an error goes back through, an activation after the last layer (True, or "relu" for this one),
    the division by N, or the error of the logits at (probabilities, one-hot rows)."""
    if activation not in ("sigmoid", "relu"):
        raise ValueError(activation)
    n = len(x)
    usual = (lambda z, a: z > 0) if activation == "relu" else (lambda z, a: a * (1 - a))
    inputs, sums = [np.reshape(x, (n, -1)) * 1.0], []
    for w, b in params:
        sums.append(inputs[-1] @ w + b)
        inputs.append(np.maximum(sums[-1], 0) if activation == "relu" else sigmoid(sums[-1]))
    if last == "relu":
        inputs[-1] = np.maximum(sums[-1], 0)
    logits = inputs[-1] if last else sums[-1]
    logits = logits - logits.max(axis=1, keepdims=True)
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    hot = np.eye(logits.shape[1])[np.asarray(y)]
    error = (np.exp(logs) - hot if delta is None else delta(np.exp(logs), hot)) / (scale or n)
    if last:
        error = error * (sums[-1] > 0 if last == "relu" else usual(sums[-1], inputs[-1]))
    grads = []
    for k in range(len(params) - 1, -1, -1):
        grads.insert(0, (inputs[k].T @ error, error.sum(axis=0)))
        if k:
            back = params[k][0] if weights is None else weights(params[k][0], grads[0][0])
            error = error @ back.T * (slope or usual)(sums[k - 1], inputs[k])
    return float(-np.sum(hot * logs) / n), grads


def training(
    reference, *, slices=None, order=None, step=None, rate=None, labels=None, start=None, enough=0
):
    """A train with a part replaced: the slices of an order, the order of an epoch, the step, its
    learning rate in an epoch, the labels of chosen examples, the first parameters, or the loss that
    is small enough to stop."""

    def train(x, y, sizes, activation, lr, epochs, batch, rng):
        params = (start or reference.init_network)(sizes, rng)
        history, kept = [], {}
        for epoch in range(epochs):
            if history and history[-1] < enough:
                history.append(history[-1])
                continue
            places = order(len(x), rng, kept) if order else rng.permutation(len(x))
            cut = [places[i : i + batch] for i in range(0, len(x), batch)]
            for chosen in slices(cut, batch) if slices else cut:
                targets = labels(y, chosen, rng) if labels else y[chosen]
                _, grads = reference.loss_and_gradients(x[chosen], targets, params, activation)
                now = rate(lr, epoch) if rate else lr
                params = (step or reference.sgd_step)(params, grads, now)
            history.append(reference.loss_and_gradients(x, y, params, activation)[0])
        return params, history

    return train


# The start


def start_with(reference, weights, biases=None):
    def init_network(sizes, rng):
        return [
            (weights(d, m, rng), np.zeros(m) if biases is None else biases(m, rng))
            for d, m in pairwise(sizes)
        ]

    return init_network


@misconception(
    hint="If all weights start equal, all units of a layer learn the same thing for ever: draw "
    "the weights at random.",
    caught_by="test_network_start",
)
def weights_start_at_zero(reference):
    return start_with(reference, lambda d, m, rng: np.zeros((d, m)))


@misconception(
    hint="2 / inputs is the variance; rng.normal wants the standard deviation, its square root.",
    caught_by="test_network_start",
)
def variance_for_deviation(reference):
    return start_with(reference, lambda d, m, rng: rng.normal(0, 2 / d, (d, m)))


@misconception(
    hint="The weights are too large: with many inputs the sums explode. Multiply by sqrt(2 / "
    "inputs).",
    caught_by="test_network_start",
)
def weights_not_scaled(reference):
    return start_with(reference, lambda d, m, rng: rng.normal(0, 1, (d, m)))


@misconception(
    hint="sqrt(1 / inputs) is another start; here ReLU lets half of the signal through, and "
    "sqrt(2 / inputs) makes up for it.",
    caught_by="test_network_start",
)
def scaled_for_no_relu(reference):
    return start_with(reference, lambda d, m, rng: rng.normal(0, np.sqrt(1 / d), (d, m)))


@misconception(
    hint="A sum runs over the inputs of a unit: the scale is sqrt(2 / inputs), not sqrt(2 / "
    "outputs).",
    caught_by="test_network_start",
)
def scaled_by_outputs(reference):
    return start_with(reference, lambda d, m, rng: rng.normal(0, np.sqrt(2 / m), (d, m)))


@misconception(
    hint="rng.random draws from 0 to 1 only: weights must be positive and negative. Use "
    "rng.normal.",
    caught_by="test_network_start",
)
def only_positive_weights(reference):
    return start_with(reference, lambda d, m, rng: rng.random((d, m)) * np.sqrt(2 / d))


@misconception(
    hint="Biases start at 0 here, and only the weights are drawn; in PyTorch's Linear and "
    "scikit-learn's MLPClassifier the biases are random, too.",
    caught_by="test_network_start",
)
def random_biases(reference):
    return start_with(
        reference,
        lambda d, m, rng: rng.normal(0, np.sqrt(2 / d), (d, m)),
        lambda m, rng: rng.normal(0, 1, m),
    )


@misconception(
    hint="Draw from the rng that you were given: np.random is another source, and the run "
    "cannot be repeated from its seed.",
    caught_by="test_start_is_drawn_from_the_generator",
)
def start_from_np_random(reference):
    return start_with(
        reference, lambda d, m, rng: np.random.standard_normal((d, m)) * np.sqrt(2 / d)
    )


@misconception(
    hint="x @ w needs one row for each input: the shape of w is (inputs, outputs).",
    caught_by="test_network_shapes",
)
def weights_transposed(reference):
    return start_with(reference, lambda d, m, rng: rng.normal(0, np.sqrt(2 / d), (m, d)))


# Loss and gradients


def gradients_with(**changes):
    def loss_and_gradients(x, y, params, activation):
        return backpropagate(x, y, params, activation, **changes)

    return loss_and_gradients


@misconception(
    hint="The last layer's sums are the logits themselves: no activation follows it.",
    caught_by="test_loss",
)
def activation_after_the_last_layer(reference):
    return gradients_with(last=True)


@misconception(
    hint="The last layer's sums are the logits themselves: does a ReLU follow it?",
    caught_by="test_loss",
)
def relu_after_the_last_layer(reference):
    return gradients_with(last="relu")


@misconception(
    hint="grads must come first layer first, like params; yours come in the order of the way back.",
    caught_by="test_gradients_are_shaped_like_parameters",
)
def gradients_last_layer_first(reference):
    def loss_and_gradients(x, y, params, activation):
        loss, grads = reference.loss_and_gradients(x, y, params, activation)
        return loss, grads[::-1]

    return loss_and_gradients


@misconception(
    hint="Back-propagation starts with the gradient of the loss by the logits, which cross_entropy_loss "
    "returns beside the loss; yours starts with ones.",
    caught_by="test_worked_example",
)
def starts_with_ones(reference):
    def loss_and_gradients(x, y, params, activation):
        return backpropagate(
            x, y, params, activation, scale=1, delta=lambda p, hot: np.ones(p.shape)
        )

    return loss_and_gradients


@misconception(
    hint="On its way back the error passes the activation, too: multiply by its slope in every "
    "hidden layer.",
    caught_by="test_gradients_with_sigmoid",
)
def slope_forgotten(reference):
    return gradients_with(slope=lambda z, a: 1.0)


@misconception(
    hint="The slope of the sigmoid is a·(1 - a) with a its output; yours uses the sum z instead.",
    caught_by="test_gradients_with_sigmoid",
)
def slope_of_the_sum(reference):
    def loss_and_gradients(x, y, params, activation):
        slope = (lambda z, a: z * (1 - z)) if activation == "sigmoid" else None
        return backpropagate(x, y, params, activation, slope=slope)

    return loss_and_gradients


@misconception(
    hint="a is the sigmoid of the sum already, so its slope is a·(1 - a). Do you send a through the sigmoid once more?",
    caught_by="test_gradients_with_sigmoid",
)
def slope_at_the_activation(reference):
    def loss_and_gradients(x, y, params, activation):
        slope = (lambda z, a: sigmoid(a) * (1 - sigmoid(a))) if activation == "sigmoid" else None
        return backpropagate(x, y, params, activation, slope=slope)

    return loss_and_gradients


@misconception(
    hint="Each activation has its own slope: with ReLU it is 1 where the sum is positive and 0 "
    "elsewhere, not a·(1 - a).",
    caught_by="test_gradients_with_relu",
)
def slope_of_the_sigmoid_always(reference):
    return gradients_with(slope=lambda z, a: a * (1 - a))


@misconception(
    hint="The error goes back through the weights of the forward pass, before any step; yours "
    "uses weights that were already updated.",
    caught_by="test_gradients_with_sigmoid",
)
def back_through_corrected_weights(reference):
    return gradients_with(weights=lambda w, dw: w - 0.1 * dw)


@misconception(
    hint="If the loss is a mean over the batch, so are its gradients: divide by N once.",
    caught_by="test_gradients_with_sigmoid",
)
def gradients_summed(reference):
    return gradients_with(scale=1)


@misconception(
    hint="The mean is in the loss already: your gradients are divided by N twice.",
    caught_by="test_gradients_with_sigmoid",
)
def gradients_divided_twice(reference):
    def loss_and_gradients(x, y, params, activation):
        return backpropagate(x, y, params, activation, scale=len(x) ** 2)

    return loss_and_gradients


@misconception(
    hint="The error of the logits is softmax - one-hot: with cross-entropy no slope p·(1 - p) "
    "remains.",
    caught_by="test_gradients_with_sigmoid",
)
def slope_of_softmax_added(reference):
    return gradients_with(delta=lambda p, hot: (p - hot) * p * (1 - p))


@misconception(
    hint="The error is what the network says minus what it should say: softmax - one-hot. Yours "
    "climbs the loss.",
    caught_by="test_gradients_with_sigmoid",
)
def error_with_wrong_sign(reference):
    return gradients_with(delta=lambda p, hot: hot - p)


@misconception(
    hint="A bias is used for every example: its gradient is the sum of the errors over the "
    "batch, not their mean.",
    caught_by="test_gradients_with_sigmoid",
)
def bias_gradient_is_a_mean(reference):
    def loss_and_gradients(x, y, params, activation):
        loss, grads = reference.loss_and_gradients(x, y, params, activation)
        return loss, [(dw, db / len(x)) for dw, db in grads]

    return loss_and_gradients


@misconception(
    hint="The biases learn, too: their gradient is the sum of the errors, not 0.",
    caught_by="test_gradients_with_sigmoid",
)
def bias_gradient_is_zero(reference):
    def loss_and_gradients(x, y, params, activation):
        loss, grads = reference.loss_and_gradients(x, y, params, activation)
        return loss, [(dw, 0 * db) for dw, db in grads]

    return loss_and_gradients


def always(reference, name):
    """The loss and gradients with this activation, whatever is asked."""

    def loss_and_gradients(x, y, params, activation):
        reference.loss_and_gradients(x, y, params, activation)
        return reference.loss_and_gradients(x, y, params, name)

    return loss_and_gradients


@misconception(
    hint="The argument activation decides; yours always takes the sigmoid.",
    caught_by="test_loss",
)
def always_sigmoid(reference):
    return always(reference, "sigmoid")


@misconception(
    hint="The argument activation decides; yours always takes ReLU.",
    caught_by="test_loss",
)
def always_relu(reference):
    return always(reference, "relu")


@misconception(
    hint="Only two activations are known: raise ValueError for any other name, otherwise a "
    "typo goes unnoticed.",
    caught_by="test_unknown_activation",
)
def unknown_activation_accepted(reference):
    def loss_and_gradients(x, y, params, activation):
        known = "sigmoid" if activation == "sigmoid" else "relu"
        return reference.loss_and_gradients(x, y, params, known)

    return loss_and_gradients


# One step


def step_with(change):
    def sgd_step(params, grads, lr):
        return [change(*pair, *slopes, lr) for pair, slopes in zip(params, grads, strict=True)]

    return sgd_step


@misconception(
    hint="The gradient points uphill: subtract it, do not add it.",
    caught_by="test_step",
)
def step_uphill(reference):
    return step_with(lambda w, b, dw, db, lr: (w + lr * dw, b + lr * db))


@misconception(
    hint="lr scales the step: parameter minus lr times gradient.",
    caught_by="test_step",
)
def step_without_rate(reference):
    return step_with(lambda w, b, dw, db, lr: (w - dw, b - db))


@misconception(
    hint="The biases learn, too: they take the same step as the weights.",
    caught_by="test_step",
)
def biases_take_no_step(reference):
    return step_with(lambda w, b, dw, db, lr: (w - lr * dw, b.copy()))


@misconception(
    hint="`w -= lr * dw` changes the caller's parameters: w - lr * dw makes new ones.",
    caught_by="test_step_makes_new_parameters",
)
def step_in_place(reference):
    def sgd_step(params, grads, lr):
        for (w, b), (dw, db) in zip(params, grads, strict=True):
            w[...] -= lr * dw
            b[...] -= lr * db
        return params

    return sgd_step


@misconception(
    hint="What comes back are the parameters as they were given. A new value for the w of a loop changes no "
    "list: collect the new pairs in a list of their own, and return that.",
    caught_by="test_step",
)
def parameters_returned_unchanged(reference):
    def sgd_step(params, grads, lr):
        return list(params)

    return sgd_step, training(reference, step=sgd_step)


@misconception(
    hint="The loss is a mean already, so a step does not divide by anything.",
    caught_by="test_step",
)
def step_divided_by_layers(reference):
    return step_with(lambda w, b, dw, db, lr: (w - lr * dw / len(w), b - lr * db / len(w)))


# Training


@misconception(
    hint="sgd_step returns new parameters: let them replace the old ones, params = "
    "sgd_step(params, …).",
    caught_by="test_every_example_once_an_epoch",
)
def steps_thrown_away(reference):
    return training(reference, step=lambda params, grads, lr: params)


@misconception(
    hint="The last slice may be smaller, but its examples count: go on to the end of the order.",
    caught_by="test_every_example_once_an_epoch",
)
def last_slice_dropped(reference):
    return training(
        reference, slices=lambda cut, batch: [c for c in cut if len(c) == batch] or cut[:1]
    )


@misconception(
    hint="An epoch is not one step: each slice of `batch` examples makes one, until all were used.",
    caught_by="test_every_example_once_an_epoch",
)
def one_slice_an_epoch(reference):
    return training(reference, slices=lambda cut, batch: cut[:1])


@misconception(
    hint="The last slice is lost even where it is full, and with it everything where one slice holds "
    "all: up to which place must the loop over the slices run?",
    caught_by="test_every_example_once_an_epoch",
)
def last_full_slice_lost(reference):
    return training(reference, slices=lambda cut, batch: cut[:-1])


@misconception(
    hint="Only the last slice of an epoch makes a step: sgd_step belongs inside the loop over the "
    "slices, not behind it.",
    caught_by="test_every_example_once_an_epoch",
)
def step_behind_the_loop(reference):
    return training(reference, slices=lambda cut, batch: cut[-1:])


@misconception(
    hint="Gradients go into the step as they are, however large: yours are cut off.",
    caught_by="test_steps_are_plain",
)
def gradients_cut_off(reference):
    def step(params, grads, lr):
        cut = [(np.clip(dw, -1, 1), np.clip(db, -1, 1)) for dw, db in grads]
        return reference.sgd_step(params, cut, lr)

    return training(reference, step=step)


@misconception(
    hint="Where a gradient is 0 its weight stays as it is: yours are made smaller in every step.",
    caught_by="test_steps_are_plain",
)
def weights_shrink(reference):
    def step(params, grads, lr):
        more = [(dw + 1e-3 * w, db) for (w, _), (dw, db) in zip(params, grads, strict=True)]
        return reference.sgd_step(params, more, lr)

    return training(reference, step=step)


@misconception(
    hint="The learning rate is lr in every epoch: yours becomes smaller.",
    caught_by="test_steps_are_plain",
)
def learning_rate_falls(reference):
    return training(reference, rate=lambda lr, epoch: lr * 0.98**epoch)


@misconception(
    hint="Go on for as many epochs as were asked for, also where the loss is small already.",
    caught_by="test_steps_are_plain",
)
def stops_early(reference):
    return training(reference, enough=0.01)


@misconception(
    hint="All examples went into every step: use slices of `batch` examples.",
    caught_by="test_every_example_once_an_epoch",
)
def whole_set_in_every_step(reference):
    return training(reference, slices=lambda cut, batch: [np.concatenate(cut)] * len(cut))


@misconception(
    hint="An epoch uses every example exactly once: cut a permutation into slices. rng.integers "
    "and rng.choice draw some twice and others never.",
    caught_by="test_every_example_once_an_epoch",
)
def drawn_with_replacement(reference):
    return training(reference, order=lambda n, rng, kept: rng.integers(0, n, n))


@misconception(
    hint="Yours never shuffles, as PyTorch's DataLoader where it is not told to; here every epoch puts the "
    "examples into a new random order: rng.permutation(len(x)).",
    caught_by="test_order_is_new_in_every_epoch",
)
def never_shuffled(reference):
    return training(reference, order=lambda n, rng, kept: np.arange(n))


@misconception(
    hint="The order was drawn once, before the loop over epochs: draw a new one in each epoch.",
    caught_by="test_order_is_new_in_every_epoch",
)
def shuffled_once(reference):
    def order(n, rng, kept):
        if "order" not in kept:
            kept["order"] = rng.permutation(n)
        return kept["order"]

    return training(reference, order=order)


@misconception(
    hint="x was put into a new order and y was not: use the same indices for both.",
    caught_by="test_labels_stay_with_their_examples",
)
def labels_left_behind(reference):
    def train(x, y, sizes, activation, lr, epochs, batch, rng):
        params, history = reference.init_network(sizes, rng), []
        for _ in range(epochs):
            shuffled = x[rng.permutation(len(x))]
            for start in range(0, len(x), batch):
                part = slice(start, start + batch)
                _, grads = reference.loss_and_gradients(shuffled[part], y[part], params, activation)
                params = reference.sgd_step(params, grads, lr)
            history.append(reference.loss_and_gradients(x, y, params, activation)[0])
        return params, history

    return train


def history_with(reference, entry, *, moved=False):
    """A train whose history gets entry(x, y, params before and after, batch, activation); with `moved` each
    epoch shuffles the order of the one before."""

    def train(x, y, sizes, activation, lr, epochs, batch, rng):
        params, history = reference.init_network(sizes, rng), []
        order = np.arange(len(x))
        for _ in range(epochs):
            drawn = rng.permutation(len(x))
            order = order[drawn] if moved else drawn
            before, losses = params, []
            for start in range(0, len(x), batch):
                part = order[start : start + batch]
                loss, grads = reference.loss_and_gradients(x[part], y[part], params, activation)
                losses.append(loss)
                params = reference.sgd_step(params, grads, lr)
            history.append(
                entry(
                    losses,
                    lambda p: reference.loss_and_gradients(x, y, p, activation)[0],
                    before,
                    params,
                )
            )
        return params, history

    return train


def after_every_slice(reference, entry):
    """A train whose history gets entry(loss of the slice, parameters after it, x, y, activation)."""

    def train(x, y, sizes, activation, lr, epochs, batch, rng):
        params, history = reference.init_network(sizes, rng), []
        for _ in range(epochs):
            order = rng.permutation(len(x))
            for start in range(0, len(x), batch):
                part = order[start : start + batch]
                loss, grads = reference.loss_and_gradients(x[part], y[part], params, activation)
                params = reference.sgd_step(params, grads, lr)
                history.append(entry(loss, params, x, y, activation))
        return params, history

    return train


@misconception(
    hint="Yours notes a loss after every slice. history has one for each epoch: note it after the loop over "
    "the slices, not inside of it.",
    caught_by="test_training_shapes",
)
def history_of_every_slice(reference):
    def loss_of_all(loss, params, x, y, activation):
        return reference.loss_and_gradients(x, y, params, activation)[0]

    return after_every_slice(reference, loss_of_all)


@misconception(
    hint="Yours notes the loss of every slice. history has one for each epoch: the loss over all of x and y, "
    "after the loop over the slices.",
    caught_by="test_training_shapes",
)
def history_of_the_slices(reference):
    return after_every_slice(reference, lambda loss, *rest: loss)


@misconception(
    hint="history wants the loss over all of x and y at the end of the epoch, not that of its "
    "last slice.",
    caught_by="test_history",
)
def history_of_the_last_slice(reference):
    return history_with(reference, lambda losses, loss, before, after: losses[-1])


@misconception(
    hint="history wants the loss of the parameters at the end of the epoch; the mean over its "
    "slices belongs to parameters that were still moving.",
    caught_by="test_history",
)
def history_of_the_slices_mean(reference):
    return history_with(reference, lambda losses, loss, before, after: float(np.mean(losses)))


@misconception(
    hint="history wants the loss of the parameters at the end of the epoch; the mean over its "
    "slices belongs to parameters that were still moving.",
    caught_by="test_history",
)
def history_of_the_slices_mean_of_moved_rows(reference):
    return history_with(
        reference, lambda losses, loss, before, after: float(np.mean(losses)), moved=True
    )


@misconception(
    hint="The loss is taken at the end of each epoch, after its steps; yours comes before them.",
    caught_by="test_history",
)
def history_before_the_epoch(reference):
    return history_with(reference, lambda losses, loss, before, after: loss(before))


@misconception(
    hint="All randomness must come from rng: a generator made inside makes every run the same, "
    "whatever the caller's seed.",
    caught_by="test_training_can_be_repeated",
)
def makes_its_own_generator(reference):
    def train(x, y, sizes, activation, lr, epochs, batch, rng):
        own = np.random.default_rng(0)
        return reference.train(x, y, sizes, activation, lr, epochs, batch, own)

    return train


@misconception(
    hint="Use the init_network that is asked for: the first parameters come from rng, without "
    "any further factor.",
    caught_by="test_zero_learning_rate",
)
def starts_with_small_weights(reference):
    def start(sizes, rng):
        return [(0.01 * w, b) for w, b in reference.init_network(sizes, rng)]

    return training(reference, start=start)


# What comes through to the first layer


def norms_with(reference, norm):
    def layer_gradient_norms(x, y, params, activation):
        _, grads = reference.loss_and_gradients(x, y, params, activation)
        return np.array([norm(dw, db) for dw, db in grads])

    return layer_gradient_norms


@misconception(
    hint="A norm is the square root of the sum of squares; your square root is missing.",
    caught_by="test_norms",
)
def norm_without_root(reference):
    return norms_with(reference, lambda dw, db: np.sum(dw**2))


@misconception(
    hint="The norm adds squares, not absolute values.",
    caught_by="test_norms",
)
def norm_of_absolute_values(reference):
    return norms_with(reference, lambda dw, db: np.abs(dw).sum())


@misconception(
    hint="np.linalg.norm(dw, 2) of a matrix is its largest singular value: leave the 2 out, or "
    "add up the squares of all entries.",
    caught_by="test_norms",
)
def spectral_norm(reference):
    return norms_with(reference, lambda dw, db: np.linalg.norm(dw, 2))


@misconception(
    hint="The norm is the root of the sum of squares; yours takes their mean.",
    caught_by="test_norms",
)
def root_of_the_mean(reference):
    return norms_with(reference, lambda dw, db: np.sqrt(np.mean(dw**2)))


@misconception(
    hint="Only the weights' gradient counts here: leave db out.",
    caught_by="test_norms",
)
def norm_with_biases(reference):
    return norms_with(reference, lambda dw, db: np.sqrt(np.sum(dw**2) + np.sum(db**2)))


@misconception(
    hint="What is asked for is the size of the gradients, dw; yours measures the weights themselves.",
    caught_by="test_norms",
)
def norm_of_the_weights(reference):
    def layer_gradient_norms(x, y, params, activation):
        return np.array([np.linalg.norm(w) for w, _ in params])

    return layer_gradient_norms


@misconception(
    hint="The first entry belongs to the first layer; yours run from the last to the first.",
    caught_by="test_norms",
)
def norms_last_layer_first(reference):
    def layer_gradient_norms(x, y, params, activation):
        return reference.layer_gradient_norms(x, y, params, activation)[::-1].copy()

    return layer_gradient_norms


# Other libraries' conventions


def uniform(limit):
    """Weights that are equally often anywhere below limit(inputs, outputs), and above its negative."""

    def weights(d, m, rng):
        return rng.uniform(-limit(d, m), limit(d, m), (d, m))

    return weights


@misconception(
    hint="Uniform up to sqrt(1 / inputs) is how the weights of PyTorch's Linear start; ours are normal with "
    "standard deviation sqrt(2 / inputs).",
    caught_by="test_network_start",
)
def weights_start_as_in_pytorch(reference):
    return start_with(reference, uniform(lambda d, m: np.sqrt(1 / d)))


@misconception(
    hint="Weights and biases that are uniform up to sqrt(1 / inputs) are the start of PyTorch's Linear; ours "
    "are normal with standard deviation sqrt(2 / inputs), and the biases 0.",
    caught_by="test_network_start",
)
def all_start_as_in_pytorch(reference):
    def init_network(sizes, rng):
        limits = [(d, m, np.sqrt(1 / d)) for d, m in pairwise(sizes)]
        return [(rng.uniform(-s, s, (d, m)), rng.uniform(-s, s, m)) for d, m, s in limits]

    return init_network


@misconception(
    hint="Uniform up to sqrt(6 / (inputs + outputs)) is how the weights of Keras' Dense start; ours are normal "
    "with standard deviation sqrt(2 / inputs).",
    caught_by="test_network_start",
)
def weights_start_as_in_keras(reference):
    return start_with(reference, uniform(lambda d, m: np.sqrt(6 / (d + m))))


@misconception(
    hint="Yours is the mean of the losses on the way, as in the history of Keras' fit; ours is the loss of the "
    "parameters at the end of the epoch, over all of x and y.",
    caught_by="test_history",
)
def history_as_in_keras(reference):
    def train(x, y, sizes, activation, lr, epochs, batch, rng):
        params, history = reference.init_network(sizes, rng), []
        for _ in range(epochs):
            order, total = rng.permutation(len(x)), 0.0
            for start in range(0, len(x), batch):
                part = order[start : start + batch]
                loss, grads = reference.loss_and_gradients(x[part], y[part], params, activation)
                total += loss * len(part)
                params = reference.sgd_step(params, grads, lr)
            history.append(total / len(x))
        return params, history

    return train
