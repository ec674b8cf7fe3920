"""The checks of ex07: losses and their gradients."""

import numpy as np
import pytest

from grader.checks import (
    assert_arguments_unchanged,
    assert_loss_gradient,
    assert_raises,
    assert_same,
    assert_shape,
    fail,
    grid_values,
    probabilities,
    say,
)

MSE = "test_mse_shapes"
SOFTMAX = "test_softmax_shape"
ENTROPY = "test_cross_entropy_shapes"
KL = "test_kl_is_a_number"
KL_BACK = "test_kl_gradient_shape"
DELTA = "test_output_delta_shape"

LOG3 = np.log(3.0)


def scores(rng, n=4, c=5):
    """Logits and labels; every label is another class, and none of them is the row's number."""
    return grid_values(rng, (n, c)), (np.arange(n) * 2 + 1) % c


def softmax_of(logits):
    """Softmax, written once more for these checks; logits must be moderate."""
    powers = np.exp(logits)
    return powers / powers.sum(axis=1, keepdims=True)


def sigmoid_of(z):
    """The sigmoid of moderate numbers."""
    return 1 / (1 + np.exp(-z))


def room(*results):
    """The tolerance for a sum of results: wide if all of them are float32 numbers."""
    single = all(np.array_equal(r, np.asarray(r, np.float32)) for r in results)
    return 1e-5 if single else 1e-9


def no_warning(function, sentence, hint=""):
    """The latest call of a function of the student's raised no warning about its arithmetic."""
    for text in function.last.warnings:
        if text.startswith("RuntimeWarning"):
            fail(
                say(
                    "{sentence}, {function} makes NumPy warn: {text}.",
                    sentence=sentence,
                    function=function.name,
                    text=text,
                ),
                hint=hint,
            )


# The mean squared error


@pytest.mark.points(1)
def test_mse_shapes(student, rng):
    """mse_loss returns one number, and a gradient of the shape of pred."""
    for shape in [(3, 4), (5,), (2, 3, 4), (1, 1)]:
        pred, target = grid_values(rng, shape), grid_values(rng, shape)
        _, dpred = student.mse_loss(pred, target)
        assert_shape(dpred, shape, name="dpred")


@pytest.mark.points(1)
@pytest.mark.after(MSE)
def test_mse_worked_example(student):
    """The example of the handout, worked by hand."""
    pred, target = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[0.0, 2.0], [5.0, 4.0]])
    loss, dpred = student.mse_loss(pred, target)
    assert_same(loss, 1.5, name="loss")
    assert_same(dpred, np.array([[0.5, 0.0], [-1.0, 0.5]]), name="dpred")


@pytest.mark.points(2)
@pytest.mark.after(MSE)
def test_mse_value(student, rng):
    """The loss is the mean of the squared errors over all entries, for any shape."""
    for shape in [(3, 4), (6,), (2, 3, 4), (1, 3)]:
        pred, target = grid_values(rng, shape), grid_values(rng, shape)
        loss, _ = student.mse_loss(pred, target)
        assert_same(
            loss,
            np.mean((pred - target) ** 2),
            name="loss",
            because=say("For shape {shape}:", shape=shape),
        )


@pytest.mark.points(2)
@pytest.mark.after(MSE)
def test_mse_gradient(student, rng):
    """dpred is the gradient of the loss that you return."""
    for shape in [(3, 4), (5,), (2, 3, 2)]:
        assert_loss_gradient(student.mse_loss, grid_values(rng, shape), grid_values(rng, shape))


@pytest.mark.points(1)
@pytest.mark.after(MSE)
def test_mse_properties(student, rng):
    """No error, no loss; 3 too much everywhere costs 9; pred and target may be swapped."""
    target, other = grid_values(rng, (3, 4)), grid_values(rng, (3, 4))
    loss, dpred = student.mse_loss(target, target)
    if loss != 0 or dpred.any():
        fail("Where pred equals target, loss and gradient must be exactly 0.")
    loss, dpred = student.mse_loss(target + 3, target)
    assert_same(loss, 9.0, name="loss", because="pred is target + 3:")
    assert_same(dpred, np.full((3, 4), 0.5), name="dpred", because="pred is target + 3:")
    there, back = student.mse_loss(target, other)[0], student.mse_loss(other, target)[0]
    assert_same(back, there, name="loss", because="With pred and target exchanged:")


