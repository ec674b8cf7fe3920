"""What people judge besides the checks, as `course.toml` declares it.

[rubric.ex04]
names = { points = 2, title = "Readable names" }
report = { points = 4, title = "The report explains what was tried" }
"""

from __future__ import annotations

from typing import NamedTuple

from grader.course.loader import COURSE_FILE
from grader.errors import ExerciseError
from grader.language import say
from grader.model import Course


class Criterion(NamedTuple):
    """A line of a rubric."""

    name: str
    title: str
    points: float


def rubrics(course: Course) -> dict[str, list[Criterion]]:
    """The criteria of each exercise that has a rubric, by its short name.

    Raises `ExerciseError` for what makes no sense.
    """
    where = f"{course.root / COURSE_FILE}: rubric"
    known = {name: e.id for e in course.exercises for name in (e.id, e.name)}
    found = {}
    for exercise, table in course.rubric.items():
        if exercise not in known:
            raise ExerciseError(
                say("{where}.{exercise}: no such exercise", where=where, exercise=exercise)
            )
        if not isinstance(table, dict):
            raise ExerciseError(
                say(
                    '{where}.{exercise}: write name = {{ points = 2, title = "…" }}',
                    where=where,
                    exercise=exercise,
                )
            )
        found[known[exercise]] = [
            _criterion(f"{where}.{exercise}.{name}", name, value) for name, value in table.items()
        ]
    return found


def _criterion(where: str, name: str, value: object) -> Criterion:
    held = value if isinstance(value, dict) else {}
    points, title = held.get("points"), held.get("title", name)
    most = 0.0
    if isinstance(points, int | float) and not isinstance(points, bool):
        most = float(points)
    if not 0 < most <= 1000 or not isinstance(title, str) or set(held) - {"points", "title"}:
        raise ExerciseError(
            say(
                '{where}: write {{ points = 2, title = "…" }}, with points above 0 and at most 1000',
                where=where,
            )
        )
    return Criterion(name, title, most)
