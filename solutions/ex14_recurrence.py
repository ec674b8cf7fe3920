"""Recurrence: networks that read a sequence step by step and keep a state.

Sequences have the shape (N, T, D): N sequences of T steps, D numbers a step. Weights have a row for each
input and a column for each unit. The four gates of an LSTM stand side by side in the columns, in the
order input, forget, candidate, output, H columns each; there is one bias.
"""

import numpy as np

### BEGIN SOLUTION


def _sigmoid(z):
    """The logistic function, which does not overflow in this form."""
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def _over_steps(a, b):
    """The sum of the outer products of a and b over all sequences and steps."""
    return np.tensordot(a, b, axes=((0, 1), (0, 1)))


### END SOLUTION


def rnn_forward(x, h0, wx, wh, b):
    """Read sequences with a plain recurrent layer: h_t = tanh(x_t wx + h_{t-1} wh + b).

    x: sequences, shape (N, T, D), T at least 1.
    h0: the state before the first step, shape (N, H).
    wx, wh, b: weights of the input, weights of the state, biases; shapes (D, H), (H, H), (H,).

    Returns (out, cache): out[:, t] is the state after step t, shape (N, T, H); cache is whatever
    rnn_backward needs.
    """
    ### BEGIN SOLUTION
    sums = x @ wx + b  # of all steps at once: only the state has to wait
    states = [h0]
    for t in range(x.shape[1]):
        states.append(np.tanh(sums[:, t] + states[-1] @ wh))
    states = np.stack(states, axis=1)
    return states[:, 1:], (x, states, wx, wh)
    ### END SOLUTION


def rnn_backward(dout, cache):
    """Send the gradients back through all steps, the last one first.

    dout: gradient of the loss by out, shape (N, T, H): what each step gets from outside. What it gets
        from the step after it comes on top.
    cache: what rnn_forward returned beside that output.

    Returns (dx, dh0, dwx, dwh, db), each with the shape of the x, h0, wx, wh and b that went in.
    """
    ### BEGIN SOLUTION
    x, states, wx, wh = cache
    dsums, dstate = np.empty(dout.shape), 0
    for t in reversed(range(dout.shape[1])):
        dsums[:, t] = (dout[:, t] + dstate) * (1 - states[:, t + 1] ** 2)
        dstate = dsums[:, t] @ wh.T
    dwx, dwh = _over_steps(x, dsums), _over_steps(states[:, :-1], dsums)
    return dsums @ wx.T, dstate, dwx, dwh, dsums.sum(axis=(0, 1))
    ### END SOLUTION


def lstm_step_forward(x, h, c, wx, wh, b):
    """Take one step of an LSTM.

    x: the inputs of this step, shape (N, D).
    h, c: state and cell before it, each (N, H).
    wx, wh, b: weights of the input, weights of the state, biases of all gates; shapes (D, 4H), (H, 4H),
        (4H,).

    Returns (h_next, c_next, cache): state and cell after the step, each (N, H); cache is whatever
    lstm_step_backward needs.
    """
    ### BEGIN SOLUTION
    i, f, g, o = np.split(x @ wx + h @ wh + b, 4, axis=1)
    i, f, g, o = _sigmoid(i), _sigmoid(f), np.tanh(g), _sigmoid(o)
    c_next = f * c + i * g
    shown = np.tanh(c_next)
    return o * shown, c_next, (x, h, c, wx, wh, i, f, g, o, shown)
    ### END SOLUTION


def lstm_step_backward(dh_next, dc_next, cache):
    """Send the gradients back through one step of an LSTM.

    dh_next, dc_next: gradients of the loss by h_next and by c_next, each (N, H). dc_next is what comes
        from later steps; what comes through h_next is not in it.
    cache: what lstm_step_forward returned beside that state and cell.

    Returns (dx, dh, dc, dwx, dwh, db), each with the shape of the x, h, c, wx, wh and b that went in.
    """
    ### BEGIN SOLUTION
    x, h, c, wx, wh, i, f, g, o, shown = cache
    dc_next = dc_next + dh_next * o * (1 - shown**2)
    dsums = np.concatenate(
        [
            dc_next * g * i * (1 - i),
            dc_next * c * f * (1 - f),
            dc_next * i * (1 - g**2),
            dh_next * shown * o * (1 - o),
        ],
        axis=1,
    )
    return dsums @ wx.T, dsums @ wh.T, dc_next * f, x.T @ dsums, h.T @ dsums, dsums.sum(axis=0)
    ### END SOLUTION


