"""Writes the pages of a report into a folder."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from pathlib import Path

from grader.classroom.gradebook import Grade, Gradebook
from grader.classroom.report.class_page import class_page
from grader.classroom.report.student import student_page
from grader.files import writing
from grader.model import CheckResult, Report
from grader.render.pages import STYLE

INDEX = "index.html"
SHARED = "page.css"  # what all pages share
ADDRESS = re.compile(r"[0-9a-f]{16}\.html")
MARK = b"Made by nn-grader "  # on every page of a report
AT_ONCE = 50  # students whose reports are in memory


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
    by_student: dict[str, list[Grade]] = defaultdict(list)
    for grade in grades:
        by_student[grade.student].append(grade)
    pages = {student: page_path(student) for student in by_student}
    kept = Kept()
    with writing(folder):
        (folder / "students").mkdir(parents=True, exist_ok=True)
        style = (Path(__file__).with_name("templates") / "class.css").read_text(encoding="utf-8")
        _write(folder / SHARED, STYLE + style)
        for some in _in_parts(list(by_student.values())):
            for student, text in _student_pages(book, some, kept):
                _write(folder / pages[student], text)
        text = class_page(title, book, grades, kept.reports, pages, shared=SHARED, zone=zone)
        _write(folder / INDEX, text)
        _remove_old(folder / "students", {folder / page for page in pages.values()})
    return len(by_student)


class Kept:
    """Of each report what the class's page needs. Equal results of checks are one object, so that a
    thousand reports fit into memory."""

    def __init__(self) -> None:
        self.reports: dict[str, Report] = {}
        self._checks: dict[tuple[object, ...], CheckResult] = {}

    def add(self, reports: Mapping[str, Report]) -> None:
        """Keep these reports, by the result's key."""
        for key, report in reports.items():
            if key not in self.reports:
                checks = tuple(self._slim(c) for c in report.checks)
                self.reports[key] = replace(report, checks=checks, notes=())

    def _slim(self, check: CheckResult) -> CheckResult:
        key = (
            check.name, check.title, check.outcome, check.score, check.max_score, check.hidden,
            check.message, check.hint, check.misconception, check.suspect, check.contrast,
        )  # fmt: skip
        if key not in self._checks:
            self._checks[key] = replace(check, picture=None, output="", call="", duration=0.0)
        return self._checks[key]


def _in_parts(grades: Sequence[Sequence[Grade]]) -> Iterator[Sequence[Sequence[Grade]]]:
    """The grades of so many students as are in memory together."""
    for start in range(0, len(grades), AT_ONCE):
        yield grades[start : start + AT_ONCE]


def _student_pages(
    book: Gradebook, students: Sequence[Sequence[Grade]], kept: Kept
) -> Iterator[tuple[str, str]]:
    """The key and the page of each of these students."""
    grades = [g for own in students for g in own]
    reports = book.reports(g.result_key for g in grades)
    kept.add(reports)
    files = book.all_sources((g.submission, g.exercise) for g in grades)
    for own in students:
        sources = {g.result_key: files[g.submission, g.exercise] for g in own}
        back, shared = f"../{INDEX}", f"../{SHARED}"
        yield own[0].student, student_page(own, reports, sources, back=back, shared=shared)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _remove_old(students: Path, written: Collection[Path]) -> None:
    """Remove the pages of students who are in an earlier report in this folder, but not in this one."""
    for path in students.iterdir():
        named = ADDRESS.fullmatch(path.name) and path.is_file() and not path.is_symlink()
        if named and path not in written and MARK in path.read_bytes():
            path.unlink()
