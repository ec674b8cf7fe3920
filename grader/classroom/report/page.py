"""Renders the report's pages. Everything from students is escaped, and only our script can run."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import grader
from grader.classroom.gradebook import Grade, Gradebook
from grader.classroom.report import pictures
from grader.classroom.report.comment import comment_of
from grader.classroom.report.stats import class_stats
from grader.classroom.tables import points
from grader.model import CheckResult, Outcome, Report
from grader.render import for_students, printable

TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class Source:
    """A source file by lines: `(number, text, whether a check points there, its anchor)`."""

    label: str
    lines: list[tuple[int, str, bool, str]]
    hit: bool


@dataclass(frozen=True)
class ExerciseSection:
    """One exercise on a student's page."""

    grade: Grade
    title: str = ""
    problems: Sequence[str] = ()
    notes: Sequence[str] = ()
    checks: Sequence[CheckResult] = ()
    passed: Sequence[CheckResult] = ()
    sources: Sequence[Source] = ()
    anchors: Mapping[tuple[str, int], str] = field(default_factory=dict)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    script = (TEMPLATES / "script.js").read_text(encoding="utf-8")
    environment.filters.update(
        points=points,
        percent=lambda part: f"{100 * part:.0f} %",
        words=lambda name: name.replace("_", " "),
        show=lambda text: printable(str(text).encode("utf-8", "replace").decode()),
    )
    environment.globals.update(
        style=(TEMPLATES / "style.css").read_text(encoding="utf-8"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        version=grader.__version__,
        histogram=pictures.histogram,
        over_time=pictures.over_time,
        comparison=pictures.comparison,
    )
    return environment


def render(template: str, **values: object) -> str:
    """A page without a script, from one of the report's templates."""
    return _environment().get_template(template).render(made=_today(), scripted=False, **values)


def class_page(
    title: str,
    book: Gradebook,
    grades: Sequence[Grade],
    reports: Mapping[str, Report | None],
    pages: Mapping[str, str],
    zone: tzinfo = UTC,
) -> str:
    """The page of the class; `pages` has the path of each student's page, and `zone` is the course's
    time zone."""
    by_exercise: dict[str, list[Grade]] = defaultdict(list)
    for grade in grades:
        by_exercise[grade.exercise].append(grade)

    def sources(grade: Grade) -> Mapping[str, str]:
        return book.sources(grade.submission, grade.exercise)

    stats = [
        class_stats(id_, name, most, by_exercise[id_], reports, zone, sources)
        for id_, name, most in book.exercises()
        if id_ in by_exercise
    ]
    rows = [(g, pages[g.student], _remarks(g, reports.get(g.result_key))) for g in grades]
    with_grade = {g.student for g in grades}
    return _environment().get_template("class.html").render(
        title=title,
        made=_today(),
        scripted=True,
        people=len(with_grade),
        stats=stats,
        zone=zone,
        trend=[(s.exercise, s.mean / (s.points or 1), s.judged) for s in stats],
        rows=rows,
        outcomes=sorted({g.outcome for g in grades}),
        missing=[(key, name) for key, name, _ in book.students() if key not in with_grade],
    )  # fmt: skip


def student_page(
    grades: Sequence[Grade],
    reports: Mapping[str, Report | None],
    sources: Mapping[str, Mapping[str, str]],
    *,
    back: str = "",
    hidden: bool = True,
) -> str:
    """The page of one student.

    Args:
        grades: the student's.
        reports: by the result's key.
        sources: source texts by the result's key, and by file.
        back: the path of the class's page, if there is one.
        hidden: whether to show what happened in hidden checks, as to an instructor.
    """
    parts = [_section(g, reports.get(g.result_key), sources, hidden=hidden) for g in grades]
    return _environment().get_template("student.html").render(
        made=_today(), scripted=False, student=grades[0], parts=parts, back=back
    )  # fmt: skip


def feedback_page(book: Gradebook, grade: Grade) -> str:
    """The page that a student gets about a submission. It is about this student only, and names nobody."""
    nobody = replace(grade, student="Feedback", name="", email="")
    return student_page(
        [nobody],
        {grade.result_key: book.report(grade.result_key)},
        {grade.result_key: book.sources(grade.submission, grade.exercise)},
        hidden=False,
    )


def _today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def _remarks(grade: Grade, report: Report | None) -> str:
    checks = report.checks if report else ()
    named = dict.fromkeys(c.misconception.replace("_", " ") for c in checks if c.misconception)
    reason = grade.reason.partition("\n")[0]
    words = [
        ", ".join(named) or ("" if grade.outcome == "passed" else reason or comment_of(report))
    ]
    return " · ".join(printable(w) for w in [*words, grade.note, *grade.adjusted] if w)


def _section(
    grade: Grade,
    report: Report | None,
    sources: Mapping[str, Mapping[str, str]],
    *,
    hidden: bool,
) -> ExerciseSection:
    if report is None:
        return ExerciseSection(
            grade, problems=["not graded yet"] if grade.outcome == "waiting" else ()
        )
    seen = report if hidden else for_students(report)
    failed = [c for c in seen.checks if c.outcome is not Outcome.PASSED]
    texts = sources.get(grade.result_key, {})
    hits = {(c.file, c.line) for c in failed if c.line}
    anchors = {
        (label, line): f"{grade.exercise}-{number}-{line}"
        for number, label in enumerate(texts)
        for file, line in hits
        if file == label
    }
    return ExerciseSection(
        grade=grade,
        title=report.title,
        problems=report.problems,
        notes=report.notes,
        checks=failed,
        passed=[c for c in seen.checks if c.outcome is Outcome.PASSED],
        sources=[_source(label, text, anchors) for label, text in texts.items()],
        anchors=anchors,
    )


def _source(label: str, text: str, anchors: Mapping[tuple[str, int], str]) -> Source:
    lines = [
        (n, line, (label, n) in anchors, anchors.get((label, n), ""))
        for n, line in enumerate(text.splitlines(), start=1)
    ]
    return Source(label, lines, any(hit for _, _, hit, _ in lines))
