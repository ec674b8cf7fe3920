"""The gradebook keeps what was graded, once, with its history and what people said of it."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import reports
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from reports import check
from sqlalchemy import create_engine, event, inspect, text, update

from grader.classroom.gradebook import open_gradebook
from grader.classroom.gradebook.migrate import FOLDER, HEAD
from grader.classroom.gradebook.packing import pack_json
from grader.classroom.gradebook.schema import metadata, submission
from grader.classroom.gradebook.urls import without_password
from grader.errors import UsageError

HERE = Path(__file__).parent
WHEN = datetime(2026, 10, 14, 12, tzinfo=UTC)


def report(score=8.0, outcome="failed", grader="1.0", **about):
    """A report as the batch stores it."""
    return reports.report(
        check(outcome=outcome, score=score, max_score=11.0, message="m"), grader=grader, **about
    )


@pytest.fixture
def book(tmp_path):
    """A new gradebook with one student who submitted once."""
    with open_gradebook(f"sqlite:///{tmp_path / 'grades.db'}", create=True) as one:
        one.add_exercise("e1", "ex01", "A line", 11)
        ada = ("ada", "Ada Lovelace", "ada@example.org")
        one.add_submission(
            ada, "ex01", "s1", "k1", submitted=WHEN, penalty=0.1, note="", origin="ada"
        )
        yield one


def grade_in(book):
    (one,) = book.grades()
    return one


def test_before_and_after_a_result(book):
    """Waiting is not zero; a result counts, less its penalty."""
    assert (grade_in(book).outcome, grade_in(book).score) == ("waiting", None)
    assert book.add_result("k1", "s1", "e1", report(), {"a.py": "x = 1"})
    assert (grade_in(book).outcome, grade_in(book).earned) == ("failed", 8.0)
    assert grade_in(book).score == pytest.approx(7.2)
    assert grade_in(book).submitted == WHEN
    assert book.sources("s1", "ex01") == {"a.py": "x = 1"}
    assert book.report("k1").score == 8.0


def test_a_result_is_stored_once(book):
    """A second verdict under the same key changes nothing."""
    assert book.add_result("k1", "s1", "e1", report())
    assert not book.add_result("k1", "s1", "e1", report(score=11.0, outcome="passed"))
    assert grade_in(book).earned == 8.0
    assert book.count_results() == 1


def test_ungraded_is_tried_again(book):
    """The grader's own fault is no score, is tried again, and is replaced by the verdict."""
    book.add_result("k1", "s1", "e1", report(0.0, "ungraded", problems=("it broke",)))
    assert not book.is_graded("k1")
    assert (grade_in(book).score, grade_in(book).reason) == (None, "it broke")
    assert book.add_result("k1", "s1", "e1", report())
    assert book.is_graded("k1")
    assert grade_in(book).earned == 8.0


def test_regrading_keeps_the_old_result_as_history(book):
    """A changed exercise makes a new result; the old one stays, and is marked as not counting."""
    book.add_result("k1", "s1", "e1", report())
    book.add_exercise("e2", "ex01", "A line", 11)
    ada = ("ada", "", "")
    book.add_submission(ada, "ex01", "s1", "k2", penalty=0.0, note="", origin="ada")
    book.add_result("k2", "s1", "e2", report(score=9.0))
    assert grade_in(book).score == 9.0
    assert [(r["score"], r["counts"]) for r in book.history("ada")] == [(8.0, False), (9.0, True)]


def test_the_last_submission_counts(book):
    """A new submission takes the place of the old; going back to the old content is possible."""
    book.add_result("k1", "s1", "e1", report())
    ada = ("ada", "", "")
    book.add_submission(ada, "ex01", "s2", "k9", penalty=0.0, note="", origin="ada")
    book.add_result("k9", "s2", "e1", report(score=11.0, outcome="passed"))
    assert grade_in(book).score == 11.0
    book.add_submission(ada, "ex01", "s1", "k1", penalty=0.0, note="", origin="ada")
    assert grade_in(book).score == 8.0


