"""The checks of ex14: recurrent networks, forward and backward through time."""

import numpy as np
import pytest

from grader.checks import (
    assert_arguments_unchanged,
    assert_caches_apart,
    assert_gradients,
    assert_raises,
    assert_results_kept,
    assert_same,
    assert_shape,
    fail,
    grid_values,
    positive_values,
    say,
    upstream,
)

RNN, RNN_SHAPES, RNN_BACK = "test_rnn_shape", "test_rnn_gradient_shapes", "test_rnn_backward"
STEP, STEP_SHAPES, STEP_BACK = "test_step_shapes", "test_step_gradient_shapes", "test_step_backward"
LSTM, LSTM_SHAPES, LSTM_BACK = "test_lstm_shape", "test_lstm_gradient_shapes", "test_lstm_backward"
NORMS, CLIP, TRAIN = "test_norms_shape", "test_clip_shapes", "test_training_shapes"
SIZES = ((2, 4, 3, 5), (1, 3, 2, 1), (3, 1, 4, 2))  # sequences, steps, inputs, units
SIGMOID = "For which z does np.exp(-z) overflow? The sigmoid can be made of tanh, which never does."
GATES = ("input", "forget", "candidate", "output")


def rnn_inputs(rng, n=2, steps=4, inputs=3, units=5):
    """Arguments of rnn_forward, small enough that no unit is saturated."""
    return (
        grid_values(rng, (n, steps, inputs), limit=1.0),
        grid_values(rng, (n, units), limit=1.0),
        grid_values(rng, (inputs, units), limit=0.75),
        grid_values(rng, (units, units), limit=0.5),
        grid_values(rng, units, limit=0.5),
    )


def lstm_inputs(rng, n=2, steps=4, inputs=3, units=5):
    """Arguments of lstm_forward."""
    return (
        grid_values(rng, (n, steps, inputs), limit=1.0),
        grid_values(rng, (n, units), limit=1.0),
        grid_values(rng, (n, units)),
        grid_values(rng, (inputs, 4 * units), limit=0.75),
        grid_values(rng, (units, 4 * units), limit=0.5),
        grid_values(rng, 4 * units, limit=0.5),
    )


def step_inputs(rng, n=2, inputs=3, units=5):
    """Arguments of lstm_step_forward."""
    x, *others = lstm_inputs(rng, n, 1, inputs, units)
    return x[:, 0], *others


def rnn_states(x, h, wx, wh, b):
    """All states of a plain recurrent layer, (N, T, H)."""
    states = []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ wx + h @ wh + b)
        states.append(h)
    return np.stack(states, axis=1)


def sigmoid(z):
    """The logistic function."""
    return 0.5 + 0.5 * np.tanh(z / 2)


def lstm_step(x, h, c, wx, wh, b):
    """State and cell after one step of an LSTM."""
    i, f, g, o = np.split(x @ wx + h @ wh + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def lstm_states(x, h, c, wx, wh, b):
    """All states of an LSTM, (N, T, H)."""
    states = []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, wx, wh, b)
        states.append(h)
    return np.stack(states, axis=1)


def step_passes(module):
    """The two passes of one step, with state and cell as the two halves of one output."""

    def lstm_step_forward(x, h, c, wx, wh, b):
        h_next, c_next, cache = module.lstm_step_forward(x, h, c, wx, wh, b)
        return np.stack([h_next, c_next]), cache

    def lstm_step_backward(dout, cache):
        return module.lstm_step_backward(dout[0], dout[1], cache)

    return lstm_step_forward, lstm_step_backward


def assert_no_warning(function, because, hint=""):
    """The latest call raised no warning about its arithmetic."""
    if said := [w for w in function.last.warnings if w.startswith("RuntimeWarning")]:
        words = said[0].removeprefix("RuntimeWarning: ")
        fail(
            say(
                "{because} {function} warns: {words}.",
                because=because,
                function=function.name,
                words=words,
            ),
            hint=hint,
        )


# A plain recurrent layer


