"""The pytest plugin: as plain `pytest --submission FILE`, and as `grade` drives it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases"
RIGHT = CASES / "right" / "submission" / "ex01_line.py"
CONVOLUTION = "exercises/ex04_convolution"


# Plain pytest


def test_plain_pytest_passes_a_right_solution(command):
    """`pytest exercises/ex04_convolution --submission FILE` passes for the solution."""
    done = command("pytest", CONVOLUTION, "--submission", "solutions/ex04_convolution.py", "-q")
    assert done.code == 0, done.out
    assert " passed" in done.out


def test_plain_pytest_shows_the_message_instead_of_a_traceback(command):
    """A check that fails shows what the student needs to know, and no line of the check's code."""
    done = command(
        "pytest", CONVOLUTION, "--submission", "examples/chloe_flipped.py", "-k", "worked_example"
    )
    assert done.code == 1
    assert "out[0,0,0,0] is 0.5, expected 4.5" in done.out
    assert "1 failed" in done.out
    for word in ("Traceback", "assert_same", "def test_", "CheckEnded", "student.conv_forward"):
        assert word not in done.out.partition("short test summary")[0]


def test_plain_pytest_without_a_submission(command):
    """Without `--submission` the message says what to write, once and without a traceback."""
    done = command("pytest", CONVOLUTION, "-q")
    assert done.code == 4
    assert (done.out + done.err).count("name a submission: pytest EXERCISE --submission FILE") == 1
    assert "plugin.py" not in done.out + done.err
    assert command("pytest", CONVOLUTION, "-q", "--collect-only").code == 0


def test_other_tests_need_no_submission(command, tmp_path):
    """Where a test has an `rng` of its own, the plugin asks for nothing."""
    (tmp_path / "test_other.py").write_text(
        "import pytest\n\n\n@pytest.fixture\ndef rng():\n    return 3\n\n\n"
        "def test_rng(rng):\n    assert rng == 3\n"
    )
    words = ("pytest", "-q", "-p", "grader.checking.plugin", "--rootdir", tmp_path)
    done = command(*words, tmp_path, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", PYTEST_ADDOPTS="")
    assert done.code == 0, done.out + done.err


@pytest.mark.parametrize(
    ("submission", "words"),
    [("nothing.py", "nothing.py: no such file or folder"), ("README.md", "expected ex04_conv")],
)
def test_plain_pytest_with_an_unusable_submission(submission, words, command):
    """A submission that cannot be read ends with its reason, once, and not with a traceback."""
    done = command("pytest", CONVOLUTION, "--submission", submission, "-q")
    assert done.code == 4
    assert (done.out + done.err).count(words) == 1
    assert "plugin.py" not in done.out + done.err
    assert "Traceback" not in done.out + done.err


def test_plain_pytest_with_a_submission_to_some_of_the_exercises(command, tmp_path):
    """Of several exercises those are checked that a folder has the file of."""
    (tmp_path / "ex02_activations.py").write_bytes(
        (ROOT / "solutions" / "ex02_activations.py").read_bytes()
    )
    both = ("exercises/ex01_neuron", "exercises/ex02_activations")
    done = command("pytest", *both, "--submission", tmp_path, "-q")
    assert done.code == 1
    assert " passed" in done.out


def test_plain_pytest_keeps_its_own_options(command, small):
    """-k, -x, -v and --collect-only work as in any other run."""
    some = ("pytest", small.exercise, "--course", small.root, "--rootdir", small.root)
    stub = CASES / "stub" / "submission" / "ex01_line.py"
    done = command(*some, "--submission", stub, "-x", "-q")
    assert "1 failed" in done.out
    assert "mean is not written yet." in done.out
    done = command(*some, "--submission", RIGHT, "-k", "mean or count", "-v")
    assert done.code == 0
    assert "test_mean PASSED" in done.out
    assert "2 passed, 5 deselected" in done.out
    assert "7 tests collected" in command(*some, "--submission", RIGHT, "--collect-only", "-q").out


def test_plain_pytest_skips_what_comes_after(command, small):
    """`after` skips in plain pytest, too."""
    some = ("pytest", small.exercise, "--course", small.root, "--rootdir", small.root)
    wrong = CASES / "wrong_shape" / "submission" / "ex01_line.py"
    done = command(*some, "--submission", wrong, "-q", "-rs")
    assert "1 failed, 2 passed, 4 skipped" in done.out
    assert "“The output has one row" in done.out


def test_the_plugin_is_light_where_it_is_not_used(tmp_path):
    """In other projects' test runs the installed plugin loads neither NumPy nor the rest of us."""
    (tmp_path / "test_other.py").write_text("def test_nothing():\n    pass\n")
    code = (
        "import json, pytest, sys\n"
        "code = pytest.main(['-q', '-p', 'grader.checking.plugin', '-p', 'no:cacheprovider'])\n"
        "print(json.dumps([int(code), [m for m in sys.modules if m.startswith(('numpy', 'grader'))]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0
    assert "numpy" not in modules
    assert {m for m in modules if m.count(".") <= 1} <= {"grader", "grader.checking"}
