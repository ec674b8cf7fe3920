"""Each download layout is recognised and says who submitted what, and when."""

import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest

from grader.classroom.downloads import read_layout
from grader.errors import SubmissionError, UsageError
from grader.intake.tree import open_tree

METADATA = """---
submission_11:
  :submitters:
  - :name: Ada Lovelace
    :sid: '1815'
    :email: ada@example.org
  - :name: Charles Babbage
  :created_at: 2026-10-14 12:00:00.123456000 Z
submission_12:
  :submitters:
  - :name: Ada Lovelace
    :sid: '1815'
  :created_at: 2026-10-15 12:00:00 Z
"""
GRADES = """assignment_name,github_username,submission_timestamp
cnn,ada,2026-10-14 12:00:00 UTC
"""

LAYOUTS = {
    "canvas": {
        "lovelaceada_101_5001_ex04_convolution-1.py": "new",
        "lovelaceada_101_4001_ex04_convolution.py": "old",
        "babbagecharles_LATE_102_5003_my_work.ipynb": "{}",
        "anon_103_5004_ex04_convolution.py": "x",
    },
    "moodle": {
        "Ada Lovelace_2001_assignsubmission_file/ex04_convolution.py": "x",
        "Charles de Babbage_2002_assignsubmission_file_/deep/ex04_convolution.py": "x",
        "Ada Lovelace_2001_assignsubmission_onlinetext/onlinetext.html": "x",
    },
    "gradescope": {
        "assignment_7_export/submission_metadata.yml": METADATA,
        "assignment_7_export/submission_11/ex04_convolution.py": "old",
        "assignment_7_export/submission_12/ex04_convolution.py": "new",
    },
    "clones": {
        "cnn-submissions/cnn-ada/ex04_convolution.py": "x",
        "cnn-submissions/cnn-ada/.git/config": "hidden",
        "cnn-submissions/cnn-charles-b/ex04_convolution.py": "x",
        "cnn-submissions/grades.csv": GRADES,
    },
    "nbgrader": {
        "submitted/ada/ex04/ex04_convolution.ipynb": "{}",
        "submitted/ada/ex04/timestamp.txt": "2026-10-14 14:00:00.948203 Europe/Berlin",
        "submitted/charles/ex04/ex04_convolution.ipynb": "{}",
    },
    "flat": {"ada/ex04_convolution.py": "x", "charles.py": "x", "dora.zip": "x", "notes.txt": ""},
}
STUDENTS = {
    "canvas": ["101", "102", "103"],
    "moodle": ["2001", "2002"],
    "gradescope": ["1815", "1815", "Charles Babbage"],
    "clones": ["ada", "charles-b"],
    "nbgrader": ["ada", "charles"],
    "flat": ["ada", "charles", "dora"],
}


def lay(root: Path, files: dict[str, str]) -> Path:
    """Write files below a folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def zipped(path: Path, files: dict[str, str]) -> Path:
    """Write files into a zip."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.fixture(params=["folder", "zip"])
def download(request, tmp_path):
    """Makes a download, as a folder and as a zip."""

    def make(files):
        if request.param == "folder":
            return lay(tmp_path / "download", files)
        return zipped(tmp_path / "download.zip", files)

    return make


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout_is_recognised(layout, download):
    """Folder or zip, the layout is named and its students are told apart."""
    with open_tree(download(LAYOUTS[layout])) as tree:
        name, found = read_layout(tree)
    assert name == layout
    assert sorted(h.student for h in found) == STUDENTS[layout]


def one(path, student):
    with open_tree(path) as tree:
        _, found = read_layout(tree)
        submission = next(h for h in found if h.student == student)
        return submission, {str(p): e.read() for p, e in submission.files.items()}


def test_canvas_keeps_the_last_of_a_resubmitted_file(download):
    """Of two files with one name the later counts; the system's prefix and `-1` are taken off."""
    submission, files = one(download(LAYOUTS["canvas"]), "101")
    assert files == {"ex04_convolution.py": b"new"}
    assert (submission.name, submission.late) == ("lovelaceada", False)
    assert submission.origin == "lovelaceada_101_5001_ex04_convolution-1.py"


