"""The gradient check: right layers pass, wrong ones do not, and the message says what and where."""

import copy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checking.gradients.gradcheck import check_layer, check_loss
from grader.checks import assert_gradients, distinct_values, grid_values
from grader.errors import CheckEnded

ROOT = Path(__file__).resolve().parents[3]


def rng(seed=0):
    return np.random.default_rng(seed)


def affine_forward(x, w, b):
    return x @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)


def affine_arrays(seed=0):
    r = rng(seed)
    return grid_values(r, (2, 5)), grid_values(r, (5, 3)), grid_values(r, 3)


def tanh_forward(x):
    out = np.tanh(x)
    return out, out


def tanh_backward(dout, out):
    return dout * (1 - out**2)


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, x):
    return dout * (x > 0)


def verdict(forward, backward, arrays, **options):
    return check_layer(forward, backward, arrays, {}, rng=rng(1), **options)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["auto", "linear", "smooth"]))
def test_a_right_linear_layer_passes(seed, kind):
    """A right layer passes whatever the seed, and whatever the author promises of its kind."""
    assert verdict(affine_forward, affine_backward, affine_arrays(seed), kind=kind).passed


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_right_curved_and_kinked_layers_pass(seed):
    """Smooth layers and layers with kinks pass on designed inputs."""
    x = grid_values(rng(seed), (3, 5))
    assert verdict(tanh_forward, tanh_backward, [x]).passed
    assert verdict(relu_forward, relu_backward, [x]).passed


def test_single_precision_passes():
    """A right layer that computes in float32 passes: the tolerance follows the student's digits."""

    def forward(x):
        out = np.tanh(x.astype(np.float32))
        return out, out

    assert verdict(forward, tanh_backward, [grid_values(rng(), (3, 5))]).passed


def test_single_precision_of_a_loss_passes():
    """A loss is one number, so little tells its precision; a right one passes with each of many seeds."""

    def entropy(logits, labels):
        z = logits.astype(np.float32) - logits.max(axis=1, keepdims=True).astype(np.float32)
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        hit = labels[:, None] == np.arange(logits.shape[1])
        return -np.log(p[hit]).mean(), (p - hit) / np.float32(len(p))

    failed = []
    for seed in range(300):
        draw = rng(seed)
        arrays = grid_values(draw, (4, 5)), draw.integers(0, 5, 4)
        if not check_loss(entropy, arrays, {}, rng=draw).passed:
            failed.append(seed)
    assert failed == []


@pytest.mark.parametrize(
    ("douts", "conclusive"),
    [
        ([(1.0, -0.97), (1.0, -1.03)], True),
        ([(1.0, -0.5), (1.0, -0.9999)], True),
        ([(1.0, -0.9999), (1.0, -0.5)], True),
        ([(1.0, -0.9999), (1.0, -1.0001)], False),
    ],
)
def test_a_slope_that_nearly_vanishes_by_chance(monkeypatch, douts, conclusive):
    """In float32 a small slope of a large output cannot be measured; one clear `dout` is enough, none
    is not."""

    def forward(x):
        return np.float32(x) * np.float32([1, 1]) + np.float32([30, 30]), np.float32

    def backward(dout, single):
        return (single(dout).sum(keepdims=True) * single(1 + 1e-7),)

    drawn = iter(douts)
    monkeypatch.setattr(
        "grader.checking.gradients.contract.upstream", lambda *_: np.array(next(drawn))
    )
    found = verdict(forward, backward, [np.array([0.5])])
    assert not found.wrong
    assert (found.passed, found.inconclusive) == (conclusive, not conclusive)


@pytest.mark.parametrize("size", [1e-3, 1e-4])
@pytest.mark.parametrize(
    ("forward", "backward"), [(tanh_forward, tanh_backward), (relu_forward, relu_backward)]
)
def test_one_entry_slightly_off_is_found(forward, backward, size):
    """One entry off by a thousandth, or a ten-thousandth, does not pass, and is named."""
    x = grid_values(rng(3), (20, 7))

    def slightly_wrong(dout, cache):
        dx = backward(dout, cache)
        dx[np.unravel_index(np.argmax(x), x.shape)] *= 1 + size
        return dx

    found = verdict(forward, slightly_wrong, [x])
    assert not found.passed
    assert np.argwhere(found.wrong[0].wrong).tolist() == [
        list(np.unravel_index(np.argmax(x), x.shape))
    ]


def test_cost_of_a_linear_layer():
    """A layer declared linear costs three calls for the contract, two for each array, and one to see
    that nothing has changed since."""
    assert (
        verdict(affine_forward, affine_backward, affine_arrays(), kind="linear").evaluations == 10
    )


