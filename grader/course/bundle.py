"""A course in one file, for hosts that grade: exercises, hidden checks, references, misconceptions.

The same course gives the same bytes: members are sorted, stored without compression, and carry no
time. `bundle.json` lists the SHA-256 of every other member; a host pins the SHA-256 of the whole file.
A bundle is verified before any byte of it is used, and unpacked where only this user can read.
"""

from __future__ import annotations

import atexit
import hashlib
import io
import json
import os
import re
import shutil
import stat
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import grader
from grader.errors import ExerciseError, UsageError
from grader.intake.tree import DAMAGED, is_skipped, leads_out
from grader.language import say
from grader.model import Course

VERSION = 1
MANIFEST = "bundle.json"
# In a bundle, the course is the folder `exercises`; the solutions are next to it.
ROOT = "exercises"
SOLUTIONS = "solutions"
MAX_BYTES = 256 << 20
MAX_MEMBERS = 10_000
FETCH_SECONDS = 60
EPOCH = (1980, 1, 1, 0, 0, 0)
# What `zipfile` and reading the manifest raise for bytes that are not a bundle.
_BAD_BUNDLE_ERRORS: tuple[type[Exception], ...] = (*DAMAGED, KeyError, TypeError)


def make_bundle(course: Course) -> bytes:
    """The course as a bundle. Raises `ExerciseError` if the course has no solutions."""
    if course.solutions is None:
        raise ExerciseError(say("{root}: this course has no solutions, so it cannot grade hidden checks; make the "
"bundle where they are", root=course.root))  # fmt: skip
    files = {f"{ROOT}/{name}": data for name, data in _files(course.root)}
    files |= {f"{SOLUTIONS}/{name}": data for name, data in _files(course.solutions)}
    files[f"{ROOT}/course.toml"] = _course_file(course).encode()
    manifest = {
        "bundle": VERSION,
        "course": course.title,
        "grader": grader.__version__,
        "exercises": [exercise.id for exercise in course.exercises],
        "files": {name: _sha256(files[name]) for name in sorted(files)},
    }
    words = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    return make_zip(
        {MANIFEST: (words.encode(), False)} | {n: (files[n], False) for n in sorted(files)}
    )