def test_canvas_says_what_is_late(download):
    """`_LATE` is lateness without a time; an anonymous student has no name."""
    path = download(LAYOUTS["canvas"])
    late, files = one(path, "102")
    assert late.late is True
    assert late.submitted is None
    assert list(files) == ["my_work.ipynb"]
    assert one(path, "103")[0].name == ""


def test_moodle_flat_mode(download):
    """Files prefixed instead of put into folders belong to the same students."""
    files = {"Ada Lovelace_2001_assignsubmission_file_ex04_convolution.py": "x"}
    submission, held = one(download(files), "2001")
    assert (submission.name, list(held)) == ("Ada Lovelace", ["ex04_convolution.py"])
    assert submission.origin == "Ada Lovelace_2001_assignsubmission_file"


def test_gradescope_group_and_time(download):
    """Each member of a group gets the submission, with the time of the export."""
    submission, files = one(download(LAYOUTS["gradescope"]), "Charles Babbage")
    assert files == {"ex04_convolution.py": b"old"}
    assert submission.submitted == datetime(2026, 10, 14, 12, 0, 0, 123456, UTC)


def test_clones_take_times_from_a_table(download):
    """The CSV beside the clones says when; a `.git` is not looked into."""
    submission, files = one(download(LAYOUTS["clones"]), "ada")
    assert submission.submitted == datetime(2026, 10, 14, 12, tzinfo=UTC)
    assert list(files) == ["ex04_convolution.py"]


def test_times_of_clones_saved_by_a_spreadsheet(tmp_path):
    """Semicolons are understood; a day written first is no timestamp, which is said."""
    grades = (
        "github_username;submission_timestamp\nada;2026-10-14 12:00:00 UTC\nben;14.10.2026 12:00\n"
    )
    folder = {f"cnn-submissions/cnn-{name}/a.py": "" for name in ("ada", "ben")}
    path = lay(tmp_path, {**folder, "cnn-submissions/grades.csv": grades}) / "cnn-submissions"
    assert one(path, "ada")[0].submitted == datetime(2026, 10, 14, 12, tzinfo=UTC)
    assert one(path, "ben")[0].submitted is None
    assert "ben: '14.10.2026 12:00' is not a timestamp" in noted(path)[1][0]


def test_gradescope_s_ids_are_text(tmp_path):
    """An id of digits keeps its zeros, and is not read as octal; a name may be `No`."""
    text = "submission_1:\n  :submitters:\n  - :name: No\n    :sid: 0123\n"
    path = lay(tmp_path, {"submission_metadata.yml": text, "submission_1/a.py": ""})
    submission, _ = one(path, "0123")
    assert submission.name == "No"


def test_nbgrader_time_zone(download):
    """The time stamp's zone counts, and the stamp is no file of the student's."""
    submission, files = one(download(LAYOUTS["nbgrader"]), "ada")
    assert submission.submitted.astimezone(UTC) == datetime(2026, 10, 14, 12, 0, 0, 948203, UTC)
    assert submission.assignment == "ex04"
    assert list(files) == ["ex04_convolution.ipynb"]


@pytest.mark.parametrize(
    ("stamp", "hour"),
    [
        ("2026-10-14 10:00:00.1 PDT", 17),
        ("2026-10-14 10:00:00.123456 CEST", 8),
        ("2026-10-14 10:00:00 +0200", 8),
        ("2026-10-14 10:00:00+02:00", 8),
        ("2026-10-14 10:00:00 UTC-03", 13),
        ("2026-10-14 10:00:00 America/New_York", 14),
        ("2026-10-14 10:00 UTC", 10),
        ("2026-10-14 10:00:00", 10),
    ],
)
def test_zones_of_nbgrader_s_times(stamp, hour, tmp_path):
    """Offsets, abbreviations and places are understood; without any of them it is UTC."""
    files = {"submitted/ada/ex04/a.py": "", "submitted/ada/ex04/timestamp.txt": stamp}
    assert one(lay(tmp_path, files), "ada")[0].submitted.astimezone(UTC).hour == hour


