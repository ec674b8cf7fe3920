"""How often the grader names the line of a mistake, how often that is right, and what it costs.

    python benchmarks/diagnosis.py                      40 mutants of every exercise's alternatives
    python benchmarks/diagnosis.py ex04 --sample 100    of one exercise
    python benchmarks/diagnosis.py ex04 --seed 7 -v     other mutants; lists what was missed or wrong

The ground truth for lines are mutants of the alternatives: right solutions in many styles, none of
which the grader compares with, each with one small mistake made by a program. A line that is named is
right if the mistake is in the statement there. `precision` is the share of those; `something` counts
the submissions that got a misconception's name, a line or a contrast.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import random
import re
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from mutants import make_mutants  # noqa: E402 - found only from here on

from grader.checking.run.session import Job, run_jobs  # noqa: E402 - as above
from grader.course.loader import find_course  # noqa: E402 - as above
from grader.intake.submission import read_submission  # noqa: E402 - as above
from grader.model import CheckResult, Course, Exercise, Outcome, Report  # noqa: E402 - as above
from grader.sandbox.launch import Server  # noqa: E402 - as above

SHOWN = 40


@dataclass(frozen=True)
class Mutant:
    """A hand-in with one mistake: its text, the lines that may be named, and how it came about."""

    name: str
    source: str
    lines: frozenset[int]
    words: str


def mutants(exercise: Exercise, sample: int, seed: int) -> Iterator[Mutant]:
    """Mutants of the alternatives of an exercise, drawn at random."""
    found = []
    for path in sorted((ROOT / "solutions" / "alternatives" / exercise.name).glob("*.py")):
        source = path.read_text(encoding="utf-8")
        plain = "\n".join(ast.unparse(part) for part in ast.parse(source).body)
        for one in make_mutants(exercise.id, source):
            lines = changed_lines(plain, one.source)
            words = f"{one.line}   {one.mutation}"
            found.append(Mutant(path.stem, one.source, lines, words))
    random.Random(seed).shuffle(found)
    yield from found[:sample]


def changed_lines(before: str, after: str) -> frozenset[int]:
    """The lines of `after` that differ; where lines are gone, their neighbours."""
    lines: set[int] = set()
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    for tag, _, _, first, last in matcher.get_opcodes():
        if tag in ("replace", "insert"):
            lines.update(range(first + 1, last + 1))
        elif tag == "delete":
            lines |= {first, first + 1}
    return frozenset(lines)


@dataclass
class Count:
    """What came out of the hand-ins of one exercise."""

    failed: int = 0
    named: int = 0
    right: int = 0
    something: int = 0
    extra: list[float] | None = None


def measure(
    course: Course, exercise: Exercise, some: list[Mutant], server: Server, *, verbose: bool
) -> Count:
    """Grade hand-ins without and with an explanation, and count."""
    count = Count(extra=[])
    assert count.extra is not None
    with tempfile.TemporaryDirectory() as name:
        jobs = []
        for index, one in enumerate(some):
            folder = Path(name) / str(index)
            folder.mkdir()
            for needed in exercise.requires:
                solution = (ROOT / "solutions" / f"{needed}.py").read_text(encoding="utf-8")
                (folder / f"{needed}.py").write_text(solution, encoding="utf-8")
            path = folder / exercise.file
            path.write_text(one.source, encoding="utf-8")
            submission = read_submission(folder if exercise.requires else path, exercise)
            jobs.append(Job(exercise, submission=submission, label=str(index)))
        reports: dict[str, Report] = {}
        cost: dict[tuple[str, bool], float] = {}
        for explain in (False, True):
            before = spent()

            def keep(job: Job, report: Report, explain: bool = explain) -> None:
                nonlocal before
                reports[job.label] = report
                now = spent()
                cost[job.label, explain] = now - before
                before = now

            wanted = [replace(job, explain=explain) for job in jobs]
            run_jobs(course, [exercise], wanted, keep, server=server)
        for index, one in enumerate(some):
            report = reports[str(index)]
            if report.outcome != "failed":
                continue
            count.failed += 1
            count.extra.append(cost[str(index), True] - cost[str(index), False])
            judge(one, report, count, verbose=verbose)
    return count


def judge(one: Mutant, report: Report, count: Count, *, verbose: bool) -> None:
    """Count what a report says of a mutant."""
    bad = [c for c in report.checks if c.outcome not in (Outcome.PASSED, Outcome.SKIPPED)]
    lines = {c.suspect.line for c in bad if c.suspect is not None}
    count.something += any(c.suspect or c.misconception or c.contrast for c in bad)
    if lines:
        count.named += 1
        count.right += all(alternatives(c) & one.lines for c in bad if c.suspect is not None)
    if verbose and not (lines and lines <= one.lines):
        verdict = f"named {sorted(lines)}, is {sorted(one.lines)}" if lines else "missed"
        said = next((c.hint for c in bad if c.suspect), "")
        print(f"    {verdict:<28} {one.name}: {one.words}")
        for line in sorted(lines):
            print(f"        {one.source.splitlines()[line - 1].strip()}   {said[:150]}")


def alternatives(check: CheckResult) -> set[int]:
    """The lines that a check's result names: one, or "line 12 or line 15"."""
    assert check.suspect is not None
    told = re.findall(r"line (\d+)", check.hint) if "would be right" in check.hint else []
    return {check.suspect.line, *map(int, told)}


def spent() -> float:
    """Seconds of CPU of this process and of its students' processes that have ended."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("exercises", nargs="*", help="ids; all from ex01 to ex08 if none is given")
    parser.add_argument("--sample", type=int, default=SHOWN, help="mutants of each exercise")
    parser.add_argument("--seed", type=int, default=0, help="which mutants are drawn")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="list what was missed or wrong"
    )
    options = parser.parse_args()
    course = find_course(ROOT / "exercises")
    print("exercise  failed  line named  of these right  something  more CPU, median / most")
    total = Count(extra=[])
    assert total.extra is not None
    with Server() as server:
        for exercise in course.exercises:
            if exercise.id not in (options.exercises or [f"ex{n:02}" for n in range(1, 9)]):
                continue
            started = time.perf_counter()
            some = list(mutants(exercise, options.sample, options.seed))
            count = measure(course, exercise, some, server, verbose=options.verbose)
            print(row(exercise.id, count), f"  ({time.perf_counter() - started:.0f} s)", flush=True)
            for name in ("failed", "named", "right", "something"):
                setattr(total, name, getattr(total, name) + getattr(count, name))
            total.extra += count.extra or []
    print(row("all", total))


def row(name: str, count: Count) -> str:
    """One line of the table."""

    def share(some: int, of: int) -> str:
        return f"{some:4} {100 * some / of:3.0f} %" if of else "   –     "

    extra = count.extra or [0.0]
    return (
        f"{name:<8}  {count.failed:6}  {share(count.named, count.failed)}   "
        f"{share(count.right, count.named)}       {share(count.something, count.failed)}  "
        f"{statistics.median(extra):5.2f} / {max(extra):.2f} s"
    )


if __name__ == "__main__":
    main()
