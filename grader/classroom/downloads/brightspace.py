"""Brightspace: a folder for each attempt, `<number>-<number> - <full name> - <time>`, and `index.html`."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import PurePosixPath

from grader.classroom.downloads.gradebook_file import GradebookFile
from grader.classroom.downloads.platform import Platform
from grader.classroom.downloads.submission import DownloadedSubmission, Note
from grader.intake.tree import Tree
from grader.language import later, say

FOLDER = re.compile(r"(?P<number>\d+-\d+) - (?P<name>.+) - (?P<time>[^-]*\d{4}[^-]*)")
TIME = re.compile(
    r"(?:(?P<month>[A-Za-z]{3})[a-z]*\.? (?P<day>\d{1,2})|(?P<day2>\d{1,2}) (?P<month2>[A-Za-z]{3})[a-z]*\.?),?"
    r" (?P<year>\d{4}),? (?P<hour>\d{1,2}):?(?P<minute>\d\d) ?(?P<half>[AaPp][Mm])?"
)


def _matches(tree: Tree) -> bool:
    return any(tree.is_folder(name) and FOLDER.fullmatch(name) for name in tree.tops())


def _read(tree: Tree, note: Note) -> list[DownloadedSubmission]:
    held = tree.by_folder(1)
    found = []
    for name in tree.tops():
        match = FOLDER.fullmatch(name) if tree.is_folder(name) else None
        if match is None:
            continue
        if (submitted := parse(match["time"])) is None:
            note(
                say(
                    "{name}: {time!r} is not a timestamp, so it is treated as on time",
                    name=name,
                    time=match["time"],
                )
            )
        found.append(
            DownloadedSubmission(
                student=f"{match['number']} {match['name']}",
                files=held.get(PurePosixPath(name), {}),
                name=match["name"],
                submitted=submitted,
                origin=name,
            )
        )
    return found


def parse(text: str) -> datetime | None:
    """The time in a folder's name, which has no colon; None if it is none.

    >>> str(parse("Sep 24, 2026 126 PM"))
    '2026-09-24 13:26:00'
    """
    match = TIME.fullmatch(text.strip())
    if match is None:
        return None
    month, day = match["month"] or match["month2"], match["day"] or match["day2"]
    clock = f"{match['hour']}:{match['minute']} {match['half'] or ''}".strip()
    try:
        return datetime.strptime(
            f"{day} {month} {match['year']} {clock}",
            f"%d %b %Y {'%I:%M %p' if match['half'] else '%H:%M'}",
        )
    except ValueError:
        return None


PLATFORM = Platform(
    "brightspace",
    _matches,
    _read,
    own=lambda path: str(path) == "index.html",
    numbers=True,
    gradebook=GradebookFile(
        later("Brightspace's grades"),
        identifiers=(
            ("number", "id"),
            ("username", "id"),
            ("email", "email"),
            ("username", "email"),
        ),
        # `Lab 4 Points Grade <Numeric MaxPoints:42 Category:Labs>`
        assignment=re.compile(
            r"(?P<title>.+) Points Grade(?: <Numeric MaxPoints:(?P<most>[\d.,]+)[^>]*>)?"
        ),
        needed=("End-of-Line Indicator",),
    ),
    looks=later("folders such as 397063-2557369 - Ada Lovelace - Oct 14, 2026 1200 PM"),
)
