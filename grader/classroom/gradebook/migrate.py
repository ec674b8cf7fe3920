"""Migrates a gradebook's tables to this version, by the migrations inside the package."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from grader.errors import UsageError

LOCK = 0x6E6E67  # PostgreSQL's advisory locks are numbers; any one will do for "migrating"
FOLDER = Path(__file__).with_name("migrations")


def migrate(engine: Engine) -> None:
    """Run the migrations that are missing. Raises `UsageError` for a newer gradebook."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    head = scripts.get_current_head()
    with engine.connect() as connection:
        if _version(connection) == head:
            return
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":  # one at a time, as SQLite's lock does it
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})
        here = _version(connection)
        if here is not None and here not in {s.revision for s in scripts.walk_revisions()}:
            raise UsageError(
                f"the gradebook was written by a newer nn-grader (its version is {here}); "
                "update nn-grader: pip install -U nn-grader"
            )
        if here != head:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
