"""This build against another commit's, in turn, on the same machine.

    python benchmarks/against.py aab24fd
    python benchmarks/against.py HEAD~1 --only batch20 right --runs 3

Checks the other commit out into a temporary folder, runs both builds turn by turn with the same Python,
and prints each figure's ratio: the median of the ratios of the turns. CPU is user and system time of all
processes of a command, counted by the kernel (see `meter.py`). Needs Linux.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import against_classes as classes
from against_classes import Build, Figures
from documents import replace_between, table

ROOT = Path(__file__).resolve().parent.parent

# By name: how it is measured, what is measured of it, and the ratio that is to be reached.
Scenario = Callable[[Build, Path, int], Figures]
SCENARIOS: dict[str, Scenario] = {
    "batch50": lambda build, place, turn: classes.whole_batch(build, place, turn, 50),
    "batch20": lambda build, place, turn: classes.whole_batch(build, place, turn, 20),
    "comments": classes.comments,
    "right": classes.one_more_right,
    "wrong": classes.one_more_wrong,
    "cold": classes.cold,
    "watch": classes.watched,
    "memory": classes.memory,
    "folders": classes.one_file_changed,
    "combinations": classes.few_files,
    "gradebook": classes.large_gradebook,
}
SLOW = ("combinations",)  # minutes a turn: only when asked for
TITLES: dict[str, tuple[str, float | None]] = {
    "batch50 cpu": ("a batch of 50, a fifth wrong, start included, CPU ms a submission", 0.5),
    "batch50 wall": ("the same, wall", None),
    "batch20 cpu": ("a batch of 20, likewise, CPU ms a submission", 0.45),
    "batch20 wall": ("the same, wall", None),
    "comments cpu": (
        "a batch of 50 in which many differ only in comments, CPU ms a submission",
        None,
    ),
    "right cpu": ("a right submission in a batch, CPU ms", 0.6),
    "wrong cpu": ("a wrong one in a batch, first of its kind, CPU ms", 0.4),
    "cold cpu": ("a cold `grade ex04`, CPU ms", 0.75),
    "cold wall": ("the same, wall", 0.8),
    "cold wrong": ("a cold `grade ex04` on a wrong file, wall ms", 0.6),
    "watch wall": ("save to report under `--watch`, wall ms", 0.6),
    "memory": ("peak memory of a batch of 50 with two workers, all processes, MB (PSS)", 0.7),
    "folders graded": ("7 students' folders, one file of seven changed since: graded again", None),
    "folders cpu": ("the same, CPU ms of the batch", None),
    "combinations graded": ("1,000 students, 7 exercises, 28 distinct files: graded", None),
    "export wall": ("export a gradebook of 100,000 results, ms", None),
    "list wall": ("list it, ms", None),
}


@contextlib.contextmanager
def checkout(reference: str) -> Iterator[Path]:
    """Another commit's files, in a folder of their own."""
    with tempfile.TemporaryDirectory(prefix="nn-grader-against-") as name:
        folder = Path(name) / "build"
        git("worktree", "add", "--quiet", "--detach", str(folder), reference)
        try:
            yield folder
        finally:
            git("worktree", "remove", "--force", str(folder))


def git(*words: str) -> str:
    """What git says."""
    done = subprocess.run(
        ["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def measure(builds: Sequence[Build], names: Sequence[str], runs: int) -> dict[str, list[Figures]]:
    """For each build, the figures of each turn. The first turn of each scenario fills caches."""
    found: dict[str, list[Figures]] = {build.name: [] for build in builds}
    for name in names:
        for turn in range(runs + 1):
            for build in builds:
                with tempfile.TemporaryDirectory(prefix="nn-grader-against-") as place:
                    figures = SCENARIOS[name](build, Path(place), turn)
                if turn:
                    found[build.name].append(figures)
                shown = ", ".join(f"{k} {v:,.1f}" for k, v in figures.items())
                print(f"{name} {turn} {build.name}: {shown}", file=sys.stderr, flush=True)
    return found


def rows(found: dict[str, list[Figures]]) -> list[list[str]]:
    """A line for each figure: both medians, the median of the turns' ratios, and the goal."""
    before, now = found.values()
    lines = []
    for key, (title, goal) in TITLES.items():
        pairs = [(a[key], b[key]) for a, b in zip(before, now, strict=True) if key in a]
        if not pairs:
            continue
        old, new = (statistics.median(values) for values in zip(*pairs, strict=True))
        ratio = statistics.median(b / a for a, b in pairs)
        met = "" if goal is None else f"{goal:g}{'' if ratio <= goal else ', missed'}"
        lines.append([title, f"{old:,.0f}", f"{new:,.0f}", f"{ratio:.2f}", met])
    return lines


def main() -> None:
    """Print the table, or write it into a document."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("reference", metavar="REF", help="the commit to compare with")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, metavar="NAME", default=None)
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="put the table into this document"
    )
    options = parser.parse_args()
    names = options.only or [name for name in SCENARIOS if name not in SLOW]
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = "1"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # and clean up
    with checkout(options.reference) as folder:
        builds = (Build("before", folder), Build("now", ROOT))
        for build in builds:
            build.compile()
        found = measure(builds, names, options.runs)
    commit = git("rev-parse", "--short", options.reference)
    head = ["figure", f"commit {commit}", "this build", "ratio", "goal"]
    said = (
        f"Measured on {datetime.now(UTC).date().isoformat()}, with Python {platform.python_version()}, "
        f"{options.runs} turns, each with both builds; medians, and the median of the turns' ratios.\n\n"
    )
    text = said + table(head, rows(found))
    print(text)
    if options.write:
        replace_between(options.write, "against", text)


if __name__ == "__main__":
    main()
