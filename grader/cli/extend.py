"""`grade extend`: more time for a student."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import click

from grader.cli.gradebook import add_missing_exercise, gradebook_option, require_libraries
from grader.cli.options import PATH, chosen_course, course_option
from grader.course.late import due_dates, moment
from grader.course.loader import find_exercise
from grader.errors import UsageError
from grader.language import say, say_n
from grader.model import Course

COLUMNS = ("student", "exercise", "until", "days", "reason")


class Row(NamedTuple):
    """An extension as it was typed, and where."""

    where: str
    student: str
    exercise: str
    until: datetime | None
    days: int
    reason: str


@click.command(
    epilog="""\b
Examples:
  grade extend s1815 ex04 --until 2026-10-20 --reason "ill"
  grade extend s1815 ex04 --days 2 --reason "moved house" --author "Prof. X"
  grade extend s1815 all --days 2 --reason "as agreed"
  grade extend s1815 ex04 --clear --reason "was meant for s1816"
  grade extend --table extensions.csv --roster roster.csv

A table has the columns student, exercise, until or days, and reason. The last extension of a student's
exercise counts; grading again does not undo it.
"""
)
@click.argument("student", required=False)
@click.argument("exercise", required=False)
@click.option("--until", metavar="TIME", help="The student's own due date; a date means its end.")
@click.option("--days", type=click.IntRange(1), help="So many days after the due date.")
@click.option("--clear", is_flag=True, help="No extension any more.")
@click.option("--reason", help="Why; it is stored, and the student reads it.")
@click.option("--table", type=PATH, help="Extensions of many students: a CSV.")
@click.option("--roster", type=PATH, help="The class, if it is not known yet.")
@click.option("--author", default=getpass.getuser, help="Who extends (default: your login name).")
@gradebook_option
@course_option
@click.pass_context
def extend(
    context: click.Context,
    student: str | None,
    exercise: str | None,
    until: str | None,
    days: int | None,
    clear: bool,
    reason: str | None,
    table: Path | None,
    roster: Path | None,
    author: str,
    gradebook: str,
    course: Path | None,
) -> None:
    """Give a STUDENT more time for an EXERCISE, or for `all` that have a due date."""
    require_libraries("sqlalchemy", "alembic")
    from grader.classroom.batch.settle import settle
    from grader.classroom.class_list import read_class_list
    from grader.classroom.gradebook import open_gradebook

    found = chosen_course(context, course)
    if table is None:
        rows = _typed(found, student, exercise, until, days, reason, clear=clear)
    elif student or until or days or clear or reason:
        raise UsageError(say("--table has the students, exercises, times and reasons"))
    else:
        rows = list(_read(table, found))
        if not rows:
            raise UsageError(say("{table}: holds no extensions", table=table))
    _check_due(found, rows)
    people = read_class_list(roster).people if roster else ()
    with open_gradebook(gradebook, create=roster is not None) as book:
        book.add_students((p.id, p.name, p.email, p.last) for p in people)
        known = {key for key, _, _ in book.students()}
        for row in rows:
            if row.where and row.student not in known:
                raise UsageError(
                    say(
                        "{where}{student}: no such student; nothing is extended",
                        where=row.where,
                        student=row.student,
                    )
                )
            add_missing_exercise(context, book, row.exercise, course)
        for row in rows:
            book.extend(
                row.student, row.exercise, row.reason, author, until=row.until, days=row.days
            )
        for key in dict.fromkeys(row.student for row in rows):
            settle(book, found, key=key)
        ids = [row.exercise for row in rows]
        shown = [] if table else book.grades(ids, key=rows[0].student, missing=True)
    if table is not None:
        click.echo(
            say_n("{table}: {n} extension", "{table}: {n} extensions", len(rows), table=table)
        )
    for grade in shown:
        if grade.score is None:
            points = say("nothing submitted")
        else:
            points = say("{score:g} points", score=grade.score)
        said = (
            say("extended {days}", days=grade.extended) if grade.extended else say("no extension")
        )
        text = say("{head}: {text}", head=grade.exercise, text=say("; ").join([said, points]))
        click.echo(f"{grade.student}  {text}")


def _check_due(course: Course, rows: list[Row]) -> None:
    """Raise `UsageError` unless all that is to be extended is due at some time."""
    due = due_dates(course)
    if not due:
        raise UsageError(say("no exercise has a due date: give it one in course.toml"))
    for row in rows:
        if row.exercise not in due:
            raise UsageError(
                say(
                    "{where}{exercise} has no due date: give it one in course.toml",
                    where=row.where,
                    exercise=row.exercise,
                )
            )


def _typed(
    course: Course,
    student: str | None,
    exercise: str | None,
    until: str | None,
    days: int | None,
    reason: str | None,
    *,
    clear: bool,
) -> list[Row]:
    """The extensions on the command line: of one exercise, or of all that are due."""
    if student is None or exercise is None or reason is None:
        raise UsageError(say("name a STUDENT, an EXERCISE and a --reason, or a --table"))
    if sum((until is not None, days is not None, clear)) != 1:
        raise UsageError(say("use exactly one of --until TIME, --days N and --clear"))
    when = moment(course, until) if until is not None else None
    every = exercise.lower() == "all"
    ids = list(due_dates(course)) if every else [find_exercise(course, exercise).id]
    return [Row("", student, id_, when, days or 0, reason) for id_ in ids]


def _read(path: Path, course: Course) -> Iterator[Row]:
    """The extensions in a table. Raises `UsageError` with the line that makes no sense."""
    from grader.classroom.tables import read_table

    (titles, *rows), form = read_table(path, "student")
    columns = [title.strip().lower() for title in titles]
    if not {"student", "exercise", "reason"} <= set(columns) or not {"until", "days"} & set(
        columns
    ):
        raise UsageError(
            say("{path}: needs the columns student, exercise, until or days, and reason", path=path)
        )
    for number, cells in enumerate(rows, start=form.above + 2):
        if not any(cell.strip() for cell in cells):
            continue
        row = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        where = f"{path}, line {number}: "
        until, days = row.get("until", ""), row.get("days", "")
        if bool(until) == bool(days) or not (days or "1").isdecimal():
            raise UsageError(
                say("{where}write a time under until, or a number under days", where=where)
            )
        if not row["reason"]:
            raise UsageError(say("{where}the reason is empty", where=where))
        try:
            id_ = find_exercise(course, row["exercise"]).id
            when = moment(course, until) if until else None
        except UsageError as error:
            raise UsageError(f"{where}{error}") from None
        yield Row(where, row["student"], id_, when, int(days or 0), row["reason"])
