"""Attention: scaled dot products with a mask, several heads, positions, and a transformer's block."""

import numpy as np
from ex11_normalisation import layer_norm_backward, layer_norm_forward

### BEGIN SOLUTION


def _split(x, heads):
    """Return (N, T, D) as (N, heads, T, D / heads): each head has columns of its own."""
    n, length, features = x.shape
    return x.reshape(n, length, heads, features // heads).swapaxes(1, 2)


def _join(x):
    """Put the columns of all heads beside each other again."""
    n, heads, length, width = x.shape
    return x.swapaxes(1, 2).reshape(n, length, heads * width)


def _weight_gradient(x, dout):
    """Return the gradient of w in x @ w: a sum over all examples and places."""
    return np.tensordot(x, dout, axes=([0, 1], [0, 1]))


### END SOLUTION


def positions(length, features):
    """Compute a vector for each place of a sequence, of sines and cosines.

    length: the number of places T.
    features: how many numbers for each place, D; an odd D is a ValueError.

    Returns an array of shape (T, D). In row t, columns 2i and 2i + 1 are the sine and the cosine of
    t / 10000 ** (2i / D).
    """
    ### BEGIN SOLUTION
    if features % 2:
        raise ValueError(f"sines and cosines come in pairs: {features} features are odd")
    angles = np.arange(length)[:, None] / 10000.0 ** (np.arange(0, features, 2) / features)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, features)
    ### END SOLUTION


def causal_mask(length):
    """Say which places may look where, if nobody may look into the future.

    length: the number of places T.

    Returns an array of booleans, shape (T, T): True at [i, j] where place i may look at place j,
    which is where j <= i.
    """
    ### BEGIN SOLUTION
    return np.tri(length, dtype=bool)
    ### END SOLUTION


def attention_forward(q, k, v, mask=None):
    """Let each query look at all keys, and mix the values by how well the keys fit.

    q: queries, shape (..., T, D).
    k: keys, shape (..., S, D).
    v: values, shape (..., S, E).
    mask: booleans that broadcast to (..., T, S), True where a query may look; None hides nothing. A
        query that may look nowhere gets zeros.

    Returns (out, cache): out has shape (..., T, E); cache is whatever attention_backward needs.
    """
    ### BEGIN SOLUTION
    q, k, v = (np.asarray(a, float) for a in (q, k, v))
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    # The largest exponential is 1, and so is the least sum; where nothing is seen, all of them are 0.
    highest = scores.max(axis=-1, keepdims=True, initial=np.finfo(float).min)
    weights = np.exp(scores - highest)
    weights = weights / np.maximum(weights.sum(axis=-1, keepdims=True), 1)
    return weights @ v, (q, k, v, weights)
    ### END SOLUTION


def attention_backward(dout, cache):
    """Compute the gradients of attention.

    dout: gradient of the loss by the output, shape (..., T, E).
    cache: what attention_forward returned beside that output.

    Returns (dq, dk, dv), each with the shape of the q, k and v that went into attention_forward.
    """
    ### BEGIN SOLUTION
    q, k, v, weights = cache
    dweights = dout @ v.swapaxes(-1, -2)
    dscores = weights * (dweights - (weights * dweights).sum(axis=-1, keepdims=True))
    dscores = dscores / np.sqrt(q.shape[-1])
    return dscores @ k, dscores.swapaxes(-1, -2) @ q, weights.swapaxes(-1, -2) @ dout
    ### END SOLUTION


def multi_head_forward(x, wq, wk, wv, wo, heads, mask=None):
    """Let a sequence attend to itself with several heads.

    x: inputs, shape (N, T, D).
    wq, wk, wv, wo: make queries, keys, values and the output, each of shape (D, D).
    heads: the number of heads H; if it does not divide D, ValueError. Head h has columns
        h * D / H up to (h + 1) * D / H of the queries, keys and values.
    mask: booleans, shape (T, T), True where a place may look; None hides nothing.

    Returns (out, cache): out has shape (N, T, D), the results of all heads beside each other, times
    wo; cache is whatever multi_head_backward needs.
    """
    ### BEGIN SOLUTION
    if x.shape[-1] % heads:
        raise ValueError(f"{heads} heads do not divide {x.shape[-1]} features")
    q, k, v = (_split(x @ w, heads) for w in (wq, wk, wv))
    mixed, cache = attention_forward(q, k, v, mask)
    joined = _join(mixed)
    return joined @ wo, (x, wq, wk, wv, wo, heads, joined, cache)
    ### END SOLUTION


