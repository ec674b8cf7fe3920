"""Blackboard, Original and Ultra: one folder of files `<assignment>_<user>_attempt_<time>_<original name>`.

Beside them is a text for each attempt, `<assignment>_<user>_attempt_<time>.txt`, whose labels are in the
site's language:

    Name: Ada Lovelace (ada)
    Assignment: Convolution
    Date Submitted: Wednesday, October 14, 2026 12:00:00 PM CEST
    …
    Files:
        Original filename: ex04_convolution.py
        Filename: Convolution_ada_attempt_2026-10-14-12-00-00_ex04_convolution.py
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import pairwise, takewhile
from pathlib import PurePosixPath
from typing import NamedTuple

from grader.classroom.downloads.gradebook_file import GradebookFile
from grader.classroom.downloads.platform import Platform, mostly
from grader.classroom.downloads.submission import DownloadedSubmission, Note
from grader.errors import SubmissionError
from grader.intake.tree import Entry, Tree
from grader.language import later, say

ATTEMPT = re.compile(
    r"(?P<head>.+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<original>.+)|(?P<text>\.txt))"
)
WHO = re.compile(r"(?P<name>.*) \((?P<user>[^()]+)\)")
LONGEST = 1000  # characters of a name with its account


class _Text(NamedTuple):
    """What an attempt's text says: the student, and the students' names of the files."""

    name: str = ""
    user: str = ""
    originals: dict[str, str] = {}  # noqa: RUF012


def _matches(tree: Tree) -> bool:
    return mostly(tree.tops(), ATTEMPT.fullmatch)


def _read(tree: Tree, note: Note) -> list[DownloadedSubmission]:
    attempts: dict[tuple[str, str], dict[str, Entry]] = {}
    for path, entry in tree.files.items():
        if len(path.parts) == 1 and (match := ATTEMPT.fullmatch(path.name)):
            held = attempts.setdefault((match["head"], match["time"]), {})
            held[match["original"] or ""] = entry
    found, common = [], _assignment({head for head, _ in attempts})
    for (head, time), held in attempts.items():
        text = _text(held[""], note) if "" in held else _Text()
        assignment, _, user = head.rpartition("_")
        if common:
            assignment, user = common, head.removeprefix(f"{common}_")
        if text.user and head.endswith(f"_{text.user}"):  # both may have underscores
            assignment, user = head.removesuffix(f"_{text.user}"), text.user
        files = {
            PurePosixPath(text.originals.get(entry.path.name, name)): entry
            for name, entry in held.items()
            if name
        }
        if not files:  # the student typed a text, and handed in no file
            files = {PurePosixPath(held[""].path.name): held[""]}
        try:
            submitted = datetime.strptime(time, "%Y-%m-%d-%H-%M-%S")
        except ValueError:
            note(
                say(
                    "{head}: {time!r} is not a timestamp, so it is treated as on time",
                    head=head,
                    time=time,
                )
            )
            submitted = None
        found.append(
            DownloadedSubmission(
                student=user,
                files=files,
                name=text.name,
                submitted=submitted,
                assignment=assignment,
                origin=f"{head}_attempt_{time}",
            )
        )
    return found


def _assignment(heads: set[str]) -> str:
    """The words that all names begin with: the assignment, where there is more than one name."""
    words = zip(*(head.split("_")[:-1] for head in heads), strict=False)
    same = takewhile(lambda column: len(set(column)) == 1, words)
    return "_".join(column[0] for column in same) if len(heads) > 1 else ""


def _text(entry: Entry, note: Note) -> _Text:
    try:
        text = entry.read().decode("utf-8-sig", errors="replace")
    except SubmissionError as error:
        note(f"{entry.path.name}: {error}")
        return _Text()
    head, *rest = text.splitlines() or [""]
    who = WHO.fullmatch(head.partition(":")[2][:LONGEST].strip())
    values = [_value(line) for line in rest]
    originals = {
        stored: PurePosixPath(original).name
        for original, stored in pairwise(values)
        if original and stored and ATTEMPT.fullmatch(stored)
    }
    return _Text(who["name"], who["user"], originals) if who else _Text(originals=originals)


def _value(line: str) -> str:
    """What an indented line says after its label; `""` for any other line."""
    return line.partition(":")[2].strip() if line.startswith(("\t", " ")) else ""


PLATFORM = Platform(
    "blackboard",
    _matches,
    _read,
    own=lambda path: bool((match := ATTEMPT.fullmatch(path.name)) and match["text"]),
    gradebook=GradebookFile(  # tab-separated UTF-16 called .xls, or CSV
        later("Blackboard's gradebook"),
        identifiers=(
            ("username", "account"),
            ("username", "id"),
            ("number", "id"),
            ("username", "email"),
        ),
        # `Convolution [Total Pts: 42 Score] |1702852`; a calculated column says “up to”
        assignment=re.compile(r"(?P<title>.+?) \[[^\]:]+: ?(?P<most>[\d.,]+)[^\]]*\] ?\|\d+"),
        needed=("username",),
    ),
    looks=later("files such as <assignment>_<user>_attempt_2026-10-14-12-00-00_ex04.py"),
)
