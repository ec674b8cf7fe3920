"""Due dates, and what it costs to miss them, as `course.toml` declares them.

[due]
ex04 = 2026-10-14T23:59:00+02:00

[late]
grace_minutes = 15           # until then a submission is on time; 0 by default
percent_per_day = 10         # of what was earned, for each day that has begun; 0 by default
at_most_percent = 50         # the most that lateness costs; 100 by default
free_days = 3                # days of a student that cost nothing, in the whole course; 0 by default
timezone = "Europe/Berlin"   # of the calendar, and of due dates without an offset; UTC by default

A day is a day of the calendar in this zone: what is due at 23:59 is one day late until 23:59 of the next
day, whether clocks are changed in between or not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from grader.course.loader import COURSE_FILE
from grader.errors import ExerciseError, UsageError
from grader.language import say, series
from grader.model import Course

KEYS = ("grace_minutes", "percent_per_day", "at_most_percent", "free_days", "timezone")


@dataclass(frozen=True, slots=True)
class LatePolicy:
    """What lateness costs, wherever a submission comes from.

    Attributes:
        grace_minutes: until then a submission is on time.
        per_day: the share of the points that each day begun costs, from 0 to 1.
        at_most: the largest share that lateness can cost, from 0 to 1.
        zone: the name of the zone in whose calendar days are counted.
        free_days: how many late days of a student cost nothing, in the whole course.
    """

    grace_minutes: float = 0.0
    per_day: float = 0.0
    at_most: float = 1.0
    zone: str = "UTC"
    free_days: int = 0

    def price(self, days: int) -> float:
        """The share of the points that `days` begun days cost."""
        return min(self.at_most, days * self.per_day)


def lateness(policy: LatePolicy, due: datetime, submitted: datetime) -> timedelta:
    """How much time passed after the due date; zero within the grace period.

    Python subtracts two times of one zone by their clocks, so that an hour is lost or won where these are
    changed between them; in UTC it is the time that has passed. Raises ValueError for a time without a zone.

    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> due = datetime(2026, 10, 24, 23, 59, tzinfo=berlin)  # the clocks go back in the night
    >>> str(lateness(LatePolicy(), due, datetime(2026, 10, 25, 4, 59, tzinfo=berlin)))
    '6:00:00'
    """
    late = _utc(submitted) - _utc(due)
    return late if late > timedelta(minutes=policy.grace_minutes) else timedelta()


def late_days(policy: LatePolicy, due: datetime, submitted: datetime) -> int:
    """How many days of the calendar have begun since the due date; 0 within the grace period.

    >>> policy = LatePolicy(zone="Europe/Berlin")
    >>> due = datetime(2026, 10, 24, 21, 59, tzinfo=UTC)  # 23:59 there; the clocks go back in the night
    >>> late_days(policy, due, datetime(2026, 10, 25, 22, 59, tzinfo=UTC))  # the next day, 23:59
    1
    """
    if not lateness(policy, due, submitted):
        return 0
    days = max(1, (_utc(submitted) - _utc(due)).days - 1)
    while days_after(policy, due, days) < _utc(submitted):
        days += 1
    return days


def days_after(policy: LatePolicy, due: datetime, days: int) -> datetime:
    """When clocks show the same again, so many days later; where they show it twice, or never, it is the
    later moment."""
    zone = zone_called(policy.zone)
    then = due.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    return max(_utc(then.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))


def penalty(policy: LatePolicy, due: datetime, submitted: datetime) -> float:
    """The share of the points that a submission loses, from 0 to 1.

    >>> due = datetime(2026, 10, 14, 12, tzinfo=UTC)
    >>> penalty(LatePolicy(per_day=0.1), due, due + timedelta(hours=25))
    0.2
    """
    return policy.price(late_days(policy, due, submitted))


def late_policy(course: Course) -> LatePolicy:
    """The policy that `[late]` declares. Raises `ExerciseError` where it makes no sense."""
    where = f"{course.root / COURSE_FILE}"
    for key in course.late:
        if key not in KEYS:
            raise ExerciseError(
                say(
                    "{where}: late.{key} is not a key; known: {known}",
                    where=where,
                    key=key,
                    known=series(KEYS),
                )
            )
    time_zone(course)
    free = _number(course, "free_days", 0.0, 1000.0)
    if free != int(free):
        raise ExerciseError(say("{where}: late.free_days must be a whole number", where=where))
    return LatePolicy(
        grace_minutes=_number(course, "grace_minutes", 0.0, math.inf),
        per_day=_number(course, "percent_per_day", 0.0, 100.0) / 100,
        at_most=_number(course, "at_most_percent", 100.0, 100.0) / 100,
        zone=str(course.late.get("timezone", "UTC")),
        free_days=int(free),
    )


def due_dates(course: Course) -> dict[str, datetime]:
    """When each exercise is due, by its short name. Raises `ExerciseError` for what is no date."""
    where = f"{course.root / COURSE_FILE}"
    known = {name: e.id for e in course.exercises for name in (e.id, e.name)}
    due = {}
    for name, value in course.due.items():
        if name not in known:
            raise ExerciseError(
                say("{where}: due.{name}: no such exercise", where=where, name=name)
            )
        due[known[name]] = _moment(value, time_zone(course), f"{where}: due.{name}")
    return due


def time_zone(course: Course) -> tzinfo:
    """The course's time zone. Raises `ExerciseError` if nobody knows it."""
    name = course.late.get("timezone", "UTC")
    try:
        return zone_called(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        where = course.root / COURSE_FILE
        raise ExerciseError(
            say("{where}: late.timezone: no time zone is called {name!r}", where=where, name=name)
        ) from None


def zone_called(name: str) -> tzinfo:
    """A time zone. Raises what `ZoneInfo` raises for an unknown name."""
    return UTC if name == "UTC" else ZoneInfo(name)


def moment(course: Course, text: str) -> datetime:
    """A moment that somebody typed: a date, which means until its end, or a time, in the course's zone
    unless it has an offset. Raises `UsageError` for anything else."""
    try:
        value = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            say("{text}: write a date or a time, such as 2026-10-20T23:59", text=text)
        ) from None
    try:
        return _moment(value, time_zone(course), text)
    except ExerciseError as error:
        raise UsageError(str(error)) from None


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC)


def _number(course: Course, key: str, default: float, most: float) -> float:
    value = course.late.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        where = course.root / COURSE_FILE
        if math.isfinite(most):
            message = say(
                "{where}: late.{key} must be a number from 0 to {most:g}",
                where=where,
                key=key,
                most=most,
            )
        else:
            message = say(
                "{where}: late.{key} must be a number of at least 0", where=where, key=key
            )
        raise ExerciseError(message)
    return float(value)


def _moment(value: Any, zone: tzinfo, where: str) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else _on_the_clock(value, zone, where)
    if isinstance(value, date):  # due on a day means until its end
        return datetime.combine(value, time(23, 59, 59, fold=1), zone)
    raise ExerciseError(
        say("{where}: write a date or a time, such as 2026-10-14T23:59:00+02:00", where=where)
    )


def _on_the_clock(value: datetime, zone: tzinfo, where: str) -> datetime:
    """The moment at which clocks in `zone` show `value`; refused if they do so twice, or never."""
    first, second = (value.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        raise ExerciseError(
            say(
                "{where}: clocks in {zone} are changed then, and show {moment} twice or never; write "
                "the time with its offset, such as {time}+02:00",
                where=where,
                zone=zone,
                moment=value,
                time=value.isoformat(),
            )
        )
    return first
