"""Of all that was submitted, the right thing is graded, once, and known by its content."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

import pytest

from grader.classroom.batch.tasks import make_task, plan, read_contents
from grader.classroom.downloads import DownloadedSubmission
from grader.classroom.roster import Person, Roster
from grader.course.digest import pack_exercises, unpack_exercises
from grader.course.loader import find_course
from grader.errors import SubmissionError, UsageError
from grader.intake.tree import Entry

WHEN = datetime(2026, 10, 14, 12, tzinfo=UTC)


def entry(name, data=b"x"):
    return {PurePosixPath(name): Entry(PurePosixPath(name), lambda: data)}


def planned(small, submissions, people=(), exercises=()):
    notes = []
    course = find_course(small.root)
    chosen = [e for e in course.exercises if e.id in exercises]
    found = plan(submissions, course, chosen, Roster(people), notes.append)
    return found, notes


def test_the_latest_counts(small):
    """Of several submissions of one student the latest is graded, in whatever order they come."""
    old = DownloadedSubmission("ada", entry("ex01_line.py"), submitted=WHEN)
    new = replace(old, submitted=WHEN + timedelta(hours=1))
    for order in ([old, new], [new, old]):
        (one,), notes = planned(small, order)
        assert one.submission is new
        assert notes == ["ada: does not count for ada in ex01, ada does: it is older"]


def test_one_person_with_two_accounts(small):
    """Submissions that the roster gives to one person are several of one student, and what does not
    count is said; a name alone does not make a second account theirs."""
    people = [Person("s1", "Ada Lovelace", "", ("ada-l", "ada-2"))]
    submissions = [
        DownloadedSubmission("ada-l", entry("ex01_line.py"), submitted=WHEN),
        DownloadedSubmission("ada-2", entry("ex01_line.py"), submitted=WHEN - timedelta(1)),
        DownloadedSubmission(
            "9", entry("ex01_line.py"), name="Lovelace Ada", submitted=WHEN + timedelta(1)
        ),
    ]
    found, notes = planned(small, submissions, people)
    assert [(p.person.id, p.submission.student) for p in found] == [("s1", "ada-l"), ("9", "9")]
    assert notes[0].startswith("9: may be s1 Ada Lovelace, and so may another submission")
    assert notes[1] == "ada-2: does not count for s1 in ex01, ada-l does: it is older"


def test_one_of_two_without_a_time(small):
    """Which of two submissions of one person counts never depends on chance, and is always said."""
    old = DownloadedSubmission("s1_old", entry("ex01_line.py"))
    new = DownloadedSubmission("s1_new", entry("ex01_line.py"))
    for order, reason in (
        ([new, old], "neither has a timestamp"),
        ([new, replace(old, submitted=WHEN)], "it has no timestamp"),
    ):
        found, (note,) = planned(small, order, [Person("s1", "Ada Lovelace")])
        assert [(p.person.id, p.submission.student) for p in found] == [("s1", "s1_old")]
        assert f"s1_new: does not count for s1 in ex01, s1_old does: {reason}" in note


def test_a_stranger_is_graded_and_said(small):
    """Somebody who is not on the roster loses nothing, and the instructor hears of it."""
    (one,), notes = planned(
        small, [DownloadedSubmission("eve", entry("ex01_line.py"))], [Person("s1")]
    )
    assert one.person.id == "eve"
    (note,) = notes
    assert note.startswith("eve: matches nobody on the roster")
    assert "as eve" in note


def test_exercises_are_recognised_by_their_files(small):
    """Without a word on exercises, names of files and assignments tell."""
    assert (
        planned(small, [DownloadedSubmission("a", entry("ex01_line.ipynb"))])[0][0].exercise.id
        == "ex01"
    )
    assert (
        planned(small, [DownloadedSubmission("a", {}, assignment="ex01")])[0][0].exercise.id
        == "ex01"
    )
    with pytest.raises(UsageError, match="ex01"):
        planned(small, [DownloadedSubmission("a", entry("homework.py"))])


def test_a_student_without_a_file_is_planned_too(small):
    """Who submitted nothing that counts gets a row with a reason, not silence."""
    found, _ = planned(
        small,
        [DownloadedSubmission("a", {}), DownloadedSubmission("b", entry("x.py"))],
        exercises=["ex01"],
    )
    assert sorted(p.person.id for p in found) == ["a", "b"]


def test_an_unreadable_file_is_part_of_the_content():
    """A file that cannot be read travels as its reason, and changes the content's hash."""

    def refuse():
        raise SubmissionError("is a link")

    path = PurePosixPath("ex01_line.py")
    contents = read_contents(DownloadedSubmission("a", {path: Entry(path, refuse)}))
    assert contents == {"ex01_line.py": "is a link"}


