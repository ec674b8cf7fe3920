"""The comparison with other graders: each gets the same exercise, and what is measured is shown."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import pytest
from parallel import LIGHT

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
pytest.importorskip("resource", reason="the benchmark counts its descendants' time as Unix does")

from meter import Command, Done  # noqa: E402
from peers import check50, exercise, gradescope, nbgrader, otter, table  # noqa: E402
from peers.environments import CannotInstall  # noqa: E402
from peers.peer import Peer, Setting  # noqa: E402
from peers.plain import XdistSession  # noqa: E402

NAMES = [check.name for check in exercise.checks()]
QUIET = ("-q", "-p", "no:grader", "-p", "no:cacheprovider", *LIGHT.split())


def load_command() -> Any:
    """`benchmarks/peers.py`, whose name the package beside it has."""
    spec = importlib.util.spec_from_file_location("peers_command", BENCHMARKS / "peers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def functions(source: str) -> dict[str, ast.FunctionDef]:
    """The functions and methods of a source."""
    nodes = ast.walk(ast.parse(source))
    return {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}


# The exercise


def test_every_check_is_read_with_its_points():
    """What other graders are told of the checks is what the exercise says."""
    source = exercise.CHECKS.read_text(encoding="utf-8")
    assert set(NAMES) == {name for name in functions(source) if name.startswith("test_")}
    marks = [line for line in source.splitlines() if line.startswith("@pytest.mark.points(")]
    written = sum(float(line.partition("(")[2].rstrip(")")) for line in marks)
    assert sum(check.points for check in exercise.checks()) == written
    assert {check.hidden for check in exercise.checks()} == {True, False}


def test_the_class_is_a_mix_and_no_two_hand_in_the_same():
    """Four of five are right; each mistake comes; nobody's source is known from somebody else."""
    given = exercise.submissions(50)
    assert len({s.source for s in given}) == len({s.label for s in given}) == 50
    assert [s.right for s in given[:5]] == [True, True, True, True, False]
    assert len(exercise.samples()) == 1 + len(exercise.MISTAKES)


