"""What the tests share: the command in this process or in its own, a small course to break, and the
published schema, which every report that any test produces must fit."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from browser import axe, browser  # noqa: F401 - fixtures
from parallel import (  # noqa: F401 - pytest finds these hooks here
    LIGHT,
    pytest_cmdline_main,
    pytest_collection,
    pytest_collection_modifyitems,
    pytest_xdist_make_scheduler,
)
from small_course import SMALL, forget

from grader import language
from grader.checking.run import session
from grader.model import Report
from grader.render.json import as_dict
from grader.sandbox.launch import Server

ROOT = Path(__file__).resolve().parents[1]

# Submissions and small courses are material of the tests, not tests.
collect_ignore_glob = ["cases/*/*", "attacks/*"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update-golden`. Ctrl-C is tested, so it must be heard."""
    if (
        signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    ):  # as a shell's background job, and its children
        signal.signal(signal.SIGINT, signal.default_int_handler)
    parser.addoption(
        "--update-golden", action="store_true", help="write tests/cases/*/report.json anew"
    )


@pytest.fixture(scope="session")
def schema() -> jsonschema.Draft202012Validator:
    """The published JSON Schema of reports, ready to validate with."""
    text = (ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


@pytest.fixture(scope="session", autouse=True)
def _no_cache_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Batches keep what trusted code answered here, not in the user's cache."""
    os.environ["NN_GRADER_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test speaks, the next one speaks English; nothing outside decides."""
    set_by_command = (language.VARIABLE, "LANGUAGE")  # by `--lang`, here too
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", *set_by_command):
        monkeypatch.delenv(name, raising=False)
    yield
    language.use(language.SOURCE)
    for name in set_by_command:
        os.environ.pop(name, None)


@pytest.fixture(autouse=True)
def _every_report_fits_the_schema(
    schema: jsonschema.Draft202012Validator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def checked(*args: Any, **keywords: Any) -> Report:
        report = Report(*args, **keywords)
        schema.validate(as_dict(report))
        return report

    monkeypatch.setattr(session, "Report", checked)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One process for all tests to fork students from."""
    with Server() as one:
        yield one


@pytest.fixture
def memory_limited(server: Server) -> None:
    """What the test needs, and not every system has: a limit of memory."""
    if not server.claims.held["memory"]:
        pytest.skip("no limit of memory holds on this machine")


@dataclass(frozen=True)
class Result:
    """How a command ended: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The one report that was written as JSON."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value

    @property
    def complaint(self) -> str:
        """The single line of standard error; nothing else may have been printed."""
        assert not self.out
        assert self.err.startswith("grade: ")
        assert self.err.count("\n") == 1, self.err
        assert "Traceback" not in self.err
        assert "internal error" not in self.err
        return self.err.strip()


@pytest.fixture(scope="session")
def grade_for_several(server: Server) -> Callable[..., Result]:
    """Run the `grade` command in this process, for a fixture whose reports several tests look at."""
    from grader.cli.app import run

    def call(*words: object, cwd: Path = ROOT) -> Result:
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in "oe")
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(cwd)
            patch.delenv("GRADE_COURSE", raising=False)
            patch.setattr(sys, "argv", ["grade", *map(str, words)])
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = run(server)
        texts = [stream.buffer.getvalue().decode() for stream in (out, err)]
        return Result(int(code), *texts)

    return call


@pytest.fixture
def grade(grade_for_several: Callable[..., Result]) -> Iterator[Callable[..., Result]]:
    """Run the `grade` command in this process: `grade("ex04", "solutions")`."""
    yield grade_for_several
    forget()


@pytest.fixture
def command() -> Callable[..., Result]:
    """Run a Python module in a process of its own: `command("grader", "ex04")`."""

    def call(*words: object, cwd: Path = ROOT, **env: str) -> Result:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "GRADE"))}
        environment |= {"PYTHONWARNINGS": "error", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-m", *map(str, words)],
            cwd=cwd,
            env={**environment, "PYTEST_ADDOPTS": LIGHT, **env},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return call


@dataclass(frozen=True)
class SmallCourse:
    """A copy of the small course that a test may break."""

    root: Path

    @property
    def exercise(self) -> Path:
        """The folder of its only exercise."""
        return self.root / "ex01_line"

    @property
    def toml(self) -> Path:
        """The exercise's description."""
        return self.exercise / "exercise.toml"

    @property
    def checks(self) -> Path:
        """The exercise's checks."""
        return self.exercise / "test_ex01.py"

    @property
    def solution(self) -> Path:
        """The reference solution."""
        return self.root / "solutions" / "ex01_line.py"

    def edit(self, file: Path, old: str, new: str) -> None:
        """Replace the one occurrence of `old`."""
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{text.count(old)} × {old!r} in {file}"
        file.write_text(text.replace(old, new), encoding="utf-8")

    def check(self, source: str, points: float = 0) -> None:
        """Make this the exercise's only check, worth all points unless told otherwise."""
        head = "import numpy as np\nimport pytest\nfrom grader.checks import *\n\n"
        self.checks.write_text(f"{head}\n{source}\n", encoding="utf-8")
        text = self.toml.read_text(encoding="utf-8")
        self.toml.write_text(text.replace("points = 11", f"points = {points or 1}"), "utf-8")

    def submit(self, source: str, name: str = "ex01_line.py") -> Path:
        """Write a submission beside the course; returns its path."""
        path = self.root.parent / name
        path.write_text(source, encoding="utf-8")
        return path


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallCourse]:
    """A copy of the small course."""
    ignore = shutil.ignore_patterns("__pycache__")
    yield SmallCourse(Path(shutil.copytree(SMALL, tmp_path / "course", ignore=ignore)))
    forget()


@pytest.fixture
def outcomes() -> Callable[[dict[str, Any]], dict[str, str]]:
    """The checks of a JSON report that did not pass, with their outcomes."""

    def read(report: dict[str, Any]) -> dict[str, str]:
        return {c["name"]: c["outcome"] for c in report["checks"] if c["outcome"] != "passed"}

    return read
