"""Who somebody is."""

import pytest

from grader.classroom.class_list import read_class_list
from grader.classroom.downloads import DownloadedSubmission
from grader.classroom.roster import Person, Roster
from grader.errors import UsageError

ROSTER = """\ufeffid,name,email,github
s1,Ada Lovelace,ada@example.org,ada-l
s2,Charles Babbage,charles@example.org,
s3,"Müller, Jörg",jm@example.org,
s4,Sam Lee,,
s5,Sam Lee,,
"""


@pytest.fixture
def roster(tmp_path):
    """A class of five, two of them with one name."""
    path = tmp_path / "roster.csv"
    path.write_text(ROSTER, encoding="utf-8")
    return Roster(read_class_list(path).people)


@pytest.mark.parametrize(
    ("submission", "who"),
    [
        (DownloadedSubmission("s1", {}), "s1"),
        (DownloadedSubmission("ADA-L", {}), "s1"),
        (DownloadedSubmission("102", {}, name="babbagecharles"), "s2"),
        (DownloadedSubmission("102", {}, name="Charles  Babbage"), "s2"),
        (DownloadedSubmission("102", {}, email="Charles@example.org"), "s2"),
        (DownloadedSubmission("charles", {}), "s2"),
        (DownloadedSubmission("s2_ex04", {}), "s2"),
        (DownloadedSubmission("9", {}, name="Jörg Müller"), "s3"),
        (DownloadedSubmission("9", {}, name="Sam Lee"), None),
        (DownloadedSubmission("stranger", {}, name="No Body"), None),
    ],
)
def test_identity(roster, submission, who):
    """Key, address and name lead to the person; two people with one name are nobody."""
    notes = []
    (person,) = roster.identify([submission], notes.append)
    assert (notes == []) is (who is not None)
    assert person.id == (who or submission.student)


def test_a_name_in_two_columns(tmp_path):
    """A roster may have first and last names apart, as spreadsheets of registries do."""
    path = tmp_path / "roster.csv"
    path.write_text("Last Name;First Name;id;email\nLovelace;Ada;s1;a@b\n", encoding="utf-8")
    assert read_class_list(path).people == (Person("s1", "Ada Lovelace", "a@b", last="Lovelace"),)


def test_a_platform_s_number_is_nobody_s_key():
    """Without a roster Canvas' and Moodle's numbers carry their platform: a roster that comes later
    may have the same number for somebody else."""
    for layout, key in (("canvas", "canvas 7"), ("moodle", "moodle 7"), ("gradescope", "7")):
        (person,) = Roster().identify([DownloadedSubmission("7", {}, layout=layout)], [].append)
        assert person.id == key


def test_without_a_roster_the_layout_counts():
    """Nobody has to have a roster."""
    notes = []
    (person,) = Roster().identify(
        [DownloadedSubmission("7", {}, name="A", email="a@b")], notes.append
    )
    assert (person, notes) == (Person("7", "A", "a@b"), [])


CLASS = (
    Person("1815", "Ada Good", "ada@uni.edu", ("max",)),
    Person("1816", "Bob Bad", "anna@uni.edu", ("canvas 7002",)),
    Person("1817", "Anna Berg", "a.berg@uni.edu"),
    Person("1818", "Max Mueller", "", ("maxmueller",)),
    Person("7002", "Cy Fine", "cy@uni.edu"),
)


def who_is(*submissions):
    """The keys of the submissions' students in that class, and the notes."""
    notes = []
    return [p.id for p in Roster(CLASS).identify(submissions, notes.append)], notes


@pytest.mark.parametrize(
    ("layout", "student", "name", "who"),
    [
        ("flat", "Anna Berg", "", "1817"),
        ("flat", "Ada Good_1816", "", None),
        ("flat", "Ada Good_1815", "", "1815"),
        ("flat", "Ada Good_2", "", "1815"),
        ("flat", "1815-1816", "", None),
        ("flat", "hw_1817", "", "1817"),
        ("flat", "1817_Anna_Berg", "", "1817"),
        ("flat", "1817_late", "", "1817"),
        ("flat", "Anna Cole", "", None),
        ("flat", "1815_Bob_Bad", "", None),
        ("clones", "max", "", "1815"),
        ("clones", "max-mueller", "", "1818"),
        ("clones", "max-power", "", None),
        ("clones", "anna", "", None),
        ("moodle", "1816", "Ada Good", "1815"),
        ("moodle", "1815", "Bob Bad", "1816"),
        ("moodle", "1815", "Zoe Else", None),
        ("canvas", "7002", "badbob", "1816"),
        ("canvas", "7003", "finecy", "7002"),
        ("gradescope", "1815", "Ada B. Good", "1815"),
    ],
)
def test_nobody_is_guessed(layout, student, name, who):
    """A number that only the platform knows is nobody's id, a first name is nobody's address, and
    where two clues lead to two people the submission stands apart, under a key that is nobody's."""
    (found,), notes = who_is(
        DownloadedSubmission(student, {}, name=name, layout=layout, origin=student)
    )
    assert found == who or (who is None and found not in {p.id for p in CLASS})
    assert len(notes) == (who is None)


