"""`grade init --notebooks`: a workspace of notebooks."""

from __future__ import annotations

import nbformat
import pytest

from grader.course.loader import find_course, find_exercise
from grader.student.workspace import create, reset


@pytest.fixture
def notebooks(tmp_path):
    """The folder of a new workspace of notebooks."""
    create(tmp_path / "course", notebooks=True)
    return tmp_path / "course"


def test_init_makes_notebooks(tmp_path, run):
    """There is a notebook for each exercise and no script; the README and the handouts name notebooks."""
    done = run(tmp_path, "init", "--notebooks", "course")
    assert done.code == 0
    assert "open ex01_neuron.ipynb in Jupyter, Colab or VS Code" in done.out
    folder = tmp_path / "course"
    books = sorted(p.name for p in folder.glob("ex*"))
    assert books == [f"{e.name}.ipynb" for e in find_course(folder).exercises] + ["exercises"]
    readme = (folder / "README.md").read_text("utf-8")
    assert "`ex04_convolution.ipynb`" in readme
    assert ".py`" not in readme
    handout = (folder / "exercises" / "ex04_convolution" / "README.md").read_text("utf-8")
    assert "in `ex04_convolution.ipynb`" in handout
    assert "python -m doctest" not in handout


def test_a_new_notebook_is_graded(notebooks, run):
    """Its last cell checks it; `grade` says in which cell to begin."""
    book = nbformat.read(notebooks / "ex01_neuron.ipynb", as_version=4)
    nbformat.validate(book)
    assert book.cells[-1].source.endswith("%load_ext grader.magic\n%grade ex01")
    done = run(notebooks, "ex01")
    assert done.code == 1
    assert "Begin here: threshold_neuron, line " in done.out
    assert "of ex01_neuron.ipynb cell " in " ".join(done.out.split())


def test_reset_of_a_notebook(notebooks):
    """A notebook becomes the stub's notebook again."""
    path = notebooks / "ex04_convolution.ipynb"
    stub = path.read_bytes()
    path.write_bytes(stub.replace(b"raise NotImplementedError", b"return 1"))
    course = find_course(notebooks)
    file, kept = reset(course, find_exercise(course, "ex04"))
    assert (file, kept.name) == (path, "ex04_convolution.ipynb.old")
    assert path.read_bytes() == stub
    assert b"return 1" in kept.read_bytes()
