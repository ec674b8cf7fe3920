"""Whose files are these? Reads a download of submissions in the layout of the system it came from.

Each layout is one function from a `Tree` to hand-ins, and one that says whether a tree looks like
it. Names of files are given back as the student chose them; what the system put around them goes.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

from grader.batch.tree import Entry, Tree
from grader.errors import SubmissionError, UsageError

CANVAS = re.compile(r"(?P<name>[^_]+)(?P<late>_LATE)?_(?P<user>\d+)_(?P<file>\d+)_(?P<original>.+)")
MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)_?(?P<original>.*)"
)
RESUBMITTED = re.compile(r"-(?P<number>\d+)(?=\.[A-Za-z]+$)")
NUMBERED = re.compile(r"ex\d\d(?=[_.])")
SOURCES = (".py", ".ipynb", ".zip")


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


def read_layout(tree: Tree, layout: str = "auto") -> tuple[str, list[HandIn]]:
    """The hand-ins of a download, and the layout's name.

    Args:
        tree: the download.
        layout: one of `LAYOUTS`, or `auto` to recognise it.

    Raises `UsageError` if there is nothing in it, or it does not have that layout.
    """
    if layout != "auto" and layout not in LAYOUTS:
        raise UsageError(f"{layout}: no such layout; there are auto, {', '.join(LAYOUTS)}")
    for candidate in _unwrapped(tree):
        for name, (fits, read) in LAYOUTS.items():
            wanted = layout in ("auto", name) and fits(candidate)
            if wanted and (found := read(candidate)):
                return name, [replace(h, layout=name) for h in found]
    if layout in ("auto", "flat"):
        raise UsageError(f"{tree.name}: holds no submissions")
    raise UsageError(f"{tree.name}: does not have the layout {layout}; try --layout auto")


def _unwrapped(tree: Tree) -> Iterator[Tree]:
    """The tree, and what is in the folder that wraps all of it, unless that could be a student's."""
    tops = tree.tops()
    if len(tops) == 1 and tree.is_folder(tops[0]):
        inner = tree.inside(tops[0])
        known = [fits for name, (fits, _) in LAYOUTS.items() if name != "flat"]
        sources = [p for p in inner.files if p.suffix.lower() in SOURCES]
        several = len(sources) > 1 and not any(NUMBERED.match(p.name.lower()) for p in sources)
        deeper = any(len(p.parts) > 1 for p in inner.files)
        wraps = several or deeper or tops[0] == tree.name or any(fits(inner) for fits in known)
        if wraps and not any(fits(tree) for fits in known):
            yield inner
    yield tree


# Canvas: lastfirst[_LATE]_<user id>_<attachment id>_<original name>


def _is_canvas(tree: Tree) -> bool:
    names = [n for n in tree.tops() if not tree.is_folder(n)]
    return bool(names) and sum(bool(CANVAS.fullmatch(n)) for n in names) * 2 > len(tree.tops())


def _canvas(tree: Tree) -> list[HandIn]:
    found: dict[str, dict[str, tuple[int, int, Entry]]] = {}
    first: dict[str, re.Match[str]] = {}
    late: dict[str, bool] = {}
    origin: dict[str, str] = {}
    for path, entry in tree.files.items():
        match = CANVAS.fullmatch(path.name) if len(path.parts) == 1 else None
        if match is None:
            continue
        user, original = match["user"], match["original"]
        again = RESUBMITTED.search(original)
        order = (int(again["number"]) if again else 0, int(match["file"]))
        original = RESUBMITTED.sub("", original)
        first.setdefault(user, match)
        late[user] = late.get(user, False) or bool(match["late"])
        known = found.setdefault(user, {}).get(original)
        if known is None or known[:2] < order:
            found[user][original] = (*order, entry)
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


def _moodle(tree: Tree) -> list[HandIn]:
    found: dict[str, dict[PurePosixPath, Entry]] = {}
    first: dict[str, tuple[str, str]] = {}
    for path, entry in tree.files.items():
        match = MOODLE.fullmatch(path.parts[0])
        if match is None or match["kind"] != "file":
            continue
        prefix = path.parts[0].removesuffix(match["original"]) if match["original"] else ""
        inner = PurePosixPath(*path.parts[1:]) if len(path.parts) > 1 else None
        name = inner or PurePosixPath(match["original"] or path.name)
        found.setdefault(match["id"], {})[name] = entry
        first.setdefault(match["id"], (match["name"], prefix.rstrip("_") or path.parts[0]))
    for folder in tree.tops():  # an empty folder is a student who handed in nothing that counts
        match = MOODLE.fullmatch(folder)
        if match and match["kind"] == "file" and match["id"] not in found:
            found[match["id"]], first[match["id"]] = {}, (match["name"], folder)
    return [
        HandIn(student=id_, files=files, name=first[id_][0], origin=first[id_][1])
        for id_, files in found.items()
    ]


# Gradescope: submission_metadata.yml beside submission_<id>/

METADATA = "submission_metadata.yml"


def _is_gradescope(tree: Tree) -> bool:
    return PurePosixPath(METADATA) in tree.files


