"""A student's workspace: made from the template in the package."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from grader.course.hints import HANDOUT
from grader.course.loader import find_course
from grader.course.stub import translated
from grader.course.stub_notebook import stub_notebook
from grader.errors import InternalError, UsageError
from grader.files import writing
from grader.intake.submission import script_or_notebook
from grader.language import say
from grader.model import Course, Exercise
from grader.student.workspace_files import as_notebooks, in_language

TEMPLATE = "student_template"


def template_folder() -> Path:
    """The template: in the installed package, or beside it in a clone."""
    package = Path(__file__).parents[1]
    for folder in (package / TEMPLATE, package.parent / TEMPLATE):
        if (folder / "exercises").is_dir():
            return folder
    raise InternalError("the student template is missing from this installation; install it again")


def create(folder: Path, *, notebooks: bool = False) -> list[Path]:
    """Create a workspace in `folder`; returns the files to work on: scripts, or `notebooks`.

    Raises `UsageError` if the folder is not empty: nothing is ever overwritten.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            say("{folder}: is not empty; name a new folder: grade init my-course", folder=folder)
        )
    template = template_folder()
    course = find_course(template)
    files = {
        PurePosixPath(path.relative_to(template).as_posix()): path.read_bytes()
        for path in sorted(template.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts  # pip leaves them there
    }
    files = in_language(files, course)
    if notebooks:
        files = as_notebooks(files, course)
    with writing(folder):
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
    return sorted(folder.glob("ex*.ipynb" if notebooks else "ex*.py"))


def reset(course: Course, exercise: Exercise) -> tuple[Path, Path | None]:
    """Put the exercise's stub in the place of the student's file; returns the file, and the old one under
    its new name.

    Raises `UsageError` if this is no workspace, or if the installed template is of another course.
    """
    folder = workspace_folder(course)
    if folder is None:
        raise UsageError(say("only a student's workspace has files to reset; make one: grade init"))
    stub = template_folder() / exercise.file
    if not stub.is_file():
        raise UsageError(
            say(
                "{file}: this installation has no stub of it; get it from where your workspace is "
                "from",
                file=exercise.file,
            )
        )
    path = exercise_file(exercise, folder) or folder / exercise.file
    kept = _kept_name(path) if path.exists() else None
    with writing(path):
        if kept is not None:
            path.rename(kept)
        text = translated(stub.read_text(encoding="utf-8"))
        if path.suffix == ".ipynb":
            handout = (exercise.folder / HANDOUT).read_text(encoding="utf-8")
            path.write_bytes(stub_notebook(exercise, text, handout, f"exercises/{exercise.name}"))
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
    return path, kept


def _kept_name(path: Path) -> Path:
    """A name that is free, and that no one takes for a module: `ex03_fully_connected.py.old`."""
    names = (path.with_name(f"{path.name}.old{n}") for n in ("", *range(2, 1000)))
    return next(name for name in names if not name.exists())


def workspace_folder(course: Course) -> Path | None:
    """The workspace's folder; None in a course with solutions, where no progress is recorded."""
    return course.root.parent if course.solutions is None else None


def exercise_file(exercise: Exercise, folder: Path) -> Path | None:
    """The exercise's file in `folder`, if there is one: a script or a notebook. A notebook is preferred to
    a script that is still the stub."""
    return script_or_notebook(folder, exercise.name)


def is_own(course: Course, exercise: Exercise, path: Path | None) -> bool:
    """Whether a submission (without a path, the one in this folder) is the workspace's own file, so that
    its result is the student's progress."""
    folder = workspace_folder(course)
    if folder is None:
        return False
    path = path if path is not None else Path()
    place = path.parent.resolve() / path.name if path.name else path.resolve()
    return place in (folder, folder / exercise.file, folder / f"{exercise.name}.ipynb")
