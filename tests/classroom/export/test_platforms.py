"""Filling in a platform's table: a grade reaches its student's row, or no row at all."""

import csv
import io
from dataclasses import replace

import pytest
from reports import check

HEAD = "Student,ID,SIS User ID,SIS Login ID,Section,ex01 (70)\n    Points Possible,,,,,11\n"
SHEET = "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified,Feedback\n"
GERMAN = "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Bewertung kann geändert werden,Zuletzt geändert (Abgabe),Zuletzt geändert (Bewertung),Feedback als Kommentar\n"  # fmt: skip


@pytest.fixture
def canvas(export, tmp_path):
    """Fill in these rows of Canvas' gradebook: how it ended, and the last column."""

    def call(*rows, head=HEAD):
        (tmp_path / "canvas.csv").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
        done, data = export("ex01", "--to", "canvas", "--fill", "canvas.csv")
        return done, [r[5] for r in csv.reader(io.StringIO(data.decode()))][2:]

    return call


@pytest.fixture
def moodle(export, tmp_path):
    """Fill in these rows of a worksheet: how it ended, and the rows."""

    def call(*rows, head=SHEET):
        (tmp_path / "sheet.csv").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
        done, data = export("ex01", "--to", "moodle", "--fill", "sheet.csv")
        return done, list(csv.reader(io.StringIO(data.decode())))[1:]

    return call


def test_canvas_namesakes(graded, canvas):
    """A student who submitted nothing does not get the grade of one with the same name."""
    graded("501", "smithjohn", "smithjohn_501_90_ex01_line.py", 7.0)
    graded("503", "weili", "weili_503_91_ex01_line.py", 5.0)
    done, cells = canvas(
        '"Smith, John",501,,,S1,', '"Smith, John",601,,,S1,', '"Wei, Li",503,,,S1,',
        '"Li, Wei",603,,,S1,',
    )  # fmt: skip
    assert cells == ["7.00", "", "5.00", ""]
    assert (done.code, "left out" in done.err) == (0, False)


def test_canvas_has_only_the_namesake(graded, canvas):
    """Where only the namesake's row is in the table, the grade is left out, and why is said."""
    graded("501", "smithjohn", "smithjohn_501_90_ex01_line.py", 7.0)
    done, cells = canvas('"Smith, John",601,,,S1,')
    assert cells == [""]
    assert done.code == 1
    assert "left out: 501 ex01: the row with their name has the ID 601, not 501" in done.err


def test_canvas_compares_each_kind_of_number_with_its_own(graded, canvas):
    """Canvas' own ID of one student is the university's number of another: both stay apart."""
    graded("7002", "Ada Good", "goodada_7001_90_ex01_line.py")
    _, cells = canvas('"Good, Ada",7001,7002,ada,S1,', '"Bad, Bob",7002,7003,bob,S1,')
    assert cells == ["11.00", ""]


def test_canvas_number_as_the_university_s_of_another(graded, canvas):
    """Without a roster the gradebook has Canvas' numbers: they are no SIS ids."""
    graded("7001", "goodada", "goodada_7001_90_ex01_line.py")
    done, cells = canvas('"Bad, Bob",7005,7001,bob,S1,')
    assert cells == [""]
    assert "left out: 7001 ex01: no row of the table is theirs" in done.err


def test_canvas_number_known_from_another_exercise(book, graded, canvas):
    """Points by hand, without a submission: a key that is Canvas' number elsewhere is that here, too."""
    graded("7001", "goodada", "goodada_7001_90_ex02.py", exercise="ex02")
    book.adjust("7001", "ex01", "set", 9, "on paper", "Prof. X")
    _, cells = canvas('"Bad, Bob",7005,7001,bob,S1,', '"Good, Ada",7001,7002,ada,S1,')
    assert cells == ["", "9.00"]


def test_canvas_by_roster_and_by_login(graded, canvas):
    """Submissions from elsewhere are found by SIS id, login or address, and by a name only one has."""
    graded("s1", "Ada Good", "ada-repo")
    graded("bob", "Robert Bad", "bob-repo", 5.0)
    graded("s3", "Cy Day", "cy-repo", 6.0, email="Cy@uni.edu")
    graded("s4", "Dora May Eve", "dora-repo", 7.0)
    done, cells = canvas(
        '"Other, Name",1,S1,ada,S1,', '"Bad, Bob",2,s2,bob,S1,', '"Day, C.",3,x3,cy@uni.edu,S1,',
        '"Eve, Dora May",4,,,S1,',
    )  # fmt: skip
    assert cells == ["11.00", "5.00", "6.00", "7.00"]
    assert done.code == 0


