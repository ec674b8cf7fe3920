"""What a call returned, checked and converted to the declared kind, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.language import later, say, say_n
from grader.sandbox.wire import Opaque

KINDS = {
    "array": later("a NumPy array of numbers"),
    "number": later("a single number"),
    "integer": later("an integer"),
    "dict": later("a dictionary"),
    "list": later("a list"),
}


class InvalidReturn(Exception):
    """What was returned is not what the exercise declares; the message is the sentence on it.

    Attributes:
        hint: a sentence that helps; `""` if there is none.
        number: whether it is another number of values.
    """

    def __init__(self, message: str, hint: str = "", *, number: bool = False) -> None:
        super().__init__(message)
        self.hint = hint
        self.number = number


class WrongKind(Exception):
    """A value is not of the declared kind.

    Attributes:
        wanted: what it must be, in words.
        found: what it is.
        hint: a sentence that helps; `""` if there is none.
    """

    def __init__(self, wanted: str, found: str, hint: str = "") -> None:
        super().__init__(wanted, found)
        self.wanted, self.found, self.hint = wanted, found, hint


def convert_return(value: Any, kind: str) -> Any:
    """A returned value of `kind`, with Python's numbers for NumPy's. Raises `WrongKind`.

    Kinds: `array`, an ndarray of real numbers or booleans; `number`, a single real number; `integer`;
    `dict`; `list`, a list or tuple, or a 1-D array of numbers; and without validation `any` and `cache`.
    """
    if kind in ("any", "cache"):
        return value
    if kind == "array":
        if isinstance(value, np.generic):
            value = np.asarray(value)
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
            return value
        found = describe_value(value)
        if _holds_numbers(value):
            found = say("{value} (np.array converts it)", value=found)
        raise WrongKind(say(KINDS[kind]), found, _about_a_number(value))
    if kind in ("number", "integer"):
        if isinstance(value, np.ndarray) and value.shape == ():
            value = value[()]
        allowed = int | np.integer if kind == "integer" else int | float | np.integer | np.floating
        if isinstance(value, allowed) and not isinstance(value, bool):
            return int(value) if isinstance(value, int | np.integer) else float(value)
    elif kind == "dict" and isinstance(value, dict):
        return plain_numbers(value)
    elif kind == "list" and isinstance(value, list | tuple):
        return plain_numbers(list(value))
    elif (
        kind == "list"
        and isinstance(value, np.ndarray)
        and value.dtype.kind in "fiub"
        and value.ndim == 1
    ):
        return list(value.tolist())
    raise WrongKind(say(KINDS[kind]), describe_value(value))


def _about_a_number(value: Any) -> str:
    """A hint where a single number is in the place of an array."""
    if not isinstance(value, int | float):
        return ""
    return say(
        "One number came back for all entries: does a sum, mean or max lack its axis, or does an `if` decide "
        "for the whole array at once?"
    )


def plain_numbers(value: Any) -> Any:
    """`value` with Python's numbers in place of NumPy's scalars in it; arrays stay arrays.

    >>> plain_numbers({"size": np.int64(6), "errors": [np.float64(0.5)]})
    {'size': 6, 'errors': [0.5]}
    """
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple):
        items = map(plain_numbers, value)
        return list(items) if isinstance(value, list) else tuple(items)
    if isinstance(value, dict):
        return {plain_numbers(key): plain_numbers(inner) for key, inner in value.items()}
    return value


def cache_and_array_swapped(values: Sequence[Any], returns: Sequence[tuple[str, str]]) -> bool:
    """Whether an array is where the cache should be, and something else where an array should be."""
    found = {kind: value for value, (_, kind) in zip(values, returns, strict=True)}
    cache, array = found.get("cache"), found.get("array")
    is_array = isinstance(cache, Opaque) and "ndarray" in cache.type
    return is_array and "array" in found and not isinstance(array, np.ndarray | Opaque)


def _holds_numbers(value: Any) -> bool:
    """Whether it is a list of numbers, or of rows of numbers of equal length."""
    try:
        return isinstance(value, list | tuple) and np.asarray(value).dtype.kind in "fiub"
    except ValueError:  # rows of different lengths
        return False


NUMBERS = later("an array of numbers of shape {shape}")
ARRAYS = {
    "c": later("an array of complex numbers of shape {shape}"),
    "b": later("an array of booleans of shape {shape}"),
}


def describe_value(value: Any) -> str:
    """What a value is, in a few words for beginners."""
    if value is None:
        return say("None (is a `return` missing?)")
    if isinstance(value, Opaque):
        return describe_type(value.type)
    if isinstance(value, np.ndarray):
        return say(ARRAYS.get(value.dtype.kind, NUMBERS), shape=value.shape)
    if isinstance(value, bool | np.bool_):
        return say("the boolean {value}", value=value)
    if isinstance(value, np.generic | int | float):
        return say("the number {value}", value=value)
    if isinstance(value, str):
        return say("a string")
    kind, count = type(value).__name__, len(value)
    if isinstance(value, list):
        return say_n("a list of {n} item", "a list of {n} items", count)
    if isinstance(value, dict):
        return say_n("a dict of {n} entry", "a dict of {n} entries", count)
    return say_n("a {type} of {n} value", "a {type} of {n} values", count, type=kind)


def describe_type(name: str) -> str:
    """What a value that was not copied is, by its type, and which mistake may have caused it."""
    if name.endswith(("Error", "Exception")):
        return say("a {name} (an exception is not returned: write `raise {name}(...)`)", name=name)
    if name == "type":
        return say("a class (for an exception, write `raise ValueError(...)`)")
    if name in ("function", "method", "builtin_function_or_method", "numpy.ufunc"):
        return say("a function (are the parentheses missing?)")
    array, of, dtype = name.partition(" of ")
    if of:
        held = say("objects") if dtype == "objects" else dtype
        return say("a {array} of {held}", array=array, held=held)
    return say("a {name}", name=name)
