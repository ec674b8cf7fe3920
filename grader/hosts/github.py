"""Files and paths for a job of GitHub Actions: the job's summary, and where a file is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from grader.files import write_error
from grader.model import Report
from grader.render import github


def with_repository_paths(reports: Sequence[Report], environ: Mapping[str, str]) -> list[Report]:
    """The reports with paths from the top of the repository, whatever the job's current folder is."""
    top = environ.get("GITHUB_WORKSPACE", "")
    return [replace(r, submission=_from(top, r.submission)) if top else r for r in reports]


def _from(top: str, path: str) -> str:
    try:
        return Path(path).resolve().relative_to(Path(top).resolve()).as_posix()
    except (OSError, ValueError):  # not in the repository
        return path


def publish(reports: Sequence[Report], environ: Mapping[str, str]) -> list[str]:
    """Append the summary to the file that GitHub names, if it names one.

    Returns messages about what cannot be written, which is no reason to change a grade.
    """
    target = environ.get("GITHUB_STEP_SUMMARY", "")
    if not target:
        return []
    try:
        with Path(target).open("ab") as file:
            file.write(github.summary(reports).encode("utf-8", "replace"))
    except OSError as error:
        return [write_error(f"{target} ($GITHUB_STEP_SUMMARY)", error)]
    return []
