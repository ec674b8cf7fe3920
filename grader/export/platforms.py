"""Canvas and Moodle: the table that the instructor downloaded, with the grades filled in.

Columns and order stay as they came. A row that fits nobody, or a grade that is not to be recorded,
stays untouched; both are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.batch.roster import squashed
from grader.errors import UsageError
from grader.export.tables import Row, harmless, read_table, write_table
from grader.gradebook import Grade

CANVAS_STUDENT = ("Student", "ID", "SIS User ID", "SIS Login ID")
PARTICIPANT = re.compile(r"\D*(\d+)$")


@dataclass(frozen=True, slots=True)
class Filled:
    """The table to import, and what was left out: `student exercise: why`."""

    text: str
    left_out: tuple[str, ...]


class Finder:
    """Finds a student's grade for a row, by identifiers first, and by a name only one person has."""

    def __init__(self, grades: Sequence[Grade]) -> None:
        self._by_key: dict[str, Grade] = {}
        self._by_name: dict[str, list[Grade]] = {}
        for grade in grades:
            for key in (grade.student, grade.email, _number(grade.origin)):
                if key:
                    self._by_key.setdefault(key.casefold(), grade)
            for name in {squashed(grade.name), squashed(_turned(grade.name))} - {""}:
                self._by_name.setdefault(name, []).append(grade)

    def find(self, keys: Sequence[str], names: Sequence[str]) -> Grade | None:
        """The grade of the row that has these identifiers and names; None if nobody's fits."""
        for key in keys:
            if key and key.casefold() in self._by_key:
                return self._by_key[key.casefold()]
        for name in names:
            found = self._by_name.get(squashed(name), []) + self._by_name.get(
                squashed(_turned(name)), []
            )
            if len({g.student for g in found}) == 1:
                return found[0]
        return None


def _turned(name: str) -> str:
    """`Ada Lovelace` from `Lovelace, Ada`; another name as `Lovelace Ada`."""
    last, comma, first = name.partition(",")
    if comma:
        return f"{first} {last}".strip()
    front, _, back = name.rpartition(" ")
    return f"{back} {front}".strip()


def _number(origin: str) -> str:
    """The platform's number of a student in a file's or folder's name."""
    moodle = re.search(r"_(\d+)_assignsubmission_", origin)
    canvas = re.match(r"[^_]+(?:_LATE)?_(\d+)_\d+_", origin)
    found = moodle or canvas
    return found[1] if found else ""


def to_canvas(path: Path, grades: Sequence[Grade], columns: Mapping[str, Sequence[str]]) -> Filled:
    """Canvas' gradebook with the scores filled in.

    Args:
        path: the gradebook's export.
        grades: what counts.
        columns: words to find each exercise's column by, by the exercise's short name.
    """
    rows, dialect = read_table(path)
    head = rows[0] if rows else []
    if "Student" not in head or "ID" not in head:
        raise UsageError(f"{path}: is no Canvas gradebook: it has no columns Student and ID")
    where = {name: head.index(name) for name in CANVAS_STUDENT if name in head}
    done: set[tuple[str, str]] = set()
    for exercise, words in columns.items():
        column = _canvas_column(path, head, exercise, words)
        finder = Finder([g for g in grades if g.exercise == exercise])
        for row in rows[1:]:
            if len(row) <= column or row[0].strip().startswith("Points Possible"):
                continue
            ids = [
                row[where[n]].strip() for n in ("ID", "SIS User ID", "SIS Login ID") if n in where
            ]
            grade = finder.find(ids, [row[where["Student"]]]) if any(ids) else None
            if grade is not None and grade.score is not None and row[column].strip() != "EX":
                row[column] = f"{grade.score:.2f}"
                done.add((grade.student, exercise))
    return Filled(write_table(rows, dialect), _left_out(grades, columns, done))


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


def to_moodle(path: Path, grades: Sequence[Grade], exercise: str, comment: Mapping[str, str]) -> Filled:  # fmt: skip
    """Moodle's offline grading worksheet with grades and feedback comments filled in.

    The headers are in the site's language, so columns are found by what is in them: the first is
    the identifier, the second the full name; the grade's column stands before the maximum's.

    Args:
        path: the worksheet.
        grades: what counts.
        exercise: the worksheet is of one assignment.
        comment: what to write for a student.
    """
    rows, dialect = read_table(path)
    head = rows[0] if rows else []
    if len(rows) < 2 or not PARTICIPANT.search(rows[1][0].strip()):
        raise UsageError(f"{path}: is no grading worksheet: its first column is no identifier")
    column = _moodle_column(path, rows)
    feedback = next(
        (i for i, t in enumerate(head) if "comment" in t.lower() or "kommentar" in t.lower()), None
    )
    finder = Finder([g for g in grades if g.exercise == exercise])
    done: set[tuple[str, str]] = set()
    for row in rows[1:]:
        match = PARTICIPANT.search(row[0].strip()) if len(row) > column else None
        if match is None:
            continue
        emails = [cell for cell in row[2:column] if "@" in cell]
        grade = finder.find([match[1], *emails], [row[1]])
        if grade is None or grade.score is None:
            continue
        row[column] = f"{grade.score:.2f}"
        if feedback is not None and feedback < len(row) and grade.student in comment:
            row[feedback] = harmless(comment[grade.student])
        done.add((grade.student, exercise))
    return Filled(write_table(rows, dialect), _left_out(grades, [exercise], done))


def _moodle_column(path: Path, rows: Sequence[Row]) -> int:
    """The grade's column: `Grade`, or the one before the column that holds one maximum for all."""
    head = rows[0]
    if "Grade" in head:
        return head.index("Grade")
    for index in range(3, len(head)):
        values = {row[index].strip() for row in rows[1:] if len(row) > index}
        if len(values) == 1 and re.fullmatch(r"\d+([.,]\d+)?", values.pop()):
            return index - 1
    raise UsageError(f"{path}: no column of it holds the maximum grade, so none is the grade")


def _left_out(
    grades: Sequence[Grade], exercises: Iterable[str], done: set[tuple[str, str]]
) -> tuple[str, ...]:
    wanted = set(exercises)
    return tuple(
        f"{g.student} {g.exercise}: "
        + ("no score to record" if g.score is None else "no row of the table is theirs")
        for g in grades
        if g.exercise in wanted and (g.student, g.exercise) not in done
    )
