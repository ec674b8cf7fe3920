"""Intake: a file, a folder or a zip becomes a `Submission`, read by value.

Nothing is executed, extracted or followed. What comes back holds source text only, so no path of the
student's exists for the rest of the program. Links are refused: a file that is a link to the
solution would be graded as the student's own.
"""

from __future__ import annotations

import ast
import io
import os
import re
import stat
import struct
import sys
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TypeVar

from grader.errors import SubmissionError, UsageError
from grader.model import Cell, Exercise, Module, Submission
from grader.notebook import notebook_cells

MAX_SOURCE = 2 << 20
MAX_NOTEBOOK = 64 << 20  # with its pictures; also a platform's table of the whole class
MAX_TOTAL = 128 << 20
MAX_MODULES = 200
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


def read_submission(path: Path, exercise: Exercise) -> Submission:
    """Read what a student handed in for `exercise`.

    Raises `UsageError` if there is nothing at `path`, `SubmissionError` if it cannot be graded.
    """
    try:
        mode = path.lstat().st_mode
    except OSError:
        raise UsageError(f"{path}: no such file or folder") from None
    if stat.S_ISLNK(mode):  # one link is fine when the caller names it; links inside are not
        try:
            path = path.resolve(strict=True)
        except (OSError, RuntimeError):  # to nothing, or in a circle
            raise UsageError(f"{path}: is a link that leads nowhere") from None
        mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        return _from_files(path.name or str(path), _folder(path), exercise)
    if not stat.S_ISREG(mode):
        raise SubmissionError(f"{path}: not a regular file")
    if path.suffix.lower() == ".zip":
        return _from_zip(path.name, _zip_bytes(path), exercise)
    if path.suffix.lower() not in (".py", ".ipynb"):
        raise SubmissionError(
            f"{path}: expected {exercise.file}, a notebook (.ipynb), a folder or a .zip"
        )
    return _build(path.name, PurePosixPath(path.name), _with_siblings(path, exercise), exercise)


Files = dict[PurePosixPath, Callable[[], bytes]]


def _with_siblings(path: Path, exercise: Exercise) -> Files:
    """A file, and those beside it that it builds on: a student's own earlier exercises, and, where it
    has the exercise's own name, what it imports. (Other names lie in folders with other people's files.)
    """
    files: Files = {PurePosixPath(path.name): reader_of(path)}
    for name in exercise.requires:
        for sibling in (path.with_name(f"{name}.py"), path.with_name(f"{name}.ipynb")):
            if sibling.name != path.name and sibling.exists():
                files[PurePosixPath(sibling.name)] = reader_of(sibling)
                break
    todo = [PurePosixPath(path.name)] if path.stem == exercise.name else []
    while todo:
        for name in _imported(todo.pop(), files):
            package = path.with_name(name)
            found: Files = {}
            if (package / "__init__.py").is_file():
                inside = _folder(package)
                found = {PurePosixPath(name, inner): read for inner, read in inside.items()}
            elif (file := path.with_name(f"{name}.py")).is_file():
                found = {PurePosixPath(file.name): reader_of(file)}
            new = {inner: read for inner, read in found.items() if inner not in files}
            files |= new
            todo += new
    return files


