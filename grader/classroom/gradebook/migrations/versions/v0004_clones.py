"""Clones of repositories have the layout `clones`: it was called `github-classroom`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

OLD, NEW = "github-classroom ", "clones "


def upgrade() -> None:
    """Rename it in the accounts of what was submitted."""
    handin = sa.table("handin", sa.column("identity", sa.Text))
    renamed = NEW + sa.func.substr(handin.c.identity, len(OLD) + 1)
    op.execute(sa.update(handin).where(handin.c.identity.startswith(OLD)).values(identity=renamed))
