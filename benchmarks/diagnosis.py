"""How often the grader names the line of a mistake, how often that is right, and what it costs.

    python benchmarks/diagnosis.py                      40 mutants of every exercise's alternatives
    python benchmarks/diagnosis.py ex04 --sample 100    of one exercise
    python benchmarks/diagnosis.py ex04 --seed 7 -v     other mutants; lists what was missed or wrong
    python benchmarks/diagnosis.py --kinds -v           hand-ins of known kinds, see diagnosis_kinds.py

The ground truth for lines are mutants of the alternatives: right solutions in many styles, none of
which the grader compares with, each with one small mistake made by a program. A line that is named is
right if the mistake is in the statement there. `name`, `line` and `contrast` count the submissions that
got each, and `any` those that got one of them. CPU is that of the grader and of the students' processes.

Of the kinds, a line is right if it is the one that is wrong, words are `as wanted` if the report says what
it should, and `false` if it says what it must not.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "benchmarks")]

from diagnosis_kinds import KINDS, Kind  # noqa: E402 - found only from here on
from mutants import make_mutants  # noqa: E402 - found only from here on

from grader.checking.run.session import Job, run_jobs  # noqa: E402 - as above
from grader.course.loader import find_course  # noqa: E402 - as above
from grader.intake.submission import read_submission  # noqa: E402 - as above
from grader.model import CheckResult, Course, Exercise, Outcome, Report  # noqa: E402 - as above
from grader.sandbox.box import Box  # noqa: E402 - as above
from grader.sandbox.launch import Server  # noqa: E402 - as above

SHOWN = 40
Tools = tuple[Server, "Meter"]


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
        for one in make_mutants(exercise.id, source, methods=bool(exercise.classes)):
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
    right: int = 0
    name: int = 0
    line: int = 0
    contrast: int = 0
    any: int = 0
    extra: list[float] = field(default_factory=list)

    def add(self, other: Count) -> None:
        """Count the hand-ins of another exercise, too."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


class Meter:
    """Seconds of CPU of this process and of the students' processes, by what these say of themselves."""

    def __init__(self) -> None:
        self._students = 0.0
        exchange = Box.exchange

        def counted(box: Box, *args: Any, **keywords: Any) -> Any:
            try:
                return exchange(box, *args, **keywords)
            finally:
                self._students += box.used

        Box.exchange = counted  # type: ignore[method-assign]

    def read(self) -> float:
        """Seconds so far."""
        return time.process_time() + self._students


def graded(
    course: Course, exercise: Exercise, texts: Sequence[str], server: Server, meter: Meter
) -> list[tuple[Report, float]]:
    """The report on each text, explained, and what the explanation cost."""
    reports: dict[str, Report] = {}
    cost: dict[tuple[str, bool], float] = {}
    with tempfile.TemporaryDirectory() as name:
        jobs = [job_of(exercise, Path(name) / str(i), text) for i, text in enumerate(texts)]
        for explain in (False, True):
            before = meter.read()

            def keep(job: Job, report: Report, explain: bool = explain) -> None:
                nonlocal before
                reports[job.label] = report
                now = meter.read()
                cost[job.label, explain] = now - before
                before = now

            wanted = [replace(job, explain=explain) for job in jobs]
            run_jobs(course, [exercise], wanted, keep, server=server)
    for report in reports.values():
        if report.notes:
            raise RuntimeError(f"an explanation of {exercise.id} failed: {report.notes}")
    labels = [str(i) for i in range(len(texts))]
    return [(reports[n], cost[n, True] - cost[n, False]) for n in labels]


def job_of(exercise: Exercise, folder: Path, text: str) -> Job:
    """The job of grading a text, with the earlier files that it needs."""
    folder.mkdir()
    for needed in exercise.requires:
        solution = (ROOT / "solutions" / f"{needed}.py").read_text(encoding="utf-8")
        (folder / f"{needed}.py").write_text(solution, encoding="utf-8")
    path = folder / exercise.file
    path.write_text(text, encoding="utf-8")
    submission = read_submission(folder if exercise.requires else path, exercise)
    return Job(exercise, submission=submission, label=folder.name)


def measure(
    course: Course, exercise: Exercise, some: list[Mutant], tools: Tools, *, verbose: bool
) -> Count:
    """Grade mutants without and with an explanation, and count."""
    count = Count()
    answers = graded(course, exercise, [one.source for one in some], *tools)
    for one, (report, extra) in zip(some, answers, strict=True):
        if report.outcome == "failed":
            count.failed += 1
            count.extra.append(extra)
            judge(one, report, count, verbose=verbose)
    return count


def wrong_checks(report: Report) -> list[CheckResult]:
    """The checks that did not pass."""
    return [c for c in report.checks if c.outcome not in (Outcome.PASSED, Outcome.SKIPPED)]


