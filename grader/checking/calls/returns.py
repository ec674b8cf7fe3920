"""What a call returned, checked and converted to the declared kind, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.sandbox.wire import Opaque


class InvalidReturn(Exception):
    """A returned value is not of the declared kind."""


def convert_return(value: Any, kind: str, name: str = "", *, subject: str = "") -> Any:
    """A returned value of `kind`, with Python's numbers for NumPy's. Raises `InvalidReturn`, whose
    message begins with `subject`, or says that the value called `name` must be returned.

    Kinds: `array`, an ndarray of real numbers or booleans; `number`, a single real number; `integer`;
    `dict`; `list`, a list or tuple, or a 1-D array of numbers; and without validation `any` and `cache`.
    """
    subject = subject or (f"must return {name} as " if name else "must return ")
    if kind in ("any", "cache"):
        return value
    if kind == "array":
        if isinstance(value, np.generic):
            value = np.asarray(value)
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
            return value
        make = " (np.array converts it)" if _holds_numbers(value) else ""
        raise InvalidReturn(
            f"{subject}a NumPy array of numbers, not {describe_value(value)}{make}."
        )
    if kind in ("number", "integer"):
        if isinstance(value, np.ndarray) and value.shape == ():
            value = value[()]
        allowed = int | np.integer if kind == "integer" else int | float | np.integer | np.floating
        if isinstance(value, allowed) and not isinstance(value, bool):
            return int(value) if isinstance(value, int | np.integer) else float(value)
        word = "an integer" if kind == "integer" else "a single number"
        raise InvalidReturn(f"{subject}{word}, not {describe_value(value)}.")
    if kind == "dict" and isinstance(value, dict):
        return plain_numbers(value)
    if kind == "list" and isinstance(value, list | tuple):
        return plain_numbers(list(value))
    if (
        kind == "list"
        and isinstance(value, np.ndarray)
        and value.dtype.kind in "fiub"
        and value.ndim == 1
    ):
        return list(value.tolist())
    article = {"dict": "a dictionary", "list": "a list"}[kind]
    raise InvalidReturn(f"{subject}{article}, not {describe_value(value)}.")


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


def describe_value(value: Any) -> str:
    """What a value is, in a few words for beginners."""
    if value is None:
        return "None (is a `return` missing?)"
    if isinstance(value, Opaque):
        return describe_type(value.type)
    if isinstance(value, np.ndarray):
        kind = {"c": "complex numbers", "b": "booleans"}.get(value.dtype.kind, "numbers")
        return f"an array of {kind} of shape {value.shape}"
    if isinstance(value, bool | np.bool_):
        return f"the boolean {value!s}"
    if isinstance(value, np.generic | int | float):
        return f"the number {value!s}"
    if isinstance(value, str):
        return "a string"
    one, many = {"list": ("item", "items"), "dict": ("entry", "entries")}.get(
        type(value).__name__, ("value", "values")
    )
    count = len(value)
    return f"a {type(value).__name__} of {count} {one if count == 1 else many}"


def describe_type(name: str) -> str:
    """What a value that was not copied is, by its type, and which mistake may have caused it."""
    if name.endswith(("Error", "Exception")):
        return f"a {name} (an exception is not returned: write `raise {name}(...)`)"
    if name == "type":
        return "a class (for an exception, write `raise ValueError(...)`)"
    if name in ("function", "method", "builtin_function_or_method", "numpy.ufunc"):
        return "a function (are the parentheses missing?)"
    return f"a {name}"
