"""The checks of ex06: dropout.

Where chance decides, a bound lies Z = 5.5 standard deviations from what is expected: a right
solution misses a single bound with probability erfc(5.5 / sqrt(2)) = 3.8e-8. There are 20 such
bounds below (for one, on a rare event, the binomial distribution gives 4.4e-8) and one of another kind
with 1.4e-8, so that one of them is missed with probability below 8e-7.
"""

import numpy as np
import pytest

from grader.checks import (
    assert_arguments_unchanged,
    assert_caches_apart,
    assert_gradients,
    assert_new_arrays,
    assert_raises,
    assert_same,
    assert_shape,
    fail,
    grid_values,
    say,
    upstream,
)

Z = 5.5

SHAPE = "test_output_shape"
BACK = "test_gradient_shape"
EXPECTED = "test_expected_output"
ENSEMBLE = "test_ensemble_shape"

SHAPES = [(50,), (10, 7), (3, 4, 5), (2, 3, 4, 5), (1, 1)]


def generator(seed=1):
    """A generator. Every call with it sees the same state."""
    return np.random.default_rng(seed)


def assert_refused(function, *args):
    """A call with an impossible p_drop is a ValueError."""
    try:
        assert_raises(function, "ValueError", *args)
    except Exception as end:
        if any(isinstance(a, float) and np.isnan(a) for a in args):
            end.hint = say(
                "Every comparison with NaN is False, so `p_drop < 0 or p_drop >= 1` lets it pass; "
                "`not 0 <= p_drop < 1` does not."
            )
        raise


def assert_zero_or_scaled(out, x, p_drop, because):
    """Every entry of out is 0 or x / (1 - p_drop); returns which ones are kept."""
    x, kept = np.asarray(x, float), np.isfinite(out) & (np.asarray(out) != 0)
    if kept.all() and kept.size > 100:
        fail(
            say(
                "{because}\nNothing was dropped: none of the {size} entries of out is 0.",
                because=because,
                size=kept.size,
            )
        )
    ratio = np.median((out / x)[kept]) if kept.any() else 0.0
    hint = ""
    if np.asarray(out).dtype.kind in "iu":
        hint = (
            "Whole numbers cannot hold x / (1 - p_drop): compute in floats, not in the type of x."
        )
    elif abs(ratio - 1) < 1e-6:
        hint = "The kept entries must be scaled up, so that the mean of the output stays that of x."
    elif abs(ratio - 1 / p_drop) < 1e-5 / p_drop:
        hint = "Divide by the probability of being kept, 1 - p_drop, not by p_drop."
    try:
        assert_same(out, np.where(kept, x / (1 - p_drop), 0), because=because)
    except Exception as end:
        end.hint = hint or end.hint
        raise
    return kept


def dropped_alike(out):
    """Whether all rows of a matrix were dropped alike, or all columns; not if nothing was dropped."""
    dropped = out == 0
    alike = (dropped == dropped[:1]).all() or (dropped == dropped[:, :1]).all()
    return alike and dropped.any()


# The forward pass in training


@pytest.mark.points(1)
def test_output_shape(student, rng):
    """The output has the shape of x, from one dimension to four, in training and prediction."""
    for shape in SHAPES:
        for training in (True, False):
            out, _ = student.dropout_forward(grid_values(rng, shape), 0.3, training, generator())
            assert_shape(
                out,
                shape,
                because=say(
                    "For x of shape {shape}, training={training}:", shape=shape, training=training
                ),
            )