def make_zip(members: dict[str, tuple[bytes, bool]]) -> bytes:
    """A zip of these members in this order, each with its bytes and whether it is a program."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, (data, program) in members.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system = 3  # Unix, so that the permissions count, wherever it was made
            info.external_attr = (stat.S_IFREG | (0o755 if program else 0o644)) << 16
            archive.writestr(info, data)
    return buffer.getvalue()


def open_bundle(place: str, sha256: str = "") -> Path:
    """Read, verify and unpack a bundle; returns the course's folder, deleted when this process ends.

    Args:
        place: a path, or an https URL, which needs `sha256`.
        sha256: the digest of the whole file, in hexadecimal.

    Raises `UsageError` if the bundle cannot be read, is damaged, or has another digest.
    """
    data = _download(place, sha256) if is_url(place) else _read(Path(place))
    shown = urlsplit(place)._replace(query="", fragment="").geturl() if is_url(place) else place
    if sha256 and _sha256(data) != sha256.strip().lower():
        raise UsageError(
            say(
                "{shown}: its SHA-256 is {found}, but {wanted} was expected; the bundle was not used",
                shown=shown,
                found=_sha256(data),
                wanted=sha256.strip(),
            )
        )
    files = _verified_members(shown, data)
    folder = _private_folder()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o400)
    for path in sorted((p for p in folder.rglob("*") if p.is_dir()), reverse=True):
        path.chmod(0o500)
    return folder / ROOT


def is_url(place: str) -> bool:
    """Whether `place` is a URL and not a path."""
    return "://" in place


def _files(root: Path) -> Iterator[tuple[str, bytes]]:
    """All files below `root`, by relative name. A symbolic link is refused: its target may change."""
    for folder, names, files in os.walk(root):
        names[:] = sorted(n for n in names if not is_skipped(n))
        for name in sorted(files):
            path = Path(folder, name)
            if path.is_symlink():
                raise ExerciseError(
                    say(
                        "{path}: is a symbolic link; a bundle holds files, so put a copy of the file there",
                        path=path,
                    )
                )
            if not name.startswith(".") and path.suffix != ".pyc":
                yield path.relative_to(root).as_posix(), path.read_bytes()


def _course_file(course: Course) -> str:
    """The text of course.toml, with `solutions` set to the folder in the bundle."""
    path = course.root / "course.toml"
    text = path.read_text(encoding="utf-8")
    made = re.sub(r"(?m)^solutions\s*=.*$", f'solutions = "../{SOLUTIONS}"', text, count=1)
    if tomllib.loads(made) != tomllib.loads(text) | {"solutions": f"../{SOLUTIONS}"}:
        raise ExerciseError(say("{path}: write `solutions = …` on a line of its own", path=path))
    return made


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(
                say(
                    "{path}: is larger than {most} MB, the limit for a bundle",
                    path=path,
                    most=MAX_BYTES >> 20,
                )
            )
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            say("{path}: cannot be read ({strerror})", path=path, strerror=error.strerror)
        ) from None


def _download(place: str, sha256: str) -> bytes:
    parts = urlsplit(place)
    shown = parts._replace(query="", fragment="").geturl()  # a query may hold a password
    if parts.scheme != "https":
        raise UsageError(say("{shown}: bundles are downloaded by https only", shown=shown))
    if not sha256:
        raise UsageError(
            say(
                "{shown}: a downloaded bundle needs its digest: --sha256 HEX; `grade bundle` printed "
                "it when the bundle was made",
                shown=shown,
            )
        )
    import urllib.request  # slow to import, and rarely needed

    try:
        with urllib.request.urlopen(place, timeout=FETCH_SECONDS) as answer:
            if urlsplit(answer.geturl()).scheme != "https":
                raise UsageError(
                    say("{shown}: redirects to an address that is not https", shown=shown)
                )
            data: bytes = answer.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise UsageError(
            say("{shown}: cannot be downloaded ({reason})", shown=shown, reason=reason)
        ) from None
    if len(data) > MAX_BYTES:
        raise UsageError(
            say(
                "{shown}: is larger than {most} MB, the limit for a bundle",
                shown=shown,
                most=MAX_BYTES >> 20,
            )
        )
    return data


def _verified_members(shown: str, data: bytes) -> dict[str, bytes]:
    """The members of a bundle, each verified against the manifest."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if len(infos) > MAX_MEMBERS or sum(i.file_size for i in infos) > MAX_BYTES:
                raise UsageError(
                    say("{shown}: has more or larger files than a bundle may have", shown=shown)
                )
            files = {info.filename: archive.read(info) for info in infos}
        manifest = json.loads(files.pop(MANIFEST))
        version, digests = manifest["bundle"], dict(manifest["files"])
    except _BAD_BUNDLE_ERRORS:
        raise UsageError(
            say(
                "{shown}: is not a course bundle; make one with `grade bundle -o course.zip`",
                shown=shown,
            )
        ) from None
    if version != VERSION:
        raise UsageError(
            say(
                "{shown}: is a bundle of version {version}, but this grader reads version {known}; "
                "use nn-grader {maker}, which made it",
                shown=shown,
                version=version,
                known=VERSION,
                maker=manifest.get("grader"),
            )
        )
    for name in sorted(digests.keys() | files.keys()):
        if leads_out(name) or "\\" in name:
            raise UsageError(
                say(
                    "{shown}: contains the path {name!r}, which leads out of the bundle",
                    shown=shown,
                    name=name,
                )
            )
        if name not in files or name not in digests or _sha256(files[name]) != digests[name]:
            raise UsageError(
                say(
                    "{shown}: {name} does not match the bundle's manifest; make the bundle again",
                    shown=shown,
                    name=name,
                )
            )
    return files


def _private_folder() -> Path:
    """A folder that only this user can enter, deleted when this process ends."""
    for place in (None, "/dev/shm"):  # memory, for hosts without a writable disk
        try:
            folder = Path(tempfile.mkdtemp(prefix="nn-grader-", dir=place))
        except OSError:
            continue
        atexit.register(remove_unpacked, folder)
        return folder
    raise UsageError(say("there is no writable folder to unpack the bundle in; set TMPDIR to one"))


def remove_unpacked(folder: Path) -> None:
    """Delete an unpacked bundle, although its folders are read-only."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)
