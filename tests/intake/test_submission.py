"""Intake: files, folders and zips become source text, and nothing else happens."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course.loader import find_course
from grader.errors import SubmissionError, UsageError
from grader.intake import files
from grader.intake.files import decode
from grader.intake.submission import read_submission, submission_from_bytes
from grader.intake.tree import SUBMISSION, zip_tree
from grader.model import Cell

COURSE = find_course(Path(__file__).parents[1] / "cases" / "course")
EXERCISE = COURSE.exercises[0]
NAME = "ex01_line.py"


def pack(path, members, compression=zipfile.ZIP_DEFLATED):
    """Write a zip of `{name or ZipInfo: content}`."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refused(path, *words, exercise=EXERCISE):
    """Assert that a path is refused in one line that holds `words`."""
    with pytest.raises(SubmissionError) as caught:
        read_submission(path, exercise)
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message
    return message


# What is read


def test_file(tmp_path):
    """A file is one module under the exercise's name, whatever it is called itself."""
    path = tmp_path / "my homework (final).py"
    path.write_text("x = 1\n")
    got = read_submission(path, EXERCISE)
    assert got.main == "ex01_line"
    (module,) = got.modules
    assert module.name == "ex01_line"
    assert module.cells == (Cell("my homework (final).py", "x = 1\n"),)


def test_file_brings_the_earlier_exercises_that_it_builds_on(tmp_path):
    """Of the files beside it, only those that the exercise requires come along."""
    for name in (NAME, "ex00_before.py", "ex02_after.py", "conftest.py"):
        (tmp_path / name).write_text("x = 1\n")
    exercise = replace(EXERCISE, requires=("ex00_before",))
    got = read_submission(tmp_path / NAME, exercise)
    assert [m.name for m in got.modules] == ["ex01_line", "ex00_before"]


def test_an_earlier_exercise_that_is_not_there_is_named(tmp_path):
    """What a file imports of earlier exercises is missed by name; what it does not import is not."""
    (tmp_path / NAME).write_text("from ex00_before import f\n")
    exercise = replace(EXERCISE, requires=("ex00_before", "ex00_unused"))
    (note,) = read_submission(tmp_path / NAME, exercise).notes
    assert "ex00_before.py" in note
    assert "ex00_unused" not in note


def test_folder(tmp_path):
    """A folder gives its modules, also those in folders; hidden and installed ones stay out."""
    for name in (
        NAME, "util.py", "pkg/__init__.py", "pkg/deep.py", "loose/no_package.py",
        ".git/hook.py", "__pycache__/x.py", "venv/__init__.py", "notes.txt",
        "ml/pyvenv.cfg", "ml/lib/numpy/core.py",
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text("x = 1\n")
    got = read_submission(tmp_path, EXERCISE)
    assert {m.name for m in got.modules} == {
        "ex01_line", "util", "pkg", "pkg.deep", "loose.no_package"
    }  # fmt: skip
    assert got.modules[0].name == "ex01_line"


@pytest.mark.parametrize(
    "names",
    [
        ["ex01_line.py", "other.py"],
        ["EX01_Line.py"],
        ["ex01_adas_version.py", "other.py"],
        ["solution.py"],
        ["ada/ex01_line.py", "ada/other.py"],
        ["a/b/c/ex01_line.py"],
        ["__MACOSX/._ex01_line.py", "ex01_line.py", ".hidden.py"],
    ],
)
def test_main_file_of_a_zip(tmp_path, names):
    """The exercise's file is found by its name, by its number, or because it is the only one."""
    got = read_submission(pack(tmp_path / "hand in.zip", dict.fromkeys(names, "x = 1")), EXERCISE)
    assert got.modules[0].name == "ex01_line"
    assert got.modules[0].cells[0].source == "x = 1"


def test_script_goes_before_notebook(tmp_path):
    """Where both are there the script is graded, and a note says so."""
    (tmp_path / NAME).write_text("x = 1")
    (tmp_path / "ex01_line.ipynb").write_text("not even JSON")
    got = read_submission(tmp_path, EXERCISE)
    assert not got.modules[0].notebook
    assert got.notes == (
        "both ex01_line.py and ex01_line.ipynb are there; ex01_line.py was graded",
    )


@pytest.mark.parametrize(
    ("script", "notebook", "graded"),
    [
        ("def f(x):\n    raise NotImplementedError\n", "def f(x):\n    return x", ".ipynb"),
        ("def f(x):\n    raise NotImplementedError\n", "def f(x):\n    raise NotImplementedError", ".py"),
        ("def f(x):\n    raise NotImplementedError\n", "f(3)", ".py"),
        ("def f(x):\n    return 2 * x\n", "def f(x):\n    return x", ".py"),
        ("def f(x):\n    raise NotImplementedError\ndef g():\n    pass", "def f(x): return x", ".py"),
    ],
)  # fmt: skip
def test_a_notebook_goes_before_a_stub(script, notebook, graded, tmp_path):
    """Where the script is a stub and the notebook is not, the notebook is graded."""
    (tmp_path / NAME).write_text(script)
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(notebook)])
    nbformat.write(book, tmp_path / "ex01_line.ipynb")
    got = read_submission(tmp_path, EXERCISE)
    assert got.notes[0].endswith(f"; ex01_line{graded} was graded")
    assert got.modules[0].notebook == (graded == ".ipynb")
    assert len(got.modules) == 1


