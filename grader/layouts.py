"""Whose files are these? Reads a download of submissions in the layout of the system it came from.

Each layout is one function from a `Tree` to hand-ins, and one that says whether a tree looks like
it. Names of files are given back as the student chose them; what the system put around them goes.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from grader.batch.times import moment
from grader.batch.tree import Entry, Tree
from grader.errors import SubmissionError, UsageError

CANVAS = re.compile(r"(?P<name>[^_]+)(?P<late>_LATE)?_(?P<user>\d+)_(?P<file>\d+)_(?P<original>.+)")
MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)_?(?P<original>.*)"
)
CANVAS_TEXT = re.compile(r"(?P<name>[^_]+)(?P<late>_LATE)?_(?P<user>\d+)_(?P<original>text\.html)")
RESUBMITTED = re.compile(r"-(?P<number>\d+)(?=\.[A-Za-z]+$)")
NUMBERED = re.compile(r"ex\d\d(?=[_.])")
SOURCES = (".py", ".ipynb", ".zip")
ARCHIVES = (".gz", ".tgz", ".tar", ".bz2", ".xz", ".rar", ".7z")  # cannot be read, but are hand-ins
MAX_NOTES = 20

Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class HandIn:
    """What one student handed in at one time.

    Attributes:
        student: who, as the layout says it.
        files: by the name that the student gave.
        name, email: as far as the layout knows them.
        submitted: when, with a time zone; None if the layout does not say.
        late: whether the layout says that it came late; None if it does not say.
        assignment: what the layout calls the assignment, if it holds several.
        origin: the folder or file in the download that feedback has to be named after.
        layout: the layout's name.
    """

    student: str
    files: Mapping[PurePosixPath, Entry]
    name: str = ""
    email: str = ""
    submitted: datetime | None = None
    late: bool | None = None
    assignment: str = ""
    origin: str = ""
    layout: str = ""

    @property
    def identity(self) -> str:
        """The layout's name and its word for the student: one account on one platform."""
        return f"{self.layout} {self.student}".strip()


def read_layout(
    tree: Tree, layout: str = "auto", note: Note = lambda _: None
) -> tuple[str, list[HandIn]]:
    """The hand-ins of a download, and the layout's name.

    Args:
        tree: the download.
        layout: one of `LAYOUTS`, or `auto` to recognise it.
        note: told of what belongs to no hand-in, and of times that cannot be read.

    Raises `UsageError` if there is nothing in it, or it does not have that layout.
    """
    if layout != "auto" and layout not in LAYOUTS:
        raise UsageError(f"{layout}: no such layout; there are auto, {', '.join(LAYOUTS)}")
    for candidate in _unwrapped(tree):
        for name, (fits, read) in LAYOUTS.items():
            wanted = layout in ("auto", name) and fits(candidate)
            if wanted and (found := read(candidate, note)):
                _note_the_rest(candidate, found, note)
                return name, [replace(h, layout=name) for h in found]
    if layout in ("auto", "flat"):
        raise UsageError(f"{tree.name}: holds no submissions")
    raise UsageError(f"{tree.name}: does not have the layout {layout}; try --layout auto")


def _note_the_rest(tree: Tree, found: Iterable[HandIn], note: Note) -> None:
    """Say what is in no hand-in: it may be somebody's."""
    taken = {entry.path for handin in found for entry in handin.files.values()}
    own = tree.inside("submitted") if _has_submitted(tree) else tree
    tops = {path.parts[0] for path, entry in own.files.items() if entry.path in taken}
    rest = {
        path if path.parts[0] in tops else PurePosixPath(path.parts[0]): None
        for path, entry in own.files.items()
        if entry.path not in taken and not _is_the_platform_s(path)
    }
    for path in list(rest)[:MAX_NOTES]:
        note(f"{path}: is no part of any hand-in, left out")
    if len(rest) > MAX_NOTES:
        note(f"{len(rest) - MAX_NOTES} more are no part of any hand-in, left out")


def _is_the_platform_s(path: PurePosixPath) -> bool:
    return path.name in (METADATA, STAMP) or (len(path.parts) == 1 and path.suffix == ".csv")


def _unwrapped(tree: Tree) -> Iterator[Tree]:
    """The tree, and what is in the folder that wraps all of it, unless that could be a student's."""
    tops = tree.tops()
    if len(tops) == 1 and tree.is_folder(tops[0]):
        inner = tree.inside(tops[0])
        known = [fits for name, (fits, _) in LAYOUTS.items() if name != "flat"]
        sources = [p for p in inner.files if p.suffix.lower() in SOURCES]
        numbered = [p for p in sources if NUMBERED.match(p.name.lower())]
        several = len(sources) > 1 and not numbered
        deeper = any(len(p.parts) > 1 for p in inner.files) and all(
            len(p.parts) > 1 for p in numbered
        )
        wraps = several or deeper or tops[0] == tree.name or any(fits(inner) for fits in known)
        if wraps and not any(fits(tree) for fits in known):
            yield inner
    yield tree


