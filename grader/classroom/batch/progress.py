"""Shows the progress of a batch: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from grader.classroom.batch.run import Tally

LINE_SECONDS = 5.0


ShowProgress = Callable[[Tally], None]  # called after every change


def progress_line(tally: Tally, seconds: float) -> str:
    """Count, rate, failures and estimated time left, in one line."""
    rate = tally.graded / seconds if seconds > 0 else 0.0
    line = f"{tally.finished} of {tally.total}"
    if tally.known:
        line += f" ({tally.known} known before)"
    line += f", {rate:.1f} a second, {tally.failed} without full marks"
    if tally.regraded:
        line += f", {tally.regraded.total()} of them graded again"
    if tally.ungraded:
        line += f", {tally.ungraded} could not be graded"
    left = tally.total - tally.finished
    if left and rate:
        line += f", about {format_duration(left / rate)} left"
    return line


def format_duration(seconds: float) -> str:
    """A duration for people: `40 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


@contextmanager
def show_progress(stream: TextIO = sys.stderr) -> Iterator[ShowProgress]:
    """Show progress on `stream` while the block runs."""
    if stream.isatty():
        with _bar(stream) as show:
            yield show
    else:
        yield _lines(stream)


def _lines(stream: TextIO) -> ShowProgress:
    begun = last = time.monotonic()

    def show(tally: Tally) -> None:
        nonlocal last
        at = time.monotonic()
        if at - last >= LINE_SECONDS:
            last = at
            print(progress_line(tally, at - begun), file=stream, flush=True)

    return show


@contextmanager
def _bar(stream: TextIO) -> Iterator[ShowProgress]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    begun = time.monotonic()
    columns = (BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(file=stream), transient=True) as progress:
        bar = progress.add_task("collecting the checks", total=None)

        def show(tally: Tally) -> None:
            text = progress_line(tally, time.monotonic() - begun)
            progress.update(bar, total=tally.total, completed=tally.finished, description=text)

        yield show