def test_nothing_refers_to_a_file_any_more(tmp_path):
    """A submission is text: changing or removing the file afterwards changes nothing."""
    path = tmp_path / NAME
    path.write_text("x = 1")
    got = read_submission(path, EXERCISE)
    path.unlink()
    assert got.modules[0].cells[0].source == "x = 1"


def test_what_is_not_needed_is_left_out_with_a_note(tmp_path):
    """A helper that cannot be read is left out; the exercise itself is still graded."""
    (tmp_path / NAME).write_text("x = 1")
    (tmp_path / "junk.py").write_bytes(b"\xff\xfe\x00\x01")
    got = read_submission(tmp_path, EXERCISE)
    assert [m.name for m in got.modules] == ["ex01_line"]
    assert got.notes[0].startswith("skipped: junk.py")


# What is refused


def test_nothing_there(tmp_path, grade):
    """A missing path is a usage error that names it; exit code 2."""
    with pytest.raises(UsageError, match=r"nothing\.py: no such file or folder; name the file"):
        read_submission(tmp_path / "nothing.py", EXERCISE)
    result = grade("--course", COURSE.root, "ex01", tmp_path / "nothing.py")
    assert result.code == 2
    assert "nothing.py: no such file or folder" in result.complaint


def test_refused_submission_is_a_report(tmp_path, grade):
    """A submission that cannot be read is graded zero, each check says why; exit code 1."""
    path = tmp_path / "ex01_line.zip"
    path.write_bytes(b"PK\x03\x04 not really")
    result = grade("--course", COURSE.root, "ex01", path, "--format", "json")
    assert (result.code, result.err) == (1, "")
    report = result.report
    assert report["score"] == 0
    assert report["max_score"] == 11
    assert len(report["problems"]) == 1
    assert report["problems"][0].startswith("ex01_line.zip: not a readable zip")
    assert {c["outcome"] for c in report["checks"]} <= {"error", "skipped"}
    result = grade("--course", COURSE.root, "ex01", path)
    assert result.code == 1
    assert result.out.count("not a readable zip") == 1
    assert "Traceback" not in result.out + result.err


def test_other_kinds_of_file(tmp_path):
    """Something else than Python says what is expected."""
    (tmp_path / "work.docx").write_bytes(b"x")
    refused(tmp_path / "work.docx", "work.docx", "expected ex01_line.py, a notebook (.ipynb)")


def test_folder_without_the_exercise(tmp_path):
    """A folder that lacks the exercise's file lists what was found instead."""
    refused(tmp_path, "ex01_line.py is missing (found: no .py and no .ipynb)")
    (tmp_path / "a.py").write_text("")
    (tmp_path / "b.py").write_text("")
    refused(tmp_path, "ex01_line.py is missing (found: a.py, b.py)")


def test_several_candidates(tmp_path):
    """Two files that could be meant are both named."""
    for name in ("ex01_old.py", "ex01_new.py"):
        (tmp_path / name).write_text("")
    refused(tmp_path, "several files could be ex01_line.py: ex01_new.py, ex01_old.py; keep one")


