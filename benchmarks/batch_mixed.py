"""A class of mixed submissions, killed in the middle and resumed, against an undisturbed run.

    python benchmarks/batch_mixed.py --count 1000
    python benchmarks/batch_mixed.py --count 1000 --postgres

Writes right, wrong, unfinished, hostile, unreadable and broken submissions as a flat folder, grades
them once undisturbed and once killed with SIGKILL (the whole process group) and resumed, and
compares the two gradebooks row by row. Exits with 1 if they differ.

With `--postgres` the batch that is killed writes to a PostgreSQL server that is started for this on
loopback; the undisturbed one stays in SQLite, so that the two databases are compared, too.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import select

from grader.classroom.gradebook import open_gradebook
from grader.classroom.gradebook.schema import result

ROOT = Path(__file__).resolve().parent.parent
HOSTILE = (
    "hard_exit", "lying_eq", "forged_report", "frames_snoop", "raise_skip_test", "null_pointer",
    "markup", "terminal_escapes", "memory_list", "exit_at_import", "recursion", "fork_once",
    "patch_numpy", "object_array", "not_a_number", "catches_everything",
)  # fmt: skip


def notebook(source: str) -> bytes:
    """A source as a notebook with one cell for each function."""
    cells = [
        {
            "cell_type": "code",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": part,
        }
        for part in source.replace("\ndef ", "\n\0def ").split("\0")
    ]
    text = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(text).encode()


def packed(files: dict[str, bytes], mode: int = 0) -> bytes:
    """A zip."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, data)
    return target.getvalue()


def attacks(names: tuple[str, ...]) -> list[str]:
    """Hostile sources of the collection in tests/attacks, as far as they are there."""
    folder = ROOT / "tests" / "attacks"
    return [p.read_text("utf-8") for n in names if (p := folder / f"{n}.py").is_file()]


def generate(folder: Path, count: int, name: str, right: list[str], wrong: list[str], seed: int = 0) -> None:  # fmt: skip
    """Write `count` submissions to the exercise called `name`, one folder for each student.

    Args:
        folder: an empty one.
        count: how many.
        name: such as `ex04_convolution`.
        right, wrong: sources that get full marks, and that do not.
        seed: which ones are which.
    """
    rng = random.Random(seed)
    hostile = attacks(HOSTILE)
    for number in range(count):
        student = folder / f"student{number:05d}"
        student.mkdir(parents=True)
        kind = rng.choices(range(8), (40, 28, 8, 6, 6, 4, 4, 4))[0]
        mark = f"\nNUMBER = {number}  # of the student\n"
        source = rng.choice(right if kind in (0, 4) else wrong) + mark
        py, ipynb, zipped = (student / f"{name}{end}" for end in (".py", ".ipynb", ".zip"))
        if kind in (0, 1):  # right; wrong
            py.write_text(source, "utf-8")
        elif kind == 2:  # hostile
            py.write_text(source + rng.choice(hostile or [""]) + mark, "utf-8")
        elif kind == 3:  # unfinished, as a notebook or cut off
            half = source[: len(source) // 2]
            ipynb.write_bytes(notebook(half)) if number % 2 else py.write_text(half, "utf-8")
        elif kind == 4:  # a notebook, or a zip with a folder inside
            inside = {f"work/{name}.py": source.encode()}
            ipynb.write_bytes(notebook(source)) if number % 2 else zipped.write_bytes(
                packed(inside)
            )
        elif kind == 5:  # nothing, or nothing that counts
            (py if number % 2 else student / "essay.txt").write_text("")
        elif kind == 6:  # a broken notebook or a broken zip
            broken = b'{"cells": [' if number % 2 else packed({f"{name}.py": b"x"})[:-9]
            (ipynb if number % 2 else zipped).write_bytes(broken + mark.encode())
        elif number % 2:  # a zip that leads out of itself
            zipped.write_bytes(packed({f"../{name}.py": source.encode()}))
        else:  # bytes that are no text
            py.write_bytes(b"\xff\xfe\x00" * 99 + mark.encode())


class NoPostgres(Exception):
    """There is no PostgreSQL server to start here; the message says what to do."""


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty database on a server of our own, run by a user who is not root."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)  # Debian's; the newest
    program = shutil.which("initdb", path=os.pathsep.join([*map(str, places), os.environ["PATH"]]))
    if program is None:
        raise NoPostgres("no PostgreSQL server here: run apt-get install postgresql")
    user: list[str] = []
    place = Path(tempfile.mkdtemp())
    try:
        if os.getuid() == 0:  # as whom the server refuses to run
            try:
                who = pwd.getpwnam("postgres")
            except KeyError:
                raise NoPostgres("PostgreSQL refuses to run as root, and there is no user postgres") from None  # fmt: skip
            user = ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups"]
            os.chown(place, who.pw_uid, who.pw_gid)
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]

        def run(name: str, *words: str) -> None:
            command = [*user, str(Path(program).with_name(name)), *words]
            subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=60)

        data = str(place / "data")
        run("initdb", "-D", data, "-U", "grader", "-A", "trust", "-E", "UTF8", "--no-sync")
        settings = f"-h 127.0.0.1 -p {port} -k {place} -c fsync=off"
        run("pg_ctl", "-D", data, "-w", "-l", str(place / "log"), "-o", settings, "start")
        try:
            yield f"postgresql+psycopg://grader@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(place)


