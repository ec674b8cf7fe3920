"""New nodes of a syntax tree, made short."""

from __future__ import annotations

import ast
import copy
from typing import Any, NamedTuple

LOAD = ast.Load()


class New(NamedTuple):
    """An expression in the place of another; with a `field`, only that field of it is another."""

    value: Any
    kind: str
    cost: float
    sign: Any = None
    field: str = ""


def name(word: str) -> ast.expr:
    """The expression of a dotted name."""
    if "." not in word:  # as nearly all are
        return ast.Name(word, LOAD)
    first, *rest = word.split(".")
    value: ast.expr = ast.Name(first, LOAD)
    for attribute in rest:
        value = ast.Attribute(value, attribute, LOAD)
    return value


def constant(value: Any) -> ast.expr:
    """A plain value as an expression."""
    if isinstance(value, tuple):
        return ast.Tuple([constant(v) for v in value], LOAD)
    return ast.Constant(value)


def binary(left: ast.expr, operator: ast.operator, right: ast.expr) -> ast.expr:
    """Two values and what is between them."""
    return ast.BinOp(left, operator, right)


def call(function: ast.expr, *arguments: ast.expr, **keywords: ast.expr) -> ast.expr:
    """A call."""
    return ast.Call(function, list(arguments), [ast.keyword(k, v) for k, v in keywords.items()])


def with_(node: Any, **fields: Any) -> Any:
    """A node with some fields replaced."""
    values = {n: fields.get(n, getattr(node, n, None)) for n in node._fields}
    return ast.copy_location(type(node)(**values), node)


def fresh(node: Any) -> Any:
    """A tree of its own without places: it gets those of where it is put."""
    tree = copy.deepcopy(node)
    for inner in ast.walk(tree):
        for attribute in set(inner._attributes) & set(vars(inner)):
            delattr(inner, attribute)
    return tree


def swapped(items: list[Any], index: int) -> list[Any]:
    """A list with two neighbours exchanged."""
    return [*items[:index], items[index + 1], items[index], *items[index + 2 :]]
