"""`%grade` in a notebook: `%load_ext grader.magic`, then `%grade ex04`, `%grade ex04 -k backward`.

Runs the command in another process and prints its report: on the notebook's own file, as it was saved;
where that is on another machine (Colab), on the cells that were run. It neither saves nor changes the
notebook. `%grade` alone shows the progress, `%grade hint ex04 conv_forward` the next hint, and
`%grade demo ex09` what your code can do. While the extension is loaded, notebooks of earlier exercises
can be imported like modules.
"""

from __future__ import annotations

import argparse
import html
import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, NoReturn

from grader.course.loader import EXERCISE_FOLDER, find_course, find_exercise
from grader.errors import GraderError, UsageError
from grader.intake.notebook import notebook_cells
from grader.language import later, say, series, settle, system_language
from grader.model import Exercise
from grader.sandbox.imports import Source, SourceFinder

NOTEBOOK = re.compile(r".*\.ipynb(?=$|-[0-9a-f-]+$)")  # JupyterLab may append an identifier
USAGE = later("write `%grade ex04`, `%grade ex04 FILE [-k EXPR] [-v]`, or `%grade hint ex04`")
IN_MEMORY = "cells_that_you_ran_"


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext grader.magic` calls."""

    def grade(line: str) -> None:
        """Check an exercise: %grade ex04 [FILE] [-k EXPR] [-v]; or %grade, %grade hint, %grade demo."""
        try:
            print(run(line, shell), end="")
        except GraderError as error:
            print(f"grade: {error}", file=sys.stderr)

    shell.register_magic_function(grade, magic_kind="line", magic_name="grade")
    settle(system_language())
    if not any(isinstance(finder, NotebookFinder) for finder in sys.meta_path):
        sys.meta_path.append(NotebookFinder())


def unload_ipython_extension(shell: Any) -> None:
    """What `%unload_ext grader.magic` calls."""
    shell.magics_manager.magics["line"].pop("grade", None)
    sys.meta_path[:] = [f for f in sys.meta_path if not isinstance(f, NotebookFinder)]


def run(line: str, shell: Any) -> str:
    """The report that `line` asks for. Raises `UsageError` if it cannot be understood."""
    first, *rest = _split(line) or [""]
    if first in ("", "hint"):
        return _grade(*filter(None, [first, *rest]))[1]
    if first == "demo":
        return _demo(rest, shell)
    words = _Parser.read([first, *rest])
    exercise = find_exercise(find_course(Path()), words.exercise)
    options = ["-k", words.keyword] if words.keyword else []
    options += ["-v"] if words.verbose else []
    with _notebook(exercise, words.file, shell) as path:
        code, text = _grade(exercise.id, str(path), *options)
        return text if code not in (0, 1) else text + _describe_freshness(path, exercise, shell)


def _grade(*words: str) -> tuple[int, str]:
    """The exit code of the command, and what it printed: in colour, which notebooks show."""
    environment = {"FORCE_COLOR": "1", **os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "grader", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env=environment,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def _demo(words: Sequence[str], shell: Any) -> str:
    """Show an exercise's demo as pictures in the notebook; what is left to say as text."""
    if len(words) != 1:
        raise UsageError(say("write `%grade demo ex09`"))
    exercise = find_exercise(find_course(Path()), words[0])
    with (
        tempfile.TemporaryDirectory() as folder,
        _notebook(exercise, None, shell) as path,
    ):
        page = Path(folder, "demo.html")
        code, text = _grade("demo", exercise.id, str(path), "-o", str(page))
        if code != 0 or not page.is_file():
            return text
        # In a frame, so that its style is not the notebook's.
        frame = html.escape(page.read_text(encoding="utf-8"))
        shown = f'<iframe srcdoc="{frame}" style="width: 100%; height: 40rem; border: 0"></iframe>'
        shell.display_pub.publish({"text/html": shown, "text/plain": text})
    return ""


@contextmanager
def _notebook(exercise: Exercise, named: Path | None, shell: Any) -> Iterator[Path]:
    """The file to check: the one that is named, or this notebook's own, or the cells that were run."""
    try:
        path = named or notebook_file(exercise, getattr(shell, "user_ns", {}), os.environ)
    except UsageError:
        cells = _cells_run(shell)
        if not any(f"def {name}(" in source for source in cells for name in exercise.functions):
            raise
        # In this folder, because earlier exercises are read from beside it.
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix=IN_MEMORY, suffix=".ipynb", dir=".", delete=False
        ) as file:
            json.dump(_as_notebook(cells), file)
        path = Path(Path(file.name).name)
        try:
            yield path
        finally:
            path.unlink()
        return
    yield path


def _cells_run(shell: Any) -> list[str]:
    """The cells that were run, in their order."""
    history = getattr(getattr(shell, "history_manager", None), "input_hist_raw", [])
    return list(history[1:])  # the first one is a placeholder


def _as_notebook(cells: Sequence[str]) -> dict[str, Any]:
    """A notebook of these cells: the number of a cell is that of its run."""
    about: dict[str, Any] = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    return {
        "cells": [{**about, "source": source} for source in cells],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 4,
    }


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
        say(
            "the file of this notebook is not here, as on Colab, and no function of {exercise} was run in it "
            "yet. Run your cells first, or name it: %grade {exercise} my_notebook.ipynb",
            exercise=exercise.id,
        )
    )


def _describe_freshness(path: Path, exercise: Exercise, shell: Any) -> str:
    """When the file was saved, and which functions have been run in another version since then."""
    if path.suffix != ".ipynb":
        return ""
    if path.name.startswith(IN_MEMORY):
        told = say(
            "Checked what you ran in this notebook: its own file is not on this machine. A cell that you "
            "changed counts when you run it."
        )
        return f"  {told}\n"
    saved = time.strftime("%H:%M:%S", time.localtime(path.stat().st_mtime))
    told = say("Checked {file} as saved at {time}.", file=path.name, time=saved)
    text = f"  {told}\n"
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
        told = say(
            "The file does not have your latest {names}: save the notebook first.",
            names=series(stale),
        )
        text += f"  {told}\n"
    return text


def _split(line: str) -> list[str]:
    """The words of a line, with quotation marks as in a shell."""
    try:
        return shlex.split(line, posix=os.name != "nt")
    except ValueError as error:  # a quotation mark is missing
        raise _not_understood(str(error)) from None


def _not_understood(problem: str) -> UsageError:
    return UsageError(say("{problem}; {usage}", problem=problem, usage=say(USAGE)))


class _Parser(argparse.ArgumentParser):
    """The words after `%grade`."""

    @classmethod
    def read(cls, words: Sequence[str]) -> argparse.Namespace:
        parser = cls(add_help=False)
        parser.add_argument("exercise")
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument("-k", dest="keyword", default="")
        parser.add_argument("-v", "--verbose", action="store_true")
        return parser.parse_args(words)

    def error(self, message: str) -> NoReturn:
        raise _not_understood(message)


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
