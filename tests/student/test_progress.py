"""What is recorded of a student's progress, and how it is shown."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workspaces import solve

from grader.course.loader import find_course, find_exercise
from grader.model import CheckResult, Confinement, Outcome, Report
from grader.student.overview import bar, overview
from grader.student.progress import (
    has_changed,
    read_progress,
    record_result,
    with_prerequisite_note,
)


def report(exercise, outcome=Outcome.PASSED):
    """A report of one check."""
    passed = outcome is Outcome.PASSED
    check = CheckResult(
        "test_a", "A.", outcome, float(passed), 1.0, message="" if passed else "No."
    )
    return Report(exercise.id, exercise.title, exercise.file, (check,), Confinement(), "1")


@pytest.fixture
def course(workspace, monkeypatch):
    """The course of a new workspace, which is the current folder."""
    monkeypatch.chdir(workspace)
    return find_course(workspace)


def test_the_day_on_which_it_was_done(course):
    """It is the first day with full marks, and gone when the marks are."""
    exercise = find_exercise(course, "ex01")
    record_result(course, exercise, None, report(exercise))
    today = datetime.date.today().isoformat()
    assert read_progress(course)["ex01"].when == today
    assert f"         done on {today}" in overview(course, course.root.parent, 80)
    record_result(course, exercise, None, report(exercise, Outcome.FAILED))
    assert read_progress(course)["ex01"].when == ""


def test_a_file_that_has_changed_since(course):
    """Points of an older version of a file are said to be so, in the overview and in notes."""
    exercise, later = find_exercise(course, "ex04"), find_exercise(course, "ex09")
    record_result(course, exercise, None, report(exercise, Outcome.FAILED))
    assert not has_changed(course, exercise, read_progress(course)["ex04"])
    solve(course.root.parent)
    assert has_changed(course, exercise, read_progress(course)["ex04"])
    said = " ".join(" ".join(overview(course, course.root.parent, 80)).split())
    assert "next: A.; the file has changed since" in said
    [note] = with_prerequisite_note(course, later, None, report(later, Outcome.FAILED)).notes
    assert "ex04 (0 of 1 points there, and its file has changed since)" in note
    assert "ex02, ex03, ex05, ex06, ex07, ex08 (not checked yet)" in note


@given(st.floats(0, 1), st.integers(2, 40))
def test_a_bar(share, width):
    """A bar has its width, is empty only at 0, and full only at 1."""
    drawn = bar(share, width)
    assert len(drawn) == width
    assert ("█" in drawn) == (share > 0)
    assert ("░" not in drawn) == (share == 1)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_overview_fits(course, width):
    """No line is too long; bars only where there is room for them."""
    lines = overview(course, course.root.parent, width)
    assert max(map(len, lines)) <= width
    assert any("ex01" in line and "░" in line for line in lines) == (width > 60)
