"""A student's page: what to look at in each exercise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.classroom.gradebook import Grade, Gradebook
from grader.language import say
from grader.model import Report
from grader.render import for_students
from grader.render.pages import make_page, points
from grader.render.views import ReportView, Sources, view_report

TEMPLATE = Path(__file__).with_name("templates") / "student.html"


@dataclass(frozen=True, slots=True)
class Section:
    """One exercise on a student's page.

    Attributes:
        grade: what counts for it.
        title: the exercise's.
        score, points: the points, in few words and in more.
        share: of all points.
        about: lateness and time, in words.
        view: the report; None if it is not graded yet.
    """

    grade: Grade
    title: str
    score: str
    points: str
    share: float
    about: Sequence[str]
    view: ReportView | None

    @property
    def tone(self) -> str:
        """The colour of its points."""
        return self.grade.outcome if self.share < 1 else "passed"


def student_page(
    grades: Sequence[Grade],
    reports: Mapping[str, Report | None],
    sources: Mapping[str, Sources],
    *,
    back: str = "",
    shared: str = "",
    hidden: bool = True,
) -> str:
    """The page of one student.

    Args:
        grades: the student's.
        reports: by the result's key.
        sources: source texts by the result's key, and by file.
        back: the path of the class's page, if there is one.
        shared: the path of the file with all pages' style, if there is one.
        hidden: whether to show what happened in hidden checks, as to an instructor.
    """
    texts = {g.exercise: sources.get(g.result_key, {}) for g in grades}
    own = {id_: dict(list(files.items())[:1]) for id_, files in texts.items()}
    sections = []
    shown: dict[str, str] = {}
    for grade in grades:
        files = texts[grade.exercise]
        elsewhere = {
            k: v for id_, main in own.items() if id_ != grade.exercise for k, v in main.items()
        }
        report = reports.get(grade.result_key)
        sections.append(_section(grade, report, files, {**elsewhere, **shown}, hidden=hidden))
        shown |= files
    first = grades[0]
    return make_page(
        TEMPLATE,
        title=first.name or first.student,
        about=", ".join(filter(None, [first.student if first.name else "", first.email])),
        sections=sections,
        back=back,
        shared=shared,
    )


def feedback_page(book: Gradebook, grade: Grade) -> str:
    """The page that a student gets about a submission. It is about this student only, and names nobody."""
    nobody = grade._replace(student=say("Feedback"), name="", email="")
    return student_page(
        [nobody],
        {grade.result_key: book.report(grade.result_key)},
        {grade.result_key: book.sources(grade.submission, grade.exercise)},
        hidden=False,
    )


def _section(
    grade: Grade, report: Report | None, files: Sources, known: Sources, *, hidden: bool
) -> Section:
    seen = report if report is None or hidden else for_students(report)
    share = 0.0 if grade.score is None else grade.score / (grade.max_score or 1)
    most = points(grade.max_score)
    return Section(
        grade=grade,
        title=report.title if report else "",
        score="–" if grade.score is None else f"{points(grade.score)}/{most}",
        points=say("not graded")
        if grade.score is None
        else say("{score} of {most} points", score=points(grade.score), most=most),
        share=share,
        about=_about(grade),
        view=None
        if seen is None
        else view_report(seen, grade.exercise, files, hidden=hidden, known=known),
    )


def _about(grade: Grade) -> list[str]:
    words = []
    if grade.lateness:
        words.append(
            say(
                "{lateness} of {earned} earned",
                lateness=grade.lateness,
                earned=points(grade.earned),
            )
        )
    if grade.submitted:
        words.append(f"submitted {grade.submitted:%Y-%m-%d %H:%M} UTC")
    return words
