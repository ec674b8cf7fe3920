"""What commands share: the option that names the course, and what a shell may complete."""

from __future__ import annotations

import ast
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from grader.cli.help import translate
from grader.course.hints import load_hints
from grader.course.loader import find_course, find_exercise
from grader.errors import GraderError
from grader.language import VARIABLE, known, languages, say, series, settle
from grader.model import Course, Exercise

Command = TypeVar("Command", bound=Callable[..., Any])
# Made once, and so in English, as all names of values are: Click says it in the language of that moment.
PATH = click.Path(path_type=Path)


def sha256_option(command: Command) -> Command:
    """`--sha256`: the digest that a bundle must have."""

    def keep(context: click.Context, _: click.Parameter, digest: str | None) -> None:
        if digest:
            context.meta["sha256"] = digest

    return click.option(
        "--sha256",
        envvar="GRADE_SHA256",
        metavar="HEX",
        is_eager=True,  # needed when --course is opened
        expose_value=False,
        callback=keep,
        help="The SHA-256 digest that the bundle must have.",
    )(command)


def lang_option(command: Command) -> Command:
    """`--lang`: the language of everything that is printed."""

    def speak(context: click.Context, parameter: click.Parameter, tag: str | None) -> None:
        if not tag:
            return
        if not (found := known(tag)):
            words = series(languages())
            message = say("{tag}: no such language; known are {known}", tag=tag, known=words)
            raise click.BadParameter(message, context, parameter)
        os.environ[VARIABLE] = found
        settle()
        translate(context)

    return click.option(
        "--lang",
        envvar=VARIABLE,
        metavar="TAG",
        is_eager=True,  # before anything is said
        expose_value=False,
        callback=speak,
        help="The language: en or zh-Hant.",
    )(command)


def open_course(context: click.Context, word: str | None) -> Path | None:
    """The folder of a course; a bundle is fetched, verified and unpacked."""
    if not word or context.resilient_parsing:
        return None
    digest = context.meta.get("sha256", "")
    if not (digest or "://" in word or Path(word).is_file()):
        return Path(word)
    from grader.course.bundle import open_bundle

    return open_bundle(word, digest)


def require_option(command: Command) -> Command:
    """`--require`: guarantees, separated by commas, as a tuple."""
    return click.option(
        "--require",
        default="",
        metavar="GUARANTEE,…",
        callback=lambda _, __, text: tuple(filter(None, map(str.strip, text.split(",")))),
        help="Run no student's code unless these guarantees hold (see `grade doctor`).",
    )(command)


def course_option(command: Command) -> Command:
    """`--course` and `--lang`, also after the command's name, and `--sha256` for a bundle."""
    return sha256_option(
        lang_option(
            click.option(
                "--course",
                callback=lambda context, _, word: open_course(context, word),
                metavar="DIR|BUNDLE",
                help="The course's folder or bundle (default: look in this folder and above).",
            )(command)
        )
    )


def given_course(context: click.Context, course: Path | None) -> Path | None:
    """The course from the command's own --course, the one before the command, or the environment."""
    return course or open_course(context, context.meta.get("course"))


def chosen_course(context: click.Context, course: Path | None) -> Course:
    """The course that the command uses. Raises `UsageError` if there is none."""
    return find_course(Path(), given_course(context, course))


def optional_course(context: click.Context, course: Path | None) -> Course | None:
    """The course for a command that can do without one; None if none can be read, and the command
    did not name one."""
    try:
        return chosen_course(context, course)
    except GraderError:
        if course is not None:
            raise
        return None


def color_wanted() -> bool:
    """Whether to print in colour: on a terminal, or where FORCE_COLOR says so; never with NO_COLOR."""
    return "NO_COLOR" not in os.environ and (sys.stdout.isatty() or "FORCE_COLOR" in os.environ)


def terminal_width() -> int:
    """The width of the terminal, in columns."""
    return shutil.get_terminal_size((80, 24)).columns


def complete_exercise(context: click.Context, _: click.Parameter | None, text: str) -> list[str]:
    """The exercises whose names begin with `text`."""
    try:
        found = _course_to_complete(context)
    except GraderError:
        return []
    return [e.id for e in found.exercises if e.id.startswith(text)]


def complete_exercise_or_all(
    context: click.Context, parameter: click.Parameter | None, text: str
) -> list[str]:
    """The exercises whose names begin with `text`, and `all`."""
    return complete_exercise(context, parameter, text) + ["all"] * "all".startswith(text)


def complete_function(context: click.Context, _: click.Parameter, text: str) -> list[str]:
    """The functions that have hints, of the exercise that was named before."""
    return _beginning_with(text, context, load_hints)


def complete_check(context: click.Context, _: click.Parameter, text: str) -> list[str]:
    """The functions and checks of the exercise that was named before, for -k."""
    return _beginning_with(text, context, lambda e: [*e.functions, *_check_names(e)])


def _course_to_complete(context: click.Context) -> Course:
    """The course, while a shell completes: options are not opened then, and no bundle is fetched."""
    word = context.find_root().params.get("course")
    return find_course(Path(), Path(word) if word else None)


def _beginning_with(
    text: str, context: click.Context, names: Callable[[Exercise], Iterable[str]]
) -> list[str]:
    # After an option that waits for its value, click has not sorted the words yet.
    word = context.params.get("exercise") or next(iter(context.args), "")
    try:
        exercise = find_exercise(_course_to_complete(context), word)
        return [name for name in names(exercise) if name.startswith(text)]
    except GraderError:
        return []


def _check_names(exercise: Exercise) -> list[str]:
    """The names of an exercise's checks; no code of it runs."""
    trees = [
        ast.parse(p.read_text(encoding="utf-8")) for p in sorted(exercise.folder.glob("test_*.py"))
    ]
    return [
        node.name
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