def _imported(file: PurePosixPath, files: Files) -> set[str]:
    """The modules that a file imports, by the first part of their names."""
    try:
        cells = _module(file, file.stem, files[file]).cells
    except SubmissionError:
        return set()
    names = set()
    for cell in cells:
        try:
            nodes = list(ast.walk(ast.parse(cell.source)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in nodes:
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - {"numpy"}


def submission_from_bytes(
    label: str, contents: Mapping[str, bytes | str], exercise: Exercise
) -> Submission:
    """What a student handed in for `exercise`, as it came with a batch.

    Args:
        label: what to call it.
        contents: by relative path, a file's bytes, or in words why they cannot be had.
        exercise: the exercise.

    A zip counts if no source is beside it, or if it is named after the exercise and no source is;
    what does not count is noted. Raises `SubmissionError` if it cannot be graded.
    """

    def given(name: PurePosixPath) -> Callable[[], bytes]:
        def read() -> bytes:
            data = contents[str(name)]
            if isinstance(data, str):
                raise SubmissionError(data)
            if len(data) > (limit := limit_of(name.name)):
                raise _too_large(name.name, len(data), limit)
            return data

        return read

    names = [PurePosixPath(n) for n in contents]
    sources = {n: given(n) for n in names if n.suffix.lower() in (".py", ".ipynb")}
    zips = [n for n in names if n.suffix.lower() == ".zip"]
    named = [n for n in (*sources, *zips) if n.name.lower().startswith(exercise.id)]
    candidates = named or ([] if sources else zips)
    if len(candidates) == 1 and (chosen := candidates[0]) in zips:
        submission = _from_zip(chosen.name, given(chosen)(), exercise)
        rest = [n for n in (*sources, *zips) if n != chosen]
    elif not sources:
        held = ", ".join(n.name for n in names[:5]) or "nothing"
        raise SubmissionError(f"{label}: no {exercise.file} and no notebook (found: {held})")
    else:
        submission, rest = _from_sources(label, sources, exercise), zips
    notes = tuple(f"{n} was not looked at: the exercise was found beside it" for n in rest)
    return replace(submission, notes=submission.notes + notes)


def _from_sources(label: str, sources: Files, exercise: Exercise) -> Submission:
    if len(sources) == 1:
        (only,) = sources
        other = re.match(r"ex\d\d(?=_|$)", only.stem.lower())
        if other and other[0] != exercise.id:
            raise SubmissionError(f"{label}: {exercise.file} is not in it (found: {only.name})")
        if len(only.parts) == 1:
            return _build(label, only, sources, exercise)
    return _from_files(label, _unwrapped(sources), exercise)


T = TypeVar("T")


def _unwrapped(files: dict[PurePosixPath, T]) -> dict[PurePosixPath, T]:
    """The files, with folders taken off that only wrap all the others."""
    while files and not any(len(n.parts) == 1 for n in files):
        if len({n.parts[0] for n in files}) > 1:
            break
        files = {PurePosixPath(*n.parts[1:]): value for n, value in files.items()}
    return files


def _folder(root: Path) -> Files:
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
                raise _too_large(path.name, status.st_size, limit)
            return file.read(limit + 1)

    return read


def limit_of(name: str) -> int:
    """How many bytes of a file with this name are read."""
    return LIMITS.get(PurePosixPath(name.lower()).suffix, MAX_SOURCE)


def _too_large(name: str, size: int, limit: int) -> SubmissionError:
    return SubmissionError(f"{name}: {size:,} bytes is more than the {limit:,} that are read")


def _from_zip(label: str, data: bytes, exercise: Exercise) -> Submission:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _from_files(label, _members(label, archive), exercise)
    except DAMAGED as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SubmissionError(f"{label}: not a zip that can be read ({reason})") from None


def _zip_bytes(path: Path) -> bytes:
    if path.stat().st_size > MAX_TOTAL:
        raise _too_large(path.name, path.stat().st_size, MAX_TOTAL)
    try:
        return path.read_bytes()
    except OSError as error:
        raise SubmissionError(f"{path}: cannot be read ({error.strerror})") from None


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
    files = _unwrapped(files)

    def reader(info: zipfile.ZipInfo) -> Callable[[], bytes]:
        def read() -> bytes:
            limit = limit_of(info.filename)
            with archive.open(info) as file:  # the declared size may lie: read no more than allowed
                data = file.read(limit + 1)
            if len(data) > limit:
                raise _too_large(info.filename, len(data), limit)
            return data

        return read

    return {name: reader(info) for name, info in files.items()}


def _from_files(label: str, files: Files, exercise: Exercise) -> Submission:
    return _build(label, _find_main(label, files, exercise), files, exercise)


def _find_main(label: str, files: Files, exercise: Exercise) -> PurePosixPath:
    """The file that holds the exercise: by its name, by its number, or because it is the only one."""
    tops = [n for n in files if len(n.parts) == 1]
    for suffix in (".py", ".ipynb"):
        exact = PurePosixPath(exercise.name + suffix)
        if exact in files:
            return exact
    for candidates in (
        [n for n in tops if n.name.lower().startswith((exercise.id, exercise.name))],
        [n for n in files if n.stem.lower() == exercise.name],
        tops if len(files) == 1 else [],
    ):
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            names = ", ".join(str(c) for c in candidates[:5])
            raise SubmissionError(
                f"{label}: several files could be {exercise.file}: {names}; keep one"
            )
    held = ", ".join(str(n) for n in list(files)[:5]) or "no .py and no .ipynb"
    raise SubmissionError(f"{label}: {exercise.file} is not in it (found: {held})")


def _build(label: str, main: PurePosixPath, files: Files, exercise: Exercise) -> Submission:
    notes = []
    if main.suffix == ".py" and main.with_suffix(".ipynb") in files:
        notes.append(f"both {main} and {main.with_suffix('.ipynb')} are there; {main} was graded")
    modules = [_module(main, exercise.name, files[main])]
    total = 0
    for name, read in files.items():
        module_name = ".".join(name.with_suffix("").parts).removesuffix(".__init__")
        if name == main or module_name == exercise.name:
            continue
        if len(modules) >= MAX_MODULES:
            raise SubmissionError(f"{label}: holds more than {MAX_MODULES} modules")
        if name.suffix.lower() != ".py" and module_name not in exercise.requires:
            continue  # only a notebook that another exercise asks for is a module
        try:
            module = _module(name, module_name, read)
        except SubmissionError as error:
            if module_name in exercise.requires:
                raise
            notes.append(f"left out: {error}")
            continue
        total += sum(len(c.source) for c in module.cells)
        if total > MAX_TOTAL:
            raise SubmissionError(f"{label}: more than {MAX_TOTAL >> 20} megabytes of source")
        modules.append(module)
    return Submission(label, exercise.name, tuple(modules), tuple(notes))


def _module(path: PurePosixPath, name: str, read: Callable[[], bytes]) -> Module:
    data = read()
    if path.suffix.lower() == ".ipynb":
        return Module(name, notebook_cells(path.name, data), notebook=True)
    return Module(
        name, (Cell(path.name if len(path.parts) == 1 else str(path), decode(path.name, data)),)
    )


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
