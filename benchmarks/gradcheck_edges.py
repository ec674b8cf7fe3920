"""How often the gradient check is wrong at its edges: what it cannot confirm, what it lets pass.

    python benchmarks/gradcheck_edges.py --seeds 200

Every situation of `gradient_situations.py` and `gradient_further.py` is drawn anew for each seed and computed in float64, float32
and float16 inside. Right gradients are PyTorch's, in the forward's type and in float64; wrong ones are mutants
of them, or PyTorch's for a function that forgets something. Each is checked twice: with the trusted pair (the same function in
float64) and without. Printed are, by situation and type, what came out wrong of how many:

* right code that was not confirmed, with the trusted pair and without. Without a pair "inconclusive" is
  the honest answer in float16, and where a ten-thousandth of the gradient (in float64 a millionth)
  is less than PyTorch's own rounding, or a ten-thousandth than the outputs' over a step as large as
  the argument: one that is a hundredth off looks the same. There only a right gradient that is called wrong counts. Where float16
  leaves PyTorch nothing but rounding, it is left out;
* wrong code that passed, likewise, and where the forward is too coarse to measure. It counts where it is
  off by more than its type can tell, for the `dout` of the benchmark and for one that the check asked for,
  for which float16 leaves PyTorch more than rounding;
* forward calls of a check of right code without a pair, in the median and mean.

Needs PyTorch.
"""

from __future__ import annotations

import argparse
import inspect
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from statistics import mean, median
from typing import Any

import numpy as np
import torch
from gradient_functions import Array
from gradient_further import further
from gradient_situations import Situation, situations

from grader.checking.gradients.slopes import length, rms
from grader.checks import check_gradient

TYPES = {"float64": torch.float64, "float32": torch.float32, "float16": torch.float16}
COLUMNS = (
    "right, pair",
    "right, alone",
    "wrong, pair",
    "wrong, alone",
    "coarse, wrong",
    "coarse, right",
)


class Layer:
    """A situation as a forward and a backward pass that compute in one type.

    What PyTorch has not got in float16 is computed in float64 and rounded.
    """

    def __init__(self, situation: Situation, kind: str, *, trusted: bool = False) -> None:
        self.function, self.kind = situation.function, TYPES[kind]
        if trusted:  # a trusted forward has neither noise nor rounding
            self.function = getattr(self.function, "smooth", self.function)

        def forward(*arrays: Array, **parameters: Any) -> tuple[Array, Any]:
            out, _ = self._run(self.function, arrays, parameters)
            return out.detach().numpy(), (arrays, parameters)

        if situation.symmetric:  # only there the names matter
            forward.__signature__ = inspect.signature(situation.function)  # type: ignore[attr-defined]
        self.forward = forward

    def backward(self, dout: Array, cache: Any) -> tuple[Array, ...]:
        """PyTorch's gradients."""
        return self.differentiate(self.function, dout, cache)

    def backwards(self) -> dict[str, Callable[..., tuple[Array, ...]]]:
        """The right ones, by their names: also one that forgets to compute in few digits, as the forward does."""
        right = {"right": self.backward}
        return (
            right if self.kind == torch.float64 else {**right, "right in float64": self.in_double}
        )

    def in_double(self, dout: Array, cache: Any) -> tuple[Array, ...]:
        """PyTorch's gradients in float64, of the arguments that this type has left."""
        arrays, parameters = cache
        there = copy(self)
        there.kind = torch.float64
        rounded = [torch.as_tensor(np.array(a, float)).to(self.kind).numpy() for a in arrays]
        return there.differentiate(self.function, dout, (rounded, parameters))

    def differentiate(
        self, function: Callable[..., Any], dout: Array, cache: Any
    ) -> tuple[Array, ...]:
        """The gradients of `function`, which need not be the forward."""
        out, leaves = self._run(function, *cache)
        seed = torch.as_tensor(np.asarray(dout, float).copy()).to(out.dtype)
        if not out.requires_grad:
            return tuple(np.zeros(leaf.shape) for leaf in leaves)
        got = torch.autograd.grad(out, leaves, seed, allow_unused=True)
        found = [torch.zeros_like(x) if g is None else g for g, x in zip(got, leaves, strict=True)]
        return tuple(g.to(self.kind).numpy() for g in found)

    def _run(self, function: Callable[..., Any], arrays: Any, parameters: Any) -> Any:
        for kind in (self.kind, torch.float64):
            leaves = [
                torch.as_tensor(np.array(a, float)).to(self.kind).to(kind).requires_grad_()
                for a in arrays
            ]
            try:
                return function(*leaves, **parameters).to(self.kind), leaves
            except RuntimeError as error:
                if "not implemented" not in str(error):
                    raise
        raise AssertionError("unreachable")


# Mistakes ----------------------------------------------------------------------------------------

Mistake = Callable[[list[Array], np.random.Generator], list[Array]]


