"""Further situations for `gradcheck_edges.py`, of the same kinds: found after the check was built."""

# ruff: noqa: D103 - what the functions compute is in their names and formulas

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - as everybody calls it
from gradient_functions import (
    Array,
    affine,
    fixed,
    noisy,
    normal,
    straight,
    symmetric,
    with_parameters,
)
from gradient_situations import Situation

DOUBLE = ("float64",)
MOST = ("float64", "float32")


def masked_attention(q, k, v, *, hidden):
    """Keys that are padding get -1e9, as in many tutorials."""
    scores = q @ k.T / q.shape[1] ** 0.5
    scores = scores.masked_fill(torch.as_tensor(hidden), -6e4 if q.dtype == torch.float16 else -1e9)
    return torch.softmax(scores, 1) @ v


def both_ways(x, w, u):
    """A recurrence forwards and backwards through time with the same weights."""
    ends = []
    for steps in (x, x.flip(0)):
        h = torch.zeros(x.shape[1], u.shape[0], dtype=x.dtype)
        for step in steps:
            h = torch.tanh(step @ w + h @ u)
        ends.append(h)
    return torch.cat(ends, 1)


def weight_norm(x, v, g, *, detach: bool = False):
    size = torch.sqrt((v * v).sum(0))
    return x @ (g * v / (size.detach() if detach else size))


def triplet(a, p, n):
    near, far = ((a - p) ** 2).sum(1), ((a - n) ** 2).sum(1)
    return torch.clamp(near - far + 0.5, min=0).mean()


def experts(x, gate, w):
    """The two experts with the largest gates, weighted by a softmax of these."""
    top, which = torch.topk(x @ gate, 2, dim=1)
    outs = torch.einsum("nd,edm->nem", x, w)
    chosen = torch.gather(outs, 1, which[:, :, None].expand(-1, -1, outs.shape[2]))
    return (torch.softmax(top, 1)[:, :, None] * chosen).sum(1)


def further() -> list[Situation]:
    """All of them."""
    return [*layers(), *places(), *coarse()]


def layers() -> list[Situation]:
    """Layers, losses and linear algebra."""
    S = Situation  # noqa: N806 - the rows below are a table
    return [
        S("attention, padded keys", masked_attention, with_parameters(
            normal((3, 4), (5, 4), (5, 2)), lambda rng: {"hidden": np.arange(5) >= 3})),
        S("recurrence both ways", both_ways, normal((3, 2, 3), (3, 4), (4, 4), scale=0.6),
          wrong={"one way": lambda x, w, u: torch.cat(
              [both_ways(x, w, u)[:, :4], both_ways(x, w, u)[:, 4:].detach() + 0 * x.sum()], 1)}),
        S("weight norm", weight_norm, normal((4, 3), (3, 2), (2,)),
          wrong={"length": lambda x, v, g: weight_norm(x, v, g, detach=True)}),
        S("instance norm", F.instance_norm, normal((2, 3, 2, 2))),
        S("embedding bag", lambda table, index: torch.stack([table[i].mean(0) for i in index]),
          with_parameters(normal((6, 3)), lambda rng: {"index": [[0, 1, 1], [4], [1, 5, 4, 4]]})),
        S("transposed convolution", lambda x, w: F.conv_transpose2d(x, w, stride=2),
          normal((2, 3, 2, 3), (3, 2, 3, 2))),
        S("depthwise convolution", lambda x, w: F.conv2d(x, w, groups=3), normal((2, 3, 4, 5), (3, 1, 2, 3))),
        S("bilinear upsampling", lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"),
          normal((1, 2, 3, 3)), types=MOST),
        S("mixture of experts", experts, normal((4, 3), (3, 4), (4, 3, 2)), types=MOST),
        S("triplet loss", triplet, normal((4, 3), (4, 3), (4, 3))),
        S("sharp softmax", lambda x: torch.softmax(20 * x, 1), normal((3, 4)), types=DOUBLE),
        S("matrix exponential", torch.linalg.matrix_exp, normal((3, 3), scale=0.5), types=MOST),
        S("determinant, declared symmetric", lambda s: torch.linalg.det(s).reshape(1), symmetric,
          symmetric=("s",), types=MOST),
        S("real part of a Fourier transform", lambda x: torch.fft.rfft(x).real, normal((7,)), types=MOST),
    ]  # fmt: skip


