"""Reads a class list: `id,name,email` and further columns, or the list that a platform exports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.classroom.downloads.columns import kinds_of, participants, plain_title
from grader.classroom.roster import Person
from grader.classroom.tables import Row, read_table
from grader.errors import UsageError
from grader.language import all_of, say, say_n, series

MOST_ABOVE = 10  # rows in which the header is looked for: some platforms write a title above it
BY = (
    "id",
    "number",
    "username",
    "github",
    "email",
    "github number",
    "canvas",
    "moodle",
)  # the surest first
MAXIMA = "points possible"  # begins the row of Canvas' table that is no student
TEST_STUDENT = "student, test"
STAFF = {"hta", "instructor", "ta", "reader", "teacher", "teaching assistant", "lecturer", "tutor"}
# Columns that hold nobody's name, in a list with a column `id`.
NO_NAMES = {
    "section", "sections", "role", "roles", "group", "groups", "team", "status", "grade", "score", "points",
    "submission date", "late submission", "notes", "availability", "last access", "lab", "year", "major",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClassList:
    """The students of a class list, and in one line how it was understood."""

    people: tuple[Person, ...]
    reading: str


def read_class_list(path: Path) -> ClassList:
    """The students of a class list, which may be CSV, XLSX or ODS.

    Columns are recognised by their titles, in the languages of the platforms. First and last names may have
    columns of their own. With a column `id` every further column, such as `github`, holds names that a
    download may use for the student.

    Raises `UsageError` with the line if the list makes no sense.
    """
    rows, form = read_table(path, "id")
    top = _header(path, rows)
    titles, body = rows[top], rows[top + 1 :]
    columns = _columns(titles, body)
    people: dict[str, Person] = {}
    for number, row in enumerate(body, start=form.above + top + 2):
        values = {kind: _cell(row, place) for kind, place in columns.items()}
        if not any(row) or _is_nobody(titles, row, values):
            continue
        person = _person(values, titles, row, columns)
        if not person.id or ("id" in columns and not values["id"]):
            raise UsageError(
                say("{path}, line {number}: the id is empty", path=path, number=number)
            )
        if person.id in people:
            raise UsageError(
                say(
                    "{path}, line {number}: {person} is there twice",
                    path=path,
                    number=number,
                    person=person.id,
                )
            )
        people[person.id] = person
    if not people:
        raise UsageError(say("{path}: holds no students", path=path))
    return ClassList(tuple(people.values()), _reading(path, len(people), titles, columns))


def _header(path: Path, rows: Sequence[Row]) -> int:
    for number, row in enumerate(rows[:MOST_ABOVE]):
        found = _columns(row, rows[number + 1 :])
        if any(kind in found for kind in BY):
            return number
    titles = series(title.strip() for title in rows[0])
    raise UsageError(
        say(
            "{path}: needs a column called id, or an export of your platform's with ids, user "
            "names or addresses; it has {titles}",
            path=path,
            titles=titles,
        )
    )


def _columns(titles: Sequence[str], body: Sequence[Row]) -> dict[str, int]:
    """The column of each kind. Canvas calls its own number `ID`; everywhere else that is the id."""
    plain = [plain_title(title) for title in titles]
    found = kinds_of(titles)
    first = [row[0] for row in body if row and row[0]]
    if first and participants(first):
        found = {kind: place for kind, place in found.items() if place} | {"moodle": 0}
    elif "id" in plain:
        canvas = {"student", "lastname"} & set(plain) and {
            "sis user id",
            "sis login id",
            "section",
        } & set(plain)
        found["canvas" if canvas else "id"] = plain.index("id")
    login = found.get("username")
    if login is not None and "email" not in found and any("@" in _cell(r, login) for r in body):
        found["email"] = login
    return found


def _person(
    values: Mapping[str, str], titles: Sequence[str], row: Row, columns: Mapping[str, int]
) -> Person:
    moodle = participants([values["moodle"]]) if values.get("moodle") else []
    other = {
        "canvas": f"canvas {values['canvas']}" if values.get("canvas") else "",
        "moodle": f"moodle {moodle[0]}" if moodle else "",
    }
    names = [other[kind] if kind in other else values.get(kind, "") for kind in BY]
    id_ = next(filter(None, names), "")
    last = "" if values.get("name") else values.get("last", "")
    name = values.get("name") or " ".join(filter(None, (values.get("first"), last)))
    email = values.get("email", "")
    further = []
    if "id" in columns:
        places = [n for n in range(len(titles)) if n not in columns.values()]
        further = [_cell(row, n) for n in places if plain_title(titles[n]) not in NO_NAMES]
    aliases = dict.fromkeys(v for v in (*names, *further) if v and v not in (id_, email))
    return Person(id_, name, email if "@" in email else "", tuple(aliases), last)


def _cell(row: Row, place: int) -> str:
    """A cell; Brightspace writes `#` before ids, so that a spreadsheet keeps their zeros."""
    return row[place].strip().removeprefix("#").strip() if place < len(row) else ""


def _is_nobody(titles: Sequence[str], row: Row, values: Mapping[str, str]) -> bool:
    """Whether a row is of maxima, of Canvas' test student, or of somebody who teaches."""
    name = values.get("name", "").casefold()
    roles = [n for n, title in enumerate(titles) if plain_title(title) in ("role", "roles")]
    teaches = any(_cell(row, n).casefold() in STAFF for n in roles)
    maxima = any(cell.strip().casefold().startswith(MAXIMA) for cell in row)
    return teaches or maxima or (name == TEST_STUDENT and "canvas" in values)


def _reading(path: Path, count: int, titles: Sequence[str], columns: Mapping[str, int]) -> str:
    """How the list was understood: `roster.csv: 12 students; id: “SIS User ID”, name: “Student”, …`."""
    shown = {n: title.replace("\ufeff", "").strip() for n, title in enumerate(titles)}
    by = next(kind for kind in BY if kind in columns)
    parts = [say("id from “{shown}”", shown=shown[columns[by]])]
    named = [
        say("“{text}”", text=shown[columns[k]]) for k in ("name", "first", "last") if k in columns
    ]
    if named:
        parts.append(say("name from {names}", names=all_of(named)))
    if "email" in columns and by != "email":
        parts.append(say("address from “{shown}”", shown=shown[columns["email"]]))
    used = {columns[by]} | {columns[k] for k in ("name", "first", "last", "email") if k in columns}
    others = {columns[k] for k in BY if k in columns} - used
    if "id" in columns:
        others |= {n for n in shown if n not in used and plain_title(shown[n]) not in NO_NAMES}
    if others:
        parts.append(
            say(
                "other names from {names}",
                names=series(say("“{text}”", text=shown[n]) for n in sorted(others)),
            )
        )
    return say_n(
        "{path}: {n} student; {columns}",
        "{path}: {n} students; {columns}",
        count,
        path=path.name,
        columns=series(parts),
    )
