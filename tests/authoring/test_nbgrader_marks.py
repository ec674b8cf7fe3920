"""Instructors' notebooks with nbgrader's marks: what is left of them for students."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.authoring.nbgrader_marks import CODE_STUB, TEXT_STUB, convert, student_notebook
from grader.errors import ExerciseError, UsageError

GOLDEN = sorted(p.parent for p in (Path(__file__).parent / "notebooks").glob("*/instructor.ipynb"))


def notebook(*cells, **more):
    """A notebook of code cells, or of whole cells, as bytes."""
    made = [
        {"cell_type": "code", "source": c, "outputs": [], "execution_count": None, "metadata": {}}
        if isinstance(c, str)
        else c
        for c in cells
    ]
    value = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4, **more}
    return json.dumps(value).encode()


def marked(source, grade_id="a", schema_version=3, **marks):
    """A code cell with nbgrader's metadata."""
    marks = {"schema_version": schema_version, "grade_id": grade_id, **marks}
    return {
        "cell_type": "code",
        "source": source,
        "outputs": [],
        "execution_count": None,
        "metadata": {"nbgrader": marks},
    }


def source(cell):
    """A cell's text."""
    return "".join(cell["source"])


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda p: p.name)
def test_golden(folder, grade, tmp_path, request):
    """An instructor's notebook becomes exactly the student's one that lies beside it: it is valid, and
    holds nothing that was marked, nor what was printed, nor foreign metadata."""
    out = tmp_path / "student.ipynb"
    result = grade("release", "--from-notebook", folder / "instructor.ipynb", "-o", out)
    assert (result.code, result.err) == (0, "")
    assert "without solutions, hidden tests and outputs" in result.out
    golden = folder / "student.ipynb"
    if request.config.getoption("--update-golden"):
        golden.write_bytes(out.read_bytes())
    assert out.read_text(encoding="utf-8") == golden.read_text(encoding="utf-8")
    book = json.loads(out.read_text(encoding="utf-8"))
    nbformat.validate(book)
    text = out.read_text(encoding="utf-8")
    assert "SECRET" in (folder / "instructor.ipynb").read_text(encoding="utf-8")
    for word in ("SECRET", "BEGIN", "END", "iopub"):
        assert word not in text
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            ast.parse(source(cell))
            assert (cell["outputs"], cell["execution_count"]) == ([], None)


def test_golden_notebooks_are_there():
    """Graded code, code without metadata and written answers each have an example."""
    assert [folder.name for folder in GOLDEN] == ["graded", "plain", "written"]


def test_what_is_not_marked_stays_as_it_is():
    """Where nothing is marked nothing changes, down to line breaks that only editors know."""
    data = (Path(__file__).parent / "notebooks" / "plain" / "student.ipynb").read_bytes()
    assert student_notebook("a.ipynb", data) == json.loads(data)
    for text in ("", "\n", "a\n\n\nb\n", "a = '\x0c\u2028'\r\nb", "é × –"):
        assert source(student_notebook("a.ipynb", notebook("x", text))["cells"][1]) == text


def test_the_stub_is_indented_like_its_mark():
    """The stub stands where BEGIN stood; what surrounds the region keeps its place."""
    text = (
        "def f():\n    a = 1\n    ### BEGIN SOLUTION\n    b = 2\n    ### END SOLUTION\n    return a"
    )
    [cell] = student_notebook("a.ipynb", notebook(text))["cells"]
    assert source(cell) == (
        "def f():\n    a = 1\n    # YOUR CODE HERE\n    raise NotImplementedError()\n    return a"
    )


