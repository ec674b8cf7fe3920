"""A folder or a zip as a tree of files: one student's submission, or a class's download.

Nothing is extracted and no link is followed: an entry is read by value when somebody asks for it,
and one that must not be read says why instead.
"""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from grader.errors import SubmissionError, UsageError
from grader.intake.files import MAX_TOTAL, bounded, file_reader, size_limit
from grader.language import later, say

MAX_LEVELS = 12
SKIPPED = {"__pycache__", "__MACOSX", "node_modules", "site-packages", "venv", "env"}
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
VENV_MARKER = "pyvenv.cfg"  # in a virtual environment, whatever its folder is called

# What `zipfile` raises for damaged bytes. Whether LZMA is there depends on the interpreter.
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


class Bounds(NamedTuple):
    """How much a zip may hold: members, and bytes once it is unpacked (None: each is bounded alone)."""

    members: int
    total: int | None


TOO_DEEP = later("{path}: nested too deeply, skipped")
DOWNLOAD = Bounds(500_000, None)
SUBMISSION = Bounds(5_000, MAX_TOTAL)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a tree; `read` raises `SubmissionError` where it must not be read."""

    path: PurePosixPath
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a folder or zip by path, and its folders, both relative to its top.

    Attributes:
        name: the folder's or zip's name, without `.zip`.
        files: in the order of their paths.
        folders: every folder, also an empty one.
        notes: what was left out, in words.
        escaping: members of a zip whose paths lead out of it; nothing honest has any.
    """

    name: str
    files: dict[PurePosixPath, Entry]
    folders: frozenset[PurePosixPath]
    notes: tuple[str, ...] = ()
    escaping: tuple[str, ...] = ()

    def by_folder(self, depth: int) -> dict[PurePosixPath, dict[PurePosixPath, Entry]]:
        """The files below each folder that lies `depth` deep, by their path inside it."""
        found: dict[PurePosixPath, dict[PurePosixPath, Entry]] = {}
        for path, entry in self.files.items():
            if len(path.parts) > depth:
                folder = PurePosixPath(*path.parts[:depth])
                found.setdefault(folder, {})[PurePosixPath(*path.parts[depth:])] = entry
        return found

    def inside(self, folder: str) -> Tree:
        """The tree of one of its top folders."""
        files = {
            PurePosixPath(*p.parts[1:]): e
            for p, e in self.files.items()
            if p.parts[0] == folder and len(p.parts) > 1
        }
        folders = frozenset(
            PurePosixPath(*p.parts[1:])
            for p in self.folders
            if p.parts[0] == folder and len(p.parts) > 1
        )
        return replace(self, name=folder, files=files, folders=folders)

    def parts(self) -> dict[str, Tree]:
        """The trees of all top folders that hold files; `inside` for each would look at every file
        once a folder."""
        found = {}
        for folder, files in self.by_folder(1).items():
            inner = frozenset(p for path in files for p in path.parents if p.parts)
            found[folder.name] = replace(self, name=folder.name, files=files, folders=inner)
        return found

    def tops(self) -> list[str]:
        """The names at the top, folders and files."""
        return sorted({p.parts[0] for p in (*self.files, *self.folders)})

    def is_folder(self, name: str) -> bool:
        """Whether a name at the top is a folder."""
        return PurePosixPath(name) in self.folders


@contextmanager
def open_tree(path: Path) -> Iterator[Tree]:
    """The tree of a download, a folder or a zip; its entries can be read as long as it is open.

    Raises `UsageError` if there is no folder and no readable zip at `path`.
    """
    if path.is_dir():
        yield folder_tree(path)
    elif path.is_file():
        with ExitStack() as stack:
            try:
                tree = stack.enter_context(zip_tree(str(path), path, DOWNLOAD))
            except SubmissionError as error:
                raise UsageError(say("{error}; download it again", error=error)) from None
            notes = [
                say("{name!r} leads out of the zip, skipped", name=name) for name in tree.escaping
            ]
            yield replace(tree, notes=(*notes, *tree.notes))
    else:
        raise UsageError(
            say("{path}: no such folder or zip; name the download of your submissions", path=path)
        )


def folder_tree(root: Path) -> Tree:
    """The tree of a folder. Raises `UsageError` if it holds too much."""
    files: dict[PurePosixPath, Entry] = {}
    folders: set[PurePosixPath] = set()
    notes: list[str] = []

    def walk(folder: Path, inside: PurePosixPath) -> None:
        try:
            entries = sorted(os.scandir(folder), key=lambda e: e.name)
        except OSError as error:
            path = inside / "unreadable.py"
            reason = say("{path}: cannot be read ({reason})", path=folder, reason=error.strerror)
            files[path] = _refused(path, reason)
            return
        if inside.parts and any(entry.name == VENV_MARKER for entry in entries):
            return
        for entry in entries:
            name = inside / entry.name
            if is_skipped(entry.name):
                continue
            if len(files) + len(folders) >= DOWNLOAD.members:
                raise UsageError(
                    say("{path}: holds more than {most:,} files", path=root, most=DOWNLOAD.members)
                )
            if entry.is_dir(follow_symlinks=False):
                folders.add(name)
                if len(name.parts) < MAX_LEVELS:
                    walk(Path(entry), name)
                else:
                    notes.append(say(TOO_DEEP, path=name))
            else:
                files[name] = Entry(name, file_reader(Path(entry)))

    walk(root, PurePosixPath())
    return Tree(root.resolve().name, files, frozenset(folders), tuple(notes))


