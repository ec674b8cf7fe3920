"""Notebook cells as plain Python, and how they are run: a statement that fails costs the others nothing.

Runs inside the sandbox, because it parses a student's text.
"""

from __future__ import annotations
import __future__

import ast
import re
import signal
import time
from ast import PyCF_ALLOW_TOP_LEVEL_AWAIT as AWAIT
from collections.abc import Callable
from contextlib import AbstractContextManager
from inspect import CO_COROUTINE
from typing import Any

from grader.sandbox.sentences import NO_LOOP, SET_ASIDE, TOO_LONG, sentence
from grader.sandbox.standins import StandIn

# Magics of IPython and of profilers, which run the cell below them as Python.
PYTHON_MAGICS = {"time", "timeit", "capture", "prun", "memit", "mprun", "lprun", "debug"}
# Magics that do something else with it, or run it in another process.
OTHER_MAGICS = """
    ! HTML R bash bigquery cmd cython fortran html javascript js julia latex markdown perl pypy
    python python2 python3 ruby script sh skip sql svg sx system
"""

_LINE_END = re.compile(r"\r\n|\r|\n")  # what ends a line for Python
_CELL_MAGIC = re.compile(r"\s*%%(\S+)[ \t]*([^\r\n]*)")

# `%magic`, `!shell`, `?help`, `help?`, `x = !shell`, `x = %magic`, and magics without their `%`:
# not Python, but IPython's own.
_IPYTHON_LINE = re.compile(
    r"^\s*(?:[%!?]|[\w.\[\]'\"]+\?{1,2}\s*$|[\w, ]+=\s*[%!]"
    r"|(?:autoreload|cat|cd|conda|config|cp|load_ext|ls|mamba|matplotlib|mkdir|mv|pip|pwd|reload_ext"
    r"|rm|run|time|timeit|uv|who|whos)[ \t]+[^\s=(])"
)
_ASSIGNED = re.compile(r"^\s*(\w+)\s*=\s*[%!]")
_RUN = re.compile(r"^\s*%?run\s+(?:-\w+\s+)*[\"']?(?:\./)?([\w/]+)(?:\.py|\.ipynb)?[\"']?(?:\s|$)")


def to_python(source: str) -> str:
    """`source` with IPython's magics and shell lines turned into `pass`, each line kept in its place.
    A variable that such a line assigns becomes an empty list; `%run` becomes an import.

    Only lines at which Python itself stumbles are touched, so a `%` that continues an expression
    over a line break stays.
    """
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
        line, indent = lines[index].strip(), _indentation(lines[index])
        below = index
        while lines[below].endswith("\\") and below + 1 < len(lines):  # it goes on there
            below += 1
            lines[below] = f"# {lines[below]}"
        statement = "pass"
        if assigned := _ASSIGNED.match(line):
            statement = f"{assigned[1]} = []"
        elif run := _RUN.match(line):
            statement = f"from {run[1].replace('/', '.')} import *"
        lines[index] = f"{indent}{statement}  # {line}"
    return "\n".join(lines)


def _dedented(source: str) -> str:
    """A cell without the indentation of its first line, which IPython takes off, too."""
    lines = _LINE_END.split(source)
    indent = _indentation(next((line for line in lines if line.strip()), ""))
    return "\n".join(line.removeprefix(indent) for line in lines)


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


Note = Callable[[BaseException], None]

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_FUTURES = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)


class CellSetAside(Exception):
    """A cell was not run."""


class CellRunner:
    """Runs a notebook's cells statement by statement: one that raises is passed over.

    A cell may mount a drive or read a file that is not there while grading; the functions below
    must not be lost for it.

    Args:
        note: called with what was raised; what it raises ends the cell. It is not told of what
            follows from an earlier exception: the use of a name that a statement failed to define.
        clock: bounds the time of each statement.
        write: called with a path and a text that `%%writefile` writes; whether it is to be run
            instead, because it is the notebook's own module.
    """

    def __init__(
        self,
        note: Note,
        clock: AbstractContextManager[None],
        write: Callable[[str, str, str], bool],
    ) -> None:
        self._note = note
        self._clock = clock
        self._write = write
        self._undefined: set[str] = set()

    def run(self, label: str, source: str, namespace: dict[str, Any]) -> None:
        """Run one cell, or do with it what its magic says.

        Args:
            label: what a traceback calls the cell.
            source: its text, as it is in the notebook.
            namespace: the names that it sees and defines.
        """
        found = _CELL_MAGIC.match(source)
        magic, options = found.groups() if found else ("", "")
        if magic and magic in OTHER_MAGICS.split():
            self._set_aside(label, magic)
            return
        if magic in ("writefile", "file"):
            body = source.replace("%%", "# %%", 1)
            if not self._write(label, options, body):
                return
        if magic == "capture" and options.isidentifier():
            namespace[options] = StandIn(options)
        try:
            statements = ast.parse(to_python(_dedented(source)), label).body
        except Exception as error:
            if magic and magic not in PYTHON_MAGICS:
                self._set_aside(label, magic)
            else:
                self._note(error)
            return
        self._run_statements(label, statements, namespace)

    def _set_aside(self, label: str, magic: str) -> None:
        self._note(CellSetAside(sentence(SET_ASIDE, cell=label, magic=magic)))

    def _run_statements(
        self, label: str, statements: list[ast.stmt], namespace: dict[str, Any]
    ) -> None:
        """Where the cell ends itself, or takes too long, only definitions and imports are still run,
        because they cost nothing."""
        ended, flags = False, 0
        for statement in statements:
            if ended and not isinstance(statement, DEFINITIONS):
                continue
            try:
                code = compile(
                    ast.Module([statement], []), label, "exec", flags | AWAIT, dont_inherit=True
                )
                flags |= code.co_flags & _FUTURES
                with self._clock:
                    answer = eval(code, namespace)
                    if code.co_flags & CO_COROUTINE:
                        _finish(answer)
            except BaseException as error:
                if not isinstance(error, NameError) or error.name not in self._undefined:
                    self._note(error)
                self._undefined |= _defined_names(statement) - namespace.keys()
                ended = ended or not isinstance(error, Exception)


def _defined_names(statement: ast.stmt) -> set[str]:
    """The names that a statement would have defined."""
    names = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
    return names


def _finish(coroutine: Any) -> None:
    """Run a coroutine to its end, without an event loop, which would need a socket."""
    try:
        while coroutine.send(None) is None:
            pass
        coroutine.throw(RuntimeError(sentence(NO_LOOP)))
    except StopIteration:
        return
    except RuntimeError as error:
        if "event loop" not in str(error):
            raise
        raise RuntimeError(sentence(NO_LOOP)).with_traceback(error.__traceback__) from None


class CellTooLong(BaseException):
    """A cell was stopped so that there is time for the others."""


class Clock:
    """Stops a statement that computes too long, where the system can (not on Windows).

    Each may use most of the time that those before it have left, so some is left for the next.

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
            raise CellTooLong(sentence(TOO_LONG, seconds=f"{seconds:.2g}"))
