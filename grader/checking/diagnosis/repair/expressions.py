"""What an expression may have been meant to be: the catalogue of small edits inside a statement.

Each gives the new expression, its kind (`words` has a sentence for each), its cost (what is seen often
in beginners' code is cheap), and a sign: edits of one sign may also be made throughout.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from grader.checking.diagnosis.repair import known_calls, missing
from grader.checking.diagnosis.repair.call_edits import in_call, is_axis
from grader.checking.diagnosis.repair.index_edits import in_slice, in_subscript
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
from grader.checking.diagnosis.repair.scope import OUTSIDE, Scope, Slot, alike

ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.MatMult, ast.Pow, ast.Mod)
NEAR = {
    ast.Add: (ast.Sub, ast.Mult), ast.Sub: (ast.Add, ast.Div), ast.Mult: (ast.Div, ast.MatMult, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv), ast.FloorDiv: (ast.Div, ast.Mod), ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,), ast.Mod: (ast.FloorDiv,),
}  # fmt: skip
COMPARE = {
    ast.Lt: (ast.LtE, ast.GtE, ast.Gt), ast.LtE: (ast.Lt, ast.Gt, ast.GtE),
    ast.Gt: (ast.GtE, ast.LtE, ast.Lt), ast.GtE: (ast.Gt, ast.Lt, ast.LtE),
    ast.Eq: (ast.NotEq, ast.GtE, ast.LtE), ast.NotEq: (ast.Eq, ast.Gt, ast.Lt), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip
TWINS = (
    "max min", "maximum minimum", "argmax argmin", "max argmax", "sum mean", "zeros ones", "sqrt square",
    "zeros_like ones_like", "zeros_like empty_like", "zeros empty", "log log2", "log log10", "log log1p",
    "exp expm1", "rand randn", "random normal", "dot matmul", "sum prod", "hstack vstack", "std var",
    "floor ceil", "max maximum", "min minimum", "sqrt abs", "random standard_normal", "cosh sinh",
    "sin cos", "any all", "rfft2 fft2", "irfft2 ifft2", "argmax argsort", "zeros full",
)  # fmt: skip
TWIN: dict[str, list[str]] = {}
for _pair in TWINS:
    _a, _b = _pair.split()
    TWIN.setdefault(_a, []).append(_b)
    TWIN.setdefault(_b, []).append(_a)


SIZED = {"zeros", "ones", "empty", "full", "eye", "identity", "range", "arange", "reshape"}
OF_PAIR = 1.5  # what it costs more to add something to an axis that nothing is added to
SMALL = 1e-3  # what may have been added to keep away from 0

ROOTS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (ast.Assign | ast.AugAssign | ast.Return | ast.AnnAssign, ("value",)),
    (ast.Call, ("args",)),
    (ast.For | ast.comprehension, ("iter",)),
    (ast.ListComp | ast.GeneratorExp, ("elt",)),
    (ast.BinOp, ("left", "right")),
    (ast.Dict, ("values",)),
    (ast.IfExp, ("body", "orelse")),
    (ast.Lambda, ("body",)),
    (ast.Compare, ("left", "comparators")),
)


def changed(slot: Slot, scope: Scope) -> Iterator[New]:
    """What may stand in a slot instead."""
    node = slot.get()
    if slot.field == "defaults":
        yield from _default(node)
        return
    if isinstance(getattr(node, "ctx", LOAD), ast.Store | ast.Del):
        yield from _stored(slot, node, scope)
        return
    for kind, change in CHANGES.items():
        if isinstance(node, kind):
            yield from change(node, slot, scope)
    index = isinstance(slot.owner, ast.Subscript) and isinstance(node, ast.Name)
    if _is_root(slot) or index or (isinstance(slot.owner, ast.Subscript) and slot.field == "value"):
        yield from known_calls.with_value(node, slot, scope)
    if _is_root(slot):
        yield from missing.in_value(node, slot, scope)
    if isinstance(slot.owner, ast.Starred):
        for index in (constant(-1), constant(0), *scope.indices):
            yield New(ast.Subscript(node, index, LOAD), "index", 2.8)
    if _is_place(slot):
        yield from missing.in_bound(node, slot, scope)


def _is_root(slot: Slot) -> bool:
    """Whether it is a whole value: what is assigned, returned, handed over, an operand."""
    owner, field = slot.owner, slot.field
    if isinstance(owner, ast.Tuple):
        loaded = isinstance(owner.ctx, ast.Load)
        above = slot.parents[-2] if len(slot.parents) > 1 else None
        return loaded and isinstance(above, ast.Return | ast.Assign)
    return any(isinstance(owner, kind) and field in fields for kind, fields in ROOTS)


def _is_place(slot: Slot) -> bool:
    """Whether it is an index, a bound or a size."""
    owner, field = slot.owner, slot.field
    if isinstance(owner, ast.Slice):
        return True
    if isinstance(owner, ast.Subscript) and field == "slice":
        return not isinstance(slot.get(), ast.Tuple | ast.Slice)
    if isinstance(owner, ast.Tuple) and len(slot.parents) > 1:
        above = slot.parents[-2]
        return isinstance(above, ast.Subscript | ast.Call)
    return (
        isinstance(owner, ast.Call)
        and isinstance(owner.func, ast.Name)
        and owner.func.id == "range"
    )


# What stands there by kind -----------------------------------------------------------------------


def _stored(slot: Slot, node: ast.expr, scope: Scope) -> Iterator[New]:
    if isinstance(node, ast.Name) and not isinstance(slot.owner, ast.For | ast.comprehension):
        for other in scope.siblings(node.id):
            yield New(ast.Name(other, ast.Store()), "name", 3.5)
    elif isinstance(node, ast.Attribute):
        yield from _field(node, slot, scope)
    elif isinstance(node, ast.Tuple):
        for index in range(len(node.elts) - 1):
            yield New(with_(node, elts=swapped(node.elts, index)), "order", 3.0)
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name | ast.Constant):
        whole = ast.Slice(None, None, None)
        yield New(with_(node, slice=ast.Tuple([whole, node.slice], LOAD)), "index", 3.5)
        if isinstance(node.value, ast.Name):
            for more in scope.indices:  # x[window] for x[n, c][window]
                yield New(with_(node, value=ast.Subscript(node.value, more, LOAD)), "index", 4.2)


def _name(node: ast.Name, slot: Slot, scope: Scope) -> Iterator[New]:
    if isinstance(slot.owner, ast.Call) and slot.field == "func":
        return
    near = scope.siblings(node.id)
    for other in near:
        yield New(ast.Name(other, LOAD), "name", 2.0, ("name", node.id, other))
    same = scope.numbers if node.id in scope.numbers else scope.arrays
    for other in same:
        if other not in near and other != node.id:
            yield New(ast.Name(other, LOAD), "name", 4.0, ("name", node.id, other))
    unknown = node.id not in scope.names and node.id not in OUTSIDE
    if unknown and not isinstance(slot.owner, ast.Attribute):
        cost = 3.5 if node.id in scope.filled else 2.5  # it is rather made nowhere
        for other in scope.names:
            yield New(ast.Name(other, LOAD), "name", cost, ("name", node.id, other))
    for field in scope.fields:
        if alike(field.partition(".")[2], node.id):
            yield New(name(field), "name", 3.0)
    if node.id in scope.counters and not isinstance(slot.owner, ast.Compare):
        for step in scope.numbers:
            if "stride" in step or "step" in step or step in scope.parameters:
                product = binary(ast.Name(node.id, LOAD), ast.Mult(), name(step))
                yield New(product, "step", 2.5, ("step", step))
    if node.id in scope.numbers and node.id not in scope.counts and not _is_place(slot):
        rest = binary(ast.Constant(1), ast.Sub(), ast.Name(node.id, LOAD))
        kind = "condition" if slot.decides else "share"
        yield New(rest, kind, 2.5, ("rest", node.id))


def _constant(node: ast.Constant, slot: Slot, scope: Scope) -> Iterator[New]:
    value = node.value
    if isinstance(value, bool):
        copies = isinstance(slot.owner, ast.keyword) and slot.owner.arg == "copy"
        kind = "alias" if copies else "switch"
        yield New(ast.Constant(not value), kind, 2.0, ("const", value, not value))
        yield from _conditions(slot, scope)
    elif isinstance(value, int):
        yield from _whole_number(value, slot, scope)
        yield from _length(value, slot, scope)
        yield from _one(value, slot, scope)
    elif isinstance(value, float):
        for more in dict.fromkeys(
            (value * 2, value / 2, 1.0, 0.0, -value, 1 - value, value + 1, value - 1, 2.0, 0.5)
        ):
            if more != value:
                yield New(ast.Constant(more), "number", 3.0, ("const", value, more))
        for word in scope.numbers:
            yield New(name(word), "number", 4.0)
        yield from _one(value, slot, scope)
        yield from _deviation(value, slot, scope)
    elif isinstance(value, str):
        for text in scope.texts:
            if text != value:
                cost = 2.5 if alike(value, text) else 4.0
                yield New(ast.Constant(text), "text", cost, ("const", value, text))


def _of_number(slot: Slot) -> str:
    """The kind of an edit of a number: what the number says where it stands."""
    below: ast.AST | None = None
    for above in reversed(slot.parents):
        if isinstance(above, ast.keyword):
            return "axis" if above.arg == "axis" else "number"
        if isinstance(above, ast.Slice | ast.Subscript):
            return "slice" if isinstance(above, ast.Slice) else "entry"
        if isinstance(above, ast.Call):
            if getattr(above.func, "id", "") == "range":
                return "range"
            at = below if below is not None else slot.get()
            return "axis" if is_axis(above, at) else "number"
        if not isinstance(above, ast.Tuple | ast.UnaryOp):
            return "number"
        below = above
    return "number"


def _is_in_pairs(slot: Slot) -> bool:
    """Whether it is in a pair of several, as np.pad takes them."""
    above = slot.parents[-2] if len(slot.parents) > 1 else None
    return isinstance(slot.owner, ast.Tuple) and isinstance(above, ast.Tuple)


def _whole_number(value: int, slot: Slot, scope: Scope) -> Iterator[New]:
    kind = _of_number(slot)
    for other in dict.fromkeys((value + 1, value - 1, 0, 1, 2, 3, -value)):
        if other != value:
            turned = other == -value and isinstance(slot.owner, ast.Call)
            cost = 2.5 if abs(other - value) == 1 or turned else 3.5
            cost += OF_PAIR * (value == 0 and _is_in_pairs(slot))
            yield New(ast.Constant(other), kind, cost, ("const", value, other))
    for word in scope.numbers:
        yield New(name(word), kind, 4.0, ("constname", value, word))
        if value == 1 and word not in scope.counts and not _is_place(slot):
            yield New(binary(ast.Constant(1), ast.Sub(), name(word)), "share", 3.8)


def _deviation(value: float, slot: Slot, scope: Scope) -> Iterator[New]:
    """A standard deviation that depends on a length, for a small factor."""
    factor = isinstance(slot.owner, ast.BinOp) and isinstance(slot.owner.op, ast.Mult)
    if factor and 0 < value < 1:
        for length in (*map(name, scope.numbers), *scope.looked_up):
            for share in (2, 1):
                root = call(name("np.sqrt"), binary(ast.Constant(share), ast.Div(), length))
                yield New(root, "scale", 3.2)


def _length(value: int, slot: Slot, scope: Scope) -> Iterator[New]:
    """The length of something, where a number says how long an array is."""
    made = (
        slot.parents[-2]
        if len(slot.parents) > 1 and isinstance(slot.owner, ast.Tuple)
        else slot.owner
    )
    called = made.func if isinstance(made, ast.Call) else None
    if value < 2 or getattr(called, "attr", getattr(called, "id", "")) not in SIZED:
        return
    for array in scope.arrays:
        if array in scope.parameters:
            for axis in (0, 1, -1):
                shape = ast.Attribute(name(array), "shape", LOAD)
                length = ast.Subscript(shape, constant(axis), LOAD)
                yield New(length, "number", 3.0)


def _more_than_one(scope: Scope) -> Iterator[New]:
    """What may be added to a 1."""
    for array in scope.arrays:
        yield New(binary(ast.Constant(1), ast.Add(), name(array)), "term", 3.8)


def _one(value: float, slot: Slot, scope: Scope) -> Iterator[New]:
    """What a 1 may lack."""
    if value != 1 or _is_place(slot):
        return
    if isinstance(slot.owner, ast.BinOp):
        yield from _more_than_one(scope)
        return
    for word in scope.numbers:
        if word not in scope.counts:
            rest = binary(ast.Constant(1), ast.Sub(), name(word))
            yield New(binary(ast.Constant(1), ast.Div(), rest), "scale", 3.8)


def _default(node: ast.Constant) -> Iterator[New]:
    value = node.value
    if isinstance(value, bool):
        yield New(ast.Constant(not value), "default", 2.0)
    elif isinstance(value, int):
        for other in dict.fromkeys((value + 1, value - 1, 0, 1, 2)):
            if other != value:
                yield New(ast.Constant(other), "default", 2.5)
    elif isinstance(value, float) and 0 < value < SMALL:
        yield New(ast.Constant(0.0), "default", 2.5)


def _conditions(slot: Slot, scope: Scope) -> Iterator[New]:
    """What may be asked where nothing is."""
    if slot.field != "test":
        return
    for word in scope.names:
        yield New(name(word), "condition", 3.4)
        yield New(ast.UnaryOp(ast.Not(), name(word)), "condition", 3.4)
        for limit in (0, 1):
            for operator in (ast.Gt(), ast.GtE(), ast.Lt(), ast.Eq()):
                yield New(_asked(word, operator, ast.Constant(limit)), "condition", 3.5)
        for text in scope.texts:
            yield New(_asked(word, ast.Eq(), ast.Constant(text)), "condition", 3.5)
    for first in sorted(scope.counters):
        for second in scope.arrays:
            last = binary(call(name("len"), name(second)), ast.Sub(), ast.Constant(1))
            yield New(_asked(first, ast.NotEq(), last), "condition", 4.0)
            yield New(_asked(first, ast.Lt(), last), "condition", 4.0)


def _asked(word: str, operator: ast.cmpop, limit: ast.expr) -> ast.expr:
    return ast.Compare(name(word), [operator], [limit])


def _binary(node: ast.BinOp, slot: Slot, scope: Scope) -> Iterator[New]:
    kind = type(node.op)
    yield from _places(node, scope)
    for other in NEAR.get(kind, ()):
        yield New(other(), "operator", 2.0, ("op", kind.__name__, other.__name__), "op")
    for other in ARITHMETIC:
        if other is not kind and other not in NEAR.get(kind, ()):
            yield New(with_(node, op=other()), "operator", 4.5)
    if not isinstance(node.op, ast.Add | ast.Mult):
        yield New(with_(node, left=node.right, right=node.left), "operands", 2.5)
    if isinstance(node.op, ast.Add):
        yield from _exchanged_shares(node)
    if isinstance(node.op, ast.Add | ast.Sub):
        yield from _divider(node, slot)
    yield from _one_side(node, slot, scope)
    if isinstance(node.op, ast.Mult):
        yield from _product(node, scope)
    if isinstance(node.op, ast.MatMult):
        yield from _biased(node)
        for left, right in ((1, 0), (0, 1), (1, 1)):
            new_left = ast.Attribute(node.left, "T", LOAD) if left else node.left
            new_right = ast.Attribute(node.right, "T", LOAD) if right else node.right
            yield New(binary(new_left, ast.MatMult(), new_right), "transpose", 2.5)
            if left or right:
                yield New(binary(new_right, ast.MatMult(), new_left), "transpose", 3.0)
    inner = node.left  # (a op b) op c → a op (b op c)
    if isinstance(inner, ast.BinOp):
        moved = binary(inner.left, inner.op, binary(inner.right, node.op, node.right))
        yield New(moved, "brackets", 3.5)
    if isinstance(node.right, ast.BinOp):
        deep = node.right
        moved = binary(binary(node.left, node.op, deep.left), deep.op, deep.right)
        yield New(moved, "brackets", 3.5)


def _one_side(node: ast.BinOp, slot: Slot, scope: Scope) -> Iterator[New]:
    """Only one of the two sides."""
    one = isinstance(node.right, ast.Constant) and node.right.value == 1
    less = ("range", 1.8) if one and _is_place(slot) else ("term", 3.0)
    if isinstance(node.op, ast.Div) and scope.is_number(node.right):
        less = "scale", 2.4
    yield New(node.left, *less, ("drop right", ast.dump(node.right)))
    share = ("scale", 2.4) if _is_share(node.left, scope) else ("term", 3.0)
    yield New(node.right, *share, ("drop left", ast.dump(node.left)))


def _is_share(node: ast.expr, scope: Scope) -> bool:
    """Whether it is 1 / n."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Div):
        return False
    return getattr(node.left, "value", 0) == 1 and scope.is_number(node.right)


