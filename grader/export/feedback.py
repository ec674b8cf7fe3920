"""Feedback files, one for each student, in a zip with the names that Moodle and Canvas take back."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from grader.gradebook import Grade

FEEDBACK = "feedback.html"


def feedback_name(grade: Grade) -> str:
    """Where a student's feedback lies in the zip.

    Moodle wants the folder of the download; Canvas a file named like the one that was handed in.
    Everywhere else it is a folder named after the student.
    """
    origin = safe(grade.origin) or safe(grade.student)
    if "_assignsubmission_" in origin:
        return f"{origin}/{FEEDBACK}"
    if re.match(r"[^_]+(_LATE)?_\d+_\d+_", origin):
        stem = re.sub(r"\.[A-Za-z]+$", "", origin)
        return f"{stem}.html"
    return f"{safe(grade.student)}/{grade.exercise}.html"


def safe(name: str) -> str:
    """A name as one harmless part of a path, in whatever system."""
    part = re.sub(r'[\x00-\x1f<>:"|?*\\/]', "_", name).strip(" .")
    return part[:150]


def feedback_zip(grades: Iterable[Grade], pages: Mapping[str, str]) -> bytes:
    """A zip of feedback pages; `pages` are by the result's key. The same input, the same bytes."""
    target = io.BytesIO()
    taken: set[str] = set()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for grade in grades:
            name = feedback_name(grade)
            if grade.result_key in pages and name not in taken:
                taken.add(name)
                archive.writestr(zipfile.ZipInfo(name), pages[grade.result_key])
    return target.getvalue()


def comment_of(grade: Grade, report: Mapping[str, Any] | None) -> str:
    """What is worth saying in one line: the reason, or the hints of the first checks that failed."""
    if grade.reason:
        return grade.reason.partition("\n")[0]
    said: dict[str, None] = {}
    for check in (report or {}).get("checks", []):
        if check["outcome"] != "passed" and not check["hidden"]:
            said.setdefault(check["hint"] or check["message"].partition("\n")[0])
    return " · ".join([s for s in said if s][:3])
