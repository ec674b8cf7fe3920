"""Makes the folder `autograders/<assignment>/` of a classroom in Classroom 50.

The folder is published on the web: it holds what students have anyway, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path, PurePosixPath
from shutil import rmtree

from grader.errors import UsageError
from grader.files import writing
from grader.hosts.wheel import constraints, make_wheel, wheel_name
from grader.language import say
from grader.model import Course, Exercise

PROGRAM = "autograder.py"
COURSE = "course"
LARGEST = 10 << 20  # the host refuses a larger folder: `MAX_FETCH_BYTES` in its runner.py

Files = dict[PurePosixPath, bytes]


def checks_of_workspace(course: Course, exercises: Sequence[Exercise]) -> Files:
    """The files of these exercises in a workspace, whose course has no solutions."""
    folders = {exercise.folder for exercise in course.exercises} - {e.folder for e in exercises}
    return {
        PurePosixPath("exercises", *path.relative_to(course.root).parts): path.read_bytes()
        for path in sorted(course.root.rglob("*"))
        if path.is_file() and folders.isdisjoint(path.parents) and "__pycache__" not in path.parts
    }


def classroom50(workspace: Mapping[PurePosixPath, bytes]) -> Files:
    """The folder's files: the program, the grader, the versions to install, the public checks.

    Args:
        workspace: a student's workspace; its folder `exercises` is what is graded with.

    Raises `UsageError` if the host would refuse it as too large.
    """
    program = resources.files("grader.hosts.classroom50") / "templates" / PROGRAM
    files: Files = {
        PurePosixPath(PROGRAM): program.read_bytes(),
        PurePosixPath("requirements.txt"): constraints().encode(),
        PurePosixPath(wheel_name()): make_wheel(),
    }
    for path, data in sorted(workspace.items()):
        if path.parts[0] == "exercises":
            files[PurePosixPath(COURSE) / path] = data
    size = sum(map(len, files.values()))
    if size > LARGEST:
        raise UsageError(
            say(
                "the folder would have {size:.1f} MiB, and Classroom 50 takes at most {most:g}; "
                "package fewer exercises",
                size=size / 2**20,
                most=LARGEST / 2**20,
            )
        )
    return files


def write(files: Mapping[PurePosixPath, bytes], folder: Path) -> None:
    """Write the folder, in place of an earlier one.

    Raises `UsageError` if it holds anything else, or cannot be written.
    """
    with writing(folder):
        if folder.is_dir() and any(folder.iterdir()):
            if not (folder / PROGRAM).is_file() or not (folder / COURSE).is_dir():
                raise UsageError(
                    say("{folder}: holds other files; name another folder", folder=folder)
                )
            rmtree(folder)
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
