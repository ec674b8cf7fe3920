"""Reads the declarations of `exercise.toml`: what functions take and return, what a class has."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from typing import Any

from grader.errors import ExerciseError
from grader.language import say, series
from grader.model import Class, Function

RETURN_KINDS = ("array", "number", "integer", "dict", "list", "any", "cache")
CLASS_KEYS = ("new", "attributes", "methods")
# What Python calls for `a + b`, `len(a)`, `a[i]` and the like; no other name may begin with `_`.
WORDS = "add sub mul matmul truediv pow neg len getitem call eq lt le gt ge contains"
OPERATORS = frozenset(f"__{word}__" for word in WORDS.split())


def parse_function(
    where: str, name: str, text: Any, classes: Collection[str] = (), *, method: bool = False
) -> Function:
    """Read a declaration such as `x, w, b, stride=1 -> out, cache`.

    A returned value may have its kind after a colon (`loss: number`, or one of the exercise's
    `classes`); without one it is an `array`, or a `cache` if that is its name. A `method` may have no
    arrow: what it returns does not matter then. `where` begins the messages of `ExerciseError`.
    """
    arrows = text.count("->") if isinstance(text, str) else -1
    if arrows != 1 and not (method and arrows == 0):
        raise ExerciseError(
            say('{where}: must have the form "parameters -> returned values"', where=where)
        )
    left, arrow, right = text.partition("->")
    parameters = _parameters(where, name, left)
    return Function(name, parameters, _values(where, right, classes) if arrow else ())


def parse_class(where: str, name: str, table: Any, classes: Collection[str] = ()) -> Class:
    """Read the table of a class: the constructor's parameters, attributes, and methods.

        [classes.Linear]
        new = "inputs, outputs, rng"
        attributes = "weight, bias, calls: integer"
        [classes.Linear.methods]
        forward = "x -> out"
        __add__ = "other -> sum: Linear"

    Attributes may be read and set. `classes` are the names of all classes of the exercise, and `where`
    begins the messages of `ExerciseError`.
    """
    if not isinstance(table, Mapping):
        raise ExerciseError(
            say("{where}: must be a table with {keys}", where=where, keys=series(CLASS_KEYS))
        )
    if not name.isidentifier() or name.startswith("_"):
        raise ExerciseError(
            say("{where}: {name!r} is not the name of a class", where=where, name=name)
        )
    for key in table:
        if key not in CLASS_KEYS:
            known = series(CLASS_KEYS)
            raise ExerciseError(
                say(
                    "{where}: {key} is an unknown key; known are {known}",
                    where=where,
                    key=key,
                    known=known,
                )
            )
    new, written = table.get("new", ""), table.get("attributes", "")
    methods = table.get("methods", {})
    if not isinstance(new, str) or not isinstance(written, str) or not isinstance(methods, Mapping):
        raise ExerciseError(
            say("{where}: new and attributes must be text, and methods a table", where=where)
        )
    attributes = dict(_values(f"{where}.attributes", written, classes)) if written.strip() else {}
    members = {}
    for method, text in methods.items():
        if method in attributes:
            raise ExerciseError(
                say(
                    "{where}: {method} is declared as an attribute and as a method",
                    where=where,
                    method=method,
                )
            )
        if method.startswith("_") and method not in OPERATORS:
            known = " ".join(sorted(OPERATORS))
            raise ExerciseError(
                say(
                    "{where}: {method} is no operator that may be declared: {known}",
                    where=where,
                    method=method,
                    known=known,
                )
            )
        one = parse_function(f"{where}.methods.{method}", method, text, classes, method=True)
        members[method] = Function(
            f"{name}.{method}", (("self", ...), *one.parameters), one.returns
        )
    constructor = Function(name, _parameters(f"{where}.new", name, new), (("object", name),))
    return Class(name, constructor, members, attributes)


def _parameters(where: str, name: str, text: str) -> tuple[tuple[str, Any], ...]:
    """The parameters that a declaration names, each with its default, or `...` where it has none."""
    try:
        (definition,) = ast.parse(f"def f({text}): pass").body
        assert isinstance(definition, ast.FunctionDef)
        given = definition.args
        names = [a.arg for a in given.args]
        defaults = [ast.literal_eval(d) for d in given.defaults]
        plain = not (given.posonlyargs or given.vararg or given.kwonlyargs or given.kwarg)
        if not plain or not name.isidentifier() or len(set(names)) < len(names):
            raise ValueError
    except (SyntaxError, ValueError, AssertionError):
        raise ExerciseError(
            say("{where}: {text!r} is not a list of parameters", where=where, text=text.strip())
        ) from None
    blanks: list[Any] = [...] * (len(names) - len(defaults))
    return tuple(zip(names, blanks + defaults, strict=True))


def _values(where: str, text: str, classes: Collection[str]) -> tuple[tuple[str, str], ...]:
    """The names and kinds of values, as in `loss: number, out`."""
    values = []
    for part in text.split(","):
        word, _, kind = (p.strip() for p in part.partition(":"))
        kind = kind or ("cache" if word == "cache" else "array")
        if not word.isidentifier() or kind not in (*RETURN_KINDS, *classes):
            known = "|".join((*RETURN_KINDS, *classes))
            raise ExerciseError(
                say(
                    "{where}: {part!r} must be NAME or NAME: {known}",
                    where=where,
                    part=part.strip(),
                    known=known,
                )
            )
        values.append((word, kind))
    return tuple(values)
