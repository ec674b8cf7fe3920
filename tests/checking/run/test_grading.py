"""How a check ends, and whose fault it is; the random inputs of checks."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from grader.checking.run import explain
from grader.checking.run.grading import Grading
from grader.errors import ExerciseError
from grader.model import Outcome

ROOT = Path(__file__).resolve().parents[3]
RIGHT = ROOT / "tests" / "cases" / "right" / "submission" / "ex01_line.py"


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


# Whose fault it is


def one_check(small, body, marks=""):
    """Make the course's only check."""
    small.check(
        f"@pytest.mark.points(1)\n{marks}def test_it(student, rng):\n    '''It works.'''\n    {body}\n"
    )


def test_a_check_may_call_pytest_fail(small, grade):
    """pytest.fail fails a check with its message."""
    one_check(small, "student.mean(np.ones(3)); pytest.fail('not a mean')")
    report = grade("ex01", RIGHT, "--format", "json", cwd=small.root).report
    (check,) = report["checks"]
    assert (check["outcome"], check["message"]) == ("failed", "not a mean")


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


def test_a_check_with_its_own_time(small, grade, monkeypatch):
    """`timeout` gives a check's calls more time, or less, than the exercise does."""
    monkeypatch.setattr(explain, "BENCH_SECONDS", 0.2)  # what explains a loop runs it, too
    slow = small.submit("def mean(x):\n    for _ in range(10**8): pass\n")
    one_check(small, "student.mean(np.ones(3))", marks="@pytest.mark.timeout(0.05)\n")
    report = grade("ex01", slow, "--format", "json", cwd=small.root).report
    assert report["checks"][0]["outcome"] == "timeout"
    assert "longer than 0.05 seconds" in report["checks"][0]["message"]


def test_what_a_tried_change_leads_to_is_no_fault_of_the_author(monkeypatch):
    """A check that cannot be run on a changed submission ends with an error, and not the grading."""

    def refuse(*_):
        raise ExerciseError("nothing to move")

    monkeypatch.setattr("grader.checking.run.grading.run_check", refuse)
    grading = Grading.__new__(Grading)
    grading._target = SimpleNamespace(outcomes={})
    grading._try(SimpleNamespace(name="check", item=None))
    assert grading._target.outcomes == {"check": Outcome.ERROR}
