"""The solution files as a whole: regions for the stub generator, docstrings, the data."""

import ast
from pathlib import Path

import numpy as np
import pytest

from grader.course.loader import find_course

SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions"
REFERENCES = sorted(SOLUTIONS.glob("ex*.py"))
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def _without_solutions(text):
    lines, inside = [], False
    for line in text.splitlines():
        if line.strip() == BEGIN:
            assert not inside
            inside = True
            indent = line[: len(line) - len(line.lstrip())]
            if indent:
                lines.append(f"{indent}raise NotImplementedError")
        elif line.strip() == END:
            assert inside
            inside = False
        elif not inside:
            lines.append(line)
    assert not inside
    return "\n".join(lines)


def test_references_are_numbered_without_a_gap():
    """One file for each exercise, each with at least two alternatives."""
    count = len(REFERENCES)
    assert [path.name[:4] for path in REFERENCES] == [f"ex{i:02}" for i in range(1, count + 1)]
    for path in REFERENCES:
        assert len(list((SOLUTIONS / "alternatives" / path.stem).glob("*.py"))) >= 2


@pytest.mark.parametrize("path", REFERENCES, ids=lambda path: path.stem)
def test_without_its_solutions_a_file_is_a_stub(path):
    """What is left parses: imports and public functions and classes, each a docstring; each function
    and method an error, too."""
    tree = ast.parse(_without_solutions(path.read_text(encoding="utf-8")))
    assert ast.get_docstring(tree)
    nodes = list(tree.body[1:])
    for node in nodes:
        assert isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)
        if isinstance(node, ast.ClassDef):
            assert ast.get_docstring(node)
            nodes += node.body[1:]
        if isinstance(node, ast.FunctionDef):
            assert not node.name.startswith("_") or node.name.endswith("__")
            docstring = ast.get_docstring(node)
            assert docstring
            assert docstring.splitlines()[0].endswith((".", ":"))
            assert len(node.body) == 2
            assert isinstance(node.body[1], ast.Raise)


@pytest.mark.parametrize("path", REFERENCES, ids=lambda path: path.stem)
def test_alternatives_replace_the_whole_file(path):
    """Every alternative has the reference's public functions and classes, with the same parameters."""

    declared = {e.name: e.classes for e in find_course(SOLUTIONS.parent).exercises}[path.stem]

    def signatures(source):
        body = ast.parse(source.read_text(encoding="utf-8")).body
        classes = [n for n in body if isinstance(n, ast.ClassDef) and n.name in declared]
        return {
            node.name: ast.unparse(node.args)
            for node in [*body, *(inner for one in classes for inner in one.body)]
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        } | {node.name: "" for node in classes}

    for alternative in (SOLUTIONS / "alternatives" / path.stem).glob("*.py"):
        assert signatures(alternative) == signatures(path)


def test_digits(digits):
    """The stored split is one: 1,297 and 500 pictures, ten classes, pixels from 0 to 1."""
    (x, y), (x_test, y_test) = digits["train"], digits["test"]
    assert x.shape == (1297, 1, 8, 8)
    assert x_test.shape == (500, 1, 8, 8)
    assert x.min() == 0
    assert x.max() == 1
    np.testing.assert_array_equal(np.bincount(np.concatenate([y, y_test])).sum(), 1797)
    assert set(y) == set(y_test) == set(range(10))
    assert digits["train_sheets"][0].sum() == pytest.approx(x.sum())
