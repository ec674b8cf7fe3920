"""Notebook cells as plain Python. Runs inside the sandbox, because it parses a student's text."""

from __future__ import annotations

import ast
import re

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
