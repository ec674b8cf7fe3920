"""Feedback files, one for each student and exercise, in a zip with names that Moodle and Canvas take.

Students are to get these files: each is about one student, and tells of hidden checks what every
format for students tells.
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

LONGEST = 90  # bytes of a name that somebody chose; file systems allow 255 in all


def feedback_zip(grades: Sequence[Grade], page: Callable[[Grade], str]) -> Export:
    """A zip of feedback pages.

    The same input gives the same bytes; `page` is asked for one page at a time.
    """
    target = io.BytesIO()
    left_out, warnings = list[str](), list[str]()
    taken: set[str] = set()
    folders = student_folders([g.student for g in grades])
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for grade in grades:
            name = feedback_name(grade, folders[grade.student])
            if grade.outcome == "waiting" and grade.score is None:
                left_out.append(f"{grade.student} {grade.exercise}: not graded yet")
            elif _fold_case(name) in taken:
                left_out.append(f"{grade.student} {grade.exercise}: there is a {name} already")
            else:
                taken.add(_fold_case(name))
                info = zipfile.ZipInfo(name)
                archive.writestr(info, page(grade), zipfile.ZIP_DEFLATED)
                if CANVAS_TEXT.fullmatch(grade.origin):  # without the number that Canvas goes by
                    warnings.append(
                        f"{grade.student} {grade.exercise}: no file was handed in, so Canvas does "
                        f"not take {name}: give it by hand"
                    )
    return Export(target.getvalue(), tuple(left_out), tuple(warnings))


def feedback_name(grade: Grade, folder: str) -> str:
    """Where a student's feedback lies in the zip.

    Moodle wants the folder of the download; Canvas a file named like the one that was handed in. Of
    both names the numbers count, so only the rest is cut. Everywhere else it is the student's folder.
    """
    if moodle := MOODLE.fullmatch(grade.origin):
        tail = f"_{moodle['id']}_assignsubmission_{moodle['kind']}" + "_" * grade.origin.endswith(
            "_"
        )
        return f"{safe_name(moodle['name'])}{tail}/{grade.exercise}_feedback.html"
    if canvas := CANVAS.fullmatch(grade.origin):
        head = (
            f"{safe_name(canvas['name'])}{canvas['late'] or ''}_{canvas['user']}_{canvas['file']}"
        )
        stem = safe_name(PurePosixPath(canvas["original"]).stem)
        exercise = "" if stem.lower().startswith(grade.exercise) else f"_{grade.exercise}"
        return f"{head}_{stem}{exercise}.html"
    return f"{folder}/{grade.exercise}.html"


def student_folders(students: Sequence[str]) -> dict[str, str]:
    """A folder for each student: the student's key, marked wherever it could be taken for another."""
    keys = list(dict.fromkeys(students))
    count = Counter(_fold_case(key) for key in keys)
    return {
        key: key
        if safe_name(key) == key and count[_fold_case(key)] == 1
        else f"{safe_name(key)}~{hashlib.sha256(key.encode()).hexdigest()[:8]}"
        for key in keys
    }


def safe_name(name: str) -> str:
    """A name as one harmless part of a path, in whatever system, and not too long."""
    part = re.sub(r'[\x00-\x1f<>:"|?*\\/]', "_", name).strip(" .")
    return part.encode()[:LONGEST].decode(errors="ignore").strip(" .")


def _fold_case(name: str) -> str:
    """What two names have in common that some file system takes for the same."""
    return unicodedata.normalize("NFC", name).casefold()
