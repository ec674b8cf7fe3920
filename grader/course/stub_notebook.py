"""Makes a notebook of a stub: the handout in text cells, a cell for each function, and one that checks.

It is written as JSON without a notebook library, so that the same course gives the same bytes everywhere.
"""

from __future__ import annotations

import ast
import json
import posixpath
import re
from collections.abc import Callable, Iterator
from typing import Any

from grader.course.hints import HINTS_FILE
from grader.language import later, say, together
from grader.model import Exercise

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
EARLIER = later("(so that the notebooks of earlier exercises can be imported)")
YOUR_CODE = later("Your code")
FILL_IN = later(
    "Replace each `raise NotImplementedError`, run the cell, and try your function in cells of your own."
)
DOCTEST = re.compile(r"\(all lines at once: `python -m doctest [^)]*\)")
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#|/)[^)\s]+(?=[)\s])")


def stub_notebook(exercise: Exercise, stub: str, handout: str, folder: str) -> bytes:
    """An exercise's notebook, in format 4.5.

    Args:
        exercise: the exercise.
        stub: what `make_stub` made of the solution.
        handout: the handout's Markdown, as `for_notebooks` makes it.
        folder: the handout's folder, relative to the notebook.
    """
    cells: list[dict[str, Any]] = []

    def add(kind: str, name: str, source: str) -> None:
        cell: dict[str, Any] = {"cell_type": kind, "id": f"{exercise.id}-{name}"[:64]}
        cell |= {"metadata": {}, "source": source.strip("\n").splitlines(keepends=True)}
        cells.append(cell | ({"outputs": [], "execution_count": None} if kind == "code" else {}))

    for number, part in enumerate(sections(handout), start=1):
        text = outside_code(part, lambda t: LINK.sub(lambda m: _relink(m.group(), folder), t))
        add("markdown", f"handout-{number}", text)
    words = f"## {say(YOUR_CODE)}\n\n{say(FILL_IN)}"
    if (exercise.folder / HINTS_FILE).is_file():
        stuck = say(
            "Stuck? A cell with `%grade hint {exercise}` has hints, one step at a time.",
            exercise=exercise.id,
        )
        words = together(words, stuck)
    add("markdown", "your-code", words)
    for name, source in stub_cells(stub):
        add(
            "code",
            name,
            f"%load_ext grader.magic\n# {say(EARLIER)}\n\n{source}"
            if _imports_earlier_exercise(exercise, source)
            else source,
        )
    add("code", "check", _check(exercise))
    book = {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def for_notebooks(exercise: Exercise, handout: str) -> str:
    """A handout's Markdown for a notebook: it mentions the notebook, not the script."""

    def adapt(text: str) -> str:
        text = text.replace(exercise.file, f"{exercise.name}.ipynb")
        return DOCTEST.sub(
            say("(in a cell below your functions, without the line that imports them)"), text
        )

    return outside_code(handout, adapt)


def sections(markdown: str) -> list[str]:
    """A handout's sections: the beginning, and one for each heading of the second level."""
    parts: list[list[str]] = [[]]
    fenced = False
    for line in markdown.splitlines(keepends=True):
        fenced ^= line.lstrip().startswith("```")
        if line.startswith("## ") and not fenced:
            parts.append([])
        parts[-1].append(line)
    return [text for part in parts if (text := "".join(part)).strip()]


def outside_code(markdown: str, change: Callable[[str], str]) -> str:
    """`markdown` with its text changed, but not its blocks of code."""
    blocks = re.split(r"(?ms)(^```.*?^```$)", markdown)
    return "".join(b if i % 2 else change(b) for i, b in enumerate(blocks))


def stub_cells(stub: str) -> Iterator[tuple[str, str]]:
    """A stub's cells with their names: what comes first as `imports`, then each function.

    Lines between two functions belong to the second one.
    """
    lines = stub.splitlines()
    definitions = [
        node for node in ast.parse(stub).body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    start = 0
    for number, node in enumerate(definitions):
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
        while first > start and lines[first - 1].startswith("#"):
            first -= 1
        if number == 0 and any(map(str.strip, lines[:first])):
            yield "imports", "\n".join(lines[:first])
            start = first
        yield node.name, "\n".join(lines[start : node.end_lineno])
        start = node.end_lineno or start
    if any(map(str.strip, lines[start:])):
        yield "rest", "\n".join(lines[start:])


def _imports_earlier_exercise(exercise: Exercise, source: str) -> bool:
    return any(f"from {name} import" in source for name in exercise.requires)


def _relink(link: str, folder: str) -> str:
    return posixpath.normpath(posixpath.join(folder, link))


def _check(exercise: Exercise) -> str:
    said = say(
        "Checks this notebook as you saved it; where its file is not on this machine, what you ran."
    )
    return f"""# {said}
%load_ext grader.magic
%grade {exercise.id}"""
