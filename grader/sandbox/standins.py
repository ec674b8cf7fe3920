"""Stand-ins for libraries that draw pictures or show progress: they accept everything and do nothing.

A submission must not lose a point for drawing. Runs inside the sandbox; standard library only.
"""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Iterator
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from opcode import opmap
from typing import Any

STAND_INS = ("IPython", "ipywidgets", "matplotlib", "mpl_toolkits", "seaborn", "tqdm")
UNPACK, UNPACK_REST = opmap["UNPACK_SEQUENCE"], opmap["UNPACK_EX"]
BARS = ("tqdm", "tqdm_notebook", "trange", "tnrange")


class StandInFinder(Loader):
    """Imports stand-ins in place of the libraries in `STAND_INS`; the last finder but one."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The spec of a stand-in, if there is one for this library."""
        if name.partition(".")[0] not in STAND_INS:
            return None
        return importlib.util.spec_from_loader(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        """A stand-in under the name that was asked for."""
        return Quiet(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""


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