def test_links(tmp_path):
    """A link inside a folder is not followed, symbolic or hard; one that the caller names is."""
    secret = tmp_path / "secret.py"
    secret.write_text("answer = 42")
    soft = tmp_path / "soft"
    soft.mkdir()
    (soft / NAME).symlink_to(secret)
    refused(soft, "ex01_line.py is a link")
    hard = tmp_path / "hard"
    hard.mkdir()
    os.link(secret, hard / NAME)
    refused(hard, "ex01_line.py is a hard link")
    (hard / NAME).unlink()
    assert read_submission(soft / NAME, EXERCISE).modules[0].cells[0].source == "answer = 42"


@pytest.mark.parametrize("target", ["nowhere.py", "gone.py"])
def test_link_that_leads_nowhere(tmp_path, target):
    """A link to nothing, or to itself, is named as what it is."""
    (tmp_path / "gone.py").symlink_to(tmp_path / target)
    with pytest.raises(UsageError, match=r"gone\.py is a broken link"):
        read_submission(tmp_path / "gone.py", EXERCISE)


def test_link_to_a_folder_is_not_walked(tmp_path):
    """A linked package does not come along."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "__init__.py").write_text("x = 1")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / NAME).write_text("")
    (inside / "pkg").symlink_to(outside)
    assert [m.name for m in read_submission(inside, EXERCISE).modules] == ["ex01_line"]


def test_not_regular_files(tmp_path):
    """A FIFO, a device or a folder with a file's name is refused at once, without waiting."""
    os.mkfifo(tmp_path / NAME)
    refused(tmp_path / NAME, "not a regular file")
    refused(tmp_path, "not a regular file")
    refused(Path("/dev/zero"), "/dev/zero: not a regular file")


def test_unreadable_file(tmp_path, monkeypatch):
    """A file without permission to read is named with the system's reason."""
    (tmp_path / NAME).write_text("")

    def forbidden(*_args, **_keywords):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files.os, "open", forbidden)
    refused(tmp_path / NAME, "ex01_line.py: cannot be read (Permission denied)")


def test_too_large_file(tmp_path, monkeypatch):
    """More source than anyone writes is refused by its size."""
    monkeypatch.setattr(files, "MAX_SOURCE", 100)
    (tmp_path / NAME).write_text("#" * 101)
    refused(tmp_path / NAME, "ex01_line.py", "limit of 100 bytes")


def test_too_many_modules(tmp_path, monkeypatch):
    """A folder of hundreds of modules is refused."""
    monkeypatch.setattr("grader.intake.submission.MAX_MODULES", 3)
    for name in (NAME, "a.py", "b.py", "c.py"):
        (tmp_path / name).write_text("")
    refused(tmp_path, "holds more than 3 modules")


# Zips


@pytest.mark.parametrize(
    "name",
    ["/etc/ex01_line.py", "../ex01_line.py", "a/../../ex01_line.py", "..\\ex01_line.py",
     "C:\\ex01_line.py", "C:ex01_line.py", "\\\\host\\ex01_line.py"],
)  # fmt: skip
def test_paths_that_lead_out_of_a_zip(tmp_path, name):
    """An absolute path, a drive or `..` in a zip is refused by its name."""
    path = pack(tmp_path / "hand_in.zip", {NAME: "", name: ""})
    refused(path, "hand_in.zip", repr(name), "leads out of the zip")


def test_link_in_a_zip(tmp_path):
    """A symbolic link in a zip is refused."""
    link = zipfile.ZipInfo(NAME)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = pack(tmp_path / "hand_in.zip", {link: "/etc/passwd"})
    refused(path, "hand_in.zip", "ex01_line.py is a link")


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x05\x06", b"nonsense" * 100, b"\0" * 5000])
def test_not_a_zip(tmp_path, content):
    """Bytes that are no zip are refused by the file's name."""
    path = tmp_path / "hand_in.zip"
    path.write_bytes(content)
    refused(path, "hand_in.zip", "not a readable zip")


def test_truncated_zip(tmp_path):
    """A zip that was cut off in its middle is refused, wherever the cut is."""
    whole = pack(tmp_path / "whole.zip", {NAME: "x = 1\n" * 100, "other.py": ""}).read_bytes()
    path = tmp_path / "hand_in.zip"
    for size in range(0, len(whole), 9):
        path.write_bytes(whole[:size])
        refused(path, "hand_in.zip")


