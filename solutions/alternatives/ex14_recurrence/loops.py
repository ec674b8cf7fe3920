"""Recurrence with loops over sequences, steps and units, and sums as a beginner writes them."""

import math

import numpy as np


def _sigma(z):
    """The logistic function of a number, without overflow."""
    if z < 0:
        return math.exp(z) / (1 + math.exp(z))
    return 1 / (1 + math.exp(-z))


def _sums(x, h, wx, wh, b):
    """The weighted sum of every unit, for one sequence and step."""
    sums = []
    for j in range(len(b)):
        total = float(b[j])
        for d in range(len(x)):
            total += x[d] * wx[d, j]
        for k in range(len(h)):
            total += h[k] * wh[k, j]
        sums.append(total)
    return sums


def _sums_back(dsums, x, h, wx, wh, dwx, dwh, db):
    """The way back through _sums: adds to dwx, dwh and db, returns dx and dh."""
    dx, dh = np.zeros(len(x)), np.zeros(len(h))
    for j, dsum in enumerate(dsums):
        db[j] += dsum
        for d in range(len(x)):
            dwx[d, j] += x[d] * dsum
            dx[d] += wx[d, j] * dsum
        for k in range(len(h)):
            dwh[k, j] += h[k] * dsum
            dh[k] += wh[k, j] * dsum
    return dx, dh


def rnn_forward(x, h0, wx, wh, b):
    """One sequence after the other."""
    n, steps, _ = x.shape
    out = np.zeros((n, steps, len(b)))
    for s in range(n):
        h = h0[s]
        for t in range(steps):
            out[s, t] = [math.tanh(z) for z in _sums(x[s, t], h, wx, wh, b)]
            h = out[s, t]
    return out, [x.copy(), np.array(h0), wx.copy(), wh.copy(), out.copy()]


def rnn_backward(dout, cache):
    """One sequence after the other, its last step first."""
    x, h0, wx, wh, out = cache
    dx, dh0 = np.zeros(x.shape), np.zeros(h0.shape)
    dwx, dwh, db = np.zeros(wx.shape), np.zeros(wh.shape), np.zeros(len(wh))
    for s in range(x.shape[0]):
        dh = np.zeros(len(wh))
        for t in range(x.shape[1] - 1, -1, -1):
            before = out[s, t - 1] if t > 0 else h0[s]
            dsums = [(dout[s, t, j] + dh[j]) * (1 - out[s, t, j] ** 2) for j in range(len(wh))]
            dx[s, t], dh = _sums_back(dsums, x[s, t], before, wx, wh, dwx, dwh, db)
        dh0[s] = dh
    return dx, dh0, dwx, dwh, db


def lstm_step_forward(x, h, c, wx, wh, b):
    """One unit after the other."""
    n, units = h.shape
    h_next, c_next, gates = np.zeros((n, units)), np.zeros((n, units)), np.zeros((4, n, units))
    for s in range(n):
        sums = _sums(x[s], h[s], wx, wh, b)
        for j in range(units):
            i, f = _sigma(sums[j]), _sigma(sums[units + j])
            g, o = math.tanh(sums[2 * units + j]), _sigma(sums[3 * units + j])
            c_next[s, j] = f * c[s, j] + i * g
            h_next[s, j] = o * math.tanh(c_next[s, j])
            gates[:, s, j] = i, f, g, o
    return h_next, c_next, (x, h, c, wx, wh, c_next.copy(), gates)


def lstm_step_backward(dh_next, dc_next, cache):
    """One unit after the other."""
    x, h, c, wx, wh, c_next, gates = cache
    n, units = h.shape
    dx, dh, dc = np.zeros(x.shape), np.zeros(h.shape), np.zeros(h.shape)
    dwx, dwh, db = np.zeros(wx.shape), np.zeros(wh.shape), np.zeros(4 * units)
    for s in range(n):
        dsums = [0.0] * (4 * units)
        for j in range(units):
            i, f, g, o = gates[:, s, j]
            shown = math.tanh(c_next[s, j])
            cell = dc_next[s, j] + dh_next[s, j] * o * (1 - shown**2)
            dsums[j] = cell * g * i * (1 - i)
            dsums[units + j] = cell * c[s, j] * f * (1 - f)
            dsums[2 * units + j] = cell * i * (1 - g**2)
            dsums[3 * units + j] = dh_next[s, j] * shown * o * (1 - o)
            dc[s, j] = cell * f
        dx[s], dh[s] = _sums_back(dsums, x[s], h[s], wx, wh, dwx, dwh, db)
    return dx, dh, dc, dwx, dwh, db


