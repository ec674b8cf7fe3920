"""Values that stay in the process of their function: caches and objects. Standard library only."""

from __future__ import annotations

import copy
import itertools
import types
from collections.abc import Iterable
from typing import Any

# Iterators that a cache may be: each can be gone through once, and none can be copied.
ONCE = frozenset((types.GeneratorType, map, filter, zip, enumerate, reversed))
TEE: type = type(
    itertools.tee((), 1)[0]
)  # it can be copied, and each copy goes on from where it is
MOST_OBJECTS = 10_000  # of one check; an autograd graph of a check has some hundreds


class TooManyObjects(Exception):
    """More objects than `MOST_OBJECTS` are held."""


class Handles:
    """Values by number.

    A cache can be taken several times as it was at first. It may be used up by the backward pass that
    it was made for, as by `cache.pop()`, and a check may take the gradient of the same forward pass
    again. The first time gives the value itself, whose identity may matter; later times give copies of
    what it was then. Iterators, which nothing can copy, are kept as copies of their own from the start.

    An object is always itself: it has a state, and each object has one number.
    """

    def __init__(self) -> None:
        self._values: dict[int, object] = {}
        self._originals: dict[int, object] = {}
        self._objects: dict[int, int] = {}  # the number of each object, by its address
        self._next = 0
        self._single = False

    def hold(self, value: object) -> int:
        """Keep a cache; returns its number."""
        return self._keep(_repeatable(value))

    def _keep(self, value: object) -> int:
        self._next += 1
        self._values[self._next - 1] = value
        return self._next - 1

    def hold_object(self, value: object) -> int:
        """Keep an object; returns its number, the same each time. Raises `TooManyObjects`."""
        known = self._objects.get(id(value))
        if known is not None:
            return known
        if len(self._objects) >= MOST_OBJECTS:
            raise TooManyObjects
        number = self._objects[id(value)] = self._keep(value)
        return number

    def take(self, handle: int) -> object:
        """The value of this number, or None."""
        value = self._values.get(handle)
        if id(value) in self._objects:
            return value
        if handle in self._originals:
            return _copied(self._originals[handle])
        if handle in self._values and not self._single:
            self._originals[handle] = _copied(value)
        return value

    def release(self, handles: Iterable[int]) -> None:
        """Forget values that nobody asks for any more."""
        for handle in handles:
            self._originals.pop(handle, None)
            self._objects.pop(id(self._values.pop(handle, None)), None)

    def rename(self, handle: int, number: int) -> None:
        """Give a value another number, besides."""
        self._values[number] = self._values[handle]

    def clear(self, *, single: bool = False) -> None:
        """Forget all values, and begin to count anew. If `single`, none is to be taken twice, and so none is
        copied."""
        self._single = single
        self._values.clear()
        self._originals.clear()
        self._objects.clear()
        self._next = 0


def _repeatable(value: Any) -> Any:
    """A cache in which what can be gone through only once can be copied: it, or what a tuple holds."""
    if type(value) is tuple and not ONCE.isdisjoint(map(type, value)):
        return tuple(_tee(part) for part in value)
    return _tee(value)


def _tee(value: Any) -> Any:
    return itertools.tee(value, 1)[0] if type(value) in ONCE else value


def _copied(value: Any) -> Any:
    """A deep copy, or the value itself if it cannot be copied."""
    parts = value if type(value) is tuple else (value,)
    copies = {id(part): copy.copy(part) for part in parts if type(part) is TEE}
    try:
        return copy.deepcopy(value, copies)
    except BaseException:  # student code may take part in it, and raise anything
        return value
