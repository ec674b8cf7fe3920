"""Mistakes that people make when they compare networks, each a small change on the reference."""

import hashlib
import pickle

import numpy as np
from ex03_fully_connected import mlp_forward
from ex08_backpropagation import train as train_mlp
from ex09_cnn import predict, train_cnn

from grader.checks import misconception

# Shuffling


def places(x, permutation):
    """Refuse what the reference refuses."""
    count = x.shape[2] * x.shape[3]
    if np.shape(permutation) != (count,) or sorted(permutation) != list(range(count)):
        raise ValueError("not a permutation")
    return count


@misconception(
    hint="permutation[k] says where place k takes its pixel from, as in x[permutation]; yours says where "
    "it goes to, as np.put and PyTorch's scatter read it.",
    caught_by="test_pixels_move",
)
def inverse_permutation(reference):
    def shuffle_pixels(x, permutation):
        places(x, permutation)
        return reference.shuffle_pixels(x, np.argsort(permutation, kind="stable"))

    return shuffle_pixels


@misconception(
    hint="The same permutation for every picture: with another one each, nothing is left to learn.",
    caught_by="test_pixels_move",
)
def each_picture_another_order(reference):
    def shuffle_pixels(x, permutation):
        places(x, permutation)
        turned = [np.roll(permutation, n) for n in range(len(x))]
        return np.concatenate(
            [reference.shuffle_pixels(x[n : n + 1], turned[n]) for n in range(len(x))]
        )

    return shuffle_pixels


@misconception(
    hint="The pictures were put into another order, not their pixels: permute the last axis of "
    "x.reshape(N, C, H·W).",
    caught_by="test_pixels_move",
)
def pictures_permuted(reference):
    def shuffle_pixels(x, permutation):
        places(x, permutation)
        return x[np.argsort(permutation[: len(x)], kind="stable")]

    return shuffle_pixels


@misconception(
    hint="Count the places row by row; yours counts them column by column.",
    caught_by="test_pixels_move",
)
def counted_by_columns(reference):
    def shuffle_pixels(x, permutation):
        places(x, permutation)
        n, c, h, w = x.shape
        flat = x.transpose(0, 1, 3, 2).reshape(n, c, h * w)[:, :, permutation]
        return flat.reshape(n, c, w, h).transpose(0, 1, 3, 2)

    return shuffle_pixels


@misconception(
    hint="The pixels of each channel move in the same way: x.reshape(N, C, H·W), with C apart.",
    caught_by="test_pixels_move",
)
def only_the_first_channel(reference):
    def shuffle_pixels(x, permutation):
        out = x.copy()
        out[:, :1] = reference.shuffle_pixels(x[:, :1], permutation)
        return out

    return shuffle_pixels


@misconception(
    hint="reshape(H, W) is missing at the end: shuffled pictures are pictures, not rows of pixels.",
    caught_by="test_shuffled_shape",
)
def pictures_stay_flat(reference):
    def shuffle_pixels(x, permutation):
        out = reference.shuffle_pixels(x, permutation)
        return out.reshape(*x.shape[:2], -1)

    return shuffle_pixels


@misconception(
    hint="A list with a place twice, or missing, is no permutation: compare its sorted entries "
    "with 0, 1, 2, … and raise ValueError.",
    caught_by="test_what_is_no_permutation",
)
def any_list_accepted(reference):
    def shuffle_pixels(x, permutation):
        n, c, h, w = x.shape
        return x.reshape(n, c, h * w)[:, :, permutation].reshape(x.shape)

    return shuffle_pixels


@misconception(
    hint="x[...] = … writes into the caller's pictures: put the shuffled ones into a new array.",
    caught_by="test_pixels_move",
)
def shuffled_in_place(reference):
    def shuffle_pixels(x, permutation):
        x[...] = reference.shuffle_pixels(x, permutation)
        return x

    return shuffle_pixels


# The table


def once(train):
    """Train, but remember what came of the same data, settings and random numbers: most of these tables
    have networks in common."""
    learned = {}

    def remembered(x, y, rng, *settings):
        given = pickle.dumps((x, y, rng.bit_generator.state, settings))
        at = hashlib.sha256(given).digest()
        if at not in learned:
            if len(learned) == 500:
                learned.clear()
            learned[at] = train(x, y, rng, *settings), rng.bit_generator.state
        params, rng.bit_generator.state = learned[at]
        return params

    return remembered


@once
def cnn_of(x, y, rng, classes):
    return train_cnn(x, y, rng, 16, 5, classes, 0.2, 40, 32, 0.0)[0]


@once
def mlp_of(x, y, rng, *sizes):
    return train_mlp(x, y, sizes, "relu", 0.2, 40, 32, rng)[0]


