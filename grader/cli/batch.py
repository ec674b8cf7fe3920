"""`grade batch`: grades everybody's submissions into a gradebook."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

import grader
from grader.cli.app import course_option, given_course
from grader.cli.gradebook import gradebook_option, need
from grader.course.loader import find_course, find_exercise
from grader.errors import ExitCode

if TYPE_CHECKING:
    from grader.classroom.batch.pools import Pool
    from grader.classroom.batch.run import Tally
    from grader.classroom.batch.tasks import Planned
    from grader.classroom.gradebook import Gradebook
    from grader.course.digest import PackedExercises


@click.command(
    epilog="""\b
Examples:
  grade batch submissions.zip ex04
  grade batch downloads/ ex04 --roster roster.csv --gradebook sqlite:///grades.db
  grade batch cnn-submissions/ ex04 --layout github-classroom --jobs 4
  grade batch submitted/ --scheduler tcp://scheduler:8786 --gradebook postgresql+psycopg://db/grades

A download is a folder or a zip. Run the same command again after an interruption: what has its
verdict is not graded twice. Exit code 0: everything was judged, whatever the marks; 3: it was not.
"""
)
@click.argument("submissions", type=click.Path(path_type=Path))
@click.argument("exercises", nargs=-1, metavar="[EXERCISE]...")
@gradebook_option
@click.option(
    "--jobs", "-j", type=click.IntRange(1), help="Worker processes (default: one a core)."
)
@click.option(
    "--layout", default="auto", show_default=True, help="Which system the download is from."
)
@click.option(
    "--roster", type=click.Path(path_type=Path), help="The class: a CSV with id,name,email."
)
@click.option("--scheduler", metavar="ADDRESS", help="A dask scheduler, such as tcp://host:8786.")
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
    course: Path | None,
) -> int:
    """Grade everybody's SUBMISSIONS against EXERCISEs, and keep the results in a gradebook.

    Canvas, Moodle, Gradescope, GitHub Classroom and nbgrader downloads are recognised; in any other
    folder each file or sub-folder is a student.
    """
    need("sqlalchemy", "alembic", "yaml")
    from grader.classroom.batch.progress import shown
    from grader.classroom.batch.run import run_batch
    from grader.classroom.batch.tasks import plan
    from grader.classroom.downloads import read_layout
    from grader.classroom.gradebook import open_gradebook
    from grader.classroom.late import late_policy
    from grader.classroom.roster import Roster, read_roster
    from grader.course.digest import pack_exercises
    from grader.intake.tree import open_tree

    found = find_course(Path(), given_course(context, course))
    chosen = tuple(find_exercise(found, name) for name in exercises)
    people = Roster(read_roster(roster) if roster else ())
    with ExitStack() as stack:
        tree = stack.enter_context(open_tree(submissions))
        notes = dict.fromkeys(tree.notes)

        def note(text: str) -> None:
            notes[text] = None

        name, handins = read_layout(tree, layout, note)
        planned = plan(handins, found, chosen, people, late_policy(found), note)
        _note(notes)
        book = stack.enter_context(open_gradebook(gradebook, create=True))
        book.add_students((p.id, p.name, p.email) for p in people.people)
        graded = {p.exercise.id: p.exercise for p in planned}
        who = len({p.person.id for p in planned})
        click.echo(
            f"{name}: {counted(who, 'student')}, {', '.join(graded) or 'nothing to grade'}",
            err=True,
        )
        bundle = pack_exercises(found, list(graded.values()))
        pool = _pool(bundle, jobs, scheduler)
        met: list[str] = []
        try:
            with shown() as progress:
                tally = run_batch(planned, bundle, book, pool, progress, met.append)
            pool.close()
        except BaseException as error:
            try:
                if isinstance(error, KeyboardInterrupt):  # said first: some press Ctrl-C again
                    _stopped(book, planned)
            finally:
                pool.close(now=True)
            raise
        finally:
            _note(met)
    _say(tally)
    return ExitCode.CANNOT_GRADE if tally.ungraded else ExitCode.FULL_MARKS


def _pool(bundle: PackedExercises, jobs: int | None, scheduler: str | None) -> Pool:
    """Where the tasks run."""
    if scheduler:
        need("distributed", extra="cluster")
        from grader.classroom.batch.cluster import ClusterPool

        return ClusterPool(bundle, scheduler)
    from grader.classroom.batch.pools import LocalPool

    return LocalPool(bundle, jobs or _cores())


def _note(notes: Iterable[str]) -> None:
    for note in notes:
        click.echo(f"note: {note}", err=True)


def _stopped(book: Gradebook, planned: Sequence[Planned]) -> None:
    """How far an interrupted batch came, and how it goes on."""
    from grader.classroom.gradebook.store import clean
    from grader.classroom.gradebook.urls import without_password

    meant = {(clean(p.person.id), p.exercise.id) for p in planned}
    grades = book.grades({exercise for _, exercise in meant})
    judged = {(g.student, g.exercise) for g in grades if g.outcome not in ("waiting", "ungraded")}
    click.echo(
        f"stopped: {len(meant & judged)} of {len(planned)} have their verdict and keep it. To go "
        f"on: grade {shlex.join(map(without_password, sys.argv[1:]))}",
        err=True,
    )


def _say(tally: Tally) -> None:
    """What was done, and what an instructor has to know of it."""
    said = f"{counted(tally.total, 'hand-in')}: {tally.graded} graded now, "
    said += f"{tally.known} known before"
    if tally.graded:
        said += f", {tally.failed} of those graded now without full marks"
    click.echo(said)
    for version, count in tally.anew.items():
        changed = f"it was nn-grader {version} then, and is {grader.__version__} now"
        if version == grader.__version__:
            changed = "the exercise has changed"
        click.echo(
            f"{count} of these had been graded before, and were graded anew: {changed}. The old "
            "results are kept: see `grade gradebook history STUDENT`"
        )
    if tally.ungraded:
        click.echo(f"{tally.ungraded} could not be judged: see `grade gradebook list --ungraded`")


def counted(number: int, word: str) -> str:
    """`1 student`, `2 students`."""
    return f"{number} {word}{'s' * (number != 1)}"


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        return os.cpu_count() or 1
