"""The pytest plugin: as plain `pytest --submission FILE`, and as `grade` drives it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.checking.run.marks import derive_seed
from grader.course.loader import find_course

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases"
RIGHT = CASES / "right" / "submission" / "ex01_line.py"
CONVOLUTION = "exercises/ex04_convolution"


# Plain pytest


def test_plain_pytest_passes_a_right_solution(command):
    """`pytest exercises/ex04_convolution --submission FILE` passes for the solution."""
    done = command("pytest", CONVOLUTION, "--submission", "solutions/ex04_convolution.py", "-q")
    assert done.code == 0, done.out
    assert " passed" in done.out


def test_plain_pytest_shows_the_message_instead_of_a_traceback(command):
    """A check that fails shows what the student needs to know, and no line of the check's code."""
    done = command(
        "pytest", CONVOLUTION, "--submission", "examples/chloe_flipped.py", "-k", "worked_example"
    )
    assert done.code == 1
    assert "out[0,0,0,0] is 0.5, expected 4.5" in done.out
    assert "1 failed" in done.out
    for word in ("Traceback", "assert_same", "def test_", "CheckEnded", "student.conv_forward"):
        assert word not in done.out.partition("short test summary")[0]


def test_plain_pytest_without_a_submission(command):
    """Without `--submission` the message says what to write."""
    done = command("pytest", CONVOLUTION, "-q", "-x")
    assert done.code != 0
    assert "name a submission: pytest EXERCISE --submission FILE" in done.out


@pytest.mark.parametrize(
    ("submission", "words"),
    [("nothing.py", "nothing.py: no such file or folder"), ("README.md", "expected ex04_conv")],
)
def test_plain_pytest_with_an_unusable_submission(submission, words, command):
    """A submission that cannot be read ends with its reason, not with a traceback."""
    done = command("pytest", CONVOLUTION, "--submission", submission, "-q")
    assert done.code != 0
    assert words in done.out + done.err
    assert "Traceback" not in done.out + done.err


def test_plain_pytest_keeps_its_own_options(command, small):
    """-k, -x, -v and --collect-only work as in any other run."""
    some = ("pytest", small.exercise, "--course", small.root, "--rootdir", small.root)
    stub = CASES / "stub" / "submission" / "ex01_line.py"
    done = command(*some, "--submission", stub, "-x", "-q")
    assert "1 failed" in done.out
    assert "mean is not written yet." in done.out
    done = command(*some, "--submission", RIGHT, "-k", "mean or count", "-v")
    assert done.code == 0
    assert "test_mean PASSED" in done.out
    assert "2 passed, 5 deselected" in done.out
    assert "7 tests collected" in command(*some, "--submission", RIGHT, "--collect-only", "-q").out


def test_plain_pytest_skips_what_comes_after(command, small):
    """`after` skips in plain pytest, too."""
    some = ("pytest", small.exercise, "--course", small.root, "--rootdir", small.root)
    wrong = CASES / "wrong_shape" / "submission" / "ex01_line.py"
    done = command(*some, "--submission", wrong, "-q", "-rs")
    assert "1 failed, 2 passed, 4 skipped" in done.out
    assert "“The output has one row" in done.out


