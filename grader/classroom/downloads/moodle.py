"""Moodle: `[<group>-]<Full Name>_<id>_assignsubmission_file[_]/…`, or that before each file's name."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from grader.classroom.downloads.platform import Platform
from grader.classroom.downloads.submission import DownloadedSubmission, Note
from grader.intake.tree import Entry, Tree
from grader.language import later

MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)_?(?P<original>.*)"
)


def participant_number(origin: str) -> str:
    """Moodle's participant number, in the name of a submission's folder; `""` if there is none."""
    found = MOODLE.fullmatch(origin)
    return found["id"] if found else ""


def _matches(tree: Tree) -> bool:
    return any(MOODLE.fullmatch(name) for name in tree.tops())


def _read(tree: Tree, _: Note) -> list[DownloadedSubmission]:
    found: dict[str, dict[PurePosixPath, Entry]] = {}
    first: dict[str, tuple[str, str]] = {}
    # Somebody who typed a text into the browser and uploaded nothing is a student, too.
    for kind in ("file", "onlinetext"):
        for path, entry in (*tree.files.items(), *((p, None) for p in sorted(tree.folders))):
            match = MOODLE.fullmatch(path.parts[0])
            if match is None or match["kind"] != kind:
                continue
            files = found.setdefault(match["id"], {})
            prefix = path.parts[0].removesuffix(match["original"]) if match["original"] else ""
            first.setdefault(match["id"], (match["name"], prefix.rstrip("_") or path.parts[0]))
            inner = PurePosixPath(*path.parts[1:]) if len(path.parts) > 1 else None
            if entry is not None:
                files[inner or PurePosixPath(match["original"] or path.name)] = entry
    return [
        DownloadedSubmission(
            student=id_,
            files=files,
            name=first[id_][0],
            origin=first[id_][1],
            readings=_without_group(first[id_][0]),
        )
        for id_, files in found.items()
    ]


def _without_group(name: str) -> tuple[str, ...]:
    """`Group 1-Mary-Ann Smith` may be Mary-Ann Smith, or Ann Smith: groups' names stand in front."""
    parts = name.split("-")
    return tuple("-".join(parts[n:]).strip() for n in range(1, len(parts)))


PLATFORM = Platform(
    "moodle",
    _matches,
    _read,
    numbers=True,
    account=participant_number,
    looks=later("folders such as Ada Lovelace_2001_assignsubmission_file"),
)
