"""What people write into a gradebook about a student's exercise; grading again does not touch it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, select, update

from grader.classroom.gradebook.grades import no_such_student
from grader.classroom.gradebook.schema import adjustment, criterion, exercise, handin, student
from grader.errors import UsageError
from grader.language import say, series
from grader.render import printable

MOST_POINTS = 1_000_000


def clean(text: str) -> str:
    """A text that every database can store and every terminal can show."""
    return printable(text.encode("utf-8", "backslashreplace").decode())


def now() -> datetime:
    """The current time, in UTC."""
    return datetime.now(UTC)


class ByHand:
    """Adjustments, extensions, comments, and points by a rubric. A part of `Gradebook`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(writes=True)

    def adjust(self, key: str, exercise_id: str, kind: str, points: float, reason: str, author: str) -> None:  # fmt: skip
        """Add points, set the score, or clear what was set. Raises `UsageError` without a reason."""
        if kind not in ("add", "set", "clear"):
            raise UsageError(say("{kind}: an adjustment is add, set or clear", kind=kind))
        self._write("an adjustment", key, exercise_id, kind, reason, author, points=points)

    def extend(
        self, key: str, exercise_id: str, reason: str, author: str, *,
        until: datetime | None = None, days: int = 0,
    ) -> None:  # fmt: skip
        """Give a student more time: until a moment, or so many days of the calendar; with neither, no
        more. It replaces an earlier extension of the same exercise."""
        self._write("an extension", key, exercise_id, "extend", reason, author, points=days, until=until)  # fmt: skip

    def comment(self, key: str, exercise_id: str, text: str, author: str, *, erase: bool = False) -> None:  # fmt: skip
        """Say something to the student; with `erase`, take back what was said, for the reason `text`."""
        kind = "erase" if erase else "comment"
        self._write("a comment", key, exercise_id, kind, text, author)

    def mark(self, key: str, exercise_id: str, name: str, points: float, comment: str, author: str) -> None:  # fmt: skip
        """Give points for a criterion of the exercise's rubric. They replace earlier ones for it."""
        with self.engine.connect() as connection:
            query = select(criterion).where(criterion.c.exercise == exercise_id)
            known = {
                row.name: row.points for row in connection.execute(query.order_by(criterion.c.id))
            }
        if name not in known:
            raise UsageError(
                say(
                    "{name}: no such criterion; {exercise} has {criteria}",
                    name=name,
                    exercise=exercise_id,
                    criteria=series(known) or say("no rubric"),
                )
            )
        if not 0 <= points <= known[name]:
            raise UsageError(
                say(
                    "{points:g}: {name} has from 0 to {known:g} points",
                    points=points,
                    name=name,
                    known=known[name],
                )
            )
        self._write("a mark", key, exercise_id, "mark", comment, author, points=points, criterion=name)  # fmt: skip

    def set_rubric(self, exercise_id: str, criteria: Iterable[tuple[str, str, float]]) -> None:
        """Replace an exercise's rubric: the name, title and points of each criterion."""
        rows = [
            {"exercise": exercise_id, "name": clean(name), "title": clean(title), "points": points}
            for name, title, points in criteria
        ]
        with self._writing.begin() as connection:
            connection.execute(delete(criterion).where(criterion.c.exercise == exercise_id))
            if rows:
                connection.execute(criterion.insert(), rows)

    def set_lateness(self, changes: Iterable[tuple[str, str, dict[str, Any]]]) -> None:
        """Change what lateness costs the submission that counts for a student and an exercise."""
        with self._writing.begin() as connection:
            for key, exercise_id, values in changes:
                whose = select(student.c.id).where(student.c.key == key).scalar_subquery()
                same = (handin.c.student == whose) & (handin.c.exercise == exercise_id)
                connection.execute(update(handin).where(same & handin.c.current).values(**values))

    def _write(
        self, what: str, key: str, exercise_id: str, kind: str, reason: str, author: str, *,
        points: float = 0.0, **more: Any,
    ) -> None:  # fmt: skip
        if (not reason.strip() and kind != "mark") or not author.strip():
            raise UsageError(
                say(
                    "{what} needs a {part} and an author",
                    what=what,
                    part=say("text") if kind == "comment" else say("reason"),
                )
            )
        if not abs(points) <= MOST_POINTS:  # false for NaN, too
            raise UsageError(
                say(
                    "{points:g}: points are a number, and at most {most_points:,}",
                    points=points,
                    most_points=MOST_POINTS,
                )
            )
        values = {"kind": kind, "points": points, "made": now(), **more}
        values |= {"reason": clean(reason), "author": clean(author)}
        with self._writing.begin() as connection:
            number = _known_student(connection, key)
            known = set(connection.scalars(select(exercise.c.id)))
            if exercise_id not in known:
                held = series(sorted(known)) or say("none")
                raise UsageError(
                    say(
                        "{exercise_id}: no such exercise; the gradebook has {held}",
                        exercise_id=exercise_id,
                        held=held,
                    )
                )
            connection.execute(
                adjustment.insert().values(student=number, exercise=exercise_id, **values)
            )


def _known_student(connection: Connection, key: str) -> int:
    number = connection.scalar(select(student.c.id).where(student.c.key == key))
    if number is None:
        people = connection.execute(select(student.c.key, student.c.name))
        raise UsageError(no_such_student(key, {r.key: r.name for r in people}))
    return int(number)