def _product(node: ast.BinOp, scope: Scope) -> Iterator[New]:
    """a * s → a.T @ s, and a * s → a * s * (1 - s)."""
    turned = ast.Attribute(node.left, "T", LOAD)
    yield New(binary(turned, ast.MatMult(), node.right), "operator", 3.0)
    for side in (node.left, node.right):
        if isinstance(side, ast.Name | ast.Subscript) and not scope.is_count(side):
            rest = binary(ast.Constant(1), ast.Sub(), side)
            yield New(binary(node, ast.Mult(), rest), "term", 3.4)


def _divider(node: ast.BinOp, slot: Slot) -> Iterator[New]:
    """a + b → 1 / (a + b)."""
    if not _is_place(slot):
        yield New(binary(ast.Constant(1), ast.Div(), node), "scale", 3.5)


def _biased(node: ast.BinOp) -> Iterator[New]:
    """x @ layer[0] → x @ layer[0] + layer[1]."""
    pair = node.right
    index = pair.slice if isinstance(pair, ast.Subscript) else None
    if isinstance(index, ast.Constant) and index.value in (0, 1):
        bias = with_(pair, slice=ast.Constant(1 - index.value))
        yield New(binary(node, ast.Add(), bias), "term", 3.4)


def _exchanged_shares(node: ast.BinOp) -> Iterator[New]:
    """a * x + (1 - a) * y → (1 - a) * x + a * y."""
    one, other = node.left, node.right
    if not (isinstance(one, ast.BinOp) and isinstance(other, ast.BinOp)):
        return
    if not (isinstance(one.op, ast.Mult) and isinstance(other.op, ast.Mult)):
        return
    shares = ast.unparse(one.left), ast.unparse(other.left)
    if any(f"1 - {a}" == b for a, b in (shares, shares[::-1])):
        left, right = with_(one, left=other.left), with_(other, left=one.left)
        yield New(with_(node, left=left, right=right), "share", 2.5)


