"""`--debug`: a student's code in the grader's own process, so that a debugger and prints work.

Nothing is isolated here, so nothing that is graded for marks runs this way; it is for the student,
on their own machine, with their own code.
"""

from __future__ import annotations

import linecache
import sys
import types
from typing import Any

from grader.checking.code import LocalCode, Problem
from grader.model import Exercise, Submission
from grader.sandbox.cells import set_aside


def load_here(submission: Submission, exercise: Exercise) -> LocalCode:
    """Run the submission's modules here and return its functions."""
    problems: list[Problem] = []
    namespace: dict[str, Any] = {}
    ordered = sorted(submission.modules, key=lambda m: m.name == submission.main)
    for module in ordered:  # the main one last, so that it finds the others
        home = types.ModuleType(module.name)
        sys.modules[module.name] = home
        for cell in module.cells:
            source = set_aside(cell.source) if module.notebook else cell.source
            linecache.cache[cell.label] = (
                len(source),
                None,
                source.splitlines(keepends=True),
                cell.label,
            )
            try:
                exec(compile(source, cell.label, "exec", dont_inherit=True), vars(home))
            except Exception as error:
                message = f"{cell.label} raised {type(error).__name__}: {error}"
                problems.append(Problem(message, (cell.label, getattr(error, "lineno", 0) or 0)))
                if not module.notebook:
                    break
        namespace = vars(home)
    code = LocalCode(namespace, exercise)
    code.problems = problems
    return code
