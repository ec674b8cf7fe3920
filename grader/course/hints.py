"""The hints that an author wrote in `hints.toml`, and how many of them a student has seen.

Each key is a function, each value its hints, from a first question to a concrete pointer. The
workspace's `.grade` folder records what was shown, so that the next call shows the next hint.
"""

from __future__ import annotations

import contextlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import ExerciseError, UsageError, did_you_mean
from grader.files import replace_file
from grader.language import language, say, series
from grader.model import Course, Exercise, Guide

HANDOUT = "README.md"
HINTS_FILE = "hints.toml"
SEEN_FILE = "hints.json"

Hints = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Hint:
    """One hint of a function: the `number`-th of `total`, counted from 1."""

    function: str
    number: int
    total: int
    text: str


def load_hints(exercise: Exercise) -> Hints:
    """The hints of an exercise by function, in the order of its functions.

    Functions without hints are left out. Raises `ExerciseError` if the file is not valid.
    """
    path = exercise.folder / HINTS_FILE
    if not path.is_file():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ExerciseError(
            say("{path}: not valid TOML: {error}", path=path, error=error)
        ) from None
    for name, texts in table.items():
        if name not in exercise.names:
            known = series(exercise.names)
            raise ExerciseError(
                say(
                    "{path}: {name} is not a function of this exercise; its functions are {known}",
                    path=path,
                    name=name,
                    known=known,
                )
            )
        if not isinstance(texts, list) or not texts:
            raise ExerciseError(say("{path}: {name} must be a list of hints", path=path, name=name))
        for number, text in enumerate(texts, start=1):
            if not isinstance(text, str) or not text.strip():
                raise ExerciseError(
                    say(
                        "{path}: {name}: hint {number} must be a string that is not empty",
                        path=path,
                        name=name,
                        number=number,
                    )
                )
    return {name: tuple(table[name]) for name in exercise.names if name in table}


def find_function(exercise: Exercise, hints: Hints, word: str) -> str:
    """The function called `word`, or the only one whose name contains it.

    Raises `UsageError` if there is none, more than one, or one without hints.
    """
    if word in hints:
        return word
    if word in exercise.names:
        raise UsageError(say("{word}: has no hints", word=word))
    found = [name for name in hints if word.lower() in name]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            say(
                "{word}: could be {names}; give the whole name", word=word, names=" or ".join(found)
            )
        )
    known = series(hints)
    meant = did_you_mean(word, hints) or say("; there are hints for {names}", names=known)
    raise UsageError(
        say(
            "{word}: no such function in {exercise}{meant}",
            word=word,
            exercise=exercise.id,
            meant=meant,
        )
    )


def list_hints(hints: Hints, function: str) -> list[Hint]:
    """All hints of a function, in order."""
    texts = hints[function]
    return [Hint(function, n, len(texts), text) for n, text in enumerate(texts, start=1)]


class HintRecord:
    """The record of how many hints of each function were shown in a workspace.

    Args:
        folder: the workspace's `.grade` folder; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / SEEN_FILE
        self._counts: dict[str, dict[str, int]] = {}
        try:
            value = json.loads(self._path.read_text(encoding="utf-8"))
        except (
            OSError,
            ValueError,
            RecursionError,
        ):  # no record yet, or a damaged one: start again
            value = {}
        for exercise, counts in value.items() if isinstance(value, dict) else ():
            if isinstance(counts, dict):
                good = {f: n for f, n in counts.items() if type(n) is int and n > 0}
                self._counts[exercise] = good

    def count(self, exercise: Exercise, function: str) -> int:
        """How many hints of a function have been shown."""
        return self._counts.get(exercise.id, {}).get(function, 0)

    def remember(self, exercise: Exercise, step: Hint) -> bool:
        """Record that a hint was shown; returns whether the record could be written."""
        counts = self._counts.setdefault(exercise.id, {})
        counts[step.function] = max(step.number, counts.get(step.function, 0))
        text = json.dumps(self._counts, indent=1, sort_keys=True) + "\n"
        try:
            replace_file(self._path, text)
        except OSError:
            return False
        return True


def find_handout(exercise: Exercise) -> Path:
    """The path of an exercise's handout, in the reader's language if there is one; it need not exist."""
    own = exercise.folder / language() / HANDOUT
    return own if own.is_file() else exercise.folder / HANDOUT


def guide(exercise: Exercise, folder: Path) -> Guide:
    """Where help with an exercise is, as seen from `folder`."""
    handout = find_handout(exercise)
    names: tuple[str, ...] = ()
    with contextlib.suppress(ExerciseError):  # the report comes first; `grade hint` tells it
        names = tuple(load_hints(exercise))
    return Guide(short_path(handout, folder) if handout.is_file() else "", names)


def short_path(path: Path, folder: Path) -> str:
    """The path, relative to `folder` if it lies there."""
    try:
        return str(path.relative_to(folder.resolve()))
    except ValueError:
        return str(path)


def record_folder(course: Course) -> Path:
    """The `.grade` folder of a workspace, next to its `exercises` folder."""
    root = course.root.parent if course.root.name == "exercises" else course.root
    return root / ".grade"
