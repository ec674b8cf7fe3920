"""Recurrence: networks that read a sequence step by step and keep a state.

Sequences have the shape (N, T, D): N sequences of T steps, D numbers a step. Weights have a row for each
input and a column for each unit. The four gates of an LSTM stand side by side in the columns, in the
order input, forget, candidate, output, H columns each; there is one bias.
"""

import numpy as np


def rnn_forward(x, h0, wx, wh, b):
    """Read sequences with a plain recurrent layer: h_t = tanh(x_t wx + h_{t-1} wh + b).

    x: sequences, shape (N, T, D), T at least 1.
    h0: the state before the first step, shape (N, H).
    wx, wh, b: weights of the input, weights of the state, biases; shapes (D, H), (H, H), (H,).

    Returns (out, cache): out[:, t] is the state after step t, shape (N, T, H); cache is whatever
    rnn_backward needs.
    """
    raise NotImplementedError


def rnn_backward(dout, cache):
    """Send the gradients back through all steps, the last one first.

    dout: gradient of the loss by out, shape (N, T, H): what each step gets from outside. What it gets
        from the step after it comes on top.
    cache: what rnn_forward returned beside that output.

    Returns (dx, dh0, dwx, dwh, db), each with the shape of the x, h0, wx, wh and b that went in.
    """
    raise NotImplementedError


def lstm_step_forward(x, h, c, wx, wh, b):
    """Take one step of an LSTM.

    x: the inputs of this step, shape (N, D).
    h, c: state and cell before it, each (N, H).
    wx, wh, b: weights of the input, weights of the state, biases of all gates; shapes (D, 4H), (H, 4H),
        (4H,).

    Returns (h_next, c_next, cache): state and cell after the step, each (N, H); cache is whatever
    lstm_step_backward needs.
    """
    raise NotImplementedError


def lstm_step_backward(dh_next, dc_next, cache):
    """Send the gradients back through one step of an LSTM.

    dh_next, dc_next: gradients of the loss by h_next and by c_next, each (N, H). dc_next is what comes
        from later steps; what comes through h_next is not in it.
    cache: what lstm_step_forward returned beside that state and cell.

    Returns (dx, dh, dc, dwx, dwh, db), each with the shape of the x, h, c, wx, wh and b that went in.
    """
    raise NotImplementedError


def lstm_forward(x, h0, c0, wx, wh, b):
    """Read sequences with an LSTM.

    x: sequences, shape (N, T, D), T at least 1.
    h0, c0: state and cell before the first step, each (N, H).
    wx, wh, b: as in lstm_step_forward.

    Returns (out, cache): out[:, t] is the state h after step t, shape (N, T, H); cache is whatever
    lstm_backward needs.
    """
    raise NotImplementedError


def lstm_backward(dout, cache):
    """Send the gradients back through all steps of an LSTM, the last one first.

    dout: gradient of the loss by out, shape (N, T, H). The last cell is not used by anybody else.
    cache: what lstm_forward returned beside that output.

    Returns (dx, dh0, dc0, dwx, dwh, db), each with the shape of the x, h0, c0, wx, wh and b that went in.
    """
    raise NotImplementedError


def gradient_norms(x, wx, wh, b, kind):
    """Measure how much of the end comes back to each step.

    The network starts with zeros (state, and cell if it has one). The loss is the sum of all entries of
    its last state, out[:, -1].

    x, wx, wh, b: as in rnn_forward or lstm_forward.
    kind: "rnn" or "lstm".

    Returns an array of shape (T,): for each step t, the square root of the sum of the squares of the
    gradient by x[:, t].

    Raises ValueError for any other kind.
    """
    raise NotImplementedError


def clip_gradients(grads, limit):
    """Shorten all gradients together, if they are too long together.

    grads: a list of arrays; not changed.
    limit: the greatest norm that is allowed, above 0.

    Returns (clipped, norm). norm is the norm of grads, a float: the square root of the sum of the
    squares of all entries of all arrays. clipped is a list like grads: the same numbers if norm is at
    most limit, else each of them times limit / norm.
    """
    raise NotImplementedError


def train_rnn(x, y, params, lr, limit, steps):
    """Teach a plain recurrent network to answer at every step with 0 or 1.

    The state starts with zeros; the answer to step t is out[:, t] @ v + c, a logit for each of K
    questions. The loss is the mean of log(1 + exp(logit)) - y * logit over all N * T * K answers. Each
    step of training uses all sequences: gradients of all five parameters, clipped together, times lr.

    x: sequences, shape (N, T, D).
    y: the right answers, 0 or 1, shape (N, T, K).
    params: the list [wx, wh, b, v, c] to start from, with v of shape (H, K) and c of shape (K,); not
        changed.
    lr: learning rate.
    limit: for clip_gradients.
    steps: how many steps of training, at least 1.

    Returns (params, history): a new list, and a list of steps floats, the loss before each step.
    """
    raise NotImplementedError
