"""What the tests of the student's rooms share."""

import pytest

from grader.student.workspace import create


@pytest.fixture
def workspace(tmp_path):
    """The folder of a new workspace."""
    create(tmp_path / "course")
    return tmp_path / "course"


@pytest.fixture
def run(grade):
    """Run `grade` in a folder, in this process: `run(workspace, "ex04")`."""

    def call(folder, *words):
        return grade(*words, cwd=folder)

    return call