@pytest.mark.points(1)
@pytest.mark.after(MSE)
def test_mse_refuses_other_shapes(student):
    """Different shapes are a ValueError: (N, 1) with (N,) would quietly make N·N errors."""
    for shape, other in [
        ((4, 1), (4,)),
        ((4,), (4, 1)),
        ((2, 3), (3,)),
        ((2, 3), (1, 3)),
        ((3,), (1,)),
    ]:
        assert_raises(student.mse_loss, "ValueError", np.ones(shape), np.zeros(other))


@pytest.mark.points(1)
@pytest.mark.after(MSE)
def test_mse_other_number_types(student, rng):
    """float32, whole numbers, also in bytes, views, large and small numbers work; arguments stay."""
    pred, target = grid_values(rng, (3, 4)), grid_values(rng, (3, 4))
    want, slope = np.mean((pred - target) ** 2), (pred - target) / 6
    for scale in (1.0, 2.0**20, 2.0**-20):
        loss, dpred = assert_arguments_unchanged(student.mse_loss, scale * pred, scale * target)
        assert_same(
            loss,
            scale**2 * want,
            name="loss",
            because=say("With numbers times 2**{scale:.0f}:", scale=np.log2(scale)),
        )
        assert_same(
            dpred,
            scale * slope,
            name="dpred",
            because=say("With numbers times 2**{scale:.0f}:", scale=np.log2(scale)),
        )
    single, fortran = pred.astype(np.float32), np.asfortranarray(pred)
    assert_same(student.mse_loss(single, target.astype(np.float32))[0], want, name="loss")
    assert_same(student.mse_loss(fortran, target)[1], slope, name="dpred")
    for kind in ("int64", "uint8"):
        loss, dpred = student.mse_loss(np.array([[20, 1]], kind), np.array([[0, 2]], kind))
        because = say("With whole numbers ({kind}):", kind=kind)
        assert_same(loss, 200.5, name="loss", because=because)
        assert_same(dpred, np.array([[20.0, -1.0]]), name="dpred", because=because)


# Softmax


@pytest.mark.points(1)
def test_softmax_shape(student, rng):
    """softmax returns an array of the shape of the logits."""
    for shape in [(3, 5), (1, 4), (4, 1)]:
        assert_shape(student.softmax(grid_values(rng, shape)), shape, name="softmax")


@pytest.mark.points(2)
@pytest.mark.after(SOFTMAX)
def test_softmax_value(student, rng):
    """Each row becomes probabilities; (0, ln 3) becomes (1/4, 3/4)."""
    got = student.softmax(np.array([[0.0, LOG3], [0.0, 0.0]]))
    assert_same(got, np.array([[0.25, 0.75], [0.5, 0.5]]), name="softmax")
    logits, _ = scores(rng)
    assert_same(student.softmax(logits), softmax_of(logits), name="softmax")


@pytest.mark.points(1)
@pytest.mark.after(SOFTMAX)
def test_softmax_rows(student, rng):
    """Every row sums to 1 and keeps its order, whatever the other rows are."""
    logits, _ = scores(rng)
    p = student.softmax(logits)
    assert_same(p.sum(axis=1), np.ones(4), name=say("sum of each row"), tolerance=room(p))
    if (np.argsort(p, axis=1, kind="stable") != np.argsort(logits, axis=1, kind="stable")).any():
        fail("A larger logit must get a larger probability, in every row.")
    for n in range(4):
        alone = student.softmax(logits[n : n + 1])
        assert_same(p[n : n + 1], alone, name=f"row {n}", because="Compared with the row alone:")


@pytest.mark.points(1)
@pytest.mark.after(SOFTMAX)
def test_softmax_shift(student, rng):
    """The same number added to all logits of a row changes nothing."""
    logits, _ = scores(rng)
    shifts = np.array([[64.0], [-64.0], [0.0], [8.0]])
    assert_same(student.softmax(logits + shifts), student.softmax(logits), name="softmax")


@pytest.mark.points(2)
@pytest.mark.after(SOFTMAX)
def test_softmax_extreme(student):
    """Logits of ±1000 in one row and small ones in another give numbers, not NaN or warnings."""
    logits = np.array([[1000.0, 0.0, -1000.0], [0.0, LOG3, 0.0], [-1000.0, -1000.0, -1000.0]])
    want = np.array([[1.0, 0.0, 0.0], [0.2, 0.6, 0.2], [1 / 3, 1 / 3, 1 / 3]])
    softmax = student.softmax
    assert_same(softmax(logits), want, name="softmax")
    no_warning(softmax, say("With logits of ±1000"))


