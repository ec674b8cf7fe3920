"""ILIAS: `Abgaben/<Last>_<First>_<login>_<number>/<file>`; in a team, `Team <n>/` comes before that.

Some versions leave the time in front of a file's name, `20261014120000_<file>`. What is late is called
`Late Submission - <file>`, in the site's language.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime
from pathlib import PurePosixPath

from grader.classroom.downloads.platform import Platform
from grader.classroom.downloads.submission import DownloadedSubmission, Note, exercise_in
from grader.intake.tree import Entry, Tree
from grader.language import later, say

FOLDER = re.compile(r"(?P<name>[^_]+_.+)_(?P<login>[^_]+)_(?P<number>\d{2,})")
TEAM = re.compile(r"\D+ \d+")
TIMED = re.compile(r"(?P<time>20\d{12})_(?P<original>.+)")
LATE = re.compile(
    r"(?:late submission|versp(?:ä|ae|a)tete abgabe|remise tardive|entrega tard[ií]a|consegna in ritardo)"
    r" ?- ?(?P<original>.+)",
    re.IGNORECASE,
)
WRAPPERS = ("abgaben", "submissions", "soumissions", "entregas", "consegne")


def _root(tree: Tree) -> Tree:
    for _ in range(2):
        wrappers = [n for n in tree.tops() if tree.is_folder(n) and n.lower() in WRAPPERS]
        folders = [n for n in tree.tops() if tree.is_folder(n)]
        if len(wrappers) == 1:
            return tree.inside(wrappers[0])
        if len(folders) != 1 or FOLDER.fullmatch(folders[0]):
            break
        tree = tree.inside(folders[0])
    return tree


def _folder(path: PurePosixPath) -> tuple[re.Match[str], int] | None:
    """The student's folder in a path, and how deep what is in it lies."""
    depth = 1 if TEAM.fullmatch(path.parts[0]) and len(path.parts) > 1 else 0
    match = FOLDER.fullmatch(path.parts[depth])
    return (match, depth + 1) if match else None


def _matches(tree: Tree) -> bool:
    folders = [n for n in tree.tops() if tree.is_folder(n) and not TEAM.fullmatch(n)]
    fits = [n for n in folders if FOLDER.fullmatch(n) and not exercise_in(n)]
    if not _are_students(fits, wrapped=tree.name.lower() in WRAPPERS):
        fits = []
    teams = any(_folder(path) for path in tree.folders if len(path.parts) == 2)
    sure = tree.name.lower() in WRAPPERS and len(fits) * 2 > len(folders)
    return (fits == folders or sure) and (bool(fits) or teams)


def _are_students(folders: list[str], *, wrapped: bool) -> bool:
    """Whether each has a login and a number of its own: `Smith_John_lab_04` has none."""
    found = [m for name in folders if (m := FOLDER.fullmatch(name))]
    distinct = all(len({m[part] for m in found}) == len(found) for part in ("login", "number"))
    return distinct and (wrapped or len(found) > 1)


def _read(tree: Tree, note: Note) -> list[DownloadedSubmission]:
    held: dict[PurePosixPath, list[tuple[PurePosixPath, Entry]]] = {}
    who: dict[PurePosixPath, re.Match[str]] = {}
    for path in (*sorted(tree.folders), *tree.files):
        found = _folder(path)
        if found and len(path.parts) >= found[1]:
            folder = PurePosixPath(*path.parts[: found[1]])
            who[folder] = found[0]
            inside = held.setdefault(folder, [])
            if path in tree.files and len(path.parts) > found[1]:
                inside.append((PurePosixPath(*path.parts[found[1] :]), tree.files[path]))
    submissions = []
    for folder, files in held.items():
        attempts: dict[datetime | None, dict[PurePosixPath, Entry]] = defaultdict(dict)
        late = False
        for path, entry in files:
            name = path.name
            if match := LATE.fullmatch(name):
                late, name = True, match["original"]
            when = None
            if match := TIMED.fullmatch(name):
                when, name = _time(match["time"]), match["original"]
            attempts[when][path.with_name(name)] = entry
        submissions.append(
            DownloadedSubmission(
                student=who[folder]["login"],
                files=_latest(attempts, note),
                name=who[folder]["name"].replace("_", " "),
                submitted=max((t for t in attempts if t), default=None),
                late=late,
                origin=str(folder),
            )
        )
    return submissions


def _latest(
    attempts: dict[datetime | None, dict[PurePosixPath, Entry]], note: Note
) -> dict[PurePosixPath, Entry]:
    """Each file as it was handed in last."""
    files: dict[PurePosixPath, Entry] = {}
    for when in sorted(attempts, key=lambda t: t or datetime.min):
        for path, entry in attempts[when].items():
            if path in files:
                note(
                    say(
                        "{path}: older than {name}, which is graded",
                        path=files[path].path,
                        name=entry.path.name,
                    )
                )
            files[path] = entry
    return files


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S")
    except ValueError:
        return None


PLATFORM = Platform(
    "ilias",
    _matches,
    _read,
    root=_root,
    own=lambda path: len(path.parts) == 1 or bool(TIMED.fullmatch(path.name)),
    loose=True,
    looks=later("folders such as Lovelace_Ada_ada_1234 in Abgaben/"),
)
