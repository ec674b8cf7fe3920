"""A check that one submission passed is not computed again for one that answers the same; nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.checking.calls.passed import MOST_BYTES, Asked, PassedChecks, Question, digest
from grader.checking.run import runner
from grader.checking.run.session import Job, run_jobs
from grader.course.loader import find_course, find_exercise
from grader.intake.submission import read_submission

ROOT = Path(__file__).resolve().parents[3]
SOLUTION = ROOT / "solutions" / "ex04_convolution.py"
LATER = """
CALLS = []
def at(number, do):
    def wrap(function):
        def counting(*args, **keywords):
            CALLS.append(1)
            return do() if len(CALLS) == number else function(*args, **keywords)
        return counting
    return wrap
"""


@pytest.fixture
def graded(tmp_path, server):
    """Grade these texts one after the other, in one session; their reports, without how long it took."""

    def call(course, id_, *texts, explain=False):
        exercise = find_exercise(course, id_)
        jobs = []
        for number, text in enumerate(texts):
            folder = tmp_path / str(number)
            folder.mkdir(exist_ok=True)
            (folder / exercise.file).write_text(text, "utf-8")
            submission = read_submission(folder, exercise)
            jobs.append(Job(exercise, submission=submission, label="yours", explain=explain))
        reports = []
        run_jobs(course, [exercise], jobs, lambda _, r: reports.append(r), server=server)
        return [
            replace(r, duration=0.0, checks=tuple(replace(c, duration=0.0) for c in r.checks))
            for r in reports
        ]

    return call


@pytest.fixture
def computed(monkeypatch):
    """The names of the checks that are computed, as they are."""
    names = []
    call_check = runner.call_check

    def noted(item, arguments):
        names.append(item.name)
        return call_check(item, arguments)

    monkeypatch.setattr(runner, "call_check", noted)
    return names


def test_the_second_right_submission_computes_no_check(graded, computed):
    """All is asked, nothing is computed, and the report is the same."""
    text = SOLUTION.read_text("utf-8")
    first, second = graded(find_course(ROOT), "ex04", text, f"{text}# Mine.\n")
    assert first == second
    assert first.outcome == "passed"
    assert len(computed) == len(first.checks)


@pytest.mark.parametrize("name", ["chloe_flipped", "dmitri_overwrites", "emma_crop"])
def test_a_wrong_submission_is_told_the_same(name, graded):
    """Whoever was graded before, and with its explanation."""
    right, wrong = (
        SOLUTION.read_text("utf-8"),
        (ROOT / "examples" / f"{name}.py").read_text("utf-8"),
    )
    (alone,) = graded(find_course(ROOT), "ex04", wrong, explain=True)
    _, after = graded(find_course(ROOT), "ex04", right, wrong, explain=True)
    assert after == alone
    assert after.outcome == "failed"


@pytest.mark.parametrize("do", ["os._exit(3)", "1 / 0", "None", "print('here')", "2 ** 0.5"])
@pytest.mark.parametrize("number", [1, 5, 12])
def test_a_late_mistake_is_told_the_same(do, number, graded):
    """Also one that appears, or ends the process, after some right answers."""
    right = SOLUTION.read_text("utf-8")
    wrong = (
        f"import os\n{right}\n{LATER}\nconv_forward = at({number}, lambda: {do})(conv_forward)\n"
    )
    (alone,) = graded(find_course(ROOT), "ex04", wrong)
    _, after = graded(find_course(ROOT), "ex04", right, wrong)
    assert after == alone
    assert after.outcome == "failed"


ASKS = """
import itertools
NUMBERS = itertools.count()

@pytest.mark.points(1)
@pytest.mark.timeout(0.5)
def test_it(student):
    '''It.'''
    {body}
