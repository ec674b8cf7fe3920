"""Makes a student's notebook from the instructor's, by the marks that nbgrader uses.

    ### BEGIN SOLUTION … ### END SOLUTION            becomes a stub at the first line's indentation
    ### BEGIN HIDDEN TESTS … ### END HIDDEN TESTS    is removed
    === BEGIN MARK SCHEME === … === END MARK SCHEME ===    is removed

A cell that nbgrader's metadata (schema 3) calls a solution, but that has no such region, becomes a stub
as a whole. Locked cells and test cells cannot be edited. Outputs are removed, and so is all metadata
that is not known to be harmless. Nested, unclosed and unopened marks are errors: a guess might let a
solution through.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

from grader.course.stub import SOLUTION, Mark, replace_regions
from grader.errors import ExerciseError, UsageError
from grader.files import write_file
from grader.language import say

CODE_STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")
TEXT_STUB = ("YOUR ANSWER HERE",)
REGIONS = (SOLUTION, "HIDDEN TESTS", "MARK SCHEME")

SCHEMA = 3
KEPT_MARKS = (
    "cell_type",
    "grade",
    "grade_id",
    "locked",
    "points",
    "schema_version",
    "solution",
    "task",
)
KEPT_OF_CELLS = ("slideshow", "tags")
KEPT_OF_NOTEBOOKS = ("kernelspec", "language_info")


def convert(source: Path, output: Path) -> int:
    """Write the student's version of the notebook `source` to `output`; returns how many cells it has.

    Raises `UsageError` for files that cannot be read or written, `ExerciseError` for wrong marks.
    """
    if output.exists() and source.exists() and output.samefile(source):
        raise UsageError(
            say(
                "{output}: is your own notebook; name another file for the students' notebook",
                output=output,
            )
        )
    try:
        data = source.read_bytes()
    except OSError as error:
        raise UsageError(
            say("{source}: cannot be read ({strerror})", source=source, strerror=error.strerror)
        ) from None
    book = student_notebook(source.name, data)
    text = json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    write_file(output, text)
    return len(book["cells"])


def student_notebook(name: str, data: bytes) -> dict[str, Any]:
    """The student's version of an instructor's notebook, as a JSON value.

    Args:
        name: what error messages call the notebook.
        data: the file's content.
    """
    book = _read(name, data)
    metadata = {k: book["metadata"][k] for k in KEPT_OF_NOTEBOOKS if k in book["metadata"]}
    language = metadata.get("language_info", {}).get("name") or "python"
    ids: dict[str, int] = {}
    cells = []
    for number, cell in enumerate(book["cells"], start=1):
        marks = cell["metadata"].get("nbgrader") or {}
        where = f"{name}, cell {number}" + (
            f" ({marks['grade_id']})" if marks.get("grade_id") else ""
        )
        if marks and marks.get("schema_version") != SCHEMA:
            raise ExerciseError(
                say(
                    "{where}: its marks follow nbgrader's schema {found}, and {known} is understood; run "
                    "`nbgrader update` on it",
                    where=where,
                    found=marks.get("schema_version"),
                    known=SCHEMA,
                )
            )
        if marks.get("grade_id") in ids:
            raise ExerciseError(
                say(
                    "{where}: cell {other} has the same grade_id",
                    where=where,
                    other=ids[marks["grade_id"]],
                )
            )
        if marks.get("grade_id"):
            ids[marks["grade_id"]] = number
        cells.append(_student_cell(cell, marks, where, language))
    if not any(cell["source"] for cell in cells):
        raise ExerciseError(say("{name}: has no cell with any text", name=name))
    minor = book["nbformat_minor"]
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": minor}


def _read(name: str, data: bytes) -> dict[str, Any]:
    """The notebook, with the source of each cell as one string."""
    import nbformat

    advice = say("open it in Jupyter and save it again")
    try:
        book = json.loads(data.decode("utf-8-sig"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nbformat.validate(book)
        version = book["nbformat"]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())[:120]
        raise ExerciseError(
            say(
                "{name}: is not a notebook ({reason}); {advice}",
                name=name,
                reason=reason,
                advice=advice,
            )
        ) from None
    except nbformat.ValidationError as error:
        reason = " ".join(str(error).split())[:120]
        raise ExerciseError(
            say(
                "{name}: is not a valid notebook ({reason}); {advice}",
                name=name,
                reason=reason,
                advice=advice,
            )
        ) from None
    if version != 4:
        raise ExerciseError(
            say(
                "{name}: has notebook format {version}, but only 4 is supported; {advice}",
                name=name,
                version=version,
                advice=advice,
            )
        )
    for cell in book["cells"]:
        if isinstance(cell["source"], list):
            cell["source"] = "".join(cell["source"])
    assert isinstance(book, dict)
    return book


def _student_cell(
    cell: dict[str, Any], marks: dict[str, Any], where: str, language: str
) -> dict[str, Any]:
    code = cell["cell_type"] == "code"
    lines, replaced = _without_regions(cell["source"], CODE_STUB if code else TEXT_STUB, where)
    if marks.get("solution") and not replaced:
        lines, replaced = list(CODE_STUB if code else TEXT_STUB), True
    if code and replaced and language != "python":
        raise ExerciseError(
            say(
                "{where}: is a solution in {language}; stubs are made for Python only",
                where=where,
                language=language,
            )
        )
    text = "\n".join(lines)
    metadata = {key: cell["metadata"][key] for key in KEPT_OF_CELLS if key in cell["metadata"]}
    if marks:
        metadata["nbgrader"] = {key: marks[key] for key in KEPT_MARKS if key in marks}
        metadata |= _lock(marks)
    new: dict[str, Any] = {"cell_type": cell["cell_type"], "metadata": metadata}
    new["source"] = text.splitlines(keepends=True)
    if "id" in cell:
        new["id"] = cell["id"]
    if code:
        new |= {"outputs": [], "execution_count": None}
    attached = cell.get("attachments", {})
    if kept := {key: attached[key] for key in attached if f"attachment:{key}" in text}:
        new["attachments"] = kept
    return new


def _lock(marks: dict[str, Any]) -> dict[str, bool]:
    """What a student may do with a cell: edit solutions, and delete nothing."""
    if marks.get("solution"):
        return {"deletable": False}
    if marks.get("grade") or marks.get("locked"):
        return {"deletable": False, "editable": False}
    return {}


def _without_regions(source: str, stub: tuple[str, ...], where: str) -> tuple[list[str], bool]:
    """The lines without marked regions, and whether one of these was a solution."""

    def stub_lines(region: str, indent: str) -> list[str]:
        return [indent + text for text in stub] if region == SOLUTION else []

    lines, regions = replace_regions(source.split("\n"), _read_mark, stub_lines, where)
    return lines, SOLUTION in regions


def _read_mark(line: str) -> Mark | None:
    marks = ((kind, region) for kind in ("BEGIN", "END") for region in REGIONS)
    return next((mark for mark in marks if " ".join(mark) in line), None)
