"""Runs one check. Most checks take only our fixtures and their own parameters: these are called
directly, because pytest's protocol costs more time than many a check itself. A check that needs more
(an author's own fixture, a mark of pytest's) goes through the protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import pytest

from grader.checking.run.pytest_internals import (
    parameters_of,
    requested_fixtures,
    run_protocol,
)
from grader.errors import ExerciseError
from grader.language import later, say


class Judge(Protocol):
    """What a check that runs asks for and tells: the part of `Grading` that is known here."""

    checks: Any
    trusted: Any

    def seed_of(self, item: pytest.Item) -> int:
        """The seed of a check's inputs."""

    def begin(self, item: pytest.Item) -> None:
        """Begin a check."""

    def student(self, item: pytest.Item) -> Any:
        """The `student` of a check."""

    def passes_again(self, item: pytest.Item) -> bool:
        """Whether it is known without the check that it passes."""

    def note(self, item: pytest.Item, phase: str, error: BaseException | None) -> None:
        """Record how a phase of the check ended."""


FIXTURES: dict[str, Callable[[Judge, pytest.Item], Any]] = {
    "student": lambda grading, item: grading.student(item),
    "reference": lambda grading, item: grading.trusted.reference(grading.checks.exercise_of(item)),
    "rng": lambda grading, item: np.random.default_rng(grading.seed_of(item)),
}
NO_SUBMISSION = later("name a submission: pytest EXERCISE --submission FILE")
DIRECT_MARKS = {"points", "hidden", "after", "timeout", "parametrize"}
PLUGIN_MODULE = "grader.checking.plugin"
DIRECT_ARGUMENTS_KEY = pytest.StashKey[tuple[list[str], dict[str, Any]] | None]()


def run_check(grading: Judge, item: pytest.Item, following: pytest.Item | None) -> None:
    """Run a check; `grading` records how each of its phases ended."""
    wanted = direct_arguments(item)
    if wanted is None:
        run_protocol(item, following)
        return
    ours, parameters = wanted
    arguments = dict(parameters)

    def set_up() -> None:
        grading.begin(item)
        if "student" in ours:
            arguments["student"] = FIXTURES["student"](grading, item)

    def decide() -> None:
        if not grading.passes_again(item):
            others = (name for name in ours if name != "student")
            arguments.update((name, FIXTURES[name](grading, item)) for name in others)
            call_check(item, arguments)

    if _run_phase(grading, item, "setup", set_up):
        _run_phase(grading, item, "call", decide)
    grading.note(item, "teardown", None)


def _run_phase(grading: Judge, item: pytest.Item, phase: str, do: Callable[[], object]) -> bool:
    error: BaseException | None = None
    try:
        do()
    except (KeyboardInterrupt, pytest.exit.Exception):
        raise
    except BaseException as raised:
        error = raised
    try:
        grading.note(item, phase, error)
        return error is None
    finally:
        error = None  # its traceback holds this frame, and all that the check has made


def call_check(item: pytest.Item, arguments: Mapping[str, Any]) -> None:
    """Call a check. Raises `ExerciseError` if it returns a value: a result that is returned and not
    asserted would pass for everybody."""
    where = f"{item.path}: {item.name}"
    try:
        with np.errstate(all="ignore"):  # what a check computes from odd answers warns nobody
            value = item.obj(**arguments)  # type: ignore[attr-defined]
    except pytest.xfail.Exception:
        raise ExerciseError(
            say(
                "{check} calls pytest.xfail, which a check cannot do: a submission passes it or does not",
                check=where,
            )
        ) from None
    if value is not None:
        raise ExerciseError(
            say(
                "{check} returns a {type}, which nobody looks at: write `assert ...` in place of "
                "`return ...`",
                check=where,
                type=type(value).__name__,
            )
        )


def direct_arguments(item: pytest.Item) -> tuple[list[str], dict[str, Any]] | None:
    """The fixtures of ours that a check takes, and its parameters; None if pytest must run the check.

    It is computed once for each item.
    """
    if DIRECT_ARGUMENTS_KEY not in item.stash:
        item.stash[DIRECT_ARGUMENTS_KEY] = _find_direct_arguments(item)
    return item.stash[DIRECT_ARGUMENTS_KEY]


def _find_direct_arguments(item: pytest.Item) -> tuple[list[str], dict[str, Any]] | None:
    if not isinstance(item, pytest.Function) or item.cls is not None:
        return None
    if {mark.name for mark in item.iter_markers()} - DIRECT_MARKS:
        return None
    parameters = parameters_of(item)
    ours = []
    for name, source in requested_fixtures(item).items():
        if name in FIXTURES and source == PLUGIN_MODULE:
            ours.append(name)
        elif name not in parameters or source:
            return None
    return ours, parameters
