"""Due dates and the late policy, as a course declares them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.late import (
    LatePolicy,
    days_after,
    due_dates,
    late_days,
    late_policy,
    lateness,
    moment,
    penalty,
    time_zone,
)
from grader.course.loader import find_course
from grader.errors import ExerciseError, UsageError

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
    ("zone", "due", "submitted", "hours", "days"),
    [  # clocks are set back in the first three, and forward in the next three
        ("Europe/Berlin", "2026-10-24T23:59", "2026-10-25T23:59", 25, 1),
        ("America/New_York", "2026-10-31T20:00", "2026-11-01T19:30", 24.5, 1),
        ("Europe/Berlin", "2026-10-24T23:59", "2026-10-26T00:00", 25 + 1 / 60, 2),
        ("Europe/Berlin", "2026-03-28T12:00", "2026-03-29T12:00", 23, 1),
        ("America/New_York", "2026-03-07T12:00", "2026-03-08T12:01", 23 + 1 / 60, 2),
        ("Europe/Berlin", "2026-03-28T02:30", "2026-03-29T03:30", 24, 1),  # 2:30 is never shown
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T03:00", 1.5, 1),
        ("Pacific/Apia", "2011-12-29T12:00", "2011-12-31T12:00", 24, 1),  # there was no 30th
    ],
)
def test_days_are_those_of_the_calendar(zone, due, submitted, hours, days):
    """A day ends when clocks show the same again, also where they are changed in between: a grace day
    over the end of daylight saving has 25 hours (autolab/Autolab#932). The time that has passed is told
    as it is."""
    place = ZoneInfo(zone)
    due, submitted = (datetime.fromisoformat(t).replace(tzinfo=place) for t in (due, submitted))
    policy = replace(POLICY, zone=zone)
    for spoken in (place, UTC, ZoneInfo("Asia/Tokyo")):  # the same moment in whatever zone
        then = submitted.astimezone(spoken)
        assert lateness(policy, due, then) / timedelta(hours=1) == pytest.approx(hours)
        assert late_days(policy, due.astimezone(spoken), then) == days
        assert penalty(policy, due, then) == pytest.approx(min(0.25, 0.1 * days))


@given(
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
    due=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    minutes=st.integers(0, 60 * 24 * 40),
)
def test_days_and_hours_agree_but_for_the_change_of_clocks(zone, due, minutes):
    """The number of days is the smallest that covers the time: it grows with it, and is what days of 24
    hours would give, but for the hour of a clock change."""
    policy = LatePolicy(zone=zone)
    submitted = due + timedelta(minutes=minutes)
    days = late_days(policy, due, submitted)
    assert days_after(policy, due, days) >= submitted
    assert not days or days_after(policy, due, days - 1) < submitted
    assert abs(days - minutes / (60 * 24)) <= 1 + 1 / 24


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
        ({}, {"free_days": 1.5}, "a whole number"),
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
    assert late_policy(course) == LatePolicy(per_day=0.05, zone="UTC")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-10-20", "2026-10-20T21:59:59+00:00"),
        ("2026-10-20T12:00", "2026-10-20T10:00:00+00:00"),
        ("2026-10-20 12:00+00:00", "2026-10-20T12:00:00+00:00"),
        ("20.10.2026", ""),
        ("soon", ""),
        ("2026-10-25T02:30", ""),  # clocks show it twice
    ],
)
def test_a_moment_that_is_typed(small, text, found):
    """A date means until its end, a time is in the course's zone; what is neither is refused."""
    course = declared(small, timezone="Europe/Berlin")
    if found:
        assert moment(course, text) == datetime.fromisoformat(found)
    else:
        with pytest.raises(UsageError, match="write"):
            moment(course, text)
