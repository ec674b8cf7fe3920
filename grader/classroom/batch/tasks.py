"""Chooses the submissions to grade, and makes tasks of them: bytes and hashes, without any path."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import grader
from grader.classroom.batch.task import Contents, Task
from grader.classroom.downloads import SOURCES, DownloadedSubmission, exercise_in
from grader.classroom.downloads.notes import LeftOut
from grader.classroom.lateness import NO_TIMESTAMP, Lateness, judge
from grader.classroom.roster import Person, Roster, normalised
from grader.course.digest import digest_files, grader_digest
from grader.course.late import due_dates, late_policy
from grader.course.loader import find_exercise
from grader.errors import SubmissionError, UsageError
from grader.intake.files import MAX_TOTAL
from grader.intake.reach import deciding_files
from grader.language import say, series
from grader.model import Course, Exercise

MAX_FILES = 500
MAX_NAMED = 5


@dataclass(frozen=True, slots=True)
class Planned:
    """The submission that counts for a student and an exercise. None of it has been read yet."""

    person: Person
    exercise: Exercise
    submission: DownloadedSubmission
    lateness: Lateness


def plan(
    submissions: Sequence[DownloadedSubmission],
    course: Course,
    exercises: Sequence[Exercise],
    roster: Roster,
    note: Callable[[str], None],
) -> list[Planned]:
    """For each student and exercise the submission that counts: the latest that belongs to it.

    Args:
        submissions: those of a download.
        course: the course.
        exercises: those to grade; with none, the ones that the files are named after.
        roster: who is who.
        note: called with unknown students and assignments, and submissions that do not count.
    """
    chosen = tuple(exercises) or _recognise_exercises(submissions, course)
    assignments = {h.assignment: _named(course, h.assignment) for h in submissions if h.assignment}
    if len(assignments) > 1 and not any(assignments.values()):
        raise UsageError(
            say(
                "holds several assignments, and none is called {id} or “{title}”: {found}; grade the "
                "folder of one of them",
                id=chosen[0].id,
                title=chosen[0].title,
                found=series(sorted(assignments)),
            )
        )
    best: dict[tuple[str, str], tuple[Person, Exercise, DownloadedSubmission]] = {}
    for submission, person in zip(submissions, roster.identify(submissions, note), strict=True):
        for exercise in _exercises_of(submission, assignments, course, chosen, note):
            before = best.get((person.id, exercise.id))
            if before is not None:
                if _precedence(submission, exercise) < _precedence(before[2], exercise):
                    note(_explain_replaced(before, submission))
                    continue
                note(_explain_replaced((person, exercise, submission), before[2]))
            best[person.id, exercise.id] = (person, exercise, submission)
    due, policy = due_dates(course), late_policy(course)
    planned = [
        Planned(p, e, h, judge(h.submitted, h.late, due.get(e.id), policy))
        for p, e, h in best.values()
    ]
    for exercise in chosen:
        judged = [p.lateness.note for p in planned if p.exercise is exercise]
        if judged and all(found == say(NO_TIMESTAMP) for found in judged):
            note(
                say(
                    "{exercise}: no submission has a timestamp, so all are treated as on time",
                    exercise=exercise.id,
                )
            )
    return planned


def _precedence(submission: DownloadedSubmission, exercise: Exercise) -> tuple[bool, datetime]:
    return _is_named_after(submission, exercise), submission.submitted or datetime.min.replace(
        tzinfo=UTC
    )


def _explain_replaced(
    counts: tuple[Person, Exercise, DownloadedSubmission], other: DownloadedSubmission
) -> str:
    """Which of two submissions does not count, and why."""
    person, exercise, submission = counts
    decided = True
    if _is_named_after(submission, exercise) != _is_named_after(other, exercise):
        reason = say("it is not named after {exercise}", exercise=exercise.id)
    elif submission.submitted and other.submitted:
        decided = other.submitted < submission.submitted
        reason = say("it is older") if decided else say("the timestamps are equal")
    elif submission.submitted:
        reason = say("it has no timestamp")
    else:
        decided = False
        reason = say(
            "neither has a timestamp; if this is wrong, remove the other from the download"
        )
    text = say(
        "{one}: does not count for {person} in {exercise}, {other} does: {reason}",
        one=other.origin or other.student,
        person=person.id,
        exercise=exercise.id,
        other=submission.origin or submission.student,
        reason=reason,
    )
    return text if decided else LeftOut(text)


def _is_named_after(submission: DownloadedSubmission, exercise: Exercise) -> bool:
    """Whether a file is named after the exercise."""
    return any(exercise_in(p.name) == exercise.id for p in submission.files)


def _recognise_exercises(
    submissions: Iterable[DownloadedSubmission], course: Course
) -> tuple[Exercise, ...]:
    held = list(submissions)
    named = [_named(course, name) for name in {h.assignment for h in held if h.assignment}]
    found = tuple(
        e for e in course.exercises if e in named or any(_is_named_after(h, e) for h in held)
    )
    if not found:
        ids = series(e.id for e in course.exercises)
        raise UsageError(
            say("no file is named after an exercise; name the exercise: {ids}", ids=ids)
        )
    return found


def _named(course: Course, assignment: str) -> Exercise | None:
    """The exercise that an assignment is called after: its number, its name or its title."""
    with contextlib.suppress(UsageError):
        return find_exercise(course, assignment)
    number, plain = exercise_in(assignment), normalised(assignment)
    fits = [e for e in course.exercises if e.id == number or normalised(e.title) == plain]
    return fits[0] if len(fits) == 1 else None


def _exercises_of(
    submission: DownloadedSubmission,
    assignments: Mapping[str, Exercise | None],
    course: Course,
    chosen: Sequence[Exercise],
    note: Callable[[str], None],
) -> Sequence[Exercise]:
    """The exercises that a submission is to be graded against."""
    if submission.assignment:
        if named := assignments[submission.assignment]:
            return [e for e in chosen if e.id == named.id]
        if len(chosen) != 1 or len(assignments) > 1:
            note(
                LeftOut(
                    say(
                        "{origin}: {assignment} is not an exercise of this course, skipped",
                        origin=submission.origin,
                        assignment=submission.assignment,
                    )
                )
            )
            return ()
    fitting = [e for e in chosen if _is_named_after(submission, e)]
    others = {exercise_in(p.name) for p in submission.files} & {e.id for e in course.exercises}
    if submission.layout == "flat" and others and not fitting:
        names = series(sorted(others))
        note(
            LeftOut(
                say(
                    "{origin}: is named after {names}, skipped",
                    origin=submission.origin,
                    names=names,
                )
            )
        )
        return ()
    return fitting or chosen


def read_contents(submission: DownloadedSubmission) -> Contents:
    """The source files and zips of a submission, by value. A file that cannot be read says why.

    Where there are none, the first other files say that they cannot be graded: the student did
    submit something.
    """
    sources = [p for p in sorted(submission.files) if p.suffix.lower() in SOURCES]
    contents: Contents = {}
    total = 0
    for path in sources:
        if len(contents) >= MAX_FILES or total > MAX_TOTAL:
            contents[str(path)] = say(
                "{path}: left out: there are too many files, or they are too large", path=path
            )
            break
        try:
            data = submission.files[path].read()
        except SubmissionError as error:
            contents[str(path)] = str(error)
            continue
        total += len(data)
        contents[str(path)] = data
    for path in [] if sources else sorted(submission.files)[:MAX_NAMED]:
        contents[str(path)] = say("{path}: is not a .py, .ipynb or .zip file", path=path)
    return contents


def make_task(
    contents: Contents,
    exercise: Exercise,
    bundle: str,
    exercise_hash: str,
    *,
    explain: bool = False,
) -> Task:
    """The task of grading files against an exercise. It holds those that decide how it is graded."""
    contents = deciding_files(contents, exercise)
    content_hash = digest_files(
        {
            name: b"+" + data if isinstance(data, bytes) else b"-" + data.encode("utf-8", "replace")
            for name, data in contents.items()
        }
    )
    key = result_key(content_hash, exercise.id, exercise_hash, explain=explain)
    return Task(key, exercise.id, bundle, content_hash, contents, explain)


def result_key(
    content_hash: str, exercise_id: str, exercise_hash: str, *, explain: bool = False
) -> str:
    """The key of the result that this grader has, or will have, for these files."""
    parts = [content_hash, exercise_id, exercise_hash, grader.__version__, grader_digest()]
    parts += ["explained"] * explain  # a result without an explanation is another result
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def make_tasks(
    planned: Iterable[Planned], bundle: str, hashes: dict[str, str], *, explain: bool = False
) -> Iterator[tuple[Planned, Task]]:
    """Each planned submission with its task. Files are read one submission at a time, on demand."""
    for one in planned:
        contents = read_contents(one.submission)
        hash_ = hashes[one.exercise.id]
        yield one, make_task(contents, one.exercise, bundle, hash_, explain=explain)
