"""Mistakes that people make with recurrence, each a small change on the reference, whose caches are
(x, states with the first one, wx, wh) of a plain layer, (x, h, c, wx, wh, i, f, g, o, tanh(c_next)) of a
step of an LSTM, and a list of these of a sequence.
"""

import numpy as np

from grader.checks import misconception


def sigmoid(z):
    """The logistic function."""
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def states_of(step, x, h0):
    """The states that a function of one step makes, with the first one before them."""
    states = [np.asarray(h0, float)]
    for t in range(x.shape[1]):
        states.append(step(x[:, t], states[-1]))
    return np.stack(states, axis=1)


def plain(step):
    """A maker's rnn_forward, from a function of one step and of all weights."""

    def rnn_forward(x, h0, wx, wh, b):
        states = states_of(lambda now, h: step(now, h, wx, wh, b), x, h0)
        return states[:, 1:], (x, states, wx, wh)

    return rnn_forward


def reordered(reference, order):
    """An LSTM whose gates stand in another order: where each of ours is, in theirs."""

    def columns(a):
        parts = np.split(np.asarray(a), 4, axis=-1)
        return np.concatenate([parts[k] for k in order], axis=-1)

    def back(a):
        parts = np.split(a, 4, axis=-1)
        return np.concatenate([parts[order.index(k)] for k in range(4)], axis=-1)

    def lstm_step_forward(x, h, c, wx, wh, b):
        return reference.lstm_step_forward(x, h, c, columns(wx), columns(wh), columns(b))

    def lstm_step_backward(dh_next, dc_next, cache):
        dx, dh, dc, *weights = reference.lstm_step_backward(dh_next, dc_next, cache)
        return dx, dh, dc, *map(back, weights)

    return *forwards_of_lstm(lstm_step_forward), *backwards_of_lstm(lstm_step_backward)


def sums_back(dout, cache, law=lambda dout, dstate, h: (dout + dstate) * (1 - h**2)):
    """The gradients of the weighted sums of a plain layer; the law is that of one step."""
    _, states, _, wh = cache
    dsums, dstate = np.zeros(dout.shape), 0
    for t in reversed(range(dout.shape[1])):
        dsums[:, t] = law(dout[:, t], dstate, states[:, t + 1])
        dstate = dsums[:, t] @ wh.T
    return dsums


def backwards(dsums_of):
    """A maker's rnn_backward, from a function that gives the gradients of the weighted sums."""

    def rnn_backward(dout, cache):
        x, states, wx, wh = cache
        dsums = dsums_of(dout, cache)
        dwx, dwh = over_steps(x, dsums), over_steps(states[:, :-1], dsums)
        return dsums @ wx.T, dsums[:, 0] @ wh.T, dwx, dwh, dsums.sum(axis=(0, 1))

    return rnn_backward


def over_steps(a, b):
    """The sum of the outer products over sequences and steps."""
    return np.tensordot(a, b, axes=((0, 1), (0, 1)))


def forwards_of_lstm(step):
    """A maker's two forward passes, from that of a step."""

    def lstm_step_forward(*given):
        return step(*given)

    def lstm_forward(x, h0, c0, wx, wh, b):
        h, c, out, caches = h0, c0, [], []
        for t in range(x.shape[1]):
            h, c, cache = step(x[:, t], h, c, wx, wh, b)
            out.append(h)
            caches.append(cache)
        return np.stack(out, axis=1), caches

    return lstm_step_forward, lstm_forward


def through_time(step, handed_on=lambda dh, dc: (dh, dc)):
    """A maker's lstm_backward, from the way back through a step, and what of it is handed on."""

    def lstm_backward(dout, cache):
        dx, dweights, dh, dc = [], [], np.zeros(dout[:, 0].shape), np.zeros(dout[:, 0].shape)
        for t in reversed(range(dout.shape[1])):
            one, dh0, dc0, *three = step(dout[:, t] + dh, dc, cache[t])
            dh, dc = handed_on(dh0, dc0)
            dx.append(one)
            dweights.append(three)
        weights = (sum(steps) for steps in zip(*dweights, strict=True))
        return np.stack(dx[::-1], axis=1), dh0, dc0, *weights

    return lstm_backward


def backwards_of_lstm(step):
    """A maker's two backward passes, from that of a step."""

    def lstm_step_backward(dh_next, dc_next, cache):
        return step(dh_next, dc_next, cache)

    return lstm_step_backward, through_time(step)


