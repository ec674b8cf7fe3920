"""A gradebook as a batch would leave it, without running one."""

import importlib.util
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from reports import check, report

from grader.classroom.gradebook import open_gradebook

ROOT = Path(__file__).resolve().parents[2]

CLASS = [
    ("101", "Ada Lovelace", "ada@example.org", 11.0, "lovelaceada_101_5001_ex01_line.py"),
    ("102", "Charles Babbage", "cb@example.org", 6.5, "Charles Babbage_102_assignsubmission_file"),
    ("103", '=HYPERLINK("x")', "", None, "anon_103_5002_ex01_line.py"),
]


def two_checks(score, outcome):
    """A report of two checks, one of them hidden, that gives `score`."""
    if outcome == "ungraded":
        return report(problems=("it broke",))
    parts = (
        ("test_mean", min(score, 5.0), 5.0, False),
        ("test_bias", max(score - 5, 0.0), 6.0, True),
    )
    checks = []
    for name, points, most, hidden in parts:
        words = (
            {}
            if outcome == "passed"
            else {
                "message": f"message of {name}",
                "hint": f"hint of {name}",
                "misconception": "no_bias",
            }
        )
        checks.append(check(name, outcome, points, most, hidden=hidden, **words))
    return report(*checks)


@pytest.fixture
def filled(tmp_path):
    """The path of a gradebook with full marks, a partial score and something not judged."""
    path = tmp_path / "grades.db"
    with open_gradebook(str(path), create=True) as book:
        book.add_exercise("e1", "ex01", "A line", 11)
        for number, (key, name, email, score, origin) in enumerate(CLASS):
            when = datetime(2026, 10, 14, 12, number, tzinfo=UTC)
            book.add_submission(
                (key, name, email), "ex01", f"s{key}", f"k{key}", submitted=when, origin=origin
            )
            outcome = {11.0: "passed", None: "ungraded"}.get(score, "failed")
            book.add_result(f"k{key}", f"s{key}", "e1", two_checks(score or 0.0, outcome))
        book.add_student("104", "Dora")
    return path


@pytest.fixture
def book(tmp_path):
    """A new gradebook that knows two exercises."""
    with open_gradebook(str(tmp_path / "grades.db"), create=True) as one:
        one.add_exercise("e1", "ex01", "A line", 11)
        one.add_exercise("e2", "ex02", "A plane", 11)
        yield one


@pytest.fixture
def graded(book):
    """Put a graded submission into the gradebook; submissions with the same `content` share their result,
    and `edit` may change the report."""

    def call(
        key,
        name="",
        origin="",
        score=11.0,
        *,
        email="",
        exercise="ex01",
        content="",
        edit=lambda report: report,
        **about,
    ):
        submission = content or f"s{key}{origin}"
        outcome = {11.0: "passed", None: "ungraded"}.get(score, "failed")
        who, result = (key, name, email), f"{submission}-{exercise}"
        book.add_submission(who, exercise, submission, result, origin=origin, **about)
        version = {"ex01": "e1", "ex02": "e2"}[exercise]
        book.add_result(result, submission, version, edit(two_checks(score or 0.0, outcome)))

    return call


@pytest.fixture
def export(grade, tmp_path):
    """Run `grade export` on the gradebook; returns how it ended, and what it wrote."""

    def call(*words):
        target = tmp_path / "out"
        target.unlink(missing_ok=True)
        words = ("--gradebook", tmp_path / "grades.db", "-o", target, *words)
        done = grade("export", *words, cwd=tmp_path)
        return done, target.read_bytes() if target.exists() else b""

    return call


@pytest.fixture(scope="session")
def mixed():
    """The script that makes mixed classes and compares gradebooks."""
    path = ROOT / "benchmarks" / "batch_mixed.py"
    spec = importlib.util.spec_from_file_location("batch_mixed", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def postgres(mixed):
    """The URL of an empty database on a PostgreSQL server that is started for these tests."""
    with ExitStack() as stack:
        try:
            found = stack.enter_context(mixed.postgres())
        except mixed.NoPostgres as error:  # nothing else: CI installs one, and says if it cannot
            pytest.skip(str(error))
        yield found
