"""OpenOlat: `<Last>_<First>_<login>/<n>_submissions/<files>`, and `<n>_revisions_<i>/` for what was handed
in again; `Late_submission.txt` marks what is late."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from grader.classroom.downloads.platform import Platform, only_folder
from grader.classroom.downloads.submission import DownloadedSubmission, Note
from grader.intake.tree import Tree
from grader.language import later, say

STEP = re.compile(r"\d+_(?:submissions|revisions_(?P<round>\d+))")
ANY_STEP = re.compile(
    r"\d+_(?:task|submissions|corrections|revisions_\d+|corrections_\d+|assessment)"
)
MARKS = ("Late_submission.txt", "Extended_submission.txt")


def _matches(tree: Tree) -> bool:
    return any(len(p.parts) == 2 and ANY_STEP.fullmatch(p.name) for p in tree.folders)


def _read(tree: Tree, note: Note) -> list[DownloadedSubmission]:
    rounds: dict[str, dict[int, PurePosixPath]] = {}
    for folder in sorted(p for p in tree.folders if len(p.parts) == 2):
        if match := STEP.fullmatch(folder.name):
            rounds.setdefault(folder.parts[0], {})[int(match["round"] or 0)] = folder
    held = tree.by_folder(2)
    found = []
    for student, steps in rounds.items():
        full = {n: f for n, f in steps.items() if held.get(f)} or steps
        last = full[max(full)]
        files = dict(held.get(last, {}))
        for step in full.values():
            if step != last:
                note(say("{step}: older than {last}, which is graded", step=step, last=last))
        name, _, login = student.rpartition("_")
        found.append(
            DownloadedSubmission(
                student=login,
                files={p: e for p, e in files.items() if str(p) not in MARKS},
                name=name.replace("_", " "),
                late=PurePosixPath(MARKS[0]) in files,
                origin=student,
            )
        )
    return found


PLATFORM = Platform(
    "openolat",
    _matches,
    _read,
    root=only_folder,
    own=lambda path: (
        len(path.parts) == 1
        or path.parts[0] == "solutions"
        or bool(ANY_STEP.fullmatch(path.parts[1]))
    ),
    looks=later("folders such as Lovelace_Ada_ada with 1_submissions in them"),
)
