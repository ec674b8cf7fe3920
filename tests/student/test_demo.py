"""`grade demo`: the student's own code at work."""

from __future__ import annotations

import shutil

import pytest
from workspaces import ROOT

from grader.course.loader import find_course
from grader.demos import Pictures
from grader.errors import ExerciseError, UsageError
from grader.student.demo import DEMO_FILE, run_demo

COURSE = find_course(ROOT)
DEMOS = [e for e in COURSE.exercises if (e.folder / DEMO_FILE).is_file()]


@pytest.mark.parametrize(
    "exercise",
    [pytest.param(e, marks=pytest.mark.slow if e.id == "ex15" else ()) for e in DEMOS],
    ids=lambda e: e.id,
)
def test_a_right_solution_has_something_to_show(exercise, server):
    """Each demo runs to its end with the reference, in the sandbox."""
    items = []
    assert run_demo(exercise, ROOT / "solutions" / exercise.file, items.append, server) == ""
    assert items


def test_the_network_reads_digits(grade, tmp_path):
    """`grade demo ex09` shows digits with the guess, and writes a page."""
    done = grade("demo", "ex09", "solutions", "-o", tmp_path / "page.html")
    assert done.code == 0
    assert "Digits that it has never seen: it reads 4" in " ".join(done.out.split())
    assert done.out.count("✓") > 10
    assert "<svg" in (tmp_path / "page.html").read_text("utf-8")


def test_mixed_pictures_in_dropout(server):
    """Every mask of ex06's demo is another one."""
    items = []
    exercise = next(e for e in DEMOS if e.id == "ex06")
    run_demo(exercise, ROOT / "solutions" / exercise.file, items.append, server)
    masks = [p for i in items if isinstance(i, Pictures) for p in i.pictures[:4]]
    assert len({m.tobytes() for m in masks[:4]}) == 4


def test_paths_through_the_valley(server):
    """Each optimiser of ex12's demo goes a way of its own, and far down."""
    items = []
    exercise = next(e for e in DEMOS if e.id == "ex12")
    run_demo(exercise, ROOT / "solutions" / exercise.file, items.append, server)
    pictures, heights = items
    assert len({p.tobytes() for p in pictures.pictures}) == 4
    assert len(heights.curves) == 4
    for curve in heights.curves.values():
        assert curve[-1] < -1 < 1 < curve[0]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            "def conv_forward(x, w, b, stride=1, pad=0):\n    raise NotImplementedError\n",
            "not written",
        ),
        (
            "def conv_forward(x, w, b, stride=1, pad=0):\n    return x[0, 0, 0, 0], 1\n",
            "cannot be shown",
        ),
        ("x = (\n", "cannot be loaded"),
    ],
)
def test_a_demo_of_unfinished_code(source, words, grade, tmp_path):
    """It stops with what is missing, and asks for the check: no traceback, no grade."""
    (tmp_path / "ex04_convolution.py").write_text(f"import numpy as np\n{source}", "utf-8")
    done = grade("demo", "ex04", tmp_path / "ex04_convolution.py")
    assert done.code == 1
    assert words in done.err
    assert "`grade ex04` says more." in done.err


def test_an_exercise_without_a_demo(small, server):
    """That is said; a demo that cannot be loaded is its author's error."""
    exercise = find_course(small.root).exercises[0]
    shutil.copy(ROOT / "tests/cases/right/submission/ex01_line.py", small.root)
    path = small.root / "ex01_line.py"
    with pytest.raises(UsageError, match="ex01 has no demo"):
        run_demo(exercise, path, print, server)
    for text, words in (("1 / 0", "ZeroDivisionError"), ("x = 1234", "has no function demo")):
        # Each of a length of its own, or bytecode of the same second would be taken for the other's.
        (exercise.folder / DEMO_FILE).write_text(text, "utf-8")
        with pytest.raises(ExerciseError, match=words):
            run_demo(exercise, path, print, server)
