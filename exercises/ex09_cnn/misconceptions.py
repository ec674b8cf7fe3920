"""Mistakes that people make when they put a convolutional network together, each a small change on
the reference.
"""

import numpy as np
from ex02_activations import relu_backward, relu_forward
from ex03_fully_connected import affine_backward, affine_forward
from ex04_convolution import conv_backward, conv_forward
from ex05_pooling import (
    average_pool_backward,
    average_pool_forward,
    max_pool_backward,
    max_pool_forward,
)
from ex06_dropout import dropout_backward, dropout_forward
from ex07_losses import cross_entropy_loss, softmax

from grader.checks import misconception


def nothing_forward(x):
    return x, None


def nothing_backward(dout, cache):
    return dout


def forward_with(
    *, relu=relu_forward, pool=max_pool_forward, pad=None, flatten=None, dropout=dropout_forward
):
    """A cnn_forward with a part replaced."""

    def cnn_forward(x, params, p_drop=0.0, rng=None):
        (w1, b1), (w2, b2) = params
        out, conv = conv_forward(x, w1, b1, 1, (w1.shape[2] - 1) // 2 if pad is None else pad)
        out, active = relu(out)
        out, pooled = pool(out)
        out, dropped = dropout(out, p_drop, rng is not None, rng)
        logits, affine = affine_forward(flatten(out) if flatten else out, w2, b2)
        return logits, (conv, active, pooled, dropped, affine)

    return cnn_forward


def loss_with(
    *,
    relu=(relu_forward, relu_backward),
    pool=(max_pool_forward, max_pool_backward),
    dropout=(dropout_forward, dropout_backward),
    delta=lambda d: d,
    grads=lambda g: g,
):
    """A cnn_loss with a part of the way forward or back replaced."""

    def cnn_loss(x, y, params, p_drop=0.0, rng=None):
        forward = forward_with(relu=relu[0], pool=pool[0], dropout=dropout[0])
        logits, (conv, active, pooled, dropped, affine) = forward(x, params, p_drop, rng)
        loss, dlogits = cross_entropy_loss(logits, y)
        dout, dw2, db2 = affine_backward(delta(dlogits), affine)
        dout = pool[1](dropout[1](dout, dropped), pooled)
        _, dw1, db1 = conv_backward(relu[1](dout, active), conv)
        return loss, grads([(dw1, db1), (dw2, db2)])

    return cnn_loss


def train_with(
    reference,
    *,
    order=None,
    slices=None,
    step=None,
    drop=None,
    generator=None,
    entry=None,
    start=None,
    rate=None,
    result=None,
):
    """A train_cnn with a part replaced."""

    def train_cnn(
        x, y, rng, channels=24, field=5, classes=10, lr=0.25, epochs=40, batch=32, p_drop=0.4
    ):
        rng = generator(rng) if generator else rng
        params = (start or reference.init_cnn)(rng, channels, field, classes, x.shape[1:])
        history, kept, ends = [], {}, []
        for epoch in range(epochs):
            now = rate(lr, epoch) if rate else lr
            places = order(len(x), rng, kept) if order else rng.permutation(len(x))
            cut = [places[at : at + batch] for at in range(0, len(x), batch)]
            losses, sizes = [], []
            for chosen in slices(cut, batch) if slices else cut:
                chance = drop(p_drop, rng) if drop else (p_drop, rng)
                loss, grads = reference.cnn_loss(x[chosen], y[chosen], params, *chance)
                params = [
                    tuple(
                        p - (step or 1) * now * g if step != 0 else p
                        for p, g in zip(pair, slopes, strict=True)
                    )
                    for pair, slopes in zip(params, grads, strict=True)
                ]
                losses.append(loss)
                sizes.append(len(chosen))
            usual = float(np.dot(losses, sizes)) / len(x)
            history.append(entry(losses) if entry else usual)
            ends.append(params)
        return result(ends, history) if result else params, history

    return train_cnn


# The start


@misconception(
    hint="rng.normal draws the weights: with rng.uniform all values up to a limit come equally often, "
    "and none beyond it.",
    caught_by="test_start_values",
)
def weights_start_uniform(reference):
    def init_cnn(rng, channels, field, classes, image):
        params = reference.init_cnn(rng, channels, field, classes, image)
        sigmas = np.sqrt(2 / (image[0] * field**2)), 0.1 / np.sqrt(len(params[1][0]))
        return [
            (rng.uniform(-1, 1, w.shape) * np.sqrt(3) * sigma, b)
            for (w, b), sigma in zip(params, sigmas, strict=True)
        ]

    return init_cnn


@misconception(
    hint="The filters and the classifier must start at random: from all zeros, every filter "
    "learns the same, or nothing.",
    caught_by="test_start_values",
)
def weights_start_at_zero(reference):
    def init_cnn(rng, channels, field, classes, image):
        params = reference.init_cnn(rng, channels, field, classes, image)
        return [(0 * w, b) for w, b in params]

    return init_cnn


@misconception(
    hint="The classifier starts small, at 0.1 / sqrt(D), so that the first answers are close to "
    "a guess; sqrt(2 / D) is for layers with a ReLU behind them.",
    caught_by="test_start_values",
)
def classifier_starts_large(reference):
    def init_cnn(rng, channels, field, classes, image):
        first, (w2, b2) = reference.init_cnn(rng, channels, field, classes, image)
        return [first, (w2 * 10 * np.sqrt(2), b2)]

    return init_cnn


@misconception(
    hint="A unit sums over C·field·field weights, so the spread of the filters is sqrt(2 / "
    "(C·field²)): the channels count, too.",
    caught_by="test_start_values",
)
def channels_not_counted(reference):
    def init_cnn(rng, channels, field, classes, image):
        (w1, b1), second = reference.init_cnn(rng, channels, field, classes, image)
        return [(w1 * np.sqrt(image[0]), b1), second]

    return init_cnn


def classifier_with(inputs):
    """An init_cnn whose classifier gets inputs(channels, field, height, width) numbers."""

    def init_cnn(rng, channels, field, classes, image):
        depth, height, width = image
        count = inputs(channels, field, height, width)
        w1 = rng.normal(0, np.sqrt(2 / (depth * field**2)), (channels, depth, field, field))
        w2 = rng.normal(0, 0.1 / np.sqrt(count), (count, classes))
        return [(w1, np.zeros(channels)), (w2, np.zeros(classes))]

    return init_cnn


@misconception(
    hint="Pooling halves rows and columns: the classifier gets channels·(H // 2)·(W // 2) numbers.",
    caught_by="test_start_shapes",
)
def pooling_not_counted(reference):
    def inputs(channels, field, height, width):
        lost = field - 1 - 2 * ((field - 1) // 2)
        return channels * (height - lost) * (width - lost)

    return classifier_with(inputs)


@misconception(
    hint="With pad = (field - 1) // 2 an odd field keeps the size of the picture: your count "
    "of the classifier's inputs leaves the padding out.",
    caught_by="test_start_shapes",
)
def padding_not_counted(reference):
    def inputs(channels, field, height, width):
        return channels * max((height - field + 1) // 2, 1) * max((width - field + 1) // 2, 1)

    return classifier_with(inputs)


@misconception(
    hint="Each side is halved for itself. channels * H // 2 halves channels * H: are there brackets around H // 2?",
    caught_by="test_start_shapes",
)
def halved_from_left_to_right(reference):
    return classifier_with(lambda channels, _, height, width: channels * height // 2 * width // 2)


@misconception(
    hint="Each side is halved and rounded down for itself: (H // 2)·(W // 2) is less than H·W // 4 where a "
    "side is odd.",
    caught_by="test_start_shapes",
)
def sides_halved_together(reference):
    return classifier_with(lambda channels, _, height, width: channels * (height * width // 4))


# From pictures to logits


@misconception(
    hint="Between convolution and pooling belongs a ReLU: without it the network is nearly linear.",
    caught_by="test_logits",
)
def no_relu(reference):
    return forward_with(relu=nothing_forward), loss_with(relu=(nothing_forward, nothing_backward))


@misconception(
    hint="The exercise pools with the maximum, not with the average.",
    caught_by="test_logits",
)
def average_pooling(reference):
    return (
        forward_with(pool=average_pool_forward),
        loss_with(pool=(average_pool_forward, average_pool_backward)),
    )


@misconception(
    hint="The convolution needs pad = (field - 1) // 2, so that the pictures keep their size "
    "and the classifier fits.",
    caught_by="test_logits_shape",
)
def no_padding(reference):
    return forward_with(pad=0)


@misconception(
    hint="cnn_forward returns raw scores: softmax belongs to the loss, and here it is taken twice.",
    caught_by="test_logits",
)
def softmax_in_forward(reference):
    def cnn_forward(x, params, p_drop=0.0, rng=None):
        logits, cache = reference.cnn_forward(x, params, p_drop, rng)
        return softmax(logits), cache

    def cnn_loss(x, y, params, p_drop=0.0, rng=None):
        _, grads = reference.cnn_loss(x, y, params, p_drop, rng)
        logits, _ = reference.cnn_forward(x, params, p_drop, rng)
        return cross_entropy_loss(softmax(logits), y)[0], grads

    return cnn_forward, cnn_loss


@misconception(
    hint="Flatten every picture on its own, reshape(N, -1), in the order channel, row, column: "
    "yours mixes the axes.",
    caught_by="test_logits",
)
def flattened_in_another_order(reference):
    return forward_with(flatten=lambda out: out.transpose(0, 2, 3, 1).reshape(len(out), -1))


@misconception(
    hint="A generator means training, none means prediction: without one nothing is dropped, "
    "whatever p_drop says.",
    caught_by="test_prediction_drops_nothing",
)
def drops_in_prediction(reference):
    def cnn_forward(x, params, p_drop=0.0, rng=None):
        return reference.cnn_forward(x, params, p_drop, rng or np.random.default_rng(0))

    return cnn_forward


@misconception(
    hint="Nothing is ever dropped: training is the case with a generator, rng is not None.",
    caught_by="test_dropout_in_training",
)
def never_drops(reference):
    def cnn_forward(x, params, p_drop=0.0, rng=None):
        return reference.cnn_forward(x, params)

    return cnn_forward


@misconception(
    hint="dropout_forward wants the probability of dropping: pass p_drop on as it is, not 1 - "
    "p_drop.",
    caught_by="test_dropout_in_training",
)
def keeps_with_p_drop(reference):
    def cnn_forward(x, params, p_drop=0.0, rng=None):
        return reference.cnn_forward(x, params, 1 - p_drop if p_drop else 0.0, rng)

    return cnn_forward


def drops_together(mask_shape):
    """A dropout that tosses coins for this part of the shape only."""

    def dropout(x, p_drop, training, rng):
        if not training:
            return x, None
        kept = rng.random(mask_shape(x.shape)) >= p_drop
        return x * kept / (1 - p_drop), None

    return dropout


@misconception(
    hint="Each picture drops other numbers: draw a coin for every entry of the batch, not one "
    "picture's that all of them share.",
    caught_by="test_dropout_in_training",
)
def all_pictures_drop_the_same(reference):
    return forward_with(dropout=drops_together(lambda shape: shape[1:]))


@misconception(
    hint="Dropout treats every pooled number independently: yours drops or keeps whole feature maps.",
    caught_by="test_dropout_in_training",
)
def whole_maps_dropped(reference):
    return forward_with(dropout=drops_together(lambda shape: (*shape[:2], 1, 1)))


# The loss and its gradients


@misconception(
    hint="The error passes the ReLU on its way back: relu_backward is missing before "
    "conv_backward.",
    caught_by="test_gradients",
)
def back_without_relu(reference):
    return loss_with(relu=(relu_forward, nothing_backward))


@misconception(
    hint="What was dropped sends nothing back: dropout_backward is missing.",
    caught_by="test_gradients_with_dropout",
)
def back_without_dropout(reference):
    return loss_with(dropout=(dropout_forward, nothing_backward))


@misconception(
    hint="cross_entropy_loss has averaged over the batch already: do not divide by N again.",
    caught_by="test_gradients",
)
def divided_by_batch_twice(reference):
    def cnn_loss(x, y, params, p_drop=0.0, rng=None):
        loss, grads = reference.cnn_loss(x, y, params, p_drop, rng)
        return loss, [(dw / len(x), db / len(x)) for dw, db in grads]

    return cnn_loss


@misconception(
    hint="The filters learn, too: send the error back through dropout, pooling and ReLU to the "
    "convolution.",
    caught_by="test_gradients",
)
def filters_do_not_learn(reference):
    return loss_with(grads=lambda g: [tuple(0 * part for part in g[0]), g[1]])


@misconception(
    hint="grads must come in the order of params: the convolution first, then the classifier.",
    caught_by="test_gradients_are_shaped_like_parameters",
)
def gradients_in_reverse(reference):
    return loss_with(grads=lambda g: g[::-1])


@misconception(
    hint="The gradient points uphill, and a step subtracts it: the error of the logits is "
    "softmax - one-hot, not the other way round.",
    caught_by="test_gradients",
)
def gradients_with_wrong_sign(reference):
    return loss_with(delta=lambda d: -d)


@misconception(
    hint="Pass p_drop and rng on to cnn_forward: the loss of training is that of the network "
    "with dropout.",
    caught_by="test_gradients_with_dropout",
)
def gradients_without_dropout(reference):
    def cnn_loss(x, y, params, p_drop=0.0, rng=None):
        loss, _ = reference.cnn_loss(x, y, params, p_drop, rng)
        return loss, reference.cnn_loss(x, y, params)[1]

    return cnn_loss


# The answer


@misconception(
    hint="The answer is the class, so the place of the largest logit: argmax, not max.",
    caught_by="test_classes_shape",
)
def largest_logit_itself(reference):
    def predict(x, params):
        return reference.cnn_forward(x, params)[0].max(axis=1)

    return predict


@misconception(
    hint="Ask row by row, argmax(axis=1): over axis 0 you get the best picture of each class.",
    caught_by="test_classes_shape",
)
def argmax_over_pictures(reference):
    def predict(x, params):
        return reference.cnn_forward(x, params)[0].argmax(axis=0)

    return predict


@misconception(
    hint="The most probable class has the largest logit, not the smallest.",
    caught_by="test_predicted_classes",
)
def least_probable_class(reference):
    def predict(x, params):
        return reference.cnn_forward(x, params)[0].argmin(axis=1)

    return predict


# Training


@misconception(
    hint="Nothing is learned: let what the step returns replace params.",
    caught_by="test_one_step",
)
def steps_thrown_away(reference):
    return train_with(reference, step=0)


@misconception(
    hint="The gradient points uphill: subtract it, do not add it.",
    caught_by="test_one_step",
)
def steps_uphill(reference):
    return train_with(reference, step=-1)


@misconception(
    hint="Yours never shuffles, as PyTorch's DataLoader where it is not told to; here every epoch puts the "
    "pictures into a new random order: rng.permutation(len(x)).",
    caught_by="test_order_is_new_in_every_epoch",
)
def never_shuffled(reference):
    return train_with(reference, order=lambda n, rng, kept: np.arange(n))


@misconception(
    hint="The order was drawn once, before the loop over epochs: draw a new one in each epoch.",
    caught_by="test_order_is_new_in_every_epoch",
)
def shuffled_once(reference):
    def order(n, rng, kept):
        if "order" not in kept:
            kept["order"] = rng.permutation(n)
        return kept["order"]

    return train_with(reference, order=order)


@misconception(
    hint="An epoch uses every picture exactly once: cut a permutation into slices. rng.integers "
    "and rng.choice draw some twice and others never.",
    caught_by="test_order_is_new_in_every_epoch",
)
def drawn_with_replacement(reference):
    return train_with(reference, order=lambda n, rng, kept: rng.integers(0, n, n))


@misconception(
    hint="An epoch is not one step: go on with the next slice until all pictures were used.",
    caught_by="test_every_slice_makes_a_step",
)
def one_slice_an_epoch(reference):
    return train_with(reference, slices=lambda cut, batch: cut[:1])


@misconception(
    hint="The last slice may be smaller, but its pictures count: go on to the end of the order.",
    caught_by="test_history_is_weighted",
)
def last_slice_dropped(reference):
    return train_with(
        reference, slices=lambda cut, batch: [c for c in cut if len(c) == batch] or cut[:1]
    )


@misconception(
    hint="The last slice is lost even where it is full, and with it everything where one slice holds "
    "all: up to which place must the loop over the slices run?",
    caught_by="test_one_step",
)
def last_full_slice_lost(reference):
    return train_with(reference, slices=lambda cut, batch: cut[:-1])


@misconception(
    hint="A slice of one picture must not count as much as a full one: weigh each loss with the "
    "number of its pictures.",
    caught_by="test_history_is_weighted",
)
def history_not_weighted(reference):
    return train_with(reference, entry=lambda losses: float(np.mean(losses)))


@misconception(
    hint="history wants the mean over the whole epoch, not the loss of its last slice.",
    caught_by="test_history_is_weighted",
)
def history_of_the_last_slice(reference):
    return train_with(reference, entry=lambda losses: losses[-1])


@misconception(
    hint="Training never drops anything: p_drop and rng must be passed on, from train_cnn to cnn_loss "
    "and from there to cnn_forward.",
    caught_by="test_dropout_while_training",
)
def trained_without_dropout(reference):
    return train_with(reference, drop=lambda p_drop, rng: (0.0, None))


@misconception(
    hint="A generator made anew for each step drops the same numbers again and again: pass on "
    "the rng that you were given.",
    caught_by="test_dropout_while_training",
)
def same_numbers_dropped(reference):
    return train_with(reference, drop=lambda p_drop, rng: (p_drop, np.random.default_rng(0)))


@misconception(
    hint="All randomness must come from rng: a generator made inside makes every run the same, "
    "whatever the caller's seed.",
    caught_by="test_order_is_new_in_every_epoch",
)
def makes_its_own_generator(reference):
    return train_with(reference, generator=lambda rng: np.random.default_rng(0))


@misconception(
    hint="Training starts from init_cnn with the rng that it is given, without any further factor.",
    caught_by="test_training_starts_at_the_start",
)
def starts_with_other_weights(reference):
    def start(rng, *sizes):
        return [(0.5 * w, b) for w, b in reference.init_cnn(rng, *sizes)]

    return train_with(reference, start=start)


@misconception(
    hint="The learning rate is lr in every epoch: yours becomes smaller.",
    caught_by="test_one_step",
)
def learning_rate_falls(reference):
    return train_with(reference, rate=lambda lr, epoch: lr * 0.95**epoch)


@misconception(
    hint="train_cnn returns the parameters at the end of the last epoch, not those of the best one.",
    caught_by="test_one_step",
)
def best_parameters_returned(reference):
    def result(ends, history):
        return ends[int(np.argmin(history))]

    return train_with(reference, result=result)


@misconception(
    hint="Pictures may have several channels, and need not be square: all three numbers of x.shape[1:] "
    "go into init_cnn.",
    caught_by="test_training_shapes",
)
def only_grey_squares(reference):
    def start(rng, channels, field, classes, image):
        return reference.init_cnn(rng, channels, field, classes, (1, image[1], image[1]))

    return train_with(reference, start=start)