def step_back(cache, inner, dh_next, *, candidate=None, forget=None):
    """One step of an LSTM back: inner is the gradient of the new cell; two of the sums' gradients can be
    others."""
    x, h, c, wx, wh, i, f, g, o, shown = cache
    parts = [
        inner * g * i * (1 - i),
        inner * c * f * (1 - f) if forget is None else forget,
        inner * i * (1 - g**2) if candidate is None else candidate,
        dh_next * shown * o * (1 - o),
    ]
    dsums = np.concatenate(parts, axis=1)
    return dsums @ wx.T, dsums @ wh.T, inner * f, x.T @ dsums, h.T @ dsums, dsums.sum(axis=0)


def inner_of(dh_next, dc_next, cache):
    """The gradient of the new cell."""
    *_, o, shown = cache
    return dc_next + dh_next * o * (1 - shown**2)


def trained(reference, x, y, params, lr, limit, steps, *, count=None, frozen=(), clipped=5):
    """Training with another divisor of the loss, with parameters that do not learn, or with only the first
    gradients clipped."""
    history = []
    for _ in range(steps):
        wx, wh, b, v, c = params
        out, cache = reference.rnn_forward(x, np.zeros((len(x), len(wh))), wx, wh, b)
        z = out @ v + c
        count = count or z.size
        history.append(float(np.sum(np.logaddexp(0, z) - y * z) / count))
        dz = (sigmoid(z) - y) / count
        _, _, *grads = reference.rnn_backward(dz @ v.T, cache)
        grads += [over_steps(out, dz), dz.sum(axis=(0, 1))]
        grads[:clipped] = reference.clip_gradients(grads[:clipped], limit)[0]
        params = [
            p if k in frozen else p - lr * g
            for k, (p, g) in enumerate(zip(params, grads, strict=True))
        ]
    return params, history


# A plain layer, forward


@misconception(
    hint="Each step begins with the same state. Which one does step t take, and who made it?",
    caught_by="test_rnn_worked_example",
)
def every_step_begins_with_h0(reference):
    def rnn_forward(x, h0, wx, wh, b):
        _, cache = reference.rnn_forward(x, h0, wx, wh, b)
        return np.tanh(x @ wx + (h0 @ wh)[:, None] + b), cache

    return rnn_forward


@misconception(
    hint="The state before the first step is given: h0. Does your first step use it, or zeros?",
    caught_by="test_rnn_values",
)
def begins_with_zeros(reference):
    def rnn_forward(x, h0, wx, wh, b):
        return reference.rnn_forward(x, np.zeros(h0.shape), wx, wh, b)

    return rnn_forward


@misconception(
    hint="What goes to the next step is the state, behind the tanh. Is it the sum that you hand on?",
    caught_by="test_rnn_worked_example",
)
def hands_on_the_sum(reference):
    def rnn_forward(x, h0, wx, wh, b):
        _, cache = reference.rnn_forward(x, h0, wx, wh, b)
        sums = states_of(lambda now, h: now @ wx + h @ wh + b, x, h0)
        return np.tanh(sums[:, 1:]), cache

    return rnn_forward


@misconception(
    hint="A layer without a bend: all steps together are one linear map. Where is the tanh?",
    caught_by="test_rnn_worked_example",
)
def no_tanh(reference):
    return plain(lambda x, h, wx, wh, b: x @ wx + h @ wh + b)


@misconception(
    hint="A plain recurrent layer bends its sums by tanh, from -1 to 1. Is yours the sigmoid, from 0 to 1?",
    caught_by="test_rnn_worked_example",
)
def sigmoid_for_tanh(reference):
    return plain(lambda x, h, wx, wh, b: sigmoid(x @ wx + h @ wh + b))


@misconception(
    hint="b is added in every step. Is it in your sum?",
    caught_by="test_rnn_values",
)
def no_bias(reference):
    return plain(lambda x, h, wx, wh, b: np.tanh(x @ wx + h @ wh))


@misconception(
    hint="wh has a row for each unit of the state before, and a column for each of the new one. PyTorch keeps "
    "the transpose, and multiplies by it. Which product does the handout ask for?",
    caught_by="test_rnn_values",
)
def state_weights_transposed(reference):
    def rnn_forward(x, h0, wx, wh, b):
        return reference.rnn_forward(x, h0, wx, wh.T, b)

    def rnn_backward(dout, cache):
        dx, dh0, dwx, dwh, db = reference.rnn_backward(dout, cache)
        return dx, dh0, dwx, dwh.T, db

    return rnn_forward, rnn_backward