def test_an_older_download_does_not_replace_a_newer_submission(book):
    """Where both times are known the later counts, whichever is graded last; the older one is
    history, and is said to be. Handed in again, an old content has its new time."""
    ada = ("ada", "", "")
    assert (
        book.add_submission(ada, "ex01", "s2", "k2", submitted=WHEN + timedelta(2), origin="new")
        == ""
    )
    said = book.add_submission(ada, "ex01", "s1", "k1", submitted=WHEN, origin="old")
    assert said.startswith("ada in ex01: ")
    assert "older than the one from 2026-10-16 12:00 UTC that the gradebook has under ada" in said
    assert (grade_in(book).origin, grade_in(book).result_key) == ("new", "k2")
    assert "still counts" in book.add_submission(ada, "ex01", "s3", "k3", submitted=WHEN)
    book.add_submission(ada, "ex01", "s1", "k1", submitted=WHEN + timedelta(3), penalty=0.3)
    book.add_submission(ada, "ex01", "s1", "k1 again", submitted=WHEN, penalty=0.0)
    assert (grade_in(book).result_key, grade_in(book).penalty) == ("k1 again", 0.3)
    assert grade_in(book).submitted == WHEN + timedelta(3)


def test_an_account_has_one_submission_that_counts(book):
    """Graded without the roster and then with it, or the other way round, a submission is stored once."""
    anonymous, wei = ("502", "weili", ""), ("s1815", "Wei Li", "")
    others = {"ada": "k1"}

    def counting():
        return {g.student: g.result_key for g in book.grades()}

    assert book.add_submission(anonymous, "ex01", "s2", "k2", identity="canvas 502") == ""
    assert (
        book.add_submission(wei, "ex01", "s3", "k3", identity="canvas 502") == ""
    )  # what was hoped for
    assert counting() == {**others, "s1815": "k3"}
    assert "as s1815" in book.add_submission(anonymous, "ex01", "s3", "k3", identity="canvas 502")
    assert counting() == {**others, "502": "k3"}
    assert (
        book.add_submission(wei, "ex02", "s4", "k4", identity="canvas 502") == ""
    )  # another exercise
    assert (
        book.add_submission(wei, "ex01", "s4", "k5", identity="moodle 502") == ""
    )  # another platform
    said = book.add_submission(wei, "ex01", "s6", "k6", identity="canvas 503")
    assert said.startswith("s1815 in ex01: ")
    assert said.index("canvas 503") < said.index("no longer") < said.index("moodle 502")


def test_what_was_adjusted_under_a_number_is_not_forgotten(book):
    """A platform's number finds its person: an adjustment that stays behind is named."""
    account = {"identity": "canvas 502", "submitted": None}
    book.add_exercise("e2", "ex02", "Two", 9.0)
    for exercise in ("ex01", "ex02"):
        book.add_submission(("canvas 502", "weili", ""), exercise, "s2", "k2", **account)
    book.adjust("canvas 502", "ex01", "add", -5, "plagiarism", "Prof. X")
    said = [
        book.add_submission(("s1", "Wei Li", ""), e, "s2", "k2", **account)
        for e in ("ex01", "ex02")
    ]
    assert "adjustments of canvas 502 stay there: repeat them for s1" in said[0]
    assert said[1] == ""


def test_canvas_counts_uploads(book):
    """Canvas' downloads hold no times, but a later upload has a greater number: an older download
    that is graded again takes nothing back."""
    ada = ("ada", "", "")
    for name, number, expected in (("s5", 6001, ""), ("s6", 5001, "older than")):
        origin = f"lovelaceada_501_{number}_ex01_line.py"
        said = book.add_submission(
            ada, "ex02", name, f"k {name}", identity="canvas 501", origin=origin
        )
        assert expected in said
    (grade,) = [g for g in book.grades() if g.exercise == "ex02"]
    assert grade.result_key == "k s5"


