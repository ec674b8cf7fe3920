"""How long the report of a class takes, and how large it is.

    python benchmarks/class_report.py --students 1000

Grades a few right and wrong solutions of seven exercises, gives each of so many students one of them with
a comment of their own, so that no two submissions are equal, and writes the report of this class. Prints
seconds of the processor, memory and bytes on disk.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from grader.classroom.gradebook import open_gradebook
from grader.classroom.gradebook.packing import pack_json
from grader.classroom.gradebook.schema import handin, result, student, submission
from grader.classroom.report.site import write_site
from grader.model import Report
from grader.render.json import as_dict

ROOT = Path(__file__).resolve().parent.parent
EXERCISES = [f"ex{n:02d}" for n in range(1, 8)]
WRONG = 6  # wrong solutions of each exercise
BEGIN = datetime(2026, 10, 1, 12, tzinfo=UTC)

Pool = dict[str, list[tuple[Report, str]]]  # by exercise: reports and source texts


def solutions(exercise: str) -> dict[str, list[str]]:
    """The file's name, and its texts: reference, alternatives, stub, and the reference with one sign
    changed."""
    (path,) = (ROOT / "solutions").glob(f"{exercise}_*.py")
    text = path.read_text("utf-8")
    others = sorted((ROOT / "solutions" / "alternatives" / path.stem).glob("*.py"))
    found = [text, *(p.read_text("utf-8") for p in others)]
    found += [(ROOT / "student_template" / path.name).read_text("utf-8")]
    parts = text.split(" + ")
    for k in range(1, min(WRONG, len(parts) - 1) + 1):
        found.append(" - ".join([" + ".join(parts[:k]), " + ".join(parts[k:])]))
    return {path.name: found}


def graded(place: Path) -> Pool:
    """The reports of these solutions, from a batch."""
    files = {name: texts for e in EXERCISES for name, texts in solutions(e).items()}
    for number in range(max(map(len, files.values()))):
        folder = place / "work" / f"s{number:02d}"
        folder.mkdir(parents=True)
        for name, texts in files.items():
            (folder / name).write_text(texts[number % len(texts)], "utf-8")
    words = ["batch", place / "work", *EXERCISES, "--explain", "--course", ROOT / "exercises"]
    words += ["--gradebook", place / "pool.db"]
    subprocess.run([sys.executable, "-m", "grader", *map(str, words)], check=True)
    pool: Pool = {e: [] for e in EXERCISES}
    with open_gradebook(str(place / "pool.db")) as book:
        for grade in book.grades():
            report = book.report(grade.result_key)
            texts = book.sources(grade.submission, grade.exercise)
            if report and texts:
                pool[grade.exercise].append((report, next(iter(texts.values()))))
    return pool


def fill(path: Path, pool: Pool, count: int) -> None:
    """A gradebook of a class: most hand in everything, and a few hand in nothing."""
    rng = random.Random(0)
    people, works, results, handins = [], [], [], []
    for number in range(1, count + 1):
        people.append({"id": number, "key": f"s{number:05d}", "name": f"Student {number}"})
        if rng.random() < 0.02:
            continue
        chosen = {e: rng.choice(pool[e]) for e in EXERCISES if rng.random() > 0.05}
        mine = {f"{e}.py": f"{text}\n# by {number}\n" for e, (_, text) in chosen.items()}
        hash_ = f"work{number}"
        # The file that is graded comes first, as a batch stores it.
        parts = {e: {f"{e}.py": mine[f"{e}.py"], **mine} for e in chosen}
        works.append({"hash": hash_, "sources": pack_json(parts)})
        for place, (exercise, (report, _)) in enumerate(chosen.items()):
            key = f"{hash_}-{exercise}"
            about = {"submission": hash_, "exercise": exercise}
            results.append(
                {
                    **about, "key": key, "grader": report.grader, "outcome": report.outcome,
                    "score": report.score, "max_score": report.max_score, "graded": BEGIN,
                    "report": pack_json(as_dict(report)),
                }
            )  # fmt: skip
            when = BEGIN + timedelta(days=7 * place, hours=rng.random() * 100)
            handins.append(
                {
                    **about, "student": number, "submitted": when, "result_key": key,
                    "current": True, "seen": when,
                }
            )  # fmt: skip
    with open_gradebook(str(path), create=True) as book:
        for exercise, reports in pool.items():
            book.add_exercise(exercise, exercise, exercise, reports[0][0].max_score)
        with book.engine.execution_options(writes=True).begin() as connection:
            for table, rows in (
                (student, people), (submission, works), (result, results), (handin, handins),
            ):  # fmt: skip
                connection.execute(insert(table), rows)


def main() -> None:
    """Make the class, write its report, and print what that took."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        fill(place / "class.db", graded(place), options.students)
        begun, wall = time.process_time(), time.perf_counter()
        with open_gradebook(str(place / "class.db")) as book:
            count = write_site("Course", book, (), place / "report")
        took, waited = time.process_time() - begun, time.perf_counter() - wall
        size = sum(p.stat().st_size for p in (place / "report").rglob("*.*") if p.is_file())
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{count} students, {len(EXERCISES)} exercises: {took:.1f} s of the processor ({waited:.1f} s), "
            f"{memory:.0f} MB of memory, {size / 1e6:.1f} MB on disk"
        )


if __name__ == "__main__":
    main()