@pytest.mark.points(1)
@pytest.mark.after(SOFTMAX)
def test_softmax_other_number_types(student, rng):
    """float32, whole numbers, also in bytes, views, large and small numbers work; the logits stay."""
    logits, _ = scores(rng)
    want = softmax_of(logits)
    assert_same(assert_arguments_unchanged(student.softmax, logits), want, name="softmax")
    single = assert_arguments_unchanged(student.softmax, logits.astype(np.float32))
    assert_same(single, want, name="softmax", tolerance=1e-5)
    assert_same(student.softmax(np.asfortranarray(logits)), want, name="softmax")
    whole = np.array([[1, -2, 3], [0, 2, 2]])
    assert_same(
        assert_arguments_unchanged(student.softmax, whole),
        softmax_of(whole),
        name="softmax",
        because="With whole numbers (int64):",
    )
    byte = np.array([[1, 0, 3], [0, 2, 2]], np.uint8)
    assert_same(
        student.softmax(byte),
        softmax_of(byte.astype(float)),
        name="softmax",
        because="With bytes (uint8):",
    )
    tiny = 2.0**-20 * logits
    assert_same(student.softmax(tiny), softmax_of(tiny), name="softmax")
    winner = np.array([[1.0, 2.0, 3.0]]) * 2.0**20
    assert_same(student.softmax(winner), np.array([[0.0, 0.0, 1.0]]), name="softmax")


# Cross-entropy


@pytest.mark.points(1)
def test_cross_entropy_shapes(student, rng):
    """cross_entropy_loss returns one number, and a gradient of the shape of the logits."""
    for n, c in [(4, 5), (1, 3), (5, 2)]:
        logits, labels = scores(rng, n, c)
        assert_shape(student.cross_entropy_loss(logits, labels)[1], (n, c), name="dlogits")


@pytest.mark.points(2)
@pytest.mark.after(ENTROPY)
def test_cross_entropy_worked_example(student):
    """The example of the handout: probabilities 1/4 and 3/4; and equal logits cost ln C."""
    logits = np.array([[0.0, LOG3], [0.0, LOG3]])
    loss, dlogits = student.cross_entropy_loss(logits, np.array([0, 1]))
    assert_same(loss, (np.log(4) + np.log(4 / 3)) / 2, name="loss")
    assert_same(dlogits, np.array([[-0.375, 0.375], [0.125, -0.125]]), name="dlogits")
    for c in (2, 7):
        loss, _ = student.cross_entropy_loss(np.zeros((3, c)), np.array([0, 1, 1]))
        assert_same(loss, np.log(c), name="loss", because=say("All {c} logits are 0:", c=c))


@pytest.mark.points(2)
@pytest.mark.after(ENTROPY)
def test_cross_entropy_value(student, rng):
    """The loss is the mean of -log p over the batch, p the probability of the right class."""
    for n, c in [(4, 5), (1, 3), (6, 4)]:
        logits, labels = scores(rng, n, c)
        want = -np.log(softmax_of(logits)[np.arange(n), labels]).mean()
        assert_same(student.cross_entropy_loss(logits, labels)[0], want, name="loss")


@pytest.mark.points(3)
@pytest.mark.after(ENTROPY)
def test_cross_entropy_gradient(student, rng):
    """dlogits is the gradient of the loss that you return."""
    logits, labels = scores(rng)
    assert_loss_gradient(student.cross_entropy_loss, logits, labels)


@pytest.mark.points(2)
@pytest.mark.after(ENTROPY)
def test_cross_entropy_gradient_rows(student, rng):
    """A row of dlogits is (softmax - one-hot) / N: it sums to 0, negative only at the label."""
    logits, labels = scores(rng, 4, 3)
    _, dlogits = student.cross_entropy_loss(logits, labels)
    sums = dlogits.sum(axis=1)
    if np.abs(sums).max() > room(dlogits) / 10:
        fail(
            say(
                "Each row of dlogits must sum to 0; row {value} does not.",
                value=np.abs(sums).argmax(),
            ),
            hint="Probabilities sum to 1, and one 1 is taken away.",
        )
    if ((dlogits < 0) != (np.arange(3) == labels[:, None])).any():
        fail("dlogits must be negative at the label and nowhere else: more there lowers the loss.")
    want = (softmax_of(logits) - np.eye(3)[labels]) / 4
    assert_same(dlogits, want, name="dlogits")


