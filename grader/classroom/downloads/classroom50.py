"""Classroom 50: `gh teacher download` makes `<classroom>-<assignment>_submissions_<time>/` with clones called
`<classroom>-<assignment>-<username>`, in each `result.json` from its latest release, and `scores.csv`.

By foundation50/classroom50, cli/gh-teacher/internal/download/download.go. What lies in a clone is the
student's, so of `result.json` only the time counts, and only if it says that it is this repository's.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from grader.classroom.downloads.platform import Platform
from grader.classroom.downloads.submission import (
    DownloadedSubmission,
    Note,
    exercise_in,
    parse_timestamp,
)
from grader.errors import SubmissionError
from grader.intake.tree import Entry, Tree
from grader.language import later, say

FOLDER = re.compile(r"(?P<slug>.+)_submissions_\d{4}_\d\d_\d\d_T_\d\d_\d\d_\d\d")
SCHEMA = "classroom50/result/v1"
RESULT, HISTORY = "result.json", "results.json"
SCORES = PurePosixPath("scores.csv")


class Row(NamedTuple):
    """A line of `scores.csv`: one of the submissions that a student is credited for."""

    username: str
    tag: str
    review: str
    late: bool | None


def _matches(tree: Tree) -> bool:
    return bool(_clones(tree))


def _is_own(path: PurePosixPath) -> bool:
    return len(path.parts) == 2 and path.name in (RESULT, HISTORY)


def _read(tree: Tree, note: Note) -> list[DownloadedSubmission]:
    slug, held, found = _slug(tree), tree.by_folder(1), []
    clones = _clones(tree)
    rows = _rows(tree.files.get(SCORES), note)
    late = {row.username: row.late for row in reversed(rows)}  # the newest stands first
    for folder, account in clones.items():
        files = held.get(PurePosixPath(folder), {})
        own = {name: files.pop(PurePosixPath(name), None) for name in (RESULT, HISTORY)}
        submitted = _submitted(own[RESULT], slug, account, f"{folder}/{RESULT}", note)
        for student in _members(folder, clones, rows, own[HISTORY]) or [account]:
            found.append(
                DownloadedSubmission(
                    student=student,
                    files=files,
                    submitted=submitted,
                    late=late.get(student.lower()),
                    assignment=exercise_in(slug),
                    origin=folder,
                )
            )
    return found


def _clones(tree: Tree) -> dict[str, str]:
    """The folders of the clones, and whose they are; GitHub's names ignore case."""
    slug = _slug(tree)
    return {
        name: name[len(slug) + 1 :]
        for name in tree.tops()
        if slug and tree.is_folder(name) and name.lower().startswith(f"{slug}-")
    }


def _slug(tree: Tree) -> str:
    """`<classroom>-<assignment>`: from the name of the download, or as most results say; "" if neither
    does."""
    if named := FOLDER.fullmatch(tree.name):
        return named["slug"].lower()
    found = Counter[str]()
    for path, entry in tree.files.items():
        if len(path.parts) == 2 and path.name == RESULT:
            value = _json(entry)
            if value.get("schema") == SCHEMA:
                found[f"{value.get('classroom')}-{value.get('assignment')}".lower()] += 1
    return found.most_common(1)[0][0] if found else ""


def _submitted(
    entry: Entry | None, slug: str, account: str, where: str, note: Note
) -> datetime | None:
    """When a repository was submitted, if its result says that it is this repository's."""
    if entry is None:
        note(
            say(
                "{parent}: has no release, so there is no time of submission",
                parent=PurePosixPath(where).parent,
            )
        )
        return None
    value = _json(entry)
    where_from = f"{value.get('classroom')}-{value.get('assignment')}".lower()
    same = where_from == slug and str(value.get("owner")).lower() == account.lower()
    if value.get("schema") != SCHEMA or not same:
        note(
            say(
                "{where}: is not the result of this repository, so it is treated as on time",
                where=where,
            )
        )
        return None
    return parse_timestamp(value.get("datetime"), where, note)


def _members(
    folder: str, clones: dict[str, str], rows: list[Row], history: Entry | None
) -> list[str]:
    """Of a group's repository, who is credited for it and has no repository; with its owner, unless
    that is a team and nobody's account."""
    tags = {str(one.get("submission_tag")) for one in _list(history)} if history else set()
    owners = {account.lower() for account in clones.values()}
    here = f"/{folder}/".lower()
    others = dict.fromkeys(
        row.username
        for row in rows
        if row.username not in owners and row.tag in tags and here in row.review.lower()
    )
    account = clones[folder]
    known = not others or account.lower() in {row.username for row in rows}
    return [*([account] if known else []), *others]


def _rows(entry: Entry | None, note: Note) -> list[Row]:
    if entry is None:
        return []
    try:
        lines = list(csv.DictReader(io.StringIO(entry.read().decode("utf-8-sig"))))
    except (SubmissionError, UnicodeDecodeError, csv.Error) as error:
        note(say("{scores}: cannot be read ({error})", scores=SCORES, error=error))
        return []
    words = {"true": True, "false": False}
    return [
        Row(
            username=(line.get("username") or "").removeprefix("'").lower(),
            tag=line.get("submission_tag") or "",
            review=line.get("review_url") or "",
            late=words.get((line.get("late") or "").lower()),
        )
        for line in lines
    ]


def _json(entry: Entry) -> dict[str, Any]:
    value = _parsed(entry)
    return value if isinstance(value, dict) else {}


def _list(entry: Entry) -> list[dict[str, Any]]:
    value = _parsed(entry)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _parsed(entry: Entry) -> Any:
    try:
        return json.loads(entry.read())
    except (SubmissionError, ValueError, RecursionError):
        return None


PLATFORM = Platform(
    "classroom50",
    _matches,
    _read,
    own=_is_own,
    looks=later(
        "clones <classroom>-<assignment>-<username> with result.json, as `gh teacher download` makes them"
    ),
)
