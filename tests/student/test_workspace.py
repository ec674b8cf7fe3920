"""A student's workspace: made by `grade init`, with progress and suggestions."""

import json
import os
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from workspaces import ROOT, run_apart, solve

from grader.course.loader import find_course
from grader.errors import UsageError
from grader.student.overview import overview
from grader.student.progress import RECORD, read_progress
from grader.student.workspace import create, template_folder

HERE = Path(__file__).parent


def test_init_makes_a_workspace(tmp_path):
    """`grade init` copies the template and says what to do; the folder then grades by itself."""
    done = run_apart(tmp_path, "init", "my-course")
    assert done.returncode == 0
    assert "cd my-course && grade" in done.stdout
    checked = run_apart(tmp_path / "my-course", "ex04")
    assert checked.returncode == 1
    assert "not written yet" in checked.stdout
    assert "0 of" in checked.stdout


def test_a_workspace_of_1_0_0(tmp_path, run):
    """A workspace that nn-grader 1.0.0 made and graded in keeps its progress, and is graded as it was."""
    shutil.unpack_archive(HERE / "workspace_1_0_0.zip", tmp_path)
    assert re.search(r"ex01 .* 6/9", run(tmp_path).out)
    again = run(tmp_path, "ex01")
    assert (again.code, "6 of 9 points" in again.out) == (1, True)
    # Its recorded misconceptions answer to the calls of 1.0.0's gradient check; the numbers say it, too.
    assert "the number of examples" in " ".join(again.out.split())
    file = tmp_path / "ex01_line.py"
    file.write_text(
        file.read_text("utf-8").replace("dout.mean(axis=0)", "dout.sum(axis=0)"), "utf-8"
    )
    assert run(tmp_path, "ex01").code == 0
    assert read_progress(find_course(tmp_path))["ex01"].done


def test_init_overwrites_nothing(workspace):
    """A folder that holds anything is refused, and stays as it is."""
    before = sorted(workspace.rglob("*"))
    with pytest.raises(UsageError, match="not empty"):
        create(workspace)
    assert sorted(workspace.rglob("*")) == before


def test_progress_is_remembered(workspace, run):
    """After a check, `grade` alone shows the points and what comes next; then the next exercise."""
    run(workspace, "ex04")
    shown = run(workspace).out
    assert "0/" in shown
    assert "next: output_size counts" in shown
    solve(workspace)
    done = run(workspace, "ex04")
    assert done.code == 0
    assert "Next: " in done.out
    course = find_course(workspace)
    assert read_progress(course)["ex04"].done
    assert any(line.startswith("  ✓ ex04") for line in overview(course, workspace, 80))


def test_a_partial_run_does_not_count(workspace, run):
    """A run of some checks with -k, or of another file, leaves the record alone."""
    solve(workspace)
    run(workspace, "ex04", "-k", "output_size")
    run(workspace, "ex04", str(ROOT / "examples" / "ben_loops.py"))
    assert not (workspace / RECORD).exists()


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"version": 99}', '{"version": 1, "exercises": 3}']
)
def test_a_broken_record_is_no_record(workspace, text, run):
    """A record that cannot be read is begun anew, without a word about it."""
    (workspace / RECORD).parent.mkdir()
    (workspace / RECORD).write_text(text, encoding="utf-8")
    assert run(workspace).code == 0
    run(workspace, "ex04")
    record = json.loads((workspace / RECORD).read_text(encoding="utf-8"))
    assert list(record["exercises"]) == ["ex04"]


def test_the_own_file_counts_however_it_is_named(workspace, run):
    """`grade ex04 ex04_convolution.py`, as after a Tab or from a notebook, is the same as without."""
    solve(workspace)
    for words in (["ex04_convolution.py"], ["."], [str(workspace / "ex04_convolution.py")]):
        run(workspace, "ex04", *words)
        assert read_progress(find_course(workspace))["ex04"].done
        (workspace / RECORD).unlink()


def test_an_older_file_elsewhere_does_not_count(workspace, run):
    """`grade ex04` in another folder grades what is there, and is no progress."""
    (workspace / "old").mkdir()
    (workspace / "old" / "ex04_convolution.py").write_text("x = 1\n", encoding="utf-8")
    assert run(workspace / "old", "ex04").code == 1
    assert read_progress(find_course(workspace)) == {}


def as_notebook(folder, name):
    """The solution as a notebook in the workspace."""
    source = (ROOT / "solutions" / f"{name}.py").read_text(encoding="utf-8")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbformat.write(book, folder / f"{name}.ipynb")


