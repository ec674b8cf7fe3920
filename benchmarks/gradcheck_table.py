"""How often the gradient check is wrong: correct layers that it fails, mutants that it passes.

    python benchmarks/gradcheck_table.py --seeds 200

Every layer of the course is drawn with designed inputs and checked as it is, computed in double and
in single precision inside, and with each of a list of mistakes in its backward pass: gross ones (a
sign, a factor, a flip, a missing sum) and small ones (one entry off by 10^-3 or 10^-4 of itself).
The reference's gradient is not given to the check, so that only the numeric method is judged;
`--exact` gives it, as `grade` does.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from grader.checking.gradients.gradcheck import check_layer, check_loss
from grader.checking.gradients.known import know
from grader.checking.gradients.probe import flatten
from grader.checks import distinct_values, grid_values

SOLUTIONS = Path(__file__).resolve().parent.parent / "solutions"

Array = np.ndarray
Gradients = list[Array]


@dataclass(frozen=True)
class Layer:
    """One configuration of a layer.

    Attributes:
        name: what the table calls it.
        forward, backward: the reference's functions.
        arrays: draws the arguments.
        parameters: keyword arguments.
        piecewise: whether it is piecewise linear (class L).
    """

    name: str
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    arrays: Callable[[np.random.Generator], tuple[Any, ...]]
    parameters: dict[str, Any]
    piecewise: bool


def layers() -> list[Layer]:
    """The layers of the course, each with sizes that tell axes apart."""
    sys.path.insert(0, str(SOLUTIONS))
    try:
        act, fc, conv, pool, drop = (
            importlib.import_module(name)
            for name in (
                "ex02_activations",
                "ex03_fully_connected",
                "ex04_convolution",
                "ex05_pooling",
                "ex06_dropout",
            )
        )
    finally:
        sys.path.remove(str(SOLUTIONS))

    def images(rng: np.random.Generator) -> tuple[Array, ...]:
        return (grid_values(rng, (2, 3, 6, 5)), grid_values(rng, (4, 3, 3, 2)), grid_values(rng, 4))

    def picture(rng: np.random.Generator) -> tuple[Array, ...]:
        return (distinct_values(rng, (2, 3, 6, 4), step=1 / 8),)

    def grid(rng: np.random.Generator) -> tuple[Array, ...]:
        return (grid_values(rng, (4, 6)),)

    def dense(rng: np.random.Generator) -> tuple[Array, ...]:
        return (grid_values(rng, (2, 3, 4)), grid_values(rng, (12, 5)), grid_values(rng, 5))

    def network(rng: np.random.Generator) -> tuple[Any, ...]:
        while True:
            x = grid_values(rng, (2, 4))
            w1, b1, w2, b2 = (grid_values(rng, s) for s in ((4, 6), 6, (6, 3), 3))
            if np.abs(x @ w1 + b1).min() > 1 / 4:  # no unit near its kink
                return x, [(w1, b1), (w2, b2)]

    return [
        Layer("convolution", conv.conv_forward, conv.conv_backward, images, {}, True),
        Layer("convolution, stride 2, pad 1", conv.conv_forward, conv.conv_backward, images,
              {"stride": 2, "pad": 1}, True),
        Layer("convolution, stride 3, pad 2", conv.conv_forward, conv.conv_backward, images,
              {"stride": 3, "pad": 2}, True),
        Layer("affine", fc.affine_forward, fc.affine_backward, dense, {}, True),
        Layer("relu", act.relu_forward, act.relu_backward, grid, {}, True),
        Layer("max pooling", pool.max_pool_forward, pool.max_pool_backward, picture, {}, True),
        Layer("max pooling, overlapping", pool.max_pool_forward, pool.max_pool_backward, picture,
              {"size": 3, "stride": 1}, True),
        Layer("average pooling", pool.average_pool_forward, pool.average_pool_backward, picture,
              {}, True),
        Layer("average pooling 3, stride 2", pool.average_pool_forward, pool.average_pool_backward,
              picture, {"size": 3, "stride": 2}, True),
        Layer("dropout", drop.dropout_forward, drop.dropout_backward, grid,
              {"p_drop": 0.3, "training": True, "rng": np.random.default_rng(5)}, True),
        Layer("sigmoid", act.sigmoid_forward, act.sigmoid_backward, grid, {}, False),
        Layer("L2 pooling", pool.l2_pool_forward, pool.l2_pool_backward, picture, {}, False),
        Layer("L2 pooling, overlapping", pool.l2_pool_forward, pool.l2_pool_backward, picture,
              {"size": 3, "stride": 2}, False),
        Layer("network with ReLU", fc.mlp_forward, fc.mlp_backward, network, {}, False),
    ]  # fmt: skip


def losses() -> list[
    tuple[str, Callable[..., Any], Callable[[np.random.Generator], tuple[Any, ...]]]
]:
    """The course's losses that return their gradient beside their value."""
    sys.path.insert(0, str(SOLUTIONS))
    try:
        loss = importlib.import_module("ex07_losses")
    finally:
        sys.path.remove(str(SOLUTIONS))
    return [
        ("cross-entropy", loss.cross_entropy_loss,
         lambda rng: (grid_values(rng, (4, 5)), rng.integers(0, 5, 4))),
        ("mean squared error", loss.mse_loss,
         lambda rng: (grid_values(rng, (4, 5)), grid_values(rng, (4, 5)) + 1 / 32)),
    ]  # fmt: skip