@contextmanager
def zip_tree(label: str, file: Path | bytes, bounds: Bounds) -> Iterator[Tree]:
    """The tree of a zip; its entries can be read as long as it is open. Raises `SubmissionError`."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(file) if isinstance(file, bytes) else file)
    except DAMAGED as error:
        raise SubmissionError(
            say("{zip}: not a readable zip ({reason})", zip=label, reason=_reason(error))
        ) from None
    with archive:
        yield _archive_tree(label, archive, bounds)


def _archive_tree(label: str, archive: zipfile.ZipFile, bounds: Bounds) -> Tree:
    infos = archive.infolist()
    if len(infos) > bounds.members:
        raise SubmissionError(
            say(
                "{zip}: holds {n:,} files, more than {most:,}",
                zip=label,
                n=len(infos),
                most=bounds.members,
            )
        )
    if bounds.total is not None and sum(i.file_size for i in infos) > bounds.total:
        raise SubmissionError(
            say(
                "{zip}: would unpack to more than {most} megabytes",
                zip=label,
                most=bounds.total >> 20,
            )
        )
    files: dict[PurePosixPath, Entry] = {}
    folders: set[PurePosixPath] = set()
    notes: list[str] = []
    escaping: list[str] = []
    named = [(PurePosixPath(_spelling(i).replace("\\", "/")), i) for i in infos]
    venvs = {path.parent for path, _ in named if path.name == VENV_MARKER and len(path.parts) > 1}
    for path, info in sorted(named, key=lambda pair: pair[1].filename):
        if leads_out(info.filename):
            escaping.append(_spelling(info))
            continue
        # Damage may leave a name empty; such a member has no place in the tree.
        if not path.name or any(map(is_skipped, path.parts)) or not venvs.isdisjoint(path.parents):
            continue
        folders.update(p for p in path.parents if p.parts)
        if info.filename.endswith(("/", "\\")):
            folders.add(path)
        elif len(path.parts) > MAX_LEVELS:
            notes.append(say(TOO_DEEP, path=path))
        elif stat.S_ISLNK(info.external_attr >> 16):
            reason = say(
                "{zip}: {file} is a link; hand in the file itself", zip=label, file=path.name
            )
            files[path] = _refused(path, reason)
        elif info.flag_bits & 0x1:
            reason = say("{zip}: protected by a password; pack it without one", zip=label)
            files[path] = _refused(path, reason)
        else:
            files[path] = Entry(path, _member_reader(label, archive, info))
    return Tree(Path(label).stem, files, frozenset(folders), tuple(notes), tuple(escaping))


def is_skipped(name: str) -> bool:
    """Whether a file or folder with this name is nobody's work: hidden, cached or installed."""
    return name.startswith(".") or name in SKIPPED


def leads_out(name: str) -> bool:
    """Whether a name in a zip leads out of it: an absolute path, a drive, or `..`."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in name


def peek(entry: Entry) -> Tree | None:
    """The tree of a zip that is itself a file of a download; None if it is not a readable zip.

    Only its names are known: its entries cannot be read.
    """
    try:
        with zip_tree(entry.path.name, entry.read(), DOWNLOAD) as tree:
            return tree
    except SubmissionError:
        return None


def _spelling(info: zipfile.ZipInfo) -> str:
    """A member's name, on one line. Some programs write UTF-8 without the flag, and `zipfile` reads CP437
    then."""
    name = info.filename
    if not info.flag_bits & 0x800:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", name)


def _refused(path: PurePosixPath, reason: str) -> Entry:
    def read() -> bytes:
        raise SubmissionError(reason)

    return Entry(path, read)


def _member_reader(
    label: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo
) -> Callable[[], bytes]:
    name = PurePosixPath(_spelling(info)).name

    def read() -> bytes:
        try:
            with archive.open(info) as file:  # the declared size may be false
                data = file.read(size_limit(name) + 1)
        except DAMAGED as error:
            raise SubmissionError(
                say(
                    "{zip}: {file} is damaged ({reason})",
                    zip=label,
                    file=name,
                    reason=_reason(error),
                )
            ) from None
        return bounded(name, data)

    return read


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
