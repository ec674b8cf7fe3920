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
from typing import Any

import numpy as np

LARGEST = 1 << 20  # bytes of an array that is worth comparing; larger ones would cost time
MOST = 500  # watched calls that are told of one call


class Results:
    """The arrays that the latest call of each function returned, to notice when they change."""

    def __init__(self) -> None:
        self._arrays: dict[str, list[np.ndarray]] = {}

    def begin(self, name: str) -> list[bytes]:
        """A call of `name` begins: what is in the arrays that the call before it returned."""
        return [a.tobytes() for a in self._arrays.get(name, ())]

    def end(self, name: str, before: Sequence[bytes], value: Any, keep: Sequence[int]) -> bool:
        """It has returned `value`: whether it wrote into those arrays. `keep` as in a call."""
        held = self._arrays.get(name, ())
        wrote = any(a.tobytes() != data for a, data in zip(held, before, strict=True))
        if issubclass(type(value), tuple | list):
            value = [v for i, v in enumerate(value) if i not in keep]
        self._arrays[name] = list(_arrays(value))
        return wrote


def _arrays(value: Any, depth: int = 0) -> Iterator[np.ndarray]:
    if type(value) is np.ndarray and value.nbytes <= LARGEST and not value.dtype.hasobject:
        yield value
    elif type(value) in (tuple, list) and depth < 4:
        for part in value[:100]:
            yield from _arrays(part, depth + 1)


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