def _gradescope(tree: Tree) -> list[HandIn]:
    table = _yaml(tree.files[PurePosixPath(METADATA)])
    found = []
    held = tree.by_folder(1)
    for folder, value in sorted(table.items(), key=lambda pair: str(pair[0])):
        about = value if isinstance(value, dict) else {}
        submitters = [s for s in about.get(":submitters") or [] if isinstance(s, dict)]
        files = held.get(PurePosixPath(str(folder)), {})
        for one in submitters or [{}]:
            student = _text(one, ":sid") or _text(one, ":email") or _text(one, ":name")
            found.append(
                HandIn(
                    student=student or str(folder),
                    files=files,
                    name=_text(one, ":name"),
                    email=_text(one, ":email"),
                    submitted=_moment(about.get(":created_at")),
                    origin=str(folder),
                )
            )
    return found


def _yaml(entry: Entry) -> dict[Any, Any]:
    import yaml

    # Gradescope writes Ruby's symbols and times; the safe loader knows nothing but plain values.
    try:
        table = yaml.safe_load(entry.read())
    except (yaml.YAMLError, SubmissionError, ValueError, RecursionError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise UsageError(f"{METADATA}: cannot be read ({reason})") from None
    if not isinstance(table, dict):
        raise UsageError(f"{METADATA}: is not a table of submissions")
    return table


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    return str(value).strip() if value is not None else ""


def _moment(value: Any) -> datetime | None:
    """A time as a value with a time zone; one without is UTC. None if it is no time."""
    if isinstance(value, str):
        text = value.strip().replace(" UTC", "+00:00").replace(" Z", "+00:00")
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


# GitHub Classroom: <slug>-submissions/<slug>-<username>/


def _is_classroom(tree: Tree) -> bool:
    return tree.name.endswith("-submissions") and any(
        tree.is_folder(n) and n.startswith(tree.name.removesuffix("submissions"))
        for n in tree.tops()
    )


def _classroom(tree: Tree) -> list[HandIn]:
    prefix = tree.name.removesuffix("submissions")
    held = tree.by_folder(1)
    times = {}
    for path, entry in tree.files.items():
        if len(path.parts) == 1 and path.suffix == ".csv":
            times.update(_classroom_times(entry))
    return [
        HandIn(
            student=name.removeprefix(prefix),
            files=held.get(PurePosixPath(name), {}),
            submitted=times.get(name.removeprefix(prefix)),
            origin=name,
        )
        for name in tree.tops()
        if tree.is_folder(name) and name.startswith(prefix)
    ]


def _classroom_times(entry: Entry) -> dict[str, datetime]:
    """When each repository was handed in, if a file is the grades CSV of GitHub Classroom."""
    try:
        rows = csv.DictReader(io.StringIO(entry.read().decode("utf-8-sig")))
        moments = {
            str(r.get("github_username")): _moment(r.get("submission_timestamp")) for r in rows
        }
    except (SubmissionError, UnicodeDecodeError, csv.Error):
        return {}
    return {who: moment for who, moment in moments.items() if moment is not None}


# nbgrader: submitted/<student>/<assignment>/…, with timestamp.txt


def _is_nbgrader(tree: Tree) -> bool:
    if PurePosixPath("submitted") in tree.folders:
        return True
    stamped = any(len(p.parts) == 3 and p.name == "timestamp.txt" for p in tree.files)
    return stamped or (tree.name == "submitted" and bool(tree.folders))


def _nbgrader(tree: Tree) -> list[HandIn]:
    if PurePosixPath("submitted") in tree.folders:
        tree = tree.inside("submitted")
    found = []
    held = tree.by_folder(2)
    for folder in sorted(p for p in tree.folders if len(p.parts) == 2):
        files = held.get(folder, {})
        stamp = files.pop(PurePosixPath("timestamp.txt"), None)
        student, assignment = folder.parts
        found.append(
            HandIn(
                student=student,
                files=files,
                submitted=_stamp(stamp) if stamp else None,
                assignment=assignment,
                origin=str(folder),
            )
        )
    return found


def _stamp(entry: Entry) -> datetime | None:
    """nbgrader's time: `2015-02-02 14:58:23.948203 America/Los_Angeles`."""
    try:
        day, clock, *zone = entry.read().decode().split()
        moment = datetime.fromisoformat(f"{day}T{clock}")
        if moment.tzinfo:
            return moment
        return moment.replace(tzinfo=ZoneInfo(zone[0]) if zone and zone[0] != "UTC" else UTC)
    except (SubmissionError, OSError, ValueError, KeyError):
        return None


# flat: each folder or file is a student


def _flat(tree: Tree) -> list[HandIn]:
    found = []
    held = tree.by_folder(1)
    for name in tree.tops():
        if tree.is_folder(name):
            found.append(HandIn(name, held.get(PurePosixPath(name), {}), origin=name))
        else:
            path = PurePosixPath(name)
            if path.suffix.lower() in SOURCES:
                entry = tree.files[path]
                found.append(HandIn(path.stem, {path: entry}, origin=name))
    stems = Counter(h.student for h in found)
    return [replace(h, student=h.origin) if stems[h.student] > 1 else h for h in found]


Reading = tuple[Callable[[Tree], bool], Callable[[Tree], list[HandIn]]]

LAYOUTS: dict[str, Reading] = {
    "gradescope": (_is_gradescope, _gradescope),
    "moodle": (_is_moodle, _moodle),
    "nbgrader": (_is_nbgrader, _nbgrader),
    "canvas": (_is_canvas, _canvas),
    "github-classroom": (_is_classroom, _classroom),
    "flat": (lambda tree: bool(tree.tops()), _flat),
}
