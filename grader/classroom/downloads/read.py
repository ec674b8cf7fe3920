"""Whose files are these? Reads a download of submissions in the layout of the system it came from.

Each layout is a module with two functions: `matches` says whether a `Tree` looks like it, `read` makes
hand-ins of it. Names of files are given back as the student chose them; what the system put around
them goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from grader.classroom.downloads import canvas, classroom, flat, gradescope, moodle, nbgrader
from grader.classroom.downloads.submission import SOURCES, DownloadedSubmission, Note
from grader.errors import UsageError
from grader.intake.tree import Tree, peek

CLASSROOM = "github-classroom"
MAX_NOTES = 20
PEEKED = 3  # zips at the top that are looked into
_OWN_FILE = re.compile(r"ex\d\d(?=[_.])")  # how a student calls a file that nobody else has
_EXERCISE_FOLDER = re.compile(r"ex\d\d(_.*)?")

Reading = tuple[Callable[[Tree], bool], Callable[[Tree, Note], list[DownloadedSubmission]]]

LAYOUTS: dict[str, Reading] = {
    "gradescope": (gradescope.matches, gradescope.read),
    "moodle": (moodle.matches, moodle.read),
    "nbgrader": (nbgrader.matches, nbgrader.read),
    "canvas": (canvas.matches, canvas.read),
    CLASSROOM: (classroom.matches, classroom.read),
    "flat": (flat.matches, flat.read),
}


def read_layout(
    tree: Tree, layout: str = "auto", note: Note = lambda _: None
) -> tuple[str, list[DownloadedSubmission]]:
    """The hand-ins of a download, and the layout's name.

    Args:
        tree: the download.
        layout: one of `LAYOUTS`, or `auto` to recognise it.
        note: told of what belongs to no hand-in, and of times that cannot be read.

    Raises `UsageError` if there is nothing in it, or it does not have that layout.
    """
    if layout != "auto" and layout not in LAYOUTS:
        raise UsageError(f"{layout}: no such layout; there are auto, {', '.join(LAYOUTS)}")
    for candidate in _candidates(tree):
        for name, (matches, read) in LAYOUTS.items():
            wanted = layout in ("auto", name) and matches(candidate)
            if wanted and layout == "auto" and name == "flat":
                _refuse_nested_class(candidate)
            if wanted and (found := read(candidate, note)):
                _note_unused_files(candidate, name, found, note)
                return name, [replace(h, layout=name) for h in found]
    if layout in ("auto", "flat"):
        raise UsageError(f"{tree.name}: holds no submissions")
    named = (
        " of which the folder is called <assignment>-submissions," if layout == CLASSROOM else ""
    )
    raise UsageError(f"{tree.name}: does not have the layout {layout},{named} try --layout auto")


def _note_unused_files(
    tree: Tree, layout: str, found: Iterable[DownloadedSubmission], note: Note
) -> None:
    """Say what is in no hand-in: it may be somebody's."""
    taken = {entry.path for submission in found for entry in submission.files.values()}
    own = tree.inside("submitted") if nbgrader.has_submitted(tree) else tree
    tops = {path.parts[0] for path, entry in own.files.items() if entry.path in taken}
    rest = {
        path if path.parts[0] in tops else PurePosixPath(path.parts[0]): None
        for path, entry in own.files.items()
        if entry.path not in taken and not _is_platform_file(path, layout)
    }
    for path in list(rest)[:MAX_NOTES]:
        note(f"{path}: is no part of any hand-in, left out")
    if len(rest) > MAX_NOTES:
        note(f"{len(rest) - MAX_NOTES} more are no part of any hand-in, left out")


def _is_platform_file(path: PurePosixPath, layout: str) -> bool:
    """Whether it is the platform's own, or an older file of Canvas', of which was told before."""
    if layout == "canvas" and canvas.canvas_name(path.name):
        return True
    own = path.name in (gradescope.METADATA, nbgrader.STAMP)
    return own or (len(path.parts) == 1 and path.suffix == ".csv")


def _refuse_nested_class(tree: Tree) -> None:
    """Raise `UsageError` where what lies at the top is no student's, but a whole class's."""
    zips = [p for p in tree.files if len(p.parts) == 1 and p.suffix.lower() == ".zip"]
    inside = tree.parts()
    classes = {p.name: held for p in zips[:PEEKED] if (held := peek(tree.files[p]))}
    for name, part in (inside | classes).items():
        for layout, (matches, read) in LAYOUTS.items():
            if layout != "flat" and matches(part) and len(read(part, lambda _: None)) > 1:
                raise UsageError(
                    f"{tree.name}: {name} in it looks like a class's download from {layout}, and not "
                    "like one student's work: name that one, or say --layout flat"
                )
    for name, part in inside.items():
        if _EXERCISE_FOLDER.fullmatch(name.lower()) and len(part.tops()) > 1:
            raise UsageError(
                f"{tree.name}: {name} in it is named after an exercise, and not after a student: name "
                "that one, or say --layout flat"
            )


def _candidates(tree: Tree) -> Iterator[Tree]:
    """The tree, and what is in the folder that wraps all of it, unless that could be a student's."""
    tops = tree.tops()
    if len(tops) == 1 and tree.is_folder(tops[0]):
        inner = tree.inside(tops[0])
        known = [matches for name, (matches, _) in LAYOUTS.items() if name != "flat"]
        sources = [p for p in inner.files if p.suffix.lower() in SOURCES]
        numbered = [p for p in sources if _OWN_FILE.match(p.name.lower())]
        several = len(sources) > 1 and not numbered
        deeper = any(len(p.parts) > 1 for p in inner.files) and all(
            len(p.parts) > 1 for p in numbered
        )
        wraps = (
            several or deeper or tops[0] == tree.name or any(matches(inner) for matches in known)
        )
        if wraps and not any(matches(tree) for matches in known):
            yield inner
    yield tree
