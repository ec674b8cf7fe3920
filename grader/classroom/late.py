"""What a late hand-in costs, as `course.toml` declares it.

[due]
ex04 = 2026-10-14T23:59:00+02:00

[late]
grace_minutes = 15     # up to here it is not late
percent_per_day = 10   # of what was earned, for each day that has begun
at_most_percent = 50   # but never more than this; 100 by default
timezone = "Europe/Berlin"   # of due dates written without an offset; UTC by default
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from grader.classroom.downloads import HandIn
from grader.course.loader import COURSE_FILE
from grader.errors import ExerciseError
from grader.model import Course

NO_TIME = "no time known"


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late a hand-in is, and the part of its points that this takes away, from 0 to 1."""

    seconds: float = 0.0
    penalty: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class LatePolicy:
    """The due dates of a course and the price of missing them."""

    due: dict[str, datetime]
    grace: timedelta = timedelta()
    per_day: float = 0.0
    at_most: float = 1.0

    def judge(self, handin: HandIn, exercise: str) -> Lateness:
        """How late `handin` is for `exercise`.

        The layout's time decides. A layout that only says that something came late makes it one
        day late; one that says nothing makes it punctual, and the note says so.
        """
        due = self.due.get(exercise)
        if handin.submitted is None:
            if handin.late:
                return Lateness(
                    0.0, self._price(1), "marked late, without a time: counted as a day"
                )
            return Lateness(note=NO_TIME if due and handin.late is None else "")
        if due is None or handin.submitted <= due + self.grace:
            return Lateness()
        seconds = (handin.submitted - due).total_seconds()
        return Lateness(seconds, self._price(math.ceil(seconds / 86400)))

    def _price(self, days: int) -> float:
        return min(self.at_most, days * self.per_day)


def late_policy(course: Course) -> LatePolicy:
    """The policy that `course.toml` declares. Raises `ExerciseError` where it makes no sense."""
    where = f"{course.root / COURSE_FILE}"
    table = dict(course.late)
    zone = _zone(table.pop("timezone", "UTC"), where)
    grace = _number(table, "grace_minutes", 0.0, math.inf, where)
    per_day = _number(table, "percent_per_day", 0.0, 100.0, where)
    at_most = _number(table, "at_most_percent", 100.0, 100.0, where)
    for key in table:
        raise ExerciseError(
            f"{where}: late.{key} is not a key; known: grace_minutes, percent_per_day, "
            "at_most_percent, timezone"
        )
    known = {e.id: e.id for e in course.exercises} | {e.name: e.id for e in course.exercises}
    due = {}
    for name, value in course.due.items():
        if name not in known:
            raise ExerciseError(f"{where}: due.{name}: no such exercise")
        due[known[name]] = _moment(value, zone, f"{where}: due.{name}")
    return LatePolicy(due, timedelta(minutes=grace), per_day / 100, at_most / 100)


def _zone(name: Any, where: str) -> tzinfo:
    try:
        return UTC if name == "UTC" else ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ExerciseError(f"{where}: late.timezone: no time zone is called {name!r}") from None


def _number(table: dict[str, Any], key: str, default: float, most: float, where: str) -> float:
    value = table.pop(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        limit = f" to {most:g}" if math.isfinite(most) else " on"
        raise ExerciseError(f"{where}: late.{key} must be a number from 0{limit}")
    return float(value)


def _moment(value: Any, zone: tzinfo, where: str) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, date):  # the whole day is still in time
        return datetime.combine(value, time(23, 59, 59), zone)
    raise ExerciseError(f"{where}: write a date or a time, such as 2026-10-14T23:59:00+02:00")
