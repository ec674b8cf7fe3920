"""Recorded answers of the reference and the misconceptions, for copies of the course without code.

A student's copy has no solutions. When it is made, the public checks run once against the reference;
every call of the reference is recorded under a hash of its arguments, what the gradient check derives from
it under a name, and every misconception's answers as fingerprints. In the student's copy the same checks
find them again. The file is an `.npz` of two byte arrays: a JSON header and the body of its arrays,
encoded as for the sandbox.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from grader.checking.calls.student import Call
from grader.checking.diagnosis.dialogue import Dialogue, in_dialogue
from grader.checking.diagnosis.fingerprint import SUMS, CacheHandle, Fingerprint, call_key
from grader.checking.diagnosis.recognition import (
    MAX_CALLS,
    RAISED,
    Parts,
    RunnableMisconception,
    answer_parts,
)
from grader.checking.diagnosis.reference import Reference
from grader.errors import ExerciseError
from grader.language import say
from grader.model import Exercise, Function, Misconception
from grader.sandbox.frames import WireError
from grader.sandbox.wire import Decoder, Encoder

RECORDED_FILE = "recorded.npz"
VERSION = 4
# 2 has nothing that the gradient check derives: slopes are measured instead. Until 3, exceptions are
# recorded with the sentence of the advice instead of its key.
READABLE = (2, 3, 4)
# What the sentences in released recordings begin with, as patterns, and the keys of their advice.
SENTENCES = (
    (r"In A @ B, .*; here (?P<second>\d+) meets (?P<first>\d+)\.", "matmul"),
    (r"(?:Entry by entry, |The shapes )(?P<first>.*) do not fit", "broadcast"),
    (r"The (?P<first>\w+) of no entries", "reduce_empty"),
    (r"reshape keeps \D+(?P<first>\d+) \D+(?P<second>\([\d,]*\))", "reshape"),
    (r"The array on the left holds", "inplace_integers"),
    (r"A tuple, such as a shape, has fewer", "tuple_index"),
    (r"Something is None here", "none_used"),
)
_RAISED_WITH = re.compile(rf"['\"]({re.escape(RAISED)} \w+) (.+)")


class NotRecorded(LookupError):
    """The reference was not called with these arguments when the answers were recorded."""


# Recording ---------------------------------------------------------------------------------------


class Recorder:
    """Records answers while public checks run with the reference, and then with each misconception.

    Attributes:
        listening: False while a hidden check runs.
    """

    def __init__(self) -> None:
        self.enabled = False
        self._answers: dict[str, Any] = {}
        self._calls: dict[str, list[tuple[str, Parts]]] = {}
        self._right: dict[str, list[tuple[str, Parts]]] = {}
        self._wrong: dict[str, tuple[Misconception, dict[str, list[tuple[str, Parts]]]]] = {}

    def wrap(self, reference: Reference, exercise: Exercise) -> Reference:
        """A reference that answers like `reference` and records its answers.

        Its functions have two attributes: `plain` is the reference's own, and `keep(name, make)` gives
        what `make` makes, once, and records it under that name.
        """

        def answer(at: str, make: Callable[[], Any]) -> Any:
            value = make()
            self._note(at, value)
            return value

        dialogue = Dialogue(exercise, answer, reference.functions)

        def recording(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
            returns = exercise.functions[name].returns

            def call(*args: Any, **keywords: Any) -> Any:
                if in_dialogue(exercise.functions[name], exercise, args, keywords):
                    return dialogue.function(name)(*args, **keywords)
                at = call_key(name, args, keywords)
                value = function(
                    *(a.value if isinstance(a, CacheHandle) else a for a in args), **keywords
                )
                if len(returns) > 1 and any(kind == "cache" for _, kind in returns):
                    value = tuple(
                        CacheHandle(f"{at}.{i}", v) if kind == "cache" else v
                        for i, (v, (_, kind)) in enumerate(zip(value, returns, strict=True))
                    )
                self._note(at, value)
                return value

            call.plain = function  # type: ignore[attr-defined]
            call.keep = lambda at, make: answer(f"{name} {at}", make)  # type: ignore[attr-defined]
            return call

        functions = {n: recording(n, reference.functions[n]) for n in exercise.functions}
        made = {n: dialogue.function(n) for n in exercise.classes}
        return Reference({**functions, **made}, dialogue.begin)

    def _note(self, at: str, value: Any) -> None:
        if self.enabled and not self._right:
            self._answers[at] = value

    def observe(self, check: str, calls: Sequence[Call]) -> None:
        """Record the answers of the code under test in a check that just ended."""
        if self.enabled:
            self._calls[check] = [
                (call_key(c.function, c.args, dict(c.keywords)), answer_parts(c.answer, c.error))
                for c in calls[:MAX_CALLS]
            ]

    def finish_reference(self) -> None:
        """Note that all checks have run with the reference as the code under test."""
        self._right, self._calls = self._calls, {}

    def finish_misconception(self, wrong: RunnableMisconception, caught: Iterable[str]) -> None:
        """Note that all checks have run with a misconception; `caught` names those that did not pass."""
        kept = {check: self._calls[check] for check in caught if check in self._calls}
        self._wrong[wrong.name] = (wrong.value, kept)
        self._calls = {}

    def save(self) -> bytes:
        """The recording as the bytes of an `.npz`, the same for the same answers."""
        encoder = Encoder(_reject_unencodable)

        def sequence(pairs: list[tuple[str, Parts]]) -> Any:
            prints = [p for _, parts in pairs for p in parts]
            return {
                "keys": [at for at, _ in pairs],
                "parts": [len(parts) for _, parts in pairs],
                "structures": [p.structure for p in prints],
                "sums": encoder.encode(np.array([p.sums for p in prints]).reshape(-1, SUMS)),
                "scales": encoder.encode(np.array([p.scale for p in prints])),
            }

        header = {
            "version": VERSION,
            "reference": {
                at: encoder.encode(_replace_caches(v)) for at, v in self._answers.items()
            },
            "right": {check: sequence(pairs) for check, pairs in self._right.items()},
            "misconceptions": {
                name: {
                    "hint": wrong.hint,
                    "caught_by": wrong.caught_by if wrong.caught_by in checks else "",  # not hidden
                    "functions": list(wrong.functions),
                    "checks": {c: sequence(pairs) for c, pairs in checks.items()},
                }
                for name, (wrong, checks) in self._wrong.items()
            },
        }
        text = json.dumps(header, separators=(",", ":")).encode()
        file = io.BytesIO()
        np.savez_compressed(
            file,
            header=np.frombuffer(text, np.uint8),
            body=np.frombuffer(encoder.body, np.uint8),
        )
        return file.getvalue()


def _reject_unencodable(value: object) -> int:
    raise ExerciseError(
        say("the reference returns a {name}, which cannot be recorded", name=type(value).__name__)
    )


def _replace_caches(value: Any) -> Any:
    """A value with its caches replaced by their keys."""
    if isinstance(value, CacheHandle):
        return {"cache": value.key}
    if isinstance(value, tuple | list):
        return type(value)(_replace_caches(v) for v in value)
    return value


# Replaying ---------------------------------------------------------------------------------------


class Recording:
    """A recording that was read: a `reference`, and a catalogue of misconceptions.

    Args:
        path: an `.npz` that `Recorder.save` made.
        exercise: the exercise that it belongs to.

    Raises `ExerciseError` if the file is missing, damaged or of another version.
    """

    def __init__(self, path: Path, exercise: Exercise) -> None:
        try:
            with np.load(path, allow_pickle=False) as file:
                self._header = json.loads(file["header"].tobytes())
                body = file["body"].tobytes()
            if self._header["version"] not in READABLE:
                raise ValueError("another version")
            decoder = Decoder(body)
            answers = {at: decoder.decode(t) for at, t in self._header["reference"].items()}
            self._right = _decode_sequences(self._header["right"], decoder)
            self._wrong = [
                (
                    Misconception(
                        name, entry["hint"], entry["caught_by"], tuple(entry.get("functions", ()))
                    ),
                    _decode_sequences(entry["checks"], decoder),
                )
                for name, entry in self._header["misconceptions"].items()
            ]
        except FileNotFoundError:
            raise ExerciseError(
                say(
                    "{path}: is missing, and this course has no solutions; download the exercise again",
                    path=path,
                )
            ) from None
        except (OSError, EOFError, BadZipFile, ValueError, KeyError, TypeError, WireError) as error:
            raise ExerciseError(
                say(
                    "{path}: is not a valid recording of answers ({error}); download the exercise again",
                    path=path,
                    error=error,
                )
            ) from None
        self.passed_on_reference = frozenset(self._right)  # the checks that the reference passed
        self.reference = _replayed_reference(exercise, answers)

    def right(self, check: str, calls: Sequence[Call]) -> Iterator[Parts]:
        """See `recognition.Catalogue`; ends where the student's calls differ from the reference's."""
        return _replay_matching_calls(self._right.get(check, []), calls)

    def wrong(
        self, check: str, calls: Sequence[Call]
    ) -> Iterable[tuple[Misconception, Iterator[Parts]]]:
        """See `recognition.Catalogue`."""
        for misconception, checks in self._wrong:
            if check in checks:
                yield misconception, _replay_matching_calls(checks[check], calls)

    def runnable(self, names: Collection[str]) -> Sequence[RunnableMisconception]:
        """See `recognition.Catalogue`."""
        return ()


def _replay_matching_calls(
    recorded: list[tuple[str, Parts]], calls: Sequence[Call]
) -> Iterator[Parts]:
    for (at, parts), call in zip(recorded, calls, strict=False):
        if at != call_key(call.function, call.args, dict(call.keywords)):
            return
        yield parts


def _with_key(structure: str) -> str:
    """A structure as it is recorded now: of an exception, with a key in place of a sentence."""
    said = _RAISED_WITH.match(structure)
    for pattern, key in SENTENCES if said else ():
        if said and (found := re.match(pattern, said[2])):
            numbers = [found[name].replace(" and ", " ") for name in sorted(found.groupdict())]
            return repr(" ".join([said[1], key, *numbers]))
    return structure


def _decode_sequences(
    entries: Mapping[str, Any], decoder: Decoder
) -> dict[str, list[tuple[str, Parts]]]:
    result = {}
    for check, entry in entries.items():
        sums, scales = decoder.decode(entry["sums"]), decoder.decode(entry["scales"])
        prints = iter(
            Fingerprint(_with_key(structure), tuple(row), float(scale))
            for structure, row, scale in zip(
                entry["structures"], sums.tolist(), scales.tolist(), strict=True
            )
        )
        result[check] = [
            (at, [next(prints) for _ in range(count)])
            for at, count in zip(entry["keys"], entry["parts"], strict=True)
        ]
    return result


def _replayed_reference(exercise: Exercise, answers: Mapping[str, Any]) -> Reference:
    def answer(at: str, _: Callable[[], Any]) -> Any:
        if at not in answers:
            raise NotRecorded(
                say(
                    "no answer of the reference's objects is recorded for these calls; download the "
                    "course again, or try another version of NumPy"
                )
            )
        return answers[at]

    dialogue = Dialogue(exercise, answer)
    functions = {
        n: _replay_function(exercise, f, answers, dialogue) for n, f in exercise.functions.items()
    }
    made = {n: dialogue.function(n) for n in exercise.classes}
    return Reference({**functions, **made}, dialogue.begin)


def _replay_function(
    exercise: Exercise, declared: Function, answers: Mapping[str, Any], dialogue: Dialogue
) -> Callable[..., Any]:
    name = declared.name

    def call(*args: Any, **keywords: Any) -> Any:
        if in_dialogue(declared, exercise, args, keywords):
            return dialogue.function(name)(*args, **keywords)
        at = call_key(name, args, keywords)
        if at not in answers:
            raise NotRecorded(
                say(
                    "no answer of {name} is recorded for these arguments; download the course again, or "
                    "try another version of NumPy",
                    name=name,
                )
            )
        return _restore_caches(answers[at])

    def keep(at: str, make: Callable[[], Any]) -> Any:
        if f"{name} {at}" not in answers:
            raise NotRecorded(f"nothing is recorded of {name} under this name")
        return answers[f"{name} {at}"]

    call.keep = keep  # type: ignore[attr-defined]
    return call


def _restore_caches(value: Any) -> Any:
    """A recorded value with its caches."""
    if isinstance(value, dict) and set(value) == {"cache"}:
        return CacheHandle(value["cache"])
    if isinstance(value, tuple | list):
        return type(value)(_restore_caches(v) for v in value)
    return value
