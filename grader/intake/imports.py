"""Which modules a text seems to import, found without parsing it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence

from grader.model import Module

MOST = 500  # more than the standard library has
NAME = r"[A-Za-z_][\w.]*"
FROM = re.compile(rf"\bfrom[ \t]+({NAME})[ \t]+import[ \t]*(\([^)]*\)|[\w \t,]*)")
AS = r"(?:[ \t]+as[ \t]+\w+)?"
IMPORT = re.compile(rf"\bimport[ \t]+({NAME}{AS}(?:[ \t]*,[ \t]*{NAME}{AS})*)")
# What NumPy loads at the first use only, as in `np.char.upper`; the second by whatever name NumPy has.
USED = re.compile(r"\b(?:np|numpy)\.(char|core|f2py|matlib|rec|strings)\b")
PARTS = ("numpy.polynomial", "numpy.testing")
PART = re.compile(r"""[."'](polynomial|testing)\b""")
ALL_PARTS = re.compile(r"\bfrom[ \t]+numpy[ \t]+import[ \t]*\*|\bgetattr\(|\bimportlib\b")
RUN = re.compile(r"^[ \t]*%?run[ \t]+(?:\./)?(\w+)", re.MULTILINE)  # IPython's
BY_NAME = re.compile(rf"""\b(?:import_module|__import__)\(\s*["']({NAME})["']""")


def imported_names(texts: Iterable[str]) -> set[str]:
    """The dotted names that `texts` import, and some that only look so, as in a comment.

    >>> sorted(imported_names(["from os import path", "import a.b as c, d\\nimport e"]))
    ['a.b', 'd', 'e', 'os', 'os.path', 'path']
    """
    names: set[str] = set()
    for text in texts:
        for module, words in FROM.findall(text):
            names |= {module, *(f"{module}.{word}" for word in re.findall(r"\w+", words))}
        for words in IMPORT.findall(text):
            names |= {word.split()[0] for word in words.split(",")}
        names |= {
            *BY_NAME.findall(text),
            *RUN.findall(text),
            *(f"numpy.{name}" for name in USED.findall(text) + PART.findall(text)),
            *(PARTS if ALL_PARTS.search(text) else ()),
        }
    return names


def imported_tops(texts: Iterable[str]) -> set[str]:
    """The first parts of the modules' names that import statements in `texts` name.

    >>> sorted(imported_tops(["from os import path", "import a.b as c, d"]))
    ['a', 'd', 'os']
    """
    names: set[str] = set()
    for text in texts:
        names |= {module for module, _ in FROM.findall(text)}
        for words in IMPORT.findall(FROM.sub("", text)):
            names |= {word.split()[0] for word in words.split(",")}
    return {name.partition(".")[0] for name in names}


def needed_modules(modules: Sequence[Module]) -> tuple[str, ...]:
    """The modules of the standard library and of NumPy that a submission seems to import.

    A module of its own with such a name comes first, as it does beside a script.
    """
    own = {module.name.partition(".")[0] for module in modules}
    names = imported_names(cell.source for module in modules for cell in module.cells)
    ours = {*sys.stdlib_module_names, "numpy"} - own
    return tuple(sorted(name for name in names if name.partition(".")[0] in ours)[:MOST])
