"""Recognises the layout of a download, and reads its submissions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, tzinfo
from pathlib import PurePosixPath

from grader.classroom.downloads import (
    blackboard,
    brightspace,
    canvas,
    classroom50,
    clones,
    flat,
    google,
    gradescope,
    ilias,
    moodle,
    nbgrader,
    openolat,
    sakai,
    teams,
)
from grader.classroom.downloads.notes import LeftOut
from grader.classroom.downloads.platform import Platform
from grader.classroom.downloads.submission import SOURCES, DownloadedSubmission, Note, exercise_in
from grader.classroom.downloads.times import placed
from grader.errors import UsageError
from grader.intake.tree import Tree, peek
from grader.language import say, series

MAX_NOTES = 20
MAX_PEEKED = 3  # zips at the top that are opened, to see whether one holds a whole class
COPIES = 2  # folders with the same work that a student may have
_OWN_FILE = re.compile(r"ex\d\d(?=[_.])")  # as `ex04_convolution.py`: without a student's name
_EXERCISE_FOLDER = re.compile(r"ex\d\d(_.*)?")

# In the order in which they are tried: the last takes everything.
LAYOUTS: dict[str, Platform] = {
    module.PLATFORM.name: module.PLATFORM
    for module in (
        gradescope,
        moodle,
        blackboard,
        brightspace,
        sakai,
        openolat,
        teams,
        nbgrader,
        canvas,
        classroom50,
        clones,
        google,
        ilias,
        flat,
    )
}
FLAT = flat.PLATFORM.name
KNOWN = [platform for platform in LAYOUTS.values() if platform.name != FLAT]


def read_layout(
    tree: Tree, layout: str = "auto", note: Note = lambda _: None, zone: tzinfo = UTC
) -> tuple[str, list[DownloadedSubmission]]:
    """The layout's name, and the submissions of a download.

    Args:
        tree: the download.
        layout: one of `LAYOUTS`, or `auto` to recognise it.
        note: called with each file that is not part of a submission, and each timestamp that cannot
            be read.
        zone: of the times that the platform writes without one.

    Raises `UsageError` if there are no submissions, or the download does not have that layout.
    """
    if layout != "auto" and layout not in LAYOUTS:
        raise UsageError(
            say(
                "{layout}: no such layout; there are auto, {known}",
                layout=layout,
                known=series(LAYOUTS),
            )
        )
    for candidate in _candidates(tree):
        for name, platform in LAYOUTS.items():
            if layout not in ("auto", name):
                continue
            root = platform.root(candidate)
            if not platform.matches(root):
                continue
            if layout == "auto" and name == FLAT:
                _refuse_nested_class(root, note)
            if found := platform.read(root, note):
                _note_unused_files(root, platform, found, note)
                return name, [_placed(one, name, zone) for one in found]
    if layout in ("auto", FLAT):
        raise UsageError(say("{tree}: holds no submissions", tree=tree.name))
    looks = say(LAYOUTS[layout].looks)
    raise UsageError(
        say(
            "{tree}: does not have the layout {layout}: it would have {looks}; try --layout auto",
            tree=tree.name,
            layout=layout,
            looks=looks,
        )
    )


def _placed(one: DownloadedSubmission, layout: str, zone: tzinfo) -> DownloadedSubmission:
    """A submission with its layout, and a time that has a zone."""
    when = one.submitted and placed(one.submitted, zone)
    return replace(one, layout=layout, submitted=when)


def _note_unused_files(
    root: Tree, platform: Platform, found: Iterable[DownloadedSubmission], note: Note
) -> None:
    """Note what is not part of any submission: it may still be somebody's work."""
    taken = {entry.path for submission in found for entry in submission.files.values()}
    tops = {path.parts[0] for path, entry in root.files.items() if entry.path in taken}
    rest = {
        path if path.parts[0] in tops else PurePosixPath(path.parts[0]): None
        for path, entry in root.files.items()
        if entry.path not in taken and not _is_platform_file(path, platform)
    }
    for path in list(rest)[:MAX_NOTES]:
        note(LeftOut(say("{path}: not part of any submission, skipped", path=path)))
    if len(rest) > MAX_NOTES:
        more = len(rest) - MAX_NOTES
        note(
            LeftOut(
                say("{more} more files are not part of any submission, skipped", more=more), more
            )
        )


