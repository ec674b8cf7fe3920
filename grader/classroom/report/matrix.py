"""The table of students and exercises: a row for each student, a cell for each exercise."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from grader.classroom.gradebook import Grade
from grader.classroom.report.help import Concern, share_of
from grader.language import later
from grader.render.pages import level, points

# The outcomes of a grade, as a page says them.
OUTCOMES = (
    later("passed"),
    later("failed"),
    later("ungraded"),
    later("waiting"),
    later("missing"),
    later("adjusted"),
)
FILTERS = {
    "help": later("may need help"),
    "none": later("something is not handed in"),
    "open": later("something is not graded"),
    "late": later("late"),
    "extended": later("with an extension"),
    "changed": later("adjusted by hand"),
    "said": later("commented"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One exercise of one student.

    Attributes:
        text: the points, and signs for what is special about them.
        tone: the class of its colour.
        share: what it is sorted by; below 0 where there are no points.
        exercise: where it leads to on the student's page; `""` if there is nothing.
    """

    text: str
    tone: str = ""
    share: float = -1.0
    exercise: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One student.

    Attributes:
        page: the path of the student's page; `""` if there is none.
        cells: one for each exercise.
        total: the share of all points of the class's exercises.
        flags: what one can filter by: the keys of `FILTERS`.
        mistakes: the numbers of the mistakes in the page's list.
    """

    student: str
    name: str
    page: str
    cells: Sequence[Cell]
    total: float
    flags: str
    mistakes: str


def matrix(
    students: Sequence[tuple[str, str]],
    grades: Mapping[str, Sequence[Grade]],
    exercises: Mapping[str, float],
    pages: Mapping[str, str],
    concerns: Sequence[Concern],
    mistakes: Mapping[str, Collection[int]],
) -> list[Row]:
    """A row for each student, in their order.

    Args:
        students: key and name of each.
        grades: of each student, by key.
        exercises: the points of each.
        pages: the path of each student's page.
        concerns: who may need help.
        mistakes: the numbers of each student's mistakes.
    """
    worried = {c.student for c in concerns}
    whole = sum(exercises.values()) or 1
    rows = []
    for key, name in students:
        own = {g.exercise: g for g in grades.get(key, ())}
        flags = {flag for g in own.values() for flag in _flags(g)}
        flags |= {"help"} if key in worried else set()
        flags |= {"none"} if len(own) < len(exercises) else set()
        total = sum(share_of(g) * exercises[e] for e, g in own.items()) / whole
        rows.append(
            Row(
                student=key,
                name=name,
                page=pages.get(key, ""),
                cells=[_cell(own.get(e)) for e in exercises],
                total=total,
                flags=" ".join(sorted(flags)),
                mistakes=" ".join(map(str, sorted(mistakes.get(key, ())))),
            )
        )
    return rows


def _flags(grade: Grade) -> list[str]:
    found = {
        "open": grade.score is None,
        "late": bool(grade.lateness),
        "extended": bool(grade.extended),
        "changed": bool(grade.adjusted),
        "said": bool(grade.comments),
        "none": not grade.submission,
    }
    return [flag for flag, holds in found.items() if holds]


def _cell(grade: Grade | None) -> Cell:
    if grade is None:
        return Cell("–")
    if grade.score is None:
        return Cell("!", exercise=grade.exercise)
    share = share_of(grade)
    signs = "ᴸ" * bool(grade.lateness) + "ᴱ" * bool(grade.extended) + "ᴬ" * bool(grade.adjusted)
    # The middle has no colour: half of the points is neither alarming nor done.
    tone = level(max(-1.0, min(1.0, 2 * share - 1)))
    return Cell(points(grade.score) + signs, tone, round(share, 4), grade.exercise)
