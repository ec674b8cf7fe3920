"""Single files of a submission, read by value: bounded, following nothing.

A link to the solution would be graded as the student's own, so links are refused.
"""

from __future__ import annotations

import io
import os
import stat
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from grader.errors import SubmissionError
from grader.language import say

MAX_SOURCE = 2 << 20
# A notebook keeps its pictures inside; a platform's table covers the whole class.
MAX_LARGE = 64 << 20
MAX_TOTAL = 128 << 20
LIMITS = {".zip": MAX_TOTAL, **dict.fromkeys((".ipynb", ".yml", ".csv"), MAX_LARGE)}

Files = dict[PurePosixPath, Callable[[], bytes]]


def file_reader(path: Path) -> Callable[[], bytes]:
    """A function that reads one file, following no link and opening only regular files.

    The function raises `SubmissionError`.
    """

    def read() -> bytes:
        # Without O_NONBLOCK, opening a FIFO would wait for a writer for ever.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
        except OSError as error:
            if path.is_symlink():
                raise SubmissionError(
                    say("{path} is a link; hand in the file itself", path=path)
                ) from None
            raise SubmissionError(
                say("{path}: cannot be read ({reason})", path=path, reason=error.strerror)
            ) from None
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise SubmissionError(say("{path}: not a regular file", path=path))
            if status.st_nlink > 1:
                raise SubmissionError(
                    say("{path} is a hard link to another file; hand in a copy", path=path)
                )
            # The file may grow while it is read.
            return bounded(path.name, file.read(size_limit(path.name) + 1))

    return read


def size_limit(name: str) -> int:
    """The most bytes that are read from a file with this name."""
    return LIMITS.get(PurePosixPath(name.lower()).suffix, MAX_SOURCE)


def bounded(name: str, data: bytes) -> bytes:
    """`data` if it is within the limit for a file called `name`. Raises `SubmissionError`."""
    if len(data) > (limit := size_limit(name)):
        raise SubmissionError(
            say("{name} is larger than the limit of {limit:,} bytes", name=name, limit=limit)
        )
    return data


def decode(name: str, data: bytes) -> str:
    """Python source as text, by its byte-order mark or its coding line, else as UTF-8."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = io.TextIOWrapper(io.BytesIO(data), encoding).read()
    except (SyntaxError, UnicodeDecodeError, LookupError):
        bad = next(_undecodable_lines(data), 1)
        raise SubmissionError(
            say(
                "{name}, line {line}: not UTF-8 text, and no other encoding is declared; save the file "
                "as UTF-8",
                name=name,
                line=bad,
            )
        ) from None
    if "\0" in text:
        raise SubmissionError(
            say("{name} contains null bytes, so it is not Python text; save it as UTF-8", name=name)
        )
    return text


def _undecodable_lines(data: bytes) -> Iterator[int]:
    for number, line in enumerate(data.splitlines(), start=1):
        try:
            line.decode()
        except UnicodeDecodeError:
            yield number