def test_the_plugin_is_light_where_it_is_not_used(tmp_path):
    """In other projects' test runs the installed plugin loads neither NumPy nor the rest of us."""
    (tmp_path / "test_other.py").write_text("def test_nothing():\n    pass\n")
    code = (
        "import json, pytest, sys\n"
        "code = pytest.main(['-q', '-p', 'grader.checking.plugin', '-p', 'no:cacheprovider'])\n"
        "print(json.dumps([int(code), [m for m in sys.modules if m.startswith(('numpy', 'grader'))]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0
    assert "numpy" not in modules
    assert {m for m in modules if m.count(".") <= 1} <= {"grader", "grader.checking"}


# Random inputs

DRAWS = """
@pytest.mark.points(1)
def test_open(student, rng):
    '''Open.'''
    print_in_message(rng)

@pytest.mark.points(1)
@pytest.mark.hidden
def test_hidden(student, rng):
    '''Hidden.'''
    print_in_message(rng)

def print_in_message(rng):
    fail(f"drew {rng.integers(1 << 40)}")
"""


@pytest.fixture
def drawn(small, grade):
    """What each check of a course that only draws numbers has drawn."""
    small.check(DRAWS, points=2)

    def run(*words):
        report = grade("ex01", RIGHT, "--format", "json", *words, cwd=small.root).report
        return {c["name"]: c["message"] for c in report["checks"]}

    return run


def test_inputs_are_the_same_in_every_run(drawn):
    """The same check draws the same numbers, whichever checks run beside it."""
    assert drawn() == drawn()
    assert drawn("-k", "hidden")["test_hidden"] == drawn()["test_hidden"]


def test_a_seed_changes_every_input(drawn):
    """`--seed` changes the inputs of all checks."""
    first, second = drawn(), drawn("--seed", "1")
    assert all(first[name] != second[name] for name in first)


def test_hidden_checks_use_the_salt(drawn, small):
    """The course's secret changes the inputs of hidden checks, and only theirs."""
    before = drawn()
    small.edit(small.root / "course.toml", "only the instructor knows", "another secret")
    after = drawn()
    assert before["test_open"] == after["test_open"]
    assert before["test_hidden"] != after["test_hidden"]


def test_seeds_depend_on_every_part():
    """A seed changes with each of its parts, and with where one part ends."""
    seeds = {derive_seed("ex01", "a", "", 0), derive_seed("ex01", "b", "", 0),
             derive_seed("ex02", "a", "", 0), derive_seed("ex01", "a", "s", 0),
             derive_seed("ex01", "a", "", 1)}  # fmt: skip
    assert len(seeds) == 5


# Whose fault it is


def one_check(small, body, marks=""):
    """Make the course's only check."""
    small.check(
        f"@pytest.mark.points(1)\n{marks}def test_it(student, rng):\n    '''It works.'''\n    {body}\n"
    )


def test_a_check_that_stumbles_over_the_students_value(small, grade):
    """A check that works on the reference but raises on the student's value has failed."""
    one_check(small, "assert_same(student.line_forward(np.ones((2, 2)), np.eye(2))[0][1, 1], 1.0)")
    path = small.submit("def line_forward(x, w, b=0.0):\n    return x[0, 0] * w[0], 0\n")
    result = grade("ex01", path, "--format", "json", cwd=small.root)
    (check,) = result.report["checks"]
    assert result.code == 1
    assert check["outcome"] == "failed"
    assert (
        "What line_forward returned cannot be used the way the exercise says (IndexError"
        in (check["message"])
    )


def test_finding_the_culprit_leaves_the_other_checks_alone(small, grade, outcomes):
    """After a check was tried on the reference, the next one sees the submission again."""
    check = """
@pytest.mark.points(1)
def test_{0}(student):
    "It works."
    assert_same(student.line_forward(np.ones((2, 2)), np.eye(2))[0][1, 1], 1.0)

@pytest.mark.points(1)
def test_{0}_mean(student):
    "The mean."
    assert_same(student.mean(np.ones(3)), 7)
"""
    small.check(check.format("a") + check.format("b"), points=4)
    path = small.submit(
        "def line_forward(x, w, b=0.0):\n    return x[0, 0] * w[0], 0\ndef mean(x):\n    return 7\n"
    )
    report = grade("ex01", path, "--format", "json", cwd=small.root).report
    assert outcomes(report) == {"test_a": "failed", "test_b": "failed"}


@pytest.mark.parametrize("body", ["student.mean(np.ones(3)) / 0", "1 / 0", "undefined"])
def test_a_check_with_a_bug_grades_nobody(small, grade, body):
    """A check that raises on the reference's values, too, is ungraded: no score, exit code 3."""
    one_check(small, body)
    result = grade("ex01", RIGHT, "--format", "json", cwd=small.root)
    assert result.code == 3
    (check,) = result.report["checks"]
    assert (check["outcome"], check["score"]) == ("ungraded", 0)
    assert result.report["outcome"] == "ungraded"
    assert "this check could not be run" in check["message"]
    text = grade("ex01", RIGHT, cwd=small.root).out
    assert "Not your fault" in text


def test_a_check_that_asks_for_too_much(small, grade):
    """A check that calls what the exercise does not declare, or sends what cannot cross, is the
    author's bug."""
    for body in ("student.median(np.ones(3))", "student.mean(open)"):
        one_check(small, body)
        assert grade("ex01", RIGHT, cwd=small.root).code == 3


def test_a_check_that_asserts_nothing_else(small, grade):
    """A plain assert fails the check with its own message, or with one that says so."""
    one_check(small, "assert student.mean(np.ones(3)) == 2, 'the mean of ones is not 2'")
    report = grade("ex01", RIGHT, "--format", "json", cwd=small.root).report
    assert report["checks"][0]["outcome"] == "failed"
    assert report["checks"][0]["message"].startswith("the mean of ones is not 2")


def test_a_check_that_skips_itself(small, grade):
    """A check may skip itself; that is neither a pass nor a failure, and gives no points."""
    one_check(small, "pytest.skip('not on this machine')")
    result = grade("ex01", RIGHT, "--format", "json", cwd=small.root)
    (check,) = result.report["checks"]
    assert (check["outcome"], check["score"], check["message"]) == (
        "skipped", 0, "not on this machine",
    )  # fmt: skip
    assert result.code == 1


def test_an_unknown_fixture_grades_nobody(small, grade):
    """A check that asks for a fixture which does not exist is the author's mistake."""
    small.check("@pytest.mark.points(1)\ndef test_it(studnet):\n    '''It works.'''\n")
    result = grade("ex01", RIGHT, cwd=small.root)
    assert result.code == 3
    assert "studnet" in result.out + result.err


# Authors' mistakes stop the run

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


def test_missing_reference(small, grade):
    """A course whose reference solution is missing names the file that should be there."""
    small.solution.unlink()
    result = grade("ex01", RIGHT, cwd=small.root)
    assert result.code == 3
    assert f"{small.solution}: the reference solution is missing" in result.complaint


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("def mean", "def mean_", "has no function mean, which exercise.toml declares"),
        ("import numpy as np", "import nump as np", "cannot be loaded: ModuleNotFoundError"),
        ("import numpy as np", "import numpy as", "cannot be loaded: SyntaxError"),
    ],
)
def test_broken_reference(old, new, words, small, grade):
    """A reference that does not load, or lacks a function, is the author's mistake."""
    small.edit(small.solution, old, new)
    result = grade("ex01", RIGHT, cwd=small.root)
    assert result.code == 3
    assert words in result.complaint
    assert str(small.solution) in result.complaint


def test_broken_misconceptions(small, grade):
    """A catalogue that does not load stops grading as soon as it is needed."""
    (small.exercise / "misconceptions.py").write_text("raise ValueError('broken')")
    wrong = CASES / "wrong_value" / "submission" / "ex01_line.py"
    result = grade("ex01", wrong, cwd=small.root)
    assert result.code == 3
    assert "misconceptions.py: cannot be loaded: ValueError: broken" in result.complaint


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


def test_a_check_with_its_own_time(small, grade):
    """`timeout` gives a check's calls more time, or less, than the exercise does."""
    slow = small.submit("def mean(x):\n    for _ in range(10**8): pass\n")
    one_check(small, "student.mean(np.ones(3))", marks="@pytest.mark.timeout(0.05)\n")
    report = grade("ex01", slow, "--format", "json", cwd=small.root).report
    assert report["checks"][0]["outcome"] == "timeout"
    assert "longer than 0.05 seconds" in report["checks"][0]["message"]


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
    course = find_course(CASES / "course")
    assert course.salt
    assert [e.name for e in course.exercises] == ["ex01_line"]
