"""Attention with loops over places and heads, one weight after the other, in one self-contained file."""

import math

import numpy as np

EPS = 1e-5


def positions(length, features):
    """Fill the table number by number."""
    if features % 2 == 1:
        raise ValueError("an odd number of features")
    out = np.zeros((length, features))
    for t in range(length):
        for column in range(0, features, 2):
            angle = t / 10000 ** (column / features)
            out[t, column] = math.sin(angle)
            out[t, column + 1] = math.cos(angle)
    return out


def causal_mask(length):
    """Write True where it is allowed."""
    mask = np.zeros((length, length), dtype=bool)
    for i in range(length):
        for j in range(i + 1):
            mask[i, j] = True
    return mask


def _one_query(query, keys, seen):
    """The weights of one query: a list of numbers for the keys that it may look at."""
    root = math.sqrt(len(query))
    scores = {j: float(query @ keys[j]) / root for j in range(len(keys)) if seen[j]}
    weights = [0.0] * len(keys)
    if scores:
        best = max(scores.values())
        total = sum(math.exp(s - best) for s in scores.values())
        for j, score in scores.items():
            weights[j] = math.exp(score - best) / total
    return weights


def attention_forward(q, k, v, mask=None):
    """Go through the examples, and in each through the queries."""
    q, k, v = np.array(q, dtype=float), np.array(k, dtype=float), np.array(v, dtype=float)
    lead, queries, keys = q.shape[:-2], q.shape[-2], k.shape[-2]
    seen = np.broadcast_to(True if mask is None else mask, (*lead, queries, keys))
    weights, out = np.zeros((*lead, queries, keys)), np.zeros((*lead, queries, v.shape[-1]))
    for place in np.ndindex(lead):
        for i in range(queries):
            weights[place][i] = _one_query(q[place][i], k[place], seen[place][i])
            for j in range(keys):
                out[place][i] += weights[place][i, j] * v[place][j]
    return out, {"q": q, "k": k, "v": v, "weights": weights}


def attention_backward(dout, cache):
    """Send back through one query at a time."""
    q, k, v, weights = cache["q"], cache["k"], cache["v"], cache["weights"]
    dq, dk, dv = np.zeros(q.shape), np.zeros(k.shape), np.zeros(v.shape)
    root = math.sqrt(q.shape[-1])
    for place in np.ndindex(q.shape[:-2]):
        for i in range(q.shape[-2]):
            d, w = dout[place][i], weights[place][i]
            along = [float(d @ v[place][j]) for j in range(len(w))]
            mean = sum(a * b for a, b in zip(along, w, strict=True))
            for j in range(len(w)):
                dv[place][j] += w[j] * d
                dscore = w[j] * (along[j] - mean) / root
                dq[place][i] += dscore * k[place][j]
                dk[place][j] += dscore * q[place][i]
    return dq, dk, dv


def multi_head_forward(x, wq, wk, wv, wo, heads, mask=None):
    """One attention after the other, each written into its columns."""
    features = x.shape[2]
    if features % heads != 0:
        raise ValueError("the heads do not fit")
    width = features // heads
    q, k, v = x @ wq, x @ wk, x @ wv
    joined, caches = np.zeros(x.shape), []
    for h in range(heads):
        part = slice(h * width, (h + 1) * width)
        joined[:, :, part], cache = attention_forward(
            q[:, :, part], k[:, :, part], v[:, :, part], mask
        )
        caches.append((part, cache))
    return joined @ wo, (x, (wq, wk, wv, wo), joined, caches)


def multi_head_backward(dout, cache):
    """Each head fills its columns of dq, dk and dv."""
    x, (wq, wk, wv, wo), joined, caches = cache
    dwo = sum(joined[n].T @ dout[n] for n in range(len(x)))
    djoined = dout @ wo.T
    dq, dk, dv = np.zeros(x.shape), np.zeros(x.shape), np.zeros(x.shape)
    for part, one in caches:
        dq[:, :, part], dk[:, :, part], dv[:, :, part] = attention_backward(
            djoined[:, :, part], one
        )
    dx, grads = np.zeros(x.shape), []
    for d, w in ((dq, wq), (dk, wk), (dv, wv)):
        dx += d @ w.T
        grads.append(sum(x[n].T @ d[n] for n in range(len(x))))
    return dx, *grads, dwo


