"""What a student has reached in a workspace: recorded after each check of the student's own file."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from grader.files import replace_file
from grader.language import later, say, series
from grader.model import Course, Exercise, Outcome, Report
from grader.student.workspace import exercise_file, is_own, workspace_folder

RECORD = Path(".grade", "progress.json")
VERSION = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """The latest result of one exercise.

    Attributes:
        score, max_score: points.
        done: whether every check passed.
        first: what to look at first: a problem of the file, or the first check that did not pass.
        when: the day on which it was done, as 2026-11-27.
        digest: of the file that was checked; empty in a record of an earlier version.
    """

    score: float
    max_score: float
    done: bool
    first: str = ""
    when: str = ""
    digest: str = ""


def read_progress(course: Course) -> dict[str, Progress]:
    """The recorded progress by exercise; empty if there is no record, or it cannot be read."""
    folder = workspace_folder(course)
    if folder is None:
        return {}
    try:
        record: Any = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if record["version"] != VERSION:
            return {}
        return {name: Progress(**entry) for name, entry in record["exercises"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def record_result(
    course: Course, exercise: Exercise, path: Path | None, report: Report
) -> Exercise | None:
    """Record a report on the student's own file, and on no other; returns the next exercise if this one
    is done."""
    if not is_own(course, exercise, path):
        return None
    _write_result(course, exercise, report)
    if report.outcome != "passed" or report.selection:
        return None
    return next_exercise(course, read_progress(course))


def forget_result(course: Course, exercise: Exercise) -> None:
    """Forget what was reached in an exercise."""
    _write(course, {n: p for n, p in read_progress(course).items() if n != exercise.id})


def _write_result(course: Course, exercise: Exercise, report: Report) -> None:
    folder = workspace_folder(course)
    if folder is None or report.selection or report.outcome == "ungraded":
        return
    missed = [c.title for c in report.checks if c.outcome is not Outcome.PASSED]
    first = [*(p.partition("\n")[0] for p in report.problems), *missed, ""][0]
    known = read_progress(course)
    when = ""
    if not missed:
        before = known.get(exercise.id)
        when = before.when if before and before.when else datetime.date.today().isoformat()
    digest = _digest(exercise, folder)
    entry = Progress(report.score, report.max_score, not missed, first, when, digest)
    _write(course, {**known, exercise.id: entry})


def _write(course: Course, progress: Mapping[str, Progress]) -> None:
    """Write the record. It is not an error if it cannot be written."""
    folder = workspace_folder(course)
    if folder is None:
        return
    exercises = {name: asdict(entry) for name, entry in sorted(progress.items())}
    text = json.dumps({"version": VERSION, "exercises": exercises}, indent=1)
    with contextlib.suppress(OSError):
        replace_file(folder / RECORD, text + "\n")


def _digest(exercise: Exercise, folder: Path) -> str:
    """A digest of the exercise's file; empty if it cannot be read."""
    path = exercise_file(exercise, folder)
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path else ""
    except OSError:
        return ""


def has_changed(course: Course, exercise: Exercise, known: Progress) -> bool:
    """Whether the exercise's file is another one than was checked."""
    folder = workspace_folder(course)
    if folder is None or not known.digest:
        return False
    return _digest(exercise, folder) != known.digest


def next_exercise(course: Course, progress: Mapping[str, Progress]) -> Exercise | None:
    """The first exercise that is not done, but whose prerequisites are; else the first not done."""
    left = [e for e in course.exercises if not (e.id in progress and progress[e.id].done)]
    done = {e.name for e in course.exercises} - {e.name for e in left}
    ready = [e for e in left if done.issuperset(e.requires)]
    return next(iter(ready or left), None)


def with_prerequisite_note(
    course: Course, exercise: Exercise, path: Path | None, report: Report
) -> Report:
    """The report; if it did not pass, with a note on prerequisites that are not done: the mistake may be
    there."""
    if report.outcome == "passed" or not is_own(course, exercise, path):
        return report
    progress = read_progress(course)
    unchecked, not_done = [], []
    for other in (e for e in course.exercises if e.name in exercise.requires):
        known = progress.get(other.id)
        if known is None:
            unchecked.append(other.id)
        elif not known.done:
            message = (
                later(
                    "{exercise} ({score:g} of {all:g} points there, and its file has changed since)"
                )
                if has_changed(course, other, known)
                else later("{exercise} ({score:g} of {all:g} points there)")
            )
            not_done.append(say(message, exercise=other.id, score=known.score, all=known.max_score))
    if unchecked:
        not_done.append(say("{exercises} (not checked yet)", exercises=series(unchecked)))
    if not not_done:
        return report
    note = say(
        "{exercise} builds on {others}: a mistake there shows here, too.",
        exercise=exercise.id,
        others=series(not_done),
    )
    return replace(report, notes=(*report.notes, note))
