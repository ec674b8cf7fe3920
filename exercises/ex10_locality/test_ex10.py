"""The checks of ex10: what shuffled pixels do to a convolutional network."""

from pathlib import Path

import numpy as np
import pytest

from grader.checks import (
    assert_arguments_unchanged,
    assert_raises,
    assert_same,
    assert_shape,
    fail,
    grid_values,
    say,
)

SHAPE = "test_shuffled_shape"
TABLE = "test_table_rows"
MEASURED = "test_accuracies_are_measured_on_test"
READY = (
    "test_pixels_move",
    "test_what_is_no_permutation",
    "test_shuffling_can_be_undone",
    "test_table_can_be_repeated",
    MEASURED,
    "test_both_kinds_of_pixels",
    "test_training_sets",
    "test_same_examples_for_all_four",
    "test_hidden_layer",
)


def generator(seed=1):
    """A generator. Every call with it sees the same state."""
    return np.random.default_rng(seed)


def stripes(n, seed=3, classes=3):
    """Easy pictures of 4×5 pixels: the class says which row is bright."""
    rng = generator(seed)
    y = np.arange(n) % classes
    x = 0.2 * rng.random((n, 1, 4, 5))
    x[np.arange(n), 0, y] += 0.8
    return x, y


def sheets():
    """The digits, each somewhere on an empty sheet of 12×12 pixels."""
    with np.load(Path(__file__).parent.parent / "data" / "digits.npz") as data:
        images, labels = data["images"] / 16, data["labels"].astype(int)
        train, test, offsets = data["train"], data["test"], data["offsets"]
    x = np.zeros((len(images), 1, 12, 12))
    for sheet, image, (row, column) in zip(x, images, offsets, strict=True):
        sheet[0, row : row + 8, column : column + 8] = image
    return (x[train], labels[train]), (x[test], labels[test])


# Shuffling


@pytest.mark.points(1)
def test_shuffled_shape(student, rng):
    """Shuffled pictures keep their shape and their kind of number."""
    for shape in [(3, 2, 4, 5), (1, 1, 1, 6), (2, 3, 7, 2)]:
        x = grid_values(rng, shape)
        out = student.shuffle_pixels(x, rng.permutation(shape[2] * shape[3]))
        assert_shape(out, shape, because=say("For x of shape {shape}:", shape=shape))


@pytest.mark.points(1)
@pytest.mark.after(SHAPE)
def test_worked_example(student):
    """The example of the handout: 1 2 / 3 4 with the permutation 2, 0, 3, 1."""
    out = student.shuffle_pixels(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), np.array([2, 0, 3, 1]))
    assert_same(
        out, np.array([[[[3.0, 1.0], [4.0, 2.0]]]]), because="Place 0 gets what place 2 held:"
    )


@pytest.mark.points(2)
@pytest.mark.after(SHAPE)
def test_pixels_move(student, rng):
    """Place k of the result holds what place permutation[k] held, in every picture and channel."""
    for shape in [(3, 2, 4, 5), (1, 3, 6, 1)]:
        x, permutation = grid_values(rng, shape), rng.permutation(shape[2] * shape[3])
        want = np.stack([[m.ravel()[permutation].reshape(m.shape) for m in maps] for maps in x])
        got = assert_arguments_unchanged(student.shuffle_pixels, x, permutation)
        assert_same(got, want, tolerance=0)


@pytest.mark.points(1)
@pytest.mark.after(SHAPE)
def test_shuffling_can_be_undone(student, rng):
    """The inverse permutation brings the picture back; 0, 1, 2, … leaves it as it is."""
    x, permutation = grid_values(rng, (2, 3, 4, 5)), rng.permutation(20)
    shuffled = student.shuffle_pixels(x, permutation)
    assert_same(
        student.shuffle_pixels(shuffled, np.argsort(permutation, kind="stable")), x, tolerance=0
    )
    assert_same(student.shuffle_pixels(x, np.arange(20)), x, tolerance=0)


@pytest.mark.points(1)
@pytest.mark.after(SHAPE)
def test_kind_of_number_is_kept(student, rng):
    """Bytes stay bytes, float32 stays float32; arrays that are not contiguous work."""
    permutation = rng.permutation(20)
    whole = rng.integers(0, 200, (2, 1, 4, 5))
    want = student.shuffle_pixels(whole.astype(float), permutation)
    for dtype in ("uint8", "float32", "int64"):
        out = student.shuffle_pixels(whole.astype(dtype), permutation)
        assert_same(
            out, want, because=say("With pixels of type {dtype}:", dtype=dtype), tolerance=0
        )
        if out.dtype != np.dtype(dtype):
            fail(
                say("Pixels of type {dtype} came back as {dtype2}.", dtype=dtype, dtype2=out.dtype)
            )
    assert_same(student.shuffle_pixels(np.asfortranarray(whole), permutation), want, tolerance=0)