@pytest.mark.points(1)
def test_rnn_shape(student, rng):
    """rnn_forward returns one state for each step of each sequence."""
    for n, steps, inputs, units in SIZES:
        out, _ = student.rnn_forward(*rnn_inputs(rng, n, steps, inputs, units))
        because = say("For x {value} and {units} units:", value=(n, steps, inputs), units=units)
        assert_shape(out, (n, steps, units), because=because)


@pytest.mark.points(2)
@pytest.mark.after(RNN)
def test_rnn_worked_example(student):
    """The example of the handout: one unit reads 1, then 0."""
    x = np.array([[[1.0], [0.0]]])
    wx, wh = np.array([[1.0]]), np.array([[0.5]])
    out, _ = student.rnn_forward(x, np.zeros((1, 1)), wx, wh, np.zeros(1))
    first = np.tanh(1.0)
    assert_same(out, np.array([[[first], [np.tanh(0.5 * first)]]]))


@pytest.mark.points(3)
@pytest.mark.after(RNN)
def test_rnn_values(student, rng):
    """Each state is the tanh of input, state before and bias, each with its weights."""
    for n, steps, inputs, units in SIZES:
        given = rnn_inputs(rng, n, steps, inputs, units)
        out, _ = student.rnn_forward(*given)
        because = say("For x {value} and {units} units:", value=(n, steps, inputs), units=units)
        assert_same(out, rnn_states(*given), because=because)


@pytest.mark.points(2)
@pytest.mark.after(RNN)
def test_rnn_in_two_pieces(student, rng):
    """A sequence in two pieces, the second begun with the last state of the first, gives the whole."""
    x, h0, wx, wh, b = rnn_inputs(rng, 2, 5)
    whole, _ = student.rnn_forward(x, h0, wx, wh, b)
    for cut in (1, 3):
        first, _ = student.rnn_forward(x[:, :cut], h0, wx, wh, b)
        second, _ = student.rnn_forward(x[:, cut:], first[:, -1], wx, wh, b)
        because = say("5 steps, cut after step {cut}:", cut=cut)
        assert_same(np.concatenate([first, second], axis=1), whole, because=because)
    other = x.copy()
    other[:, 3] += 1.0
    out, _ = student.rnn_forward(other, h0, wx, wh, b)
    assert_same(out[:, :3], whole[:, :3], name="out[:, :3]", because="Only x[:, 3] was changed:")
    if np.allclose(out[:, 4], whole[:, 4], rtol=0, atol=1e-4):
        fail("x[:, 3] was changed, and the state after the next step, out[:, 4], is the same.")


@pytest.mark.points(1)
@pytest.mark.after(RNN)
def test_rnn_gradient_shapes(student, rng):
    """Each gradient of rnn_backward has the shape of its argument."""
    for sizes in SIZES:
        given = rnn_inputs(rng, *sizes)
        out, cache = student.rnn_forward(*given)
        gradients = student.rnn_backward(upstream(rng, out.shape), cache)
        for name, gradient, one in zip(
            ("dx", "dh0", "dwx", "dwh", "db"), gradients, given, strict=True
        ):
            assert_shape(
                gradient, one.shape, name=name, because=say("For x {shape}:", shape=given[0].shape)
            )


@pytest.mark.points(6)
@pytest.mark.after(RNN_SHAPES)
def test_rnn_backward(student, rng):
    """rnn_backward is the gradient of your own rnn_forward, through all steps."""
    for sizes in ((2, 4, 3, 5), (3, 1, 2, 2)):
        assert_gradients(student.rnn_forward, student.rnn_backward, *rnn_inputs(rng, *sizes))


@pytest.mark.points(1)
@pytest.mark.after(RNN_BACK)
def test_rnn_no_hidden_state(student, rng):
    """rnn_forward and rnn_backward leave arguments alone, and remember nothing between calls."""
    given = rnn_inputs(rng), rnn_inputs(rng)
    assert_caches_apart(student.rnn_forward, student.rnn_backward, rng, *given)


# One step of an LSTM