def test_without_times_the_last_counts_and_is_said(book):
    """Where nothing tells which is later, what replaces another is named."""
    ada = ("ada", "", "")
    assert book.add_submission(ada, "ex02", "s5", "k5", identity="moodle 5", origin="Ada_5_x") == ""
    said = book.add_submission(ada, "ex02", "s6", "k6", identity="moodle 5", origin="Ada_5_x")
    assert said.startswith("ada in ex02: another submission counted before")
    assert "without timestamps" in said
    assert book.add_submission(ada, "ex02", "s6", "k7", identity="moodle 5", origin="Ada_5_x") == ""


def test_whose_submissions_all_moved_is_nobody(book):
    """A student whose submissions all count under another key by now is not one more, unless points were
    given by hand; who submitted nothing is one."""

    def keys():
        return [key for key, _, _ in book.students()]

    anonymous, wei = ("502", "weili", ""), ("s1", "Wei Li", "")
    book.add_student("s1", "Wei Li")
    book.add_submission(anonymous, "ex01", "s2", "k2", identity="canvas 502")
    assert keys() == ["502", "ada", "s1"]
    book.add_submission(wei, "ex01", "s2", "k2", identity="canvas 502")
    assert keys() == ["ada", "s1"]
    book.add_submission(
        anonymous, "ex01", "s3", "k3", identity="canvas 502"
    )  # without the roster again
    assert keys() == ["502", "ada"]
    book.adjust("s1", "ex01", "set", 3, "oral", "Prof. X")
    assert keys() == ["502", "ada", "s1"]


def test_adjustments_survive_regrading(book):
    """What a person added stays, with its reason and author, whatever is graded anew."""
    book.add_result("k1", "s1", "e1", report())
    book.adjust("ada", "ex01", "add", 1.5, "explained it well", "Prof. X")
    book.add_submission(("ada", "", ""), "ex01", "s1", "k2", penalty=0.0, note="", origin="ada")
    book.add_result("k2", "s1", "e1", report(score=9.0))
    assert grade_in(book).score == 10.5
    assert grade_in(book).adjusted == ("+1.5 explained it well (Prof. X)",)
    assert book.history("ada")[1]["author"] == "Prof. X"


def test_set_and_clear(book):
    """A set score replaces what the checks gave, without a penalty; clear goes back."""
    book.add_result("k1", "s1", "e1", report())
    book.adjust("ada", "ex01", "add", 1, "a", "x")
    book.adjust("ada", "ex01", "set", 5, "oral exam", "x")
    book.adjust("ada", "ex01", "add", -1, "b", "x")
    assert grade_in(book).score == 4.0
    book.adjust("ada", "ex01", "clear", 0, "mistaken", "x")
    assert grade_in(book).score == pytest.approx(7.2)
    assert len([r for r in book.history("ada") if "author" in r]) == 4


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("bob", "ex01", "add", 1, "r", "a"), r"bob: no such student; .* ada \(Ada Lovelace\)"),
        (("Ada Lovelac", "ex01", "add", 1, "r", "a"), r"such as ada \(Ada Lovelace\)"),
        (("ada", "ex40", "add", 1, "r", "a"), "ex40: no such exercise; the gradebook has ex01"),
        (("ada", "ex01", "add", float("inf"), "r", "a"), "inf: points are a number"),
        (("ada", "ex01", "add", float("nan"), "r", "a"), "nan: points are a number"),
        (("ada", "ex01", "set", 1e300, "r", "a"), "at most 1,000,000"),
        (("ada", "ex01", "add", 1, " ", "a"), "needs a reason"),
        (("ada", "ex01", "mul", 1, "r", "a"), "add, set or clear"),
    ],
)
def test_wrong_adjustments(book, words, reason):
    """An adjustment without a reason, or for nobody and nothing that is known, is refused."""
    with pytest.raises(UsageError, match=reason):
        book.adjust(*words)


