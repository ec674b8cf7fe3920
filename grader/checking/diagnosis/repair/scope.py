"""Where something stands in a function's tree, and which names there are."""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from grader.checking.diagnosis.repair.nodes import fresh

PAIRS = (
    "h w", "height width", "rows columns", "rows cols", "row col", "row column", "r c", "i j", "u v",
    "y x", "a b", "p q", "m n", "n c", "w b", "dw db", "hh ww", "first last", "start end", "begin end",
    "top left", "pred target", "labels logits", "y t", "k l", "s t", "oh ow", "ph pw", "fh fw",
    "h_out w_out", "out_h out_w", "ho wo", "hout wout", "stride pad", "size stride", "kh kw",
)  # fmt: skip
TWIN: dict[str, set[str]] = {}
for _pair in PAIRS:
    _a, _b = _pair.split()
    TWIN.setdefault(_a, set()).add(_b)
    TWIN.setdefault(_b, set()).add(_a)


MOST_INDICES, MOST_TERMS, LONGEST_TERM, MOST_FIELDS = 10, 10, 20, 12
OUTSIDE = {"np", "numpy", "math", *vars(builtins)}
SHAPED = ("zeros", "ones", "empty", "full", "reshape", "standard_normal", "random", "rand", "randn")
OF_ARRAYS = ("T", "shape", "size", "ndim", "dtype", "flat", "real", "imag")


@dataclass(frozen=True, eq=False)
class Slot:
    """A place in a tree: a field of a node, or one entry of a field that is a list.

    Attributes:
        owner, field, index: the node, its field, and the entry or None.
        statement: the statement that it is in.
        parents: the nodes above, from the function down.
    """

    owner: ast.AST
    field: str
    index: int | None
    statement: ast.stmt
    parents: tuple[ast.AST, ...] = ()

    @property
    def decides(self) -> bool:
        """Whether what stands there decides between two values, as the first argument of where does."""
        owner = self.owner
        if isinstance(owner, ast.Call):
            called = ast.unparse(owner.func).rpartition(".")[2]
            return called == "where" and self.field == "args" and self.index == 0
        return isinstance(owner, ast.If | ast.IfExp | ast.While) and self.field == "test"

    def get(self) -> Any:
        """What stands there."""
        value = getattr(self.owner, self.field)
        return value if self.index is None else value[self.index]

    def put(self, value: Any) -> None:
        """Put something there; new nodes get the place of the old one."""
        old = self.get()
        if isinstance(value, list):
            known = set(map(id, old)) if isinstance(old, list) else set()
            for node in value:
                if id(node) not in known:  # the other statements of a block are where they were
                    _placed(node, self.statement)
        elif isinstance(value, ast.AST):
            _placed(value, old if hasattr(old, "lineno") else self.statement)
        self.put_back(value)

    def put_back(self, value: Any) -> None:
        """Put something there that has been there before."""
        if self.index is None:
            setattr(self.owner, self.field, value)
        else:
            getattr(self.owner, self.field)[self.index] = value


def _placed(node: ast.AST, like: ast.AST) -> None:
    """Give new nodes, from `node` down, the place of `like`; those that have one keep it."""
    if "lineno" in node._attributes:
        if hasattr(node, "lineno"):
            like = node
        else:
            node.lineno, node.end_lineno = like.lineno, like.end_lineno  # type: ignore[attr-defined]
            node.col_offset, node.end_col_offset = like.col_offset, like.end_col_offset  # type: ignore[attr-defined]
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, ast.AST):
            if value._fields:
                _placed(value, like)
        elif isinstance(value, list):
            for inner in value:
                if isinstance(inner, ast.AST):
                    _placed(inner, like)


def slots(function: ast.FunctionDef) -> list[Slot]:
    """Every place of an expression in the function's body."""
    found: list[Slot] = []

    def visit(node: ast.AST, statement: ast.stmt, parents: tuple[ast.AST, ...]) -> None:
        if isinstance(node, ast.Raise) or len(found) > 3000:
            return
        for field, value in ast.iter_fields(node):
            if field in ("decorator_list", "returns", "annotation", "type_params"):
                continue
            for index, child in enumerate(value if isinstance(value, list) else [value]):
                if not isinstance(child, ast.AST):
                    continue
                inside = child if isinstance(child, ast.stmt) else statement
                if isinstance(child, ast.expr):
                    at = index if isinstance(value, list) else None
                    found.append(Slot(node, field, at, inside, (*parents, node)))
                visit(child, inside, (*parents, node))

    for index, default in enumerate(function.args.defaults):
        if isinstance(default, ast.Constant):
            found.append(Slot(function.args, "defaults", index, function, (function,)))
    for statement in function.body:
        if not _is_docstring(statement):
            visit(statement, statement, (function,))
    return found


