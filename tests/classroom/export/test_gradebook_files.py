"""Tables of grades in the forms that platforms and spreadsheets write: each is given back in its own."""

import io

import odfdo
import openpyxl
import pandas
import pytest

# Blackboard: “Work offline” of its help pages (tab-delimited .xls or quoted CSV), and columns such as
# `Project 02 [Total Pts: 100 Score] |1702852` in public scripts. Brightspace: D2L's “Importing grades” and
# `homework1 Points Grade <Numeric MaxPoints:6 Category:Homework>` in public scripts. Canvas: semicolons
# where numbers have decimal commas (instructure/canvas-lms, `GradebookExporter`).
BLACKBOARD = (
    '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Last Access"\t"Availability"'
    '\t"A line [Total Pts: 11 Score] |1702852"\t"Weighted Total [Total Pts: up to 11 Score] |99"\n'
    '"de la Mer"\t"Zoë"\t"zoe"\t"s1"\t"2026-10-14"\t"Yes"\t""\t""\n'
    '"Bad"\t"Bob"\t"bob"\t"s2"\t""\t"Yes"\t"Needs Grading"\t""\n'
)
BRIGHTSPACE = (
    "OrgDefinedId,Username,Last Name,First Name,Email,ex01 Points Grade <Numeric MaxPoints:11 Category:Labs>,"
    "End-of-Line Indicator\n#007,#zoe,de la Mer,Zoë,zoe@uni.edu,,#\n#008,#bob,Bad,Bob,bob@uni.edu,3,#\n"
)
WORKSHEET = [
    ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed",
     "Last modified (submission)", "Last modified (grade)", "Feedback comments"],
    ["Participant 1", "Zoë de la Mer", "zoe@uni.edu", "Submitted", None, 11, "Yes", "-", "-", None],
    ["Participant 2", "Bob Bad", "bob@uni.edu", "Submitted", 4, 11, "No", "-", "-", None],
]  # fmt: skip


@pytest.fixture
def fill(export, tmp_path):
    """Fill in this table: how it ended, and the bytes that came back."""

    def call(style, table, *words):
        path = tmp_path / "table"
        path.write_bytes(table)
        return export("ex01", "--to", style, "--fill", path, *words)

    return call


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8"])
def test_blackboard(graded, fill, encoding):
    """The encoding, the quotes and all columns stay; the assignment is found by the exercise's name or by
    what --column says; a calculated column is none."""
    graded("s1", "Zoë de la Mer", "x_zoe_attempt_2026-10-14-12-00-00", 7.0)
    graded("b", "Bob Bad", "x_bob_attempt_2026-10-14-12-00-00", 5.5, identity="blackboard bob")
    bom = "\ufeff" if encoding == "utf-16-be" else ""
    done, data = fill("blackboard", (bom + BLACKBOARD).encode(encoding), "--column", "ex01=a line")
    assert done.code == 0, done.err
    kept = "utf-16" if encoding.startswith("utf-16") else encoding
    table = pandas.read_csv(io.BytesIO(data), sep="\t", encoding=kept, dtype=str)
    assert list(table.iloc[:, 6]) == ["7.00", "5.50"]
    assert list(table["Last Name"]) == ["de la Mer", "Bad"]
    text = data.decode(encoding).removeprefix("\ufeff").replace("\r\n", "\n")
    assert text == BLACKBOARD.replace('"Yes"\t""', '"Yes"\t"7.00"', 1).replace(
        "Needs Grading", "5.50"
    )


def test_blackboard_s_account_is_somebody_else_s_id(graded, fill):
    """What Blackboard itself calls the student decides, and a name does not overrule it."""
    graded("k1", "Bob Bad", "", 7.0, identity="blackboard zoe")
    done, data = fill("blackboard", BLACKBOARD.encode("utf-16"), "--column", "ex01=a line")
    table = pandas.read_csv(io.BytesIO(data), sep="\t", encoding="utf-16", dtype=str)
    assert list(table.iloc[:, 6].fillna("")) == ["7.00", "Needs Grading"]
    assert done.code == 0


def test_brightspace(graded, fill):
    """Ids keep their zeros and their #, and the indicator stays at the end of each line."""
    graded("007", "Zoë de la Mer", "1-2 - Zoë de la Mer - Oct 14, 2026 1200 PM", 7.0)
    graded("x", "Robert Bad", "", 5.0, email="Bob@uni.edu")
    done, data = fill("brightspace", BRIGHTSPACE.encode())
    assert done.code == 0, done.err
    lines = data.decode().splitlines()
    assert lines[1:] == [
        "#007,#zoe,de la Mer,Zoë,zoe@uni.edu,7.00,#",
        "#008,#bob,Bad,Bob,bob@uni.edu,5.00,#",
    ]
    done, data = fill("brightspace", b"a,b\n1,2\n")
    assert "not Brightspace's grades: column End-of-Line Indicator is missing" in done.err