@pytest.mark.points(2)
@pytest.mark.after(SHAPE)
def test_generator_decides(student, rng):
    """All randomness comes from rng: the same state gives the same mask, another state a different one."""
    x = grid_values(rng, (8, 25))
    forward = student.dropout_forward
    (one, drew), (again, _), (other, _) = [
        (forward(x, 0.3, True, generator(seed))[0], forward.last.drew) for seed in (1, 1, 2)
    ]
    if one.all() and other.all():
        if not drew:
            fail(
                "With training=True nothing was drawn from rng, and nothing was dropped.",
                hint="Is that part of your function reached? Print training in it.",
            )
        fail(
            "With training=True numbers were drawn from rng, and nothing was dropped.",
            hint="Print the mask: are some of its entries 0, and does x pass through it?",
        )
    if not drew:
        fail(
            "In training nothing was drawn from rng.",
            hint="Use rng.random(x.shape), not np.random: then a run can be repeated.",
        )
    if not np.array_equal(one, again):
        fail("With a generator in the same state the mask must be the same; it differs.")
    if np.array_equal(one, other):
        at_once = len(np.unique(one == 0)) == 1
        fail(
            "With a generator in another state the mask must differ; it is the same.",
            hint="All entries were kept or dropped at once: each needs a random number of its own."
            if at_once
            else "Each call draws anew from the rng that it is given.",
        )


@pytest.mark.points(2)
@pytest.mark.after(SHAPE)
def test_zero_or_scaled(student, rng):
    """In training every entry becomes 0 or x / (1 - p_drop)."""
    for p_drop in (0.3, 0.8, 0.25):
        x = grid_values(rng, (16, 20))
        out, _ = student.dropout_forward(x, p_drop, True, generator())
        assert_zero_or_scaled(out, x, p_drop, say("With p_drop={p_drop}:", p_drop=p_drop))


@pytest.mark.points(3)
@pytest.mark.after(SHAPE)
def test_share_of_dropped(student):
    """Each entry is dropped with probability p_drop, counted over a million entries."""
    few = {}  # a small call first: it tells most mistakes apart
    for p_drop in (0.3, 0.8):
        few[p_drop] = student.dropout_forward(np.ones((8, 8)), p_drop, True, generator())[0] == 0
    for p_drop in (0.0025, 0.8):  # a quarter of a percent: coins of whole percents cannot show it
        out, _ = student.dropout_forward(
            np.ones((1000, 1000), np.float32), p_drop, True, generator()
        )
        share, n = np.mean(out == 0), out.size
        bound = Z * np.sqrt(p_drop * (1 - p_drop) / n)  # 0.0003 and 0.0022
        if abs(share - p_drop) > bound:
            hint = ""
            if abs(share - (1 - p_drop)) <= bound:
                hint = "p_drop is the probability of dropping; yours keeps with that probability."
            elif few[0.3].any() and np.array_equal(few[0.3], few[0.8]):
                hint = "At p_drop=0.3 and 0.8 the same entries are dropped: what is p_drop compared with?"
            elif dropped_alike(out):
                hint = "Draw one random number for each entry: a mask of the shape of x."
            elif (
                p_drop < 0.01
                and few[0.8].any()
                and any(
                    abs(share - s) <= Z * np.sqrt(s * (1 - s) / n)
                    for s in (0, 0.005, 0.01, 0.05, 0.1)
                )
            ):
                hint = (
                    "p_drop may be any number, not only tenths or whole percents: compare "
                    "rng.random(x.shape) with p_drop itself."
                )
            fail(
                say(
                    "With p_drop={p_drop}, {share:.2%} of {n:,} entries were dropped.",
                    p_drop=p_drop,
                    share=share,
                    n=n,
                ),
                hint=hint,
            )