def test_damaged_zip(tmp_path):
    """A member whose checksum is wrong is refused."""
    path = pack(tmp_path / "hand_in.zip", {NAME: "x = 1\n"}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"x = 1\n", b"x = 2\n"))
    refused(path, "hand_in.zip", "ex01_line.py is damaged", "CRC")


def test_unknown_compression(tmp_path):
    """A member packed by a method that Python does not know is refused."""
    path = pack(tmp_path / "hand_in.zip", {NAME: "x"}, zipfile.ZIP_STORED)
    data = path.read_bytes()
    local, central = data.index(b"PK\x03\x04"), data.index(b"PK\x01\x02")
    data = bytearray(data)
    struct.pack_into("<H", data, local + 8, 99)
    struct.pack_into("<H", data, central + 10, 99)
    path.write_bytes(data)
    refused(path, "hand_in.zip", "ex01_line.py", "compression")


def test_protected_zip(tmp_path):
    """A zip with a password says so."""
    path = pack(tmp_path / "hand_in.zip", {NAME: "x"}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(data)
    refused(path, "hand_in.zip", "password")


def test_enormous_expansion(tmp_path):
    """A small zip that unpacks to much is refused before anything is unpacked."""
    path = pack(tmp_path / "hand_in.zip", {NAME: "", "zeros.bin": bytes(140 << 20)})
    assert path.stat().st_size < 1 << 20
    refused(path, "hand_in.zip", "128 megabytes")


def test_expansion_that_lies_about_its_size(tmp_path, monkeypatch):
    """A member that unpacks to more than it declares is not read past the limit."""
    monkeypatch.setattr(files, "MAX_SOURCE", 1000)
    path = pack(tmp_path / "hand_in.zip", {NAME: "#" * 50_000})
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(mark) + offset, 10)
    path.write_bytes(data)
    refused(path, "hand_in.zip")


def test_thousands_of_members(tmp_path):
    """A zip of thousands of members is refused by their number."""
    path = pack(tmp_path / "hand_in.zip", {f"{i}.py": "" for i in range(5001)}, zipfile.ZIP_STORED)
    refused(path, "hand_in.zip", "5,001", "5,000")


def test_zip_in_a_zip(tmp_path):
    """A zip in a zip is not unpacked: the exercise is not in it."""
    inner = pack(tmp_path / "inner.zip", {NAME: "x"}).read_bytes()
    refused(pack(tmp_path / "outer.zip", {"inner.zip": inner}), "ex01_line.py is missing")


parts = st.sampled_from(["..", ".", "", "a", "b.py", NAME, "~", "C:", "con", "\\", "a\\..\\b", "é"])
paths = st.lists(parts, min_size=1, max_size=4).map("/".join)


@settings(max_examples=150, deadline=None)
@given(st.lists(paths.filter(bool), min_size=1, max_size=4, unique=True))
def test_no_path_in_a_zip_leads_out_of_it(members):
    """Whatever a zip's paths are, it is refused, or every module's path stays below its top."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in members:
            archive.writestr(name, "x = 1")
    with zip_tree("hand_in.zip", buffer.getvalue(), SUBMISSION) as tree:
        assert len(tree.files) + len(tree.escaping) <= len(members)
        for name, entry in tree.files.items():
            assert not name.is_absolute()
            assert ".." not in name.parts
            assert "\\" not in str(name)
            assert entry.read() == b"x = 1"


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_damage_to_a_zip_is_the_students_to_mend(tmp_path_factory, data):
    """A zip with some bytes changed is read or refused; it never ends in an error of ours."""
    path = tmp_path_factory.mktemp("zips") / "hand_in.zip"
    method = data.draw(st.sampled_from([zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]))
    members = {NAME: "x = 1\n" * 20, "pkg/other.py": "y"}
    content = bytearray(pack(path, members, method).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        read_submission(path, EXERCISE)
    except SubmissionError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either end is right


def test_a_damaged_name_stays_on_its_line(tmp_path):
    """A control character in a member's name breaks no message in two."""
    path = pack(tmp_path / "hand_in.zip", {"ex01\nline.py": "x = 1"}, zipfile.ZIP_STORED)
    with zip_tree("hand_in.zip", path.read_bytes(), SUBMISSION) as tree:
        assert [str(name) for name in tree.files] == ["ex01\N{REPLACEMENT CHARACTER}line.py"]


# Encodings


