"""Statements that may be missing: a value that is never noted, an array that is never filled, and what is
done with one name and not with the other that belongs to it."""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from grader.checking.diagnosis.repair.nodes import LOAD, fresh, name
from grader.checking.diagnosis.repair.scope import Scope, paired

MAKES = ("zeros", "zeros_like", "empty", "empty_like")
ORDERS = ("reverse", "sort")  # what they are called on is as long as before
MOST_VALUES = 8
SAME = {"size", "stride", "pad"}  # for rows and columns


class Inserted(NamedTuple):
    """A statement, how unlikely it is, and after how many statements of its block it is to come."""

    statement: ast.stmt
    cost: float
    at: int


def inserted(block: list[ast.stmt], function: ast.FunctionDef, scope: Scope) -> Iterator[Inserted]:
    """The statements that a block may lack."""
    stores = _stored(block)
    ends = isinstance(block[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)
    inside = block is not function.body and not ends
    for target in never_filled(function, lists=True) if inside else ():
        append = ast.Attribute(name(target), "append", LOAD)
        for value in _notable(stores):
            yield Inserted(ast.Expr(ast.Call(append, [value], [])), 2.4, len(block))
    for target in never_filled(function, lists=False) if inside else ():
        for index in scope.indices:
            for value in _entries(block):
                place = ast.Subscript(name(target), index, ast.Store())
                yield Inserted(ast.AugAssign(place, ast.Add(), value), 2.8, len(block))
    yield from _begun_before(block, function, scope)
    texts = {ast.unparse(s) for s in block}
    mirror = _Mirror([*scope.names, *scope.undefined])
    for at, statement in enumerate(block):
        if isinstance(statement, ast.Assign | ast.AugAssign):
            other = mirror.visit(copy.deepcopy(statement))
            if ast.unparse(other) not in texts:
                yield Inserted(other, 3.0, at)


def begun(scope: Scope) -> Iterator[ast.stmt]:
    """Lists and the like that are filled, and made nowhere."""
    for word in scope.undefined:
        if word not in scope.filled:
            continue
        yield ast.Assign([ast.Name(word, ast.Store())], ast.List([], LOAD))
        for array in scope.arrays if scope.filled[word] == "entry" else ():
            count = ast.Call(name("len"), [name(array)], [])
            nothing = ast.BinOp(ast.List([ast.Constant(None)], LOAD), ast.Mult(), count)
            yield ast.Assign([ast.Name(word, ast.Store())], nothing)


def _begun_before(
    block: list[ast.stmt], function: ast.FunctionDef, scope: Scope
) -> Iterator[Inserted]:
    """The same before the first loop of a function."""
    if block is function.body and not any(isinstance(n, ast.Pass) for n in ast.walk(function)):
        at = next((i for i, s in enumerate(block) if isinstance(s, ast.For | ast.While)), None)
        for made in begun(scope) if at is not None else ():
            yield Inserted(made, 2.0, at or 0)


def _stored(block: list[ast.stmt]) -> list[str]:
    nodes = [n for s in block for n in ast.walk(s) if isinstance(n, ast.Name)]
    return list(dict.fromkeys(n.id for n in nodes if isinstance(n.ctx, ast.Store)))


def _notable(stores: list[str]) -> Iterator[ast.expr]:
    """What a list may collect: each value of a block, and pairs of values."""
    for first, second in itertools.zip_longest(stores, stores[1:], fillvalue=""):
        yield name(first)
        if second:
            yield ast.Tuple([name(first), name(second)], LOAD)


def _entries(block: list[ast.stmt]) -> Sequence[ast.expr]:
    """The entries of arrays that a block reads."""
    found = {
        ast.unparse(n): n
        for s in block
        for n in ast.walk(s)
        if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Load)
    }
    return list(found.values())[:MOST_VALUES]


def never_filled(function: ast.FunctionDef, *, lists: bool) -> list[str]:
    """The names of lists, or of arrays of zeros, into which nothing is ever put."""
    made: list[str] = []
    filled: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target, value in _single(node):
                empty = isinstance(value, ast.List) and not value.elts
                zeros = isinstance(value, ast.Call) and getattr(value.func, "attr", "") in MAKES
                if isinstance(target, ast.Name) and (empty if lists else zeros):
                    made.append(target.id)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            filled |= {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
        if isinstance(node, ast.AugAssign):
            filled |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            words = [n for n in ast.walk(node.value) if isinstance(n, ast.Name)]
            filled |= {n.id for n in words if getattr(node.value.func, "attr", "") not in ORDERS}
    return [n for n in dict.fromkeys(made) if n not in filled]


def _single(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    target, value = node.targets[0], node.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from zip(target.elts, value.elts, strict=False)
    else:
        yield target, value


def mirrored(node: ast.expr, names: Sequence[str]) -> ast.expr:
    """The same for columns as for rows, or the other way round; of numbers only 2 and 3 are exchanged."""
    sides = [n for n in names if n.lower() not in SAME]
    turned: ast.expr = _Mirror(sides, (2, 3)).visit(fresh(node))
    return turned


class _Mirror(ast.NodeTransformer):
    """Puts for each name the one that belongs to it, and exchanges 0 and 1, and 2 and 3, as far as they are
    `axes`."""

    def __init__(self, names: Sequence[str], axes: Sequence[int] = (0, 1, 2, 3)) -> None:
        self._names, self._axes = names, axes

    def visit_Name(self, node: ast.Name) -> ast.Name:
        twin = next((n for n in self._names if paired(node.id, n)), node.id)
        return ast.Name(twin, node.ctx)

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        plain = type(node.value) is int and node.value in self._axes
        return ast.Constant(node.value ^ 1) if plain else node  # type: ignore[operator]
