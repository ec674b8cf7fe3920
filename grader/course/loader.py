"""Finds a course and reads its `course.toml` and every `exercise.toml`. Runs no exercise's code.

A course is a folder with a `course.toml`; beside it lie the exercises, each a folder with an
`exercise.toml`. The same is true of a student's workspace, which has no solutions.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from grader.course.declarations import parse_class, parse_function
from grader.errors import ExerciseError, UsageError, did_you_mean
from grader.language import add, known, languages, say, series, settle
from grader.model import Confinement, Course, Exercise, Limits

COURSE_FILE = "course.toml"
EXERCISE_FILE = "exercise.toml"
CALLS_IN_TOTAL = (
    10  # a submission's time, in calls that use all of theirs, unless it says `total_seconds`
)
EXERCISE_FOLDER = re.compile(r"ex(\d{2})_[a-z0-9_]+")


def find_course(start: Path, given: Path | None = None) -> Course:
    """The course at `given`, a folder or a bundle; without it, the nearest one upward from `start`.

    In each folder on the way up, `course.toml` and `exercises/course.toml` are looked for.
    Raises `UsageError` if there is none or it cannot be read, `ExerciseError` if its files are wrong.
    """
    try:
        return _find_course(start, given)
    except PermissionError as error:
        raise UsageError(
            say(
                "{filename}: cannot be read ({strerror})",
                filename=error.filename,
                strerror=error.strerror,
            )
        ) from None


def _find_course(start: Path, given: Path | None) -> Course:
    if given is not None:
        if given.is_file():
            from grader.course.bundle import open_bundle

            given = open_bundle(str(given))
        for folder in (given, given / "exercises"):
            if (folder / COURSE_FILE).is_file():
                return _read_course(folder.resolve())
        raise UsageError(say("{given}: has no {course_file}", given=given, course_file=COURSE_FILE))
    start = start.resolve()
    for folder in (start, *start.parents):
        for candidate in (folder, folder / "exercises"):
            if (candidate / COURSE_FILE).is_file():
                return _read_course(candidate)
    raise UsageError(
        say(
            "{start}: no {course_file} here or in any folder above; go to your course's folder, "
            "name it with --course DIR, or make one: grade init my-course",
            start=start,
            course_file=COURSE_FILE,
        )
    )


def find_exercise(course: Course, name: str, others: Iterable[str] = ()) -> Exercise:
    """The exercise called `name`: `ex04`, `ex04_convolution`, `4` and `04` mean the same one.

    Raises `UsageError` if there is none; `others` are words that might have been meant in its place.
    """
    word = name.strip().rstrip("/").lower()
    wanted = f"ex{int(word):02d}" if word.isdecimal() else word
    for exercise in course.exercises:
        if wanted in (exercise.id, exercise.name):
            return exercise
        if Path(word).stem == exercise.name:  # a file where the exercise should be named
            raise UsageError(
                say(
                    "{name}: name the exercise first: grade {exercise} {name}",
                    name=name,
                    exercise=exercise.id,
                )
            )
    topics = {e.name.partition("_")[2]: e.id for e in course.exercises}
    words = [*(e.id for e in course.exercises), *(e.name for e in course.exercises), *others]
    meant = say("; did you mean {name}?", name=topics[word]) if word in topics else ""
    if found := re.fullmatch(r"ex[ _-]?0*(\d{1,2})", word):
        numbered = f"ex{int(found[1]):02d}"
        words = [e.id for e in course.exercises if e.id == numbered]  # others are no nearer to it
    if not re.fullmatch(r"ex\d\d", wanted):  # a number that does not exist is no slip of the pen
        meant = meant or did_you_mean(word, words)
    known = series(e.id for e in course.exercises) or say("none")
    if meant:
        raise UsageError(say("{name}: no such exercise{meant}", name=name, meant=meant))
    raise UsageError(
        say("{name}: no such exercise; this course has {known}", name=name, known=known)
    )


def is_exercise_name(word: str) -> bool:
    """Whether a word of the command line can only be the name of an exercise."""
    return bool(re.fullmatch(r"\d{1,2}|ex\d{2}(_[a-z0-9_]+)?", word.strip().rstrip("/").lower()))


def _read_course(root: Path) -> Course:
    path = root / COURSE_FILE
    table = _Table(path, _load(path))
    lang = table.take("lang", str, "")
    if lang and not known(lang):
        raise ExerciseError(
            say(
                "{path}: lang: unknown language {lang!r}; known are {known}",
                path=path,
                lang=lang,
                known=series(languages()),
            )
        )
    settle(known(lang))
    add(root)
    title = say(table.take("title", str))
    solutions = table.take("solutions", str, "")
    salt = table.take("salt", str, "")
    require = tuple(table.take("require", list, []))
    due, late = table.take("due", dict, {}), table.take("late", dict, {})
    rubric = table.take("rubric", dict, {})
    guarantees = [f.name for f in fields(Confinement) if f.type == "bool"]
    for name in require:
        if name not in guarantees:
            raise ExerciseError(
                say(
                    "{path}: require: unknown guarantee {name!r}; known are {known}",
                    path=path,
                    name=name,
                    known=series(guarantees),
                )
            )
    table.finish()
    exercises = tuple(
        _read_exercise(folder)
        for folder in sorted(root.iterdir())
        if EXERCISE_FOLDER.fullmatch(folder.name) and (folder / EXERCISE_FILE).is_file()
    )
    if not exercises:
        raise ExerciseError(
            say(
                "{root}: has no exercises, which are folders such as ex01_name with an "
                "{exercise_file}",
                root=root,
                exercise_file=EXERCISE_FILE,
            )
        )
    ids = [e.id for e in exercises]
    if twice := {i for i in ids if ids.count(i) > 1}:
        raise ExerciseError(
            say(
                "{root}: two exercise folders have the number {number}",
                root=root,
                number=sorted(twice)[0],
            )
        )
    folder = (root / solutions).resolve() if solutions else None
    if folder and not folder.is_dir():
        raise ExerciseError(
            say(
                "{path}: solutions: there is no folder {solutions!r}",
                path=path,
                solutions=solutions,
            )
        )
    return Course(title, root, exercises, folder, salt, require, due, late, rubric, known(lang))


def _read_exercise(folder: Path) -> Exercise:
    path = folder / EXERCISE_FILE
    table = _Table(path, _load(path))
    add(folder)
    declared, made = table.take("functions", dict, {}), table.take("classes", dict, {})
    functions = {
        name: parse_function(f"{path}: functions.{name}", name, text, made)
        for name, text in declared.items()
    }
    classes = {
        name: parse_class(f"{path}: classes.{name}", name, text, made)
        for name, text in made.items()
    }
    if not functions and not classes:
        raise ExerciseError(
            say("{path}: functions: declare at least one function or class", path=path)
        )
    if both := functions.keys() & classes.keys():
        raise ExerciseError(
            say(
                "{path}: {name} is declared as a function and as a class",
                path=path,
                name=sorted(both)[0],
            )
        )
    limits = _Table(path, table.take("limits", dict, {}), "limits.")
    usual = Limits()
    seconds = float(limits.take("call_seconds", (int, float), usual.call_seconds))
    exercise = Exercise(
        id=folder.name[:4],
        name=folder.name,
        title=say(table.take("title", str)),
        folder=folder,
        points=float(table.take("points", (int, float))),
        functions=functions,
        classes=classes,
        requires=tuple(table.take("requires", list, [])),
        covers=tuple(table.take("covers", list, [])),
        forbidden_imports=tuple(table.take("forbidden_imports", list, [])),
        limits=Limits(
            call_seconds=seconds,
            total_seconds=float(
                limits.take("total_seconds", (int, float), CALLS_IN_TOTAL * seconds)
            ),
            memory_mb=limits.take("memory_mb", int, usual.memory_mb),
        ),
    )
    limits.finish()
    table.finish()
    for key in ("call_seconds", "total_seconds", "memory_mb"):
        if not getattr(exercise.limits, key) > 0:
            raise ExerciseError(say("{path}: limits.{key} must be above 0", path=path, key=key))
    return exercise


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ExerciseError(
            say("{path}: not valid TOML: {error}", path=path, error=error)
        ) from None


class _Table:
    """A TOML table; each key is taken once, with its type, and keys that remain are errors."""

    def __init__(self, path: Path, values: dict[str, Any], prefix: str = "") -> None:
        self._path, self._values, self._prefix = path, dict(values), prefix
        self._known: list[str] = []

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = ...) -> Any:
        self._known.append(key)
        if key not in self._values:
            if default is ...:
                raise ExerciseError(
                    say(
                        "{path}: {prefix}{key} is missing",
                        path=self._path,
                        prefix=self._prefix,
                        key=key,
                    )
                )
            return default
        value = self._values.pop(key)
        if not isinstance(value, kind) or isinstance(value, bool):
            kinds = kind if isinstance(kind, tuple) else (kind,)
            shown = " or ".join(k.__name__ for k in kinds)
            raise ExerciseError(
                say(
                    "{path}: {prefix}{key} must be {kinds}",
                    path=self._path,
                    prefix=self._prefix,
                    key=key,
                    kinds=shown,
                )
            )
        if isinstance(value, list) and not all(isinstance(v, str) for v in value):
            raise ExerciseError(
                say(
                    "{path}: {prefix}{key} must be a list of strings",
                    path=self._path,
                    prefix=self._prefix,
                    key=key,
                )
            )
        return value

    def finish(self) -> None:
        for key in self._values:
            raise ExerciseError(
                say(
                    "{path}: {prefix}{key} is an unknown key; known are {known}",
                    path=self._path,
                    prefix=self._prefix,
                    key=key,
                    known=series(self._known),
                )
            )
