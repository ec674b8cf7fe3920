"""Feedback for students: each page is about one student, and gets back to that one."""

import io
import zipfile
from dataclasses import replace

import pytest

from grader.model import Outcome


@pytest.fixture
def pages(export):
    """The feedback zip's pages by their names, and how the export ended."""

    def call(*words):
        done, data = export("--to", "feedback", *words)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert len(set(archive.namelist())) == len(archive.namelist())
            return done, {name: archive.read(name).decode() for name in archive.namelist()}

    return call


@pytest.mark.usefixtures("filled")
def test_feedback_goes_back_where_it_came_from(pages):
    """Files are named as Canvas and Moodle expect, and the page itself names nobody."""
    done, found = pages()
    assert done.code == 0, done.err
    assert list(found) == [
        "lovelaceada_101_5001_ex01_line.html",
        "Charles Babbage_102_assignsubmission_file/ex01_feedback.html",
        "anon_103_5002_ex01_line.html",
    ]
    page = found["Charles Babbage_102_assignsubmission_file/ex01_feedback.html"]
    assert "message of test_mean" in page
    assert "Charles Babbage" not in page
    assert "cb@example.org" not in page


def test_hidden_checks_keep_their_names(graded, pages, export, tmp_path):
    """Of hidden checks a student reads how many passed: no name, no title, no message, also where
    a visible check was skipped because of one."""

    def skip(report):
        words = "needs “What test_bias says”, which did not pass"
        first, *others = report.checks
        first = replace(first, outcome=Outcome.SKIPPED, hint="", message=words)
        return replace(report, checks=(first, *others))

    graded("ada", "Ada", score=2.0, edit=skip)
    graded("bob", "Bob")
    done, found = pages()
    assert done.code == 0
    for page in found.values():
        assert "test_bias" not in page
    assert "0 of 1 hidden check passed, 0 of 6 points." in found["ada/ex01.html"]
    assert "1 of 1 hidden check passed, 6 of 6 points." in found["bob/ex01.html"]
    assert "needs “a hidden check”" in found["ada/ex01.html"]
    (tmp_path / "sheet.csv").write_text(
        "Identifier,Full name,Grade,Maximum Grade,Feedback comments\nParticipant 1,Ada,,11.00,\n",
        encoding="utf-8",
    )
    _, data = export("--to", "moodle", "--fill", "sheet.csv")
    assert "needs “a hidden check”" in data.decode()


def test_equal_submissions_are_different_students(book, graded, pages):
    """Two students with the same content: what was said to one, and how late one was, is on no other
    page."""
    for key in ("ada", "bob", "cy"):
        late = {"penalty": 0.1, "late_seconds": 60.0} if key == "bob" else {}
        graded(key, key.title(), score=5.0, email=f"{key}@uni.edu", content="same", **late)
    book.adjust("ada", "ex01", "add", -2, "smelled of copying", "Prof. X")
    _, found = pages()
    assert "3 of 11" in found["ada/ex01.html"]
    assert "smelled of copying" in found["ada/ex01.html"]
    for name in ("bob", "cy"):
        assert "smelled" not in found[f"{name}/ex01.html"]
        assert "ada" not in found[f"{name}/ex01.html"].lower()
    assert "4.5 of 11" in found["bob/ex01.html"]
    assert "5 of 11" in found["cy/ex01.html"]
    assert "late" not in found["cy/ex01.html"].partition("<main")[2]


def test_two_exercises_of_one_submission(graded, pages):
    """Both pages of a folder or file that held two exercises are there."""
    for exercise in ("ex01", "ex02"):
        graded("1", origin="Ada L_301_assignsubmission_file_", exercise=exercise)
        graded("2", origin="badbob_LATE_302_77_ex01_and_ex02.zip", exercise=exercise)
    done, found = pages()
    assert done.code == 0, done.err
    assert sorted(found) == [
        "Ada L_301_assignsubmission_file_/ex01_feedback.html",
        "Ada L_301_assignsubmission_file_/ex02_feedback.html",
        "badbob_LATE_302_77_ex01_and_ex02.html",
        "badbob_LATE_302_77_ex01_and_ex02_ex02.html",
    ]


