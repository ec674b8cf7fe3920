"""The gradient check where it is hard: near kinks, in few digits, where gradients vanish, in noise."""

import importlib
import sys
import zlib
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from grader.checking.gradients.gradcheck import check_layer
from grader.checking.gradients.known import know
from grader.checks import assert_gradients, check_gradient
from grader.errors import CheckEnded, ExerciseError

ROOT = Path(__file__).resolve().parents[3]


def relu(x):
    return np.maximum(x, 0), x


def relu_backward(dout, x):
    return dout * (x > 0)


def tanh(x):
    return np.tanh(x), np.tanh(x)


def tanh_backward(dout, out):
    return dout * (1 - out**2)


def zero(dout, cache):
    return np.zeros(dout.shape)


def noisy(x):
    """The hyperbolic tangent with noise that its input seeds."""
    rng = np.random.default_rng(zlib.crc32(x.tobytes()))
    return np.tanh(x) + 1e-2 * rng.normal(size=x.shape), np.tanh(x)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("distance", [1e-3, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12])
def test_beside_a_kink(distance):
    """A kink is invisible to a step that is smaller than its distance, and excuses no wrong slope."""
    x = np.array([0.8, -1.1, distance, -distance, 1.5, 0.9])
    assert check_gradient(relu, relu_backward, x).outcome == "right"

    def slope_two(dout, x):
        return relu_backward(dout, x) * np.where(np.abs(x) < 1e-2, 2, 1)

    assert check_gradient(relu, slope_two, x).outcome == "wrong"


@pytest.mark.parametrize("gap", [1e-4, 1e-6, 1e-8])
def test_beside_a_tie(gap):
    """With a single output, too, what a near tie bends is no noise: smaller steps show that it shrinks."""
    for seed in range(6):
        x = np.append(np.random.default_rng(seed).uniform(-1, 1, 4), [2.0, 2.0 + gap])

        def largest(x):
            return x.max(), x

        def given_to(places, share=1.0):
            return lambda dout, x: dout * share * np.isin(np.arange(6), places)

        assert check_gradient(largest, given_to([5]), x, seed=seed).outcome == "right"
        for wrong in (given_to([4]), given_to([4, 5], 0.5), given_to([5], 1.01), given_to([])):
            assert check_gradient(largest, wrong, x, seed=seed).outcome == "wrong"


@pytest.mark.parametrize("distance", [1e-6, 1e-4, 1e-3, 3e-3])
def test_a_plateau_is_no_stair(distance):
    """Where nothing moves at the first step, the step at which something does tells a kink from stairs."""
    x = np.array([0.25 + distance, 0.54, 0.79, 1.6])

    def clipped(x):
        return np.minimum(x, 0.25), x

    def stairs(x):
        return np.floor(16 * x) / 16, x

    for seed in range(4):
        assert check_gradient(clipped, zero, x, seed=seed).outcome == "right"
        assert check_gradient(clipped, lambda d, x: d, x, seed=seed).outcome == "wrong"
        assert check_gradient(stairs, zero, x + 0.01, seed=seed).outcome == "inconclusive"
        assert check_gradient(stairs, lambda d, x: d, x + 0.01, seed=seed).outcome != "right"


def batch_norm(x):
    std = np.sqrt(x.var(axis=0) + 1e-5)
    hat = (x - x.mean(axis=0)) / std
    return hat, (hat, std)


def batch_norm_backward(dout, cache):
    hat, std = cache
    return (dout - dout.mean(axis=0) - hat * (dout * hat).mean(axis=0)) / std


