"""Objects of declared classes, as a check holds them: what it does with one becomes a call.

The object itself stays where its code runs, such as the student's process. Its methods, attributes and
operators are calls like those of functions: values cross by value, other objects as handles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from grader.language import say
from grader.model import Class
from grader.sandbox.wire import Opaque

REFLECTED = ("add", "sub", "mul", "matmul", "truediv", "pow")


def _undeclared(name: str) -> AttributeError:
    return AttributeError(say("exercise.toml does not declare {name}", name=name))


class Calls(Protocol):
    """Where an object's calls go: see `student.Caller`."""

    def function(self, name: str) -> Any:
        """The `StudentFunction` of this name."""
        ...

    def release(self, handle: Opaque, epoch: int) -> None:
        """Forget an object."""
        ...


class RemoteObject:
    """An object of a declared class, of the submission or of the reference.

    `layer.forward(x)` calls a declared method, `layer.weight` reads a declared attribute and
    `layer.weight = w` sets it; declared operators, `len(t)`, `t[0]` and `layer(x)` work as they do in
    Python. The same object of the student is the same object here, so `is` tells whether two are one.
    When the last reference is gone, the student's process forgets it, too.

    An object ends with the check, and with the student's process: a call of it raises `CheckEnded`.
    """

    __array_ufunc__ = None  # `array * tensor` asks the tensor, not each entry of the array

    _declared: Class
    _caller: Calls
    _handle: Opaque
    _epoch: int

    def __init__(self, declared: Class, caller: Calls, handle: Opaque, epoch: int) -> None:
        own = {"_declared": declared, "_caller": caller, "_handle": handle, "_epoch": epoch}
        vars(self).update(own)

    def __getattr__(self, name: str) -> Any:
        declared = self._declared
        if name in declared.attributes:
            return self._caller.function(f"{declared.name}.{name}")(self)
        if name in declared.methods:
            return RemoteMethod(self._caller.function(f"{declared.name}.{name}"), self)
        raise _undeclared(f"{declared.name}.{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        declared = self._declared
        if name not in declared.attributes:
            raise _undeclared(f"{declared.name}.{name}")
        self._caller.function(f"{declared.name}.{name}=")(self, value)

    def __deepcopy__(self, memo: dict[int, Any]) -> RemoteObject:
        return self  # a copy of a reference is the same reference

    def __repr__(self) -> str:
        return f"<{self._declared.name} {self._handle.handle}>"

    def __del__(self) -> None:
        self._caller.release(self._handle, self._epoch)


class RemoteMethod:
    """A method of one object: what `StudentFunction` is for a function, with the same members.

    Attributes:
        function: the same method, with the object as the first argument.
    """

    def __init__(self, function: Any, target: RemoteObject) -> None:
        self.function = function
        self._target = target

    def __getattr__(self, name: str) -> Any:
        return getattr(self.function, name)  # its name, where it is, the latest answer

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """Call it once and return the value. Raises `CheckEnded` if it raises or returns a wrong kind."""
        return self.function(self._target, *args, **keywords)

    def map(self, arguments: Sequence[tuple[Any, ...]], **keywords: Any) -> list[Any]:
        """Call it for each tuple of arguments, one after another, in one message; return the values."""
        given = [(self._target, *args) for args in arguments]
        values: list[Any] = self.function.map(given, **keywords)
        return values

    def changed_arguments(self, args: Sequence[Any], keywords: Mapping[str, Any]) -> list[str]:
        """The names of the arguments that the latest call changed in place."""
        changed: list[str] = self.function.changed_arguments((self._target, *args), keywords)
        return changed

    def returned_arguments(self, args: Sequence[Any], keywords: Mapping[str, Any]) -> list[str]:
        """The names of the arguments that the latest call returned, or returned a view of."""
        returned: list[str] = self.function.returned_arguments((self._target, *args), keywords)
        return returned


def object_type(declared: Class) -> type[RemoteObject]:
    """The type of objects of a declared class: `RemoteObject` with the operators that it declares."""
    operators: dict[str, Any] = {}
    for name in declared.methods:
        if name.startswith("__"):
            operators[name] = _operator(f"{declared.name}.{name}")
            word = name.strip("_")
            if word in REFLECTED:
                operators[f"__r{word}__"] = _operator(f"{declared.name}.{name}", reflected=True)
    if "__eq__" in operators:
        operators["__hash__"] = object.__hash__
    return type(declared.name, (RemoteObject,), operators)


def _operator(name: str, *, reflected: bool = False) -> Callable[..., Any]:
    def apply(self: RemoteObject, *args: Any, **keywords: Any) -> Any:
        given = (*args, self) if reflected else (self, *args)
        return self._caller.function(name)(*given, **keywords)

    return apply


def map_parts(function: Callable[[Any], Any], value: Any) -> Any:
    """A list, tuple or dictionary with `function` applied to each of its parts; else the value."""
    if isinstance(value, dict):
        return {key: function(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        parts = map(function, value)
        return list(parts) if isinstance(value, list) else tuple(parts)
    return value


def holds(kind: type, value: Any) -> bool:
    """Whether a value is of this type, or a list, tuple or dictionary in which one is."""
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return isinstance(value, kind)
    return any(holds(kind, part) for part in value)
