"""The `student` fixture of checks: the submission's functions and classes, as if they were local.

Returned values are validated before a check sees them: the number of values, and for each its kind,
such as a plain array of numbers. A wrong one ends the check with a message. Every call is logged, so
that a failed check can be explained.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

from grader.checking.calls.code import Answer, Arguments, Code, Definition
from grader.checking.calls.missing import (
    accepts_declared_call,
    missing_message,
    wrong_parameters_message,
)
from grader.checking.calls.objects import RemoteObject, map_parts, object_type
from grader.checking.calls.returns import (
    InvalidReturn,
    WrongKind,
    cache_and_array_swapped,
    convert_return,
    describe_value,
)
from grader.errors import CheckEnded
from grader.language import all_of, later, say
from grader.model import Exercise, Function, Outcome
from grader.sandbox.wire import Opaque

MAX_LOGGED_CALLS = 8  # of one message; a gradient check sends thousands of calls in one

# What a hint may say of a wrong factor, as a sentence of its own; see `drop_doubtful_length`.
EXAMPLES = later("Here {size} is N, the number of examples.")
EMPTY_MEAN = later(
    "In this call NumPy warned of the mean of an empty slice: of no entries at all. Print where the slices start and "
    "end."
)
# Of a function that returns several values: what came instead, or how many.
NO_VALUES = later("{function} must return {n} values, {names}; it returned {found}.")
OTHER_NUMBER = later("{function} must return {n} values, {names}; it returned {count}.")
ONE_IS_NONE = later(
    "{function} must return {value} as {wanted}; number {number} of the {n} values that it returned is None."
)


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
    """The submission's functions and classes as attributes.

    Args:
        code: calls the submission.
        exercise: declares the functions and classes.
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
        self._caller = Caller(code, exercise, seed, reference or {})

    def __getattr__(self, name: str) -> StudentFunction:
        return self._caller.function(name)

    def __repr__(self) -> str:
        return "student"  # as a failed `assert` shows it, without an address

    @property
    def calls(self) -> list[Call]:
        """The calls that were made so far."""
        return self._caller.log

    @property
    def measured(self) -> bool:
        """Whether the check looked at how long a call took."""
        return self._caller.measured

    def add_text_arguments(self, end: CheckEnded) -> None:
        """Add the string arguments of the latest call to a failure's message: the failure may depend on
        them, as with `padding='same'`."""
        if not self.calls or end.exception == "NotImplementedError":
            return
        if end.outcome is not Outcome.FAILED and not end.exception:
            return
        call = self.calls[-1]
        names = (n for n, _ in self._caller.declared[call.function].parameters)
        given = (*zip(names, call.args, strict=False), *call.keywords.items())
        words = [
            f"{n}={v!r}" for n, v in given if isinstance(v, str) and repr(v) not in end.message
        ]
        if words:
            told = say("This call was made with {words}.", words=all_of(words))
            end.message = f"{end.message}\n  {told}"

    def add_empty_mean(self, end: CheckEnded) -> None:
        """Let a failure without a hint tell of NumPy's warning that the mean of nothing was asked for."""
        answer = self.calls[-1].answer if self.calls and end.outcome is Outcome.FAILED else None
        warnings = answer.warnings if answer is not None else ()
        if not end.hint and any("Mean of empty slice" in warning for warning in warnings):
            end.hint = say(EMPTY_MEAN)

    def drop_doubtful_length(self, end: CheckEnded) -> None:
        """Leave out of a hint that a factor is the number of examples, if the latest call was given
        the same number."""
        call = self.calls[-1] if end.hint and self.calls else None
        for given in (*call.args, *call.keywords.values()) if call else ():
            if type(given) is int:
                end.hint = end.hint.replace(f" {say(EXAMPLES, size=given)}", "")


