"""`grade similar`: pairs of submissions that share more than the exercise explains."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.gradebook import gradebook_option, require_libraries, short_names
from grader.cli.options import PATH, course_option, optional_course
from grader.language import say, say_n


@click.command(
    epilog="""\b
Examples:
  grade similar ex04 -o alike
  grade similar ex04 --gradebook sqlite:///grades.db --at-least 80 -o alike

Then open alike/index.html. What is in the stub, the reference or the handout, or what much of the class
has, is not counted, nor are names of variables. That two texts are alike does not say why.
"""
)
@click.argument("exercises", nargs=-1, metavar="[EXERCISE]...")
@gradebook_option
@click.option("-o", "--output", type=PATH, required=True, help="A folder.")
@click.option(
    "--at-least",
    type=click.IntRange(1, 100),
    default=60,
    show_default=True,
    metavar="PERCENT",
    help="How much of their own a pair must share.",
)
@course_option
@click.pass_context
def similar(
    context: click.Context,
    exercises: tuple[str, ...],
    gradebook: str,
    output: Path,
    at_least: int,
    course: Path | None,
) -> None:
    """Show pairs of submissions that share more than the exercise explains, side by side."""
    require_libraries("sqlalchemy", "alembic", "jinja2", "matplotlib")
    require_libraries("copydetect", extra="similar")
    from grader.classroom.gradebook import open_gradebook
    from grader.classroom.similarity.compare import find_pairs
    from grader.classroom.similarity.given import given_code
    from grader.classroom.similarity.pages import write_pairs
    from grader.classroom.similarity.works import works_of

    found = optional_course(context, course)
    if found is None or found.solutions is None:
        click.echo(
            say(
                "note: without the course's folder its stubs and solutions are not taken away, so "
                "more is alike"
            ),
            err=True,
        )
    given = given_code(found) if found else []
    with open_gradebook(gradebook) as book:
        works = works_of(book, short_names(context, exercises, course))
    pairs = {name: find_pairs(own, given, at_least / 100) for name, own in works.items()}
    counts = {name: len(own) for name, own in works.items()}
    many = write_pairs(pairs, counts, output)
    click.echo(
        say_n("{n} pair: open {page}", "{n} pairs: open {page}", many, page=output / "index.html"),
        err=True,
    )