def test_what_to_do_about_a_doubt():
    """The note names the people, the key in the gradebook, and what the roster should say."""
    _, (note,) = who_is(DownloadedSubmission("1815-1816", {}, layout="flat", origin="1815-1816"))
    assert note.startswith("1815-1816: may be 1815 Ada Good or 1816 Bob Bad; ")
    assert "in the gradebook as 1815-1816" in note
    assert "Write 'flat 1815-1816' into a further column of the roster" in note


def test_an_id_that_contradicts_a_name_stops_the_run():
    """Where a platform's id is one student's and its name another's, somebody would get the wrong mark: it
    says who, and what settles it."""
    wrong = DownloadedSubmission("1815", {}, layout="gradescope", name="Bob Bad", origin="sub_7")
    with pytest.raises(UsageError) as stopped:
        who_is(wrong)
    assert "sub_7: '1815 Bob Bad' is 1815 Ada Good, but also 1816 Bob Bad" in str(stopped.value)
    assert "write 'gradescope 1815' into a further column" in str(stopped.value)
    settled = [*CLASS, Person("1900", "New One", "", ("gradescope 1815",))]
    assert [p.id for p in Roster(settled).identify([wrong], [].append)] == ["1900"]


def test_two_accounts_of_one_name_are_two_people():
    """One of two namesakes may not be on the roster: neither gets the other's work. An account
    that something besides the name gives to the person takes it alone."""
    one, two = (DownloadedSubmission(n, {}, name="Ada Good", layout="moodle") for n in ("31", "32"))
    found, notes = who_is(one, two)
    assert (found, len(notes)) == (["moodle 31", "moodle 32"], 2)
    assert "may be 1815 Ada Good, and so may another submission" in notes[0]
    sure = DownloadedSubmission("33", {}, name="Ada Good", email="ada@uni.edu", layout="moodle")
    assert who_is(one, sure)[0] == ["moodle 31", "1815"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name\nA\n", "column called id"),
        ("id\na\na\n", "line 3: a is there twice"),
        ("id,name\n,x\n", "line 2: the id is empty"),
        ("id,name\n", "holds no students"),
        ("", "is empty"),
        ("id,name\n1,J\xf6rg\n", "CSV UTF-8"),
    ],
)
def test_wrong_rosters(tmp_path, text, reason):
    """A roster that cannot be meant is refused with the line."""
    path = tmp_path / "roster.csv"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(UsageError, match=reason):
        read_class_list(path)


@pytest.mark.parametrize("comma", [",", ";", "\t"])
def test_rosters_of_any_spreadsheet(tmp_path, comma):
    """Spreadsheets of many countries write semicolons; columns come in any order, lines may be blank."""
    path = tmp_path / "roster.csv"
    rows = [("Name", " ID "), ("Ada Lovelace", "1"), ("", ""), ("Jörg", "2")]
    text = "\n".join(comma.join(r) for r in rows)
    for start in ("", f"sep={comma}\n"):  # Excel's word for itself
        path.write_text(start + text, encoding="utf-8-sig")
        assert [(p.id, p.name) for p in read_class_list(path).people] == [
            ("1", "Ada Lovelace"),
            ("2", "Jörg"),
        ]
    path.write_text(f"sep={comma}\nid\na\na\n", encoding="utf-8")
    with pytest.raises(UsageError, match="line 4: a is there twice"):
        read_class_list(path)


def test_the_roster_of_classroom_50(tmp_path):
    """Accounts are ids, staff is no student, and a section is nobody's name (columns of `RosterColumns`
    in foundation50/classroom50, cli/gh-teacher/internal/configrepo/students_csv.go)."""
    path = tmp_path / "roster.csv"
    path.write_text(
        "username,first_name,last_name,email,section,github_id,role\n"
        "ada,Ada,van der Berg,ada@example.org,1,815,student\n"
        "bo,Bo,Li,,1,816,\ntutor,Tu,Tor,,,817,ta\n"
    )
    assert read_class_list(path).people == (
        Person("ada", "Ada van der Berg", "ada@example.org", ("815",), "van der Berg"),
        Person("bo", "Bo Li", "", ("816",), "Li"),
    )