class Caller:
    """What the calls of one check share: the code, the log, and the objects that live there.

    Attributes:
        code: calls the submission.
        exercise: declares the functions and classes.
        declared: all that can be called, by the names of the calls.
        log: the calls that were made.
        measured: whether the check looked at how long a call took.
    """

    def __init__(
        self,
        code: Code,
        exercise: Exercise,
        seed: int,
        reference: Mapping[str, Callable[..., Any]],
    ) -> None:
        self.code = code
        self.exercise = exercise
        self.declared = exercise.callables if exercise.classes else exercise.functions
        self.log: list[Call] = []
        self.measured = False
        self._seed = seed
        self._reference = reference
        self._functions: dict[str, StudentFunction] = {}
        self._types = {name: object_type(one) for name, one in exercise.classes.items()}
        self._objects: WeakValueDictionary[tuple[int, int], RemoteObject] = WeakValueDictionary()

    def function(self, name: str) -> StudentFunction:
        """What a call of this name calls: `relu_forward`, and of a class `Linear`, `Linear.forward`, or
        `Linear.weight`. Raises `AttributeError` if it is not declared."""
        if (
            name not in self._functions
        ):  # one object a function: `student.f.last` is its latest call
            declared = self.declared.get(name)
            if declared is None:
                raise AttributeError(
                    say(
                        "{exercise} does not declare a function {name}",
                        exercise=self.exercise.name,
                        name=name,
                    )
                )
            digest = hashlib.sha256(f"{self._seed}/{name}".encode()).digest()
            seed = int.from_bytes(digest[:7], "little")
            self._functions[name] = StudentFunction(self, declared, seed, self._reference.get(name))
        return self._functions[name]

    def object(self, handle: Opaque, kind: str) -> RemoteObject:
        """The object of the declared class `kind` that a handle stands for."""
        epoch = self.code.epoch
        known = self._objects.get((epoch, handle.handle))
        if known is None:
            declared = self.exercise.classes[kind]
            known = self._types[kind](declared, self, handle, epoch)
            self._objects[epoch, handle.handle] = known
        return known

    def handles(self, value: Any) -> Any:
        """`value` with handles in place of the objects in it. Raises `CheckEnded` if one has ended."""
        if isinstance(value, RemoteObject):
            if value._epoch != self.code.epoch:
                name = value._declared.name
                raise CheckEnded(
                    Outcome.ERROR,
                    say(
                        "This {name} is gone: the process that it lived in was ended, or its check.",
                        name=name,
                    ),
                )
            return value._handle
        return map_parts(self.handles, value)

    def objects(self, value: Any) -> Any:
        """`value` with objects in place of the handles in it, where their type's name is declared."""
        if isinstance(value, Opaque):
            kind = value.type.rpartition(".")[2]
            return self.object(value, kind) if kind in self._types else value
        return map_parts(self.objects, value)

    def release(self, handle: Opaque, epoch: int) -> None:
        """Let the student's process forget an object."""
        if epoch == self.code.epoch:
            self.code.release(handle.handle)


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
        caller: Caller,
        declared: Function,
        seed: int,
        reference: Callable[..., Any] | None,
    ) -> None:
        self.declared = declared
        self.reference = reference
        self.last = Answer(None)
        self._caller = caller
        self._code = caller.code
        self._exercise = caller.exercise
        self._seed = seed
        self._keep = kept(declared)

    def __repr__(self) -> str:
        return f"student.{self.name}"

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
        self._demand()
        if self._exercise.classes:
            arguments, keywords = self._caller.handles((list(arguments), dict(keywords)))
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
            self._caller.log.append(Call(self.name, *failed, None, error_summary(end), at))
            raise
        self._log_calls(calls, answers, seed)
        values = []
        for answer in answers:
            self.last = answer
            try:
                values.append(self._checked(answer.value))
            except InvalidReturn as unfit:
                raise CheckEnded(
                    Outcome.FAILED,
                    str(unfit),
                    hint=unfit.hint,
                    where=self.where,
                    wrong_return=unfit.number,
                ) from None
        return values

    def timed(self) -> Answer:
        """The latest answer, for a check whose verdict depends on how long it took."""
        self._caller.measured = True
        return self.last

    def _demand(self) -> None:
        """Raise `CheckEnded` unless the submission has this function, with the declared parameters. Of
        an object's own members only those of its class are known before a call."""
        definition = self._code.functions.get(self.name)
        if definition is None and "." in self.name:
            return
        if definition is None or not accepts_declared_call(definition, self.declared):
            raise CheckEnded(Outcome.ERROR, self._missing(definition), where=self.where)

    def _log_calls(self, calls: Sequence[Arguments], answers: Sequence[Answer], seed: int) -> None:
        """Log the first few calls of a message; with objects all, since one may depend on those before."""
        most = len(calls) if self._exercise.classes else MAX_LOGGED_CALLS
        answered = zip(calls[:most], answers, strict=False)
        for number, ((args, keys), answer) in enumerate(answered):
            known = loggable(answer, self.declared, self._exercise)
            self._caller.log.append(Call(self.name, args, keys, known, "", seed + number))

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
        checked = self._converted(value)
        return self._caller.objects(checked) if self._exercise.classes else checked

    def _converted(self, value: Any) -> Any:
        returns = self.declared.returns
        if not returns:
            return None
        if len(returns) == 1:
            return self._one(value, returns[0][1], "")
        if not isinstance(value, tuple | list):
            raise self._wrong_number(NO_VALUES, found=describe_value(value))
        if len(value) != len(returns):
            raise self._wrong_number(OTHER_NUMBER, count=len(value))
        try:
            return tuple(
                self._one(v, kind, name) for v, (name, kind) in zip(value, returns, strict=True)
            )
        except InvalidReturn:
            if not cache_and_array_swapped(value, returns):
                raise
            raise InvalidReturn(
                say(
                    "{function} must return {names}; these values seem to be in the wrong order.",
                    function=self.name,
                    names=self.declared.returned_names,
                )
            ) from None

    def _wrong_number(self, message: str, **values: object) -> InvalidReturn:
        return InvalidReturn(
            say(
                message,
                function=self.name,
                n=len(self.declared.returns),
                names=self.declared.returned_names,
                **values,
            ),
            number=True,
        )

    def _one(self, value: Any, kind: str, name: str) -> Any:
        """One returned value of the declared kind."""
        try:
            if kind not in self._exercise.classes:
                return convert_return(value, kind)
            if isinstance(value, Opaque):
                return self._caller.object(value, kind)
            raise WrongKind(say("an object of class {name}", name=kind), describe_value(value))
        except WrongKind as wrong:
            words = self._none_among(wrong, name) if value is None and name else ""
            raise InvalidReturn(words or self._wrong_kind(wrong, name), wrong.hint) from None

    def _none_among(self, wrong: WrongKind, value: str) -> str:
        """The sentence on one of several returned values that is None."""
        names = [name for name, _ in self.declared.returns]
        return say(
            ONE_IS_NONE,
            function=self.name,
            value=value,
            wanted=wrong.wanted,
            number=names.index(value) + 1,
            n=len(names),
        )

    def _wrong_kind(self, wrong: WrongKind, value: str) -> str:
        """The sentence on a returned value, or the only one, of the wrong kind."""
        owner, _, member = self.name.partition(".")
        words = {"function": self.name, "wanted": wrong.wanted, "found": wrong.found}
        if member and member in self._exercise.classes[owner].attributes:
            return say("{function} must be {wanted}, not {found}.", **words)
        if value:
            message = later("{function} must return {value} as {wanted}, not {found}.")
            return say(message, value=value, **words)
        return say("{function} must return {wanted}, not {found}.", **words)


def kept(declared: Function) -> list[int]:
    """The positions of returned values that stay with the student: caches."""
    return [i for i, (_, kind) in enumerate(declared.returns) if kind == "cache"]


def loggable(answer: Answer, declared: Function, exercise: Exercise) -> Answer:
    """What is known of an answer: only caches and objects may be anything, else the type tells."""
    kinds = [kind for _, kind in declared.returns]
    keep = [i for i, kind in enumerate(kinds) if kind == "cache" or kind in exercise.classes]
    value = answer.value
    if not kinds:  # what it returned does not matter
        return replace(answer, value=None)
    if isinstance(value, tuple | list) and keep:
        parts = (
            v if i in keep or not isinstance(v, Opaque) else v.type for i, v in enumerate(value)
        )
        return replace(answer, value=tuple(parts))
    if isinstance(value, Opaque) and not (keep and len(kinds) == 1):
        return replace(answer, value=value.type)
    return answer


def error_summary(end: CheckEnded) -> str:
    """How a call without an answer ended: the exception's type, and the key of the advice on it."""
    return f"{end.exception} {end.advice}".strip()
