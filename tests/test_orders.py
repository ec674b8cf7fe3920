"""An order is never left to chance: equal numbers keep their order on every machine."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = [
    path
    for place in ("grader", "exercises", "solutions", "benchmarks")
    for path in sorted((ROOT / place).rglob("*.py"))
]


def unstable(source):
    """The lines in which an order is made that NumPy does not promise for equal numbers."""
    for node in ast.walk(ast.parse(source)):
        name = getattr(node.func, "attr", "") if isinstance(node, ast.Call) else ""
        if name == "argpartition":
            yield node.lineno
        if name == "argsort":
            kinds = [k.value for k in node.keywords if k.arg in ("kind", "stable")]
            if not any(isinstance(k, ast.Constant) and k.value in ("stable", True) for k in kinds):
                yield node.lineno


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_orders_are_stable(path):
    """Every `argsort` says `kind="stable"`."""
    assert list(unstable(path.read_text(encoding="utf-8"))) == []


def test_an_unstable_order_is_found():
    """The search finds what it is for."""
    text = 'a.argsort()\nnp.argsort(a, kind="stable")\nnp.argsort(a, kind="heapsort")\nnp.argpartition(a, 3)\n'
    assert list(unstable(text)) == [1, 3, 4]
