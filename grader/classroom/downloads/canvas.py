"""Canvas: one folder of files `<lastfirst>[_LATE]_<user id>_<attachment id>_<original name>`.

In anonymous grading they are called `[LATE_]anon_<letters and digits>_<attachment id>_<original name>`. A
name may have capitals and underscores, but no number between two of them.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from grader.classroom.downloads.gradebook_file import GradebookFile
from grader.classroom.downloads.platform import Platform, mostly
from grader.classroom.downloads.submission import DownloadedSubmission, Note
from grader.intake.tree import Entry, Tree
from grader.language import later, say

_WHO = (
    r"(?:(?P<anonymous>(?:LATE_)?anon)_(?P<code>[A-Za-z0-9]+)"
    r"|(?P<name>(?:LATE_)?.+?)(?P<late>_(?i:late))?_(?P<user>\d+))_"
)
CANVAS = re.compile(_WHO + r"(?P<file>\d+)_(?P<original>.+)")
CANVAS_TEXT = re.compile(_WHO + r"(?P<original>(?:text|link)\.html)")
RESUBMITTED = re.compile(r"-(?P<number>\d+)(?=\.[A-Za-z]+$)")
FIRST_LATE = "LATE_"


def canvas_name(name: str) -> re.Match[str] | None:
    """What Canvas put around the name of a submitted file, text or link."""
    return CANVAS.fullmatch(name) or CANVAS_TEXT.fullmatch(name)


def user_number(origin: str) -> str:
    """Canvas' number of the student, in the name of a submitted file; `""` if there is none."""
    found = canvas_name(origin)
    return found["user"] or "" if found else ""


def upload_number(origin: str) -> int:
    """Canvas' number of the file that a submission is named after, which grows with every upload; 0
    if there is none."""
    found = CANVAS.fullmatch(origin)
    return int(found["file"]) if found else 0


def _matches(tree: Tree) -> bool:
    return mostly(tree.tops(), lambda name: not tree.is_folder(name) and canvas_name(name))


def _read(tree: Tree, note: Note) -> list[DownloadedSubmission]:
    found: dict[str, dict[str, tuple[int, int, Entry]]] = {}
    first: dict[str, re.Match[str]] = {}
    late: dict[str, bool] = {}
    origin: dict[str, str] = {}
    for path, entry in tree.files.items():
        match = canvas_name(path.name) if len(path.parts) == 1 else None
        if match is None:
            continue
        user, original = match["user"] or match["code"], match["original"]
        again = RESUBMITTED.search(original)
        file = int(match.groupdict().get("file") or 0)  # a submitted text has no number
        order = (int(again["number"]) if again else 0, file)
        original = RESUBMITTED.sub("", original)
        first.setdefault(user, match)
        marked = bool(match["late"]) or path.name.startswith(FIRST_LATE)
        late[user] = late.get(user, False) or marked
        known = found.setdefault(user, {}).get(original)
        if known is None or known[:2] < order:
            found[user][original] = (*order, entry)
            if file or user not in origin:
                origin[user] = path.name
        if known is not None:
            last = found[user][original][-1]
            other = known[-1] if last is entry else entry
            note(
                say(
                    "{name}: older than {last}, which is graded",
                    name=other.path.name,
                    last=last.path.name,
                )
            )
    return [
        DownloadedSubmission(
            student=user,
            files={PurePosixPath(n): e for n, (_, _, e) in sorted(files.items())},
            name=(first[user]["name"] or "").removeprefix(FIRST_LATE),
            late=late[user],
            origin=origin[user],
        )
        for user, files in found.items()
    ]


PLATFORM = Platform(
    "canvas",
    _matches,
    _read,
    own=lambda path: bool(canvas_name(path.name)),
    numbers=True,
    account=user_number,
    gradebook=GradebookFile(
        later("a Canvas export"),
        identifiers=(
            ("ID", "account"),
            ("SIS User ID", "id"),
            ("SIS Login ID", "id"),
            ("SIS User ID", "email"),
            ("SIS Login ID", "email"),
        ),
        assignment=re.compile(r"(?P<title>.+) \(\d+\)"),
        needed=("ID",),
        maxima="Points Possible",
        kept={"EX": "excused in the table", "N/A": "not assigned in the table"},
    ),
    looks=later("files such as lovelaceada_101_5001_ex04.py"),
)
