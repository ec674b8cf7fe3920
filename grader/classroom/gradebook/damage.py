"""What is wrong with a gradebook's database, and what to do: damage is told from what may pass."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from grader.classroom.gradebook.schema import metadata
from grader.classroom.gradebook.urls import reason_of, without_password
from grader.errors import GradebookError, GraderError, UsageError
from grader.language import say

# What SQLite and PostgreSQL say themselves.
NO_DATABASE = re.compile("not a database")
DAMAGED = re.compile("malformed|corrupt|could not decode|invalid page")
INCOMPLETE = re.compile("no such (table|column)|no column|(relation|column) .* does not exist")
UNREADABLE = (zlib.error, LookupError, TypeError, ValueError, AttributeError)


def damage_in(error: SQLAlchemyError, url: str) -> GraderError | None:
    """The damage that a database's error speaks of; None if it speaks of something else.

    Args:
        error: the error.
        url: the gradebook's URL, as it may be shown.
    """
    reason = reason_of(error)
    said = reason.lower()
    if NO_DATABASE.search(said):
        return UsageError(
            say(
                "{url}: is not a gradebook, or its beginning is damaged ({reason}). Name another "
                "file, or restore a copy of this one",
                url=url,
                reason=reason,
            )
        )
    if DAMAGED.search(said):
        return GradebookError(
            say(
                "{url}: the database is damaged ({reason}). Restore a copy of it, or rescue what can "
                "still be read with the database's own tools, such as: sqlite3 grades.db .recover",
                url=url,
                reason=reason,
            )
        )
    if INCOMPLETE.search(said):
        return GradebookError(
            say(
                "{url}: a part of the gradebook is missing ({reason}): something else has changed the "
                "database. Restore a copy of it",
                url=url,
                reason=reason,
            )
        )
    return None


def require_tables(engine: Engine, url: str) -> None:
    """Raise `GradebookError` if a table is missing that an earlier migration has made."""
    missing = sorted(set(metadata.tables) - set(inspect(engine).get_table_names()))
    if missing:
        raise GradebookError(
            say(
                "{url}: the table {missing} is missing: something else has changed the database, or "
                "this is not a gradebook. Restore a copy of it, or name another database",
                url=url,
                missing=missing[0],
            )
        )


@contextmanager
def naming_damage(what: Callable[[], str], engine: Engine) -> Iterator[None]:
    """Raise `GradebookError` where the block cannot read as it was stored what `what` tells."""
    try:
        yield
    except UNREADABLE as error:
        shown = without_password(engine.url.render_as_string())
        raise GradebookError(
            say(
                "{shown}: {what} is damaged ({kind}: {error}). Points and marks are stored apart "
                "from it. Restore a copy of the gradebook, or grade into a new one: grade batch "
                "--gradebook NEW",
                shown=shown,
                what=what(),
                kind=type(error).__name__,
                error=error,
            )
        ) from error
