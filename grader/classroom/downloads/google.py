"""Google Classroom, as Drive packs it: one folder of files `<full name> - <file>`."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from grader.classroom.downloads.notes import LeftOut
from grader.classroom.downloads.platform import Platform, mostly
from grader.classroom.downloads.submission import DownloadedSubmission, Note
from grader.intake.tree import Entry, Tree
from grader.language import later, say

FILE = re.compile(r"(?P<name>[^\W\d_][\w'’.-]*(?: [\w'’.-]+)+) - (?P<original>.+)")
AGAIN = re.compile(
    r" ?\((?P<number>\d+)\)(?=\.[A-Za-z]+$|$)"
)  # Drive's mark on a name that is taken


def _matches(tree: Tree) -> bool:
    files = [n for n in tree.tops() if not tree.is_folder(n)]
    return bool(files) and len(files) == len(tree.tops()) and mostly(files, FILE.fullmatch)


def _read(tree: Tree, note: Note) -> list[DownloadedSubmission]:
    found: dict[str, dict[PurePosixPath, tuple[int, Entry]]] = {}
    for path, entry in tree.files.items():
        match = FILE.fullmatch(path.name) if len(path.parts) == 1 else None
        if match is None:
            continue
        again = AGAIN.search(match["original"])
        number = int(again["number"]) if again else 0
        original = PurePosixPath(AGAIN.sub("", match["original"]))
        files = found.setdefault(match["name"], {})
        known = files.get(original)
        if known:
            last, other = sorted([known, (number, entry)], key=lambda one: -one[0])
            note(
                LeftOut(
                    say(
                        "{name}: taken for older than {last}, which is graded: Drive gives no times",
                        name=other[1].path.name,
                        last=last[1].path.name,
                    )
                )
            )
        files[original] = max(
            [*([known] if known else []), (number, entry)], key=lambda one: one[0]
        )
    return [
        DownloadedSubmission(
            student=name,
            files={original: entry for original, (_, entry) in files.items()},
            name=name,
            origin=name,
        )
        for name, files in found.items()
    ]


PLATFORM = Platform(
    "google",
    _matches,
    _read,
    own=lambda path: bool(FILE.fullmatch(path.name)),
    loose=True,
    looks=later("files such as Ada Lovelace - ex04.py"),
)
