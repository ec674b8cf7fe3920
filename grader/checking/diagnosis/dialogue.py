"""The reference's objects in checks that are recorded, and in copies of the course without code.

What an object answers depends on all that went before, so the calls of one check are recorded as a
dialogue: each under a hash of the call and of all calls of objects before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from grader.checking.calls.objects import RemoteObject, holds, map_parts, object_type
from grader.checking.diagnosis.fingerprint import call_key
from grader.model import Exercise, Function
from grader.sandbox.members import find_callable
from grader.sandbox.wire import Opaque

Answers = Callable[
    [str, Callable[[], Any]], Any
]  # by key; the function gives it where there is code


class Dialogue:
    """Calls of the reference that take objects or give them, within one check.

    Args:
        exercise: declares the functions and classes.
        answers: called with a call's key, and a function that makes the call.
        namespace: the reference's functions and classes; None where only answers are known.
    """

    def __init__(
        self, exercise: Exercise, answers: Answers, namespace: Mapping[str, Any] | None = None
    ) -> None:
        self._exercise = exercise
        self._answers = answers
        self._namespace = namespace or {}
        self._types = {name: object_type(one) for name, one in exercise.classes.items()}
        self.begin()

    def begin(self) -> None:
        """Begin a check: what was said in the last one does not count any more."""
        self._said = ""
        self._values: list[Any] = []

    def function(self, name: str) -> Callable[..., Any]:
        """What answers calls of this name."""

        def call(*args: Any, **keywords: Any) -> Any:
            key = call_key(f"{self._said} {name}", args, keywords)
            self._said = hashlib.sha256(key.encode()).hexdigest()

            def make() -> Any:
                function = find_callable(self._namespace, name, self._exercise.attributes)
                assert function is not None
                given, named = self._values_of((args, keywords))
                return self._handles_of(function(*given, **named))

            return self._objects_of(self._answers(key, make))

        return call

    def release(self, handle: Opaque, epoch: int) -> None:
        """Nothing: a check is short, and its objects are few."""

    def _values_of(self, value: Any) -> Any:
        """`value` with the reference's own objects in place of those of the check."""
        if isinstance(value, RemoteObject):
            return self._values[value._handle.handle]
        return map_parts(self._values_of, value)

    def _handles_of(self, value: Any) -> Any:
        """`value` with numbers in place of the reference's objects, the same for the same object."""
        kind = type(value).__name__
        if kind not in self._types:
            return map_parts(self._handles_of, value)
        for number, known in enumerate(self._values):
            if known is value:
                return {"object": kind, "number": number}
        self._values.append(value)
        return {"object": kind, "number": len(self._values) - 1}

    def _objects_of(self, value: Any) -> Any:
        """`value` with objects for the check in place of numbers."""
        if isinstance(value, dict) and value.keys() == {"object", "number"}:
            kind, number = value["object"], value["number"]
            declared = self._exercise.classes[kind]
            return self._types[kind](declared, self, Opaque(kind, number), 0)
        return map_parts(self._objects_of, value)


def in_dialogue(declared: Function, exercise: Exercise, args: Any, keywords: Any) -> bool:
    """Whether a call of a function takes or gives objects."""
    gives = any(kind in exercise.classes for _, kind in declared.returns)
    return gives or holds(RemoteObject, (args, keywords))
