"""The guide for authors says what is true: the exercise that it writes is green, its tables complete."""

import doctest
import json
import re
from pathlib import Path

import pytest

from grader import checks
from grader.authoring.nbgrader_marks import student_notebook
from grader.checking.plugin import MARKERS
from grader.course.declarations import RETURN_KINDS

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "authors.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`([\w/.]+)`:\n\n```\w+\n([\s\S]+?)^```", GUIDE, re.MULTILINE))


def test_the_exercise_of_the_guide_is_green(tmp_path, grade):
    """Its five files, written down as they stand, are an exercise that verify proves."""
    assert len(FILES) == 5
    (tmp_path / "exercises").mkdir()
    (tmp_path / "solutions").mkdir()
    course = 'title = "A course"\nsolutions = "../solutions"\n'
    (tmp_path / "exercises" / "course.toml").write_text(course, encoding="utf-8")
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    result = grade("verify", "ex16", "-v", "--seeds", 3, cwd=tmp_path)
    assert result.code == 0, result.out + result.err
    assert "✓ ex16 misconception shifted_first" in result.out


def test_the_scaffold_of_the_guide_makes_these_files(small, grade):
    """The command at the top of the guide writes the five files that the guide then fills."""
    command = re.search(r"```sh\ngrade new ([\s\S]+?)```", GUIDE)[1]
    name, *declarations = re.findall(r'^\w+|(?<=--function ")[^"]+', command)
    words = [w for d in declarations for w in ("--function", d)]
    assert grade("new", name, *words, cwd=small.root).code == 0
    assert len(declarations) == 2
    for path in FILES:
        folder, _, rest = path.partition("/")
        assert (small.root / (rest if folder == "exercises" else path)).is_file(), path


def test_the_notebook_cell_of_the_guide_becomes_what_it_says():
    """The instructor's cell in the guide is turned into the student's cell in the guide."""
    mine, theirs = re.findall(r"```python\n([\s\S]+?)```", GUIDE[GUIDE.index("## Give it out") :])
    cell = {"cell_type": "code", "source": mine.rstrip("\n"), "outputs": [], "metadata": {}}
    cell["execution_count"] = None
    book = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    made = student_notebook("mine.ipynb", json.dumps(book).encode())
    assert "".join(made["cells"][0]["source"]).rstrip() == theirs.rstrip()


def test_the_session_on_inputs_is_right():
    """What the guide types into Python answers as the guide says."""
    test = doctest.DocTestParser().get_doctest(GUIDE, {}, "authors.md", "docs/authors.md", 0)
    assert len(test.examples) >= 8
    assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize("name", checks.__all__)
def test_every_helper_is_explained(name):
    """Each name that `grader.checks` offers is in the guide."""
    assert f"`{name}" in GUIDE or f"@{name}(" in GUIDE


def test_every_key_kind_and_mark_is_explained():
    """The tables name each key of exercise.toml, each kind of a returned value, and each mark."""
    source = (ROOT / "grader" / "course" / "loader.py").read_text(encoding="utf-8")
    reader = source[source.index("def _read_exercise") : source.index("def _load(")]
    keys = set(re.findall(r'table\.take\(\s*"(\w+)"', reader)) - {"limits", "functions", "classes"}
    keys |= {f"limits.{k}" for k in re.findall(r'limits\.take\(\s*"(\w+)"', reader)}
    assert len(keys) >= 7
    marks = {line.partition(":")[0].partition("(")[0] for line in MARKERS}
    for word in keys | set(RETURN_KINDS) | {"[functions]", "[classes.NAME]"}:
        assert f"| `{word}` |" in GUIDE, word
    for mark in marks:
        assert f"- `{mark}" in GUIDE, mark


def test_the_declared_class_is_read_and_its_code_is_that_of_a_proven_course():
    """What the guide shows of classes stands, word for word, in a course that a test proves."""
    section = GUIDE[GUIDE.index("## Classes") : GUIDE.index("## Misconceptions")]
    folder = ROOT / "tests" / "cases" / "objects" / "ex01_layer"
    known = "".join(p.read_text(encoding="utf-8") for p in sorted(folder.glob("*.*")))
    blocks = re.findall(r"```(?:toml|python)\n(.*?)```", section, re.DOTALL)
    assert len(blocks) == 4
    flat = " ".join(known.split())
    for block in (blocks[0], blocks[3]):
        assert " ".join(block.split()) in flat
    for line in blocks[2].splitlines()[:-2]:
        assert line.strip() in known
