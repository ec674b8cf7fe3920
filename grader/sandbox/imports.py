"""How a submission's modules are imported: from memory, wherever they run.

In the sandbox no file can be opened, so what can be imported is what is loaded already, the
submission's own modules, and stand-ins. `--debug` and notebooks use the same `SourceFinder` in the
student's own process. Standard library only.
"""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from typing import Any, NamedTuple

from grader.sandbox.cells import CellRunner, Note
from grader.sandbox.library import REFUSED
from grader.sandbox.sentences import FORBIDDEN, NO_MODULE, NO_PART, NOT_NAMED, sentence
from grader.sandbox.standins import notebook_names

MOST_NAMED = 8
UNLIMITED: AbstractContextManager[None] = nullcontext()


class Source(NamedTuple):
    """The text of one module.

    Attributes:
        cells: `(label, source)` of each cell; a script is a single one. A third item tells that its
            names with a leading underscore are its own.
        notebook: whether it is a notebook, in which a statement that raises is passed over.
    """

    cells: Sequence[Sequence[Any]]
    notebook: bool


class SourceFinder(Loader):
    """Imports modules from their text.

    Args:
        sources: each module's text, by its name; `%%writefile` adds to it.
        note: called with what a statement of a notebook raised; may raise it again.
        clock: bounds the time of a notebook's statements.
    """

    def __init__(
        self,
        sources: dict[str, Source],
        note: Note,
        clock: AbstractContextManager[None] = UNLIMITED,
    ) -> None:
        self._sources = sources
        self._note = note
        self._clock = clock

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The spec of one of the modules, or of a folder that holds some."""
        for place in self._places(name):
            package = any(other.startswith(f"{place}.") for other in self._sources)
            if place in self._sources or package:
                state = place if place in self._sources else None
                spec = importlib.util.spec_from_loader(name, self, is_package=package)
                if spec is not None:
                    spec.loader_state = state
                return spec
        return None

    def _places(self, name: str) -> Iterator[str]:
        """Where a module may be: at the top, or in a folder of the submission that is on the path."""
        yield name
        for entry in map(str, sys.path):
            parts = [part for part in entry.replace("\\", "/").split("/") if part.isidentifier()]
            # On the student's machine the folder had others above it.
            yield from (".".join([*parts[at:], name]) for at in range(len(parts)))

    def create_module(self, spec: ModuleSpec) -> types.ModuleType | None:
        """The default module object will do."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the module's cells."""
        spec = module.__spec__
        place = (spec and spec.loader_state) or module.__name__
        source = self._sources.get(place)
        if source is None:
            return
        if source.notebook:
            self._run_notebook(source, vars(module))
            return
        for label, text, *_ in source.cells:
            module.__file__ = label  # a script may ask where it lies; here it has no folder
            exec(compile(text, label, "exec", dont_inherit=True), vars(module))

    def _run_notebook(self, source: Source, names: dict[str, Any]) -> None:
        names.update(notebook_names())

        def write(label: str, path: str, text: str) -> bool:
            return self._write(label, path, text) == str(names["__name__"])

        runner = CellRunner(self._note, self._clock, write)
        for label, text, *isolated in source.cells:
            if not any(isolated):
                runner.run(label, text, names)
                continue
            seen = dict(names)
            runner.run(label, text, seen)
            names.update((n, v) for n, v in seen.items() if not n.startswith("_"))

    def _write(self, label: str, options: str, text: str) -> str:
        """Keep what `%%writefile` writes, if it is a module; returns the module's name."""
        *flags, path = options.split() or [""]
        parts = path.strip("\"'").removesuffix(".py").split("/")
        name = ".".join(part for part in parts[-1 if path.startswith("/") else 0 :] if part != ".")
        if path.strip("\"'").endswith(".py"):
            before = self._sources.get(name)
            kept = before.cells if before and "-a" in flags else []
            if not (before and before.notebook):  # then it is the notebook itself
                self._sources[name] = Source([*kept, (label, text)], notebook=False)
        return name


class ForbiddenFinder:
    """The first finder that is asked: refuses the modules that an exercise forbids."""

    def __init__(self, forbidden: Sequence[str]) -> None:
        self._forbidden = beginnings(forbidden)

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Raise `ModuleNotFoundError` if the module is forbidden."""
        if f"{name}.".startswith(self._forbidden):
            raise forbidden_error(name)


class AbsentFinder(Loader):
    """Imports something in place of earlier exercises that are not part of the submission.

    Only what uses them must fail: the functions that do not can be graded.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The spec of one of these modules."""
        return importlib.util.spec_from_loader(name, self) if name in self._names else None

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        """A module all of whose functions raise."""
        return Absent(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""


class Absent(types.ModuleType):
    """An earlier exercise that was not submitted: its functions raise `ModuleNotFoundError`."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def absent(*arguments: Any, **keywords: Any) -> None:
            raise ModuleNotFoundError(f"No module named {self.__name__!r}", name=self.__name__)

        return absent


class LastFinder:
    """The last finder that is asked: says what can be imported."""

    def __init__(self, sources: Mapping[str, Source], forbidden: Sequence[str]) -> None:
        self._sources = sources
        self._forbidden = forbidden

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Raise a `ModuleNotFoundError` that helps."""
        top = name.partition(".")[0]
        inside = ", ".join(other for other in self._forbidden if other.startswith(f"{name}."))
        files = ", ".join(self._own_files())
        if top in REFUSED:
            text = sentence(REFUSED[top], name=name)
        elif name not in self._sources and (top in sys.stdlib_module_names or top == "numpy"):
            text = sentence(NOT_NAMED, name=name)
        elif inside:
            text = sentence(NO_PART, name=name, files=files, inside=inside)
        else:
            text = sentence(NO_MODULE, name=name, files=files)
        raise ModuleNotFoundError(text, name=name)

    def _own_files(self) -> list[str]:
        """The modules at the top, as many as fit into a sentence."""
        names = sorted({name.partition(".")[0] for name in self._sources})
        return names if len(names) <= MOST_NAMED else [*names[:MOST_NAMED], "…"]


def beginnings(tops: Sequence[str]) -> tuple[str, ...]:
    """What the name of a module begins with, and a dot behind it, that is one of `tops` or lies in one."""
    return tuple(f"{top}." for top in tops)


def forbidden_error(name: str) -> ModuleNotFoundError:
    """What the use of a forbidden module raises."""
    return ModuleNotFoundError(sentence(FORBIDDEN, name=name), name=name)


def forbid(tops: Sequence[str]) -> None:
    """Put modules that are loaded already out of reach of an import, and of `numpy.fft`.

    A rule of the exercise, not a wall: code that searches the interpreter's memory finds them.
    """
    forbidden = beginnings([top for top in tops if top in sys.modules])
    if (
        not forbidden
    ):  # to look through all names would copy the memory that is shared with the server
        return
    for name in [n for n in sys.modules if f"{n}.".startswith(forbidden)]:
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
