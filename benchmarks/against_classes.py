"""What `against.py` measures of a build: each function runs its commands once, and gives its figures."""

from __future__ import annotations

import functools
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from batch_speed import write_class
from meter import Command, Reading, measure
from peers.exercise import MISTAKES, SOLUTION, submissions, write_submissions

Figures = dict[str, float]
STUDENTS, EXERCISES = 14_286, ("ex01", "ex02", "ex03", "ex04", "ex05", "ex06", "ex07")
PATIENCE = 60.0
FEW = 5  # right submissions that are there before the ones that are measured
WRONG = ("chloe_flipped", "dmitri_overwrites", "emma_crop")


@dataclass(frozen=True)
class Build:
    """A commit's files: its grader, and its course."""

    name: str
    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """What makes Python find this build's grader, and no other, and keep what it has compiled."""
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        return {**kept, "PYTHONPATH": str(self.root)}

    def compile(self) -> None:
        """Compile the grader, as its installation does."""
        words = [sys.executable, "-m", "compileall", "-q", str(self.root / "grader")]
        subprocess.run(words, env=self.environment, check=True)

    def words(self, *words: object) -> list[str]:
        """A command line of this build."""
        return [sys.executable, "-m", "grader", *map(str, words)]

    def run(self, *words: object, every: float = 0.0) -> tuple[Reading, str]:
        """Run a command; what it used, and what it printed."""
        command = Command(self.words(*words), self.root)
        reading, (done,) = measure([command], self.environment, every)
        if done.code not in (0, 1):
            raise RuntimeError(done.errors)
        return reading, done.output

    def batch(
        self, folder: Path, book: Path, *words: object, every: float = 0.0
    ) -> tuple[Reading, int]:
        """Grade a class; what it used, and how many submissions were graded."""
        all_words = (folder, *words, "--course", self.root, "--gradebook", book)
        reading, said = self.run("batch", *all_words, every=every)
        found = re.search(r"(\d+) graded now", said)
        return reading, int(found[1]) if found else 0


def whole_batch(build: Build, place: Path, turn: int, size: int) -> Figures:
    """A class of which a fifth is wrong, with two workers, from its start to its end."""
    write_submissions(place / "class", submissions(size))
    reading, _ = build.batch(place / "class", place / "book.db", "ex04", "-j", 2)
    milliseconds = 1000 / size
    name = f"batch{size}"
    return {f"{name} cpu": milliseconds * reading.cpu, f"{name} wall": milliseconds * reading.wall}


def comments(build: Build, place: Path, turn: int) -> Figures:
    """A class of 50 with a fifth wrong again, in which no two scripts are equal, but many differ only in a
    line of comment."""
    given = [replace(s, source=s.source.replace("\nNUMBER = ", "\n# ")) for s in submissions(50)]
    write_submissions(place / "class", given)
    reading, _ = build.batch(place / "class", place / "book.db", "ex04", "-j", 2)
    return {"comments cpu": 1000 * reading.cpu / 50}


def one_more_right(build: Build, place: Path, turn: int) -> Figures:
    """One more right submission in a batch with one worker."""
    few, many = write_class(place / "few", FEW), write_class(place / "many", FEW + 40)
    least, _ = build.batch(few, place / "few.db", "ex04", "-j", 1)
    most, _ = build.batch(many, place / "many.db", "ex04", "-j", 1)
    return {"right cpu": 1000 * (most.cpu - least.cpu) / 40}


def one_more_wrong(build: Build, place: Path, turn: int) -> Figures:
    """One more wrong submission in a batch with one worker, each with a mistake of its own."""
    few, many = write_class(place / "few", FEW), write_class(place / "many", FEW)
    source = SOLUTION.read_text(encoding="utf-8")
    texts = [source.replace(before, after) for before, after in MISTAKES]
    texts += [(build.root / "examples" / f"{n}.py").read_text(encoding="utf-8") for n in WRONG]
    for number, text in enumerate(texts):
        (many / f"w{number}").mkdir()
        (many / f"w{number}" / SOLUTION.name).write_text(text, encoding="utf-8")
    least, _ = build.batch(few, place / "few.db", "ex04", "-j", 1)
    most, _ = build.batch(many, place / "many.db", "ex04", "-j", 1)
    return {"wrong cpu": 1000 * (most.cpu - least.cpu) / len(texts)}


def cold(build: Build, place: Path, turn: int) -> Figures:
    """A run of a fresh process, on a right file and on a wrong one."""
    right, _ = build.run("ex04", build.root / "solutions" / "ex04_convolution.py")
    wrong, _ = build.run("ex04", build.root / "examples" / "dmitri_overwrites.py")
    return {
        "cold cpu": 1000 * right.cpu,
        "cold wall": 1000 * right.wall,
        "cold wrong": 1000 * wrong.wall,
    }


