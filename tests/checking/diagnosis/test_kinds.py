"""What is said of mistakes of known kinds: each a hand-in of its own, what its report must say and must
not say."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.checking.run.session import Job, run_jobs
from grader.course.loader import find_course, find_exercise
from grader.intake.submission import read_submission
from grader.model import Outcome

ROOT = Path(__file__).resolve().parents[3]
COURSE = find_course(ROOT / "exercises")


@dataclass(frozen=True)
class Kind:
    """A hand-in: its code, part of each line that may be named, what must be said of it and what must
    not, as patterns, and a misconception."""

    exercise: str
    code: str
    line: str = ""
    says: str = ""
    never: str = "keepdims"
    name: str = ""


# dx by arrays of indices: a pixel is named several times, and `+=` adds one of its parts. Which one says
# the order of the axes.
INDEXED = """
def conv_backward(dout, cache):
    x, w, stride, pad = cache
    _, dw, db = right_backward(dout, cache)
    n, c, h, width = x.shape
    places = np.indices((*dout.shape[2:], *w.shape[2:]))
    i, j, u, v = (one.transpose(ORDER) for one in places)
    parts = np.einsum("nfij,fcuv->ncijuv", dout, w).transpose(0, 1, *(2 + a for a in ORDER))
    dx = np.zeros((n, c, h + 2 * pad, width + 2 * pad))
    dx[:, :, i * stride + u, j * stride + v] += parts
    return dx[:, :, pad : pad + h, pad : pad + width], dw, db
"""
KEPT = "\nright_backward = conv_backward\n"


# Each layer averages over the batch once more.
MEANS = """
def loss_and_gradients(x, y, params, activation):
    loss, grads = right_gradients(x, y, params, activation)
    return loss, [(dw / len(x), db / len(x)) for dw, db in grads]
"""
PAIR_OF_LAYERS = """
def loss_and_gradients(x, y, params, activation):
    first, second = params
    return right_gradients(x, y, [first, second], activation)
"""
RIGHT_GRADIENTS = "\nright_gradients = loss_and_gradients\n"


KINDS = {
    "a mean in each layer": Kind(
        "ex08",
        RIGHT_GRADIENTS + MEANS,
        says="right while there is one example",
        never="ex07_losses",
        name="gradients_divided_twice",
    ),
    "exactly two layers": Kind(
        "ex08",
        RIGHT_GRADIENTS + PAIR_OF_LAYERS,
        says="right with layers = 2, and wrong with layers = 1 or 3",
    ),
    "one value of three": Kind(
        "ex03",
        "def affine_backward(dout, cache):\n"
        "    x, w = cache\n"
        "    back = (dout @ w.T).reshape(x.shape)\n"
        "    return back\n",
        line="return back",
        says="must return 3 values",
    ),
    "an array in a condition": Kind(
        "ex02",
        "def relu_forward(x):\n    if x > 0:\n        return x, True\n    return 0 * x, False\n",
        line="if x > 0",
        says="np.where",
    ),
    "bytes that are not made floats": Kind(
        "ex07",
        "def softmax(logits):\n"
        "    powers = np.exp(logits - logits.max(axis=1, keepdims=True))\n"
        "    return powers / powers.sum(axis=1, keepdims=True)\n",
        says="With the same numbers as floats your answer is right.*here uint8",
        never="would be right if",
    ),
    "bytes in a list, for a method": Kind(
        "ex12",
        "class RMSprop(RMSprop):\n"
        "    def step(self, parameters, gradients):\n"
        "        _, squares = _fitting(parameters, gradients, self._squares)\n"
        "        pairs = list(zip(squares, gradients))\n"
        "        self._squares = [self.rho * s + (1 - self.rho) * g**2 for s, g in pairs]\n"
        "        rows = list(zip(parameters, gradients, self._squares))\n"
        "        return [p - self.rate * g / (np.sqrt(s) + self.eps) for p, g, s in rows]\n",
        says="With the same numbers as floats your answer is right.*here uint8",
    ),
    "one number for all rows": Kind(
        "ex01",
        "def and_gate(x):\n    return 1 if np.sum(x) > 1.5 else 0\n",
        says="One number came back for all entries",
    ),
    "a size that is right while stride and size are equal": Kind(
        "ex05",
        "def average_pool_forward(x, size=2, stride=2):\n"
        "    n, c, h, w = x.shape\n"
        "    if size < 1 or stride < 1 or size > min(h, w):\n"
        "        raise ValueError\n"
        "    out = np.zeros((n, c, h // stride, w // stride))\n"
        "    for i in range(h // stride):\n"
        "        for j in range(w // stride):\n"
        "            r, s = i * stride, j * stride\n"
        "            out[:, :, i, j] = x[:, :, r : r + size, s : s + size].mean(axis=(2, 3))\n"
        "    return out, (x.shape, size, stride)\n",
        says="while windows do not overlap and nothing lies between windows, but not always where one",
    ),
    "three axes of attention": Kind(
        "ex15",
        "right_attention = attention_forward\n\n\n"
        "def attention_forward(q, k, v, mask=None):\n"
        "    k.transpose(0, 2, 1)\n"
        "    return right_attention(q, k, v, mask)\n",
        says="while one axis comes before queries and keys, and wrong as soon as no axis does, or two",
    ),
    "hiding by a large number": Kind(
        "ex15",
        "def attention_forward(q, k, v, mask=None):\n"
        "    q, k, v = (np.asarray(a, float) for a in (q, k, v))\n"
        "    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])\n"
        "    if mask is not None:\n"
        "        scores = scores - 1e12 * (1 - np.asarray(mask, float))\n"
        "    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))\n"
        "    weights = raised / raised.sum(axis=-1, keepdims=True)\n"
        "    return weights @ v, (q, k, v, weights)\n",
        says="while each query may look somewhere, and wrong as soon as a query may look nowhere",
    ),
    "+= with arrays of indices, a row for each place": Kind(
        "ex04",
        KEPT + INDEXED.replace("ORDER", "(0, 1, 2, 3)"),
        says="np.add.at",
        name="windows_overwrite_dx",
    ),
    "+= with arrays of indices, a row for each weight": Kind(
        "ex04",
        KEPT + INDEXED.replace("ORDER", "(2, 3, 0, 1)"),
        says="np.add.at",
        name="weights_overwrite_dx",
    ),
    "a full convolution of dout, unturned": Kind(
        "ex04",
        KEPT
        + """
