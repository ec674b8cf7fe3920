"""Extensions and free days: what lateness costs, computed anew from what the gradebook knows."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from grader.classroom.batch import grade
from grader.classroom.batch.settle import settle
from grader.course.loader import find_course

DUE = {
    "ex01": datetime(2026, 10, 14, 12, tzinfo=UTC),
    "ex02": datetime(2026, 10, 21, 12, tzinfo=UTC),
}
LATE = {"percent_per_day": 10, "timezone": "Europe/Berlin"}


@pytest.fixture
def course(small):
    """A course of two exercises with due dates; more of `[late]` may be declared."""
    found = find_course(small.root)
    second = replace(found.exercises[0], id="ex02", name="ex02_plane")
    found = replace(found, exercises=(*found.exercises, second), due=DUE, late=LATE)
    return lambda **late: replace(found, late={**LATE, **late})


@pytest.fixture
def hand_in(graded):
    """A submission so many hours late."""

    def call(key, exercise, hours, **about):
        when = DUE[exercise] + timedelta(hours=hours) if hours is not None else None
        graded(
            key, key.title(), exercise=exercise, content=f"{key}{exercise}", submitted=when, **about
        )

    return call


def costs(book, key="ada"):
    return {
        g.exercise: (g.late_days, g.free_days, round(g.penalty, 2)) for g in book.grades(key=key)
    }


def test_an_extension_counts_at_once_and_survives(book, course, hand_in):
    """It lowers what lateness costs, is shown with its reason and author (okpy/ok#710), and a regrade or
    another submission does not undo it."""
    hand_in("ada", "ex01", 30)
    hand_in("ben", "ex01", 30)
    settle(book, course())
    assert costs(book) == costs(book, "ben") == {"ex01": (2, 0, 0.2)}
    book.extend("ada", "ex01", "ill", "Prof. X", days=1)
    settle(book, course(), key="ada")
    assert costs(book) == {"ex01": (1, 0, 0.1)}
    assert costs(book, "ben") == {"ex01": (2, 0, 0.2)}
    assert book.grades(key="ada")[0].extended == "by 1 day: ill (Prof. X)"
    hand_in("ada", "ex01", 50)
    settle(book, course())
    assert costs(book) == {"ex01": (2, 0, 0.2)}


def test_the_last_extension_counts(book, course, hand_in):
    """There is one for a student's exercise: a new one replaces it, and it can be taken back; the history
    keeps all of them."""
    hand_in("ada", "ex01", 30)
    until = DUE["ex01"] + timedelta(hours=30)
    book.extend("ada", "ex01", "ill", "X", days=1)
    book.extend("ada", "ex01", "still ill", "X", until=until)
    settle(book, course())
    assert costs(book) == {"ex01": (0, 0, 0.0)}
    assert book.grades()[0].extended == "until 2026-10-15 18:00 UTC: still ill (X)"
    book.extend("ada", "ex01", "a mistake", "X")
    settle(book, course())
    assert costs(book) == {"ex01": (2, 0, 0.2)}
    assert book.grades()[0].extended == ""
    assert [r["kind"] for r in book.history("ada") if "author" in r] == ["extend"] * 3


def test_free_days_go_to_what_is_due_first(book, course, hand_in):
    """The budget is each student's own (autolab/Autolab#518), and is spent in the order of due dates,
    whatever was submitted or graded first; an extension saves days of it (Submitty/Submitty#4483)."""
    hand_in("ada", "ex02", 30)
    hand_in("ada", "ex01", 30)
    hand_in("ben", "ex02", 30)
    settle(book, course(free_days=3))
    assert costs(book) == {"ex01": (2, 2, 0.0), "ex02": (2, 1, 0.1)}
    assert costs(book, "ben") == {"ex02": (2, 2, 0.0)}
    book.extend("ada", "ex01", "ill", "X", days=2)
    settle(book, course(free_days=3))
    assert costs(book) == {"ex01": (0, 0, 0.0), "ex02": (2, 2, 0.0)}


def test_a_late_due_date_takes_the_penalty_back(book, course, hand_in):
    """When the due date moves behind a submission, nothing of the old penalty stays (jupyter/nbgrader#723)."""
    hand_in("ada", "ex01", 30)
    settle(book, course())
    later = replace(course(), due={"ex01": DUE["ex01"] + timedelta(days=2)})
    settle(book, later)
    assert costs(book) == {"ex01": (0, 0, 0.0)}


def test_a_mark_without_a_time(book, course, hand_in):
    """A platform's `LATE` is one day, which may be free; with an extension it is on time."""
    hand_in("ada", "ex01", None, marked_late=True)
    settle(book, course())
    assert costs(book) == {"ex01": (1, 0, 0.1)}
    settle(book, course(free_days=1))
    assert costs(book) == {"ex01": (1, 1, 0.0)}
    book.extend("ada", "ex01", "ill", "X", days=1)
    settle(book, course(free_days=1))
    assert costs(book) == {"ex01": (0, 0, 0.0)}


def test_nothing_is_written_where_nothing_changes(book, course, hand_in, monkeypatch):
    """The same again writes nothing, and what is not due, or only points by hand, is left alone."""
    hand_in("ada", "ex01", 30)
    book.add_student("ben")
    book.adjust("ben", "ex01", "set", 3, "on paper", "X")
    settle(book, course())
    calls = []
    monkeypatch.setattr(book, "set_lateness", calls.append)
    settle(book, course())
    settle(book, replace(course(), due={}))
    assert calls == []


def test_an_interrupted_batch_is_settled(book, course, monkeypatch):
    """After Ctrl-C, too, nobody with an extension loses points in what was graded so far."""

    def stop(*_, **__):
        raise KeyboardInterrupt

    settled = []
    monkeypatch.setattr(
        grade, "open_pool", lambda *_: SimpleNamespace(close=lambda now=False: None)
    )
    monkeypatch.setattr(grade, "run_batch", stop)
    monkeypatch.setattr(grade, "settle", lambda *words: settled.append(words))
    found = course()
    with pytest.raises(KeyboardInterrupt):
        grade.grade_class(grade.Download("flat", (), (), ()), found, book, nullcontext)
    assert settled == [(book, found)]
