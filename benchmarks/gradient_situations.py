"""Situations that are hard for a gradient check, each with gradients from PyTorch.

A situation is a function of tensors that can compute in any floating type, and a way to draw its
arguments. PyTorch differentiates it, so right gradients are nobody's opinion; what `wrong` names are
functions of the right gradients, or another function that is differentiated in place of this one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - as everybody calls it
from gradient_functions import (
    Array,
    Draw,
    affine,
    around,
    attention,
    autoencoder,
    batch_norm,
    cholesky,
    conv,
    embedding,
    entropy,
    fixed,
    gru_step,
    hinge,
    huber,
    in_bfloat16,
    l2_pool,
    layer_norm,
    lstm_step,
    near,
    near_tie,
    noisy,
    normal,
    recurrence,
    shared_ties,
    sixteenths,
    slope_at_zero,
    straight,
    symmetric,
    two_decimals,
    with_parameters,
    with_ties,
)

ALL = ("float64", "float32", "float16")


@dataclass(frozen=True)
class Situation:
    """One situation.

    Attributes:
        name: what the table calls it.
        function: of tensors and the parameters that `draw` gives.
        draw: the arrays and the keyword arguments.
        wrong: functions whose gradients are wrong for `function`, by what is wrong with them.
        right: functions of the gradients and the arrays that are right, too (at kinks and ties).
        kinked: marks the entries at a kink, where a mutant may be right.
        coarse: whether the forward hides its slopes: nothing wrong may pass, nothing right may fail.
        types: what the forward may compute in.
        symmetric: names of the arguments that are symmetric.
    """

    name: str
    function: Callable[..., torch.Tensor]
    draw: Draw
    wrong: dict[str, Callable[..., torch.Tensor]] = field(default_factory=dict)
    right: dict[str, Callable[..., list[Array]]] = field(default_factory=dict)
    kinked: Callable[..., list[Array]] | None = None
    coarse: bool = False
    types: tuple[str, ...] = ALL
    symmetric: tuple[str, ...] = ()


# Situations --------------------------------------------------------------------------------------

NORM = ((3,), (3,))
RELU = [0.8, -1.1, 0.4, -0.6, 1.5, 0.9]


def situations() -> list[Situation]:
    """All of them."""
    return [*layers(), *norms(), *networks(), *algebra(), *kinks(), *edges(), *coarse()]


def layers() -> list[Situation]:
    """What a course has, at ordinary places."""
    S = Situation  # noqa: N806 - the rows below are a table
    return [
        S("affine", affine, normal((5, 4), (4, 3), (3,)),
          wrong={"dw over N": lambda x, w, b: affine(x, w, b) - x @ w + x @ w / 5 + (x @ w * 4 / 5).detach()}),
        S("affine, dyadic", affine, sixteenths((4, 3), (3, 2), (2,))),
        S("affine, one row", affine, normal((1, 4), (4, 3), (3,))),
        S("affine, square", affine, normal((4, 4), (4, 4), (4,))),
        S("convolution", conv, normal((2, 2, 5, 4), (3, 2, 3, 2), (3,))),
        S("average pooling", lambda x: F.avg_pool2d(x, 3, 2), normal((2, 2, 5, 7))),
        S("max pooling", lambda x: F.max_pool2d(x, 2), normal((2, 2, 4, 6))),
        S("L2 pooling", l2_pool, normal((2, 2, 4, 4))),
        S("dropout", lambda x, mask: x * torch.as_tensor(mask, dtype=x.dtype) * 2,
          with_parameters(normal((4, 6)), lambda rng: {"mask": rng.random((4, 6)) < 0.5})),
        S("sigmoid", torch.sigmoid, normal((4, 3))),
        S("tanh", torch.tanh, normal((4, 5))),
        S("sine", torch.sin, sixteenths((4, 3))),
        S("softplus", F.softplus, normal((4, 3))),
        S("gelu", F.gelu, normal((4, 3))),
        S("swish", F.silu, normal((4, 3))),
        S("softmax", lambda x: torch.softmax(x, 1), normal((4, 3))),
        S("log-softmax", lambda x: torch.log_softmax(x, 1), normal((3, 5))),
        S("cross-entropy", entropy,
          with_parameters(normal((4, 5)), lambda rng: {"labels": rng.integers(0, 5, 4)})),
        S("mean squared error", lambda x, y: ((x - y) ** 2).mean(), normal((4, 3), (4, 3))),
        S("embedding, repeated", embedding,
          with_parameters(normal((6, 3)), lambda rng: {"index": np.array([1, 4, 1, 0, 1, 4])})),
        S("3 of 40", lambda x, index: x[torch.as_tensor(index)],
          with_parameters(normal((40,)), lambda rng: {"index": rng.permutation(40)[:3]})),
    ]  # fmt: skip


def norms() -> list[Situation]:
    """Normalisation: gradients that vanish, or nearly."""
    S = Situation  # noqa: N806 - the rows below are a table

    def apart(n: int, d: int) -> Draw:
        def draw(rng: np.random.Generator):
            x = rng.permuted(np.arange(n * 1.0)[:, None].repeat(d, 1), axis=0) * 0.5
            return (x + rng.uniform(0, 0.2, (n, d)), rng.normal(size=d), rng.normal(size=d)), {}

        return draw

    def turned(d: int) -> Draw:
        return lambda rng: (
            (apart(d, 4)(rng)[0][0].T, rng.normal(size=d), rng.normal(size=d)),
            {},
        )

    def flat_column(rng: np.random.Generator):
        x = rng.normal(size=(5, 3))
        x[:, 1] = 0.75
        return (x, rng.normal(size=3), rng.normal(size=3)), {}

    forgets = {
        "variance": lambda x, g, b: batch_norm(x, g, b, detach="var"),
        "mean": lambda x, g, b: batch_norm(x, g, b, detach="mean"),
    }
    return [
        *(S(f"batch norm of {n}", batch_norm, apart(n, 3), wrong=forgets) for n in (2, 3, 5)),
        S("batch norm, one column constant", batch_norm, flat_column,
          types=("float64",)),
        S("sum of a batch norm", lambda x, g, b: batch_norm(x, g, b).sum(0), apart(5, 3)),
        S("a bias before batch norm", lambda x, w, b: batch_norm(x @ w + b, torch.ones(3, dtype=x.dtype),
          torch.zeros(3, dtype=x.dtype)), normal((5, 4), (4, 3), (3,)),
          wrong={"bias as without norm": lambda x, w, b: batch_norm(
              x @ w + b.detach(), torch.ones(3, dtype=x.dtype), b * 5)}),
        *(S(f"layer norm of {d}", layer_norm, turned(d),
            wrong={"variance": lambda x, g, b: layer_norm(x, g, b, detach="var")})
          for d in (2, 3, 5)),
        S("group norm", lambda x: F.group_norm(x, 2), normal((2, 4, 3))),
        S("RMS norm", lambda x, g: g * x / torch.sqrt((x * x).mean(1, keepdim=True) + 1e-5),
          normal((3, 5), (5,))),
        S("length of rows", lambda x: torch.sqrt((x * x).sum(1)), normal((4, 3))),
        S("cosine similarity", F.cosine_similarity, normal((4, 3), (4, 3))),
    ]  # fmt: skip


def networks() -> list[Situation]:
    """Several layers together."""
    S = Situation  # noqa: N806 - the rows below are a table
    qkv = normal((4, 3), (4, 3), (4, 2))
    steps = normal((4, 2, 3), (3, 4), (4, 4), (4,), scale=0.6)
    lstm = normal((2, 3), (2, 2), (2, 2), (3, 8), (2, 8), (8,), scale=0.7)
    return [
        S("attention, causal mask", attention, qkv,
          wrong={"scale": lambda q, k, v: attention(q, k, v) + 0 * q.sum() + (
              attention(q.detach(), k, v) - attention(q.detach(), k, v).detach()) * 0.7}),
        S("attention", lambda q, k, v: attention(q, k, v, masked=False), qkv),
        S("two heads", lambda q, k, v: torch.cat(
            [attention(q[:, i::2], k[:, i::2], v[:, i::2], masked=False) for i in (0, 1)], 1),
          normal((3, 4), (3, 4), (3, 4))),
        S("unrolled recurrence", recurrence, steps,
          wrong={"cut": lambda x, w, u, b: recurrence(x, w, u, b, cut=2)}),
        S("LSTM step", lstm_step, lstm,
          wrong={"forget gate": lambda *a: lstm_step(*a, forget=True)}),
        S("GRU step", gru_step, normal((2, 3), (2, 2), (3, 6), (2, 6))),
        S("tied weights", autoencoder, normal((3, 4), (4, 2)),
          wrong={"one use": lambda x, w: autoencoder(x, w, tied=False)}),
        S("residual", lambda x, w: x + torch.tanh(x @ w), normal((3, 4), (4, 4))),
        S("two layers", lambda x, w, v: torch.tanh(x @ w) @ v, normal((3, 4), (4, 5), (5, 2))),
        S("gated", lambda x, w, v: torch.sigmoid(x @ w) * (x @ v), normal((3, 4), (4, 3), (4, 3))),
        S("bilinear", lambda x, w, y: torch.einsum("ni,ijk,nj->nk", x, w, y),
          normal((3, 2), (2, 4, 3), (3, 4))),
        S("contrastive", lambda x, y: torch.logsumexp(x @ y.T, 1) - (x * y).sum(1),
          normal((3, 4), (3, 4))),
    ]  # fmt: skip


def algebra() -> list[Situation]:
    """Linear algebra, sums and transforms."""
    S = Situation  # noqa: N806 - the rows below are a table
    most = ("float64", "float32")
    return [
        S("inverse of a symmetric matrix", lambda s: torch.linalg.inv((s + s.T) / 2), symmetric, types=most),
        S("log-determinant", lambda s: torch.logdet((s + s.T) / 2), symmetric, types=most),
        S("Cholesky", lambda s: torch.linalg.cholesky((s + s.T) / 2), symmetric, types=most),
        S("Cholesky, declared symmetric", cholesky, symmetric, symmetric=("s",), types=most),
        S("linear system", torch.linalg.solve,
          lambda rng: ((symmetric(rng)[0][0], rng.normal(size=(3, 2))), {}), types=most),
        S("power of a Fourier transform", lambda x: torch.fft.fft(x).abs() ** 2, normal((8,)), types=most),
        S("cumulative sum", lambda x: torch.cumsum(x, 0), normal((7,))),
        S("cumulative product", lambda x: torch.cumprod(x, 0), normal((5,))),
        S("log of a sum", lambda x: torch.logsumexp(x, 1), normal((3, 5))),
        S("cube", lambda x: x**3, normal((4, 3))),
        S("reciprocal", lambda x: 1 / x, around(2.0, 0.5)),
        S("exponential", torch.exp, normal((4, 3))),
        S("Kullback-Leibler", lambda p, q: (p * (torch.log(p) - torch.log(q))).sum(1),
          lambda rng: ((rng.uniform(0.1, 1, (3, 4)), rng.uniform(0.1, 1, (3, 4))), {})),
        S("x log x", lambda x: x * torch.log(x), lambda rng: ((rng.uniform(0.05, 1, (3, 4)),), {})),
    ]  # fmt: skip


def kinks() -> list[Situation]:
    """Kinks, ties and near ties, at distance 0 and at 10⁻³ to 10⁻¹²."""
    S = Situation  # noqa: N806 - the rows below are a table

    def at_zero(rng: np.random.Generator):
        x = np.array([0.8, 0.0, -0.6, 0.0, 1.5, -1.2]) * rng.uniform(0.9, 1.1, 6)
        return (x,), {}

    def zero(gradients: list[Array], arrays: tuple[Array, ...], dout: Array) -> list[Array]:
        return [arrays[0] == 0]

    def tied(gradients: list[Array], arrays: tuple[Array, ...], dout: Array) -> list[Array]:
        return [np.isin(arrays[0], [3.0, 2.5])]

    distances = [10.0**-k for k in (3, 4, 6, 8, 10, 12)]
    double = ("float64",)
    return [
        *(S(f"ReLU at {d:g}", torch.relu, near(RELU, 3, d), types=double,
            kinked=lambda g, arrays, dout: [np.abs(arrays[0]) < 1e-2],
            wrong={"slope 2 there": lambda x: torch.where(x.abs() < 1e-2, torch.relu(x).detach() + 2 * (x - x.detach()), torch.relu(x)),
                   "slope -1 there": lambda x: torch.where(x.abs() < 1e-2, torch.relu(x).detach() - x + x.detach(), torch.relu(x))})
          for d in distances),
        S("ReLU at 0", torch.relu, at_zero, kinked=zero,
          right={"slope 1/2": slope_at_zero(0.5), "slope 1": slope_at_zero(1.0)},
          wrong={"slope 2": lambda x: torch.where(x == 0, 2 * x, torch.relu(x)),
                 "slope -1": lambda x: torch.where(x == 0, -x, torch.relu(x))}),
        S("absolute value at 1e-7", torch.abs, near(RELU, 3, 1e-7), types=double),
        S("leaky ReLU", lambda x: F.leaky_relu(x, 0.1), normal((4, 3))),
        S("clipped", lambda x: torch.clamp(x, -1, 1), around(1.0, 1e-5), types=double),
        S("Huber", huber, normal((6,))),
        S("Huber at its joint", huber, around(1.0, 1e-6), types=double),
        S("hinge", hinge, normal((6,))),
        S("hinge at the margin", hinge, around(1.0, 1e-5), types=double,
          kinked=lambda g, arrays, dout: [np.abs(np.abs(arrays[0]) - 1) < 1e-4]),
        S("max pooling with ties", lambda x: F.max_pool2d(x, 2), with_ties, kinked=tied,
          right={"shared": shared_ties},
          wrong={"everybody": lambda x: F.max_pool2d(x, 2).detach() + torch.nn.functional.avg_pool2d(
              (x - x.detach()) * (x == F.interpolate(F.max_pool2d(x, 2), scale_factor=2)), 2) * 4}),
        S("sort, near tie", lambda x: torch.sort(x).values, near_tie(1e-8), types=double,
          wrong={"not inverted": lambda x: torch.sort(x).values.detach() + (x - x.detach())}),
        S("top three, near tie", lambda x: torch.topk(x, 3).values, near_tie(1e-7), types=double),
        S("maximum, near tie", lambda x: x.amax(), lambda rng: (
            (np.concatenate([rng.uniform(-1, 1, 4), [2.0, 2.0 + 1e-6]]),), {}), types=double),
        S("median", lambda x: x.median(), normal((7,))),
    ]  # fmt: skip


def edges() -> list[Situation]:
    """Shapes, memory, magnitudes, and the edge of the domain."""
    S = Situation  # noqa: N806 - the rows below are a table

    def broadcast(rng: np.random.Generator):
        return (rng.normal(size=(3, 3)), np.broadcast_to(rng.normal(), 3)), {}

    def reversed_view(rng: np.random.Generator):
        return (rng.normal(size=(5, 3)).T[::-1],), {}

    def spread(rng: np.random.Generator):
        return (
            10.0 ** np.arange(-8.0, 9.0, 2) * rng.uniform(1, 2, 9) * rng.choice([-1, 1], 9),
        ), {}

    double, most = ("float64",), ("float64", "float32")
    return [
        S("a batch of no rows", affine, normal((0, 3), (3, 2), (2,))),
        S("no features", affine, normal((4, 0), (0, 2), (2,))),
        S("overlapping memory", lambda w, x: w @ x, broadcast),
        S("reversed view", torch.tanh, reversed_view),
        S("transposed output", lambda x, w: (x @ w).T, normal((3, 3), (3, 3))),
        S("squares of 10⁶, 1 and 10⁻⁶", lambda x: x * x, fixed([1e6, 1.0, 1e-6], jitter=0.3), types=most),
        S("10⁻⁸ to 10⁸, squares", lambda x: x * x, spread, types=most),
        S("10⁻⁸ to 10⁸, times three", lambda x: 3 * x, spread, types=most),
        S("about 10²⁰⁰", lambda x: 3 * x, fixed([[1e200, -2e200, 3e200]], jitter=0.3), types=double),
        S("about 10⁻³⁰", lambda x: torch.sin(x * 1e30), fixed([[1e-30, -2e-30, 3e-30]], jitter=0.3),
          types=double),
        S("squares near 10⁸", lambda x: x * x, fixed([1e8, 1.1e8, -1.3e8], jitter=0.1), types=most),
        S("logarithm of small probabilities", torch.log, fixed([1e-4, 0.2, 0.3, 0.25, 0.2], jitter=0.2),
          types=most),
        S("root near 0", torch.sqrt, fixed([1e-6, 0.5, 1.0, 2.0], jitter=0.3), types=most),
        S("sigmoid, partly saturated", torch.sigmoid, fixed([-12.0, -1.0, 0.5, 8.0], jitter=0.1),
          types=most),
        S("constant", lambda x: 0 * x.detach() + 2.0 + 0 * x, normal((3, 2))),
        S("constant in one argument", lambda x, y: torch.tanh(x) + 0 * y.sum(), normal((3, 2), (2,))),
        S("a large offset", lambda x: 1000 + torch.tanh(x), normal((4, 3)), types=double),
    ]  # fmt: skip


def coarse() -> list[Situation]:
    """Forwards whose slopes cannot be seen: too coarse, or too noisy."""
    S = Situation  # noqa: N806 - the rows below are a table
    double = ("float64",)
    return [
        S("cube in bfloat16", straight(lambda x: x**3, in_bfloat16), sixteenths((4, 3)), coarse=True, types=double),
        S("tanh, two decimals", straight(torch.tanh, two_decimals), normal((4, 3)), coarse=True, types=double),
        S("affine, two decimals", straight(affine, two_decimals), normal((4, 3), (3, 2), (2,)), coarse=True,
          types=double),
        S("convolution with noise", noisy(conv, 1e-2), normal((2, 3, 5, 5), (2, 3, 3, 3), (2,)), coarse=True,
          types=double),
        S("max pooling with noise", noisy(lambda x: F.max_pool2d(x, 2), 1e-2), normal((2, 2, 4, 6)),
          coarse=True, types=double),
        S("tanh with noise", noisy(torch.tanh, 1e-2), normal((3, 4)), coarse=True, types=double),
        S("saturated sigmoid", torch.sigmoid, lambda rng: ((rng.uniform(25, 29, (3, 2)),), {}), coarse=True,
          types=double),
    ]  # fmt: skip
