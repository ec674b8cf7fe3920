"""From a solution to the stub that a student starts with."""

from __future__ import annotations

from grader.errors import ExerciseError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def make_stub(source: str, name: str) -> str:
    """The source with each marked region replaced by `raise NotImplementedError`.

    A region at the left margin (a private helper) leaves nothing behind. Raises `ExerciseError` for
    marks that are nested, unclosed, or missing altogether.

    Args:
        source: a solution's source.
        name: what error messages call it.
    """
    lines: list[str] = []
    opened = 0
    regions = 0
    for number, line in enumerate(source.splitlines(), start=1):
        mark = line.strip()
        if mark == BEGIN:
            if opened:
                raise ExerciseError(f"{name}, line {number}: {BEGIN} inside another one")
            opened = number
            regions += 1
            indent = line[: len(line) - len(line.lstrip())]
            if indent:
                lines.append(f"{indent}raise NotImplementedError")
        elif mark == END:
            if not opened:
                raise ExerciseError(f"{name}, line {number}: {END} without {BEGIN}")
            opened = 0
        elif not opened:
            lines.append(line)
    if opened:
        raise ExerciseError(f"{name}, line {opened}: {BEGIN} is never closed")
    if not regions:
        raise ExerciseError(f"{name}: has no {BEGIN}, so the stub would be the solution")
    return _at_most_two_blank(lines)


def _at_most_two_blank(lines: list[str]) -> str:
    kept: list[str] = []
    for line in lines:
        if line.strip() or kept[-2:] != ["", ""]:
            kept.append(line.rstrip())
    return "\n".join(kept).strip("\n") + "\n"
