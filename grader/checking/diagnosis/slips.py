"""Slips that the text alone shows: a value that nothing reads, and a tuple that is taken for an array."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence

from grader.checking.diagnosis.repair.source import Place
from grader.checking.diagnosis.repair.words import Told
from grader.language import say
from grader.model import Suspect

OF_ARRAYS = (ast.MatMult, ast.Sub, ast.Div, ast.Pow)  # no operators of tuples


def slip(place: Place, places: Sequence[Place]) -> Told | None:
    """What is said of the first slip in a function; `places` are all functions of the submission."""
    for line, sentence in (*_for_the_object(place, places), *_taken_whole(place, places)):
        return Told(Suspect(place.label, line, place.path), sentence)
    return None


def _for_the_object(place: Place, places: Sequence[Place]) -> Iterator[tuple[int, str]]:
    """Variables of a method that nothing reads, where the object has something of the same name."""
    owner, _, method = place.path.rpartition(".")
    if not owner:
        return
    fields = {
        node.attr
        for other in places
        if other.module == place.module and other.path.startswith(f"{owner}.")
        for node in ast.walk(other.node)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and getattr(node.value, "id", "") == "self"
    }
    shared = (n.names for n in ast.walk(place.node) if isinstance(n, ast.Global))
    read = {*_names(place, ast.Load), *itertools.chain(*shared)}
    for node in ast.walk(place.node):
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(target, ast.Name) and target.id in fields - read:
            yield (
                target.lineno,
                say(
                    "Line {line} of {file} gives a value to {name}, a variable of {method} that nothing reads. The "
                    "object's own is self.{name}.",
                    line=target.lineno,
                    file=place.label,
                    name=target.id,
                    method=method,
                ),
            )


def _taken_whole(place: Place, places: Sequence[Place]) -> Iterator[tuple[int, str]]:
    """Calls of own functions that return several values, where one name for all is an operand."""
    counts = {p.path: _returned(p.node) for p in places if p.module == place.module}
    stored = _names(place, ast.Store)
    operands = {
        side.id
        for node in ast.walk(place.node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, OF_ARRAYS)
        for side in (node.left, node.right)
        if isinstance(side, ast.Name)
    }
    for node in ast.walk(place.node):
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
            continue
        target, called = node.targets[0], getattr(node.value.func, "id", "")
        if not isinstance(target, ast.Name) or stored.count(target.id) != 1:
            continue
        if target.id in operands and counts.get(called, 0) > 1:
            yield (
                node.lineno,
                say(
                    "{function} returns {n} values, and line {line} of {file} calls all of them {name}: give each "
                    "a name of its own.",
                    function=called,
                    n=counts[called],
                    line=node.lineno,
                    file=place.label,
                    name=target.id,
                ),
            )


def _returned(function: ast.FunctionDef) -> int:
    """How many values a function returns behind each `return`; 0 if these differ, or are not told."""
    returns = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    sizes = {len(value.elts) if isinstance(value, ast.Tuple) else 0 for value in returns}
    return sizes.pop() if len(sizes) == 1 else 0


def _names(place: Place, context: type[ast.expr_context]) -> list[str]:
    """The names that a function reads, or those that it gives values to."""
    names = (node for node in ast.walk(place.node) if isinstance(node, ast.Name))
    return [node.id for node in names if isinstance(node.ctx, context)]
