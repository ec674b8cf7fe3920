"""Teams, as SharePoint packs it: `Submitted files/<full name>/<assignment>/Version <n>/<files>`."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import PurePosixPath

from grader.classroom.downloads.platform import Platform
from grader.classroom.downloads.submission import DownloadedSubmission, Note
from grader.intake.tree import Tree
from grader.language import later, say

VERSION = re.compile(r"(?:Vers\w+|版本|バージョン) ?(?P<number>\d+)", re.IGNORECASE)


def _root(tree: Tree) -> Tree:
    """The folder with the students' folders: beside it are their working files."""
    for depth in (5, 4):
        deeper = {
            p.parts[0] for p in tree.folders if len(p.parts) == depth and VERSION.fullmatch(p.name)
        }
        if len(deeper) == 1 and not _matches(tree):
            tree = tree.inside(deeper.pop())
    return tree


def _matches(tree: Tree) -> bool:
    return any(len(p.parts) == 3 and VERSION.fullmatch(p.name) for p in tree.folders)


def _read(tree: Tree, note: Note) -> list[DownloadedSubmission]:
    versions: dict[PurePosixPath, dict[int, PurePosixPath]] = defaultdict(dict)
    for folder in tree.folders:
        match = VERSION.fullmatch(folder.name) if len(folder.parts) == 3 else None
        if match:
            versions[folder.parent][int(match["number"])] = folder
    held = tree.by_folder(3)
    found = []
    for handed_in, numbered in sorted(versions.items()):
        last = numbered[max(numbered)]
        for _, older in sorted(numbered.items()):
            if older != last:
                note(
                    say("{older}: older than {last}, which is graded", older=older, last=last.name)
                )
        found.append(
            DownloadedSubmission(
                student=handed_in.parts[0],
                files=held.get(last, {}),
                name=handed_in.parts[0],
                assignment=handed_in.name,
                origin=str(last),
            )
        )
    return found


PLATFORM = Platform(
    "teams",
    _matches,
    _read,
    root=_root,
    own=lambda path: len(path.parts) > 2 and bool(VERSION.fullmatch(path.parts[2])),
    looks=later("folders such as Submitted files/Ada Lovelace/ex04/Version 1"),
)
