"""Values on the wire: numbers, text, arrays and their containers by value. Runs on both sides.

A value becomes a tree that JSON can carry, and the bytes of its arrays, in order, in one body:

    None, bool, int, float, str       themselves
    list                              [tree, ...]
    tuple                             {"t": [tree, ...]}
    dict                              {"d": [[key tree, tree], ...]}
    numpy.ndarray (exactly)           {"nd": [dtype, shape, "C" or "F"]}   and its bytes
    NumPy scalar (exactly)            {"ns": dtype}                        and its bytes
    numpy.random.Generator (PCG64)    {"rng": [state, inc, has_uint32, uinteger]}
    anything else                     {"op": [type name, handle]}    an object, or a kept cache

Nothing is ever unpickled. Subclasses of arrays, object arrays and look-alikes are "anything else":
they stay where they are, and the other side gets an `Opaque` handle. `decode` expects hostile bytes:
every dtype is on a list, every size is bounded, and the body must be used up exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.sandbox.frames import MAX_BODY, WireError
from grader.sandbox.sentences import LARGE_ARRAY, LARGE_ARRAYS, LONG_TEXT, TOO_DEEP, TOO_MANY

MAX_DEPTH = 32
MAX_NODES = 200_000
MAX_TEXT = 1 << 20
INT_LIMIT = 1 << 63

_NAMES = """
    bool int8 int16 int32 int64 uint8 uint16 uint32 uint64
    float16 float32 float64 complex64 complex128
"""
_DTYPES = {d.str: d for d in (np.dtype(name).newbyteorder("<") for name in _NAMES.split())}
_NATIVE = {code: dtype.newbyteorder("=") for code, dtype in _DTYPES.items()}
_SENT = _DTYPES | {d.newbyteorder(">").str: d for d in _DTYPES.values()}
_SCALARS = {dtype.type for dtype in _DTYPES.values()}


class Unsendable(Exception):
    """A value is too deep, has too many parts or is too large to cross.

    Attributes:
        message: the template of the sentence on it; what is sent is the `{function}`'s.
        values: the other values in it.
    """

    def __init__(self, message: str, **values: str) -> None:
        super().__init__(message)
        self.message, self.values = message, values


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that stayed on the other side: its type's name, and a handle to send back."""

    type: str
    handle: int


