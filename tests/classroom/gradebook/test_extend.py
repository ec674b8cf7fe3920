"""`grade extend`: one student on the command line, many in a table."""

import pytest

from grader.classroom.gradebook import open_gradebook

TOML = """
[due]
ex01 = 2026-10-14T12:00:00+02:00
[late]
percent_per_day = 10
timezone = "Europe/Berlin"
"""


@pytest.fixture
def extend(grade, small, filled):
    """Run it on a gradebook whose 102 has 6.5 points, and submitted two hours late."""
    with (small.root / "course.toml").open("a", encoding="utf-8") as file:
        file.write(TOML)

    def call(*words):
        return grade("extend", "--course", small.root, "--gradebook", filled, *words)

    return call


def test_one_student(extend, grade, filled):
    """The points follow at once; the list and the history show who extended, and why. That the student
    reads the reason, the help says (Submitty/Submitty#10041)."""
    done = extend("102", "ex01", "--clear", "--reason", "none so far")
    assert done.out == "102  ex01: no extension; 5.85 points\n"
    words = ("--until", "2026-10-14T18:00", "--reason", "train was late", "--author", "Prof. X")
    assert extend("102", "ex01", *words).out == (
        "102  ex01: extended until 2026-10-14 16:00 UTC: train was late (Prof. X); 6.5 points\n"
    )
    words = ("--gradebook", filled)
    assert "train was late (Prof. X)" in grade("gradebook", "list", *words).out
    assert "extend 2026-10-14 16:00" in grade("gradebook", "history", "102", *words).out
    assert "the student reads it" in grade("extend", "--help").out


def test_who_has_submitted_nothing_yet(extend):
    """An extension may come before the submission."""
    done = extend("104", "1", "--days", "2", "--reason", "ill", "--author", "X")
    assert done.out == "104  ex01: extended by 2 days: ill (X); nothing submitted\n"


def test_every_exercise(extend):
    """A student who needs two days for everything gets them in one command (okpy/ok#1233)."""
    done = extend("104", "all", "--days", "2", "--reason", "agreed", "--author", "X")
    assert done.out == "104  ex01: extended by 2 days: agreed (X); nothing submitted\n"


def test_a_table(extend, filled, tmp_path):
    """Many at once (autolab/Autolab#2158), by a time or by days."""
    table = tmp_path / "extensions.csv"
    table.write_text(
        "student;exercise;until;days;reason\n102;ex01;2026-10-20;;ill\n\n104;ex01;;1;moved\n"
    )
    assert extend("--table", table).out == f"{table}: 2 extensions\n"
    with open_gradebook(str(filled)) as book:
        found = {g.student: g.extended.partition(" (")[0] for g in book.grades(missing=True)}
    assert found["102"] == "until 2026-10-20 21:59 UTC: ill"
    assert found["104"] == "by 1 day: moved"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("102,ex01,,,ill", "write a time under until, or a number under days"),
        ("102,ex01,2026-10-20,1,ill", "write a time under until, or a number under days"),
        ("102,ex01,,-1,ill", "write a time under until, or a number under days"),
        ("102,ex01,soon,,ill", "soon: write a date or a time"),
        ("102,ex77,,1,ill", "no such exercise"),
        ("102,ex01,,1,", "the reason is empty"),
        ("999,ex01,,1,ill", "999: no such student; nothing is extended"),
    ],
)
def test_a_row_that_makes_no_sense(extend, filled, tmp_path, row, words):
    """The line is named, and not even the rows before it count."""
    table = tmp_path / "extensions.csv"
    table.write_text(f"student,exercise,until,days,reason\n102,ex01,,1,ill\n{row}\n")
    done = extend("--table", table)
    assert done.code == 2
    assert f"{table}, line 3: " in done.complaint
    assert words in done.complaint
    with open_gradebook(str(filled)) as book:
        assert not any(g.extended for g in book.grades())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("102", "ex01", "--days", "1"), "a --reason"),
        (("102", "ex01", "--reason", "x"), "exactly one of"),
        (("102", "ex01", "--days", "1", "--clear", "--reason", "x"), "exactly one of"),
        (("nobody", "ex01", "--days", "1", "--reason", "x"), "no such student"),
        (("--table", "t.csv", "--days", "1"), "--table has"),
    ],
)
def test_wrong_words(extend, words, said):
    """What is missing or too much is said in one line; so is who is nobody (Submitty/Submitty#1506)."""
    done = extend(*words)
    assert done.code == 2
    assert said in done.complaint


def test_without_a_due_date(grade, small, filled):
    """Who extends an exercise that is never due has mistaken something."""
    words = ("102", "ex01", "--days", "1", "--reason", "x", "--gradebook", filled)
    assert "no exercise has a due date" in grade("extend", "--course", small.root, *words).complaint
