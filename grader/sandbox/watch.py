"""What a call does beside giving a value back: arrays it writes into, functions it calls in turn.

Runs inside the sandbox; standard library and NumPy only. What is told from there can be falsified
by code that means to; it finds honest mistakes.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import numpy as np

LARGEST = 1 << 20  # bytes of an array that is worth comparing; larger ones would cost time
MOST_ITEMS = 100  # of a list that are looked at
MOST = 500  # watched calls that are told of one call


class Held:
    """What the latest call of each function was given, or what it returned, to notice when it changes."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Any]] = {}

    def begin(self, name: str) -> list[bytes]:
        """A call of `name` begins: what is in the arrays and lists of the call before it."""
        return [*map(_content, self._parts.get(name, ()))]

    def end(self, name: str, before: Sequence[bytes], value: Any, keep: Sequence[int] = ()) -> bool:
        """It was given, or has returned, `value`: whether it wrote into those of the call before it.
        `keep` as in a call."""
        wrote = self.begin(name) != before
        if keep and issubclass(type(value), tuple | list):
            value = tuple(v for i, v in enumerate(value) if i not in keep)
        self._parts[name] = list(_parts(value))
        return wrote


def _parts(value: Any, depth: int = 0) -> Iterator[Any]:
    """The arrays in a value, and the lists and dictionaries that hold them."""
    if type(value) is np.ndarray and value.nbytes <= LARGEST and not value.dtype.hasobject:
        yield value
    elif type(value) in (tuple, list, dict) and depth < 4:
        if type(value) is not tuple and len(value) <= MOST_ITEMS:
            yield value
        for part in _items(value):
            yield from _parts(part, depth + 1)


def _items(value: Any) -> list[Any]:
    return list(islice(value.values() if type(value) is dict else value, MOST_ITEMS))


def _content(part: Any) -> bytes:
    """The numbers of an array; of a list, which objects it holds."""
    if type(part) is np.ndarray:
        return part.tobytes()
    return repr([*map(id, _items(part))]).encode()


@contextmanager
def watched(names: Sequence[str], modules: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    """Note the calls of the functions `names` that these modules hold, under whatever name: a list of
    `[function, {parameter: number}]`, filled while the block runs."""
    notes: list[Any] = []
    replaced: list[tuple[dict[str, Any], str, Any]] = []
    made: dict[int, Callable[..., Any]] = {}
    for module in modules if names else ():
        for key, value in list(module.items()):
            if type(value) is types.FunctionType and value.__name__ in names:
                wrapper = made.setdefault(id(value), _noting(value, notes))
                replaced.append((module, key, value))
                module[key] = wrapper
    try:
        yield notes
    finally:
        for module, key, value in replaced:
            module[key] = value


def _noting(function: Callable[..., Any], notes: list[Any]) -> Callable[..., Any]:
    signature = inspect.signature(function)

    @functools.wraps(function)
    def noting(*args: Any, **keywords: Any) -> Any:
        try:
            given = signature.bind(*args, **keywords)
        except TypeError:  # the call itself will say so
            return function(*args, **keywords)
        given.apply_defaults()
        if len(notes) < MOST:
            told = {k: _plain(v) for k, v in given.arguments.items()}
            notes.append([function.__name__, {k: v for k, v in told.items() if v is not None}])
        return function(*args, **keywords)

    return noting


def _plain(value: Any) -> Any:
    """A number or a short list of numbers as JSON has it; of anything else nothing."""
    if isinstance(value, np.integer | np.floating):
        value = value.item()
    if type(value) in (bool, int, float):
        return value if abs(value) < 1e300 else None  # JSON has no infinity and no NaN
    if type(value) in (list, tuple) and len(value) <= 20:
        parts = [_plain(v) for v in value]
        return None if any(type(p) not in (int, float) for p in parts) else parts
    return None
