"""`grade export`: grades for a learning platform."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from grader.cli.app import course_option, given_course
from grader.cli.gradebook import gradebook_option, need, short_names
from grader.course.loader import find_course
from grader.errors import ExitCode, GraderError, UsageError

FORMATS = ("csv", "json", "canvas", "moodle", "nbgrader", "github-classroom", "feedback")


@click.command(
    epilog="""\b
Examples:
  grade export --to csv -o grades.csv
  grade export ex04 --to canvas --fill canvas_export.csv -o canvas_import.csv
  grade export ex04 --to moodle --fill worksheet.csv -o worksheet_graded.csv
  grade export ex04 --to feedback -o feedback.zip

Canvas and Moodle take back the table that they gave out: download it, and name it with --fill.
Exit code 1: some grades found no row or are not to be recorded; they are listed.
"""
)
@click.argument("exercises", nargs=-1, metavar="[EXERCISE]...")
@gradebook_option
@click.option("--to", "style", type=click.Choice(FORMATS), required=True, help="The format.")
@click.option("--fill", type=click.Path(path_type=Path), help="The platform's table to fill in.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="EXERCISE=TITLE",
    help="Canvas: part of its title.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to write it.")
@course_option
@click.pass_context
def export(
    context: click.Context,
    exercises: tuple[str, ...],
    gradebook: str,
    style: str,
    fill: Path | None,
    columns: tuple[str, ...],
    output: Path | None,
    course: Path | None,
) -> int:
    """Write the grades of EXERCISEs (default: all) in the format of a learning platform."""
    need("sqlalchemy", "alembic")
    from grader.classroom.export import plain, platforms
    from grader.classroom.export.feedback import comment_of, feedback_zip
    from grader.classroom.export.match import latest
    from grader.classroom.gradebook import open_gradebook
    from grader.classroom.gradebook.urls import without_password

    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    data: str | bytes
    with open_gradebook(gradebook) as book:
        grades, replaced = latest(book.grades(short_names(context, exercises, course)))
        ids = list(dict.fromkeys(g.exercise for g in grades))
        if not grades:
            raise UsageError(
                f"{without_password(gradebook)}: holds no grades of that; see `grade gradebook list`"
            )
        names, due = _course_words(context, course)
        everybody = [name for _, name, _ in book.students()]
        if style == "csv":
            data = plain.to_csv(grades)
        elif style == "json":
            data = plain.to_json(grades, {g.result_key: book.report(g.result_key) for g in grades})
        elif style == "nbgrader":
            data = plain.to_nbgrader(grades, names, due)
        elif style == "github-classroom":
            data = plain.to_classroom(grades, names)
        elif style == "feedback":
            need("jinja2", "matplotlib")
            from grader.classroom.report.page import feedback_page

            data, left_out, warnings = feedback_zip(
                grades, lambda grade: feedback_page(book, grade)
            )
        elif fill is None:
            raise UsageError(f"--to {style} fills in a table of yours: name it with --fill FILE")
        elif style == "canvas":
            words = dict(_column(context, c, ids, course) for c in columns)
            chosen = {i: [words[i]] if i in words else [i, names.get(i, i)] for i in ids}
            filled = platforms.to_canvas(fill, grades, chosen, everybody, book.grades())
            data, left_out, warnings = filled.text, filled.left_out, filled.warnings
        else:
            if len(ids) != 1:
                raise UsageError(
                    f"a Moodle worksheet is of one assignment: name one of {', '.join(ids)}"
                )
            said = {g.student: comment_of(book.report(g.result_key)) for g in grades}
            filled = platforms.to_moodle(fill, grades, ids[0], said, everybody)
            data, left_out, warnings = filled.text, filled.left_out, filled.warnings
    _write(data, output)
    for line in warnings:
        click.echo(f"warning: {line}", err=True)
    left_out = (*replaced, *left_out)
    for line in left_out:
        click.echo(f"left out: {line}", err=True)
    return ExitCode.NOT_FULL_MARKS if left_out else ExitCode.FULL_MARKS


def _column(
    context: click.Context, text: str, ids: Sequence[str], course: Path | None
) -> tuple[str, str]:
    name, equals, title = text.partition("=")
    if not equals or not name or not title:
        raise UsageError(f"{text}: write --column ex04='part of its title'")
    (exercise,) = short_names(context, (name,), course)
    if exercise not in ids:
        raise UsageError(f"--column {text}: the grades to export are of {', '.join(ids)}")
    return exercise, title


def _course_words(context: click.Context, course: Path | None) -> tuple[dict[str, str], dict[str, Any]]:  # fmt: skip
    """Names and due dates of exercises, if the course is at hand; a gradebook is enough without."""
    from grader.classroom.late import late_policy

    try:
        found = find_course(Path(), given_course(context, course))
        return {e.id: e.name for e in found.exercises}, dict(late_policy(found).due)
    except GraderError:
        if course is not None:
            raise
        return {}, {}


def _write(data: str | bytes, output: Path | None) -> None:
    raw = data.encode() if isinstance(data, str) else data
    if output is None:
        if isinstance(data, bytes) and sys.stdout.isatty():
            raise UsageError("a zip is not for a terminal: name a file with -o FILE")
        sys.stdout.buffer.write(raw)
        return
    try:
        output.write_bytes(raw)
    except OSError as error:
        raise UsageError(f"{output}: cannot be written ({error.strerror})") from None
    click.echo(f"written to {output}", err=True)
