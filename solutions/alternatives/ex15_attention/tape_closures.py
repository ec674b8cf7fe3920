"""Attention whose caches are functions, in a block that keeps a tape of what to undo.

The softmax is taken of finite scores only, and the matrices of queries, keys and values are one.
"""

from functools import partial

import numpy as np


def positions(length, features):
    """The imaginary and the real part of a number that turns."""
    pairs, odd = divmod(features, 2)
    if odd:
        raise ValueError(f"{features} is odd")
    t, i = np.ogrid[:length, :pairs]
    turning = np.exp(1j * t * 1e4 ** (-i / pairs))
    return np.dstack((turning.imag, turning.real)).reshape(length, 2 * pairs)


def causal_mask(length):
    """Take away what is above the diagonal."""
    return ~np.triu(np.ones((length, length), bool), k=1)


def attention_forward(q, k, v, mask=None):
    """Divide the queries instead of the scores; the cache is the backward pass."""
    scale = 1 / np.sqrt(np.shape(q)[-1])
    queries, keys, values = np.multiply(q, scale), np.array(k, float), np.array(v, float)
    scores = np.matmul(queries, np.moveaxis(keys, -1, -2))
    seen = np.ones(scores.shape, bool) if mask is None else np.broadcast_to(mask, scores.shape)
    lowest = scores.min() - 1
    highest = np.max(scores, axis=-1, keepdims=True, where=seen, initial=lowest)
    raised = np.exp(np.minimum(scores - highest, 0)) * seen
    total = raised.sum(axis=-1, keepdims=True)
    weights = raised / (total + (total == 0))

    def back(dout):
        along = np.matmul(dout, np.moveaxis(values, -1, -2))
        mean = np.sum(along * weights, axis=-1, keepdims=True)
        dscores = (along - mean) * weights
        turned = np.moveaxis(dscores, -1, -2)
        dv = np.matmul(np.moveaxis(weights, -1, -2), dout)
        return scale * np.matmul(dscores, keys), np.matmul(turned, queries), dv

    return np.matmul(weights, values), back


def attention_backward(dout, cache):
    """Call what forward has left."""
    return cache(dout)


def multi_head_forward(x, wq, wk, wv, wo, heads, mask=None):
    """One product makes queries, keys and values of all heads: axes (3, heads, N, T, width)."""
    n, length, features = x.shape
    table = np.stack([wq, wk, wv]).astype(float)
    split = table.reshape(3, features, heads, features // heads).transpose(0, 2, 1, 3)
    three = np.einsum("ntd,ahdw->ahntw", x, split)
    mixed, back = attention_forward(*three, mask)
    joined = np.moveaxis(mixed, 0, 2).reshape(n, length, features)
    kept = np.array(x, float), split, np.array(wo, float), joined, back
    return joined @ kept[2], partial(_undo, kept)


def _undo(kept, dout):
    x, split, wo, joined, back = kept
    n, length, features = x.shape
    heads, width = split.shape[1], split.shape[3]
    dmixed = np.moveaxis((dout @ wo.T).reshape(n, length, heads, width), 2, 0)
    three = np.stack(back(dmixed))
    dtable = np.einsum("ntd,ahntw->adhw", x, three).reshape(3, features, features)
    flat = joined.reshape(-1, features).T @ dout.reshape(-1, features)
    return np.einsum("ahntw,ahdw->ntd", three, split), *dtable, flat


def multi_head_backward(dout, cache):
    """Call what forward has left."""
    return cache(dout)


class Block:
    """forward appends to a tape, which backward reads from its end without using it up."""

    def __init__(self, features, heads, hidden, rng):
        """Write the parameters down as a table of names, shapes and starts."""
        d = features
        square = dict.fromkeys(["wq", "wk", "wv", "wo"], (d, d))
        self.heads, self.grads, self.tape = heads, {}, ()
        self.params = {
            name: rng.normal(scale=rows**-0.5, size=(rows, columns))
            for name, (rows, columns) in {**square, "w1": (d, hidden), "w2": (hidden, d)}.items()
        }
        self.params.update(gamma1=np.ones(d), gamma2=np.ones(d), beta1=np.zeros(d))
        self.params.update(beta2=np.zeros(d), b1=np.zeros(hidden), b2=np.zeros(d))

    def _norm(self, number, x):
        gamma, beta = self.params[f"gamma{number}"], self.params[f"beta{number}"]
        centred = x - np.average(x, axis=2)[..., None]
        inverse = (np.average(centred**2, axis=2)[..., None] + 1e-5) ** -0.5
        normal = centred * inverse

        def back(dout):
            d = gamma * dout
            d = d - np.average(d, axis=2)[..., None]
            d = d - normal * np.average(d * normal, axis=2)[..., None]
            found = {f"gamma{number}": np.einsum("ntd,ntd->d", dout, normal)}
            return inverse * d, {**found, f"beta{number}": np.einsum("ntd->d", dout)}

        return gamma * normal + beta, back

    def _linear(self, number, x):
        w, b = self.params[f"w{number}"], self.params[f"b{number}"]

        def back(dout):
            dw = np.einsum("ntd,nte->de", x, dout)
            return dout @ w.T, {f"w{number}": dw, f"b{number}": np.einsum("ntd->d", dout)}

        return x @ w + b, back

    def _attend(self, mask, x):
        names = ("wq", "wk", "wv", "wo")
        out, cache = multi_head_forward(x, *(self.params[n] for n in names), self.heads, mask)

        def back(dout):
            dx, *found = multi_head_backward(dout, cache)
            return dx, dict(zip(names, found, strict=True))

        return out, back

    def forward(self, x, mask=None):
        """Two bypasses, each a list of steps."""
        parts = (
            (partial(self._norm, 1), partial(self._attend, mask)),
            (partial(self._norm, 2), partial(self._linear, 1), _relu, partial(self._linear, 2)),
        )
        tape = []
        for steps in parts:
            out, backs = x, []
            for step in steps:
                out, back = step(out)
                backs.append(back)
            x = x + out
            tape.append(backs)
        self.tape = tape
        return x

    def backward(self, dout):
        """What is added on the way forward is added on the way back."""
        grads = {}
        for backs in reversed(self.tape):
            d = dout
            for back in reversed(backs):
                d, found = back(d)
                grads.update(found)
            dout = dout + d
        self.grads = grads
        return dout


def _relu(x):
    return np.where(x > 0, x, 0), lambda dout: (np.where(x > 0, dout, 0), {})
