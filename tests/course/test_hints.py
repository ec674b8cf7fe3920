"""Hints in steps: what the authors wrote, and `grade hint`, which shows one after the other."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from grader.authoring.release import HANDOUT_FILES, release
from grader.course.hints import HINTS_FILE, load_hints
from grader.course.loader import find_course
from grader.course.stub import BEGIN, END
from grader.errors import ExerciseError

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = sorted(path.parent for path in ROOT.glob("exercises/ex*/README.md"))


def functions(name):
    """The public functions of a solution."""
    tree = ast.parse((ROOT / "solutions" / f"{name}.py").read_text(encoding="utf-8"))
    nodes = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return [node.name for node in nodes if not node.name.startswith("_")]


def code_of(name):
    """The lines of code that solve an exercise, spaces apart."""
    inside = False
    for line in (ROOT / "solutions" / f"{name}.py").read_text(encoding="utf-8").splitlines():
        if line.strip() in (BEGIN, END):
            inside = line.strip() == BEGIN
        elif inside and not line.strip().startswith("#"):
            yield "".join(line.split())


# What the authors wrote


def test_there_is_a_file_for_each():
    """Each of the course's exercises has a file of hints, which goes to students."""
    assert len(FOLDERS) >= 15
    assert all((folder / HINTS_FILE).is_file() for folder in FOLDERS)
    assert HINTS_FILE in HANDOUT_FILES


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda p: p.name)
def test_every_function_has_hints(folder):
    """Each function has 2 to 4 hints, in the order of the file; the first one asks a question or sets
    to work, and each is short enough to be read."""
    hints = tomllib.loads((folder / HINTS_FILE).read_text(encoding="utf-8"))
    assert list(hints) == functions(folder.name)
    for name, texts in hints.items():
        assert 2 <= len(texts) <= 4, name
        assert len(set(texts)) == len(texts), name
        for text in texts:
            assert 20 < len(text) < 420, text
            assert text[-1] in ".?", text
            assert text.isprintable(), text


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda p: p.name)
def test_no_hint_is_the_solution(folder):
    """No hint holds a line of the solution, however it is spaced."""
    hints = tomllib.loads((folder / HINTS_FILE).read_text(encoding="utf-8"))
    telling = [line for line in code_of(folder.name) if len(line) >= 8]
    assert len(telling) >= 5
    for texts in hints.values():
        for text in texts:
            tight = "".join(text.split())
            assert not [line for line in telling if line in tight], text


@pytest.mark.parametrize("exercise", find_course(ROOT).exercises, ids=lambda e: e.id)
def test_the_hints_fit_the_exercise(exercise):
    """The functions and classes of the hints are those that exercise.toml declares."""
    assert list(load_hints(exercise)) == list(exercise.names)


# Reading them


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mean = [", "not valid TOML"),
        (
            'mode = ["What?"]',
            "mode is not a function of this exercise; its functions are mean, count",
        ),
        ("mean = []", "mean must be a list of hints"),
        ('mean = "What?"', "mean must be a list of hints"),
        ('mean = ["What?", 3]', "mean: hint 2 must be a string"),
        ('mean = ["What?", " "]', "mean: hint 2 must be a string"),
        ("[mean]\na = 1", "mean must be a list of hints"),
    ],
)
def test_wrong_files(small, text, words):
    """A wrong file is the author's mistake, told with the file and the key."""
    (small.exercise / HINTS_FILE).write_text(text, encoding="utf-8")
    [exercise] = find_course(small.root).exercises
    with pytest.raises(ExerciseError) as caught:
        load_hints(exercise)
    assert str(caught.value).startswith(str(small.exercise / HINTS_FILE))
    assert words in str(caught.value)
    with pytest.raises(ExerciseError, match=HINTS_FILE):
        released(find_course(small.root))


def test_any_function_may_go_without(small):
    """Hints are for those functions that an author wrote some for, in the exercise's own order."""
    path = small.exercise / HINTS_FILE
    path.write_text('count = ["How many?"]\nmean = ["Which?"]\n', encoding="utf-8")
    [exercise] = find_course(small.root).exercises
    assert load_hints(exercise) == {"mean": ("Which?",), "count": ("How many?",)}
    assert list(load_hints(exercise)) == ["mean", "count"]
    assert load_hints(replace(exercise, folder=small.root)) == {}


def test_students_get_them(small):
    """What is given out holds the hints, and its README and notebooks say how to ask for them; where
    there are none nothing is said."""
    course = find_course(small.root)
    for hints in ("", 'mean = ["Which?"]\n'):
        if hints:
            (small.exercise / HINTS_FILE).write_text(hints, encoding="utf-8")
        files = {str(p): d.decode("utf-8", "replace") for p, d in released(course).items()}
        assert files.get(f"exercises/ex01_line/{HINTS_FILE}", "") == hints
        assert ("`grade hint ex01`" in files["README.md"]) == bool(hints)
        assert ("`%grade hint ex01`" in files["ex01_line.ipynb"]) == bool(hints)


def released(course):
    """A course's files for students, with notebooks."""
    return release(course, course.exercises, notebooks=True)


# The command


@pytest.fixture
def hint(small, grade):
    """Run `grade hint ex01 …` in a small course with hints."""
    (small.exercise / HINTS_FILE).write_text(
        'mean = ["What is a mean?", "Add up.", "Divide by the size."]\n'
        'line_forward = ["Which product?", "Add b."]\n'
        'line_backward = ["Which shapes?"]\n',
        encoding="utf-8",
    )
    return lambda *words: grade("hint", *words, cwd=small.root)


