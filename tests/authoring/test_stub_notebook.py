"""Notebooks: given out as stubs, run by a real Jupyter kernel, and handed in with all that notebooks do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from small_course import SMALL, forget

from grader import magic
from grader.authoring.release import release, write
from grader.course.loader import find_course, find_exercise
from grader.course.stub import BEGIN, END, make_stub
from grader.course.stub_notebook import (
    for_notebooks,
    outside_code,
    sections,
    stub_cells,
    stub_notebook,
)
from grader.errors import UsageError
from grader.magic import notebook_file

ROOT = Path(__file__).resolve().parents[2]
SOLUTIONS = sorted((ROOT / "solutions").glob("ex*.py"))
COURSE = find_course(ROOT)
SOLVED = (SMALL / "solutions" / "ex01_line.py").read_text(encoding="utf-8")


def made(exercise):
    """The notebook of one of the course's exercises, as bytes, and what it was made of."""
    path = COURSE.solutions / exercise.file
    stub = make_stub(path.read_text(encoding="utf-8"), path.name)
    handout = (exercise.folder / "README.md").read_text(encoding="utf-8")
    return stub_notebook(exercise, stub, handout, f"exercises/{exercise.name}"), stub, handout


def read(data):
    """A notebook from bytes, proven valid."""
    book = nbformat.reads(data.decode(), as_version=4)
    nbformat.validate(json.loads(data))
    return book


def by_name(book):
    """A notebook's cells by the name in their ids."""
    return {cell["id"].partition("-")[2]: cell for cell in book.cells}


def solved(name, source=SOLVED):
    """One function of a solution as a cell's text."""
    cells = dict(stub_cells(source))
    lines = [x for x in cells[name].splitlines() if x.strip() not in (BEGIN, END)]
    return "\n".join(lines).strip("\n")


# What is given out


@pytest.mark.parametrize("exercise", COURSE.exercises, ids=lambda e: e.id)
def test_notebooks_of_the_course(exercise):
    """Each exercise's notebook is valid in format 4.5: the handout, a cell of imports, a cell for each
    function in the stub's words, a cell that checks, and nothing run yet."""
    data, stub, handout = made(exercise)
    book = read(data)
    assert (book.nbformat, book.nbformat_minor) == (4, 5)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    names = [cell["id"].removeprefix(f"{exercise.id}-") for cell in code]
    assert (names[0], names[-1]) == ("imports", "check")
    assert sorted(names[1:-1]) == sorted(exercise.names)
    assert "import numpy as np" in code[0].source
    joined = "\n\n\n".join(cell.source for cell in code[:-1])
    assert joined.removeprefix("%load_ext").endswith(stub[stub.index("import ") :].rstrip("\n"))
    assert code[-1].source.endswith(f"\n%load_ext grader.magic\n%grade {exercise.id}")
    text = [cell.source for cell in book.cells if cell.cell_type == "markdown"]
    assert [t.splitlines()[0] for t in text[1:-1]] == [
        line for line in handout.splitlines() if line.startswith("## ")
    ]
    assert all(not c.metadata and not c.get("outputs") for c in book.cells)
    assert len({cell["id"] for cell in book.cells}) == len(book.cells)


@pytest.mark.parametrize("exercise", COURSE.exercises, ids=lambda e: e.id)
def test_links_lead_somewhere(exercise):
    """Figures and links of the handout are found from where the notebook lies."""
    data, _, _ = made(exercise)
    text = "".join(cell.source for cell in read(data).cells if cell.cell_type == "markdown")
    assert f"](exercises/{exercise.name}/figure.svg)" in text
    links = [part.partition(")")[0] for part in text.split("](")[1:]]
    assert links
    for link in links:
        assert "://" in link or (ROOT / link).is_file(), link


@pytest.mark.parametrize("exercise", COURSE.exercises, ids=lambda e: e.id)
def test_no_line_of_the_solution_is_in_it(exercise):
    """Nothing that stood between the marks is in the notebook's file, wherever in it."""
    data, stub, handout = made(exercise)
    inside = False
    secret = set()
    for line in (COURSE.solutions / exercise.file).read_text(encoding="utf-8").splitlines():
        if line.strip() in (BEGIN, END):
            inside = line.strip() == BEGIN
        elif inside and len(line.strip()) >= 12:
            secret.add(line.strip())
    everything = data.decode() + "\n".join(cell.source for cell in read(data).cells)
    assert secret
    assert not [s for s in secret if s in everything and s not in stub and s not in handout]
    assert "SOLUTION" not in everything


