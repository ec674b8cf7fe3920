"""How late a submission in a download is, and what that costs."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from grader.classroom.downloads import read_layout
from grader.classroom.lateness import Extension, Lateness, extended, judge, with_free_days
from grader.course.late import LatePolicy
from grader.hosts.gradescope.deduction import deduction
from grader.intake.tree import open_tree

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


BERLIN = ZoneInfo("Europe/Berlin")
RESULT = {"schema": "classroom50/result/v1", "classroom": "c", "assignment": "ex04", "owner": "ada"}
ONE_INSTANT = {  # 25 October 2026, 23:30 in Berlin, after the clocks went back: 22:30 UTC
    "nbgrader": {
        "submitted/ada/ex04/a.py": "",
        "submitted/ada/ex04/timestamp.txt": "2026-10-25 23:30:00 Europe/Berlin",
    },
    "gradescope": {
        "submission_metadata.yml": "submission_1:\n  :submitters:\n  - :name: Ada\n    :sid: ada\n"
        "  :created_at: 2026-10-25 15:30:00 -0700\n",
        "submission_1/a.py": "",
    },
    "classroom50": {
        "c-ex04-ada/a.py": "",
        "c-ex04-ada/result.json": json.dumps({**RESULT, "datetime": "2026-10-25T22:30:00Z"}),
    },
    "clones": {
        "x-submissions/x-ada/a.py": "",
        "x-submissions/times.csv": "github_username,submission_timestamp\nada,2026-10-25 22:30 UTC\n",
    },
    "sakai": {
        "ex04/Lovelace, Ada(ada)/Submission attachment(s)/a.py": "",
        "ex04/Lovelace, Ada(ada)/timestamp.txt": "20261025223000000",
        "ex04/grades.csv": "",
    },
    "blackboard": {"ex04_ada_attempt_2026-10-25-23-30-00_a.py": ""},
    "brightspace": {"1-2 - Ada Lovelace - Oct 25, 2026 1130 PM/a.py": "", "index.html": ""},
}


@pytest.mark.parametrize("layout", ONE_INSTANT)
def test_one_instant_costs_the_same_through_every_platform(layout, tmp_path):
    """In whatever zone a platform writes it: 24 hours and 31 minutes after the due date, which was the
    evening before, it is one day late. So it is on Gradescope."""
    policy = LatePolicy(per_day=0.1, zone="Europe/Berlin")
    due = datetime(2026, 10, 24, 23, 59, tzinfo=BERLIN)
    for name, content in ONE_INSTANT[layout].items():
        (tmp_path / "d" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "d" / name).write_text(content, encoding="utf-8")
    with open_tree(tmp_path / "d") as tree:
        found, (one,) = read_layout(tree, zone=BERLIN)
    assert found == layout
    assert one.submitted == datetime(2026, 10, 25, 22, 30, tzinfo=UTC)
    assert judge(one.submitted, one.late, due, policy) == Lateness(88260.0, 0.1, days=1)
    record = {
        "created_at": one.submitted.astimezone(ZoneInfo("America/Los_Angeles")).isoformat(),
        "assignment": {"due_date": due.isoformat()},
    }
    assert deduction(record, policy).factor == pytest.approx(0.9)
