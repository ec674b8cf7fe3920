"""What a submission can import: what is loaded already, its own modules, stand-ins for plotting.

Runs inside the sandbox, where no file can be opened any more; standard library only.
"""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from opcode import opmap
from typing import Any

from grader.sandbox.cells import Clock, after_import

# Notebooks draw pictures and show progress; that must not cost anyone a point.
STAND_INS = ("IPython", "ipywidgets", "matplotlib", "mpl_toolkits", "seaborn", "tqdm")
UNPACK, UNPACK_REST = opmap["UNPACK_SEQUENCE"], opmap["UNPACK_EX"]
BARS = ("tqdm", "tqdm_notebook", "trange", "tnrange")


class StudentFinder(Loader):
    """Imports the submission's modules from memory. Last in line: a submission's `numpy.py` or
    `sitecustomize.py` shadows nothing.

    Args:
        sources: module name to its cells, `(label, source)`, and whether it is a notebook.
        forbidden: modules that the exercise forbids.
        note: called with what a notebook's cell raised.
        seconds: how long a notebook's cells may compute together.
    """

    def __init__(
        self,
        sources: Mapping[str, tuple[list[list[str]], bool]],
        forbidden: list[str],
        note: Callable[[BaseException], None],
        seconds: float,
    ) -> None:
        self._sources = sources
        self._forbidden = forbidden
        self._note = note
        self._clock = Clock(seconds)

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        """The module's spec, or an ImportError that says what can be imported."""
        if is_below(name, self._forbidden):
            raise forbidden(name)
        package = any(other.startswith(name + ".") for other in self._sources)
        if name in self._sources or package:
            return importlib.util.spec_from_loader(name, self, is_package=package)
        if name.partition(".")[0] in STAND_INS:
            return importlib.util.spec_from_loader(name, QuietLoader(), is_package=True)
        inside = [other for other in self._forbidden if other.startswith(name + ".")]
        raise ModuleNotFoundError(
            f"No module named {name!r} here: while grading, only NumPy, common modules of the "
            f"standard library and your own files ({', '.join(sorted(self._sources))}) "
            "can be imported"
            + (f", and {', '.join(inside)} may not be used in this exercise" if inside else ""),
            name=name,
        )

    def create_module(self, spec: ModuleSpec) -> None:
        """The default module object will do."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the module's cells. A notebook goes on after a cell that raises, and after an import
        that fails with the rest of its cell."""
        cells, survive = self._sources.get(module.__name__, ([], False))
        if survive:
            vars(module).update(notebook_names())
        elif cells:  # a script may ask where it lies; here it lies nowhere
            module.__file__ = cells[0][0]
        if not survive:
            for label, source in cells:
                exec(compile(source, label, "exec", dont_inherit=True), vars(module))
            return
        for label, source in cells:
            rest: Any = source
            while rest:
                try:
                    with self._clock:
                        exec(compile(rest, label, "exec", dont_inherit=True), vars(module))
                    rest = None
                except BaseException as error:
                    self._note(error)
                    rest = after_import(rest, error, label)


def is_below(name: str, tops: list[str]) -> bool:
    """Whether the module `name` is one of `tops`, or lies in one of them."""
    return any(name == top or name.startswith(top + ".") for top in tops)


def forbidden(name: str) -> ModuleNotFoundError:
    """What using a forbidden module raises."""
    return ModuleNotFoundError(f"{name} may not be used in this exercise", name=name)


def forbid(tops: list[str]) -> None:
    """Take modules that are loaded already out of reach of an import, and of `numpy.fft`.

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
        raise forbidden(self.__name__)


class Quiet(types.ModuleType):
    """A stand-in for a plotting library: accepts everything, does nothing."""

    __path__: list[str] = []  # noqa: RUF012 - what makes it a package

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Quiet(name)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Itself, whatever it is called with."""
        if self.__name__ in BARS:
            if self.__name__.endswith("range"):
                return Bar(range(*arguments))
            return Bar(arguments[0] if arguments else keywords.get("iterable", ()))
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter((self,) * unpacked(sys._getframe(1)))

    def __getitem__(self, key: Any) -> Any:
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *details: object) -> None:
        pass


class Bar:
    """A stand-in for a progress bar: hands through what it counts, and does nothing else.

    Args:
        counted: what it counts.
    """

    def __init__(self, counted: Any) -> None:
        self._counted = counted

    def __iter__(self) -> Iterator[Any]:
        return iter(self._counted)

    def __len__(self) -> int:
        return len(self._counted)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Quiet(name)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *details: object) -> None:
        pass


def unpacked(frame: types.FrameType) -> int:
    """How many values the code that runs in `frame` wants: three in `a, b, c = plt.hist(x)`.

    A loop gets two.
    """
    code, at = frame.f_code.co_code, frame.f_lasti
    if code[at] == UNPACK:
        return code[at + 1]
    return code[at + 1] + 2 if code[at] == UNPACK_REST else 2


def notebook_names() -> dict[str, Any]:
    """What a notebook knows without importing it."""
    return {name: Quiet(name) for name in ("display", "get_ipython")}


class QuietLoader(Loader):
    """Makes `Quiet` modules."""

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        """A stand-in under the name that was asked for."""
        return Quiet(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""
