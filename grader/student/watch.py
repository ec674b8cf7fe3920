"""Checks the submission again whenever it is saved; everything stays loaded in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from grader.checking.run.session import Job, OnCheck, run_jobs
from grader.language import say
from grader.model import Course, Exercise, Report
from grader.sandbox.launch import Server
from grader.student.grade import default_submission, make_job

Act = Literal["", "again", "stop"]  # nothing; check again; end

# Files are looked at so often: seldom enough to cost nothing, and a save still seems to answer at once.
TICK = 0.01  # seconds
# Within this time an editor has put the new file in the place of the old one.
REPLACE_SECONDS = 0.3
WATCHED = (".py", ".ipynb", ".zip")


def watch(
    course: Course,
    exercise: Exercise,
    path: Path | None,
    on_report: Callable[[Report, bool], None],
    *,
    keyword: str = "",
    server: Server | None = None,
    on_check: OnCheck | None = None,
    act: Callable[[], Act] = lambda: "",
) -> None:
    """Grade now, and after every change of the submission, until Ctrl-C or until `act` says so.

    `on_report` gets the report, and whether there was something to grade: a file may be missing for a
    moment, or half written. `act` is asked again and again while nothing is saved.
    """
    path = path if path is not None else default_submission(exercise, Path())
    run_jobs(
        course,
        [exercise],
        _jobs(exercise, path, act),
        lambda job, report: on_report(report, not job.refused),
        keyword=keyword,
        server=server,
        on_check=on_check,
    )


def _jobs(exercise: Exercise, path: Path, act: Callable[[], Act]) -> Iterator[Job]:
    folders = {p if p.is_dir() else p.parent for p in (path, path.resolve())}
    names = {exercise.name, path.stem, path.resolve().stem, *exercise.requires}

    def read() -> Job:
        if not path.exists():  # some editors replace the file: for a moment there is none
            time.sleep(REPLACE_SECONDS)
        if not path.exists():
            return Job(exercise, refused=_missing(exercise, path), label=path.name)
        job = make_job(exercise, path, explain=True)
        if job.submission is not None:
            names.update(m.name for m in job.submission.modules)
        return job

    saved = _saved(folders, names)
    job = read()
    saved = {**_saved(folders, names), **saved}  # it may need more files
    yield job
    while True:
        decided = act()
        if decided == "stop":
            return
        now = _saved(folders, names)
        if now != saved or decided == "again":
            while now != (now := _settled(folders, names)):
                pass
            job = read()
            saved = {**_saved(folders, names), **now}
            yield job
        else:
            time.sleep(TICK)


def _missing(exercise: Exercise, path: Path) -> str:
    if path.name == exercise.file:
        return say(
            "{file} is missing. Put it back, or write `grade reset {exercise}` for a new one: still watching.",
            file=path.name,
            exercise=exercise.id,
        )
    return say("{file} is missing. Put it back: still watching.", file=path.name)


def _settled(folders: set[Path], names: set[str]) -> dict[Path, tuple[int, int]]:
    """What is saved a moment later: an editor may write a file in several steps."""
    time.sleep(TICK)
    return _saved(folders, names)


def _saved(folders: set[Path], names: set[str]) -> dict[Path, tuple[int, int]]:
    """When the files that matter were saved, and how long they are."""
    found = {}
    for folder in folders:
        try:
            for file in folder.iterdir():
                if file.suffix in WATCHED and file.stem in names:
                    about = file.stat()
                    found[file] = about.st_mtime_ns, about.st_size
        except OSError:  # the folder or a file went away at this moment
            continue
    return found