def judge(one: Mutant, report: Report, count: Count, *, verbose: bool) -> None:
    """Count what a report says of a mutant."""
    bad = wrong_checks(report)
    lines = {c.suspect.line for c in bad if c.suspect is not None}
    count.line += bool(lines)
    count.name += any(c.misconception for c in bad)
    count.contrast += any(c.contrast for c in bad)
    count.any += any(c.suspect or c.misconception or c.contrast for c in bad)
    if lines:
        count.right += all(alternatives(c) & one.lines for c in bad if c.suspect is not None)
    if verbose and not (lines and lines <= one.lines):
        verdict = f"named {sorted(lines)}, is {sorted(one.lines)}" if lines else "missed"
        said = next((c.hint for c in bad if c.suspect), "")
        print(f"    {verdict:<28} {one.name}: {one.words}")
        for line in sorted(lines):
            text = "".join(one.source.splitlines()[line - 1 : line])  # it may be of an earlier file
            print(f"        {text.strip()}   {said[:150]}")


def judge_kinds(
    course: Course, exercise: Exercise, kinds: list[Kind], tools: Tools, *, verbose: bool
) -> None:
    """Grade hand-ins of known kinds, and print what is said of them."""
    solution = (ROOT / "solutions" / exercise.file).read_text(encoding="utf-8")
    texts = [f"{solution}\n{kind.code}" for kind in kinds]
    answers = graded(course, exercise, texts, *tools)
    named = right = wanted = false = 0
    for kind, text, (report, _) in zip(kinds, texts, answers, strict=True):
        bad = wrong_checks(report)
        rows = text.splitlines()
        lines = {rows[c.suspect.line - 1] for c in bad if c.suspect is not None}
        words = " ".join(f"{c.message} {c.hint} {c.contrast}" for c in bad)
        hit = bool(lines) and bool(kind.line) and all(kind.line in line for line in lines)
        said = bool(kind.says) and re.search(kind.says, words) is not None
        untrue = re.search(kind.never, words) is not None
        named, right = named + bool(lines), right + hit
        wanted, false = wanted + (hit or said), false + untrue
        if verbose and (untrue or not (hit or said)):
            print(f"    {kind.name}: {[line.strip() for line in lines]} {words[:300]}")
    print(
        f"{exercise.id:<8}  {len(kinds):6}  {named:10}  {right:14}  {wanted:9}  {false:5}",
        flush=True,
    )


def alternatives(check: CheckResult) -> set[int]:
    """The lines that a check's result names: one, "line 12 or line 15", or "lines 12 and 15"."""
    assert check.suspect is not None
    file = re.escape(check.suspect.file)
    told = re.findall(rf"lines? (\d[^.]*?) of {file}", check.hint)
    return {check.suspect.line, *(int(n) for text in told for n in re.findall(r"\d+", text))}


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("exercises", nargs="*", help="ids; all from ex01 to ex08 if none is given")
    parser.add_argument("--sample", type=int, default=SHOWN, help="mutants of each exercise")
    parser.add_argument("--seed", type=int, default=0, help="which mutants are drawn")
    parser.add_argument("--kinds", action="store_true", help="hand-ins of known kinds instead")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="list what was missed or wrong"
    )
    options = parser.parse_args()
    course = find_course(ROOT / "exercises")
    meter = Meter()
    total = Count()
    print(
        "exercise  graded  line named  of these right  as wanted  false"
        if options.kinds
        else "exercise  failed  line named  of these right  name  contrast  any    more CPU, median / most"
    )
    with Server() as server:
        tools = server, meter
        for exercise in course.exercises:
            if exercise.id not in (options.exercises or [f"ex{n:02}" for n in range(1, 9)]):
                continue
            kinds = [kind for kind in KINDS if kind.exercise == exercise.id]
            if options.kinds and kinds:
                judge_kinds(course, exercise, kinds, tools, verbose=options.verbose)
            if options.kinds:
                continue
            some = list(mutants(exercise, options.sample, options.seed))
            count = measure(course, exercise, some, tools, verbose=options.verbose)
            print(row(exercise.id, count), flush=True)
            total.add(count)
    if not options.kinds:
        print(row("all", total))


def row(name: str, count: Count) -> str:
    """One line of the table."""

    def share(some: int, of: int) -> str:
        return f"{some:4} {100 * some / of:3.0f} %" if of else "   –     "

    extra = count.extra or [0.0]
    parts = (100 * n / max(1, count.failed) for n in (count.name, count.contrast, count.any))
    told, shown, known = (f"{part:3.0f} %" for part in parts)
    return (
        f"{name:<8}  {count.failed:6}  {share(count.line, count.failed)}   "
        f"{share(count.right, count.line)}       {told}     {shown}  {known}  "
        f"{statistics.median(extra):5.2f} / {max(extra):.2f} s"
    )


if __name__ == "__main__":
    main()
