"""Recurrence with all weights in one matrix over input, state and 1; what goes back is a closure."""

import numpy as np


def _logistic(z):
    """The logistic function by way of log(1 + exp(-z))."""
    return np.exp(-np.logaddexp(0, -z))


class _Joined:
    """The weights of input and state and the bias as rows of one matrix."""

    def __init__(self, wx, wh, b):
        self.inputs, self.units = len(wx), len(wh)
        self.matrix = np.vstack([wx, wh, np.reshape(b, (1, -1))])
        self.gradient = np.zeros(self.matrix.shape)

    def sums(self, x, h):
        """The weighted sums, and the way back from them to x and h."""
        row = np.hstack([x, h, np.ones((len(x), 1))])

        def back(dsums):
            self.gradient = self.gradient + row.T @ dsums
            both = dsums @ self.matrix.T
            return both[:, : self.inputs], both[:, self.inputs : -1]

        return row @ self.matrix, back

    def split(self):
        """The gradients of wx, wh and b; the next way back begins with none."""
        dwx, dwh, db = np.split(self.gradient, [self.inputs, self.inputs + self.units])
        self.gradient = np.zeros(self.matrix.shape)
        return dwx, dwh, db[0]


def rnn_forward(x, h0, wx, wh, b):
    """Keep one closure a step."""
    weights, h, states, ways = _Joined(wx, wh, b), h0, [], []
    for t in range(np.shape(x)[1]):
        sums, way = weights.sums(x[:, t], h)
        h = np.tanh(sums)
        states.append(h)
        ways.append((way, 1 - h * h))

    def back(dout):
        dx, dh = np.zeros(np.shape(x)), np.zeros(np.shape(h0))
        for t, (way, slope) in reversed([*enumerate(ways)]):
            dx[:, t], dh = way((dout[:, t] + dh) * slope)
        return dx, dh, *weights.split()

    return np.transpose(states, (1, 0, 2)), back


def rnn_backward(dout, cache):
    """Call what forward left."""
    return cache(dout)


def _step(weights, x, h, c):
    """One step, and its way back to x, h and c."""
    sums, way = weights.sums(x, h)
    n = weights.units
    z = sums.reshape(len(x), 4, n)
    i, f, o = (_logistic(z[:, k]) for k in (0, 1, 3))
    g = np.tanh(z[:, 2])
    cell = c * f + g * i
    out = np.tanh(cell)

    def back(dh, dc):
        inner = dc + dh * o / np.cosh(cell) ** 2
        parts = inner * g * i * (1 - i), inner * c * f * (1 - f)
        parts += inner * i * (1 - g**2), dh * out * o * (1 - o)
        return *way(np.hstack(parts)), inner * f

    return o * out, cell, back


def lstm_step_forward(x, h, c, wx, wh, b):
    """A single step has weights of its own."""
    weights = _Joined(wx, wh, b)
    h_next, c_next, back = _step(weights, x, h, c)
    return h_next, c_next, (weights, back)


def lstm_step_backward(dh_next, dc_next, cache):
    """Go back, then take the gradients of the weights apart."""
    weights, back = cache
    dx, dh, dc = back(dh_next, dc_next)
    return dx, dh, dc, *weights.split()


def lstm_forward(x, h0, c0, wx, wh, b):
    """All steps share the matrix, and add to its gradient."""
    weights, h, c, states, ways = _Joined(wx, wh, b), h0, c0, [], []
    for t in range(np.shape(x)[1]):
        h, c, back = _step(weights, x[:, t], h, c)
        states.append(h)
        ways.append(back)
    return np.transpose(states, (1, 0, 2)), (weights, ways)


def lstm_backward(dout, cache):
    """Call the closures from the last to the first."""
    weights, ways = cache
    dh = dc = np.zeros(np.shape(dout[:, 0]))
    dx = []
    for t, back in reversed([*enumerate(ways)]):
        one, dh, dc = back(dout[:, t] + dh, dc)
        dx = [one, *dx]
    return np.transpose(dx, (1, 0, 2)), dh, dc, *weights.split()


def gradient_norms(x, wx, wh, b, kind):
    """Read the kind with match."""
    start = np.zeros((len(x), len(wh)))
    match kind:
        case "rnn":
            out, cache = rnn_forward(x, start, wx, wh, b)
            way = rnn_backward
        case "lstm":
            out, cache = lstm_forward(x, start, start, wx, wh, b)
            way = lstm_backward
        case _:
            raise ValueError(f"unknown kind {kind}")
    last = np.arange(out.shape[1]) == out.shape[1] - 1
    dx = way(np.ones(out.shape) * last[:, None], cache)[0]
    return np.einsum("ntd,ntd->t", dx, dx) ** 0.5


def clip_gradients(grads, limit):
    """The factor is at most 1."""
    norm = sum(np.vdot(g, g) for g in grads) ** 0.5
    scale = limit / max(norm, limit)
    return tuple(g * scale for g in grads), norm


def train_rnn(x, y, params, lr, limit, steps):
    """The output layer is written out with flat arrays."""
    losses = []
    flat_y = np.reshape(y, (-1, np.shape(y)[-1]))
    for _ in range(steps):
        wx, wh, b, v, c = params
        states, back = rnn_forward(x, np.zeros((len(x), len(b))), wx, wh, b)
        flat = states.reshape(-1, len(b))
        z = flat @ v + c
        losses.append(np.logaddexp(0, np.where(flat_y, -z, z)).mean())
        dz = (_logistic(z) - flat_y) / z.size
        _, _, *grads = back((dz @ v.T).reshape(states.shape))
        grads, _ = clip_gradients([*grads, flat.T @ dz, dz.sum(axis=0)], limit)
        params = [p - lr * g for p, g in zip(params, grads, strict=True)]
    return params, losses
