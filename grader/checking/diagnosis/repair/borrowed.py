"""What the other functions of a file do where this one does nothing: a name that they define, a limit that they
look at."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from grader.checking.diagnosis.repair.nodes import fresh
from grader.checking.diagnosis.repair.scope import Scope, nodes_of
from grader.checking.diagnosis.repair.slices import names_of

MOST = 8  # of each kind
DEFINED, LIMIT = 2.2, 3.4  # costs
BUILTINS = frozenset(vars(builtins))


class Borrowed(NamedTuple):
    """A statement, how unlikely it is to be missing, and the statement that it is to come before."""

    statement: ast.stmt
    cost: float
    before: ast.stmt


def borrowed(function: ast.FunctionDef, scope: Scope) -> Iterator[Borrowed]:
    """The statements of other functions that this one may lack."""
    known, limits = _known(function, scope), limits_of(function, scope)
    for name, first in _unknown(function, known).items():
        for statement in _defining(name, known, scope.others):
            yield Borrowed(statement, DEFINED, first)
    body = [s for s in function.body if not isinstance(s, ast.Expr)] or function.body
    asked = {ast.unparse(n.test) for n in nodes_of(function) if isinstance(n, ast.If)}
    for test, statement in limits.items():
        if test not in asked:
            yield Borrowed(fresh(statement), LIMIT, body[0])


def limits_of(function: ast.FunctionDef, scope: Scope) -> dict[str, ast.If]:
    """By its text each condition under which another function refuses what it is given, and that can be
    asked here."""
    known = _known(function, scope)
    found: dict[str, ast.If] = {}
    for other in scope.others:
        for node in nodes_of(other):
            if not isinstance(node, ast.If) or not isinstance(node.body[-1], ast.Raise):
                continue
            if len(found) < MOST and _loaded(node.test) <= known:
                found.setdefault(ast.unparse(node.test), node)
    return found


def _known(function: ast.FunctionDef, scope: Scope) -> set[str]:
    """The names that a borrowed statement may use: what is stored here, and what is called or imported."""
    stored = {n.arg for n in nodes_of(function) if isinstance(n, ast.arg)} | set(scope.names)
    called = {
        root.id
        for other in (function, *scope.others)
        for n in nodes_of(other)
        if isinstance(n, ast.Call)
        for root in (n.func.value if isinstance(n.func, ast.Attribute) else n.func,)
        if isinstance(root, ast.Name)
    }
    local = {
        n.id
        for other in scope.others
        for n in nodes_of(other)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    return stored | (called - local) | set(scope.helpers) | BUILTINS


def _stored(tree: ast.AST) -> set[str]:
    return {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }


def _loaded(tree: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _unknown(function: ast.FunctionDef, known: set[str]) -> dict[str, ast.stmt]:
    """The names that are used and defined nowhere, each with the first statement that uses it."""
    found: dict[str, ast.stmt] = {}
    defined = known | _stored(function)

    def visit(block: Sequence[ast.stmt]) -> None:
        for statement in block:
            for name in sorted(names_of(statement)[0] - defined):
                found.setdefault(name, statement)
            for field in ("body", "orelse") if not isinstance(statement, ast.FunctionDef) else ():
                visit(getattr(statement, field, None) or [])

    visit(function.body)
    return found


def _defining(name: str, known: set[str], others: Sequence[ast.FunctionDef]) -> Iterator[ast.stmt]:
    """The assignments to a name in other functions that use nothing unknown here."""
    seen: set[str] = set()
    for other in others:
        for node in nodes_of(other):
            if not isinstance(node, ast.Assign) or name not in _stored(node):
                continue
            text = ast.unparse(node)
            if text not in seen and len(seen) < MOST and _loaded(node) <= known:
                seen.add(text)
                yield fresh(node)
