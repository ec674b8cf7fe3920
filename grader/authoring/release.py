"""Builds the workspace that students start from: stubs, handouts, public checks, recorded answers.

    workspace/
        README.md, .gitignore, ex04_convolution.py (stubs) …
        exercises/course.toml
        exercises/ex04_convolution/  handout, figure, exercise.toml, public checks, recorded.npz

It contains no line of a solution, of a misconception or of a hidden check. The same course gives the same
files: nothing in them depends on the date or on this machine.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from grader.authoring.verify import is_untouched
from grader.authoring.with_babel import translation
from grader.checking.calls.local_code import LocalCode
from grader.checking.diagnosis.contrast import probes
from grader.checking.diagnosis.features import FEATURES_FILE, load_features
from grader.checking.diagnosis.recording import RECORDED_FILE, Recorder
from grader.checking.diagnosis.reference import load_misconceptions, load_reference
from grader.checking.run.session import Job, run_jobs
from grader.course.hints import HINTS_FILE, load_hints
from grader.course.loader import COURSE_FILE, EXERCISE_FILE
from grader.course.stub import make_stub
from grader.errors import ExerciseError, UsageError
from grader.language import CATALOGUE, say
from grader.model import Course, Exercise, Outcome, Report
from grader.student import workspace
from grader.student.workspace_files import (
    EXERCISES,
    MARKER,
    README,
    TRANSLATED,
    Files,
    as_notebooks,
    course_file,
    in_language,
    readme,
)

HANDOUT_FILES = ("demo.py", "*.md", "*.svg", "*.png", HINTS_FILE)


def release(
    course: Course,
    exercises: Sequence[Exercise],
    *,
    notebooks: bool = False,
    quick: Collection[str] = (),
) -> Files:
    """Every file of a student's workspace, by its path.

    Args:
        course: the course.
        exercises: the exercises to release.
        notebooks: make each stub a notebook with the handout in it, not a script.
        quick: ids of exercises whose misconceptions are not recorded, which takes long if they train
            networks; misconceptions in these are not recognised.

    Raises `ExerciseError` if the reference does not pass its own public checks, or if hints are wrong.
    """
    if course.solutions is None:
        raise UsageError(
            say("{root}: a course without solutions cannot be released", root=course.root)
        )
    files: Files = {
        README: readme(course, exercises).encode(),
        PurePosixPath(".gitignore"): b"__pycache__/\n.grade/\n.ipynb_checkpoints/\n.venv/\n",
        EXERCISES / COURSE_FILE: course_file(course),
    }
    files.update(_templates())
    for exercise in exercises:
        load_hints(exercise)  # so that the author finds wrong ones, not a student
        solution = course.solutions / exercise.file
        stub = make_stub(solution.read_text(encoding="utf-8"), str(solution))
        files[PurePosixPath(exercise.file)] = stub.encode()
        for name, data in _exercise_files(course, exercise, quick=exercise.id in quick):
            files[EXERCISES / exercise.name / name] = data
    for path in _data_files(course):
        files[EXERCISES / path] = (course.root / path).read_bytes()
    for catalogue in sorted(course.root.glob(f"*/{CATALOGUE}")):
        files[EXERCISES / catalogue.parent.name / CATALOGUE] = catalogue.read_bytes()
    files = in_language(files, course)
    return dict(sorted((as_notebooks(files, course) if notebooks else files).items()))


def write(files: Mapping[PurePosixPath, bytes], folder: Path) -> None:
    """Write a workspace to `folder`, which must be new, empty, or an earlier release."""
    old = folder / README
    if folder.exists() and any(folder.iterdir()):
        if not old.is_file() or MARKER not in old.read_text(encoding="utf-8", errors="replace"):
            raise UsageError(
                say(
                    "{folder}: is not empty and not an earlier release; name another folder",
                    folder=folder,
                )
            )
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
    for name, data in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _exercise_files(
    course: Course, exercise: Exercise, *, quick: bool
) -> Iterator[tuple[str, bytes]]:
    for pattern in HANDOUT_FILES:
        for path in sorted(exercise.folder.glob(pattern)):
            yield path.name, path.read_bytes()
    for pattern in TRANSLATED:
        for path in sorted(exercise.folder.glob(f"*/{pattern}")):
            yield f"{path.parent.name}/{path.name}", path.read_bytes()
    recorded, points = _record(course, exercise, quick=quick)
    text = (exercise.folder / EXERCISE_FILE).read_text(encoding="utf-8")
    text = re.sub(r"(?m)^points *=.*$", f"points = {points:g}", text, count=1)
    yield EXERCISE_FILE, text.encode()
    public = {
        path.name: public_checks(path.read_text(encoding="utf-8"))
        for path in sorted(exercise.folder.glob("test_*.py"))
    }
    for name, checks in public.items():
        yield name, checks.encode()
    yield from _catalogues(course, exercise, public)
    features = exercise.folder / FEATURES_FILE
    if features.is_file():
        yield FEATURES_FILE, features.read_bytes()
    yield RECORDED_FILE, recorded


def _catalogues(
    course: Course, exercise: Exercise, public: Mapping[str, str]
) -> Iterator[tuple[str, bytes]]:
    """The catalogues of an exercise, without the sentences of its hidden checks."""
    if not any(exercise.folder.glob("*/messages.po")):
        return
    babel = translation()
    for tag in babel.languages(exercise):
        yield f"{tag}/{CATALOGUE}", babel.released(course, exercise, tag, public)


def _record(course: Course, exercise: Exercise, *, quick: bool) -> tuple[bytes, float]:
    """The recorded answers, and the points of the public checks."""
    reference = load_reference(course, exercise)
    wrong = () if quick else load_misconceptions(course, exercise, reference)
    recorder = Recorder()
    recorder.enabled = True  # the simple calls of the exercise's features, for contrasts
    wrapped = recorder.wrap(reference, exercise)
    probes(exercise, load_features(exercise), wrapped.functions, begin=wrapped.begin_check)
    names = iter([None, *wrong])
    right: list[Report] = []

    def jobs() -> Iterator[Job]:
        yield Job(exercise, code=LocalCode(reference.functions, exercise))
        [report] = right
        for one in wrong:
            code = LocalCode({**reference.functions, **one.functions}, exercise)
            # Of these checks nothing would be recorded: they are hidden, or pass as with the reference.
            known = [c for c in report.checks if c.hidden or is_untouched(c, one.functions)]
            yield Job(exercise, code=code, known={c.name: c for c in known})

    def finish(_: Job, report: Report) -> None:
        one = next(names)
        public = [c for c in report.checks if not c.hidden]
        if one is None:
            if bad := [c for c in public if c.outcome is not Outcome.PASSED]:
                raise ExerciseError(
                    say(
                        "{folder}: the reference does not pass {check}: {problem}",
                        folder=exercise.folder,
                        check=bad[0].name,
                        problem=bad[0].message,
                    )
                )
            recorder.finish_reference()
            right.append(report)
        else:
            caught = [c.name for c in public if c.outcome in (Outcome.FAILED, Outcome.ERROR)]
            recorder.finish_misconception(one, caught)

    run_jobs(course, [exercise], jobs(), finish, recorder=recorder)
    return recorder.save(), sum(c.max_score for c in right[0].checks if not c.hidden)


def public_checks(source: str) -> str:
    """The source of checks without the hidden ones, and without what only they use."""
    while True:
        tree = ast.parse(source)
        gone = [n for n in tree.body if _is_hidden(n)] or _unused_helpers(tree)
        if not gone:
            break
        lines = source.splitlines()
        for node in sorted(gone, key=lambda n: n.lineno, reverse=True):
            decorators = getattr(node, "decorator_list", [])
            first = min([node.lineno, *(d.lineno for d in decorators)])
            del lines[first - 1 : node.end_lineno]
        source = "\n".join(lines) + "\n"
    return re.sub(r"\n{4,}", "\n\n\n", source).rstrip("\n") + "\n"


def _is_hidden(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(d, ast.Attribute) and d.attr == "hidden" for d in node.decorator_list
    )


def _unused_helpers(tree: ast.Module) -> list[ast.stmt]:
    """Helpers and constants at the top level that nothing in the file uses."""
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    orphans: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            fixture = any("fixture" in ast.unparse(d) for d in node.decorator_list)
            if not node.name.startswith("test_") and not fixture and node.name not in used:
                orphans.append(node)
        elif isinstance(node, ast.Assign) and all(isinstance(t, ast.Name) for t in node.targets):
            names = {t.id for t in node.targets if isinstance(t, ast.Name)}
            if names.isdisjoint(used) and not any(n.startswith("pytest") for n in names):
                orphans.append(node)
    return orphans


def _data_files(course: Course) -> list[PurePosixPath]:
    folder = course.root / "data"
    found = sorted(p for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else []
    return [PurePosixPath(p.relative_to(course.root).as_posix()) for p in found]


def _templates() -> Iterator[tuple[PurePosixPath, bytes]]:
    """The workflows for CI hosts, from the package."""
    root = Path(workspace.__file__).with_name("templates")
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        if path.is_file():
            yield PurePosixPath(path.relative_to(root).as_posix()), path.read_bytes()
