"""How a submission's modules are imported: from memory, wherever they run.

In the sandbox no file can be opened, so what can be imported is what is loaded already, the
submission's own modules, and stand-ins. `--debug` and notebooks use the same `SourceFinder` in the
student's own process. Standard library only.
"""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from typing import Any, NamedTuple

from grader.sandbox.cells import CellRunner, Note
from grader.sandbox.standins import notebook_names

UNLIMITED: AbstractContextManager[None] = nullcontext()


class Source(NamedTuple):
    """The text of one module.

    Attributes:
        cells: `(label, source)` of each cell; a script is a single one.
        notebook: whether it is a notebook, in which a statement that raises is passed over.
    """

    cells: Sequence[Sequence[str]]
    notebook: bool


class SourceFinder(Loader):
    """Imports modules from their text.

    Args:
        sources: each module's text, by its name.
        note: called with what a statement of a notebook raised; may raise it again.
        clock: bounds the time of a notebook's statements.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        note: Note,
        clock: AbstractContextManager[None] = UNLIMITED,
    ) -> None:
        self._sources = sources
        self._note = note
        self._clock = clock

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The spec of one of the modules, or of a folder that holds some."""
        package = any(other.startswith(f"{name}.") for other in self._sources)
        if name not in self._sources and not package:
            return None
        return importlib.util.spec_from_loader(name, self, is_package=package)

    def create_module(self, spec: ModuleSpec) -> types.ModuleType | None:
        """The default module object will do."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the module's cells."""
        source = self._sources.get(module.__name__)
        if source is None:
            return
        if source.notebook:
            vars(module).update(notebook_names())
            runner = CellRunner(vars(module), self._note, self._clock)
            for label, text in source.cells:
                runner.run(label, text)
            return
        for label, text in source.cells:
            module.__file__ = label  # a script may ask where it lies; here it has no folder
            exec(compile(text, label, "exec", dont_inherit=True), vars(module))


class ForbiddenFinder:
    """The first finder that is asked: refuses the modules that an exercise forbids."""

    def __init__(self, forbidden: Sequence[str]) -> None:
        self._forbidden = forbidden

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Raise `ModuleNotFoundError` if the module is forbidden."""
        if is_below(name, self._forbidden):
            raise forbidden_error(name)


class LastFinder:
    """The last finder that is asked: says what can be imported."""

    def __init__(self, sources: Mapping[str, Source], forbidden: Sequence[str]) -> None:
        self._own = ", ".join(sorted(sources))
        self._forbidden = forbidden

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Raise a `ModuleNotFoundError` that helps."""
        text = (
            f"No module named {name!r} here: while grading, only NumPy, common modules of the "
            f"standard library and your own files ({self._own}) can be imported"
        )
        if inside := [other for other in self._forbidden if other.startswith(f"{name}.")]:
            text += f", and {', '.join(inside)} may not be used in this exercise"
        raise ModuleNotFoundError(text, name=name)


def is_below(name: str, tops: Sequence[str]) -> bool:
    """Whether the module `name` is one of `tops`, or lies in one of them."""
    return any(name == top or name.startswith(f"{top}.") for top in tops)


def forbidden_error(name: str) -> ModuleNotFoundError:
    """What the use of a forbidden module raises."""
    return ModuleNotFoundError(f"{name} may not be used in this exercise", name=name)


def forbid(tops: Sequence[str]) -> None:
    """Put modules that are loaded already out of reach of an import, and of `numpy.fft`.

    A rule of the exercise, not a wall: code that searches the interpreter's memory finds them.
    """
    for name in [n for n in sys.modules if is_below(n, tops)]:
        del sys.modules[name]
        parent, _, last = name.rpartition(".")
        if parent in sys.modules:
            setattr(sys.modules[parent], last, Forbidden(name))


class Forbidden(types.ModuleType):
    """What stands in a package where a forbidden module was."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise forbidden_error(self.__name__)
