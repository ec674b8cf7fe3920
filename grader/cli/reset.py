"""`grade reset`: brings an exercise's stub back."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.options import chosen_course, complete_exercise, course_option
from grader.course.loader import find_exercise
from grader.errors import ExitCode
from grader.language import say


@click.command(
    epilog="""\b
Examples:
  grade reset ex03    ex03_fully_connected.py is the stub again; the old file is kept
"""
)
@click.argument("exercise", shell_complete=complete_exercise)
@course_option
@click.pass_context
def reset(context: click.Context, exercise: str, course: Path | None) -> ExitCode:
    """Begin an EXERCISE again: its file becomes the stub, and the old one is kept beside it."""
    from grader.student.progress import forget_result
    from grader.student.workspace import reset as reset_file

    found = chosen_course(context, course)
    wanted = find_exercise(found, exercise)
    file, kept = reset_file(found, wanted)
    forget_result(found, wanted)
    click.echo(say("{file} is as it was at the beginning.", file=file.name))
    if kept is not None:
        click.echo(say("Your old file is {kept}.", kept=kept.name))
    return ExitCode.FULL_MARKS
