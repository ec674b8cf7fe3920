"""What lateness costs, by the host's own record."""

import pytest

from grader.course.late import LatePolicy
from grader.hosts.gradescope.deduction import deduction
from grader.hosts.gradescope.settings import Settings, loads

DUE = "2026-03-02T23:59:00.000000-08:00"


def record(created, due=DUE):
    """submission_metadata.json, as far as it is read."""
    return {"created_at": created, "assignment": {"due_date": due, "total_points": "42.0"}}


@pytest.mark.parametrize(
    ("created", "factor", "words"),
    [
        ("2026-03-02T23:58:59.000000-08:00", 1.0, ""),
        ("2026-03-03T00:04:00.000000-08:00", 1.0, ""),  # within the grace
        ("2026-03-03T00:05:00.000000-08:00", 0.9, "6 minutes late: 10%"),
        ("2026-03-03T08:30:00.000000+00:00", 0.9, "31 minutes late: 10%"),  # another time zone
        ("2026-03-04T01:00:00.000000-08:00", 0.8, "1 day 1 hour 1 minute late: 20%"),
        ("2026-04-04T01:00:00.000000-07:00", 0.5, "late: 50%"),  # never more than declared
        ("2026-03-04T00:59:00.000000-07:00", 0.9, "1 day late: 10%"),  # clocks were set forward
    ],
)
def test_penalty_by_begun_days(created, factor, words):
    """Each begun day costs the declared share, up to the declared most; grace is no lateness."""
    found = deduction(record(created), LatePolicy(5, 0.1, 0.5))
    assert found.factor == pytest.approx(factor)
    assert words in found.remark
    assert bool(found.remark) == bool(words)


def test_days_are_those_of_the_course():
    """One policy: a day of the course's calendar, whatever offsets the host writes. Clocks are set
    forward on 8 March: the next day at 23:59 is 23 hours later, and still one day."""
    course = LatePolicy(per_day=0.1, zone="America/Los_Angeles")
    due = "2026-03-07T23:59:00.000000-08:00"
    for created in ("2026-03-08T23:59:00.000000-07:00", "2026-03-09T06:59:00+00:00"):
        assert deduction(record(created, due), course).factor == pytest.approx(0.9)
    assert deduction(record("2026-03-09T00:00:00-07:00", due), course).factor == pytest.approx(0.8)


def test_without_a_declared_penalty_nothing_is_taken_off():
    """Lateness is told, and costs nothing that was not declared."""
    found = deduction(record("2026-03-05T00:00:00-08:00"), LatePolicy())
    assert found.factor == 1.0
    assert "no points" in found.remark


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        [],
        {},
        {"created_at": "yesterday", "assignment": {"due_date": DUE}},
        record(None),
        record(5),
        record("2026-03-05T00:00:00"),
        record("2026-03-05T00:00:00", "2026-03-02T23:59:00"),
        record("2026-03-05", "2026-03-02"),
        record("05/03/2026 00:00", DUE),
    ],
)
def test_record_that_cannot_be_read_costs_nothing(metadata):
    """Without a readable record nothing is taken off, and that is said."""
    found = deduction(metadata, LatePolicy(per_day=0.1))
    assert found.factor == 1.0
    assert "not known" in found.remark


def test_assignment_without_due_date():
    """Nothing is late where nothing is due."""
    found = deduction(record("2026-03-05T00:00:00-08:00", None), LatePolicy(per_day=0.1))
    assert found == (1.0, "")


def test_settings_travel_as_json():
    """Settings are the same after a journey as JSON."""
    settings = Settings(("ex04", "ex05"), 60.0, LatePolicy(5.0, 0.1, 0.5), "hidden", ("network",))
    assert loads(settings.dumps()) == settings


def test_a_student_s_own_due_date():
    """An extension counts, with its own days; without one, or where it is not there, the assignment's does."""
    late = record("2026-03-05T12:00:00.000000-08:00")
    policy = LatePolicy(per_day=0.1)
    own = {"id": 1, "assignment": {"due_date": "2026-03-06T23:59:00.000000-08:00"}}
    assert deduction(late | {"users": [own]}, policy).factor == 1.0
    for users in ([{"id": 1, "assignment": {"due_date": None}}], [{"id": 1}], [], None, "x"):
        assert deduction(late | {"users": users}, policy).factor < 1.0