"""
RIGHT = "def mean(x):\n    return 7\n\ndef count(x):\n    return 0\n"


@pytest.fixture
def asked(small, graded):
    """Grade texts with a check of this body, one after the other."""

    def call(body, *texts):
        small.check(ASKS.format(body=body))
        return graded(find_course(small.root), "ex01", *texts)

    return call


@pytest.mark.parametrize("other", ["7.0", "True", "None", "'7'", "[7]"])
def test_another_kind_of_answer_is_another_answer(other, asked):
    """7.0 is not 7 for a check that wants an integer; nor may True be taken for 1."""
    body = "assert type(student.mean(np.zeros(2))) is int, 'not an int'"
    wrong = "import numpy as np\n" + RIGHT.replace("7", other)
    (alone,) = asked(body, wrong)
    assert asked(body, RIGHT, wrong)[1] == alone
    assert asked(body, RIGHT.replace("7", "1"), wrong.replace("7", "1"))[1].outcome == "failed"


def test_what_takes_too_long_is_told_the_same(asked):
    """Also where earlier answers of the check were the same."""
    body = "assert [student.mean(np.full(2, n)) for n in range(4)] == [7] * 4"
    slow = RIGHT.replace("return 7", "while x[0] == 2:\n        pass\n    return 7")
    (alone,) = asked(body, slow)
    right, after, again = asked(body, RIGHT, slow, RIGHT)
    assert after == alone
    assert after.checks[0].outcome.value == "timeout"
    assert right == again


def test_a_check_that_asks_something_else_each_time_is_computed(asked, computed):
    """It is found out by the first submission that answers differently, which is graded anew."""
    body = "assert student.mean(np.zeros(next(NUMBERS) + 1)) < 8"
    texts = [RIGHT, RIGHT.replace("7", "6"), RIGHT, RIGHT]
    assert [r.outcome for r in asked(body, *texts)] == ["passed"] * 4
    assert len(computed) == 5  # the second one twice


def test_a_check_that_measures_time_is_computed(asked, computed):
    """Its verdict does not follow from the answers alone."""
    body = "assert_in_time(student.mean, np.zeros(2), times=2, seconds=99, doing='it')"
    assert [r.outcome for r in asked(body, RIGHT, RIGHT + "# Mine\n")] == ["passed"] * 2
    assert len(computed) == 2


def test_a_state_is_not_taken_for_an_answer(asked):
    """What a submission has kept from one call to the next shows in its answers, and is judged."""
    body = "assert [student.mean(np.zeros(2)) for _ in range(3)] == [7] * 3"
    counts = "SEEN = []\n" + RIGHT.replace(
        "return 7", "SEEN.append(1)\n    return 9 - max(2, len(SEEN))"
    )
    assert [r.outcome for r in asked(body, RIGHT, counts, RIGHT)] == ["passed", "failed", "passed"]


def test_other_parameters_are_another_check(asked, computed):
    """A check may ask for what a function's parameters are called."""
    texts = [RIGHT, RIGHT.replace("x", "values"), RIGHT]
    asked("student.mean(np.zeros(2))", *texts)
    assert len(computed) == 2


def test_what_is_remembered_has_a_bound(monkeypatch):
    """However many submissions are graded."""
    passed = PassedChecks()
    monkeypatch.setattr("grader.checking.calls.passed.MOST_BYTES", 10)
    for name in "abc":
        passed.add(name.encode(), [Asked(Question({}, bytes(5), 1.0, name), b"", 6)], ["call"])
    assert [passed.after(name.encode()) is not None for name in "abc"] == [True, False, False]
    assert MOST_BYTES == 16 << 20


@pytest.mark.parametrize("pair", [(1, 1.0), (1, True), (0.0, -0.0), ("1", 1), ([1], (1,))])
def test_digests_tell_kinds_apart(pair):
    """Python takes them for equal; a check need not."""
    one, other = (digest({"results": value}, b"") for value in pair)
    assert one != other
    assert one == digest({"id": 5, "results": pair[0]}, b"")
