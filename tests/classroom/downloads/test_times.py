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