@pytest.mark.points(2)
@pytest.mark.after(SHAPE)
def test_mean_is_kept(student, rng):
    """On average the output is x: what is kept makes up for what is dropped."""
    for p_drop in (0.3, 0.8):
        x = grid_values(rng, (200, 500)) + 1
        student.dropout_forward(x[:8, :8], p_drop, True, generator())
        out, _ = student.dropout_forward(x, p_drop, True, generator())
        # The variance of one output is x² p / (1 - p).
        bound = Z * np.sqrt(p_drop / (1 - p_drop) * np.mean(x**2) / x.size)
        if abs(np.mean(out, dtype=float) - x.mean()) > bound:
            hint = "Is the expected output still x? Kept entries are divided by 1 - p_drop."
            if (out != 0).any() and abs(np.median((out / x)[out != 0]) * (1 - p_drop) - 1) < 1e-5:
                hint = "Kept entries have the right scale: too many or too few of them are dropped."
            if dropped_alike(out):
                hint = "Draw one random number for each entry: a mask of the shape of x."
            fail(
                say(
                    "With p_drop={p_drop} the mean of x is {value:.4f}, that of out {value2:.4f}.",
                    p_drop=p_drop,
                    value=x.mean(),
                    value2=out.mean(),
                ),
                hint=hint,
            )


@pytest.mark.points(3)
@pytest.mark.after(SHAPE)
def test_entries_are_independent(student):
    """Each entry tosses its own coin: neighbours along any axis have nothing in common."""
    for p_drop in (0.3, 0.8):
        student.dropout_forward(np.ones((2, 3, 4, 5)), p_drop, True, generator())
        out, _ = student.dropout_forward(np.ones((25, 20, 20, 20)), p_drop, True, generator())
        share = np.mean(out != 0)  # how many are kept is another check's question
        if not 0 < share < 1:
            fail(
                say(
                    "With p_drop={p_drop}, {value} of 200,000 entries were kept.",
                    p_drop=p_drop,
                    value=say("all") if share else say("none"),
                )
            )
        coins = ((out != 0) - share) / np.sqrt(share * (1 - share))
        for axis in range(4):
            first = coins.take(range(out.shape[axis] - 1), axis)
            second = coins.take(range(1, out.shape[axis]), axis)
            correlation = np.mean(first * second)  # 0, give or take 1 / sqrt(entries)
            if abs(correlation) > Z / np.sqrt(first.size):
                fail(
                    say(
                        "Neighbours along axis {axis} of x of shape {out} are dropped together or in turn "
                        "(correlation {correlation:.3f} at p_drop={p_drop}).",
                        axis=axis,
                        out=out.shape,
                        correlation=correlation,
                        p_drop=p_drop,
                    ),
                    hint="Draw one random number for each entry: a mask of the shape of x.",
                )
        # The same at every distance, read forwards and backwards: a part of the mask that repeats
        # another one shows wherever it lies. Of 2·200,000 sums of coins, each nearly normal with
        # standard deviation 1 over sqrt(entries), one is beyond 8 with probability 5e-10.
        row = coins.ravel()
        waves = np.fft.rfft(row, 2 * row.size)
        alike = (
            np.fft.irfft(np.abs(waves) ** 2)[1 : row.size],
            np.fft.irfft(waves**2)[: 2 * row.size],
        )
        for sums, terms, how in (
            (alike[0], row.size - np.arange(1, row.size), say("repeats")),
            (alike[1], row.size, say("mirrors")),
        ):
            if (np.abs(sums) > 8 * np.sqrt(2 * np.maximum(terms, 5000))).any():
                fail(
                    say(
                        "A part of the mask {how} another one (p_drop={p_drop}).",
                        how=how,
                        p_drop=p_drop,
                    ),
                    hint="Draw one random number for each entry: a mask of the shape of x.",
                )


