"""Fingerprints of values: enough to tell whether two answers are the same, too little to recover one.

A fingerprint is the structure of a value (types, shapes, keys, strings) and a few weighted sums of all
its numbers. Answers are compared by fingerprint, so a recording does not contain the answers.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np

from grader.sandbox.wire import Opaque

SUMS = 6
HUGE = 1e200  # the sums of larger numbers may overflow
MAX_KEPT_WEIGHTS = 1 << 16  # entries: weights for larger arrays are not kept
_DIGEST = re.compile("[0-9a-f]{12}")
_NUMBERS = re.compile(r"array\[[\d, ]*\]|int|float")
_ONE_NUMBER = re.compile(r"array\[[1, ]*\]|int|float")
ANYTHING = "*"  # the structure of a value that stayed with the student


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A fingerprint.

    Attributes:
        structure: types, shapes, keys and strings.
        sums: `SUMS` weighted sums of all numbers.
        scale: the difference of two sums that rounding explains, for a relative error of 1.
    """

    structure: str
    sums: tuple[float, ...]
    scale: float


def fingerprint(value: Any) -> Fingerprint:
    """The fingerprint of an answer. NaN and infinity are part of its structure."""
    return _of_text(value) if type(value) is str else _of_any(value)


@lru_cache(maxsize=1024)
def _of_text(value: str) -> Fingerprint:
    return _of_any(value)


def _of_any(value: Any) -> Fingerprint:
    words: list[str] = []
    numbers = list(_numbers(value, words))
    if not numbers:
        return Fingerprint(" ".join(words), (0.0,) * SUMS, 0.0)
    flat = np.concatenate(numbers) if len(numbers) > 1 else numbers[0]
    finite = np.isfinite(flat)
    if not finite.all():
        odd = ~finite
        digest = hashlib.sha256(repr(flat[odd].tolist()).encode() + np.flatnonzero(odd).tobytes())
        words.append(digest.hexdigest()[:12])
        flat = np.where(odd, 0.0, flat)
    weights = (
        _kept_weights(1 << flat.size.bit_length())[:, : flat.size]
        if flat.size < MAX_KEPT_WEIGHTS
        else _weights(flat.size)
    )
    largest = float(np.abs(flat).max()) if flat.size else 0.0
    scale = largest * max(1.0, math.sqrt(flat.size))
    if largest > HUGE:
        with np.errstate(over="ignore", invalid="ignore"):
            sums = weights @ flat
    else:
        sums = weights @ flat
    return Fingerprint(" ".join(words), tuple(sums.tolist()), scale)


def _weights(size: int) -> np.ndarray:
    """Weights of shape (SUMS, size) under which different values have different sums.

    The frequency is irrational (the inverse of the plastic number), so the weights do not repeat:
    entries that are swapped, shifted or negated change the sums.
    """
    steps = np.outer(np.arange(1, SUMS + 1), np.arange(1, size + 1))
    return np.asarray(np.cos(steps * 0.7548776662466927))


_kept_weights = cache(_weights)  # of powers of two: those of fewer entries are the first of more


def match(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether two fingerprints are of the same answer, up to single precision."""
    if a.structure != b.structure:
        return ANYTHING in (a.structure, b.structure)
    if a.sums == b.sums and a.scale < HUGE:  # most are, and sums that overflow are equal to nothing
        return True
    # About 8 units in the last place of float32, so that a student may compute in single precision.
    room = 1e-6 * max(a.scale, b.scale)
    return all(abs(x - y) <= room for x, y in zip(a.sums, b.sums, strict=True))


def types_and_shapes(a: Fingerprint) -> list[str]:
    """The structure without the marks of NaN and infinite entries."""
    return _without_marks(a.structure)


@lru_cache(1024)  # thousands of answers have few structures
def _without_marks(structure: str) -> list[str]:
    return [word for word in structure.split() if not _DIGEST.fullmatch(word)]


def is_zero(a: Fingerprint) -> bool:
    """Whether it is of a number or an array that is zero throughout."""
    return not any(a.sums) and _NUMBERS.fullmatch(a.structure) is not None


def is_one_of_few(a: Fingerprint) -> bool:
    """Whether it is of a single whole number, which different mistakes may share."""
    if _ONE_NUMBER.fullmatch(a.structure) is None or a.scale > HUGE:
        return False
    number = a.sums[0] / _kept_weights(2)[0, 0]
    return bool(abs(number - round(number)) <= 1e-6 * max(a.scale, 1.0))


def same_fingerprint(a: Any, b: Any) -> bool:
    """Whether two answers are the same, up to single precision."""
    return match(fingerprint(a), fingerprint(b))


def _numbers(value: Any, words: list[str]) -> Iterator[np.ndarray]:
    if isinstance(value, Opaque):
        words.append(ANYTHING)
    elif isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "fiub":
        yield from _numbers(value[()], words)
    elif isinstance(value, np.ndarray) and value.dtype.kind in "fiubc":
        words.append(f"{'truths' if value.dtype.kind == 'b' else 'array'}{list(value.shape)}")
        yield np.real(value).astype(float).ravel()
        if value.dtype.kind == "c":
            words.append("complex")
            yield np.imag(value).astype(float).ravel()
    elif isinstance(value, bool | np.bool_):
        words.append(str(bool(value)))
    elif isinstance(value, int | np.integer):
        words.append("int")  # 4 is not 4.0: a size must be a whole number
        yield np.array([float(value)])
    elif isinstance(value, float | np.floating):
        words.append("float")
        yield np.array([float(value)])
    elif isinstance(value, dict):
        words.append(f"dict{len(value)}")
        for key, part in value.items():
            words.append(repr(key)[:100])
            yield from _numbers(part, words)
    elif isinstance(value, list | tuple):
        words.append(f"parts{len(value)}")
        for part in value:
            yield from _numbers(part, words)
    else:
        words.append(repr(value)[:200])


def call_key(function: str, args: tuple[Any, ...], keywords: dict[str, Any]) -> str:
    """A key for a call: the same for the same arguments, on every machine.

    Arguments are rounded to single precision, because the last bits of random numbers may differ
    between processors.
    """
    digest = hashlib.sha256(function.encode())
    for part in (*args, *(item for pair in sorted(keywords.items()) for item in pair)):
        _update_digest(part, digest)
    return digest.hexdigest()[:20]


def _update_digest(value: Any, digest: Any) -> None:
    words: list[str] = []
    for numbers in _numbers(_without_state(value), words):
        with np.errstate(over="ignore"):
            digest.update((numbers.astype(np.float32) + np.float32(0)).astype("<f4").tobytes())
    digest.update(" ".join(words).encode())


def _without_state(value: Any) -> Any:
    """A generator as its state, a cache as the call that returned it."""
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if isinstance(value, CacheHandle):
        return f"cache of {value.key}"
    return value


@dataclass(frozen=True)
class CacheHandle:
    """A cache of the reference, identified by the call that returned it; `value` is None in a replay."""

    key: str
    value: Any = None
