"""What people write: comments, points by a rubric; and who has submitted nothing."""

import json

import pytest

from grader.classroom.gradebook import open_gradebook
from grader.course.loader import find_course
from grader.course.rubric import rubrics
from grader.errors import ExerciseError, UsageError

RUBRIC = [("names", "Readable names", 2.0), ("report", "The report", 4.0)]
TOML = """
[rubric.ex01]
names = { points = 2, title = "Readable names" }
report = { points = 4 }
"""


@pytest.fixture
def commands(grade, small, filled):
    """Run `grade gradebook …` on the filled gradebook, with a rubric in the course."""
    with (small.root / "course.toml").open("a", encoding="utf-8") as file:
        file.write(TOML)

    def call(*words):
        return grade("gradebook", *words, "--gradebook", filled, "--course", small.root)

    return call


def test_comments_are_kept(book, graded):
    """All of them, with their authors, until they are taken back; a regrade does not touch them."""
    graded("ada")
    book.comment("ada", "ex01", "Good names.", "Prof. X")
    book.comment("ada", "ex01", "See you in the exercise class.", "tutor")
    graded("ada", score=5.0)
    assert book.grades()[0].comments == (
        "Good names. (Prof. X)",
        "See you in the exercise class. (tutor)",
    )
    book.comment("ada", "ex01", "meant for ben", "tutor", erase=True)
    book.comment("ada", "ex01", "Well done.", "tutor")
    assert book.grades()[0].comments == ("Well done. (tutor)",)
    assert [r["kind"] for r in book.history("ada") if "author" in r] == [
        *("comment", "comment", "erase", "comment")
    ]


def test_a_comment_alone_is_no_grade(book, graded):
    """Who submitted nothing stays missing, whatever is said about it, and has no points."""
    graded("ben")
    book.add_student("ada")
    book.comment("ada", "ex01", "Are you ill?", "Prof. X")
    assert [g.student for g in book.grades()] == ["ben"]
    ada, _ = book.grades(missing=True)
    assert (ada.outcome, ada.score, ada.comments) == ("missing", None, ("Are you ill? (Prof. X)",))


def test_points_by_a_rubric(book, graded):
    """They are added to those of the checks after the penalty, and to what could be earned; the last mark
    for a criterion counts, and a regrade does not touch it."""
    graded("ada", score=6.5, penalty=0.1)
    graded("ben", score=11.0)
    book.set_rubric("ex01", RUBRIC)
    book.mark("ada", "ex01", "report", 3, "", "X")
    book.mark("ada", "ex01", "report", 2.5, "what about stride 2?", "X")
    graded("ada", score=5.5, penalty=0.1, content="again")
    ada, ben = book.grades()
    assert (ada.score, ada.max_score) == (pytest.approx(5.5 * 0.9 + 2.5), 17.0)
    assert (ben.score, ben.max_score) == (11.0, 17.0)
    assert [str(mark) for mark in ada.marks] == [
        "Readable names –/2",
        "The report 2.5/4: what about stride 2? (X)",
    ]
    book.adjust("ada", "ex01", "set", 4, "plagiarism", "X")
    assert book.grades()[0].score == 4  # whatever checks and rubric say
    book.set_rubric("ex01", RUBRIC[:1])
    assert book.grades()[1].max_score == 13.0


def test_points_by_a_rubric_alone_are_a_grade(book):
    """As adjustments are: an oral exercise has no files."""
    book.add_student("ada")
    book.set_rubric("ex01", RUBRIC)
    book.mark("ada", "ex01", "report", 4, "", "X")
    (ada,) = book.grades()
    assert (ada.outcome, ada.score, ada.max_score) == ("adjusted", 4.0, 17.0)


@pytest.mark.parametrize(("name", "points"), [("style", 1), ("names", 2.5), ("names", -1)])
def test_a_mark_that_is_not_in_the_rubric(book, name, points):
    """A criterion that is not there, and points that it does not have, are refused."""
    book.add_student("ada")
    book.set_rubric("ex01", RUBRIC)
    with pytest.raises(UsageError, match=r"no such criterion; ex01 has names, report|from 0 to 2"):
        book.mark("ada", "ex01", name, points, "", "X")
    with pytest.raises(UsageError, match="needs a text and an author"):
        book.comment("ada", "ex01", " ", "X")


