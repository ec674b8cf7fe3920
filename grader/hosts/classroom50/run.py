"""Grades the student's checkout, which is the current folder, and writes what the host reads.

Run on the host by `autograder.py`. It ends with 0 whenever it graded, whatever the points.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from grader.course.loader import find_course
from grader.errors import GraderError, InternalError
from grader.files import replace_file
from grader.hosts.github import with_repository_paths
from grader.render import classroom50, github
from grader.sandbox.launch import Server
from grader.student.grade import grade

FACTS = ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL")
TAG = re.compile(r"submit/(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z-")


def main(course: Path) -> None:
    """Grade all exercises of `course`, print the report, and write the host's files.

    Raises `InternalError` where it could not grade: then there is no result.
    """
    environ = os.environ
    about = facts(environ)
    with Server() as server:
        found = find_course(Path(), course)
        reports = grade(found, found.exercises, [Path()], server=server)
    reports = with_repository_paths(reports, environ)
    print(github.render(reports), flush=True)
    if any(report.outcome == "ungraded" for report in reports):
        raise InternalError("some checks could not be run, so there is no grade")
    value = classroom50.result(reports, about)
    named = [replace(report, submission=about["submission"]) for report in reports]
    replace_file(Path("release-body.md"), classroom50.body(named))
    replace_file(Path("result.json"), json.dumps(value, indent=2) + "\n")
    if environ.get("GITHUB_OUTPUT"):
        with Path(environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
            file.write("".join(f"{k}={v}\n" for k, v in classroom50.outputs(value).items()))


def facts(environ: Mapping[str, str]) -> dict[str, str]:
    """What the host says of the submission, by the keys of `result.json`.

    Raises `InternalError` for a variable that is not set.
    """
    for name in FACTS:
        if not environ.get(name):
            raise InternalError(f"${name} is not set: this is run by Classroom 50's runner")
    return {
        "classroom": environ["CLASSROOM"],
        "assignment": environ["ASSIGNMENT"],
        "submission": environ["SUBMISSION_TAG"],
        "commit": environ["COMMIT_URL"],
        "release": environ["RELEASE_URL"],
        "review": environ.get("REVIEW_URL") or environ["COMMIT_URL"],
        "datetime": submitted(environ).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def submitted(environ: Mapping[str, str]) -> datetime:
    """When the graded commit was made; else the time in the submission's tag.

    Raises `InternalError` if neither says it: the clock would give another answer at every regrade.
    """
    commit = environ.get("GITHUB_SHA") or "HEAD"
    command = ["git", "-c", "safe.directory=*", "log", "-1", "--format=%cI", commit, "--"]
    try:
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
        return datetime.fromisoformat(done.stdout.strip()).astimezone(UTC)
    except (OSError, subprocess.CalledProcessError, ValueError):
        found = TAG.match(environ["SUBMISSION_TAG"])
    if found is None:
        raise InternalError("neither git nor the submission's tag says when it was submitted")
    day, *clock = found.groups()
    return datetime.fromisoformat(f"{day}T{':'.join(clock)}+00:00")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except GraderError as error:  # the author's or our own fault
        sys.exit(f"grade: {error}")
