"""What a statement may have been meant to be, or where: the catalogue of edits of whole statements."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeGuard

from grader.checking.diagnosis.repair.borrowed import borrowed, limits_of
from grader.checking.diagnosis.repair.insertions import begun, inserted
from grader.checking.diagnosis.repair.nodes import binary, call, fresh, name, with_
from grader.checking.diagnosis.repair.scope import Scope, Slot, nodes_of

OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div)


class Whole(NamedTuple):
    """An edit of a statement, or of where it stands."""

    kind: str
    cost: float
    line: int
    end: int
    changes: tuple[tuple[Slot, Any], ...]


def changed(function: ast.FunctionDef, scope: Scope) -> Iterator[Whole]:
    """The edits of whole statements that the function allows."""
    yield from _block(function, "body", function, scope)
    yield from _borrowed(function, scope)
    yield from _without_asserts(function)
    if not any(isinstance(n, ast.Return) and n.value for n in ast.walk(function)):
        last = function.body[-1]
        for word in scope.names:
            new = [*function.body, ast.Return(name(word))]
            yield _whole("return", 2.5, last, (Slot(function, "body", None, last), new))


def _without_asserts(function: ast.FunctionDef) -> Iterator[Whole]:
    """Nothing that is asserted, where several things are."""
    for owner, field, block in _blocks(function):
        some = [s for s in block if isinstance(s, ast.Assert)]
        rest = [s for s in block if s not in some]
        if len(some) > 1 and rest:
            yield _whole("stop", 2.0, some[0], (Slot(owner, field, None, some[0]), rest))


def _borrowed(function: ast.FunctionDef, scope: Scope) -> Iterator[Whole]:
    """What other functions do, in the place of nothing, or where it is first needed; and what they ask."""
    empty = any(isinstance(n, ast.Pass) for n in nodes_of(function))
    for statement, cost, before in borrowed(function, scope):
        for owner, field, block in _blocks(function):
            for index, old in enumerate(block):
                if isinstance(old, ast.Pass):
                    yield _whole("missing", cost, old, (Slot(owner, field, index, old), statement))
                elif old is before and not empty:
                    new = [*block[:index], statement, *block[index:]]
                    yield _whole("missing", cost, old, (Slot(owner, field, None, old), new))
    asked = limits_of(function, scope).values()
    for node in nodes_of(function):
        if isinstance(node, ast.If) and isinstance(node.body[-1], ast.Raise):
            for other in asked:
                test = fresh(other.test)
                yield _whole("condition", 3.2, node, (Slot(node, "test", None, node), test))


def _blocks(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, str, list[ast.stmt]]]:
    for node in ast.walk(function):
        for field in ("body", "orelse"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield node, field, block


def _whole(kind: str, cost: float, at: ast.stmt, *changes: tuple[Slot, Any]) -> Whole:
    body = getattr(at, "body", None)
    end = max(at.lineno, body[0].lineno - 1) if isinstance(body, list) and body else at.end_lineno
    return Whole(kind, cost, at.lineno, end or at.lineno, changes)


def _block(owner: ast.AST, field: str, function: ast.FunctionDef, scope: Scope) -> Iterator[Whole]:
    block: list[ast.stmt] = getattr(owner, field)
    for missing in inserted(block, function, scope):
        for index, idle in enumerate(block):
            if isinstance(idle, ast.Pass):
                slot = Slot(owner, field, index, idle)
                yield _whole("missing", missing.cost - 0.3, idle, (slot, missing.statement))
        at = block[max(0, missing.at - 1)]
        new = [*block[: missing.at], missing.statement, *block[missing.at :]]
        yield _whole("missing", missing.cost, at, (Slot(owner, field, None, at), new))
    for index, statement in enumerate(block):
        slot = Slot(owner, field, index, statement)
        yield from _single(slot, statement, block, index, scope)
        yield from _idle(slot, statement, scope)
        whole = Slot(owner, field, None, statement)
        if isinstance(statement, ast.For | ast.While):
            yield from _loop(whole, statement, block, index)
        if isinstance(statement, ast.If):
            yield from _branch(whole, statement, block, index)
        if len(block) > 1 and not isinstance(statement, ast.Return | ast.FunctionDef):
            rest = [*block[:index], *block[index + 1 :]]
            ends = isinstance(statement, ast.Raise | ast.Break | ast.Continue | ast.Assert)
            cost = 1.5 if ends else 4.5
            kind = "stop" if ends and not isinstance(statement, ast.Continue) else "statement"
            yield _whole(kind, cost, statement, (whole, rest))
        if index + 1 < len(block) and not isinstance(statement, ast.Return):
            swapped = [*block[:index], block[index + 1], statement, *block[index + 2 :]]
            yield _whole("sequence", 4.0, statement, (whole, swapped))
        for inner in ("body", "orelse"):
            if isinstance(getattr(statement, inner, None), list) and getattr(statement, inner):
                yield from _block(statement, inner, function, scope)


def _is_set_before(target: ast.expr, node: ast.Assign, scope: Scope) -> TypeGuard[ast.Name]:
    """Whether a name may have a value already where it is given one."""
    if not isinstance(target, ast.Name) or getattr(node.value, "value", "") is None:
        return False
    return target.id in scope.parameters or scope.stores[target.id] > 1


def _single(
    slot: Slot, node: ast.stmt, block: list[ast.stmt], index: int, scope: Scope
) -> Iterator[Whole]:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        if isinstance(target, ast.Subscript) or _is_set_before(target, node, scope):
            for operator, cost in ((ast.Add, 1.0), (ast.Mult, 3.5), (ast.Sub, 3.0), (ast.Div, 3.5)):
                new = ast.AugAssign(target, operator(), node.value)
                kind = "add" if isinstance(operator(), ast.Add) else "kept"
                yield _whole(kind, cost, node, (slot, new))
    elif isinstance(node, ast.AugAssign):
        plain = ast.Assign([node.target], node.value)
        cost = 1.5 if isinstance(node.op, ast.Add) else 2.5
        yield _whole("add", cost, node, (slot, plain))
        for operator in OPERATORS:
            if not isinstance(node.op, operator):
                taken = isinstance(node.op, ast.Sub) and operator is ast.Add
                cost = 1.8 if taken else 2.5  # to take away is rare
                yield _whole("operator", cost, node, (slot, with_(node, op=operator())))
        loaded = _load(node.target)
        fresh = ast.Assign([node.target], binary(loaded, node.op, node.value))
        yield _whole("copy", 2.5, node, (slot, fresh))
        root = _root(node.target)
        copied = ast.Assign(
            [ast.Name(root, ast.Store())], call(ast.Attribute(name(root), "copy", ast.Load()))
        )
        yield _whole("copy", 3.0, node, (Slot(slot.owner, slot.field, None, node),
                                         [*block[:index], copied, *block[index:]]))  # fmt: skip
    elif isinstance(node, ast.Expr) and _writes(node.value, scope):
        root = node.value.args[0].id
        copied = ast.Assign(
            [ast.Name(root, ast.Store())], call(ast.Attribute(name(root), "copy", ast.Load()))
        )
        yield _whole("copy", 2.5, node, (Slot(slot.owner, slot.field, None, node),
                                         [*block[:index], copied, *block[index:]]))  # fmt: skip
    elif isinstance(node, ast.Expr) and _prints(node.value):
        yield _whole("return", 1.5, node, (slot, ast.Return(node.value.args[0])))
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        root = _root(node.targets[0])
        if root:
            copied = ast.Assign(
                [ast.Name(root, ast.Store())], call(ast.Attribute(name(root), "copy", ast.Load()))
            )
            block_slot = Slot(slot.owner, slot.field, None, node)
            yield _whole("copy", 3.0, node, (block_slot, [*block[:index], copied, *block[index:]]))


def _idle(slot: Slot, node: ast.stmt, scope: Scope) -> Iterator[Whole]:
    """What a statement may have been meant to do that does nothing."""
    if isinstance(node, ast.Pass) and isinstance(slot.owner, ast.If):
        yield _whole("stop", 2.0, node, (slot, ast.Raise(call(name("ValueError")), None)))
    if isinstance(node, ast.Pass):
        for made in begun(scope):
            yield _whole("missing", 0.8, node, (slot, made))
        for word in scope.parameters:
            array = call(name("np.array"), name(word), dtype=name("float"))
            yield _whole("missing", 2.2, node, (slot, ast.Assign([_stored(word)], array)))
    if not isinstance(node, ast.Expr) or isinstance(node.value, ast.Call | ast.Constant):
        return
    append = ast.Attribute(node.value, "append", ast.Load())
    for first, second in itertools.zip_longest(scope.names, scope.names[1:], fillvalue=""):
        added = ast.Expr(call(append, name(first)))
        yield _whole("statement", 2.0, node, (slot, added))
        if second:
            both = ast.Tuple([name(first), name(second)], ast.Load())
            yield _whole("statement", 2.3, node, (slot, ast.Expr(call(append, both))))


def _stored(word: str) -> ast.expr:
    return ast.Name(word, ast.Store())


def _prints(node: ast.expr) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print" and bool(node.args)
    )


def _writes(node: ast.expr, scope: Scope) -> TypeGuard[Any]:
    """Whether a call may change what it is given first."""
    first = node.args[0] if isinstance(node, ast.Call) and node.args else None
    method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return method and isinstance(first, ast.Name) and first.id in scope.parameters


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _load(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Name):
        return ast.Name(node.id, ast.Load())
    new: ast.expr = with_(node, ctx=ast.Load())
    return new


def _loop(
    whole: Slot, loop: ast.For | ast.While, block: list[ast.stmt], index: int
) -> Iterator[Whole]:
    """Statements moved into the loop or out of it, and two loops exchanged."""
    body = loop.body
    inside = Slot(loop, "body", None, body[0])
    after, before = block[index + 1 :], block[:index]
    for count in (1, 2):
        if len(body) > count:
            last = body[-count:]
            cost = 1.5 if isinstance(last[-1], ast.Return) else 2.5 + 0.5 * count
            new = [*before, loop, *last, *after]
            yield _whole("place", cost, last[0], (inside, body[:-count]), (whole, new))
            first = body[:count]
            new = [*before, *first, loop, *after]
            yield _whole("place", 3.0 + 0.5 * count, first[0], (inside, body[count:]), (whole, new))
        if len(after) >= count:
            moved = after[:count]
            if not any(isinstance(s, ast.Return) for s in moved):
                new = [*before, loop, *after[count:]]
                longer = [*body, *moved]
                yield _whole("place", 3.0 + 0.5 * count, moved[0], (inside, longer), (whole, new))
        if len(before) >= count:
            moved = before[-count:]
            new = [*before[:-count], loop, *after]
            yield _whole(
                "place", 3.0 + 0.5 * count, moved[0], (inside, [*moved, *body]), (whole, new)
            )
    if len(before) > 1:  # one that does not come just before it
        moved = before[-2:-1]
        new = [*before[:-2], before[-1], loop, *after]
        yield _whole("place", 3.5, moved[0], (inside, [*moved, *body]), (whole, new))
    yield from _term_after(whole, loop, block, index)
    yield from _sum_of_turns(whole, loop, block, index)
    inner = body[0]
    if isinstance(loop, ast.For) and len(body) == 1 and isinstance(inner, ast.For):
        yield _whole(
            "loops", 3.0, loop,
            (Slot(loop, "iter", None, loop), inner.iter), (Slot(inner, "iter", None, inner), loop.iter),
        )  # fmt: skip
        yield _whole(
            "loops", 3.5, loop,
            (Slot(loop, "iter", None, loop), inner.iter), (Slot(inner, "iter", None, inner), loop.iter),
            (Slot(loop, "target", None, loop), inner.target),
            (Slot(inner, "target", None, inner), loop.target),
        )  # fmt: skip


def _sum_of_turns(
    whole: Slot, loop: ast.For | ast.While, block: list[ast.stmt], index: int
) -> Iterator[Whole]:
    """A value of each turn that is to be added up from 0 on."""
    for at, statement in enumerate(loop.body):
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        if isinstance(statement, ast.Assign) and isinstance(target, ast.Name):
            begun = ast.Assign([ast.Name(target.id, ast.Store())], ast.Constant(0))
            new = [*block[:index], begun, *block[index:]]
            added = ast.AugAssign(target, ast.Add(), statement.value)
            slot = Slot(loop, "body", at, statement)
            yield _whole("add", 1.8, statement, (slot, added), (whole, new))


def _term_after(
    whole: Slot, loop: ast.For | ast.While, block: list[ast.stmt], index: int
) -> Iterator[Whole]:
    """A sum whose last term is to be added once, after the loop."""
    for at, statement in enumerate(loop.body):
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
        elif isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add):
            target = statement.target
        else:
            continue
        value = statement.value
        if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Add):
            continue
        if isinstance(target, ast.Name | ast.Subscript):
            once = ast.AugAssign(target, ast.Add(), value.right)
            every = ast.AugAssign(target, ast.Add(), value.left)
            new = [*block[: index + 1], once, *block[index + 1 :]]
            slot = Slot(loop, "body", at, statement)
            kind = "add" if isinstance(statement, ast.Assign) else "once"
            yield _whole(kind, 2.0, statement, (slot, every), (whole, new))


def _branch(whole: Slot, node: ast.If, block: list[ast.stmt], index: int) -> Iterator[Whole]:
    """A branch turned round, or its statements made unconditional."""
    test = Slot(node, "test", None, node)
    negated = ast.UnaryOp(ast.Not(), node.test)
    yield _whole("condition", 3.0, node, (test, negated))
    for value in (True, False):
        yield _whole("branch", 3.5, node, (test, ast.Constant(value)))
    after, before = block[index + 1 :], block[:index]
    if not isinstance(node.body[-1], ast.Raise):
        inside = Slot(node, "body", None, node.body[0])
        if len(node.body) > 1:
            new = [*before, node, node.body[-1], *after]
            moved = node.body[-1]
            yield _whole("place", 3.0, moved, (inside, node.body[:-1]), (whole, new))
        if after and not isinstance(after[0], ast.Return):
            new = [*before, node, *after[1:]]
            yield _whole("place", 3.5, after[0], (inside, [*node.body, after[0]]), (whole, new))
