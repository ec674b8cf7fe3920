"""The workflows that grade on GitHub and GitLab, written into a repository."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from grader.errors import UsageError
from grader.files import writing
from grader.language import say

WORKFLOWS = {"github": ".github/workflows/grade.yml", "gitlab": ".gitlab-ci.yml"}


def write_workflow(host: str, folder: Path) -> Path:
    """Write the workflow of `github` or `gitlab` into a repository; returns the file's path.

    Raises `UsageError` if another file is there, or the file cannot be written.
    """
    data = (resources.files("grader.student") / "templates" / WORKFLOWS[host]).read_bytes()
    path = folder / WORKFLOWS[host]
    with writing(path):
        if path.exists() and path.read_bytes() != data:
            raise UsageError(say("{path}: another file is there; move it away first", path=path))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return path