def _places(node: ast.expr, scope: Scope) -> Iterator[New]:
    """The number of windows along a side, where another quotient stands."""
    turned = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)  # -(-H // stride)
    quotient = node.operand if turned and isinstance(node, ast.UnaryOp) else node
    if not isinstance(quotient, ast.BinOp) or not isinstance(quotient.op, ast.FloorDiv | ast.Div):
        return
    side = quotient.left.operand if isinstance(quotient.left, ast.UnaryOp) else quotient.left
    steps = [n for n in scope.numbers if n in scope.parameters]
    for length, step in itertools.permutations(steps, 2):
        room = binary(side, ast.Sub(), name(length))
        count = binary(binary(room, ast.FloorDiv(), name(step)), ast.Add(), ast.Constant(1))
        yield New(count, "count", 2.8, ("places", length, step, turned))


def _unary(node: ast.UnaryOp, slot: Slot, scope: Scope) -> Iterator[New]:
    yield from _places(node, scope)
    yield New(node.operand, "sign" if isinstance(node.op, ast.USub) else "condition", 2.0)


LARGEST = {"max", "min", "amax", "amin"}


def _shared_by_ties(node: ast.Compare) -> Iterator[New]:
    """Which entries are the largest, as shares of those that are."""
    largest = [
        n
        for n in ast.walk(node)
        if isinstance(n, ast.Call) and getattr(n.func, "attr", "") in LARGEST
    ]
    if len(largest) == 1 and isinstance(node.ops[0], ast.Eq):
        axis = next((w.value for w in largest[0].keywords if w.arg == "axis"), None)
        whole = ast.Attribute(node, "sum", LOAD)
        words = {} if axis is None else {"axis": axis, "keepdims": constant(True)}
        total = ast.Call(whole, [], [ast.keyword(k, v) for k, v in words.items()])
        yield New(binary(node, ast.Div(), total), "ties", 2.5)


