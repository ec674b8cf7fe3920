"""Checks that are called directly, and checks that pytest runs: the same verdicts, word for word."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from small_course import SMALL, forget

from grader.checking.run import runner
from grader.checking.run.session import run_jobs
from grader.course.loader import find_course, find_exercise
from grader.student.grade import make_job

ROOT = Path(__file__).resolve().parents[3]
MORE = """

@pytest.fixture
def three():
    return 3.0


@pytest.fixture(params=[1.0, 2.0])
def each(request):
    return request.param


@pytest.mark.points(1)
def test_own_fixture(student, three):
    \"\"\"An author's own fixture.\"\"\"
    assert three == 3.0


@pytest.mark.points(1)
def test_each(student, each):
    \"\"\"A fixture with parameters.\"\"\"
    assert each in (1.0, 2.0)


@pytest.mark.points(1)
@pytest.mark.parametrize("each", [5.0], indirect=True)
def test_indirect(each):
    \"\"\"A parameter that goes through a fixture.\"\"\"
    assert each == 5.0


@pytest.mark.points(1)
@pytest.mark.parametrize(("a", "b"), [(1, 2), (3, 4)])
def test_parameters(student, rng, a, b):
    \"\"\"Parameters of its own.\"\"\"
    assert a < b


class TestInside:
    @pytest.mark.points(1)
    def test_method(self, reference):
        \"\"\"A check in a class.\"\"\"


@pytest.mark.points(1)
@pytest.mark.skip(reason="not today")
def test_skipped():
    \"\"\"A check that pytest is told to skip.\"\"\"
    raise AssertionError
"""


def reports(course, name, path, server, monkeypatch, *, by_pytest):
    """The report of a submission, without its times, and which checks were called directly."""
    called = []
    unwatched = runner.direct_arguments

    def watched(item):
        found = None if by_pytest else unwatched(item)
        if found is not None:
            called.append(item.name)
        return found

    monkeypatch.setattr(runner, "direct_arguments", watched)
    found = []
    exercise = find_exercise(course, name)
    run_jobs(
        course, [exercise], [make_job(exercise, path)], lambda _, r: found.append(r), server=server
    )
    monkeypatch.setattr(runner, "direct_arguments", unwatched)
    (report,) = found
    checks = tuple(replace(c, duration=0.0) for c in report.checks)
    return replace(report, checks=checks, duration=0.0), called


@pytest.mark.parametrize(
    "path", ["solutions", "examples/chloe_flipped.py", "examples/dmitri_overwrites.py"]
)
def test_both_ways_give_the_same_report(path, server, monkeypatch):
    """Outcomes, messages, hints, pictures and order do not depend on who calls the check."""
    course = find_course(ROOT)
    one, called = reports(course, "ex04", ROOT / path, server, monkeypatch, by_pytest=False)
    assert len(called) == len(one.checks)
    other, called = reports(course, "ex04", ROOT / path, server, monkeypatch, by_pytest=True)
    assert called == []
    assert one == other


def test_what_asks_for_more_goes_through_pytest(tmp_path, server, monkeypatch):
    """Fixtures of an author's own, methods and pytest's marks work as they do in pytest."""
    forget()
    folder = shutil.copytree(SMALL, tmp_path / "course")
    test = folder / "ex01_line" / "test_ex01.py"
    test.write_text(test.read_text(encoding="utf-8") + MORE, encoding="utf-8")
    toml = folder / "ex01_line" / "exercise.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace("points = 11", "points = 19"), encoding="utf-8")
    course = find_course(folder)
    report, called = reports(
        course, "ex01", folder / "solutions", server, monkeypatch, by_pytest=False
    )
    forget()
    outcomes = {c.name: str(c.outcome) for c in report.checks}
    assert outcomes.pop("test_skipped") == "skipped"
    assert set(outcomes.values()) == {"passed"}
    through_pytest = {n for n in outcomes if n not in called}
    assert through_pytest == {
        "test_own_fixture",
        "test_each[1.0]",
        "test_each[2.0]",
        "test_indirect[5.0]",
        "test_method",
    }
    assert {"test_parameters[1-2]", "test_parameters[3-4]"} <= set(called)
