"""Where the time goes: a cold `grade ex04`, a save under `--watch`, a submission of a batch.

    python benchmarks/budget.py --runs 15 --count 100
    python benchmarks/budget.py --write docs/performance.md

Cold and watched runs are real processes, whose stages are marked by the clock that all processes of a
machine share. The batch runs in this process, the trusted functions wrapped: CPU time of each, without
what it calls that is wrapped too; the students' processes by what the system says that they used.
"""

from __future__ import annotations

import argparse
import functools
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from documents import replace_between, table
from meter import Group

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "solutions" / "ex04_convolution.py"

# Runs the command in this interpreter, and says on stderr when it reaches which stage.
CHILD = """
import sys, time
def mark(name):
    print("@", name, time.perf_counter(), file=sys.stderr, flush=True)
def marked(owner, attribute, before="", after=""):
    function = getattr(owner, attribute)
    def wrapper(*args, **keywords):
        if before:
            mark(before)
        try:
            return function(*args, **keywords)
        finally:
            if after:
                mark(after)
    setattr(owner, attribute, wrapper)
mark("started")
from grader.cli import main
from grader.sandbox import launch
def settle(self, settle=launch.Server.skip_failed_level):
    # Everything else is imported by now, as without this script; the server starts meanwhile.
    import grader.cli.check as check, grader.student.grade
    from grader.checking.calls import sandboxed_code
    from grader.checking.run import session
    mark("imported")
    marked(session._GradingLoop, "_run_all", before="collected")
    marked(sandboxed_code.SandboxedCode, "_load", before="read", after="loaded")
    marked(check, "show", before="checked", after="shown")
    if "--watch" in sys.argv:
        import grader.student.watch
        marked(grader.student.watch, "make_job", before="noticed")
    settle(self)
launch.Server.skip_failed_level = settle
main()
"""
COLD = {
    "started": "Python starts",
    "imported": "command, pytest and NumPy are imported; the students' server starts beside it",
    "collected": "pytest starts, and collects the checks",
    "loaded": "a student's process is forked and confined, and loads the file",
    "checked": "the checks run",
    "shown": "the report is made and printed",
    "ended": "the processes end",
}
WATCHED = {
    "noticed": "the save is noticed, and that nothing follows it",
    "read": "the file is read",
    **{name: COLD[name] for name in ("loaded", "checked", "shown")},
}
# The trusted functions of a batch: what they are for, and where they are.
PARTS = {
    "read the hand-in, take it in": ["grader.intake.submission:submission_from_bytes"],
    "ask for a student's process, hand over the file": [
        "grader.sandbox.launch:Server.start",
        "grader.checking.calls.sandboxed_code:SandboxedCode._load",
    ],
    "wait for answers (CPU of waiting only)": ["grader.sandbox.box:Box.exchange"],
    "encode calls, decode answers": [
        "grader.checking.calls.sandboxed_code:SandboxedCode.call",
        "grader.checking.calls.sandboxed_code:SandboxedCode._answers",
    ],
    "the checks: inputs, slopes, comparisons, the reference": [
        "grader.checking.run.runner:_run_phase"
    ],
    "fixtures, and the outcome of a check": [
        "grader.checking.run.grading:Grading.student",
        "grader.checking.run.grading:Grading.note",
    ],
    "the report": ["grader.checking.run.grading:Grading.finish", "grader.render.json:as_dict"],
    "the gradebook": [
        "grader.classroom.gradebook.store:Gradebook.add_submission",
        "grader.classroom.gradebook.store:Gradebook.is_graded",
        "grader.classroom.gradebook.store:Gradebook.add_result",
    ],
}


def spawn(*words: str) -> subprocess.Popen[str]:
    """A `grade` that marks its stages."""
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, *words],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def stages(process: subprocess.Popen[str], last: str = "") -> dict[str, float]:
    """When each stage was reached, up to the `last`, or to the end of the process."""
    at: dict[str, float] = {}
    said = []
    assert process.stderr is not None
    for line in process.stderr:
        said.append(line)
        if line.startswith("@"):
            _, name, when = line.split()
            at[name] = float(when)
            if name == last:
                return at
    if last or process.wait():
        sys.exit("the run failed:\n" + "".join(said))
    at["ended"] = time.perf_counter()
    return at


def medians(
    names: dict[str, str], turns: Sequence[tuple[float, dict[str, float]]]
) -> list[tuple[str, float]]:
    """Milliseconds from each stage to the next."""
    rows = []
    keys = list(names)
    for before, key in zip([None, *keys], keys, strict=False):
        spans = [at[key] - (begun if before is None else at[before]) for begun, at in turns]
        rows.append((names[key], 1000 * statistics.median(spans)))
    return rows