def test_gradients_that_vanish():
    """With two examples nearly all of a batch norm's gradient cancels; a bias before it has none."""
    x = np.array([[0.5, -1.0, 0.25], [1.0, 0.5, -0.5]])
    assert check_gradient(batch_norm, batch_norm_backward, x).outcome == "right"
    doubled = check_gradient(batch_norm, lambda d, c: 2 * batch_norm_backward(d, c), x)
    assert doubled.outcome == "wrong"

    def biased(x, b):
        return batch_norm(x + b)

    def backward(dout, cache):
        dx = batch_norm_backward(dout, cache)
        return dx, dx.sum(axis=0)  # about 1e-17

    arrays = normal(5, 3), normal(3)
    assert check_gradient(biased, backward, *arrays).outcome == "right"
    exactly = check_gradient(biased, lambda d, c: (backward(d, c)[0], np.zeros(3)), *arrays)
    assert exactly.outcome == "right"
    wrong = check_gradient(biased, lambda d, c: (backward(d, c)[0], d.sum(axis=0)), *arrays)
    assert [g.argument for g in wrong.wrong] == ["b"]


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("pair", [True, False])
def test_every_entry_on_its_own_scale(place, pair):
    """Beside a million, the gradient of a millionth is not nothing."""
    x = np.array([1.3e6, -1.1, 0.9e-6])

    def squares(x):
        return x * x, x

    def right(dout, x):
        return 2 * x * dout

    def loses_one(dout, x):
        dx = right(dout, x)
        dx[place] = 0
        return dx

    exact = (squares, right) if pair else None
    assert check_gradient(squares, right, x, exact=exact).outcome == "right"
    assert check_gradient(squares, loses_one, x, exact=exact).outcome == "wrong"


def test_a_step_out_of_the_domain_is_no_agreement():
    """Beside the edge of a logarithm's domain the steps get smaller; nothing passes unmeasured."""
    x = np.array([1e-4, 0.2, 0.3, 0.25, 0.25])

    def log(x):
        return np.log(x), x

    assert check_gradient(log, lambda d, x: d / x, x).outcome == "right"
    for wrong in (lambda d, x: 1.01 * d / x, lambda d, x: d / x * np.sign(x - 1e-3)):
        assert check_gradient(log, wrong, x).outcome == "wrong"


def test_one_per_cent_in_single_precision():
    """A gradient that is one per cent off is seen in float32, too; a right one passes."""

    def forward(x, w):
        x, w = x.astype(np.float32), w.astype(np.float32)
        return x @ w, (x, w)

    def backward(dout, cache, factor=1):
        x, w = cache
        dout = dout.astype(np.float32)
        return dout @ w.T, x.T @ dout * np.float32(factor)

    arrays = normal(5, 4), normal(4, 3)
    assert check_gradient(forward, backward, *arrays).outcome == "right"
    verdict = check_gradient(forward, lambda d, c: backward(d, c, 1.01), *arrays)
    assert [g.argument for g in verdict.wrong] == ["w"]


@pytest.mark.parametrize("factor", [1, -1, 0, 2])
def test_noise_is_inconclusive(factor):
    """Where a forward has noise, nothing passes and nothing right is called wrong."""
    verdict = check_gradient(noisy, lambda d, out: factor * tanh_backward(d, out), normal(3, 4))
    assert verdict.outcome == "inconclusive"
    assert "cannot be differentiated" in verdict.reason
    assert "of their size" in str(verdict)


def test_rounding_is_inconclusive():
    """A staircase is flat almost everywhere, and yet zero is not its gradient."""

    def rounded(x):
        return np.round(np.tanh(x), 2), np.tanh(x)

    for backward in (zero, tanh_backward):
        assert check_gradient(rounded, backward, normal(4, 3)).outcome == "inconclusive"


def in_half(x):
    out = np.tanh(x.astype(np.float16))
    return out, out


def in_half_backward(dout, out):
    return dout.astype(np.float16) * (np.float16(1) - out**2)


def test_half_precision():
    """Right layers in float16 pass beside a trusted pair; alone they are inconclusive, in words."""
    x, exact = normal(4, 3), (tanh, tanh_backward)
    assert check_gradient(in_half, in_half_backward, x, exact=exact).outcome == "right"
    for factor in (-1, 0, 2):
        wrong = check_gradient(
            in_half, lambda d, out, k=factor: k * in_half_backward(d, out), x, exact=exact
        )
        assert wrong.outcome == "wrong"
    alone = check_gradient(in_half, in_half_backward, x)
    assert alone.outcome == "inconclusive"
    assert "float16" in alone.reason


