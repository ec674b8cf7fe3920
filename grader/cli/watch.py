"""`grade watch`: from the first exercise that is not done to the end of the course, checking every save."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.check import show
from grader.cli.hint import show_next_hint
from grader.cli.keys import Keys
from grader.cli.options import chosen_course, color_wanted, course_option, terminal_width
from grader.cli.progress_bar import ProgressBar
from grader.errors import ExitCode, GraderError
from grader.language import later, say
from grader.model import Course, Exercise, Report
from grader.render.guidance import concerned
from grader.student.overview import overview, points
from grader.student.progress import read_progress, with_prerequisite_note

if TYPE_CHECKING:
    from grader.student.watch import Act

KEYS = {
    "h": later("hint"),
    "l": later("list"),
    "r": later("run again"),
    "c": later("look closer"),
    "q": later("quit"),
}


@click.command(
    epilog="""\b
Examples:
  grade watch
"""
)
@course_option
@click.pass_context
def watch(context: click.Context, course: Path | None) -> ExitCode:
    """Walk through the course: every save is checked, and the next exercise begins by itself.

    It begins at the first exercise that is not done. Keys: h shows the next hint, l all exercises, r
    checks again, c looks closer, q quits.
    """
    from grader.student.walk import walk  # loads pytest and NumPy

    found = chosen_course(context, course)
    with Keys() as keys, closing(ProgressBar()) as waiting:
        screen = TerminalScreen(found, keys, waiting)
        try:
            done = walk(found, screen, on_check=waiting)
        except KeyboardInterrupt:
            done = False
        if not done:
            waiting.close()
            click.echo("\n  " + say("Until next time: `grade watch` goes on where you are."))
    return ExitCode.FULL_MARKS if done else ExitCode.NOT_FULL_MARKS


class TerminalScreen:
    """The walk on a terminal.

    Args:
        course: the course.
        keys: where keys come from.
        waiting: the progress bar, which must be gone before anything is printed.
    """

    def __init__(self, course: Course, keys: Keys, waiting: ProgressBar) -> None:
        self._course, self._keys, self._waiting = course, keys, waiting
        self._begun = False
        self._keep = False

    def begin(self, exercise: Exercise) -> None:
        """Welcome, if it is the first exercise of this walk; its report comes below."""
        if self._begun:
            click.echo(f"  {say('Now the next one:')}\n")
        else:
            self._begun = True
            self._clear()
            click.echo(say("Welcome to “{title}”.", title=self._course.title) + "\n")
            click.echo(f"  {points(self._course, read_progress(self._course))}\n")
            click.echo(
                "  "
                + say("Read the handout, write in the file, save it: it is checked by itself.")
                + "\n"
            )
        self._keep = True

    def checked(self, exercise: Exercise, report: Report) -> None:
        """The report of a save, and the keys."""
        self._clear()
        noted = with_prerequisite_note(self._course, exercise, None, report)
        self._show(noted, verbose=False)

    def done(self, exercise: Exercise, report: Report) -> None:
        """Full marks: what is reached by now."""
        self._clear()
        show(self._course, [report], "terminal", None, verbose=False)
        click.secho(
            "\n  " + say("{exercise} is done.", exercise=exercise.id),
            fg="green",
            bold=True,
            color=color_wanted(),
        )
        click.echo(f"  {points(self._course, read_progress(self._course))}\n")

    def end(self) -> None:
        """The end of the course."""
        click.echo("\n".join(overview(self._course, Path(), terminal_width())))
        click.echo("\n  " + say("You have built a network from a single neuron up. Well done!"))

    def act(self, exercise: Exercise, report: Report | None) -> Act:
        """Obey a key."""
        key = self._keys.read()
        if key == "q":
            return "stop"
        if key == "r":
            return "again"
        if key == "l":
            click.echo("\n" + "\n".join(overview(self._course, Path(), terminal_width())))
            self._prompt()
        elif key == "h":
            self._hint(exercise, report)
            self._prompt()
        elif key == "c" and report is not None:
            self._clear()
            self._show(report, verbose=True)
        return ""

    def _hint(self, exercise: Exercise, report: Report | None) -> None:
        click.echo("")
        try:
            show_next_hint(self._course, exercise, concerned(report) if report else "")
        except GraderError as error:
            click.echo(f"  {error}")

    def _show(self, report: Report, *, verbose: bool) -> None:
        show(self._course, [report], "terminal", None, verbose=verbose)
        self._prompt()

    def _prompt(self) -> None:
        words = "   ".join(f"{key} {say(meaning)}" for key, meaning in KEYS.items())
        click.echo(f"\n  {words}")

    def _clear(self) -> None:
        """Clear the screen for a new report, unless what stands there is to be read with it."""
        self._waiting.close()
        if sys.stdout.isatty() and not self._keep:
            click.clear()
        self._keep = False
