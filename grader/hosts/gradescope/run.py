"""Grades the submission on the host and writes the result. `supervise` starts it, and writes a result
if this process does not get that far."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from grader.course.bundle import open_bundle
from grader.course.loader import find_course, find_exercise
from grader.errors import GraderError
from grader.files import replace_file
from grader.hosts.gradescope.deduction import deduction
from grader.hosts.gradescope.paths import METADATA, RESULTS, SOURCE, SUBMISSION
from grader.hosts.gradescope.settings import loads
from grader.render import gradescope, terminal
from grader.sandbox.launch import Server
from grader.student.grade import grade


def main() -> None:
    """Grade, print the whole report for the instructor, and write results.json."""
    settings = loads((SOURCE / "settings.json").read_text(encoding="utf-8"))
    late = deduction(_metadata(), settings.late)
    with Server() as server:
        server.demand(settings.require)
        course = find_course(Path(), open_bundle(str(SOURCE / "course.zip")))
        exercises = [find_exercise(course, name) for name in settings.exercises]
        reports = grade(course, exercises, [_submission()], server=server)
    # Only instructors see the output of the autograder, hidden checks and all.
    print(terminal.render(reports, width=100, verbose=True), flush=True)
    remarks = [late.remark] if late.remark else []
    replace_file(
        RESULTS,
        gradescope.render(reports, factor=late.factor, remarks=remarks, hidden=settings.hidden),
    )


def _submission() -> Path:
    """The submission: a folder, or the only zip in it; an empty folder if there is none."""
    if not SUBMISSION.is_dir():
        empty = Path(tempfile.mkdtemp()) / SUBMISSION.name
        empty.mkdir()
        return empty
    files = [path for path in SUBMISSION.iterdir() if not path.name.startswith(".")]
    alone = files[0] if len(files) == 1 else None
    return alone if alone and alone.suffix.lower() == ".zip" else SUBMISSION


def _metadata() -> Any:
    try:
        return json.loads(METADATA.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


if __name__ == "__main__":
    try:
        main()
    except GraderError as error:  # the author's or our own fault
        sys.exit(f"grade: {error}")
