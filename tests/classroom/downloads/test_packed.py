"""The downloads of platforms that pack attempts, texts and groups: who handed in what, when, and what
of it counts.

Where each format is from:

- Blackboard: the parser of CodeGrade (CodeGra-de/CodeGra.de, `psef/blackboard.py`), kwurst/bb-file-cleanup.
- Brightspace: zips that public scripts read, such as `397063-2557369 - Mary-Ann Smith - Sep 24, 2024 926 PM`.
- Canvas: instructure/canvas-lms, `lib/content_zipper.rb` (`get_filename`, `sanitize_user_name`).
- ILIAS: ILIAS-eLearning/ILIAS, `SubmissionManager` and `ilExSubmission` (`getDirectoryNameFromUserData`).
- OpenOlat: OpenOLAT/OpenOLAT, `GTACourseNode.archiveNodeUserData`.
- Sakai: sakaiproject/sakai, `AssignmentServiceImpl` (`zipSubmissions`, `zipGroupSubmissions`).
- Teams: lwchkg/teams_assignment_explorer (`Student work/Submitted files/name/homework/version`).
- Google Classroom: the names that Drive gives to students' copies, `<full name> - <file>`.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from test_layouts import lay, noted, zipped

from grader.classroom.downloads import read_layout
from grader.errors import UsageError
from grader.intake.tree import open_tree

BERLIN = ZoneInfo("Europe/Berlin")
TEXT = """Name: Ada de la Mer (ada_l)
Assignment: Convolution_2
Date Submitted: Wednesday, October 14, 2026 12:00:00 PM CEST
Current Grade: Needs Grading

Submission Field:
There is no student submission text data for this assignment.

Comments:
There are no student comments for this assignment.