@pytest.mark.points(1)
@pytest.mark.after(ENTROPY, "test_cross_entropy_worked_example")
def test_cross_entropy_is_a_mean(student, rng):
    """The same batch twice: the same loss, and half the gradient in each row."""
    logits, labels = scores(rng)
    loss, dlogits = student.cross_entropy_loss(logits, labels)
    twice, dtwice = student.cross_entropy_loss(np.tile(logits, (2, 1)), np.tile(labels, 2))
    assert_same(twice, loss, name=say("loss of the doubled batch"), tolerance=room(loss))
    assert_same(
        dtwice,
        np.tile(dlogits, (2, 1)) / 2,
        name=say("dlogits of the doubled batch"),
        tolerance=room(dlogits),
    )


@pytest.mark.points(2)
@pytest.mark.after(ENTROPY)
def test_cross_entropy_extreme(student):
    """Logits of ±1000: sure and right costs 0, sure and wrong costs 2000, and nothing overflows."""
    cross_entropy = student.cross_entropy_loss
    # Tells apart what ends in NaN, or in infinity, below.
    cross_entropy(np.array([[0.0, LOG3], [0.0, -800.0]]), np.array([0, 1]))
    sure = np.array([[1000.0, -1000.0, -1000.0]])
    loss, dlogits = cross_entropy(sure, np.array([1]))
    assert_same(loss, 2000.0, name="loss", because="Sure of a wrong class, by 2000:")
    assert_same(dlogits, np.array([[1.0, -1.0, 0.0]]), name="dlogits")
    no_warning(cross_entropy, say("With logits of ±1000"))
    loss, dlogits = cross_entropy(sure, np.array([0]))
    if not abs(loss) <= 1e-12 or not (np.abs(dlogits) <= 1e-12).all():
        fail(
            say(
                "Sure of the right class: loss and gradient must be 0; the loss is {loss:.6g}.",
                loss=loss,
            )
        )
    logits = np.array([[2000.0, 0.0], [0.0, LOG3], [-2000.0, -2000.0]])
    loss, dlogits = cross_entropy(logits, np.array([0, 0, 1]))
    assert_same(loss, np.log(8) / 3, name="loss", because="One row near 2000, one small, one low:")
    assert_same(dlogits, np.array([[0.0, 0.0], [-0.25, 0.25], [1 / 6, -1 / 6]]), name="dlogits")
    no_warning(cross_entropy, say("With logits of ±2000"))


@pytest.mark.points(1)
@pytest.mark.after(ENTROPY)
def test_cross_entropy_other_number_types(student, rng):
    """float32, whole numbers, also in bytes, and views work; logits and labels stay as they are."""
    logits, labels = scores(rng)
    loss, dlogits = assert_arguments_unchanged(student.cross_entropy_loss, logits, labels)
    wants = {"loss": loss, "dlogits": dlogits}
    for how, other in [
        (say("In float32:"), logits.astype(np.float32)),
        (say("Not contiguous:"), np.asfortranarray(logits)),
    ]:
        tolerance = 1e-5 if other.dtype == np.float32 else 1e-9
        for (name, want), got in zip(
            wants.items(), student.cross_entropy_loss(other, labels), strict=True
        ):
            assert_same(got, want, name=name, because=how, tolerance=tolerance)
    for kind, whole in (("int64", [[1, -2, 3], [0, 2, 2]]), ("uint8", [[1, 0, 3], [0, 2, 2]])):
        x, right = np.array(whole, kind), np.array([2, 0], kind)
        loss, dlogits = assert_arguments_unchanged(student.cross_entropy_loss, x, right)
        p = softmax_of(np.array(whole, float))
        because = say("With whole numbers ({kind}):", kind=kind)
        assert_same(loss, -np.log(p[0, 2] * p[1, 0]) / 2, name="loss", because=because)
        p[[0, 1], [2, 0]] -= 1
        assert_same(dlogits, p / 2, name="dlogits", because=because)


# The Kullback-Leibler divergence