def test_what_is_no_source_is_named_where_there_is_nothing_else():
    """A student who submitted something that cannot be graded reads what was found."""
    work, code = entry("work.rar"), entry("ex01_line.py")
    said = "work.rar: is not a .py, .ipynb or .zip file"
    assert read_contents(DownloadedSubmission("a", work)) == {"work.rar": said}
    assert list(read_contents(DownloadedSubmission("a", {**work, **code}))) == ["ex01_line.py"]


def test_the_key_depends_on_what_decides_the_result(small):
    """Content, file names and exercise change the key; whose it is does not."""
    exercise = find_course(small.root).exercises[0]
    keys = {
        make_task(contents, exercise, "b", hash_).key
        for contents in ({"a.py": b"1"}, {"a.py": b"2"}, {"b.py": b"1"}, {"a.py": "1"})
        for hash_ in ("h1", "h2")
    }
    assert len(keys) == 8


@pytest.mark.parametrize(
    ("part", "changes"),
    [("checks", True), ("solution", True), ("toml", True), ("README.md", False), ("salt", True)],
)
def test_what_the_hash_of_an_exercise_covers(small, part, changes):
    """Checks, reference, limits and the salt are in it; the handout and due dates are not."""
    before = pack_exercises(find_course(small.root), find_course(small.root).exercises)
    if part == "salt":
        small.edit(small.root / "course.toml", "only the instructor", "nobody")
    else:
        path = getattr(small, part, small.exercise / part)
        path.write_text(path.read_text("utf-8") + "\n# changed\n", "utf-8")
    with (small.root / "course.toml").open("a", encoding="utf-8") as file:
        file.write("\n[due]\nex01 = 2026-10-14\n")
    after = pack_exercises(find_course(small.root), find_course(small.root).exercises)
    assert (before.hashes != after.hashes) is changes


def test_a_bundle_is_the_course_again(small, tmp_path):
    """What a worker unpacks has the same exercises, solutions and salt."""
    course = find_course(small.root)
    again = unpack_exercises(pack_exercises(course, course.exercises).data, tmp_path / "unpacked")
    assert again.salt == course.salt
    assert [e.id for e in again.exercises] == ["ex01"]
    assert (again.solutions / "ex01_line.py").is_file()


def test_a_file_for_another_exercise_is_not_graded_as_this_one():
    """In a folder with files for several exercises each is graded as what its name says."""
    course = find_course(Path(__file__).parents[2])
    submissions = [
        DownloadedSubmission(name[:3], entry(name), origin=name, layout="flat")
        for name in ("ada_ex05.py", "ada_ex04.py", "bob_ex05.py", "cyd_ex77.py")
    ]

    def counting(*ids):
        chosen, notes = [e for e in course.exercises if e.id in ids], []
        found = plan(submissions, course, chosen, Roster(), notes.append)
        return sorted((p.person.id, p.exercise.id, p.submission.origin) for p in found), notes

    found, notes = counting("ex04")
    assert found == [("ada", "ex04", "ada_ex04.py"), ("cyd", "ex04", "cyd_ex77.py")]
    assert notes == [f"{name}_ex05.py: is named after ex05, skipped" for name in ("ada", "bob")]
    assert counting("ex04", "ex05")[0][:3] == [
        ("ada", "ex04", "ada_ex04.py"),
        ("ada", "ex05", "ada_ex05.py"),
        ("bob", "ex05", "bob_ex05.py"),
    ]


def test_a_due_date_without_times_is_said(small):
    """Where a due date is set and the download knows no times, nobody is late, and that is said."""
    course = replace(find_course(small.root), due={"ex01": WHEN})
    notes = []
    plan([DownloadedSubmission("a", entry("ex01_line.py"))], course, (), Roster(), notes.append)
    (note,) = notes
    assert note.startswith("ex01: ")
    assert "on time" in note