def places() -> list[Situation]:
    """Kinks, magnitudes, shapes."""
    S = Situation  # noqa: N806 - the rows below are a table

    def with_zero(rng: np.random.Generator):
        x = rng.normal(size=(2, 4))
        x[0, 2] = 0.0
        return (x,), {}

    def at_bounds(rng: np.random.Generator):
        return (
            np.array([1.0, -1.0, 0.3, 1.4, -0.2, -1.7])
            * np.array([1, 1, *rng.uniform(0.9, 1.1, 4)]),
        ), {}

    def bound(gradients: list[Array], arrays: tuple[Array, ...], dout: Array) -> list[Array]:
        return [np.abs(arrays[0]) == 1]

    def far_away(rng: np.random.Generator):
        return (1e4 + rng.normal(size=(4, 3)),), {}

    def nearly_equal(rng: np.random.Generator):
        x = rng.permutation(np.arange(1.0, 6.0)) * rng.choice([-1, 1], 5)
        x[np.argmax(np.abs(x))] = (4 + 1e-7) * rng.choice([-1, 1])
        return (x,), {}

    def extremes(rng: np.random.Generator):
        return (1e-8 * rng.normal(size=(3, 4)), 1e8 * rng.normal(size=(4, 2))), {}

    return [
        S("product with a zero", lambda x: torch.prod(x, 1), with_zero),
        S("clipped at its bounds", lambda x: torch.clamp(x, -1, 1), at_bounds, kinked=bound, types=DOUBLE),
        S("variance far from 0", lambda x: x.var(0, unbiased=False), far_away, types=DOUBLE),
        S("largest absolute, near tie", lambda x: x.abs().amax(), nearly_equal, types=DOUBLE),
        S("cumulative maximum", lambda x: torch.cummax(x, 0).values, normal((7,))),
        S("10⁻⁸ times 10⁸", lambda x, w: x @ w, extremes, types=MOST),
        S("log1p and expm1 near 0", lambda x: torch.log1p(x) + torch.expm1(x) * x,
          fixed([1e-9, -1e-7, 1e-4, 0.3], jitter=0.3), types=MOST),
        S("angle", torch.atan2, normal((5,), (5,))),
        S("a single number", lambda x: torch.sin(x) * x, lambda rng: ((np.array(rng.normal()),), {})),
        S("a sum over no columns", lambda x, b: x.sum(1) + b, lambda rng: ((np.zeros((3, 0)), rng.normal(size=3)), {})),
        S("softplus far below 0", F.softplus, fixed([-30.0, -8.0, 0.5, 20.0], jitter=0.1), types=MOST),
        S("one row", affine, normal((1, 6), (6, 1), (1,))),
        S("dead ReLU", torch.relu, lambda rng: ((-rng.uniform(0.1, 1.0, (3, 4)),), {}), types=MOST),
        S("clipped everywhere", lambda x: torch.clamp(x, max=0.25), lambda rng: (
            (np.array([0.25 + 1e-6, 0.5, 0.75, 1.5]) * rng.uniform(1, 1.2, 4),), {}), types=DOUBLE),
        S("reciprocal root", torch.rsqrt, lambda rng: ((rng.uniform(0.02, 1.0, 6),), {}), types=MOST),
    ]  # fmt: skip


def coarse() -> list[Situation]:
    """Forwards whose slopes cannot be seen."""
    S = Situation  # noqa: N806 - the rows below are a table

    def in_64ths(y: torch.Tensor) -> torch.Tensor:
        return torch.floor(y * 64) / 64

    return [
        S("product in steps of 1/64", straight(lambda x, w: x @ w, in_64ths), normal((4, 3), (3, 2)),
          coarse=True, types=DOUBLE),
        S("little noise", noisy(torch.tanh, 1e-3), normal((3, 4)), coarse=True, types=DOUBLE),
        S("saturated tanh", torch.tanh, lambda rng: ((rng.uniform(15, 17, (3, 2)),), {}), coarse=True,
          types=DOUBLE),
    ]  # fmt: skip
