"""Exports: what goes out comes back in, and what an instructor downloaded keeps its form."""

import csv
import io
import json
import zipfile

import pytest

CANVAS = """\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Essay (700),Line ex01 (701),Final Score
    Points Possible,,,,,10,11,(read only)
"Lovelace, Ada",101,,ada,S1,7,,50
"Babbage, Charles",9102,,charles,S1,8,,50
"Nobody, Else",999,,nobody,S1,8,3,50
"Excused, Person",103,,ep,S1,8,EX,50
"Student, Test",,,,S1,,,
"""
MOODLE = """Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments
Participant 102,Charles Babbage,x@example.org,Submitted,,11.00,Yes,"Wednesday, 14 October",-,
Participant 7,Ada Lovelace,ada@example.org,Submitted,,11.00,Yes,"Wednesday, 14 October",-,
Participant 8,Somebody Else,se@example.org,No submission,,11.00,Yes,-,-,
"""
GERMAN = MOODLE.replace("Identifier,Full name,Email address,Status,Grade,Maximum Grade", "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung").replace("Feedback comments", "Feedback als Kommentar")  # fmt: skip


@pytest.fixture
def export(export, filled):
    """Run `grade export` on a gradebook with three grades."""
    return export


def table(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_csv_begins_as_promised(export):
    """The first columns are student, exercise, score, max_score; what is not judged is blank, and so is
    what nobody submitted."""
    done, data = export("--to", "csv")
    assert done.code == 0, done.err
    rows = table(data)
    assert rows[0][:4] == ["student", "exercise", "score", "max_score"]
    assert [r[:4] for r in rows[1:]] == [
        ["101", "ex01", "11", "11"],
        ["102", "ex01", "6.5", "11"],
        ["103", "ex01", "", "11"],
        ["104", "ex01", "", "11"],
    ]
    assert [dict(zip(rows[0], r, strict=True))["outcome"] for r in rows[1:]] == [
        "passed",
        "failed",
        "ungraded",
        "missing",
    ]


def test_every_check_is_a_row(export):
    """For statistics: what each submission got for each check, hidden ones included."""
    head, *rows = table(export("--to", "checks")[1])
    assert head[:3] == ["student", "exercise", "check"]
    found = [dict(zip(head, row, strict=True)) for row in rows if row[0] == "102"]
    assert [(r["check"], r["hidden"], r["outcome"], r["score"], r["max_score"]) for r in found] == [
        ("test_mean", "0", "failed", "5", "5"),
        ("test_bias", "1", "failed", "1.5", "6"),
    ]
    assert {r["misconception"] for r in found} == {"no_bias"}
    assert {row[0] for row in rows} == {"101", "102"}


def test_a_name_is_no_formula(export):
    """A name that a spreadsheet would run is marked as text."""
    rows = table(export("--to", "csv")[1])
    assert rows[3][4] == '\'=HYPERLINK("x")'


def test_json_holds_the_reports(export):
    """JSON has everything, with null for what is not judged."""
    values = json.loads(export("--to", "json")[1])
    assert [(v["student"], v["score"]) for v in values] == [
        ("101", 11.0),
        ("102", 6.5),
        ("103", None),
        ("104", None),
    ]
    assert values[1]["report"]["checks"][0]["misconception"] == "no_bias"


def test_canvas_is_filled_in(export, tmp_path):
    """Only the cells of the exercise change; excused, unknown and unjudged rows stay as they were."""
    path = tmp_path / "canvas.csv"
    path.write_text(CANVAS, encoding="utf-8")
    done, data = export("ex01", "--to", "canvas", "--fill", path)
    before, after = table(CANVAS.encode()), table(data)
    assert after[2][6] == "11.00"
    assert after[3][6] == "6.50"  # by name: the number is another
    assert [r[6] for r in after[4:]] == ["3", "EX", ""]
    for row, other in zip(before, after, strict=True):
        assert row[:6] + row[7:] == other[:6] + other[7:]
    assert done.code == 1
    assert done.err.count("left out") == 1
    assert "103 ex01: no score to record" in done.err


def test_canvas_filled_twice_is_the_same(export, tmp_path):
    """What was filled in can be filled in again: the second round changes nothing."""
    path = tmp_path / "canvas.csv"
    path.write_text(CANVAS, encoding="utf-8")
    _, once = export("--to", "canvas", "--fill", path)
    path.write_bytes(once)
    assert export("--to", "canvas", "--fill", path)[1] == once


@pytest.mark.parametrize("worksheet", [MOODLE, GERMAN, MOODLE.replace(",", ";")])
def test_moodle_is_filled_in(export, tmp_path, worksheet):
    """In any language of the site, grade and comment are found; the rest stays."""
    path = tmp_path / "worksheet.csv"
    path.write_text(worksheet, encoding="utf-8")
    done, data = export("ex01", "--to", "moodle", "--fill", path)
    assert done.code == 1  # 103 is not judged
    delimiter = ";" if ";" in worksheet else ","
    before, after = (
        list(csv.reader(io.StringIO(text), delimiter=delimiter))
        for text in (worksheet, data.decode())
    )
    assert [r[4] for r in after[1:]] == ["6.50", "11.00", ""]
    assert after[1][9] == "hint of test_mean"
    for row, other in zip(before, after, strict=True):
        assert [v for i, v in enumerate(row) if i not in (4, 9)] == [
            v for i, v in enumerate(other) if i not in (4, 9)
        ]


@pytest.mark.parametrize("style", ["canvas", "moodle"])
def test_a_table_that_is_none(export, tmp_path, style):
    """Something else than the platform's table is refused; without one, the message says how."""
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    assert export("--to", style, "--fill", path)[0].code == 2
    assert "--fill" in export("--to", style)[0].complaint


def test_an_ambiguous_canvas_column_is_asked_for(export, tmp_path):
    """Where two columns could be meant nothing is guessed; a word of the title decides."""
    path = tmp_path / "canvas.csv"
    path.write_text(CANVAS.replace("Essay (700)", "Line ex01 old (700)"), encoding="utf-8")
    assert "--column ex01=" in export("--to", "canvas", "--fill", path)[0].complaint
    done, data = export("--to", "canvas", "--fill", path, "--column", "ex01=ex01 old")
    assert done.code == 1
    assert table(data)[2][5:7] == ["11.00", ""]


@pytest.mark.parametrize("name", ["EX01", "ex01_line", "1"])
def test_a_column_by_any_name_of_the_exercise(export, tmp_path, small, name):
    """`--column` knows an exercise by each of its names, and refuses one that is not exported."""
    path = tmp_path / "canvas.csv"
    path.write_text(CANVAS.replace("Line ex01", "Old ex01"), encoding="utf-8")
    words = ("--to", "canvas", "--fill", path, "--course", small.root)
    done, data = export(*words, "--column", f"{name}=essay")
    assert done.code == 1, done.err
    assert table(data)[2][5:7] == ["11.00", ""]
    for unknown in ("ex02=essay", "=essay"):
        done, data = export(*words, "--column", unknown)
        assert (done.code, data) == (2, b"")
        assert unknown in done.complaint


def test_nbgrader_columns(export):
    """It has the columns of the original tool, and points that read back."""
    rows = table(export("--to", "nbgrader")[1])
    assert rows[0][-4:] == ["raw_score", "late_submission_penalty", "score", "max_score"]
    assert [r[-2] for r in rows[1:]] == ["11", "6.5", ""]


def test_nbgrader_names_with_a_comma(export, graded):
    """What stands before a comma is the last name."""
    graded("201", "Byron King, Ada")
    rows = table(export("--to", "nbgrader")[1])
    assert [r[4:6] for r in rows if r[3] in ("101", "201")] == [
        ["Lovelace", "Ada"],
        ["Byron King", "Ada"],
    ]


def test_a_last_name_stays_whole(export, graded, book):
    """Where the class list has a column for it, `van der Berg` is not cut in two."""
    book.add_students([("7", "Ada van der Berg", "", "van der Berg"), ("8", "Bo García Li", "")])
    for key in ("7", "8"):
        graded(key)
    _, *rows = table(export("--to", "nbgrader")[1])
    named = {r[3]: (r[4], r[5]) for r in rows}
    assert named["7"] == ("van der Berg", "Ada")
    assert named["8"] == ("Li", "Bo García")


def test_gradebook_commands(grade, filled, tmp_path):
    """List, adjust and history: what a person says is shown, and needs a reason."""
    words = ("--gradebook", filled)
    done = grade("gradebook", "adjust", "102", "ex01", "--add", "2", "--reason", "oral", *words)
    assert done.out == "102  ex01: 8.5 points\n"
    assert "+2 oral" in grade("gradebook", "list", *words).out
    assert grade("gradebook", "list", "--ungraded", *words).out.split()[0] == "103"
    clean = grade("gradebook", "list", "--ungraded", "ex02", *words)
    assert (clean.out, clean.err) == ("", "everything is graded\n")
    assert "add 2: oral" in grade("gradebook", "history", "102", *words).out
    assert grade("gradebook", "adjust", "102", "ex01", "--reason", "x", *words).code == 2
    assert grade("gradebook", "adjust", "102", "ex01", "--add", "1", *words).code == 2
    assert grade("gradebook", "history", "nobody", *words).code == 2


def test_points_for_who_handed_in_nothing(grade, filled, tmp_path, export):
    """A student of the roster without a submission gets points by hand: in the list, in the exports, in
    the feedback, in the report."""
    words = ("--gradebook", filled, "--reason", "on paper", "--author", "Prof. X")
    done = grade("gradebook", "adjust", "104", "ex01", "--set", "9", *words)
    assert (done.code, done.out) == (0, "104  ex01: 9 points\n")
    assert "9/11  adjusted" in grade("gradebook", "list", "--gradebook", filled).out
    assert table(export("--to", "csv")[1])[4][:4] == ["104", "ex01", "9", "11"]
    done, data = export("--to", "feedback")
    assert done.code == 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        page = archive.read("104/ex01.html").decode()
    assert "9 of 11" in page
    assert "on paper" in page
    assert "not graded yet" not in page
    assert grade("report", "--gradebook", filled, "-o", tmp_path / "site").code == 0
    assert "on paper" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    done = grade("gradebook", "adjust", "104", "ex01", "--clear", *words)
    assert done.out == "104  ex01: nothing counts\n"


def test_adjusting_what_nobody_knows(grade, filled, small):
    """An exercise or a student that nobody knows is refused; one that only the course knows is not."""
    words = ("--gradebook", filled, "--add", "1", "--reason", "r")
    assert "104 (Dora)" in grade("gradebook", "adjust", "dora", "ex01", *words).complaint
    away = {"cwd": small.root.parent}
    done = grade("gradebook", "adjust", "104", "ex40", *words, **away)
    assert "ex40: no such exercise; the gradebook has ex01" in done.complaint
    done = grade("gradebook", "adjust", "104", "ex01", *words[:2], "--add", "inf", "--reason", "r")
    assert "inf: points are a number" in done.complaint
    (small.root / "ex01_line").rename(small.root / "ex02_line")
    (small.root / "ex02_line" / "test_ex01.py").rename(small.root / "ex02_line" / "test_ex02.py")
    done = grade("gradebook", "adjust", "104", "ex02", *words, "--course", small.root)
    assert (done.code, done.out) == (0, "104  ex02: 1 points\n"), done.err
    done = grade("gradebook", "adjust", "104", "ex40", *words, "--course", small.root)
    assert "ex40" in done.complaint
