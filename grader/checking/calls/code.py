"""How checks call a submission, wherever it runs: the values and the protocol of `Code`.

Arguments are passed by copy, and returned values come back by copy. What cannot or must not be copied
stays behind, and an `Opaque` handle stands for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from grader.language import any_of, later, say, together

LOOPS = later(
    "Is there a loop that does not end, or one over single numbers that NumPy could do for a whole array?"
)

Arguments = tuple[tuple[Any, ...], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Place:
    """A function of the submission that takes time.

    Attributes:
        function: its name.
        file: the file, or the notebook and its cell.
        line: the line that took most of it.
        share: of the time of the call, from 0 to 1.
    """

    function: str
    file: str
    line: int
    share: float


@dataclass(frozen=True, slots=True)
class Endless:
    """A `while` that was running when the time was up, and cannot end.

    Attributes:
        file: the file, or the notebook and its cell.
        line: its line.
        names: the names in its condition, which nothing in its block changes; empty for `while True`.
    """

    file: str
    line: int
    names: tuple[str, ...]

    def words(self) -> str:
        """The sentence on it."""
        if self.names:
            return say(NOTHING_CHANGES, line=self.line, file=self.file, names=any_of(self.names))
        return say(NO_WAY_OUT, line=self.line, file=self.file)


NOTHING_CHANGES = later(
    "The `while` in line {line} of {file} never ends: nothing in its block changes {names}."
)
NO_WAY_OUT = later(
    "The `while` in line {line} of {file} never ends: its block has no `break` and no `return`."
)


def stopped(
    name: str, seconds: float, places: Sequence[Place], endless: Endless | None = None
) -> str:
    """What is said of a call of the function `name` that took too long: where, if that is known."""
    happened = later("{name}: stopped, because it took longer than {seconds:g} seconds.")
    if endless is not None:
        return together(say(happened, name=name, seconds=seconds), endless.words())
    place = places[0] if places else Place("", "", 0, 0.0)
    if place.share > 0.95:
        happened = later(
            "{name}: stopped, because it took longer than {seconds:g} seconds; nearly all of it in "
            "{function} ({file}, about line {line})."
        )
    elif places:
        happened = later(
            "{name}: stopped, because it took longer than {seconds:g} seconds; {share:.0%} of it in "
            "{function} ({file}, about line {line})."
        )
    return together(say(happened, name=name, seconds=seconds, **asdict(place)), say(LOOPS))


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one call.

    Attributes:
        value: the returned value; an `Opaque` stands for an object, or for a cache.
        changed: the positions of arguments that the function changed in place (keywords come last).
        drew: whether it drew numbers from a generator that it was given.
        warnings: the warnings that it caused, as text.
        shared: the positions of arguments that it returned, or returned a view of.
        overwrote: whether it wrote into what the call of the function before it returned.
        reached_back: whether it wrote into what the call of the function before it was given.
        watched: calls of other functions that it made, as `(function, {parameter: number})`, where the
            caller asked for them.
        spent: where a long call spent its time, the most expensive place first.
        seconds: how long it took, as a share of its message's time; 0 if that is not measured.
    """

    value: Any
    changed: tuple[int, ...] = ()
    drew: bool = False
    warnings: tuple[str, ...] = ()
    shared: tuple[int, ...] = ()
    overwrote: bool = False
    reached_back: bool = False
    watched: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    spent: tuple[Place, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a function is defined, and its parameters (None if they are not known)."""

    file: str
    line: int
    parameters: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Problem:
    """An exception while loading, as a message, and the file and line that raised it."""

    message: str
    where: tuple[str, int] | None


class Code(Protocol):
    """Functions, classes and their members that can be called by name, wherever they run."""

    @property
    def functions(self) -> Mapping[str, Definition]:
        """The declared functions, classes and methods that were found, by the names of the calls."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """The names of all functions that exist, some perhaps misspelt."""
        ...

    @property
    def values(self) -> Collection[str]:
        """The declared functions and classes in whose place there is something that cannot be called."""
        ...

    @property
    def problems(self) -> Sequence[Problem]:
        """What went wrong while loading."""
        ...

    def call(
        self,
        name: str,
        calls: Sequence[Arguments],
        keep: Sequence[int],
        seed: int,
        seconds: float,
        watch: Sequence[str] = (),
    ) -> list[Answer]:
        """Call a function once for each of `calls`.

        Args:
            name: the function.
            calls: for each call its positional and keyword arguments.
            keep: the positions of returned values that are not copied, but get a handle.
            seed: seeds the global random generators before the first call; the next number before the
                next call, and so on.
            seconds: how long all calls together may take.
            watch: functions of the submission whose calls are to be noted.

        Raises `CheckEnded` if a call does not return in time.
        """
        ...

    @property
    def epoch(self) -> int:
        """Grows whenever the handles of before are worth nothing any more."""
        ...

    def release(self, handle: int) -> None:
        """Forget an object of this epoch: nobody asks for it any more."""
        ...

    def begin_check(self) -> None:
        """Begin a new check: the handles of the last one are no longer needed."""
        ...

    def take_output(self) -> str:
        """What was printed since this was last called."""
        ...

    def close(self) -> None:
        """End whatever runs the code."""
        ...
