"""A value, where a call of a function that takes it may have been meant: `affine_forward(x, w, b)` for `x`."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence

from grader.checking.diagnosis.repair.nodes import LOAD, New, call, name
from grader.checking.diagnosis.repair.scope import Scope, Slot

MOST_GUESSES = 8  # of one call
# The cost of a call of a function that is imported and never called, and of others.
IDLE, OTHER = 2.4, 3.6
FAR = 1.0  # what it costs more if nothing has exactly the name of a parameter


def with_value(node: ast.expr, slot: Slot, scope: Scope) -> Iterator[New]:
    """Calls that are given a value first, and otherwise what has the names of the parameters."""
    plain = not isinstance(node, ast.BinOp | ast.Slice | ast.Starred | ast.Lambda)
    if not plain or isinstance(slot.owner, ast.Compare):
        return
    more = 1.0 if isinstance(slot.owner, ast.BinOp) else 0.0
    for function, arguments in scope.signatures.items():
        further = _needed(arguments)[1:]
        cost = IDLE if function in scope.idle else OTHER
        cost += FAR * any(parameter not in scope.names for parameter in further)
        for guess in _guesses(further, node, scope):
            yield New(call(name(function), node, *guess), "call", cost + more)


def by_names(scope: Scope) -> Iterator[New]:
    """Calls that are given what has the names of the parameters."""
    for function, arguments in scope.signatures.items():
        needed = _needed(arguments)
        for guess in _guesses(needed, None, scope) if needed else ():
            yield New(call(name(function), *guess), "call", IDLE)


def _needed(arguments: ast.arguments) -> list[str]:
    """The parameters that a call has to give."""
    every = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    return every[: len(every) - len(arguments.defaults)] or every[:1]


def _guesses(
    parameters: Sequence[str], beside: ast.expr | None, scope: Scope
) -> Iterator[Sequence[ast.expr]]:
    options = [list(_for(parameter, beside, scope)) for parameter in parameters]
    unknown = [i for i, some in enumerate(options) if not some]
    if len(unknown) == 1:
        options[unknown[0]] = [name(p) for p in scope.parameters[:4]]
    if all(options):
        every = itertools.islice(itertools.product(*options), MOST_GUESSES)
        yield from (guess for guess in every if len({*map(_text, guess)}) == len(guess))


def _text(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ast.unparse(node)


def _for(parameter: str, beside: ast.expr | None, scope: Scope) -> Iterator[ast.expr]:
    """What may stand for a parameter: what has its name, part of what has nearly its name."""
    if parameter in scope.names:
        if isinstance(beside, ast.Subscript) and parameter not in scope.numbers:
            yield ast.Subscript(name(parameter), beside.slice, LOAD)
        yield name(parameter)
    for other in scope.like(parameter)[:2]:
        yield name(other)
        for counter in sorted(scope.counters)[:2]:
            yield ast.Subscript(name(other), name(counter), LOAD)
    for text in scope.texts[:6] if parameter in scope.tables else ():
        yield ast.Subscript(name(parameter), ast.Constant(text), LOAD)