def mutants(which: int, kinked: list[Array]) -> Iterator[tuple[str, Mistake]]:
    """Mistakes in gradient number `which`."""

    def change(do: Callable[[Array, np.random.Generator], Array]) -> Mistake:
        def wrong(gradients: list[Array], rng: np.random.Generator) -> list[Array]:
            changed = np.asarray(do(np.asarray(gradients[which], float), rng))
            return [*gradients[:which], changed, *gradients[which + 1 :]]

        return wrong

    def one_entry(g: Array, rng: np.random.Generator) -> Array:
        clear = (np.abs(g) > 0.1 * np.abs(g).max(initial=0)) & ~kinked[which]
        g = g.copy()
        if clear.any():
            g.flat[rng.choice(np.flatnonzero(clear))] *= 1.5
        return g

    def smallest_lost(g: Array, rng: np.random.Generator) -> Array:
        sizes = np.where((g == 0) | kinked[which], np.inf, np.abs(g))
        g = g.copy()
        if np.isfinite(sizes).any():
            g.flat[np.argmin(sizes)] = 0
        return g

    yield "sign", change(lambda g, rng: -g)
    yield "zero", change(lambda g, rng: 0 * g)
    yield "doubled", change(lambda g, rng: 2 * g)
    yield "1 % off", change(lambda g, rng: 1.01 * g)
    yield (
        "random",
        change(lambda g, rng: np.sqrt(np.mean(g**2)) * rng.normal(size=g.shape) if g.size else g),
    )
    yield "one entry", change(one_entry)
    yield "smallest lost", change(smallest_lost)


def differs(wrong: list[Array], right: list[Array], kind: str, *, pair: bool) -> bool:
    """Whether a mutant is one: off by more than its type can tell.

    With a trusted pair, and in float64, each entry counts by its own size; in few digits and alone,
    what is small beside the largest is below the noise.
    """
    room = {"float64": 1e-6, "float32": 1e-3, "float16": 0.1}[kind]
    own = 1e-3 if kind == "float64" or (pair and kind == "float32") else 0.5
    largest = max(np.abs(r).max(initial=0) for r in right)
    return any(
        (np.abs(w - r) > room * (np.abs(r) + own * np.abs(r).max(initial=0)) + 1e-300).any()
        for w, r in zip(wrong, right, strict=True)
        if np.abs(r).max(initial=0) > 1e-10 * largest  # rounding, mutated, is still rounding
    )


def too_few_digits(found: list[Array], right: list[Array], natural: list[float], kind: str) -> bool:
    """Whether a gradient is beyond this type, for all that is large in it cancels: PyTorch's own is off,
    or a ten-thousandth of it is less than one rounding of the outputs over a step as large as the
    argument."""
    room = {"float64": 1e-6, "float32": 1e-4, "float16": 2e-2}[kind]
    rounding = {"float64": 2.0**-53, "float32": 2.0**-24, "float16": 0.0}[kind]
    return any(
        np.abs(f - r).max(initial=0) > room * np.abs(r).max(initial=0)
        or rounding * n * r.any() > 1e-4 * np.abs(r).max(initial=0)
        for f, r, n in zip(found, right, natural, strict=True)
    )


# Running -----------------------------------------------------------------------------------------


class Table:
    """What was tried and what came out wrong, by situation and type."""

    def __init__(self) -> None:
        self.tried: Counter[tuple[str, str]] = Counter()
        self.bad: Counter[tuple[str, str]] = Counter()
        self.failed = 0
        self.calls: list[int] = []
        self.cases: dict[str, list[int]] = defaultdict(list)

    def note(self, row: str, column: str, what: str, seed: int, *, bad: bool) -> None:
        """One more; a bad one is named by what it is, and its seed."""
        self.tried[row, column] += 1
        self.bad[row, column] += bad
        if bad:
            self.cases[f"{row}: {column}: {what}"].append(seed)


