"""A forward function, evaluated at points near its arguments. How the gradient check asks."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.checking.calls.student import StudentFunction

Function = StudentFunction | Callable[..., Any]


class Probe:
    """A forward function, evaluated at points near its arrays. Only floating arrays move."""

    def __init__(
        self,
        forward: Function,
        arrays: Sequence[Any],
        parameters: dict[str, Any],
        *,
        positive: bool = False,
    ) -> None:
        self.forward = forward
        self.parameters = parameters
        self.positive = positive
        self.evaluations = 0
        self._arrays = list(arrays)
        paths = [(i, path) for i, value in enumerate(arrays) for path in _paths(value)]
        self._places = paths
        names = _parameter_names(forward)
        self.names = [
            (names[i] if i < len(names) else f"argument {i + 1}") + "".join(f"[{k}]" for k in path)
            for i, path in paths
        ]
        self.leaves = [np.asarray(_get(arrays[i], path), float) for i, path in paths]
        if not self.leaves:
            raise TypeError("a gradient check needs at least one array of floats")

    def keep(self, count: int) -> None:
        """Look at the first `count` arrays only."""
        self._places, self.names = self._places[:count], self.names[:count]
        self.leaves = self.leaves[:count]

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

    def moved(self, index: int, shifts: Sequence[np.ndarray]) -> np.ndarray:
        """The outputs with `leaves[index]` shifted by each of `shifts`."""
        return self.outs(self._shifted(index, shifts))

    def moved_each(self, shifts: Sequence[Sequence[np.ndarray]]) -> list[np.ndarray]:
        """`moved` for every array with its own shifts, all in one message."""
        points = [p for index, some in enumerate(shifts) for p in self._shifted(index, some)]
        ends = np.cumsum([len(some) for some in shifts])[:-1]
        return np.split(self.outs(points), ends)

    def _shifted(self, index: int, shifts: Sequence[np.ndarray]) -> list[list[np.ndarray]]:
        before, leaf, after = self.leaves[:index], self.leaves[index], self.leaves[index + 1 :]
        return [[*before, leaf + shift, *after] for shift in shifts]

    @staticmethod
    def out(value: Any) -> np.ndarray:
        """An output as a float64 array; NaN where it is not finite stays NaN."""
        return np.asarray(value, dtype=float)

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


def _put(value: Any, path: tuple[int, ...], leaf: np.ndarray) -> Any:
    if not path:
        return leaf
    parts = list(value)
    parts[path[0]] = _put(parts[path[0]], path[1:], leaf)
    return type(value)(parts)


def _parameter_names(function: Function) -> list[str]:
    if isinstance(function, StudentFunction):
        return [name for name, _ in function.declared.parameters]
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []
