"""Moodle: fills grades and comments into the offline grading worksheet, as CSV, XLSX or ODS."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.classroom.downloads import LAYOUTS
from grader.classroom.export.exported import Export
from grader.classroom.export.fill import compare_maximum
from grader.classroom.export.match import (
    IdentifierKind,
    Identity,
    account_of,
    email_of,
    match_rows,
)
from grader.classroom.gradebook import Grade
from grader.classroom.tables import Row, escape_formula, number, read_table, write_back
from grader.errors import UsageError
from grader.language import say

KINDS = (IdentifierKind("participant number", sure=True), IdentifierKind("e-mail address"))
PARTICIPANT = re.compile(r"\D*(\d+)$")
COMMENTS = ("comment", "kommentar", "comentario", "comentário", "comentari", "commentaire",
    "commenti", "opmerking", "komentar", "komentář", "коммент", "комент", "yorum")  # fmt: skip
# Moodle's word for no (`no` in its language packs), in the column of grades that can be changed.
NO = {"no", "nein", "non", "nee", "não", "nie", "ne", "nej", "nei", "ei", "hayır", "нет", "ні", "いいえ", "否",
    "nu", "nem", "όχι", "לא", "لا", "아니오"}  # fmt: skip


def fill_moodle(
    path: Path,
    grades: Sequence[Grade],
    exercise: str,
    comment: Mapping[str, str],
    everybody: Sequence[str] = (),
) -> Export:
    """Moodle's offline grading worksheet with grades and feedback comments filled in.

    The headers are in the site's language, so columns are found by their content: the first is the
    identifier, the second the full name; the grade's column is left of the maximum's.

    Args:
        path: the worksheet.
        grades: what counts.
        exercise: the one that the worksheet is of.
        comment: the feedback comment of each student.
        everybody: the names of all students, also of those without a grade.
    """
    rows, form = read_table(path)
    first = next((row[0] for row in rows[1:] if row), "")
    if not PARTICIPANT.search(first.strip()):
        raise UsageError(
            say(
                "{path}: not a Moodle grading worksheet: its first column has no participant numbers",
                path=path,
            )
        )
    column = _moodle_column(path, rows)
    feedback = _comments_column(rows, column)
    here = [r for r in rows[1:] if len(r) > column and PARTICIPANT.search(r[0].strip())]
    own = [g for g in grades if g.exercise == exercise]
    whom = [Identity((account_of(g, LAYOUTS["moodle"]), email_of(g)), g.name) for g in own]
    people = [_moodle_row(row, column) for row in here]
    found, why = match_rows(KINDS, people, whom, everybody)
    left_out = []
    for place, grade in enumerate(own):
        if grade.score is None:
            left_out.append(
                say(
                    "{student} {exercise}: no score to record",
                    student=grade.student,
                    exercise=exercise,
                )
            )
        elif place not in found:
            left_out.append(
                say("{head}: {text}", head=f"{grade.student} {exercise}", text=why[place])
            )
        elif reason := _locked(here[found[place]], column):
            left_out.append(say("{head}: {text}", head=f"{grade.student} {exercise}", text=reason))
        else:
            row = here[found[place]]
            row[column] = form.number(grade.score)
            if feedback is not None and feedback < len(row) and grade.student in comment:
                row[feedback] = escape_formula(comment[grade.student])
    most = [r[column + 1] for r in here if len(r) > column + 1]
    if most and not any(map(number, most)):
        raise UsageError(
            say(
                "{path}: the assignment is graded with a scale, not with points: its maximum grade is "
                "{most!r}",
                path=path,
                most=most[0],
            )
        )
    warnings = compare_maximum(exercise, own, most, path.name)
    if feedback is None and any(comment.values()):
        warnings.append(
            say("{path}: there is no column for comments, so none are filled in", path=path.name)
        )
    return Export(write_back(rows, form), tuple(left_out), tuple(warnings))


def _locked(row: Row, column: int) -> str:
    """Why a row's grade must stay as it is; `""` if it may be filled in.

    Right of the maximum the worksheet says whether the grade can be changed. A grade of a scale is a word.
    """
    changeable = row[column + 2].strip().casefold() if len(row) > column + 2 else ""
    if changeable in NO:
        return "the worksheet says that this grade cannot be changed"
    if (word := row[column].strip()) and number(word) is None and word != "-":
        return say("it is graded with a scale in the worksheet ({word})", word=word)
    return ""


def _moodle_row(row: Row, column: int) -> Identity:
    found = PARTICIPANT.search(row[0].strip())
    email = next((cell.strip() for cell in row[2:column] if "@" in cell), "")
    return Identity((found[1] if found else "", email), row[1])


def _moodle_column(path: Path, rows: Sequence[Row]) -> int:
    """The grade's column: `Grade`, or the last one left of a column with one maximum for all, if it
    holds nothing but grades up to this maximum."""
    head = rows[0]
    if "Grade" in head:
        return head.index("Grade")
    for index in range(len(head) - 1, 2, -1):
        pairs = [row[index - 1 : index + 1] for row in rows[1:] if len(row) > index]
        most = {number(right) for _, right in pairs}
        limit = most.pop() if len(most) == 1 else None
        values = [number(left) for left, _ in pairs if left.strip()]
        if limit and all(value is not None and value <= limit for value in values):
            return index - 1
    raise UsageError(
        say(
            "{path}: no column with the maximum grade was found, so the grade's column is not "
            "known",
            path=path,
        )
    )


def _comments_column(rows: Sequence[Row], grade: int) -> int | None:
    """The column for feedback comments: the last one with such a title in some language, or the last
    of all if it is empty; the others of a worksheet never are."""
    head = rows[0]
    for index in range(len(head) - 1, grade, -1):
        if any(word in head[index].casefold() for word in COMMENTS):
            return index
    last = len(head) - 1
    empty = not any(row[last].strip() for row in rows[1:] if len(row) > last)
    return last if empty and last > grade + 1 else None