def test_an_adjustment_alone_is_a_grade(book):
    """Points for somebody who submitted nothing count, with the exercise's maximum, until cleared."""
    book.add_student("cy", "Cy Day")
    book.adjust("cy", "ex01", "set", 9, "on paper", "Prof. X")
    found = book.grades(["ex01"], key="cy")
    assert [(g.name, g.score, g.max_score, g.outcome) for g in found] == [
        ("Cy Day", 9.0, 11.0, "adjusted")
    ]
    assert [g.student for g in book.grades()] == ["ada", "cy"]
    assert [g.student for g in book.grades(["ex02"])] == []
    book.adjust("cy", "ex01", "clear", 0, "was meant for ada", "Prof. X")
    assert [g.student for g in book.grades()] == ["ada"]


def test_an_adjustment_where_nothing_counts_any_more(book):
    """Where the submission has gone to another student, an adjustment makes no second grade of it."""
    book.adjust("ada", "ex01", "add", 2, "oral", "Prof. X")
    with book.engine.begin() as connection:
        connection.execute(text("update handin set current = false"))
    assert book.grades() == []


def test_a_maximum_without_a_result(book):
    """What is not judged, or not yet, is of the exercise's points, not of none."""
    assert grade_in(book).max_score == 11.0
    failed = reports.report(problems=("it broke",))
    book.add_result("k1", "s1", "e1", failed)
    book.adjust("ada", "ex01", "set", 5, "by hand", "Prof. X")
    assert (grade_in(book).score, grade_in(book).max_score) == (5.0, 11.0)


def test_sources_of_a_second_try_and_of_a_second_exercise(book):
    """Sources are kept when a verdict comes after a failure, and for each exercise its own."""
    book.add_exercise("e2", "ex02", "A plane", 11)
    book.add_result("k1", "s1", "e1", report(0.0, "ungraded", problems=("it broke",)))
    assert book.sources("s1", "ex01") == {}
    book.add_result("k1", "s1", "e1", report(), {"one.py": "1"})
    book.add_result("k2", "s1", "e2", report(), {"two.py": "2"})
    assert book.sources("s1", "ex01") == {"one.py": "1"}
    assert book.sources("s1", "ex02") == {"two.py": "2"}


def test_sources_of_an_older_gradebook(book):
    """What an earlier version kept for all exercises of a submission is still shown."""
    book.add_result("k1", "s1", "e1", report())
    with book.engine.begin() as connection:
        connection.execute(update(submission).values(sources=pack_json({"old.py": "0"})))
    assert book.sources("s1", "ex01") == {"old.py": "0"}
    book.add_exercise("e2", "ex02", "A plane", 11)
    book.add_result("k2", "s1", "e2", report(), {"two.py": "2"})
    assert book.sources("s1", "ex01") == {"old.py": "0"}
    assert book.sources("s1", "ex02") == {"two.py": "2"}


def test_an_exercise_changed_and_changed_back(book):
    """The title is that of the version that was graded last, though it is not the newest."""
    book.add_exercise("e2", "ex01", "A curve", 11)
    assert book.exercises() == [("ex01", "A curve", 11.0)]
    book.add_exercise("e1", "ex01", "A line", 11)
    assert book.exercises() == [("ex01", "A line", 11.0)]


def test_hostile_names_can_be_stored(book):
    """Null bytes, broken UTF-8 and escape codes in names become something any database holds."""
    book.add_student("a\0b\x1b[31m\udcff", "'; drop table student; --")
    assert "'; drop table student; --" in [name for _, name, _ in book.students()]
    assert all("\0" not in key and "\x1b" not in key for key, _, _ in book.students())