@pytest.mark.points(1)
def test_step_shapes(student, rng):
    """lstm_step_forward returns state and cell, each (N, H)."""
    for n, _, inputs, units in SIZES:
        h, c, _ = student.lstm_step_forward(*step_inputs(rng, n, inputs, units))
        for name, one in (("h_next", h), ("c_next", c)):
            because = say("For x {value} and {units} units:", value=(n, inputs), units=units)
            assert_shape(one, (n, units), name=name, because=because)


@pytest.mark.points(4)
@pytest.mark.after(STEP)
def test_step_values(student, rng):
    """State and cell are right, with the gates in the order input, forget, candidate, output."""
    for n, _, inputs, units in SIZES:
        given = step_inputs(rng, n, inputs, units)
        h, c, _ = student.lstm_step_forward(*given)
        because = say("For x {value} and {units} units:", value=(n, inputs), units=units)
        for name, mine, right in zip(
            ("c_next", "h_next"), (c, h), lstm_step(*given)[::-1], strict=True
        ):
            assert_same(mine, right, name=name, because=because)


@pytest.mark.points(2)
@pytest.mark.after(STEP)
def test_gates_open_and_closed(student, rng):
    """A gate that is wide open lets all through, a closed one nothing; there is no overflow."""
    x, h, c, wx, wh, b = step_inputs(rng)
    candidate = np.tanh(x @ wx + h @ wh + b)[:, 10:15]
    for opened in (("forget",), ("input", "output"), ("forget", "input", "output"), ()):
        biases = {gate: 1000.0 if gate in opened else -1000.0 for gate in GATES}
        biases["candidate"] = 0.0
        wide = b + np.repeat([*biases.values()], 5)
        want = c * ("forget" in opened) + candidate * ("input" in opened)
        because = say(
            "Wide open (a bias of 1000): {value}; the others closed:",
            value=", ".join(opened) or say("none"),
        )
        got_h, got_c, _ = student.lstm_step_forward(x, h, c, wx, wh, wide)
        assert_same(got_c, want, name="c_next", because=because)
        assert_same(got_h, np.tanh(want) * ("output" in opened), name="h_next", because=because)
        assert_no_warning(student.lstm_step_forward, say("With biases of 1000 and -1000"), SIGMOID)


@pytest.mark.points(1)
@pytest.mark.after(STEP)
def test_step_gradient_shapes(student, rng):
    """Each gradient of lstm_step_backward has the shape of its argument."""
    for n, _, inputs, units in SIZES:
        given = step_inputs(rng, n, inputs, units)
        h, c, cache = student.lstm_step_forward(*given)
        gradients = student.lstm_step_backward(
            upstream(rng, h.shape), upstream(rng, c.shape), cache
        )
        for name, gradient, one in zip(
            ("dx", "dh", "dc", "dwx", "dwh", "db"), gradients, given, strict=True
        ):
            assert_shape(
                gradient, one.shape, name=name, because=say("For x {shape}:", shape=given[0].shape)
            )


@pytest.mark.points(6)
@pytest.mark.after(STEP_SHAPES)
def test_step_backward(student, reference, rng):
    """lstm_step_backward is the gradient of your own lstm_step_forward, by state and by cell."""
    given = step_inputs(rng)
    assert_gradients(*step_passes(student), *given, exact=step_passes(reference))


@pytest.mark.points(1)
@pytest.mark.after(STEP_BACK)
def test_step_no_hidden_state(student, rng):
    """A step of an LSTM leaves its arguments alone, and remembers nothing between calls."""
    forward, backward = student.lstm_step_forward, student.lstm_step_backward
    first, second = step_inputs(rng), step_inputs(rng)
    h, c, cache = assert_arguments_unchanged(forward, *first)
    dh, dc = upstream(rng, h.shape), upstream(rng, c.shape)
    alone = assert_arguments_unchanged(backward, dh, dc, cache)
    steps = assert_results_kept(forward, first, second)
    together = assert_results_kept(backward, *[(dh, dc, cache) for _, _, cache in steps])
    because = "Two steps forward, then two backward; the first one:"
    for name, mine, right in zip(
        ("dx", "dh", "dc", "dwx", "dwh", "db"), together[0], alone, strict=True
    ):
        assert_same(mine, right, name=name, because=because)


