"""Opens a gradebook by its URL, and creates or migrates its tables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from grader.classroom.gradebook.damage import damage_in, require_tables
from grader.classroom.gradebook.migrate import migrate
from grader.classroom.gradebook.schema import use_dialect
from grader.classroom.gradebook.store import Gradebook
from grader.classroom.gradebook.urls import reason_of, without_password
from grader.errors import UsageError
from grader.language import say

BUSY_SECONDS = 60


def open_gradebook(url: str, *, create: bool = False) -> Gradebook:
    """The gradebook at an SQLAlchemy URL, or in the SQLite file at a path.

    Raises `UsageError` if it cannot be opened, or does not exist and `create` is false;
    `GradebookError` if it is damaged.
    """
    if "://" not in url:
        url = f"sqlite:///{url}"
    shown = without_password(url)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # its message may contain a part of the password
        raise UsageError(
            say(
                "{shown}: not a gradebook's URL; in a user name or password write @ as %40, : as %3A "
                "and / as %2F",
                shown=shown,
            )
        ) from None
    try:
        memory = parsed.database in (None, "", ":memory:")
        made = create or memory or parsed.get_backend_name() != "sqlite"
        if not made and not Path(str(parsed.database)).is_file():
            raise UsageError(
                say(
                    "{database}: there is no such gradebook; `grade batch` creates one",
                    database=parsed.database,
                )
            )
        if not memory and parsed.get_backend_name() == "sqlite":
            _check_folder(Path(str(parsed.database)))
        engine = create_engine(parsed)
        use_dialect(engine.dialect.name)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _sqlite_settings)
            event.listen(engine, "begin", _sqlite_begin)
        try:
            migrate(engine)
            require_tables(engine, shown)
        except BaseException:
            engine.dispose()
            raise
    except (ArgumentError, NoSuchModuleError) as error:
        raise UsageError(
            say("{shown}: not a gradebook's URL ({error}); try grades.db", shown=shown, error=error)
        ) from None
    except ModuleNotFoundError as error:
        raise UsageError(
            say(
                "{error} is not installed; run: pip install 'nn-grader[postgres]'", error=error.name
            )
        ) from None
    except SQLAlchemyError as error:
        if damage := damage_in(error, shown):
            raise damage from None
        raise UsageError(
            say("{shown}: cannot be opened ({error})", shown=shown, error=reason_of(error))
        ) from None
    return Gradebook(engine)


def _check_folder(path: Path) -> None:
    """Raise `UsageError` where SQLite cannot write beside its file, which it must even to read it: its own
    message names no reason."""
    if path.is_dir():
        raise UsageError(
            say(
                "{path}: is a folder; name a file in it, such as {example}",
                path=path,
                example=path / "grades.db",
            )
        )
    if not path.parent.is_dir():
        raise UsageError(say("{path}: there is no folder {parent}", path=path, parent=path.parent))
    if not os.access(path.parent, os.W_OK):
        raise UsageError(
            say("{path}: its folder must be writable, also to read it; copy the file", path=path)
        )


def _sqlite_begin(connection: Connection) -> None:
    """Begin a transaction here: the driver would leave changes to tables outside of it. One that will
    write takes the lock at once, so that it waits for others instead of failing later."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _sqlite_settings(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # the driver begins no transaction by itself
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # a stored result survives a power cut
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    cursor.close()
