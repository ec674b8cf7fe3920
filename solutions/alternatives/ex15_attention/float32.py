"""Attention that computes in double precision and answers in single precision."""

import numpy as np


def _single(*arrays):
    """Arrays of float32."""
    return tuple(np.asarray(a, np.float32) for a in arrays)


def _double(*arrays):
    """Arrays of float64."""
    return tuple(np.asarray(a, np.float64) for a in arrays)


def positions(length, features):
    """Sines in the even columns, cosines in the odd ones."""
    if features & 1:
        raise ValueError("features must be even")
    out = np.empty((length, features), np.float32)
    rates = np.exp(-np.log(10000.0) * np.arange(0, features, 2) / features)
    angles = np.outer(np.arange(length), rates)
    out[:, 0::2], out[:, 1::2] = np.sin(angles), np.cos(angles)
    return out


def causal_mask(length):
    """Compare the places with each other."""
    places = np.arange(length)
    return places[None, :] <= places[:, None]


def _weights(scores, mask):
    """Softmax of what may be seen."""
    hidden = np.zeros(scores.shape, bool) if mask is None else ~np.broadcast_to(mask, scores.shape)
    scores = np.ma.masked_array(scores, hidden)
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True)).filled(0.0)
    total = raised.sum(axis=-1, keepdims=True)
    return np.divide(raised, total, out=np.zeros_like(raised), where=total != 0)


def _attend(q, k, v, mask):
    """In double precision."""
    q, k, v = _double(q, k, v)
    weights = _weights(np.einsum("...td,...sd->...ts", q, k) * q.shape[-1] ** -0.5, mask)
    return np.einsum("...ts,...se->...te", weights, v), (q, k, v, weights)


def _attend_back(dout, cache):
    """In double precision."""
    q, k, v, weights = cache
    dv = np.einsum("...ts,...te->...se", weights, dout)
    d = np.einsum("...te,...se->...ts", dout, v) * weights
    d -= weights * d.sum(-1, keepdims=True)
    d *= q.shape[-1] ** -0.5
    return np.einsum("...ts,...sd->...td", d, k), np.einsum("...ts,...td->...sd", d, q), dv


def attention_forward(q, k, v, mask=None):
    """See _attend."""
    out, cache = _attend(q, k, v, mask)
    return np.asarray(out, np.float32), cache


def attention_backward(dout, cache):
    """See _attend_back."""
    return _single(*_attend_back(np.asarray(dout, np.float64), cache))


def _heads(x, heads):
    """(N, T, D) as (N, H, T, D / H)."""
    return np.stack(np.split(x, heads, axis=-1), axis=1)


def _unheads(x):
    """The inverse of _heads."""
    return np.concatenate(list(np.moveaxis(x, 1, 0)), axis=-1)


def _many(x, wq, wk, wv, wo, heads, mask):
    """np.split raises the ValueError."""
    x, wq, wk, wv, wo = _double(x, wq, wk, wv, wo)
    mixed, cache = _attend(*(_heads(x @ w, heads) for w in (wq, wk, wv)), mask)
    return _unheads(mixed) @ wo, (x, wq, wk, wv, wo, heads, mixed, cache)


def _many_back(dout, cache):
    """In double precision."""
    x, wq, wk, wv, wo, heads, mixed, kept = cache
    parts = [_unheads(d) for d in _attend_back(_heads(dout @ wo.T, heads), kept)]
    dx = sum(d @ w.T for d, w in zip(parts, (wq, wk, wv), strict=True))
    matrices = [np.einsum("ntd,nte->de", x, d) for d in parts]
    return dx, *matrices, np.einsum("ntd,nte->de", _unheads(mixed), dout)


def multi_head_forward(x, wq, wk, wv, wo, heads, mask=None):
    """See _many."""
    out, cache = _many(x, wq, wk, wv, wo, heads, mask)
    return np.asarray(out, np.float32), cache


def multi_head_backward(dout, cache):
    """See _many_back."""
    return _single(*_many_back(np.asarray(dout, np.float64), cache))


class _Norm:
    """Layer normalisation that remembers its input."""

    def __init__(self, gamma, beta):
        self.gamma, self.beta = _double(gamma, beta)

    def forward(self, x):
        """Normalise the last axis."""
        self.root = np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        self.normal = (x - x.mean(-1, keepdims=True)) / self.root
        return self.gamma * self.normal + self.beta

    def backward(self, dout):
        """The gradients of x, gamma and beta."""
        d = dout * self.gamma
        d = d - d.mean(-1, keepdims=True) - self.normal * (d * self.normal).mean(-1, keepdims=True)
        return d / self.root, (dout * self.normal).sum((0, 1)), dout.sum((0, 1))


class Block:
    """Parameters and gradients are float32."""

    def __init__(self, features, heads, hidden, rng):
        """All weights come from one long draw."""
        self.heads = heads
        d, h = features, hidden
        shapes = {"wq": (d, d), "wk": (d, d), "wv": (d, d), "wo": (d, d), "w1": (d, h)}
        shapes["w2"] = (h, d)
        draw = rng.normal(size=sum(r * c for r, c in shapes.values()))
        self.params, start = {}, 0
        for name, (rows, columns) in shapes.items():
            part = draw[start : start + rows * columns].reshape(rows, columns) / rows**0.5
            self.params[name], start = part.astype(np.float32), start + rows * columns
        for name, size, value in (("gamma1", d, 1), ("gamma2", d, 1), ("beta1", d, 0),
                                  ("beta2", d, 0), ("b1", h, 0), ("b2", d, 0)):  # fmt: skip
            self.params[name] = np.full(size, value, np.float32)
        self.grads = {}

    def forward(self, x, mask=None):
        """Keep the double precision on the way."""
        (x,) = _double(x)
        p = {name: np.asarray(one, np.float64) for name, one in self.params.items()}
        norm1, norm2 = _Norm(p["gamma1"], p["beta1"]), _Norm(p["gamma2"], p["beta2"])
        mixed, kept = _many(norm1.forward(x), p["wq"], p["wk"], p["wv"], p["wo"], self.heads, mask)
        a = x + mixed
        inputs = norm2.forward(a)
        z = inputs @ p["w1"] + p["b1"]
        on = z > 0
        self.last = p, norm1, kept, norm2, inputs, z * on, on
        return np.asarray(a + (z * on) @ p["w2"] + p["b2"], np.float32)

    def backward(self, dout):
        """Backwards through the same chain."""
        p, norm1, kept, norm2, inputs, hidden, on = self.last
        (dout,) = _double(dout)
        dz = (dout @ p["w2"].T) * on
        dinputs, dgamma2, dbeta2 = norm2.backward(dz @ p["w1"].T)
        da = dout + dinputs
        dnormal, dwq, dwk, dwv, dwo = _many_back(da, kept)
        dx, dgamma1, dbeta1 = norm1.backward(dnormal)
        grads = {
            "wq": dwq, "wk": dwk, "wv": dwv, "wo": dwo,
            "gamma1": dgamma1, "beta1": dbeta1, "gamma2": dgamma2, "beta2": dbeta2,
            "w1": np.einsum("ntd,nth->dh", inputs, dz), "b1": dz.sum((0, 1)),
            "w2": np.einsum("nth,ntd->hd", hidden, dout), "b2": dout.sum((0, 1)),
        }  # fmt: skip
        self.grads = {name: np.asarray(one, np.float32) for name, one in grads.items()}
        return np.asarray(da + dx, np.float32)
