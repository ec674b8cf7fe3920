"""Timestamps as the platforms write them."""

from datetime import UTC, datetime

import pytest

from grader.classroom.downloads.times import parse_time


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


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_times_of_one_zone_are_in_order(zone):
    """The clock shows the second time as the earlier one, but it is the later."""
    day = {"Europe/Berlin": "2026-10-25", "America/New_York": "2026-11-01"}[zone]
    offset = {"Europe/Berlin": "+01:00", "America/New_York": "-05:00"}[zone]
    before, after = parse_time(f"{day} 01:50:00 {zone}"), parse_time(f"{day} 02:10:00{offset}")
    assert (after - before).total_seconds() > 3600


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
