"""An exercise as bytes: what decides a verdict, hashed, and packed so that a worker anywhere has it.

The hash covers the checks, the misconceptions, the reference solutions and the data, the course's
salt and demands. Handouts and due dates are not in it: changing them grades nothing anew.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.course.loader import COURSE_FILE, find_course, find_exercise
from grader.model import Course, Exercise

UNGRADED_SUFFIXES = {".md", ".svg", ".png", ".pyc"}
DATA_FOLDER = "data"


@dataclass(frozen=True, slots=True)
class PackedExercises:
    """Exercises as a worker needs them.

    Attributes:
        hash: of all that is in it.
        data: a zip.
        hashes: of each exercise by its short name.
    """

    hash: str
    data: bytes
    hashes: dict[str, str]


def pack_exercises(course: Course, exercises: Sequence[Exercise]) -> PackedExercises:
    """Exercises of a course, with what they need, as bytes. Deterministic."""
    head = {COURSE_FILE: _course_file(course).encode()}
    every: dict[str, bytes] = dict(head)
    hashes = {}
    for exercise in exercises:
        files = {**head, **dict(_files(course, exercise))}
        hashes[exercise.id] = digest_files(files)
        every.update(files)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(every):
            archive.writestr(zipfile.ZipInfo(name), every[name])
    return PackedExercises(digest_files(every), target.getvalue(), hashes)


def unpack_exercises(data: bytes, folder: Path) -> Course:
    """Write a bundle's files into an empty folder of ours, and read the course that they are."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)
    return find_course(folder, folder)


def digest_files(files: dict[str, bytes]) -> str:
    """One hash of files by their names and contents, whatever their order."""
    total = hashlib.sha256()
    for name in sorted(files):
        part = name.encode("utf-8", "surrogateescape")
        total.update(b"%d:%s%d:" % (len(part), part, len(files[name])))
        total.update(files[name])
    return total.hexdigest()


def _course_file(course: Course) -> str:
    """The part of `course.toml` that decides verdicts. A JSON text is a TOML text, too."""

    def text(value: object) -> str:
        return json.dumps(value, ensure_ascii=False)

    lines = [f"title = {text(course.title)}", f"salt = {text(course.salt)}"]
    lines.append(f"require = {text(list(course.require))}")
    if course.solutions is not None:
        lines.append('solutions = "solutions"')
    return "\n".join(lines) + "\n"


def _files(course: Course, exercise: Exercise) -> Iterator[tuple[str, bytes]]:
    """The files that decide the verdict of one exercise, by their path in the bundle."""
    for folder in (exercise.folder, course.root / DATA_FOLDER):
        for path in sorted(folder.rglob("*")):
            if (
                path.is_file()
                and path.suffix not in UNGRADED_SUFFIXES
                and "__pycache__" not in path.parts
            ):
                yield str(PurePosixPath(path.relative_to(course.root))), path.read_bytes()
    if course.solutions is None:
        return
    for name in sorted(_with_prerequisites(course, exercise)):
        path = course.solutions / f"{name}.py"
        if path.is_file():
            yield f"solutions/{name}.py", path.read_bytes()


def _with_prerequisites(course: Course, exercise: Exercise) -> set[str]:
    """An exercise's name and those of all that it builds on."""
    found: set[str] = set()
    waiting = [exercise.name]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += find_exercise(course, name).requires if _is_in_course(course, name) else ()
    return found


def _is_in_course(course: Course, name: str) -> bool:
    return any(e.name == name for e in course.exercises)
