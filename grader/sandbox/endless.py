"""Loops that never end, as can be seen in the text: nothing in their block changes what they wait for.

Runs inside the student's process. Where it is not sure, nothing is said.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

# What a condition may be made of, besides names and numbers; all else may change without an assignment.
PLAIN = (
    ast.Name, ast.Constant, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.expr_context,
    ast.boolop, ast.operator, ast.unaryop, ast.cmpop,
)  # fmt: skip
WAYS_OUT = (
    ast.Return, ast.Raise, ast.Assert, ast.Try, ast.With, ast.Yield, ast.YieldFrom,
)  # fmt: skip
# What may change a variable from elsewhere.
ELSEWHERE = (ast.FunctionDef, ast.Lambda, ast.ClassDef, ast.Global, ast.Nonlocal)
READERS = {"abs", "enumerate", "float", "int", "len", "max", "min", "print", "range", "round"}


def endless(source: str, line: int) -> tuple[int, list[str]] | None:
    """The first line of a `while` around a line that ran, if it cannot end, and the names in its condition,
    which nothing in its block changes.

    >>> endless("def f(n):\\n    k = 0\\n    while k < n:\\n        print(k)", 4)
    (3, ['k', 'n'])
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    functions = [f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) and _around(f, line)]
    if not functions:
        return None
    function = max(functions, key=lambda f: f.lineno)
    for loop in ast.walk(function):
        if isinstance(loop, ast.While) and _around(loop, line):
            names = sorted({n.id for n in ast.walk(loop.test) if isinstance(n, ast.Name)})
            if _cannot_end(loop, set(names), function):
                return loop.lineno, names
    return None


def _around(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or 0)


def _cannot_end(loop: ast.While, names: set[str], function: ast.FunctionDef) -> bool:
    """Whether a loop goes on for ever once it goes on: its condition is of local numbers that stay."""
    if not all(isinstance(node, PLAIN) for node in ast.walk(loop.test)):
        return False
    inside = [node for statement in loop.body for node in ast.walk(statement)]
    if any(isinstance(node, WAYS_OUT) for node in inside) or any(_breaks(loop.body)):
        return False
    if any(isinstance(n, ELSEWHERE) for n in ast.walk(function) if n is not function):
        return False
    if not names:
        return isinstance(loop.test, ast.Constant) and bool(loop.test.value)
    local = {n.id for n in ast.walk(function) if _is_stored(n) and isinstance(n, ast.Name)}
    local |= {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
    return (
        names <= local
        and not any(_may_change(node, names) for node in inside)
        and not any(_shares(node, names) for node in ast.walk(function))
    )


def _breaks(body: list[ast.stmt]) -> Iterator[ast.Break]:
    """Each `break` that ends the loop of this body, and no loop inside of it."""
    for statement in body:
        if isinstance(statement, ast.Break):
            yield statement
        loop = isinstance(statement, ast.For | ast.While)
        for block in ("orelse",) if loop else ("body", "orelse"):
            yield from _breaks(getattr(statement, block, []))


def _is_stored(node: ast.AST) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)


def _may_change(node: ast.AST, names: set[str]) -> bool:
    """Whether a node gives one of the names another value, or may write into it."""
    if isinstance(node, ast.Name):
        return _is_stored(node) and node.id in names
    if isinstance(node, ast.Attribute | ast.Subscript):
        return isinstance(node.value, ast.Name) and node.value.id in names
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") not in READERS:
        given = [*node.args, *(word.value for word in node.keywords)]
        return any(isinstance(a, ast.Name | ast.Starred) and _uses(a, names) for a in given)
    return isinstance(node, ast.Match | ast.NamedExpr | ast.ExceptHandler)


def _uses(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(node))


def _shares(node: ast.AST, names: set[str]) -> bool:
    """Whether a node lets one of the names stand for what has another name, too, by which it may be
    written into."""
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return False
    value = node.value
    parts = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
    if any(isinstance(part, ast.Name) and part.id in names for part in parts):
        return True
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    into = any(_uses(target, names) for target in targets)
    return into and any(isinstance(part, ast.Name) or _is_entry(part) for part in parts)


def _is_entry(node: ast.expr) -> bool:
    """Whether it is an entry or a part of something, but for a length in a shape."""
    shape = isinstance(node, ast.Subscript) and getattr(node.value, "attr", "") == "shape"
    return isinstance(node, ast.Subscript) and not shape
