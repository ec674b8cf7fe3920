"""What is to be graded: from hand-ins to tasks that hold bytes and hashes, and no path."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import grader
from grader.classroom.downloads import SOURCES, HandIn, exercise_in
from grader.classroom.lateness import NO_TIMESTAMP, Lateness, judge
from grader.classroom.roster import Person, Roster
from grader.course.digest import digest_files, grader_digest
from grader.course.late import due_dates, late_policy
from grader.course.loader import find_exercise
from grader.errors import SubmissionError, UsageError
from grader.intake.files import MAX_TOTAL
from grader.model import Course, Exercise

Contents = dict[str, bytes | str]
MAX_FILES = 500
MAX_NAMED = 5


@dataclass(frozen=True, slots=True)
class Task:
    """One content to grade against one exercise.

    Attributes:
        key: names the result: it depends on the content, the exercise, and the grader's version and
            source files.
        exercise: the exercise's short name.
        bundle: the hash of the bundle that holds it.
        submission: the content's hash.
        contents: by relative path, a file's bytes, or in words why they cannot be had.
    """

    key: str
    exercise: str
    bundle: str
    submission: str
    contents: Contents


@dataclass(frozen=True, slots=True)
class Planned:
    """A hand-in that counts for one student and one exercise. Nothing of it has been read."""

    person: Person
    exercise: Exercise
    handin: HandIn
    lateness: Lateness


def plan(
    handins: Sequence[HandIn],
    course: Course,
    exercises: Sequence[Exercise],
    roster: Roster,
    note: Callable[[str], None],
) -> list[Planned]:
    """For each student and exercise the one hand-in that counts: the latest that fits.

    Args:
        handins: what was handed in.
        course: the course.
        exercises: those to grade; with none, the ones that the hand-ins' files are named after.
        roster: who is who.
        note: told about people and assignments that nobody knows, and hand-ins that do not count.
    """
    chosen = tuple(exercises) or _recognised(handins, course)
    best: dict[tuple[str, str], tuple[Person, Exercise, HandIn]] = {}
    for handin, person in zip(handins, roster.identify(handins, note), strict=True):
        for exercise in _meant(handin, course, chosen, note):
            before = best.get((person.id, exercise.id))
            if before is not None:
                if _rank(handin, exercise) < _rank(before[2], exercise):
                    note(_replaced(before, handin))
                    continue
                note(_replaced((person, exercise, handin), before[2]))
            best[person.id, exercise.id] = (person, exercise, handin)
    due, policy = due_dates(course), late_policy(course)
    planned = [Planned(p, e, h, judge(h, due.get(e.id), policy)) for p, e, h in best.values()]
    for exercise in chosen:
        judged = [p.lateness.note for p in planned if p.exercise is exercise]
        if judged and all(found == NO_TIMESTAMP for found in judged):
            note(f"{exercise.id}: no submission has a timestamp, so all are treated as on time")
    return planned


def _rank(handin: HandIn, exercise: Exercise) -> tuple[bool, datetime]:
    return _fits(handin, exercise), handin.submitted or datetime.min.replace(tzinfo=UTC)


def _replaced(counts: tuple[Person, Exercise, HandIn], other: HandIn) -> str:
    """Which of two hand-ins does not count, and why."""
    person, exercise, handin = counts
    if _fits(handin, exercise) != _fits(other, exercise):
        reason = f"it is not named after {exercise.id}"
    elif handin.submitted and other.submitted:
        reason = "it is older" if other.submitted < handin.submitted else "the times are the same"
    elif handin.submitted:
        reason = "no time is known of it"
    else:
        reason = "no times are known; if that is wrong, take the other out of the download"
    return (
        f"{other.origin or other.student}: does not count for {person.id} in {exercise.id}, "
        f"{handin.origin or handin.student} does: {reason}"
    )


def _fits(handin: HandIn, exercise: Exercise) -> bool:
    """Whether a file is named after the exercise."""
    return any(exercise_in(p.name) == exercise.id for p in handin.files)


def _recognised(handins: Iterable[HandIn], course: Course) -> tuple[Exercise, ...]:
    held = list(handins)
    names = {h.assignment.lower() for h in held}
    found = tuple(
        e
        for e in course.exercises
        if e.id in names or e.name in names or any(_fits(h, e) for h in held)
    )
    if not found:
        ids = ", ".join(e.id for e in course.exercises)
        raise UsageError(f"no file is named after an exercise; say which one is meant: {ids}")
    return found


def _meant(
    handin: HandIn, course: Course, chosen: Sequence[Exercise], note: Callable[[str], None]
) -> Sequence[Exercise]:
    """The exercises that a hand-in is to be graded against."""
    if handin.assignment:
        try:
            named = find_exercise(course, handin.assignment)
        except UsageError:
            if len(chosen) != 1:
                note(f"{handin.origin}: {handin.assignment} is none of the exercises, left out")
                return ()
        else:
            return [e for e in chosen if e.id == named.id]
    fitting = [e for e in chosen if _fits(handin, e)]
    others = {exercise_in(p.name) for p in handin.files} & {e.id for e in course.exercises}
    if handin.layout == "flat" and others and not fitting:
        note(f"{handin.origin}: is named after {', '.join(sorted(others))}, left out")
        return ()
    return fitting or chosen


def read_contents(handin: HandIn) -> Contents:
    """The sources and zips of a hand-in, by value. A file that cannot be read says why; so do some
    of the others where there is no source, for the student was not idle."""
    sources = [p for p in sorted(handin.files) if p.suffix.lower() in SOURCES]
    contents: Contents = {}
    total = 0
    for path in sources:
        if len(contents) >= MAX_FILES or total > MAX_TOTAL:
            contents[str(path)] = f"{path}: left out, there are too many files or too large ones"
            break
        try:
            data = handin.files[path].read()
        except SubmissionError as error:
            contents[str(path)] = str(error)
            continue
        total += len(data)
        contents[str(path)] = data
    for path in [] if sources else sorted(handin.files)[:MAX_NAMED]:
        contents[str(path)] = f"{path}: is neither .py, .ipynb nor .zip"
    return contents


def make_task(contents: Contents, exercise: Exercise, bundle: str, exercise_hash: str) -> Task:
    """The task of grading a content against an exercise."""
    submission = digest_files(
        {
            name: b"+" + data if isinstance(data, bytes) else b"-" + data.encode("utf-8", "replace")
            for name, data in contents.items()
        }
    )
    parts = [submission, exercise.id, exercise_hash, grader.__version__, grader_digest()]
    key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    return Task(key, exercise.id, bundle, submission, contents)


def tasks(
    planned: Iterable[Planned], bundle: str, hashes: dict[str, str]
) -> Iterator[tuple[Planned, Task]]:
    """Each plan with its task; a content is read when it is asked for, and not before."""
    for one in planned:
        contents = read_contents(one.handin)
        yield one, make_task(contents, one.exercise, bundle, hashes[one.exercise.id])