@pytest.mark.points(2)
@pytest.mark.after(SHAPE)
def test_number_of_dropped_varies(student):
    """The number of dropped entries is random, too: there is no fixed quota."""
    calls = [(np.ones((5, 20)), 0.3, True, generator(seed)) for seed in range(40)]
    dropped = [out == 0 for out, _ in student.dropout_forward.map(calls)]
    if not np.any(dropped):
        fail("40 calls with p_drop=0.3, each with another generator, dropped nothing.")
    if all(np.array_equal(mask, dropped[0]) for mask in dropped):
        fail(
            "40 calls, each with another generator, all dropped the same entries.",
            hint="Every call draws a new mask from the rng that it is given.",
        )
    counts = np.array([mask.sum() for mask in dropped])
    # Counts are binomial, so the sum of their squared deviations over their variance is close to
    # chi-squared with 39 degrees of freedom: outside of 7 and 110 with probability 1.4e-8.
    share = counts.mean() / 100
    spread = np.sum((counts - counts.mean()) ** 2) / (100 * share * (1 - share) or 1.0)
    if not 7 < spread < 110:
        fail(
            say(
                "In 40 calls {value} to {value2} of 100 entries were dropped; independent coins would "
                "vary {value3}.",
                value=counts.min(),
                value2=counts.max(),
                value3=say("more") if spread <= 7 else say("less"),
            ),
            hint="Independent coins, not a fixed number of them: compare random numbers with p_drop."
            if spread <= 7
            else "Entries are dropped together: each needs a random number of its own.",
        )


# Prediction, and the ends of the range


@pytest.mark.points(3)
@pytest.mark.after(SHAPE)
def test_prediction_is_the_identity(student, rng):
    """In prediction nothing is dropped or scaled, forward and backward."""
    for shape, p_drop in [((20, 30), 0.3), ((2, 3, 4, 5), 0.8)]:
        x, dout = grid_values(rng, shape), upstream(rng, shape)
        out, cache = assert_new_arrays(student.dropout_forward, x, p_drop, False, generator())
        assert_same(
            out,
            x,
            because=say("With training=False and p_drop={p_drop}:", p_drop=p_drop),
            tolerance=0,
        )
        dx = student.dropout_backward(dout, cache)
        assert_same(dx, dout, name="dx", because="In prediction dx is dout:", tolerance=0)


@pytest.mark.points(1)
@pytest.mark.after(SHAPE)
def test_prediction_draws_nothing(student, rng):
    """In prediction no random number is drawn, and rng may be None."""
    x = grid_values(rng, (4, 5))
    forward = student.dropout_forward
    out, _ = forward(x, 0.3, False, None)
    assert_same(out, x, because="With training=False and rng=None:")
    forward(x, 0.3, False, generator())
    if forward.last.drew:
        fail("In prediction something was drawn from rng; its state must stay as it is.")


@pytest.mark.points(1)
@pytest.mark.after(SHAPE)
def test_nothing_to_drop(student, rng):
    """With p_drop=0 everything is kept as it is, in training too."""
    x, dout = grid_values(rng, (20, 30)), upstream(rng, (20, 30))
    for p_drop in (0, 0.0):
        out, cache = assert_new_arrays(student.dropout_forward, x, p_drop, True, generator())
        assert_same(out, x, because=say("With p_drop={p_drop}:", p_drop=p_drop))
        assert_same(student.dropout_backward(dout, cache), dout, name="dx")


@pytest.mark.points(2)
@pytest.mark.after(SHAPE)
def test_impossible_probabilities(student):
    """p_drop of 1, above 1, below 0 or NaN is a ValueError, in training and in prediction."""
    for p_drop in (1.5, -0.1, 1, 1.0, float("nan")):
        for training in (True, False):
            assert_refused(student.dropout_forward, np.ones((2, 3)), p_drop, training, generator())


# The backward pass


@pytest.mark.points(1)
@pytest.mark.after(SHAPE)
def test_gradient_shape(student, rng):
    """dx has the shape of x, from one dimension to four."""
    for shape in SHAPES:
        _, cache = student.dropout_forward(grid_values(rng, shape), 0.3, True, generator())
        dx = student.dropout_backward(upstream(rng, shape), cache)
        assert_shape(dx, shape, name="dx", because=say("For x of shape {shape}:", shape=shape))