@pytest.mark.points(1)
@pytest.mark.after(SHAPE)
def test_what_is_no_permutation(student):
    """A pixel lost, doubled or invented is a ValueError."""
    x = np.ones((2, 1, 2, 2))
    for bad in (
        [0, 1, 2, 2],
        [0, 1, 2],
        [1, 2, 3, 4],
        [0, 1, 2, 3, 0],
        [0, 1, 2, -1],
        [[0, 1], [2, 3]],
    ):
        assert_raises(student.shuffle_pixels, "ValueError", x, np.array(bad))


# The table


def table_of(student, train, test, permutation, sizes, seed=1):
    """The student's table, its rows looked at."""
    table = student.accuracy_table(train, test, permutation, sizes, generator(seed))
    order = [(s, m, p) for s in sizes for p in ("plain", "shuffled") for m in ("cnn", "mlp")]
    if len(table) != len(order):
        fail(
            say(
                "The table must have 4 rows for each of {n} sizes; it has {n2} rows.",
                n=len(sizes),
                n2=len(table),
            )
        )
    for i, (row, (size, model, pixels)) in enumerate(zip(table, order, strict=True)):
        if not isinstance(row, dict) or set(row) != {"size", "model", "pixels", "accuracy"}:
            fail(
                say(
                    'Row {i} must be a dict with the keys "size", "model", "pixels" and "accuracy".',
                    i=i,
                )
            )
        if (row["size"], row["model"], row["pixels"]) != (size, model, pixels):
            fail(
                say(
                    "Row {i} must be the one of size {size}, {model!r}, {pixels!r}; it is that of size "
                    "{row}, {row2!r}, {row3!r}.",
                    i=i,
                    size=size,
                    model=model,
                    pixels=pixels,
                    row=row["size"],
                    row2=row["model"],
                    row3=row["pixels"],
                )
            )
        if not isinstance(row["size"], int | np.integer):
            fail(
                say(
                    "size must be an int; in row {i} it is a {name}.",
                    i=i,
                    name=type(row["size"]).__name__,
                )
            )
        if not isinstance(row["accuracy"], float | np.floating):
            fail(
                say(
                    "accuracy must be a float; in row {i} it is a {name}.",
                    i=i,
                    name=type(row["accuracy"]).__name__,
                )
            )
        right = row["accuracy"] * len(test[1])
        if not 0 <= row["accuracy"] <= 1 or abs(right - round(right)) > 1e-3:
            fail(
                say(
                    "accuracy is the number of right answers over the {n} test pictures; {row:g} in row "
                    "{i} cannot be that.",
                    n=len(test[1]),
                    row=row["accuracy"],
                    i=i,
                )
            )
    return table


def accuracies(table):
    """The accuracies alone: (sizes, 4), in the order cnn and mlp plain, cnn and mlp shuffled."""
    return np.array([row["accuracy"] for row in table], float).reshape(-1, 4)


@pytest.mark.points(2)
def test_table_rows(student):
    """The table has four rows for each size, in the order that is asked for."""
    train, test = stripes(12), stripes(7, seed=4)
    for sizes in ([6], [9, 3]):
        table_of(student, train, test, generator().permutation(20), sizes)
    # Not every class of the training pictures is among the test pictures.
    easy = test[1] == 0
    table_of(student, train, (test[0][easy], test[1][easy]), generator().permutation(20), [6])


@pytest.mark.points(2)
@pytest.mark.after(TABLE)
def test_accuracies_are_measured_on_test(student):
    """The accuracy is the share of right answers on the test pictures, not on the others."""
    # 36 pictures whose class a bright row gives away are easy. With each test label moved on by one,
    # what was right is wrong.
    train, (x, y) = stripes(36), stripes(30, seed=4)
    permutation = generator().permutation(20)
    right = accuracies(table_of(student, train, (x, y), permutation, [36]))
    if right.min() < 0.7:
        fail(
            say(
                "36 easy pictures are learned, but only {value:.0%} of 30 others like them are read "
                "right.",
                value=right.min(),
            ),
            hint="Are the test pictures shuffled just as the training pictures are?",
        )
    wrong = accuracies(table_of(student, train, (x, (y + 1) % 3), permutation, [36]))
    if wrong.max() > 0.3:
        fail(
            say(
                "With every test label wrong the accuracy is still {value:.0%}.", value=wrong.max()
            ),
            hint="Train on train only, and count the right answers on test.",
        )