# An LSTM over a sequence


@pytest.mark.points(1)
def test_lstm_shape(student, rng):
    """lstm_forward returns one state for each step of each sequence."""
    for n, steps, inputs, units in SIZES:
        out, _ = student.lstm_forward(*lstm_inputs(rng, n, steps, inputs, units))
        because = say("For x {value} and {units} units:", value=(n, steps, inputs), units=units)
        assert_shape(out, (n, steps, units), because=because)


@pytest.mark.points(2)
@pytest.mark.after(LSTM, STEP)
def test_lstm_takes_your_steps(student, rng):
    """lstm_forward gives the states of your own lstm_step_forward, each step begun where the last ended."""
    x, h, c, *weights = lstm_inputs(rng)
    out, _ = student.lstm_forward(x, h, c, *weights)
    for t in range(x.shape[1]):
        h, c, _ = student.lstm_step_forward(x[:, t], h, c, *weights)
        assert_same(out[:, t], h, name=f"out[:, {t}]")


@pytest.mark.points(2)
@pytest.mark.after(LSTM, "test_step_values")
def test_lstm_values(student, rng):
    """The states of an LSTM are right at every step."""
    for n, steps, inputs, units in SIZES:
        given = lstm_inputs(rng, n, steps, inputs, units)
        out, _ = student.lstm_forward(*given)
        because = say("For x {value} and {units} units:", value=(n, steps, inputs), units=units)
        assert_same(out, lstm_states(*given), because=because)


@pytest.mark.points(1)
@pytest.mark.after(LSTM)
def test_lstm_gradient_shapes(student, rng):
    """Each gradient of lstm_backward has the shape of its argument."""
    for sizes in SIZES:
        given = lstm_inputs(rng, *sizes)
        out, cache = student.lstm_forward(*given)
        gradients = student.lstm_backward(upstream(rng, out.shape), cache)
        for name, gradient, one in zip(
            ("dx", "dh0", "dc0", "dwx", "dwh", "db"), gradients, given, strict=True
        ):
            assert_shape(
                gradient, one.shape, name=name, because=say("For x {shape}:", shape=given[0].shape)
            )


@pytest.mark.points(5)
@pytest.mark.after(LSTM_SHAPES, STEP_BACK)
def test_lstm_backward(student, rng):
    """lstm_backward is the gradient of your own lstm_forward, through states and cells of all steps."""
    given = lstm_inputs(rng, 2, 3, 2, 3)
    assert_gradients(student.lstm_forward, student.lstm_backward, *given)


@pytest.mark.points(1)
@pytest.mark.after(LSTM_BACK)
def test_lstm_no_hidden_state(student, rng):
    """lstm_forward and lstm_backward leave arguments alone, and remember nothing between calls."""
    given = lstm_inputs(rng), lstm_inputs(rng)
    assert_caches_apart(student.lstm_forward, student.lstm_backward, rng, *given)


@pytest.mark.points(1)
@pytest.mark.after("test_rnn_values", "test_lstm_values")
def test_recurrence_with_other_types(student, rng):
    """Sequences and starts of whole numbers, in float32 and not contiguous are no different."""
    for forward, inputs, states in (
        (student.rnn_forward, rnn_inputs, rnn_states),
        (student.lstm_forward, lstm_inputs, lstm_states),
    ):
        x, *starts, wx, wh, b = inputs(rng)
        whole = [np.round(2 * a).astype(int) for a in (x, *starts)]
        out, _ = forward(*whole, wx, wh, b)
        assert_same(
            out, states(*whole, wx, wh, b), because="With x and the start in whole numbers:"
        )
        small = [a.astype(np.float32) for a in (x, *starts, wx, wh, b)]
        want = states(x, *starts, wx, wh, b)
        assert_same(forward(*small)[0], want, tolerance=1e-5, because="In float32:")
        mixed = [np.asfortranarray(a) for a in (x, *starts, wx, wh, b)]
        assert_same(forward(*mixed)[0], want, because="With arguments that are not contiguous:")