# Canvas: lastfirst[_LATE]_<user id>_<attachment id>_<original name>


def _is_canvas(tree: Tree) -> bool:
    fitting = [n for n in tree.tops() if not tree.is_folder(n) and _canvas_name(n)]
    return len(fitting) * 2 > len(tree.tops())


def _canvas_name(name: str) -> re.Match[str] | None:
    return CANVAS.fullmatch(name) or CANVAS_TEXT.fullmatch(name)


def _canvas(tree: Tree, _: Note) -> list[HandIn]:
    found: dict[str, dict[str, tuple[int, int, Entry]]] = {}
    first: dict[str, re.Match[str]] = {}
    late: dict[str, bool] = {}
    origin: dict[str, str] = {}
    for path, entry in tree.files.items():
        match = _canvas_name(path.name) if len(path.parts) == 1 else None
        if match is None:
            continue
        user, original = match["user"], match["original"]
        again = RESUBMITTED.search(original)
        file = int(match.groupdict().get("file") or 0)  # a text has no number
        order = (int(again["number"]) if again else 0, file)
        original = RESUBMITTED.sub("", original)
        first.setdefault(user, match)
        late[user] = late.get(user, False) or bool(match["late"])
        known = found.setdefault(user, {}).get(original)
        if known is None or known[:2] < order:
            found[user][original] = (*order, entry)
            if file or user not in origin:
                origin[user] = path.name
    return [
        HandIn(
            student=user,
            files={PurePosixPath(n): e for n, (_, _, e) in sorted(files.items())},
            name="" if first[user]["name"] == "anon" else first[user]["name"],
            late=late[user],
            origin=origin[user],
        )
        for user, files in found.items()
    ]


# Moodle: <Full Name>_<id>_assignsubmission_file[_]/…, or that before each file's name


def _is_moodle(tree: Tree) -> bool:
    return any(MOODLE.fullmatch(name) for name in tree.tops())


def _moodle(tree: Tree, _: Note) -> list[HandIn]:
    found: dict[str, dict[PurePosixPath, Entry]] = {}
    first: dict[str, tuple[str, str]] = {}
    for kind in (
        "file",
        "onlinetext",
    ):  # who typed something into the browser only is a student, too
        for path, entry in (*tree.files.items(), *((p, None) for p in sorted(tree.folders))):
            match = MOODLE.fullmatch(path.parts[0])
            if match is None or match["kind"] != kind:
                continue
            files = found.setdefault(match["id"], {})
            prefix = path.parts[0].removesuffix(match["original"]) if match["original"] else ""
            first.setdefault(match["id"], (match["name"], prefix.rstrip("_") or path.parts[0]))
            inner = PurePosixPath(*path.parts[1:]) if len(path.parts) > 1 else None
            if entry is not None:
                files[inner or PurePosixPath(match["original"] or path.name)] = entry
    return [
        HandIn(student=id_, files=files, name=first[id_][0], origin=first[id_][1])
        for id_, files in found.items()
    ]


# Gradescope: submission_metadata.yml beside submission_<id>/

METADATA = "submission_metadata.yml"
MAX_NEST = 100


def _is_gradescope(tree: Tree) -> bool:
    return PurePosixPath(METADATA) in tree.files


def _gradescope(tree: Tree, note: Note) -> list[HandIn]:
    table = _yaml(tree.files[PurePosixPath(METADATA)])
    found = []
    held = tree.by_folder(1)
    for folder, value in sorted(table.items(), key=lambda pair: str(pair[0])):
        about = value if isinstance(value, dict) else {}
        submitters = [s for s in about.get(":submitters") or [] if isinstance(s, dict)]
        files = held.get(PurePosixPath(str(folder)), {})
        submitted = _time(about.get(":created_at"), f"{METADATA}, {folder}", note)
        for one in submitters or [{}]:
            student = _text(one, ":sid") or _text(one, ":email") or _text(one, ":name")
            found.append(
                HandIn(
                    student=student or str(folder),
                    files=files,
                    name=_text(one, ":name"),
                    email=_text(one, ":email"),
                    submitted=submitted,
                    origin=str(folder),
                )
            )
    return found


