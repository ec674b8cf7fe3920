"""CPU per submission of a batch, against two limits.

    python benchmarks/batch_speed.py --runs 5 --count 40

The limits, measured in the same run, in turn:

* classic: a warm process that imports the submission and runs ex04's checks in it, gradients by full
  central differences, without any isolation;
* bare: our own checks, called in a loop on functions of this process, without pytest's start, without
  isolation, files, database or reports.

CPU is user and system time of all processes (see `meter.py`), per submission; the worker's start
and the collection of the checks are left out by taking a large batch less a small one.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from meter import Command, measure
from peers.exercise import write_kit

ROOT = Path(__file__).resolve().parent.parent
NAME = "ex04_convolution"
SOURCE = ROOT / "solutions" / f"{NAME}.py"


def load(path: Path, name: str) -> Any:
    """Import a file under a name."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def write_class(folder: Path, count: int, first: int = 0, source: Path = SOURCE) -> Path:
    """Right submissions that differ in a number, so that none is known before."""
    text = source.read_text("utf-8")
    for number in range(first, first + count):
        (folder / f"s{number:05d}").mkdir(parents=True)
        (folder / f"s{number:05d}" / source.name).write_text(f"{text}NUMBER = {number}\n", "utf-8")
    return folder


def batch(folder: Path, gradebook: Path, jobs: int, course: Path = ROOT) -> list[str]:
    """The command that grades a class."""
    words = ["batch", folder, "--course", course, "--gradebook", gradebook]
    return [sys.executable, "-m", "grader", *map(str, words), "-j", str(jobs)]


def measure_batch(place: Path, turn: int, count: int) -> float:
    """CPU seconds of one more submission in a batch."""
    used = []
    for size in (5, 5 + count):
        folder = write_class(place / f"class{turn}-{size}", size, first=turn * 10_000)
        command = Command(batch(folder, place / f"{turn}-{size}.db", 1), ROOT)
        reading, (done,) = measure([command], dict(os.environ))
        if done.code != 0:
            raise RuntimeError(done.errors)
        used.append(reading.cpu)
    return (used[1] - used[0]) / count


def measure_bare(functions: Any, count: int) -> float:
    """CPU seconds of our own checks in a loop, on functions that are at hand."""
    from grader.checking.calls.local_code import LocalCode
    from grader.checking.run.session import Job, run_jobs
    from grader.course.loader import find_course, find_exercise

    course = find_course(ROOT)
    exercise = find_exercise(course, "ex04")
    at: list[float] = []

    def jobs() -> Any:
        for _ in range(count + 1):
            yield Job(exercise, code=LocalCode(functions, exercise), label="bare")

    run_jobs(course, [exercise], jobs(), lambda *_: at.append(time.process_time()))
    return (at[-1] - at[0]) / count


def measure_classic(place: Path, count: int) -> float:
    """CPU seconds of the classic grader: import, then every check in-process."""
    folder = place / "classic"
    write_kit(folder)
    sys.path.insert(0, str(folder))
    classic = load(folder / "plain_run.py", "plain_run")
    sys.path.remove(str(folder))
    begun = time.process_time()
    for _ in range(count):
        if classic.failed(SOURCE):
            raise RuntimeError("the classic grader fails the solution")
    return (time.process_time() - begun) / count


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--count", type=int, default=40)
    options = parser.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    module = load(SOURCE, "bare_submission")
    names = ("output_size", "conv_forward", "conv_backward", "parameter_counts")
    functions = {n: getattr(module, n) for n in names}
    found: dict[str, list[float]] = {"batch": [], "classic": [], "bare": []}
    with tempfile.TemporaryDirectory() as name:
        for turn in range(options.runs):
            found["batch"].append(measure_batch(Path(name), turn, options.count))
            found["classic"].append(measure_classic(Path(name), 10))
            found["bare"].append(measure_bare(functions, 20))
    print("| what | CPU ms a submission, median | least |\n|---|---|---|")
    for key, values in found.items():
        print(f"| {key} | {1000 * statistics.median(values):.1f} | {1000 * min(values):.1f} |")
    for key, limit in (("classic", 0.5), ("bare", 4.0)):
        ratio = statistics.median(a / b for a, b in zip(found["batch"], found[key], strict=True))
        print(
            f"batch / {key}: {ratio:.2f} (limit {limit}: {'kept' if ratio <= limit else 'broken'})"
        )


if __name__ == "__main__":
    main()