@pytest.mark.points(2)
@pytest.mark.after(TABLE)
def test_both_kinds_of_pixels(student):
    """The rows of shuffled pixels belong to shuffled pixels, and only they."""
    # Pictures of noise: what is learned from them, and so the share of 2,000 chance hits, differs
    # with every change. 0, 1, 2, … is the permutation that changes nothing.
    rng = generator(5)
    train = rng.random((20, 1, 4, 5)), np.arange(20) % 3
    test = rng.random((2000, 1, 4, 5)), np.arange(2000) % 3
    one, *others = [
        accuracies(table_of(student, train, test, permutation, [10, 20]))
        for permutation in (np.arange(20), generator(7).permutation(20), np.arange(20)[::-1])
    ]
    if any(not np.array_equal(one[:, :2], other[:, :2]) for other in others):
        fail(
            "Another permutation changes the accuracies of plain pixels.",
            hint="Shuffle into a new array, and train on the plain pictures for the plain rows, also at "
            "the second size.",
        )
    if all(np.array_equal(one[:, 2:], other[:, 2:]) for other in others):
        fail(
            "The permutation has no influence on the rows of shuffled pixels.",
            hint='Train and test on shuffle_pixels(x, permutation) for the rows "shuffled".',
        )


def pictures_known(student, sizes):
    """For each size the pictures that each of the four rows knows, of five that have a class each.

    Test holds picture k 2^k times, so the number of right answers, written in binary, tells which
    pictures were read right. What was not learned from is not: its class is never the answer.
    """
    x = np.full((5, 1, 5, 4), 0.25)
    x[range(5), 0, range(5)] = 1
    y = np.repeat(np.arange(5), 2 ** np.arange(5))
    table = table_of(
        student, (x, np.arange(5)), (x[y], y), generator().permutation(20), list(sizes)
    )
    right = np.rint(accuracies(table) * len(y)).astype(int)
    return [[{k for k in range(5) if n >> k & 1} for n in row] for row in right]


@pytest.mark.points(2)
@pytest.mark.after(MEASURED)
def test_training_sets(student):
    """Each size draws that many examples, at random and none of them twice."""
    # Over 250 seeds no row of a right solution knew more or fewer pictures than were drawn, nor over
    # 100 with a learning rate of 0.5 or with 20 epochs.
    sizes = (1, 3, 5)
    for size, rows in zip(sizes, pictures_known(student, sizes), strict=True):
        for known in rows:
            head = say(
                "From 5 pictures, each of another class, {size} had to be drawn and learned; ",
                size=size,
            )
            if len(known) > size:
                fail(
                    say("{head}the network knows {n}.", head=head, n=len(known)),
                    hint="Train on `size` examples only.",
                )
            if len(known) < size:
                fail(
                    say("{head}the network knows only {n}.", head=head, n=len(known)),
                    hint="Was one drawn twice? rng.permutation(len(x))[:size] draws each at most once.",
                )
    # Sorted by class, the first 24 of 72 examples are all of class 0, and any 24 in a row are of two
    # classes at most, so only a random choice meets all three. Over 60 seeds all answers were right.
    x, y = stripes(72)
    order = np.argsort(y, kind="stable")
    test, permutation = stripes(30, seed=4), generator().permutation(20)
    least = accuracies(table_of(student, (x[order], y[order]), test, permutation, [24])).min()
    if least < 0.7:
        fail(
            say(
                "24 of 72 easy pictures were to be drawn at random; then {least:.0%} is too few.",
                least=least,
            ),
            hint="Draw rng.permutation(len(x))[:size]: the first ones need not be typical.",
        )


