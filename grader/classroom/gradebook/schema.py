"""The gradebook's tables.

What was computed is kept apart from whom it is for. A `result` belongs to submitted files, an exercise
and a grader, and never changes unless it is `ungraded`. The table `submission` has the files, by their
hash; the table `handin` says which student submitted which of them, and which result counts for it. An
`adjustment` belongs to the student, so that grading again does not touch it: it is whatever a person wrote
of a student's exercise. A `criterion` is a line of an exercise's rubric.

The names of tables and columns are older than the words used elsewhere; renaming them would cost a
migration, and gain nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from grader.errors import GradebookError

metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """A timestamp, stored as text in UTC: it sorts, and is the same in every database."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """A value on its way into the database."""
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """What is called with each value on its way out: in place of two methods, for there are many."""
        return _moment


@lru_cache(maxsize=1000)  # of a batch all have the same moment for when they were seen
def _moment(value: Any) -> datetime | None:
    try:
        return None if value is None else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise GradebookError(
            f"the gradebook is damaged: it holds {value!r} in place of a time. Restore a copy of it"
        ) from None


student = Table(
    "student",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, default=""),
    Column("email", Text, nullable=False, default=""),
    Column(
        "last", Text, nullable=False, default=""
    ),  # the end of the name, where a class list tells it
)

exercise = Table(
    "exercise",
    metadata,
    Column(
        "hash", String(64), primary_key=True
    ),  # of the bundle: checks, reference, misconceptions
    Column("id", String(8), nullable=False),
    Column("title", Text, nullable=False),
    Column("points", Float, nullable=False),
    Column("added", Moment, nullable=False),
)

submission = Table(
    "submission",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("sources", LargeBinary),  # compressed JSON: label to source text
)

result = Table(
    "result",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("submission", String(64), ForeignKey("submission.hash"), nullable=False),
    Column("exercise", String(64), ForeignKey("exercise.hash"), nullable=False),
    Column("grader", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("score", Float, nullable=False),
    Column("max_score", Float, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("report", LargeBinary, nullable=False),  # compressed JSON, as docs/report.schema.json
    Column("graded", Moment, nullable=False),
    Column("tries", Integer, nullable=False, default=1),
    Index("result_submission", "submission"),
)

handin = Table(
    "handin",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("student", Integer, ForeignKey("student.id"), nullable=False),
    Column("exercise", String(8), nullable=False),
    Column("submission", String(64), nullable=False),
    Column("identity", Text, nullable=False, default=""),  # the account on the platform
    Column("submitted", Moment),
    Column("late_seconds", Float, nullable=False, default=0.0),
    Column("penalty", Float, nullable=False, default=0.0),
    Column("note", Text, nullable=False, default=""),
    Column("origin", Text, nullable=False, default=""),
    Column("result_key", String(64), nullable=False),
    Column("current", Boolean, nullable=False),
    Column("seen", Moment, nullable=False),
    Column(
        "marked_late", Boolean, nullable=False, default=False
    ),  # by a platform that tells no time
    Column("late_days", Integer, nullable=False, default=0),
    Column("free_days", Integer, nullable=False, default=0),  # how many of these cost nothing
    UniqueConstraint("student", "exercise", "submission", name="handin_once"),
    Index("handin_identity", "identity", "exercise"),
)
_counts = Index("handin_counts", handin.c.student, handin.c.exercise, unique=True)


def use_dialect(name: str) -> None:
    """Restrict an index to the submissions that count, one for each student and exercise, in the words
    of a database: said for all of them at once, it would load all of SQLAlchemy's databases."""
    _counts.dialect_options[name]["where"] = handin.c.current


adjustment = Table(
    "adjustment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("student", Integer, ForeignKey("student.id"), nullable=False),
    Column("exercise", String(8), nullable=False),
    # "add" points, "set" the score, or "clear" what was; "comment", or "erase" what was said; "mark" a
    # criterion; "extend" by so many `points` as days, or `until` a moment
    Column("kind", String(8), nullable=False),
    Column("points", Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("made", Moment, nullable=False),
    Column("criterion", Text, nullable=False, default=""),
    Column("until", Moment),
    Index("adjustment_student", "student", "exercise"),
)

criterion = Table(
    "criterion",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("exercise", String(8), nullable=False),
    Column("name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("points", Float, nullable=False),
    UniqueConstraint("exercise", "name", name="criterion_once"),
)
