"""The functions of a submission as syntax trees. The text is parsed here, and never run here."""

from __future__ import annotations

import ast
import copy
import io
import marshal
import tokenize
import types
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from grader.model import Cell, Submission
from grader.sandbox.cells import to_python

LONGEST = 60_000  # characters of a file that is read
DEEPEST = 40  # brackets and blocks inside of each other: the parser must not run out of stack
LONGEST_STATEMENT = 1_500  # tokens


@dataclass(frozen=True)
class Place:
    """A function of a submission.

    Attributes:
        module: the module that it is in.
        path: its dotted name there.
        label: the file or cell, as a traceback calls it.
        node: its syntax tree, which the search changes and puts right again.
        imported: the names that its module imports from others.
    """

    module: str
    path: str
    label: str
    node: ast.FunctionDef
    imported: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The function's own name."""
        return self.node.name

    def lines(self) -> range:
        """The lines that it takes up."""
        return range(self.node.lineno, (self.node.end_lineno or self.node.lineno) + 1)

    def code(self) -> bytes | None:
        """The function's code as it stands now, and its defaults if they are plain, for the student's
        process; None if Python refuses it."""
        bare = copy.copy(self.node)
        bare.decorator_list, bare.returns = [], None
        try:
            module = compile(ast.Module([bare], []), self.label, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, TypeError, RecursionError, OverflowError):
            return None
        inner = [c for c in module.co_consts if isinstance(c, types.CodeType)]
        mine = [c for c in inner if c.co_name == self.node.name]
        return marshal.dumps((mine[-1], self._defaults())) if mine else None

    def _defaults(self) -> tuple[Any, ...] | None:
        nodes = self.node.args.defaults
        values = [n.value for n in nodes if isinstance(n, ast.Constant)]
        return tuple(values) if len(values) == len(nodes) else None


def functions(submission: Submission) -> list[Place]:
    """The functions and methods of a submission's modules; of several of one name, the last."""
    found: dict[tuple[str, str], Place] = {}
    for module in submission.modules:
        for cell in module.cells:
            text = cell.source
            if module.notebook and readable(text):
                text = to_python(text)
            tree = _tree(text)
            imported = frozenset(
                alias.asname or alias.name
                for statement in tree.body
                if isinstance(statement, ast.ImportFrom)
                for alias in statement.names
            )
            for path, node in _definitions(tree):
                found[module.name, path] = Place(module.name, path, cell.label, node, imported)
    return list(found.values())


def _tree(text: str) -> ast.Module:
    """The tree of a text; an empty one if nobody would write it so."""
    try:
        return ast.parse(text if readable(text) else "")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _definitions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            yield statement.name, statement
        elif isinstance(statement, ast.ClassDef):
            for inner in statement.body:
                if isinstance(inner, ast.FunctionDef):
                    yield f"{statement.name}.{inner.name}", inner


def readable(text: str) -> bool:
    """Whether a text is of a size and depth that people write: others are not parsed."""
    if len(text) > LONGEST:
        return False
    depth = blocks = tokens = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            tokens += 1
            if token.type == tokenize.OP and token.string in "([{":
                depth += 1
            elif token.type == tokenize.OP and token.string in ")]}":
                depth -= 1
            elif token.type == tokenize.INDENT:
                blocks += 1
            elif token.type == tokenize.DEDENT:
                blocks -= 1
            elif token.type == tokenize.NEWLINE:
                tokens = 0
            if depth + blocks > DEEPEST or tokens > LONGEST_STATEMENT:
                return False
    except (tokenize.TokenError, SyntaxError, ValueError):
        return False
    return True


def rewritten(submission: Submission, place: Place) -> Submission:
    """The submission with the function as its tree stands now."""
    text = ast.unparse(place.node)
    modules = [
        replace(module, cells=tuple(_with_function(cell, place, text) for cell in module.cells))
        if module.name == place.module
        else module
        for module in submission.modules
    ]
    return replace(submission, modules=tuple(modules))


def _with_function(cell: Cell, place: Place, text: str) -> Cell:
    """A cell with another text for the function at `place`, if it is in there."""
    if cell.label != place.label:
        return cell
    first = min([place.node.lineno, *(d.lineno for d in place.node.decorator_list)])
    lines = cell.source.splitlines()
    lead = " " * place.node.col_offset
    lines[first - 1 : place.node.end_lineno] = [lead + line for line in text.splitlines()]
    return replace(cell, source="\n".join(lines) + "\n")