@pytest.mark.points(1)
def test_kl_is_a_number(student, rng):
    """kl_divergence returns one finite number for the whole batch."""
    for shape in [(3, 5), (1, 2)]:
        if not np.isfinite(
            student.kl_divergence(probabilities(rng, shape), probabilities(rng, shape))
        ):
            fail("The divergence of ordinary probabilities must be a finite number.")


@pytest.mark.points(1)
@pytest.mark.after(KL)
def test_kl_worked_example(student):
    """The example of the handout: half and half against nine to one."""
    half, skew = np.array([[0.5, 0.5]]), np.array([[0.9, 0.1]])
    assert_same(student.kl_divergence(half, skew), 0.5108256237659907, name="KL(half, skew)")


@pytest.mark.points(2)
@pytest.mark.after(KL)
def test_kl_value(student, rng):
    """The sum of p (log p - log q) over classes, and the mean over the batch."""
    for n, c in [(4, 5), (1, 3), (6, 2)]:
        want = 0.0
        while want < 0.05:  # between neighbours it is a small difference of large numbers
            p, q = probabilities(rng, (n, c)), probabilities(rng, (n, c))
            want = (p * np.log(p / q)).sum() / n
        assert_same(
            student.kl_divergence(p, q),
            want,
            name="KL(p, q)",
            because=say("For shape {value}:", value=(n, c)),
            tolerance=1e-8,
        )


@pytest.mark.points(1)
@pytest.mark.after(KL)
def test_kl_is_not_symmetric(student, rng):
    """KL(p, q) and KL(q, p) differ; both are positive, and only p = q gives 0."""
    half, skew = np.array([[0.5, 0.5]]), np.array([[0.9, 0.1]])
    assert_same(student.kl_divergence(skew, half), 0.3680642071684971, name="KL(skew, half)")
    p, q = probabilities(rng, (5, 4)), probabilities(rng, (5, 4))
    for a, b in ((p, q), (q, p)):
        if not student.kl_divergence(a, b) > 0:
            fail("The divergence of two different distributions must be above 0.")
    same = student.kl_divergence(p, p)
    if abs(same) > 1e-12:
        fail(say("The divergence of p from itself must be 0; it is {same:.6g}.", same=same))


@pytest.mark.points(1)
@pytest.mark.after(KL)
def test_kl_zero_log_zero(student):
    """What p rules out counts nothing, without a warning: 0 log 0 is 0."""
    divergence = student.kl_divergence
    p = np.array([[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]])
    q = np.array([[0.5, 0.5], [0.5, 0.5], [1.0, 0.0]])
    assert_same(divergence(p, q), np.log(2) / 3, name="KL(p, q)")
    no_warning(
        divergence,
        say("Where p is 0"),
        hint="np.where, for one, computes all terms, also those that it leaves out. Compute only those "
        "where p > 0.",
    )
    half, small = np.array([[0.5, 0.5]]), np.array([[1e-4, 1 - 1e-4]])
    want = (half * np.log(half / small)).sum()
    got = divergence(half, small)
    assert_same(got, want, name="KL(p, q)", because="q is as small as 0.0001:", tolerance=1e-6)


@pytest.mark.points(1)
@pytest.mark.after(KL)
def test_kl_of_the_impossible(student):
    """Where q rules out what p allows, the divergence is infinite, without a warning."""
    # Rare is not impossible, neither for p nor for q; such numbers are in float32, too.
    rare, even = np.array([[1.0, 2.0**-100]]), np.array([[0.5, 0.5]])
    divergence = student.kl_divergence
    of_rare, got = divergence.map([(even, rare), (rare, np.array([[1.0, 0.0]]))])
    if got != np.inf:
        fail(
            say(
                "q is 0 where p is 2**-100: the divergence must be np.inf; it is {got:.6g}.",
                got=got,
            ),
            hint="Is a small number added to q, is q clipped, are its zeros left out, or is a small p "
            "taken for 0?",
        )
    no_warning(divergence, say("Where q is 0 and p is not"))
    because = "p is 1/2 where q is 2**-100:"
    assert_same(of_rare, 49 * np.log(2), name="KL(p, q)", because=because, tolerance=1e-5)


