"""Modules that a text imports, found without parsing it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.intake.imports import imported_names, needed_modules
from grader.model import Cell, Module


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import html", {"html"}),
        ("import os.path as p, xml.dom", {"os.path", "xml.dom"}),
        ("from concurrent.futures import A\nfrom concurrent.futures import B",
         {"concurrent.futures", "concurrent.futures.A", "concurrent.futures.B"}),
        ("from a.b import (\n  c,\n  d as e,\n)\nimport f", {"a.b", "a.b.c", "a.b.d", "f"}),
        ("def f():\n    import g; import h", {"g", "h"}),
        ("importlib.import_module('i.j')\n__import__(\"k\")", {"i.j", "k"}),
        ("np.char.upper(x)", {"numpy.char"}),
        ("import numpy as n\nn.testing.assert_allclose(1, 1)", {"numpy.testing"}),
        ("getattr(np, name)", {"numpy.polynomial", "numpy.testing"}),
        ("from numpy import *", {"numpy.polynomial", "numpy.testing"}),
        ("%run ./helper.py", {"helper"}),
        ("from __future__ import annotations", {"__future__"}),
    ],
)  # fmt: skip
def test_names_that_are_imported(text, names):
    """Every form of an import statement is understood, and what comes after it is, too."""
    assert names <= imported_names([text])


def test_only_what_python_and_numpy_have_is_needed():
    """Of the imported names, those of other packages and of the submission itself are left out."""
    text = "import html, torch, code, numpy.matlib, mine\nfrom mine import queue\n"
    modules = [Module("ex", (Cell("ex.py", text),)), Module("code", (Cell("code.py", ""),))]
    assert needed_modules(modules) == ("html", "numpy.matlib", "queue")


@given(st.text(alphabet="import from as,()\n\t._ab", max_size=80))
def test_any_text_gives_names(text):
    """Whatever a text holds, names come out of it, and nothing is raised."""
    assert all(name and " " not in name for name in imported_names([text]))
