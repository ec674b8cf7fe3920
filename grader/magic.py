"""`%grade` in a notebook: `%load_ext grader.magic`, then `%grade ex04`, `%grade ex04 -k backward`.

Runs the command on the notebook's own file, in another process, and prints its report. It neither saves
nor changes the notebook. While the extension is loaded, notebooks of earlier exercises can be imported
like modules.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shlex
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, NoReturn

from grader.course.loader import EXERCISE_FOLDER, find_course, find_exercise
from grader.errors import GraderError, UsageError
from grader.intake.notebook import notebook_cells
from grader.model import Exercise
from grader.sandbox.imports import Source, SourceFinder

NOTEBOOK = re.compile(r".*\.ipynb(?=$|-[0-9a-f-]+$)")  # JupyterLab may append an identifier
USAGE = "write `%grade ex04`, or `%grade ex04 FILE [-k EXPR] [-v]`"


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext grader.magic` calls."""

    def grade(line: str) -> None:
        """Check an exercise: %grade ex04 [FILE] [-k EXPR] [-v]."""
        try:
            print(run(line, shell), end="")
        except GraderError as error:
            print(f"grade: {error}", file=sys.stderr)

    shell.register_magic_function(grade, magic_kind="line", magic_name="grade")
    if not any(isinstance(finder, NotebookFinder) for finder in sys.meta_path):
        sys.meta_path.append(NotebookFinder())


def unload_ipython_extension(shell: Any) -> None:
    """What `%unload_ext grader.magic` calls."""
    shell.magics_manager.magics["line"].pop("grade", None)
    sys.meta_path[:] = [f for f in sys.meta_path if not isinstance(f, NotebookFinder)]


def run(line: str, shell: Any) -> str:
    """The report that `line` asks for. Raises `UsageError` if it cannot be understood."""
    words = _Parser.read(line)
    exercise = find_exercise(find_course(Path()), words.exercise)
    variables = getattr(shell, "user_ns", {})
    path = words.file or notebook_file(exercise, variables, os.environ)
    command = [sys.executable, "-m", "grader", exercise.id, str(path)]
    command += ["-k", words.keyword] if words.keyword else []
    command += ["-v"] if words.verbose else []
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env=environment,
        check=False,
    )
    if done.returncode not in (0, 1):
        return done.stdout + done.stderr
    return done.stdout + done.stderr + _describe_freshness(path, exercise, shell)


def notebook_file(
    exercise: Exercise, variables: Mapping[str, Any], environ: Mapping[str, str]
) -> Path:
    """The notebook in which `%grade` was typed: VS Code tells it by a variable, Jupyter by the
    environment; else it is the exercise's notebook in the current folder.

    Raises `UsageError` if there is none.
    """
    for hint in (variables.get("__vsc_ipynb_file__"), environ.get("JPY_SESSION_NAME")):
        name = NOTEBOOK.match(hint) if isinstance(hint, str) else None
        # Some servers give a path from their own root, but a kernel runs in its notebook's folder.
        for path in (Path(name[0]), Path(Path(name[0]).name)) if name else ():
            if path.is_file():
                return path
    usual = Path(f"{exercise.name}.ipynb")
    if usual.is_file():
        return usual
    raise UsageError(
        f"the file of this notebook is not known; name it: %grade {exercise.id} my_notebook.ipynb"
    )


def _describe_freshness(path: Path, exercise: Exercise, shell: Any) -> str:
    """When the file was saved, and which functions have been run in another version since then."""
    if path.suffix != ".ipynb":
        return ""
    saved = time.strftime("%H:%M:%S", time.localtime(path.stat().st_mtime))
    text = f"  Checked {path.name} as saved at {saved}.\n"
    try:
        kept = {c.source.strip() for c in notebook_cells(path.name, path.read_bytes())}
    except GraderError:
        return text
    history = getattr(getattr(shell, "history_manager", None), "input_hist_raw", [])
    stale = []
    for name in exercise.names:
        defined = re.compile(rf"(?:def|class) {name}\b")
        versions = [source for source in history if defined.search(source)]
        if versions and versions[-1].strip() not in kept:
            stale.append(name)
    if stale:
        text += (
            f"  The file does not have your latest {', '.join(stale)}: save the notebook first.\n"
        )
    return text


class _Parser(argparse.ArgumentParser):
    """The words after `%grade`."""

    @classmethod
    def read(cls, line: str) -> argparse.Namespace:
        parser = cls(add_help=False)
        parser.add_argument("exercise")
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument("-k", dest="keyword", default="")
        parser.add_argument("-v", "--verbose", action="store_true")
        try:
            return parser.parse_args(shlex.split(line, posix=os.name != "nt"))
        except ValueError as error:  # a quotation mark is missing
            parser.error(str(error))

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; {USAGE}")


class NotebookFinder(SourceFinder):
    """Imports `ex02_activations` from `ex02_activations.ipynb`, where no module has that name.

    It runs as when it is graded: magics do nothing, and a statement that raises is passed over.
    """

    def __init__(self) -> None:
        self._found: dict[str, Source] = {}
        super().__init__(self._found, _print_error)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The module's spec, if there is such a notebook in the current folder."""
        file = Path(f"{name}.ipynb").absolute()
        if not EXERCISE_FOLDER.fullmatch(name) or not file.is_file():
            return None
        cells = notebook_cells(file.name, file.read_bytes())
        self._found[name] = Source([(cell.label, cell.source) for cell in cells], notebook=True)
        return importlib.util.spec_from_file_location(name, file, loader=self)


def _print_error(error: BaseException) -> None:
    if not isinstance(error, Exception | SystemExit):
        raise error
    frames = [f for f in traceback.extract_tb(error.__traceback__) if ".ipynb cell " in f.filename]
    where = frames[0].filename if frames else getattr(error, "filename", "")
    print(f"{where}: {type(error).__name__}: {error}", file=sys.stderr)
