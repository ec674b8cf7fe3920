"""A hand-in meets what the gradebook has of the same student and of the same account: which counts?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from grader.classroom.downloads import upload_number
from grader.classroom.gradebook.schema import adjustment, handin, student


def lock_transaction(connection: Connection, name: str) -> None:
    """Wait until no other transaction is about the same; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def counted_submissions(
    connection: Connection, row: Mapping[str, Any], identity: str
) -> list[Row[Any]]:
    """What counts so far for a student in an exercise, and there for the account, whoever has it."""
    query = select(handin, student.c.key).join(student, student.c.id == handin.c.student)
    query = query.where(handin.c.current & (handin.c.exercise == row["exercise"]))
    found = list(connection.execute(query.where(handin.c.student == row["student"])))
    if identity:
        others = (handin.c.identity == identity) & (handin.c.student != row["student"])
        found += connection.execute(query.where(others))
    return found


def is_later(one: Row[Any], submitted: datetime | None, origin: str) -> bool:
    """Whether a hand-in of the gradebook is later than this one: by the time, or by Canvas' count."""
    if submitted and one.submitted:
        return bool(one.submitted > submitted)
    return upload_number(one.origin) > upload_number(origin) > 0


def describe_change(connection: Connection, key: str, new: Mapping[str, Any], before: Iterable[Row[Any]], later: Iterable[Row[Any]]) -> str:  # fmt: skip
    """What is worth saying of a hand-in that met others."""
    exercise_id, identity = new["exercise"], new.get("identity", "")
    for one in later:
        time = f" from {one.submitted:%Y-%m-%d %H:%M} UTC" if one.submitted else ""
        return (
            f"{key} in {exercise_id}: this download is older than what the gradebook has{time} "
            f"under {one.key}, which still counts"
        )
    for one in before:
        if one.student != new["student"]:
            adjusted = _is_adjusted(connection, one.student, exercise_id)
            own_word = one.key in (one.identity, one.identity.partition(" ")[2])
            if own_word and not adjusted:  # the platform's number has found its person
                continue
            more = f"; adjustments of {one.key} stay there: make them for {key}" if adjusted else ""
            return (
                f"{key} in {exercise_id}: the same account stood in the gradebook as {one.key}, where "
                f"it no longer counts{more}"
            )
        if one.identity and identity and one.identity != identity:
            return (
                f"{key} in {exercise_id}: counts from {identity} now, no longer from {one.identity}"
            )
        known = (one.submitted and new.get("submitted")) or upload_number(one.origin)
        if one.submission != new["submission"] and not known:
            return (
                f"{key} in {exercise_id}: another hand-in counted before; no times are known, so the "
                "one that is graded last counts"
            )
    return ""


def _is_adjusted(connection: Connection, number: int, exercise_id: str) -> bool:
    theirs = (adjustment.c.student == number) & (adjustment.c.exercise == exercise_id)
    return connection.scalar(select(adjustment.c.id).where(theirs).limit(1)) is not None
