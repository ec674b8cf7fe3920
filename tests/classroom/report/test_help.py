"""Who may need help, and why."""

from __future__ import annotations

import pytest

from grader.classroom.gradebook.grades import NOTHING, grade_of
from grader.classroom.report.help import who_may_need_help

EXERCISES = ("ex01", "ex02", "ex03", "ex04")


def grade(student, exercise, score, **about):
    """A grade of ten points; no score where it could not be graded."""
    outcome = "ungraded" if score is None else "failed"
    who = {"key": student, "name": student.title(), "email": "", "last": "", "exercise": exercise}
    row = {**NOTHING, **who, "outcome": outcome, "score": score, "max_score": 10.0}
    return grade_of({**row, "submission": f"{student}{exercise}", **about}, [], {})


def concerns(scores, attempts=None):
    """Key and reasons of those who may need help; `scores` has each student's, by exercise."""
    grades = {
        who: [grade(who, e, s) for e, s in zip(EXERCISES, own, strict=False) if s != "-"]
        for who, own in scores.items()
    }
    students = [(who, who.title()) for who in scores]
    found = who_may_need_help(
        students, {who: own for who, own in grades.items() if own}, EXERCISES, attempts or {}
    )
    return [(c.student, c.reasons) for c in found]


CLASS = {"ada": (10, 9, 8, 10), "ben": (10, 10, 10, 9), "cy": (9, 9, 9, 9)}


def test_nobody():
    """Who hands in and gets half of the points needs no help; one bad day is no reason."""
    assert concerns(CLASS) == []
    assert concerns({**CLASS, "dan": (2, 2, 9, 2)}) == []
    assert concerns({**CLASS, "dan": (9, 9, 9, "-")}) == []


def test_nothing_handed_in_comes_first():
    """Those of whom nothing is known, then those who stopped, then those who are stuck."""
    found = concerns({**CLASS, "dan": (9, 9, 3, 2), "eve": (9, 9, "-", "-"), "fay": ("-",) * 4})
    assert found == [
        ("fay", ("nothing handed in",)),
        ("eve", ("nothing handed in since ex02",)),
        ("dan", ("30 % in ex03 and 20 % in ex04",)),
    ]


def test_an_exercise_that_few_handed_in_yet_is_no_reason():
    """Only what at least half of the class handed in counts as missing."""
    scores = {who: (*own[:2], "-", "-") for who, own in CLASS.items()}
    assert concerns({**scores, "dan": (10, 10, 10, 10)}) == []


def test_many_attempts():
    """Three hand-ins without half of the points are a reason; with half of them they are none."""
    tries = {("ada", "ex03"): 4, ("dan", "ex02"): 3}
    assert concerns({**CLASS, "dan": (9, 4, 9, 9)}, tries) == [
        ("dan", ("3 hand-ins to ex02, 40 %",))
    ]


@pytest.mark.parametrize("score", [None, 10])
def test_what_is_not_graded_is_no_reason(score):
    """A submission that could not be graded says nothing about its student."""
    assert concerns({**CLASS, "dan": (score, score, score, score)}) == []
