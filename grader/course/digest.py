"""Hashes of what decides a result: an exercise, packed for workers anywhere, and the grader itself.

The hash covers the checks, the misconceptions, the reference solutions, the data, and the course's
salt and required guarantees. It leaves out handouts and due dates: changing them changes no result.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

import grader
from grader.course.loader import COURSE_FILE, find_course, find_exercise
from grader.language import SOURCE, VARIABLE, known
from grader.model import Course, Exercise

UNGRADED_SUFFIXES = {".md", ".svg", ".png", ".po", ".pyc"}
DATA_FOLDER = "data"
NOT_SOURCE = ("__pycache__", "student_template")  # the template is in a wheel only


@dataclass(frozen=True, slots=True)
class PackedExercises:
    """Exercises packed for a worker.

    Attributes:
        hash: of all files.
        data: a zip.
        hashes: the hash of each exercise, by its short name.
    """

    hash: str
    data: bytes
    hashes: dict[str, str]


def pack_exercises(course: Course, exercises: Sequence[Exercise]) -> PackedExercises:
    """Pack exercises with all that they need. The same exercises give the same bytes."""
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


def exercise_hash(course: Course, exercise: Exercise) -> str:
    """The hash of one exercise, as `pack_exercises` gives it."""
    head = {COURSE_FILE: _course_file(course).encode()}
    return digest_files({**head, **dict(_files(course, exercise))})


def unpack_exercises(data: bytes, folder: Path) -> Course:
    """Unpack exercises into an empty folder, and read them as a course."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)
    return find_course(folder, folder)


def digest_files(files: dict[str, bytes]) -> str:
    """One hash of the files' names and contents, independent of their order."""
    total = hashlib.sha256()
    for name in sorted(files):
        part = name.encode("utf-8", "surrogateescape")
        total.update(b"%d:%s%d:" % (len(part), part, len(files[name])))
        total.update(files[name])
    return total.hexdigest()


@cache
def grader_digest() -> str:
    """The hash of the installed grader's source files: a result may depend on any of them, and the
    version does not tell of a change in place."""
    root = Path(grader.__file__).parent
    files = {}
    for folder, names, found in os.walk(root):  # quicker than `Path.rglob`
        names[:] = [n for n in names if n not in NOT_SOURCE]
        for path in (Path(folder, name) for name in found if name.endswith(".py")):
            files[path.relative_to(root).as_posix()] = path.read_bytes()
    return digest_files(files)


def _course_file(course: Course) -> str:
    """The part of `course.toml` that decides results. A JSON string is also a TOML string."""

    def text(value: object) -> str:
        return json.dumps(value, ensure_ascii=False)

    lines = [f"title = {text(course.title)}", f"salt = {text(course.salt)}"]
    lines.append(f"require = {text(list(course.require))}")
    if (lang := known(os.environ.get(VARIABLE, "")) or course.lang) not in ("", SOURCE):
        lines.append(f"lang = {text(lang)}")  # the sentences of a report are a part of it
    if course.solutions is not None:
        lines.append('solutions = "solutions"')
    return "\n".join(lines) + "\n"


def _files(course: Course, exercise: Exercise) -> Iterator[tuple[str, bytes]]:
    """The files that decide the results of one exercise, by their path in the zip."""
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
    """The names of an exercise and of all exercises that it requires, directly or indirectly."""
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
