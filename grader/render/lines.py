"""Lines for the terminal: wrapped to its width, at spaces only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from grader import columns

Style = Callable[..., str]

INDENT = " " * 10
GLUE = "\ue000"  # a column wide, in the place of a space where no line may end
STRING = re.compile(r"""'[^'\\]*'|"[^"\\]*\"""")


def wrapped(text: str, width: int, first: str = INDENT, rest: str = INDENT) -> list[str]:
    """Lines wrapped to the width; the indentation of each line is kept."""
    lines: list[str] = []
    for index, line in enumerate(text.splitlines() or [""]):
        lead = first if index == 0 else rest
        own = " " * (len(line) - len(line.lstrip()))
        lines += columns.lines(line.strip(), width, lead + own, rest + own + "  " * bool(own)) or [
            lead
        ]
    return lines


def joined(pieces: Sequence[str], width: int, first: str, rest: str, gap: str) -> list[str]:
    """Pieces in as few lines as possible; none is broken, so that a command can be copied."""
    lines = [first]
    for piece in pieces:
        start = lines[-1] in (first, rest)
        if not start and columns.columns(lines[-1] + gap + piece) > width:
            lines[-1] += gap.rstrip()
            lines.append(rest)
            start = True
        lines[-1] += piece if start else gap + piece
    return lines


def wrapped_code(text: str, width: int, indent: str) -> list[str]:
    """Calls and comments in lines that fit, and can still be pasted: a call is broken inside its
    parentheses only, and never inside a string."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("#"):
            lines += wrapped(line, width, indent, f"{indent}#   ")
            continue
        name, bracket, arguments = line.partition("(")
        strange = STRING.sub("", line)  # a quote that is left, or a backslash, may be of any string
        if not bracket or any(c in strange for c in "'\"\\"):
            lines.append(indent + line)
            continue
        arguments = STRING.sub(lambda found: found[0].replace(" ", GLUE), arguments)
        whole = name.replace(" ", GLUE) + bracket + arguments
        lines += [
            part.replace(GLUE, " ") for part in wrapped(whole, width, indent, f"{indent}    ")
        ]
    return lines
