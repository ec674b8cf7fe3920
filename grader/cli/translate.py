"""`grade translate`: brings an exercise's catalogues up to date."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.options import chosen_course, course_option
from grader.course.loader import find_exercise
from grader.errors import ExitCode


@click.command(
    epilog="""\b
Examples:
  grade translate zh-Hant
  grade translate fr ex04
"""
)
@click.argument("tag", metavar="LANGUAGE")
@click.argument("exercises", nargs=-1)
@course_option
@click.pass_context
def translate(
    context: click.Context, tag: str, exercises: tuple[str, ...], course: Path | None
) -> int:
    """Write the sentences of exercises into their catalogues for a LANGUAGE, and compile them.

    A catalogue is `LANGUAGE/messages.po` in the exercise's folder; the handout beside it is the
    translated README.md. `grade verify` tells what is missing.
    """
    found = chosen_course(context, course)
    chosen = tuple(find_exercise(found, name) for name in exercises) or found.exercises
    from grader.authoring.with_babel import translation

    for line in translation().update_all(found, chosen, tag):
        click.echo(line)
    return ExitCode.FULL_MARKS
