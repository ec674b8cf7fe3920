"""`grade report`: the class at a glance, as HTML."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from grader.cli.app import course_option, given_course
from grader.cli.batch import counted
from grader.cli.gradebook import gradebook_option, need, short_names
from grader.course.loader import find_course
from grader.errors import GraderError


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
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="A folder.")
@course_option
@click.pass_context
def report(
    context: click.Context,
    exercises: tuple[str, ...],
    gradebook: str,
    output: Path,
    course: Path | None,
) -> None:
    """Write the class at a glance and a page for each student as HTML."""
    need("sqlalchemy", "alembic", "jinja2", "matplotlib")
    from grader.classroom.gradebook import open_gradebook
    from grader.classroom.late import late_policy
    from grader.classroom.report.site import write_site

    title, zone = "Course", "UTC"
    try:
        found = find_course(Path(), given_course(context, course))
        title = found.title
        late_policy(found)  # refuses a zone that is none
        zone = str(found.late.get("timezone", zone))
    except GraderError:
        if course is not None:
            raise
    with open_gradebook(gradebook) as book:
        wanted = short_names(context, exercises, course)
        days = UTC if zone == "UTC" else ZoneInfo(zone)
        count = write_site(title, book, wanted, output, days)
    click.echo(f"{counted(count, 'student')}: open {output / 'index.html'}", err=True)
