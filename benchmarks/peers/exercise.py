"""The convolution exercise in the forms that other graders take, and submissions to it."""

from __future__ import annotations

import ast
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).resolve().parent.parent.parent
KIT = Path(__file__).resolve().parent / "kit"
CHECKS = ROOT / "exercises" / "ex04_convolution" / "test_ex04.py"
SOLUTION = ROOT / "solutions" / "ex04_convolution.py"
FUNCTIONS = ("output_size", "conv_forward", "conv_backward", "parameter_counts")
# Mistakes in the solution itself, so that a wrong submission computes as fast as a right one.
MISTAKES = (
    ("np.tensordot(windows, w, axes", "np.tensordot(windows, w[:, :, ::-1, ::-1], axes"),
    ("seen += np.swapaxes", "seen[...] = np.swapaxes"),
    ("db = dout.sum(axis=(0, 2, 3))", "db = dout.mean(axis=(0, 2, 3))"),
)


@dataclass(frozen=True)
class Check:
    """What other graders must know of a check."""

    name: str
    title: str
    points: float
    hidden: bool


@dataclass(frozen=True)
class Submission:
    """A student's source, and whether it is right."""

    label: str
    source: str
    right: bool


def checks() -> list[Check]:
    """The checks of the exercise, read from its source."""
    found = []
    for node in ast.parse(CHECKS.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            marks = {}
            for mark in node.decorator_list:
                called = isinstance(mark, ast.Call)
                name = ast.unparse(mark.func if isinstance(mark, ast.Call) else mark)
                marks[name] = ast.unparse(mark.args[0]) if called else ""  # type: ignore[attr-defined]
            title = (ast.get_docstring(node) or node.name).partition("\n")[0]
            points = float(marks["pytest.mark.points"])
            found.append(Check(node.name, title, points, "pytest.mark.hidden" in marks))
    return found


def write_kit(folder: Path) -> None:
    """The checks for a process without pytest and without us, and what runs them."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in ("plain_checks.py", "plain_run.py", "plain_warm.py"):
        shutil.copy(KIT / file, folder)
    shutil.copy(SOLUTION, folder / "reference.py")
    text = re.sub(r"^(@pytest\.mark\..*|import pytest)\n", "", _plain_source(), flags=re.MULTILINE)
    (folder / "ex04_checks.py").write_text(text, encoding="utf-8")


def write_pytest(folder: Path) -> None:
    """The checks as plain pytest tests."""
    write_kit(folder)
    shutil.copy(KIT / "conftest.py", folder)
    (folder / "test_plain.py").write_text(_plain_source(), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")


def _plain_source() -> str:
    source = CHECKS.read_text(encoding="utf-8")
    return source.replace("from grader.checks import", "from plain_checks import")


def submissions(count: int) -> list[Submission]:
    """A class: of each five, four right ones that differ by a number and one with a mistake."""
    solution = SOLUTION.read_text(encoding="utf-8")
    found = []
    for number in range(count):
        source, right = f"{solution}NUMBER = {number}\n", number % 5 != 4
        if not right:
            before, after = MISTAKES[number // 5 % len(MISTAKES)]
            if before not in source:
                raise ValueError(f"{SOLUTION} has changed: write the mistake {after!r} anew")
            source = source.replace(before, after)
        found.append(Submission(f"s{number:03d}", source, right))
    return found


def samples() -> list[Submission]:
    """A right one and one with each mistake, for a grader's self-check."""
    everyone = submissions(5 * len(MISTAKES))
    return [everyone[0], *(s for s in everyone if not s.right)]


def write_submissions(folder: Path, given: list[Submission]) -> list[Path]:
    """The submissions as files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{s.label}.py" for s in given]
    for path, submission in zip(paths, given, strict=True):
        path.write_text(submission.source, encoding="utf-8")
    return paths


def notebook(*cells: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A Python notebook; cell numbers in place of random ids."""
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=list(cells), metadata={"kernelspec": kernel})


def code_cell(source: str, **metadata: Any) -> nbformat.NotebookNode:
    """A code cell."""
    return nbformat.v4.new_code_cell(source, metadata=metadata)
