"""The first version of the gradebook's tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "student",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
    )
    op.create_table(
        "exercise",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(8), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("points", sa.Float, nullable=False),
        sa.Column("added", sa.String(32), nullable=False),
    )
    op.create_table(
        "submission",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("sources", sa.LargeBinary),
    )
    op.create_table(
        "result",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(64), nullable=False, unique=True),
        sa.Column("submission", sa.String(64), sa.ForeignKey("submission.hash"), nullable=False),
        sa.Column("exercise", sa.String(64), sa.ForeignKey("exercise.hash"), nullable=False),
        sa.Column("grader", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("max_score", sa.Float, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("report", sa.LargeBinary, nullable=False),
        sa.Column("graded", sa.String(32), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
    )
    op.create_index("result_submission", "result", ["submission"])
    op.create_table(
        "handin",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("student", sa.Integer, sa.ForeignKey("student.id"), nullable=False),
        sa.Column("exercise", sa.String(8), nullable=False),
        sa.Column("submission", sa.String(64), nullable=False),
        sa.Column("submitted", sa.String(32)),
        sa.Column("late_seconds", sa.Float, nullable=False),
        sa.Column("penalty", sa.Float, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("result_key", sa.String(64), nullable=False),
        sa.Column("current", sa.Boolean, nullable=False),
        sa.Column("seen", sa.String(32), nullable=False),
        sa.UniqueConstraint("student", "exercise", "submission", name="handin_once"),
    )
    op.create_index("handin_current", "handin", ["exercise", "current"])
    op.create_table(
        "adjustment",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("student", sa.Integer, sa.ForeignKey("student.id"), nullable=False),
        sa.Column("exercise", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("points", sa.Float, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("made", sa.String(32), nullable=False),
    )
    op.create_index("adjustment_student", "adjustment", ["student", "exercise"])
