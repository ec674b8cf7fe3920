"""The package as others install it: its types, and the versions that it promises to work with."""

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

OUTSIDE = """import numpy as np
from grader.checks import assert_same, grid_values

x = grid_values(np.random.default_rng(0), (2, 3))
reveal_type(x)
assert_same(x, x)
assert_same("x")
"""


def test_the_lowest_versions_are_tested():
    """The environment of `nox -s tests-lowest` has the lowest version of each dependency."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    promised = dict(re.split(">=|,", line)[:2] for line in project["dependencies"])
    lines = (ROOT / "tests" / "lowest.txt").read_text(encoding="utf-8").splitlines()
    tested = dict(line.split("==") for line in lines if not line.startswith("#"))
    assert tested.keys() == promised.keys()
    for name, version in promised.items():
        assert re.fullmatch(rf"{re.escape(version)}(\.\*|\.0)?", tested[name]), name


@pytest.mark.slow
def test_a_file_outside_is_type_checked(tmp_path):
    """mypy knows the types of `grader.checks` from the wheel, in a file that is not ours."""
    words = ["-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True, capture_output=True)
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    paths = {"base": str(home), "platbase": str(home)}
    packages = Path(sysconfig.get_path("purelib", "venv", vars=paths))
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(packages)
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    (tmp_path / "outside.py").write_text(OUTSIDE, encoding="utf-8")
    python = Path(sysconfig.get_path("scripts", "venv", vars=paths)) / "python"
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-executable", python, "outside.py"],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "MYPYPATH")},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    said = done.stdout
    assert re.search(r"outside\.py:5: note: Revealed type is .*ndarray", said), said
    assert re.search(r"outside\.py:7: error: .*\[call-arg\]", said), said
    assert said.count("error:") == 1, said
