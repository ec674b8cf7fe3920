"""Several batches write to one gradebook at the same time, in SQLite and in PostgreSQL."""

import threading

import pytest
from alembic import command
from alembic.config import Config
from reports import check, report
from sqlalchemy import NullPool, create_engine, inspect, text

from grader.classroom.gradebook import open_gradebook
from grader.classroom.gradebook.migrate import FOLDER

ROUNDS = 60


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def address(request, tmp_path):
    """The URL of an empty gradebook."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'grades.db'}"
    url = request.getfixturevalue("postgres")
    name = f"writers_{request.node.originalname}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    return f"{url.rpartition('/')[0]}/{name}"


def together(address, work):
    """Let two writers do each round of `work` at the same moment; what went wrong."""
    with open_gradebook(address, create=True) as book:
        book.add_students((f"student {n}", "", "") for n in range(ROUNDS))
    gate, errors = threading.Barrier(2), []

    def write(number):
        with open_gradebook(address) as book:
            for turn in range(ROUNDS):
                gate.wait(timeout=60)
                try:
                    work(book, number, turn)
                except Exception as error:
                    errors.append(f"{type(error).__name__}: {str(error).splitlines()[0]}")

    threads = [threading.Thread(target=write, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_two_batches_with_the_same_students(address):
    """One submission counts for each of them, whoever comes first, and no batch fails."""

    def work(book, number, turn):
        content = "same" if turn % 2 else f"content {number}"
        who = (f"student {turn}", "", "")
        book.add_submission(who, "ex01", content, "key", identity=f"flat {turn}")

    assert together(address, work) == []
    with open_gradebook(address) as book:
        assert len(book.grades()) == ROUNDS


def test_one_batch_with_and_one_without_the_roster(address):
    """An account's submission counts under one of the two names, not under both."""

    def work(book, number, turn):
        who = (f"{'number' if number else 'person'} {turn}", "", "")
        book.add_submission(who, "ex01", f"content {number}", "key", identity=f"canvas {turn}")

    assert together(address, work) == []
    with open_gradebook(address) as book:
        assert len(book.grades()) == ROUNDS


def test_two_rosters_in_different_orders(address):
    """Two batches that begin at once do not wait for each other in a ring."""

    def work(book, number, turn):
        people = [(f"s{n:02}", f"Name {turn} {number}", "") for n in range(40)]
        book.add_students(people[::-1] if number else people)

    assert together(address, work) == []


def test_the_database_itself_refuses_a_second(address):
    """Should a writer forget to look, the table says no."""
    with open_gradebook(address, create=True) as book:
        (index,) = (
            i for i in inspect(book.engine).get_indexes("handin") if i["name"] == "handin_counts"
        )
        assert index["unique"]
        assert index["column_names"] == ["student", "exercise"]


def test_two_that_counted_are_mended(address):
    """A gradebook that two batches left with two submissions that count keeps the latest."""
    engine = create_engine(address, poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.execute(text("INSERT INTO student (key, name, email) VALUES ('ada', '', '')"))
        for exercise, key, submitted, seen in TWO_THAT_COUNT:
            values = {"exercise": exercise, "key": key, "submitted": submitted, "seen": seen}
            connection.execute(text(INSERT), values)
    with open_gradebook(address) as book:
        assert [(g.exercise, g.result_key) for g in book.grades()] == LATEST


INSERT = """INSERT INTO handin
(student, exercise, submission, submitted, late_seconds, penalty, note, origin, result_key, current, seen)
VALUES (1, :exercise, :key, :submitted, 0, 0, '', '', :key, true, :seen)"""
TWO_THAT_COUNT = [
    ("ex01", "later", "2026-10-02", "2026-11-01"),
    ("ex01", "older", "2026-10-01", "2026-11-02"),
    ("ex01", "no time", None, "2026-11-03"),
    ("ex02", "seen later", None, "2026-11-03"),
    ("ex02", "seen before", None, "2026-11-02"),
    ("ex03", "only", None, "2026-11-02"),
]
LATEST = [("ex01", "later"), ("ex02", "seen later"), ("ex03", "only")]


def test_two_exercises_of_the_same_submission(address):
    """The sources of both are kept, also where one batch fails on what the other one judges."""

    def work(book, number, turn):
        for one in range(2):
            made = report(check(outcome="ungraded" if one and number else "passed"))
            sources = {f"{one}.py": "x"} if one == number else {}
            book.add_result(f"{one}-{turn}", f"content {turn}", f"e{one}", made, sources)

    with open_gradebook(address, create=True) as book:
        for one in range(2):
            book.add_exercise(f"e{one}", f"ex0{one}", "", 1)
    assert together(address, work) == []
    with open_gradebook(address) as book:
        for turn in range(ROUNDS):
            assert book.sources(f"content {turn}", "ex00") == {"0.py": "x"}
            assert book.sources(f"content {turn}", "ex01") == {"1.py": "x"}