def conv_backward(dout, cache):
    x, w, stride, pad = cache
    _, dw, db = right_backward(dout, cache)
    n, c, h, width = x.shape
    hh, ww = w.shape[2:]
    apart = np.zeros((n, len(w), h + 2 * pad - hh + 1, width + 2 * pad - ww + 1))
    apart[:, :, ::stride, ::stride] = dout
    dx, _ = conv_forward(
        np.pad(apart, ((0, 0), (0, 0), (hh - 1, hh - 1), (ww - 1, ww - 1))), w.swapaxes(0, 1), np.zeros(c)
    )
    return dx[:, :, pad : pad + h, pad : pad + width], dw, db
""",
        says="turned by 180",
        name="dx_with_flipped_filter",
    ),
    "+= with arrays of indices in pooling": Kind(
        "ex05",
        """
def average_pool_backward(dout, cache):
    shape, size, stride = cache
    i, j, u, v = np.indices((*dout.shape[2:], size, size))
    dx = np.zeros(shape)
    dx[:, :, i * stride + u, j * stride + v] += dout[..., None, None] / size**2
    return dx
""",
        says="np.add.at",
        name="average_windows_overwrite",
    ),
    "the argument itself in prediction": Kind(
        "ex06",
        """
right_forward = dropout_forward


def dropout_forward(x, p_drop, training, rng):
    out, cache = right_forward(x, p_drop, training, rng)
    if training:
        return out, cache
    return np.asarray(x, float), cache
""",
        line="np.asarray(x, float), cache",
        says="another name for an old one",
        never="changed there",
    ),
    "one mask for all examples of a matrix": Kind(
        "ex06",
        """
def dropout_forward(x, p_drop, training, rng):
    if not 0 <= p_drop < 1:
        raise ValueError("p_drop")
    x = np.asarray(x, dtype=float)
    if not training:
        return x.copy(), (np.ones(x.shape, bool), 1.0)
    kept = np.broadcast_to(rng.random(x.shape[1:]) >= p_drop, x.shape)
    return np.where(kept, x / (1 - p_drop), 0), (kept, 1 - p_drop)
""",
        says="a mask of the shape of x",
        never="percents|too many or too few",
    ),
    "outputs without bounds": Kind(
        "ex06",
        """
def ensemble_output(x, w, p_drop, n, rng):
    if not 0 <= p_drop < 1 or n < 1:
        raise ValueError("p_drop or n")
    return np.full((len(x), w.shape[1]), np.inf)
""",
        says="one is inf",
    ),
    "a sigmoid that is clipped": Kind(
        "ex07",
        """
def output_delta(z, y, loss):
    if loss not in ("mse", "cross_entropy"):
        raise ValueError(loss)
    a = 1 / (1 + np.exp(-np.minimum(np.maximum(np.asarray(z, float), -15), 15)))
    return a - y if loss == "cross_entropy" else 2 * (a - y) * a * (1 - a)
""",
        says="clipped|different",
    ),
    "channels last": Kind(
        "ex04",
        """
def conv_forward(x, w, b, stride=1, pad=0):
    n, height, width, channels = np.shape(x)
    f, hh, ww, _ = w.shape
    rows = output_size(height, hh, stride, pad)
    columns = output_size(width, ww, stride, pad)
    zeros = np.zeros((n, height + 2 * pad, width + 2 * pad, channels))
    zeros[:, pad : pad + height, pad : pad + width] = x
    out = np.zeros((n, rows, columns, f))
    for i in range(rows):
        for j in range(columns):
            for k in range(n):
                for m in range(f):
                    part = zeros[k, i * stride : i * stride + hh, j * stride : j * stride + ww]
                    out[k, i, j, m] = (part * w[m]).sum() + b[m]
    return out, (x, w, stride, pad)
""",
        says="N, C, H, W",
        name="channels_last",
    ),
    "one name for two": Kind(
        "ex04",
        """