def watched(build: Build, place: Path, turn: int) -> Figures:
    """From a save to its report."""
    text = SOLUTION.read_text(encoding="utf-8")
    file = place / SOLUTION.name
    file.write_text(text, encoding="utf-8")
    process = subprocess.Popen(
        build.words("ex04", file, "--watch"),
        cwd=build.root,
        env=build.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    alarm = threading.Timer(PATIENCE, process.kill)
    alarm.start()
    spans = []
    try:
        assert process.stdout is not None
        for number in range(4):
            if number:
                time.sleep(0.5)  # the watcher is at rest again
                file.write_text(f"{text}# {turn} {number}\n", encoding="utf-8")
            saved = time.perf_counter()
            next(line for line in process.stdout if " points" in line)
            spans.append(time.perf_counter() - saved)
    finally:
        alarm.cancel()
        process.kill()
        process.communicate()
    return {"watch wall": 1000 * sorted(spans[1:])[1]}  # the first one was a cold run


def memory(build: Build, place: Path, turn: int) -> Figures:
    """The peak of what all processes of a batch hold together."""
    write_submissions(place / "class", submissions(50))
    book = place / "book.db"
    reading, _ = build.batch(place / "class", book, "ex04", "-j", 2, every=0.02)
    return {"memory": reading.memory / (1 << 20)}


def one_file_changed(build: Build, place: Path, turn: int) -> Figures:
    """Students who hand in a folder each, with a file an exercise, graded; then one of the seven files
    has changed in each, and the class is graded again."""
    names = [p.name for p in sorted((build.root / "solutions").glob("ex0[1-7]_*.py"))]
    folders = [place / "class" / f"s{number}" for number in range(7)]
    for folder in folders:
        folder.mkdir(parents=True)
        for name in names:
            shutil.copy(build.root / "solutions" / name, folder)
    book = place / "book.db"
    build.batch(place / "class", book, *EXERCISES)
    for number, (folder, name) in enumerate(zip(folders, names, strict=True)):
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(f"CHANGED_BY = {number}\n")
    reading, graded = build.batch(place / "class", book, *EXERCISES)
    return {"folders graded": graded, "folders cpu": 1000 * reading.cpu}


def few_files(build: Build, place: Path, turn: int) -> Figures:
    """A thousand students with a folder of seven files each; of each file there are four versions."""
    files = sorted((build.root / "solutions").glob("ex0[1-7]_*.py"))
    texts = [path.read_text(encoding="utf-8") for path in files]
    for student in range(1000):
        folder = place / "class" / f"s{student:04d}"
        folder.mkdir(parents=True)
        for at, (path, text) in enumerate(zip(files, texts, strict=True)):
            version = student // 4**at % 4 if at < 5 else (student + at) % 4
            (folder / path.name).write_text(f"{text}VERSION = {version}\n", encoding="utf-8")
    _, graded = build.batch(place / "class", place / "book.db", *EXERCISES)
    return {"combinations graded": graded}


def large_gradebook(build: Build, place: Path, turn: int) -> Figures:
    """Exporting and listing 100,000 results."""
    book = place / "book.db"
    shutil.copy(_template(build), book)
    exported, _ = build.run(
        "export", "--to", "csv", "--gradebook", book, "-o", place / "grades.csv"
    )
    listed, _ = build.run("gradebook", "list", "--gradebook", book)
    return {"export wall": 1000 * exported.wall, "list wall": 1000 * listed.wall}


@functools.cache
def _template(build: Build) -> Path:
    """A gradebook with 100,000 results: one that was graded, copied for students who do not exist."""
    book = Path(os.environ.get("TMPDIR", "/tmp")) / f"against-{os.getpid()}-{build.name}.db"
    folder = write_class(book.with_suffix(".class"), 1)
    build.batch(folder, book, "ex04", "-j", 1)
    shutil.rmtree(folder)
    with sqlite3.connect(book) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        _multiply(connection)
    connection.close()
    import atexit

    atexit.register(book.unlink, missing_ok=True)
    return book


def _multiply(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    rows = {
        name: dict(connection.execute(f"SELECT * FROM {name}").fetchone())
        for name in ("student", "submission", "result", "handin")
    }

    def insert(table: str, made: list[dict[str, object]]) -> None:
        names = ", ".join(made[0])
        places = ", ".join(f":{name}" for name in made[0])
        connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", made)

    people = range(2, STUDENTS + 2)
    each = [(n, e, f"{n:032d}{i:032d}") for n in people for i, e in enumerate(EXERCISES)]
    insert(
        "student",
        [{**rows["student"], "id": n, "key": f"n{n:06d}", "name": f"Name {n}"} for n in people],
    )
    insert("submission", [{**rows["submission"], "hash": hash_} for _, _, hash_ in each])
    insert(
        "result",
        [
            {**rows["result"], "id": i + 2, "key": hash_, "submission": hash_}
            for i, (_, _, hash_) in enumerate(each)
        ],
    )
    insert(
        "handin",
        [
            {
                **rows["handin"], "id": i + 2, "student": n, "exercise": exercise,
                "submission": hash_, "result_key": hash_, "identity": "",
            }
            for i, (n, exercise, hash_) in enumerate(each)
        ],
    )  # fmt: skip
