"""The checks of a course, as pytest collected them, read from their marks and validated."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pytest

from grader.checking.run.marks import mark_args
from grader.errors import ExerciseError
from grader.language import say
from grader.model import Course, Exercise


@dataclass(frozen=True)
class Check:
    """One collected check: its pytest item and what its marks and docstring say."""

    item: pytest.Item
    name: str
    title: str
    points: float
    hidden: bool
    after: tuple[str, ...]
    seconds: float | None


class CheckCollection:
    """The collected checks of a course.

    Attributes:
        error: the first mistake of an author in the collected checks, if there is one.
    """

    def __init__(self, course: Course) -> None:
        self.course = course
        self.error: ExerciseError | None = None
        self._checks: dict[str, dict[str, Check]] = {}
        self._owners: dict[pytest.Item, Exercise] = {}

    def of(self, exercise: Exercise) -> dict[str, Check]:
        """The checks of an exercise by name, in the order of its files."""
        return self._checks.get(exercise.id, {})

    def add_items(self, items: Sequence[pytest.Item]) -> None:
        """Read the collected checks; sets `error` if one of them is not complete."""
        try:
            for item in items:
                folder = item.path.parent
                exercise = next((e for e in self.course.exercises if e.folder == folder), None)
                if exercise is None:
                    continue
                self._owners[item] = exercise
                check = self._read(item)
                known = self._checks.setdefault(exercise.id, {})
                if check.name in known:
                    raise ExerciseError(
                        say("{path}: two checks are called {name}", path=item.path, name=check.name)
                    )
                known[check.name] = check
        except ExerciseError as error:
            self.error = error

    def _read(self, item: pytest.Item) -> Check:
        function = getattr(item, "function", None)
        title = say((getattr(function, "__doc__", None) or "").strip().partition("\n")[0])
        points = tuple(mark_args(item, "points"))
        where = f"{item.path}: {item.name}"
        if not title:
            raise ExerciseError(
                say(
                    "{check} needs a docstring: its first line is the title that students read",
                    check=where,
                )
            )
        if len(points) != 1 or not isinstance(points[0], int | float) or points[0] <= 0:
            raise ExerciseError(
                say("{check} needs @pytest.mark.points(n) with a number n above 0", check=where)
            )
        _prove_kind(item, where)
        _, bracket, rest = item.name.partition("[")
        return Check(
            item=item,
            name=item.name,
            title=f"{title.rstrip('.。')} [{rest}" if bracket else title,
            points=float(points[0]),
            hidden=item.get_closest_marker("hidden") is not None,
            after=tuple(str(n) for n in mark_args(item, "after")),
            seconds=next(iter(mark_args(item, "timeout")), None),
        )

    def validate_points(self, exercise: Exercise) -> None:
        """Raise `ExerciseError` unless the checks' points and names fit `exercise.toml`."""
        checks = self.of(exercise)
        if not checks:
            raise ExerciseError(
                say(
                    "{path}: has no checks: no test_*.py has a test in it",
                    path=exercise.folder,
                )
            )
        points = sum(c.points for c in checks.values())
        if abs(points - exercise.points) > 1e-9:
            raise ExerciseError(
                say(
                    "{path}: points is {points:g}, but the points of all checks add up to {sum:g}",
                    path=exercise.folder / "exercise.toml",
                    points=exercise.points,
                    sum=points,
                )
            )
        for check in checks.values():
            for name in check.after:
                if name not in checks:
                    raise ExerciseError(
                        say(
                            "{path}: {check} is marked after({name!r}), which is not a check of this "
                            "exercise",
                            path=check.item.path,
                            check=check.name,
                            name=name,
                        )
                    )
            total = exercise.limits.total_seconds
            if check.seconds is not None and check.seconds > total:
                raise ExerciseError(
                    say(
                        "{path}: {check} has a timeout of {seconds:g} s, but all calls of a submission may "
                        "take only {total:g} s; raise total_seconds in exercise.toml",
                        path=check.item.path,
                        check=check.name,
                        seconds=check.seconds,
                        total=total,
                    )
                )

    def exercises_of(self, items: Iterable[pytest.Item]) -> list[Exercise]:
        """The exercises that these checks belong to, each once; other tests belong to none."""
        owners = (self._owners.get(item) for item in items)
        return list({e.id: e for e in owners if e is not None}.values())

    def exercise_of(self, item: pytest.Item) -> Exercise:
        """The exercise that a check belongs to."""
        exercise = self._owners.get(item)
        if exercise is None:
            raise ExerciseError(
                say(
                    "{path}: is not in an exercise folder of {course}",
                    path=item.path,
                    course=self.course.root,
                )
            )
        return exercise


def _prove_kind(item: pytest.Item, where: str) -> None:
    """Raise `ExerciseError` for a check that would pass for everybody, or that nobody could pass."""
    function = getattr(item, "obj", None)
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise ExerciseError(
            say("{check} is `async def`, and nothing would run it: write `def`", check=where)
        )
    if inspect.isgeneratorfunction(function):
        raise ExerciseError(
            say(
                "{check} has a `yield`, so calling it would run nothing: assert in a plain function",
                check=where,
            )
        )
    if item.get_closest_marker("xfail") is not None:
        raise ExerciseError(
            say(
                "{check} is marked xfail, which a check cannot be: a submission passes it or does not",
                check=where,
            )
        )
    if "subtests" in getattr(item, "fixturenames", ()):
        raise ExerciseError(
            say(
                "{check} uses subtests, whose failures would not fail the check: use "
                "@pytest.mark.parametrize, or one check for each",
                check=where,
            )
        )
