"""Which statements a returned value depends on: a backward slice, read from the text.

Fairly naive: it does not follow the order of statements, and takes what an array's name stands for as
one thing. It only orders what is tried, so too much in a slice costs time and nothing else.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator


def slice_of(function: ast.FunctionDef, part: int | None) -> set[int]:
    """The first lines of the statements that the returned value number `part` depends on. If it is None:
    all that is returned or yielded depends on, and what is refused; of a function without either, all."""
    uses: dict[int, set[str]] = {}
    defines: dict[str, set[int]] = {}
    above: dict[int, list[int]] = {}
    wanted: set[str] = set()
    lines: set[int] = set()
    for statement, parents in _statements(function):
        line = statement.lineno
        read, written = names_of(statement)
        uses.setdefault(line, set()).update(read)
        above[line] = [p.lineno for p in parents]
        for name in written:
            defines.setdefault(name, set()).add(line)
        found = _given_out(statement, part) or (
            _refused(statement, parents) if part is None else set()
        )
        if found:
            wanted |= found
            lines |= {line, *above[line]}
    if not lines and part is None:
        return set(above)
    todo = list(wanted)
    seen: set[str] = set()
    for line in lines:
        if line in above and not any(_returns_at(function, line)):
            todo += uses[line]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for line in defines.get(name, ()):
            for one in (line, *above[line]):
                if one not in lines:
                    lines.add(one)
                todo += uses.get(one, set()) - seen
    return lines


def returned(function: ast.FunctionDef) -> int:
    """How many values a function returns, as far as can be seen; 0 if it cannot."""
    counts = {
        len(node.value.elts)
        for node in ast.walk(function)
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple)
    }
    return counts.pop() if len(counts) == 1 else 0


def statements_of(function: ast.FunctionDef) -> list[ast.stmt]:
    """The statements of a function, also those inside of others; a docstring is none."""
    return [
        s
        for s, _ in _statements(function)
        if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
    ]


def _given_out(statement: ast.stmt, part: int | None) -> set[str]:
    """The names in what a statement returns or yields; of several values in number `part`."""
    value = getattr(statement, "value", None)
    if isinstance(statement, ast.Expr) and isinstance(value, ast.Yield | ast.YieldFrom):
        return names_of(statement)[0]
    if not isinstance(statement, ast.Return) or value is None:
        return set()
    if part is not None and isinstance(value, ast.Tuple) and part < len(value.elts):
        value = value.elts[part]
    return {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}


def _refused(statement: ast.stmt, parents: tuple[ast.stmt, ...]) -> set[str]:
    """The names that decide whether a statement raises."""
    raises = isinstance(statement, ast.Raise)
    return {name for parent in parents for name in names_of(parent)[0]} if raises else set()


def _returns_at(function: ast.FunctionDef, line: int) -> Iterator[bool]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.lineno == line:
            yield True


def _statements(
    owner: ast.AST, parents: tuple[ast.stmt, ...] = ()
) -> Iterator[tuple[ast.stmt, tuple[ast.stmt, ...]]]:
    for field in ("body", "orelse", "finalbody"):
        block = getattr(owner, field, None)
        for statement in block if isinstance(block, list) else []:
            if isinstance(statement, ast.stmt):
                yield statement, parents
                yield from _statements(statement, (*parents, statement))


def names_of(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """The names that a statement (of a compound one the head) reads and writes."""
    read: set[str] = set()
    written: set[str] = set()
    for head in _heads(statement):
        for node in ast.walk(head):
            if isinstance(node, ast.Name):
                (read if isinstance(node.ctx, ast.Load) else written).add(node.id)
            elif isinstance(node, ast.Subscript | ast.Attribute):
                written |= _root(node) if isinstance(node.ctx, ast.Store) else set()
            elif isinstance(node, ast.AugAssign):
                read |= _root(node.target)
            elif isinstance(statement, ast.Expr) and isinstance(node, ast.Call):
                # np.add.at(dx, …), x.fill(0) write into what they get
                written |= {n for a in node.args[:1] for n in _root(a)}
                written |= _root(node.func) if isinstance(node.func, ast.Attribute) else set()
    if isinstance(statement, ast.FunctionDef):
        written.add(statement.name)
    return read, written - {"np", "range", "len"}


def _heads(statement: ast.stmt) -> list[ast.AST]:
    """What is looked at of a statement: the head of a compound one."""
    if isinstance(statement, ast.For):
        return [statement.target, statement.iter]
    if isinstance(statement, ast.If | ast.While):
        return [statement.test]
    if isinstance(statement, ast.With):
        return list(statement.items)
    return [statement]


def _root(node: ast.AST) -> set[str]:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()