def conv_forward(x, w, b, stride=1, pad=0):
    N, C, H, W = x.shape
    F, channels, HH, WW = w.shape
    if C != channels:
        raise ValueError("channels")
    rows, columns = output_size(H, N, stride, pad), output_size(W, N, stride, pad)
    xp = np.pad(x.astype(float), ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, rows, columns))
    for i in range(rows):
        for j in range(columns):
            seen = xp[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
            out[:, :, i, j] = np.tensordot(seen, w, axes=([1, 2, 3], [1, 2, 3])) + b
    return out, (x.astype(float), w.astype(float), stride, pad)
""",
        line="output_size(H, N, stride, pad)",
        says="Look at each name",
    ),
    "a bias of each output is not counted": Kind(
        "ex04",
        """
def parameter_counts(c, h, w, f, field):
    rows, columns = h - field + 1, w - field + 1
    one = c * field**2 + 1
    every = f * rows * columns
    return dict(shared=f * one, locally_connected=every * one, fully_connected=every * (c * h * w))
""",
        says="bias of its own",
        never="digits|float32",
        name="fully_connected_without_biases",
    ),
    "wrong without a crash in another way": Kind(
        "ex05",
        """
def max_pool_forward(x, size=2, stride=2):
    n, c, h, w = x.shape
    if size < 1 or stride < 1 or size > min(h, w):
        raise ValueError("size")
    rows, columns = h // size, w // size
    out = np.empty((n, c, rows, columns))
    for i in range(rows):
        for j in range(columns):
            seen = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
            out[:, :, i, j] = np.max(seen, axis=(2, 3))
    return out, (x, size, stride)
""",
        never="square",
    ),
    "one random number for all": Kind(
        "ex06",
        """
def dropout_forward(x, p_drop, training, rng):
    if p_drop < 0 or p_drop >= 1:
        raise ValueError("p_drop")
    x = np.asarray(x, dtype=float)
    if not training:
        return x.copy(), (np.ones(x.shape, bool), 1.0)
    coin = rng.random()
    kept = np.full(x.shape, coin < 1 - p_drop)
    return x * kept / (1 - p_drop), (kept, 1 - p_drop)
""",
        says="own",
        never="fixed number",
        name="one_coin_for_all",
    ),
    "one coin for all, with two branches": Kind(
        "ex06",
        """
def dropout_forward(x, p_drop, training, rng):
    if not 0 <= p_drop < 1:
        raise ValueError("p_drop")
    x = np.asarray(x, dtype=float).copy()
    share = 1 - p_drop
    if not training:
        return x, (np.ones(x.shape, bool), 1.0)
    if rng.random() < share:
        stays = np.ones(x.shape, bool)
    else:
        stays = np.zeros(x.shape, bool)
    return x * stays / share, (stays, share)
""",
        says="own coin",
        never="would pass if",
        name="one_coin_for_all",
    ),
    "a window's gradient that is written as a whole, to each of the largest": Kind(
        "ex05",
        """
def max_pool_forward(x, size=2, stride=2):
    if min(size, stride) < 1 or size > min(x.shape[2:]):
        raise ValueError("size")
    x = np.array(x, dtype=float)
    wins = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    return wins[:, :, ::stride, ::stride].max(axis=(4, 5)), (x, size, stride)


def max_pool_backward(dout, cache):
    x, size, stride = cache
    dx = np.zeros_like(x)
    for place in np.ndindex(dout.shape):
        n, c, i, j = place
        here = (n, c, slice(i * stride, i * stride + size), slice(j * stride, j * stride + size))
        dx[here] = dout[place] * (x[here] == x[here].max())
    return dx
""",
        says="while windows do not overlap and each window has one largest entry",
        never="as soon as windows overlap",
        name="whole_window_overwrites_and_ties_get_all",
    ),
    "a mistake inside of a dictionary of several lines": Kind(
        "ex04",
        """
def parameter_counts(c, h, w, f, field):
    rows = output_size(h, field, 1, 0) * output_size(w, field, 1, 0)
    return {
        "shared": f * (1 + c * field**2),
        "locally_connected": rows * f * (1 + c * field**2),
        "fully_connected": rows * f * c * w * h,
    }
""",
        line="return {",
        says=r"lines \d+, \d+, \d+, \d+, \d+ and \d+ of|a bias of its own",
        never=r"lines \d+ and \d+ of",
    ),
    "numbers of classes taken for rows": Kind(
        "ex07",
        """
def cross_entropy_loss(logits, labels):
    q = softmax(logits)
    return float(-(labels * np.log(q)).sum() / len(q)), (q - labels) / len(q)
""",
        says="numbers of the classes",
        name="labels_taken_for_one_hot",
    ),
    "a changed argument beside a wrong value": Kind(
        "ex07",
        """
def cross_entropy_loss(logits, labels):
    logits -= np.max(logits, axis=1)[:, None]
    e = np.exp(logits)
    e = e / e.sum(axis=1)[:, None]
    rows = np.arange(len(e))
    loss = -np.mean(np.log(e[rows, labels]))
    e[rows, labels] -= 1
    return loss, e / len(e)
""",
        says="underflowed to 0",
        never="explain only part",
    ),
    "a repair that one example passes with": Kind(
        "ex08",
        """
def loss_and_gradients(x, y, params, activation):
    if activation not in ("sigmoid", "relu"):
        raise ValueError(activation)
    n = len(x)
    outs = [np.reshape(x, (n, -1)) * 1.0]
    for k, (w, b) in enumerate(params):
        z = outs[-1] @ w + b
        if k < len(params) - 1:
            z = np.maximum(z, 0) if activation == "relu" else (1 + np.tanh(z / 2)) / 2
        outs.append(z)
    z = z - z.max(axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    loss = float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(n), y]))
    p[np.arange(n), y] -= 1
    delta, grads = p / n, []
    for k in range(len(params) - 1, -1, -1):
        grads.insert(0, (outs[k].T @ delta, delta.sum(axis=0)))
        if k:
            back = delta @ params[k][0].T
            if activation == "relu":
                delta = np.array(back)
                delta[back <= 0] = 0
            else:
                delta = back * outs[k] * (1 - outs[k])
    return loss, grads
