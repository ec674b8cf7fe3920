"""`--debug`: runs the student's code in the grader's own process, so that print and debuggers work.

Nothing is isolated here. It is for students with their own code on their own machine, never for marks.
"""

from __future__ import annotations

import bdb
import importlib
import importlib.util
import linecache
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

from grader.checking.calls.code import Problem
from grader.checking.calls.exceptions import describe_exception
from grader.checking.calls.local_code import LocalCode, exception_as_dict
from grader.model import Exercise, Submission
from grader.sandbox.cells import set_aside
from grader.sandbox.imports import notebook_names


def load_in_process(submission: Submission, exercise: Exercise) -> LocalCode:
    """Run the submission's main module in this process, and what it imports; returns its functions."""
    modules = _Modules(submission)
    ours = {  # the reference's modules have the same names as the student's
        name: sys.modules.pop(name)
        for name in (submission.main, *exercise.requires)
        if name in sys.modules
    }
    sys.meta_path.insert(0, modules)
    namespace = {}
    try:
        namespace = vars(importlib.import_module(submission.main))
    except bdb.BdbQuit:  # `q` in the debugger
        raise KeyboardInterrupt from None
    except (Exception, SystemExit) as error:
        modules.note(error, notebook=False)
    for name in modules.loaded:
        sys.modules.pop(name, None)
    sys.modules.update(ours)
    code = LocalCode(namespace, exercise)
    code.problems = modules.problems
    return code


class _Modules:
    """Imports a submission's modules from memory. The standard library takes precedence, and so does what
    is loaded already: a submission's `numpy.py` shadows nothing."""

    def __init__(self, submission: Submission) -> None:
        self._modules = {m.name: m for m in submission.modules}
        self.loaded: dict[str, ModuleType] = {}
        self.problems: list[Problem] = []

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of one of the submission's modules."""
        package = any(other.startswith(f"{name}.") for other in self._modules)
        if name.partition(".")[0] in sys.stdlib_module_names:
            return None
        if name not in self._modules and not package:
            return None
        return importlib.util.spec_from_loader(name, self, is_package=package)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """The module that is loaded already, if a function imports it later."""
        return self.loaded.get(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's cells. A notebook continues after a cell that raises."""
        name = module.__name__
        if name in self.loaded:
            return
        self.loaded[name] = module
        source = self._modules.get(name)
        if source and source.notebook:
            vars(module).update(notebook_names())
        elif source:
            module.__file__ = source.cells[0].label
        for cell in source.cells if source else ():
            text = set_aside(cell.source) if source and source.notebook else cell.source
            lines = cell.source.splitlines(keepends=True)
            linecache.cache[cell.label] = (len(text), None, lines, cell.label)
            try:
                exec(compile(text, cell.label, "exec", dont_inherit=True), vars(module))
            except (Exception, SystemExit) as error:
                if isinstance(error, bdb.BdbQuit) or not (source and source.notebook):
                    raise
                self.note(error, notebook=True)

    def note(self, error: BaseException, *, notebook: bool) -> None:
        """Record what went wrong while loading, in the words of an ordinary run."""
        self.problems.append(
            Problem(*describe_exception(exception_as_dict(error), notebook=notebook))
        )
