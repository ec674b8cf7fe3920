"""What an index or a slice may have been meant to be."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from grader.checking.diagnosis.repair.insertions import mirrored
from grader.checking.diagnosis.repair.nodes import LOAD, New, binary, call, name, swapped, with_
from grader.checking.diagnosis.repair.scope import Scope, Slot


def in_subscript(node: ast.Subscript, slot: Slot, scope: Scope) -> Iterator[New]:
    """What an entry or a part of an array may have been meant to be."""
    parts = any(isinstance(part, ast.Slice) for part in ast.walk(node.slice))
    yield New(node.value, "slice" if parts else "entry", 3.0, ("bare", ast.dump(node.slice)))
    if isinstance(node.value, ast.Name):
        for more in scope.indices:  # x[window] for x[n, c][window]
            inner = ast.Subscript(node.value, more, LOAD)
            yield New(with_(node, value=inner), "index", 4.2)
    for number in scope.numbered if not isinstance(slot.owner, ast.Subscript) else ():
        yield New(ast.Subscript(node, ast.Constant(number), LOAD), "index", 2.8)
    whole = ast.Slice(None, None, None)
    index = node.slice
    if isinstance(index, ast.Constant | ast.Name) and not isinstance(node.value, ast.Attribute):
        columns = with_(node, slice=ast.Tuple([whole, index], LOAD))
        yield New(columns, "index", 3.0, ("column",))
    if isinstance(index, ast.Tuple):
        for at in range(len(index.elts) - 1):
            new = with_(index, elts=swapped(index.elts, at))
            yield New(with_(node, slice=new), "index", 3.0)
        for at, part in enumerate(index.elts):
            if not (
                isinstance(part, ast.Slice) and not part.lower and not part.upper and not part.step
            ):
                some = [*index.elts[:at], whole, *index.elts[at + 1 :]]
                yield New(with_(node, slice=with_(index, elts=some)), "slice", 3.5)
        yield from _like_another(node, index, scope)
        for pad in (None, *scope.pads):
            crop = _crop(node, index, pad)
            if crop is not None:
                yield New(crop, "crop", 1.5 if pad is None else 2.0)
        if len(index.elts) == 2 and isinstance(index.elts[0], ast.Slice):
            rows = call(name("np.arange"), call(name("len"), node.value))
            new = with_(index, elts=[rows, index.elts[1]])
            yield New(with_(node, slice=new), "index", 3.5)


def _like_another(node: ast.Subscript, index: ast.Tuple, scope: Scope) -> Iterator[New]:
    """Columns like the rows beside them, and rows like the columns."""
    slices = [n for n in index.elts if isinstance(n, ast.Slice) and (n.lower or n.upper or n.step)]
    for one, other in itertools.permutations(slices, 2):
        turned = mirrored(one, scope.names)
        if ast.dump(turned) not in (ast.dump(other), ast.dump(one)):
            some = [turned if part is other else part for part in index.elts]
            yield New(with_(node, slice=with_(index, elts=some)), "slice", 2.8)


def _crop(node: ast.Subscript, index: ast.Tuple, pad: str | None) -> ast.expr | None:
    """`a[p:-p]` as `a[p:a.shape[k] - p]`, which holds for p = 0, too; with a `pad` in the place of p.
    None if there is nothing so."""
    parts: list[ast.expr] = []
    found = False
    for axis, part in enumerate(index.elts):
        if isinstance(part, ast.Slice) and isinstance(part.upper, ast.UnaryOp):
            whole = ast.Attribute(node.value, "shape", LOAD)
            length = ast.Subscript(whole, ast.Constant(axis), LOAD)
            border = part.upper.operand if pad is None else name(pad)
            lower = part.lower if pad is None else name(pad)
            parts.append(with_(part, lower=lower, upper=binary(length, ast.Sub(), border)))
            found = True
        else:
            parts.append(part)
    return with_(node, slice=with_(index, elts=parts)) if found else None


def in_slice(node: ast.Slice, slot: Slot, scope: Scope) -> Iterator[New]:
    """Where a slice may have been meant to begin and end."""
    if node.lower is not None:
        yield New(with_(node, lower=None), "slice", 3.0)
    if node.upper is not None:
        yield New(with_(node, upper=None), "slice", 3.0)
    if node.step is not None:
        yield New(with_(node, step=None), "slice", 3.0)
    else:
        steps = [n for n in scope.numbers if n in scope.parameters or "stride" in n or "step" in n]
        for step in steps:
            yield New(with_(node, step=name(step)), "step", 3.5, ("slice step", step))
    if node.upper is None or node.lower is None:
        yield New(with_(node, lower=node.upper, upper=node.lower), "slice", 3.5)
    if node.lower is None and node.upper is None and node.step is None:
        yield New(
            with_(node, step=ast.UnaryOp(ast.USub(), ast.Constant(1))), "slice", 3.5, ("flip",)
        )
        for other in scope.numbers:
            yield New(name(other), "index", 4.0)
            yield New(with_(node, upper=name(other)), "slice", 4.5)
    if node.lower is None and node.upper is not None:
        yield from _begun(node, scope)
    if node.lower is not None:
        yield from _ended(node, node.lower, scope)


def _ended(node: ast.Slice, lower: ast.expr, scope: Scope) -> Iterator[New]:
    """A slice with another end."""
    if isinstance(node.upper, ast.Name | ast.Constant):
        far = binary(lower, ast.Add(), node.upper)  # a:b for a:a + b
        yield New(with_(node, upper=far), "slice", 2.6, ("far",))
    begun = isinstance(node.upper, ast.BinOp) and ast.dump(node.upper.left) == ast.dump(lower)
    for length in scope.numbers:
        far = binary(lower, ast.Add(), name(length))
        yield New(with_(node, upper=far), "slice", 3.0 if begun else 3.5, ("window", length))


def _begun(node: ast.Slice, scope: Scope) -> Iterator[New]:
    """A slice with a beginning."""
    if isinstance(node.upper, ast.BinOp):  # :a + b for a:a + b
        yield New(with_(node, lower=node.upper.left), "slice", 2.0, ("begin",))
        yield New(with_(node, lower=node.upper.right), "slice", 2.6)
    for first in scope.numbers:
        yield New(with_(node, lower=name(first)), "slice", 3.8)
        for step in scope.numbers if first in scope.counters else ():
            if step not in scope.counters:
                begin = binary(name(first), ast.Mult(), name(step))
                yield New(with_(node, lower=begin), "slice", 4.0)