""",
        never="added to what is there",
    ),
    "slices that are one too short": Kind(
        "ex08",
        """
def train(x, y, sizes, activation, lr, epochs, batch, rng):
    params, history = init_network(sizes, rng), []
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch):
            now = order[start : start + batch - 1]
            if len(now):
                _, grads = loss_and_gradients(x[now], y[now], params, activation)
                params = sgd_step(params, grads, lr)
        history.append(loss_and_gradients(x, y, params, activation)[0])
    return params, history
""",
        line="batch - 1",
        says="begins and ends",
        never="replace the old ones|may be smaller",
    ),
    "shares that are swapped": Kind(
        "ex12",
        """
class RMSprop:
    def __init__(self, rate, rho=0.9, eps=1e-8):
        if not (rate >= 0 and 0 <= rho < 1 and eps >= 0):
            raise ValueError("options")
        self.rate, self.rho, self.eps, self.s = rate, rho, eps, None

    def step(self, parameters, gradients):
        shapes = [np.shape(p) for p in parameters]
        known = shapes if self.s is None else [np.shape(s) for s in self.s]
        if not shapes == known == [np.shape(g) for g in gradients]:
            raise ValueError("shapes")
        old = [np.zeros(s) for s in shapes] if self.s is None else self.s
        moved, self.s = [], []
        for p, g, s in zip(parameters, gradients, old):
            g = np.asarray(g, float)
            self.s.append((1 - self.rho) * s + self.rho * g**2)
            moved.append(p - self.rate * g / (np.sqrt(self.s[-1]) + self.eps))
        return moved
""",
        line="(1 - self.rho) * s",
        says="swapped",
    ),
    "a mean that begins with the gradient": Kind(
        "ex12",
        """
class Adam:
    def __init__(self, rate=0.001, beta1=0.9, beta2=0.999, eps=1e-8, l2=0.0, decay=0.0):
        if not (min(rate, eps, l2, decay) >= 0 and 0 <= beta1 < 1 and 0 <= beta2 < 1):
            raise ValueError("options")
        self.rate, self.beta1, self.beta2, self.eps = rate, beta1, beta2, eps
        self.l2, self.decay, self.t, self.m, self.s = l2, decay, 0, None, None

    def step(self, parameters, gradients):
        shapes = [np.shape(p) for p in parameters]
        known = shapes if self.m is None else [np.shape(m) for m in self.m]
        if not shapes == known == [np.shape(g) for g in gradients]:
            raise ValueError("shapes")
        self.t += 1
        moved = []
        slopes = [g + self.l2 * np.asarray(p, float) for p, g in zip(parameters, gradients)]
        if self.m is None:
            self.m, self.s = slopes, [np.zeros(s) for s in shapes]
        else:
            self.m = [self.beta1 * m + (1 - self.beta1) * g for m, g in zip(self.m, slopes)]
        self.s = [self.beta2 * s + (1 - self.beta2) * g**2 for s, g in zip(self.s, slopes)]
        for p, m, s in zip(parameters, self.m, self.s):
            mean, square = m / (1 - self.beta1**self.t), s / (1 - self.beta2**self.t)
            step = mean / (np.sqrt(square) + self.eps) + self.decay * p
            moved.append(p - self.rate * step)
        return moved
""",
        never="squared mean",
    ),
    "new values only for the loop's names": Kind(
        "ex08",
        """
def sgd_step(params, grads, lr):
    for pair, slope in zip(params, grads):
        pair = (pair[0] - lr * slope[0], pair[1] - lr * slope[1])
    return params
""",
        says="as they were given",
        never="sgd_step returns new parameters: let them",
        name="parameters_returned_unchanged",
    ),
    "back-propagation from ones": Kind(
        "ex08",
        """
def loss_and_gradients(x, y, params, activation):
    layers = {"relu": (relu_forward, relu_backward), "sigmoid": (sigmoid_forward, sigmoid_backward)}
    if activation not in layers:
        raise ValueError(activation)
    forward, back = layers[activation]
    caches, out = [], x
    for i, (w, b) in enumerate(params):
        out, inner = forward(out) if i else (out, None)
        out, outer = affine_forward(out, w, b)
        caches.append((inner, outer))
    loss = cross_entropy_loss(out, y)[0]
    delta = np.full(out.shape, 1.0)
    grads = []
    for inner, outer in caches[::-1]:
        delta, dw, db = affine_backward(delta, outer)
        grads.insert(0, (dw, db))
        if inner is not None:
            delta = back(delta, inner)
    return loss, grads
