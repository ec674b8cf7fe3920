"""The page of the class: what to teach tomorrow, who may need help, and how each exercise went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

from grader.classroom.gradebook import Grade, Gradebook
from grader.classroom.report import pictures
from grader.classroom.report.comment import comment_of
from grader.classroom.report.help import NOTHING, who_may_need_help
from grader.classroom.report.matrix import FILTERS, matrix
from grader.classroom.report.mistakes import MistakeStats, mistake_key
from grader.classroom.report.stats import ClassStats, class_stats
from grader.language import say, series
from grader.model import Report
from grader.render import headline, printable
from grader.render.pages import make_page, percent
from grader.render.views import Sources

TEMPLATES = Path(__file__).with_name("templates")
TOP = 3  # mistakes to teach tomorrow


@dataclass(frozen=True, slots=True)
class Common:
    """A mistake, the exercise in which it was made, and its number in the page's list."""

    number: int
    exercise: str
    stats: MistakeStats
    judged: int


def class_page(
    title: str,
    book: Gradebook,
    grades: Sequence[Grade],
    reports: Mapping[str, Report],
    pages: Mapping[str, str],
    *,
    shared: str = "",
    zone: tzinfo = UTC,
) -> str:
    """The page of the class.

    Args:
        title: the course's.
        book: where students, exercises and sources are.
        grades: what counts.
        reports: by the result's key.
        pages: the path of each student's page.
        shared: the path of the file with all pages' style, if there is one.
        zone: the course's time zone, in which days begin at midnight.
    """
    by_exercise, by_student = _grouped(grades)

    def sources(grade: Grade) -> Sources:
        return book.sources(grade.submission, grade.exercise)

    stats = [
        class_stats(id_, name, most, by_exercise[id_], reports, zone, sources)
        for id_, name, most in book.exercises()
        if id_ in by_exercise
    ]
    common = [
        Common(number, s.exercise, mistake, s.judged)
        for number, (s, mistake) in enumerate((s, m) for s in stats for m in s.mistakes)
    ]
    students = [(key, name) for key, name, _ in book.students()]
    points = {s.exercise: max(g.max_score for g in by_exercise[s.exercise]) for s in stats}
    concerns = who_may_need_help(students, by_student, list(points), book.attempts())
    made = _made_by(grades, reports, common)
    script = (TEMPLATES / "class.js").read_text(encoding="utf-8")
    return make_page(
        TEMPLATES / "class.html",
        title=say("{title}: the class", title=title),
        shared=shared,
        style="",
        script=script,
        students=len(students),
        submissions=sum(bool(g.submission) for g in grades),
        top=sorted(common, key=lambda c: (-c.stats.count, -c.stats.part))[:TOP],
        common=common,
        absent=[c for c in concerns if c.reasons == (say(NOTHING),)],
        concerns=[c for c in concerns if c.reasons != (say(NOTHING),)],
        pages=pages,
        exercises=points,
        matrix=matrix(students, by_student, points, pages, concerns, made),
        filters=FILTERS,
        stats=[(s, _plots(s, zone)) for s in stats],
        results=[(g, pages[g.student], remarks(g, reports.get(g.result_key))) for g in grades],
        zone=zone,
    )


def _grouped(
    grades: Sequence[Grade],
) -> tuple[dict[str, list[Grade]], dict[str, list[Grade]]]:
    """The grades by exercise, and by student."""
    by_exercise: dict[str, list[Grade]] = defaultdict(list)
    by_student: dict[str, list[Grade]] = defaultdict(list)
    for grade in grades:
        by_exercise[grade.exercise].append(grade)
        by_student[grade.student].append(grade)
    return by_exercise, by_student


def _made_by(
    grades: Sequence[Grade], reports: Mapping[str, Report], common: Sequence[Common]
) -> dict[str, set[int]]:
    """The numbers of each student's mistakes."""
    numbers = {(c.exercise, c.stats.key): c.number for c in common}
    made: dict[str, set[int]] = defaultdict(set)
    for grade in grades:
        report = reports.get(grade.result_key)
        for check in report.checks if report else ():
            number = numbers.get((grade.exercise, mistake_key(check)))
            if number is not None:
                made[grade.student].add(number)
    return made


def _plots(stats: ClassStats, zone: tzinfo) -> list[tuple[str, Any]]:
    """The title of each plot of an exercise, and the plot."""
    found = []
    if stats.judged:
        words = say(
            "Submissions by tenth of the points, from the lowest: {counts}.",
            counts=series(map(str, stats.bins)),
        )
        found.append((say("Points"), pictures.histogram(stats.bins, words)))
    if stats.days:
        days = say("; ").join(f"{d}: {n}, {percent(m)}" for d, n, m in stats.days)
        plot = pictures.over_time(
            stats.days, say("By day of submission, number and mean: {days}.", days=days)
        )
        found.append((say("By day of submission, in {zone}", zone=zone), plot))
    return found


def remarks(grade: Grade, report: Report | None) -> str:
    """What is worth knowing of a grade in one line: mistakes, or why it failed; notes and adjustments."""
    checks = report.checks if report else ()
    named = dict.fromkeys(c.misconception.replace("_", " ") for c in checks if c.misconception)
    reason = headline(grade.reason)
    words = series(named)
    if not words and grade.outcome != "passed":
        words = reason or comment_of(report)
    return " · ".join(
        printable(w) for w in [words, grade.note, *grade.adjusted, *grade.comments] if w
    )