@pytest.mark.points(1)
@pytest.mark.after(KL)
def test_kl_is_cross_entropy_minus_entropy(student, rng):
    """KL(p, q) is the cross-entropy of p and q minus the entropy of p; the batch is averaged."""
    p, q = probabilities(rng, (3, 4)), probabilities(rng, (3, 4))
    want = (-(p * np.log(q)).sum(axis=1)).mean() - (-(p * np.log(p)).sum(axis=1)).mean()
    assert_same(student.kl_divergence(p, q), want, name="KL(p, q)", tolerance=1e-8)
    alone = [student.kl_divergence(p[n : n + 1], q[n : n + 1]) for n in range(3)]
    assert_same(
        student.kl_divergence(p, q),
        np.mean(alone),
        name="KL(p, q)",
        tolerance=1e-5,
        because="Compared with the mean of the examples alone:",
    )


@pytest.mark.points(1)
@pytest.mark.after(KL)
def test_kl_other_number_types(student, rng):
    """float32 and one-hot rows of whole numbers, also in bytes, work; p and q stay as they are."""
    p, q = probabilities(rng, (3, 4)), probabilities(rng, (3, 4))
    want = (p * np.log(p / q)).sum() / 3
    got = assert_arguments_unchanged(student.kl_divergence, p, q)
    assert_same(got, want, name="KL(p, q)", tolerance=1e-8)
    got = student.kl_divergence(p.astype(np.float32), q.astype(np.float32))
    assert_same(got, want, name="KL(p, q)", because="In float32:", tolerance=1e-5)
    want = -np.log(q[0, 1] * q[1, 0] * q[2, 3]) / 3
    for kind in ("int64", "uint8"):
        hot = np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]], kind)
        got = assert_arguments_unchanged(student.kl_divergence, hot, q)
        because = say("With one-hot rows p of whole numbers ({kind}):", kind=kind)
        assert_same(got, want, name="KL(p, q)", because=because, tolerance=1e-8)


@pytest.mark.points(1)
def test_kl_gradient_shape(student, rng):
    """kl_gradient returns an array of the shape of the logits."""
    for shape in [(3, 5), (1, 4)]:
        gradient = student.kl_gradient(probabilities(rng, shape), grid_values(rng, shape))
        assert_shape(gradient, shape, name="dlogits")


@pytest.mark.points(2)
@pytest.mark.after(KL_BACK)
def test_kl_gradient_is_the_gradient(student, rng):
    """kl_gradient is the gradient of KL(p, softmax(logits)) by the logits, the mean included."""
    p, logits = probabilities(rng, (4, 5)), grid_values(rng, (4, 5))

    def kl_gradient(logits):
        q = softmax_of(logits)
        return (p * np.log(p / q)).sum() / len(p), student.kl_gradient(p, logits)

    try:
        assert_loss_gradient(kl_gradient, logits)
    except Exception as end:  # the loss is not the student's, but this check's
        end.message = end.message.replace(say("the loss that it returns"), "KL(p, softmax(logits))")
        raise


@pytest.mark.points(1)
@pytest.mark.after(KL_BACK)
def test_kl_gradient_properties(student, rng):
    """It is (softmax - p) / N: its rows sum to 0, it vanishes where softmax is p, ±1000 is fine."""
    got = student.kl_gradient(np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([[0.0, LOG3]] * 2))
    assert_same(got, np.array([[-0.125, 0.125], [0.0, 0.0]]), name="dlogits")
    for because in ("", say("Another call with arrays of the same shapes:")):
        p, logits = probabilities(rng, (3, 4)), grid_values(rng, (3, 4))
        got = assert_arguments_unchanged(student.kl_gradient, p, logits)
        assert_same(got, (softmax_of(logits) - p) / 3, name="dlogits", because=because)
    hot, sure = np.array([[1, 0, 0], [0, 1, 0]]), np.array([[1000, -1000, 0], [1000, -1000, 0]])
    gradient = student.kl_gradient
    got = assert_arguments_unchanged(gradient, hot, sure)
    assert_same(
        got,
        np.array([[0, 0, 0], [0.5, -0.5, 0]]),
        name="dlogits",
        because="With one-hot rows p and logits of ±1000:",
    )
    no_warning(gradient, say("With logits of ±1000"))


# The unit at the output


@pytest.mark.points(1)
def test_output_delta_shape(student, rng):
    """output_delta returns an array of the shape of z, for both losses."""
    for shape in [(4,), (3, 2), (1, 1)]:
        for loss in ("mse", "cross_entropy"):
            delta = student.output_delta(grid_values(rng, shape), np.ones(shape), loss)
            assert_shape(delta, shape, name="delta", because=say("For {loss!r}:", loss=loss))