def rows(gradebook: str) -> tuple[list[tuple[object, ...]], dict[str, object]]:
    """What a gradebook says: each grade, and each result's report without times and outputs."""
    with open_gradebook(gradebook) as book:
        grades = [
            (g.student, g.exercise, g.outcome, g.score, g.max_score, g.reason, g.result_key)
            for g in book.grades()
        ]
        with book.engine.connect() as connection:
            keys = list(connection.scalars(select(result.c.key).order_by(result.c.key)))
        reports: dict[str, object] = {}
        for key in keys:
            report = book.report(key)
            if report is not None:
                checks = [(c.name, c.outcome, c.score) for c in report.checks]
                reports[key] = (report.problems, checks)
    return grades, reports


def start(
    folder: Path, gradebook: str, log: Path, course: Path, exercise: str, jobs: int
) -> subprocess.Popen[str]:
    """Start a batch in a process group of its own."""
    words = ["batch", folder, exercise, "--course", course, "--gradebook", gradebook, "-j", jobs]
    with log.open("a") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "grader", *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            start_new_session=True,
        )


def kill_in_the_middle(process: subprocess.Popen[str], gradebook: str, enough: int) -> int:
    """SIGKILL a batch and its workers when `enough` results are stored; how many there were."""
    while process.poll() is None:
        time.sleep(0.05)
        try:
            with open_gradebook(gradebook) as book:
                if book.count_results() >= enough:
                    break
        except Exception:  # it is not there yet, or is being made at this moment
            continue
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    with open_gradebook(gradebook) as book:
        return book.count_results()


def compare(
    folder: Path,
    place: Path,
    course: Path,
    exercise: str,
    count: int,
    jobs: int,
    torn: str = "",
) -> list[str]:
    """Grade undisturbed, and killed and resumed; what differs between the two gradebooks.

    Args:
        folder: the submissions; place: a folder for gradebooks.
        course, exercise: what to grade by.
        count: how many submissions there are.
        jobs: worker processes.
        torn: the URL of the gradebook that is killed; an SQLite file by default.
    """
    whole, torn, log = str(place / "whole.db"), torn or str(place / "torn.db"), place / "log"

    def run(gradebook: str) -> subprocess.Popen[str]:
        return start(folder, gradebook, log, course, exercise, jobs)

    begun = time.perf_counter()
    process = run(whole)
    print(process.communicate()[0].strip(), f"in {time.perf_counter() - begun:.1f} s")
    kept = kill_in_the_middle(run(torn), torn, count // 2)
    resumed = run(torn)
    print(f"killed with {kept} results; then: {resumed.communicate()[0].strip()}")
    if resumed.returncode:
        return [f"resuming ended with {resumed.returncode}: {log.read_text()}"]
    (grades, reports), (other_grades, other_reports) = rows(whole), rows(torn)
    problems = [f"{a} != {b}" for a, b in zip(grades, other_grades, strict=True) if a != b]
    problems += [k for k in {*reports, *other_reports} if reports.get(k) != other_reports.get(k)]
    if len(grades) != count:
        problems.append(f"{len(grades)} grades for {count} submissions")
    outcomes = [g[2] for g in grades]
    print({o: outcomes.count(o) for o in set(outcomes)})
    return problems


def main() -> None:
    """Run the comparison on ex04."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--postgres", action="store_true", help="kill and resume there")
    options = parser.parse_args()
    name = "ex04_convolution"
    alternatives = sorted((ROOT / "solutions" / "alternatives" / name).glob("*.py"))
    right = [p.read_text("utf-8") for p in (ROOT / "solutions" / f"{name}.py", *alternatives)]
    wrong = [p.read_text("utf-8") for p in sorted((ROOT / "examples").glob("*_[!il]*.py"))]
    database = postgres() if options.postgres else nullcontext("")
    with tempfile.TemporaryDirectory() as place, database as torn:
        folder = Path(place) / "submissions"
        generate(folder, options.count, name, right, wrong)
        problems = compare(
            folder, Path(place), ROOT / "exercises", "ex04", options.count, options.jobs, torn
        )
    print("\n".join(problems) or "the two gradebooks are equal, row by row")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