@pytest.mark.parametrize("factor", [0, 1, 2])
def test_the_smallest_numbers_of_half_precision(factor):
    """Where all outputs are among them no small step moves anything: that is no slope of 0."""

    def square(x):
        return (x**2).astype(np.float16), x

    def backward(dout, x):
        return factor * 2 * x * dout

    assert check_gradient(square, backward, np.array(3.2e-4)).outcome == "inconclusive"


@pytest.mark.parametrize("seed", [113, 247])
def test_a_lost_entry_shows_beside_large_ones(seed):
    """In batch normalisation a constant column has gradients a thousand times as large as the others."""
    x = np.random.default_rng(seed).normal(size=(5, 3))
    x[:, 1] = 0.75

    def one_lost(dout, cache):
        dx = batch_norm_backward(dout, cache)
        dx.flat[np.argmin(np.abs(dx))] = 0
        return dx

    assert check_gradient(batch_norm, batch_norm_backward, x, seed=seed).outcome == "right"
    assert check_gradient(batch_norm, one_lost, x, seed=seed).outcome == "wrong"


def test_a_memory_earns_nothing():
    """A forward that is right once and answers from memory when it is called again does not make an
    all-zero backward right."""
    x, seen = normal(4, 3), {}

    def forward(x):
        out = seen.setdefault("out", np.tanh(x))
        return out, out

    verdict = check_gradient(forward, zero, x, exact=(tanh, tanh_backward))
    assert verdict.outcome == "wrong"
    assert verdict.known
    assert verdict.evaluations <= 3


def test_the_trusted_pair_settles_it():
    """With the trusted output two calls of the forward are enough, right or wrong; a choice at a kink
    is right, but the gradient for every one of several tied maxima is not."""
    x = normal(4, 3)
    known = know(tanh, tanh_backward, [x], {}, seed=3)
    for backward, outcome in ((tanh_backward, "right"), (zero, "wrong")):
        verdict = check_layer(tanh, backward, [x], {}, rng=np.random.default_rng(0), known=known)
        assert (verdict.outcome, verdict.evaluations) == (outcome, 2)

    def largest(x):
        return x.max(axis=1), x

    def everyone(dout, x):
        return (x == x.max(axis=1, keepdims=True)) * dout[:, None]

    def first(dout, x):
        dx = np.zeros(x.shape)
        dx[np.arange(len(x)), x.argmax(axis=1)] = dout
        return dx

    def shared(dout, x):
        return everyone(dout, x) / (x == x.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)

    tied = np.array([[2.0, 2.0, 1.0], [0.5, 3.0, 3.0]])
    for backward, outcome in (
        (first, "right"),
        (shared, "right"),
        (everyone, "wrong"),
        (zero, "wrong"),
    ):
        for exact in (None, (largest, first)):
            wide = backward if backward is not zero else lambda d, x: np.zeros(x.shape)
            assert check_gradient(largest, wide, tied, exact=exact).outcome == outcome


def test_trusted_answers_are_computed_once():
    """The second submission costs the trusted pair nothing."""
    calls = []

    def counted(x):
        calls.append(1)
        return tanh(x)

    x = normal(3, 2)
    for _ in range(2):
        know(counted, tanh_backward, [x], {}, seed=5)
        first = len(calls)
        calls.clear()
    assert first == 0


def test_a_symmetric_argument():
    """A symmetric matrix is moved symmetrically, and the symmetric part of its gradient counts."""
    a = normal(3, 3)
    s = a @ a.T + 2 * np.eye(3)

    def log_det(s):
        return np.log(np.linalg.det(s)).reshape(1), np.linalg.inv(s)

    def backward(dout, inverse):
        return dout * inverse.T

    def upper(dout, inverse):
        return dout * np.triu(2 * inverse - np.diag(np.diag(inverse)))

    for right in (backward, upper):
        assert check_gradient(log_det, right, s, symmetric=("s",)).outcome == "right"
    assert check_gradient(log_det, upper, s).outcome == "wrong"
    wrong = check_gradient(log_det, lambda d, i: 2 * backward(d, i), s, symmetric=("s",))
    assert wrong.outcome == "wrong"
    with pytest.raises(ExerciseError, match="declared symmetric, and is not"):
        check_gradient(log_det, backward, a, symmetric=("s",))
    with pytest.raises(ExerciseError, match="no array of floats has that name"):
        check_gradient(log_det, backward, s, symmetric=("t",))


