"""What a student's process costs: forked from the server, against started afresh.

    python benchmarks/sandbox_cost.py [RUNS] [LEVEL]

Both are confined alike and measured in turn, in one run: process up, module loaded, one call of
`conv_forward` of ex04, killed and buried. Prints the medians and their ratio; exits with 1 if the
forked one costs more than 0.15 of the fresh one.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from grader.checking.calls.sandboxed_code import SandboxedCode
from grader.checking.run.grading import process_settings
from grader.course.loader import find_course, find_exercise
from grader.intake.submission import read_submission
from grader.sandbox.forked import Fork
from grader.sandbox.launch import Server

LIMIT = 0.15
ROOT = Path(__file__).parents[1]


def main(runs: int = 20, level: str | None = None) -> int:
    """Measure and print."""
    exercise = find_exercise(find_course(ROOT), "ex04")
    submission = read_submission(ROOT / "solutions/ex04_convolution.py", exercise)
    settings = process_settings(exercise)
    arguments = (np.ones((2, 3, 8, 8)), np.ones((4, 3, 3, 3)), np.ones(4))

    def grade_once(server: Server) -> None:
        code = SandboxedCode(server, exercise, submission, settings)
        try:
            code.call("conv_forward", [(arguments, {})], [1], 0, 5.0)
        finally:
            code.close()

    with Server(level) as server:
        claims = server.claims

        def afresh() -> None:
            kept = server._process
            server._level, server._process = server._launch(canary=False)
            assert isinstance(server._process, Fork)
            server._process.ready()
            grade_once(server)
            server._process.close()
            server._process = kept

        def forked() -> None:
            grade_once(server)

        afresh(), forked()
        spent: dict[Callable[[], None], list[float]] = {afresh: [], forked: []}
        for _ in range(runs):
            for way, times in spent.items():
                started = time.perf_counter()
                way()
                times.append(1000 * (time.perf_counter() - started))
    fresh, fork = statistics.median(spent[afresh]), statistics.median(spent[forked])
    print(f"level {claims.level} ({', '.join(claims.mechanisms)}), {runs} runs of each\n")
    print("process up, module loaded, one call, killed   median ms   best ms   ratio")
    for name, middle, times in (("afresh", fresh, spent[afresh]), ("forked", fork, spent[forked])):
        print(f"{name:<44}{middle:11.1f}{min(times):10.1f}{middle / fresh:8.3f}")
    return 0 if fork / fresh <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main(int((sys.argv[1:] or ["20"])[0]), (sys.argv[2:] or [None])[0]))