Files:
{files}
"""
RENAMED = """\tOriginal filename: ex04 final.py
\tFilename: Convolution_2_ada_l_attempt_2026-10-14-12-00-00_ex04_final.py
"""
NONE = "No files were attached to this submission."


def read(path, files, zone=UTC):
    """The layout of a download, and its submissions by student and time."""
    with open_tree(zipped(path / "download.zip", files)) as tree:
        notes = []
        layout, found = read_layout(tree, "auto", notes.append, zone)
        return layout, found, notes


def names(submission):
    return [str(path) for path in submission.files]


def test_blackboard(tmp_path):
    """Each attempt is told apart; the text says who it is, where names have underscores, and what the
    student called the file."""
    head = "Convolution_2_ada_l_attempt_2026-10-14-12-00-00"
    layout, found, notes = read(
        tmp_path,
        {
            f"{head}.txt": TEXT.format(files=RENAMED),
            f"{head}_ex04_final.py": "",
            "Convolution_2_bob_attempt_2026-10-15-09-30-00_ex04.py": "",
            "Convolution_2_bob_attempt_2026-10-13-09-30-00_ex04.py": "",
        },
        BERLIN,
    )
    ada, *bob = sorted(found, key=lambda one: (one.student, one.submitted))
    assert (layout, notes) == ("blackboard", [])
    assert (ada.student, ada.name, ada.assignment) == ("ada_l", "Ada de la Mer", "Convolution_2")
    assert names(ada) == ["ex04 final.py"]
    assert ada.submitted == datetime(2026, 10, 14, 10, tzinfo=UTC)
    assert [b.student for b in bob] == ["bob", "bob"]
    assert bob[0].submitted < bob[1].submitted


def test_blackboard_without_files(tmp_path):
    """A student who attached nothing does not stop the class (CodeGra-de/CodeGra.de#274): the text is
    what was handed in."""
    head = "Convolution_2_ada_l_attempt_2026-10-14-12-00-00"
    _, found, notes = read(tmp_path, {
        f"{head}.txt": TEXT.format(files=NONE),
        "Convolution_2_bob_attempt_2026-10-15-09-30-00_ex04.py": "",
    })  # fmt: skip
    assert sorted((one.student, names(one)) for one in found) == [
        ("ada_l", [f"{head}.txt"]),
        ("bob", ["ex04.py"]),
    ]
    assert notes == []


def test_brightspace(tmp_path):
    """The folder's name has the time, of which the hour may have one digit; each attempt is a folder."""
    layout, found, notes = read(
        tmp_path,
        {
            "Lab 4 Download/index.html": "",
            "Lab 4 Download/397063-2557369 - Mary-Ann Smith - Sep 24, 2026 926 PM/ex04.py": "",
            "Lab 4 Download/397063-2557369 - Mary-Ann Smith - Sep 25, 2026 1205 AM/ex04.py": "",
            "Lab 4 Download/397064-2557369 - Jan van der Berg - 24 September 2026 2126/ex04.py": "",
            "Lab 4 Download/397065-2557369 - Li Wei - 2026年9月24日/ex04.py": "",
        },
    )
    assert layout == "brightspace"
    assert [(one.name, str(one.submitted)[:16]) for one in found] == [
        ("Mary-Ann Smith", "2026-09-24 21:26"),
        ("Mary-Ann Smith", "2026-09-25 00:05"),
        ("Jan van der Berg", "2026-09-24 21:26"),
        ("Li Wei", "None"),
    ]
    assert len({one.student for one in found}) == 3
    assert len(notes) == 1
    assert "not a timestamp, so it is treated as on time" in notes[0]


SAKAI = {
    "Exercise 4/grades.csv": '"Exercise 4","Points"\n',
    "Exercise 4/Lovelace, Ada(ada)/timestamp.txt": "20261014100000000",
    "Exercise 4/Lovelace, Ada(ada)/comments.txt": "",
    "Exercise 4/Lovelace, Ada(ada)/Submission attachment(s)/ex04.py": "",
    "Exercise 4/Lovelace, Ada(ada)/Feedback Attachment(s)/old.pdf": "",
    "Exercise 4/Babbage, Charles(cb)/timestamp.txt": "2026-10-14T11:30:00.5Z",
    "Exercise 4/Babbage, Charles(cb)/Submission attachment(s)/part/ex04.py": "",
    "Exercise 4/Team A/timestamp.txt": "2026-10-14T10:00:00Z",
    "Exercise 4/Team A/members.txt": "Lee, Sam(sam); Wei, Li(li)",
    "Exercise 4/Team A/Submission attachment(s)/ex04.py": "",
    "Exercise 4/Mut, Dora(dora)/Mut, Dora(dora)_submissionText.html": "<p>see paper</p>",
}


def test_sakai(tmp_path):
    """Students, times and groups; feedback and comments are nobody's work, a typed text is somebody's."""
    layout, found, notes = read(tmp_path, SAKAI)
    assert (layout, notes) == ("sakai", [])
    assert {one.student: (one.name, names(one)) for one in found} == {
        "ada": ("Lovelace, Ada", ["ex04.py"]),
        "cb": ("Babbage, Charles", ["part/ex04.py"]),
        "sam": ("Lee, Sam", ["ex04.py"]),
        "li": ("Wei, Li", ["ex04.py"]),
        "dora": ("Mut, Dora", ["Mut, Dora(dora)_submissionText.html"]),
    }
    times = {one.student: one.submitted for one in found}
    assert times["ada"] == datetime(2026, 10, 14, 10, tzinfo=UTC)
    assert times["cb"] == datetime(2026, 10, 14, 11, 30, 0, 500000, UTC)
    assert times["dora"] is None


def test_sakai_without_folders(tmp_path):
    """Downloaded without folders, the names of the files say the same but for the times."""
    layout, found, notes = read(tmp_path, {
        "Exercise 4/Lovelace, Ada(ada)_Submission attachment(s)_ex04_a.py": "",
        "Exercise 4/Mut, Dora(dora)_submissionText.html": "",
    })  # fmt: skip
    assert (layout, notes) == ("sakai", [])
    assert {one.student: names(one) for one in found} == {
        "ada": ["ex04_a.py"], "dora": ["submissionText.html"],
    }  # fmt: skip


def test_ilias(tmp_path):
    """The login is the student; what is late is marked; of two times the later counts; a team's members
    have folders in the team's."""
    layout, found, notes = read(
        tmp_path,
        {
            "Blatt 4/Abgaben/Lovelace_Ada_ada_1234/ex04.py": "",
            "Blatt 4/Abgaben/van der Berg_Jan_jberg_1235/Verspaetete Abgabe - ex04.py": "",
            "Blatt 4/Abgaben/Lee_Sam_sam_1236/20261014120000_ex04.py": "old",
            "Blatt 4/Abgaben/Lee_Sam_sam_1236/20261015130000_ex04.py": "new",
            "Blatt 4/Abgaben/Team 7/Wei_Li_li_1237/ex04.py": "",
            "Blatt 4/Blatt 4.xlsx": "",
        },
        BERLIN,
    )
    assert layout == "ilias"
    assert {o.student: (o.name, o.late, names(o)) for o in found} == {
        "ada": ("Lovelace Ada", False, ["ex04.py"]),
        "jberg": ("van der Berg Jan", True, ["ex04.py"]),
        "sam": ("Lee Sam", False, ["ex04.py"]),
        "li": ("Wei Li", False, ["ex04.py"]),
    }
    sam = next(one for one in found if one.student == "sam")
    assert sam.submitted == datetime(2026, 10, 15, 11, tzinfo=UTC)
    assert [str(e.path.name) for e in sam.files.values()] == ["20261015130000_ex04.py"]
    assert len(notes) == 1
    assert "older than 20261015130000_ex04.py, which is graded" in notes[0]


def test_openolat(tmp_path):
    """The last revision counts, and the platform's marks are no files of the student's."""
    layout, found, notes = read(
        tmp_path,
        {
            "ita_Blatt_4_2026-10-20/Kurs.xlsx": "",
            "ita_Blatt_4_2026-10-20/Lovelace_Ada_ada/1_submissions/ex04.py": "",
            "ita_Blatt_4_2026-10-20/Lovelace_Ada_ada/2_corrections/marks.pdf": "",
            "ita_Blatt_4_2026-10-20/Lovelace_Ada_ada/3_revisions_1/ex04.py": "",
            "ita_Blatt_4_2026-10-20/van_der_Berg_Jan_jberg/1_submissions/ex04.py": "",
            "ita_Blatt_4_2026-10-20/van_der_Berg_Jan_jberg/1_submissions/Late_submission.txt": "",
        },
    )
    assert layout == "openolat"
    assert {o.student: (o.name, o.late, names(o)) for o in found} == {
        "ada": ("Lovelace Ada", False, ["ex04.py"]),
        "jberg": ("van der Berg Jan", True, ["ex04.py"]),
    }
    assert notes == [
        "Lovelace_Ada_ada/1_submissions: older than Lovelace_Ada_ada/3_revisions_1, which is graded"
    ]


def test_teams(tmp_path):
    """The highest version counts, also the tenth; working files beside are nobody's hand-in."""
    top = "Student Work/Submitted files"
    layout, found, notes = read(
        tmp_path,
        {
            f"{top}/Ada Lovelace/ex04/Version 2/ex04.py": "",
            f"{top}/Ada Lovelace/ex04/Version 10/ex04.py": "",
            f"{top}/Jan van der Berg/ex04/Version 1/ex04.py": "",
            "Student Work/Working files/Ada Lovelace/ex04/ex04.py": "",
        },
    )
    assert layout == "teams"
    assert [(o.student, o.assignment, o.origin) for o in found] == [
        ("Ada Lovelace", "ex04", "Ada Lovelace/ex04/Version 10"),
        ("Jan van der Berg", "ex04", "Jan van der Berg/ex04/Version 1"),
    ]
    assert notes == ["Ada Lovelace/ex04/Version 2: older than Version 10, which is graded"]


def test_google(tmp_path):
    """The student stands before the file; Drive numbers names that are taken, and that is a guess."""
    layout, found, notes = read(tmp_path, {
        "Ada Lovelace - ex04.py": "", "Ada Lovelace - ex04 (1).py": "", "Zoë van der Berg - ex04.py": "",
    })  # fmt: skip
    assert layout == "google"
    assert [(o.student, names(o)) for o in found] == [
        ("Ada Lovelace", ["ex04.py"]), ("Zoë van der Berg", ["ex04.py"]),
    ]  # fmt: skip
    assert len(notes) == 1
    assert "Ada Lovelace - ex04.py: taken for older than Ada Lovelace - ex04 (1).py" in notes[0]


@pytest.mark.parametrize(
    ("file", "student", "name", "late"),
    [
        ("anon_aB3dE_5004_ex04.py", "aB3dE", "", False),
        ("LATE_anon_aB3dE_5004_ex04.py", "aB3dE", "", True),
        ("anon_aB3dE_text.html", "aB3dE", "", False),
        ("de_vriesbram_5101_902_ex04.py", "5101", "de_vriesbram", False),
        ("De_VriesBram_LATE_5101_902_my_12_34_x.py", "5101", "De_VriesBram", True),
        ("LATE_lovelaceada_101_902_ex04.py", "101", "lovelaceada", True),
    ],
)
def test_canvas_names(tmp_path, file, student, name, late):
    """Anonymous students, names with capitals and underscores, and `LATE` in either place."""
    layout, (one,), _ = read(tmp_path, {file: ""})
    assert (layout, one.student, one.name, one.late) == ("canvas", student, name, late)


def test_a_class_that_nobody_knows_is_no_student(tmp_path):
    """Where a layout is unknown, a folder of several students' folders is refused, not graded as one."""
    download = lay(tmp_path / "x", {f"week 4/{who}/ex04.py": "" for who in ("ada", "bob", "cy")})
    (download / "readme.md").write_text("")
    with pytest.raises(UsageError, match=r"week 4 in it holds 3 folders with a file for ex04"):
        noted(download)
    assert noted(download, "flat")[0] == ["week 4"]


def test_one_student_s_copies_stop_nobody(tmp_path):
    """A student who keeps many copies is one student, and that is said; the others are graded."""
    mine = {f"ada/{folder}/ex04.py": "" for folder in ("old", "older", "new")}
    students, notes = noted(lay(tmp_path, {**mine, "bob/ex04.py": "", "cy/ex04.py": ""}))
    assert students == ["ada", "bob", "cy"]
    assert notes == [
        "ada: holds 3 folders with a file for ex04, and is taken for one student's work"
    ]


NOBODY_S = {
    "blackboard": ("A_ada_attempt_2026-10-14-12-00-00_ex04.py", "stray/ex04.py"),
    "brightspace": ("1-2 - Ada Good - Oct 14, 2026 1200 PM/ex04.py", "stray.py"),
    "sakai": ("A/Good, Ada(ada)/Submission attachment(s)/ex04.py", "A/Good, Ada(ada)/stray.py"),
    "ilias": ("Abgaben/Good_Ada_ada_1234/ex04.py", "Abgaben/stray/ex04.py"),
    "openolat": ("ita_x/Good_Ada_ada/1_submissions/ex04.py", "ita_x/Good_Ada_ada/stray/ex04.py"),
    "teams": ("Submitted files/Ada Good/ex04/Version 1/ex04.py", "Submitted files/stray/ex04.py"),
    "google": ("Ada Good - ex04.py", "stray.py"),
}


@pytest.mark.parametrize("layout", NOBODY_S)
def test_nothing_disappears(layout, tmp_path):
    """What belongs to no submission is named, in every layout."""
    ours, stray = NOBODY_S[layout]
    more = {
        ours.replace("Ada", name).replace("ada", name).replace("1234", f"{n}234"): ""
        for n, name in enumerate(("Bo", "Cy"), start=2)
    }
    found, notes = noted(lay(tmp_path, {ours: "", **more, stray: ""}), layout)
    assert len(found) == 3
    assert any("stray" in note and "not part of any submission" in note for note in notes), notes


def test_names_that_look_like_a_platform_s_by_chance(tmp_path):
    """Folders that end with the assignment's number are no ILIAS logins, and what a student calls the own
    files stops no class."""
    flat = {f"{name}_lab_04/ex04.py": "" for name in ("Smith_John", "Doe_Jane")}
    assert noted(lay(tmp_path / "a", flat))[0] == ["Doe_Jane_lab_04", "Smith_John_lab_04"]
    mine = {"ada/My work - ex04.py": "", "ada/Old tries - b.py": "", "bob/ex04.py": ""}
    assert noted(lay(tmp_path / "b", mine)) == (["ada", "bob"], [])


def test_blackboard_without_texts(tmp_path):
    """Where the texts were deleted, what all names begin with is the assignment; the rest is the user."""
    files = {
        f"Lab_4_{user}_attempt_2026-10-14-12-00-00_ex04.py": ""
        for user in ("ada_l", "bob", "cy_de_f")
    }
    _, found, _ = read(tmp_path, files)
    assert {(one.assignment, one.student) for one in found} == {
        ("Lab_4", "ada_l"), ("Lab_4", "bob"), ("Lab_4", "cy_de_f"),
    }  # fmt: skip