def test_a_notebook_beside_the_stub_counts(workspace, run):
    """Who works in a notebook need not remove the stub beside it; once both are written the script
    counts. A note says which."""
    as_notebook(workspace, "ex02_activations")
    shown = run(workspace, "ex02").out
    assert "ex02_activations.ipynb was graded" in " ".join(shown.split())
    assert "all checks passed" in shown
    assert read_progress(find_course(workspace))["ex02"].done
    path = workspace / "ex02_activations.py"
    path.write_text(path.read_text(encoding="utf-8") + "\ndef own(): pass\n", encoding="utf-8")
    shown = run(workspace, "ex02").out
    assert "ex02_activations.py was graded" in " ".join(shown.split())
    assert not read_progress(find_course(workspace))["ex02"].done


def test_a_mistake_may_lie_in_an_earlier_exercise(workspace, run):
    """What did not pass is said to build on what is not done; nothing is said of what is, or when all
    is well."""
    for name in ("ex03_fully_connected", "ex07_losses", "ex08_backpropagation"):
        solve(workspace, name)
    run(workspace, "ex02")
    run(workspace, "ex03")
    shown = " ".join(run(workspace, "ex08").out.split())
    builds = r"ex08 builds on ex02 \(0 of \d+ points there\), ex07 \(not checked yet\): a mistake"
    assert re.search(builds, shown)
    solve(workspace, "ex02_activations")
    assert "builds on" not in run(workspace, "ex08").out


def test_an_exercise_builds_on_the_notebook_beside_a_stub(workspace, run):
    """What a later exercise imports is the written notebook, too, not the stub."""
    for name in ("ex02_activations", "ex03_fully_connected"):
        as_notebook(workspace, name)
    solve(workspace, "ex07_losses")
    solve(workspace, "ex08_backpropagation")
    assert "all checks passed" in run(workspace, "ex08").out


def test_a_file_that_cannot_be_loaded_is_what_comes_next(workspace, run):
    """The record names what is wrong with the file, and not the first check that could not run."""
    (workspace / "ex04_convolution.py").write_text("def oops(\n", encoding="utf-8")
    run(workspace, "ex04")
    assert "next: Your file cannot be loaded: SyntaxError" in run(workspace).out


def test_progress_fits_the_terminal(workspace, run, monkeypatch):
    """No line of `grade` alone is longer than the terminal is wide."""
    solve(workspace)
    run(workspace, "ex04")
    run(workspace, "ex02")
    for width in (40, 60, 80):
        monkeypatch.setenv("COLUMNS", str(width))
        shown = run(workspace).out
        assert max(map(len, shown.splitlines())) <= width
        assert "builds on ex02, ex03" in shown


def test_all_counts_what_is_missing(workspace, run):
    """`grade all` grades every exercise; one whose file is not there has no points, and a reason."""
    for name in ("ex08_backpropagation", "ex09_cnn", "ex10_locality"):
        (workspace / f"{name}.py").unlink()
    done = run(workspace, "all", "--format", "json")
    assert done.code == 1
    reports = json.loads(done.out)
    assert [r["exercise"] for r in reports] == [e.id for e in find_course(workspace).exercises]
    last = reports[9]
    assert (last["score"], last["max_score"]) == (0, 24)  # one more is hidden
    assert last["problems"] == ["ex10_locality.py is missing"]


def test_a_workspace_holds_no_trace_of_its_installation(workspace, monkeypatch, tmp_path):
    """pip compiles the template's files and may write-protect them: neither comes along."""
    template = tmp_path / "template"
    shutil.copytree(workspace, template)
    (template / "__pycache__").mkdir()
    (template / "__pycache__" / "ex01_neuron.cpython-311.pyc").write_bytes(b"")
    for path in [*template.rglob("*"), template]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    monkeypatch.setattr("grader.student.workspace.template_folder", lambda: template)
    create(tmp_path / "new")
    made = {p.relative_to(tmp_path / "new") for p in (tmp_path / "new").rglob("*")}
    assert made == {p.relative_to(workspace) for p in workspace.rglob("*")}
    assert all((tmp_path / "new" / p).stat().st_mode & 0o200 for p in made)


def test_init_quotes_the_folder(tmp_path, run):
    """The command that is printed can be pasted, also with a blank in the folder's name."""
    assert "cd 'my first course' && grade watch" in run(tmp_path, "init", "my first course").out


def test_a_file_may_ask_where_it_lies(workspace, run):
    """`__file__`, as in `sys.path.insert(0, os.path.dirname(__file__))`, is known, with no folder."""
    solve(workspace)
    file = workspace / "ex04_convolution.py"
    text = file.read_text(encoding="utf-8")
    head = "import os, sys\nsys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))\n"
    file.write_text(f'{head}assert __file__ == "ex04_convolution.py"\n{text}', encoding="utf-8")
    assert run(workspace, "ex04").code == 0
    apart = run_apart(workspace, "ex04", "--debug")  # what it does to `sys.path` stays there
    assert apart.returncode == 0


