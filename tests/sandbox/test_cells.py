"""Notebook cells: magics set aside, every line where it was, and a cell's statements run one by one."""

from __future__ import annotations

import ast
import importlib.util
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox.cells import CellSetAside, to_python
from grader.sandbox.imports import Source, SourceFinder


@pytest.mark.parametrize(
    "line",
    ["%matplotlib inline", "  %load_ext autoreload", "!pip install numpy", "?print", "print?",
     "np.sum??", "files = !ls", "t = %timeit -o f()", "%cd ..", "!ls *.py | wc -l"],
)  # fmt: skip
def test_lines_of_ipython(line):
    """A magic or a shell line does nothing, alone and between lines of Python."""
    nothing = f"{line.split()[0]} = []" if " = " in line else "pass"
    assert ast.unparse(ast.parse(to_python(line.strip()))) == nothing
    text = to_python(f"a = 1\n{line.strip()}\nb = 2")
    assert ast.unparse(ast.parse(text)) == f"a = 1\n{nothing}\nb = 2"
    indented = to_python(f"if a:\n    {line.strip()}\nb = 2")
    assert ast.parse(indented)


def test_python_that_looks_like_a_magic_is_kept():
    """A remainder over a line break, and text in a string, are Python."""
    for source in ("x = (7\n% 3)", "s = '''\n%time\n!ls\n'''", "x = 7 \\\n  % 3"):
        assert to_python(source) == source


def test_syntax_errors_are_left_alone():
    """What is neither Python nor IPython stays as it is, so that its own message is reported."""
    for source in ("def f(:", "x = = 1", "for x in\n%time"):
        assert to_python(source).splitlines()[0] == source.splitlines()[0]


lines = st.sampled_from(
    ["x = 1", "def f():", "    return 2", "%time x", "!ls", "?x", "x?", "%%bash", "%%time", "",
     "'''", "x = (1", "% 2)", "y = !ls", "    %who", "if x:", "\t!x", "\\", "#", "é = 1"]
)  # fmt: skip


@given(st.lists(lines, max_size=12))
def test_line_numbers_never_move(source):
    """Whatever a cell holds, its lines stay where they are, and Python's own are untouched."""
    text = "\n".join(source)
    before, after = text.split("\n"), to_python(text).split("\n")
    assert not any(before[len(after) :])  # an empty last line may go
    for old, new in zip(before, after, strict=False):
        assert new == old or new.lstrip().startswith(("pass  # ", "y = []  # ", "#"))


@given(st.text(max_size=60))
def test_any_text_is_survived(text):
    """Setting magics aside raises nothing, whatever the text."""
    assert isinstance(to_python(text), str)


@pytest.mark.parametrize("mark", ["\x0b", "\x0c", "\x1c", "\x85", "\N{LINE SEPARATOR}"])
def test_only_newlines_end_a_line(mark):
    """A form feed or a Unicode separator in a string neither ends a line nor is replaced."""
    source = f"s = 'a{mark}b'\n%time s"
    assert to_python(source) == f"s = 'a{mark}b'\npass  # %time s"


# Whole cells


@pytest.fixture
def run(monkeypatch):
    """Runs the cells of a notebook `nb` with other modules beside it: what it raised, and its names."""
    loaded = set(sys.modules)

    def call(*cells, **others):
        errors = []
        sources = {"nb": Source([(f"cell {n}", c) for n, c in enumerate(cells, 1)], notebook=True)}
        sources |= {name: Source([(f"{name}.py", text)], False) for name, text in others.items()}
        finder = SourceFinder(sources, errors.append)
        monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, finder])
        return errors, vars(importlib.import_module("nb"))

    yield call
    for name in set(sys.modules) - loaded:
        del sys.modules[name]


@pytest.mark.parametrize(
    "magic",
    [
        "time",
        "timeit -n 3",
        "capture",
        "prun",
        "memit",
        "mprun -f f",
        "a_profiler --of=x",
        "ipytest",
    ],
)
def test_a_magic_that_runs_its_cell(magic, run):
    """Where IPython runs the body, it is run; a magic that nobody knows most likely does so."""
    errors, names = run(f"%%{magic}\ndef f():\n    return 1")
    assert names["f"]() == 1
    assert errors == []


