"""Walks the course: begins at the first exercise that is not done, and goes on when it is."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from grader.checking.run.session import OnCheck
from grader.course.hints import short_path
from grader.errors import UsageError
from grader.language import say
from grader.model import Course, Exercise, Report
from grader.sandbox.launch import Server
from grader.student.progress import Progress, next_exercise, read_progress, record_result
from grader.student.watch import Act, watch
from grader.student.workspace import exercise_file, workspace_folder


class Screen(Protocol):
    """What a walk shows, and the keys that it obeys."""

    def begin(self, exercise: Exercise) -> None:
        """An exercise begins."""

    def checked(self, exercise: Exercise, report: Report) -> None:
        """It was checked, and is not done."""

    def done(self, exercise: Exercise, report: Report) -> None:
        """It is done."""

    def act(self, exercise: Exercise, report: Report | None) -> Act:
        """Obey a key, if one was pressed; what `watch` does next."""

    def end(self) -> None:
        """All exercises are done."""


def walk(
    course: Course,
    screen: Screen,
    *,
    server: Server | None = None,
    on_check: OnCheck | None = None,
) -> bool:
    """Watch one exercise after the other until all are done, or the student quits.

    Returns whether all are done. Raises `UsageError` if the course is no student's workspace.
    """
    folder = workspace_folder(course)
    if folder is None:
        raise UsageError(
            say(
                "grade watch needs a student's workspace; make one: grade init my-course. For one "
                "file: grade ex01 FILE --watch"
            )
        )
    passed: dict[str, Progress] = {}  # the record may not be writable
    while exercise := next_exercise(course, {**read_progress(course), **passed}):
        screen.begin(exercise)
        report = _until_done(course, exercise, folder, screen, server, on_check)
        if report is None:
            return False
        screen.done(exercise, report)
        passed[exercise.id] = Progress(report.score, report.max_score, done=True)
    screen.end()
    return True


def _until_done(
    course: Course,
    exercise: Exercise,
    folder: Path,
    screen: Screen,
    server: Server | None,
    on_check: OnCheck | None,
) -> Report | None:
    """Watch an exercise; the report with which it is done, or None if the student quits."""
    file = exercise_file(exercise, folder) or folder / exercise.file
    path = Path(short_path(file, Path()))
    latest: list[Report] = []

    def is_done() -> bool:
        return bool(latest) and latest[-1].outcome == "passed"

    def on_report(report: Report, graded: bool) -> None:
        latest[:] = [report]
        if graded:
            record_result(course, exercise, path, report)
        if not is_done():
            screen.checked(exercise, report)

    def act() -> Act:
        return "stop" if is_done() else screen.act(exercise, latest[-1] if latest else None)

    watch(course, exercise, path, on_report, server=server, on_check=on_check, act=act)
    return latest[-1] if is_done() else None