def test_what_cannot_be_moved_is_refused_in_a_sentence():
    """Complex arrays, whole numbers that a gradient is returned for, and no array of floats at all."""
    with pytest.raises(ExerciseError, match="real arrays only"):
        check_gradient(tanh, tanh_backward, normal(3) + 1j)
    with pytest.raises(ExerciseError, match="outputs: this forward's are complex"):
        check_gradient(lambda x: (np.fft.fft(x), x), tanh_backward, normal(4))
    with pytest.raises(ExerciseError, match="x holds whole numbers"):
        check_gradient(tanh, tanh_backward, np.arange(3))
    with pytest.raises(ExerciseError, match="n holds whole numbers"):
        check_gradient(lambda x, n: (x * n, (x, n)), lambda d, c: (d * c[1], d * c[0]),
                       normal(3), np.arange(3))  # fmt: skip


def test_a_student_reads_why_nothing_can_be_told():
    """A check whose forward cannot be differentiated fails, and its message says by how much."""
    with pytest.raises(CheckEnded) as caught:
        assert_gradients(noisy, zero, normal(3, 4))
    assert caught.value.message.startswith("Whether zero is right cannot be told: the forward pass")
    assert "without any noise" in caught.value.hint


def test_a_verdict_in_words():
    """`print` says what differs, where, the slope, and the smallest step that was believed."""
    x = np.array([[0.5, -1.0, 2.0]])
    assert str(check_gradient(tanh, tanh_backward, x)).startswith("right: dx is the gradient")
    text = str(check_gradient(tanh, lambda d, out: d * (1 - out), x))
    assert "dx: 3 of 3 entries differ, most dx[0,1]" in text
    assert "smallest step believed" in text


def test_the_size_of_a_single_dout_is_not_all():
    """A backward that takes dout for positive is wrong, also where the output is one number."""

    def square(x):
        return x * x, x

    def backward(dout, x):
        return 2 * x * dout

    for seed in range(16):
        x = np.array(1.0 + seed / 8)
        for exact in (None, (square, backward)):
            assert check_gradient(square, backward, x, seed=seed, exact=exact).outcome == "right"
            wrong = check_gradient(
                square, lambda d, x: 2 * x * np.abs(d), x, seed=seed, exact=exact
            )
            assert wrong.outcome == "wrong"


def test_numbers_that_fit_into_float16_once_are_no_half_precision():
    """A wrong gradient whose numbers are short for one dout and not for another gets no room for float16."""

    def double(x):
        return 2 * x + 2.0**-9 * x, None

    def backward(dout, cache):
        return 2 * dout + 2.0**-9 * dout

    def rounds(dout, cache):
        once = np.abs(dout).max() < 1
        return dout * 2 if once else dout * (2 + 2.0**-9) + 2.0**-40

    x = np.arange(6.0).reshape(2, 3) / 8
    verdict = check_gradient(double, rounds, x, exact=(double, backward))
    assert verdict.outcome == "wrong"
    assert verdict.wrong[0].wrong.all()


def test_a_mistake_for_one_dout_beside_kinks():
    """Short numbers may be float16's, so that it stays open whether a gradient is linear in dout; then each
    dout is looked at entry by entry, where kinks hide what directions show."""

    def clip(x):
        return np.clip(x, -1, 1), np.abs(x) <= 1

    def backward(dout, inside):
        return dout * inside

    def wrong(dout, inside):
        dx = backward(dout, inside)
        if np.abs(dout).max() > 1:
            dx[2] *= 1.5
        return dx

    x = np.array([1.0, -1.0, 0.3, 1.27, -0.21, -1.6])
    for seed in range(12):
        assert check_gradient(clip, backward, x, seed=seed).outcome == "right"
        assert check_gradient(clip, wrong, x, seed=seed).outcome == "wrong", seed


