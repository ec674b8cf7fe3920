"""`grade hint`: shows hints for a function, one step at a time."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.options import (
    chosen_course,
    color_wanted,
    complete_exercise,
    complete_function,
    course_option,
    terminal_width,
)
from grader.columns import lines
from grader.course.hints import (
    HINTS_FILE,
    Hint,
    HintRecord,
    Hints,
    find_function,
    list_hints,
    load_hints,
    record_folder,
)
from grader.course.loader import find_exercise
from grader.errors import ExitCode, UsageError
from grader.language import say, series
from grader.model import Course, Exercise


@click.command(
    epilog="""\b
Examples:
  grade hint ex04                         the functions that have hints
  grade hint ex04 conv_backward           the next hint for this one
  grade hint ex04 conv_backward --again   the last hint again
  grade hint ex04 conv_backward --all     all of them
"""
)
@click.argument("exercise", shell_complete=complete_exercise)
@click.argument("function", required=False, shell_complete=complete_function)
@click.option("--all", "everything", is_flag=True, help="Show all hints at once.")
@click.option("--again", is_flag=True, help="Show the last hint again.")
@course_option
@click.pass_context
def hint(
    context: click.Context,
    exercise: str,
    function: str | None,
    everything: bool,
    again: bool,
    course: Path | None,
) -> ExitCode:
    """Show the next hint for a FUNCTION of an EXERCISE: first a question, later a concrete pointer.

    Hints cost no points, and none of them is the solution.
    """
    found = chosen_course(context, course)
    wanted = find_exercise(found, exercise)
    hints = load_hints(wanted)
    if not hints:
        raise UsageError(
            say(
                "{wanted} has no hints: {file} is missing",
                wanted=wanted.id,
                file=wanted.folder / HINTS_FILE,
            )
        )
    if everything and again:
        raise UsageError(say("--all and --again cannot be used together"))
    seen = HintRecord(record_folder(found))
    if function is None:
        if everything or again:
            raise UsageError(say("name a function: {names}", names=series(hints)))
        _list(wanted, hints, seen)
        return ExitCode.FULL_MARKS
    name = find_function(wanted, hints, function)
    known = list_hints(hints, name)
    before = min(seen.count(wanted, name), len(known))
    if everything:
        chosen = known
    elif again:
        chosen = [known[max(before, 1) - 1]]
    else:
        chosen = [known[min(before + 1, len(known)) - 1]]
    for step in chosen:
        _show(step)
    _remember(seen, wanted, chosen[-1])
    if chosen[-1].number < len(known):
        click.echo(
            "\n" + say("The next one: grade hint {wanted} {name}", wanted=wanted.id, name=name)
        )
    else:
        if before == len(known) and not everything and not again:
            click.echo("\n" + say("These are all the hints."), nl=False)
        click.echo(
            "\n"
            + say(
                "Try it: grade {wanted}. With --debug, print and breakpoint() work.",
                wanted=wanted.id,
            )
        )
    return ExitCode.FULL_MARKS


def show_next_hint(course: Course, exercise: Exercise, function: str) -> None:
    """Show the next hint for a function; of one without hints, which functions have some.

    Raises `GraderError` if the exercise has no valid hints.
    """
    hints = load_hints(exercise)
    seen = HintRecord(record_folder(course))
    function = (
        function if function in hints else function.partition(".")[0]
    )  # of a method, its class
    if function not in hints:
        if hints:
            _list(exercise, hints, seen)
        else:
            click.echo(say("This exercise has no hints."))
        return
    known = list_hints(hints, function)
    step = known[min(seen.count(exercise, function) + 1, len(known)) - 1]
    _show(step)
    _remember(seen, exercise, step)


def _remember(seen: HintRecord, exercise: Exercise, step: Hint) -> None:
    if not seen.remember(exercise, step):
        click.echo(
            say("(The folder .grade cannot be written, so the next call shows the same hint.)"),
            err=True,
        )


def _list(exercise: Exercise, hints: Hints, seen: HintRecord) -> None:
    _bold(f"{exercise.id}  {exercise.title}\n")
    wide = max(map(len, hints))
    for name, texts in hints.items():
        count = seen.count(exercise, name)
        said = say("{count} of {all} hints seen", count=count, all=len(texts))
        click.echo(f"  {name:<{wide}}  {said}")
    click.echo(
        "\n"
        + say(
            "The next hint for one of them: grade hint {exercise} {function}",
            exercise=exercise.id,
            function=next(iter(hints)),
        )
    )


def _show(step: Hint) -> None:
    width = min(max(terminal_width(), 40), 100)
    _bold(
        say(
            "hint {number} of {all} for {function}",
            number=step.number,
            all=step.total,
            function=step.function,
        )
    )
    for line in lines(say(step.text), width, "  ", "  "):
        click.echo(line)


def _bold(text: str) -> None:
    click.echo(click.style(text, bold=True), color=color_wanted())
