"""From a solution to the stub that a student starts with: marked regions go."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from grader.errors import ExerciseError
from grader.language import say

SOLUTION = "SOLUTION"
BEGIN, END = f"### BEGIN {SOLUTION}", f"### END {SOLUTION}"

Mark = tuple[str, str]  # "BEGIN" or "END", and the region's name


def make_stub(source: str, name: str) -> str:
    """The source with each marked region replaced by `raise NotImplementedError`.

    A region at the left margin (a private helper) leaves nothing behind. Raises `ExerciseError` for
    marks that are nested, unclosed, or missing altogether.

    Args:
        source: a solution's source.
        name: what error messages call it.
    """

    def stub(_: str, indent: str) -> list[str]:
        return [f"{indent}raise NotImplementedError"] if indent else []

    marks = {BEGIN: ("BEGIN", SOLUTION), END: ("END", SOLUTION)}
    lines, regions = replace_regions(
        source.splitlines(), lambda line: marks.get(line.strip()), stub, name
    )
    if not regions:
        raise ExerciseError(
            say(
                "{name}: has no {begin}, so the stub would contain the whole solution",
                name=name,
                begin=BEGIN,
            )
        )
    return _at_most_two_blank(lines)


@dataclass(frozen=True, slots=True)
class Docstring:
    """A docstring of a source: its text without indentation, its lines from `first` to `last`, counted
    from 0, its indentation, and whether it is raw."""

    text: str
    first: int
    last: int
    indent: str
    raw: bool


def docstrings(source: str) -> list[Docstring]:
    """The docstrings of a module, its classes and its functions, in order."""
    lines = source.splitlines()
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text = ast.get_docstring(node)
            if text:
                place = node.body[0]
                line = lines[place.lineno - 1]
                indent = line[: place.col_offset]
                raw = line[place.col_offset] in "rR"
                found.append(
                    Docstring(text, place.lineno - 1, (place.end_lineno or 0) - 1, indent, raw)
                )
    return sorted(found, key=lambda d: d.first)


def translated(stub: str) -> str:
    """A stub whose docstrings are in the reader's language."""
    lines = stub.splitlines()
    for one in reversed(docstrings(stub)):
        text = say(one.text)
        if text != one.text:
            quote = 'r"""' if one.raw else '"""'
            body = text if one.raw else text.replace("\\", "\\\\")
            whole = f'{quote}{body}\n"""' if "\n" in body else f'{quote}{body}"""'
            lines[one.first : one.last + 1] = [
                (one.indent + line).rstrip() for line in whole.splitlines()
            ]
    return "\n".join(lines) + "\n"


def replace_regions(
    lines: Iterable[str],
    read_mark: Callable[[str], Mark | None],
    replacement: Callable[[str, str], Sequence[str]],
    where: str,
) -> tuple[list[str], list[str]]:
    """Lines without their marked regions, and the names of the regions in order.

    Args:
        lines: the lines of a text.
        read_mark: the mark that a line is, if it is one.
        replacement: the lines that take a region's place, by its name and its first line's indentation.
        where: what error messages call the text.

    Raises `ExerciseError` for marks that are nested, unclosed or unopened: nothing is guessed where a
    solution might get through.
    """
    kept: list[str] = []
    regions: list[str] = []
    opened, opened_at = "", 0
    for number, line in enumerate(lines, start=1):
        kind, region = read_mark(line) or ("", "")
        if kind == "BEGIN":
            if opened:
                raise ExerciseError(
                    say(
                        "{where}, line {number}: BEGIN {region} inside BEGIN {opened}",
                        where=where,
                        number=number,
                        region=region,
                        opened=opened,
                    )
                )
            opened, opened_at = region, number
            regions.append(region)
            kept += replacement(region, line[: len(line) - len(line.lstrip())])
        elif kind == "END":
            if opened != region:
                raise ExerciseError(
                    say(
                        "{where}, line {number}: END {region} without its BEGIN",
                        where=where,
                        number=number,
                        region=region,
                    )
                )
            opened = ""
        elif not opened:
            kept.append(line)
    if opened:
        raise ExerciseError(
            say(
                "{where}, line {opened_at}: BEGIN {opened} is never closed",
                where=where,
                opened_at=opened_at,
                opened=opened,
            )
        )
    return kept, regions


def _at_most_two_blank(lines: list[str]) -> str:
    kept: list[str] = []
    for line in lines:
        if line.strip() or kept[-2:] != ["", ""]:
            kept.append(line.rstrip())
    return "\n".join(kept).strip("\n") + "\n"