# What comes back to each step


def norm_inputs(rng, kind, n=2, steps=4, inputs=3, units=5):
    """x, wx, wh and b of a network."""
    if kind == "rnn":
        x, _, *weights = rnn_inputs(rng, n, steps, inputs, units)
    else:
        x, _, _, *weights = lstm_inputs(rng, n, steps, inputs, units)
    return x, *weights


@pytest.mark.points(1)
def test_norms_shape(student, rng):
    """gradient_norms returns one number for each step; another kind is a ValueError."""
    for sizes in SIZES:
        given = norm_inputs(rng, "rnn", *sizes)
        norms = student.gradient_norms(*given, "rnn")
        because = say('For x {shape}, "rnn":', shape=given[0].shape)
        assert_shape(norms, sizes[1:2], name="norms", because=because)
    for kind in ("rnn", "lstm"):
        given = norm_inputs(rng, kind)
        assert_raises(student.gradient_norms, "ValueError", *given, "gru")


def assert_norms(student, reference, rng, kind):
    """The norms are the reference's, and no argument is changed."""
    for sizes in SIZES:
        given = norm_inputs(rng, kind, *sizes)
        got = assert_arguments_unchanged(student.gradient_norms, *given, kind)
        want = reference.gradient_norms(*given, kind)
        assert_same(
            got,
            want,
            name="norms",
            because=say('For x {shape}, "{kind}":', shape=given[0].shape, kind=kind),
        )


@pytest.mark.points(2)
@pytest.mark.after(NORMS, RNN_BACK)
def test_norms_of_an_rnn(student, reference, rng):
    """Each number is the length of the gradient by that step's input, over all sequences."""
    assert_norms(student, reference, rng, "rnn")


@pytest.mark.points(2)
@pytest.mark.after(NORMS, LSTM_BACK)
def test_norms_of_an_lstm(student, reference, rng):
    """The same for an LSTM, whose cell starts at 0 as well."""
    assert_norms(student, reference, rng, "lstm")


def assert_strengths(norms, strength, factor, because):
    """From the last step backwards each norm is factor times the one after it."""
    want = strength * factor ** np.arange(len(norms))[::-1]
    assert_same(norms / want, np.ones(len(norms)), name=say("norms / what they should be"),
                because=because, tolerance=1e-6)  # fmt: skip


@pytest.mark.points(2)
@pytest.mark.after(NORMS, RNN_BACK)
def test_vanishing_and_exploding(student, rng):
    """The weights of the state decide whether the gradients of a plain layer vanish or explode."""
    # With zeros all along every tanh has slope 1, and the state's weights only swap units and multiply.
    x, wx = np.zeros((2, 24, 3)), positive_values(rng, (3, 4))
    swap = np.eye(4)[rng.permutation(4)]
    for factor in (0.5, 1.0, 2.0):
        got = student.gradient_norms(x, wx, factor * swap, np.zeros(4), "rnn")
        because = say(
            "24 steps of zeros; wh swaps the units and multiplies by {factor:g}, each step back:",
            factor=factor,
        )
        assert_strengths(got, np.sqrt(2) * np.linalg.norm(wx.sum(axis=1)), factor, because)


@pytest.mark.points(2)
@pytest.mark.after(NORMS, LSTM_BACK)
def test_forget_gate_keeps_gradients(student, rng):
    """An LSTM's gradients come back undiminished where its forget gates are open."""
    x, wx, b = np.zeros((2, 24, 3)), np.zeros((3, 16)), np.zeros(16)
    wx[:, 8:12] = positive_values(rng, (3, 4))
    for bias, factor in ((0.0, 0.5), (1000.0, 1.0)):
        b[4:8] = bias
        got = student.gradient_norms(x, wx, np.zeros((4, 16)), b, "lstm")
        because = say(
            "24 steps of zeros; forget gates with bias {bias:g} let {factor:g} through:",
            bias=bias,
            factor=factor,
        )
        assert_strengths(got, np.linalg.norm(wx.sum(axis=1)) / np.sqrt(8), factor, because)


