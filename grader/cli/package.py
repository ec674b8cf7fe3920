"""`grade package`: makes the files that an autograder host needs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from grader.cli.options import PATH, chosen_course, course_option, require_option
from grader.course.late import late_policy
from grader.course.loader import find_exercise
from grader.errors import UsageError
from grader.files import write_file
from grader.hosts.gradescope.settings import USUAL_SECONDS, VISIBILITIES, Settings
from grader.language import later, say, series
from grader.sandbox.guarantees import GUARANTEES

SHARE = click.FloatRange(0, 100)


@click.group(
    epilog="""\b
Examples:
  grade package gradescope ex04 -o ex04.zip
  grade package classroom50 ex04 -o cs-fall/autograders/ex04
  grade package github                       the workflow, into this repository
"""
)
def package() -> None:
    """Make the files that an autograder host needs."""


def _workflow(host: str, help_: str, examples: str) -> None:
    @package.command(host, help=help_, epilog=examples)
    @click.argument("folder", type=PATH, default=Path())
    def write(folder: Path) -> None:
        from grader.hosts.workflows import write_workflow

        click.echo(say("{host}: commit and push it", host=write_workflow(host, folder)))


_workflow(
    "github",
    later("Write the GitHub workflow into a repository (default: this folder)."),
    later("\b\nExamples:\n  grade package github\n  grade package github DIR"),
)
_workflow(
    "gitlab",
    later("Write the GitLab workflow into a repository (default: this folder)."),
    later("\b\nExamples:\n  grade package gitlab\n  grade package gitlab DIR"),
)


@package.command(
    epilog="""\b
Examples:
  grade package gradescope ex04 -o ex04.zip
  grade package gradescope ex05 ex06 -o week6.zip --late 10 --grace 15
"""
)
@click.argument("exercises", nargs=-1, required=True)
@click.option("-o", "--output", type=PATH, required=True, help="The file to write.")
@click.option(
    "--late",
    type=SHARE,
    help="Percent of the points for each day begun (default: the course's late policy).",
)
@click.option(
    "--late-most",
    type=SHARE,
    help="The most percent that lateness costs (default: the course's late policy).",
)
@click.option(
    "--grace",
    type=click.FloatRange(0),
    help="How many minutes late is still on time (default: the course's late policy).",
)
@click.option(
    "--minutes",
    type=click.FloatRange(0, min_open=True),
    default=USUAL_SECONDS / 60,
    show_default=True,
    help="Time limit for one submission; keep it below the assignment's own limit.",
)
@click.option(
    "--hidden",
    type=click.Choice(VISIBILITIES),
    default="visible",
    show_default=True,
    help="When students see whether hidden checks passed; all but visible hide the total, too.",
)
@require_option
@course_option
@click.pass_context
def gradescope(
    context: click.Context,
    exercises: tuple[str, ...],
    output: Path,
    late: float | None,
    late_most: float | None,
    grace: float | None,
    minutes: float,
    hidden: str,
    require: tuple[str, ...],
    course: Path | None,
) -> None:
    """Make the autograder zip for a Gradescope assignment that grades these EXERCISES.

    It contains all solutions: upload it as the autograder, and do not give it to students.
    """
    from grader.hosts.gradescope import build

    found = chosen_course(context, course)
    chosen = [find_exercise(found, name) for name in exercises]
    if unknown := sorted(set(require) - set(GUARANTEES)):
        raise UsageError(
            say(
                "no such guarantee: {unknown}; there are {known}",
                unknown=unknown[0],
                known=series(GUARANTEES),
            )
        )
    changed: dict[str, Any] = {
        "grace_minutes": grace,
        "per_day": late and late / 100,
        "at_most": late_most and late_most / 100,
    }
    settings = Settings(
        exercises=tuple(exercise.id for exercise in chosen),
        seconds=60 * minutes,
        late=replace(
            late_policy(found),
            **{name: value for name, value in changed.items() if value is not None},
        ),
        hidden=hidden,
        require=require,
    )
    data = build.gradescope(found, settings)
    write_file(output, data)
    points = sum(exercise.points for exercise in chosen)
    if settings.late.free_days:
        click.echo(
            say("note: Gradescope does not know of late.free_days: no day is free there"), err=True
        )
    click.echo(
        say(
            "{output}: {exercises}; set the assignment to {points:g} points",
            output=output,
            exercises=series(settings.exercises),
            points=points,
        )
    )


@package.command(
    epilog="""\b
Examples:
  grade package classroom50 ex04 -o classroom50/cs-fall/autograders/ex04

Everybody can read this folder on the web: it has the public checks only, and no solution.
"""
)
@click.argument("exercises", nargs=-1, required=True)
@click.option("-o", "--output", type=PATH, required=True, help="The folder to write.")
@course_option
@click.pass_context
def classroom50(
    context: click.Context, exercises: tuple[str, ...], output: Path, course: Path | None
) -> None:
    """Make the autograder's folder for an assignment in Classroom 50 that grades these EXERCISES.

    In your repository classroom50 it is CLASSROOM/autograders/ASSIGNMENT; an earlier one is replaced.
    """
    from grader.authoring.release import release
    from grader.hosts.classroom50.build import checks_of_workspace, write
    from grader.hosts.classroom50.build import classroom50 as build

    found = chosen_course(context, course)
    chosen = [find_exercise(found, name) for name in exercises]
    workspace = release(found, chosen) if found.solutions else checks_of_workspace(found, chosen)
    write(build(workspace), output)
    names = series(exercise.id for exercise in chosen)
    click.echo(
        say(
            "{output}: {exercises}, with the public checks; commit and push it",
            output=output,
            exercises=names,
        )
    )
