"""A zip of feedback files, one for each student and exercise, named so that Moodle and Canvas take them.

Students get these files: each is about one student, and shows as little of hidden checks as every format
for students does.
"""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from grader.classroom.downloads import CANVAS, MOODLE
from grader.classroom.downloads.canvas import CANVAS_TEXT
from grader.classroom.export.exported import Export
from grader.classroom.gradebook import Grade
from grader.language import say

# Bytes of a name that somebody chose. File systems allow 255 for the whole file name.
LONGEST = 90


def feedback_zip(grades: Sequence[Grade], page: Callable[[Grade], str]) -> Export:
    """A zip of feedback pages.

    The same input gives the same bytes. `page` makes one page at a time.
    """
    target = io.BytesIO()
    left_out, warnings = list[str](), list[str]()
    taken: set[str] = set()
    folders = student_folders([g.student for g in grades])
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for grade in grades:
            name = feedback_name(grade, folders[grade.student])
            if grade.outcome == "waiting" and grade.score is None:
                left_out.append(
                    say(
                        "{student} {exercise}: not graded yet",
                        student=grade.student,
                        exercise=grade.exercise,
                    )
                )
            elif _fold_case(name) in taken:
                left_out.append(
                    say(
                        "{student} {exercise}: there is already a {name}",
                        student=grade.student,
                        exercise=grade.exercise,
                        name=name,
                    )
                )
            else:
                taken.add(_fold_case(name))
                info = zipfile.ZipInfo(name)
                archive.writestr(info, page(grade), zipfile.ZIP_DEFLATED)
                if CANVAS_TEXT.fullmatch(
                    grade.origin
                ):  # it has no upload number, which Canvas needs
                    warnings.append(
                        say(
                            "{student} {exercise}: no file was submitted, so Canvas cannot import {name}; send it "
                            "by hand",
                            student=grade.student,
                            exercise=grade.exercise,
                            name=name,
                        )
                    )
    return Export(target.getvalue(), tuple(left_out), tuple(warnings))


def feedback_name(grade: Grade, folder: str) -> str:
    """The path of a student's feedback in the zip.

    Moodle needs the folder of the download, Canvas a file named like the submitted one. Both go by the
    numbers in these names, so only the rest is shortened. Elsewhere it is the student's folder.
    """
    if moodle := MOODLE.fullmatch(grade.origin):
        tail = f"_{moodle['id']}_assignsubmission_{moodle['kind']}" + "_" * grade.origin.endswith(
            "_"
        )
        return f"{safe_name(moodle['name'])}{tail}/{grade.exercise}_feedback.html"
    if canvas := CANVAS.fullmatch(grade.origin):
        who = (
            f"{canvas['anonymous']}_{canvas['code']}"
            if canvas["anonymous"]
            else (f"{safe_name(canvas['name'])}{canvas['late'] or ''}_{canvas['user']}")
        )
        head = f"{who}_{canvas['file']}"
        stem = safe_name(PurePosixPath(canvas["original"]).stem)
        exercise = "" if stem.lower().startswith(grade.exercise) else f"_{grade.exercise}"
        return f"{head}_{stem}{exercise}.html"
    return f"{folder}/{grade.exercise}.html"


def student_folders(students: Sequence[str]) -> dict[str, str]:
    """A folder for each student: the student's key, with a hash where two keys could be confused."""
    keys = list(dict.fromkeys(students))
    count = Counter(_fold_case(key) for key in keys)
    return {
        key: key
        if safe_name(key) == key and count[_fold_case(key)] == 1
        else f"{safe_name(key)}~{hashlib.sha256(key.encode()).hexdigest()[:8]}"
        for key in keys
    }


def safe_name(name: str) -> str:
    """A name as one harmless part of a path on every system, and not too long."""
    part = re.sub(r'[\x00-\x1f<>:"|?*\\/]', "_", name).strip(" .")
    return part.encode()[:LONGEST].decode(errors="ignore").strip(" .")


def _fold_case(name: str) -> str:
    """The form in which names are equal that some file system cannot tell apart."""
    return unicodedata.normalize("NFC", name).casefold()
