"""Fills the grades into the table that the instructor downloaded from a platform.

Rows and columns keep their order, and the file its encoding. A grade without a row, or one that is not to
be recorded, changes nothing and is listed. Scores are written as they are, whatever maximum the platform
has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader.classroom.downloads import Platform
from grader.classroom.downloads.gradebook_file import GradebookFile, place
from grader.classroom.export.exported import Export
from grader.classroom.export.match import (
    IdentifierKind,
    Identity,
    account_of,
    email_of,
    match_rows,
    roster_id,
)
from grader.classroom.gradebook import Grade
from grader.classroom.roster import normalised
from grader.classroom.tables import Row, number, read_table, write_back
from grader.errors import UsageError
from grader.language import all_of, say, say_n, series

Words = Sequence[Sequence[str]]  # what may be in a column's title; the first that fit decide


def fill_gradebook(
    platform: Platform,
    path: Path,
    grades: Sequence[Grade],
    columns: Mapping[str, Words],
    everybody: Sequence[str] = (),
    others: Sequence[Grade] = (),
) -> Export:
    """A platform's gradebook with the scores filled in.

    Args:
        platform: whose gradebook it is.
        path: the gradebook, as it was exported.
        grades: what counts.
        columns: what may be in the title of an exercise's column, by its short name.
        everybody: the names of all students, also of those without a grade.
        others: grades of other exercises, which may have a student's account.

    Raises `UsageError` if it is another table, or an exercise has not one column.
    """
    file = platform.gradebook
    if file is None:
        raise UsageError(
            say(
                "{platform}: has no gradebook that is filled in; use --to csv",
                platform=platform.name,
            )
        )
    rows, form = read_table(path, file.needed[0])
    head = rows[0]
    if lacking := file.lacks(head):
        raise UsageError(
            say_n(
                "{path}: not {what}: column {columns} is missing",
                "{path}: not {what}: columns {columns} are missing",
                len(lacking),
                path=path,
                what=say(file.what),
                columns=all_of(list(lacking)),
            )
        )
    identifiers = [(key, ours) for key, ours in file.identifiers if place(head, key) is not None]
    kinds = [
        IdentifierKind(head[place(head, key) or 0].strip(' "\ufeff'), sure=ours == "account")
        for key, ours in identifiers
    ]
    people = [_row_identity(file, head, row, [key for key, _ in identifiers]) for row in rows]
    ours = _Ours(platform, [*others, *grades])
    left_out, warnings = list[str](), list[str]()
    for exercise, words in columns.items():
        column = _column(path, file, head, exercise, words)
        own = [g for g in grades if g.exercise == exercise]
        here = [n for n, who in enumerate(people) if any(who.ids) and len(rows[n]) > column and n]
        whom = [Identity(tuple(ours.value(g, of) for _, of in identifiers), g.name) for g in own]
        found, why = match_rows(kinds, [people[n] for n in here], whom, everybody)
        for at, grade in enumerate(own):
            row = rows[here[found[at]]] if at in found else None
            if grade.score is None:
                left_out.append(
                    say(
                        "{student} {exercise}: no score to record",
                        student=grade.student,
                        exercise=exercise,
                    )
                )
            elif row is None:
                left_out.append(
                    say("{head}: {text}", head=f"{grade.student} {exercise}", text=why[at])
                )
            elif reason := file.kept.get(row[column].strip()):
                left_out.append(
                    say("{head}: {text}", head=f"{grade.student} {exercise}", text=reason)
                )
            else:
                row[column] = form.number(grade.score)
        warnings += compare_maximum(exercise, own, _maxima(file, rows, column), head[column])
    return Export(write_back(rows, form), tuple(left_out), tuple(warnings))


class _Ours:
    """What the gradebook knows of each student, in the words of a platform's columns."""

    def __init__(self, platform: Platform, grades: Sequence[Grade]) -> None:
        self._accounts = {g.student: found for g in grades if (found := account_of(g, platform))}
        self._numbered = {g.student for g in grades if not roster_id(g)}

    def value(self, grade: Grade, what: str) -> str:
        """The `account`, `id` or `email` of a grade's student; `""` if it is not known."""
        if what == "account":
            return self._accounts.get(grade.student, "")
        if what == "id":
            return "" if grade.student in self._numbered else grade.student
        return email_of(grade)


def _row_identity(file: GradebookFile, head: Row, row: Row, keys: Sequence[str]) -> Identity:
    if len(row) < len(head) or _is_maximum(file, head, row):
        return Identity(("",) * len(keys))
    cells = [row[place(head, key) or 0].strip().removeprefix("#") for key in keys]
    return Identity(tuple(cells), file.name(head, row))


def _is_maximum(file: GradebookFile, head: Row, row: Row) -> bool:
    return bool(file.maxima) and file.name(head, row).startswith(file.maxima)


def _maxima(file: GradebookFile, rows: Sequence[Row], column: int) -> list[str]:
    """The most points of an assignment, as the table says them."""
    title = file.assignment.fullmatch(rows[0][column].strip())
    if title and title.groupdict().get("most"):
        return [title["most"]]
    head, *body = rows
    return [row[column] for row in body if len(row) > column and _is_maximum(file, head, row)]


def _column(path: Path, file: GradebookFile, head: Row, exercise: str, tiers: Words) -> int:
    """The one column of an exercise: by its short name, or else by its title."""
    titles = {i: m for i, t in enumerate(head) if (m := file.assignment.fullmatch(t.strip()))}
    found: list[int] = []
    for words in tiers:
        plain = [normalised(word) for word in words]
        found = [i for i, m in titles.items() if any(w in normalised(m["title"]) for w in plain)]
        if found:
            break
    if len(found) != 1:
        known = series(head[i] for i in titles) or say("none")
        raise UsageError(
            say(
                "{path}: {n} columns could be {exercise}; its assignments are {known}. Say which: "
                "--column {exercise}='part of its title'",
                path=path,
                n=len(found),
                exercise=exercise,
                known=known,
            )
        )
    return found[0]


def compare_maximum(
    exercise: str, grades: Iterable[Grade], most: Iterable[str], where: str
) -> list[str]:
    """A warning if the platform's maximum is not the exercise's."""
    points = max((g.max_score for g in grades), default=0.0)
    limits = {value for value in map(number, most) if value is not None}
    return [
        say(
            "{exercise} has {points:g} points, but {where} has a maximum of {limit:g}: scores are "
            "written as they are, so set the assignment's maximum to {points:g}",
            exercise=exercise,
            points=points,
            where=where,
            limit=limit,
        )
        for limit in sorted(limits)
        if points and limit != points
    ]
