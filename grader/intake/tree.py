"""A download of submissions as a tree of files, whether it is a folder or a zip.

Nothing is extracted and no link is followed: an entry is read by value when somebody asks for it,
and one that must not be read says why instead.
"""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from grader.errors import SubmissionError, UsageError
from grader.intake.files import DAMAGED, SKIPPED, limit_of, reader_of

MAX_ENTRIES = 500_000
MAX_LEVELS = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a download; `read` raises `SubmissionError` where it must not be read."""

    path: PurePosixPath
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a download by path, and its folders, both from `name`, its own name, downward.

    Attributes:
        name: the folder's or zip's name, without `.zip`.
        files: in the order of their paths.
        folders: every folder, also an empty one.
        notes: what was left out, in words.
    """

    name: str
    files: dict[PurePosixPath, Entry]
    folders: frozenset[PurePosixPath]
    notes: tuple[str, ...] = ()

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
    """The tree of a folder or zip; its entries can be read as long as it is open.

    Raises `UsageError` if there is no folder and no readable zip at `path`.
    """
    if path.is_dir():
        yield _folder(path)
    elif path.is_file():
        try:
            archive = zipfile.ZipFile(path)
        except DAMAGED as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise UsageError(
                f"{path}: not a folder, and not a zip that can be read ({reason}); download it again"
            ) from None
        with archive:
            yield _archive(path, archive)
    else:
        raise UsageError(f"{path}: no such folder or zip; name the download of your submissions")


def _unwanted(name: str) -> bool:
    return name.startswith(".") or name in SKIPPED


def _folder(root: Path) -> Tree:
    files: dict[PurePosixPath, Entry] = {}
    folders: set[PurePosixPath] = set()
    notes: list[str] = []

    def walk(folder: Path, inside: PurePosixPath) -> None:
        try:
            entries = sorted(os.scandir(folder), key=lambda e: e.name)
        except OSError as error:
            files[inside / "unreadable.py"] = _refused(
                inside / "unreadable.py", f"{inside}: cannot be read ({error.strerror})"
            )
            return
        for entry in entries:
            name = inside / entry.name
            if _unwanted(entry.name):
                continue
            if len(files) + len(folders) >= MAX_ENTRIES:
                raise UsageError(f"{root}: holds more than {MAX_ENTRIES:,} files")
            if entry.is_dir(follow_symlinks=False):
                folders.add(name)
                if len(name.parts) < MAX_LEVELS:
                    walk(Path(entry), name)
                else:
                    notes.append(f"{name}: too deep inside, left out")
            else:
                files[name] = Entry(name, reader_of(Path(entry)))

    walk(root, PurePosixPath())
    return Tree(root.resolve().name, files, frozenset(folders), tuple(notes))


def _archive(path: Path, archive: zipfile.ZipFile) -> Tree:
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES:
        raise UsageError(f"{path}: holds more than {MAX_ENTRIES:,} files")
    files: dict[PurePosixPath, Entry] = {}
    folders: set[PurePosixPath] = set()
    notes: list[str] = []
    for info in sorted(infos, key=lambda i: i.filename):
        name = PurePosixPath(_spelled(info).replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or not name.parts:
            notes.append(f"{info.filename!r}: leads out of the zip, left out")
            continue
        if any(_unwanted(part) for part in name.parts):
            continue
        folders.update(p for p in name.parents if p.parts)
        if info.is_dir():
            folders.add(name)
        elif len(name.parts) > MAX_LEVELS:
            notes.append(f"{name}: too deep inside, left out")
        elif stat.S_ISLNK(info.external_attr >> 16):
            files[name] = _refused(name, f"{name.name} is a link; hand in the file itself")
        else:
            files[name] = Entry(name, _member(archive, info))
    return Tree(path.stem, files, frozenset(folders), tuple(notes))


def peek(entry: Entry) -> Tree | None:
    """The tree in a zip that is itself a file of a download; None if it cannot be looked into."""
    try:
        with zipfile.ZipFile(io.BytesIO(entry.read())) as archive:
            return _archive(Path(entry.path.name), archive)
    except (SubmissionError, UsageError):
        return None
    except DAMAGED:
        return None


def _spelled(info: zipfile.ZipInfo) -> str:
    """A member's name. Some write UTF-8 without saying so, and it is read as an old code page then."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _refused(path: PurePosixPath, reason: str) -> Entry:
    def read() -> bytes:
        raise SubmissionError(reason)

    return Entry(path, read)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    name = PurePosixPath(info.filename).name

    def read() -> bytes:
        limit = limit_of(name)
        try:
            with archive.open(info) as file:  # the declared size may lie
                data = file.read(limit + 1)
        except DAMAGED as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise SubmissionError(f"{name}: damaged in the download ({reason})") from None
        if len(data) > limit:
            raise SubmissionError(f"{name}: more than the {limit:,} bytes that are read")
        return data

    return read