# Mistakes ----------------------------------------------------------------------------------------


def gross(gradients: Gradients, rng: np.random.Generator) -> Iterator[tuple[str, Gradients]]:
    """Gross mistakes, in one of the gradients at a time. Those that change nothing are left out."""
    for index, g in enumerate(gradients):
        for name, wrong in _gross(g, rng):
            if wrong.shape == g.shape and np.abs(wrong - g).max() > 1e-2 * np.abs(g).max():
                yield (
                    f"{name} of gradient {index}",
                    [*gradients[:index], wrong, *gradients[index + 1 :]],
                )


def _gross(g: Array, rng: np.random.Generator) -> Iterator[tuple[str, Array]]:
    yield "wrong sign", -g
    yield "doubled", 2 * g
    yield "halved", g / 2
    yield "zero", np.zeros_like(g)
    yield "divided by the first size", g / g.shape[0]
    yield "sign lost", np.abs(g)
    yield "negative part lost", np.maximum(g, 0)
    yield "reversed", np.flip(g)
    yield "shifted", np.roll(g, 1, -1)
    yield "only the last of the first axis", np.concatenate([0 * g[:-1], g[-1:]])
    yield "last row lost", np.concatenate([g[:-1], 0 * g[-1:]])
    one = g.copy()
    one.flat[int(np.argmax(np.abs(g)))] = 0.0
    yield "largest entry lost", one
    yield "ten per cent too large", 1.1 * g
    yield "shuffled", rng.permutation(g.ravel()).reshape(g.shape)


def small(gradients: Gradients, rng: np.random.Generator) -> Iterator[tuple[str, Gradients]]:
    """One entry, of at least a tenth of the largest, off by a thousandth or a ten-thousandth."""
    for size in (1e-3, 1e-4):
        for index, g in enumerate(gradients):
            large = np.flatnonzero(np.abs(g.ravel()) > 0.1 * np.abs(g).max())
            if large.size:
                wrong = g.copy()
                wrong.flat[rng.choice(large)] *= 1 + size
                name = f"entry of gradient {index} off by {size:g}"
                yield name, [*gradients[:index], wrong, *gradients[index + 1 :]]


# Running -----------------------------------------------------------------------------------------


def rebuild(like: Any, leaves: Iterator[Array]) -> Any:
    """Leaves put back into the nesting of `like`."""
    if isinstance(like, list | tuple):
        return type(like)(rebuild(part, leaves) for part in like)
    return next(leaves)


