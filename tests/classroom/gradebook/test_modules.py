"""What opening a gradebook loads."""

from loaded_modules import loaded

from grader.classroom.gradebook import open_gradebook


def test_a_gradebook_loads_only_its_own_database(tmp_path):
    """One of this version, in a file, needs neither Alembic nor what PostgreSQL needs."""
    with open_gradebook(str(tmp_path / "grades.db"), create=True):
        pass
    modules = loaded("gradebook", "list", "--gradebook", tmp_path / "grades.db")
    assert "sqlalchemy.dialects.sqlite.pysqlite" in modules
    assert not {n for n in modules if n.startswith(("alembic", "sqlalchemy.dialects.postgresql"))}
