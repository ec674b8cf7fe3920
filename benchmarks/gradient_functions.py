"""Functions that are hard for a gradient check, in PyTorch, and how their arguments are drawn."""

# ruff: noqa: D103 - what the functions compute is in their names and formulas

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - as everybody calls it

Array = np.ndarray
Draw = Callable[[np.random.Generator], tuple[tuple[Array, ...], dict[str, Any]]]


def normal(*shapes: tuple[int, ...], scale: float = 1.0) -> Draw:
    """Gaussian arrays of these shapes."""
    return lambda rng: (tuple(scale * rng.normal(size=s) for s in shapes), {})


def sixteenths(*shapes: tuple[int, ...]) -> Draw:
    """Odd multiples of 1/16, as the course draws them."""
    return lambda rng: (tuple((2 * rng.integers(-16, 16, s) + 1) / 16 for s in shapes), {})


def fixed(*arrays: Any, jitter: float = 0.0) -> Draw:
    """These very numbers, each a little changed."""
    given = tuple(np.asarray(a, float) for a in arrays)
    return lambda rng: (tuple(a * (1 + jitter * rng.uniform(-1, 1, a.shape)) for a in given), {})


def with_parameters(draw: Draw, more: Callable[[np.random.Generator], dict[str, Any]]) -> Draw:
    """The same arrays, with keyword arguments."""
    return lambda rng: (draw(rng)[0], more(rng))


# Functions ---------------------------------------------------------------------------------------


def affine(x, w, b):
    return x @ w + b


def conv(x, w, b):
    return F.conv2d(x, w, b, stride=2, padding=1)


def batch_norm(x, gamma, beta, *, detach: str = ""):
    mean, var = x.mean(0), ((x - x.mean(0)) ** 2).mean(0)
    mean, var = (
        mean.detach() if "mean" in detach else mean,
        var.detach() if "var" in detach else var,
    )
    return gamma * (x - mean) / torch.sqrt(var + 1e-5) + beta


def layer_norm(x, gamma, beta, *, detach: str = ""):
    mean = x.mean(1, keepdim=True)
    var = ((x - mean) ** 2).mean(1, keepdim=True)
    return gamma * (x - mean) / torch.sqrt((var.detach() if detach else var) + 1e-5) + beta


def attention(q, k, v, *, masked: bool = True, scale: bool = True):
    scores = q @ k.T / (q.shape[1] ** 0.5 if scale else 1.0)
    if masked:
        hidden = torch.triu(torch.ones(scores.shape, dtype=torch.bool), 1)
        scores = scores.masked_fill(hidden, -torch.inf)
    return torch.softmax(scores, 1) @ v


def recurrence(x, w, u, b, *, cut: int = 0):
    h = torch.zeros(x.shape[1], u.shape[0], dtype=x.dtype)
    for t, step in enumerate(x):
        h = torch.tanh(step @ w + (h.detach() if cut and t == cut else h) @ u + b)
    return h


def lstm_step(x, h, c, w, u, b, *, forget: bool = False):
    i, f, o, g = (x @ w + h @ u + b).chunk(4, 1)
    kept = torch.sigmoid(f.detach() if forget else f) * c
    c = kept + torch.sigmoid(i) * torch.tanh(g)
    return torch.cat([torch.sigmoid(o) * torch.tanh(c), c], 1)


def gru_step(x, h, w, u):
    z, r, n = (x @ w).chunk(3, 1)
    a, b, c = (h @ u).chunk(3, 1)
    z, r = torch.sigmoid(z + a), torch.sigmoid(r + b)
    return (1 - z) * torch.tanh(n + r * c) + z * h


def embedding(table, *, index):
    return table[torch.as_tensor(index)]


def autoencoder(x, w, *, tied: bool = True):
    return torch.tanh(x @ w) @ (w if tied else w.detach()).T


def hinge(s, y=None):
    signs = torch.tensor([1.0, -1.0, 1.0, 1.0, -1.0, 1.0][: s.numel()], dtype=s.dtype)
    return torch.clamp(1 - signs * s, min=0).mean()