def _compare(node: ast.Compare, slot: Slot, scope: Scope) -> Iterator[New]:
    yield from _shared_by_ties(node)
    for index, operator in enumerate(node.ops):
        for rank, other in enumerate(COMPARE.get(type(operator), ())):
            ops = [*node.ops[:index], other(), *node.ops[index + 1 :]]
            sign = ("cmp", type(operator).__name__, other.__name__)
            yield New(ops, "comparison", 2.0 + 0.5 * rank, sign, "ops")


def _boolean(node: ast.BoolOp, slot: Slot, scope: Scope) -> Iterator[New]:
    other = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
    yield New(with_(node, op=other), "condition", 2.5)
    for index in range(len(node.values)):
        rest = node.values[:index] + node.values[index + 1 :]
        yield New(rest[0] if len(rest) == 1 else with_(node, values=rest), "condition", 3.5)
    if isinstance(slot.statement, ast.If) and isinstance(slot.statement.body[-1], ast.Raise):
        for word in scope.numbers:  # what must not be, and is not asked
            for more in _limits(word, scope):
                yield New(with_(node, values=[*node.values, more]), "condition", 4.0)


def _limits(word: str, scope: Scope) -> Iterator[ast.expr]:
    for limit in (0, 1):
        yield _asked(word, ast.Lt(), ast.Constant(limit))
        yield _asked(word, ast.GtE(), ast.Constant(limit))
    for other in scope.numbers:
        if other != word:
            yield _asked(word, ast.Gt(), name(other))