def cold(runs: int) -> list[tuple[str, float]]:
    """Milliseconds of each stage of `grade ex04`, medians."""
    turns = []
    for _ in range(runs + 1):
        begun = time.perf_counter()
        turns.append((begun, stages(spawn("ex04", str(SOURCE)))))
    return medians(COLD, turns[1:])  # the first fills caches


def watched(runs: int) -> list[tuple[str, float]]:
    """Milliseconds of each stage from a save to its report, medians."""
    text = SOURCE.read_text(encoding="utf-8")
    turns = []
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / SOURCE.name
        file.write_text(text, encoding="utf-8")
        process = spawn("ex04", str(file), "--watch")
        try:
            stages(process, "shown")
            for turn in range(runs + 1):
                time.sleep(0.5)  # the watcher is at rest again
                begun = time.perf_counter()
                file.write_text(f"{text}# {turn}\n", encoding="utf-8")
                turns.append((begun, stages(process, "shown")))
        finally:
            process.kill()
            process.communicate()
    return medians(WATCHED, turns[1:])


class Stopwatch:
    """CPU time and calls of wrapped functions, each without the wrapped ones inside it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = dict.fromkeys(PARTS, 0.0)
        self._local = threading.local()

    def wrap(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, watched."""

        @functools.wraps(function)
        def watched(*args: Any, **keywords: Any) -> Any:
            inner: list[float] = self._local.__dict__.setdefault("inner", [0.0])
            inner.append(0.0)
            begun = time.thread_time()
            try:
                return function(*args, **keywords)
            finally:
                used = time.thread_time() - begun
                self.seconds[part] += used - inner.pop()
                inner[-1] += used

        return watched

    def install(self) -> None:
        """Watch all of `PARTS`."""
        import importlib

        for part, places in PARTS.items():
            for place in places:
                module, _, path = place.partition(":")
                *owners, name = path.split(".")
                owner = functools.reduce(getattr, owners, importlib.import_module(module))
                setattr(owner, name, self.wrap(part, getattr(owner, name)))


class Here:
    """A pool whose tasks are graded at once, in this process."""

    width = 1
    lost: tuple[type[BaseException], ...] = ()

    def __init__(self, bundle: Any, _jobs: int) -> None:
        from grader.classroom.batch import worker

        worker.add_bundle(bundle.hash, bundle.data)
        self._worker = worker

    def submit(self, task: Any) -> Future[Any]:
        """Grade it."""
        future: Future[Any] = Future()
        future.set_result(self._worker.grade_task(task))
        return future

    def restart(self) -> None:
        """Nothing can be lost."""

    def close(self, *, now: bool = False) -> None:
        """End the session, and the students' server with it."""
        self._worker.close_sessions(now=now)


def batch(count: int) -> list[tuple[str, float]]:
    """CPU milliseconds a submission of a batch, by part.

    Starts and collection are taken out: a small batch is subtracted from a large one.
    """
    from batch_speed import write_class

    import grader.classroom.batch.pools
    from grader.cli.app import main as command

    watch = Stopwatch()
    watch.install()
    grader.classroom.batch.pools.LocalPool = Here  # type: ignore[misc,assignment]
    totals: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as name, Group() as group:
        group.join()
        for size in (1, 5, 5 + count):  # the first fills caches
            watch.seconds = dict.fromkeys(PARTS, 0.0)
            folder = write_class(Path(name) / str(size), size, first=1000 * size)
            before, together = time.process_time(), group.seconds()
            words = ["batch", folder, "ex04", "--gradebook", f"{name}/{size}.db", "--course", ROOT]
            command.main([str(word) for word in words], standalone_mode=False)
            parts = dict(watch.seconds)
            own = time.process_time() - before
            parts["the rest: planning, queues, the session's loop"] = own - sum(parts.values())
            parts["the students' processes: fork, load, compute, answer"] = (
                group.seconds() - together - own
            )
            totals.append(parts)
    _, small, large = totals
    return [(part, 1000 * (large[part] - small[part]) / count) for part in large]


def shown(rows: Sequence[tuple[str, float]], head: str, unit: str) -> str:
    """A table with its sum and each part's share."""
    whole = sum(value for _, value in rows)
    body = [[part, f"{value:.1f}", f"{value / whole:.0%}"] for part, value in rows]
    return table([head, unit, "share"], [*body, ["**together**", f"**{whole:.1f}**", ""]])


def main() -> None:
    """Print the tables, or write them into a document."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--write", type=Path, metavar="FILE", help="put them into this document")
    options = parser.parse_args()
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = "1"
    sys.path.insert(0, str(ROOT / "benchmarks"))
    text = "\n\n".join(
        [
            shown(cold(options.runs), "a cold `grade ex04`", "wall ms"),
            shown(watched(options.runs), "a save under `grade ex04 --watch`", "wall ms"),
            shown(batch(options.count), "a submission of a batch", "CPU ms"),
        ]
    )
    print(text)
    if options.write:
        replace_between(options.write, "budget", text)


if __name__ == "__main__":
    main()
