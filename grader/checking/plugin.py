"""The pytest plugin: a check is a pytest test, with points, fixtures and an outcome.

    pytest exercises/ex04_convolution --submission my_solution.py

works with all of pytest's own options. `grade` drives the same hooks and fixtures, but runs the
collected checks itself (`grader.checking.run.session`), once for each submission of a stream.

Nothing heavy is imported at the top: pytest loads this file wherever the package is installed.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.checking.run.marks import GRADING_KEY

if TYPE_CHECKING:
    import numpy as np

    from grader.checking.calls.student import Student
    from grader.checking.diagnosis.reference import Reference
    from grader.checking.run.grading import Grading

MARKERS = (
    "points(n): what the check is worth",
    "hidden: the check is not part of the students' copies",
    "after(*names): the check is skipped if one of these checks did not pass",
    "timeout(seconds): how long one call of the student's code may take in this check",
)

FIXTURE_NAMES = {"student", "reference", "rng"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a run without the `grade` command."""
    group = parser.getgroup("grader", "grading of a submission")
    group.addoption("--submission", metavar="FILE", help="the submission to check")
    group.addoption("--course", metavar="DIR", help="the course's folder")
    group.addoption(
        "--check-seed", type=int, default=0, help="changes the random inputs of every check"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marks; with `--submission`, prepare to grade that."""
    for line in MARKERS:
        config.addinivalue_line("markers", line)
    if config.getoption("submission", None):
        from grader.checking.run.grading import Grading
        from grader.course.loader import find_course
        from grader.errors import GraderError

        course = config.getoption("course")
        try:
            config.stash[GRADING_KEY] = Grading(
                find_course(Path.cwd(), Path(course) if course else None),
                path=Path(config.getoption("submission")),
                seed=config.getoption("check_seed"),
            )
        except GraderError as error:
            raise pytest.UsageError(str(error)) from None


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the student's process."""
    if grading := _grading(config):
        grading.close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Read the marks of all checks, before any check is deselected."""
    if grading := _grading(config):
        grading.checks.add_items(items)
        if grading.checks.error is not None and config.getoption("submission", None):
            raise pytest.UsageError(str(grading.checks.error))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse, once and before the first check, to run checks on no submission that can be read."""
    config = session.config
    if config.getoption("collectonly", False) or hasattr(config, "workerinput"):
        return  # a process of pytest-xdist cannot end a run so: there each check says it
    if config.getoption("submission", None):
        if grading := _grading(config):
            grading.begin_readable(session.items)
    elif _grading(config) is None and any(map(_asks_for_submission, session.items)):
        from grader.checking.run.runner import NO_SUBMISSION
        from grader.language import say

        raise pytest.UsageError(say(NO_SUBMISSION))


def _asks_for_submission(item: pytest.Item) -> bool:
    """Whether a test takes a fixture of this module: others may have an `rng` of their own."""
    if not isinstance(item, pytest.Function) or not FIXTURE_NAMES & set(item.fixturenames):
        return False
    from grader.checking.run.pytest_internals import requested_fixtures

    return __name__ in requested_fixtures(item).values()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin a check; skip it if one that it depends on did not pass."""
    if grading := _grading(item.config):
        grading.begin(item)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Call a check that pytest runs as `grade` calls one: what it returns is an error."""
    if _grading(pyfuncitem.config) is None:
        return None
    from grader.checking.run.pytest_internals import fixture_values
    from grader.checking.run.runner import call_check

    call_check(pyfuncitem, fixture_values(pyfuncitem))
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Record how the check ended; show the message for the student instead of a traceback."""
    report = yield
    grading = _grading(item.config)
    if grading is not None and not (item.config.getoption("usepdb", False) and call.excinfo):
        from grader.errors import ExerciseError

        try:
            grading.note(item, call.when, call.excinfo and call.excinfo.value)
        except ExerciseError as error:
            if item.config.getoption("submission", None):  # else `grade` tells it
                raise pytest.UsageError(str(error)) from None
            raise
        ended = grading.ended(item)
        if ended is not None and call.excinfo is not None and report.failed:
            report.longrepr = "\n".join(filter(None, [ended.message, ended.hint]))
    return report


def _grading(config: pytest.Config) -> Grading | None:
    """The grading of this session; None if the session does not grade."""
    return config.stash.get(GRADING_KEY, None)


@pytest.fixture
def student(request: pytest.FixtureRequest) -> Student:
    """The submission's functions; every call crosses into the student's process."""
    found: Student = _fixture_value(request)
    return found


@pytest.fixture
def reference(request: pytest.FixtureRequest) -> Reference:
    """The reference solution's functions."""
    found: Reference = _fixture_value(request)
    return found


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """A generator seeded by the check's name; for hidden checks also by the course's secret salt."""
    found: np.random.Generator = _fixture_value(request)
    return found


def _fixture_value(request: pytest.FixtureRequest) -> Any:
    from grader.checking.run.runner import FIXTURES, NO_SUBMISSION
    from grader.language import say

    grading = _grading(request.config)
    if grading is None:
        raise pytest.UsageError(say(NO_SUBMISSION))
    assert request.fixturename is not None
    return FIXTURES[request.fixturename](grading, request.node)