def test_an_id_keeps_its_zeros(graded, canvas):
    """007 is not 7: each gets their own grade, and the table keeps the zeros."""
    graded("7", "Ada Good", "a", 7.0)
    graded("007", "Bob Bad", "b", 4.0)
    done, cells = canvas('"X, Y",501,007,,S1,', '"Z, W",502,7,,S1,')
    assert done.code == 0, done.err
    assert cells == ["4.00", "7.00"]


def test_a_name_that_an_id_contradicts(graded, canvas):
    """Where the university's numbers are in both, another number with the same name is another
    person."""
    graded("s1", "Ada Good", "ada-repo")
    graded("s9", "Bob Bad", "bob-repo", 5.0)
    done, cells = canvas('"Good, Ada",1,s1,,S1,', '"Bad, Bob",2,s2,,S1,')
    assert cells == ["11.00", ""]
    assert "left out: s9 ex01: the row with their name has the SIS User ID s2, not s9" in done.err


def test_a_name_that_two_students_have(book, graded, canvas):
    """A name decides nothing if the class has it twice, though only one submitted."""
    graded("s1", "Ada Good", "ada-repo")
    book.add_student("s2", "Good, Ada")
    done, cells = canvas('"Good, Ada",1,,,S1,')
    assert cells == [""]
    assert "left out: s1 ex01: somebody else has the same name" in done.err


def test_two_rows_with_the_same_id(graded, canvas):
    """An identifier that two rows have decides nothing."""
    graded("s1", "Ada Good", "ada-repo")
    done, cells = canvas('"Good, Ada",1,s1,,S1,', '"Bad, Bob",2,s1,,S1,')
    assert cells == ["", ""]
    assert "left out: s1 ex01: somebody else has the same SIS User ID" in done.err


def test_excused_is_said(graded, canvas):
    """An excused student stays excused, and the list says that this is why."""
    graded("501", "goodada", "goodada_501_90_ex01_line.py")
    done, cells = canvas('"Good, Ada",501,,,S1,EX')
    assert cells == ["EX"]
    assert "left out: 501 ex01: excused" in done.err


@pytest.mark.parametrize(("most", "warned"), [("11", False), ("11.00", False), ("100", True)])
def test_canvas_with_another_maximum(graded, canvas, most, warned):
    """If the assignment has other points than the exercise, both numbers are said; nothing is
    scaled."""
    graded("501", "goodada", "goodada_501_90_ex01_line.py")
    head = HEAD.replace(",11\n", f",{most}\n")
    done, cells = canvas('"Good, Ada",501,,,S1,', head=head)
    assert (done.code, cells) == (0, ["11.00"])
    expected = "warning: ex01 has 11 points, but ex01 (70) has a maximum of 100"
    assert (expected in done.err) is warned
    assert ("warning" in done.err) is warned


def test_rows_that_end_early(graded, canvas):
    """Where a program left out empty cells at a row's end, the grade still gets into its column."""
    graded("501", "goodada", "goodada_501_90_ex01_line.py", 7.0)
    done, cells = canvas('"Good, Ada",501', '"Bad, Bob",502,,,S1')
    assert done.code == 0, done.err
    assert cells == ["7.00", ""]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_stays(graded, export, tmp_path, mark):
    """What stood in front of a table, by which a spreadsheet knows its encoding, stands there again;
    what did not, does not."""
    graded("501", "goodada", "goodada_501_90_ex01_line.py", 7.0)
    text = HEAD + '"Goöd, Ada",501,,,S1,\n'
    (tmp_path / "canvas.csv").write_bytes(mark + text.encode())
    done, data = export("--to", "canvas", "--fill", "canvas.csv")
    assert done.code == 0, done.err
    assert data.startswith(mark + b"Student,ID,")
    assert "Goöd" in data.decode()


def test_a_teacher_s_words_are_in_the_worksheet(graded, moodle, book):
    """After what the checks say, the marks by the rubric and the comments."""
    graded("7", "Ada Good", "Ada Good_7_assignsubmission_file", 5.0)
    book.set_rubric("ex01", [("names", "Readable names", 2.0)])
    book.mark("7", "ex01", "names", 2, "", "X")
    book.comment("7", "ex01", "See me.", "X")
    _, rows = moodle("Participant 7,Ada Good,,,,11,,")
    assert rows[0][4] == "7.00"
    assert rows[0][-1] == "hint of test_mean\nReadable names 2/2 (X)\nSee me. (X)"


