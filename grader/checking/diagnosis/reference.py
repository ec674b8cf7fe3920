"""The trusted code of an exercise: its reference solution and its misconceptions."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from grader.checking.diagnosis.recognition import RunnableMisconception
from grader.errors import ExerciseError
from grader.language import say
from grader.model import Course, Exercise

MISCONCEPTIONS_FILE = "misconceptions.py"


class Reference:
    """The reference's functions and classes, as attributes and as the mapping `functions`."""

    def __init__(
        self, functions: Mapping[str, Callable[..., Any]], begin: Callable[[], None] | None = None
    ) -> None:
        self.functions = MappingProxyType(dict(functions))
        self._begin = begin

    def begin_check(self) -> None:
        """Begin a check: objects of the last one are no longer needed."""
        if self._begin is not None:
            self._begin()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        try:
            return self.functions[name]
        except KeyError:
            raise AttributeError(f"the reference has no function {name}") from None


def load_reference(course: Course, exercise: Exercise) -> Reference:
    """The reference solution of an exercise. Raises `ExerciseError` if it is missing or broken."""
    if course.solutions is None:
        raise ExerciseError(say("{root}: this course has no solutions", root=course.root))
    path = course.solutions / exercise.file
    if not path.is_file():
        raise ExerciseError(say("{path}: the reference solution is missing", path=path))
    with importable(course.solutions):
        module = import_file(exercise.name, path)
    for name in exercise.functions:
        if not callable(getattr(module, name, None)):
            raise ExerciseError(
                say(
                    "{path}: has no function {name}, which exercise.toml declares",
                    path=path,
                    name=name,
                )
            )
    for name in exercise.classes:
        if not isinstance(getattr(module, name, None), type):
            raise ExerciseError(
                say(
                    "{path}: has no class {name}, which exercise.toml declares",
                    path=path,
                    name=name,
                )
            )
    return Reference({n: getattr(module, n) for n in exercise.names})


def load_misconceptions(
    course: Course, exercise: Exercise, reference: Reference
) -> tuple[RunnableMisconception, ...]:
    """The misconceptions of an exercise, made from its reference; empty if it has none."""
    path = exercise.folder / MISCONCEPTIONS_FILE
    if not path.is_file() or course.solutions is None:
        return ()
    with importable(course.solutions):
        module = import_file(f"{exercise.name}_misconceptions", path)
        made = []
        for name, maker in vars(module).items():
            marks = getattr(maker, "misconception", None)
            if marks is None or getattr(maker, "__module__", "") != module.__name__:
                continue
            by_name = _functions_of(f"{path}: {name}", maker, reference)
            if unknown := set(by_name) - set(exercise.names):
                raise ExerciseError(
                    say(
                        "{path}: {name}: {value} is not a function or class of this exercise",
                        path=path,
                        name=name,
                        value=unknown.pop(),
                    )
                )
            made.append(RunnableMisconception(name, marks["hint"], marks["caught_by"], by_name))
    return tuple(made)


def _functions_of(
    where: str, maker: Callable[[Reference], Any], reference: Reference
) -> dict[str, Any]:
    """The functions that a misconception's maker returns, by name."""
    try:
        functions = maker(reference)
    except Exception as error:
        raise ExerciseError(
            say(
                "{where}: raised {name}: {error}",
                where=where,
                name=type(error).__name__,
                error=error,
            )
        ) from error
    functions = functions if isinstance(functions, tuple) else (functions,)
    if not all(hasattr(f, "__name__") and callable(f) for f in functions):
        raise ExerciseError(
            say("{where}: must return a function or class, or a tuple of them", where=where)
        )
    return {f.__name__: f for f in functions}


def import_file(name: str, path: Path) -> ModuleType:
    """Import a trusted file under `name`. Raises `ExerciseError` if it does not run."""
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) == str(path):
        return known
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise ExerciseError(
            say(
                "{path}: cannot be loaded: {name}: {error}",
                path=path,
                name=type(error).__name__,
                error=error,
            )
        ) from error
    return module


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Within the block, let trusted modules of a folder import each other by name."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
