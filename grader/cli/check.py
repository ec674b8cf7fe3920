"""`grade EXERCISE [SUBMISSION]`: checks, and shows the report."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import click

from grader.cli.options import (
    PATH,
    chosen_course,
    color_wanted,
    complete_check,
    complete_exercise_or_all,
    course_option,
    require_option,
    terminal_width,
)
from grader.cli.progress_bar import ProgressBar
from grader.columns import lines
from grader.course.hints import guide
from grader.course.loader import find_exercise
from grader.errors import ExitCode, UsageError
from grader.files import write_file
from grader.language import say
from grader.model import Course, Exercise, Report
from grader.render import FORMATS, render
from grader.sandbox.launch import Server
from grader.sandbox.levels import LEVELS


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
@click.argument("exercise", shell_complete=complete_exercise_or_all)
@click.argument("submissions", type=PATH, nargs=-1, metavar="[SUBMISSION]...")
@click.option(
    "-k",
    "keyword",
    default="",
    metavar="EXPR",
    shell_complete=complete_check,
    help="Run only the checks that match.",
)
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
@click.option("-o", "--output", type=PATH, help="Write the report to this file.")
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
    group = context.find_root().command
    commands = group.list_commands(context) if isinstance(group, click.Group) else []
    every = exercise.lower() == "all"
    exercises = found.exercises if every else (find_exercise(found, exercise, commands),)
    if every and not submissions:
        from grader.student.workspace import exercise_file

        if not any(exercise_file(e, Path()) for e in exercises):
            raise UsageError(
                say("this folder has none of the exercises' files; name a folder: grade all FOLDER")
            )
    server = context.obj
    if require or level:
        if debug:
            raise UsageError(
                say(
                    "--debug runs your code without isolation; --require and --level cannot be used with "
                    "it"
                )
            )
        server = server or context.with_resource(Server(level))
        server.demand(require)
    if watch:
        if debug or output or style != "terminal" or len(submissions) > 1 or len(exercises) > 1:
            raise UsageError(
                say("--watch needs one exercise, one submission and the terminal format")
            )
        path = submissions[0] if submissions else None
        return _watch(found, exercises[0], path, keyword, server, verbose=verbose)
    # Imported after the usage is checked: it loads pytest and NumPy.
    from grader.student.grade import grade as grade_submissions
    from grader.student.grade import submitted_texts

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
    sources = submitted_texts(exercises, submissions) if style == "html" else []
    if len(submissions) > 1:  # of several people, so not the student's progress
        show(found, reports, style, output, verbose=verbose, sources=sources)
        return exit_code(reports)
    from grader.student.progress import with_prerequisite_note

    path = submissions[0] if submissions else None
    pairs = list(zip(exercises, reports, strict=True))
    shown = [with_prerequisite_note(found, one, path, report) for one, report in pairs]
    show(found, shown, style, output, verbose=verbose, sources=sources)
    for one, report in pairs:
        upcoming = _record(found, one, path, report)
        if upcoming and style == "terminal" and output is None and len(reports) == 1:
            click.echo(upcoming)
    return exit_code(reports)


def _record(course: Course, exercise: Exercise, path: Path | None, report: Report) -> str:
    """Record the student's own result; returns a sentence on the next exercise if this one is done."""
    from grader.student.progress import record_result

    upcoming = record_result(course, exercise, path, report)
    if upcoming is None:
        return ""
    text = say(
        "Next: {exercise}, {title}. `grade` shows your progress.",
        exercise=upcoming.id,
        title=upcoming.title,
    )
    return "\n" + "\n".join(lines(text, terminal_width(), "  ", "  "))


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
    from grader.student.progress import with_prerequisite_note
    from grader.student.watch import watch

    codes = [ExitCode.CANNOT_GRADE]
    waiting = ProgressBar()

    def redraw(report: Report, graded: bool) -> None:
        waiting.close()
        codes[0] = exit_code([report])
        if sys.stdout.isatty():
            click.clear()
        shown = with_prerequisite_note(course, exercise, path, report)
        show(course, [shown], "terminal", None, verbose=verbose)
        if graded and (upcoming := _record(course, exercise, path, report)):
            click.echo(upcoming)
        click.echo("\n  " + say("Watching for changes. Ctrl-C stops."), err=True)

    try:
        with closing(waiting):
            watch(course, exercise, path, redraw, keyword=keyword, server=server, on_check=waiting)
    except KeyboardInterrupt:
        click.echo("", err=True)
    return codes[0]


def show(
    course: Course,
    reports: list[Report],
    style: str,
    output: Path | None,
    *,
    verbose: bool,
    sources: Sequence[Mapping[str, str]] = (),
) -> None:
    """Print reports, or write them to a file; `sources` are the texts of each one's submission."""
    if style == "github":
        from grader.hosts import github

        reports = github.with_repository_paths(reports, os.environ)
        for problem in github.publish(reports, os.environ):
            click.echo(say("note: {problem}", problem=problem), err=True)
    if output is None:
        color = style == "terminal" and color_wanted()
        graded = {r.exercise for r in reports} if style == "terminal" else set()
        guides = {e.id: guide(e, Path()) for e in course.exercises if e.id in graded}
        view = {"color": color, "width": terminal_width(), "verbose": verbose, "guides": guides}
        text = render(reports, style, sources=sources, **view)
        click.echo(text, nl=False, color=color)
        return
    write_file(output, render(reports, style, sources=sources))
    score, most = sum(r.score for r in reports), sum(r.max_score for r in reports)
    click.echo(
        say(
            "{score:g} of {most:g} points; the report is in {output}",
            score=score,
            most=most,
            output=output,
        ),
        err=True,
    )


def exit_code(reports: list[Report]) -> ExitCode:
    """The exit code for these reports."""
    outcomes = {r.outcome for r in reports}
    if not outcomes or "ungraded" in outcomes:
        return ExitCode.CANNOT_GRADE
    return ExitCode.FULL_MARKS if outcomes == {"passed"} else ExitCode.NOT_FULL_MARKS