def table_with(
    reference,
    *,
    choose=None,
    again="",
    learn=None,
    ask=None,
    layers=None,
    answer=None,
    name=None,
    order=None,
):
    """An accuracy_table with a part replaced: how the training set is drawn, and whether again for
    other "pixels" or each "network"; how it and the test pictures are shuffled, the layers of the
    MLP, what becomes of the answers, what a network is called, the order of the kinds."""

    def accuracy_table(train, test, permutation, sizes, rng):
        (x_train, y_train), (x_test, y_test) = train, test
        classes = int(max(y_train.max(), y_test.max())) + 1
        draw = choose or (lambda n, size, rng: rng.permutation(n)[:size])
        rows = []
        for size in sizes:
            chosen = None
            for pixels in order or ("plain", "shuffled"):
                shuffled = pixels == "shuffled"
                shuffle = reference.shuffle_pixels if shuffled else lambda a, _: a
                prepare = learn if learn and shuffled else shuffle
                new = (ask if ask and shuffled else shuffle)(x_test, permutation)
                if chosen is None or again:
                    chosen = draw(len(x_train), size, rng)
                x, y = prepare(x_train[chosen], permutation), y_train[chosen]
                cnn = cnn_of(x, y, rng, classes)
                if again == "network":
                    chosen = draw(len(x_train), size, rng)
                    x, y = prepare(x_train[chosen], permutation), y_train[chosen]
                inputs, count = x[0].size, sum(w.size + b.size for w, b in cnn)
                hidden = round((count - classes) / (inputs + classes + 1))
                mlp = mlp_of(x, y, rng, *(layers or list)([inputs, hidden, classes]))
                answers = predict(new, cnn), mlp_forward(new, mlp)[0].argmax(axis=1)
                if answer is on_train:
                    answers = predict(x, cnn), mlp_forward(x, mlp)[0].argmax(axis=1)
                for model, said in zip(name or ("cnn", "mlp"), answers, strict=True):
                    right = y if answer is on_train else y_test
                    share = float(np.mean(said == right))
                    if answer is not None and answer is not on_train:
                        share = answer(said == right)
                    rows.append({"size": size, "model": model, "pixels": pixels, "accuracy": share})
        return rows

    return accuracy_table


def on_train():
    """Ask about the training pictures."""


@misconception(
    hint="The test pictures must be shuffled with the same permutation as the training "
    "pictures: otherwise the network is tested on pictures of another kind.",
    caught_by="test_accuracies_are_measured_on_test",
)
def test_pictures_not_shuffled(reference):
    return table_with(reference, ask=lambda x, permutation: x)


@misconception(
    hint="The training pictures must be shuffled, too, with the same permutation as the test "
    "pictures.",
    caught_by="test_accuracies_are_measured_on_test",
)
def training_pictures_not_shuffled(reference):
    return table_with(reference, learn=lambda x, permutation: x)


@misconception(
    hint="One permutation for all: the test pictures got one of their own.",
    caught_by="test_accuracies_are_measured_on_test",
)
def test_shuffled_otherwise(reference):
    def ask(x, permutation):
        return reference.shuffle_pixels(x, permutation[::-1])

    return table_with(reference, ask=ask)


@misconception(
    hint='The rows "shuffled" were made with plain pictures: use what shuffle_pixels returns.',
    caught_by="test_both_kinds_of_pixels",
)
def nothing_shuffled(reference):
    def same(x, permutation):
        return x

    return table_with(reference, learn=same, ask=same)


@misconception(
    hint="Each row says how many examples were learned from, so learn from that many, not from "
    "all.",
    caught_by="test_training_sets",
)
def size_ignored(reference):
    return table_with(reference, choose=lambda n, size, rng: rng.permutation(n))


@misconception(
    hint="The accuracy on the training pictures says little: count the right answers on test.",
    caught_by="test_accuracies_are_measured_on_test",
)
def measured_on_training_pictures(reference):
    return table_with(reference, answer=on_train)


@misconception(
    hint="An accuracy is a fraction from 0 to 1, not a percentage.",
    caught_by="test_table_rows",
)
def accuracy_in_percent(reference):
    return table_with(reference, answer=lambda right: 100 * float(np.mean(right)))


@misconception(
    hint="Divide the number of right answers by the number of test pictures.",
    caught_by="test_table_rows",
)
def right_answers_counted(reference):
    return table_with(reference, answer=lambda right: float(np.sum(right)))


@misconception(
    hint="This is the share of wrong answers; the accuracy is the share of right ones.",
    caught_by="test_accuracies_are_measured_on_test",
)
def share_of_errors(reference):
    return table_with(reference, answer=lambda right: 1 - float(np.mean(right)))


@misconception(
    hint="Within a size the order is cnn plain, mlp plain, cnn shuffled, mlp shuffled; yours "
    "begins with the shuffled ones.",
    caught_by="test_table_rows",
)
def shuffled_rows_first(reference):
    return table_with(reference, order=("shuffled", "plain"))


@misconception(
    hint='The names "cnn" and "mlp" are swapped, or their order is: the CNN comes first.',
    caught_by="test_table_rows",
)
def mlp_comes_first(reference):
    return table_with(reference, name=("mlp", "cnn"))


@misconception(
    hint="The first examples need not be typical, they may be sorted: draw at random with "
    "rng.permutation(len(x))[:size].",
    caught_by="test_training_sets",
)
def first_examples_only(reference):
    return table_with(reference, choose=lambda n, size, rng: np.arange(size))


@misconception(
    hint="rng.integers draws some examples twice, and rng.choice does unless it is told not to: the "
    "first `size` places of a permutation are all different.",
    caught_by="test_training_sets",
)
def drawn_with_replacement(reference):
    return table_with(reference, choose=lambda n, size, rng: rng.integers(0, n, size))


@misconception(
    hint="One example too many: how many entries has order[:size]?",
    caught_by="test_training_sets",
)
def one_example_more(reference):
    return table_with(reference, choose=lambda n, size, rng: rng.permutation(n)[: size + 1])


@misconception(
    hint="The examples were drawn again for the shuffled pixels: then the examples make a difference, "
    "too. Draw once for each size.",
    caught_by="test_same_examples_for_all_four",
)
def drawn_again_for_shuffled_pixels(reference):
    return table_with(reference, again="pixels")


@misconception(
    hint="Each network got examples of its own: then it is luck which network had the better ones. Draw "
    "once for each size.",
    caught_by="test_same_examples_for_all_four",
)
def drawn_again_for_each_network(reference):
    return table_with(reference, again="network")


@misconception(
    hint="From the inputs straight to the classes is no MLP: put a hidden layer between them.",
    caught_by="test_hidden_layer",
)
def mlp_without_hidden_layer(reference):
    return table_with(reference, layers=lambda sizes: [sizes[0], sizes[-1]])