def test_the_same_bytes_every_time():
    """Made twice, and by another process with other hashes, a notebook has the same bytes."""
    exercise = COURSE.exercises[0]
    data, stub, handout = made(exercise)
    assert made(exercise)[0] == data
    code = (
        "import sys; from pathlib import Path\n"
        "from grader.course.loader import find_course\n"
        "from grader.course.stub_notebook import stub_notebook\n"
        "exercise = find_course(Path()).exercises[0]\n"
        "stub, handout = sys.stdin.buffer.read().decode().split('\\0')\n"
        "folder = f'exercises/{exercise.name}'\n"
        "sys.stdout.buffer.write(stub_notebook(exercise, stub, handout, folder))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "7"},
        input=f"{stub}\0{handout}".encode(),
        capture_output=True,
        check=True,
    )
    assert done.stdout == data


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda p: p.stem)
def test_cells_are_the_stub(path):
    """The cells of a stub, one after the other, are the stub, line for line."""
    stub = make_stub(path.read_text(encoding="utf-8"), path.name)
    cells = [source.strip("\n") for _, source in stub_cells(stub)]
    assert "\n\n\n".join(cells) + "\n" == stub


def test_what_stands_between_functions():
    """Comments, decorators and constants between two functions belong to the second one."""
    stub = "import a\n\n# one\nA = 1\n\ndef f():\n    pass\n\n# two\nB = 2\n\n@d\n# three\ndef g():\n    pass\n\nC = 3\n"
    assert [(name, text.strip()) for name, text in stub_cells(stub)] == [
        ("imports", "import a\n\n# one\nA = 1"),
        ("f", "def f():\n    pass"),
        ("g", "# two\nB = 2\n\n@d\n# three\ndef g():\n    pass"),
        ("rest", "C = 3"),
    ]
    assert [name for name, _ in stub_cells("def f():\n    pass\n")] == ["f"]


def test_parts_of_a_handout():
    """A handout is cut at headings of the second level, never inside a block of code."""
    text = "# T\n\nA\n\n## B\n\n```sh\n## no heading\n[a](b)\n```\n\n## C\n"
    assert [part.splitlines()[0] for part in sections(text)] == ["# T", "## B", "## C"]
    assert "".join(sections(text)) == text
    assert outside_code(text, str.lower).count("[a](b)") == 1
    assert outside_code("A\n```\nA\n```\nA\n", str.lower) == "a\n```\nA\n```\na\n"


# A workspace of notebooks, and a real kernel


@pytest.mark.parametrize("exercise", COURSE.exercises, ids=lambda e: e.id)
def test_a_handout_for_notebooks_speaks_of_no_script(exercise):
    """It names the notebook, and says how its lines are tried there."""
    text = for_notebooks(exercise, (exercise.folder / "README.md").read_text(encoding="utf-8"))
    assert f"`{exercise.name}.ipynb`" in text
    assert exercise.file not in text
    assert "doctest" not in text
    assert "(in a cell below your functions" in text


@pytest.fixture(scope="module")
def released():
    """A small course given out as notebooks."""
    course = find_course(SMALL)
    files = release(course, course.exercises, notebooks=True)
    forget()
    return files


@pytest.fixture
def workspace(released, tmp_path, monkeypatch):
    """A workspace of notebooks, where the command `grade` is found and Jupyter keeps its files apart."""
    folder = tmp_path / "work"
    write(released, folder)
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    script = bin_folder / "grade"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m grader "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("NO_COLOR", "1")
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.chdir(folder)
    return folder