def lstm_forward(x, h0, c0, wx, wh, b):
    """Step by step."""
    out, caches = np.zeros((x.shape[0], x.shape[1], h0.shape[1])), {}
    h, c = h0, c0
    for t in range(x.shape[1]):
        h, c, caches[t] = lstm_step_forward(x[:, t], h, c, wx, wh, b)
        out[:, t] = h
    return out, caches


def lstm_backward(dout, cache):
    """Step by step, the last first."""
    dh, dc = np.zeros(dout[:, 0].shape), np.zeros(dout[:, 0].shape)
    dxs, totals = {}, [0, 0, 0]
    for t in sorted(cache, reverse=True):
        dxs[t], dh, dc, dwx, dwh, db = lstm_step_backward(dout[:, t] + dh, dc, cache[t])
        totals = [totals[0] + dwx, totals[1] + dwh, totals[2] + db]
    dx = np.zeros((dout.shape[0], dout.shape[1], dxs[0].shape[1]))
    for t, one in dxs.items():
        dx[:, t] = one
    return dx, dh, dc, totals[0], totals[1], totals[2]


def gradient_norms(x, wx, wh, b, kind):
    """Look the functions up by kind."""
    start = np.zeros((len(x), len(wh)))
    kinds = {
        "rnn": (rnn_forward, rnn_backward, [start]),
        "lstm": (lstm_forward, lstm_backward, [start, start]),
    }
    if kind not in kinds:
        raise ValueError("no such kind of network: " + str(kind))
    forward, backward, starts = kinds[kind]
    out, cache = forward(x, *starts, wx, wh, b)
    dout = np.zeros(out.shape)
    for s in range(len(x)):
        dout[s, len(x[s]) - 1] = 1.0
    dx = backward(dout, cache)[0]
    norms = []
    for t in range(x.shape[1]):
        norms.append(math.sqrt(sum(entry**2 for entry in dx[:, t].ravel())))
    return np.array(norms)


def clip_gradients(grads, limit):
    """Sum the squares one by one."""
    squares = 0.0
    for g in grads:
        for entry in g.ravel():
            squares += float(entry) ** 2
    norm = math.sqrt(squares)
    if norm > limit:
        return [g / norm * limit for g in grads], norm
    return [g.copy() for g in grads], norm


def train_rnn(x, y, params, lr, limit, steps):
    """The output unit has loops over no more than the questions."""
    wx, wh, b, v, c = (p.copy() for p in params)
    history = []
    for _ in range(steps):
        out = _fast_forward(x, wx, wh, b)
        dout, dv, dc = np.zeros(out.shape), np.zeros(v.shape), np.zeros(c.shape)
        loss = 0.0
        for k in range(len(c)):
            z = out @ v[:, k] + c[k]
            loss += np.sum(np.maximum(z, 0) - y[:, :, k] * z + np.log1p(np.exp(-abs(z)))) / y.size
            small = np.exp(-abs(z))
            dz = (np.where(z > 0, 1, small) / (1 + small) - y[:, :, k]) / y.size
            dout += dz[:, :, None] * v[:, k]
            dv[:, k] = (out * dz[:, :, None]).sum((0, 1))
            dc[k] = dz.sum()
        history.append(loss)
        grads = [*_fast_backward(x, out, dout, wh), dv, dc]
        (dwx, dwh, db, dv, dc), _ = clip_gradients(grads, limit)
        wx, wh, b, v, c = wx - lr * dwx, wh - lr * dwh, b - lr * db, v - lr * dv, c - lr * dc
    return [wx, wh, b, v, c], history


def _fast_forward(x, wx, wh, b):
    """All sequences at once: hundreds of steps of training would take too long with loops."""
    out, h = np.zeros((*x.shape[:2], len(b))), np.zeros((len(x), len(b)))
    for t in range(x.shape[1]):
        out[:, t] = h = np.tanh(x[:, t].dot(wx) + h.dot(wh) + b)
    return out


def _fast_backward(x, out, dout, wh):
    """Gradients by weights and biases."""
    dwx, dwh, db, dh = 0, 0, 0, 0
    for t in range(x.shape[1] - 1, -1, -1):
        dz = (dout[:, t] + dh) * (1 - out[:, t] ** 2)
        before = out[:, t - 1] if t else np.zeros_like(out[:, 0])
        dwx, dwh, db = dwx + x[:, t].T @ dz, dwh + before.T @ dz, db + dz.sum(0)
        dh = dz @ wh.T
    return dwx, dwh, db
