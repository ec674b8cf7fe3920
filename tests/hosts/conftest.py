"""/autograder in a scratch folder, set up once by the package's own setup.sh."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from autograder_host import CASES, Host

from grader.course.late import LatePolicy
from grader.course.loader import find_course
from grader.hosts.gradescope.build import gradescope
from grader.hosts.gradescope.settings import Settings


@pytest.fixture(scope="session")
def scratch() -> Iterator[Callable[[], Path]]:
    """Make folders that other users may enter, unlike pytest's own."""
    made: list[Path] = []

    def make() -> Path:
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # a quick disk
        made.append(Path(tempfile.mkdtemp(prefix="nn-grader-test-", dir=memory)))
        made[-1].chmod(0o755)
        return made[-1]

    yield make
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def installed(scratch: Callable[[], Path]) -> Host:
    """A host that is set up, for the small course."""
    host = Host(scratch())
    course = find_course(CASES, CASES / "course")
    host.unzip(gradescope(course, Settings(("ex01",), seconds=40, late=LatePolicy(per_day=0.1))))
    host.setup()
    return host