def test_migrations_make_what_a_new_gradebook_has(book, tmp_path):
    """A new gradebook is made at once, without the migrations; an old one that they brought here has the
    same tables, indexes and version: nothing is missing, nothing differs."""
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    def parts(of):
        names = inspect(of).get_table_names()
        return {
            name: (
                sorted(  # a column that was added later is the last one
                    (c["name"], str(c["type"]), c["nullable"], c["primary_key"])
                    for c in inspect(of).get_columns(name)
                ),
                sorted(
                    (i["name"], i["column_names"], i["unique"])
                    for i in inspect(of).get_indexes(name)
                ),
                sorted(map(str, inspect(of).get_unique_constraints(name))),
                sorted(map(str, inspect(of).get_foreign_keys(name))),
                inspect(of).get_pk_constraint(name),
            )
            for name in names
        }

    assert parts(book.engine) == parts(engine)
    for made in (book.engine, engine):
        with made.connect() as connection:
            assert MigrationContext.configure(connection).get_current_revision() == HEAD
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD
    engine.dispose()


def test_an_older_gradebook_is_migrated(tmp_path):
    """What an earlier version wrote is kept."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text("insert into student (\"key\", name, email) values ('ada', 'Ada', '')")
        )
    engine.dispose()
    with open_gradebook(url) as book:
        assert book.students() == [("ada", "Ada", "")]
        with book.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_what_a_batch_asks_takes_no_longer_in_a_larger_class(book):
    """Each statement of a batch goes by an index to the rows that it means: no scan, and of the
    submissions only one student's or one account's. A scan for each result would make a batch grow with the square."""
    plans = []

    def listen(connection, cursor, statement, parameters, *_):
        if statement.partition(" ")[0] in ("SELECT", "UPDATE"):
            rows = cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            plans.extend(row[3] for row in rows)

    event.listen(book.engine, "before_cursor_execute", listen)
    ada = ("ada", "Ada Lovelace", "ada@example.org")
    for hash_ in ("s1", "s2"):
        book.add_submission(ada, "ex01", hash_, f"k{hash_}", identity="canvas 101")
        book.is_graded(f"k{hash_}")
        book.graded_before(hash_, "ex01")
        for outcome in ("ungraded", "failed"):
            book.add_result(f"k{hash_}", hash_, "e1", report(outcome=outcome))
    event.remove(book.engine, "before_cursor_execute", listen)
    assert plans
    few = ("student=?", "(identity=? AND exercise=?)", "(rowid=?)")
    assert [
        p for p in plans if "SCAN" in p or ("handin" in p and not any(f in p for f in few))
    ] == []


def test_a_gradebook_of_1_0_0(tmp_path):
    """What nn-grader 1.0.0 stored is there: grades, reports, sources and adjustments."""
    path = tmp_path / "grades.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((HERE / "grades_1_0_0.sql").read_text(encoding="utf-8"))
    with open_gradebook(str(path)) as book:
        found = {g.student: g for g in book.grades()}
        assert {s: (g.outcome, g.score) for s, g in found.items()} == {
            "ada": ("passed", 11.0),
            "ben": ("failed", 9.0),
        }
        assert found["ben"].adjusted == ("+1 oral exam (Prof. X)",)
        stored = book.report(found["ben"].result_key)
        assert (stored.score, stored.max_score, stored.grader) == (8.0, 11.0, "1.0.0")
        assert "b_mean" in {c.misconception for c in stored.checks} or any(
            c.hint for c in stored.checks
        )
        assert "dout.mean" in book.sources(found["ben"].submission, "ex01")["ex01_line.py"]
        assert len(book.history("ben")) == 2


def test_lateness_of_1_0_0(tmp_path):
    """What 1.0.0 stored of lateness counts as it did: a platform's mark is one day, as its note says."""
    path = tmp_path / "grades.db"
    note = "marked as late, without a timestamp: treated as one day late"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((HERE / "grades_1_0_0.sql").read_text(encoding="utf-8"))
        change = "update handin set penalty = 0.1, note = ? where student = 1"
        connection.execute(change, (note,))
        connection.commit()
    with open_gradebook(str(path)) as book:
        ada, ben = book.grades()
        assert (ada.marked_late, ada.late_days, ada.free_days) == (True, 1, 0)
        assert (ben.marked_late, ben.late_days, ben.extended) == (False, 0, "")
        assert ada.score == pytest.approx(9.9)
        assert (ben.comments, ben.marks, ben.last) == ((), (), "")


