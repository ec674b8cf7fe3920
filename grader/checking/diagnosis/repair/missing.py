"""What an expression may lack: a factor, a term, a function, an index, one more or one less."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from grader.checking.diagnosis.repair.known_calls import by_names
from grader.checking.diagnosis.repair.nodes import LOAD, New, binary, call, constant, fresh, name
from grader.checking.diagnosis.repair.scope import OUTSIDE, Scope, Slot

WRAPS = ("np.exp", "np.log", "np.sqrt", "np.abs", "float", "len", "int")
UNSIGNED = ast.UnaryOp | ast.Tuple | ast.List | ast.Dict | ast.Lambda
NUMBERS_TO = {"permutation", "arange", "choice"}  # what goes over as many numbers
REDUCTIONS = ("np.sum", "np.mean", "np.count_nonzero")


def in_value(node: ast.expr, slot: Slot, scope: Scope) -> Iterator[New]:
    """A factor, a term, a function or an index that was left out of a value."""
    if isinstance(node, ast.Slice | ast.Starred):
        return
    if isinstance(slot.owner, ast.Compare):
        yield from _compared(node, scope)
    elif isinstance(slot.owner, ast.BinOp):
        if not isinstance(node, ast.BinOp):
            yield from _in_operand(node, scope)
        yield from _in_any(node, slot, scope, 1.0)
    else:
        yield from _unpacked(node, slot)
        yield from _factors(node, slot, scope)
        if isinstance(slot.owner, ast.For | ast.comprehension):
            yield from _counted(node, scope)
            yield from _side_by_side(node, slot, scope)
        if (
            isinstance(node, ast.Name)
            and getattr(getattr(slot.owner, "func", None), "id", "") == "list"
        ):
            yield from _on_a_grid(node, scope)
        if isinstance(node, ast.Constant) and node.value is None:
            yield from _returned(scope) if isinstance(slot.statement, ast.Return) else ()
        yield from _as_argument(node, slot, scope)
        if not isinstance(node, ast.Constant | ast.Tuple | ast.List) and not scope.is_count(node):
            yield from _shaped(node)
        yield from _in_any(node, slot, scope, 0.0)


def _compared(node: ast.expr, scope: Scope) -> Iterator[New]:
    """What one side of a comparison may lack: seldom a term, and much makes a branch go away."""
    if isinstance(node, ast.Name) and node.id in scope.arrays:
        yield New(call(name("len"), node), "number", 3.0)
        yield from _taken_elsewhere(node, scope)
    if not isinstance(node, ast.Constant):
        for operator in (ast.Add(), ast.Sub()):
            yield New(binary(node, operator, ast.Constant(1)), "comparison", 3.5)


def _in_any(node: ast.expr, slot: Slot, scope: Scope, more: float) -> Iterator[New]:
    """What a whole value or an operand may lack."""
    if isinstance(node, ast.Constant):
        return
    outside = isinstance(node, ast.Name) and node.id in OUTSIDE
    count = scope.is_count(node)
    if not outside and not count and not isinstance(node, UNSIGNED):
        yield New(ast.UnaryOp(ast.USub(), node), "sign", 2.5 + more)
    if not isinstance(node, ast.Tuple | ast.List):
        if not count:
            yield from _rest(node, slot)
            yield New(ast.Attribute(node, "T", LOAD), "transpose", 3.0 + more)
        yield from _indexed(node, scope, more)
    if isinstance(node, ast.Name) and node.id in scope.arrays:
        yield from _where_it_is_put(node, slot)
        yield from _of_name(node, scope, more)
    yield from _wrapped(node, slot, scope, more)


def _unpacked(node: ast.expr, slot: Slot) -> Iterator[New]:
    """As many of several values as there are names for, from the beginning or the end."""
    target = getattr(slot.owner, "targets", [getattr(slot.owner, "target", None)])[0]
    if not isinstance(target, ast.Tuple) or isinstance(node, ast.Tuple | ast.Constant):
        return
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        node = node.value
    count = len(target.elts)
    for low, high in ((None, count), (-count, None), (count, None)):
        lower, upper = (None if n is None else ast.Constant(n) for n in (low, high))
        some = ast.Slice(lower, upper, None)
        yield New(ast.Subscript(node, some, LOAD), "slice", 2.6)


def _counted(node: ast.expr, scope: Scope) -> Iterator[New]:
    """What a loop may have been meant to go over."""
    if not scope.is_count(node) or isinstance(node, ast.Name):
        yield New(call(name("range"), node), "range", 2.0)
    if isinstance(node, ast.List) and not node.elts:
        yield from by_names(scope)
    if isinstance(node, ast.Name):
        yield New(call(name("enumerate"), node), "range", 3.0)
        for other in scope.arrays:
            if other != node.id:
                yield New(call(name("zip"), node, name(other)), "range", 2.8)
    if not isinstance(node, ast.List | ast.Tuple | ast.Constant):
        return
    for number in scope.numbers:
        yield New(call(name("range"), name(number)), "range", 2.5)
    for array in scope.arrays:
        yield New(call(name("range"), call(name("len"), name(array))), "range", 2.5)
        yield New(name(array), "range", 3.0)
        shape = ast.Attribute(name(array), "shape", LOAD)
        for count in (1, 2, 3):
            some = ast.Subscript(shape, ast.Slice(None, ast.Constant(count), None), LOAD)
            yield New(call(name("np.ndindex"), some), "range", 3.5)
    for loop in scope.loops:
        yield New(loop, "range", 2.5)


def _as_argument(node: ast.expr, slot: Slot, scope: Scope) -> Iterator[New]:
    """A length for an array, and a share for what it is a share of."""
    called = getattr(getattr(slot.owner, "func", None), "attr", "")
    if called in NUMBERS_TO and isinstance(node, ast.Name) and node.id in scope.arrays:
        yield New(call(name("len"), node), "number", 2.6)
    if called == "sqrt" and isinstance(node, ast.Name | ast.Subscript):
        for factor in (2, 1):
            yield New(binary(ast.Constant(factor), ast.Div(), node), "scale", 2.6)


def _on_a_grid(node: ast.Name, scope: Scope) -> Iterator[New]:
    """All places in rows and columns, where the number of rows stands."""
    for other in (node.id, *scope.siblings(node.id)):
        if other == node.id or other in scope.counts:
            yield New(call(name("np.ndindex"), node, name(other)), "range", 2.0)


def _side_by_side(node: ast.expr, slot: Slot, scope: Scope) -> Iterator[New]:
    """What a loop that takes two values at a time may have been meant to go over."""
    target = getattr(slot.owner, "target", None)
    if not isinstance(target, ast.Tuple) or len(target.elts) != 2:
        return
    if isinstance(node, ast.Name):
        yield from _on_a_grid(node, scope)
    if isinstance(node, ast.List) and not node.elts:
        backward = ast.Slice(None, None, ast.UnaryOp(ast.USub(), ast.Constant(1)))
        for array in scope.arrays:
            yield New(ast.Subscript(name(array), backward, LOAD), "range", 3.0)
        for first, second in itertools.permutations(scope.arrays[:8], 2):
            yield New(call(name("zip"), name(first), name(second)), "range", 3.0)


def _indexed(node: ast.expr, scope: Scope, more: float) -> Iterator[New]:
    """One entry of an array, at an index that is used elsewhere in the function, or in the shape of
    something."""
    if isinstance(node, ast.Name | ast.Subscript):
        for index in scope.indices:
            yield New(ast.Subscript(node, index, LOAD), "index", 3.8 + more)
    for shape in (*map(name, scope.shapes), *scope.shape_tuples):
        shaped = call(ast.Attribute(node, "reshape", LOAD), shape)
        yield New(shaped, "shape", 3.5 + more)
    for count in (1, 2):
        thin = ast.Tuple([ast.Constant(...), *[ast.Constant(None)] * count], LOAD)
        yield New(ast.Subscript(node, thin, LOAD), "shape", 4.0 + more)


def _shaped(node: ast.expr) -> Iterator[New]:
    """The same numbers in another shape, type or order, some of them, or their sums."""
    yield New(call(ast.Attribute(node, "copy", LOAD)), "alias", 3.4)
    floats = call(ast.Attribute(node, "astype", LOAD), name("float"))
    yield New(floats, "type", 4.0)
    rows = call(ast.Attribute(node, "reshape", LOAD), call(name("len"), node), constant(-1))
    yield New(rows, "shape", 3.5)
    for total in ("mean", "sum"):
        yield New(call(ast.Attribute(node, total, LOAD)), "sum", 4.0)
    for axis in (0, 1, (0, 2, 3), (2, 3), -1):
        added = call(ast.Attribute(node, "sum", LOAD), axis=constant(axis))
        yield New(added, "sum", 5.0)
    backward = ast.Slice(None, None, ast.UnaryOp(ast.USub(), ast.Constant(1)))
    yield New(ast.Subscript(node, backward, LOAD), "slice", 4.5)
    yield New(ast.Subscript(node, ast.Constant(0), LOAD), "index", 4.5)
    for count in ((1, None), (None, -1)):
        low, high = (None if c is None else constant(c) for c in count)
        yield New(ast.Subscript(node, ast.Slice(low, high, None), LOAD), "slice", 4.5)
    thin = ast.Tuple([ast.Slice(None, None, None), ast.Constant(None)], LOAD)
    yield New(ast.Subscript(node, thin, LOAD), "shape", 4.5)


def _in_operand(node: ast.expr, scope: Scope) -> Iterator[New]:
    """A number that is missing inside of a product or a sum."""
    for number in (*scope.numbers, *scope.fields):
        yield New(binary(node, ast.Mult(), name(number)), "term", 4.2)
        yield New(binary(node, ast.Sub(), name(number)), "term", 4.2)
        yield New(binary(node, ast.Add(), name(number)), "term", 4.2)
    for array in scope.arrays:
        for operator in (ast.Add(), ast.Sub(), ast.Mult()):
            yield New(binary(node, operator, name(array)), "term", 4.8)
        if array in scope.unused:
            yield New(binary(node, ast.MatMult(), name(array)), "term", 4.0)
        yield from _product(node, array, scope)
    yield New(binary(node, ast.Pow(), ast.Constant(2)), "function", 4.6)


def _taken_elsewhere(node: ast.Name, scope: Scope) -> Iterator[New]:
    """The entry of an array that is taken at another place."""
    for entry in scope.taken.get(node.id, ()):
        yield New(entry, "index", 2.5)


def _where_it_is_put(node: ast.Name, slot: Slot) -> Iterator[New]:
    """The entries of an array at the places where the result is put."""
    target = getattr(slot.statement, "targets", [getattr(slot.statement, "target", None)])[0]
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Name | ast.Tuple):
        yield New(ast.Subscript(node, fresh(target.slice), LOAD), "index", 2.6)


def _of_name(node: ast.Name, scope: Scope, more: float) -> Iterator[New]:
    """An array without its borders, a part of it, or in the shape of another."""
    yield from _taken_elsewhere(node, scope)
    for pad in scope.pads:
        yield New(_cropped(node, pad), "crop", 2.5 + more)
    for index in scope.numbers:
        yield New(ast.Subscript(node, name(index), LOAD), "index", 4.0 + more)
    for first in sorted(scope.counters):
        for second in sorted(scope.counters):
            if first != second:
                both = ast.Tuple([name(first), name(second)], LOAD)
                yield New(ast.Subscript(node, both, LOAD), "index", 4.2 + more)
    for word in scope.parameters if node.id in scope.made_tables else ():
        yield New(ast.Subscript(node, name(word), LOAD), "index", 2.8 + more)
    for text in scope.texts if node.id in scope.tables else ():
        yield New(ast.Subscript(node, ast.Constant(text), LOAD), "index", 2.8 + more)
    for other in scope.arrays:
        if other != node.id:
            yield New(ast.Subscript(node, name(other), LOAD), "index", 4.8 + more)
            like = ast.Attribute(name(other), "shape", LOAD)
            yield New(call(ast.Attribute(node, "reshape", LOAD), like), "shape", 3.5 + more)


def _wrapped(node: ast.expr, slot: Slot, scope: Scope, more: float) -> Iterator[New]:
    """What a function of the file makes of it."""
    for wrap in dict.fromkeys((*scope.calls, *scope.helpers, *WRAPS)):
        if wrap == "range" and not isinstance(slot.owner, ast.For):
            continue
        if "." not in wrap or wrap.startswith("np."):
            cost = 4.5 if wrap in scope.calls else 5.0
            yield New(call(name(wrap), node), "function", cost + more)
        elif wrap.count(".") == 1 and not more:
            method = wrap.partition(".")[2]
            yield New(call(ast.Attribute(node, method, LOAD)), "function", 5.0 + more)

    if more and not isinstance(node, ast.Constant):
        for wrap in REDUCTIONS:
            yield New(call(name(wrap), node), "sum", 5.2)
    shape = isinstance(node, ast.Name) and node.id in scope.shapes
    if shape or isinstance(node, ast.Attribute | ast.Tuple):
        yield New(call(name("np.zeros"), node), "function", 3.5 + more)


def _rest(node: ast.expr, slot: Slot) -> Iterator[New]:
    """What is left of 1."""
    if isinstance(slot.owner, ast.BinOp | ast.Return | ast.Assign | ast.Call):
        kind = "condition" if slot.decides else "share"
        yield New(binary(ast.Constant(1), ast.Sub(), node), kind, 3.2)
        yield New(binary(ast.Constant(1), ast.Add(), node), "term", 4.2)


def _returned(scope: Scope) -> Iterator[New]:
    """What may have been meant by `return None`."""
    for first in scope.names:
        yield New(name(first), "return", 2.5)
        for second in scope.names[:12]:
            yield New(ast.Tuple([name(first), name(second)], LOAD), "return", 3.5)


def _cropped(node: ast.Name, pad: str) -> ast.expr:
    def cut(axis: int) -> ast.expr:
        length = ast.Subscript(ast.Attribute(node, "shape", LOAD), ast.Constant(axis), LOAD)
        return ast.Slice(name(pad), binary(length, ast.Sub(), name(pad)), None)

    whole = ast.Slice(None, None, None)
    return ast.Subscript(node, ast.Tuple([whole, whole, cut(2), cut(3)], LOAD), LOAD)


def _at_same_place(node: ast.expr, slot: Slot, scope: Scope) -> Iterator[New]:
    """What other arrays have at the entry that a value is put at."""
    statement = slot.statement
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if slot.owner is statement and isinstance(target, ast.Subscript):
        for array in scope.arrays:
            entry = ast.Subscript(name(array), target.slice, LOAD)
            for operator in (ast.Sub(), ast.Add(), ast.Mult()):
                yield New(binary(node, operator, entry), "term", 3.4)


def _product(node: ast.expr, array: str, scope: Scope) -> Iterator[New]:
    """A matrix on the left, or turned round."""
    if scope.multiplies:
        cost = 4.0 if array in scope.unused else 5.0
        turned = ast.Attribute(name(array), "T", LOAD)
        yield New(binary(name(array), ast.MatMult(), node), "term", cost)
        yield New(binary(turned, ast.MatMult(), node), "term", cost)
        yield New(binary(node, ast.MatMult(), turned), "term", cost)


def _divided(node: ast.expr, scope: Scope) -> Iterator[New]:
    """What a number that stands alone may have been meant to divide."""
    for array in scope.arrays:
        yield New(binary(name(array), ast.Div(), node), "term", 4.2)
        for index in scope.indices:
            entry = ast.Subscript(name(array), index, LOAD)
            yield New(binary(entry, ast.Div(), node), "term", 4.2)


def _after_unused(node: ast.expr, scope: Scope) -> Iterator[New]:
    """What an array that is never read may have been divided by, or lessened."""
    for array in scope.arrays:
        if array in scope.unused:
            yield New(binary(name(array), ast.Div(), node), "term", 4.2)
            yield New(binary(name(array), ast.Sub(), node), "term", 4.2)


def _by_unread(node: ast.expr, scope: Scope) -> Iterator[New]:
    """A factor that a cache holds, and that is never taken out of it."""
    for kept in scope.unread:
        for operator in (ast.Div(), ast.Mult()):
            yield New(binary(node, operator, kept), "scale", 2.8)


def _factors(node: ast.expr, slot: Slot, scope: Scope) -> Iterator[New]:
    for field in scope.fields:
        for operator in (ast.Mult(), ast.Div(), ast.Add(), ast.Sub()):
            yield New(binary(node, operator, name(field)), "term", 4.0)
    for loop in scope.loops:
        if isinstance(loop, ast.Name | ast.Subscript | ast.Attribute):
            yield New(binary(node, ast.Div(), call(name("len"), loop)), "scale", 4.2)
    if scope.is_number(node):
        yield from _divided(node, scope)
    for number in scope.numbers:
        cost = 4.5 if number in scope.counters else 3.5
        yield New(binary(node, ast.Div(), name(number)), "scale", cost)
        yield New(binary(node, ast.Mult(), name(number)), "scale", cost)
        yield New(binary(node, ast.Add(), name(number)), "term", 4.5)
        yield New(binary(node, ast.Sub(), name(number)), "term", 4.5)
        if number not in scope.counts:
            rest = binary(ast.Constant(1), ast.Sub(), name(number))
            cost = 3.0 if number in scope.parameters else 4.0
            yield New(binary(node, ast.Div(), rest), "share", cost)
            yield New(binary(node, ast.Mult(), rest), "share", cost)
    for array in scope.arrays:
        yield New(binary(node, ast.Mult(), name(array)), "term", 4.0)
        yield New(binary(node, ast.Add(), name(array)), "term", 4.0)
        yield New(binary(node, ast.Sub(), name(array)), "term", 4.0)
        yield New(binary(node, ast.Div(), call(name("len"), name(array))), "scale", 3.5)
        yield New(binary(node, ast.Mult(), call(name("len"), name(array))), "scale", 4.0)
        cost = 4.0 if array in scope.unused else 5.0
        yield New(binary(node, ast.MatMult(), name(array)), "term", cost)
        yield from _product(node, array, scope)
        rest_of_one = binary(ast.Constant(1), ast.Sub(), name(array))
        yield New(binary(node, ast.Mult(), rest_of_one), "term", 4.4)
        on = ast.Compare(name(array), [ast.Gt()], [ast.Constant(0)])
        yield New(binary(node, ast.Mult(), on), "term", 4.0)
        if isinstance(node, ast.List) and len(node.elts) == 1:
            yield New(binary(node, ast.Mult(), call(name("len"), name(array))), "number", 2.5)
        for index in scope.indices:
            entry = ast.Subscript(name(array), index, LOAD)
            yield New(binary(node, ast.Mult(), entry), "term", 4.6)
        size = ast.Attribute(name(array), "size", LOAD)
        yield New(binary(node, ast.Div(), size), "scale", 4.5)
    for term in scope.terms:
        yield New(binary(node, ast.Mult(), term), "term", 4.6)
    yield from _after_unused(node, scope)
    yield from _at_same_place(node, slot, scope)
    yield from _by_unread(node, scope)
    for factor in (2, 0.5):
        yield New(binary(node, ast.Mult(), ast.Constant(factor)), "scale", 3.5)
    yield New(binary(node, ast.Pow(), ast.Constant(2)), "function", 4.5)


def in_bound(node: ast.expr, slot: Slot, scope: Scope) -> Iterator[New]:
    """One more or one less, times a step, with something added."""
    if isinstance(node, ast.Slice | ast.Tuple):
        return
    kind = "range" if isinstance(slot.owner, ast.Call) else "slice"
    if isinstance(node, ast.Name) and node.id in scope.arrays:
        yield New(call(name("len"), node), "number", 3.0)
        for entry in range(4):
            yield New(ast.Subscript(node, ast.Constant(entry), LOAD), "index", 3.4)
    if not isinstance(node, ast.Constant):
        for operator in (ast.Add(), ast.Sub()):
            yield New(binary(node, operator, ast.Constant(1)), kind, 3.0)
    for number in scope.numbers:
        near = number in scope.parameters or "stride" in number or "step" in number
        yield New(binary(node, ast.Add(), name(number)), kind, 3.5)
        yield New(binary(node, ast.Sub(), name(number)), kind, 3.5)
        if not isinstance(node, ast.Name):
            yield New(binary(node, ast.Mult(), name(number)), "step", 3.5 if near else 4.5)
        if near:
            yield New(binary(node, ast.FloorDiv(), name(number)), "step", 4.0)
        twice = binary(ast.Constant(2), ast.Mult(), name(number))
        yield New(binary(node, ast.Add(), twice), kind, 4.5)
