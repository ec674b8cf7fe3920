"""Slips that the text alone shows: a value that nothing reads, a tuple that is taken for an array, and what
does nothing or asks nothing."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence

from grader.checking.diagnosis.repair.insertions import never_filled
from grader.checking.diagnosis.repair.scope import OUTSIDE
from grader.checking.diagnosis.repair.source import Place
from grader.checking.diagnosis.repair.words import LOOK, Told
from grader.language import say
from grader.model import Suspect

UNUSED = (ast.Name, ast.Attribute, ast.Subscript, ast.BinOp, ast.Compare)  # what they give is lost
OF_ARRAYS = (ast.MatMult, ast.Sub, ast.Div, ast.Pow)  # no operators of tuples


def slip(place: Place, places: Sequence[Place]) -> Told | None:
    """What is said of the first slip in a function; `places` are all functions of the submission."""
    for line, sentence in (*_for_the_object(place, places), *_taken_whole(place, places)):
        return Told(Suspect(place.label, line, place.path), sentence)
    return None


def calls_a_variable(place: Place, line: int) -> bool:
    """Whether a line calls what a variable stands for, or what is looked up: another line may be wrong then."""
    own = {
        *_names(place, ast.Store),
        *(n.arg for n in ast.walk(place.node) if isinstance(n, ast.arg)),
    }
    calls = (node for node in ast.walk(place.node) if isinstance(node, ast.Call))
    return any(
        isinstance(call.func, ast.Subscript | ast.Call) or getattr(call.func, "id", "") in own
        for call in calls
        if call.lineno <= line <= (call.end_lineno or call.lineno)
    )


def fraction(place: Place, line: int) -> Told | None:
    """What is said of a size that is a fraction in a line: its name gets its only value from a division by `/`.
    None if there is no such name."""
    read = {
        n.id
        for n in ast.walk(place.node)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and n.lineno == line
    }
    values: dict[str, ast.Assign] = {}
    for node in ast.walk(place.node):
        if isinstance(node, ast.Assign):
            values |= {t.id: node for t in node.targets if isinstance(t, ast.Name)}
    stored = _names(place, ast.Store)
    for name in sorted(read & values.keys(), key=lambda n: values[n].lineno):
        value = values[name]
        if stored.count(name) == 1 and _divides(value.value):
            told = say(
                "{name} is a fraction, from line {line} of {file}: / gives a float, // an integer.",
                name=name,
                line=value.lineno,
                file=place.label,
            )
            return Told(Suspect(place.label, value.lineno, place.path), told)
    return None


def _divides(value: ast.expr) -> bool:
    """Whether what is divided by `/` is the value, or a part of a sum or product that is."""
    if not isinstance(value, ast.BinOp):
        return False
    if isinstance(value.op, ast.Div):
        return True
    exact = isinstance(value.op, ast.Add | ast.Sub | ast.Mult)
    return exact and (_divides(value.left) or _divides(value.right))


def idle(places: Sequence[Place]) -> Told | None:
    """What is said of the only statement of some functions that does nothing, condition that asks nothing, or
    `return None` at the end; None if there are several."""
    found = [(place, *one) for place in places for one in _idle(place, places)]
    if len(found) != 1:
        return None
    ((place, line, look),) = found
    return Told(Suspect(place.label, line, place.path), say(LOOK[look]))


def _idle(place: Place, places: Sequence[Place]) -> Iterator[tuple[int, str]]:
    known = {*OUTSIDE, *place.imported, *(p.name for p in places), *_names(place, ast.Store)}
    known |= {n.arg for n in ast.walk(place.node) if isinstance(n, ast.arg)}
    lacks = not known.issuperset(_names(place, ast.Load))
    unfilled = never_filled(place.node, lists=True)
    last = place.node.body[-1]
    if isinstance(last, ast.Return) and getattr(last.value, "value", last) is None:
        yield last.lineno, "return"
    for node in ast.walk(place.node):
        test = getattr(node, "test", None)
        endless = isinstance(node, ast.While) and bool(getattr(test, "value", False))
        if isinstance(test, ast.Constant) and not endless:
            yield test.lineno, "condition"
        for field in ("body", "orelse"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                loops = field == "body" and isinstance(node, ast.For | ast.While)
                yield from ((line, "missing") for line in _passes(block, loops=loops, lacks=lacks))
                if loops and len(block) > 1 and isinstance(block[-1], ast.Pass) and unfilled:
                    yield block[-1].lineno, "missing"
        if isinstance(node, ast.Expr) and isinstance(node.value, UNUSED):
            yield node.lineno, "statement"


def _passes(block: list[ast.stmt], *, loops: bool, lacks: bool) -> Iterator[int]:
    """The lines at which a block does nothing, though it is that of a loop, or more is to come: more than a
    `return`, unless the function `lacks` a name that it reads."""
    for statement, after in itertools.zip_longest(block, block[1:]):
        alone = loops and len(block) == 1
        ends = after is None or isinstance(after, ast.Pass)
        more = not ends and (lacks or not isinstance(after, ast.Return))
        if isinstance(statement, ast.Pass) and (alone or more):
            yield statement.lineno


def only_return(function: ast.FunctionDef) -> int:
    """The line of a function's only `return`, with values of its own; 0 if there are several, or if it hands
    on what another function returned."""
    inner = {
        n for f in ast.walk(function) if f is not function and is_scope(f) for n in ast.walk(f)
    }
    found = [n for n in ast.walk(function) if isinstance(n, ast.Return) and n not in inner]
    if len(found) != 1 or found[0].value is None:
        return 0
    handed_on = isinstance(found[0].value, ast.Call) and isinstance(found[0].value.func, ast.Name)
    return 0 if handed_on else found[0].lineno


def is_scope(node: ast.AST) -> bool:
    """Whether a node has variables, and `return`, of its own."""
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef)


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
