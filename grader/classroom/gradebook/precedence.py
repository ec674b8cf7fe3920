"""Which submission counts, where the gradebook has another one of the student or of the account, and
which of its results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from grader.classroom.downloads import upload_number
from grader.classroom.gradebook.schema import adjustment, exercise, handin, result
from grader.classroom.gradebook.statements import COUNTED, COUNTED_OF_OTHERS
from grader.language import say


def lock_transaction(connection: Connection, name: str) -> None:
    """Wait until no other transaction holds this name; SQLite has only one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def counted_submissions(
    connection: Connection, row: Mapping[str, Any], identity: str
) -> list[Row[Any]]:
    """The submissions that count so far for the student in the exercise, and those of the account there,
    under whatever student."""
    given = {"student": row["student"], "exercise": row["exercise"], "identity": identity}
    found = list(connection.execute(COUNTED, given))
    if identity:
        found += connection.execute(COUNTED_OF_OTHERS, given)
    return found


def is_later(one: Row[Any], submitted: datetime | None, origin: str) -> bool:
    """Whether a submission in the gradebook is later than this one, by timestamp or by Canvas' number."""
    if submitted and one.submitted:
        return bool(one.submitted > submitted)
    return upload_number(one.origin) > upload_number(origin) > 0


def describe_change(connection: Connection, key: str, new: Mapping[str, Any], before: Iterable[Row[Any]], later: Iterable[Row[Any]]) -> str:  # fmt: skip
    """What the instructor should know about a submission that replaces another, or does not."""
    exercise_id, identity = new["exercise"], new.get("identity", "")
    for one in later:
        values = {"key": key, "exercise": exercise_id, "other": one.key}
        if not one.submitted:
            return say(
                "{key} in {exercise}: this submission is older than the one that the gradebook has under "
                "{other}, which still counts",
                **values,
            )
        return say(
            "{key} in {exercise}: this submission is older than the one from {time} UTC that the "
            "gradebook has under {other}, which still counts",
            **values,
            time=f"{one.submitted:%Y-%m-%d %H:%M}",
        )
    for one in before:
        if one.student != new["student"]:
            adjusted = _is_adjusted(connection, one.student, exercise_id)
            by_account = one.key in (one.identity, one.identity.partition(" ")[2])
            if by_account and not adjusted:  # the roster now says whose number it is
                continue
            values = {"key": key, "exercise": exercise_id, "other": one.key}
            if adjusted:
                return say(
                    "{key} in {exercise}: the same account was in the gradebook as {other}, where it no "
                    "longer counts; adjustments of {other} stay there: repeat them for {key}",
                    **values,
                )
            return say(
                "{key} in {exercise}: the same account was in the gradebook as {other}, where it no longer "
                "counts",
                **values,
            )
        if one.identity and identity and one.identity != identity:
            return say(
                "{key} in {exercise_id}: the submission of {identity} counts now, no longer that of "
                "{other}",
                key=key,
                exercise_id=exercise_id,
                identity=identity,
                other=one.identity,
            )
        known = (one.submitted and new.get("submitted")) or upload_number(one.origin)
        if one.submission != new["submission"] and not known:
            return say(
                "{key} in {exercise_id}: another submission counted before; without timestamps the "
                "one that is graded last counts",
                key=key,
                exercise_id=exercise_id,
            )
    return ""


def earlier_results(connection: Connection) -> dict[tuple[str, str], dict[str, Any]]:
    """What counts until a submission has the result that it waits for: the latest that the same files
    had for the exercise. By the hash of the files, and the exercise's short name."""
    waiting = (
        select(handin.c.submission)
        .outerjoin(result, result.c.key == handin.c.result_key)
        .where(handin.c.current, result.c.id.is_(None))
    )
    query = (
        select(result.c.key.label("result_key"), result.c.outcome, result.c.score)
        .add_columns(result.c.max_score, result.c.reason, result.c.graded)
        .add_columns(result.c.submission, exercise.c.id.label("exercise"))
        .join(exercise, exercise.c.hash == result.c.exercise)
        .where(result.c.submission.in_(waiting), result.c.outcome != "ungraded")
        .order_by(result.c.id)
    )
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return {(row["submission"], row["exercise"]): row for row in rows}


def _is_adjusted(connection: Connection, number: int, exercise_id: str) -> bool:
    theirs = (adjustment.c.student == number) & (adjustment.c.exercise == exercise_id)
    return connection.scalar(select(adjustment.c.id).where(theirs).limit(1)) is not None