""",
        says="yours starts with ones",
        never="indices",
        name="starts_with_ones",
    ),
    "only the last layer's cache": Kind(
        "ex03",
        """
def mlp_forward(x, params):
    for w, b in params[:-1]:
        x, last = affine_forward(x, w, b)
        x = x * (x > 0)
    return affine_forward(x, *params[-1])


def mlp_backward(dout, last):
    dx, *grads = affine_backward(dout, last)
    return dx, [tuple(grads)]
""",
        says="cache of every layer",
        name="only_the_last_layer",
    ),
    "a sum that keeps its last term": Kind(
        "ex03",
        """
def affine_forward(x, w, b):
    rows = x.reshape(len(x), -1)
    out = np.zeros((len(x), len(b)))
    for n in range(len(x)):
        for k in range(len(b)):
            for d in range(len(w)):
                out[n, k] = rows[n, d] * w[d, k] + b[k]
    return out, (x, w)
""",
        line="out[n, k] =",
        says="to be added to what is there",
        never="right block",
    ),
    "a term of a sum in each turn": Kind(
        "ex03",
        """
def affine_forward(x, w, b):
    rows = x.reshape(len(x), -1)
    out = np.zeros((len(x), len(b)))
    for n in range(len(x)):
        for k in range(len(b)):
            for d in range(len(w)):
                out[n, k] += rows[n, d] * w[d, k] + b[k]
    return out, (x, w)
""",
        line="out[n, k] +=",
        says="one of them only once",
        never="right block",
    ),
    "a value is lost that is still needed": Kind(
        "ex03",
        """
def mlp_forward(x, params):
    caches, on = [], []
    for i, (w, b) in enumerate(params):
        if i:
            on.append(x > 0)
            x = 1.0 * (x > 0)
        x, cache = affine_forward(x, w, b)
        caches.append(cache)
    return x, (caches, on)
""",
        line="x = 1.0 * (x > 0)",
        says="still needed|multiplied|terms and factors",
    ),
    "entry by entry for a product of matrices": Kind(
        "ex03",
        """
def affine_backward(dout, cache):
    x, w = cache
    rows = x.reshape(len(x), -1)
    dx = (dout @ w.T).reshape(x.shape)
    dw = rows.T * dout
    return dx, dw, dout.sum(axis=0)
""",
        line="rows.T * dout",
        says="compared from the right.*Look at the operator",
    ),
    "a mistyped name": Kind(
        "ex03",
        """
def affine_backward(dout, cache):
    x, w = cache
    rows = x.reshape(len(x), -1)
    dx = (dout @ w.T).reshape(x.shape)
    return dx, rows.T @ dout, duot.sum(axis=0)
""",
        line="duot",
        says="nothing called duot",
        never="Look at each name",
    ),
    "places counted by another quotient": Kind(
        "ex05",
        """
def average_pool_forward(x, size=2, stride=2):
    if size < 1 or stride < 1 or size > min(x.shape[2:]):
        raise ValueError
    N, C, H, W = x.shape
    rows, columns = H // stride, W // stride
    out = np.zeros((N, C, rows, columns))
    for i in range(rows):
        for j in range(columns):
            a, b = i * stride, j * stride
            out[:, :, i, j] = x[:, :, a : a + size, b : b + size].mean(axis=(2, 3))
    return out, (x.shape, size, stride)
""",
        line="rows, columns = H",
        says="number of places",
        never=r"Look at the number\.",
    ),
    "blocks by reshape": Kind(
        "ex05",
        """
