"""Reading what somebody handed in: files, folders and zips, by value, bounded, following nothing.

A link to the solution would be graded as the student's own, so links are refused; a zip is read in
memory and never extracted.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TypeVar

from grader.errors import SubmissionError

MAX_SOURCE = 2 << 20
MAX_NOTEBOOK = 64 << 20  # with its pictures; also a platform's table of the whole class
MAX_TOTAL = 128 << 20
MAX_MEMBERS = 5000
MAX_DEPTH = 4
LIMITS = {".zip": MAX_TOTAL, **dict.fromkeys((".ipynb", ".yml", ".csv"), MAX_NOTEBOOK)}

# What `zipfile` raises at bytes that somebody broke; whether LZMA is there depends on the interpreter.
DAMAGED: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    NotImplementedError,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
    zlib.error,
    getattr(getattr(zipfile, "lzma", None), "LZMAError", zlib.error),
)

SKIPPED = {"__pycache__", "__MACOSX", "node_modules", "site-packages", "venv", "env"}

Files = dict[PurePosixPath, Callable[[], bytes]]
T = TypeVar("T")


def unwrapped(files: dict[PurePosixPath, T]) -> dict[PurePosixPath, T]:
    """The files, with folders taken off that only wrap all the others."""
    while files and not any(len(n.parts) == 1 for n in files):
        if len({n.parts[0] for n in files}) > 1:
            break
        files = {PurePosixPath(*n.parts[1:]): value for n, value in files.items()}
    return files


def folder_files(root: Path) -> Files:
    """The sources of a folder: its top, and sub-folders that are packages."""
    files: Files = {}

    def walk(folder: Path, inside: PurePosixPath) -> None:
        try:
            entries = sorted(os.scandir(folder), key=lambda e: e.name)
        except OSError as error:
            raise SubmissionError(f"{folder}: cannot be read ({error.strerror})") from None
        for entry in entries:
            name = inside / entry.name
            if entry.name.startswith(".") or entry.name in SKIPPED:
                continue
            if entry.is_dir(follow_symlinks=False):
                if len(name.parts) < MAX_DEPTH and (Path(entry) / "__init__.py").exists():
                    walk(Path(entry), name)
            elif name.suffix.lower() in (".py", ".ipynb"):
                files[name] = reader_of(Path(entry))

    walk(root, PurePosixPath())
    return files


def reader_of(path: Path) -> Callable[[], bytes]:
    """Reads one file when called; follows no link and opens nothing but a regular file of its own.

    What it returns raises `SubmissionError`.
    """

    def read() -> bytes:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
        except OSError as error:
            if path.is_symlink():
                raise SubmissionError(
                    f"{path}: is a link; hand in the file itself instead"
                ) from None
            raise SubmissionError(f"{path}: cannot be read ({error.strerror})") from None
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise SubmissionError(f"{path}: not a regular file")
            if status.st_nlink > 1:
                raise SubmissionError(f"{path}: is a hard link to another file; hand in a copy")
            if status.st_size > (limit := limit_of(path.name)):
                raise too_large(path.name, status.st_size, limit)
            return file.read(limit + 1)

    return read


def limit_of(name: str) -> int:
    """How many bytes of a file with this name are read."""
    return LIMITS.get(PurePosixPath(name.lower()).suffix, MAX_SOURCE)


def too_large(name: str, size: int, limit: int) -> SubmissionError:
    """What reading a file of more than its limit raises."""
    return SubmissionError(f"{name}: {size:,} bytes is more than the {limit:,} that are read")


def zip_bytes(path: Path) -> bytes:
    """The bytes of a zip. Raises `SubmissionError`."""
    if path.stat().st_size > MAX_TOTAL:
        raise too_large(path.name, path.stat().st_size, MAX_TOTAL)
    try:
        return path.read_bytes()
    except OSError as error:
        raise SubmissionError(f"{path}: cannot be read ({error.strerror})") from None


@contextmanager
def zip_files(label: str, data: bytes) -> Iterator[Files]:
    """The sources in a zip, readable inside of the `with`. Raises `SubmissionError`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield _members(label, archive)
    except DAMAGED as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SubmissionError(f"{label}: not a zip that can be read ({reason})") from None


def _members(label: str, archive: zipfile.ZipFile) -> Files:
    """The sources in a zip, a single wrapping folder taken off. Refuses what no honest zip holds."""
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise SubmissionError(f"{label}: holds {len(infos):,} members, more than {MAX_MEMBERS:,}")
    if sum(i.file_size for i in infos) > MAX_TOTAL:
        raise SubmissionError(f"{label}: would unpack to more than {MAX_TOTAL >> 20} megabytes")
    files: dict[PurePosixPath, zipfile.ZipInfo] = {}
    for info in infos:
        name = PurePosixPath(info.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in info.filename:
            raise SubmissionError(
                f"{label}: holds the path {info.filename!r}, which leads out of the zip; "
                "pack the folder again"
            )
        if stat.S_ISLNK(info.external_attr >> 16):
            raise SubmissionError(f"{label}: {info.filename} is a link; hand in the file itself")
        # A damaged name may be empty, and then cannot even be asked whether it is a folder's.
        if not name.name or info.is_dir() or any(p[0] == "." or p in SKIPPED for p in name.parts):
            continue
        if name.suffix.lower() in (".py", ".ipynb") and len(name.parts) <= MAX_DEPTH + 1:
            if info.flag_bits & 0x1:
                raise SubmissionError(f"{label}: is protected by a password")
            files[name] = info
    files = unwrapped(files)

    def reader(info: zipfile.ZipInfo) -> Callable[[], bytes]:
        def read() -> bytes:
            limit = limit_of(info.filename)
            with archive.open(info) as file:  # the declared size may lie: read no more than allowed
                data = file.read(limit + 1)
            if len(data) > limit:
                raise too_large(info.filename, len(data), limit)
            return data

        return read

    return {name: reader(info) for name, info in files.items()}


def decode(name: str, data: bytes) -> str:
    """Python source as text, by its byte-order mark or its coding line, else as UTF-8."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = io.TextIOWrapper(io.BytesIO(data), encoding).read()
    except (SyntaxError, UnicodeDecodeError, LookupError):
        bad = next(_undecodable_lines(data), 1)
        raise SubmissionError(
            f"{name}, line {bad}: the text is not UTF-8 and names no encoding that Python knows; "
            "save the file as UTF-8"
        ) from None
    if "\0" in text:
        raise SubmissionError(f"{name}: holds null bytes, so it is not Python text; save as UTF-8")
    return text


def _undecodable_lines(data: bytes) -> Iterator[int]:
    for number, line in enumerate(data.splitlines(), start=1):
        try:
            line.decode()
        except UnicodeDecodeError:
            yield number