@pytest.mark.points(2)
@pytest.mark.after(DELTA)
def test_output_delta_cross_entropy(student, rng):
    """With cross-entropy the derivative by z is a - y."""
    got = student.output_delta(
        np.array([0.0, LOG3, LOG3]), np.array([1.0, 0.0, 0.5]), "cross_entropy"
    )
    assert_same(got, np.array([-0.5, 0.75, 0.25]), name="delta")
    z, y = grid_values(rng, (3, 2)), rng.choice([0.125, 0.5, 1.0, 0.0], (3, 2))

    def cross_entropy(z):
        a = sigmoid_of(z)
        value = -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum()
        return value, student.output_delta(z, y, "cross_entropy")

    assert_loss_gradient(cross_entropy, z)


@pytest.mark.points(2)
@pytest.mark.after(DELTA)
def test_output_delta_mse(student, rng):
    """With the squared error the derivative by z is 2 (a - y) a (1 - a)."""
    got = student.output_delta(np.array([0.0, LOG3]), np.array([1.0, 0.0]), "mse")
    assert_same(got, np.array([-0.25, 0.28125]), name="delta")
    z, y = grid_values(rng, (3, 2)), rng.choice([0.125, 0.5, 1.0, 0.0], (3, 2))

    def squared_error(z):
        return ((sigmoid_of(z) - y) ** 2).sum(), student.output_delta(z, y, "mse")

    assert_loss_gradient(squared_error, z)


@pytest.mark.points(2)
@pytest.mark.after(DELTA)
def test_output_delta_of_saturated_units(student):
    """A unit that is wrong and saturated: the squared error is silent, cross-entropy is not."""
    output_delta = student.output_delta
    z, y = np.array([1000.0, -1000.0, 30.0]), np.array([0.0, 1.0, 0.0])
    silent = output_delta(z, y, "mse")  # first, to tell apart what ends in NaN below
    no_warning(output_delta, say("At z = ±1000"))
    got = output_delta(z, y, "cross_entropy")
    assert_same(
        got, np.array([1.0, -1.0, 1.0]), name="delta", because='"cross_entropy", z = ±1000:'
    )
    no_warning(output_delta, say("At z = ±1000"))
    if not (np.abs(silent) < 1e-6).all():
        fail('With "mse" the derivative at z = ±1000 must vanish: the sigmoid is flat there.')
    steps = np.array([2.0, 4.0, 8.0])
    a = sigmoid_of(-steps)
    for step, want, mine in zip(
        steps,
        2 * (a - 1) * a * (1 - a),
        output_delta(-steps, np.ones(3), "mse"),
        strict=True,
    ):
        assert_same(
            mine,
            want,
            name="delta",
            because=say('"mse", z = {value:g}, y = 1:', value=-step),
            tolerance=1e-8,
        )


@pytest.mark.points(1)
@pytest.mark.after(DELTA)
def test_output_delta_arguments(student, rng):
    """Another loss is a ValueError; whole numbers and float32 work; z and y stay as they are."""
    for name in ("hinge", "mae", "MSE", "Cross_Entropy", "cross-entropy", "mse ", ""):
        assert_raises(student.output_delta, "ValueError", np.zeros(2), np.zeros(2), name)
    z, y = grid_values(rng, (2, 3)), np.array([[0, 1, 1], [1, 0, 1]])
    a = sigmoid_of(z)
    for loss, want in (("cross_entropy", a - y), ("mse", 2 * (a - y) * a * (1 - a))):
        assert_same(
            assert_arguments_unchanged(student.output_delta, z, y, loss), want, name="delta"
        )
        single = student.output_delta(z.astype(np.float32), y.astype(np.float32), loss)
        assert_same(single, want, name="delta", because="In float32:", tolerance=1e-5)
        for kind in ("int64", "uint8"):
            whole = student.output_delta(np.array([0, 0], kind), np.array([0, 1], kind), loss)
            half = 0.5 if loss == "cross_entropy" else 0.25
            because = say("With whole numbers ({kind}):", kind=kind)
            assert_same(whole, np.array([half, -half]), name="delta", because=because)


# Formulas, and whatever comes
