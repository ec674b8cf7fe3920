"""How time and memory of a batch grow with the number of submissions.

    python benchmarks/batch_growth.py

Runs `grade batch` on 10, 100, 1,000 and 10,000 right submissions to ex04 that differ in a number, so
that each is graded, with two workers into an SQLite file, and watches the batch's process and its
workers all the time. Writes a table into docs/performance.md and draws docs/performance_growth.svg.

CPU is what the kernel counts for all processes together, starting and ending included; memory is what is resident,
the largest worker's for the workers. The growth is the exponent p in wall ~ submissions^p between the
two largest classes: 1 is linear.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from documents import replace_between
from meter import Group

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "solutions" / "ex04_convolution.py"
PAGE = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "performance_growth.svg"
MARKS = "growth"
EVERY = 0.5  # seconds between two looks at the memory
GREY = "#808080"  # can be read on white and on black


@dataclass
class Run:
    """One class, graded.

    Attributes:
        count: submissions.
        wall, cpu: seconds.
        samples: the submissions done at a moment, and the megabytes that the batch's process and
            its largest worker held.
    """

    count: int
    wall: float = 0.0
    cpu: float = 0.0
    samples: list[tuple[int, float, float]] = field(default_factory=list)

    def peak(self, which: int) -> float:
        """The most that the batch's process (1) or a worker (2) held."""
        return max((s[which] for s in self.samples), default=0.0)

    def held(self, share: float, which: int) -> float:
        """What was held when this share of the submissions was done."""
        return min(self.samples, key=lambda s: abs(s[0] - share * self.count))[which]


def write_class(folder: Path, count: int) -> None:
    """Write right submissions, each another by a number."""
    text = SOURCE.read_text("utf-8")
    for number in range(count):
        place = folder / f"s{number:06d}"
        place.mkdir(parents=True)
        (place / SOURCE.name).write_text(f"{text}NUMBER = {number}\n", "utf-8")


def megabytes(process: psutil.Process) -> float:
    """Resident memory; 0 if it is gone."""
    try:
        return float(process.memory_info().rss) / (1 << 20)
    except psutil.Error:
        return 0.0


def workers(process: psutil.Process) -> list[psutil.Process]:
    """The batch's worker processes, without the students' processes below them."""
    try:
        (forker,) = [
            c for c in process.children() if "multiprocessing.forkserver" in str(c.cmdline())
        ]
        return forker.children()
    except (ValueError, psutil.Error):
        return []


def done(log: Path) -> int:
    """How many submissions are done, as the batch said last."""
    found = re.findall(r"^(\d+) of \d+", log.read_text("utf-8"), re.MULTILINE)
    return int(found[-1]) if found else 0


def measure(count: int, jobs: int) -> Run:
    """Grade a class of `count` in a process of its own."""
    run = Run(count)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        write_class(place / "class", count)
        words = [
            "batch",
            place / "class",
            "ex04",
            "--course",
            ROOT,
            "--gradebook",
            place / "grades.db",
        ]
        begun = time.perf_counter()
        with Group() as group, (place / "log").open("w", encoding="utf-8") as log:
            process = psutil.Popen(
                [sys.executable, "-m", "grader", *map(str, words), "-j", str(jobs)],
                stdout=subprocess.DEVNULL,
                stderr=log,
                preexec_fn=group.join,
            )
            while process.poll() is None:
                held = max(map(megabytes, workers(process)), default=0.0)
                if held:
                    run.samples.append((done(place / "log"), megabytes(process), held))
                with suppress(psutil.TimeoutExpired):
                    process.wait(EVERY)
            run.cpu = group.seconds()
        run.wall = time.perf_counter() - begun
        if process.returncode:
            sys.exit(
                f"the batch ended with {process.returncode}: {(place / 'log').read_text('utf-8')}"
            )
    return run


def growth(runs: list[Run]) -> float:
    """The exponent between the two largest classes."""
    small, large = runs[-2:]
    return math.log(large.wall / small.wall) / math.log(large.count / small.count)


def table(runs: list[Run]) -> str:
    """The runs in Markdown."""
    lines = [
        "| submissions | seconds | a second | CPU ms each | the batch's process, peak | a worker, peak |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for run in runs:
        lines.append(
            f"| {run.count:,} | {run.wall:,.1f} | {run.count / run.wall:.1f} | "
            f"{1000 * run.cpu / run.count:.0f} | {run.peak(1):.0f} MB | {run.peak(2):.0f} MB |"
        )
    last = runs[-1]
    shares = [f"{last.held(s, 1):.0f} and {last.held(s, 2):.0f} MB" for s in (0.1, 0.5, 1.0)]
    lines += [
        "",
        f"From {runs[-2].count:,} to {last.count:,} the time grows with the power "
        f"{growth(runs):.2f} of the number of submissions. With a tenth, half and all of the "
        f"{last.count:,} graded, the batch's process and its largest worker held {shares[0]}, "
        f"{shares[1]}, {shares[2]}.",
    ]
    return "\n".join(lines)


def draw(runs: list[Run], path: Path) -> None:
    """Time by submissions, and memory over the largest run; the same numbers give the same file."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    style = {"svg.hashsalt": "nn-grader", "svg.fonttype": "none", "font.size": 9}
    for part in ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"):
        style[part] = GREY
    with plt.rc_context(style):
        figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
        counts = [r.count for r in runs]
        last = runs[-1]
        linear = [last.wall * c / last.count for c in counts]
        left.loglog(counts, linear, ":", color=GREY, label="linear")
        left.loglog(counts, [r.wall for r in runs], "o-", color="#2f81c7", label="measured")
        left.set(xlabel="submissions", ylabel="seconds", title="time")
        graded = [s[0] for s in last.samples]
        for which, colour, name in (
            (1, "#2f81c7", "the batch's process"),
            (2, "#c7772f", "a worker"),
        ):
            right.plot(graded, [s[which] for s in last.samples], color=colour, label=name)
        right.set(xlabel=f"graded of {last.count:,}", ylabel="MB", title="memory")
        right.set_ylim(0, 1.25 * max(last.peak(1), last.peak(2)))
        for axes in (left, right):
            axes.legend(frameon=False)
            axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path, transparent=True, metadata={"Date": None, "Creator": None})
        plt.close(figure)


def main() -> None:
    """Measure, print, write and draw."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--counts", default="10,100,1000,10000")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--dry", action="store_true", help="print the table and write nothing")
    options = parser.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    runs = []
    for count in sorted(map(int, options.counts.split(","))):
        runs.append(measure(count, options.jobs))
        print(f"{count}: {runs[-1].wall:.1f} s", file=sys.stderr, flush=True)
    text = table(runs)
    print(text)
    if options.dry:
        return
    draw(runs, PICTURE)
    replace_between(PAGE, MARKS, f"{text}\n\n![Time and memory](performance_growth.svg)")


if __name__ == "__main__":
    main()