def noted(path, layout="auto"):
    """The students of a download and the notes about it."""
    notes = []
    with open_tree(path) as tree:
        _, found = read_layout(tree, layout, notes.append)
    return sorted(h.student for h in found), notes


def test_a_time_that_cannot_be_read_is_said(tmp_path):
    """A time in words that nobody knows is not silently no time."""
    for student, stamp in (("ada", b"2026-10-14 10:00:00 XYZ"), ("ben", b"next week\xff")):
        lay(tmp_path, {f"submitted/{student}/ex04/a.py": ""})
        (tmp_path / "submitted" / student / "ex04" / "timestamp.txt").write_bytes(stamp)
    students, notes = noted(tmp_path)
    assert students == ["ada", "ben"]
    assert "ada/ex04/timestamp.txt: '2026-10-14 10:00:00 XYZ'" in notes[0]
    assert "on time" in notes[0]
    assert "next week" in notes[1]
    metadata = METADATA.replace("2026-10-15 12:00:00 Z", "yesterday")
    _, notes = noted(lay(tmp_path / "g", {"submission_metadata.yml": metadata}))
    (note,) = notes
    assert "submission_metadata.yml, submission_12: 'yesterday'" in note
    assert "on time" in note
    (tmp_path / "submitted" / "ada" / "ex04" / "timestamp.txt").write_text("2026-10-14 10:00 CST")
    with pytest.raises(UsageError, match="of several countries, but not of UTC"):
        noted(tmp_path)


