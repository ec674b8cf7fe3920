"""What people write of a student's exercise: extensions, comments, and points by a rubric. And what lateness
is made of: days, those that are free, and a platform's mark without a time. And last names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MARKED = "marked as late, without a timestamp%"  # the note of 1.0


def upgrade() -> None:
    """Add the columns and the table."""
    op.add_column(
        "handin", sa.Column("marked_late", sa.Boolean, nullable=False, server_default=sa.false())
    )
    for name in ("late_days", "free_days"):
        op.add_column("handin", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
    handin = sa.table(
        "handin", sa.column("note"), sa.column("late_days"), sa.column("marked_late", sa.Boolean)
    )
    marked = sa.update(handin).where(handin.c.note.like(MARKED))
    op.execute(marked.values(marked_late=True, late_days=1))
    op.add_column("student", sa.Column("last", sa.Text, nullable=False, server_default=""))
    op.add_column("adjustment", sa.Column("criterion", sa.Text, nullable=False, server_default=""))
    op.add_column("adjustment", sa.Column("until", sa.String(32)))
    op.create_table(
        "criterion",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("exercise", sa.String(8), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("points", sa.Float, nullable=False),
        sa.UniqueConstraint("exercise", "name", name="criterion_once"),
    )
