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

# The house, from the ground floor up: every room, and the rooms that it may import. A room is a
# folder of `grader/` or a module at its top; `checking` and `classroom` are listed by what is inside.
# A room may import only rooms above it in this list, and a module of a room that is not here fails.
PLAN = {
    "model": "",
    "language": "",
    "columns": "",
    "errors": "model",
    "files": "errors",
    "demos": "",
    "intake": "model errors",
    "course": "model errors files intake",
    "sandbox": "errors",
    "render": "model columns errors demos",
    "checking.calls": "model errors sandbox",
    "checking.diagnosis": "model columns errors files sandbox checking.calls",
    "checking.gradients": "model errors checking.calls",
    "checking.assertions": "model errors checking.calls checking.diagnosis checking.gradients",
    "checking.run": "model errors intake sandbox checking.calls checking.diagnosis",
    "checking": "errors course checking.calls checking.diagnosis checking.run",
    "checks": "checking.assertions checking.diagnosis checking.gradients",
    "magic": "model errors course intake sandbox",
    "student": "model columns errors files demos course intake sandbox checking.calls checking.run",
    "authoring": "model errors files course intake sandbox checking.calls checking.diagnosis "
    "checking.run checks student",
    "classroom.downloads": "errors intake",
    "classroom": "errors course classroom.downloads",
    "classroom.gradebook": "model errors render classroom.downloads",
    "classroom.batch": "model errors course intake sandbox checking.run classroom "
    "classroom.downloads classroom.gradebook",
    "classroom.report": "model files render classroom.gradebook",
    "classroom.export": "model errors render classroom classroom.downloads classroom.gradebook "
    "classroom.report",
    "classroom.similarity": "model files course render classroom.gradebook",
    "hosts": "model errors files course sandbox render student",
    "cli": "model columns errors files demos course intake sandbox render student authoring classroom "
    "classroom.gradebook classroom.batch classroom.export classroom.report classroom.similarity hosts",
    "__main__": "cli",
}
EVERYWHERE = {"language"}  # whoever says something says it with this: no arrow of the map
MOST_ROOMS, MOST_ARROWS = 24, 90  # folders and modules at the top of grader/, and who imports whom
PLAIN = (
    "model",
    "language",
    "errors",
    "files",
    "course",
)  # they need nothing but the standard library
TEST_TOOLS = {"hypothesis", "jsonschema", "mock", "mypy", "nose", "ruff", "torch"}


def imports(tree, package):
    """The absolute names that a module imports, also inside functions and for types alone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: -node.level or None]) if node.level else ""
            module = ".".join(filter(None, [base, node.module]))
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                yield inner if inner in SOURCES else module


@cache
def imported(name):
    """What the module `name` imports."""
    tree = ast.parse(SOURCES[name].read_text(encoding="utf-8"))
    return frozenset(imports(tree, name))


def ours(name):
    """Which of our modules it imports."""
    return {found for found in imported(name) if found in SOURCES}


def room(name):
    """The room that a module is in; the package itself is in none."""
    inner = name.split(".")[1:]
    folder = inner if SOURCES[name].name == "__init__.py" else inner[:-1]
    for depth in (2, 1):
        if ".".join(folder[:depth]) in PLAN:
            return ".".join(folder[:depth])
    return inner[0] if inner else ""


def entered(name):
    """The rooms that a module reaches into, without its own."""
    return {room(other) for other in ours(name)} - {room(name), ""} - EVERYWHERE


@pytest.mark.parametrize("name", SOURCES)
def test_every_module_has_its_room(name):
    """Each module is in a room of the plan, and imports only what the plan allows that room."""
    if room(name):
        allowed = set(PLAN[room(name)].split())
        assert entered(name) <= allowed, f"{name} may not import {entered(name) - allowed}"


def test_the_plan_runs_one_way():
    """A room is allowed only rooms below it, and only those that it does import."""
    below: set[str] = set()
    for name, allowed in PLAN.items():
        assert set(allowed.split()) <= below, f"{name} stands below what it imports"
        below.add(name)
        used = set().union(*(entered(m) for m in SOURCES if room(m) == name))
        assert set(allowed.split()) == used, f"{name}: {set(allowed.split()) - used} is not used"


def test_the_map_stays_small():
    """A newcomer can keep the map in mind: so many rooms, and so many arrows between them."""
    top = {name: name.split(".")[1] for name in SOURCES if "." in name}
    arrows = {(top[n], top[o]) for n in top for o in ours(n) if o in top}
    arrows = {(a, b) for a, b in arrows if a != b and b not in EVERYWHERE}
    assert len(set(top.values())) <= MOST_ROOMS
    assert len(arrows) <= MOST_ARROWS


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
        if path.name != "__init__.py" or room(name) in ("cli", "render"):
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


@pytest.mark.parametrize("name", [n for n in SOURCES if room(n) in PLAIN])
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