def lstm_forward(x, h0, c0, wx, wh, b):
    """Read sequences with an LSTM.

    x: sequences, shape (N, T, D), T at least 1.
    h0, c0: state and cell before the first step, each (N, H).
    wx, wh, b: as in lstm_step_forward.

    Returns (out, cache): out[:, t] is the state h after step t, shape (N, T, H); cache is whatever
    lstm_backward needs.
    """
    ### BEGIN SOLUTION
    h, c, out, caches = h0, c0, [], []
    for t in range(x.shape[1]):
        h, c, cache = lstm_step_forward(x[:, t], h, c, wx, wh, b)
        out.append(h)
        caches.append(cache)
    return np.stack(out, axis=1), caches
    ### END SOLUTION


def lstm_backward(dout, cache):
    """Send the gradients back through all steps of an LSTM, the last one first.

    dout: gradient of the loss by out, shape (N, T, H). The last cell is not used by anybody else.
    cache: what lstm_forward returned beside that output.

    Returns (dx, dh0, dc0, dwx, dwh, db), each with the shape of the x, h0, c0, wx, wh and b that went in.
    """
    ### BEGIN SOLUTION
    dx, dweights, dh, dc = [], [], 0, 0
    for t in reversed(range(dout.shape[1])):
        one, dh, dc, *three = lstm_step_backward(dout[:, t] + dh, dc, cache[t])
        dx.append(one)
        dweights.append(three)
    dwx, dwh, db = (sum(steps) for steps in zip(*dweights, strict=True))
    return np.stack(dx[::-1], axis=1), dh, dc, dwx, dwh, db
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    if kind not in ("rnn", "lstm"):
        raise ValueError(f'kind must be "rnn" or "lstm", got {kind!r}')
    start = np.zeros((x.shape[0], wh.shape[0]))
    if kind == "rnn":
        out, cache = rnn_forward(x, start, wx, wh, b)
    else:
        out, cache = lstm_forward(x, start, start, wx, wh, b)
    dout = np.zeros(out.shape)
    dout[:, -1] = 1
    dx = (rnn_backward if kind == "rnn" else lstm_backward)(dout, cache)[0]
    return np.sqrt((dx**2).sum(axis=(0, 2)))
    ### END SOLUTION


def clip_gradients(grads, limit):
    """Shorten all gradients together, if they are too long together.

    grads: a list of arrays; not changed.
    limit: the greatest norm that is allowed, above 0.

    Returns (clipped, norm). norm is the norm of grads, a float: the square root of the sum of the
    squares of all entries of all arrays. clipped is a list like grads: the same numbers if norm is at
    most limit, else each of them times limit / norm.
    """
    ### BEGIN SOLUTION
    norm = float(np.sqrt(sum((g**2).sum() for g in grads)))
    factor = limit / norm if norm > limit else 1.0
    return [factor * g for g in grads], norm
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    history = []
    for _ in range(steps):
        wx, wh, b, v, c = params
        out, cache = rnn_forward(x, np.zeros((x.shape[0], wh.shape[0])), wx, wh, b)
        logits = out @ v + c
        history.append(float(np.mean(np.logaddexp(0, logits) - y * logits)))
        dlogits = (_sigmoid(logits) - y) / logits.size
        _, _, dwx, dwh, db = rnn_backward(dlogits @ v.T, cache)
        grads = [dwx, dwh, db, _over_steps(out, dlogits), dlogits.sum(axis=(0, 1))]
        grads, _ = clip_gradients(grads, limit)
        params = [p - lr * g for p, g in zip(params, grads, strict=True)]
    return params, history
    ### END SOLUTION
