"""`grade demo`: what the student's own code can do."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.options import (
    PATH,
    chosen_course,
    color_wanted,
    complete_exercise,
    course_option,
    terminal_width,
)
from grader.course.loader import find_exercise
from grader.errors import ExitCode
from grader.files import write_file
from grader.language import say
from grader.sandbox.launch import Server


@click.command(
    epilog="""\b
Examples:
  grade demo ex04                 your filters on a digit, in the terminal
  grade demo ex09 -o page.html    your network reads digits, as a page
"""
)
@click.argument("exercise", shell_complete=complete_exercise)
@click.argument("submission", type=PATH, required=False)
@click.option("-o", "--output", type=PATH, help="Write a page to this file.")
@course_option
@click.pass_context
def demo(
    context: click.Context,
    exercise: str,
    submission: Path | None,
    output: Path | None,
    course: Path | None,
) -> ExitCode:
    """Show what your code for an EXERCISE can do: it runs on data, isolated as always.

    Without a SUBMISSION, the exercise's file in this folder is run. Nothing is graded.
    """
    from grader.demos import Item
    from grader.render.demo import page, terminal
    from grader.student.demo import run_demo

    wanted = find_exercise(chosen_course(context, course), exercise)
    color = color_wanted()
    items: list[Item] = []

    def show(item: Item) -> None:
        text = terminal(item, color=color, width=min(terminal_width(), 100))
        items.append(item)
        click.echo(text, color=color)

    server = context.obj or context.with_resource(Server())
    stopped = run_demo(wanted, submission, show, server)
    if output is not None:
        write_file(output, page(f"{wanted.id} {wanted.title}", items))
        click.echo(say("The page is {output}.", output=output), err=True)
    if stopped:
        click.echo(
            say(
                "The demo stopped: {stopped}\n`grade {wanted}` says more.",
                stopped=stopped,
                wanted=wanted.id,
            ),
            err=True,
        )
        return ExitCode.NOT_FULL_MARKS
    return ExitCode.FULL_MARKS
