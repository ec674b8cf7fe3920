"""nbgrader: `submitted/<student>/<assignment>/…`, with `timestamp.txt`."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePosixPath

from grader.classroom.downloads.platform import Platform
from grader.classroom.downloads.submission import DownloadedSubmission, Note, parse_timestamp
from grader.errors import SubmissionError
from grader.intake.tree import Entry, Tree
from grader.language import later, say

STAMP = "timestamp.txt"


def _root(tree: Tree) -> Tree:
    """The students' folders: in a whole course they are in `submitted/`."""
    return tree.inside("submitted") if PurePosixPath("submitted") in tree.folders else tree


def _matches(tree: Tree) -> bool:
    stamped = any(len(p.parts) == 3 and p.name == STAMP for p in tree.files)
    return stamped or (tree.name == "submitted" and bool(tree.folders))


def _read(tree: Tree, note: Note) -> list[DownloadedSubmission]:
    found = []
    held = tree.by_folder(2)
    for folder in sorted(p for p in tree.folders if len(p.parts) == 2):
        files = held.get(folder, {})
        stamp = files.pop(PurePosixPath(STAMP), None)
        student, assignment = folder.parts
        found.append(
            DownloadedSubmission(
                student=student,
                files=files,
                submitted=_read_timestamp(stamp, f"{folder}/{STAMP}", note) if stamp else None,
                assignment=assignment,
                origin=str(folder),
            )
        )
    return found


def _read_timestamp(entry: Entry, where: str, note: Note) -> datetime | None:
    """nbgrader's timestamp, such as `2015-02-02 14:58:23.948203 America/Los_Angeles`."""
    try:
        return parse_timestamp(entry.read().decode(errors="replace").strip(), where, note)
    except SubmissionError as error:
        note(say("{where}: {error}, so it is treated as on time", where=where, error=error))
        return None


PLATFORM = Platform(
    "nbgrader",
    _matches,
    _read,
    root=_root,
    own=lambda path: path.name == STAMP,
    looks=later("folders such as submitted/ada/ex04"),
)
