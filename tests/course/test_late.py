"""Due dates and the late policy, as a course declares them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

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