def test_a_file_called_like_a_library(workspace):
    """Whatever lies in the folder, nothing of it is imported into the grader's own process."""
    solve(workspace)
    (workspace / "click.py").write_text("raise SystemExit('imported')\n", encoding="utf-8")
    done = run_apart(workspace, "ex04")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("helper", ["helpers.py", "helpers/__init__.py", "helpers/inner.py"])
def test_a_module_beside_the_file_is_found(workspace, helper, run):
    """What a workspace's file imports from beside it comes along, and what that imports."""
    solve(workspace)
    file = workspace / "ex04_convolution.py"
    (workspace / helper).parent.mkdir(exist_ok=True)
    (workspace / helper).write_text("import numpy as np\nfrom more import zero\n", encoding="utf-8")
    (workspace / "more.py").write_text("zero = 0\n", encoding="utf-8")
    (workspace / "broken.py").write_text("def (", encoding="utf-8")  # nobody imports it
    text = file.read_text(encoding="utf-8")
    module = helper.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    file.write_text(f"from {module} import zero\n{text}", encoding="utf-8")
    assert run(workspace, "ex04").code == 0
    assert run(workspace, "ex04", "--debug").code == 0


def test_a_file_with_another_name_brings_nobody_along(workspace, run):
    """In a folder of submissions the file beside it is another student's."""
    solve(workspace)
    (workspace / "ben.py").write_text("from ex04_convolution import *\n", encoding="utf-8")
    (workspace / "anna.py").write_text("def output_size(): pass\n", encoding="utf-8")
    (workspace / "carl.py").write_text("from anna import *\n", encoding="utf-8")
    said = " ".join(run(workspace, "ex04", "carl.py").out.split())
    assert "No module named 'anna' here" in said


def test_a_file_in_the_place_of_the_exercise(workspace, run):
    """`grade ex04_convolution.py` is told the words that were meant."""
    done = run(workspace, "ex04_convolution.py")
    assert done.code == 2
    assert "grade ex04 ex04_convolution.py" in done.err


@pytest.mark.skipif(os.name == "nt", reason="Windows' folders have no such modes")
def test_a_course_that_cannot_be_read(workspace):
    """One line says which folder it is; it is no fault of ours."""
    through = []
    if os.getuid() == 0:  # who reads everything, unless the right to is given up
        if not shutil.which("setpriv"):
            pytest.skip("root reads everything, and there is no setpriv to give that up")
        through = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    (workspace / "exercises").chmod(0)
    try:
        done = run_apart(workspace, "ex04", through=through)
    finally:
        (workspace / "exercises").chmod(0o755)
    assert done.returncode == 2
    assert "cannot be read" in done.stderr


def test_checks_that_are_broken(workspace, run):
    """A checks file that somebody broke is named with its line."""
    file = workspace / "exercises" / "ex04_convolution" / "test_ex04.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}def (\n", encoding="utf-8")
    done = run(workspace, "ex04")
    number = text.count("\n") + 1
    assert done.code == 3
    assert f"test_ex04.py, line {number}: the checks cannot be loaded: SyntaxError" in done.err


def test_nothing_is_recorded_in_a_clone():
    """In a course with its solutions no record is kept."""
    assert read_progress(find_course(ROOT)) == {}
    assert not (ROOT / RECORD).exists()


def test_the_template_has_every_exercise():
    """The template holds the stub, the handout and the recorded answers of each exercise."""
    course, template = find_course(ROOT), template_folder()
    for exercise in course.exercises:
        folder = template / "exercises" / exercise.name
        assert (template / exercise.file).is_file()
        assert (folder / "README.md").is_file()
        assert (folder / "recorded.npz").is_file()


def test_debug_runs_what_is_graded(workspace, run):
    """A notebook that draws, and has a statement that raises, is run by `--debug` as it is graded."""
    solve(workspace)
    file = workspace / "ex04_convolution.py"
    head = "# %%\nimport mpl_toolkits.nowhere as nowhere\nnowhere.draw() + 1\n1 / 0\n\n# %%\n"
    file.write_text(head + file.read_text(encoding="utf-8"), encoding="utf-8")
    for words in ((), ("--debug",)):
        done = run(workspace, "ex04", *words)
        assert done.code == 0
        assert "ex04_convolution.py cell 1, line 3: 1 / 0" in done.out
