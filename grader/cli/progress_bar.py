"""A progress bar for one submission: which check runs, and how many are left.

It appears only on a terminal, and only if grading takes a moment; a quick run imports nothing for it.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

MOMENT = 0.8  # seconds; a run that ends sooner needs no bar


class ProgressBar:
    """Shows a bar on stderr from a moment after the first call until `close`.

    After `close` the next call starts again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._bar: Progress | None = None
        self._state = (0, 1, "")

    def __call__(self, done: int, total: int, title: str) -> None:
        """Show how many checks are done, how many there are, and which one runs now."""
        with self._lock:
            self._state = (done, total, title)
            if self._bar is not None:
                self._update(self._bar)
            elif self._timer is None and sys.stderr.isatty():
                self._timer = threading.Timer(MOMENT, self._show)
                self._timer.daemon = True
                self._timer.start()

    def close(self) -> None:
        """Remove the bar."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            if self._bar is not None:
                self._bar.stop()
            self._timer = self._bar = None

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
        from rich.table import Column

        console = Console(stderr=True, highlight=False)
        console.width -= 2  # leaves room for the terminal's ^C
        bar = Progress(
            SpinnerColumn("line"),
            BarColumn(20),
            MofNCompleteColumn(),
            TextColumn(
                "{task.description}", markup=False, table_column=Column(no_wrap=True, ratio=1)
            ),
            console=console,
            transient=True,
            expand=True,
        )
        bar.add_task("")
        with self._lock:
            if self._timer is threading.current_thread():  # not closed meanwhile
                self._bar = bar
                self._update(bar)
                bar.start()

    def _update(self, bar: Progress) -> None:
        done, total, title = self._state
        bar.update(bar.task_ids[0], completed=done, total=total, description=title)
