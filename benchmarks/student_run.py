"""A student's run against plain pytest: `grade ex04` isolates, and is to be faster all the same.

    python benchmarks/student_run.py --runs 15

In turn, in one run: `grade ex04 solutions/`, and a fresh pytest process with the same checks on the
same solution in the same process, which measures gradients by full central differences. Wall and CPU
time of all processes, medians, and the ratio pair by pair.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from meter import Command, measure
from peers.exercise import write_pytest

ROOT = Path(__file__).resolve().parent.parent


def run(command: list[str], folder: Path) -> tuple[float, float]:
    """Wall and CPU seconds of a command and all its descendants."""
    reading, (done,) = measure([Command(command, folder)], dict(os.environ))
    if done.code != 0:
        sys.exit(f"{' '.join(command)} ended with {done.code}:\n{done.output}{done.errors}")
    return reading.wall, reading.cpu


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    grade = shutil.which("grade", path=str(Path(sys.executable).parent)) or "grade"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_pytest(folder)
        commands = {
            "grade ex04 solutions/": ([grade, "ex04", "solutions"], ROOT),
            "plain pytest": ([sys.executable, "-m", "pytest", "-q"], folder),
        }
        times: dict[str, list[tuple[float, float]]] = {key: [] for key in commands}
        for turn in range(options.runs + 1):
            for key, (command, place) in commands.items():
                measured = run(command, place)
                if turn:  # the first turn fills caches
                    times[key].append(measured)
    print("| command | wall s, median | wall s, least | CPU s, median |\n|---|---|---|---|")
    for key, values in times.items():
        walls, cpus = zip(*values, strict=True)
        print(
            f"| {key} | {statistics.median(walls):.3f} | {min(walls):.3f} "
            f"| {statistics.median(cpus):.3f} |"
        )
    ours, plain = times.values()
    for what, index in (("wall", 0), ("CPU", 1)):
        ratios = [a[index] / b[index] for a, b in zip(ours, plain, strict=True)]
        print(f"ratio of {what} time, pair by pair: median {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