def huber(x):
    a = x.abs()
    return torch.where(a <= 1, 0.5 * x * x, a - 0.5)


def cholesky(s):
    return torch.linalg.cholesky(s)


def entropy(logits, *, labels):
    return F.cross_entropy(logits.double() if logits.dtype == torch.float16 else logits,
                           torch.as_tensor(labels)).to(logits.dtype)  # fmt: skip


def l2_pool(x):
    return torch.sqrt(x.reshape(2, 2, 2, 2, 2, 2).pow(2).sum((3, 5)))


def near(values: list[float], place: int, distance: float) -> Draw:
    """Fixed values, one of which lies this far from a kink, on either side."""

    def draw(rng: np.random.Generator):
        x = np.array(values) * (1 + 0.1 * rng.uniform(-1, 1, len(values)))
        x[place] = rng.choice([-1, 1]) * distance
        x[place - 1] = -x[place]
        return (x,), {}

    return draw


def around(center: float, distance: float, count: int = 6) -> Draw:
    """Values of which one lies this far from `center`."""

    def draw(rng: np.random.Generator):
        x = center + rng.choice([-1, 1], count) * rng.uniform(0.3, 0.9, count)
        x[0] = center + rng.choice([-1, 1]) * distance
        return (x,), {}

    return draw


def with_ties(rng: np.random.Generator):
    x = rng.permutation(np.arange(16.0) / 8 - 1).reshape(1, 1, 4, 4)
    x[0, 0, 0, :2] = 3.0
    x[0, 0, 2:, 2] = 2.5
    return (x,), {}


def symmetric(rng: np.random.Generator):
    a = rng.normal(size=(3, 3))
    return (a @ a.T + 2 * np.eye(3),), {}


def near_tie(distance: float) -> Draw:
    def draw(rng: np.random.Generator):
        x = rng.permutation(np.arange(6.0) + rng.uniform(-0.2, 0.2, 6))
        order = np.argsort(x, kind="stable")
        x[order[2]] = x[order[3]] - distance
        return (x,), {}

    return draw


def shared_ties(gradients: list[Array], arrays: tuple[Array, ...], dout: Array) -> list[Array]:
    """The gradient of 2×2 max pooling, given to all tied maxima in equal parts."""
    x = arrays[0].reshape(1, 1, 2, 2, 2, 2)
    winners = x == x.max((3, 5), keepdims=True)
    share = dout[:, :, :, None, :, None] / winners.sum((3, 5), keepdims=True)
    return [(winners * share).reshape(arrays[0].shape)]


def slope_at_zero(slope: float) -> Callable[..., list[Array]]:
    """ReLU with this slope at 0."""
    return lambda gradients, arrays, dout: [np.where(arrays[0] == 0, slope * dout, gradients[0])]


def noise(x: torch.Tensor, size: float) -> torch.Tensor:
    """Noise that is a function of the input."""
    seed = zlib.crc32(x.double().numpy().tobytes())
    return size * torch.randn(1000, generator=torch.Generator().manual_seed(seed), dtype=x.dtype)


def noisy(function: Callable[..., torch.Tensor], size: float) -> Callable[..., torch.Tensor]:
    def with_noise(*arguments, **parameters):
        out = function(*arguments, **parameters)
        both = torch.cat([a.detach().flatten() for a in arguments])
        return out + noise(both, size)[: out.numel()].reshape(out.shape).to(out.dtype)

    with_noise.smooth = function
    return with_noise


def straight(function: Callable[..., torch.Tensor], rounding: Callable[..., torch.Tensor]):
    """A rounded output with the gradient of the output before it was rounded."""

    def rounded(*arguments, **parameters):
        out = function(*arguments, **parameters)
        return out + (rounding(out) - out).detach()

    rounded.smooth = function
    return rounded


def two_decimals(y: torch.Tensor) -> torch.Tensor:
    return torch.round(y * 100) / 100


def in_bfloat16(y: torch.Tensor) -> torch.Tensor:
    """Cut off after the first 8 bits."""
    return (y.float().view(torch.int32) & -65536).view(torch.float32).to(y.dtype)
