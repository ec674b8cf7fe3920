"""The command group, options that commands share, and `grade EXERCISE [SUBMISSION]` itself."""

from __future__ import annotations

import errno
import importlib
import io
import os
import shutil
import sys
import textwrap
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem
from click_default_group import DefaultGroup

import grader
from grader.cli.progress_bar import ProgressBar
from grader.course.loader import find_course, find_exercise
from grader.errors import ExitCode, GraderError, UsageError
from grader.files import write_file
from grader.model import Course, Exercise, Report
from grader.render import FORMATS, render
from grader.sandbox.launch import Server
from grader.sandbox.levels import LEVELS

LAZY = {  # imported only when called
    "batch": "grader.cli.batch:batch",
    "bundle": "grader.cli.bundle:bundle",
    "doctor": "grader.cli.doctor:doctor",
    "export": "grader.cli.export:export",
    "gradebook": "grader.cli.gradebook:gradebook",
    "init": "grader.cli.init:init",
    "hint": "grader.cli.hint:hint",
    "new": "grader.cli.new:new",
    "package": "grader.cli.package:package",
    "release": "grader.cli.release:release",
    "report": "grader.cli.report:report",
    "verify": "grader.cli.verify:verify",
}

Command = TypeVar("Command", bound=Callable[..., Any])


def run(server: Server | None) -> int:
    """Run the command line and return the exit code. An error of ours is one line, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        code = main.main(prog_name="grade", standalone_mode=False, obj=server)
    except click.exceptions.Abort:
        click.echo("grade: stopped", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except KeyboardInterrupt:
        click.echo("\ngrade: stopped", err=True)
        return 130
    except GraderError as error:
        click.echo(f"grade: {error}", err=True)
        return error.exit_code
    except BrokenPipeError:  # the reader closed the pipe, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return ExitCode.CANNOT_GRADE
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            click.echo("grade: the report cannot be written: the disk is full", err=True)
            return ExitCode.CANNOT_GRADE
        click.echo(f"grade: internal error: {type(error).__name__}: {error}", err=True)
        if os.environ.get("GRADE_TRACEBACK"):
            traceback.print_exc()
        else:
            click.echo("Set GRADE_TRACEBACK=1 to see where, and please report it.", err=True)
        return ExitCode.CANNOT_GRADE
    return code if isinstance(code, int) else ExitCode.FULL_MARKS


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


def _open_course(context: click.Context, word: str | None) -> Path | None:
    """The folder of a course; a bundle is fetched, verified and unpacked."""
    if not word or context.resilient_parsing:
        return None
    digest = context.meta.get("sha256", "")
    if not (digest or "://" in word or Path(word).is_file()):
        return Path(word)
    from grader.course.bundle import open_bundle

    return open_bundle(word, digest)


class Group(DefaultGroup):
    """A word that is not a command is an exercise. Commands are imported when they are called."""

    def list_commands(self, context: click.Context) -> list[str]:
        """All commands, the lazy ones included."""
        return sorted([*super().list_commands(context), *LAZY])

    def shell_complete(self, context: click.Context, text: str) -> list[CompletionItem]:
        """Commands, and exercises: the first word may be either."""
        words = _complete_exercise(context, None, text)
        return [*super().shell_complete(context, text), *map(CompletionItem, words)]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command called `name`, imported if necessary."""
        if name in LAZY:
            module, _, attribute = LAZY[name].partition(":")
            command: click.Command = getattr(importlib.import_module(module), attribute)
            return command
        found: click.Command | None = super().get_command(context, name)
        return found