@pytest.mark.points(3)
@pytest.mark.after(BACK)
def test_backward_is_the_gradient_of_forward(student, rng):
    """The backward pass is the gradient of your own forward pass."""
    for shape, p_drop in [((6, 8), 0.3), ((2, 3, 2, 3, 2), 0.8)]:
        assert_gradients(
            student.dropout_forward,
            student.dropout_backward,
            grid_values(rng, shape),
            p_drop,
            True,
            generator(),
            kind="linear",
        )


@pytest.mark.points(3)
@pytest.mark.after(BACK)
def test_backward_uses_the_same_mask(student, rng):
    """dx is dout / (1 - p_drop) where the forward pass kept the entry, also where x is 0, else 0."""
    for p_drop, kind, what in (
        (0.3, float, ""),
        (0.8, float, ""),
        (0.3, int, say(", x in whole numbers")),
    ):
        x = np.maximum(grid_values(rng, (12, 25)), 0)  # half of it is 0, as behind a ReLU
        # Of numbers that large a difference of outputs has no right digit: dx needs the formula.
        x, dout = np.ceil(x).astype(kind) * 2**40, 8 * upstream(rng, x.shape)
        ones, _ = student.dropout_forward(np.ones(x.shape), p_drop, True, generator())
        mask = ones != 0
        _, cache = student.dropout_forward(x, p_drop, True, generator())
        dx = student.dropout_backward(dout, cache)
        try:
            assert_same(
                dx,
                np.where(mask, dout / (1 - p_drop), 0),
                name="dx",
                because=say(
                    "With p_drop={p_drop}{what}, and the entries kept that a picture of ones keeps:",
                    p_drop=p_drop,
                    what=what,
                ),
            )
        except Exception as end:
            if np.array_equal(dx != 0, (x != 0) & mask):
                end.hint = say(
                    "A 0 in x can be a genuine value: save the mask, do not guess it from zeros."
                )
            elif np.array_equal(dx, dout) and not mask.all():
                end.hint = say("A silenced unit cannot have changed the loss: its dx is 0.")
            elif not np.array_equal(dx != 0, mask):
                end.hint = say(
                    "Use the mask of the forward pass: save it in the cache, draw no new one."
                )
            raise


@pytest.mark.points(1)
@pytest.mark.after(BACK, "test_zero_or_scaled")
def test_no_hidden_state(student, rng):
    """Two forward passes before one backward pass do not get mixed up."""
    x, dout = grid_values(rng, (6, 7)), upstream(rng, (6, 7))
    how = [(True, generator(1)), (False, generator(1)), (True, generator(2))]
    answers = student.dropout_forward.map([(x, 0.3, *given) for given in how])
    turned = [answers[n] for n in (1, 0, 2)]
    found = student.dropout_backward.map([(dout, cache) for _, cache in turned])
    other = say("With other forward passes in between:")
    wants = [dout, *(np.where(out, dout / 0.7, 0) for out, _ in turned[1:])]
    for dx, want in zip(found, wants, strict=True):
        assert_same(dx, want, name="dx", because=other)
    calls = [(x, 0.3, True, generator(1)), (2 * x, 0.3, True, generator(2))]
    assert_caches_apart(student.dropout_forward, student.dropout_backward, rng, *calls)


@pytest.mark.points(1)
@pytest.mark.after(SHAPE, "test_backward_uses_the_same_mask")
def test_arguments_are_left_alone(student, rng):
    """x and dout are the same after the call as before it."""
    x = grid_values(rng, (5, 20))
    for training in (True, False):
        _, cache = assert_arguments_unchanged(
            student.dropout_forward, x, 0.3, training, generator()
        )
        assert_arguments_unchanged(student.dropout_backward, upstream(rng, x.shape), cache)


