"""Runs an exercise's demo on the student's own code, in the student's process as always."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from grader.checking.calls.sandboxed_code import SandboxedCode
from grader.checking.calls.student import Student
from grader.checking.run.grading import process_settings
from grader.demos import Item
from grader.errors import CheckEnded, ExerciseError, UsageError
from grader.intake.submission import read_submission
from grader.language import say
from grader.model import Exercise
from grader.sandbox.launch import Server
from grader.student.grade import default_submission

DEMO_FILE = "demo.py"
CALL_SECONDS = 180.0


def run_demo(
    exercise: Exercise, path: Path | None, on_item: Callable[[Item], None], server: Server
) -> str:
    """Run the demo and call `on_item` with each item as soon as there is one.

    Args:
        exercise: the exercise.
        path: the submission; without it, the exercise's file in the current folder.
        on_item: shows an item.
        server: forks the student's process.

    Returns why the demo stopped early, because of the student's code; empty if it did not. Raises
    `UsageError` if the exercise has no demo, `ExerciseError` if the demo cannot be loaded.
    """
    file = exercise.folder / DEMO_FILE
    if not file.is_file():
        raise UsageError(
            say(
                "{exercise} has no demo: there is no {demo_file} in {folder}",
                exercise=exercise.id,
                demo_file=DEMO_FILE,
                folder=exercise.folder,
            )
        )
    submission = read_submission(path or default_submission(exercise, Path()), exercise)
    patient = replace(exercise.limits, call_seconds=CALL_SECONDS, total_seconds=3 * CALL_SECONDS)
    patient_exercise = replace(exercise, limits=patient)
    demo = _load(file)
    code = SandboxedCode(server, patient_exercise, submission, process_settings(exercise))
    try:
        code.load()
        if code.problems and not code.functions:
            return code.problems[0].message
        for item in demo(Student(code, patient_exercise, 0), np.random.default_rng(0)):
            on_item(item)
    except CheckEnded as end:
        return end.message
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return say(
            "what your functions returned cannot be shown ({kind}: {error})",
            kind=type(error).__name__,
            error=error,
        )
    finally:
        code.close()
    return ""


def _load(file: Path) -> Callable[..., Iterable[Item]]:
    """The function `demo` of a file."""
    name = f"{file.parent.name}_demo"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ExerciseError(
            say(
                "{file}: cannot be loaded: {name}: {error}",
                file=file,
                name=type(error).__name__,
                error=error,
            )
        ) from None
    finally:
        del sys.modules[name]
    demo = getattr(module, "demo", None)
    if not callable(demo):
        raise ExerciseError(say("{file}: has no function demo(student, rng)", file=file))
    found: Callable[..., Iterable[Item]] = demo
    return found