def test_encodings_that_python_accepts():
    """UTF-8 with or without its mark, and any encoding that a coding line names."""
    text = "name = 'Käthe'\n"
    assert decode("a.py", text.encode()) == text
    assert decode("a.py", text.encode("utf-8-sig")) == text
    for encoding in ("latin-1", "cp1252", "iso-8859-15"):
        lined = f"# -*- coding: {encoding} -*-\n{text}"
        assert decode("a.py", lined.encode(encoding)) == lined
    assert decode("a.py", b"x = 1\r\ny = 2\r") == "x = 1\ny = 2\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("x = 1\nname = 'Käthe'\n".encode("latin-1"), "a.py, line 2: not UTF-8"),
        ("x = 1\n".encode("utf-16"), "a.py, line 1: not UTF-8"),
        ("x = 1\n".encode("utf-16-le"), "a.py contains null bytes"),
        (b"x = 1\0\n", "a.py contains null bytes"),
        (b"# coding: klingon\nx = 1\n", "a.py, line 1: not UTF-8"),
        (b"\xef\xbb\xbf# coding: latin-1\nx = 1\n", "a.py"),
        (b"# coding: utf-8\nx = '\xe4'\n", "a.py, line 2: not UTF-8"),
        (b"# coding: rot13\nk = 1\n", "a.py"),
        (b"# coding: zlib\nk = 1\n", "a.py"),
    ],
)
def test_encodings_that_it_does_not(data, words):
    """Anything else is refused in one line that names the file and says to save it as UTF-8."""
    with pytest.raises(SubmissionError) as caught:
        decode("a.py", data)
    assert words in str(caught.value)
    assert "UTF-8" in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=60))
def test_any_bytes_are_text_or_refused(data):
    """Whatever bytes a file holds, they are Python text or the student's to mend."""
    try:
        assert "\0" not in decode("a.py", data)
    except SubmissionError as error:
        assert "a.py" in str(error)  # noqa: PT017 - either end is right


def test_latin_1_submission_is_graded(tmp_path, grade):
    """A submission with a coding line runs; one without is told which line to look at."""
    solution = (COURSE.root / "solutions" / NAME).read_text("utf-8")
    source = solution.replace("·", "*") + "\nauthor = 'Käthe'\n"
    path = tmp_path / NAME
    path.write_bytes(("# coding: latin-1\n" + source).encode("latin-1"))
    assert grade("--course", COURSE.root, "ex01", path).code == 0
    path.write_bytes(source.encode("latin-1"))
    result = grade("--course", COURSE.root, "ex01", path)
    assert result.code == 1
    assert f"ex01_line.py, line {len(source.splitlines())}: not UTF-8" in " ".join(
        result.out.split()
    )


def test_a_zip_beside_sources(tmp_path):
    """Of a zip and a source the one that is named after the exercise counts, and with none that
    is, the source; what was not looked at is noted."""
    zipped = pack(tmp_path / "ex01.zip", {NAME: "x = 'zip'\n"}).read_bytes()
    for handed_in, source, rest in (
        ({"helpers.py": b"x = 1\n", "ex01.zip": zipped}, "x = 'zip'\n", "helpers.py"),
        ({"essay.zip": b"", "ex01.zip": zipped}, "x = 'zip'\n", "essay.zip"),
        ({NAME: b"x = 1\n", "ex01.zip": b""}, "x = 1\n", "ex01.zip"),
        ({"mine.py": b"x = 1\n", "old.zip": b""}, "x = 1\n", "old.zip"),
    ):
        got = submission_from_bytes("it", handed_in, EXERCISE)
        assert got.modules[0].cells[0].source == source
        assert got.notes == (f"{rest} was skipped: the exercise was found beside it",)


def test_a_member_without_a_name(tmp_path):
    """A zip whose damage took a member's name is read as far as it goes, or refused in words."""
    path = pack(tmp_path / "work.zip", {"q": "", NAME: "x = 1\n"})
    data = bytearray(path.read_bytes())
    for mark, offset in (
        (b"PK\x03\x04", 26),
        (b"PK\x01\x02", 28),
    ):  # its length of one becomes none
        data[data.index(mark) + offset] = 0
        data[data.index(mark) + offset + 2] = 1
    path.write_bytes(data)
    assert read_submission(path, EXERCISE).modules[0].cells[0].source == "x = 1\n"