class Encoder:
    """Turns values into trees and collects the bytes of their arrays.

    Args:
        hold: called with a value that does not cross; returns the handle it is kept under.
        keep: likewise, with a value that might cross but is to stay; if not given, that is `hold`.
    """

    def __init__(
        self, hold: Callable[[object], int], keep: Callable[[object], int] | None = None
    ) -> None:
        self._hold = hold
        self._keep = keep or hold
        self._parts: list[bytes] = []
        self._size = 0
        self._nodes = 0

    @property
    def body(self) -> bytes:
        """The bytes of all arrays encoded so far."""
        return b"".join(self._parts)

    def encode(self, value: Any, depth: int = 0) -> Any:
        """The tree of `value`. Raises `Unsendable`."""
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise Unsendable(TOO_DEEP if depth > MAX_DEPTH else TOO_MANY)
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is int:
            if -INT_LIMIT <= value < INT_LIMIT:
                return value
            return self._opaque(value, self._hold)
        if kind is str:
            if len(value) > MAX_TEXT:
                raise Unsendable(LONG_TEXT)
            return value
        if kind is np.ndarray and (sent := _SENT.get(value.dtype.str)) is not None:
            return self._array(value, sent)
        if kind in _SCALARS:
            self._add(np.asarray(value).tobytes())
            return {"ns": np.dtype(kind).newbyteorder("<").str}
        if issubclass(kind, list):  # not `isinstance`, which asks the value what it is
            self._refuse_more_than_fit(list.__len__(value))
            return [self.encode(v, depth + 1) for v in list.__iter__(value)]
        if issubclass(kind, tuple):
            self._refuse_more_than_fit(tuple.__len__(value))
            return {"t": [self.encode(v, depth + 1) for v in tuple.__iter__(value)]}
        if issubclass(kind, dict):
            self._refuse_more_than_fit(2 * dict.__len__(value))
            pairs = dict.items(value)
            return {"d": [[self.encode(k, depth + 1), self.encode(v, depth + 1)] for k, v in pairs]}
        if kind is np.random.Generator and type(value.bit_generator) is np.random.PCG64:
            return {"rng": generator_state(value)}
        return self._opaque(value, self._hold)

    def _refuse_more_than_fit(self, parts: int) -> None:
        """Raise `Unsendable` before a long list is walked, which takes long while lines are noted."""
        if self._nodes + parts > MAX_NODES:
            raise Unsendable(TOO_MANY)

    def opaque(self, value: object) -> Any:
        """The tree of a value that stays here whatever its type is."""
        return self._opaque(value, self._keep)

    def _opaque(self, value: object, hold: Callable[[object], int]) -> Any:
        if isinstance(value, Opaque):
            return {"op": [value.type, value.handle]}
        kind = type(value)
        name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
        if kind is np.ndarray:
            dtype: np.dtype = value.dtype  # type: ignore[attr-defined]
            name += " of objects" if dtype.kind == "O" else f" of {dtype}"
        return {"op": [name[:200], hold(value)]}

    def _array(self, value: np.ndarray, dtype: np.dtype) -> Any:
        flags = value.flags
        order = "F" if flags.f_contiguous and not flags.c_contiguous else "C"
        if not _reasonable(
            value.shape, dtype
        ):  # before tobytes, because a view can claim petabytes
            raise Unsendable(LARGE_ARRAY, shape=str(value.shape)[:100], bytes=f"{value.nbytes:,}")
        self._add((value if value.dtype == dtype else value.astype(dtype)).tobytes())
        return {"nd": [dtype.str, list(value.shape), order]}

    def _add(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > MAX_BODY:
            raise Unsendable(LARGE_ARRAYS, megabytes=str(MAX_BODY >> 20))
        self._parts.append(data)


def shares_memory(argument: Any, value: Any, keep: Sequence[int]) -> bool:
    """Whether a returned array that is not in `keep` is the argument itself or a view of it. Of a list
    each entry counts."""
    given = [a for a in _entries(argument) if type(a) is np.ndarray]
    return any(
        type(v) is np.ndarray and i not in keep and np.may_share_memory(v, a)
        for i, v in enumerate(_entries(value))
        for a in given
    )


def _entries(value: Any) -> Any:
    return value if issubclass(type(value), tuple | list) else (value,)


def generator_state(generator: np.random.Generator) -> list[int]:
    """The state of a PCG64 generator as four integers."""
    state: Any = generator.bit_generator.state
    return [state["state"]["state"], state["state"]["inc"], state["has_uint32"], state["uinteger"]]


class Decoder:
    """Turns trees back into values, taking array bytes from `body` in order.

    Args:
        body: the frame's body.
        take: called with a handle, gives the value that was held under it; without it, what
            stayed on the other side comes as an `Opaque`.
    """

    def __init__(self, body: bytes, take: Callable[[int], Any] | None = None) -> None:
        self._body = memoryview(body)
        self._take = take
        self._at = 0
        self._nodes = 0
        self._opaques = 0

    @property
    def position(self) -> tuple[int, int]:
        """How many bytes of the body, and how many opaque values, were read so far."""
        return self._at, self._opaques

    def decode(self, tree: Any, depth: int = 0) -> Any:
        """The value of `tree`. Raises `WireError` for anything that `Encoder` does not write."""
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise WireError("too many or too deep values")
        kind = type(tree)
        if tree is None or kind is bool or kind is float:
            return tree
        if kind is int:
            if not -INT_LIMIT <= tree < INT_LIMIT:
                raise WireError("an integer of more than 64 bits")
            return tree
        if kind is str:
            return clean(tree)
        if kind is list:
            return [self.decode(v, depth + 1) for v in tree]
        if kind is not dict or len(tree) != 1:
            raise WireError("not a value")
        tag, content = next(iter(tree.items()))
        if tag == "ns":
            return self._array(content, [])[()]
        if type(content) is not list:
            raise WireError("not a value")
        return self._tagged(tag, content, depth)

    def _tagged(self, tag: str, content: list[Any], depth: int) -> Any:
        if tag == "t":
            return tuple(self.decode(v, depth + 1) for v in content)
        if tag == "nd" and len(content) == 3 and content[2] in ("C", "F"):
            array = self._array(content[0], content[1])
            return np.asfortranarray(array) if content[2] == "F" else array
        if tag == "d":
            return self._dict(content, depth)
        if tag == "rng":
            return _generator(content)
        if tag == "op" and list(map(type, content)) == [str, int]:
            self._opaques += 1
            if self._take is not None:
                return self._take(content[1])
            return Opaque(clean(content[0])[:200], content[1])
        raise WireError("not a value")

    def finish(self) -> None:
        """Raise `WireError` unless the body was used up exactly."""
        if self._at != len(self._body):
            raise WireError("bytes that belong to no array")

    def _array(self, code: Any, shape: Any) -> np.ndarray:
        dtype = _DTYPES.get(code) if type(code) is str else None
        if dtype is None or type(shape) is not list:
            raise WireError("not an array")
        if not all(type(n) is int and n >= 0 for n in shape) or not _reasonable(shape, dtype):
            raise WireError("not a shape")
        begin, size = self._at, math.prod(shape) * dtype.itemsize
        if size > len(self._body) - begin:
            raise WireError("an array larger than its frame")
        self._at = begin + size
        if not size:
            return np.zeros(shape, _NATIVE[code])
        return np.ndarray(shape, dtype, self._body, begin).astype(_NATIVE[code])

    def _dict(self, pairs: list[Any], depth: int) -> dict[Any, Any]:
        result = {}
        for pair in pairs:
            if type(pair) is not list or len(pair) != 2:
                raise WireError("not a dictionary")
            key = self.decode(pair[0], depth + 1)
            try:
                result[key] = self.decode(pair[1], depth + 1)
            except TypeError:
                raise WireError("not a key") from None
        return result


def _reasonable(shape: Sequence[int], dtype: np.dtype) -> bool:
    """Whether an array may cross. Lengths beside a zero count, too, because NumPy multiplies them."""
    count = math.prod(shape) or math.prod(n or 1 for n in shape)
    return len(shape) <= 32 and count * dtype.itemsize <= MAX_BODY


def _generator(content: list[Any]) -> np.random.Generator:
    if len(content) != 4 or not all(type(n) is int and 0 <= n < 1 << 128 for n in content):
        raise WireError("not a generator")
    bits = np.random.PCG64(0)
    state, inc, has_uint32, uinteger = content
    try:
        bits.state = {
            "bit_generator": "PCG64",
            "state": {"state": state, "inc": inc},
            "has_uint32": has_uint32,
            "uinteger": uinteger,
        }
    except (ValueError, OverflowError):
        raise WireError("not a generator") from None
    return np.random.Generator(bits)


def clean(text: str) -> str:
    """`text` without lone surrogates, which no stream can print."""
    return text.encode("utf-8", "replace").decode("utf-8")