def test_the_plain_checks_tell_right_from_wrong(tmp_path):
    """Checks called in a process without pytest judge each kind of submission as they should."""
    exercise.write_kit(tmp_path)
    given = exercise.samples()
    files = exercise.write_submissions(tmp_path / "submissions", given)
    code = "import sys; from plain_run import failed; print([not failed(f) for f in sys.argv[1:]])"
    command = [sys.executable, "-c", code, *map(str, files)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ast.literal_eval(done.stdout) == [s.right for s in given]


def test_the_checks_run_on_functions_of_a_notebook(tmp_path):
    """Any object with the student's functions will do: notebooks have no module."""
    exercise.write_kit(tmp_path)
    code = (
        "from types import SimpleNamespace\n"
        "from plain_run import NAMES, call, load\n"
        "student = SimpleNamespace(**vars(load('reference.py')))\n"
        "for name in NAMES:\n    call(name, student)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


@pytest.mark.slow
def test_plain_pytest_tells_right_from_wrong(tmp_path, monkeypatch):
    """One pytest session over all kinds, without our plugin, names the wrong ones only."""
    exercise.write_pytest(tmp_path)
    given = exercise.samples()
    exercise.write_submissions(tmp_path / "submissions", given)
    setting = Setting(tmp_path, Path(sys.executable), {}, given)
    command = XdistSession().session(setting, setting.files())
    for name, value in command.environment.items():
        monkeypatch.setenv(name, value)
    words = [sys.executable, "-m", "pytest", *QUIET]
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    done = [Done(ended.returncode, ended.stdout, ended.stderr)]
    assert ended.returncode == 1, ended.stdout
    assert XdistSession().verdicts(setting, done) == {s.label: s.right for s in given}


# The forms that other graders take


def test_unittest_form():
    """gradescope-utils gets a method for each check, with its points and visibility."""
    found = functions(gradescope.source())
    assert [name for name in found if name.startswith("test_")] == NAMES
    for check in exercise.checks():
        weight, visibility = map(ast.unparse, found[check.name].decorator_list)
        assert weight == f"weight({check.points})"
        assert ("after_published" in visibility) == check.hidden


def test_check50_form():
    """check50 gets a check for each, described by its title."""
    found = functions(check50.source())
    for check in exercise.checks():
        assert ast.unparse(found[check.name].decorator_list[0]) == "check50.check()"
        assert ast.get_docstring(found[check.name]) == check.title


def test_otter_form():
    """otter-grader gets a test case for each, which takes the student's functions by name."""
    found = functions(otter.source())
    for check in exercise.checks():
        assert f"points={check.points}" in ast.unparse(found[check.name].decorator_list[0])
        assert tuple(a.arg for a in found[check.name].args.args) == exercise.FUNCTIONS


def test_nbgrader_form():
    """nbgrader gets a valid notebook: one cell to solve, then a locked one for each check."""
    written = nbgrader.source()
    nbformat.validate(written)
    cells = [cell.metadata["nbgrader"] | {"source": cell.source} for cell in written.cells]
    assert [c["grade_id"] for c in cells if c["solution"]] == ["solution"]
    assert "### BEGIN SOLUTION" in cells[0]["source"]
    graded = [c for c in cells if c["grade"]]
    assert [(c["grade_id"], c["points"]) for c in graded] == [
        (check.name, check.points) for check in exercise.checks()
    ]
    assert all(c["locked"] for c in cells[1:])
    for cell in written.cells:
        compile(cell.source, "cell", "exec")


def test_submitted_notebooks_are_valid():
    """A submission as a notebook of one cell."""
    handed = exercise.notebook(exercise.code_cell(exercise.samples()[0].source))
    nbformat.validate(handed)


# Nobody is left out silently


class Lenient(Peer):
    """Finds everything right."""

    name = "lenient"
    how = "never looks"

    def command(self, setting, file):
        """A process that ends well."""
        return Command([sys.executable, "-c", ""], setting.folder)


def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: Any) -> Any:
    """A bench whose environments are what a function says."""
    command = load_command()
    monkeypatch.setattr(command, "environment", environment)
    return command.Bench(tmp_path, tmp_path / "work", {"disagreements": [], "graders": []})


@pytest.mark.skipif(
    sys.platform != "linux", reason="the benchmark counts descendants on Linux only"
)
def test_a_grader_that_judges_otherwise_is_left_out(tmp_path, monkeypatch):
    """The reason is on record."""
    row = bench(tmp_path, monkeypatch, lambda *_: Path(sys.executable)).enter(Lenient())
    assert "lenient judges a wrong submission, s004, as right" in row["left_out"]


def test_a_grader_that_cannot_be_installed_is_left_out(tmp_path, monkeypatch):
    """The reason is on record."""

    def environment(*_):
        raise CannotInstall("no matching distribution")

    row = bench(tmp_path, monkeypatch, environment).enter(Lenient())
    assert row["left_out"] == "CannotInstall: no matching distribution"


def test_every_version_is_pinned():
    """Each environment's requirements say one version of everything."""
    for peer in load_command().PEERS:
        text = (BENCHMARKS / "peers" / "requirements" / f"{peer.environment}.txt").read_text(
            "utf-8"
        )
        assert all("==" in line for line in text.splitlines()), peer.environment
        assert "numpy==" in text


# The table and the plot


def row(name: str, wall: float, cpu: float, left_out: str = "") -> dict[str, Any]:
    """A grader on record: two runs, the second half as fast."""
    runs = [{"wall": wall * k, "cpu": cpu * k} for k in (1.0, 2.0)]
    many = [{"wall": 10 * wall * k, "cpu": 10 * cpu * k} for k in (1.0, 2.0)]
    figures = {"single": [], "batch": [], "single_memory": [], "batch_memory": []}
    if not left_out:
        figures = {"single": runs, "batch": many, "single_memory": [5e7], "batch_memory": [9e7]}
    return {"name": name, "version": "1.0", "how": "somehow", "left_out": left_out} | figures


@pytest.fixture
def record():
    """A small record of four graders, one of them left out."""
    return {
        "date": "2026-01-31",
        "machine": "a machine",
        "versions": {"Python": "3.11"},
        "command": "python benchmarks/peers.py",
        "level": "Level T3",
        "exact": True,
        "runs": 2,
        "batch": 10,
        "batch_runs": 2,
        "disagreements": [],
        "graders": [
            row("nn-grader", 0.3, 0.2),
            row("limit: warm process", 0.1, 0.1),
            row("pytest", 0.6, 0.5),
            row("otter-grader", 9.0, 10.0),
            row("nbgrader", 0, 0, "CannotInstall: no wheel"),
        ],
    }


def test_the_table_shows_figures_and_ratios(record):
    """Medians, ratios to ours and to the warm limit, goals met and missed, and who was left out."""
    text = table.markdown(record)
    assert "| pytest | 1.0 | 0.9 | 0.75 | 50 | 2.5 | 5.0 |" in text
    assert "| otter-grader | 1.0 | 13500 | 15000 | 90 | 50 | 100 |" in text
    assert "| nbgrader | 1.0 | left out |" in text
    assert "- Left out: nbgrader. CannotInstall: no wheel" in text
    assert "fresh pytest, wall: 0.5 (goal: at most 0.8, met)" in text
    assert "warm limit, CPU: 2 (goal: at most 0.5, missed)" in text
    assert "otter-grader against ours, batch, CPU: 50 (goal: at least 40, met)" in text
    assert "nbgrader against ours, batch, CPU: not measured" in text


def test_a_disagreement_is_in_the_table(record):
    """Graders that judge otherwise are not compared in silence."""
    record["disagreements"] = ["pytest judges a right submission, s003, as wrong"]
    assert "- Disagreement: pytest judges a right submission, s003" in table.markdown(record)


def test_the_table_says_when_cpu_time_is_missing(record):
    """Without a control group our figure is too small, and the reader is told."""
    assert "too small" not in table.markdown(record)
    record["exact"] = False
    assert "nn-grader's figure is too small" in table.markdown(record)


def test_the_table_goes_between_the_marks(record, tmp_path):
    """What stands around the marks in the document stays; without marks, a file of its own is made."""
    assert table.write(record, tmp_path).name == "peers_table.md"
    page = tmp_path / "performance.md"
    page.write_text(
        "before\n<!-- peers:begin -->\nlast year's\n<!-- peers:end -->\nafter\n", "utf-8"
    )
    for _ in range(2):
        assert table.write(record, tmp_path) == page
    text = page.read_text("utf-8")
    assert text.startswith("before\n<!-- peers:begin -->\n")
    assert text.endswith("\n<!-- peers:end -->\nafter\n")
    assert "last year" not in text
    assert text.count("| otter-grader |") == 2


def test_the_plot_is_the_same_each_time_and_follows_the_page(record):
    """Drawn twice, it is the same; its ink is the page's, light or dark."""
    drawn = table.plot(record)
    assert drawn == table.plot(record)
    assert "prefers-color-scheme:dark" in drawn
    assert "currentColor" in drawn
    texts = {e.text for e in ElementTree.fromstring(drawn).iter() if e.text}
    assert {"nn-grader", "otter-grader"} <= texts
    assert "nbgrader" not in texts
