"""The course and what its exercises say of themselves."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.declarations import parse_function
from grader.course.loader import find_course, find_exercise, is_exercise_name
from grader.errors import ExerciseError, UsageError
from grader.model import Function, Limits

ROOT = Path(__file__).resolve().parents[2]


def test_course_is_found_upward(small):
    """The course is found from its own folder, from an exercise's, and from beside `exercises/`."""
    root = small.root.parent / "repository"
    root.mkdir()
    small.root.rename(root / "exercises")
    for start in (root, root / "exercises", root / "exercises" / "ex01_line"):
        course = find_course(start)
        assert course.root == root / "exercises"
        assert course.solutions == root / "exercises" / "solutions"
        assert [e.id for e in course.exercises] == ["ex01"]


def test_exercise_is_read_from_its_folder(small):
    """Everything that exercise.toml says is in the exercise; the rest has its usual value."""
    small.edit(small.toml, "points = 11", 'points = 11\nrequires = ["ex00_before"]\ncovers = ["a"]')
    (exercise,) = find_course(small.root).exercises
    assert (exercise.id, exercise.name, exercise.file) == ("ex01", "ex01_line", "ex01_line.py")
    assert exercise.points == 11
    assert exercise.requires == ("ex00_before",)
    assert exercise.limits == Limits(call_seconds=0.3, total_seconds=3.0, memory_mb=256)
    forward = exercise.functions["line_forward"]
    assert forward.signature == "line_forward(x, w, b=0.0)"
    assert forward.returned_names == "(out, cache)"
    assert forward.returns == (("out", "array"), ("cache", "cache"))
    assert exercise.functions["mean"].returned_names == "mean"


def test_listing_runs_no_code(small):
    """Finding the course imports nothing of it: broken checks and solutions do not matter."""
    for file in (small.checks, small.solution, small.exercise / "misconceptions.py"):
        file.write_text("raise SystemExit('this ran')", encoding="utf-8")
    assert find_course(small.root).exercises
    assert not any(name.startswith("ex01_line") for name in sys.modules)


def test_course_may_have_no_solutions(small):
    """A student's workspace names no solutions."""
    small.edit(small.root / "course.toml", 'solutions = "solutions"\n', "")
    assert find_course(small.root).solutions is None


@pytest.mark.parametrize("name", ["ex01", "ex01_line", "1", "01", "EX01", "ex01_line/", " ex01 "])
def test_names_of_one_exercise(small, name):
    """An exercise goes by its number, its short name and its folder's name."""
    assert find_exercise(find_course(small.root), name).id == "ex01"
    assert is_exercise_name(name)


@pytest.mark.parametrize("name", ["ex02", "2", "regression", ""])
def test_unknown_exercise(small, name):
    """What is no exercise is refused, with a list of those there are."""
    with pytest.raises(UsageError, match="no such exercise; this course has ex01"):
        find_exercise(find_course(small.root), name)


@pytest.mark.parametrize("name", ["line", "ex01_lin", "ex1", "hlep"])
def test_a_mistyped_exercise(small, name):
    """A word that is nearly an exercise's name, or another word that is possible there, is asked for."""
    with pytest.raises(UsageError, match=r"no such exercise; did you mean (ex01(_line)?|help)\?"):
        find_exercise(find_course(small.root), name, ["help"])


@pytest.mark.parametrize(
    ("name", "meant"), [("ex1", "ex01"), ("ex-4", "ex04"), ("EX001", "ex01"), ("ex 12", "ex12")]
)
def test_the_number_is_written_otherwise(name, meant):
    """Of many exercises the one with this number is asked for, though their names are all alike."""
    with pytest.raises(UsageError, match=f"{name}: no such exercise; did you mean {meant}\\?"):
        find_exercise(find_course(ROOT), name)


@pytest.mark.parametrize("word", ["batch", "verify", "exam", "123", "ex04-x", "solutions/"])
def test_words_that_are_not_exercises(word):
    """Commands and paths are not taken for exercises."""
    assert not is_exercise_name(word)


def test_no_course_says_where_to_go(tmp_path, grade):
    """Outside a course the message names the folder and the way out; exit code 2."""
    result = grade("ex01", cwd=tmp_path)
    assert result.code == 2
    assert str(tmp_path) in result.complaint
    assert "--course DIR" in result.complaint
    result = grade("--course", tmp_path / "nowhere", "ex01")
    assert result.code == 2
    assert "nowhere: has no course.toml" in result.complaint


