"""No index of the submissions that count: for one student SQLite used it to read the whole class."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Drop it."""
    op.drop_index("handin_current", "handin")