def multi_head_backward(dout, cache):
    """Compute the gradients of attention with several heads.

    dout: gradient of the loss by the output, shape (N, T, D).
    cache: what multi_head_forward returned beside that output.

    Returns (dx, dwq, dwk, dwv, dwo), each with the shape of what went in.
    """
    ### BEGIN SOLUTION
    x, wq, wk, wv, wo, heads, joined, attention_cache = cache
    dmixed = _split(dout @ wo.T, heads)
    dq, dk, dv = (_join(d) for d in attention_backward(dmixed, attention_cache))
    dx = dq @ wq.T + dk @ wk.T + dv @ wv.T
    return dx, *(_weight_gradient(x, d) for d in (dq, dk, dv)), _weight_gradient(joined, dout)
    ### END SOLUTION


class Block:
    """A transformer's block: attention, then a small network for each place, each on a bypass.

    a = x + multi_head(layer_norm(x)), and out = a + relu(layer_norm(a) @ w1 + b1) @ w2 + b2.

    Attributes:
        params: a dictionary of arrays: wq, wk, wv, wo (D, D); gamma1, beta1, gamma2, beta2 (D,);
            w1 (D, hidden), b1 (hidden,), w2 (hidden, D), b2 (D,). 1 and 2 in gamma and beta are
            the first and the second layer normalisation, with eps 1e-5.
        grads: their gradients under the same names, which the latest backward pass set; at first {}.
    """

    def __init__(self, features, heads, hidden, rng):
        """Draw the parameters.

        features: the number of features D of each place.
        heads: the number of heads.
        hidden: the number of units between w1 and w2.
        rng: a numpy.random.Generator.

        Weights are normal with mean 0 and standard deviation 1 / sqrt(rows of the matrix); gammas
        are 1, betas and biases 0.
        """
        ### BEGIN SOLUTION
        self.heads = heads
        shapes = dict.fromkeys(("wq", "wk", "wv", "wo"), (features, features))
        shapes |= {"w1": (features, hidden), "w2": (hidden, features)}
        self.params = {
            name: rng.normal(0, 1 / np.sqrt(shape[0]), shape) for name, shape in shapes.items()
        }
        self.params |= {name: np.ones(features) for name in ("gamma1", "gamma2")}
        self.params |= {name: np.zeros(features) for name in ("beta1", "beta2", "b2")}
        self.params["b1"] = np.zeros(hidden)
        self.grads = {}
        ### END SOLUTION

    def forward(self, x, mask=None):
        """Send a batch of sequences through the block.

        x: inputs, shape (N, T, D).
        mask: booleans, shape (T, T), True where a place may look; None hides nothing.

        Returns out, shape (N, T, D).
        """
        ### BEGIN SOLUTION
        p = self.params
        normal, norm1 = layer_norm_forward(x, p["gamma1"], p["beta1"])
        weights = p["wq"], p["wk"], p["wv"], p["wo"]
        mixed, attention = multi_head_forward(normal, *weights, self.heads, mask)
        a = x + mixed
        inputs, norm2 = layer_norm_forward(a, p["gamma2"], p["beta2"])
        hidden = np.maximum(inputs @ p["w1"] + p["b1"], 0)
        self._cache = norm1, attention, norm2, inputs, hidden
        return a + hidden @ p["w2"] + p["b2"]
        ### END SOLUTION

    def backward(self, dout):
        """Send the gradient back through the latest forward pass.

        dout: gradient of the loss by the output, shape (N, T, D).

        Returns dx, shape (N, T, D), and sets grads.
        """
        ### BEGIN SOLUTION
        norm1, attention, norm2, inputs, hidden = self._cache
        grads = {"w2": _weight_gradient(hidden, dout), "b2": dout.sum(axis=(0, 1))}
        dhidden = (dout @ self.params["w2"].T) * (hidden > 0)
        grads |= {"w1": _weight_gradient(inputs, dhidden), "b1": dhidden.sum(axis=(0, 1))}
        dinputs = dhidden @ self.params["w1"].T
        da, grads["gamma2"], grads["beta2"] = layer_norm_backward(dinputs, norm2)
        da = da + dout
        dnormal, *dweights = multi_head_backward(da, attention)
        grads |= dict(zip(("wq", "wk", "wv", "wo"), dweights, strict=True))
        dx, grads["gamma1"], grads["beta1"] = layer_norm_backward(dnormal, norm1)
        self.grads = grads
        return da + dx
        ### END SOLUTION