MISTAKES = {
    "unknown key": ("points = 11", "points = 11\nponits = 3", "ponits is an unknown key; known"),
    "unknown limit": ("memory_mb = 256", "memory = 256", "limits.memory is an unknown key"),
    "missing title": ('title = "A line through the data"\n', "", "title is missing"),
    "missing points": ("points = 11\n", "", "points is missing"),
    "points are a text": ("points = 11", 'points = "11"', "points must be int or float"),
    "points are a truth value": ("points = 11", "points = true", "points must be int or float"),
    "title is a number": ('title = "A line through the data"', "title = 1", "title must be str"),
    "memory is a fraction": ("memory_mb = 256", "memory_mb = 0.5", "limits.memory_mb must be int"),
    "list of numbers": ("points = 11", "points = 11\ncovers = [1]", "covers must be a list of"),
    "a text for a list": ("points = 11", 'points = 11\ncovers = "all"', "covers must be list"),
    "not TOML": ("points = 11", "points = = 11", "not valid TOML: "),
    "no arrow": ('"x -> mean: number"', '"x"', "functions.mean: must have the form"),
    "no parameters": ('"x -> mean: number"', '"1x -> mean"', "'1x' is not a list of parameters"),
    "unknown kind": ('"x -> mean: number"', '"x -> mean: float"', "'mean: float' must be NAME or"),
    "not a function": ('"x -> mean: number"', "3", "functions.mean: must have the form"),
    "code as default": ('"x -> mean: number"', '"x=print(1) -> y"', "is not a list of parameters"),
    "star parameters": ('"x -> mean: number"', '"*x -> y"', "is not a list of parameters"),
    "twice the same": ('"x -> mean: number"', '"x, x -> y"', "is not a list of parameters"),
    "no name": ("mean =", '"my mean" =', "is not a list of parameters"),
    "a second definition": (
        '"x -> mean: number"',
        '"x): pass; y = (1 -> y"',
        "is not a list of parameters",
    ),
    "no time at all": (
        "call_seconds = 0.3",
        "total_seconds = 0",
        "limits.total_seconds must be above 0",
    ),
    "no time": ("call_seconds = 0.3", "call_seconds = 0", "limits.call_seconds must be above 0"),
    "keyword-only": ('"x -> mean: number"', '"x, *, y -> z"', "is not a list of parameters"),
}


@pytest.mark.parametrize(("old", "new", "words"), MISTAKES.values(), ids=list(MISTAKES))
def test_mistakes_in_exercise_toml(small, grade, old, new, words):
    """A mistake in exercise.toml is one line that names the file and the key; exit code 3."""
    small.edit(small.toml, old, new)
    result = grade("ex01", cwd=small.root)
    assert result.code == 3
    assert str(small.toml) in result.complaint
    assert words in result.complaint


def test_exercise_without_functions(small, grade):
    """An exercise must name a function."""
    text = small.toml.read_text("utf-8")
    start, end = text.index("mean ="), text.index("[limits]")
    small.toml.write_text(text[:start] + text[end:], "utf-8")
    result = grade("ex01", cwd=small.root)
    assert result.code == 3
    assert "functions: declare at least one" in result.complaint


def test_toml_in_another_encoding(small, grade):
    """A file that is not UTF-8 is named, not met with a traceback."""
    small.toml.write_bytes('title = "Käse"'.encode("latin-1"))
    result = grade("ex01", cwd=small.root)
    assert result.code == 3
    assert f"{small.toml}: not valid TOML" in result.complaint


def test_unreadable_toml(small, grade):
    """A folder in place of exercise.toml's course file is no course; a broken one is named."""
    file = small.root / "course.toml"
    small.edit(file, "title", "tilte")
    result = grade("ex01", cwd=small.root)
    assert result.code == 3
    assert f"{file}: title is missing" in result.complaint


def test_missing_solutions_folder(small, grade):
    """A course that names solutions must have them."""
    small.edit(small.root / "course.toml", 'solutions = "solutions"', 'solutions = "../answers"')
    result = grade("ex01", cwd=small.root)
    assert result.code == 3
    assert "course.toml: solutions: there is no folder '../answers'" in result.complaint


def test_course_without_exercises(small, grade):
    """A course with no exercise says what a folder of one looks like."""
    small.toml.unlink()
    result = grade("ex01", cwd=small.root)
    assert result.code == 3
    assert "has no exercises" in result.complaint


def test_two_exercises_with_one_number(small, grade):
    """Two folders must not share a number: `grade ex01` could mean either."""
    (small.root / "ex01_other").mkdir()
    (small.root / "ex01_other" / "exercise.toml").write_text(small.toml.read_text("utf-8"), "utf-8")
    result = grade("ex01", cwd=small.root)
    assert result.code == 3
    assert "have the number ex01" in result.complaint


names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(
    lambda s: s not in ("as", "if", "in", "is", "or") and s.isidentifier()
)
defaults = st.one_of(st.integers(-9, 9), st.booleans(), st.none(), st.just("same"))


@given(
    required=st.lists(names, max_size=3, unique=True),
    optional=st.dictionaries(names.map("z_".__add__), defaults, max_size=3),
    returned=st.lists(st.sampled_from(["out", "loss: number", "cache"]), min_size=1, max_size=3),
)
def test_signature_survives_its_notation(required, optional, returned):
    """What is written in exercise.toml is what the student is told to write."""
    import keyword

    if any(keyword.iskeyword(name) for name in required):
        return
    written = ", ".join([*required, *(f"{n}={d!r}" for n, d in optional.items())])
    function = parse_function("here", "f", f"{written} -> {', '.join(returned)}")
    assert function.signature == f"f({written})"
    assert len(function.returns) == len(returned)
    again = parse_function("here", "f", f"{written}->{','.join(returned)}")
    assert again == function


@given(st.text(max_size=40))
def test_any_text_is_a_function_or_an_author_mistake(text):
    """Whatever stands in place of a function's line ends in a `Function` or an `ExerciseError`."""
    try:
        assert isinstance(parse_function("exercise.toml", "f", text), Function)
    except ExerciseError as error:
        where, _, _ = str(error).partition(": ")
        assert where == "exercise.toml"
