"""`--debug`: runs the student's code in the grader's own process, so that print and debuggers work.

Nothing is isolated here. It is for students with their own code on their own machine, never for marks.
"""

from __future__ import annotations

import importlib
import linecache
import sys
from bdb import BdbQuit
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType

from grader.checking.calls.code import Problem
from grader.checking.calls.exceptions import describe_exception
from grader.checking.calls.local_code import LocalCode, exception_as_dict
from grader.model import Exercise, Submission
from grader.sandbox.cells import Note
from grader.sandbox.imports import Source, SourceFinder
from grader.sandbox.standins import StandIn, StandInFinder


@contextmanager
def imports_forgotten() -> Iterator[None]:
    """Afterwards, nothing that was loaded in the block can be imported any more."""
    before = [*sys.meta_path]
    try:
        yield
    finally:
        ours = [f for f in sys.meta_path if isinstance(f, _FirstFinder) and f not in before]
        for finder in ours:
            sys.meta_path.remove(finder)
        for name, module in [*sys.modules.items()]:
            if getattr(module, "__loader__", None) in ours:
                del sys.modules[name]


def load_in_process(submission: Submission, exercise: Exercise) -> LocalCode:
    """Run the submission's main module here, and what it imports; returns its functions.

    These may import more of it when they are called, until the end of `imports_forgotten`.
    """
    problems: list[Problem] = []

    def note(error: BaseException, *, notebook: bool = True) -> None:
        if isinstance(error, BdbQuit) or not isinstance(error, Exception | SystemExit):
            raise error
        problems.append(Problem(*describe_exception(exception_as_dict(error), notebook=notebook)))

    for module in submission.modules:  # so that a debugger can show the lines
        for cell in module.cells:
            lines = cell.source.splitlines(keepends=True)
            linecache.cache[cell.label] = (len(cell.source), None, lines, cell.label)
    finder = _FirstFinder(
        {
            m.name: Source([(c.label, c.source, c.isolated) for c in m.cells], m.notebook)
            for m in submission.modules
        },
        note,
    )
    # The reference has the same names, and must not meet the student's modules.
    ours = {
        name: sys.modules.pop(name)
        for name in (submission.main, *exercise.requires)
        if name in sys.modules
    }
    sys.meta_path.insert(0, finder)
    stand_ins = StandInFinder()
    sys.meta_path.append(stand_ins)
    namespace = {}
    try:
        namespace = vars(importlib.import_module(submission.main))
    except BdbQuit:  # `q` in the debugger
        raise KeyboardInterrupt from None
    except (Exception, SystemExit) as error:
        note(error, notebook=False)
    finally:  # the grader itself may want the real libraries
        sys.meta_path.remove(stand_ins)
    faked = [name for name, module in sys.modules.items() if isinstance(module, StandIn)]
    for name in (*finder.loaded, *faked):
        sys.modules.pop(name, None)
    sys.modules.update(ours)
    code = LocalCode(namespace, exercise)
    code.problems = problems
    return code


class _FirstFinder(SourceFinder):
    """Imports a submission's modules before files of the same names, but after Python's own modules:
    a submission's `random.py` shadows nothing."""

    def __init__(self, sources: dict[str, Source], note: Note) -> None:
        super().__init__(sources, note)
        self.loaded: dict[str, ModuleType] = {}

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The spec of one of the submission's modules."""
        if name.partition(".")[0] in sys.stdlib_module_names:
            return None
        return super().find_spec(name, path, target)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """The module that is loaded already, if a function imports it later."""
        return self.loaded.get(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Run its cells, once."""
        if module.__name__ not in self.loaded:
            self.loaded[module.__name__] = module
            super().exec_module(module)