NOBODY_S = {
    "flat": (
        {"ada/a.py": "", "dora.tar.gz": "", "eve.txt": "", "fay.RAR": ""},
        ["ada", "dora", "fay"],
        ["eve.txt"],
    ),
    "moodle": (
        {
            "Ada Good_1_assignsubmission_onlinetext/onlinetext.html": "",
            "Bob Bad_2_assignsubmission_onlinetext_onlinetext.html": "",
            "Cy Fine_3_assignsubmission_file/a.py": "",
            "readme/a.txt": "",
            "readme/b.txt": "",
        },
        ["1", "2", "3"],
        ["readme"],
    ),
    "canvas": (
        {"goodada_501_text.html": "", "badbob_LATE_502_text.html": "", "finecy_503_9_a.py": "", "x.py": ""},
        ["501", "502", "503"],
        ["x.py"],
    ),
    "clones": (
        {"cnn-submissions/cnn-ada/a.py": "", "cnn-submissions/CNN-Eve/a.py": "", "cnn-submissions/fay/a.py": ""},
        ["Eve", "ada"],
        ["fay"],
    ),
    "gradescope": (
        {"submission_metadata.yml": METADATA, "submission_11/a.py": "", "submission_99/a.py": ""},
        ["1815", "1815", "Charles Babbage"],
        ["submission_99"],
    ),
    "nbgrader": (
        {"submitted/ada/ex04/a.py": "", "submitted/ben/a.py": "", "submitted/ada/b.py": "", "source/x.py": ""},
        ["ada"],
        ["ada/b.py", "ben"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", NOBODY_S)
def test_nothing_disappears(layout, download):
    """What was submitted has a student, whatever it is, or a note says that it has none."""
    files, students, rest = NOBODY_S[layout]
    found, notes = noted(download(files), layout)
    assert found == students
    assert [note.partition(": ")[0] for note in notes] == rest
    assert all("not part of any submission" in note for note in notes)


def test_a_text_beside_a_file_takes_nothing_from_it(tmp_path):
    """Who uploaded a file and typed a comment is known by the file, which feedback is named after."""
    canvas = {"goodada_501_text.html": "", "goodada_501_9_a.py": "", "zoe_501_text.html": ""}
    assert one(lay(tmp_path / "c", canvas), "501")[0].origin == "goodada_501_9_a.py"
    moodle = {f"Ada_1_assignsubmission_{kind}/a.py": "" for kind in ("file", "onlinetext")}
    assert one(lay(tmp_path / "m", moodle), "1")[0].origin == "Ada_1_assignsubmission_file"


def test_many_files_of_nobody_are_counted(tmp_path):
    """A note each would bury the others."""
    files = {f"{n:03}.txt": "" for n in range(100)}
    _, notes = noted(lay(tmp_path, {**files, "ada.py": ""}))
    assert len(notes) == 21
    assert notes[-1].startswith("80 more ")


@pytest.mark.parametrize("name", ["ex04_convolution.py", "ex04.ipynb"])
def test_a_single_student_with_folders(name, tmp_path):
    """A folder that holds an exercise's file is a student's, whatever folders are beside it; one
    that holds only folders is the download's."""
    one_student = lay(tmp_path / "one", {f"alice/{name}": "", "alice/tests/test_mine.py": ""})
    assert noted(one_student) == (["alice"], [])
    assert noted(lay(tmp_path / "dl", {f"export/{n}/{name}": "" for n in "ab"})) == (["a", "b"], [])


def test_a_large_class_of_gradescope(tmp_path):
    """The metadata holds every output of every check: it may be larger than a student's file."""
    results = "  :results:\n    output: |-\n" + "      a line of output\n" * 200_000
    path = lay(tmp_path, {"submission_metadata.yml": METADATA + results, "submission_11/a.py": ""})
    assert (path / "submission_metadata.yml").stat().st_size > 4_000_000
    assert noted(path)[0] == STUDENTS["gradescope"]


def test_links_are_refused_not_followed(tmp_path):
    """A link in a download is an entry with a reason; what it points to is not read."""
    (tmp_path / "secret.py").write_text("secret")
    root = lay(tmp_path / "d", {"ada/notes.txt": ""})
    (root / "ada" / "ex04_convolution.py").symlink_to(tmp_path / "secret.py")
    os.mkfifo(root / "ada" / "pipe.py")
    with open_tree(root) as tree:
        (submission,) = read_layout(tree)[1]
        for name in ("ex04_convolution.py", "pipe.py"):
            with pytest.raises(SubmissionError, match=r"link|regular"):
                submission.files[PurePosixPath(name)].read()


def test_paths_that_lead_out_of_a_zip_are_left_out(tmp_path):
    """`../` and absolute names are noted and belong to nobody."""
    path = zipped(tmp_path / "d.zip", {"../evil.py": "x", "/evil.py": "x", "ada/a.py": "x"})
    with open_tree(path) as tree:
        assert len(tree.notes) == 2
        assert [h.student for h in read_layout(tree)[1]] == ["ada"]


def test_a_member_that_is_a_bomb_is_not_unpacked(tmp_path):
    """A small zip member that would unpack to far more is refused at the limit."""
    path = tmp_path / "d.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ada/ex04_convolution.py", b" " * (8 << 20))
    with open_tree(path) as tree:
        (entry,) = tree.files.values()
        with pytest.raises(SubmissionError, match="limit"):
            entry.read()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"PK\x05\x06" + b"\xff" * 18])
def test_broken_download_is_one_line(content, tmp_path):
    """A download that is not a zip ends with what to do, not with a traceback."""
    (tmp_path / "d.zip").write_bytes(content)
    with pytest.raises(UsageError, match="download it again"), open_tree(tmp_path / "d.zip"):
        pass


@pytest.mark.parametrize(
    "text",
    ["- a\n- b", "{", "!!python/object:os.system {}", "a: [" * 3000, "[" * 200_000 + "]" * 200_000],
    ids=range(5),
)
def test_hostile_metadata_is_refused(text, download):
    """Metadata that is not what Gradescope writes is said to be so, and runs nothing."""
    path = download({"submission_metadata.yml": text, "submission_1/a.py": ""})
    with open_tree(path) as tree, pytest.raises(UsageError, match="submission_metadata"):
        read_layout(tree)