@pytest.mark.points(2)
@pytest.mark.after("test_training_sets")
def test_same_examples_for_all_four(student):
    """Both networks learn from the same examples, on plain and on shuffled pixels."""
    sizes = (1, 2, 3)  # drawn twice, all three are the same once in 5 * 10 * 10 times
    names = ("cnn plain", "mlp plain", "cnn shuffled", "mlp shuffled")
    for size, rows in zip(sizes, pictures_known(student, sizes), strict=True):
        for name, known in zip(names, rows, strict=True):
            if known != rows[0]:
                shown = [", ".join(map(str, sorted(one))) for one in (rows[0], known)]
                fail(
                    say(
                        "For size {size} the row {names} was learned from example {shown}, and the row {name} "
                        "from {shown2}.",
                        size=size,
                        names=names[0],
                        shown=shown[0],
                        name=name,
                        shown2=shown[1],
                    ),
                    hint="Draw once for each size, and use these examples in all four rows.",
                )


@pytest.mark.points(1)
@pytest.mark.after(MEASURED)
def test_hidden_layer(student):
    """The MLP has a hidden layer: it learns XOR, which a single layer cannot."""
    # The upper half is bright or dark, the lower half, too; class 1 is where they differ. Without a
    # hidden layer at most 3 of the 4 can be right. A right solution reads all four: it did over 300
    # seeds, and over 100 with a learning rate of 0.05 or with 15 epochs.
    upper, lower = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    x = np.repeat(np.stack([upper, lower], axis=1), 2, axis=1)[:, np.newaxis, :, np.newaxis]
    x, y = np.tile(x, (1, 1, 1, 5)) * 1.0, upper ^ lower
    train = np.tile(x, (16, 1, 1, 1)), np.tile(y, 16)
    permutation = generator().permutation(20)
    rows = accuracies(table_of(student, train, (x, y), permutation, [64]))[0]
    for name, share in (("plain", rows[1]), ("shuffled", rows[3])):
        if share < 1:
            fail(
                say(
                    "Class 1 is where one half of the picture is bright and the other dark: an XOR. After "
                    "16 examples of each of the 4 cases the MLP reads {value} of 4 right ({name} pixels).",
                    value=round(4 * share),
                    name=name,
                ),
                hint="Does it have a hidden layer with ReLU, and is it trained as long as the CNN?",
            )


@pytest.mark.points(1)
@pytest.mark.after(TABLE)
def test_table_can_be_repeated(student):
    """All randomness comes from rng, and the data stay as they are."""
    rng = generator(5)
    train = rng.random((15, 1, 4, 5)), np.arange(15) % 3
    test = rng.random((40, 1, 4, 5)), np.arange(40) % 3
    make = student.accuracy_table
    arguments = train, test, generator().permutation(20), [15]
    one = assert_arguments_unchanged(make, *arguments, generator(1))
    if not make.last.drew:
        fail("Nothing was drawn from rng.", hint="Pass rng on to the training, and draw with it.")
    if accuracies(make(*arguments, generator(1))).tolist() != accuracies(one).tolist():
        fail("With a generator in the same state the table must be the same.")
    if all(
        np.array_equal(accuracies(make(*arguments, generator(s))), accuracies(one)) for s in (2, 3)
    ):
        fail("With other generators the table must differ.")


def alike(one, other):
    """Whether two settings are the same, give or take a tenth."""
    return abs(one - other) <= 0.1 * max(abs(one), abs(other))


