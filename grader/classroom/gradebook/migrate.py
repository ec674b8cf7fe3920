"""Brings a gradebook's tables to this version: makes them in a new database, and migrates older ones by
the migrations inside the package.

Alembic is loaded only for an older gradebook: it takes as long to load as SQLAlchemy itself.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from grader.classroom.gradebook.schema import metadata
from grader.errors import UsageError
from grader.language import say

LOCK = 0x6E6E67  # PostgreSQL's advisory locks are numbers; any one will do for "migrating"
FOLDER = Path(__file__).with_name("migrations")
# The last migration, which makes what `schema` says; the files' names begin with their numbers.
HEAD = max(path.name[1:5] for path in FOLDER.glob("versions/v[0-9]*.py"))
VERSION_TABLE = (  # as Alembic makes it
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


def migrate(engine: Engine) -> None:
    """Make the tables, or run the migrations that are missing. Raises `UsageError` for a newer
    gradebook."""
    with engine.connect() as connection:
        if _version(connection) == HEAD:
            return
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":  # one at a time, as SQLite's lock does it
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})
        here = _version(connection)
        if here is None and not inspect(connection).get_table_names():
            metadata.create_all(connection)
            connection.execute(text(VERSION_TABLE))
            connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
        elif here != HEAD:
            _upgrade(connection, here)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def _upgrade(connection: Connection, here: str | None) -> None:
    """Run the migrations that follow `here`."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    known = {s.revision for s in ScriptDirectory.from_config(config).walk_revisions()}
    if here is not None and here not in known:
        raise UsageError(
            say(
                "the gradebook was written by a newer nn-grader (its version is {here}); update "
                "nn-grader: pip install -U nn-grader",
                here=here,
            )
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
