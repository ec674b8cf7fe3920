"""Timestamps as the platforms write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from grader.classroom.downloads.times import parse_time, placed
from grader.errors import UsageError


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-10-11 08:00:00 UTC", datetime(2026, 10, 11, 8, tzinfo=UTC)),
        ("2026-10-11T08:00:00Z", datetime(2026, 10, 11, 8, tzinfo=UTC)),
        ("2026-10-11 08:00:00 +0200", datetime(2026, 10, 11, 6, tzinfo=UTC)),
        ("2026-03-29 03:30:00 Europe/Berlin", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("2026-11-01 01:30:00 America/New_York", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        ("2026-11-01 01:30:00 EST", datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
    ],
)
def test_times_are_in_utc(text, moment):
    """The year comes first, then the month. Where clocks show a time twice, the earlier one counts."""
    found = parse_time(text)
    assert found == moment
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "zone", "hour"),
    [
        ("2026-01-10 12:00 CST", "America/Chicago", 18),
        ("2026-01-10 12:00 CST", "Asia/Shanghai", 4),
        ("2026-07-10 12:00 CDT", "America/Havana", 16),
        ("2026-07-10 12:00 BST", "Europe/London", 11),
        ("2026-07-10 12:00 IST", "Asia/Kolkata", 6.5),
        ("2026-01-10 12:00 PST", "America/Los_Angeles", 20),
        ("2026-11-01 01:30 CST", "America/Chicago", 7.5),  # the second time that clocks show it
    ],
)
def test_a_name_of_several_zones(text, zone, hour):
    """What CST means, the course's own zone says; where it never shows that name, the course is asked."""
    found = placed(parse_time(text), ZoneInfo(zone))
    assert found.hour + found.minute / 60 == hour
    assert found.tzinfo is UTC
    for other in (UTC, ZoneInfo("Europe/Berlin")):
        with pytest.raises(UsageError, match="the time of several countries, but not of"):
            placed(parse_time(text), other)


def test_other_times_are_placed():
    """A time with a zone stays; one without is the course's, and the earlier one of two."""
    moment = datetime(2026, 10, 25, 1, tzinfo=UTC)
    assert placed(moment.astimezone(ZoneInfo("Asia/Tokyo")), ZoneInfo("Europe/Berlin")) == moment
    twice = datetime(2026, 10, 25, 2, 30)
    assert placed(twice, ZoneInfo("Europe/Berlin")) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day"), [("Europe/Berlin", "2026-10-25"), ("America/New_York", "2026-11-01")]
)
def test_time_that_has_passed_in_one_zone(zone, day):
    """Between two times of one zone lies the hour, too, by which clocks went back between them."""
    before, after = (parse_time(f"{day} {clock} {zone}") for clock in ("00:50", "03:10"))
    assert (after - before).total_seconds() == (3 * 60 + 20) * 60


@pytest.mark.parametrize(
    "text",
    [
        "11.10.2026 08:00",
        "11/10/2026 08:00",
        "10-11-2026 08:00",
        "26-10-11 08:00",
        "2026-11-31 08:00",
        "2026-13-10 08:00",
        "2026-10-11",
        "0001-01-01 00:00 +14:00",
        20261011,
        None,
    ],
)
def test_no_order_of_day_and_month_is_guessed(text):
    """What is not a year, a month, a day and a time is no timestamp at all."""
    assert parse_time(text) is None