def execute(book, folder):
    """Run a notebook in a Jupyter kernel of its own; its outputs are filled in."""
    client = NotebookClient(
        book, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()


def printed(cell):
    """What a cell printed."""
    return "".join(o.get("text", "") for o in cell.outputs)


def test_files_of_the_workspace(released, tmp_path):
    """With notebooks there are no scripts, and the README names the notebooks; nothing else differs."""
    tops = {str(path) for path in released if len(path.parts) == 1}
    assert {"README.md", "ex01_line.ipynb"} <= tops
    assert "ex01_line.py" not in tops
    assert "`ex01_line.ipynb`" in released[PurePosixPath("README.md")].decode()
    course = find_course(SMALL)
    scripts = release(course, course.exercises)
    forget()
    assert set(scripts) - set(released) == {PurePosixPath("ex01_line.py")}
    below = [path for path in scripts if len(path.parts) > 1]
    assert all(scripts[path] == released[path] for path in below)


@pytest.mark.slow
def test_a_kernel_runs_the_stub_to_its_check(workspace, grade):
    """The stub runs from top to bottom and ends with the report: every function is still to be written,
    no point. With one function solved the score rises, by `!grade` and by `%grade`."""
    path = workspace / "ex01_line.ipynb"
    book = read(path.read_bytes())
    execute(book, workspace)
    cells = by_name(book)
    report = printed(cells["check"])
    assert "Begin here: mean, line " in report
    assert "  0 of 9 points" in report
    assert [o for c in book.cells if c.cell_type == "code" for o in c.outputs] == cells[
        "check"
    ].outputs

    cells["mean"].source = solved("mean")
    cells["check"].source = "!grade ex01\n%load_ext grader.magic\n%grade ex01 -v -k mean"
    nbformat.write(book, path)
    scratch = nbformat.v4.new_code_cell(
        "%grade ex44\n%grade ex01 -q\n%grade 'ex01\nassert not set(sys.modules) & {'pytest', '_pytest'}"
    )
    changed = nbformat.v4.new_code_cell(
        "import sys\ndef count(x):\n    return 3\n%grade ex01 -k mean"
    )
    book.cells += [changed, scratch]
    execute(book, workspace)
    report = printed(cells["check"])
    shell, _, magics = report.partition("points")
    assert shell.rstrip().endswith("1 of 9")
    assert "mean is the sum of the entries divided by their number" in magics
    assert "1 of 1 points (only the checks selected by -k mean)" in magics
    assert "Checked ex01_line.ipynb as saved at " in magics
    assert "save the notebook first" not in magics
    assert "does not have your latest count: save the notebook first." in printed(changed)
    complaints = printed(scratch).splitlines()
    assert complaints[0] == "grade: ex44: no such exercise; this course has ex01"
    assert all("write `%grade ex04`" in line for line in complaints[1:3])
    assert len(complaints) == 3

    with path.open(encoding="utf-8") as file:
        assert json.load(file)["cells"][-1]["id"] == "ex01-check"
    assert grade("ex01", cwd=workspace).out.count("1 of 9 points") == 1


def test_earlier_notebooks_can_be_imported(workspace):
    """In a kernel, a notebook whose exercise builds on earlier ones imports their notebooks."""
    exercise = next(e for e in COURSE.exercises if e.requires)
    for one in [exercise, *(find_exercise(COURSE, name) for name in exercise.requires)]:
        (workspace / f"{one.name}.ipynb").write_bytes(made(one)[0])
    book = read((workspace / f"{exercise.name}.ipynb").read_bytes())
    assert book.cells.pop()["id"].endswith("-check")
    assert by_name(book)["imports"].source.startswith("%load_ext grader.magic\n")
    first = exercise.requires[0]
    book.cells.append(nbformat.v4.new_code_cell(f"import {first}\nprint({first}.__file__)"))
    execute(book, workspace)
    assert printed(book.cells[-1]).strip() == str(workspace / f"{first}.ipynb")
    book.cells = [nbformat.v4.new_code_cell(f"import {first}")]
    with pytest.raises(CellExecutionError, match="ModuleNotFoundError"):
        execute(book, workspace)


# The magic, without a kernel


class Shell:
    """What the extension needs of IPython."""

    def __init__(self):
        self.user_ns = {}
        self.magics_manager = self
        self.magics = {"line": {}}

    def register_magic_function(self, function, magic_kind, magic_name):
        """Keep a magic."""
        self.magics[magic_kind][magic_name] = function


@pytest.fixture
def shell():
    """A shell with the extension loaded."""
    one = Shell()
    magic.load_ipython_extension(one)
    yield one
    magic.unload_ipython_extension(one)
    assert not one.magics["line"]
    assert not [f for f in sys.meta_path if isinstance(f, magic.NotebookFinder)]


def test_whose_notebook(tmp_path, monkeypatch):
    """VS Code and Jupyter tell the notebook's file; what they tell is used only if there is such a
    notebook. Otherwise it is the exercise's own, or the one that is named."""
    monkeypatch.chdir(tmp_path)
    [exercise] = find_course(SMALL).exercises
    with pytest.raises(UsageError, match="name it: %grade ex01 my_notebook"):
        notebook_file(exercise, {}, {"JPY_SESSION_NAME": str(tmp_path / "gone.ipynb")})
    names = ("a.ipynb", "b.ipynb", "ex01_line.ipynb", "c.txt")
    a, b, _, c = (tmp_path / name for name in names)
    for name in names:
        (tmp_path / name).touch()
    told = {"JPY_SESSION_NAME": str(b)}
    assert notebook_file(exercise, {"__vsc_ipynb_file__": str(a)}, told) == a
    assert notebook_file(exercise, {"__vsc_ipynb_file__": 3}, told) == b
    for told in (f"{b}-0a1b-2c3d", "home/b.ipynb", "b.ipynb"):
        assert notebook_file(exercise, {}, {"JPY_SESSION_NAME": told}).resolve() == b.resolve()
    assert notebook_file(exercise, {}, {"JPY_SESSION_NAME": str(c)}) == Path("ex01_line.ipynb")
    assert notebook_file(exercise, {}, {}) == Path("ex01_line.ipynb")


def test_the_magic_names_a_file(shell, workspace, capfd):
    """`%grade ex01 FILE` checks that file, also with spaces in its name; a file that is not there is
    told in one line."""
    run = shell.magics["line"]["grade"]
    (workspace / "my work.ipynb").write_bytes((workspace / "ex01_line.ipynb").read_bytes())
    run("ex01 'my work.ipynb' -k mean")
    out, err = capfd.readouterr()
    assert "0 of 1 points" in out
    assert "Checked my work.ipynb" in out
    assert err == ""
    run("ex01 gone.ipynb")
    out, err = capfd.readouterr()
    assert "gone.ipynb: no such file or folder" in out
    run('ex01 "my work.ipynb')
    assert "No closing quotation; write `%grade ex04`" in capfd.readouterr().err


def files_of(folder):
    """What lies in a folder, but for bytecode."""
    return sorted(path for path in folder.rglob("*") if "__pycache__" not in path.parts)


def test_cells_in_memory(shell, workspace, capfd):
    """Where the notebook's file is on another machine, what was run is checked, in the order of the runs;
    nothing is left behind. Before anything was run, that is said."""
    run = shell.magics["line"]["grade"]
    (workspace / "ex01_line.ipynb").unlink()
    run("ex01")
    complaint = capfd.readouterr().err
    assert "no function of ex01 was run in it yet" in complaint
    shell.history_manager = shell
    wrong = "def count(x):\n    return 3"
    shell.input_hist_raw = ["", "import numpy as np", wrong, solved("count"), "%grade ex01"]
    before = files_of(workspace)
    run("ex01 -k count")
    out, err = capfd.readouterr()
    assert "1 of 1 points" in out
    assert "Checked what you ran in this notebook" in out
    assert err == ""
    assert files_of(workspace) == before


def test_other_words_of_the_magic(shell, workspace, capfd, monkeypatch):
    """`%grade` alone shows the progress, `%grade hint` the hints, in colour unless NO_COLOR is set."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    run = shell.magics["line"]["grade"]
    run("")
    assert "ex01  A line through the data" in capfd.readouterr().out
    run("hint ex01")
    assert "ex01" in capfd.readouterr().out
    run("ex01 -k mean")
    assert "\x1b[" in capfd.readouterr().out
    run("demo ex01")
    assert "ex01 has no demo" in capfd.readouterr().out
    run("demo")
    assert "write `%grade demo ex09`" in capfd.readouterr().err


def test_a_demo_in_a_notebook(shell, monkeypatch):
    """`%grade demo` shows a page in a frame of its own, which cannot change the notebook's style."""
    monkeypatch.chdir(Path(__file__).resolve().parents[2] / "solutions")
    shown = []
    shell.display_pub = shell
    shell.publish = shown.append
    shell.history_manager = shell
    text = Path("ex04_convolution.py").read_text("utf-8")
    shell.input_hist_raw = ["", text]
    shell.magics["line"]["grade"]("demo ex04")
    [data] = shown
    assert data["text/html"].startswith('<iframe srcdoc="&lt;!doctype html&gt;')
    assert "<svg" not in data["text/html"]
    assert "the digit" in data["text/plain"]


def test_importing_a_notebook_that_is_not_finished(shell, tmp_path, monkeypatch, capsys):
    """Cells that raise are named and do not stop the import; magics do nothing. Other names are not
    looked at."""
    monkeypatch.chdir(tmp_path)
    cells = ["%matplotlib inline\na = 1", "b = ", "c = 1 / 0", "!grade ex77\nd = a + 1"]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    for name in ("ex77_unfinished", "other"):
        nbformat.write(book, tmp_path / f"{name}.ipynb")
    monkeypatch.delitem(sys.modules, "ex77_unfinished", raising=False)
    import ex77_unfinished

    assert (ex77_unfinished.a, ex77_unfinished.d) == (1, 2)
    assert capsys.readouterr().err.splitlines() == [
        "ex77_unfinished.ipynb cell 2: SyntaxError: invalid syntax (ex77_unfinished.ipynb cell 2, line 1)",
        "ex77_unfinished.ipynb cell 3: ZeroDivisionError: division by zero",
    ]
    with pytest.raises(ModuleNotFoundError):
        import other  # noqa: F401


def test_ipython_is_not_imported(command, tmp_path):
    """Neither a run of `grade` nor loading the extension's module imports IPython."""
    code = "import sys, grader.magic; print(sorted({'IPython', 'nbformat'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == "[]\n"


# Handed in


@pytest.fixture
def hand_in(small, grade):
    """Grade a notebook of these code cells in the small course; the file must stay as it was."""

    def call(*sources):
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        path = small.root.parent / "hw.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
        before = path.read_bytes()
        result = grade("ex01", path, cwd=small.root)
        assert path.read_bytes() == before
        assert "Traceback" not in result.out + result.err
        return result

    return call


IMPORTS = "import numpy as np"
PLOTTING = [
    "plt.rcParams['figure.figsize'] = [8, 4]\nplt.style.use('ggplot')",
    "(line,) = plt.plot([1, 2])\nline.set_label('a')",
    "counts, edges, patches = plt.hist([1, 2, 2])",
    "figure, ((a, b, c), (d, e, f)) = plt.subplots(2, 3)\nf.imshow(np.eye(3), cmap=plt.cm.gray)",
    "figure, axes = plt.subplots(2, 2)\naxes[0, 1].set(title='x')\n"
    "for axis, values in zip(axes.flat, [[1], [2]]):\n    axis.plot(values)",
    "with plt.style.context('dark_background'):\n    plt.savefig('x.png', dpi=300)",
    "first, *others = plt.plot([1], [2], [3], [4])",
    "from mpl_toolkits.mplot3d import Axes3D\nfrom matplotlib.animation import FuncAnimation\n"
    "FuncAnimation(plt.figure(), lambda i: None)",
    "from tqdm.auto import tqdm, trange\nbar = tqdm(total=10)\nbar.update(3)\nbar.close()\n"
    "with tqdm(range(3), desc='x') as bar:\n    for i in bar:\n        bar.set_postfix(loss=i)\n"
    "assert [i for i in trange(1, 3)] == [1, 2]\nassert len(tqdm([1, 2])) == 2",
    "from IPython.display import Image, display\ndisplay(Image('x.png'))\n"
    "import ipywidgets\nipywidgets.interact(lambda n: n, n=(0, 5))",
]
ALL = [solved(name) for name in ("mean", "count", "line_forward", "line_backward")]


def test_a_notebook_with_input(hand_in):
    """`input()` is told at once, with the cell and the line, and the other cells count."""
    result = hand_in(IMPORTS, 'name = input("Your name? ")\nprint("Hello", name)', *ALL)
    assert "there is no keyboard while grading" in " ".join(result.out.split())
    assert result.out.count("raised") == 1  # not for the use of the name, too
    assert 'hw.ipynb cell 2, line 1: name = input("Your name? ")' in result.out
    assert "11 of 11 points" in result.out


def test_a_function_that_asks(hand_in):
    """`input()` inside a function costs that function its points, not the others theirs."""
    asks = ALL[0].replace('x."""', 'x."""\n    input("go on?")')
    assert asks != ALL[0]
    result = hand_in(IMPORTS, asks, *ALL[1:])
    assert "mean raised EOFError: input() cannot be used" in result.out
    assert "10 of 11 points" in result.out


def test_a_notebook_that_plots(hand_in):
    """Plots and their magics cost nothing, and nothing of them is complained about."""
    result = hand_in(
        "%matplotlib inline\n%config InlineBackend.figure_format = 'retina'",
        f"{IMPORTS}\nimport matplotlib.pyplot as plt\nimport seaborn as sns\nfrom tqdm import tqdm",
        *ALL,
        "figure, axes = plt.subplots(1, 2, figsize=(8, 3))\n"
        "for axis in axes:\n    axis.plot(np.arange(3), np.arange(3) ** 2, label='squares')\n"
        "plt.legend()\nplt.show()\nsns.set_theme()\n"
        "for _ in tqdm(range(3)):\n    mean(np.arange(3))",
        "%%time\nmean(np.arange(3))",
        *PLOTTING,
    )
    assert (result.code, result.err) == (0, "")
    assert "11 of 11 points" in result.out
    assert "raised" not in result.out


def test_what_only_a_notebook_knows(hand_in):
    """`display`, `get_ipython` and what a shell line puts into a variable cost nothing."""
    result = hand_in(
        IMPORTS, *ALL, "files = !ls\nfor file in files:\n    print(file)", "display(mean(np.arange(3)))",
        "get_ipython().run_line_magic('matplotlib', 'inline')",
    )  # fmt: skip
    assert "raised" not in result.out
    assert "11 of 11 points" in result.out


def test_a_notebook_that_installs(hand_in):
    """`!pip install`, `%pip install` and `%%bash` do nothing while grading."""
    result = hand_in("!pip install numpy\n%pip install seaborn", "%%bash\nls", IMPORTS, *ALL, "!ls")
    assert (result.code, result.err) == (0, "")
    assert "11 of 11 points" in result.out


def test_an_unfinished_notebook(hand_in):
    """Cells that are broken, empty or missing cost what they would have earned and no more: each is
    named with its cell, and what works counts."""
    broken = "def count(x):\n    return int("
    result = hand_in(IMPORTS, ALL[0], broken, "", solved("line_forward", stub_of(SOLVED)))
    assert result.code == 1
    assert "SyntaxError: '(' was never closed" in result.out
    assert "hw.ipynb cell 3, line 2: return int(" in result.out
    assert "The function count(x) is missing." in result.out
    assert "The function line_backward(dout, cache) is missing." in result.out
    assert "line_forward, line " in result.out
    assert "1 of 11 points" in result.out


def stub_of(source):
    """A solution's stub."""
    return make_stub(source, "ex01_line.py")


def test_earlier_exercises_beside_it(grade, tmp_path):
    """A notebook that builds on earlier exercises is graded with those beside it, notebooks or
    scripts; a script comes first."""
    exercise = next(e for e in COURSE.exercises if e.requires)
    path = tmp_path / f"{exercise.name}.ipynb"
    path.write_bytes(made(exercise)[0])
    alone = grade("--course", ROOT, exercise.id, path, cwd=tmp_path)
    said = " ".join(alone.out.split())
    assert f"not part of the submission: {exercise.requires[0]}.py" in said
    for name in exercise.requires[:-1]:
        data, _, _ = made(find_exercise(COURSE, name))
        (tmp_path / f"{name}.ipynb").write_bytes(data)
    last = exercise.requires[-1]
    (tmp_path / f"{last}.ipynb").write_text("not read", encoding="utf-8")
    script = (ROOT / "solutions" / f"{last}.py").read_text(encoding="utf-8")
    (tmp_path / f"{last}.py").write_text(script, encoding="utf-8")
    beside = grade("--course", ROOT, exercise.id, path, cwd=tmp_path)
    assert "not part of the submission" not in beside.out
    assert "Begin here: " in beside.out
