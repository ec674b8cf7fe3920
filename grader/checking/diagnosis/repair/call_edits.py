"""What a call may have been meant to be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from grader.checking.diagnosis.repair.nodes import (
    LOAD,
    New,
    binary,
    call,
    constant,
    name,
    swapped,
    with_,
)
from grader.checking.diagnosis.repair.scope import Scope, Slot

REDUCE = {
    "sum",
    "mean",
    "max",
    "min",
    "argmax",
    "argmin",
    "std",
    "var",
    "prod",
    "any",
    "all",
    "amax",
}
AXES: tuple[Any, ...] = (0, 1, None, -1, (0, 1), (2, 3), (0, 2, 3), 2, 3, (1, 2, 3), (1, 2))


def in_call(node: ast.Call, slot: Slot, scope: Scope) -> Iterator[New]:
    """What a call may have been meant to be: other arguments, another function, none at all."""
    args, words = node.args, node.keywords
    for index in range(len(args) - 1):
        if _called(node) not in LIMITING:
            yield New(with_(node, args=swapped(args, index)), "order", 3.0)
    if _called(node) in LIMITING:
        yield from _nearer(node)
    if isinstance(node.func, ast.Attribute):
        if isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "numpy", "math"):
            for number, argument in enumerate(args):
                yield New(argument, _of_dropped(node, number), 3.5 if number == 0 else 2.8)
            if node.func.value.id == "math":
                yield New(with_(node, func=name(f"np.{node.func.attr}")), "function", 2.0)
        else:
            yield New(node.func.value, "function", 3.5)
    elif args and not isinstance(args[0], ast.Starred):
        yield New(args[0], "function", 3.5)
    if len(args) > 1:
        for index in range(len(args)):
            yield New(with_(node, args=args[:index] + args[index + 1 :]), "argument", 4.0)
    for index, word in enumerate(words):
        rest = words[:index] + words[index + 1 :]
        yield New(with_(node, keywords=rest), _of_keyword(word.arg), 3.0)
    yield from _drawn(node, scope)
    yield from _reduction(node)
    yield from _array(node, scope)
    yield from _missing_arguments(node, scope)


DRAWN = {"randn": "standard_normal", "rand": "random"}  # by generators, which are told the shape


def _drawn(node: ast.Call, scope: Scope) -> Iterator[New]:
    """The same numbers from a generator that was given, and that nothing is drawn from."""
    if isinstance(node.func, ast.Attribute) and node.func.attr in DRAWN:
        for given in scope.parameters:
            if given in scope.unused and ast.unparse(node.func.value).endswith("random"):
                method = ast.Attribute(name(given), DRAWN[node.func.attr], LOAD)
                shape = [ast.Tuple(node.args, LOAD)] if node.args else []
                yield New(call(method, *shape), "source", 2.0, ("source", given))


OF_COUNTS = {"ndindex", "reshape", "range"}  # they are given lengths
LIMITING = {"maximum", "minimum", "clip", "fmax", "fmin"}


def _nearer(node: ast.Call) -> Iterator[New]:
    """Limits that are nearer to 0."""
    tenth = [binary(a, ast.Div(), ast.Constant(10)) if _is_number(a) else a for a in node.args]
    if any(map(_is_number, node.args)):
        yield New(with_(node, args=tenth), "limit", 2.8)


def _of_dropped(node: ast.Call, kept: int) -> str:
    """The kind of an edit that leaves only one argument of a call: where all others are numbers that limit
    it, a number is wrong rather than the function."""
    others = node.args[:kept] + node.args[kept + 1 :]
    limits = _called(node) in LIMITING and all(map(_is_number, others))
    return "limit" if limits and others else "function"


def _is_number(node: ast.expr) -> bool:
    value = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(value, ast.Constant)


def _missing_arguments(node: ast.Call, scope: Scope) -> Iterator[New]:
    """An argument that was left out, at any place."""
    args, words = node.args, node.keywords
    known = {word.arg for word in words}
    if _called(node) in ("transpose", "moveaxis", "swapaxes", "reshape", "insert"):
        for axis in range(5):
            for at in range(len(args) + 1):
                more = with_(node, args=[*args[:at], ast.Constant(axis), *args[at:]])
                yield New(more, "argument", 4.0)
    if _called(node) == "reshape":
        for at in range(len(args) + 1):
            more = with_(node, args=[*args[:at], constant(-1), *args[at:]])
            yield New(more, "argument", 2.8)
    library = isinstance(node.func, ast.Attribute)
    for other in scope.names:
        for at in range(min(len(args), 4), -1, -1):
            if at and isinstance(args[at - 1], ast.Name) and args[at - 1].id == other:  # type: ignore[attr-defined]
                continue
            added = with_(node, args=[*args[:at], name(other), *args[at:]])
            counts = _called(node) in OF_COUNTS and other in scope.counts
            yield New(added, "argument", 3.2 if counts else 4.2 if library else 3.8)
        if not library and other in scope.parameters and other not in known:
            worded = with_(node, keywords=[*words, ast.keyword(other, name(other))])
            yield New(worded, "argument", 3.5)


def _of_keyword(word: str | None) -> str:
    return {"axis": "axis", "keepdims": "axis", "dtype": "type"}.get(word or "", "argument")


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def is_axis(node: ast.Call, argument: ast.AST) -> bool:
    """Whether an argument of a sum, mean and the like is the axis: the first of a method, else the second."""
    method = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) != "np"
    place = 0 if method else 1
    return _called(node) in REDUCE and len(node.args) > place and node.args[place] is argument


def _reduction(node: ast.Call) -> Iterator[New]:
    if _called(node) not in REDUCE:
        return
    others = [w for w in node.keywords if w.arg != "axis"]
    old = next((w.value for w in node.keywords if w.arg == "axis"), None)
    told = ast.unparse(old) if old is not None else ""
    method = not (isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "np")
    values = 0 if method else 1
    args = node.args[:values]
    if len(node.args) > values:
        told = ast.unparse(node.args[values])
    for axis in AXES:
        value = constant(axis)
        if ast.unparse(value) != told and not (axis is None and not told):
            words = [*others, ast.keyword("axis", value)] if axis is not None else others
            yield New(with_(node, args=args, keywords=words), "axis", 2.5, ("axis", told, axis))
            if axis is not None and not any(w.arg == "keepdims" for w in words):
                kept = [*words, ast.keyword("keepdims", ast.Constant(True))]
                yield New(with_(node, args=args, keywords=kept), "axis", 3.0)
    if not any(w.arg == "keepdims" for w in node.keywords) and told:
        words = [*node.keywords, ast.keyword("keepdims", ast.Constant(True))]
        yield New(with_(node, keywords=words), "axis", 2.5, ("keepdims",))


def _array(node: ast.Call, scope: Scope) -> Iterator[New]:
    called = _called(node)
    makes = called in ("zeros_like", "ones_like", "empty_like", "array", "asarray") and node.args
    if makes and not any(w.arg == "dtype" for w in node.keywords):
        words = [*node.keywords, ast.keyword("dtype", name("float"))]
        yield New(with_(node, keywords=words), "type", 3.0, ("float",))
    if called in ("flatten", "ravel", "reshape") and isinstance(node.func, ast.Attribute):
        whole = node.func.value
        if not (isinstance(whole, ast.Name) and whole.id == "np"):
            rows = ast.Subscript(ast.Attribute(whole, "shape", LOAD), ast.Constant(0), LOAD)
            flat = call(
                ast.Attribute(whole, "reshape", LOAD),
                rows,
                ast.UnaryOp(ast.USub(), ast.Constant(1)),
            )
            yield New(flat, "shape", 3.0)
            for other in scope.arrays:
                like = ast.Attribute(name(other), "shape", LOAD)
                yield New(call(ast.Attribute(whole, "reshape", LOAD), like), "shape", 3.5)
    if called == "range" and len(node.args) == 1:
        yield New(with_(node, args=[ast.Constant(1), node.args[0]]), "range", 3.0)
    if called == "range" and len(node.args) == 2:
        for array in scope.arrays:
            last = binary(call(name("len"), name(array)), ast.Sub(), ast.Constant(1))
            yield New(with_(node, args=[last, *node.args]), "range", 3.0)
        yield New(with_(node, args=[node.args[1]]), "range", 2.0)
