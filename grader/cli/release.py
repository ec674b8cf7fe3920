"""`grade release`: builds what students start from."""

from __future__ import annotations

from pathlib import Path

import click

from grader.catalog import find_course
from grader.cli.app import course_option, given_course
from grader.errors import ExitCode


@click.command(
    epilog="""\b
Examples:
  grade release                   into student_template/
  grade release /tmp/workspace    into another folder
"""
)
@click.argument("folder", type=click.Path(path_type=Path), default=Path("student_template"))
@course_option
@click.pass_context
def release(context: click.Context, folder: Path, course: Path | None) -> int:
    """Build a student's workspace: stubs, handouts, public checks, recorded answers; no solutions."""
    from grader.release import release as build
    from grader.release import write

    found = find_course(Path(), given_course(context, course))
    files = build(found, found.exercises)
    write(files, folder)
    size = sum(len(data) for data in files.values())
    click.echo(
        f"{folder}: {len(files)} files, {size / 1024:.0f} kB, {len(found.exercises)} exercises"
    )
    return ExitCode.FULL_MARKS