@pytest.mark.points(1)
@pytest.mark.after(TABLE)
def test_both_networks_train_alike(student):
    """Each network is trained once for each row, with the same settings, and they are of about one size."""
    # What is seen are calls of train_cnn and train of the earlier files, by whatever name; a network that
    # is trained in another way is left to its author.
    train, test, sizes = stripes(12), stripes(7, seed=4), [6, 9]
    student.accuracy_table.watching(
        ["train_cnn", "train"], train, test, generator().permutation(20), sizes, generator()
    )
    calls = student.accuracy_table.last.watched
    of = {
        name: [given for other, given in calls if other == name] for name in ("train_cnn", "train")
    }
    for name, given in of.items():
        if given and len(given) != 4:
            fail(
                say(
                    "For 2 sizes accuracy_table calls {name} {n} times, expected 4: once on plain and "
                    "once on shuffled pixels.",
                    name=name,
                    n=len(given),
                ),
                hint="Choosing the best of several trainings would measure luck, not the network.",
            )
    for cnn in of["train_cnn"]:
        if cnn.get("p_drop"):
            fail(
                say(
                    "The CNN is trained with p_drop={cnn:g}; the comparison has no dropout.",
                    cnn=cnn["p_drop"],
                )
            )
    for cnn, mlp in zip(of["train_cnn"], of["train"], strict=False):
        for what in ("lr", "epochs", "batch"):
            if what in cnn and what in mlp and not alike(cnn[what], mlp[what]):
                fail(
                    say(
                        "The CNN is trained with {what}={cnn:g}, the MLP with {what}={mlp:g}: they must be "
                        "the same.",
                        what=what,
                        cnn=cnn[what],
                        mlp=mlp[what],
                    ),
                    hint="Give train_cnn and train the same learning rate, epochs and batch size.",
                )
        layers = mlp.get("sizes")
        if layers and len(layers) == 3 and "channels" in cnn and "field" in cnn:
            maps, side, classes = cnn["channels"], cnn["field"], layers[-1]
            rows, columns = ((n - (side + 1) % 2) // 2 for n in (4, 5))
            count = maps * (side**2 + 1) + maps * rows * columns * classes + classes
            inputs, units, _ = layers
            own = units * (inputs + 1) + classes * (units + 1)
            if abs(own - count) > max(inputs + classes + 1, 0.1 * count):
                fail(
                    say(
                        "The CNN has {count} parameters, the MLP with {units} hidden units has {own}.",
                        count=count,
                        units=units,
                        own=own,
                    ),
                    hint="Set the handout's formula for M units equal to the CNN's number, and solve for M.",
                )


@pytest.mark.points(1)
@pytest.mark.hidden
@pytest.mark.after(MEASURED)
def test_digits_are_measured(student, rng):
    """On real digits, too, every accuracy is counted: each answer agrees with one of ten labels."""
    # Test holds every picture ten times, once with each label. Whatever a network answers, it is right
    # exactly once in ten times, so that no other accuracy can have been counted.
    train, (x, y) = sheets()
    chosen = rng.permutation(len(y))[:60]
    tens = np.tile(x[chosen], (10, 1, 1, 1)), np.repeat(np.arange(10), len(chosen))
    sizes = [int(rng.integers(40, 100))]
    rows = accuracies(table_of(student, train, tens, rng.permutation(144), sizes))[0]
    if np.abs(rows - 0.1).max() > 0.005:
        fail(
            say(
                "Every test picture is there ten times, once with each label, so every accuracy is 10 "
                "%; the table says {names}.",
                names=", ".join(f"{r:.1%}" for r in rows),
            ),
            hint="Count the right answers on test.",
        )


def verdict(rows):
    """What the table fails to show, or nothing."""
    little, much = rows[0], rows[1:]
    lead = np.max(much[:, 0] - much[:, 1])  # the better one: a training can fail by bad luck
    shuffled = np.mean(much[:, 2] - much[:, 3])
    shown = "; ".join(
        f"{name} {value:.1%}"
        for name, value in zip(
            ("cnn plain", "mlp plain", "cnn shuffled", "mlp shuffled"),
            much.mean(axis=0),
            strict=True,
        )
    )
    if much.max(axis=0).min() < 0.25:
        return say(
            "With hundreds of examples all four should learn something: {shown}.", shown=shown
        )
    if lead < 0.08:
        return say("On plain pixels the CNN should lead clearly: {shown}.", shown=shown)
    if shuffled > lead - 0.06:
        return say("With shuffled pixels the CNN's lead should be gone: {shown}.", shown=shown)
    if np.abs(much[:, 3] - much[:, 1]).mean() > 0.15:
        return say("An MLP should not care about the order of pixels: {shown}.", shown=shown)
    if little[0] - little[1] > lead:
        return say(
            "With 30 examples the CNN should lead by less than with many: {little:.1%} and "
            "{little2:.1%}, against {shown}.",
            little=little[0],
            little2=little[1],
            shown=shown,
        )
    return ""


@pytest.mark.points(4)
@pytest.mark.timeout(200)
@pytest.mark.after(*READY)
def test_the_lead_disappears_with_the_order(student, rng):
    """On digits that lie anywhere, the CNN leads; with shuffled pixels it does not."""
    # Over 12 seeds, at 250, 400, 450 and 700 examples: the CNN leads by 17 to 40 points on plain
    # pixels, by -5 to 10 on shuffled ones (once by -36, where its training blew up); an MLP's two
    # accuracies differ by at most 14. At 30 examples the CNN leads by 2 to 6. A second try makes
    # bad luck twice in a row as rare as it has to be.
    train, test = sheets()
    problem = ""
    for seed in (1, 2):
        table = table_of(student, train, test, rng.permutation(144), [30, 300, 400], seed)
        problem = verdict(accuracies(table))
        if not problem:
            return
    fail(problem)
