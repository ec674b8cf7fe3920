"""Tables as spreadsheets of many countries write them."""

import pytest

from grader.classroom.class_list import read_class_list
from grader.classroom.downloads import DownloadedSubmission
from grader.classroom.roster import Roster
from grader.classroom.tables import number, read_table, write_table
from grader.errors import UsageError


@pytest.fixture
def table(tmp_path):
    """Read this text as a table."""

    def call(text, title=""):
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8", newline="")
        return read_table(path, title)

    return call


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("id;name;points\n007;Ada;7,50\n", [["id", "name", "points"], ["007", "Ada", "7,50"]]),
        ('id;"Name, first, last"\n1;A\n', [["id", "Name, first, last"], ["1", "A"]]),
        ('"a;b;c",id\n1,2\n', [["a;b;c", "id"], ["1", "2"]]),
        ('"one\ntwo, three";id\n1;2\n', [["one\ntwo, three", "id"], ["1", "2"]]),
        ("id;Name, first\n1;Lovelace, Ada\n", [["id", "Name, first"], ["1", "Lovelace, Ada"]]),
        ("id,ex 1; ex 2\n1,2\n2,3\n", [["id", "ex 1; ex 2"], ["1", "2"], ["2", "3"]]),
        ("sep=;\nid;a, b\n1;2\n", [["id", "a, b"], ["1", "2"]]),
        ("sep=,\nid,a; b\n1,2\n", [["id", "a; b"], ["1", "2"]]),
        ("id\n0012\n", [["id"], ["0012"]]),
    ],
)
def test_separators_are_known(table, text, rows):
    """What is in quotes separates nothing; the column that must be there, or equal rows, decide the rest."""
    assert table(text, "ID")[0] == rows


def test_a_separator_is_not_guessed(table):
    """Where two are equally good the instructor is asked, and the answer helps."""
    text = "who;what, when\n1;2, 3\n"
    with pytest.raises(UsageError, match=r"separated by ',' or ';'; say which .* such as sep=;"):
        table(text)
    rows, form = table("sep=;\n" + text)
    assert rows == [["who", "what, when"], ["1", "2, 3"]]
    assert write_table(rows, form) == "who;what, when\r\n1;2, 3\r\n"


def test_equal_rows_decide(table):
    """A comma in some cells is none that separates."""
    rows, _ = table("who;what, when\n1;2\n3;4\n")
    assert rows == [["who", "what, when"], ["1", "2"], ["3", "4"]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7.5", 7.5),
        ("7,50", 7.5),
        (" 11,00 ", 11.0),
        ("0,125", 0.125),
        ("100.00000", 100.0),
        ("1234.5", 1234.5),
        ("1.234", None),
        ("1,234", None),
        ("1.234,50", None),
        ("1,234.50", None),
        ("1 234", None),
        ("-1", None),
        ("1e3", None),
        ("٣", None),
        ("nan", None),
        ("", None),
    ],
)
def test_numbers(text, value):
    """Decimal points and commas are the same; what may be a thousand, or none, is no number."""
    assert number(text) == value


def test_ids_with_leading_zeros(table, tmp_path):
    """An id is text: 007, 07 and 7 are three students, also in what a download calls them."""
    table("id;name\n007;Ada Good\n07;Bob Bad\n7;Cy Fine\n")
    people = read_class_list(tmp_path / "table.csv").people
    assert [p.id for p in people] == ["007", "07", "7"]
    notes = []
    found = Roster(people).identify(
        [DownloadedSubmission(s, {}) for s in ("7", "007", "07", "0007")], notes.append
    )
    assert [p.id for p in found] == ["7", "007", "07", "0007"]
    assert len(notes) == 1
    assert "0007: matches nobody on the roster" in notes[0]
