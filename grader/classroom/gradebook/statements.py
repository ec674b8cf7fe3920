"""The statements that a batch executes for each submission, built once: to build one takes SQLAlchemy longer than
to execute it takes the database. A `bindparam` is given when it is executed."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from sqlalchemy import Table, bindparam, insert, select, update

from grader.classroom.gradebook.schema import exercise, handin, result, student, submission

# Locks the row (in PostgreSQL): one transaction at a time writes about a student.
STUDENT = select(student).where(student.c.key == bindparam("key")).with_for_update()
GRADED = select(result.c.id).where(result.c.key == bindparam("key"), result.c.outcome != "ungraded")
GRADED_BEFORE = (
    select(result.c.grader, result.c.exercise)
    .join(exercise, exercise.c.hash == result.c.exercise)
    .where(result.c.submission == bindparam("submission"), exercise.c.id == bindparam("exercise"))
    .where(result.c.outcome != "ungraded")
    .order_by(result.c.id.desc())
    .limit(1)
)
_COUNTED = (
    select(handin, student.c.key)
    .join(student, student.c.id == handin.c.student)
    .where(handin.c.current & (handin.c.exercise == bindparam("exercise")))
)
COUNTED = _COUNTED.where(handin.c.student == bindparam("student"))
COUNTED_OF_OTHERS = _COUNTED.where(
    handin.c.identity == bindparam("identity"), handin.c.student != bindparam("student")
)
ADD_HANDIN = insert(handin)
CHANGE_HANDIN = update(handin).where(
    handin.c.student == bindparam("of_student"),
    handin.c.exercise == bindparam("of_exercise"),
    handin.c.submission == bindparam("of_submission"),
)
EXERCISE_ID = select(exercise.c.id).where(exercise.c.hash == bindparam("hash"))
# One transaction at a time adds sources, while others may write results of the submission.
SOURCES = (
    select(submission.c.sources)
    .where(submission.c.hash == bindparam("hash"))
    .with_for_update(key_share=True)
)
CHANGE_SOURCES = update(submission).where(submission.c.hash == bindparam("of_hash"))


@cache
def insert_new(database: str, table: Table, key: str) -> Any:
    """Inserts a row unless there is one with this key."""
    dialect: Any = import_module(f"sqlalchemy.dialects.{database}")  # and not all
    return dialect.insert(table).on_conflict_do_nothing(index_elements=[key])
