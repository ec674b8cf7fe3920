"""A forward function, evaluated at points near its arguments. How the gradient check asks."""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.checking.calls.student import StudentFunction
from grader.checking.gradients.compare import half
from grader.errors import ExerciseError
from grader.language import say, series

Function = StudentFunction | Callable[..., Any]

ASIDE = math.pi / 1024  # what is moved by so much of itself is no short binary number


class Probe:
    """A forward function, evaluated at points near its arrays. Only floating arrays move."""

    def __init__(
        self,
        forward: Function,
        arrays: Sequence[Any],
        parameters: dict[str, Any],
        *,
        symmetric: Sequence[str] = (),
    ) -> None:
        self.forward = forward
        self.parameters = parameters
        self.evaluations = 0
        self._half: bool | None = None
        self._arrays = list(arrays)
        paths = [(i, path) for i, value in enumerate(arrays) for path in _paths(value)]
        self._places = paths
        names = _parameter_names(forward)
        self.names = [_names_of(names, i) + "".join(f"[{k}]" for k in path) for i, path in paths]
        self.leaves = [np.asarray(_get(arrays[i], path), float) for i, path in paths]
        self.whole = [_names_of(names, i) for i, a in enumerate(arrays) if _is_whole(a)]
        self._refuse(arrays)
        if unknown := set(symmetric) - set(self.names):
            raise ExerciseError(
                say(
                    "{name} is declared symmetric, but no array of floats has that name: there are "
                    "{names}",
                    name=min(unknown),
                    names=series(self.names),
                )
            )
        self.symmetric = [name in symmetric for name in self.names]
        for name, leaf, mirrored in zip(self.names, self.leaves, self.symmetric, strict=True):
            if mirrored and not np.array_equal(leaf, np.swapaxes(leaf, -1, -2)):
                raise ExerciseError(say("{name} is declared symmetric, and is not", name=name))

    def _refuse(self, arrays: Sequence[Any]) -> None:
        """Raise `ExerciseError` for arguments that no gradient check can move."""
        if any(leaf.dtype.kind == "c" for leaf in flatten(list(arrays))):
            raise ExerciseError(
                say(
                    "a gradient check moves real arrays only: write a complex one as its real and its "
                    "imaginary part"
                )
            )
        if not self.leaves:
            if self.whole:
                raise ExerciseError(
                    say(
                        "a gradient check needs at least one array of floats to move: {names} holds "
                        "whole numbers; x.astype(float) makes one",
                        names=series(self.whole),
                    )
                )
            raise ExerciseError(
                say(
                    "a gradient check needs at least one array of floats to move; x.astype(float) "
                    "makes one"
                )
            )

    def mirror(self, index: int, array: np.ndarray) -> np.ndarray:
        """The symmetric part of a shift or a gradient, where `leaves[index]` is symmetric."""
        if not self.symmetric[index]:
            return array
        return np.asarray((array + np.swapaxes(array, -1, -2)) / 2)

    def keep(self, count: int) -> None:
        """Look at the first `count` arrays only."""
        self._places, self.names = self._places[:count], self.names[:count]
        self.leaves, self.symmetric = self.leaves[:count], self.symmetric[:count]

    def run(self, points: Sequence[Sequence[np.ndarray]]) -> list[tuple[Any, ...]]:
        """`forward` at each point, as tuples `(out, …)`."""
        self.evaluations += len(points)
        arguments = [tuple(self._arguments(leaves)) for leaves in points]
        answers = call_many(self.forward, arguments, self.parameters)
        return [a if isinstance(a, tuple) else (a,) for a in answers]

    def outs(self, points: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
        """The outputs at each point, stacked and flattened: (points, M), float64."""
        answers = self.run(points)
        return np.stack([self.out(a[0]).ravel() for a in answers])

    def moved(self, shifts: Sequence[tuple[int, np.ndarray]]) -> np.ndarray:
        """The outputs with one array shifted at a time, each as (its index, the shift): (shifts, M).

        A plain callable that raises there has been moved out of its domain: NaN.
        """
        if not shifts:
            return np.zeros((0, 0))
        points = [self._shifted(index, shift) for index, shift in shifts]
        if isinstance(self.forward, StudentFunction):
            return self.outs(points)
        rows: list[np.ndarray | None] = []
        with np.errstate(all="ignore"):
            for point in points:
                try:
                    rows.append(self.outs([point])[0])
                except (ValueError, ArithmeticError, RuntimeError, AssertionError, LookupError):
                    rows.append(None)
        size = next((row.size for row in rows if row is not None), 0)
        return np.stack([np.full(size, np.nan) if row is None else row for row in rows])

    def in_half(self) -> bool:
        """Whether outputs are numbers of half precision also where the arrays, moved a little, are not."""
        if self._half is None:
            self._half = half(self.moved([(i, leaf * ASIDE) for i, leaf in enumerate(self.leaves)]))
        return self._half

    def _shifted(self, index: int, shift: np.ndarray) -> list[np.ndarray]:
        return [*self.leaves[:index], self.leaves[index] + shift, *self.leaves[index + 1 :]]

    @staticmethod
    def out(value: Any) -> np.ndarray:
        """An output as a float64 array; what is not finite becomes NaN. Raises `ExerciseError` for
        complex numbers, whose gradient is another thing."""
        if np.iscomplexobj(value):
            raise ExerciseError(
                say("a gradient check needs real outputs: this forward's are complex")
            )
        out = np.array(value, dtype=float)
        out[~np.isfinite(out)] = np.nan
        return out

    def _arguments(self, leaves: Sequence[np.ndarray]) -> list[Any]:
        arguments = list(self._arrays)
        for (i, path), leaf in zip(self._places, leaves, strict=False):
            arguments[i] = _put(arguments[i], path, leaf)
        return arguments


def call_many(
    function: Function, arguments: Sequence[tuple[Any, ...]], parameters: dict[str, Any]
) -> list[Any]:
    """Call a student's function in one message, or any other callable in a loop."""
    if isinstance(function, StudentFunction):
        return function.map(arguments, **parameters)
    return [function(*copy.deepcopy(a), **copy.deepcopy(parameters)) for a in arguments]


def flatten(value: Any) -> list[np.ndarray]:
    """The arrays inside nested lists and tuples, in order."""
    if isinstance(value, list | tuple):
        return [leaf for part in value for leaf in flatten(part)]
    return [np.asarray(value)]


def _paths(value: Any, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    if isinstance(value, list | tuple):
        return [p for i, part in enumerate(value) for p in _paths(part, (*path, i))]
    return [path] if isinstance(value, np.ndarray) and value.dtype.kind == "f" else []


def _get(value: Any, path: tuple[int, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _is_whole(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "iu"


def _names_of(names: Sequence[str], index: int) -> str:
    return names[index] if index < len(names) else f"argument {index + 1}"


def _put(value: Any, path: tuple[int, ...], leaf: np.ndarray) -> Any:
    if not path:
        return leaf
    parts = list(value)
    parts[path[0]] = _put(parts[path[0]], path[1:], leaf)
    return value._make(parts) if hasattr(value, "_make") else type(value)(parts)


def _parameter_names(function: Function) -> list[str]:
    if isinstance(function, StudentFunction):
        return [name for name, _ in function.declared.parameters]
    try:
        found = inspect.signature(function).parameters.values()
        starred = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD
        return [p.name for p in found if p.kind not in starred]
    except (TypeError, ValueError):
        return []
