"""From saving a file to its report, warm: `grade ex04 --watch` against a cold `grade ex04`.

    python benchmarks/watch.py --runs 15

In turn, in one run: a whole process of `grade ex04 FILE`; and a save of the same file while a
`--watch` of it waits, until the line with the points has been read. Once a script, once a notebook.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
NAME = "ex04_convolution"
SOURCE = (ROOT / "solutions" / f"{NAME}.py").read_text(encoding="utf-8")
LIMIT = 0.3
PATIENCE = 30.0


def text_of(suffix: str, turn: int) -> str:
    """The submission, different in each turn, so that nothing can be remembered."""
    source = f"{SOURCE}# {turn}\n"
    if suffix == ".py":
        return source
    cell = nbformat.v4.new_code_cell(source, id="all")
    return str(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])))


class Watched:
    """A running `grade ex04 FILE --watch`; `next_report` waits for its next line of points."""

    def __init__(self, grade: str, file: Path) -> None:
        self._process = subprocess.Popen(
            [grade, "ex04", str(file), "--watch"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )

    def next_report(self) -> float:
        """When the next report was complete, by the clock of `perf_counter`."""
        assert self._process.stdout is not None
        alarm = threading.Timer(PATIENCE, self._process.kill)
        alarm.start()
        for line in self._process.stdout:
            if " points" in line:
                alarm.cancel()
                if "42 of 42" not in line:
                    sys.exit(f"not what was expected: {line}")
                return time.perf_counter()
        sys.exit(f"no report within {PATIENCE:.0f} s")

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


def measure(suffix: str, runs: int) -> list[tuple[float, float]]:
    """Seconds of a cold run and of a warm one, for each turn."""
    grade = shutil.which("grade", path=str(Path(sys.executable).parent)) or "grade"
    found = []
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / f"{NAME}{suffix}"
        file.write_text(text_of(suffix, 0), encoding="utf-8")
        watched = Watched(grade, file)
        watched.next_report()
        try:
            for turn in range(1, runs + 2):
                time.sleep(0.5)  # as between two thoughts; the watcher is at rest again
                saved = time.perf_counter()
                file.write_text(text_of(suffix, turn), encoding="utf-8")
                warm = watched.next_report() - saved
                started = time.perf_counter()
                subprocess.run(
                    [grade, "ex04", str(file)], cwd=ROOT, check=True, capture_output=True
                )
                if turn > 1:  # the first turn fills caches
                    found.append((time.perf_counter() - started, warm))
        finally:
            watched.close()
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    print("| submission | cold ms, median | save to report ms, median | ratio, pair by pair |")
    print("|---|---|---|---|")
    for suffix in (".py", ".ipynb"):
        pairs = measure(suffix, options.runs)
        cold, warm = (1000 * statistics.median(values) for values in zip(*pairs, strict=True))
        ratio = statistics.median(b / a for a, b in pairs)
        kept = "kept" if ratio <= LIMIT else "broken"
        print(f"| {suffix} | {cold:.0f} | {warm:.0f} | {ratio:.2f} (limit {LIMIT}: {kept}) |")


if __name__ == "__main__":
    main()