CANVAS = "Student;ID;SIS User ID;SIS Login ID;Section;A line (70)\n    Points Possible;;;;;11,00\n"


@pytest.mark.parametrize("most", ["11,00", "11"])
def test_canvas_with_decimal_commas(graded, fill, most):
    """A table with semicolons and decimal commas gets decimal commas: `7.50` would be July there. The
    column is found by the exercise's title where nothing else fits."""
    graded("s1", "Zoë de la Mer", "delamerzoe_101_5_ex01_line.py", 7.5)
    graded("s2", "Bob Bad", "badbob_102_5_ex01_line.py", 5.0)
    graded("s3", "Cy Fine", "finecy_103_5_ex01_line.py", 5.0)
    rows = "de la Mer, Zoë;101;;;S1;\nBad, Bob;102;;;S1;N/A\nFine, Cy;103;;;S1;EX\n"
    done, data = fill("canvas", (CANVAS.replace("11,00", most) + rows).encode())
    assert done.code == 1, done.err
    cells = [line.rpartition(";")[2] for line in data.decode().splitlines()]
    assert cells == ["A line (70)", most, "7,50", "N/A", "EX"]
    assert "left out: s2 ex01: not assigned in the table" in done.err
    assert "left out: s3 ex01: excused in the table" in done.err


def test_canvas_with_split_names(graded, fill):
    """First and last names may have columns of their own; a particle stays where it is."""
    graded("s1", "Jan van der Berg", "elsewhere", 7.0)
    head = "LastName,FirstName,ID,Section,ex01 (70)\n    Points Possible,,,,11\n"
    done, data = fill("canvas", (head + "van der Berg,Jan,101,S1,\n").encode())
    assert done.code == 0, done.err
    assert data.decode().splitlines()[2] == "van der Berg,Jan,101,S1,7.00"


def xlsx():
    """The worksheet as XLSX, with a note that has to stay."""
    book = openpyxl.Workbook()
    for row in WORKSHEET:
        book.active.append(row)
    book.active["L1"] = "my own note"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def ods():
    """The worksheet as ODS."""
    book = odfdo.Document("spreadsheet")
    book.body.clear()
    table = odfdo.Table("Sheet")
    for y, row in enumerate(WORKSHEET):
        for x, value in enumerate(row):
            if value is not None:
                table.set_value((x, y), value)
    book.body.append(table)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_moodle_s_worksheet_as_a_spreadsheet(graded, fill, kind):
    """XLSX and ODS come back as they were, with numbers for grades; a locked row is left alone."""
    graded("1", "Zoë de la Mer", "Zoë de la Mer_1_assignsubmission_file", 7.5)
    graded("2", "Bob Bad", "Bob Bad_2_assignsubmission_file", 7.0)
    done, data = fill("moodle", xlsx() if kind == "xlsx" else ods())
    assert done.code == 1
    assert "left out: 2 ex01: the worksheet says that this grade cannot be changed" in done.err
    if kind == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(data)).active
        assert (sheet["E2"].value, sheet["E3"].value, sheet["L1"].value) == (7.5, 4, "my own note")
        assert sheet["J2"].value == "hint of test_mean"
    else:
        table = odfdo.Document(io.BytesIO(data)).body.get_tables()[0]
        assert [float(table.get_value((4, y))) for y in (1, 2)] == [7.5, 4.0]


def test_moodle_s_scales(graded, fill):
    """A word of a scale is not replaced by points, and an assignment with a scale is refused."""
    graded("1", "Zoë de la Mer", "Zoë de la Mer_1_assignsubmission_file", 7.5)
    head = "Identifier,Full name,Status,Grade,Maximum Grade,Grade can be changed\n"
    done, _ = fill("moodle", f"{head}Participant 1,Zoë,Submitted,Good,11.00,Yes\n".encode())
    assert "left out: 1 ex01: it is graded with a scale in the worksheet (Good)" in done.err
    done, _ = fill("moodle", f"{head}Participant 1,Zoë,Submitted,,-,Yes\n".encode())
    assert done.code == 2
    assert "graded with a scale, not with points" in done.err


def test_moodle_s_teams(tmp_path, graded, fill):
    """A team's members are told apart by their participant numbers, whatever stands before their names."""
    graded("s1", "Zoë de la Mer", "Team 1-Zoë de la Mer_1_assignsubmission_file", 7.5)
    head = "Identifier,Full name,Status,Grade,Maximum Grade\n"
    done, data = fill("moodle", f"{head}Participant 1,Zoë de la Mer,Submitted,,11\n".encode())
    assert done.code == 0
    assert data.decode().splitlines()[1] == "Participant 1,Zoë de la Mer,Submitted,7.50,11"


def test_an_old_excel_file_is_named(fill, graded):
    """Excel's old binary format is no table, and it is said what to do."""
    graded("s1", "Zoë", "x", 7.5)
    done, _ = fill("blackboard", b"\xd0\xcf\x11\xe0rest")
    assert done.code == 2
    assert "is in Excel's old format; save it as .xlsx" in done.err
