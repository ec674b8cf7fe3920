"""`grade export`: writes grades for a learning platform."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.classroom.export.exported import FORMATS
from grader.cli.gradebook import gradebook_option, require_libraries, short_names
from grader.cli.options import PATH, course_option, optional_course
from grader.course.late import due_dates
from grader.errors import ExitCode, UsageError
from grader.files import write_file
from grader.language import say


@click.command(
    epilog="""\b
Examples:
  grade export --to csv -o grades.csv
  grade export ex04 --to canvas --fill canvas_export.csv -o canvas_import.csv
  grade export ex04 --to moodle --fill worksheet.csv -o worksheet_graded.csv
  grade export ex04 --to classroom50 --fill scores.json -o scores_new.json
  grade export ex04 --to feedback -o feedback.zip

Canvas, Moodle, Blackboard, Brightspace and Classroom 50 take their own table: download it there, and
name it with --fill; it is filled in as it is, also as UTF-16, XLSX or ODS.
Exit code 1: some grades have no row, or cannot be recorded; they are listed.
"""
)
@click.argument("exercises", nargs=-1, metavar="[EXERCISE]...")
@gradebook_option
@click.option("--to", "style", type=click.Choice(FORMATS), required=True, help="The format.")
@click.option("--fill", type=PATH, help="The platform's table, to be filled in.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="EXERCISE=TITLE",
    help="Part of the title of an exercise's column; for Classroom 50: the assignment.",
)
@click.option(
    "-o",
    "--output",
    type=PATH,
    help="The file to write (default: standard output).",
)
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
    require_libraries("sqlalchemy", "alembic")
    from grader.classroom.export.export import Wanted, export_grades
    from grader.classroom.gradebook import open_gradebook

    found = optional_course(context, course)  # a gradebook is enough without
    wanted = Wanted(
        names={e.id: e.name for e in found.exercises} if found else {},
        due=due_dates(found) if found else {},
        fill=fill,
        columns=dict(_column(context, text, course) for text in columns),
    )
    with open_gradebook(gradebook) as book:
        made = export_grades(book, style, short_names(context, exercises, course), wanted)
    _write(made.data, output)
    for line in made.warnings:
        click.echo(say("warning: {line}", line=line), err=True)
    for line in made.left_out:
        click.echo(say("left out: {line}", line=line), err=True)
    return ExitCode.NOT_FULL_MARKS if made.left_out else ExitCode.FULL_MARKS


def _column(context: click.Context, text: str, course: Path | None) -> tuple[str, str]:
    name, equals, title = text.partition("=")
    if not equals or not name or not title:
        raise UsageError(say("{text}: write --column ex04='part of its title'", text=text))
    (exercise,) = short_names(context, (name,), course)
    return exercise, title


def _write(data: str | bytes, output: Path | None) -> None:
    if output is not None:
        write_file(output, data)
        click.echo(say("written to {output}", output=output), err=True)
    elif isinstance(data, bytes) and sys.stdout.isatty():
        raise UsageError(say("a zip cannot be shown on a terminal: name a file with -o FILE"))
    else:
        sys.stdout.buffer.write(data.encode() if isinstance(data, str) else data)