@pytest.mark.slow
def test_the_benchmark_of_the_edges():
    """A few of its situations, with gradients from PyTorch: no right one is missed, nothing wrong
    passes."""
    pytest.importorskip("torch")
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        edges = importlib.import_module("gradcheck_edges")
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))
    assert len({s.name for s in edges.situations()}) >= 60
    wanted = [("batch norm of 3", 0), ("ReLU at 1e-06", 0), ("LSTM", 0), ("squares of", 0)]
    wanted += [("two decimals", 0), ("residual", 831), ("GRU step", 879), ("sharp softmax", 864)]
    for some, seed in wanted:
        table = edges.run(range(seed, seed + 1), [some])
        assert sum(table.tried.values()) > 10
        assert +table.bad == {}, table.cases


@pytest.mark.parametrize("pair", [True, False])
def test_what_is_infinite_or_missing_among_the_arguments(pair):
    """A mask of -inf, and a NaN that is left out, say nothing of what is linear in dout."""

    def attention(scores, mask):
        weights = np.exp(scores + mask)
        weights = weights / weights.sum(axis=1, keepdims=True)
        return weights, weights

    def attention_backward(dout, weights):
        g = weights * (dout - (dout * weights).sum(axis=1, keepdims=True))
        return g, g

    def mean(x):
        return np.nanmean(x**2), x

    def mean_backward(dout, x):
        return dout * np.where(np.isnan(x), 0, 2 * x) / 3

    mask = np.where(np.triu(np.ones((3, 3)), 1) > 0, -np.inf, 0.0)
    for seed in range(3):
        exact = (attention, attention_backward) if pair else None
        scores = normal(3, 3, seed=seed)
        said = check_gradient(attention, attention_backward, scores, mask, seed=seed, exact=exact)
        assert said.outcome == "right"
        exact = (mean, mean_backward) if pair else None
        said = check_gradient(
            mean, mean_backward, np.array([1, np.nan, 3, 2]), seed=seed, exact=exact
        )
        assert said.outcome == "right"


def test_a_forward_that_asserts_or_looks_up_is_moved_out_of_its_domain():
    table = np.arange(5.0) ** 2

    def forward(x):
        assert (x >= 0).all()
        below = np.floor(x).astype(int)
        return table[below] * (1 - (x - below)) + table[below + 1] * (x - below), below

    def backward(dout, below):
        return dout * (table[below + 1] - table[below])

    x = np.array([0.5, 1.5, 3.9999])
    assert check_gradient(forward, backward, x).outcome == "right"
    assert check_gradient(forward, lambda d, b: 2 * backward(d, b), x).outcome == "wrong"


def test_a_named_tuple_of_arrays():
    state = namedtuple("state", "hidden cell")(normal(3), normal(3, seed=1))

    def forward(state):
        return np.tanh(state.hidden) * state.cell, state

    def backward(dout, state):
        t = np.tanh(state.hidden)
        return dout * (1 - t**2) * state.cell, dout * t

    assert check_gradient(forward, backward, state).outcome == "right"


@pytest.mark.parametrize("distance", [1e-6, 1e-8, 1e-9, 1e-10, 1e-11])
def test_beside_a_kink_that_is_not_at_zero(distance):
    def forward(x):
        return np.clip(x, 0, 6), x

    def backward(dout, x):
        return dout * ((x > 0) & (x < 6))

    for pair in (None, (forward, backward)):
        x = np.array([6 - distance, 6 - distance / 2, 1.3, 4.1])
        assert check_gradient(forward, backward, x, exact=pair).outcome == "right"
        beyond = check_gradient(forward, lambda d, x: backward(d, x) * (x < 5.5), x, exact=pair)
        assert beyond.outcome == "wrong"
