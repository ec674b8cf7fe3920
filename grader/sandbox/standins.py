"""Stand-ins for libraries that draw, show progress or make a page of a notebook: they accept everything and do nothing.

A submission must not lose a point for drawing. The real libraries are not loaded, even where they are
installed: matplotlib reads fonts and settings from files, costs a second and 100 MB in every process,
and a verdict must not depend on what the instructor's machine has. Runs inside the sandbox.
"""

from __future__ import annotations

import importlib.util
import operator
import sys
import types
from collections.abc import Callable, Iterator
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from opcode import opmap
from typing import Any

VERSIONS = {
    "altair": "5.5.0",
    "bokeh": "3.7.0",
    "graphviz": "0.21.0",
    "plotly": "6.0.0",
    "IPython": "9.0.0",
    "ipywidgets": "8.1.5",
    "marimo": "0.17.0",
    "matplotlib": "3.10.0",
    "mpl_toolkits": "3.10.0",
    "seaborn": "0.13.2",
    "tqdm": "4.67.1",
}
UNPACK, UNPACK_REST = opmap["UNPACK_SEQUENCE"], opmap["UNPACK_EX"]
# What IPython and Databricks define in every notebook.
NOTEBOOK_NAMES = ("display", "displayHTML", "dbutils", "get_ipython", "spark", "sc")
LENGTH = 2  # how many items a loop over a stand-in gets
# Progress bars hand through what they count, so they must count the right things.
BARS: dict[str, Callable[..., Any]] = {
    "tqdm": lambda iterable=(), *_, **__: iterable,
    "tqdm_notebook": lambda iterable=(), *_, **__: iterable,
    "trange": lambda *sizes, **_: range(*sizes),
    "tnrange": lambda *sizes, **_: range(*sizes),
    "tenumerate": lambda iterable, start=0, **_: enumerate(iterable, start),
    "tzip": lambda *iterables, **_: zip(*iterables),  # noqa: B905 - as tqdm does
    "tmap": lambda function, *iterables, **_: map(function, *iterables),
}


class StandInFinder(Loader):
    """Imports stand-ins in place of the libraries in `VERSIONS`; the last finder but one."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The spec of a stand-in, if there is one for this library."""
        if name.partition(".")[0] not in VERSIONS:
            return None
        return importlib.util.spec_from_loader(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        """A stand-in with the name that was asked for."""
        module = StandIn(spec.name)
        vars(module)["__version__"] = VERSIONS[spec.name.partition(".")[0]]
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""


class StandIn(types.ModuleType):
    """A module, object or number that accepts everything and does nothing.

    Attributes, calls, items and arithmetic give stand-ins again; where Python insists on a number,
    it is zero.
    """

    __path__: list[str] = []  # noqa: RUF012 - what makes it a package

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(name)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """A progress bar by the name of one, else itself."""
        if self.__name__ in BARS:
            return Bar(BARS[self.__name__](*arguments, **keywords))
        return self

    # As a container

    def __iter__(self) -> Iterator[Any]:
        return iter((self,) * unpacked(sys._getframe(1)))

    def __len__(self) -> int:
        return LENGTH

    def __bool__(self) -> bool:
        return True

    def __contains__(self, item: object) -> bool:
        return False

    def __getitem__(self, key: Any) -> Any:
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __delitem__(self, key: Any) -> None:
        pass

    # As a context, a base class and a type

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *details: object) -> None:
        pass

    def __mro_entries__(self, bases: Any) -> tuple[type, ...]:
        return (Base,)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, StandIn)

    # As a number and as an array

    def __float__(self) -> float:
        return 0.0

    def __index__(self) -> int:
        return 0

    def __complex__(self) -> complex:
        return 0j

    def __round__(self, digits: object = None) -> int:
        return 0

    def __format__(self, spec: str) -> str:
        try:
            return format(0.0, spec)
        except ValueError:  # it formats text
            return format("", spec)

    def __array__(self, dtype: Any = None, copy: object = None) -> Any:
        return sys.modules["numpy"].zeros(LENGTH, dtype)

    def __array_ufunc__(self, *_: Any, **__: Any) -> Any:
        return self

    def __array_function__(self, *_: Any, **__: Any) -> Any:
        return self

    # As a value

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: object) -> Any:
        return self


def _same(self: StandIn, *_: Any) -> Any:
    return self


def _never(self: StandIn, other: object) -> bool:
    return False  # so that a loop `while a < b` ends


for _name in [
    "add",
    "sub",
    "mul",
    "matmul",
    "truediv",
    "floordiv",
    "mod",
    "divmod",
    "pow",
    "lshift",
    "rshift",
    "and",
    "or",
    "xor",
]:
    for _form in (f"__{_name}__", f"__r{_name}__"):
        setattr(StandIn, _form, _same)
for _name in ["neg", "pos", "invert", "abs"]:
    setattr(StandIn, f"__{_name}__", _same)
for _name in ["lt", "le", "gt", "ge"]:
    setattr(StandIn, f"__{_name}__", _never)


class Base:
    """What a class has for a base that is derived from a stand-in."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(name)


class Bar:
    """A progress bar that shows nothing.

    Args:
        counted: what it counts.
    """

    def __init__(self, counted: Any) -> None:
        self._counted = counted

    def __iter__(self) -> Iterator[Any]:
        return iter(self._counted)

    def __next__(self) -> Any:
        return next(self._counted)

    def __len__(self) -> int:
        return operator.length_hint(self._counted)

    def __bool__(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(name)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *details: object) -> None:
        pass


def unpacked(frame: types.FrameType) -> int:
    """How many values the code that runs in `frame` wants: three in `a, b, c = plt.hist(x)`."""
    code, at = frame.f_code.co_code, frame.f_lasti
    if code[at] == UNPACK:
        return code[at + 1]
    return code[at + 1] + 2 if code[at] == UNPACK_REST else LENGTH


def notebook_names() -> dict[str, Any]:
    """What a notebook knows without importing it."""
    return {name: StandIn(name) for name in NOTEBOOK_NAMES}
