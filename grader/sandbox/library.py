"""The standard library and NumPy's own submodules in a student's process.

No file can be opened there, so a module is loaded before the confinement or not at all. Common ones
are loaded once, in the server; those that a submission names are loaded in its own process, before
any of its code runs. Standard library only.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Iterable, Sequence
from contextlib import suppress

from grader.sandbox.sentences import (
    NO_BROWSER,
    NO_INSTALLING,
    NO_SCREEN,
    NO_TERMINAL,
    NO_TESTS,
    NO_WRITING,
)

# Refused, because importing them does something, or because they are of no use in the sandbox.
REFUSED = {
    "antigravity": NO_BROWSER,
    "curses": NO_TERMINAL,
    "ensurepip": NO_INSTALLING,
    "idlelib": NO_SCREEN,
    "lib2to3": NO_WRITING,
    "readline": NO_TERMINAL,
    "rlcompleter": NO_TERMINAL,
    "test": NO_TESTS,
    "tkinter": NO_SCREEN,
    "turtle": NO_SCREEN,
    "turtledemo": NO_SCREEN,
    "venv": NO_INSTALLING,
}


def _load(name: str) -> None:
    """Import a module, or what defines an attribute of one; some modules load their parts at need."""
    try:
        module = importlib.import_module(name)
    except ImportError:
        parent, _, attribute = name.rpartition(".")
        getattr(importlib.import_module(parent), attribute)
        return
    if hasattr(module, "__getattr__"):
        for attribute in getattr(module, "__all__", ()):
            getattr(module, attribute, None)


def may_be_loaded(name: str) -> bool:
    """Whether a module may be imported before the confinement: it only defines things.

    A `__main__` runs a program when it is imported, and so do parts of `numpy.distutils`.
    """
    top, *below = parts = name.split(".")
    if any(part.startswith("_") for part in parts):
        return False
    if top == "numpy":
        return not {"distutils", "tests"} & set(below)
    return top in sys.stdlib_module_names and top not in REFUSED


def load_named(names: Iterable[str], path: Sequence[str]) -> None:
    """Import those of `names` that may be loaded, from `path`; what fails is not there."""
    sys.path[:] = path
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a deprecated module is the student's choice
        for name in names:
            if name in sys.modules or not may_be_loaded(name):
                continue
            with suppress(Exception):
                _load(name)
    sys.path.clear()
    sys.path_importer_cache.clear()