def in_single(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, computing in float32."""

    def cast(value: Any, kind: type) -> Any:
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            return value.astype(kind)
        if isinstance(value, list | tuple):
            return type(value)(cast(v, kind) for v in value)
        return value

    def single(*arguments: Any, **parameters: Any) -> Any:
        return function(*(cast(a, np.float32) for a in arguments), **parameters)

    return single


class Tally(Counter[str]):
    """Counts, under each column, what was tried and what came out wrong."""

    def note(self, column: str, bad: bool, what: str) -> None:
        """One more in `column`; a wrong one is named on standard error."""
        self[f"{column} tried"] += 1
        self[f"{column} wrong"] += bad
        if bad:
            print(f"  {column}: {what}", file=sys.stderr)


def run(seeds: int, *, exact: bool, every: int = 1) -> Tally:
    """Judge all layers and losses with `seeds` seeds, mutants at every so many of them."""
    tally = Tally()
    for layer in layers():
        for seed in range(seeds):
            try_layer(layer, seed, tally, exact=exact, mutants=seed % every == 0)
    for name, function, draw in losses():
        for seed in range(seeds):
            try_loss(name, function, draw, seed, tally, mutants=seed % every == 0)
    return tally


def try_layer(layer: Layer, seed: int, tally: Tally, *, exact: bool, mutants: bool) -> None:
    """One layer with one seed: right, right in float32, and with every mistake."""
    kind = "L" if layer.piecewise else "S"
    arrays = layer.arrays(np.random.default_rng([seed, zlib.crc32(layer.name.encode())]))
    known = None
    if exact:
        known = know(layer.forward, layer.backward, arrays, layer.parameters, seed=seed)

    def judge(forward: Callable[..., Any], backward: Callable[..., Any]) -> bool:
        rng = np.random.default_rng(seed)
        return check_layer(
            forward, backward, arrays, layer.parameters, rng=rng, known=known
        ).passed  # fmt: skip

    what = f"{layer.name}, seed {seed}"
    tally.note(f"{kind} correct float64", not judge(layer.forward, layer.backward), what)
    single = judge(in_single(layer.forward), in_single(layer.backward))
    tally.note(f"{kind} correct float32", not single, what)
    for column, mistakes in (("gross", gross), ("small", small)) if mutants else ():
        names = [n for n, _ in mistakes(sample(layer, arrays), np.random.default_rng(seed))]
        for name in names:
            changes: list[bool] = []
            passed = judge(layer.forward, mutated(layer.backward, mistakes, name, seed, changes))
            if any(changes):  # else two equal entries were swapped: no mistake with this dout
                tally.note(f"{kind} {column}", passed, f"{what}, {name}")


def try_loss(
    name: str,
    function: Callable[..., Any],
    draw: Callable[[np.random.Generator], tuple[Any, ...]],
    seed: int,
    tally: Tally,
    *,
    mutants: bool,
) -> None:
    """One loss with one seed, likewise."""
    arrays = draw(np.random.default_rng([seed, zlib.crc32(name.encode())]))

    def judge(loss: Callable[..., Any]) -> bool:
        return check_loss(loss, arrays, {}, rng=np.random.default_rng(seed)).passed

    what = f"{name}, seed {seed}"
    tally.note("S correct float64", not judge(function), what)
    tally.note("S correct float32", not judge(in_single(function)), what)
    for column, mistakes in (("gross", gross), ("small", small)) if mutants else ():
        names = [n for n, _ in mistakes([function(*arrays)[1]], np.random.default_rng(seed))]
        for number, mistake in enumerate(names):
            passed = judge(mutated_loss(function, mistakes, number, seed))
            tally.note(f"S {column}", passed, f"{what}, {mistake}")


def sample(layer: Layer, arrays: tuple[Any, ...]) -> Gradients:
    """Gradients of a layer for some `dout`, to see which mistakes change anything."""
    out, cache = layer.forward(*arrays, **fresh(layer.parameters))
    dout = grid_values(np.random.default_rng(0), out.shape, limit=1.0, step=1 / 32)
    return flatten(layer.backward(dout, cache))


def fresh(parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters with a generator in its starting state."""
    import copy

    return copy.deepcopy(parameters)


def mutated(
    backward: Callable[..., Any],
    mistakes: Callable[..., Any],
    name: str,
    seed: int,
    changes: list[bool],
) -> Callable[..., Any]:
    """`backward` with the mistake `name`; `changes` notes at each call whether it made a difference."""

    def wrong(dout: Array, cache: Any) -> Any:
        right = backward(dout, cache)
        if not dout.any():
            return right
        made = dict(mistakes(flatten(right), np.random.default_rng(seed)))
        if name not in made:  # with this dout it makes hardly any difference
            return right
        pairs = zip(flatten(right), made[name], strict=True)
        changes.append(any(not np.array_equal(a, b) for a, b in pairs))
        return rebuild(right, iter(made[name]))

    return wrong


def mutated_loss(
    function: Callable[..., Any], mistakes: Callable[..., Any], number: int, seed: int
) -> Callable[..., Any]:
    """A loss whose gradient has mistake `number`."""

    def wrong(*arrays: Any) -> Any:
        value, gradient = function(*arrays)
        return value, list(mistakes([gradient], np.random.default_rng(seed)))[number][1][0]

    return wrong


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--every", type=int, default=1, help="mutants at every so many seeds only")
    parser.add_argument(
        "--exact", action="store_true", help="give the check the reference's gradient"
    )
    options = parser.parse_args()
    counts = run(options.seeds, exact=options.exact, every=options.every)
    columns = ("correct float64", "correct float32", "gross", "small")
    heads = ("correct failed, float64", "correct failed, float32", "gross passed", "small passed")
    print("| class | " + " | ".join(heads) + " |\n|---|---|---|---|---|")
    for kind in ("L", "S"):
        cells = [
            f"{counts[f'{kind} {c} wrong']} of {counts[f'{kind} {c} tried']:,}" for c in columns
        ]
        print(f"| {kind} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