@lru_cache(maxsize=128)
def nodes_of(function: ast.FunctionDef) -> tuple[ast.AST, ...]:
    """Every node of a function as it was handed in; edits are made for a moment only."""
    return tuple(ast.walk(function))


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


class Scope:
    """The names of a function.

    Attributes:
        parameters: its parameters.
        numbers: names that hold a plain number as far as can be seen: sizes, steps, counters.
        counters: the numbers that loops count with.
        counts: the numbers that can only be whole: sizes, steps, counters.
        names: every name that is a value there.
        stores: how often each gets a value.
        texts: the texts that it uses.
        calls: the functions that it calls, such as `np.exp`.
        helpers: other functions of its file.
        signatures: the parameters of other functions that it can call.
        idle: those of them that are imported, and not called anywhere.
        indices: what it takes entries of arrays at, such as `n, c`.
        taken: the entries that it takes of each array, such as `y[i]`.
        looked_up: what it takes of lists, such as `sizes[i - 1]`.
        terms: short sums of its names, and what they are with a sibling name.
        loops: what its loops go over.
        shapes: names that seem to hold a shape.
        tables: names in which something is looked up by a text.
        made_tables: names of tables that it makes.
        others: the other functions of its file.
        fields: what it, or for a method its class, reads of objects, such as `self.rate`.
        shape_tuples: the shapes that it spells out.
        multiplies: whether matrices are multiplied in its file.
        unused: names that are never read.
        undefined: names that are read, and set neither there nor, as far as can be seen, outside.
        numbered: the numbers by which it takes a value out of an entry, such as 0 in `params[k][0]`.
        filled: names of what is appended to, or whose entries are set, with how.
        unread: entries of parameters of which others are taken, and they are not, such as `cache[1]`.
    """

    def __init__(
        self,
        function: ast.FunctionDef,
        helpers: Collection[str],
        texts: Collection[str],
        signatures: Mapping[str, ast.arguments],
        idle: Collection[str],
        others: Sequence[ast.FunctionDef] = (),
    ) -> None:
        self.idle, self.others = idle, others
        known = {**signatures, **dict(_inner_functions(function))}
        self.signatures = {n: a for n, a in known.items() if n != function.name}
        self.helpers = [h for h in helpers if h != function.name]
        nodes = list(nodes_of(function))
        arguments = function.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        self.parameters = [a.arg for a in every if a.arg not in ("self", "cls")]
        stored = [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
        self.names = list(dict.fromkeys([*self.parameters, *stored]))[:40]
        self.stores = Counter(stored)
        numbers = self._numbers(function, nodes)
        self.numbers = [n for n in self.names if n in numbers]
        self.counters = {
            name
            for n in nodes
            if isinstance(n, ast.For | ast.comprehension) and _counts(n.iter)
            for name in _targets(n.target)
        }
        self.counts = self.counters | _whole_numbers(function, nodes)
        self.arrays = [n for n in self.names if n not in self.numbers]
        self.texts = list(
            dict.fromkeys(
                n.value
                for s in function.body[_is_docstring(function.body[0]) :]
                for n in ast.walk(s)
                if isinstance(n, ast.Constant) and isinstance(n.value, str) and len(n.value) < 40
            )
        )
        self.texts += [t for t in texts if t not in self.texts]
        self.calls = list(
            dict.fromkeys(
                ast.unparse(n.func)
                for n in nodes
                if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute | ast.Name)
            )
        )
        self.pads = [
            n for n in self.numbers if "pad" in n.lower() or (n in ("p", "P") and n in self.counts)
        ]
        self.shapes = [n for n in self.names if "shape" in n.lower()]
        self.tables = {
            n.value.id
            for n in nodes
            if isinstance(n, ast.Subscript)
            and isinstance(n.value, ast.Name)
            and isinstance(n.slice, ast.Constant)
            and isinstance(n.slice.value, str)
        }
        self.made_tables = {
            target.id
            for n in nodes
            if isinstance(n, ast.Assign) and isinstance(n.value, ast.Dict)
            for target in n.targets
            if isinstance(target, ast.Name)
        }
        self._siblings: dict[str, list[str]] = {}
        self.indices = _distinct([*_entries(nodes), *_nested(function)], MOST_INDICES)
        self.taken: dict[str, list[ast.expr]] = {}
        for entry in _distinct(_taken(nodes), MOST_INDICES):
            self.taken.setdefault(entry.value.id, []).append(entry)
        self.looked_up = _distinct(_looked_up(nodes), MOST_TERMS)
        self.loops = _distinct((n.iter for n in nodes if isinstance(n, ast.For)), MOST_TERMS)
        sums = _distinct((n for n in nodes if self._is_sum(n)), MOST_TERMS)
        self.terms = _distinct([*sums, *self._mirrored(sums)], MOST_TERMS)
        self.fields = self._fields(nodes, others)
        self.shape_tuples = _distinct(_shapes(nodes), MOST_TERMS)
        read = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        called = {
            n.func.id for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        }
        inner = {n.name for n in nodes if isinstance(n, ast.FunctionDef)}
        given = {n.arg for n in nodes if isinstance(n, ast.arg)}
        self.undefined = sorted(read - {*stored, *given, *called, *inner, *self.helpers, *OUTSIDE})
        around = (n for f in (function, *others) for n in nodes_of(f))
        self.multiplies = any(isinstance(n, ast.MatMult) for n in around)
        self.unread = self._unread(nodes)
        self.numbered = _numbered(nodes)
        self.filled = dict(_filled(nodes))
        self.unused = {n for n in self.names if n not in read and n.strip("_")}

    def _unread(self, nodes: list[ast.AST]) -> list[ast.expr]:
        taken: dict[str, set[int]] = {}
        entries: list[str] = []
        for node in nodes:
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
                number = getattr(node.slice, "value", None)
                if type(number) is int and node.value.id in self.parameters:
                    taken.setdefault(node.value.id, set()).add(number)
                    entries.append(node.value.id)
        uses = Counter(n.id for n in nodes if isinstance(n, ast.Name))
        return [
            ast.Subscript(ast.Name(word, ast.Load()), ast.Constant(other), ast.Load())
            for word, known in taken.items()
            if uses[word] == entries.count(word)
            for other in range(3)
            if other not in known
        ]

    def _fields(self, nodes: list[ast.AST], others: Sequence[ast.FunctionDef]) -> list[str]:
        method = any(isinstance(n, ast.arg) and n.arg == "self" for n in nodes)
        own = [*_fields_of(nodes, self.names)]
        if method:
            own += [f for other in others for f in _fields_of(nodes_of(other), ("self",))]
        return list(dict.fromkeys(own))[:MOST_FIELDS]

    def _is_sum(self, node: ast.AST) -> bool:
        return (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Add | ast.Sub)
            and all(
                isinstance(n, ast.BinOp | ast.Name | ast.Constant | ast.operator | ast.Load)
                for n in ast.walk(node)
            )
            and sum(1 for _ in ast.walk(node)) < LONGEST_TERM
        )

    def _mirrored(self, terms: Sequence[Any]) -> Iterator[ast.expr]:
        for term in terms:
            text = ast.unparse(term)
            for word in sorted(_targets(term)):
                for other in self.siblings(word)[:4]:
                    yield ast.parse(re.sub(rf"\b{word}\b", other, text), mode="eval").body

    def _numbers(self, function: ast.FunctionDef, nodes: list[ast.AST]) -> set[str]:
        found: set[str] = set()
        arguments = function.args
        plain = [*arguments.posonlyargs, *arguments.args]
        with_default = plain[len(plain) - len(arguments.defaults) :] if arguments.defaults else []
        found |= {a.arg for a in with_default}
        for node in nodes:
            found |= _numbers_of(node, found)
        for name in self.names:
            if re.fullmatch(r"(p|p_\w+|pad\w*|stride\w*|size\w*|lr|n|N|s|step|eps\w*)", name):
                found.add(name)
        return found - {_name_of(n.value) for n in nodes if isinstance(n, ast.Subscript)}

    def is_number(self, node: ast.expr) -> bool:
        """Whether an expression is a plain number that depends on something, as far as can be seen."""
        return not isinstance(node, ast.Constant) and _is_count(node, set(self.numbers))

    def is_count(self, node: ast.expr) -> bool:
        """Whether an expression can only be a whole number, or something that goes over some."""
        if isinstance(node, ast.Name):
            return node.id in self.counts
        if isinstance(node, ast.Call):
            return getattr(node.func, "id", "") in ("range", "len", "int", "enumerate", "zip")
        if isinstance(node, ast.BinOp):
            return self.is_count(node.left) and self.is_count(node.right)
        return isinstance(node, ast.Constant) and type(node.value) is int

    def like(self, name: str) -> list[str]:
        """The names that are easily taken for one that may not be there."""
        return [n for n in self.names if n != name and alike(name, n)]

    def siblings(self, name: str) -> list[str]:
        """The other names, those first that are like it."""
        if name not in self._siblings:
            others = [n for n in self.names if n != name]
            self._siblings[name] = [n for n in others if alike(name, n)]
        return self._siblings[name]


