"""What a machine says about a fixed set of submissions, as JSON: `test_machines.py` compares machines.

    python tests/machines.py        with what a student installs, and nothing else

Graded are the examples, the reference and three mechanical mutants of each exercise that trains no
network, against the course and against the released workspace with its recorded answers. Variables of
NumPy and of its libraries hold for the students' processes, too, which otherwise see none.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from grader.sandbox import guarantees  # noqa: E402 - found only from here on

PASSED_ON = ("NPY_DISABLE_CPU_FEATURES", "OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE")
guarantees.CLEAN_ENVIRONMENT.update({n: os.environ[n] for n in PASSED_ON if n in os.environ})

import numpy as np  # noqa: E402
from mutants import mutants_of, sample  # noqa: E402

from grader.checking.run.session import Job, run_jobs  # noqa: E402
from grader.course.loader import find_course, find_exercise  # noqa: E402
from grader.intake.submission import read_submission  # noqa: E402
from grader.model import Report  # noqa: E402
from grader.sandbox.launch import Server  # noqa: E402

COURSES = {"course": ROOT / "exercises", "released": ROOT / "student_template" / "exercises"}
EXERCISES = [f"ex{number:02d}" for number in range(1, 8)]
WRONG_IN_EACH = 3


def submissions(folder: Path) -> Iterator[tuple[str, str, Path]]:
    """Exercise, name and file of each submission; those that must be written are written to `folder`."""
    for path in sorted((ROOT / "examples").iterdir()):
        yield "ex04", path.name, path
    for exercise in EXERCISES:
        (reference,) = (ROOT / "solutions").glob(f"{exercise}_*.py")
        yield exercise, "reference", reference
        for number, mutant in enumerate(sample(mutants_of(exercise), WRONG_IN_EACH, seed=19)):
            path = folder / f"{exercise}-{number}" / reference.name
            path.parent.mkdir()
            for other in (ROOT / "solutions").glob("*.py"):  # some use what they wrote before
                (path.parent / other.name).write_bytes(other.read_bytes())
            path.write_text(mutant.source, "utf-8")
            yield exercise, f"{mutant.function}: {mutant.mutation}", path


def verdict(report: Report) -> Any:
    """What must be the same everywhere."""
    checks = [[c.name, str(c.outcome), c.score, c.misconception] for c in report.checks]
    return [report.outcome, report.score, list(report.problems), checks]


def main() -> None:
    """Grade everything, and print the verdicts by course, exercise and submission."""
    verdicts: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name, Server() as server:
        every = list(submissions(Path(name)))
        for which, where in COURSES.items():
            course = find_course(where, where)
            for exercise in (find_exercise(course, one) for one in EXERCISES):
                mine = [(what, path) for id_, what, path in every if id_ == exercise.id]
                jobs = [
                    Job(exercise, replace(read_submission(path, exercise), label=what))
                    for what, path in mine
                ]

                def keep(job: Job, report: Report, which: str = which) -> None:
                    key = f"{which} {job.exercise.id} {report.submission}"
                    verdicts[key] = verdict(report)

                run_jobs(course, [exercise], jobs, keep, server=server)
    print(json.dumps({"numpy": np.__version__, "verdicts": verdicts}))


if __name__ == "__main__":
    main()
