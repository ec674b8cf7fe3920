"""What lateness costs each student, with extensions and free days: computed from what the gradebook knows,
so that it is the same after every regrade."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from grader.classroom.gradebook import Grade, Gradebook
from grader.classroom.lateness import Extension, judge, with_free_days
from grader.course.late import LatePolicy, due_dates, late_policy
from grader.model import Course

NEVER = datetime.max.replace(tzinfo=UTC)


def settle(book: Gradebook, course: Course, *, key: str = "") -> None:
    """Write what lateness costs the submissions that count; of one student, or of all.

    Free days go to the exercises in the order of their due dates, whenever they were submitted or graded.
    """
    due, policy = due_dates(course), late_policy(course)
    changes = []
    for _, grades in groupby(book.grades(key=key), lambda grade: grade.student):
        changes += _student(list(grades), due, policy)
    if changes:
        book.set_lateness(changes)


def _student(
    grades: list[Grade], due: Mapping[str, datetime], policy: LatePolicy
) -> list[tuple[str, str, dict[str, Any]]]:
    changes = []
    left = policy.free_days
    for grade in sorted(grades, key=lambda g: (due.get(g.exercise, NEVER), g.exercise)):
        if not grade.submission or grade.exercise not in due:
            continue
        more = Extension(grade.until, grade.extra_days) if grade.extended else None
        found = judge(grade.submitted, grade.marked_late, due[grade.exercise], policy, more)
        found = with_free_days(found, policy, left)
        left -= found.free
        values = {
            "late_seconds": found.seconds,
            "penalty": found.penalty,
            "late_days": found.days,
            "free_days": found.free,
        }
        if any(getattr(grade, name) != value for name, value in values.items()):
            changes.append((grade.student, grade.exercise, values))
    return changes
