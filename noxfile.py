"""Chores, each one word: `nox -s lint`, `nox -s tests`, `nox -s docs`; `nox -l` lists them.

They run in the environment that nox itself is installed in, which CONTRIBUTING.md sets up with one
command. Only `tests-lowest` makes one of its own, because the promise it tests is about versions.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

import nox

ROOT = Path(__file__).parent
PYTHON = sys.executable
LOWEST = "tests/lowest.txt"

# What decides a student's points, and what needs no more than a student's install. Rooms that work
# with databases, platforms or documents depend on nothing whose lowest version we promise.
ROOMS = ("cases", "checking", "course", "intake", "render", "sandbox/test_wire.py", "student")
CORE = [f"tests/{name}" for name in ROOMS]
PROOFS = "tests/test_proven.py"
PROCESSES = str((os.cpu_count() or 1) + 1)  # some tests wait

nox.options.sessions = ["lint", "tests"]
nox.options.default_venv_backend = "none"


@nox.session
def lint(session: nox.Session) -> None:
    """Style, format and types."""
    session.run(PYTHON, "-m", "ruff", "check", ".")
    session.run(PYTHON, "-m", "ruff", "format", "--check", ".")
    session.run(PYTHON, "-m", "mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """Every test of the quick run; what follows `--` goes to pytest."""
    session.run(PYTHON, "-m", "pytest", *session.posargs)


@nox.session(name="tests-slow")
def tests_slow(session: nox.Session) -> None:
    """What the quick run leaves out, but for the proofs, which `tests-lowest` tries."""
    session.run(PYTHON, "-m", "pytest", "-m", "slow", "--ignore", PROOFS, *session.posargs)


@nox.session(name="tests-lowest", venv_backend="venv", reuse_venv=True)
def tests_lowest(session: nox.Session) -> None:
    """The exercises proven, and the core tested, with the lowest versions that we promise."""
    session.install(
        "-c", LOWEST, "-e", ".[translate]", "hypothesis", "jsonschema", "pytest-xdist", "selenium"
    )
    session.run("python", "-m", "pytest", "-n", PROCESSES, PROOFS)
    # What names a mistake gives no points, and its search is long.
    words = "-n", PROCESSES, "-m", "not slow", "--ignore", "tests/checking/diagnosis"
    session.run("python", "-m", "pytest", *words, *CORE)


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation site, in dist/site; a warning is an error."""
    quiet = {"NO_MKDOCS_2_WARNING": "1"}
    # Not with --quiet, which keeps warnings from --strict (mkdocs/mkdocs#4126).
    session.run(PYTHON, "-m", "mkdocs", "build", "--strict", env=quiet)


@nox.session
def translate(session: nox.Session) -> None:
    """Every catalogue of a language, such as zh-Hant, brought up to date and compiled."""
    if not session.posargs:
        session.error("name a language: nox -s translate -- zh-Hant")
    session.run(PYTHON, "-m", "grader.authoring.translation", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """One measurement: `nox -s bench -- student_run --runs 15`; without a name, what there is."""
    if not session.posargs:
        session.log(" ".join(sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py"))))
        return
    name, *words = session.posargs
    session.run(PYTHON, f"benchmarks/{name}.py", *words)


@nox.session
def release(session: nox.Session) -> None:
    """Wheel and source archive in dist/, and the wheel tried as a student would use it."""
    session.run(PYTHON, "-m", "build", "--outdir", "dist")
    version = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)[0]
    with tempfile.TemporaryDirectory() as name:
        python, workspace = f"{name}/bin/python", f"{name}/course"
        session.run(PYTHON, "-m", "venv", name)
        session.run(
            python, "-m", "pip", "install", "-q", f"dist/nn_grader-{version}-py3-none-any.whl"
        )
        session.run(python, "-m", "grader", "init", workspace)
        # 1: the stub is graded, and has no points yet.
        with session.chdir(workspace):
            session.run(python, "-m", "grader", "ex01", success_codes=[1], silent=True)
    session.log(f"dist/ holds {version}. Tag it v{version}, and upload what is in dist/.")