def test_comments_are_not_spent_on_skipped_checks(graded, moodle):
    """Of a check that was skipped a comment says nothing while another one failed."""

    def edit(report):
        skipped = [check(f"test_{n}", "skipped", hint=f"first comes {n}") for n in range(3)]
        return replace(report, checks=(*skipped, *report.checks))

    graded("1", "Ada Good", "Ada Good_1_assignsubmission_file", 7.0, edit=edit)
    _, table = moodle("Participant 1,Ada Good,,Submitted,,11.00,-,")
    assert table[0][7] == "hint of test_mean"


def test_moodle_namesakes(graded, moodle):
    """A participant with another number is another person, whatever the name."""
    graded("104", "Rar Ed", "Rar Ed_104_assignsubmission_file", 7.0)
    rows = 'Participant 901,"Rar Ed",,Submitted,,11.00,-,', 'Participant 104,"Rar Ed",,Submitted,,11.00,-,'  # fmt: skip
    done, table = moodle(*rows)
    assert [r[4] for r in table] == ["", "7.00"]
    assert done.code == 0
    done, table = moodle(rows[0])
    assert [r[4] for r in table] == [""]
    assert "has the participant number 901, not 104" in done.err


def test_moodle_numbers_are_no_roster_ids(graded, moodle):
    """A roster's id that is some participant's number means nothing."""
    graded("104", "Ada Good", "ada-repo", email="ada@uni.edu")
    _, table = moodle(
        "Participant 104,Bob Bad,bob@uni.edu,Submitted,,11.00,-,",
        "Participant 105,Ada G.,ada@uni.edu,Submitted,,11.00,-,",
    )
    assert [r[4] for r in table] == ["", "11.00"]


def test_moodle_in_german_graded_before(graded, moodle):
    """The grade goes into its own column, though all grades were the same number before."""
    graded("1", "Ada Good", "Ada Good_1_assignsubmission_file", 7.0)
    row = 'Teilnehmer 1,Ada Good,a@b.de,Zur Bewertung abgegeben,"4,00","11,00",Ja,"Mittwoch, 14. Oktober","Freitag, 16. Oktober",'  # fmt: skip
    other = row.replace("Teilnehmer 1,Ada Good", "Teilnehmer 2,Bob Bad")
    done, table = moodle(row, other, head=GERMAN)
    assert done.code == 0, done.err
    assert table[0][3:6] == ["Zur Bewertung abgegeben", "7,00", "11,00"]
    assert table[1][3:6] == ["Zur Bewertung abgegeben", "4,00", "11,00"]


def test_moodle_with_one_row_and_a_number_of_the_student(graded, moodle):
    """A single student's identity number is not taken for the maximum."""
    graded("1", "Ada Good", "Ada Good_1_assignsubmission_file", 7.0)
    head = GERMAN.replace("E-Mail-Adresse,", "ID-Nummer,Abteilung,")
    row = "Teilnehmer 1,Ada Good,4711,4712,Abgegeben,,12,Ja,-,-,"
    done, table = moodle(row, head=head)
    assert table[0][2:7] == ["4711", "4712", "Abgegeben", "7.00", "12"]
    assert "warning: ex01 has 11 points, but sheet.csv has a maximum of 12" in done.err


@pytest.mark.parametrize(
    ("title", "filled", "warned"),
    [
        ("Comentarios de retroalimentación", "hint of test_mean", False),
        ("フィードバックコメント", "hint of test_mean", False),
        ("Última modificación (calificación)", "-", True),
    ],
)
def test_comments_in_any_language(graded, moodle, title, filled, warned):
    """Comments find their column; where there is none, that is said."""
    graded("1", "Ada Good", "Ada Good_1_assignsubmission_file", 7.0)
    cell = "-" if warned else ""
    head = f"Identificador,Nombre,Estado,Calificación,Calificación máxima,{title}\n"
    done, table = moodle(f"Participante 1,Ada Good,Enviado,,11,{cell}", head=head)
    assert table[0] == ["Participante 1", "Ada Good", "Enviado", "7.00", "11", filled]
    assert ("no column for comments" in done.err) is warned


def test_the_roster_came_later(graded, canvas):
    """The same Canvas student under two keys: the later submission counts, and that is said."""
    graded("502", "goodada", "goodada_502_90_ex01_line.py", 4.0)
    graded("s1", "Ada Good", "goodada_502_95_ex01_line-1.py", 7.0)
    done, cells = canvas('"Good, Ada",502,s9,,S1,')
    assert cells == ["7.00"]
    assert done.code == 1
    assert done.err.count("left out") == 1
    assert "left out: 502 ex01: the same person has a later submission as s1" in done.err
