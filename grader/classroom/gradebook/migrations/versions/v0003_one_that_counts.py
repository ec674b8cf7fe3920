"""One submission counts for a student and an exercise, and one for an account on a platform."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Keep the latest where two count, and let the database refuse a second one from now on."""
    op.add_column("handin", sa.Column("identity", sa.Text, nullable=False, server_default=""))
    op.create_index("handin_identity", "handin", ["identity", "exercise"])
    one, other = (
        sa.table(
            "handin",
            *(sa.column(n) for n in ("id", "student", "exercise", "submitted", "seen")),
            sa.column("current", sa.Boolean),
        ).alias(name)
        for name in ("one", "other")
    )
    times = [sa.tuple_(sa.func.coalesce(t.c.submitted, ""), t.c.seen, t.c.id) for t in (one, other)]
    same = (one.c.student == other.c.student) & (one.c.exercise == other.c.exercise)
    later = sa.exists().where(same & other.c.current & (times[0] < times[1]))
    stale = sa.select(one.c.id).where(one.c.current & later)
    handin = sa.table("handin", sa.column("id"), sa.column("current", sa.Boolean))
    op.execute(sa.update(handin).where(handin.c.id.in_(stale)).values(current=False))
    op.create_index(
        "handin_counts",
        "handin",
        ["student", "exercise"],
        unique=True,
        sqlite_where=handin.c.current,
        postgresql_where=handin.c.current,
    )
