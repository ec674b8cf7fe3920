"""Recurrence in single precision throughout; the parameters of training stay in double precision."""

import numpy as np


def _single(*arrays):
    """Arrays of float32."""
    return [np.asarray(a, dtype=np.float32) for a in arrays]


def _squash(z):
    """A sigmoid that takes the exponential of negative numbers only."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


def rnn_forward(x, h0, wx, wh, b):
    """Fill an array of states, time first."""
    x, h, wx, wh, b = _single(x, h0, wx, wh, b)
    states = np.empty((x.shape[1] + 1, *h.shape), np.float32)
    states[0] = h
    for t, now in enumerate(x.swapaxes(0, 1)):
        states[t + 1] = np.tanh(now @ wx + states[t] @ wh + b)
    return states[1:].swapaxes(0, 1).copy(), {"x": x, "states": states, "weights": (wx, wh)}


def rnn_backward(dout, cache):
    """Add up as it goes back."""
    x, states, (wx, wh) = cache["x"], cache["states"], cache["weights"]
    (dout,) = _single(dout)
    dx, dwx, dwh, db = np.zeros_like(x), np.zeros_like(wx), np.zeros_like(wh), np.zeros_like(wh[0])
    dh = np.zeros_like(states[0])
    for t in range(x.shape[1])[::-1]:
        dz = (dout[:, t] + dh) * (1 - np.square(states[t + 1]))
        dx[:, t], dh = dz @ wx.T, dz @ wh.T
        dwx += x[:, t].T @ dz
        dwh += states[t].T @ dz
        db += np.add.reduce(dz)
    return dx, dh, dwx, dwh, db


def lstm_step_forward(x, h, c, wx, wh, b):
    """Take the gates as slices of the columns."""
    x, h, c, wx, wh, b = _single(x, h, c, wx, wh, b)
    z, n = x @ wx + h @ wh + b, h.shape[1]
    gates = {"i": _squash(z[:, :n]), "f": _squash(z[:, n : 2 * n]), "o": _squash(z[:, 3 * n :])}
    gates["g"] = np.tanh(z[:, 2 * n : 3 * n])
    c_next = gates["f"] * c + gates["i"] * gates["g"]
    return gates["o"] * np.tanh(c_next), c_next, {"in": (x, h, c, wx, wh), "c": c_next, **gates}


def lstm_step_backward(dh_next, dc_next, cache):
    """Fill the gradients of the sums gate by gate."""
    dh_next, dc_next = _single(dh_next, dc_next)
    x, h, c, wx, wh = cache["in"]
    i, f, g, o = (cache[name] for name in "ifgo")
    shown, n = np.tanh(cache["c"]), h.shape[1]
    dc = dc_next + dh_next * o * (1 - shown * shown)
    dz = np.empty((len(x), 4 * n), np.float32)
    dz[:, :n] = dc * g * i * (1 - i)
    dz[:, n : 2 * n] = dc * c * f * (1 - f)
    dz[:, 2 * n : 3 * n] = dc * i * (1 - g * g)
    dz[:, 3 * n :] = dh_next * shown * o * (1 - o)
    return dz @ wx.T, dz @ wh.T, dc * f, x.T @ dz, h.T @ dz, dz.sum(0)


def lstm_forward(x, h0, c0, wx, wh, b):
    """Take the steps one by one."""
    (h, c), caches, states = (h0, c0), [], []
    for now in np.swapaxes(x, 0, 1):
        h, c, cache = lstm_step_forward(now, h, c, wx, wh, b)
        states.append(h)
        caches.append(cache)
    return np.array(states).swapaxes(0, 1), caches


def lstm_backward(dout, cache):
    """Add up as it goes back."""
    dx = []
    dh = dc = np.zeros_like(dout[:, 0], np.float32)
    sums = None
    for t in range(len(cache))[::-1]:
        now, dh, dc, *parts = lstm_step_backward(dout[:, t] + dh, dc, cache[t])
        dx.insert(0, now)
        sums = parts if sums is None else [a + p for a, p in zip(sums, parts, strict=True)]
    return np.stack(dx, 1), dh, dc, *sums


def gradient_norms(x, wx, wh, b, kind):
    """Ask for each kind in a branch of its own."""
    zeros = np.zeros((len(x), len(wh)))
    if kind == "rnn":
        out, cache = rnn_forward(x, zeros, wx, wh, b)
        backward = rnn_backward
    elif kind == "lstm":
        out, cache = lstm_forward(x, zeros, zeros, wx, wh, b)
        backward = lstm_backward
    else:
        raise ValueError(kind)
    dout = np.zeros_like(out)
    dout[:, -1, :] += 1
    dx, *_ = backward(dout, cache)
    return np.linalg.norm(dx.swapaxes(0, 1).reshape(len(dx[0]), -1), axis=1)


def clip_gradients(grads, limit):
    """Make one long line of all gradients."""
    norm = float(np.linalg.norm(np.concatenate([np.ravel(g) for g in grads])))
    scale = limit / norm if norm > limit else 1.0
    return _single(*(scale * g for g in grads)), norm


def train_rnn(x, y, params, lr, limit, steps):
    """Gradients in single, parameters in double precision."""
    params, history = [np.array(p, float) for p in params], []
    for _ in range(steps):
        wx, wh, b, v, c = params
        out, cache = rnn_forward(x, np.zeros((len(x), len(wh))), wx, wh, b)
        z = out @ v + c
        history.append(np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))))
        dz = (_squash(z) - y) / np.size(y)
        _, _, *grads = rnn_backward(dz @ v.T, cache)
        grads += [np.einsum("nth,ntk->hk", out, dz), np.einsum("ntk->k", dz)]
        grads, _ = clip_gradients(_single(*grads), limit)
        params = [p - lr * g for p, g in zip(params, grads, strict=True)]
    return params, history
