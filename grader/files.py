"""Writing files: whole or not at all, and one sentence for a file that cannot be written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.errors import UsageError
from grader.language import say


def write_error(path: Path | str, error: OSError) -> str:
    """What to say of a path that cannot be written."""
    reason = error.strerror or os.strerror(error.errno or 0)
    return say("{path}: cannot be written ({reason})", path=path, reason=reason)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an `OSError` of the block, which writes `path`, into a `UsageError`."""
    try:
        yield
    except OSError as error:
        raise UsageError(write_error(path, error)) from None


def write_file(path: Path, data: bytes | str) -> None:
    """Write a file that the user named. Raises `UsageError` if it cannot be written.

    Text is UTF-8 with `\\n` on every system; what UTF-8 cannot hold, as in the names of some files,
    is replaced.
    """
    with writing(path):
        path.write_bytes(data.encode("utf-8", "replace") if isinstance(data, str) else data)


def replace_file(path: Path, text: str) -> None:
    """Write a record whole or not at all, and make its folder: a reader sees the old or the new one.

    Raises `OSError`; the old record then stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with new.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # before the rename, or a crash could leave an empty file
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise
