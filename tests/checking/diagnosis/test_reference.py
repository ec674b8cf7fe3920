"""A reference or a catalogue of misconceptions that is missing or broken."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from grader.checking.diagnosis.reference import importable
from grader.checking.run.session import Job, run_jobs
from grader.course.loader import find_course, find_exercise

ROOT = Path(__file__).resolve().parents[3]
CASES = ROOT / "tests" / "cases"
RIGHT = CASES / "right" / "submission" / "ex01_line.py"


def test_missing_reference(small, grade):
    """A course whose reference solution is missing names the file that should be there."""
    small.solution.unlink()
    result = grade("ex01", RIGHT, cwd=small.root)
    assert result.code == 3
    assert f"{small.solution}: the reference solution is missing" in result.complaint


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("def mean", "def mean_", "has no function mean, which exercise.toml declares"),
        ("import numpy as np", "import nump as np", "cannot be loaded: ModuleNotFoundError"),
        ("import numpy as np", "import numpy as", "cannot be loaded: SyntaxError"),
    ],
)
def test_broken_reference(old, new, words, small, grade):
    """A reference that does not load, or lacks a function, is the author's mistake."""
    small.edit(small.solution, old, new)
    result = grade("ex01", RIGHT, cwd=small.root)
    assert result.code == 3
    assert words in result.complaint
    assert str(small.solution) in result.complaint


def test_broken_misconceptions(small, grade):
    """A catalogue that does not load stops grading as soon as it is needed."""
    (small.exercise / "misconceptions.py").write_text("raise ValueError('broken')")
    wrong = CASES / "wrong_value" / "submission" / "ex01_line.py"
    result = grade("ex01", wrong, cwd=small.root)
    assert result.code == 3
    assert "misconceptions.py: cannot be loaded: ValueError: broken" in result.complaint


def test_a_reference_can_be_imported_after_its_exercise_was_graded():
    """What pytest makes of the folder of an exercise does not hide the reference of the same name."""
    course = find_course(ROOT)
    exercise = find_exercise(course, "ex02")
    run_jobs(course, [exercise], [Job(exercise, refused="nobody's")], lambda *_: None)
    with importable(course.solutions):
        module = importlib.import_module("ex02_activations")
    assert module.__file__ == str(course.solutions / exercise.file)
