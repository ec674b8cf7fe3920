"""Brings a gradebook's tables to this version, by the migrations inside the package."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from grader.errors import UsageError

FOLDER = Path(__file__).with_name("migrations")


def migrate(engine: Engine) -> None:
    """Run the migrations that are missing. Raises `UsageError` for a newer gradebook."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        here = MigrationContext.configure(connection).get_current_revision()
    if here == scripts.get_current_head():
        return
    if here is not None and here not in {s.revision for s in scripts.walk_revisions()}:
        raise UsageError(
            f"the gradebook was written by a newer nn-grader (its version is {here}); "
            "update nn-grader: pip install -U nn-grader"
        )
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
