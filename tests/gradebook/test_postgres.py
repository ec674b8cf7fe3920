"""The gradebook on a real PostgreSQL server, which the test starts on loopback for itself."""

import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from grader.gradebook import open_gradebook

ROOT = Path(__file__).resolve().parents[2]
RIGHT = (ROOT / "tests/cases/course/solutions/ex01_line.py").read_text(encoding="utf-8")


def programs():
    """The folder of the server's programs, where Debian puts them or on the path."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    return next(
        (p for p in places if (p / "initdb").is_file()), Path(found).parent if found else None
    )


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """The URL of an empty database on a server of our own, run by a user who is not root."""
    bin_ = programs()
    if bin_ is None:
        pytest.skip("no PostgreSQL server here: run apt-get install postgresql")
    place = tmp_path_factory.mktemp("postgres")
    user = []
    if os.getuid() == 0:
        try:
            who = pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("PostgreSQL refuses to run as root, and there is no user postgres")
        user = ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups"]
        place = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
        os.chown(place, who.pw_uid, who.pw_gid)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]

    def run(name, *words):
        command = [*user, str(bin_ / name), *words]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=60)

    data = str(place / "data")
    run("initdb", "-D", data, "-U", "grader", "-A", "trust", "-E", "UTF8", "--no-sync")
    settings = f"-h 127.0.0.1 -p {port} -k {place} -c fsync=off"
    run("pg_ctl", "-D", data, "-w", "-l", str(place / "log"), "-o", settings, "start")
    yield f"postgresql+psycopg://grader@127.0.0.1:{port}/postgres"
    run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    if user:
        shutil.rmtree(place)


def test_a_batch_into_postgres(command, url, small, tmp_path):
    """A class is graded into PostgreSQL, and again grades nothing; adjustments and names hold."""
    for name, source in {"ada": RIGHT, "ben": "", "cleo": RIGHT + "# other"}.items():
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "ex01_line.py").write_text(source, "utf-8")
    (tmp_path / "class" / "broken.zip").write_bytes(b"PK")
    words = ("batch", tmp_path / "class", "ex01", "--course", small.root, "--gradebook", url)
    first = command("grader", *words, "-j", "1", cwd=tmp_path)
    assert first.code == 0, first.err
    assert "4 graded now" in first.out
    assert "0 graded now, 4 known before" in command("grader", *words, cwd=tmp_path).out
    with open_gradebook(url) as book:
        book.adjust("ben", "ex01", "set", 3, "oral", "Prof. X")
        book.add_student("nul\0name", "\udcff")
        scores = {g.student: g.score for g in book.grades()}
        assert scores == {"ada": 11.0, "ben": 3.0, "broken": 0.0, "cleo": 11.0}
        assert len(book.history("ben")) == 2


def test_killed_and_resumed_on_postgres(url, mixed, small, tmp_path):
    """A batch into PostgreSQL, killed and resumed, equals an undisturbed one into SQLite, row by row."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE torn"))
    folder = tmp_path / "submissions"
    wrong = RIGHT.replace("x @ w + b, (x, w)", "x @ w, (x, w)")
    mixed.generate(folder, 24, "ex01_line", [RIGHT], [wrong])
    torn = url.rpartition("/")[0] + "/torn"
    assert mixed.compare(folder, tmp_path, small.root, "ex01", 24, 2, torn) == []


def test_a_wrong_server_is_one_line(grade):
    """A server that is not there is said to be so, without its password."""
    address = "postgresql+psycopg://me:secret@127.0.0.1:9/grades"
    done = grade("gradebook", "list", "--gradebook", address)
    assert "cannot be opened" in done.complaint
    assert "secret" not in done.err
