"""Checks the submission again whenever it is saved; everything stays loaded in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from grader.checking.run.session import Job, OnCheck, run_jobs
from grader.errors import UsageError
from grader.model import Course, Exercise, Report
from grader.sandbox.launch import Server
from grader.student.grade import default_submission, make_job

# Within this time an editor has put the new file in the place of the old one.
REPLACE_SECONDS = 0.3


def watch(
    course: Course,
    exercise: Exercise,
    path: Path | None,
    on_report: Callable[[Report, bool], None],
    *,
    keyword: str = "",
    server: Server | None = None,
    on_check: OnCheck | None = None,
) -> None:
    """Grade now, and after every change of the submission, until Ctrl-C.

    `on_report` gets the report, and whether there was something to grade: a file may be missing for a
    moment, or half written.

    Raises `UsageError` if the package `watchfiles` is not installed.
    """
    path = path if path is not None else default_submission(exercise, Path())
    run_jobs(
        course,
        [exercise],
        _jobs(exercise, path),
        lambda job, report: on_report(report, not job.refused),
        keyword=keyword,
        server=server,
        on_check=on_check,
    )


def _jobs(exercise: Exercise, path: Path) -> Iterator[Job]:
    try:
        import watchfiles
    except ImportError:
        raise UsageError("--watch needs one more package: pip install 'nn-grader[watch]'") from None
    folders = {p if p.is_dir() else p.parent for p in (path, path.resolve())}
    names = {exercise.name, path.stem, path.resolve().stem, *exercise.requires}

    def read() -> Job:
        job = make_job(exercise, path, explain=True)
        if job.submission is not None:
            names.update(m.name for m in job.submission.modules)
        return job

    def is_relevant(_: watchfiles.Change, changed: str) -> bool:
        file = Path(changed)
        return file.suffix in (".py", ".ipynb", ".zip") and file.stem in names

    yield read()
    changes = watchfiles.watch(
        *folders,
        watch_filter=is_relevant,
        debounce=60,
        step=8,
        recursive=False,
        raise_interrupt=True,
    )
    for _ in changes:
        if not path.exists():  # some editors replace the file: for a moment there is none
            time.sleep(REPLACE_SECONDS)
        if path.exists():
            yield read()
        else:
            yield Job(exercise, refused=f"{path.name} is missing. Put it back: still watching.")
