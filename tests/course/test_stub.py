"""From a solution to the stub."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.stub import BEGIN, END, make_stub
from grader.errors import ExerciseError

SOLUTIONS = sorted((Path(__file__).resolve().parents[2] / "solutions").glob("ex*.py"))


def test_a_region_becomes_a_line():
    """What is between the marks is replaced, at its own indentation; the rest stays as it is."""
    source = f'''"""Doc."""


def f(x):
    """Return x + 1."""
    {BEGIN}
    y = x
    return y + 1
    {END}


class C:
    def g(self):
        {BEGIN}
        return 2
        {END}
'''
    assert (
        make_stub(source, "a.py")
        == '''"""Doc."""


def f(x):
    """Return x + 1."""
    raise NotImplementedError


class C:
    def g(self):
        raise NotImplementedError
'''
    )


def test_a_helper_at_the_margin_leaves_nothing():
    """A private helper disappears, and the blank lines around it with it."""
    source = f"import numpy\n\n\n{BEGIN}\ndef _h():\n    pass\n\n\n{END}\n\n\ndef f():\n    {BEGIN}\n    pass\n    {END}\n"
    assert make_stub(source, "a.py") == (
        "import numpy\n\n\ndef f():\n    raise NotImplementedError\n"
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("x = 1\n", "a.py: has no ### BEGIN SOLUTION"),
        (f"x\n{BEGIN}\ny\n", "a.py, line 2: BEGIN SOLUTION is never closed"),
        (f"x\n{END}\n", "a.py, line 2: END SOLUTION without"),
        (f"{BEGIN}\n{BEGIN}\n{END}\n", "a.py, line 2: BEGIN SOLUTION inside"),
    ],
)
def test_wrong_marks(source, words):
    """Marks that are missing, nested or unclosed are an author's mistake, with the line."""
    with pytest.raises(ExerciseError) as caught:
        make_stub(source, "a.py")
    assert words in str(caught.value)


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda p: p.stem)
def test_stubs_of_the_course(path):
    """Each solution's stub is valid Python with the same public functions and docstrings, no more."""
    solution = ast.parse(path.read_text("utf-8"))
    stub = ast.parse(make_stub(path.read_text("utf-8"), path.name))

    def public(tree):
        return {
            node.name: (ast.unparse(node.args), ast.get_docstring(node))
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        }

    assert public(stub) == public(solution)
    bodies = [node.body for node in stub.body if isinstance(node, ast.FunctionDef)]
    assert any(ast.unparse(body[-1]) == "raise NotImplementedError" for body in bodies)


@given(st.lists(st.sampled_from([BEGIN, END, f"    {BEGIN}", "SECRET = 1", "", "x"]), max_size=12))
def test_no_line_of_a_region_survives(lines):
    """Whatever the marks, a stub holds nothing of what stood between them, or there is no stub."""
    inside, lines_out = False, []
    for line in lines:
        inside = line.strip() == BEGIN or (inside and line.strip() != END)
        lines_out.append(line.replace("SECRET", "KEPT") if not inside else line)
    try:
        stub = make_stub("\n".join(lines_out), "a.py")
    except ExerciseError:
        return
    assert "SECRET" not in stub
    assert "SOLUTION" not in stub
