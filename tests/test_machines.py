"""The same submission has the same report on every machine: scores, outcomes and named mistakes.

NumPy's last bits, `argsort`'s order of ties and products of matrices depend on the processor's features,
the number of BLAS threads and NumPy's version. NN_OTHER_PYTHON names an interpreter with another NumPy;
by default it is the one of `nox -s tests-lowest`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOWEST = ROOT / ".nox" / "tests-lowest" / ("Scripts" if os.name == "nt" else "bin") / "python"
OTHER = Path(os.environ.get("NN_OTHER_PYTHON") or LOWEST)
FEATURES = """
try:
    from numpy._core import _multiarray_umath as numpy
except ImportError:  # NumPy 1
    from numpy.core import _multiarray_umath as numpy
print(*(f for f in numpy.__cpu_dispatch__ if numpy.__cpu_features__[f]))
"""


def python(which, *words, **env):
    """The output of an interpreter that sees only these variables of NumPy and its libraries."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("NPY", "OPENBLAS", "PYTEST"))}
    command = [str(which), *map(str, words)]
    done = subprocess.run(
        command, env={**plain, **env}, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def verdicts(which, *, threads, baseline=False):
    """What `machines.py` says, and the version of NumPy that it used."""
    env = {"OPENBLAS_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    if baseline:
        env["NPY_DISABLE_CPU_FEATURES"] = python(which, "-c", FEATURES).strip()
        env["OPENBLAS_CORETYPE"] = "Prescott"  # the oldest: other kernels for products of matrices
    found = json.loads(python(which, ROOT / "tests" / "machines.py", **env))
    return found["verdicts"], found["numpy"]


@pytest.fixture(scope="module")
def usual():
    """The verdicts here, with all features and one thread."""
    return verdicts(sys.executable, threads=1)


@pytest.mark.slow
def test_what_is_compared_says_something(usual):
    """Right ones have full marks, wrong ones have not, mistakes are named, and nothing is ungraded."""
    found, _ = usual
    wrong = {key for key, (outcome, *_) in found.items() if outcome != "passed"}
    outcomes = {check[1] for _, _, _, checks in found.values() for check in checks}
    named = {check[3] for _, _, _, checks in found.values() for check in checks} - {""}
    assert len(wrong) >= 40
    assert not any("reference" in key for key in wrong)
    assert len(named) >= 5
    assert "ungraded" not in outcomes


@pytest.mark.slow
@pytest.mark.parametrize(
    ("which", "baseline", "threads"),
    [
        ("this NumPy", False, 2),
        ("this NumPy", True, 1),
        ("the lowest NumPy", False, 1),
        ("the lowest NumPy", True, 2),
    ],
)
def test_the_same_verdicts(which, baseline, threads, usual):
    """Nothing differs, in the course and in the released workspace with its recorded answers."""
    expected, version = usual
    program = Path(sys.executable) if which == "this NumPy" else OTHER
    if not program.is_file():
        pytest.skip(f"no other NumPy here: run nox -s tests-lowest, which makes {program}")
    found, other = verdicts(program, threads=threads, baseline=baseline)
    assert (other == version) is (which == "this NumPy")
    assert found.keys() == expected.keys()
    assert {k: v for k, v in found.items() if v != expected[k]} == {}
