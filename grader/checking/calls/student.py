"""The `student` fixture of checks: the submission's functions, as if they were local.

Returned values are validated before a check sees them: the number of values, and for each its kind,
such as a plain array of numbers. A wrong one ends the check with a message. Every call is logged, so
that a failed check can be explained.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import numpy as np

from grader.checking.calls.code import Answer, Arguments, Code, Definition
from grader.errors import CheckEnded
from grader.model import Exercise, Function, Outcome
from grader.sandbox.wire import Opaque

MAX_LOGGED_CALLS = 8  # of one message; a gradient check sends thousands of calls in one


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the student's code in a check, with its answer (None if it raised or timed out)."""

    function: str
    args: tuple[Any, ...]
    keywords: Mapping[str, Any]
    answer: Answer | None
    error: str
    seed: int


class Student:
    """The submission's functions as attributes.

    Args:
        code: calls the submission.
        exercise: declares the functions.
        seed: the check's seed; each function gets its own from it, and each call the next number.
        reference: the trusted functions by name, if there are any.
    """

    def __init__(
        self,
        code: Code,
        exercise: Exercise,
        seed: int,
        reference: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        self._code = code
        self._exercise = exercise
        self._seed = seed
        self._reference = reference or {}
        self.calls: list[Call] = []
        self._functions: dict[str, StudentFunction] = {}

    def add_text_arguments(self, end: CheckEnded) -> None:
        """Add the string arguments of the latest call to a failure's message: the failure may depend on
        them, as with `padding='same'`."""
        if not self.calls or end.exception == "NotImplementedError":
            return
        if end.outcome is not Outcome.FAILED and not end.exception:
            return
        call = self.calls[-1]
        names = (n for n, _ in self._exercise.functions[call.function].parameters)
        given = (*zip(names, call.args, strict=False), *call.keywords.items())
        words = [
            f"{n}={v!r}" for n, v in given if isinstance(v, str) and repr(v) not in end.message
        ]
        if words:
            end.message += f"\n  This call was made with {' and '.join(words)}."

    def __getattr__(self, name: str) -> StudentFunction:
        function = self._exercise.functions.get(name)
        if function is None:
            raise AttributeError(f"{self._exercise.name} does not declare a function {name}")
        if (
            name not in self._functions
        ):  # one object a function: `student.f.last` is its latest call
            self._functions[name] = StudentFunction(
                self._code,
                function,
                self._exercise,
                self._seed,
                self.calls,
                self._reference.get(name),
            )
        return self._functions[name]


class StudentFunction:
    """One function of the submission.

    Attributes:
        declared: its declaration in `exercise.toml`.
        last: the answer to the latest call: besides the value, arguments that it changed or returned,
            and warnings.
        reference: the trusted function of the same name, if there is one.
    """

    def __init__(
        self,
        code: Code,
        declared: Function,
        exercise: Exercise,
        seed: int,
        log: list[Call],
        reference: Callable[..., Any] | None,
    ) -> None:
        self.declared = declared
        self.reference = reference
        self.last = Answer(None)
        self._code = code
        self._exercise = exercise
        self._log = log
        digest = hashlib.sha256(f"{seed}/{declared.name}".encode()).digest()
        self._seed = int.from_bytes(digest[:7], "little")
        self._keep = [i for i, (_, kind) in enumerate(declared.returns) if kind == "cache"]

    @property
    def name(self) -> str:
        """The function's name."""
        return self.declared.name

    @property
    def where(self) -> tuple[str, int] | None:
        """File and line of its definition in the submission."""
        definition = self._code.functions.get(self.name)
        return (definition.file, definition.line) if definition and definition.file else None

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """Call it once and return the value. Raises `CheckEnded` if it raises or returns a wrong kind."""
        return self.map([args], **keywords)[0]

    def watching(self, functions: Sequence[str], *args: Any, **keywords: Any) -> Any:
        """Call it once and note the calls of other functions of the submission: `last.watched`."""
        return self._map([args], keywords, functions)[0]

    def map(self, arguments: Sequence[tuple[Any, ...]], **keywords: Any) -> list[Any]:
        """Call it for each tuple of positional arguments, all with the same keywords; return the values.

        All calls are sent in one message, which is much faster than one message for each. Raises
        `CheckEnded` like a single call.
        """
        return self._map(arguments, keywords)

    def _map(
        self,
        arguments: Sequence[tuple[Any, ...]],
        keywords: Mapping[str, Any],
        watch: Sequence[str] = (),
    ) -> list[Any]:
        definition = self._code.functions.get(self.name)
        if definition is None or not accepts_declared_call(definition, self.declared):
            raise CheckEnded(Outcome.ERROR, self._missing(definition), where=self.where)
        calls: list[Arguments] = [(args, keywords) for args in arguments]
        seconds = self._exercise.limits.call_seconds * max(1.0, len(calls) / 10)
        seed = self._seed
        self._seed += len(calls)
        try:
            answers = self._code.call(self.name, calls, self._keep, seed, seconds, watch)
        except CheckEnded as end:
            self._log_calls(calls, end.answers, seed)
            failed = calls[len(end.answers)]
            at = seed + len(end.answers)
            self._log.append(Call(self.name, *failed, None, error_summary(end), at))
            raise
        self._log_calls(calls, answers, seed)
        values = []
        for answer in answers:
            self.last = answer
            try:
                values.append(self._checked(answer.value))
            except InvalidReturn as unfit:
                raise CheckEnded(Outcome.FAILED, f"{self.name} {unfit}", where=self.where) from None
        return values

    def _log_calls(self, calls: Sequence[Arguments], answers: Sequence[Answer], seed: int) -> None:
        """Log the first few calls of a message."""
        answered = zip(calls[:MAX_LOGGED_CALLS], answers, strict=False)
        for number, ((args, keys), answer) in enumerate(answered):
            known = replace(answer, value=loggable(answer.value, self._keep))
            self._log.append(Call(self.name, args, keys, known, "", seed + number))

    def changed_arguments(self, args: Sequence[Any], keywords: Mapping[str, Any]) -> list[str]:
        """The names of the arguments that the latest call changed in place."""
        return self._argument_names(self.last.changed, args, keywords)

    def returned_arguments(self, args: Sequence[Any], keywords: Mapping[str, Any]) -> list[str]:
        """The names of the arguments that the latest call returned, or returned a view of."""
        return self._argument_names(self.last.shared, args, keywords)

    def _argument_names(
        self, which: Sequence[int], args: Sequence[Any], keywords: Mapping[str, Any]
    ) -> list[str]:
        names = [n for n, _ in self.declared.parameters][: len(args)] + list(keywords)
        return [names[i] for i in which if i < len(names)]

    def _missing(self, definition: Definition | None) -> str:
        if definition is not None:
            return wrong_parameters_message(definition, self.declared)
        return missing_message(self.declared, self._exercise, self._code)

    def _checked(self, value: Any) -> Any:
        returns = self.declared.returns
        if len(returns) == 1:
            return convert_return(value, returns[0][1], "")
        if not isinstance(value, tuple | list):
            raise InvalidReturn(
                f"must return {len(returns)} values, {self.declared.returned_names}; "
                f"it returned {describe_value(value)}."
            )
        if len(value) != len(returns):
            raise InvalidReturn(
                f"must return {len(returns)} values, {self.declared.returned_names}; it returned {len(value)}."
            )
        try:
            return tuple(
                convert_return(v, kind, name)
                for v, (name, kind) in zip(value, returns, strict=True)
            )
        except InvalidReturn:
            if not _cache_and_array_swapped(value, returns):
                raise
            raise InvalidReturn(
                f"must return {self.declared.returned_names}; these values seem to be in the wrong order."
            ) from None


def loggable(value: Any, keep: Sequence[int]) -> Any:
    """What is known of an answer: only a cache may be anything, else at least its type tells."""
    if isinstance(value, tuple | list) and keep:
        return tuple(
            v if i in keep or not isinstance(v, Opaque) else v.type for i, v in enumerate(value)
        )
    return value.type if isinstance(value, Opaque) else value


def error_summary(end: CheckEnded) -> str:
    """How a call without an answer ended: the exception's type, and the key of the advice on it."""
    return f"{end.exception} {end.advice}".strip()


def accepts_declared_call(definition: Definition, declared: Function) -> bool:
    """Whether a student's function can be called like the declared one."""
    if definition.parameters is None:
        return True
    keywords = [n for n, default in declared.parameters if default is not ...]
    return len(definition.parameters) >= len(declared.parameters) and all(
        n in definition.parameters for n in keywords
    )


def missing_message(declared: Function, exercise: Exercise, code: Code) -> str:
    """The message for a function that is missing; it names a similar one, if there is one."""
    others = {name.lower(): name for name in code.names if name not in exercise.functions}
    similar = get_close_matches(declared.name.lower(), others, n=1, cutoff=0.8)
    if similar:
        return (
            f"The function {declared.signature} is missing; is {others[similar[0]]} meant to be it?"
        )
    return f"The function {declared.signature} is missing."


def wrong_parameters_message(definition: Definition, declared: Function) -> str:
    """The message for a function with other parameters than declared."""
    own = ", ".join(definition.parameters or ())
    return f"{declared.name}({own}) must have the parameters of {declared.signature}."


class InvalidReturn(Exception):
    """A returned value is not of the declared kind."""


def convert_return(value: Any, kind: str, name: str) -> Any:
    """A returned value of `kind`, with Python's numbers for NumPy's. Raises `InvalidReturn`.

    Kinds: `array`, an ndarray of real numbers or booleans; `number`, a single real number; `integer`;
    `dict`; `list`, a list or tuple, or a 1-D array of numbers; and without validation `any` and `cache`.
    """
    subject = f"must return {name} as " if name else "must return "
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


def _cache_and_array_swapped(values: Sequence[Any], returns: Sequence[tuple[str, str]]) -> bool:
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