@misconception(
    hint="A list of states becomes an array (T, N, H). reshape to (N, T, H) mixes up sequences and steps: which "
    "function puts axes into another order?",
    caught_by="test_rnn_values",
)
def steps_reshaped_to_sequences(reference):
    def rnn_forward(x, h0, wx, wh, b):
        out, cache = reference.rnn_forward(x, h0, wx, wh, b)
        return out.swapaxes(0, 1).reshape(out.shape), cache

    def lstm_forward(x, h0, c0, wx, wh, b):
        out, cache = reference.lstm_forward(x, h0, c0, wx, wh, b)
        return out.swapaxes(0, 1).reshape(out.shape), cache

    return rnn_forward, lstm_forward


@misconception(
    hint="Which axis is time? out[:, t] is the state after step t, so time is the second axis. PyTorch puts it "
    "first unless it is told batch_first.",
    caught_by="test_rnn_shape",
)
def time_comes_first(reference):
    def rnn_forward(x, h0, wx, wh, b):
        out, cache = reference.rnn_forward(x, h0, wx, wh, b)
        return out.swapaxes(0, 1), cache

    def rnn_backward(dout, cache):
        return reference.rnn_backward(dout.swapaxes(0, 1), cache)

    return rnn_forward, rnn_backward


# A plain layer, backward


@misconception(
    hint="The error stays in its step. What a state does to the next step must come back, too: what is added "
    "to dout[:, t]?",
    caught_by="test_rnn_backward",
)
def nothing_goes_back_in_time(reference):
    return backwards(lambda dout, cache: dout * (1 - cache[1][:, 1:] ** 2))


@misconception(
    hint="tanh has the slope 1 - h², where h is the state itself. Is there another tanh around h?",
    caught_by="test_rnn_backward",
)
def tanh_of_the_state(reference):
    def law(dout, dstate, h):
        return (dout + dstate) * (1 - np.tanh(h) ** 2)

    return backwards(lambda dout, cache: sums_back(dout, cache, law))


@misconception(
    hint="What comes from the next step goes through this step's tanh as well: add first, then multiply by the "
    "slope.",
    caught_by="test_rnn_backward",
)
def slope_for_dout_only(reference):
    def law(dout, dstate, h):
        return dout * (1 - h**2) + dstate

    return backwards(lambda dout, cache: sums_back(dout, cache, law))


@misconception(
    hint="The slope of tanh is 1 - h², where h is what came out of this tanh, the state after the step. Do you take "
    "the state before the step?",
    caught_by="test_rnn_backward",
)
def slope_of_the_state_before(reference):
    def dsums_of(dout, cache):
        _, states, _, wh = cache
        dsums, dstate = np.zeros(dout.shape), 0
        for t in reversed(range(dout.shape[1])):
            dsums[:, t] = (dout[:, t] + dstate) * (1 - states[:, t] ** 2)
            dstate = dsums[:, t] @ wh.T
        return dsums

    return backwards(dsums_of)


@misconception(
    hint="Before the first step stands h0. With t = 0, what does out[:, t - 1] give?",
    caught_by="test_rnn_backward",
)
def last_state_before_the_first(reference):
    def rnn_backward(dout, cache):
        dx, dh0, dwx, _, db = reference.rnn_backward(dout, cache)
        before = np.roll(cache[1][:, 1:], 1, axis=1)
        return dx, dh0, dwx, over_steps(before, sums_back(dout, cache)), db

    return rnn_backward


@misconception(
    hint="Every tanh has its slope, also on the way back. Is the gradient multiplied by 1 - h²?",
    caught_by="test_rnn_backward",
)
def no_slope_of_tanh(reference):
    def law(dout, dstate, h):
        return dout + dstate

    return backwards(lambda dout, cache: sums_back(dout, cache, law))


@misconception(
    hint="Forward the state is multiplied by wh. By what is its gradient multiplied on the way back?",
    caught_by="test_rnn_backward",
)
def back_through_wh_itself(reference):
    def rnn_backward(dout, cache):
        x, states, wx, wh = cache
        return reference.rnn_backward(dout, (x, states, wx, wh.T))

    return rnn_backward


@misconception(
    hint="wh multiplies the state before the step. Is its gradient the product with that one, or with the "
    "state after?",
    caught_by="test_rnn_backward",
)
def dwh_with_the_state_after(reference):
    def rnn_backward(dout, cache):
        dx, dh0, dwx, _, db = reference.rnn_backward(dout, cache)
        return dx, dh0, dwx, over_steps(cache[1][:, 1:], sums_back(dout, cache)), db

    return rnn_backward