def max_pool_forward(x, size=2, stride=2):
    N, C, H, W = x.shape
    blocks = x.reshape(N, C, H // size, size, W // size, size)
    out = blocks.max(axis=5).max(axis=3)
    return out, (x, out)
""",
        says="blocks side by side",
        name="maximum_of_blocks",
    ),
    "a refusal comes after a division": Kind(
        "ex05",
        """
def average_pool_forward(x, size=2, stride=2):
    N, C, H, W = x.shape
    rows, columns = (H - size) // stride + 1, (W - size) // stride + 1
    if size < 1 or stride < 1 or size > H or size > W:
        raise ValueError("no window")
    out = np.zeros((N, C, rows, columns))
    for i in range(rows):
        for j in range(columns):
            a, b = i * stride, j * stride
            out[:, :, i, j] = x[:, :, a : a + size, b : b + size].mean(axis=(2, 3))
    return out, (x.shape, size, stride)
""",
        says="divides by a stride of 0|has to happen first",
        never="never checks",
    ),
    "the sign of dout": Kind(
        "ex02",
        """
def relu_backward(dout, cache):
    return np.where(dout > 0, 1.0, 0.0)
""",
        says="passes dout on",
        name="sign_of_dout",
    ),
    "a loss after every slice": Kind(
        "ex08",
        """
def train(x, y, sizes, activation, lr, epochs, batch, rng):
    params = init_network(sizes, rng)
    losses = []
    for _ in range(epochs):
        places = rng.permutation(len(x))
        for k in range(0, len(x), batch):
            now = places[k : k + batch]
            loss, grads = loss_and_gradients(x[now], y[now], params, activation)
            losses += [loss]
            params = sgd_step(params, grads, lr)
    return params, losses
""",
        says="one for each epoch",
        name="history_of_the_slices",
    ),
    "both sides are halved together": Kind(
        "ex09",
        """
def init_cnn(rng, channels, field, classes, image):
    count = image[1] * image[2] // 4 * channels
    spread = np.sqrt(2 / (image[0] * field * field))
    filters = rng.standard_normal((channels, image[0], field, field)) * spread
    weights = rng.standard_normal((count, classes)) * 0.1 / np.sqrt(count)
    return [(filters, np.zeros(channels)), (weights, np.zeros(classes))]
""",
        says="halved and rounded down for itself",
        name="sides_halved_together",
    ),
    "the entry of a pair": Kind(
        "ex08",
        """
def sgd_step(params, grads, lr):
    new = []
    for i in range(len(params)):
        w = params[i][0] - lr * grads[i][0]
        b = params[i][1] - lr * grads[i][0]
        new.append((w, b))
    return new
""",
        line="b = params[i][1]",
        says="Look at the number in square brackets",
    ),
    "an axis that is another number": Kind(
        "ex11",
        """
def layer_norm_forward(x, gamma, beta, eps=1e-5):
    mean = np.mean(x, axis=0, keepdims=True)
    var = np.var(x, axis=0, keepdims=True)
    std = np.sqrt(var + eps)
    xhat = (x - mean) / std
    return gamma * xhat + beta, (xhat, 1 / std, gamma)
""",
        line="axis=0",
        says="Look at the axes that are gone over",
        never=r"Look at the number\.",
    ),
    "what an earlier exercise refuses": Kind(
        "ex09",
        """
def cnn_forward(x, params, p_drop=0.0, rng=None):
    (w1, b1), (w2, b2) = params
    out, conv_cache = conv_forward(x, w1, b1, stride=1, pad=(w1.shape[2] - 1) // 2)
    out, relu_cache = relu_forward(out)
    out, pool_cache = max_pool_forward(out, size=2, stride=2)
    out, dropout_cache = dropout_forward(out, np.cosh(p_drop) + np.e, rng is not None, rng)
    logits, affine_cache = affine_forward(out, w2, b2)
    return logits, (conv_cache, relu_cache, pool_cache, dropout_cache, affine_cache)
""",
        says=r"It came up in dropout_forward of an earlier exercise, which line \d+ of ex09_cnn\.py calls",
        never="of ex06_dropout.py were different",
    ),
    "None for a function of an earlier exercise": Kind(
        "ex09",
        """
def cnn_forward(x, params, p_drop=0.0, rng=None):
    (w1, b1), (w2, b2) = params
    out, conv_cache = conv_forward(x, w1, b1, stride=1, pad=(w1.shape[2] - 1) // 2)
    out, relu_cache = relu_forward(out)
    out, pool_cache = max_pool_forward(out, size=2, stride=2)
    out, dropout_cache = dropout_forward(out, p_drop, True, rng)
    logits, affine_cache = affine_forward(out, w2, b2)
    return logits, (conv_cache, relu_cache, pool_cache, dropout_cache, affine_cache)
""",
        line="out, dropout_cache = dropout_forward(out, p_drop, True, rng)",
        says="Look at the True or False",
        never="A function without `return` gives None",
    ),
    "a word that is spelled otherwise": Kind(
        "ex07",
        """
def output_delta(z, y, loss):
    a = 1 / (1 + np.exp(-z))
    if loss == "MSE":
        return 2 * (a - y) * a * (1 - a)
    elif loss == "cross-entropy":
        return a - y
    else:
        raise ValueError("unknown loss")
""",
        line='if loss == "MSE"',
        says="compares loss with 'MSE', and the call gives 'mse'",
    ),
    "OR of OR and NAND": Kind(
        "ex01",
        """
def xor_gate(x):
    either, not_both = or_gate(x), 1 - and_gate(x)
    return or_gate(np.stack([either, not_both], axis=1))
""",
        says="Both of them must fire",
        never="NAND also fires",
        name="xor_is_always_one",
    ),
    "a sigmoid in an array of whole numbers": Kind(
        "ex02",
        """
def sigmoid_forward(x):
    x = np.array(x)
    out = np.zeros_like(x)
    on = x >= 0
    out[on] = 1 / (1 + np.exp(-x[on]))
    small = np.exp(x[~on])
    out[~on] = small / (1 + small)
    return out, out
""",
        says="makes an array of x's type",
        never="A byte",
        name="sigmoid_in_whole_numbers",
    ),
    "the maximum over all channels, and a right backward pass": Kind(
        "ex05",
        """
right_forward = max_pool_forward


def max_pool_forward(x, size=2, stride=2):
    out, cache = right_forward(x, size, stride)
    return np.broadcast_to(out.max(axis=1, keepdims=True), out.shape).copy(), cache
""",
        never="gets a gradient",
    ),
    "gates in the order of TensorFlow 1": Kind(
        "ex14",
        """
right_step_backward = lstm_step_backward


def in_order(a):
    i, g, f, o = np.split(a, 4, axis=-1)
    return np.concatenate([i, f, g, o], axis=-1)


def lstm_step_forward(x, h, c, wx, wh, b):
    i, g, f, o = np.split(x @ wx + h @ wh + b, 4, axis=1)
    i, f, g, o = _sigmoid(i), _sigmoid(f), np.tanh(g), _sigmoid(o)
    c_next = f * c + i * g
    shown = np.tanh(c_next)
    return o * shown, c_next, (x, h, c, in_order(wx), in_order(wh), i, f, g, o, shown)


def lstm_step_backward(dh_next, dc_next, cache):
    dx, dh, dc, *weights = right_step_backward(dh_next, dc_next, cache)
    return dx, dh, dc, *map(in_order, weights)
""",
        says="order: input, candidate, forget, output, as in TensorFlow 1",
        name="gates_in_tensorflow_1_order",
    ),
    "gates that change places in a formula": Kind(
        "ex14",
        """
def lstm_step_forward(x, h, c, wx, wh, b):
    i, f, g, o = np.split(x @ wx + h @ wh + b, 4, axis=1)
    i, f, g, o = _sigmoid(i), _sigmoid(f), np.tanh(g), _sigmoid(o)
    c_next = i * c + f * g
    return o * np.tanh(c_next), c_next, (x, h, c, wx, wh, i, f, g, o, np.tanh(c_next))
""",
        says="Or do i and f change places in a formula",
        never="gates stand in another order",
    ),
    "recurrence trained uphill": Kind(
        "ex14",
        "right_train = train_rnn\n\n\n"
        "def train_rnn(x, y, params, lr, limit, steps):\n"
        "    return right_train(x, y, params, -lr, limit, steps)\n",
        says="Which way do you go",
        name="trains_uphill",
    ),
    "gradients clipped entry by entry": Kind(
        "ex14",
        "def clip_gradients(grads, limit):\n"
        "    norm = float(np.sqrt(sum((g**2).sum() for g in grads)))\n"
        "    return [np.clip(g, -limit, limit) for g in grads], norm\n",
        says=r"Gradients of norm \d\.\d+ together, limit=0\.5:",
        name="clips_entry_by_entry",
    ),
    "a length that is not divided by": Kind(
        "ex05",
        """
def l2_pool_backward(dout, cache):
    x, out, size, stride = cache
    w = _windows(x, size, stride)
    return _add_up(w * np.asarray(dout)[..., np.newaxis, np.newaxis], x.shape, stride)
""",
        says="is out still in your slope",
        name="not_divided_by_the_length",
    ),
    "the largest score for the label": Kind(
        "ex07",
        """
def cross_entropy_loss(logits, labels):
    labels = np.argmax(logits, axis=1)
    log_probabilities = _log_softmax(logits)
    right = np.arange(len(labels)), np.asarray(labels)
    dlogits = np.exp(log_probabilities)
    dlogits[right] -= 1
    return float(-log_probabilities[right].mean()), dlogits / len(labels)
""",
        says="labels says which class is right",
        name="largest_score_for_the_label",
    ),
    "the largest probability in the loss": Kind(
        "ex07",
        """
def cross_entropy_loss(logits, labels):
    p = softmax(logits)
    n = len(labels)
    loss = -np.log(p.max(axis=1)).mean()
    p[np.arange(n), labels] -= 1
    return float(loss), p / n
""",
        says="Do you take the largest probability",
        name="largest_probability_in_the_loss",
    ),
    "ReLU for every activation": Kind(
        "ex08",
        """
def loss_and_gradients(x, y, params, activation):
    activations = {
        "sigmoid": (sigmoid_forward, sigmoid_backward),
        "relu": (relu_forward, relu_backward),
    }
    if activation not in activations:
        raise ValueError("bad")
    forward, backward = relu_forward, relu_backward
    out, caches = x, []
    for k, (w, b) in enumerate(params):
        out, ac = affine_forward(out, w, b)
        rc = None
        if k < len(params) - 1:
            out, rc = forward(out)
        caches.append((ac, rc))
    loss, dout = cross_entropy_loss(out, y)
    grads = []
    for ac, rc in reversed(caches):
        if rc is not None:
            dout = backward(dout, rc)
        dout, dw, db = affine_backward(dout, ac)
        grads.append((dw, db))
    return loss, grads[::-1]
""",
        says="yours always takes ReLU",
        name="always_relu",
    ),
    "ReLU after the last layer": Kind(
        "ex08",
        """
def loss_and_gradients(x, y, params, activation):
    activations = {
        "sigmoid": (sigmoid_forward, sigmoid_backward),
        "relu": (relu_forward, relu_backward),
    }
    if activation not in activations:
        raise ValueError("bad")
    forward, backward = activations[activation]
    out, caches = x, []
    for w, b in params:
        out, ac = affine_forward(out, w, b)
        out, rc = (relu_forward if len(caches) == len(params) - 1 else forward)(out)
        caches.append((ac, rc))
    loss, dout = cross_entropy_loss(out, y)
    grads = []
    for ac, rc in reversed(caches):
        dout = (relu_backward if not grads else backward)(dout, rc)
        dout, dw, db = affine_backward(dout, ac)
        grads.append((dw, db))
    return loss, grads[::-1]
""",
        says="does a ReLU follow it",
        name="relu_after_the_last_layer",
    ),
    "dgamma like dbeta": Kind(
        "ex11",
        """
_right = BatchNorm.backward
def backward(self, dout):
    dx = _right(self, dout)
    self.dgamma = dout.sum(0)
    return dx
BatchNorm.backward = backward
""",
        says="Is dgamma the same as dbeta",
        name="dgamma_like_dbeta",
    ),
    "a mean that is not kept": Kind(
        "ex12",
        """
class Adam(Adam):
    def step(self, parameters, gradients):
        self._means = None
        if self._squares is not None:
            self._means = [np.zeros(np.shape(s)) for s in self._squares]
        return super().step(parameters, gradients)
""",
        says="Is the new one stored",
        name="mean_is_not_remembered",
    ),
    "RMSprop without the square": Kind(
        "ex12",
        """
class RMSprop(RMSprop):
    def step(self, parameters, gradients):
        gradients, squares = _fitting(parameters, gradients, self._squares)
        self._squares = [
            self.rho * s + (1 - self.rho) * g for g, s in zip(gradients, squares, strict=True)
        ]
        return [
            p - self.rate * g / (np.sqrt(s) + self.eps)
            for p, g, s in zip(parameters, gradients, self._squares, strict=True)
        ]
""",
        says="Is the square there",
        name="rmsprop_without_the_square",
    ),
    "a gradient that goes past attention": Kind(
        "ex15",
        """
_right = Block.backward
def backward(self, dout):
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
    return dx
Block.backward = backward
""",
        says="which went past, in dx",
        name="nothing_goes_past_attention",
    ),
    "attention added to what is normalised": Kind(
        "ex15",
        """
def forward(self, x, mask=None):
    p = self.params
    normal, norm1 = layer_norm_forward(x, p["gamma1"], p["beta1"])
    weights = p["wq"], p["wk"], p["wv"], p["wo"]
    mixed, attention = multi_head_forward(normal, *weights, self.heads, mask)
    a = normal + mixed
    inputs, norm2 = layer_norm_forward(a, p["gamma2"], p["beta2"])
    hidden = np.maximum(inputs @ p["w1"] + p["b1"], 0)
    self._cache = norm1, attention, norm2, inputs, hidden
    return a + hidden @ p["w2"] + p["b2"]
Block.forward = forward
""",
        says="The bypass carries x itself",
        name="attention_added_to_the_normalised",
    ),
    "a number that is not small enough": Kind(
        "ex05",
        """
def max_pool_forward(x, size=2, stride=2):
    n, c, h, w = x.shape
    if size < 1 or stride < 1 or size > min(h, w):
        raise ValueError("no")
    x = x.astype(float)
    ho, wo = (h - size) // stride + 1, (w - size) // stride + 1
    out = np.zeros((n, c, ho, wo))
    for i in range(ho):
        for j in range(wo):
            window = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
            out[:, :, i, j] = np.maximum(-100000, window.max(axis=(2, 3)))
    return out, (x, size, stride)
""",
        line="np.maximum(-100000",
        says="Look at the number that values are compared with",
        never="the function that is called",
    ),
}


def graded(tmp_path, server, kind):
    """The checks that say something of a hand-in, and its lines."""
    exercise = find_exercise(COURSE, kind.exercise)
    for needed in exercise.requires:
        text = (ROOT / "solutions" / f"{needed}.py").read_text(encoding="utf-8")
        (tmp_path / f"{needed}.py").write_text(text, encoding="utf-8")
    path = tmp_path / exercise.file
    text = (ROOT / "solutions" / exercise.file).read_text(encoding="utf-8") + "\n" + kind.code
    path.write_text(text, encoding="utf-8")
    submission = read_submission(tmp_path if exercise.requires else path, exercise)
    reports = []
    job = Job(exercise, submission=submission, label="hand-in", explain=True)
    run_jobs(COURSE, [exercise], [job], lambda _, report: reports.append(report), server=server)
    silent = (Outcome.PASSED, Outcome.SKIPPED)
    return [c for c in reports[0].checks if c.outcome not in silent], text.splitlines()


# Of each exercise what is soon graded; the others are for a change of the diagnosis.
QUICK = {
    "a bias of each output is not counted",
    "a loss after every slice",
    "a mistyped name",
    "a word that is spelled otherwise",
    "a sigmoid that is clipped",
    "entry by entry for a product of matrices",
    "numbers of classes taken for rows",
    "the sign of dout",
}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in KINDS]
)
def test_what_is_said_is_true_and_helps(tmp_path, server, name):
    """The report says what the mistake is, or names its line, and nothing else that is false."""
    kind = KINDS[name]
    bad, lines = graded(tmp_path, server, kind)
    words = " ".join(f"{c.message} {c.hint} {c.contrast}" for c in bad)
    assert bad
    assert re.search(kind.says, words), words
    assert not re.search(kind.never, words), words
    named = {c.misconception for c in bad} - {""}
    assert kind.name in named or not kind.name
    told = [lines[c.suspect.line - 1] for c in bad if c.suspect is not None]
    assert all(kind.line in line for line in told), told
    assert told or not kind.line