def test_who_is_missing(book, graded):
    """Students of the class without a submission, for each exercise that somebody submitted something
    for, or that is asked for; nobody else's, and not those under another key."""
    book.add_students([("ada", "Ada", ""), ("ben", "Ben", "")])
    graded("ada")
    found = [(g.student, g.exercise, g.outcome) for g in book.grades(missing=True)]
    assert found == [("ada", "ex01", "passed"), ("ben", "ex01", "missing")]
    found = [(g.student, g.outcome) for g in book.grades(["ex02"], missing=True)]
    assert found == [("ada", "missing"), ("ben", "missing")]
    assert book.grades(["ex77"], missing=True) == []
    assert [g.student for g in book.grades(["ex01"], key="ben", missing=True)] == ["ben"]
    with pytest.raises(UsageError, match="holds no such grades"):
        book.existing_grades(["ex02"], missing=True)


def test_the_list_names_who_is_missing(commands):
    """They stand in the list, or alone; the command for what is not graded does not name them. Once left
    out elsewhere: jupyter/nbgrader#162."""
    everybody = commands("list").out.splitlines()
    assert [line.split()[0] for line in everybody] == ["101", "102", "103", "104"]
    alone = commands("list", "--missing").out
    assert alone.split() == ["104", "Dora", "ex01", "-", "missing"]
    assert commands("list", "--ungraded").out.split()[0] == "103"
    commands("adjust", "104", "ex01", "--set", "3", "--reason", "oral")
    assert "nobody is missing" in commands("list", "--missing").err
    assert commands("list", "--missing", "--ungraded").code == 2


def test_a_comment_and_a_mark(commands, filled):
    """Both are in the list, and the points follow the rubric of course.toml."""
    assert commands("comment", "102", "ex01", "Good names.", "--author", "X").out == (
        "102  ex01: 1 comment\n"
    )
    done = commands("rubric", "102", "ex01", "names", "1.5", "--comment", "x2?", "--author", "X")
    assert done.out == "102  ex01: 8/17 points; Readable names 1.5/2: x2? (X), report –/4\n"
    line = commands("list").out.splitlines()[1]
    assert "Readable names 1.5/2: x2? (X)" in line
    assert line.endswith("“Good names. (X)”")
    shown = commands("history", "102").out
    assert "mark names 1.5: x2? (X)" in shown
    assert "comment: Good names. (X)" in shown
    assert "from 0 to 2 points" in commands("rubric", "102", "ex01", "names", "3").complaint
    assert "write a TEXT" in commands("comment", "102", "ex01").complaint
    done = commands("comment", "102", "ex01", "--erase", "--reason", "mistaken")
    assert done.out == "102  ex01: 0 comments\n"
    with open_gradebook(str(filled)) as book:
        assert book.grades(key="102")[0].score == 8.0


def test_what_is_written_is_exported(commands, export, filled):
    """The csv and the json hold comments, marks and extensions."""
    commands("comment", "102", "ex01", "=good", "--author", "X")
    commands("rubric", "102", "ex01", "names", "2", "--author", "X")
    with open_gradebook(str(filled)) as book:
        book.extend("102", "ex01", "ill", "X", days=1)
    (value,) = [v for v in json.loads(export("--to", "json")[1]) if v["student"] == "102"]
    assert value["comments"] == ["=good (X)"]
    assert value["extension"] == "by 1 day: ill (X)"
    assert [(m["criterion"], m["points"]) for m in value["rubric"]] == [
        ("names", 2.0),
        ("report", None),
    ]
    line = export("--to", "csv")[1].decode().splitlines()[2]
    assert ",by 1 day: ill (X),Readable names 2/2 (X); report –/4,'=good (X)," in line


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("[rubric.ex77]\na = {points = 1}", "no such exercise"),
        ("[rubric]\nex01 = 3", "write name ="),
        ("[rubric.ex01]\na = 3", "with points above 0"),
        ("[rubric.ex01]\na = {points = 0}", "with points above 0"),
        ("[rubric.ex01]\na = {points = true}", "with points above 0"),
        ("[rubric.ex01]\na = {points = 1, titel = 'x'}", "with points above 0"),
    ],
)
def test_a_rubric_that_makes_no_sense(small, table, reason):
    """It is refused, with the file and the place."""
    with (small.root / "course.toml").open("a", encoding="utf-8") as file:
        file.write(table)
    with pytest.raises(ExerciseError, match=reason) as caught:
        rubrics(find_course(small.root))
    assert "course.toml: rubric." in str(caught.value)
