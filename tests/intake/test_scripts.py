"""Scripts that are notebooks: each tool's export is graded like the notebook that it came from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.loader import find_course
from grader.errors import SubmissionError
from grader.intake.scripts import script_cells
from grader.intake.submission import read_submission, submission_from_bytes

EXPORTS = Path(__file__).parent / "exports"
COURSE = find_course(Path(__file__).parents[1] / "cases" / "course")
EXERCISE = COURSE.exercises[0]
LAYER = "def line_forward(x, w, b=0.0):\n    return x @ w + b, (x, w)\n"
SCRIPTS = sorted(path.name for path in EXPORTS.glob("*.py"))
UNMARKED = {"colab.py", "jupytext_light.py"}  # these do not say where a cell begins


@pytest.mark.parametrize("name", ["notebook.ipynb", *SCRIPTS])
def test_every_export_has_full_marks(name, grade, tmp_path):
    """Magics, drives, missing files and plots cost nothing, whatever the tool made of them."""
    path = tmp_path / f"ex01_line{Path(name).suffix}"
    shutil.copy(EXPORTS / name, path)
    (tmp_path / "line_layer.py").write_text(LAYER, encoding="utf-8")  # Databricks' %run
    report = grade("--course", COURSE.root, "ex01", path, "--format", "json").report
    assert [c["message"] for c in report["checks"] if c["outcome"] != "passed"] == []
    assert report["score"] == report["max_score"] == 11
    assert report["problems"]  # what was passed over is told


@pytest.mark.parametrize("name", SCRIPTS)
def test_reports_speak_of_cells(name):
    """Cells are numbered as in a notebook, without those that hold text; lines count in their cell."""
    cells = script_cells(name, (EXPORTS / name).read_text(encoding="utf-8"))
    if name in UNMARKED:
        assert [c.label for c in cells] == [name]
        return
    numbers = [int(c.label.removeprefix(f"{name} cell ")) for c in cells]
    assert len(set(numbers)) == len(numbers)
    assert max(numbers) == len(numbers)
    if name == "jupyter_no_prompt.py":  # marks only the cells that begin with a magic
        return
    (backward,) = [c for c in cells if "def line_backward" in c.source]
    lines = [line for line in backward.source.splitlines() if "data.npy" not in line]
    assert lines[0].startswith("def line_backward")


def test_marimo_runs_cells_by_what_they_need():
    """A cell comes after the cells whose names it uses, and keeps its own underscore names."""
    text = (EXPORTS / "marimo_generated.py").read_text(encoding="utf-8")
    cells = script_cells("m.py", text)
    at = {word: i for i, c in enumerate(cells) for word in ("def keep", "kind = ", "def line_forward")
          if word in c.source}  # fmt: skip
    assert at["kind = "] < at["def keep"] < at["def line_forward"]
    assert sum("_scale" in c.source and c.isolated for c in cells) == 2


def test_marimo_cells_in_a_circle_still_run():
    """Cells that need each other, or what nobody gives, come in the order of the file."""
    head = "import marimo\napp = marimo.App()\n\n"
    cell = "@app.cell\ndef _({}):\n    {} = 1\n    return ({},)\n\n"
    text = head + cell.format("b", "a", "a") + cell.format("a, x", "b", "b")
    assert [c.source.strip() for c in script_cells("m.py", text)] == ["a = 1", "b = 1"]


def test_marimo_leaves_out_what_is_disabled():
    """A cell that is disabled is not run."""
    text = "app = marimo.App()\n@app.cell(disabled=True)\ndef _():\n    1 / 0\n    return\n"
    assert script_cells("m.py", text) == ()


@pytest.mark.parametrize(
    "text",
    ["x = 1\n", "# In words: [3]\nx = 1\n", "s = '''\n100%% sure\n'''\n", "# %%time\nx = 1\n",
     "def f():\n    return x % 3\n", "#%%%% title\n", "# COMMAND ----------\nx = 1\n"],
)  # fmt: skip
def test_an_ordinary_script_is_none(text):
    """What only looks like a marker makes no notebook of a script."""
    assert script_cells("a.py", text) is None


MARKS = [
    "# In[3]:", "# %%", "# %% [markdown]", "# COMMAND ----------", "# Databricks notebook source",
    "# MAGIC %python", "# MAGIC x = 1", "app = marimo.App(", "@app.cell", "@app.function",
    "def _(a):", "    return (a,)", "with app.setup:", "app._unparsable_cell(", '    r"""', '""")',
    "get_ipython().run_cell_magic('time', '', 'x')", "get_ipython().system('ls')", "# %%time", "x = 1",
    "get_ipython().run_line_magic('a', \"b\\\"c\")", "", "if __name__ == '__main__':",
]  # fmt: skip


@given(st.lists(st.sampled_from(MARKS) | st.text(max_size=8), max_size=12).map("\n".join))
def test_any_text_is_divided_or_left_alone(text):
    """Whatever markers a script holds, in whatever order, it becomes cells and raises nothing."""
    cells = script_cells("a.py", text)
    assert cells is None or all(isinstance(c.source, str) for c in cells)


@pytest.mark.parametrize(
    ("name", "told"),
    [("work.qmd", "quarto convert"), ("work.md", "jupytext"), ("w.Rmd", "jupytext")],
)
def test_documents_are_told_how_to_export(name, told, tmp_path):
    """Quarto's and MyST's documents are not read; one sentence says how to make a notebook of them."""
    (tmp_path / "README.md").write_text("# Mine\n\n```python\nx = 1\n```\n", encoding="utf-8")
    with pytest.raises(SubmissionError, match=r"ex01_line\.py is missing"):
        read_submission(tmp_path, EXERCISE)
    path = tmp_path / name
    text = (EXPORTS / "jupytext_myst.md").read_text(encoding="utf-8")
    if name != "work.md":
        text = text.replace("{code-cell}", "{python}")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SubmissionError, match=rf"{name}.*{told}"):
        read_submission(path, EXERCISE)
    with pytest.raises(SubmissionError, match=rf"{name}.*{told}"):
        read_submission(tmp_path, EXERCISE)
    with pytest.raises(SubmissionError, match=rf"{name}.*{told}"):
        submission_from_bytes("it", {name: path.read_bytes()}, EXERCISE)
