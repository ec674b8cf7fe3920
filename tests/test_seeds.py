"""No right solution is failed by chance: every reference and alternative, with many seeds.

NN_SEEDS=200 python -m pytest tests/test_seeds.py tries 200 seeds instead of the few of every run.
"""

import os
from pathlib import Path

import pytest

from grader.authoring.verify import right_submissions
from grader.checking.run.session import run_jobs
from grader.course.loader import find_course, find_exercise

ROOT = Path(__file__).resolve().parents[1]
FEW = {"ex08": 3, "ex09": 1, "ex10": 1}  # they train networks


@pytest.mark.parametrize("name", [f"ex{n:02d}" for n in range(1, 11)])
def test_right_solutions_pass_with_every_seed(name, server):
    """The reference and every alternative get full marks, whatever the random inputs are."""
    course = find_course(ROOT)
    exercise = find_exercise(course, name)
    count = int(os.environ.get("NN_SEEDS", FEW.get(name, 20)))
    failed = []
    for seed in range(1, count + 1):
        jobs = [job for job, _ in right_submissions(course, exercise)]

        def look(job, report, seed=seed):
            missed = [c.name for c in report.checks if c.outcome != "passed"]
            if missed:
                failed.append((seed, report.submission, missed))

        run_jobs(course, [exercise], jobs, look, seed=seed, server=server)
    assert failed == []
