"""Shows the progress of a batch: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from grader.classroom.batch.run import Tally
from grader.language import clauses, say

LINE_SECONDS = 5.0


ShowProgress = Callable[[Tally], None]  # called after every change


class Pace:
    """How quickly a batch goes, measured from the first result on: the start takes a time of its own."""

    def __init__(self) -> None:
        self._first: tuple[float, int] | None = None

    def rate(self, tally: Tally, at: float) -> float:
        """Results a second, now that it is `at` (in seconds); 0 if it is too early to tell."""
        if self._first is None and tally.graded:
            self._first = at, tally.graded
        if self._first is None or at <= self._first[0]:
            return 0.0
        return (tally.graded - self._first[1]) / (at - self._first[0])


def progress_line(tally: Tally, rate: float) -> str:
    """Count, results a second, failures and estimated time left, in one line."""
    parts = [say("{n} of {all}", n=tally.finished, all=tally.total)]
    if tally.known:
        parts = [
            say(
                "{n} of {all} ({known} known before)",
                n=tally.finished,
                all=tally.total,
                known=tally.known,
            )
        ]
    if rate:
        parts.append(say("{rate:.1f} a second", rate=rate))
    parts.append(say("{n} without full marks", n=tally.failed))
    if tally.regraded:
        parts.append(say("{n} of them graded again", n=tally.regraded.total()))
    if tally.ungraded:
        parts.append(say("{n} could not be graded", n=tally.ungraded))
    if tally.ahead and rate:
        parts.append(say("about {time} left", time=format_duration(tally.ahead / rate)))
    return clauses(*parts)


def format_duration(seconds: float) -> str:
    """A duration for people: `40 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return say("{seconds:.0f} s", seconds=seconds)
    if seconds < 5400:
        return say("{minutes:.0f} min", minutes=seconds / 60)
    return say("{hours:.1f} h", hours=seconds / 3600)


@contextmanager
def show_progress(stream: TextIO = sys.stderr) -> Iterator[ShowProgress]:
    """Show progress on `stream` while the block runs."""
    if stream.isatty():
        with _bar(stream) as show:
            yield show
    else:
        yield _lines(stream)


def _lines(stream: TextIO) -> ShowProgress:
    last, pace = time.monotonic(), Pace()

    def show(tally: Tally) -> None:
        nonlocal last
        at = time.monotonic()
        rate = pace.rate(tally, at)
        if at - last >= LINE_SECONDS:
            last = at
            print(progress_line(tally, rate), file=stream, flush=True)

    return show


@contextmanager
def _bar(stream: TextIO) -> Iterator[ShowProgress]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    pace = Pace()
    columns = (BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(file=stream), transient=True) as progress:
        bar = progress.add_task(say("collecting the checks"), total=None)

        def show(tally: Tally) -> None:
            text = progress_line(tally, pace.rate(tally, time.monotonic()))
            progress.update(bar, total=tally.total, completed=tally.finished, description=text)

        yield show
