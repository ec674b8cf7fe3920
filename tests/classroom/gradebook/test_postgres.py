"""The gradebook on a real PostgreSQL server, which the test starts on loopback for itself."""

from pathlib import Path

import pytest
from alembic import command as command_line
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import NullPool, create_engine, text

from grader.classroom.gradebook import open_gradebook
from grader.classroom.gradebook.migrate import FOLDER
from grader.classroom.gradebook.schema import metadata

ROOT = Path(__file__).resolve().parents[3]
RIGHT = (ROOT / "tests/cases/course/solutions/ex01_line.py").read_text(encoding="utf-8")


def test_a_batch_into_postgres(command, postgres, small, tmp_path):
    """A class is graded into PostgreSQL, and again grades nothing; adjustments and names hold."""
    for name, source in {"ada": RIGHT, "ben": "", "cleo": RIGHT + "# other"}.items():
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "ex01_line.py").write_text(source, "utf-8")
    (tmp_path / "class" / "broken.zip").write_bytes(b"PK")
    words = ("batch", tmp_path / "class", "ex01", "--course", small.root, "--gradebook", postgres)
    first = command("grader", *words, "-j", "1", cwd=tmp_path)
    assert first.code == 0, first.err
    assert "4 graded now" in first.out
    assert "0 graded now, 4 known before" in command("grader", *words, cwd=tmp_path).out
    with open_gradebook(postgres) as book:
        book.adjust("ben", "ex01", "set", 3, "oral", "Prof. X")
        book.add_student("nul\0name", "\udcff")
        scores = {g.student: g.score for g in book.grades()}
        assert scores == {"ada": 11.0, "ben": 3.0, "broken": 0.0, "cleo": 11.0}
        assert len(book.history("ben")) == 2
        assert {key for key, _, _ in book.students()} > set(scores)


@pytest.mark.slow
def test_killed_and_resumed_on_postgres(postgres, mixed, small, tmp_path):
    """A batch into PostgreSQL, killed and resumed, equals an undisturbed one into SQLite, row by row."""
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE torn"))
    folder = tmp_path / "submissions"
    wrong = RIGHT.replace("x @ w + b, (x, w)", "x @ w, (x, w)")
    mixed.generate(folder, 24, "ex01_line", [RIGHT], [wrong])
    torn = postgres.rpartition("/")[0] + "/torn"
    assert mixed.compare(folder, tmp_path, small.root, "ex01", 24, 2, torn) == []


def test_an_older_gradebook_is_migrated(postgres):
    """What 1.0.0 stored is migrated on PostgreSQL, too, to the very tables that a new gradebook has."""
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE older"))
    url = postgres.rpartition("/")[0] + "/older"
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    older = create_engine(url, poolclass=NullPool)
    with older.begin() as connection:
        config.attributes["connection"] = connection
        command_line.upgrade(config, "0003")
        connection.execute(text("insert into student (key, name, email) values ('ada', '', '')"))
        connection.execute(
            text(
                "insert into handin (student, exercise, submission, identity, late_seconds, penalty, "
                "note, origin, result_key, current, seen) values (1, 'ex01', 's', 'github-classroom ada', "
                "0, 0.1, 'marked as late, without a timestamp: treated as one day late', '', 'k', true, "
                "'2026-10-14T12:00:00.000000+00:00')"
            )
        )
    with open_gradebook(url) as book:
        (ada,) = book.grades()
        assert (ada.identity, ada.marked_late, ada.late_days) == ("clones ada", True, 1)
        with book.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_wrong_server_is_one_line(grade):
    """A server that is not there is said to be so, without its password."""
    address = "postgresql+psycopg://me:secret@127.0.0.1:9/grades"
    done = grade("gradebook", "list", "--gradebook", address)
    assert "cannot be opened" in done.complaint
    assert "secret" not in done.err
