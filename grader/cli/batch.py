"""`grade batch`: grades the submissions of a class into a gradebook."""

from __future__ import annotations

import shlex
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.gradebook import gradebook_option, require_libraries
from grader.cli.options import PATH, chosen_course, course_option
from grader.course.loader import find_exercise
from grader.errors import ExitCode
from grader.language import clauses, say, say_n, series

if TYPE_CHECKING:
    from grader.classroom.batch.run import Tally


@click.command(
    epilog="""\b
Examples:
  grade batch submissions.zip ex04
  grade batch downloads/ ex04 --roster roster.csv --gradebook sqlite:///grades.db
  grade batch cnn-submissions/ ex04 --layout clones --jobs 4
  grade batch submitted/ --scheduler tcp://scheduler:8786 --gradebook postgresql+psycopg://db/grades

A download is a folder or a zip. After an interruption run the same command again: what has a result
is not graded again. Exit code 0: everything was graded, whatever the marks; 1: with --strict, a
submission matches nobody on the roster, or work was left out; 3: something could not be graded.
"""
)
@click.argument("submissions", type=PATH)
@click.argument("exercises", nargs=-1, metavar="[EXERCISE]...")
@gradebook_option
@click.option(
    "--jobs", "-j", type=click.IntRange(1), help="Worker processes (default: one for each core)."
)
@click.option(
    "--layout", default="auto", show_default=True, help="The platform that the download is from."
)
@click.option(
    "--roster",
    type=PATH,
    help="The class: a table with columns id,name,email, or your platform's list.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="Also look for the lines of mistakes: about a second for each submission.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Grade on the cluster of this dask scheduler, such as tcp://host:8786.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="End with 1 if a submission matches nobody on the roster, or work is left out.",
)
@course_option
@click.pass_context
def batch(
    context: click.Context,
    submissions: Path,
    exercises: tuple[str, ...],
    gradebook: str,
    jobs: int | None,
    layout: str,
    roster: Path | None,
    scheduler: str | None,
    strict: bool,
    course: Path | None,
    *,
    explain: bool,
) -> int:
    """Grade the SUBMISSIONS of a class against EXERCISEs, and store the results in a gradebook.

    Downloads from Blackboard, Brightspace, Canvas, Classroom 50, Google Classroom, Gradescope, ILIAS,
    Moodle, nbgrader, OpenOlat, Sakai and Teams, and clones of repositories, are recognised; in any other
    folder each file or sub-folder is one student's.
    """
    require_libraries("sqlalchemy", "alembic", "yaml")
    if scheduler:
        require_libraries("distributed", extra="cluster")
    from grader.classroom.batch.grade import grade_class, read_download
    from grader.classroom.batch.progress import show_progress
    from grader.classroom.class_list import read_class_list
    from grader.classroom.gradebook import open_gradebook
    from grader.intake.tree import open_tree

    found = chosen_course(context, course)
    chosen = tuple(find_exercise(found, name) for name in exercises)
    listed = read_class_list(roster) if roster else None
    if listed:
        click.echo(listed.reading, err=True)
    people = listed.people if listed else ()
    met: list[str] = []
    with sigterm_as_ctrl_c(), open_tree(submissions) as tree:
        download = read_download(tree, found, chosen, people, layout)
        _print_notes(download.notes)
        with open_gradebook(gradebook, create=True) as book:
            who = students(len(download.students))
            what = series(e.id for e in download.exercises) or say("nothing to grade")
            read_as = say("{head}: {text}", head=download.taken_for, text=clauses(who, what))
            click.echo(read_as, err=True)
            try:
                tally = grade_class(
                    download,
                    found,
                    book,
                    show_progress,
                    jobs=jobs,
                    scheduler=scheduler,
                    explain=explain,
                    note=met.append,
                    on_interrupt=lambda judged: _stopped(judged, len(download.planned)),
                )
            finally:
                _print_notes(met)
    _print_summary(tally, download.unmatched, download.left_out)
    if tally.ungraded:
        return ExitCode.CANNOT_GRADE
    if strict and (download.unmatched or download.left_out):
        return ExitCode.NOT_FULL_MARKS
    return ExitCode.FULL_MARKS


@contextmanager
def sigterm_as_ctrl_c() -> Iterator[None]:
    """While the block runs, SIGTERM ends it as Ctrl-C does."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():  # which alone hears signals
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _print_notes(notes: Iterable[str]) -> None:
    for note in notes:
        click.echo(say("note: {note}", note=note), err=True)


def _stopped(judged: int, planned: int) -> None:
    """Say how far an interrupted batch came, and how to continue."""
    from grader.classroom.gradebook.urls import without_password

    command = shlex.join(map(without_password, sys.argv[1:]))
    click.echo(
        say(
            "stopped: {judged} of {planned} are graded, and stay so. To continue: grade {command}",
            judged=judged,
            planned=planned,
            command=command,
        ),
        err=True,
    )


def _print_summary(tally: Tally, unmatched: int, left_out: int) -> None:
    """Print what an instructor should know of what was done, and in the last line the counts."""
    for reason, count in tally.regraded.items():
        click.echo(
            say(
                "{count} of these had been graded before, and were graded again: {reason}. The old "
                "results are kept: see `grade gradebook history STUDENT`",
                count=count,
                reason=reason,
            )
        )
    if tally.ungraded:
        click.echo(
            say(
                "{n} could not be graded: see `grade gradebook list --ungraded`",
                n=tally.ungraded,
            )
        )
    counts = [
        say_n(
            "{n} submission: {graded} graded now, {known} known before",
            "{n} submissions: {graded} graded now, {known} known before",
            tally.total,
            graded=tally.graded,
            known=tally.known,
        )
    ]
    if tally.shared:
        counts.append(say("{n} the same as another of them", n=tally.shared))
    if tally.graded:
        counts.append(say("{n} of those graded now without full marks", n=tally.failed))
    if unmatched:
        counts.append(say("{n} not matched to anybody on the roster", n=unmatched))
    if left_out:
        counts.append(say("{n} left out", n=left_out))
    click.echo(clauses(*counts))


def students(number: int) -> str:
    """`1 student`, `2 students`."""
    return say_n("{n} student", "{n} students", number)
