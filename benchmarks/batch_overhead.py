"""What a task costs apart from grading: through local processes, and through a dask scheduler.

    python benchmarks/batch_overhead.py --count 2000

The task is the size of a real one (a submission of 6 kB), its answer the size of a real report, and
nothing is graded. Scheduler and workers are on this machine. Also the cost of storing a result.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grader.classroom.gradebook import open_gradebook
from grader.model import CheckResult, Confinement, Outcome, Report

CHECK = CheckResult("test_x", "t" * 60, Outcome.PASSED, 1.0, 1.0, message="m" * 200)
REPORT = Report("ex01", "t", "s", (CHECK,) * 27, Confinement(), "x")


def answer(data: bytes) -> Report:
    """A task that does nothing."""
    return REPORT


def rate(executor: Executor, count: int, width: int = 12) -> float:
    """Milliseconds a task, with a window of tasks as a batch keeps it."""
    for future in [executor.submit(answer, b"warm") for _ in range(8)]:
        future.result()
    begun = time.perf_counter()
    running = []
    for number in range(count):
        running.append(executor.submit(answer, b"%06d" % number + b"x" * 6000))
        if len(running) >= width:
            running.pop(0).result()
    for future in running:
        future.result()
    return 1000 * (time.perf_counter() - begun) / count


@contextmanager
def dask_executor() -> Iterator[Executor]:
    """An executor on a scheduler with two worker processes."""
    from distributed import Client, LocalCluster

    logging.getLogger("distributed").setLevel(logging.ERROR)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster) as client,
    ):
        yield client.get_executor(pure=False)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=2000)
    count = parser.parse_args().count
    ways: dict[str, Callable[[], Any]] = {
        "two local processes": lambda: ProcessPoolExecutor(2),
        "dask, two workers": dask_executor,
    }
    for name, make in ways.items():
        with make() as executor:
            print(f"{name}: {rate(executor, count):.2f} ms a task")
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "grades.db"
        with open_gradebook(str(path), create=True) as book:
            book.add_exercise("e", "ex01", "t", 1)
            begun = time.perf_counter()
            for number in range(count):
                book.add_submission((f"s{number}", "", ""), "ex01", f"h{number}", f"k{number}")
                book.is_graded(f"k{number}")
                book.add_result(f"k{number}", f"h{number}", "e", REPORT, {"a.py": "x = 1\n" * 900})
            cost = 1000 * (time.perf_counter() - begun) / count
        print(f"SQLite: {cost:.2f} ms a hand-in with its result, both safe on the disk")


if __name__ == "__main__":
    main()
