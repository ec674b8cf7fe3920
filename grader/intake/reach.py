"""Which of the files that were handed in decide how an exercise is graded.

Who hands in a folder with a file for each exercise changes one of them at a time. What a result depends
on is the exercise's own file, and what that can import.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath

from grader.errors import SubmissionError
from grader.intake.files import bounded, decode
from grader.intake.imports import imported_tops
from grader.model import Exercise

SOURCES = (".py", ".ipynb")
# What imports a module whose name is not written out, or may.
BY_OTHER_MEANS = re.compile(
    r"\\u|\\N|importlib|import_module|__import__|builtins|runpy|pkgutil|pydoc|zipimport|meta_path"
    r"|\bexec\b|\beval\b|%run|%load"
)


def deciding_files(
    contents: Mapping[str, bytes | str], exercise: Exercise
) -> dict[str, bytes | str]:
    """The files that decide how `exercise` is graded; all of them where that is not certain.

    Left out is a file beside the exercise's own whose name is written in no file that is kept. Kept are
    what the exercise requires, and every file of a folder below; and everything is kept where a file
    imports by other means than an import statement, or imports a module that is not here.

    Args:
        contents: by relative path, a file's bytes, or why they cannot be read.
        exercise: the exercise.
    """
    everything = dict(contents)
    paths = {name: PurePosixPath(name) for name in contents}
    own = [p for p in paths.values() if p.stem == exercise.name and p.suffix in SOURCES]
    if len(contents) == 1 or len({p.parent for p in own}) != 1:
        return everything
    asked_for = {exercise.name, *exercise.requires}
    free: dict[str, str] = {}  # what may be left out: the texts by name
    kept = []
    for name, path in paths.items():
        text = _text(path, contents[name])
        if text is None:
            return everything
        if path.parent == own[0].parent and path.stem not in asked_for and path.stem.isascii():
            free[name] = text
        else:
            kept.append(text)
    for text in kept:  # grows while it is read
        kept += [
            free.pop(n) for n in list(free) if paths[n].stem in text and paths[n].suffix == ".py"
        ]
    held = {part for n, p in paths.items() if n not in free for part in (p.stem, *p.parent.parts)}
    known = {*held, *sys.stdlib_module_names, "numpy"}
    if any(BY_OTHER_MEANS.search(text) for text in kept) or not imported_tops(kept) <= known:
        return everything  # the message about a module that is missing names those that are there
    return {name: data for name, data in contents.items() if name not in free}


def _text(path: PurePosixPath, data: bytes | str) -> str | None:
    """A source's text, with its names as Python reads them; None where it cannot be read."""
    if path.suffix not in SOURCES or isinstance(data, str):
        return None
    try:
        return unicodedata.normalize("NFKC", decode(path.name, bounded(path.name, data)))
    except SubmissionError:
        return None