def test_accounts_of_clones_are_renamed(tmp_path):
    """What 1.0.0 called an account of `github-classroom` is the account of a clone."""
    path = tmp_path / "grades.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((HERE / "grades_1_0_0.sql").read_text(encoding="utf-8"))
        connection.execute("update handin set identity = 'github-classroom a-b' where student = 1")
        connection.execute("update handin set identity = 'flat github-classroom' where student = 2")
        connection.commit()
    with open_gradebook(str(path)) as book:
        assert [g.identity for g in book.grades()] == ["clones a-b", "flat github-classroom"]


def test_a_newer_gradebook_is_refused(book, tmp_path):
    """A gradebook of a later version is not touched."""
    with book.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(UsageError, match="newer"):
        open_gradebook(str(tmp_path / "grades.db"))


def test_write_ahead_log_and_full_sync(book):
    """SQLite keeps a write-ahead log, and waits until the disk has a commit."""
    with book.engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2


def test_a_killed_writer_loses_nothing_that_was_stored(tmp_path):
    """A process that is killed right after storing leaves a whole gradebook with the result."""
    path = tmp_path / "grades.db"
    script = f"""
import os, signal, sys
from grader.classroom.gradebook import open_gradebook
book = open_gradebook({str(path)!r}, create=True)
book.add_exercise("e1", "ex01", "A line", 11)
sys.path.insert(0, {str(Path(reports.__file__).parent)!r})
from reports import check, report
report = report(check())
for n in range(50):
    book.add_result(f"k{{n}}", f"s{{n}}", "e1", report)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", script], check=False, env=os.environ)
    assert done.returncode == -9
    with open_gradebook(str(path)) as book:
        assert book.count_results() == 50


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("no/such.db", "no such gradebook"),
        ("nonsense://x", "not a gradebook"),
        ("sqlite:////no/such/folder/x.db", "no such gradebook"),
        ("nonsense://me:s3cret@h/x", r"nonsense://me:\*\*\*@h/x: not a gradebook"),
        ("postgresql+psycopg://me:s3c@ret:s3cret@h:port/x", "write @ as %40"),
        ("postgresql+psycopg://me@127.0.0.1:9/x?password=s3cret", "cannot be opened"),
    ],
)
def test_wrong_urls(url, reason):
    """A gradebook that cannot be opened ends in one line, which names no password."""
    with pytest.raises(UsageError, match=reason) as caught:
        open_gradebook(url)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("postgresql+psycopg://me:a@b:c/d e@host:5432/x", "postgresql+psycopg://me:***@host:5432/x"),
        ("--gradebook=postgresql://me:x@h/x?password=y&a=b", "--gradebook=postgresql://me:***@h/x?password=***&a=b"),
        ("postgresql://me@h:5432/x", "postgresql://me@h:5432/x"),
        ("sqlite:///a:b.db", "sqlite:///a:b.db"),
    ],
)  # fmt: skip
def test_a_password_is_never_shown(word, shown):
    """A command that is repeated on the screen or in a log keeps the secret, and nothing else."""
    assert without_password(word) == shown


@pytest.mark.parametrize(
    ("place", "reason"), [("", "is a folder"), ("no/grades.db", "there is no folder")]
)
def test_places_for_no_gradebook(tmp_path, place, reason):
    """Where none can be made, the reason is said in plain words."""
    with pytest.raises(UsageError, match=reason):
        open_gradebook(str(tmp_path / place), create=True)


def test_a_file_that_is_no_database(tmp_path):
    """A file that is not a gradebook is said to be none, and is left as it was."""
    path = tmp_path / "grades.csv"
    path.write_text("student,exercise\n" * 100)
    with pytest.raises(UsageError, match="not a database"):
        open_gradebook(str(path))
    assert path.read_text() == "student,exercise\n" * 100