@pytest.mark.parametrize(
    "magic", ["bash", "html", "javascript", "python", "python3", "sql", "script bash", "a_language"]
)
def test_a_magic_that_does_not(magic, run):
    """A cell in another language, or for another process, is set aside, and that is told."""
    body = "f = 1" if "python" in magic else "select * from f"
    errors, names = run("f = 0", f"%%{magic}\n{body}", "g = 2")
    (error,) = errors
    assert isinstance(error, CellSetAside)
    assert "cell 2" in str(error)
    assert f"%%{magic.split()[0]}" in str(error)
    assert (names["f"], names["g"]) == (0, 2)


def test_captured_output_has_its_name(run):
    """`%%capture out` defines `out`."""
    errors, _ = run("%%capture out\nprint(1)", "out.show()\nprint(out.stdout)")
    assert errors == []


def test_a_module_that_a_cell_writes(run):
    """`%%writefile` makes a module that later cells import; `-a` adds to it."""
    errors, names = run(
        "%%writefile helper_a.py\ndef one():\n    return 1",
        "%%writefile -a helper_a.py\ndef two():\n    return one() + 1",
        "%%file lib/helper_b.py\nthree = 3",
        "%%writefile data.csv\na,b",
        "from helper_a import *\nfrom lib.helper_b import three\ntotal = one() + two() + three",
    )
    assert errors == []
    assert names["total"] == 6


def test_a_cell_that_writes_the_exercise_itself(run):
    """`%%writefile` of the notebook's own module is a definition."""
    errors, names = run(
        "%%writefile nb.py\ndef f():\n    return 1", "from nb import f as g\nassert g() == 1"
    )
    assert errors == []
    assert names["f"]() == 1


@pytest.mark.parametrize(
    "line", ["%run helper_c.py", "%run ./helper_c", "run helper_c.py", "%run -i helper_c.py 3"]
)
def test_a_file_that_a_cell_runs(line, run):
    """`%run` brings the names of a file that was handed in, too."""
    errors, names = run(f"{line}\nx = four", helper_c="four = 4")
    assert errors == []
    assert names["x"] == 4


@pytest.mark.parametrize(
    "line",
    ["pip install numpy", "cd ..", "!pip install a \\\n    b", "%pip install \\\n  a",
     "matplotlib inline", "   x = 1\n   y = 2"],
)  # fmt: skip
def test_what_ipython_understands(line, run):
    """Magics without their `%`, commands over several lines and indented cells are no errors."""
    errors, names = run(f"{line}\n", "after = 1")
    assert errors == []
    assert names["after"] == 1


def test_what_follows_from_an_error_is_not_told(run):
    """The use of a name that an earlier statement failed to define is passed over silently."""
    errors, _ = run("import nowhere as n\nx = n.x\ny = x + 1", "print(y)\nprint(z)")
    assert [type(e).__name__ for e in errors] == ["ModuleNotFoundError", "NameError"]


def test_names_of_isolated_cells():
    """In marimo a name with a leading underscore belongs to its cell."""
    cells = [("a", "_k = 1\ndef f(): return _k", True), ("b", "_k = 2\ng = f()", True)]
    errors = []
    finder = SourceFinder({"nb": Source(cells, notebook=True)}, errors.append)
    module = importlib.util.module_from_spec(finder.find_spec("nb"))
    finder.exec_module(module)
    assert errors == []
    assert (module.f(), module.g) == (1, 1)
    assert not hasattr(module, "_k")


def test_a_folder_on_the_path(monkeypatch):
    """A module lies where `sys.path` says, also if the folder has another place on this machine."""
    sources = {"lib.inner.helper": Source([("h", "x = 1")], notebook=False)}
    finder = SourceFinder(sources, print)
    assert finder.find_spec("helper") is None
    monkeypatch.setattr(sys, "path", ["/content/drive/MyDrive/hw/lib/inner"])
    spec = finder.find_spec("helper")
    module = importlib.util.module_from_spec(spec)
    finder.exec_module(module)
    assert module.x == 1
    assert finder.find_spec("other") is None
