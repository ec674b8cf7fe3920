"""What went wrong elsewhere with downloads, class lists and exports, by the reports in public trackers."""

import csv
import io
from zoneinfo import ZoneInfo

import openpyxl
from made_class import zipped

from grader.classroom.class_list import read_class_list
from grader.classroom.downloads import DownloadedSubmission, read_layout
from grader.classroom.roster import Person, Roster
from grader.intake.tree import open_tree


def downloaded(path, files, **about):
    """The submissions of a download with these files."""
    (path / "download.zip").write_bytes(zipped(files))
    with open_tree(path / "download.zip") as tree:
        return read_layout(tree, **about)[1]


def people(path, text, encoding="utf-8"):
    """The people of a class list with this text."""
    path = path / "list.csv"
    path.write_text(text, encoding=encoding)
    return read_class_list(path).people


def test_a_roster_of_accounts_as_it_is_downloaded(tmp_path):
    """earthlab/abc-classroom#59: `identifier` is the id, no column has to be renamed, and a name may be
    missing in a row."""
    text = '"identifier","github_username","github_id","name"\n"u1","adal","5","Ada"\n"u2","bo","6",""\n'
    assert people(tmp_path, text) == (
        Person("u1", "Ada", "", ("adal", "5")),
        Person("u2", "", "", ("bo", "6")),
    )


def test_a_mark_in_front_of_the_header(tmp_path):
    """autolab/Autolab#874: a byte-order mark is no part of the first column's title, quotes are not needed,
    and accents are text."""
    text = "username,first name,last name\nzoe,Zoë,Müller\n"
    assert people(tmp_path, text, "utf-8-sig")[0].name == "Zoë Müller"


def test_a_spreadsheet_called_csv(tmp_path):
    """PrairieLearn/PrairieLearn#3161: a file that begins with `PK` is a spreadsheet, whatever it is called,
    and blank rows in it are passed over."""
    book = openpyxl.Workbook()
    for row in (["Username", "Name"], ["zoe", "Zoë"], [], ["bob", "Bob"]):
        book.active.append(row)
    book.save(tmp_path / "list.csv")
    assert [p.id for p in read_class_list(tmp_path / "list.csv").people] == ["zoe", "bob"]


def test_ids_with_zeros_in_front(tmp_path):
    """PrairieLearn/PrairieLearn#11896: 007 stays 007, also in a spreadsheet where it is text."""
    book = openpyxl.Workbook()
    for row in (["Student ID", "Name"], ["007", "Zoë"], [8, "Bob"]):
        book.active.append(row)
    book.save(tmp_path / "list.xlsx")
    assert [p.id for p in read_class_list(tmp_path / "list.xlsx").people] == ["007", "8"]


def test_another_address_in_another_system():
    """okpy/ok#821: a student who is enrolled under another address is found by the id."""
    roster = Roster([Person("u1", "Ada Good", "ada@uni.edu")])
    notes = []
    one = DownloadedSubmission(
        "u1", {}, name="Ada B. Good", email="ada@mail.example", layout="gradescope"
    )
    assert [p.id for p in roster.identify([one], notes.append)] == ["u1"]
    assert notes == []


def test_several_files_in_several_attempts(tmp_path):
    """jupyter/nbgrader#724: of two attempts with two notebooks each, the later one counts with both, and
    nothing of the earlier one is mixed in."""
    names = [
        f"ps1_ada_attempt_2026-03-03-{hour}-00-00_problem{n}.ipynb"
        for hour in (11, 17)
        for n in (1, 2)
    ]
    found = downloaded(tmp_path, dict.fromkeys(names, "{}"), zone=ZoneInfo("Europe/Berlin"))
    last = max(found, key=lambda one: one.submitted)
    assert sorted(e.path.name for e in last.files.values()) == names[2:]
    assert sorted(map(str, last.files)) == ["problem1.ipynb", "problem2.ipynb"]


def test_a_team_s_folder_names_its_members(tmp_path):
    """A group's name in front of a student's is no part of it, also where the student's has a hyphen."""
    files = {
        f"Team 1-{name}_{n}_assignsubmission_file/a.py": ""
        for n, name in enumerate(("Mary-Ann Smith", "Jan van der Berg"), start=1)
    }
    found = downloaded(tmp_path, files)
    roster = Roster([Person("u1", "Mary-Ann Smith"), Person("u2", "van der Berg, Jan")])
    assert sorted(p.id for p in roster.identify(found, [].append)) == ["u1", "u2"]


def test_names_in_two_columns(book, graded, export):
    """sagemathinc/cocalc#1640: a table of grades can be sorted by last names; one with a particle is whole."""
    book.add_students([("s1", "Jan van der Berg", "", "van der Berg")])
    graded("s1", "Jan van der Berg", "elsewhere")
    _, data = export("--to", "csv")
    (row,) = csv.DictReader(io.StringIO(data.decode()))
    assert (row["first_name"], row["last_name"]) == ("Jan", "van der Berg")