def _norm(row, gamma, beta):
    """Normalise one row; also returns what is needed on the way back."""
    mean = sum(row) / len(row)
    root = math.sqrt(sum((r - mean) ** 2 for r in row) / len(row) + EPS)
    normal = (row - mean) / root
    return gamma * normal + beta, (normal, root, gamma)


def _norm_back(drow, kept):
    """The gradients of one row."""
    normal, root, gamma = kept
    scaled = drow * gamma
    mean, along = sum(scaled) / len(scaled), sum(scaled * normal) / len(scaled)
    return (scaled - mean - normal * along) / root, drow * normal, drow


class Block:
    """Keeps a list for each place of each example."""

    def __init__(self, features, heads, hidden, rng):
        """Draw matrix after matrix."""
        self.heads = heads
        self.params = {}
        for name in ("wq", "wk", "wv", "wo"):
            self.params[name] = rng.standard_normal((features, features)) / math.sqrt(features)
        self.params["w1"] = rng.standard_normal((features, hidden)) / math.sqrt(features)
        self.params["w2"] = rng.standard_normal((hidden, features)) / math.sqrt(hidden)
        for name in ("gamma1", "gamma2"):
            self.params[name] = np.ones(features)
        for name in ("beta1", "beta2", "b2"):
            self.params[name] = np.zeros(features)
        self.params["b1"] = np.zeros(hidden)
        self.grads = {}

    def forward(self, x, mask=None):
        """Place by place where places do not see each other."""
        p = self.params
        self.first, self.second = {}, {}
        normal, out = np.zeros(x.shape), np.zeros(x.shape)
        for n, t in np.ndindex(x.shape[:2]):
            normal[n, t], self.first[n, t] = _norm(x[n, t], p["gamma1"], p["beta1"])
        mixed, self.attention = multi_head_forward(
            normal, p["wq"], p["wk"], p["wv"], p["wo"], self.heads, mask
        )
        for n, t in np.ndindex(x.shape[:2]):
            a = x[n, t] + mixed[n, t]
            inputs, kept = _norm(a, p["gamma2"], p["beta2"])
            z = inputs @ p["w1"] + p["b1"]
            hidden = np.array([max(float(u), 0.0) for u in z])
            self.second[n, t] = inputs, kept, hidden
            out[n, t] = a + hidden @ p["w2"] + p["b2"]
        return out

    def backward(self, dout):
        """Add up the gradients of all places."""
        p = self.params
        self.grads = {name: np.zeros(np.shape(one)) for name, one in p.items()}
        g = self.grads
        da, dx = np.zeros(dout.shape), np.zeros(dout.shape)
        for place in np.ndindex(dout.shape[:2]):
            inputs, kept, hidden = self.second[place]
            g["b2"] += dout[place]
            g["w2"] += np.outer(hidden, dout[place])
            dz = np.where(hidden > 0, p["w2"] @ dout[place], 0.0)
            g["b1"] += dz
            g["w1"] += np.outer(inputs, dz)
            back, dgamma, dbeta = _norm_back(p["w1"] @ dz, kept)
            g["gamma2"] += dgamma
            g["beta2"] += dbeta
            da[place] = dout[place] + back
        dnormal, g["wq"], g["wk"], g["wv"], g["wo"] = multi_head_backward(da, self.attention)
        for place in np.ndindex(dout.shape[:2]):
            back, dgamma, dbeta = _norm_back(dnormal[place], self.first[place])
            g["gamma1"] += dgamma
            g["beta1"] += dbeta
            dx[place] = da[place] + back
        return dx
