"""Sakai: `<assignment>/<Last, First(id)>/Submission attachment(s)/<files>`, with `timestamp.txt` beside the
attachments, and `<assignment>/grades.csv`.

Downloaded “without folders”, the same is in the files' names: `<Last, First(id)>_Submission
attachment(s)_<file>`. A group's folder lists its members in `members.txt`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import PurePosixPath

from grader.classroom.downloads.platform import Platform, only_folder
from grader.classroom.downloads.submission import DownloadedSubmission, Note, parse_timestamp
from grader.errors import SubmissionError
from grader.intake.tree import Entry, Tree
from grader.language import later, say

STUDENT = re.compile(r"(?P<name>[^()]*,[^()]*)\((?P<id>[^()]+)\)")
FLAT = re.compile(rf"(?P<who>{STUDENT.pattern})_+(?P<rest>.+)")
ATTACHMENT = re.compile(r"(?P<folder>[^_]*\(s\))_(?P<original>.+)")
STAMP = PurePosixPath("timestamp.txt")
MEMBERS = PurePosixPath("members.txt")
OWN = {str(STAMP), str(MEMBERS), "comments.txt", "feedbackText.html"}


def _matches(tree: Tree) -> bool:
    named = any(STUDENT.fullmatch(n) or FLAT.fullmatch(n) for n in tree.tops())
    stamped = any(len(p.parts) == 2 and p.name == str(STAMP) for p in tree.files)
    graded = any(p.stem == "grades" and len(p.parts) == 1 for p in tree.files)
    return named or (stamped and graded)


def _read(tree: Tree, note: Note) -> list[DownloadedSubmission]:
    folders: dict[str, dict[PurePosixPath, Entry]] = {
        name: {} for name in tree.tops() if tree.is_folder(name)
    }
    for path, entry in tree.files.items():
        if len(path.parts) > 1:
            folders[path.parts[0]][PurePosixPath(*path.parts[1:])] = entry
        elif match := FLAT.fullmatch(path.name):
            attached = ATTACHMENT.fullmatch(match["rest"])
            inner = f"{attached['folder']}/{attached['original']}" if attached else match["rest"]
            folders.setdefault(match["who"], {})[PurePosixPath(inner)] = entry
    found = []
    for folder, held in folders.items():
        stamp, members = held.get(STAMP), held.get(MEMBERS)
        for name, id_ in _students(folder, members, note):
            found.append(
                DownloadedSubmission(
                    student=id_,
                    files=_handed_in(held),
                    name=name,
                    submitted=_time(stamp, f"{folder}/{STAMP}", note) if stamp else None,
                    assignment=tree.name,
                    origin=folder,
                )
            )
    return found


def _students(folder: str, members: Entry | None, note: Note) -> list[tuple[str, str]]:
    """The name and id of each student whose folder this is; an anonymous one has no name."""
    named = STUDENT.fullmatch(folder)
    if named:
        return [(named["name"].strip(" ,"), named["id"])]
    text = _text(members, str(MEMBERS), note) if members else ""
    group = [(m["name"].strip(" ,;"), m["id"]) for m in STUDENT.finditer(text)]
    return group or [("", folder)]


def _handed_in(held: dict[PurePosixPath, Entry]) -> dict[PurePosixPath, Entry]:
    """What the student attached, by its own name; where nothing is attached, the text that was typed."""
    files = {
        PurePosixPath(*path.parts[1:]): entry
        for path, entry in held.items()
        if len(path.parts) > 1 and not _is_feedback(path)
    }
    typed = {p: e for p, e in held.items() if len(p.parts) == 1 and p.name not in OWN}
    return files or typed


def _is_feedback(path: PurePosixPath) -> bool:
    return "feedback" in path.parts[0].lower()


def _time(entry: Entry, where: str, note: Note) -> datetime | None:
    """`20261014100000000` in older versions, in UTC; `2026-10-14T10:00:00Z` in newer ones."""
    text = _text(entry, where, note)
    if re.fullmatch(r"\d{17}", text):
        return datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return parse_timestamp(text, where, note)


def _text(entry: Entry, where: str, note: Note) -> str:
    try:
        return entry.read().decode(errors="replace").strip()
    except SubmissionError as error:
        note(say("{where}: {error}, so it is left out", where=where, error=error))
        return ""


def _is_own(path: PurePosixPath) -> bool:
    if len(path.parts) == 1:
        flat = FLAT.fullmatch(path.name)
        return path.stem == "grades" or bool(flat) or path.suffix == ".html"
    return (
        path.name in OWN
        or path.name.endswith("_submissionText.html")
        or _is_feedback(PurePosixPath(*path.parts[1:]))
    )


PLATFORM = Platform(
    "sakai",
    _matches,
    _read,
    root=only_folder,
    own=_is_own,
    looks=later("folders such as Lovelace, Ada(ada) with Submission attachment(s) in them"),
)
