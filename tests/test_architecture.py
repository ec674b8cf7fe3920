"""The house: who may import whom, read from the sources."""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "grader"
SOURCES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}

# What each part of the house may import of ours. A part that is not named here joins others, and
# may import everything except the command.
MAY_IMPORT = {
    "model": set(),
    "errors": set(),
    "bundle": {"model", "errors"},
    "catalog": {"model", "errors", "bundle"},
    "notebook": {"model", "errors"},
    "reading": {"errors"},
    "submission": {"model", "errors", "notebook", "reading"},
    "stub": {"model", "errors"},
    "sandbox": {"errors"},
    "checking": {"model", "errors", "catalog", "submission", "notebook", "sandbox"},
    "render": {"model", "errors"},
}
PLAIN = ("model", "errors", "catalog", "stub")  # they need nothing but the standard library
TEST_TOOLS = {"hypothesis", "jsonschema", "mock", "mypy", "nose", "ruff", "torch"}


def imports(tree, package):
    """The absolute names that a module imports when it runs, also inside functions."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: -node.level or None]) if node.level else ""
            module = ".".join(filter(None, [base, node.module]))
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                yield inner if inner in SOURCES else module
        else:
            yield from imports(node, package)


@cache
def imported(name):
    """What the module `name` imports."""
    tree = ast.parse(SOURCES[name].read_text(encoding="utf-8"))
    return frozenset(imports(tree, name))


def ours(name):
    """Which of our modules it imports."""
    return {found for found in imported(name) if found in SOURCES}


def part(name):
    """The part of the house that a module belongs to; the package itself is nobody's."""
    return name.split(".")[1] if "." in name else ""


@pytest.mark.parametrize("name", SOURCES)
def test_imports_run_one_way(name):
    """A module imports only parts of the house that lie below its own."""
    allowed = MAY_IMPORT.get(part(name))
    found = {part(other) for other in ours(name)} - {part(name), ""}
    if name != "grader.__main__":
        assert "cli" not in found, f"{name} imports the command"
    if allowed is not None:
        assert found <= allowed, f"{name} may not import {', '.join(sorted(found - allowed))}"


def test_no_module_imports_itself_through_others():
    """There is no circle of imports, not even through imports inside functions."""
    done: set[str] = set()

    def visit(name, above):
        assert name not in above, " → ".join([*above[above.index(name) :], name])
        if name in done:
            return
        for other in sorted(ours(name)):
            if other != name:
                visit(other, [*above, name])
        done.add(name)

    for name in SOURCES:
        visit(name, [])


def test_packages_only_explain_or_export():
    """An `__init__` that every run passes through imports nothing; the others only their own."""
    for name, path in SOURCES.items():
        if path.name != "__init__.py" or part(name) in ("cli", "render"):
            continue
        foreign = {found for found in imported(name) if found != "__future__"}
        if name in ("grader", "grader.checking", "grader.sandbox"):
            assert not foreign, name
        assert all(found.startswith(f"{name}.") for found in foreign), name


def inside():
    """The modules that run in the student's process: the worker and what it imports of ours."""
    found, todo = set(), ["grader.sandbox.worker"]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [
                other if other in SOURCES else f"grader.sandbox.{other}"
                for other in imported(name)
                if other in SOURCES or f"grader.sandbox.{other}" in SOURCES
            ]
    return found


def test_the_students_process_needs_only_python_and_numpy():
    """What runs inside the sandbox imports the standard library, NumPy, and each other."""
    names = inside()
    assert {
        f"grader.sandbox.{n}" for n in ("worker", "wire", "frames", "confine", "cells")
    } <= names
    assert all(name.startswith("grader.sandbox") for name in names)
    for name in sorted(names):
        foreign = {found.partition(".")[0] for found in imported(name)} - sys.stdlib_module_names
        assert foreign - {"numpy", "grader", "__future__"} <= {n.rpartition(".")[2] for n in names}


@pytest.mark.parametrize("name", [n for n in SOURCES if part(n) in PLAIN])
def test_the_ground_floor_is_plain(name):
    """Values, errors, the catalog and stubs need the standard library only."""
    foreign = {found.partition(".")[0] for found in imported(name)} - sys.stdlib_module_names
    assert foreign <= {"grader"}


@pytest.mark.parametrize("name", SOURCES)
def test_no_test_tool_is_imported(name):
    """Nothing in the package imports a tool of its tests, except pytest, which runs the checks."""
    tops = {found.partition(".")[0] for found in imported(name)}
    assert not tops & TEST_TOOLS


# Documentation


def public(tree):
    """The public classes, functions and methods of a module, by qualified name."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                yield from ((f"{node.name}.{inner}", found) for inner, found in public(node))


@pytest.mark.parametrize("name", SOURCES)
def test_everything_public_is_documented(name):
    """Every module, public class, function and method says what it is for."""
    tree = ast.parse(SOURCES[name].read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{name} has no docstring"
    bare = [inner for inner, node in public(tree) if not ast.get_docstring(node)]
    assert not bare, f"{name}: no docstring in {', '.join(bare)}"


def texts():
    """The text files of the repository."""
    folders = ("benchmarks", "docs", "examples", "exercises", "grader", "solutions", "tests")
    files = [p for folder in folders for p in (ROOT / folder).rglob("*")]
    for path in [*files, *ROOT.glob("*.*")]:
        if path.suffix in (
            ".py",
            ".md",
            ".toml",
            ".json",
            ".ini",
            ".yaml",
            ".yml",
            ".ipynb",
            ".svg",
        ):
            yield path


def test_no_file_names_a_path_of_this_machine():
    """Nothing in the repository depends on where it lies, or on where Python is installed."""
    here = [str(ROOT)] + [sys.prefix] * (sys.prefix != sys.base_prefix)
    for path in texts():
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not [word for word in here if word in text], path
