"""Canvas and Moodle: fills the grades into the table that the instructor downloaded.

Rows and columns keep their order. A grade without a row, or one that is not to be recorded, changes
nothing and is listed. Scores are written as they are, whatever maximum the platform has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader.classroom.export.exported import Export
from grader.classroom.export.match import (
    IdentifierKind,
    Identity,
    canvas_number,
    email_of,
    match_rows,
    moodle_number,
    roster_id,
)
from grader.classroom.gradebook import Grade
from grader.classroom.tables import Row, escape_formula, number, read_table, write_table
from grader.errors import UsageError

CANVAS_KINDS = (
    IdentifierKind("ID", sure=True), IdentifierKind("SIS User ID"), IdentifierKind("SIS Login ID"), IdentifierKind("SIS User ID"), IdentifierKind("SIS Login ID"),
)  # fmt: skip
MOODLE_KINDS = (IdentifierKind("participant number", sure=True), IdentifierKind("e-mail address"))
PARTICIPANT = re.compile(r"\D*(\d+)$")
COMMENTS = ("comment", "kommentar", "comentario", "comentário", "comentari", "commentaire",
    "commenti", "opmerking", "komentar", "komentář", "коммент", "комент", "yorum")  # fmt: skip


def fill_canvas(
    path: Path,
    grades: Sequence[Grade],
    columns: Mapping[str, Sequence[str]],
    everybody: Sequence[str] = (),
    others: Sequence[Grade] = (),
) -> Export:
    """Canvas' gradebook with the scores filled in.

    Args:
        path: the gradebook's export.
        grades: what counts.
        columns: words that may be in the title of an exercise's column, by its short name.
        everybody: the names of all students, also of those without a grade.
        others: grades of other exercises, which may have a student's number.
    """
    rows, form = read_table(path, "Student")
    head = rows[0] if rows else []
    if "Student" not in head or "ID" not in head:
        lacking = " and ".join(c for c in ("Student", "ID") if c not in head)
        raise UsageError(f"{path}: not a Canvas export: columns {lacking} are missing")
    left_out, warnings = list[str](), list[str]()
    numbers = {g.student: n for g in (*others, *grades) if (n := canvas_number(g))}
    numbered = {g.student for g in (*others, *grades) if not roster_id(g)}
    for exercise, words in columns.items():
        column = _canvas_column(path, head, exercise, words)
        own = [g for g in grades if g.exercise == exercise]
        people = [_canvas_row(head, row) for row in rows]
        here = [n for n, who in enumerate(people) if any(who.ids) and len(rows[n]) > column and n]
        whom = []
        for grade in own:
            key = "" if grade.student in numbered else grade.student
            ids = (numbers.get(grade.student, ""), key, key, grade.email, grade.email)
            whom.append(Identity(ids, grade.name))
        found, why = match_rows(CANVAS_KINDS, [people[n] for n in here], whom, everybody)
        for place, grade in enumerate(own):
            row = rows[here[found[place]]] if place in found else None
            if grade.score is None:
                left_out.append(f"{grade.student} {exercise}: no score to record")
            elif row is None:
                left_out.append(f"{grade.student} {exercise}: {why[place]}")
            elif row[column].strip() == "EX":
                left_out.append(f"{grade.student} {exercise}: excused in the table")
            else:
                row[column] = f"{grade.score:.2f}"
        most = [r[column] for r in rows[1:] if len(r) > column and _is_maximum(head, r)]
        warnings += _compare_maximum(exercise, own, most, head[column])
    return Export(write_table(rows, form), tuple(left_out), tuple(warnings))


def _canvas_row(head: Row, row: Row) -> Identity:
    values = dict(zip(head, (cell.strip() for cell in row), strict=False))
    ids = ("", "", "") if _is_maximum(head, row) else tuple(
        values.get(name, "") for name in ("ID", "SIS User ID", "SIS Login ID")
    )  # fmt: skip
    return Identity((*ids, *ids[1:]), values.get("Student", ""))


def _is_maximum(head: Row, row: Row) -> bool:
    title = head.index("Student")
    return len(row) > title and row[title].strip().startswith("Points Possible")


def _canvas_column(path: Path, head: Row, exercise: str, words: Sequence[str]) -> int:
    found = [
        i
        for i, title in enumerate(head)
        if re.search(r"\(\d+\)$", title) and any(word.lower() in title.lower() for word in words)
    ]
    if len(found) != 1:
        titles = ", ".join(t for t in head if re.search(r"\(\d+\)$", t)) or "none"
        raise UsageError(
            f"{path}: {len(found)} columns could be {exercise}; its assignments are {titles}. "
            f"Say which: --column {exercise}='part of its title'"
        )
    return found[0]


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
            f"{path}: not a Moodle grading worksheet: its first column has no participant numbers"
        )
    column = _moodle_column(path, rows)
    feedback = _comments_column(rows, column)
    here = [r for r in rows[1:] if len(r) > column and PARTICIPANT.search(r[0].strip())]
    own = [g for g in grades if g.exercise == exercise]
    whom = [Identity((moodle_number(g), email_of(g)), g.name) for g in own]
    people = [_moodle_row(row, column) for row in here]
    found, why = match_rows(MOODLE_KINDS, people, whom, everybody)
    left_out = []
    for place, grade in enumerate(own):
        if grade.score is None:
            left_out.append(f"{grade.student} {exercise}: no score to record")
        elif place not in found:
            left_out.append(f"{grade.student} {exercise}: {why[place]}")
        else:
            row = here[found[place]]
            row[column] = f"{grade.score:.2f}"
            if feedback is not None and feedback < len(row) and grade.student in comment:
                row[feedback] = escape_formula(comment[grade.student])
    most = [r[column + 1] for r in here if len(r) > column + 1]
    warnings = _compare_maximum(exercise, own, most, path.name)
    if feedback is None and any(comment.values()):
        warnings.append(f"{path.name}: there is no column for comments, so none are filled in")
    return Export(write_table(rows, form), tuple(left_out), tuple(warnings))


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
        f"{path}: no column with the maximum grade was found, so the grade's column is not known"
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


def _compare_maximum(
    exercise: str, grades: Iterable[Grade], most: Iterable[str], where: str
) -> list[str]:
    """A warning if the platform's maximum is not the exercise's."""
    points = max((g.max_score for g in grades), default=0.0)
    limits = {value for value in map(number, most) if value is not None}
    return [
        f"{exercise} has {points:g} points, but {where} has a maximum of {limit:g}: scores are "
        f"written as they are, so set the assignment's maximum to {points:g}"
        for limit in sorted(limits)
        if points and limit != points
    ]