def try_situation(situation: Situation, kind: str, seed: int, table: Table) -> None:
    """One situation with one seed: right and wrong gradients, with a trusted pair and without."""
    rng = np.random.default_rng([seed, zlib.crc32(situation.name.encode())])
    arrays, parameters = situation.draw(rng)
    layer, exact = Layer(situation, kind), Layer(situation, "float64", trusted=True)
    row = f"{situation.name} [{kind}]"
    out, cache = exact.forward(*arrays, **parameters)
    dout = np.random.default_rng(seed).normal(size=out.shape)
    right = [np.asarray(g, float) for g in exact.backward(dout, cache)]
    kinked = [np.zeros(g.shape, bool) for g in right]
    if situation.kinked:
        kinked = [np.asarray(k) for k in situation.kinked(right, arrays, dout)]

    native = layer.backward(dout, layer.forward(*arrays, **parameters)[1])
    found = [np.asarray(g, float) for g in native]
    natural = [length(dout * out) / (rms(np.asarray(a)) or 1.0) for a in arrays]
    told: set[bool] = (
        set()
    )  # with a pair and without, whether a mutant differs for what the check asked
    few = too_few_digits(found, right, natural, kind)
    if few and kind == "float16":
        return  # no check can tell these right gradients from wrong ones

    def judge(column: str, what: str, backward: Callable[..., Any], *, good: bool,
              wrong: list[Array] | None = None) -> None:  # fmt: skip
        for pair in (True, False):
            if wrong is not None and not differs(wrong, right, kind, pair=pair):
                continue
            told.clear()
            verdict = check_gradient(
                layer.forward,
                backward,
                *arrays,
                seed=seed,
                exact=(exact.forward, exact.backward) if pair else None,
                symmetric=situation.symmetric,
                **parameters,
            )
            if wrong is not None and pair not in told:
                continue
            outcome = str(verdict.outcome)
            if good and not pair and outcome == "right":
                table.calls.append(verdict.evaluations)
            if situation.coarse:
                bad = outcome == ("wrong" if good else "right")
                table.note(row, f"coarse, {column}", what, seed, bad=bad)
                continue
            honest = not pair and (few or kind == "float16") and outcome == "inconclusive"
            bad = (outcome != "right" and not honest) if good else outcome == "right"
            beside = "pair" if pair else "alone"
            table.note(row, f"{column}, {beside}", f"{what} {outcome}", seed, bad=bad)

    for name, backward in layer.backwards().items():
        judge("right", name, backward, good=True)
    for name, also in situation.right.items():
        judge("right", name, lambda d, c, f=also: f(list(layer.backward(d, c)), c[0], d), good=True)
    for name, function in situation.wrong.items():
        forgetful = layer.differentiate(function, dout, layer.forward(*arrays, **parameters)[1])
        if all(map(np.array_equal, forgetful, native)):
            continue  # with these numbers it forgets nothing
        judge("wrong", name, lambda d, c, f=function: layer.differentiate(f, d, c), good=False)
    for name, mistake in mutants(seed % len(right), kinked):
        changed = mistake(right, np.random.default_rng(seed))
        if differs(changed, right, kind, pair=True):

            def wrong(d: Array, c: Any, do: Mistake = mistake) -> tuple[Array, ...]:
                got = layer.backward(d, c)
                changed = do([np.asarray(g, float) for g in got], np.random.default_rng(seed))
                asked = [np.asarray(g, float) for g in exact.backward(d, cache)]
                if kind != "float16" or not too_few_digits(got, asked, natural, kind):
                    told.update(p for p in (True, False) if differs(changed, asked, kind, pair=p))
                return tuple(w.astype(g.dtype) for w, g in zip(changed, got, strict=True))

            judge("wrong", name, wrong, good=False, wrong=changed)


def run(seeds: range, only: Sequence[str] = (), kinds: tuple[str, ...] = tuple(TYPES)) -> Table:
    """All situations with these seeds."""
    table = Table()
    for situation in [*situations(), *further()]:
        if only and not any(part in situation.name for part in only):
            continue
        for kind in situation.types:
            for seed in seeds if kind in kinds else ():
                try_situation(situation, kind, seed, table)
    return table


def show(table: Table, *, every: bool) -> None:
    """Print the table; rows without a fault only if `every`."""
    rows = list(dict.fromkeys(row for row, _ in table.tried))
    print("| situation | " + " | ".join(COLUMNS) + " |\n|" + "---|" * (len(COLUMNS) + 1))
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        cells = []
        for column in COLUMNS:
            bad, tried = table.bad[row, column], table.tried[row, column]
            totals[column][0] += bad
            totals[column][1] += tried
            cells.append(f"{bad} of {tried:,}" if tried else "")
        if every or any(table.bad[row, column] for column in COLUMNS):
            print(f"| {row} | " + " | ".join(cells) + " |")
    print(
        "| all | " + " | ".join(f"{bad} of {n:,}" for bad, n in (totals[c] for c in COLUMNS)) + " |"
    )
    names = {row.rpartition(" [")[0] for row in rows}
    print(f"\n{len(names)} situations. Forward calls for right code without a pair: "
          f"median {median(table.calls or [0]):.0f}, mean {mean(table.calls or [0]):.0f}.")  # fmt: skip
    for case, seeds in sorted(table.cases.items(), key=lambda item: -len(item[1])):
        print(f"  {len(seeds):4} {case}: seeds {', '.join(map(str, seeds))}", file=sys.stderr)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="the first seed, to run in parts")
    parser.add_argument(
        "--only", action="append", help="situations whose name has this in it; repeatable"
    )
    parser.add_argument("--types", default=",".join(TYPES), help="such as float64,float32")
    parser.add_argument("--all", action="store_true", help="show the rows without a fault, too")
    options = parser.parse_args()
    torch.set_num_threads(1)
    seeds = range(options.first, options.first + options.seeds)
    show(run(seeds, options.only or (), tuple(options.types.split(","))), every=options.all)


if __name__ == "__main__":
    main()
