"""Notebook cells as plain Python, and how they are run: what fails in one costs the others nothing.

Runs inside the sandbox, because it parses a student's text.
"""

from __future__ import annotations

import ast
import re
import signal
import time
from typing import Any

# Cell magics whose body is still ordinary Python to be run.
TRANSPARENT_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")

_LINE_END = re.compile(r"\r\n|\r|\n")  # what ends a line for Python

# `%magic`, `!shell`, `?help`, `help?`, `x = !shell`, `x = %magic`: not Python, IPython's own.
_IPYTHON_LINE = re.compile(r"^\s*([%!?]|[\w.\[\]'\"]+\?{1,2}\s*$|[\w, ]+=\s*[%!])")
_ASSIGNED = re.compile(r"^\s*(\w+)\s*=\s*[%!]")


def set_aside(source: str) -> str:
    """`source` with IPython magics and shell lines turned into `pass`, line numbers kept. What such a
    line would have put into a variable is an empty list.

    Only lines at which Python itself stumbles are touched, so a `%` that continues an expression
    over a line break stays.
    """
    first = source.lstrip().split(None, 1)[0] if source.strip() else ""
    if first.startswith("%%") and first not in TRANSPARENT_MAGICS:
        return "\n".join(f"# {line}" for line in _LINE_END.split(source))
    lines = _LINE_END.split(source)
    for _ in range(len(lines)):
        try:
            ast.parse("\n".join(lines))
            break
        except SyntaxError as error:
            index = (error.lineno or 1) - 1
        except (ValueError, RecursionError, MemoryError):
            break
        if index >= len(lines) or not _IPYTHON_LINE.match(lines[index]):
            break
        indent = lines[index][: len(lines[index]) - len(lines[index].lstrip())]
        to = _ASSIGNED.match(lines[index])
        lines[index] = f"{indent}{f'{to[1]} = []' if to else 'pass'}  # {lines[index].strip()}"
    return "\n".join(lines)


def after_import(cell: str | ast.Module, error: BaseException, label: str) -> ast.Module | None:
    """What follows in a cell after the import at its left margin that raised `error`, if one did."""
    step = error.__traceback__ if isinstance(error, ImportError) else None
    while step is not None and step.tb_frame.f_code.co_filename != label:
        step = step.tb_next
    if step is None:
        return None
    tree = ast.parse(cell) if isinstance(cell, str) else cell
    for index, node in enumerate(tree.body):
        if isinstance(node, ast.Import | ast.ImportFrom) and (
            node.lineno <= step.tb_lineno <= (node.end_lineno or 0)
        ):
            return ast.Module(tree.body[index + 1 :], [])
    return None


class CellTooLong(BaseException):
    """A cell was stopped, because the others want to be run, too."""


class Clock:
    """Stops a cell that computes too long, where the system can (not on Windows).

    Each cell may use most of what those before it have left, so there is always time for the next.

    Args:
        seconds: how long all cells may compute together.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.process_time() + seconds
        self._running = 0  # one cell may import another notebook

    def __enter__(self) -> None:
        self._running += 1
        if self._running == 1 and hasattr(signal, "setitimer"):
            seconds = max(0.01, 0.8 * (self._end - time.process_time()))
            signal.signal(signal.SIGPROF, lambda *_: self._stop(seconds))
            signal.setitimer(signal.ITIMER_PROF, seconds)

    def __exit__(self, *details: Any) -> None:
        self._running -= 1
        if self._running == 0 and hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_PROF, 0)

    def _stop(self, seconds: float) -> None:
        if self._running:
            raise CellTooLong(
                f"This cell was stopped after {seconds:.2g} seconds; what comes after this line in it "
                "was not run. While grading, all cells are run: put training and experiments below "
                '`if __name__ == "__main__":`, which is false then, or into a notebook of their own'
            )
