"""What the tests of the student's rooms share."""

import pytest

from grader.student.workspace import create


@pytest.fixture
def workspace(tmp_path):
    """The folder of a new workspace."""
    create(tmp_path / "course")
    return tmp_path / "course"
