"""How late a submission in a download is."""

from datetime import UTC, datetime, timedelta

import pytest

from grader.classroom.downloads import DownloadedSubmission
from grader.classroom.lateness import Lateness, judge
from grader.course.late import LatePolicy

DUE = datetime(2026, 10, 14, 12, tzinfo=UTC)
POLICY = LatePolicy(grace_minutes=10, per_day=0.1, at_most=0.25)


def test_the_timestamp_decides():
    """A timestamp is judged by the course's policy, whatever the platform marks."""
    late = DownloadedSubmission("a", {}, submitted=DUE + timedelta(hours=25), late=False)
    assert judge(late, DUE, POLICY) == Lateness(90000.0, pytest.approx(0.2))
    on_time = DownloadedSubmission("a", {}, submitted=DUE + timedelta(minutes=10), late=True)
    assert judge(on_time, DUE, POLICY) == Lateness()


def test_marked_late_without_a_timestamp():
    """A platform that only says `LATE` makes it one day, and the note says so."""
    judged = judge(DownloadedSubmission("a", {}, late=True), DUE, POLICY)
    assert judged.penalty == pytest.approx(0.1)
    assert "one day late" in judged.note


def test_without_a_timestamp_it_is_on_time():
    """Where nobody knows the time nobody loses points, and the note says so."""
    judged = judge(DownloadedSubmission("a", {}), DUE, POLICY)
    assert (judged.penalty, judged.note) == (0.0, "no timestamp")


def test_nothing_is_due():
    """Without a due date nothing is late."""
    assert judge(DownloadedSubmission("a", {}, submitted=DUE), None, POLICY) == Lateness()
    assert judge(DownloadedSubmission("a", {}), None, POLICY) == Lateness()