@click.group(
    cls=Group,
    default="check",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  grade                       your progress, and what to do next
  grade ex04                  check ex04_convolution.py in this folder
  grade ex04 my_work.ipynb    check a notebook
  grade all solutions/        check every exercise in a folder

Exit codes: 0 full marks, 1 a check did not pass, 2 wrong usage, 3 the grader could not grade.
""",
)
@click.version_option(grader.__version__, prog_name="nn-grader")
@click.option(
    "--course",
    envvar="GRADE_COURSE",
    metavar="DIR|BUNDLE",
    help="The course's folder, or a bundle: a file, or an https address with --sha256.",
)
@sha256_option
@click.pass_context
def main(context: click.Context, course: str | None) -> None:
    """Check the exercises of a course on neural networks.

    Without a command, the first word is an exercise: `grade ex04` is `grade check ex04`.
    """
    context.meta["course"] = course
    if context.invoked_subcommand is None:
        from grader.student.workspace import overview

        found = chosen_course(context, None)
        click.echo("\n".join(overview(found, Path(), _width())))


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
    """`--course`, also after the command's name, and `--sha256` for a bundle."""
    return sha256_option(
        click.option(
            "--course",
            callback=lambda context, _, word: _open_course(context, word),
            metavar="DIR|BUNDLE",
            help="The course's folder or bundle (default: look in this folder and above).",
        )(command)
    )


def given_course(context: click.Context, course: Path | None) -> Path | None:
    """The course from the command's own --course, the one before the command, or the environment."""
    return course or _open_course(context, context.meta.get("course"))


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


def _complete_exercise(context: click.Context, _: click.Parameter | None, text: str) -> list[str]:
    try:
        course = find_course(Path(), context.params.get("course"))
    except GraderError:
        return []
    return [n for e in course.exercises for n in (e.id,) if n.startswith(text)] + (
        ["all"] if "all".startswith(text) else []
    )


@click.command(
    epilog="""\b
Examples:
  grade ex04
  grade ex04 work/ex04_convolution.py
  grade ex04 examples/*
  grade ex04 -k backward --debug
  grade ex04 --watch
  grade ex04 submission.zip --format json -o report.json
"""
)
@click.argument("exercise", shell_complete=_complete_exercise)
@click.argument("submissions", type=click.Path(path_type=Path), nargs=-1, metavar="[SUBMISSION]...")
@click.option("-k", "keyword", default="", metavar="EXPR", help="Run only the checks that match.")
@click.option(
    "--debug", is_flag=True, help="Run your code in this process: print and breakpoint() work."
)
@click.option(
    "--format",
    "style",
    type=click.Choice(FORMATS),
    default="terminal",
    help="The format of the report.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write the report to this file."
)
@click.option("-v", "--verbose", is_flag=True, help="Also list the checks that passed.")
@click.option("--watch", is_flag=True, help="Check again whenever the file is saved.")
@click.option("--seed", default=0, help="Change the random inputs of every check.")
@require_option
@click.option("--level", type=click.Choice(LEVELS), hidden=True)
@course_option
@click.pass_context
def check(
    context: click.Context,
    exercise: str,
    submissions: tuple[Path, ...],
    keyword: str,
    debug: bool,
    style: str,
    output: Path | None,
    verbose: bool,
    watch: bool,
    seed: int,
    require: tuple[str, ...],
    level: str | None,
    course: Path | None,
) -> int:
    """Check one EXERCISE, or `all`. A SUBMISSION is a file, a folder or a zip.

    Without a SUBMISSION, the exercise's file in this folder is checked.
    """
    found = chosen_course(context, course)
    exercises = found.exercises if exercise.lower() == "all" else (find_exercise(found, exercise),)
    if exercise.lower() == "all" and not submissions:
        from grader.student.workspace import exercise_file

        if not any(exercise_file(e, Path()) for e in exercises):
            raise UsageError(
                "this folder has none of the exercises' files; name a folder: grade all FOLDER"
            )
    server = context.obj
    if require or level:
        if debug:
            raise UsageError(
                "--debug runs your code without isolation; --require and --level cannot be used with it"
            )
        server = server or context.with_resource(Server(level))
        server.demand(require)
    if watch:
        if debug or output or style != "terminal" or len(submissions) > 1 or len(exercises) > 1:
            raise UsageError("--watch needs one exercise, one submission and the terminal format")
        path = submissions[0] if submissions else None
        return _watch(found, exercises[0], path, keyword, server, verbose=verbose)
    # Imported after the usage is checked: it loads pytest and NumPy.
    from grader.student.grade import grade as grade_submissions

    with closing(ProgressBar()) as waiting:
        reports = grade_submissions(
            found,
            exercises,
            submissions,
            keyword=keyword,
            seed=seed,
            server=server,
            debug=debug,
            on_check=None if debug else waiting,  # a progress bar would disturb the debugger
        )
    if len(submissions) > 1:  # of several people, so not the student's progress
        show(reports, style, output, verbose=verbose)
        return exit_code(reports)
    from grader.student.workspace import with_prerequisite_note

    path = submissions[0] if submissions else None
    pairs = list(zip(exercises, reports, strict=True))
    shown = [with_prerequisite_note(found, one, path, report) for one, report in pairs]
    show(shown, style, output, verbose=verbose)
    for one, report in pairs:
        upcoming = _record(found, one, path, report)
        if upcoming and style == "terminal" and output is None and len(reports) == 1:
            click.echo(upcoming)
    return exit_code(reports)


def _record(course: Course, exercise: Exercise, path: Path | None, report: Report) -> str:
    """Record the student's own result; returns a sentence on the next exercise if this one is done."""
    from grader.student.workspace import record_result

    upcoming = record_result(course, exercise, path, report)
    if upcoming is None:
        return ""
    text = f"Next: {upcoming.id}, {upcoming.title}. `grade` shows your progress."
    lines = textwrap.wrap(text, _width() - 2, break_on_hyphens=False)
    return "\n" + textwrap.indent("\n".join(lines), "  ")


def _width() -> int:
    """The width of the terminal, in columns."""
    return shutil.get_terminal_size((80, 24)).columns


def _watch(
    course: Course,
    exercise: Exercise,
    path: Path | None,
    keyword: str,
    server: Server | None,
    *,
    verbose: bool,
) -> int:
    """Show a report now and after every save, until Ctrl-C."""
    from grader.student.watch import watch
    from grader.student.workspace import with_prerequisite_note

    codes = [ExitCode.CANNOT_GRADE]
    waiting = ProgressBar()

    def redraw(report: Report, graded: bool) -> None:
        waiting.close()
        codes[0] = exit_code([report])
        if sys.stdout.isatty():
            click.clear()
        shown = with_prerequisite_note(course, exercise, path, report)
        show([shown], "terminal", None, verbose=verbose)
        if graded and (upcoming := _record(course, exercise, path, report)):
            click.echo(upcoming)
        click.echo("\n  Watching for changes. Ctrl-C stops.", err=True)

    try:
        with closing(waiting):
            watch(course, exercise, path, redraw, keyword=keyword, server=server, on_check=waiting)
    except KeyboardInterrupt:
        click.echo("", err=True)
    return codes[0]


main.add_command(check)


def show(reports: list[Report], style: str, output: Path | None, *, verbose: bool) -> None:
    """Print reports, or write them to a file."""
    if style == "github":
        from grader.hosts import github

        reports = github.with_repository_paths(reports, os.environ)
        for problem in github.publish(reports, os.environ):
            click.echo(f"note: {problem}", err=True)
    if output is None:
        color = style == "terminal" and sys.stdout.isatty() and "NO_COLOR" not in os.environ
        text = render(reports, style, color=color, width=_width(), verbose=verbose)
        click.echo(text, nl=False, color=color)
        return
    write_file(output, render(reports, style))
    score, most = sum(r.score for r in reports), sum(r.max_score for r in reports)
    click.echo(f"{score:g} of {most:g} points; the report is in {output}", err=True)


def exit_code(reports: list[Report]) -> ExitCode:
    """The exit code for these reports."""
    outcomes = {r.outcome for r in reports}
    if not outcomes or "ungraded" in outcomes:
        return ExitCode.CANNOT_GRADE
    return ExitCode.FULL_MARKS if outcomes == {"passed"} else ExitCode.NOT_FULL_MARKS