# Clipping


def lengths(rng):
    """Gradients of three shapes."""
    return [grid_values(rng, shape) for shape in ((2, 3), 4, (1, 2, 2))]


@pytest.mark.points(1)
def test_clip_shapes(student, rng):
    """clip_gradients returns as many arrays as it got, of the same shapes."""
    grads = lengths(rng)
    for limit in (0.5, 100.0):
        clipped, _ = student.clip_gradients(grads, limit)
        if len(clipped) != len(grads):
            fail(say("{n} gradients went in, and {n2} came back.", n=len(grads), n2=len(clipped)))
        for i, (mine, given) in enumerate(zip(clipped, grads, strict=True)):
            assert_shape(
                mine,
                given.shape,
                name=f"clipped[{i}]",
                because=say("For limit={limit:g}:", limit=limit),
            )


@pytest.mark.points(4)
@pytest.mark.after(CLIP)
def test_clip_by_the_global_norm(student, rng):
    """One norm of all gradients together decides, and one factor shortens all of them to the limit."""
    cases = []
    for size in (1.0, 2.0**-18, 2.0**18):
        grads = [size * g for g in lengths(rng)]
        each = [float(np.linalg.norm(g)) for g in grads]
        norm = float(np.linalg.norm(each))
        limits = (size / 2, (max(each) + norm) / 2, 2 * norm)
        cases += [(grads, norm, limit) for limit in limits]
    answers = [
        assert_arguments_unchanged(student.clip_gradients, grads, limit)
        for grads, _, limit in cases
    ]
    for (grads, norm, limit), (clipped, got) in zip(cases, answers, strict=True):
        because = say(
            "Gradients of norm {norm:.4g} together, limit={limit:.4g}:", norm=norm, limit=limit
        )
        assert_same(got, norm, name="norm", because=because)
        factor = min(1.0, limit / norm)
        for i, (mine, given) in enumerate(zip(clipped, grads, strict=True)):
            assert_same(mine, factor * given, name=f"clipped[{i}]", because=because)


@pytest.mark.points(1)
@pytest.mark.after(CLIP)
def test_clip_small_and_zero(student):
    """Gradients that are short enough stay as they are, also at the limit and where all are 0."""
    for grads, norm in (
        ([np.array([3.0, 0.0]), np.array([[4.0]])], 5.0),
        ([np.zeros(2), np.zeros((3, 1))], 0.0),
    ):
        clipped, got = student.clip_gradients(grads, 5.0)
        because = say("Gradients of norm {norm:g}, limit=5:", norm=norm)
        assert_same(got, norm, name="norm", because=because)
        for i, (mine, given) in enumerate(zip(clipped, grads, strict=True)):
            assert_same(mine, given, name=f"clipped[{i}]", because=because)
        assert_no_warning(student.clip_gradients, because)


# Training


def additions(rng, count, columns):
    """Binary numbers to be added, lowest digit first: x (N, T, 2), and the digits of their sum (N, T, 1).

    What is carried out of the last column is left out.
    """
    x = rng.integers(0, 2, (count, columns, 2))
    y, carry = np.zeros((count, columns, 1), int), np.zeros(count, int)
    for t in range(columns):
        total = x[:, t].sum(axis=1) + carry
        y[:, t, 0], carry = total % 2, total // 2
    return x, y


def network(rng, inputs=2, units=3, answers=1):
    """A network to start from."""
    shapes = ((inputs, units), (units, units), units, (units, answers), answers)
    return [grid_values(rng, shape, limit=0.75) for shape in shapes]


def answers_of(x, params):
    """The logits of a network, (N, T, K)."""
    wx, wh, b, v, c = params
    return rnn_states(x, np.zeros((len(x), len(b))), wx, wh, b) @ v + c


def loss_of(x, y, params):
    """The loss of a network."""
    logits = answers_of(x, params)
    return float(np.mean(np.logaddexp(0, logits) - y * logits))


