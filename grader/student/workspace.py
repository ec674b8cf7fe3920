"""A student's workspace: made from the template in the package, with a record of progress."""

from __future__ import annotations

import contextlib
import json
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from grader.errors import InternalError, UsageError
from grader.files import replace_file, writing
from grader.intake.submission import script_or_notebook
from grader.model import Course, Exercise, Outcome, Report

TEMPLATE = "student_template"
RECORD = Path(".grade", "progress.json")
VERSION = 1


def template_folder() -> Path:
    """The template: in the installed package, or beside it in a clone."""
    package = Path(__file__).parents[1]
    for folder in (package / TEMPLATE, package.parent / TEMPLATE):
        if (folder / "exercises").is_dir():
            return folder
    raise InternalError("the student template is missing from this installation; install it again")


def create(folder: Path) -> list[Path]:
    """Create a workspace in `folder`; returns the files to work on.

    Raises `UsageError` if the folder is not empty: nothing is ever overwritten.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: is not empty; name a new folder: grade init my-course")
    template = template_folder()
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(template.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:  # pip leaves them there
                target = folder / path.relative_to(template)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)  # without the mode, which may be read-only
    return sorted(folder.glob("ex*.py"))


@dataclass(frozen=True, slots=True)
class Progress:
    """The latest result of one exercise.

    Attributes:
        score, max_score: points.
        done: whether every check passed.
        first: what to look at first: a problem of the file, or the first check that did not pass.
    """

    score: float
    max_score: float
    done: bool
    first: str = ""


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


def read_progress(course: Course) -> dict[str, Progress]:
    """The recorded progress by exercise; empty if there is no record, or it cannot be read."""
    folder = workspace_folder(course)
    if folder is None:
        return {}
    try:
        record: Any = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if record["version"] != VERSION:
            return {}
        return {name: Progress(**entry) for name, entry in record["exercises"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def write_progress(course: Course, report: Report) -> None:
    """Record a report. It is not an error if the record cannot be written."""
    folder = workspace_folder(course)
    if folder is None or report.selection or report.outcome == "ungraded":
        return
    missed = [c.title for c in report.checks if c.outcome is not Outcome.PASSED]
    first = [*(p.partition("\n")[0] for p in report.problems), *missed, ""][0]
    entry = Progress(report.score, report.max_score, not missed, first)
    known = {
        name: asdict(p) for name, p in {**read_progress(course), report.exercise: entry}.items()
    }
    text = json.dumps({"version": VERSION, "exercises": dict(sorted(known.items()))}, indent=1)
    with contextlib.suppress(OSError):
        replace_file(folder / RECORD, text + "\n")


def record_result(
    course: Course, exercise: Exercise, path: Path | None, report: Report
) -> Exercise | None:
    """Record a report on the student's own file, and on no other; returns the next exercise if this one
    is done."""
    if not is_own(course, exercise, path):
        return None
    write_progress(course, report)
    if report.outcome != "passed" or report.selection:
        return None
    return next_exercise(course, read_progress(course))


def with_prerequisite_note(
    course: Course, exercise: Exercise, path: Path | None, report: Report
) -> Report:
    """The report; if it did not pass, with a note on prerequisites that are not done: the mistake may be
    there."""
    if report.outcome == "passed" or not is_own(course, exercise, path):
        return report
    progress = read_progress(course)
    not_done = []
    for other in (e for e in course.exercises if e.name in exercise.requires):
        known = progress.get(other.id)
        if known is None:
            not_done.append(f"{other.id} (not checked yet)")
        elif not known.done:
            not_done.append(f"{other.id} ({known.score:g} of {known.max_score:g} points there)")
    if not not_done:
        return report
    note = f"{exercise.id} builds on {', '.join(not_done)}: a mistake there shows here, too."
    return replace(report, notes=(*report.notes, note))


def next_exercise(course: Course, progress: Mapping[str, Progress]) -> Exercise | None:
    """The first exercise that is not done, but whose prerequisites are; else the first not done."""
    left = [e for e in course.exercises if not (e.id in progress and progress[e.id].done)]
    done = {e.name for e in course.exercises} - {e.name for e in left}
    ready = [e for e in left if done.issuperset(e.requires)]
    return next(iter(ready or left), None)


def overview(course: Course, folder: Path, width: int) -> list[str]:
    """The progress in all exercises, as lines for a terminal of `width` columns."""
    progress = read_progress(course)
    wide = min(max(len(e.title) for e in course.exercises), max(10, width - 20))
    names = {e.name: e.id for e in course.exercises}
    lines = [course.title, ""]
    for exercise in course.exercises:
        known = progress.get(exercise.id)
        mark = "✓" if known and known.done else "·" if known else " "
        points = f"{known.score:g}/{known.max_score:g}" if known else f"–/{exercise.points:g}"
        line = f"  {mark} {exercise.id}  {exercise.title:<{wide}}  {points:>7}"
        lines.append(line)
        if exercise.requires:
            needed = ", ".join(names.get(n, n) for n in exercise.requires)
            lines.append(f"         builds on {needed}")
        if known and not known.done:
            lines.append(f"         next: {known.first}")
    score = sum(p.score for p in progress.values())
    most = sum(progress[e.id].max_score if e.id in progress else e.points for e in course.exercises)
    if workspace_folder(course) is not None:
        lines += ["", f"  {score:g} of {most:g} points"]
    upcoming = next_exercise(course, progress)
    if upcoming is None:
        return _wrap_lines([*lines, "", "All done. Well done!"], width)
    here = exercise_file(upcoming, folder) is not None
    command = f"grade {upcoming.id}" + ("" if here else f" path/to/{upcoming.file}")
    handout = upcoming.folder / "README.md"
    lines += ["", f"Next: {upcoming.title}. Check it with `{command}`."]
    if handout.is_file():
        lines.append(f"Its handout: {_short(handout, folder)}")
    return _wrap_lines(lines, width)


def _wrap_lines(lines: Sequence[str], width: int) -> list[str]:
    """The lines; long ones are wrapped and indented."""
    fitted = []
    for line in lines:
        rest = " " * (10 if line.startswith(" ") else 0)
        fitted += textwrap.wrap(
            line,
            width,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return fitted


def _short(path: Path, folder: Path) -> str:
    try:
        return str(path.relative_to(folder.resolve()))
    except ValueError:
        return str(path)
