"""`grade init`: creates a student's workspace."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from grader.errors import ExitCode


@click.command(
    epilog="""\b
Examples:
  grade init my-course && cd my-course && grade ex01
"""
)
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
def init(folder: Path) -> int:
    """Create a workspace: files to fill in, handouts and checks. FOLDER must be new or empty."""
    from grader.student.workspace import create

    files = create(folder)
    click.echo(f"{len(files)} exercises are in {folder}/. Begin with the handout of the first:")
    click.echo(f"  {folder / 'exercises' / files[0].stem / 'README.md'}")
    go = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
    click.echo(f"Fill in {files[0].name}, and check it as often as you like:")
    click.echo(f"  {go}grade {files[0].stem[:4]}")
    return ExitCode.FULL_MARKS