def _drawn(node: ast.Attribute, scope: Scope) -> Iterator[New]:
    """A generator that was given, and that nothing is drawn from."""
    if ast.unparse(node) in ("np.random", "numpy.random"):
        for given in scope.parameters:
            if given in scope.unused:
                yield New(name(given), "source", 2.0, ("source", given))


def _attribute(node: ast.Attribute, slot: Slot, scope: Scope) -> Iterator[New]:
    yield from _drawn(node, scope)
    for other in TWIN.get(node.attr, ()):
        yield New(other, "function", 2.5, ("attr", node.attr, other), "attr")
    if node.attr == "T":
        yield New(node.value, "transpose", 2.0)
    yield from _field(node, slot, scope)
    if node.attr in ("size", "ndim", "shape") and not isinstance(slot.owner, ast.Subscript):
        shape = ast.Attribute(node.value, "shape", LOAD)
        for axis in range(4 if node.attr == "shape" else 2):
            length = ast.Subscript(shape, ast.Constant(axis), LOAD)
            yield New(length, "number", 2.5 + 0.25 * axis)
        if node.attr == "shape" and isinstance(slot.owner, ast.Call):
            for count in (1, 2, 3):
                first = ast.Slice(None, ast.Constant(count), None)
                yield New(ast.Subscript(shape, first, LOAD), "slice", 3.0)