def paired(a: str, b: str) -> bool:
    """Whether two names belong together, as those of rows and columns do."""
    return b.lower() in TWIN.get(a.lower(), ())


@lru_cache(maxsize=4096)
def alike(a: str, b: str) -> bool:
    """Whether two names are easily taken for each other."""
    low_a, low_b = a.lower(), b.lower()
    if low_a == low_b or paired(a, b) or low_a + low_a == low_b or low_b * 2 == low_a:
        return True
    if a.strip("_0123456789") == b.strip("_0123456789") or a in (f"d{b}",) or b in (f"d{a}",):
        return True
    if min(len(a), len(b)) < 2:
        return False
    if a in b or b in a:
        return True
    return SequenceMatcher(None, a, b).ratio() > 0.7


def _numbers_of(node: ast.AST, known: set[str]) -> set[str]:
    """Names that hold plain numbers by what a node does with them."""
    if isinstance(node, ast.For) and _is_range(node.iter):
        return _targets(node.target)
    if isinstance(node, ast.Assign):
        target, value = node.targets[0], node.value
        shape = _ends_in(value, "shape") and isinstance(target, ast.Tuple | ast.List)
        side = isinstance(value, ast.Subscript) and _ends_in(value.value, "shape")
        return _targets(target) if shape or side or _is_count(value, known) else set()
    if isinstance(node, ast.Slice):
        bounds = [b for b in (node.lower, node.upper, node.step) if b is not None]
        return {n for bound in bounds for n in _targets(bound)}
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        lengths = node.args[0] if node.func.attr in SHAPED and node.args else None
        parts = lengths.elts if isinstance(lengths, ast.Tuple) else []
        return {n.id for n in parts if isinstance(n, ast.Name)}
    if isinstance(node, ast.Call) and _is_range(node):
        return {a.id for a in node.args if isinstance(a, ast.Name)}
    return set()