@pytest.mark.points(1)
@pytest.mark.after(SHAPE)
def test_other_number_types(student, rng):
    """float32, whole numbers, views, large and small numbers work, too."""
    x = grid_values(rng, (8, 20))
    for how, other in [
        (say("In float32:"), x.astype(np.float32)),
        (say("With whole numbers (int64):"), rng.integers(1, 9, x.shape)),
        (say("With bytes (uint8):"), rng.integers(200, 256, x.shape).astype(np.uint8)),
        (say("With x not contiguous:"), np.asfortranarray(x)),
        (say("With numbers near a million:"), 2.0**20 * x),
        (say("With numbers near a millionth:"), 2.0**-20 * x),
    ]:
        out, _ = student.dropout_forward(other, 0.3, True, generator())
        assert_zero_or_scaled(out, other, 0.3, how)
        out, _ = student.dropout_forward(other, 0.3, False, generator())
        assert_same(out, other, because=say("{how} (training=False)", how=how))


# Many sub-networks


def whole_numbers(rng, x, w):
    """x and w, one or both of them replaced by whole numbers, with words for each case."""
    whole_x, whole_w = rng.integers(-9, 10, x.shape), rng.integers(-9, 10, w.shape)
    return (
        (say("x and w in whole numbers:"), whole_x, whole_w),
        (say("x in whole numbers, w in floats:"), whole_x, w),
        (say("x in floats, w in whole numbers:"), x, whole_w),
        (
            say("x and w in bytes (uint8), whose sums do not fit into a byte:"),
            rng.integers(9, 16, x.shape).astype(np.uint8),
            rng.integers(9, 16, w.shape).astype(np.uint8),
        ),
    )


@pytest.mark.points(2)
def test_expected_output(student, rng):
    """The expected output of dropout and a linear layer is the output without dropout."""
    for n, d, m in [(3, 8, 2), (1, 4, 5)]:
        x, w = grid_values(rng, (n, d)), grid_values(rng, (d, m))
        for p_drop in (0.3, 0.8, 0):
            out = student.expected_output(x, w, p_drop)
            assert_same(
                out,
                x @ w,
                because=say(
                    "With p_drop={p_drop}, shapes {x} and {w}:",
                    p_drop=p_drop,
                    x=x.shape,
                    w=w.shape,
                ),
            )


@pytest.mark.points(1)
@pytest.mark.after(EXPECTED)
def test_expected_output_arguments(student, rng):
    """p_drop outside [0, 1) is a ValueError; arguments stay; other number types work."""
    x, w = grid_values(rng, (3, 8)), grid_values(rng, (8, 2))
    assert_arguments_unchanged(student.expected_output, x, w, 0.3)
    for p_drop in (1, 1.5, -0.1, float("nan")):
        assert_refused(student.expected_output, x, w, p_drop)
    single = student.expected_output(x.astype(np.float32), w.astype(np.float32), 0.3)
    assert_same(single, x @ w, because="In float32:", tolerance=1e-5)
    cases = whole_numbers(rng, x, w)
    outs = student.expected_output.map([(a, b, 0.8) for _, a, b in cases])
    for out, (how, a, b) in zip(outs, cases, strict=True):
        assert_same(out, a.astype(float) @ b, because=how)


@pytest.mark.points(1)
def test_ensemble_shape(student, rng):
    """ensemble_output returns one output for each example and unit."""
    for n, d, m in [(3, 8, 2), (1, 4, 5)]:
        x, w = grid_values(rng, (n, d)), grid_values(rng, (d, m))
        assert_shape(student.ensemble_output(x, w, 0.3, 2, generator()), (n, m))


