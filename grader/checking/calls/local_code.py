"""Code that is called in this process: trusted, or a student's own under `--debug`.

The contract is that of `grader.checking.calls.code`: values are copied in and out, and what stays behind
is represented by an `Opaque` handle.
"""

from __future__ import annotations

import bdb
import copy
import random
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from grader.checking.calls.code import Answer, Arguments, Definition, Problem
from grader.checking.calls.exceptions import call_error
from grader.checking.calls.objects import holds, map_parts
from grader.errors import CheckEnded
from grader.model import Exercise
from grader.sandbox.handles import Handles
from grader.sandbox.members import find_callable
from grader.sandbox.sentences import template_of
from grader.sandbox.watch import Held
from grader.sandbox.wire import Opaque, shares_memory


def exception_as_dict(error: BaseException) -> dict[str, Any]:
    """An exception of this process in the sandbox's form: with the lines of the submission only."""
    frames = [
        [frame.filename, frame.lineno or 0, frame.name, frame.line or ""]
        for frame in traceback.extract_tb(error.__traceback__)
        if not (Path(frame.filename).is_absolute() or frame.filename.startswith("<"))
    ]
    message = str(error)
    if isinstance(error, SyntaxError) and error.filename:
        message = error.msg
        frames = [[error.filename, error.lineno or 0, "", (error.text or "").strip()]]
    return {
        "type": type(error).__name__,
        "bases": [base.__name__ for base in type(error).__mro__[1:]],
        "message": message,
        "said": template_of(error),
        "frames": frames[:3] + frames[3:][-5:],
    }


class LocalCode:
    """Functions called in this process: a trusted reference, or a student's own under `--debug`.

    Args:
        namespace: the functions by name; it may hold other names, too.
        exercise: declares which functions there should be.
    """

    epoch = 0

    def __init__(self, namespace: Mapping[str, Any], exercise: Exercise) -> None:
        self.namespace = namespace
        self._handles = Handles()
        self._given, self._returned = Held(), Held()
        self.problems: list[Problem] = []
        self._attributes = exercise.attributes
        self._classes = exercise.classes
        self.functions = {
            name: Definition("", 0, None)
            for name in exercise.names
            if callable(namespace.get(name))
        }
        self.values = frozenset(exercise.names) & set(namespace) - set(self.functions)

    def call(
        self,
        name: str,
        calls: Sequence[Arguments],
        keep: Sequence[int],
        seed: int,
        seconds: float,
        watch: Sequence[str] = (),
    ) -> list[Answer]:
        """See `Code.call`; `seconds` and `watch` have no effect here."""
        function = find_callable(self.namespace, name, self._attributes)
        assert function is not None
        answers: list[Answer] = []
        for number, (args, keywords) in enumerate(calls):
            asked = (*args, *keywords.values())
            given = [self._take(a) for a in asked]
            own = [holds(Opaque, a) for a in asked]  # the code may do with them what it likes
            random.seed(seed + number)
            np.random.seed((seed + number) % (1 << 32))
            held = self._given.begin(name), self._returned.begin(name)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                named = dict(zip(keywords, given[len(args) :], strict=True))
                try:
                    value = self._run(name, function, given[: len(args)], named)
                except CheckEnded as end:
                    end.answers = answers
                    raise
            shared = tuple(
                i for i, g in enumerate(given) if not own[i] and shares_memory(g, value, keep)
            )
            theirs = tuple(g for o, g in zip(own, given, strict=True) if not o)
            reached_back = self._given.end(name, held[0], theirs)
            overwrote = self._returned.end(name, held[1], value, keep)
            if keep and isinstance(value, tuple | list):
                values = (self._hold(v) if i in keep else v for i, v in enumerate(value))
                value = tuple(values) if isinstance(value, tuple) else list(values)
            moved = {
                i
                for i, (o, b, g) in enumerate(zip(own, asked, given, strict=True))
                if not o and not identical(b, g)
            }
            drawn = {i for i in moved if isinstance(given[i], np.random.Generator)}
            changed, drew = tuple(sorted(moved - drawn)), bool(drawn)
            words = tuple(f"{type(w.message).__name__}: {w.message}" for w in caught)
            notes = changed, drew, words, shared, overwrote, reached_back
            answers.append(Answer(self._give(value), *notes))
        return answers

    @property
    def names(self) -> Sequence[str]:
        """See `Code.names`."""
        return [name for name, value in self.namespace.items() if callable(value)]

    @staticmethod
    def _run(
        name: str, function: Callable[..., Any], args: list[Any], named: dict[str, Any]
    ) -> Any:
        try:
            with np.errstate(all="warn", under="ignore"):  # checks silence NumPy, see `call_check`
                return function(*args, **named)
        except bdb.BdbQuit:  # `q` in the debugger ends the run
            raise KeyboardInterrupt from None
        except (Exception, SystemExit) as error:
            raise call_error(exception_as_dict(error), name) from error

    def _hold(self, value: Any) -> Opaque:
        return Opaque(type(value).__name__, self._handles.hold(value))

    def _take(self, value: Any) -> Any:
        if isinstance(value, Opaque):
            return self._handles.take(value.handle)
        return map_parts(self._take, value) if holds(Opaque, value) else copy.deepcopy(value)

    def _give(self, value: Any) -> Any:
        """What crosses: a copy, with handles of objects where the exercise has classes."""
        if not self._classes:
            return copy.deepcopy(value)
        if isinstance(value, list | tuple | dict):
            return map_parts(self._give, value)
        if value is None or isinstance(value, Opaque):
            return value
        if isinstance(value, int | float | str | np.ndarray | np.generic | np.random.Generator):
            return copy.deepcopy(value)
        return Opaque(type(value).__name__, self._handles.hold_object(value))

    def release(self, handle: int) -> None:
        """See `Code.release`."""
        self._handles.release([handle])

    def begin_check(self) -> None:
        """See `Code.begin_check`."""
        self._handles.clear()
        self.epoch += 1

    def take_output(self) -> str:
        """Nothing: output is not captured here, but printed at once."""
        return ""

    def close(self) -> None:
        """Nothing to end."""


def identical(a: Any, b: Any) -> bool:
    """Whether two values are equal bit by bit, NaN included; arrays and generators are compared, too."""
    if isinstance(a, np.random.Generator) and isinstance(b, np.random.Generator):
        return bool(a.bit_generator.state == b.bit_generator.state)
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, list | tuple) and type(a) is type(b):
        return len(a) == len(b) and all(identical(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(identical(a[k], b[k]) for k in a)
    return type(a) is type(b) and bool(a == b or a != a)  # noqa: PLR0124 - NaN is not itself