def _whole_numbers(function: ast.FunctionDef, nodes: Iterable[ast.AST]) -> set[str]:
    """The names of numbers that can only be whole, by what is done with them."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    defaults = zip(reversed(arguments), reversed(function.args.defaults), strict=False)
    found = {a.arg for a, one in defaults if type(getattr(one, "value", None)) is int}
    for node in nodes:
        if not isinstance(node, ast.Assign):
            found |= _numbers_of(node, set())
        elif _is_whole(node.value) or isinstance(node.targets[0], ast.Tuple):
            found |= _numbers_of(node, {n.id for n in ast.walk(node) if isinstance(n, ast.Name)})
    return found


def _is_whole(value: ast.expr) -> bool:
    """Whether a value is a whole number, as far as can be seen."""
    if isinstance(value, ast.BinOp):
        return isinstance(value.op, ast.FloorDiv) or (
            not isinstance(value.op, ast.Div) and (_is_whole(value.left) or _is_whole(value.right))
        )
    if isinstance(value, ast.Call):
        return getattr(value.func, "id", "") in ("int", "len")
    return isinstance(value, ast.Subscript) and _ends_in(value.value, "shape")


def _distinct(some: Iterable[Any], most: int) -> list[Any]:
    """The first few trees, each once, as trees of their own."""
    found: dict[str, Any] = {}
    for node in some:
        if len(found) == most:
            break
        found.setdefault(ast.unparse(node), node)
    return [fresh(node) for node in found.values()]


def _inner_functions(function: ast.FunctionDef) -> Iterator[tuple[str, ast.arguments]]:
    for node in nodes_of(function):
        if isinstance(node, ast.FunctionDef):
            yield node.name, node.args
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            yield _name_of(node.targets[0]), node.value.args


def _numbered(nodes: Iterable[ast.AST]) -> list[int]:
    numbers = (
        getattr(n.slice, "value", None)
        for n in nodes
        if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Subscript)
    )
    return sorted({n for n in numbers if type(n) is int})


def _filled(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str]]:
    """The names that something is appended to, and those of which entries are set."""
    for node in nodes:
        if not isinstance(getattr(node, "value", None), ast.Name):
            continue
        if isinstance(node, ast.Attribute) and node.attr in ("append", "insert", "extend"):
            yield _name_of(node.value), "append"
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            yield _name_of(node.value), "entry"


def _fields_of(nodes: Iterable[ast.AST], owners: Collection[str]) -> Iterator[str]:
    """The dotted names of what is read or set of some objects, and not called."""
    every = list(nodes)
    called = {id(n.func) for n in every if isinstance(n, ast.Call)}
    for node in every:
        plain = isinstance(node, ast.Attribute) and id(node) not in called
        if isinstance(node, ast.Attribute) and plain and node.attr not in OF_ARRAYS:
            owner = node.value
            if isinstance(owner, ast.Name) and owner.id in ("self", *owners):
                yield f"{owner.id}.{node.attr}"


def _shapes(nodes: Iterable[ast.AST]) -> Iterator[ast.expr]:
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            made = node.func.attr in ("zeros", "ones", "empty", "full", "reshape")
            if made and isinstance(node.args[0], ast.Tuple):
                yield node.args[0]


def _entries(nodes: Iterable[ast.AST]) -> Iterator[ast.expr]:
    """The plain names or numbers by which entries or rows of arrays are taken."""
    for node in nodes:
        if isinstance(node, ast.Subscript) and not _ends_in(node.value, "shape"):
            index = node.slice
            parts = index.elts if isinstance(index, ast.Tuple) else [index]
            if all(isinstance(p, ast.Name | ast.Constant) or _is_last(p) for p in parts):
                yield index


def _is_last(node: ast.AST) -> bool:
    """Whether it is -1."""
    minus = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    return minus and getattr(getattr(node, "operand", None), "value", 0) == 1


def _taken(nodes: Iterable[ast.AST]) -> Iterator[ast.Subscript]:
    """What is read of arrays at plain names."""
    for node in nodes:
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            plain = isinstance(node.slice, ast.Name | ast.Tuple)
            if plain and isinstance(node.ctx, ast.Load):
                yield node


def _looked_up(nodes: Iterable[ast.AST]) -> Iterator[ast.Subscript]:
    for node in nodes:
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            single = isinstance(node.slice, ast.Name | ast.Constant | ast.BinOp)
            if single and isinstance(node.ctx, ast.Load):
                yield node


def _nested(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """The variables of loops inside of each other, in order: `n, c, i, j`, and the first ones of them."""

    def visit(owner: ast.AST, outer: tuple[str, ...]) -> Iterator[ast.expr]:
        for child in ast.iter_child_nodes(owner):
            names = outer
            if isinstance(child, ast.For):
                names = (*outer, *(n.id for n in ast.walk(child.target) if isinstance(n, ast.Name)))
                for count in range(len(names), 1, -1):
                    yield ast.Tuple([ast.Name(n, ast.Load()) for n in names[:count]], ast.Load())
            yield from visit(child, names)

    yield from visit(function, ())


def _counts(node: ast.AST) -> bool:
    """Whether a loop over it counts."""
    while isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("reversed", "list"):
        node = node.args[0] if node.args else ast.Constant(None)
    word = node.func if isinstance(node, ast.Call) else None
    called = getattr(word, "attr", getattr(word, "id", ""))
    return called in ("range", "ndindex", "enumerate", "product")


def _is_range(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range"
    )


def _ends_in(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name


def _is_count(node: ast.AST, known: set[str]) -> bool:
    """Whether an expression is a plain number, as far as can be seen."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float) and not isinstance(node.value, bool)
    if isinstance(node, ast.Name):
        return node.id in known
    if isinstance(node, ast.BinOp):
        return _is_count(node.left, known) and _is_count(node.right, known)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in ("int", "len", "float", "round")
    return isinstance(node, ast.Subscript) and _ends_in(node.value, "shape")


def _name_of(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _targets(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