def test_names_that_look_alike(graded, pages):
    """Names that a file system cannot tell apart, or cannot hold, lead to folders of their own, and
    no student gets the folder that is another one's name."""
    keys = ["a:b", "a?b", "a_b", "Eve", "eve", "x" * 300, "x" * 301, "..", "../../up", "con\\x"]
    for key in keys:
        graded(key)
    done, found = pages()
    assert done.code == 0, done.err
    folders = [name.split("/") for name in found]
    assert len(folders) == len(keys)
    assert all(len(parts) == 2 and parts[0] not in ("", "..") for parts in folders)
    assert len({parts[0].casefold() for parts in folders}) == len(keys)
    assert "a_b/ex01.html" in found
    assert {"Eve", "eve"}.isdisjoint(parts[0] for parts in folders)
    assert max(len(name.encode()) for name in found) < 200


def test_a_long_name_keeps_what_the_platform_needs(graded, pages):
    """A name is cut in front of the platform's numbers, never behind."""
    long = "Ünal " * 60
    graded("301", origin=f"{long}_301_assignsubmission_file_")
    graded("302", origin=f"{'l' * 200}_LATE_302_5001_ex01_{'y' * 200}.py")
    _, found = pages()
    moodle, canvas = sorted(found, key=len, reverse=True)
    if "assignsubmission" in canvas:
        moodle, canvas = canvas, moodle
    assert "_301_assignsubmission_file_/ex01_feedback.html" in moodle
    assert "_LATE_302_5001_ex01_yyy" in canvas
    assert canvas.endswith(".html")
    assert all(len(part.encode()) < 256 for name in found for part in name.split("/"))


def test_what_canvas_cannot_match_is_said(graded, pages):
    """A text or a link on Canvas has no number of a file: its page is in the zip, and a warning says
    that it has to be given by hand."""
    graded("301", origin="goodada_301_5001_ex01_line.py")
    graded("302", origin="badbob_302_text.html")
    graded("303", origin="daycy_LATE_303_link.html")
    graded("s4", origin="text.html")
    done, found = pages()
    assert done.code == 0
    assert set(found) == {"goodada_301_5001_ex01_line.html", *(f"{k}/ex01.html" for k in ("302", "303", "s4"))}  # fmt: skip
    assert done.err.count("warning") == 2
    for key in ("302", "303"):
        assert f"warning: {key} ex01: no file was submitted" in done.err


def test_what_has_no_page_is_listed(book, graded, pages):
    """A submission that nobody has graded yet has nothing to tell; it is listed."""
    graded("ada")
    book.add_submission(("bob", "", ""), "ex01", "s9", "k9")
    done, found = pages()
    assert list(found) == ["ada/ex01.html"]
    assert done.code == 1
    assert "left out: bob ex01: not graded yet" in done.err


def test_a_teacher_s_words_are_on_the_page(book, graded, pages):
    """Extension, late days, points by the rubric and comments, whatever marks are in them."""
    graded("ada", "Ada", score=5.0, penalty=0.1, late_days=2, free_days=1)
    book.set_rubric("ex01", [("names", "Readable names", 2.0)])
    book.mark("ada", "ex01", "names", 1, "x <- y?", "X")
    book.comment("ada", "ex01", "<b>See me.</b>", "X")
    book.extend("ada", "ex01", "ill", "X", days=1)
    _, made = pages()
    (page,) = made.values()
    for words in (
        "2 days, 1 free, -10%",
        "by 1 day: ill (X)",
        "Readable names 1/2: x &lt;- y? (X)",
        "&lt;b&gt;See me.&lt;/b&gt; (X)",
    ):
        assert words in page
