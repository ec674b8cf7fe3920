"""`grade verify`: checks the exercises themselves."""

from __future__ import annotations

import os
from pathlib import Path

import click

from grader.cli.options import chosen_course, course_option
from grader.course.loader import find_exercise
from grader.errors import ExitCode
from grader.language import say, say_n


@click.command(
    epilog="""\b
Examples:
  grade verify                 every exercise of the course
  grade verify ex04            one of them
  grade verify ex04 --seeds 20 right solutions with 20 different random inputs
"""
)
@click.argument("exercises", nargs=-1)
@click.option(
    "--seeds", default=1, show_default=True, help="With how many seeds right solutions must pass."
)
@click.option("-v", "--verbose", is_flag=True, help="Also show the claims that hold.")
@click.option("--jobs", default=os.cpu_count() or 1, help="How many exercises to verify at once.")
@course_option
@click.pass_context
def verify(
    context: click.Context,
    exercises: tuple[str, ...],
    seeds: int,
    verbose: bool,
    jobs: int,
    course: Path | None,
) -> int:
    """Verify exercises: stubs get no points, right solutions get all, and every misconception is
    caught by the check that it names, and recognised."""
    found = chosen_course(context, course)
    chosen = tuple(find_exercise(found, name) for name in exercises) or found.exercises
    from grader.authoring.verify import verify_all

    wrong = 0
    for exercise, proofs in verify_all(found, chosen, seeds=range(seeds), jobs=jobs):
        wrong += sum(bool(proof.problems) for proof in proofs)
        for proof in proofs:
            if proof.problems or verbose:
                click.echo(f"  {'✗' if proof.problems else '✓'} {proof.exercise} {proof.claim}")
            for problem in proof.problems:
                click.echo(f"      {problem}")
        click.echo(
            say_n(
                "{exercise}  {title}: {n} claim tried",
                "{exercise}  {title}: {n} claims tried",
                sum(not p.note for p in proofs),
                exercise=exercise.id,
                title=exercise.title,
            )
        )
    click.echo(
        say_n("{n} does not hold.", "{n} do not hold.", wrong) if wrong else say("All hold.")
    )
    return ExitCode.FULL_MARKS if not wrong else ExitCode.NOT_FULL_MARKS