def test_what_may_be_edited():
    """A solution can be edited and not deleted, tests and locked cells neither; others are free."""
    cells = [
        marked("a = 1", "a", solution=True),
        marked("b", "b", grade=True),
        marked("c", "c", locked=True),
        marked("d", "d", solution=True, grade=True),
        "e",
    ]
    made = student_notebook("a.ipynb", notebook(*cells))["cells"]
    assert [
        (c["metadata"].get("editable", True), c["metadata"].get("deletable", True)) for c in made
    ] == [(True, False), (False, False), (False, False), (True, False), (True, True)]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["### BEGIN SOLUTION", "x"], "line 1: BEGIN SOLUTION is never closed"),
        (["x", "### END SOLUTION"], "line 2: END SOLUTION without its BEGIN"),
        (
            ["### BEGIN SOLUTION", "### BEGIN SOLUTION", "### END SOLUTION"],
            "line 2: BEGIN SOLUTION inside BEGIN SOLUTION",
        ),
        (
            ["### BEGIN HIDDEN TESTS", "### BEGIN SOLUTION", "### END SOLUTION"],
            "line 2: BEGIN SOLUTION inside BEGIN HIDDEN TESTS",
        ),
        (["### BEGIN HIDDEN TESTS", "x"], "line 1: BEGIN HIDDEN TESTS is never closed"),
        (
            ["### BEGIN SOLUTION", "x", "### END HIDDEN TESTS"],
            "line 3: END HIDDEN TESTS without its BEGIN",
        ),
    ],
)
def test_wrong_marks(lines, words):
    """Marks that are nested, unclosed or unopened are errors that name the cell and the line."""
    text = "\n".join(lines)
    with pytest.raises(ExerciseError) as caught:
        student_notebook("hw.ipynb", notebook("x = 1", text))
    assert str(caught.value) == f"hw.ipynb, cell 2, {words}"
    with pytest.raises(ExerciseError) as caught:
        student_notebook("hw.ipynb", notebook(marked(text, "conv", solution=True)))
    assert str(caught.value) == f"hw.ipynb, cell 1 (conv), {words}"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"x = 1", "is not a notebook"),
        (b"[]", "is not a"),
        (b'{"cells": 3}', "is not a"),
        (notebook("x", nbformat=3, worksheets=[]), "notebook"),
        (notebook(), "has no cell with any text"),
        (
            notebook(marked("x", schema_version=2)),
            "cell 1 (a): its marks follow nbgrader's schema 2",
        ),
        (notebook(marked("x"), marked("y")), "cell 2 (a): cell 1 has the same grade_id"),
        (
            notebook(
                "### BEGIN SOLUTION\nx <- 1\n### END SOLUTION",
                metadata={"language_info": {"name": "R"}},
            ),
            "cell 1: is a solution in R; stubs are made for Python only",
        ),
    ],
)
def test_what_cannot_be_converted(data, words):
    """What is no notebook, or no notebook of a known kind, is refused with its name and the reason."""
    with pytest.raises(ExerciseError) as caught:
        student_notebook("hw.ipynb", data)
    assert str(caught.value).startswith("hw.ipynb")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nothing_is_written_in_case_of_an_error(tmp_path):
    """With a wrong mark no student's notebook appears, and an older one is left alone."""
    (tmp_path / "mine.ipynb").write_bytes(notebook("### BEGIN SOLUTION"))
    with pytest.raises(ExerciseError):
        convert(tmp_path / "mine.ipynb", tmp_path / "theirs.ipynb")
    assert not (tmp_path / "theirs.ipynb").exists()


def test_files_that_cannot_be_used(tmp_path, grade):
    """A missing file, an output that is the source, an output nowhere: one line each, and the
    instructor's notebook is never written to."""
    mine = tmp_path / "mine.ipynb"
    data = notebook("### BEGIN SOLUTION\nx\n### END SOLUTION")
    mine.write_bytes(data)
    for words, complaint in [
        (["--from-notebook", tmp_path / "no.ipynb", "-o", tmp_path / "a.ipynb"], "cannot be read"),
        (["--from-notebook", mine, "-o", mine], "is your own notebook; name another file"),
        (["--from-notebook", mine, "-o", tmp_path / "no" / "a.ipynb"], "cannot be written"),
        (["--from-notebook", mine], "must be used together"),
        (["-o", mine], "must be used together"),
        (["--from-notebook", mine, "-o", tmp_path / "a", "--notebooks"], "takes no folder"),
        (["--from-notebook", mine, "-o", tmp_path / "a", tmp_path / "b"], "takes no folder"),
    ]:
        result = grade("release", *words, cwd=tmp_path)
        assert result.code == 2
        assert complaint in result.complaint
        assert mine.read_bytes() == data
    link = tmp_path / "link.ipynb"
    link.symlink_to(mine)
    with pytest.raises(UsageError, match="is your own notebook"):
        convert(mine, link)


@given(
    st.lists(
        st.sampled_from(
            [
                *("### BEGIN SOLUTION", "    # BEGIN SOLUTION", "### END SOLUTION"),
                *("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS", "=== BEGIN MARK SCHEME ==="),
                *("SECRET", "", "x"),
            ]
        ),
        max_size=10,
    )
)
def test_no_line_of_a_region_survives(lines):
    """Whatever the marks, the student's cell holds nothing of what stood between them, or there is
    none."""
    inside, marked_lines = False, []
    for line in lines:
        inside = "BEGIN" in line or (inside and "END" not in line)
        marked_lines.append(line if inside else line.replace("SECRET", "KEPT"))
    try:
        book = student_notebook("a.ipynb", notebook("y", "\n".join(marked_lines)))
    except ExerciseError:
        return
    text = source(book["cells"][1])
    assert "SECRET" not in text
    assert "BEGIN" not in text
    assert text.count("KEPT") == sum(line == "KEPT" for line in marked_lines)
    assert text.count(CODE_STUB[0]) == sum("BEGIN SOLUTION" in line for line in lines)
    assert TEXT_STUB[0] not in text
