"""Clones named after accounts: `<slug>-submissions/<slug>-<username>/`, as of GitHub Classroom, which is no
more. A CSV beside them may say when each was submitted."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import PurePosixPath

from grader.classroom.downloads.platform import Platform
from grader.classroom.downloads.submission import DownloadedSubmission, Note, parse_timestamp
from grader.errors import SubmissionError
from grader.intake.tree import Entry, Tree
from grader.language import later, say


def _matches(tree: Tree) -> bool:
    return tree.name.endswith("-submissions") and bool(_clones(tree))


def _clones(tree: Tree) -> dict[str, str]:
    """The folders of the clones, and whose they are; GitHub's names ignore case."""
    prefix = tree.name.removesuffix("submissions").lower()
    return {
        name: name[len(prefix) :]
        for name in tree.tops()
        if tree.is_folder(name) and name.lower().startswith(prefix)
    }


def _read(tree: Tree, note: Note) -> list[DownloadedSubmission]:
    held = tree.by_folder(1)
    times = {}
    for path, entry in tree.files.items():
        if len(path.parts) == 1 and path.suffix == ".csv":
            times.update(_times(entry, note))
    return [
        DownloadedSubmission(
            student=student,
            files=held.get(PurePosixPath(name), {}),
            submitted=times.get(student.lower()),
            origin=name,
        )
        for name, student in _clones(tree).items()
    ]


def _times(entry: Entry, note: Note) -> dict[str, datetime]:
    """When each repository was submitted, if this file has the accounts and the times."""
    try:
        text = entry.read().decode("utf-8-sig")
        # A spreadsheet may have saved the file again.
        mark = ";" if ";" in text.partition("\n")[0] else ","
        rows = list(csv.DictReader(io.StringIO(text), delimiter=mark))
    except (SubmissionError, UnicodeDecodeError, csv.Error) as error:
        note(
            say(
                "{name}: cannot be read ({error}), so these submissions have no timestamps",
                name=entry.path.name,
                error=error,
            )
        )
        return {}
    moments = {}
    for row in rows:
        who = str(row.get("github_username"))
        where = f"{entry.path.name}, {who}"
        moments[who.lower()] = parse_timestamp(row.get("submission_timestamp"), where, note)
    return {who: moment for who, moment in moments.items() if moment is not None}


PLATFORM = Platform(
    "clones",
    _matches,
    _read,
    looks=later("folders <assignment>-<username> in <assignment>-submissions"),
)