def _field(node: ast.Attribute, slot: Slot, scope: Scope) -> Iterator[New]:
    """Something else of the same object, or a name that is like it."""
    if not isinstance(node.value, ast.Name):
        return
    mine = f"{node.value.id}.{node.attr}"
    if mine not in scope.fields:
        return
    for other in scope.fields:
        owner, _, attribute = other.partition(".")
        if owner == node.value.id and attribute != node.attr:
            cost = 2.5 if alike(node.attr, attribute) else 3.5
            yield New(attribute, "name", cost, ("field", mine, other), "attr")
    for word in scope.names if isinstance(node.ctx, ast.Load) else ():
        if alike(node.attr, word):
            yield New(ast.Name(word, LOAD), "name", 3.0)


def _tuple(node: ast.Tuple | ast.List, slot: Slot, scope: Scope) -> Iterator[New]:
    returned = isinstance(slot.statement, ast.Return)
    for index in range(len(node.elts) - 1):
        other = with_(node, elts=swapped(node.elts, index))
        yield New(other, "order", 2.0 if returned else 2.6)
    if len(node.elts) > 2:
        for index in range(len(node.elts)):
            rest = node.elts[:index] + node.elts[index + 1 :]
            yield New(with_(node, elts=rest), "argument", 5.0)


def _conditional(node: ast.IfExp, slot: Slot, scope: Scope) -> Iterator[New]:
    yield New(with_(node, body=node.orelse, orelse=node.body), "condition", 2.5)
    yield New(node.body, "condition", 3.5)
    yield New(node.orelse, "condition", 3.5)


CHANGES: dict[Any, Callable[[Any, Slot, Scope], Iterator[New]]] = {
    ast.Name: _name,
    ast.Constant: _constant,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.BoolOp: _boolean,
    ast.Attribute: _attribute,
    ast.Call: in_call,
    ast.Tuple: _tuple,
    ast.List: _tuple,
    ast.Subscript: in_subscript,
    ast.Slice: in_slice,
    ast.IfExp: _conditional,
}