def test_a_wrong_layout_says_what_to_do(download):
    """A layout that was asked for and does not fit is wrong usage; so is an empty download."""
    with open_tree(download(LAYOUTS["flat"])) as tree:
        with pytest.raises(UsageError, match="--layout auto"):
            read_layout(tree, "gradescope")
        with pytest.raises(UsageError, match="no such layout"):
            read_layout(tree, "schoology")


def test_empty_download(tmp_path):
    """A folder with nothing in it holds no submissions."""
    with open_tree(tmp_path) as tree, pytest.raises(UsageError, match="no submissions"):
        read_layout(tree)


def test_flat_files_of_several_exercises(download):
    """A file for each exercise, wherever the exercise stands in its name, is one student's; two of one
    exercise are told apart."""
    files = ["1801_ex04.py", "1801_EX05_final.py", "ex04_ada.py", "bo_ex04.py", "bo_ex04.ipynb"]
    found, notes = noted(download(dict.fromkeys(files, "x")))
    assert found == ["1801", "1801", "bo_ex04.ipynb", "bo_ex04.py", "ex04_ada"]
    assert notes == []


def test_a_folder_of_downloads_is_no_class(tmp_path):
    """A class's download inside of what was named is not graded as if it were one student."""
    canvas = {f"good{n}_{n}_9{n}_ex04.py": "x" for n in range(5)}
    zipped(lay(tmp_path / "a", {"ada/x.py": ""}) / "submissions.zip", canvas)
    clones = LAYOUTS["clones"] | {"grades.csv": ""}
    lay(tmp_path / "b", clones)
    lay(tmp_path / "c", {f"{e}/{s}.py": "" for e in ("ex04", "ex05") for s in ("ada", "bo")})
    lay(tmp_path / "d", {"ada/lovelaceada_101_201_ex04.py": "", "bo/boole_102_202_ex04.py": ""})
    for name, words in (
        ("a", "submissions.zip in it .* download from canvas"),
        ("b", "cnn-submissions in it .* download from clones"),
        ("c", "ex04 in it is named after an exercise"),
    ):
        with pytest.raises(UsageError, match=words):
            noted(tmp_path / name)
    assert noted(tmp_path / "a", "flat")[0] == ["ada", "submissions"]
    assert noted(tmp_path / "d")[0] == ["ada", "bo"]  # each holds but one student's


def test_canvas_of_other_spellings(tmp_path):
    """A link that was submitted, lateness in small letters, and the older of two attempts are known."""
    files = {
        "goodada_late_501_9_ex04.py": "x",
        "goodada_late_501_12_ex04-1.py": "x",
        "badbob_502_link.html": "x",
        "finecy_503_11_ex04.py": "x",
    }
    found, notes = noted(lay(tmp_path, files))
    assert found == ["501", "502", "503"]
    assert notes == [
        "goodada_late_501_9_ex04.py: older than goodada_late_501_12_ex04-1.py, which is graded"
    ]
    assert one(tmp_path, "501")[0].late is True


def test_the_wrong_name_of_clones(tmp_path):
    """Who insists on a layout that does not fit hears how its folder must be called."""
    path = lay(tmp_path / "renamed", {"cnn-ada/a.py": "", "cnn-bo/a.py": ""})
    with pytest.raises(UsageError, match="<assignment>-submissions"):
        noted(path, "clones")


def test_names_in_a_zip_that_does_not_say_utf_8(tmp_path):
    """macOS writes UTF-8 into zips without the flag that says so."""
    path = tmp_path / "mac.zip"
    data = zipped(path, {"Zoe Mxxller.py": "x"}).read_bytes()
    path.write_bytes(data.replace(b"Mxxller", "Müller".encode()))
    assert noted(path)[0] == ["Zoe Müller"]
