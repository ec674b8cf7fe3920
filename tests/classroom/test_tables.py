"""Tables as spreadsheets of many countries write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.classroom.class_list import read_class_list
from grader.classroom.downloads import DownloadedSubmission
from grader.classroom.roster import Roster
from grader.classroom.tables import DIALECTS, Form, number, read_table, write_back, write_table
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


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=5),
    separator=st.sampled_from([*DIALECTS]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoted=st.booleans(),
)
def test_a_table_comes_back_as_it_was(rows, separator, encoding, quoted, tmp_path_factory):
    """Whatever stands in the cells: what was read and not changed is written byte for byte."""
    rows = [["id", "name", "points"], *([cell.strip() for cell in row] for row in rows)]
    rows = [row for row in rows if any(row)]
    form = Form(DIALECTS[separator], quoted=quoted)
    path = tmp_path_factory.mktemp("table") / "table.csv"
    path.write_bytes(write_table(rows, form).encode(encoding))
    found, form = read_table(path, "id")
    assert found == rows
    again = write_back(found, form)
    assert (again if isinstance(again, bytes) else again.encode()) == path.read_bytes()