@pytest.mark.points(1)
def test_training_shapes(student, rng):
    """train_rnn returns five parameters of the same shapes, and one loss for each step."""
    for answers in (1, 2):
        x, y = additions(rng, 3, 4)
        params = network(rng, answers=answers)
        new, history = student.train_rnn(x, np.repeat(y, answers, axis=2), params, 0.5, 1.0, 2)
        if len(new) != 5 or len(history) != 2:
            fail(
                say(
                    "There must be 5 parameters and, for 2 steps, 2 losses; there are {n} and {n2}.",
                    n=len(new),
                    n2=len(history),
                )
            )
        for i, (mine, given) in enumerate(zip(new, params, strict=True)):
            assert_shape(mine, given.shape, name=f"params[{i}]")


@pytest.mark.points(2)
@pytest.mark.after(TRAIN)
def test_loss_of_training(student, rng):
    """history begins with the loss of the start, a mean over all answers, and is exact for huge logits."""
    x, y = additions(rng, 3, 4)
    y = np.concatenate([y, 1 - y, y], axis=2)
    params = network(rng, answers=3)
    _, history = student.train_rnn(x, y, params, 0.5, 1.0, 1)
    assert_same(history[0], loss_of(x, y, params), name="history[0]", tolerance=1e-6)
    params[3:] = 1000 * params[3], 1000 * params[4]
    _, history = student.train_rnn(x, y, params, 0.5, 1.0, 1)
    because = "With v and c a thousand times as large:"
    if not np.isfinite(history[0]):
        fail(
            say("{because} history[0] is {loss}.", because=because, loss=history[0]),
            hint="exp overflows for huge logits, even where its logarithm is taken afterwards: np.logaddexp does "
            "both at once.",
        )
    assert_same(
        history[0], loss_of(x, y, params), name="history[0]", tolerance=1e-6, because=because
    )
    assert_no_warning(student.train_rnn, because, SIGMOID)


@pytest.mark.points(4)
@pytest.mark.after(TRAIN, RNN_BACK, "test_clip_by_the_global_norm")
def test_training_steps(student, reference, rng):
    """Each step takes lr times the clipped gradients of all five parameters from them."""
    x, y = additions(rng, 3, 4)
    y, params = np.concatenate([y, 1 - y[::-1]], axis=2), network(rng, answers=2)
    for lr, limit, steps in (
        (0.5, 100.0, 1),
        (8.0, 2.0**-8, 1),
        (8.0, 2.0**-8, 3),
        (0.5, 100.0, 3),
    ):
        given = x, y, params, lr, limit, steps
        new, history = assert_arguments_unchanged(student.train_rnn, *given)
        want, losses = reference.train_rnn(*given)
        because = say("lr={lr:g}, limit={limit:g}, steps={steps}:", lr=lr, limit=limit, steps=steps)
        for i, (mine, right) in enumerate(zip(new, want, strict=True)):
            assert_same(mine, right, name=f"params[{i}]", because=because, tolerance=1e-5)
        assert_same(history, losses, name="history", because=because, tolerance=1e-6)


@pytest.mark.points(2)
@pytest.mark.after("test_training_steps")
def test_addition_is_learned(student):
    """A network that learned from numbers of 6 digits adds numbers of 40."""
    draw = np.random.default_rng(1)
    x, y = additions(draw, 64, 6)
    params = [
        draw.normal(size=(2, 8)),
        draw.normal(size=(8, 8)) / np.sqrt(8),
        np.zeros(8),
        draw.normal(size=(8, 1)) / np.sqrt(8),
        np.zeros(1),
    ]
    new, history = student.train_rnn(x, y, params, 4.0, 0.25, 200)
    x, y = additions(draw, 100, 40)
    share = float(np.mean((answers_of(x, new) > 0) == y))
    if not share > 0.9 or not history[-1] < 0.1:
        fail(
            say(
                "After 200 steps {share:.1%} of the digits of sums of 40 digits are right, and the "
                "loss went from {history:.3f} to {history2:.3f}.",
                share=share,
                history=history[0],
                history2=history[-1],
            )
        )


# Whatever the sizes
