"""`grade new`: scaffolds an exercise."""

from __future__ import annotations

import os
from pathlib import Path

import click

from grader.cli.options import chosen_course, course_option
from grader.errors import ExitCode
from grader.language import say


@click.command(
    epilog="""\b
Examples:
  grade new ex16_batchnorm
  grade new ex16_batchnorm \\
      --function "batchnorm_forward = x, gamma, beta -> out, cache" \\
      --function "batchnorm_backward = dout, cache -> dx, dgamma, dbeta"
  grade new ex16_counter --class "Counter = start" \\
      --member "Counter.add = x -> total" --member Counter.total
"""
)
@click.argument("name")
@click.option(
    "--function",
    "functions",
    multiple=True,
    metavar="SIGNATURE",
    help="A function that students write; may be repeated.",
)
@click.option(
    "--class",
    "classes",
    multiple=True,
    metavar="SIGNATURE",
    help="A class that students write, with what its constructor takes; may be repeated.",
)
@click.option(
    "--member",
    "members",
    multiple=True,
    metavar="SIGNATURE",
    help="A method or an attribute of such a class; may be repeated.",
)
@course_option
@click.pass_context
def new(
    context: click.Context,
    name: str,
    functions: tuple[str, ...],
    classes: tuple[str, ...],
    members: tuple[str, ...],
    course: Path | None,
) -> ExitCode:
    """Scaffold the exercise NAME: description, handout, checks, misconceptions and solution.

    A forward and a backward function get a gradient check.
    """
    found = chosen_course(context, course)
    from grader.authoring.scaffold import scaffold
    from grader.authoring.scaffold_checks import BLANK

    for path in scaffold(found, name, functions, classes, members):
        count = path.read_text(encoding="utf-8").count(BLANK)
        click.echo(f"  {os.path.relpath(path)}   {count} {'blank' if count == 1 else 'blanks'}")
    click.echo(
        say(
            "Each blank says {blank}. Fill in all of them, then run `grade verify {name}`.",
            blank=BLANK,
            name=name[:4],
        )
    )
    return ExitCode.FULL_MARKS