@misconception(
    hint="The weights work in every step, so their gradients are sums over all steps. Was `=` written for `+=`?",
    caught_by="test_rnn_backward",
)
def weights_of_one_step(reference):
    def rnn_backward(dout, cache):
        dx, dh0, *_ = reference.rnn_backward(dout, cache)
        x, states, _, _ = cache
        first = sums_back(dout, cache)[:, 0]
        return dx, dh0, x[:, 0].T @ first, states[:, 0].T @ first, first.sum(axis=0)

    return rnn_backward


@misconception(
    hint="Every state may have its part in the loss. Do you begin with dout[:, -1], and add the others?",
    caught_by="test_rnn_backward",
)
def dout_of_the_last_step_only(reference):
    def rnn_backward(dout, cache):
        only = np.zeros(dout.shape)
        only[:, -1] = dout[:, -1]
        return reference.rnn_backward(only, cache)

    return rnn_backward


@misconception(
    hint="Weights get the sum over all steps and sequences, not the mean.",
    caught_by="test_rnn_backward",
)
def averaged_over_steps(reference):
    def rnn_backward(dout, cache):
        dx, dh0, *weights = reference.rnn_backward(dout, cache)
        return dx, dh0, *(w / dout.shape[1] for w in weights)

    return rnn_backward


@misconception(
    hint="h0 goes into the first step by way of wh. Does dh0 come out of it that way?",
    caught_by="test_rnn_backward",
)
def dh0_without_wh(reference):
    def rnn_backward(dout, cache):
        dx, _, *weights = reference.rnn_backward(dout, cache)
        return dx, sums_back(dout, cache)[:, 0], *weights

    return rnn_backward


# One step of an LSTM, forward


@misconception(
    hint="The gates stand in another order: input, forget, output, candidate, as in some courses. Which columns "
    "does the handout give to the candidate?",
    caught_by="test_step_values",
)
def candidate_last(reference):
    return reordered(reference, [0, 1, 3, 2])


@misconception(
    hint="The gates stand in ONNX's order: input, output, forget, candidate. The handout asks for PyTorch's and "
    "Keras': input, forget, candidate, output.",
    caught_by="test_step_values",
)
def gates_in_onnx_order(reference):
    return reordered(reference, [0, 2, 3, 1])


def in_order(letters, hint):
    """A misconception whose gates stand in this order, or are used as if they did."""

    def maker(reference):
        return reordered(reference, [letters.index(gate) for gate in "ifgo"])

    return misconception(hint=hint, caught_by="test_step_values")(maker)


# Where the candidate keeps its columns, gates that change places in the formulas answer alike.
gates_in_tensorflow_1_order = in_order(
    "igfo",
    hint="The gates stand in another order: input, candidate, forget, output, as in TensorFlow 1. Which "
    "columns does the handout give to the candidate?",
)
gates_in_order_input_candidate_output = in_order(
    "igof",
    hint="The gates stand in another order: input, candidate, output, forget. Which columns does the "
    "handout give to the candidate?",
)
gates_in_order_input_output_candidate = in_order(
    "iogf",
    hint="Yours answers as if the gates stood in the order input, output, candidate, forget. Does the "
    "handout give them their columns so? Or do f and o change places in a formula?",
)
forget_gate_first = in_order(
    "figo",
    hint="Yours answers as if the gates stood in the order forget, input, candidate, output. Does the "
    "handout give them their columns so? Or do i and f change places in a formula?",
)
gates_in_order_forget_input_output = in_order(
    "fiog",
    hint="The gates stand in another order: forget, input, output, candidate. Which columns does the "
    "handout give to the candidate?",
)
gates_in_order_forget_candidate_input = in_order(
    "fgio",
    hint="The gates stand in another order: forget, candidate, input, output. Which columns does the "
    "handout give to the candidate?",
)
gates_in_order_forget_candidate_output = in_order(
    "fgoi",
    hint="The gates stand in another order: forget, candidate, output, input. Which columns does the "
    "handout give to the candidate?",
)
gates_in_order_forget_output_input = in_order(
    "foig",
    hint="The gates stand in another order: forget, output, input, candidate. Which columns does the "
    "handout give to the candidate?",
)
gates_in_order_forget_output_candidate = in_order(
    "fogi",
    hint="Yours answers as if the gates stood in the order forget, output, candidate, input. Does the "
    "handout give them their columns so? Or do i, f and o change places in the formulas?",
)
gates_in_order_candidate_input_forget = in_order(
    "gifo",
    hint="The gates stand in another order: candidate, input, forget, output. Which columns does the "
    "handout give to the candidate?",
)
gates_in_order_candidate_input_output = in_order(
    "giof",
    hint="The gates stand in another order: candidate, input, output, forget. Which columns does the "
    "handout give to the candidate?",
)
gates_in_order_candidate_forget_input = in_order(
    "gfio",
    hint="The gates stand in another order: candidate, forget, input, output. Which columns does the "
    "handout give to the candidate?",
)
gates_in_order_candidate_forget_output = in_order(
    "gfoi",
    hint="The gates stand in another order: candidate, forget, output, input. Which columns does the "
    "handout give to the candidate?",
)
gates_in_order_candidate_output_input = in_order(
    "goif",
    hint="The gates stand in another order: candidate, output, input, forget. Which columns does the "
    "handout give to the candidate?",
)
gates_in_order_candidate_output_forget = in_order(
    "gofi",
    hint="The gates stand in another order: candidate, output, forget, input. Which columns does the "
    "handout give to the candidate?",
)
gates_in_order_output_input_forget = in_order(
    "oifg",
    hint="The gates stand in another order: output, input, forget, candidate. Which columns does the "
    "handout give to the candidate?",
)
gates_in_order_output_input_candidate = in_order(
    "oigf",
    hint="Yours answers as if the gates stood in the order output, input, candidate, forget. Does the "
    "handout give them their columns so? Or do i, f and o change places in the formulas?",
)
gates_in_order_output_forget_input = in_order(
    "ofig",
    hint="The gates stand in another order: output, forget, input, candidate. Which columns does the "
    "handout give to the candidate?",
)
gates_in_order_output_forget_candidate = in_order(
    "ofgi",
    hint="Yours answers as if the gates stood in the order output, forget, candidate, input. Does the "
    "handout give them their columns so? Or do i and o change places in a formula?",
)
gates_in_order_output_candidate_input = in_order(
    "ogif",
    hint="The gates stand in another order: output, candidate, input, forget. Which columns does the "
    "handout give to the candidate?",
)
gates_in_order_output_candidate_forget = in_order(
    "ogfi",
    hint="The gates stand in another order: output, candidate, forget, input. Which columns does the "
    "handout give to the candidate?",
)