@pytest.mark.points(2)
@pytest.mark.after(ENSEMBLE)
def test_ensemble_averages(student):
    """The average over n sub-networks, each with its own mask: an input counts 0, 1, … n times."""
    x, w = np.full((16, 20), 0.75), np.hstack([np.eye(20), np.eye(20)])
    for n in (1, 4):
        for p_drop in (0.25, 0.8):
            out = student.ensemble_output(x, w, p_drop, n, generator())
            times = out * (1 - p_drop) / 0.75 * n
            with np.errstate(invalid="ignore"):
                off = np.abs(times - np.round(times))
            head = say(
                "x is all 0.75, w two identities side by side, n={n}, p_drop={p_drop}: ",
                n=n,
                p_drop=p_drop,
            )
            if off.max() > 1e-4 or not 0 <= times.min() <= times.max() < n + 0.5:
                fail(
                    say(
                        "{head}each output must be 0, 1, … or {n} times {value:g}; one is {out:g}.",
                        head=head,
                        n=n,
                        value=0.75 / (1 - p_drop) / n,
                        out=out.flat[off.argmax()],
                    ),
                    hint="Apply dropout, scale included, to x, and divide the sum by n.",
                )
            if not np.array_equal(out[:, :20], out[:, 20:]):
                fail(
                    say("{head}units with equal weights give different outputs.", head=head),
                    hint="Dropout acts on the inputs x, before the product with w.",
                )
            if n == 4 and not np.isin(np.round(times), [1, 2, 3]).any():
                fail(
                    say("{head}all sub-networks seem to be the same one.", head=head),
                    hint="Draw a new mask for each of the n sub-networks.",
                )
            if n == 1 and (times == times[0]).all():
                fail(
                    say("{head}all examples have the same inputs dropped.", head=head),
                    hint="Each example tosses its own coins: dropout acts on x, not on w.",
                )


@pytest.mark.points(2)
@pytest.mark.after(ENSEMBLE)
def test_ensemble_approaches_the_whole_network(student, rng):
    """The average of many sub-networks comes close to the whole network's output."""
    x, w, n = grid_values(rng, (2, 8)), grid_values(rng, (8, 2)), 1000
    for p_drop in (0.3, 0.8):
        student.ensemble_output(x, w, p_drop, 2, generator())
        got = student.ensemble_output(x, w, p_drop, n, generator())
        # The variance of one sub-network's output is p / (1 - p) times the sum of (x w)².
        bound = Z * np.sqrt(p_drop / (1 - p_drop) * (x**2 @ w**2) / n) + 1e-5
        if (np.abs(got - x @ w) > bound).any():
            fail(
                say(
                    "With p_drop={p_drop} the average of {n} sub-networks is {got:.4f} for the first "
                    "unit, the whole network's output {value:.4f}: too far apart.",
                    p_drop=p_drop,
                    n=n,
                    got=got[0, 0],
                    value=(x @ w)[0, 0],
                )
            )


@pytest.mark.points(1)
@pytest.mark.after(ENSEMBLE)
def test_ensemble_arguments(student, rng):
    """No sub-network, or an impossible p_drop, is a ValueError; p_drop=0 is exact; rng decides."""
    x, w = grid_values(rng, (3, 8)), grid_values(rng, (8, 2))
    for p_drop, n in [(1, 3), (-0.1, 3), (1.5, 1), (float("nan"), 2), (0.3, 0), (0.3, -1)]:
        assert_refused(student.ensemble_output, x, w, p_drop, n, generator())
    out = assert_arguments_unchanged(student.ensemble_output, x, w, 0.0, 3, generator())
    assert_same(out, x @ w, because="With p_drop=0:")
    cases = whole_numbers(rng, x, w)
    outs = student.ensemble_output.map([(a, b, 0.0, 3, generator()) for _, a, b in cases])
    for out, (how, a, b) in zip(outs, cases, strict=True):
        assert_same(out, a.astype(float) @ b, because=say("With p_drop=0, {how}", how=how))
    one = student.ensemble_output(x, w, 0.3, 2, generator(1))
    if not np.array_equal(one, student.ensemble_output(x, w, 0.3, 2, generator(1))):
        fail("With a generator in the same state the answer must be the same; it differs.")
    if np.array_equal(one, student.ensemble_output(x, w, 0.3, 2, generator(2))):
        fail("With a generator in another state the answer must differ; it is the same.")


# Whatever the sizes
