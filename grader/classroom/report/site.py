"""Writes the pages of a report into a folder."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, tzinfo
from pathlib import Path

from grader.classroom.gradebook import Grade, Gradebook
from grader.classroom.report.page import class_page, student_page
from grader.files import writing
from grader.model import Report

INDEX = "index.html"
ADDRESS = re.compile(r"[0-9a-f]{16}\.html")
MARK = b"<footer>Made by nn-grader "  # on every page of a report


def page_path(student: str) -> str:
    """The path of a student's page. It holds no part of a name, so no name can lead elsewhere."""
    return f"students/{hashlib.sha256(student.encode()).hexdigest()[:16]}.html"


def write_site(
    title: str, book: Gradebook, exercises: Sequence[str], folder: Path, zone: tzinfo = UTC
) -> int:
    """Write the class's page and one for each student; returns how many students there are.

    Days begin at midnight in `zone`. Students' pages of an earlier report in the folder are removed.

    Raises `UsageError` if there is nothing to show, or the folder cannot be written.
    """
    grades = book.existing_grades(exercises)
    reports: dict[str, Report | None] = {}
    by_student: dict[str, list[Grade]] = defaultdict(list)
    for grade in grades:
        by_student[grade.student].append(grade)
        if grade.result_key not in reports:
            reports[grade.result_key] = book.report(grade.result_key)
    pages = {student: page_path(student) for student in by_student}
    with writing(folder):
        (folder / "students").mkdir(parents=True, exist_ok=True)
        for student, own in by_student.items():
            sources = {g.result_key: book.sources(g.submission, g.exercise) for g in own}
            text = student_page(own, reports, sources, back=f"../{INDEX}")
            (folder / pages[student]).write_text(text, encoding="utf-8", newline="\n")
        text = class_page(title, book, grades, reports, pages, zone)
        (folder / INDEX).write_text(text, encoding="utf-8", newline="\n")
        _remove_old(folder / "students", {folder / page for page in pages.values()})
    return len(by_student)


def _remove_old(students: Path, written: Collection[Path]) -> None:
    """Remove the pages of students who are in an earlier report in this folder, but not in this one."""
    for path in students.iterdir():
        named = ADDRESS.fullmatch(path.name) and path.is_file() and not path.is_symlink()
        if named and path not in written and MARK in path.read_bytes():
            path.unlink()
