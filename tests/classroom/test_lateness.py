"""How late a submission in a download is, and what that costs."""

from datetime import UTC, datetime, timedelta

import pytest

from grader.classroom.lateness import Extension, Lateness, extended, judge, with_free_days
from grader.course.late import LatePolicy

DUE = datetime(2026, 10, 14, 12, tzinfo=UTC)
POLICY = LatePolicy(grace_minutes=10, per_day=0.1, at_most=0.25)


def test_the_timestamp_decides():
    """A timestamp is judged by the course's policy, whatever the platform marks."""
    late = judge(DUE + timedelta(hours=25), False, DUE, POLICY)
    assert late == Lateness(90000.0, pytest.approx(0.2), days=2)
    assert judge(DUE + timedelta(minutes=10), True, DUE, POLICY) == Lateness()


def test_marked_late_without_a_timestamp():
    """A platform that only says `LATE` makes it one day, and the note says so; an extension, of which the
    platform knows nothing, makes it on time."""
    judged = judge(None, True, DUE, POLICY)
    assert (judged.penalty, judged.days) == (pytest.approx(0.1), 1)
    assert "one day late" in judged.note
    judged = judge(None, True, DUE, POLICY, Extension(days=1))
    assert (judged.penalty, judged.days) == (0.0, 0)
    assert "by the extension" in judged.note


def test_without_a_timestamp_it_is_on_time():
    """Where nobody knows the time nobody loses points, and the note says so."""
    judged = judge(None, None, DUE, POLICY)
    assert (judged.penalty, judged.note) == (0.0, "no timestamp")


def test_nothing_is_due():
    """Without a due date nothing is late."""
    assert judge(DUE, None, None, POLICY) == Lateness()
    assert judge(None, None, None, POLICY) == Lateness()


def test_an_extension_moves_the_due_date():
    """Lateness counts from the student's own due date: a moment, or days of the calendar; when the due
    date of all moves behind it, that one counts (okpy/ok#1164)."""
    berlin = LatePolicy(per_day=0.1, zone="Europe/Berlin")
    due = datetime(2026, 10, 24, 21, 59, tzinfo=UTC)  # the clocks go back in the night
    assert extended(due, berlin, Extension(days=1)) == datetime(2026, 10, 25, 22, 59, tzinfo=UTC)
    until = Extension(until=DUE + timedelta(days=3))
    assert judge(DUE + timedelta(days=3), None, DUE, POLICY, until) == Lateness()
    late = judge(DUE + timedelta(days=3, hours=1), None, DUE, POLICY, until)
    assert (late.seconds, late.days) == (3600.0, 1)
    later = DUE + timedelta(days=5)
    assert extended(later, POLICY, until) == later


def test_free_days_cost_nothing():
    """As many days are free as are left; where days cost nothing, none is used up."""
    three = judge(DUE + timedelta(days=2, hours=1), None, DUE, POLICY)
    assert with_free_days(three, POLICY, 2) == Lateness(three.seconds, 0.1, days=3, free=2)
    assert with_free_days(three, POLICY, 9) == Lateness(three.seconds, 0.0, days=3, free=3)
    assert with_free_days(three, LatePolicy(), 9).free == 0
