"""Where a call spends its time: looks a few times a second which function of the submission runs.

Runs inside the student's process. Only where the system has such a clock, so not on Windows.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from types import FrameType, TracebackType
from typing import Any

TICK = 0.04  # seconds of computing between two looks
FEW = 5  # looks; fewer tell nothing
MOST_PLACES = 3
Place = tuple[str, int, str]  # file or cell, line, function


class TimeIsUp(BaseException):
    """A call has computed for longer than it may."""


class Spent:
    """Counts, inside its block, in which function the time goes; after `seconds` it raises `TimeIsUp`.

    The function is the innermost one of the submission: what NumPy does counts for who called it.

    Args:
        labels: the files or cells of the submission.
        seconds: how long the block may compute; None to look at nothing.
    """

    def __init__(self, labels: set[str], seconds: float | None) -> None:
        self._labels, self._seconds = labels, seconds
        self._seen: Counter[tuple[str, str, int]] = Counter()
        self.latest: Place | None = None
        self._end = 0.0
        self._running = self._up = False

    def __enter__(self) -> Spent:
        if self._seconds is not None and hasattr(signal, "setitimer"):
            self._end = time.process_time() + self._seconds
            self._running = True
            signal.signal(signal.SIGPROF, self._look)
            signal.setitimer(signal.ITIMER_PROF, TICK, TICK)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._running:
            self._running = False
            signal.setitimer(signal.ITIMER_PROF, 0)
        if self._up and kind is not TimeIsUp:  # what runs may have caught it, as a finalizer does
            raise TimeIsUp

    def _look(self, _: int, frame: FrameType | None) -> None:
        while frame is not None and frame.f_code.co_filename not in self._labels:
            frame = frame.f_back
        if frame is not None:
            code = frame.f_code
            line = frame.f_lineno or code.co_firstlineno  # a few instructions belong to no line
            self.latest = code.co_filename, line, code.co_name
            self._seen[code.co_name, code.co_filename, line] += 1
        if self._running and time.process_time() >= self._end:
            self._up = True
            raise TimeIsUp

    def places(self) -> list[list[Any]]:
        """`[function, file, its busiest line, share of the time]`, the most expensive ones first; empty
        after a short time."""
        looks = sum(self._seen.values())
        if looks < FEW:
            return []
        functions: Counter[tuple[str, str]] = Counter()
        lines: dict[tuple[str, str], Counter[int]] = {}
        for (name, label, line), count in self._seen.items():
            functions[name, label] += count
            lines.setdefault((name, label), Counter())[line] += count
        return [
            [name, label, lines[name, label].most_common(1)[0][0], count / looks]
            for (name, label), count in functions.most_common(MOST_PLACES)
        ]