def _yaml(entry: Entry) -> dict[Any, Any]:
    import yaml

    # Gradescope writes Ruby's symbols and times; the safe loader knows nothing but plain values. The
    # one in C is fast (a class's results are megabytes), and has to be kept from nests without end.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        data, depth = entry.read(), 0
        for event in yaml.parse(data, loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_NEST:
                raise ValueError("too deep")
        table = yaml.load(data, loader)
    except (yaml.YAMLError, SubmissionError, ValueError, RecursionError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise UsageError(f"{METADATA}: cannot be read ({reason})") from None
    if not isinstance(table, dict):
        raise UsageError(f"{METADATA}: is not a table of submissions")
    return table


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    return str(value).strip() if value is not None else ""


def _time(value: object, where: str, note: Note) -> datetime | None:
    """A time as a platform writes it; one that cannot be read is noted."""
    found = moment(value)
    if value and found is None:
        note(f"{where}: {str(value)[:60]!r} is no time that can be read: counted as punctual")
    return found


# GitHub Classroom: <slug>-submissions/<slug>-<username>/


def _is_classroom(tree: Tree) -> bool:
    return tree.name.endswith("-submissions") and bool(_clones(tree))


def _clones(tree: Tree) -> dict[str, str]:
    """The folders of the clones, and whose they are. GitHub's names may be written either way."""
    prefix = tree.name.removesuffix("submissions").lower()
    return {
        name: name[len(prefix) :]
        for name in tree.tops()
        if tree.is_folder(name) and name.lower().startswith(prefix)
    }


def _classroom(tree: Tree, note: Note) -> list[HandIn]:
    held = tree.by_folder(1)
    times = {}
    for path, entry in tree.files.items():
        if len(path.parts) == 1 and path.suffix == ".csv":
            times.update(_classroom_times(entry, note))
    return [
        HandIn(
            student=student,
            files=held.get(PurePosixPath(name), {}),
            submitted=times.get(student.lower()),
            origin=name,
        )
        for name, student in _clones(tree).items()
    ]


def _classroom_times(entry: Entry, note: Note) -> dict[str, datetime]:
    """When each repository was handed in, if a file is the grades CSV of GitHub Classroom."""
    moments = {}
    try:
        for row in csv.DictReader(io.StringIO(entry.read().decode("utf-8-sig"))):
            who = str(row.get("github_username"))
            where = f"{entry.path.name}, {who}"
            moments[who.lower()] = _time(row.get("submission_timestamp"), where, note)
    except (SubmissionError, UnicodeDecodeError, csv.Error) as error:
        note(f"{entry.path.name}: cannot be read ({error}), so no times are known")
        return {}
    return {who: moment for who, moment in moments.items() if moment is not None}


# nbgrader: submitted/<student>/<assignment>/…, with timestamp.txt


STAMP = "timestamp.txt"


def _has_submitted(tree: Tree) -> bool:
    return PurePosixPath("submitted") in tree.folders


def _is_nbgrader(tree: Tree) -> bool:
    if _has_submitted(tree):
        return True
    stamped = any(len(p.parts) == 3 and p.name == STAMP for p in tree.files)
    return stamped or (tree.name == "submitted" and bool(tree.folders))


def _nbgrader(tree: Tree, note: Note) -> list[HandIn]:
    if _has_submitted(tree):
        tree = tree.inside("submitted")
    found = []
    held = tree.by_folder(2)
    for folder in sorted(p for p in tree.folders if len(p.parts) == 2):
        files = held.get(folder, {})
        stamp = files.pop(PurePosixPath(STAMP), None)
        student, assignment = folder.parts
        found.append(
            HandIn(
                student=student,
                files=files,
                submitted=_stamped(stamp, f"{folder}/{STAMP}", note) if stamp else None,
                assignment=assignment,
                origin=str(folder),
            )
        )
    return found


def _stamped(entry: Entry, where: str, note: Note) -> datetime | None:
    """nbgrader's time: `2015-02-02 14:58:23.948203 America/Los_Angeles`."""
    try:
        return _time(entry.read().decode(errors="replace").strip(), where, note)
    except SubmissionError as error:
        note(f"{where}: {error}: counted as punctual")
        return None


# flat: each folder or file is a student


def _flat(tree: Tree, _: Note) -> list[HandIn]:
    found = []
    held = tree.by_folder(1)
    for name in tree.tops():
        if tree.is_folder(name):
            found.append(HandIn(name, held.get(PurePosixPath(name), {}), origin=name))
        else:
            path = PurePosixPath(name)
            if path.suffix.lower() in (*SOURCES, *ARCHIVES):
                stem = path.stem.removesuffix(".tar")
                found.append(HandIn(stem, {path: tree.files[path]}, origin=name))
    stems = Counter(h.student for h in found)
    return [replace(h, student=h.origin) if stems[h.student] > 1 else h for h in found]


Reading = tuple[Callable[[Tree], bool], Callable[[Tree, Note], list[HandIn]]]

LAYOUTS: dict[str, Reading] = {
    "gradescope": (_is_gradescope, _gradescope),
    "moodle": (_is_moodle, _moodle),
    "nbgrader": (_is_nbgrader, _nbgrader),
    "canvas": (_is_canvas, _canvas),
    "github-classroom": (_is_classroom, _classroom),
    "flat": (lambda tree: bool(tree.tops()), _flat),
}
