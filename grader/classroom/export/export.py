"""Chooses the grades of an export, and what each format needs beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from grader.classroom.downloads import LAYOUTS
from grader.classroom.export import classroom50, plain
from grader.classroom.export.exported import Export
from grader.classroom.export.feedback import feedback_zip
from grader.classroom.export.fill import fill_gradebook
from grader.classroom.export.match import latest_grades
from grader.classroom.export.worksheet import fill_moodle
from grader.classroom.gradebook import Grade, Gradebook
from grader.classroom.report.comment import comment_of
from grader.errors import UsageError
from grader.language import say, series


@dataclass(frozen=True)
class Wanted:
    """What a format may need beside the grades.

    Attributes:
        names: an exercise's name, and
        due: its due date, by its short name.
        fill: the platform's table to fill in.
        columns: a part of the title of an exercise's column, by its short name.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    due: Mapping[str, datetime] = field(default_factory=dict)
    fill: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)

    def table(self, style: str) -> Path:
        """The table to fill in. Raises `UsageError` if none was named."""
        if self.fill is None:
            raise UsageError(
                say("--to {style} fills in a table of yours: name it with --fill FILE", style=style)
            )
        return self.fill


def export_grades(
    book: Gradebook, style: str, exercises: Sequence[str] = (), wanted: Wanted | None = None
) -> Export:
    """The grades of `exercises` (all if there are none) in the format `style`, one of `FORMATS`.

    Raises `UsageError` if there are none, or the format needs something that was not given.
    """
    found = book.existing_grades(exercises, missing=style in ("csv", "json"))
    grades, replaced = latest_grades(found)
    made = WRITERS[style](book, grades, wanted or Wanted())
    return Export(made.data, (*replaced, *made.left_out), made.warnings)


def _csv(book: Gradebook, grades: Sequence[Grade], wanted: Wanted) -> Export:
    return Export(plain.to_csv(grades))


def _checks(book: Gradebook, grades: Sequence[Grade], wanted: Wanted) -> Export:
    return Export(plain.to_checks(grades, lambda grade: book.report(grade.result_key)))


def _json(book: Gradebook, grades: Sequence[Grade], wanted: Wanted) -> Export:
    return Export(plain.to_json(grades, {g.result_key: book.report(g.result_key) for g in grades}))


def _nbgrader(book: Gradebook, grades: Sequence[Grade], wanted: Wanted) -> Export:
    return Export(plain.to_nbgrader(grades, wanted.names, wanted.due))


def _classroom50(book: Gradebook, grades: Sequence[Grade], wanted: Wanted) -> Export:
    return classroom50.fill_scores(
        wanted.table("classroom50"), grades, wanted.columns, wanted.names
    )


def _feedback(book: Gradebook, grades: Sequence[Grade], wanted: Wanted) -> Export:
    from grader.classroom.report.student import feedback_page  # loads Jinja

    return feedback_zip(grades, lambda grade: feedback_page(book, grade))


def _gradebook(platform: str, book: Gradebook, grades: Sequence[Grade], wanted: Wanted) -> Export:
    ids = _ids(grades)
    for exercise, title in wanted.columns.items():
        if exercise not in ids:
            raise UsageError(
                say(
                    "--column {exercise}={title}: the grades to export are of {exercises}",
                    exercise=exercise,
                    title=title,
                    exercises=series(ids),
                )
            )
    titles = {id_: title for id_, title, _ in book.exercises()}
    words = {
        i: [[wanted.columns[i]]]
        if i in wanted.columns
        else [[i, wanted.names.get(i, i)], [titles.get(i, i)]]
        for i in ids
    }
    table = wanted.table(platform)
    return fill_gradebook(LAYOUTS[platform], table, grades, words, _names(book), book.grades())


def _moodle(book: Gradebook, grades: Sequence[Grade], wanted: Wanted) -> Export:
    table, ids = wanted.table("moodle"), _ids(grades)
    if len(ids) != 1:
        raise UsageError(
            say(
                "a Moodle worksheet is of one assignment: name one of {exercises}",
                exercises=series(ids),
            )
        )
    comments = {g.student: _comment(book, g) for g in grades}
    return fill_moodle(table, grades, ids[0], comments, _names(book))


def _comment(book: Gradebook, grade: Grade) -> str:
    """What the checks say in short, and what people wrote."""
    said = [comment_of(book.report(grade.result_key)), *map(str, grade.marks), *grade.comments]
    return "\n".join(filter(None, said))


WRITERS: dict[str, Callable[[Gradebook, Sequence[Grade], Wanted], Export]] = {
    "csv": _csv,
    "checks": _checks,
    "json": _json,
    **{name: partial(_gradebook, name) for name, known in LAYOUTS.items() if known.gradebook},
    "moodle": _moodle,
    "nbgrader": _nbgrader,
    "classroom50": _classroom50,
    "feedback": _feedback,
}


def _ids(grades: Sequence[Grade]) -> list[str]:
    return list(dict.fromkeys(g.exercise for g in grades))


def _names(book: Gradebook) -> list[str]:
    return [name for _, name, _ in book.students()]