def test_cost_does_not_grow_with_the_arrays():
    """A passing check costs the same number of evaluations for large arrays as for small ones."""
    counts = set()
    for n in (3, 30):
        x = grid_values(rng(n), (n, 7))
        counts.add(verdict(tanh_forward, tanh_backward, [x]).evaluations)
    assert len(counts) == 1


@pytest.mark.parametrize("wrong_at", [1, 2, 3])
def test_every_dout_counts(wrong_at):
    """Numbers that fit into float16 give no room to be right for some `dout`s only."""
    calls = []

    def forward(x, b):
        return x * 2 + b, x.shape

    def backward(dout, _):
        calls.append(dout)
        db = dout.sum(axis=0)
        return 2 * dout, np.roll(db, 1) if len(calls) == wrong_at else db

    x, b = grid_values(rng(), (16, 4)), grid_values(rng(1), 4)
    assert not verdict(forward, backward, [x, b]).passed
    assert len(calls) >= 3


@pytest.mark.parametrize(
    ("forward", "backward", "words"),
    [
        (lambda x: (np.tanh(x) + np.random.random(), 0), tanh_backward, "two different answers"),
        (lambda x: (np.tanh(x) * np.nan, 0), tanh_backward, "NaN or infinity"),
        (tanh_forward, lambda d, c: (d * (1 - c**2))[0], "must have the shape of x"),
        (tanh_forward, lambda d, c: d * (d > 0) * (1 - c**2), "in proportion to dout"),
        (tanh_forward, lambda d, c: d * (1 - c**2) + 1, "must be all zero"),
        (tanh_forward, lambda d, c: d * np.inf, "NaN or infinity"),
        (tanh_forward, lambda d, c: (d, d), "1 gradients are needed"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_broken_contract_is_said_in_words(forward, backward, words):
    """What is wrong before any slope is measured ends the check with its own sentence."""
    found = verdict(forward, backward, [grid_values(rng(), (3, 5))])
    assert not found.passed
    assert words in found.problem


def test_ties_may_be_split_but_not_given_to_all():
    """At a tie any split among the maxima is right; the whole gradient for each of them is not."""
    x = np.array([[2.0, 2.0, 1.0], [0.5, 3.0, 3.0]])

    def forward(x):
        return x.max(axis=1), x

    def first(dout, x):
        dx = np.zeros_like(x)
        dx[np.arange(2), x.argmax(axis=1)] = dout
        return dx

    def split(dout, x):
        mask = x == x.max(axis=1, keepdims=True)
        return mask * (dout / mask.sum(axis=1))[:, None]

    def everyone(dout, x):
        return (x == x.max(axis=1, keepdims=True)) * dout[:, None]

    assert verdict(forward, first, [x]).passed
    assert verdict(forward, split, [x]).passed
    assert not verdict(forward, everyone, [x]).passed


def test_a_fresh_mask_in_the_backward_pass_is_caught():
    """The forward gets the same generator at every call, the backward none: a redrawn mask fails."""
    x = grid_values(rng(), (8, 9))

    def forward(x, rng):
        mask = rng.random(x.shape) < 0.5
        return x * mask, (mask, x.shape)

    def right(dout, cache):
        return dout * cache[0]

    redraw = np.random.default_rng(9)

    def wrong(dout, cache):
        return dout * (redraw.random(cache[1]) < 0.5)

    parameters = {"rng": rng(4)}
    before = copy.deepcopy(parameters["rng"].bit_generator.state)
    assert check_layer(forward, right, [x], parameters, rng=rng()).passed
    assert not check_layer(forward, wrong, [x], parameters, rng=rng()).passed
    assert parameters["rng"].bit_generator.state == before


def test_a_jump_is_not_a_kink():
    """A forward that is not the same at the next call fails: no gradient fits a jump."""
    calls = []

    def forward(x):
        calls.append(1)
        return x * (2.0 if len(calls) <= 4 else 3.0), None  # steady for the contract only

    x = grid_values(rng(), (3, 4))
    for factor in (2.0, 3.0):
        calls.clear()
        assert not verdict(forward, lambda d, c, k=factor: k * d, [x]).passed


def test_the_reference_sees_the_same_generator():
    """With a reference to compare with, a dropout layer is judged on one mask throughout: a right
    one passes, and each wrong one does not."""

    from grader.checking.calls.local_code import LocalCode
    from grader.checking.calls.student import Student
    from grader.model import Exercise, Function

    def dropout_forward(x, rng):
        mask = (rng.random(x.shape) < 0.5) * 2.0
        return x * mask, mask

    def dropout_backward(dout, mask):
        return dout * mask

    wrongs = {
        "no mask": lambda dout, mask: dout,
        "no scale": lambda dout, mask: dout * (mask > 0),
        "inverse": lambda dout, mask: dout * (2 - mask),
    }
    functions = {
        "dropout_forward": Function(
            "dropout_forward",
            (("x", ...), ("rng", ...)),
            (("out", "array"), ("cache", "cache")),
        ),
        "dropout_backward": Function(
            "dropout_backward", (("dout", ...), ("cache", ...)), (("dx", "array"),)
        ),
    }
    exercise = Exercise("ex00", "dropout", "Dropout", Path(), 1, functions)
    right = {"dropout_forward": dropout_forward, "dropout_backward": dropout_backward}
    x = grid_values(rng(), (6, 5))
    for name, backward in {"right": dropout_backward, **wrongs}.items():
        namespace = {**right, "dropout_backward": backward}
        student = Student(LocalCode(namespace, exercise), exercise, 0, right)
        generator = np.random.default_rng(3)
        before = copy.deepcopy(generator.bit_generator.state)
        try:
            assert_gradients(student.dropout_forward, student.dropout_backward, x, generator)
            passed = True
        except CheckEnded:
            passed = False
        assert passed == (name == "right"), name
        assert generator.bit_generator.state == before


def test_nested_parameters():
    """Arrays inside lists of tuples are checked, too, and named by their place."""

    def forward(x, params):
        caches = []
        for w, b in params:
            caches.append((x, w))
            x = np.tanh(x @ w + b)
            caches[-1] += (x,)
        return x, caches

    def backward(dout, caches):
        grads = []
        for x, w, out in reversed(caches):
            d = dout * (1 - out**2)
            grads.append((x.T @ d, d.sum(axis=0)))
            dout = d @ w.T
        return dout, grads[::-1]

    def forgets_a_bias(dout, caches):
        dx, grads = backward(dout, caches)
        return dx, [grads[0], (grads[1][0], 0 * grads[1][1])]

    r = rng()
    x = grid_values(r, (2, 3))
    params = [
        (grid_values(r, (3, 4)), grid_values(r, 4)),
        (grid_values(r, (4, 2)), grid_values(r, 2)),
    ]
    assert verdict(forward, backward, [x, params]).passed
    found = verdict(forward, forgets_a_bias, [x, params])
    assert [g.argument for g in found.wrong] == ["params[1][1]"]


def test_losses():
    """A loss that returns its gradient is checked against itself; labels are not perturbed."""

    def loss(logits, labels):
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        rows = np.arange(len(labels))
        d = np.exp(log_p)
        d[rows, labels] -= 1
        return -log_p[rows, labels].mean(), d / len(labels)

    def not_averaged(logits, labels):
        value, gradient = loss(logits, labels)
        return value, gradient * len(labels)

    arrays = grid_values(rng(), (4, 3)), np.array([0, 2, 1, 1])
    assert check_loss(loss, arrays, {}, rng=rng()).passed
    assert not check_loss(not_averaged, arrays, {}, rng=rng()).passed


def test_the_message_names_the_entry():
    """A failing check says which gradient, which entry, what came back and what it should be."""

    def wrong(dout, cache):
        dx, dw, db = affine_backward(dout, cache)
        return dx, 2 * dw, db

    with pytest.raises(CheckEnded) as caught:
        assert_gradients(affine_forward, wrong, *affine_arrays())
    assert "dw is not the gradient of your affine_forward" in caught.value.message
    assert "which is 3.75, expected 1.875" in caught.value.message
    assert "twice what is expected" in caught.value.hint


def test_distinct_values_make_every_maximum_clear():
    """The helper for pooling gives values that differ by at least their spacing."""
    values = np.sort(distinct_values(rng(), (4, 6)).ravel())
    assert np.diff(values).min() == 1 / 8


@pytest.mark.slow
def test_the_table_of_the_documentation():
    """Over all layers of the course: no right one is failed, no mutant passes (a few seeds here)."""
    command = [sys.executable, "benchmarks/gradcheck_table.py", "--seeds", "2", "--every", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    rows = [line for line in done.stdout.splitlines() if line.startswith(("| L", "| S"))]
    assert len(rows) == 2
    for row in rows:
        assert all(cell.strip().startswith("0 of ") for cell in row.split("|")[2:6]), done.stderr