@misconception(
    hint="Which columns belong to one gate? The first H to the input gate, the next H to the forget gate: they "
    "do not take turns.",
    caught_by="test_step_values",
)
def gates_take_turns(reference):
    def columns(a):
        a = np.asarray(a)
        return a.reshape(*a.shape[:-1], -1, 4).swapaxes(-1, -2).reshape(a.shape)

    def back(a):
        return a.reshape(*a.shape[:-1], 4, -1).swapaxes(-1, -2).reshape(a.shape)

    def lstm_step_forward(x, h, c, wx, wh, b):
        return reference.lstm_step_forward(x, h, c, columns(wx), columns(wh), columns(b))

    def lstm_step_backward(dh_next, dc_next, cache):
        dx, dh, dc, *weights = reference.lstm_step_backward(dh_next, dc_next, cache)
        return dx, dh, dc, *map(back, weights)

    return *forwards_of_lstm(lstm_step_forward), *backwards_of_lstm(lstm_step_backward)


@misconception(
    hint="How much is kept and how much is added are two gates. Does i decide what is added, or 1 - f?",
    caught_by="test_step_values",
)
def adds_what_is_not_kept(reference):
    def lstm_step_forward(x, h, c, wx, wh, b):
        _, _, cache = reference.lstm_step_forward(x, h, c, wx, wh, b)
        *first, _, f, g, o, _ = cache
        c_next = f * c + (1 - f) * g
        shown = np.tanh(c_next)
        return o * shown, c_next, (*first, 1 - f, f, g, o, shown)

    return forwards_of_lstm(lstm_step_forward)


