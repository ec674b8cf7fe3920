"""How checks call a submission, wherever it runs: the values and the protocol of `Code`.

Arguments are passed by copy, and returned values come back by copy. What cannot or must not be copied
stays behind, and an `Opaque` handle stands for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Arguments = tuple[tuple[Any, ...], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call gave back.

    Attributes:
        value: the returned value; what did not cross is an `Opaque`.
        changed: which arguments the function changed in place, by position (keywords come last).
        drew: whether it drew from a generator that it was given.
        warnings: warnings that it raised, as text.
        shared: which arguments it gave back as they are, or as a view of them, by position.
    """

    value: Any
    changed: tuple[int, ...] = ()
    drew: bool = False
    warnings: tuple[str, ...] = ()
    shared: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a function is defined, and its parameters (None if they cannot be told)."""

    file: str
    line: int
    parameters: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Problem:
    """An exception at loading, in words, and the line it came from."""

    message: str
    where: tuple[str, int] | None


class Code(Protocol):
    """Somebody's functions, callable by name."""

    @property
    def functions(self) -> Mapping[str, Definition]:
        """The functions that are there."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """What else is there that may have been meant to be one of them."""
        ...

    @property
    def problems(self) -> Sequence[Problem]:
        """What went wrong at loading."""
        ...

    def call(
        self, name: str, calls: Sequence[Arguments], keep: Sequence[int], seed: int, seconds: float
    ) -> list[Answer]:
        """Call a function once for each of `calls`; `keep` says which returned values stay there.

        Raises `CheckEnded` if a call does not give back a value in time.
        """
        ...

    def begin_check(self) -> None:
        """A new check begins: handles given out so far are no longer needed."""
        ...

    def take_output(self) -> str:
        """What was printed since the last time."""
        ...

    def close(self) -> None:
        """End it."""
        ...
