"""`grade report`: an overview of the class, as HTML."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import click

from grader.cli.batch import students
from grader.cli.gradebook import gradebook_option, require_libraries, short_names
from grader.cli.options import PATH, course_option, optional_course
from grader.course.late import time_zone
from grader.language import say


@click.command(
    epilog="""\b
Examples:
  grade report -o report
  grade report ex04 --gradebook sqlite:///grades.db -o report

Then open report/index.html. The folder needs no network and no server.
"""
)
@click.argument("exercises", nargs=-1, metavar="[EXERCISE]...")
@gradebook_option
@click.option("-o", "--output", type=PATH, required=True, help="A folder.")
@course_option
@click.pass_context
def report(
    context: click.Context,
    exercises: tuple[str, ...],
    gradebook: str,
    output: Path,
    course: Path | None,
) -> None:
    """Write an overview of the class and a page for each student, as HTML."""
    require_libraries("sqlalchemy", "alembic", "matplotlib")
    from grader.classroom.gradebook import open_gradebook
    from grader.classroom.report.site import write_site

    found = optional_course(context, course)
    title, zone = (found.title, time_zone(found)) if found else ("Course", UTC)
    with open_gradebook(gradebook) as book:
        wanted = short_names(context, exercises, course)
        count = write_site(title, book, wanted, output, zone)
    click.echo(
        say("{students}: open {page}", students=students(count), page=output / "index.html"),
        err=True,
    )
