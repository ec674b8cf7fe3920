"""Recognises the layout of a download, and reads its submissions.

Each layout is a module with two functions: `matches` tells whether a `Tree` has it, `read` returns the
submissions. Files have the names that the students chose; what the platform added is removed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from grader.classroom.downloads import canvas, clones, flat, gradescope, moodle, nbgrader
from grader.classroom.downloads.notes import LeftOut
from grader.classroom.downloads.submission import SOURCES, DownloadedSubmission, Note
from grader.errors import UsageError
from grader.intake.tree import Tree, peek

CLONES = "clones"
MAX_NOTES = 20
MAX_PEEKED = 3  # zips at the top that are opened, to see whether one holds a whole class
_OWN_FILE = re.compile(r"ex\d\d(?=[_.])")  # as `ex04_convolution.py`: without a student's name
_EXERCISE_FOLDER = re.compile(r"ex\d\d(_.*)?")

Reading = tuple[Callable[[Tree], bool], Callable[[Tree, Note], list[DownloadedSubmission]]]

LAYOUTS: dict[str, Reading] = {
    "gradescope": (gradescope.matches, gradescope.read),
    "moodle": (moodle.matches, moodle.read),
    "nbgrader": (nbgrader.matches, nbgrader.read),
    "canvas": (canvas.matches, canvas.read),
    CLONES: (clones.matches, clones.read),
    "flat": (flat.matches, flat.read),
}


def read_layout(
    tree: Tree, layout: str = "auto", note: Note = lambda _: None
) -> tuple[str, list[DownloadedSubmission]]:
    """The layout's name, and the submissions of a download.

    Args:
        tree: the download.
        layout: one of `LAYOUTS`, or `auto` to recognise it.
        note: called with each file that is not part of a submission, and each timestamp that cannot
            be read.

    Raises `UsageError` if there are no submissions, or the download does not have that layout.
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
    if layout == CLONES:
        raise UsageError(
            f"{tree.name}: does not have the layout {layout}: its folder would be called "
            "<assignment>-submissions; try --layout auto"
        )
    raise UsageError(f"{tree.name}: does not have the layout {layout}; try --layout auto")


def _note_unused_files(
    tree: Tree, layout: str, found: Iterable[DownloadedSubmission], note: Note
) -> None:
    """Note what is not part of any submission: it may still be somebody's work."""
    taken = {entry.path for submission in found for entry in submission.files.values()}
    own = tree.inside("submitted") if nbgrader.has_submitted(tree) else tree
    tops = {path.parts[0] for path, entry in own.files.items() if entry.path in taken}
    rest = {
        path if path.parts[0] in tops else PurePosixPath(path.parts[0]): None
        for path, entry in own.files.items()
        if entry.path not in taken and not _is_platform_file(path, layout)
    }
    for path in list(rest)[:MAX_NOTES]:
        note(LeftOut(f"{path}: not part of any submission, skipped"))
    if len(rest) > MAX_NOTES:
        more = len(rest) - MAX_NOTES
        note(LeftOut(f"{more} more files are not part of any submission, skipped", more))


def _is_platform_file(path: PurePosixPath, layout: str) -> bool:
    """Whether it is the platform's own, or an older file from Canvas, which was noted before."""
    if layout == "canvas" and canvas.canvas_name(path.name):
        return True
    own = path.name in (gradescope.METADATA, nbgrader.STAMP)
    return own or (len(path.parts) == 1 and path.suffix == ".csv")


def _refuse_nested_class(tree: Tree) -> None:
    """Raise `UsageError` where a folder or zip at the top holds a whole class, not one student."""
    zips = [p for p in tree.files if len(p.parts) == 1 and p.suffix.lower() == ".zip"]
    inside = tree.parts()
    classes = {p.name: held for p in zips[:MAX_PEEKED] if (held := peek(tree.files[p]))}
    for name, part in (inside | classes).items():
        for layout, (matches, read) in LAYOUTS.items():
            if layout != "flat" and matches(part) and len(read(part, lambda _: None)) > 1:
                raise UsageError(
                    f"{tree.name}: {name} in it looks like a whole class's download from {layout}; "
                    "grade that, or use --layout flat if it is one student's work"
                )
    for name, part in inside.items():
        if _EXERCISE_FOLDER.fullmatch(name.lower()) and len(part.tops()) > 1:
            raise UsageError(
                f"{tree.name}: {name} in it is named after an exercise, not after a student; grade "
                "that, or use --layout flat if it is one student's work"
            )


def _candidates(tree: Tree) -> Iterator[Tree]:
    """The tree, and before it the one folder that holds all of it, unless that is a student's."""
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
