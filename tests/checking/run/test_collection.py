"""What the collected checks must be like, and what is read from their marks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.course.loader import find_course

ROOT = Path(__file__).resolve().parents[3]
RIGHT = ROOT / "tests" / "cases" / "right" / "submission" / "ex01_line.py"


HEAD = "import pytest\n@pytest.mark.points(1)\n"
USELESS = {
    "returns": (f"{HEAD}def test_it(student):\n    'D.'\n    return True", "test_it returns a bool"),
    "async": (f"{HEAD}async def test_it(student):\n    'D.'", "test_it is `async def`"),
    "yields": (f"{HEAD}def test_it(student):\n    'D.'\n    yield", "yield"),
    "marked xfail": (
        f"{HEAD}@pytest.mark.xfail\ndef test_it(student):\n    'D.'", "test_it is marked xfail",
    ),
    "calls xfail": (
        f"{HEAD}def test_it(student):\n    'D.'\n    pytest.xfail('no')", "calls pytest.xfail",
    ),
    "subtests": (
        f"{HEAD}def test_it(student, subtests):\n    'D.'\n    with subtests.test():\n        assert 0",
        "test_it uses subtests",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("source", "words"), USELESS.values(), ids=list(USELESS))
def test_a_check_that_says_nothing(source, words, small, grade, command):
    """A check that would pass for everybody, or for nobody, is the author's mistake, whoever runs it."""
    small.check(source)
    result = grade("ex01", RIGHT, "--format", "json", cwd=small.root)
    assert result.code == 3
    assert words in result.complaint
    some = ("pytest", small.exercise, "--course", small.root, "--rootdir", small.root)
    done = command(*some, "--submission", RIGHT, "-q")
    assert done.code not in (0, 1)
    assert words in done.out + done.err


AUTHORS = {
    "no docstring": ("@pytest.mark.points(1)\ndef test_it(student): pass", "needs a docstring"),
    "no points": ("def test_it(student):\n    '''Doc.'''", "needs @pytest.mark.points(n)"),
    "points of nothing": (
        "@pytest.mark.points\ndef test_it(student):\n    '''Doc.'''",
        "needs @pytest.mark.points(n)",
    ),
    "negative points": (
        "@pytest.mark.points(-1)\ndef test_it(student):\n    '''Doc.'''",
        "n above 0",
    ),
    "points do not add up": (
        "@pytest.mark.points(5)\ndef test_it(student):\n    '''Doc.'''",
        "exercise.toml: points is 1, but the points of all checks add up to 5",
    ),
    "after what is not there": (
        "@pytest.mark.points(1)\n@pytest.mark.after('test_gone')\ndef test_it(student):\n    '''D.'''",
        "test_it is marked after('test_gone'), which is not a check of this exercise",
    ),
    "more time than there is": (
        "@pytest.mark.points(1)\n@pytest.mark.timeout(60)\ndef test_it(student):\n    '''D.'''",
        "test_it has a timeout of 60 s, but all calls of a submission may take only 3 s",
    ),
    "syntax error": ("def test_it(:", "the checks cannot be loaded"),
    "raises at import": ("raise ValueError('broken')", "the checks cannot be loaded"),
    "imports what is not there": ("import no_such_module", "the checks cannot be loaded"),
    "no test in it": ("x = 1", "has no checks: no test_*.py has a test in it"),
}


@pytest.mark.parametrize(("source", "words"), AUTHORS.values(), ids=list(AUTHORS))
def test_mistakes_in_checks(source, words, small, grade):
    """A mistake in the checks is one line that names the file; exit code 3, nobody is graded."""
    small.check(source)
    result = grade("ex01", RIGHT, "--format", "json", cwd=small.root)
    assert result.code == 3
    assert words in result.complaint
    assert "ex01_line" in result.complaint


def test_no_checks_at_all(small, grade):
    """An exercise without a test file says what is missing."""
    small.checks.unlink()
    result = grade("ex01", RIGHT, cwd=small.root)
    assert result.code == 3
    assert "there is no test_*.py" in result.complaint


# Marks


def test_parametrised_checks(small, grade, outcomes):
    """Each case of a parametrised check is a check of its own, with its own name and title."""
    small.check(
        "@pytest.mark.points(1)\n@pytest.mark.parametrize('n', [2, 3])\n"
        "def test_it(student, n):\n    '''The count is right.'''\n"
        "    assert_same(student.count(np.ones(n)), n)\n",
        points=2,
    )
    path = small.submit("def count(x):\n    return 2\n")
    report = grade("ex01", path, "--format", "json", cwd=small.root).report
    assert outcomes(report) == {"test_it[3]": "failed"}
    assert [c["title"] for c in report["checks"]] == [
        "The count is right [2]", "The count is right [3]",
    ]  # fmt: skip


def test_the_title_is_the_first_line(small, grade):
    """The student reads the docstring's first line; hidden checks are marked in the report."""
    small.check(
        "@pytest.mark.points(1)\n@pytest.mark.hidden\ndef test_it(student):\n"
        "    '''It is right.\n\n    How it is tested.'''\n"
    )
    (check,) = grade("ex01", RIGHT, "--format", "json", cwd=small.root).report["checks"]
    assert (check["title"], check["hidden"]) == ("It is right.", True)


def test_points_may_be_fractions(small, grade):
    """Half points add up."""
    small.check(
        "".join(
            f"@pytest.mark.points(0.1)\ndef test_{i}(student):\n    '''Doc.'''\n\n"
            for i in range(3)
        ),
        points=0.3,
    )
    result = grade("ex01", RIGHT, "--format", "json", cwd=small.root)
    assert result.code == 0
    assert result.report["score"] == pytest.approx(0.3)


def test_the_course_of_the_tests_is_found():
    """The small course is what the tests above took it for."""
    course = find_course(ROOT / "tests" / "cases" / "course")
    assert course.salt
    assert [e.name for e in course.exercises] == ["ex01_line"]


def test_the_folders_above_a_course_are_not_listed(small, grade, monkeypatch):
    """A home folder may hold thousands of files, which are none of its business."""
    listed, scandir = [], os.scandir
    monkeypatch.setattr(os, "scandir", lambda path=".": listed.append(Path(path)) or scandir(path))
    assert grade("ex01", small.solution, "--course", small.root, cwd=small.root).code == 0
    assert small.exercise in listed
    assert not set(small.root.parents).intersection(listed)