@misconception(
    hint="The forget gate has a bias of its own in b. Is 1 added to it? In Keras a forget bias only starts at 1.",
    caught_by="test_step_values",
)
def one_more_for_the_forget_gate(reference):
    def lstm_step_forward(x, h, c, wx, wh, b):
        more = np.array(b, float)
        more[len(b) // 4 : len(b) // 2] += 1
        return reference.lstm_step_forward(x, h, c, wx, wh, more)

    return forwards_of_lstm(lstm_step_forward)


@misconception(
    hint="Three gates are sigmoids, from 0 to 1. The candidate may also take away: it is a tanh.",
    caught_by="test_step_values",
)
def candidate_is_a_sigmoid(reference):
    def lstm_step_forward(x, h, c, wx, wh, b):
        _, _, cache = reference.lstm_step_forward(x, h, c, wx, wh, b)
        *first, i, f, _, o, _ = cache
        g = sigmoid((x @ wx + h @ wh + b)[:, 2 * h.shape[1] : 3 * h.shape[1]])
        c_next = f * c + i * g
        shown = np.tanh(c_next)
        return o * shown, c_next, (*first, i, f, g, o, shown)

    return forwards_of_lstm(lstm_step_forward)


@misconception(
    hint="The state is what the output gate lets through of tanh(c), not of c itself. Can your state leave -1 "
    "to 1?",
    caught_by="test_step_values",
)
def shows_the_cell_itself(reference):
    def lstm_step_forward(x, h, c, wx, wh, b):
        _, c_next, cache = reference.lstm_step_forward(x, h, c, wx, wh, b)
        return cache[8] * c_next, c_next, cache

    return forwards_of_lstm(lstm_step_forward)


@misconception(
    hint="The new state shows the new cell. Is it the cell from before the step that goes into tanh?",
    caught_by="test_step_values",
)
def shows_the_cell_before(reference):
    def lstm_step_forward(x, h, c, wx, wh, b):
        _, c_next, cache = reference.lstm_step_forward(x, h, c, wx, wh, b)
        return cache[8] * np.tanh(c), c_next, cache

    return forwards_of_lstm(lstm_step_forward)


# One step of an LSTM, backward


@misconception(
    hint="The cell has two users: the next step, and this step's state. Which of the two is missing in its "
    "gradient?",
    caught_by="test_step_backward",
)
def cell_without_its_state(reference):
    def lstm_step_backward(dh_next, dc_next, cache):
        return step_back(cache, dc_next, dh_next)

    return backwards_of_lstm(lstm_step_backward)


@misconception(
    hint="The slope of tanh at c is 1 - tanh(c)². Is what you square the tanh of something that went through tanh "
    "already?",
    caught_by="test_step_backward",
)
def tanh_of_the_shown(reference):
    def lstm_step_backward(dh_next, dc_next, cache):
        *_, o, shown = cache
        inner = dc_next + dh_next * o * (1 - np.tanh(shown) ** 2)
        return step_back(cache, inner, dh_next)

    return backwards_of_lstm(lstm_step_backward)


@misconception(
    hint="The state is o * tanh(c). Is o in what comes from the state to the cell?",
    caught_by="test_step_backward",
)
def cell_without_the_output_gate(reference):
    def lstm_step_backward(dh_next, dc_next, cache):
        shown = cache[-1]
        return step_back(cache, dc_next + dh_next * (1 - shown**2), dh_next)

    return backwards_of_lstm(lstm_step_backward)


@misconception(
    hint="Whatever reaches the cell goes on to input gate, forget gate and candidate, too. Do they get all of it, or "
    "dc_next alone?",
    caught_by="test_step_backward",
)
def gates_without_the_state(reference):
    def lstm_step_backward(dh_next, dc_next, cache):
        dx, dh, _, *weights = step_back(cache, dc_next, dh_next)
        return dx, dh, reference.lstm_step_backward(dh_next, dc_next, cache)[2], *weights

    return backwards_of_lstm(lstm_step_backward)


@misconception(
    hint="dc_next comes from the next step. Where is it added?",
    caught_by="test_step_backward",
)
def cell_without_the_next_step(reference):
    def lstm_step_backward(dh_next, dc_next, cache):
        return reference.lstm_step_backward(dh_next, 0 * dc_next, cache)

    return backwards_of_lstm(lstm_step_backward)


@misconception(
    hint="What the forget gate lets through on the way forward, it lets through on the way back. Is f in dc?",
    caught_by="test_step_backward",
)
def dc_without_the_forget_gate(reference):
    def lstm_step_backward(dh_next, dc_next, cache):
        dx, dh, _, *weights = reference.lstm_step_backward(dh_next, dc_next, cache)
        return dx, dh, inner_of(dh_next, dc_next, cache), *weights

    return backwards_of_lstm(lstm_step_backward)


@misconception(
    hint="A sigmoid has the slope s(1 - s), a tanh 1 - t². Which of the four is a tanh?",
    caught_by="test_step_backward",
)
def candidate_with_a_sigmoids_slope(reference):
    def lstm_step_backward(dh_next, dc_next, cache):
        inner, i, g = inner_of(dh_next, dc_next, cache), cache[5], cache[7]
        return step_back(cache, inner, dh_next, candidate=inner * i * g * (1 - g))

    return backwards_of_lstm(lstm_step_backward)


@misconception(
    hint="The forget gate multiplies the cell from before the step. With which cell is its gradient multiplied?",
    caught_by="test_step_backward",
)
def forget_gate_with_the_new_cell(reference):
    def lstm_step_backward(dh_next, dc_next, cache):
        _, _, c, _, _, i, f, g, _, _ = cache
        inner = inner_of(dh_next, dc_next, cache)
        return step_back(cache, inner, dh_next, forget=inner * (f * c + i * g) * f * (1 - f))

    return backwards_of_lstm(lstm_step_backward)


# An LSTM over a sequence


@misconception(
    hint="Two things travel from step to step. Is the cell handed on, or does every step begin with c0?",
    caught_by="test_lstm_takes_your_steps",
)
def cell_is_not_handed_on(reference):
    def lstm_forward(x, h0, c0, wx, wh, b):
        h, out, caches = h0, [], []
        for t in range(x.shape[1]):
            h, _, cache = reference.lstm_step_forward(x[:, t], h, c0, wx, wh, b)
            out.append(h)
            caches.append(cache)
        return np.stack(out, axis=1), caches

    return lstm_forward


@misconception(
    hint="Two gradients travel back from step to step. Is that of the cell handed on?",
    caught_by="test_lstm_backward",
)
def gradient_of_the_cell_is_lost(reference):
    return through_time(reference.lstm_step_backward, lambda dh, dc: (dh, 0 * dc))


@misconception(
    hint="Two gradients travel back from step to step. Is that of the state added to dout[:, t]?",
    caught_by="test_lstm_backward",
)
def gradient_of_the_state_is_lost(reference):
    return through_time(reference.lstm_step_backward, lambda dh, dc: (0 * dh, dc))


@misconception(
    hint="You go through the steps from the last to the first. In which order do the parts of dx lie?",
    caught_by="test_lstm_backward",
)
def dx_in_reverse_order(reference):
    def lstm_backward(dout, cache):
        dx, *others = reference.lstm_backward(dout, cache)
        return dx[:, ::-1], *others

    return lstm_backward


@misconception(
    hint="The weights work in every step of the LSTM. Are their gradients added up over the steps?",
    caught_by="test_lstm_backward",
)
def lstm_weights_of_one_step(reference):
    def lstm_backward(dout, cache):
        dx, dh0, dc0, *_ = reference.lstm_backward(dout, cache)
        dh, dc, weights = 0, 0, []
        for t in reversed(range(dout.shape[1])):
            _, dh, dc, *weights = reference.lstm_step_backward(dout[:, t] + dh, dc, cache[t])
        return dx, dh0, dc0, *weights

    return lstm_backward


# What comes back to each step


@misconception(
    hint="Which state is the loss made of? Only the last one: dout is 0 at all other steps.",
    caught_by="test_norms_of_an_rnn",
)
def loss_of_all_states(reference):
    def gradient_norms(x, wx, wh, b, kind):
        starts = [np.zeros((len(x), len(wh)))] * (2 if kind == "lstm" else 1)
        reference.gradient_norms(x, wx, wh, b, kind)  # raises for another kind
        out, cache = getattr(reference, f"{kind}_forward")(x, *starts, wx, wh, b)
        dx = getattr(reference, f"{kind}_backward")(np.ones(out.shape), cache)[0]
        return np.sqrt((dx**2).sum(axis=(0, 2)))

    return gradient_norms


@misconception(
    hint="norms[0] belongs to the first step, which is the farthest from the end. Is the order turned round?",
    caught_by="test_norms_of_an_rnn",
)
def norms_from_the_end(reference):
    def gradient_norms(x, wx, wh, b, kind):
        return reference.gradient_norms(x, wx, wh, b, kind)[::-1]

    return gradient_norms


@misconception(
    hint="The length of a gradient is the square root of the sum of its squares. Where is the root?",
    caught_by="test_norms_of_an_rnn",
)
def norms_without_the_root(reference):
    def gradient_norms(x, wx, wh, b, kind):
        return reference.gradient_norms(x, wx, wh, b, kind) ** 2

    return gradient_norms


@misconception(
    hint="One length for each step, of all entries of all sequences. Is there a mean over the sequences?",
    caught_by="test_norms_of_an_rnn",
)
def norms_averaged_over_sequences(reference):
    def gradient_norms(x, wx, wh, b, kind):
        return reference.gradient_norms(x, wx, wh, b, kind) / np.sqrt(len(x))

    return gradient_norms


# Clipping


@misconception(
    hint="Each gradient is shortened by itself, so their proportions change. How many norms are there?",
    caught_by="test_clip_by_the_global_norm",
)
def clips_each_by_its_own_norm(reference):
    def clip_gradients(grads, limit):
        _, norm = reference.clip_gradients(grads, limit)
        return [reference.clip_gradients([g], limit)[0][0] for g in grads], norm

    return clip_gradients


@misconception(
    hint="Each entry is cut off at the limit, so the direction changes. By which one factor are all multiplied?",
    caught_by="test_clip_by_the_global_norm",
)
def clips_entry_by_entry(reference):
    def clip_gradients(grads, limit):
        _, norm = reference.clip_gradients(grads, limit)
        return [np.clip(g, -limit, limit) for g in grads], norm

    return clip_gradients


@misconception(
    hint="Gradients that are short enough stay as they are. Are they lengthened to the limit?",
    caught_by="test_clip_by_the_global_norm",
)
def always_as_long_as_the_limit(reference):
    def clip_gradients(grads, limit):
        _, norm = reference.clip_gradients(grads, limit)
        return [g * limit / norm for g in grads], norm

    return clip_gradients


@misconception(
    hint="norm tells how long the gradients were. Is it the norm after the clipping?",
    caught_by="test_clip_by_the_global_norm",
)
def norm_after_clipping(reference):
    def clip_gradients(grads, limit):
        clipped, norm = reference.clip_gradients(grads, limit)
        return clipped, min(norm, limit)

    return clip_gradients


@misconception(
    hint="Squares add up, lengths do not. Is the norm the root of one sum, or a sum of roots?",
    caught_by="test_clip_by_the_global_norm",
)
def sum_of_the_norms(reference):
    def clip_gradients(grads, limit):
        norm = float(sum(np.linalg.norm(g) for g in grads))
        return [g * min(1.0, limit / norm) if norm else g for g in grads], norm

    return clip_gradients


@misconception(
    hint="PyTorch divides by norm + 1e-6. The handout asks for limit / norm, as Keras has it: norm is not 0 where "
    "it is above the limit.",
    caught_by="test_clip_by_the_global_norm",
)
def a_little_more_in_the_divisor(reference):
    def clip_gradients(grads, limit):
        _, norm = reference.clip_gradients(grads, limit)
        return [g * min(1.0, limit / (norm + 1e-6)) for g in grads], norm

    return clip_gradients


# Training


@misconception(
    hint="The loss is a mean over all N · T · K answers. By how many is yours divided?",
    caught_by="test_loss_of_training",
)
def loss_is_a_mean_over_sequences(reference):
    def train_rnn(x, y, params, lr, limit, steps):
        return trained(reference, x, y, params, lr, limit, steps, count=len(y))

    return train_rnn


@misconception(
    hint="The loss is a mean over all N · T · K answers, and so is its gradient. By how many is the gradient divided?",
    caught_by="test_training_steps",
)
def gradient_is_a_mean_over_sequences(reference):
    def train_rnn(x, y, params, lr, limit, steps):
        new, history = trained(reference, x, y, params, lr, limit, steps, count=len(y))
        return new, [loss * len(y) / np.size(y) for loss in history]

    return train_rnn


@misconception(
    hint="Are the gradients clipped before the step?",
    caught_by="test_training_steps",
)
def trains_without_clipping(reference):
    def train_rnn(x, y, params, lr, limit, steps):
        return reference.train_rnn(x, y, params, lr, np.inf, steps)

    return train_rnn


@misconception(
    hint="Five parameters learn, v and c as well. Which of them stays as it was?",
    caught_by="test_training_steps",
)
def output_layer_does_not_learn(reference):
    def train_rnn(x, y, params, lr, limit, steps):
        return trained(reference, x, y, params, lr, limit, steps, frozen=(3, 4))

    return train_rnn


@misconception(
    hint="history[0] is the loss of the parameters that came in. Is it computed before the step or after it?",
    caught_by="test_loss_of_training",
)
def history_after_the_step(reference):
    def train_rnn(x, y, params, lr, limit, steps):
        new, _ = reference.train_rnn(x, y, params, lr, limit, steps)
        return new, reference.train_rnn(x, y, params, lr, limit, steps + 1)[1][1:]

    return train_rnn


@misconception(
    hint="The clipping is for the gradients, all five together. Do v and c get their share of the same factor?",
    caught_by="test_training_steps",
)
def clips_the_recurrent_part_only(reference):
    def train_rnn(x, y, params, lr, limit, steps):
        return trained(reference, x, y, params, lr, limit, steps, clipped=3)

    return train_rnn


@misconception(
    hint="The gradient points to where the loss grows. Which way do you go?",
    caught_by="test_training_steps",
)
def trains_uphill(reference):
    def train_rnn(x, y, params, lr, limit, steps):
        return reference.train_rnn(x, y, params, -lr, limit, steps)

    return train_rnn
