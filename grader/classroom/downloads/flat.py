"""No platform: each folder or file is one student's."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import PurePosixPath

from grader.classroom.downloads.platform import Platform
from grader.classroom.downloads.submission import SOURCES, DownloadedSubmission, Note, exercise_in
from grader.intake.tree import Tree

# Submissions, too, though they cannot be read: the student gets a reason, not silence.
ARCHIVES = (".gz", ".tgz", ".tar", ".bz2", ".xz", ".rar", ".7z")


def _matches(tree: Tree) -> bool:
    return bool(tree.tops())


def _read(tree: Tree, _: Note) -> list[DownloadedSubmission]:
    found = []
    held = tree.by_folder(1)
    for name in tree.tops():
        if tree.is_folder(name):
            found.append(DownloadedSubmission(name, held.get(PurePosixPath(name), {}), origin=name))
        else:
            path = PurePosixPath(name)
            if path.suffix.lower() in (*SOURCES, *ARCHIVES):
                found.append(
                    DownloadedSubmission(_student(path), {path: tree.files[path]}, origin=name)
                )
    once = Counter((h.student, exercise_in(h.origin)) for h in found)
    return [
        replace(h, student=h.origin) if once[h.student, exercise_in(h.origin)] > 1 else h
        for h in found
    ]


def _student(path: PurePosixPath) -> str:
    """The student in the name of a file: `ada` in `ada_ex04.py` and in `ada_ex05.py`."""
    stem = path.stem.removesuffix(".tar")
    exercise = exercise_in(stem)
    front = stem[: stem.lower().index(exercise)].rstrip("_- .") if exercise else ""
    return front or stem


PLATFORM = Platform("flat", _matches, _read)
