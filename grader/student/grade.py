"""Grades submissions that are named one by one: reads them, runs the checks, returns reports."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from grader.checking.run.session import Job, OnCheck, run_jobs
from grader.errors import SubmissionError, UsageError
from grader.intake.submission import read_submission
from grader.language import say
from grader.model import Course, Exercise, Report
from grader.sandbox.launch import Server
from grader.student.workspace import exercise_file


def grade(
    course: Course,
    exercises: Sequence[Exercise],
    paths: Sequence[Path],
    *,
    keyword: str = "",
    seed: int = 0,
    server: Server | None = None,
    debug: bool = False,
    on_check: OnCheck | None = None,
    explain: bool = True,
) -> list[Report]:
    """Grade each submission against each of `exercises`, in order.

    Args:
        course: the course.
        exercises: the exercises to grade.
        paths: the submissions; with none, the exercise's file in the current folder.
        keyword: which checks to run, as pytest's `-k`.
        seed: changes every check's random inputs.
        server: the process that student processes are forked from.
        debug: run the student's code in this process, without isolation, so that a debugger works.
        on_check: called before each check with the progress.
        explain: also look for the line of a mistake, after the points are known.

    A submission that cannot be read gets a report, too: every check ends with the reason.
    """
    if seed and course.solutions is None:
        raise UsageError(say("--seed needs the course's solutions, which this copy does not have"))
    wanted: Sequence[Path | None] = paths or [None]
    several = len(exercises) > 1  # then a missing file is a result, not an error
    reports: list[Report] = []
    with ExitStack() as stack:
        if debug:
            from grader.student.debug import imports_forgotten

            stack.enter_context(imports_forgotten())
        jobs = [
            make_job(e, path, debug=debug, missing=several, explain=explain)
            for path in wanted
            for e in exercises
        ]
        run_jobs(
            course,
            exercises,
            jobs,
            lambda _, report: reports.append(report),
            keyword=keyword,
            seed=seed,
            server=server,
            on_check=on_check,
        )
    return reports


def submitted_texts(exercises: Sequence[Exercise], paths: Sequence[Path]) -> list[dict[str, str]]:
    """The texts of each submission, by file or cell, in the order of the reports of `grade`; nothing of
    those that cannot be read."""
    wanted: Sequence[Path | None] = paths or [None]
    jobs = (make_job(e, path, missing=True) for path in wanted for e in exercises)
    return [job.submission.texts if job.submission else {} for job in jobs]


def make_job(
    exercise: Exercise,
    path: Path | None,
    *,
    debug: bool = False,
    missing: bool = False,
    explain: bool = False,
) -> Job:
    """A job for the submission at `path`, even if it cannot be read.

    Without a `path` it is the exercise's file in the current folder. If it may be `missing`, the job
    reports that; otherwise a missing file raises `UsageError`.
    """
    if path is None and missing and exercise_file(exercise, Path()) is None:
        return Job(
            exercise, refused=say("{file} is missing", file=exercise.file), label=exercise.file
        )
    path = path if path is not None else default_submission(exercise, Path())
    try:
        submission = read_submission(path, exercise)
    except SubmissionError as error:
        return Job(exercise, refused=str(error), label=str(path))
    if debug:
        from grader.student.debug import load_in_process

        return Job(exercise, code=load_in_process(submission, exercise), label=str(path))
    return Job(exercise, submission=submission, label=str(path), explain=explain)


def default_submission(exercise: Exercise, folder: Path) -> Path:
    """The exercise's file in `folder`, a script or a notebook. Raises `UsageError` if there is none."""
    found = exercise_file(exercise, folder)
    if found is not None:
        return found
    raise UsageError(
        say(
            "{file} is not in this folder. Name your submission: grade {exercise} path/to/{file}",
            file=exercise.file,
            exercise=exercise.id,
        )
    )
