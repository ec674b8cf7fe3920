"""A damaged gradebook is named as such, with what to do; it is neither a bug nor a passing failure."""

import zlib

import pytest
from sqlalchemy import event, text, update
from sqlalchemy.exc import OperationalError

from grader.classroom.gradebook import open_gradebook
from grader.classroom.gradebook.damage import damage_in
from grader.classroom.gradebook.schema import result
from grader.errors import GradebookError

WRONG_WORDS = ("run the command again", "is safe", "report it", "Traceback")


def complaint(done):
    """The one line of a command that found damage."""
    assert done.code == 3
    assert not any(words in done.err for words in WRONG_WORDS)
    return done.complaint


@pytest.mark.parametrize("table", ["adjustment", "result"])
def test_a_missing_table(grade, filled, table):
    """It is named before anything is done."""
    with open_gradebook(str(filled)) as book, book.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.execute(text(f"DROP TABLE {table}"))
    said = complaint(grade("gradebook", "list", "--gradebook", filled))
    assert f"{filled}: the table {table} is missing" in said
    assert "Restore a copy" in said


def test_a_missing_column(grade, filled):
    """What a command stumbles over later is named, too."""
    with open_gradebook(str(filled)) as book, book.engine.begin() as connection:
        connection.execute(text("ALTER TABLE adjustment DROP COLUMN made"))
    assert "no such column" in complaint(grade("gradebook", "list", "--gradebook", filled))


def test_a_malformed_database(grade, filled):
    """Pages full of rubbish: the database is damaged."""
    with filled.open("r+b") as file:
        size = filled.stat().st_size
        file.seek(4096)
        file.write(b"\x5a" * (size - 4096))
    for extra in ("-wal", "-shm"):
        filled.with_name(filled.name + extra).unlink(missing_ok=True)
    said = complaint(grade("gradebook", "list", "--gradebook", filled))
    assert "the database is damaged" in said
    assert "Restore a copy" in said


@pytest.mark.parametrize(
    "data", [b"rubbish", zlib.compress(b"{"), zlib.compress(b"[]"), zlib.compress(b"{}")]
)
def test_a_damaged_report(grade, filled, tmp_path, data):
    """Whose report it is is said. What does not need the report still works."""
    with open_gradebook(str(filled)) as book, book.engine.begin() as connection:
        connection.execute(update(result).where(result.c.key == "k101").values(report=data))
    words = ("--to", "json", "-o", tmp_path / "out", "--gradebook", filled)
    said = complaint(grade("export", *words))
    assert "the stored report of 101 in ex01 is damaged" in said
    assert "Restore a copy" in said
    assert grade("gradebook", "list", "--gradebook", filled).code == 0


def test_a_damaged_time(grade, filled):
    """A text that is no time, where there should be one."""
    with open_gradebook(str(filled)) as book, book.engine.begin() as connection:
        connection.execute(text("UPDATE result SET graded = 'yesterday'"))
    said = complaint(grade("gradebook", "list", "--gradebook", filled))
    assert "'yesterday' in place of a time" in said


def test_what_may_pass_is_no_damage(grade, filled):
    """A full disk or a server that goes away in mid-command keeps what is stored, and may pass."""
    full = OperationalError("INSERT", {}, Exception("database or disk is full"))
    assert damage_in(full, "grades.db") is None

    def fail(_):
        raise full

    def read():
        with open_gradebook(str(filled)) as book:
            event.listen(book.engine, "begin", fail)
            book.grades()

    with pytest.raises(GradebookError, match="is safe: run the command again"):
        read()
