"""Grades a class: from a download and a course to results in a gradebook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property

from grader.classroom.batch.pools import open_pool
from grader.classroom.batch.run import Tally, count_judged, run_batch
from grader.classroom.batch.settle import settle
from grader.classroom.batch.tasks import Planned, plan
from grader.classroom.downloads import FLAT, read_layout
from grader.classroom.downloads.notes import LeftOut, Unmatched
from grader.classroom.gradebook import Gradebook
from grader.classroom.roster import Person, Roster
from grader.course.digest import pack_exercises
from grader.course.late import time_zone
from grader.course.loader import find_exercise
from grader.course.rubric import rubrics
from grader.intake.tree import Tree
from grader.language import say
from grader.model import Course, Exercise


@dataclass(frozen=True)
class Download:
    """What is to be graded of a download.

    Attributes:
        layout: the layout that it has.
        planned: the submission that counts for each student and exercise.
        people: the class, as the roster lists it.
        notes: what the instructor should know before anything is graded; see `grader.classroom.downloads.notes`
            for those that are counted.
    """

    layout: str
    planned: Sequence[Planned]
    people: Sequence[Person]
    notes: Sequence[str]

    @property
    def taken_for(self) -> str:
        """What the download was taken for."""
        if self.layout == FLAT:
            return say("flat (no platform is recognised: each file or folder is a student's)")
        return self.layout

    @cached_property
    def exercises(self) -> list[Exercise]:
        """The exercises that something is to be graded for."""
        return list({p.exercise.id: p.exercise for p in self.planned}.values())

    @property
    def unmatched(self) -> int:
        """How many submissions match nobody on the roster for sure."""
        return sum(isinstance(note, Unmatched) for note in self.notes)

    @property
    def left_out(self) -> int:
        """How many files and submissions are not graded, though nothing later replaces them."""
        return sum(note.pieces for note in self.notes if isinstance(note, LeftOut))

    @cached_property
    def students(self) -> set[str]:
        """The students, as the gradebook calls them."""
        return {p.person.id for p in self.planned}


def read_download(
    tree: Tree,
    course: Course,
    exercises: Sequence[Exercise] = (),
    people: Sequence[Person] = (),
    layout: str = "auto",
) -> Download:
    """Find the submission of each student for each exercise.

    Args:
        tree: the download, which stays open while it is graded.
        course: the course.
        exercises: those to grade; with none, the ones that the files are named after.
        people: the class, as the roster lists it; nobody if there is no roster.
        layout: the layout's name, or `auto` to recognise it.

    Raises `UsageError` where there is nothing to grade.
    """
    notes = dict.fromkeys(tree.notes)  # each note once, in order

    def note(text: str) -> None:
        notes[text] = None

    name, submissions = read_layout(tree, layout, note, time_zone(course))
    planned = plan(submissions, course, exercises, Roster(people), note)
    return Download(name, planned, people, tuple(notes))


def grade_class(
    download: Download,
    course: Course,
    book: Gradebook,
    showing: Callable[[], AbstractContextManager[Callable[[Tally], None]]],
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    explain: bool = False,
    note: Callable[[str], None] = lambda _: None,
    on_interrupt: Callable[[int], None] = lambda _: None,
) -> Tally:
    """Grade a download into a gradebook. What has a result there is not graded again.

    Args:
        download: what is to be graded.
        course: the course.
        book: the gradebook.
        showing: opens what shows the progress.
        jobs: how many processes to use on this machine; by default one for each core.
        scheduler: the address of a dask scheduler, whose workers are used instead.
        explain: also look for the lines of mistakes.
        note: called for each submission for which the gradebook already has another.
        on_interrupt: called at Ctrl-C with the number of submissions that have a result.
    """
    book.add_students((p.id, p.name, p.email, p.last) for p in download.people)
    declared = rubrics(course)
    for exercise in download.exercises:
        book.set_rubric(exercise.id, declared.get(exercise.id, ()))
    bundle = pack_exercises(course, download.exercises)
    pool = open_pool(bundle, jobs, scheduler)
    try:
        with showing() as progress:
            tally = run_batch(download.planned, bundle, book, pool, progress, note, explain=explain)
        pool.close()
    except BaseException as error:
        try:
            if isinstance(error, KeyboardInterrupt):  # first: some people press Ctrl-C again
                on_interrupt(count_judged(book, download.planned, bundle))
        finally:
            pool.close(now=True)
        if isinstance(error, KeyboardInterrupt):
            settle(book, course)
        raise
    settle(book, course)
    return tally


def add_exercise(book: Gradebook, course: Course, name: str) -> None:
    """Make an exercise of the course known to a gradebook. Raises `UsageError` if there is none."""
    exercise = find_exercise(course, name)
    hash_ = pack_exercises(course, [exercise]).hashes[exercise.id]
    book.add_exercise(hash_, exercise.id, exercise.title, exercise.points)
