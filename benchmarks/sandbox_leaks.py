"""Many sandboxed runs in a row: does the grader lose processes, descriptors, files or memory?

    python benchmarks/sandbox_leaks.py [RUNS] [LEVEL]

Each run starts a process, loads a submission, calls it and ends it; one in ten crashes, one in a
hundred runs out of time. What is there after a tenth of the runs is compared with the end. Exits
with 1 if anything grew: a process, a descriptor, a temporary file, or more than 2 MB of memory.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from grader.checking.calls.sandboxed_code import SandboxedCode
from grader.checking.run.grading import process_settings
from grader.course.loader import find_course, find_exercise
from grader.errors import CheckEnded
from grader.model import Cell, Module, Submission
from grader.sandbox.launch import Server

ROOT = Path(__file__).parents[1]
FOLDERS = [Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")]
SOURCE = """
import os
import numpy as np

def conv_forward(x, w, b, stride=1, pad=0):
    print("a line of output")
    if stride == 2:
        os._exit(1)
    while stride == 3:
        pass
    return x + 1, None
"""


def descendants() -> int:
    """How many processes there are below this one, the dead that nobody has buried included."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        parents[int(folder.name)] = int(words.rpartition(")")[2].split()[1])
    below = {os.getpid()}
    while more := {p for p, parent in parents.items() if parent in below} - below:
        below |= more
    return len(below) - 1


def memory(pid: int | str = "self") -> float:
    """Resident memory of a process in megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def inventory() -> dict[str, float]:
    """What could leak."""
    return {
        "processes": descendants(),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "temporary files": sum(1 for folder in FOLDERS for _ in folder.glob("nn-grader-probe*"))
        + len(list(Path(tempfile.gettempdir()).iterdir())),
        "memory of the grader, MB": memory(),
    }


def main(runs: int = 10_000, level: str | None = None) -> int:
    """Run and compare."""
    exercise = find_exercise(find_course(ROOT), "ex04")
    cells = (Cell("leak.py", SOURCE),)
    submission = Submission("leak", exercise.name, (Module(exercise.name, cells),))
    settings = process_settings(exercise)
    arguments = (np.ones((2, 3, 8, 8)), np.ones((4, 3, 3, 3)), np.ones(4))
    ends = {"answered": 0, "crashed": 0, "timeout": 0}
    with tempfile.TemporaryDirectory() as own, Server(level) as server:
        tempfile.tempdir = own  # so that what others do on this machine is not counted
        claims = server.claims
        started = time.perf_counter()
        before: dict[str, float] = {}
        for run in range(runs):
            if run == runs // 10:
                before = inventory()
            stride = 3 if run % 100 == 50 else 2 if run % 10 == 5 else 1
            code = SandboxedCode(server, exercise, submission, settings)
            try:
                code.call(
                    "conv_forward", [((*arguments, stride), {})], [1], 0, 0.02 if stride == 3 else 5
                )
                ends["answered"] += 1
            except CheckEnded as end:
                ends[str(end.outcome)] += 1
            code.take_output()
            code.close()
        seconds = time.perf_counter() - started
        after = inventory()
    print(
        f"level {claims.level}: {runs:,} runs in {seconds:.0f} s, {1000 * seconds / runs:.1f} ms each"
    )
    print(", ".join(f"{count:,} {end}" for end, count in ends.items()) + "\n")
    print(f"{'':<28}{f'after {runs // 10:,}':>14}{'at the end':>14}")
    for name, value in after.items():
        print(f"{name:<28}{before[name]:>14g}{value:>14g}")
    grown = [n for n, v in after.items() if v > before[n] + (2 if "memory" in n else 0)]
    print("\n" + (f"grown: {', '.join(grown)}" if grown else "nothing grew"))
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main(int((sys.argv[1:] or ["10000"])[0]), (sys.argv[2:] or [None])[0]))
