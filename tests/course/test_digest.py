"""What decides a verdict is in a hash."""

import shutil
from pathlib import Path

import pytest

import grader
from grader.course.digest import grader_digest


@pytest.fixture
def digest_of(monkeypatch):
    """The digest of a package in some folder."""

    def call(folder):
        monkeypatch.setattr(grader, "__file__", str(folder / "__init__.py"))
        grader_digest.cache_clear()
        return grader_digest()

    yield call
    grader_digest.cache_clear()


def test_the_grader_s_own_source_is_hashed(digest_of, tmp_path):
    """Any source file of the package changes the digest; where it lies, what Python compiled, and the
    students' template do not."""
    here, there = (shutil.copytree(Path(grader.__file__).parent, tmp_path / n) for n in ("a", "b"))
    first = digest_of(here)
    (there / "student_template").mkdir(exist_ok=True)
    for name in ("__pycache__/x.py", "student_template/ex01.py", "notes.md"):
        (there / name).parent.mkdir(exist_ok=True)
        (there / name).write_text("changed", encoding="utf-8")
    assert digest_of(there) == first
    file = there / "checking" / "assertions" / "values.py"
    file.write_bytes(file.read_bytes() + b"#")
    assert digest_of(there) != first
