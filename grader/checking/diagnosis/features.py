"""What the inputs of an exercise's functions can look like: the author's part of a contrast.

`features.py`, beside an exercise's checks, holds a few makers of inputs. The parameters of a maker are
the features of its inputs; their defaults are the simplest input.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from grader.checking.diagnosis.reference import import_file
from grader.errors import ExerciseError
from grader.language import say
from grader.model import Exercise

FEATURES_FILE = "features.py"
RANDOM = 80  # settings drawn at random, by which a contrast is proven
SEEDS = 16  # of their values
SEED = 20

Maker = TypeVar("Maker", bound=Callable[..., Any])
Setting = Mapping[str, Any]


@dataclass(frozen=True)
class Inputs:
    """The inputs of one function, of a forward pass and its backward pass, or of an object.

    Attributes:
        function: the function that is called, or the class that makes the object.
        then: the function that is called with `dout` and the cache, the object's method, or `""`.
        make: gives the arguments, from a generator and a setting of the features.
        vary: for each feature the values that are tried beside its simplest one.
        words: for a feature how a sentence calls its simplest value and the others.
        simplest: the simplest value of each feature.
    """

    function: str
    then: str
    make: Callable[..., Any]
    vary: Mapping[str, Sequence[Any]]
    words: Mapping[str, tuple[str, str]]
    simplest: Setting

    @property
    def judged(self) -> tuple[str, ...]:
        """The functions whose answers are compared."""
        if "." in self.then:
            return (self.then,)
        return (self.function, self.then) if self.then else (self.function,)

    def settings(self, seed: int = SEED) -> list[Setting]:
        """The simplest setting, then those that differ in one feature, then random ones."""
        found: list[Setting] = [dict(self.simplest)]
        found += [
            {**self.simplest, name: value} for name, values in self.vary.items() for value in values
        ]
        rng = np.random.default_rng(seed)
        for _ in range(RANDOM):
            drawn = dict(self.simplest)
            for name, values in self.vary.items():
                if rng.random() < 0.5:
                    drawn[name] = values[int(rng.integers(len(values)))]
            found.append(drawn)
        return found

    def arguments(self, setting: Setting, more: int = 0) -> tuple[Any, ...]:
        """The arguments of the function for a setting: the same at every call with the same `more`."""
        given = self.make(np.random.default_rng(SEED + more), **setting)
        return given if isinstance(given, tuple) else (given,)


def inputs_of(
    function: str,
    *,
    vary: Mapping[str, Sequence[Any]],
    then: str = "",
    words: Mapping[str, tuple[str, str]] | None = None,
) -> Callable[[Maker], Maker]:
    """Mark a function of `features.py` that makes inputs.

    The maker takes a generator and, as parameters with defaults, the features of its inputs; it
    returns the arguments. Features are varied one at a time from the defaults, which are the simplest
    input; a wrong function is then told as right there, and wrong as soon as one of them is different.

    Args:
        function: the name of the function that takes the inputs.
        vary: for each feature the other values to try.
        then: a backward pass, called with a `dout` and the last value that `function` returned. Where
            `function` is a class, one of its methods, such as `Adam.step`: the maker returns the
            arguments of the constructor, and then those of each call of the method, a tuple of tuples.
        words: for a feature, how a sentence calls its default and its other values; without them it
            is called by the parameter's name and value.

    Returns a decorator that gives the maker back.

    >>> @inputs_of("relu_forward", then="relu_backward", vary={"n": (2,), "zero": (True,)},
    ...            words={"zero": ("no entry is 0", "an entry is 0")})
    ... def some_numbers(rng, n=1, zero=False):
    ...     return grid_values(rng, (n, 3)) * (not zero)
    """

    def mark(maker: Maker) -> Maker:
        maker.inputs = (function, then, vary, words or {})  # type: ignore[attr-defined]
        return maker

    return mark


def load_features(exercise: Exercise) -> tuple[Inputs, ...]:
    """The inputs that an exercise declares; none if it has no such file.

    Raises `ExerciseError` if they do not fit the exercise.
    """
    path = exercise.folder / FEATURES_FILE
    if not path.is_file():
        return ()
    module = import_file(f"{exercise.name}_features", path)
    found = []
    for name, maker in vars(module).items():
        marks = getattr(maker, "inputs", None)
        if marks is None or getattr(maker, "__module__", "") != module.__name__:
            continue
        function, then, vary, words = marks
        parameters = list(inspect.signature(maker).parameters.values())[1:]
        simplest = {p.name: p.default for p in parameters}
        for problem in _problems(exercise, function, then, simplest, vary, words):
            raise ExerciseError(f"{path}: {name}: {problem}")
        found.append(Inputs(function, then, maker, vary, words, simplest))
    return tuple(found)


def _problems(
    exercise: Exercise,
    function: str,
    then: str,
    simplest: Setting,
    vary: Mapping[str, Any],
    words: Mapping[str, Any],
) -> Iterator[str]:
    members = exercise.classes[function].methods if function in exercise.classes else {}
    known = {f.name for f in members.values()} if members else exercise.functions.keys()
    for one in [then] if members else filter(None, (function, then)):
        if one not in known:
            yield say("{name} is not one of the functions", name=one or function)
    for feature in (*vary, *words):
        if feature not in simplest:
            yield say("{name} is not one of its parameters", name=feature)
    for feature, default in simplest.items():
        if default is inspect.Parameter.empty:
            yield say("{name} has no default", name=feature)