def _is_platform_file(path: PurePosixPath, platform: Platform) -> bool:
    """Whether it is the platform's own, or a table at the top."""
    return platform.own(path) or (len(path.parts) == 1 and path.suffix == ".csv")


def _refuse_nested_class(tree: Tree, note: Note) -> None:
    """Raise `UsageError` where a folder or zip at the top holds a whole class, not one student."""
    zips = [p for p in tree.files if len(p.parts) == 1 and p.suffix.lower() == ".zip"]
    inside = tree.parts()
    many: dict[str, str] = {}
    classes = {p.name: held for p in zips[:MAX_PEEKED] if (held := peek(tree.files[p]))}
    for name, part in (inside | classes).items():
        for known in KNOWN:
            root = known.root(part)
            if (
                not known.loose
                and known.matches(root)
                and len(known.read(root, lambda _: None)) > 1
            ):
                raise UsageError(
                    say(
                        "{tree}: {name} in it looks like a whole class's download from {known}; grade that, "
                        "or use --layout flat if it is one student's work",
                        tree=tree.name,
                        name=name,
                        known=known.name,
                    )
                )
    for name, part in inside.items():
        if _EXERCISE_FOLDER.fullmatch(name.lower()) and len(part.tops()) > 1:
            raise UsageError(
                say(
                    "{tree}: {name} in it is named after an exercise, not after a student; grade that, or "
                    "use --layout flat if it is one student's work",
                    tree=tree.name,
                    name=name,
                )
            )
        what, count = _same_work(part)
        if count > COPIES or (count > 1 and len(inside) == 1):
            many[name] = say("{count} folders with a file for {what}", count=count, what=what)
    if len(many) * 2 > len(inside):
        name, what = next(iter(many.items()))
        raise UsageError(
            say(
                "{tree}: {name} in it holds {what}, as if it were a class; grade that, or use "
                "--layout flat if it is one student's work",
                tree=tree.name,
                name=name,
                what=what,
            )
        )
    for name, what in many.items():  # no student's folders stop the others' grading
        note(
            LeftOut(
                say(
                    "{name}: holds {what}, and is taken for one student's work",
                    name=name,
                    what=what,
                )
            )
        )


def _same_work(tree: Tree) -> tuple[str, int]:
    """The exercise, or the name of a source file, that most folders of a tree hold, and how many do; a
    student may keep an older copy or two."""
    found = {
        (exercise_in(path.name) or path.name, path.parts[0])
        for path in tree.files
        if len(path.parts) > 1 and path.suffix.lower() in SOURCES
    }
    count = Counter(what for what, _ in found)
    return count.most_common(1)[0] if count else ("", 0)


def _candidates(tree: Tree) -> Iterator[Tree]:
    """The tree, and before it the one folder that holds all of it, unless that is a student's."""
    tops = tree.tops()
    if len(tops) == 1 and tree.is_folder(tops[0]):
        inner = tree.inside(tops[0])
        sources = [p for p in inner.files if p.suffix.lower() in SOURCES]
        numbered = [p for p in sources if _OWN_FILE.match(p.name.lower())]
        several = len(sources) > 1 and not numbered
        deeper = any(len(p.parts) > 1 for p in inner.files) and all(
            len(p.parts) > 1 for p in numbered
        )
        wraps = (
            several
            or deeper
            or tops[0] == tree.name
            or any(known.matches(known.root(inner)) for known in KNOWN)
        )
        if wraps and not any(known.matches(known.root(tree)) for known in KNOWN):
            yield inner
    yield tree
