"""Due dates and the late policy, as a course declares them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from grader.course.late import LatePolicy, due_dates, late_policy, lateness, penalty, time_zone
from grader.course.loader import find_course
from grader.errors import ExerciseError

NOON = datetime(2026, 10, 14, 12, tzinfo=UTC)
POLICY = LatePolicy(grace_minutes=10, per_day=0.1, at_most=0.25)


def declared(small, due=(), **late):
    """The small course with these tables."""
    return replace(find_course(small.root), due=dict(due), late=late)


@pytest.mark.parametrize(
    ("submitted", "share"),
    [
        (datetime(2026, 10, 14, 11, tzinfo=UTC), 0.0),
        (datetime(2026, 10, 14, 12, 10, tzinfo=UTC), 0.0),
        (datetime(2026, 10, 14, 12, 11, tzinfo=UTC), 0.1),
        (datetime(2026, 10, 15, 12, 0, 1, tzinfo=UTC), 0.2),
        (datetime(2026, 12, 1, tzinfo=UTC), 0.25),
    ],
)
def test_penalty(submitted, share):
    """Days that have begun cost, up to the limit; the grace period costs nothing."""
    assert penalty(POLICY, NOON, submitted) == pytest.approx(share)


def test_lateness_counts_from_the_due_date():
    """After the grace period all of the time is late, not only what is beyond it."""
    assert lateness(POLICY, NOON, NOON + timedelta(minutes=10)) == timedelta()
    assert lateness(POLICY, NOON, NOON + timedelta(minutes=11)) == timedelta(minutes=11)


@pytest.mark.parametrize(
    ("zone", "due", "submitted", "hours", "share"),
    [  # clocks are set back in the first two, and forward in the others
        ("Europe/Berlin", "2026-10-24T23:59", "2026-10-25T22:59", 24, 0.1),
        ("America/New_York", "2026-10-31T23:59", "2026-11-01T23:00", 24 + 1 / 60, 0.2),
        ("Europe/Berlin", "2026-03-28T12:00", "2026-03-29T13:00", 24, 0.1),
        ("America/New_York", "2026-03-07T12:00", "2026-03-08T13:00", 24, 0.1),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T03:00", 1.5, 0.1),
    ],
)
def test_lateness_over_a_clock_change(zone, due, submitted, hours, share):
    """The time that has passed counts, not what clocks show, and also where both are of one zone."""
    place = ZoneInfo(zone)
    due, submitted = (datetime.fromisoformat(t).replace(tzinfo=place) for t in (due, submitted))
    assert lateness(POLICY, due, submitted) / timedelta(hours=1) == pytest.approx(hours)
    assert penalty(POLICY, due, submitted) == pytest.approx(share)


def test_a_time_without_a_zone_is_no_time():
    """It is not taken for the time of the machine."""
    for due, submitted in [(NOON, NOON.replace(tzinfo=None)), (NOON.replace(tzinfo=None), NOON)]:
        with pytest.raises(ValueError, match="has no time zone"):
            lateness(POLICY, due, submitted)


@pytest.mark.parametrize(
    ("zone", "when"),
    [
        ("Europe/Berlin", datetime(2026, 10, 25, 2, 30)),
        ("Europe/Berlin", datetime(2026, 3, 29, 2, 30)),
        ("America/New_York", datetime(2026, 11, 1, 1, 30)),
        ("America/New_York", datetime(2026, 3, 8, 2, 30)),
    ],
)
def test_a_due_date_that_clocks_show_twice_or_never(small, zone, when):
    """Nobody guesses which it is: the author writes the offset."""
    with pytest.raises(ExerciseError, match="twice or never; write the time with its offset"):
        due_dates(declared(small, {"ex01": when}, timezone=zone))
    exact = when.replace(tzinfo=UTC)
    assert due_dates(declared(small, {"ex01": exact}, timezone=zone)) == {"ex01": exact}


def test_a_day_ends_when_it_is_over(small):
    """Where clocks go back at midnight the last hour of a day comes twice: the second time counts."""
    found = due_dates(declared(small, {"ex01": date(2026, 10, 24)}, timezone="Asia/Beirut"))["ex01"]
    assert found.astimezone(UTC) == datetime(2026, 10, 24, 21, 59, 59, tzinfo=UTC)


def test_the_zone_of_due_dates(small):
    """A due date without an offset is in the zone that is declared."""
    due = {"ex01_line": datetime(2026, 10, 14, 12)}
    found = due_dates(declared(small, due, timezone="America/New_York"))["ex01"]
    assert found.astimezone(UTC) == datetime(2026, 10, 14, 16, tzinfo=UTC)
    assert time_zone(declared(small)) is UTC


@pytest.mark.parametrize(
    ("due", "late", "reason"),
    [
        ({"ex77": NOON}, {}, "no such exercise"),
        ({"ex01": "soon"}, {}, "write a date"),
        ({}, {"per_day": 3}, "late.per_day"),
        ({}, {"percent_per_day": 300}, "from 0 to 100"),
        ({}, {"percent_per_day": True}, "from 0 to 100"),
        ({}, {"grace_minutes": -1}, "at least 0"),
        ({}, {"timezone": "Mars/Olympus"}, "no time zone"),
    ],
)
def test_wrong_declarations(small, due, late, reason):
    """What makes no sense is refused, with the file."""
    course = declared(small, due, **late)
    with pytest.raises(ExerciseError, match=reason) as caught:
        late_policy(course), due_dates(course)
    assert str(small.root / "course.toml") in str(caught.value)


def test_course_toml_may_declare_both_tables(small):
    """`[due]` and `[late]` are read from the course's own file."""
    with (small.root / "course.toml").open("a", encoding="utf-8") as file:
        file.write("[due]\nex01 = 2026-10-14\n[late]\npercent_per_day = 5\n")
    course = find_course(small.root)
    assert due_dates(course) == {"ex01": datetime(2026, 10, 14, 23, 59, 59, tzinfo=UTC)}
    assert late_policy(course) == LatePolicy(per_day=0.05)
