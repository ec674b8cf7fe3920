"""Small edits of a function: what they change, what kind they are, and how likely that kind is."""

from __future__ import annotations

import ast
import itertools
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import Any, NamedTuple

from grader.checking.diagnosis.repair import expressions, statements
from grader.checking.diagnosis.repair.scope import Scope, Slot, nodes_of, paired, slots

UNUSED = 1.0  # what an edit costs less that reads what is never read
OF_NUMBERS = {
    "axis",
    "entry",
    "number",
    "range",
    "slice",
}  # kinds of edits of a plain number, by its place
PLAIN = {
    str,
    int,
    float,
    bool,
    complex,
    bytes,
    type(None),
    type(...),
}  # what is a node's, and no node
PAIR = 3.0  # the cost of one name that is exchanged for two


class Edit(NamedTuple):  # a frozen dataclass takes three times as long to make, and there are many
    """A small edit.

    Attributes:
        kind: the family it belongs to, see `words`.
        cost: how unlikely it is, before anything is known of the function.
        line, end: the first and last line of the statement that it changes.
        changes: what is put where; several for an edit that is made throughout.
        also: the other lines that it changes.
    """

    kind: str
    cost: float
    line: int
    end: int
    changes: tuple[tuple[Slot, Any], ...]
    also: tuple[int, ...] = ()

    @property
    def at(self) -> int:
        """The line to look at: of a statement of several lines that of what is changed."""
        places = (
            slot.get() if hasattr(slot.get(), "lineno") else slot.owner for slot, _ in self.changes
        )
        lines = [getattr(place, "lineno", 0) for place in places]
        return min((n for n in lines if self.line <= n <= self.end), default=self.line)

    @property
    def in_comparison(self) -> bool:
        """Whether it changes what is compared: other entries or cases take another way then."""
        above = (node for slot, _ in self.changes for node in (*slot.parents, slot.owner))
        return self.kind != "comparison" and any(isinstance(node, ast.Compare) for node in above)

    @contextmanager
    def made(self) -> Iterator[None]:
        """For a moment, the tree as it is with the edit."""
        undo = []
        try:
            for slot, value in self.changes:
                undo.append((slot, slot.get()))
                slot.put(value)
            yield
        finally:
            for slot, value in reversed(undo):
                slot.put_back(value)

    def make(self) -> None:
        """Change the tree for good."""
        for slot, value in self.changes:
            slot.put(value)


def edits(
    function: ast.FunctionDef,
    helpers: Collection[str] = (),
    texts: Collection[str] = (),
    signatures: Mapping[str, ast.arguments] | None = None,
    idle: Collection[str] = (),
    others: Sequence[ast.FunctionDef] = (),
) -> list[Edit]:
    """Every edit of the catalogue that the function allows, the cheapest first.

    Args:
        function: the function's tree.
        helpers: the names of other functions of its file.
        texts: the texts that those use.
        signatures: the parameters of the functions that it can call.
        idle: those of them that are imported, and not called anywhere.
        others: the other functions of its file.
    """
    scope = Scope(function, helpers, texts, signatures or {}, idle, others)
    without = _without(function, scope.unused)
    single: list[tuple[Edit, Any]] = []
    for slot in slots(function):
        line, end = _extent(slot)
        for new in expressions.changed(slot, scope):
            at = Slot(slot.get(), new.field, None, slot.statement) if new.field else slot
            used = isinstance(new.value, ast.expr) and _uses(new.value, scope.unused, without)
            cost = new.cost - UNUSED * used
            edit = Edit(new.kind, cost, line, end, ((at, new.value),))
            single.append((edit, new.sign))
    found = [edit for edit, _ in single]
    found += _grouped(single)
    found += _one_for_two(single)
    for whole in statements.changed(function, scope):
        found.append(Edit(whole.kind, whole.cost, whole.line, whole.end, whole.changes))
    return sorted(found, key=attrgetter("cost"))


def _uses(tree: ast.AST, names: Collection[str], without: Collection[ast.AST]) -> bool:
    """Whether one of these names is in a tree; none is in the nodes `without`."""
    every: list[Any] = [tree] if names else []
    for one in every:  # it grows; there are many trees, so kinds are compared, and not classes
        kind = type(one)
        if kind is ast.Name:
            if one.id in names:
                return True
        elif kind is list:
            every += one
        elif kind not in PLAIN and one not in without:
            every += one.__dict__.values()
    return False


def _without(function: ast.FunctionDef, names: Collection[str]) -> set[ast.AST]:
    """The nodes of a function that have none of these names in them."""
    found: set[ast.AST] = set()
    for node in reversed(nodes_of(function)):  # what is in a node comes before it
        if not _uses(node, names, found):
            found.add(node)
    return found


def _extent(slot: Slot) -> tuple[int, int]:
    """The lines of a simple statement, or of the head of a compound one."""
    statement = slot.statement
    body = getattr(statement, "body", None)
    if isinstance(body, list) and body:
        return statement.lineno, max(statement.lineno, body[0].lineno - 1)
    return statement.lineno, statement.end_lineno or statement.lineno


def _grouped(single: list[tuple[Edit, Any]]) -> Iterator[Edit]:
    """The same edit throughout a statement and throughout the function, and two names exchanged."""
    by_sign: dict[Any, list[Edit]] = defaultdict(list)
    for edit, sign in single:
        if sign is not None:
            by_sign[sign].append(edit)
    for sign, members in by_sign.items():
        back = by_sign.get((sign[0], sign[2], sign[1]), []) if len(sign) == 3 else []
        mirrored = back if len(sign) == 3 and repr(sign[1]) < repr(sign[2]) else []
        for _, group in itertools.groupby(members, key=lambda e: e.line):
            same = list(group)
            there = [e for e in mirrored if e.line == same[0].line]
            if len(same) > 1:
                yield _joined(same, 0.5)
            if there:
                yield _joined([*same, *there], 0.7)
        if len({e.line for e in members}) > 1:
            yield _joined(members, 0.6 if members[0].kind == "scale" else 1.0)
        if mirrored and len({e.line for e in [*members, *mirrored]}) > 1:
            yield _joined([*members, *mirrored], 1.2)


def _one_for_two(single: list[tuple[Edit, Any]]) -> Iterator[Edit]:
    """One name at two places that follow each other, where two names that belong together are meant."""
    by_name: dict[str, dict[str, list[Edit]]] = defaultdict(lambda: defaultdict(list))
    for edit, sign in single:
        if sign is not None and sign[0] == "name":
            by_name[sign[1]][sign[2]].append(edit)
    for old, meant in by_name.items():
        for first, second in itertools.permutations(meant, 2):
            if paired(first, second) and not paired(old, first) and not paired(old, second):
                for one, other in zip(meant[first], meant[second][1:], strict=False):
                    if other.line - one.line <= 1:
                        yield _joined([one, other], 0.0)._replace(cost=PAIR)


def _joined(members: list[Edit], more: float) -> Edit:
    first = min(members, key=lambda e: e.line)
    changes = tuple(change for e in members for change in e.changes)
    lines = sorted({e.at for e in members})
    cost = min(e.cost for e in members) + more
    kinds = {e.kind for e in members}
    kind = "number" if len(kinds) > 1 and kinds <= OF_NUMBERS else first.kind
    return Edit(kind, cost, first.line, first.end, changes, tuple(lines[1:]))
