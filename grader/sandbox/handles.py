"""Values that stay in the process of their function, such as a cache. Standard library only."""

from __future__ import annotations

import copy


class Handles:
    """Values by number. Each can be taken several times as it was at first.

    A cache may be used up by the backward pass that it was made for, as by `cache.pop()`, and a check
    may take the gradient of the same forward pass again. The first time gives the value itself, whose
    identity may matter; later times give copies of what it was then.
    """

    def __init__(self) -> None:
        self._values: dict[int, object] = {}
        self._originals: dict[int, object] = {}

    def hold(self, value: object) -> int:
        """Keep a value; returns its number."""
        self._values[len(self._values)] = value
        return len(self._values) - 1

    def take(self, handle: int) -> object:
        """The value of this number, or None."""
        if handle in self._originals:
            return _copied(self._originals[handle])
        if handle in self._values:
            self._originals[handle] = _copied(self._values[handle])
        return self._values.get(handle)

    def rename(self, handle: int, number: int) -> None:
        """Give a value another number, besides."""
        self._values[number] = self._values[handle]

    def clear(self) -> None:
        """Forget all values."""
        self._values.clear()
        self._originals.clear()


def _copied(value: object) -> object:
    """A deep copy, or the value itself if it cannot be copied."""
    try:
        return copy.deepcopy(value)
    except BaseException:  # student code may take part in it, and raise anything
        return value