def heads(text):
    """The headings of the hints that were shown."""
    return re.findall(r"^hint (\d of \d for \w+)$", text, re.MULTILINE)


def test_hints_come_one_after_the_other(hint, small):
    """Each call shows the next hint and its number; after the last one it stays and says so."""
    first = hint("ex01", "mean")
    assert (first.code, first.err) == (0, "")
    assert first.out.startswith("hint 1 of 3 for mean\n  What is a mean?\n")
    assert "Add up" not in first.out
    assert first.out.endswith("The next one: grade hint ex01 mean\n")
    assert heads(hint("1", "mean").out) == ["2 of 3 for mean"]
    last = hint("ex01_line", "mean").out
    assert heads(last) == ["3 of 3 for mean"]
    assert "The next one" not in last
    assert last.endswith("Try it: grade ex01. With --debug, print and breakpoint() work.\n")
    again = hint("ex01", "mean").out
    assert heads(again) == ["3 of 3 for mean"]
    assert "These are all the hints." in again
    assert heads(hint("ex01", "line_forward").out) == ["1 of 2 for line_forward"]
    seen = json.loads((small.root / ".grade" / "hints.json").read_text(encoding="utf-8"))
    assert seen == {"ex01": {"mean": 3, "line_forward": 1}}


def test_again_and_all(hint):
    """`--again` repeats the last hint and advances nothing; `--all` shows every one."""
    assert heads(hint("ex01", "mean", "--again").out) == ["1 of 3 for mean"]
    assert heads(hint("ex01", "mean").out) == ["2 of 3 for mean"]
    assert heads(hint("ex01", "mean", "--again").out) == ["2 of 3 for mean"]
    assert heads(hint("ex01", "mean", "--all").out) == [f"{n} of 3 for mean" for n in (1, 2, 3)]
    assert "These are all the hints" in hint("ex01", "mean").out


def test_without_a_function_nothing_is_given_away(hint):
    """`grade hint ex01` lists the functions with how many hints were seen, and shows none."""
    hint("ex01", "mean")
    result = hint("ex01")
    assert result.code == 0
    assert re.search(r"mean +1 of 3 hints seen", result.out)
    assert re.search(r"line_backward +0 of 1 hints seen", result.out)
    assert "Add up" not in result.out


def test_a_part_of_the_name_is_enough(hint):
    """A function is found by a part of its name that no other has."""
    assert heads(hint("ex01", "backward").out) == ["1 of 1 for line_backward"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["ex44", "mean"], "ex44: no such exercise"),
        (
            ["ex01", "variance"],
            "variance: no such function in ex01; there are hints for mean, line_forward",
        ),
        (["ex01", "maen"], "maen: no such function in ex01; did you mean mean?"),
        (["ex01", "line"], "line: could be line_forward or line_backward"),
        (["ex01", "count"], "count: has no hints"),
        (["ex01", "--all"], "name a function: mean, line_forward, line_backward"),
        (["ex01", "mean", "--all", "--again"], "--all and --again cannot be used together"),
    ],
)
def test_what_there_is_not(hint, words, complaint):
    """An unknown exercise or function ends with exit code 2 and one line that says what there is."""
    result = hint(*words)
    assert result.code == 2
    assert complaint in result.complaint


def test_an_exercise_without_hints(small, grade):
    """Where the author wrote none, one line says so."""
    result = grade("hint", "ex01", cwd=small.root)
    assert result.code == 2
    assert "ex01 has no hints" in result.complaint


@pytest.mark.parametrize("text", ["", "[", "[]", '{"ex01": 3}', '{"ex01": {"mean": "x"}}'])
def test_a_damaged_memory_begins_anew(hint, small, text):
    """What `.grade` holds may be damaged: then the hints begin with the first one."""
    (small.root / ".grade").mkdir()
    (small.root / ".grade" / "hints.json").write_text(text, encoding="utf-8")
    assert heads(hint("ex01", "mean").out) == ["1 of 3 for mean"]
    assert heads(hint("ex01", "mean").out) == ["2 of 3 for mean"]


def test_fewer_hints_than_remembered(hint, small):
    """If the author took hints away, the last one is shown."""
    (small.root / ".grade").mkdir()
    memory = small.root / ".grade" / "hints.json"
    memory.write_text('{"ex01": {"mean": 9}}', encoding="utf-8")
    assert heads(hint("ex01", "mean").out) == ["3 of 3 for mean"]
    assert heads(hint("ex01", "mean", "--again").out) == ["3 of 3 for mean"]


def test_a_folder_that_cannot_be_written(hint, small):
    """Where nothing can be remembered the hint is shown all the same, and a line says so."""
    (small.root / ".grade").write_text("not a folder", encoding="utf-8")
    result = hint("ex01", "mean")
    assert (result.code, heads(result.out)) == (0, ["1 of 3 for mean"])
    assert "cannot be written" in result.err


def test_memory_lies_beside_the_exercises(tmp_path, small, grade):
    """In a workspace the memory is in its own `.grade`, also when asked from a folder below."""
    workspace = tmp_path / "work"
    (workspace / "exercises").mkdir(parents=True)
    for path in sorted(small.root.iterdir()):
        path.rename(workspace / "exercises" / path.name)
    folder = workspace / "exercises" / "ex01_line"
    (folder / HINTS_FILE).write_text('mean = ["A?", "B."]\n', encoding="utf-8")
    assert heads(grade("hint", "ex01", "mean", cwd=folder).out) == ["1 of 2 for mean"]
    assert heads(grade("hint", "ex01", "mean", cwd=workspace).out) == ["2 of 2 for mean"]
    assert (workspace / ".grade" / "hints.json").is_file()
