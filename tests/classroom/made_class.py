"""A made class of twelve, as each platform would hand it over: two attempts, one late, one missing, one
name with a particle, one with an accent, two students of one name.

`STUDENTS` and `PLATFORMS` are the tables: a new platform is one function that lays out the hand-ins, and
one entry with its class list.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from small_course import SMALL

ZONE = ZoneInfo("Europe/Berlin")
DUE = datetime(2026, 10, 14, 23, 59, tzinfo=ZONE)
COURSE = f"""
[due]
ex01 = {DUE.isoformat()}

[late]
percent_per_day = 10
timezone = "Europe/Berlin"
"""
RIGHT = (SMALL / "solutions" / "ex01_line.py").read_text(encoding="utf-8")
WORKS = {  # what was handed in, and its points of 11
    "right": (RIGHT, 11.0),
    "no bias": (RIGHT.replace("x @ w + b, (x, w)", "x @ w, (x, w)"), 4.0),
    "no count": (RIGHT.replace("return int(np.size(x))", "raise NotImplementedError"), 10.0),
}
FILE = "ex01_line.py"


@dataclass(frozen=True)
class Student:
    """A student, and what they handed in: their works in order, the last one late or not."""

    number: int
    first: str
    last: str
    works: tuple[str, ...]
    late: bool = False

    @property
    def id(self) -> str:
        """The university's number."""
        return f"u{self.number:03}"

    @property
    def name(self) -> str:
        """First name first."""
        return f"{self.first} {self.last}"

    @property
    def login(self) -> str:
        """The user name of the university, which two students never share."""
        return f"{_ascii(self.last).replace(' ', '').replace('-', '').lower()}{self.number}"

    @property
    def email(self) -> str:
        """The address."""
        return f"{self.login}@uni.edu"

    @property
    def earned(self) -> float | None:
        """The points of the last work, before anything is taken for lateness."""
        return WORKS[self.works[-1]][1] if self.works else None

    def score(self, *, timed: bool) -> float | None:
        """The points that count, where the platform lets lateness be seen or not."""
        return self.earned and self.earned * (0.9 if self.late and timed else 1)

    def attempts(self) -> Iterator[tuple[int, str, datetime]]:
        """The number, text and time of each attempt."""
        last = DUE + timedelta(hours=20) if self.late else DUE - timedelta(hours=6)
        for number, work in enumerate(self.works, start=1):
            yield number, WORKS[work][0], last - timedelta(days=len(self.works) - number)


STUDENTS = (
    Student(1, "Ada", "Lovelace", ("right",)),
    Student(2, "Jan", "van der Berg", ("no bias",)),
    Student(3, "Zoë", "Müller", ("right",)),
    Student(4, "Li", "Wei", ("right",)),
    Student(5, "Li", "Wei", ("no bias",)),
    Student(6, "Bob", "Bad", ("no bias", "right")),
    Student(7, "Cy", "Fine", ("right",), late=True),
    Student(8, "Dora", "May", ()),
    Student(9, "Eve", "Moe", ("no count",)),
    Student(10, "Finn", "O'Hara", ("right",)),
    Student(11, "Grace", "Hopper", ("no bias",)),
    Student(12, "Mary-Ann", "Smith", ("no count", "no bias", "no count")),
)
NAMESAKES = {s.id for s in STUDENTS if (s.first, s.last) == ("Li", "Wei")}

Attempt = tuple[Student, int, str, datetime]
Files = dict[str, str]


def _attempts() -> list[Attempt]:
    return [(s, *attempt) for s in STUDENTS for attempt in s.attempts()]


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^\w .-]", "", plain)


def _last_attempts() -> list[Attempt]:
    return [attempt for attempt in _attempts() if attempt[1] == len(attempt[0].works)]


def _canvas() -> Files:
    files = {}
    for n, (s, attempt, text, _) in enumerate(_attempts()):
        who = re.sub(r"\W", "", f"{s.last}{s.first}".lower()) + "_LATE" * s.late
        again = f"-{attempt - 1}" if attempt > 1 else ""
        files[f"{who}_{100 + s.number}_{5000 + n}_ex01_line{again}.py"] = text
    return files


def _moodle() -> Files:
    return {
        f"{s.name}_{2000 + s.number}_assignsubmission_file/{FILE}": text
        for s, _, text, _ in _last_attempts()
    }


def _blackboard() -> Files:
    files = {}
    for s, _, text, when in _attempts():
        head = f"A line through the data_{s.login}_attempt_{when:%Y-%m-%d-%H-%M-%S}"
        files[f"{head}_{FILE}"] = text
        files[f"{head}.txt"] = f"Name: {s.name} ({s.login})\nAssignment: A line through the data\n"
    return files


def _brightspace() -> Files:
    files = {"index.html": ""}
    for s, _, text, when in _attempts():
        clock = f"{when:%b} {when.day}, {when.year} {int(f'{when:%I}')}{when:%M %p}"
        files[f"{3970 + s.number}-25573 - {s.name} - {clock}/{FILE}"] = text
    return files


def _sakai() -> Files:
    files = {"A line through the data/grades.csv": _sakai_list()}
    for s, _, text, when in _last_attempts():
        folder = f"A line through the data/{_ascii(s.last)}, {_ascii(s.first)}({s.login})"
        files[f"{folder}/timestamp.txt"] = f"{when.astimezone(ZoneInfo('UTC')):%Y%m%d%H%M%S}000"
        files[f"{folder}/Submission attachment(s)/{FILE}"] = text
    return files


def _ilias() -> Files:
    return {
        f"Abgaben/{_ascii(s.last)}_{_ascii(s.first)}_{s.login}_{700 + s.number}/"
        f"{'Verspaetete Abgabe - ' * s.late}{FILE}": text
        for s, _, text, _ in _last_attempts()
    }


def _openolat() -> Files:
    files = {}
    for s, attempt, text, _ in _attempts():
        folder = f"ita_line/{_ascii(f'{s.last}_{s.first}_{s.login}').replace(' ', '_')}"
        step = "1_submissions" if attempt == 1 else f"{attempt}_revisions_{attempt - 1}"
        files[f"{folder}/{step}/{FILE}"] = text
        if s.late:
            files[f"{folder}/{step}/Late_submission.txt"] = "Late"
    return files


def _teams() -> Files:
    return {
        f"Submitted files/{s.name}{' (2)' * (s.id == 'u005')}/A line through the data/Version {attempt}/{FILE}": text
        for s, attempt, text, _ in _attempts()
    }


def _google() -> Files:
    return {
        f"{s.name} - ex01_line{' (1)' * (s.id == 'u005')}.py": text
        for s, _, text, _ in _last_attempts()
    }


def _gradescope() -> Files:
    lines, files = ["---"], {}
    for n, (s, _, text, when) in enumerate(_last_attempts()):
        lines += [f"submission_{n}:", "  :submitters:", f"  - :name: {s.name}", f"    :sid: {s.id}",
                  f"    :email: {s.email}", f"  :created_at: {when:%Y-%m-%d %H:%M:%S %z}"]  # fmt: skip
        files[f"assignment_7_export/submission_{n}/{FILE}"] = text
    return {**files, "assignment_7_export/submission_metadata.yml": "\n".join(lines) + "\n"}


def _nbgrader() -> Files:
    files = {}
    for s, _, text, when in _last_attempts():
        files[f"submitted/{s.id}/ex01/{FILE}"] = text
        files[f"submitted/{s.id}/ex01/timestamp.txt"] = f"{when:%Y-%m-%d %H:%M:%S} Europe/Berlin"
    return files


def _clones() -> Files:
    rows = ["github_username,submission_timestamp"]
    rows += [f"{s.login},{when:%Y-%m-%d %H:%M:%S %z}" for s, _, _, when in _last_attempts()]
    files = {f"line-submissions/line-{s.login}/{FILE}": text for s, _, text, _ in _last_attempts()}
    return {**files, "line-submissions/grades.csv": "\n".join(rows) + "\n"}


def _classroom50() -> Files:
    folder = "cs1-ex01_submissions_2026_10_20_T_10_00_00"
    return {f"{folder}/cs1-ex01-{s.login}/{FILE}": text for s, _, text, _ in _last_attempts()}


def _flat() -> Files:
    return {f"{s.id}/{FILE}": text for s, _, text, _ in _last_attempts()}


def _rows(*columns: str, head: str = "", sep: str = ",", quote: str = "") -> str:
    """A table with a row for each student; a column is an attribute, or a text with attributes."""
    lines = [head] if head else []
    for s in STUDENTS:
        about = {k: getattr(s, k) for k in ("id", "first", "last", "name", "login", "email")}
        cells = [c.format(n=s.number, **about) for c in columns]
        lines.append(sep.join(f"{quote}{cell}{quote}" for cell in cells))
    return "\n".join(lines) + "\n"


def _canvas_list() -> str:
    return _rows(
        '"{last}, {first}"', "1{n:02}", "{id}", "{login}", "S1", "",
        head="Student,ID,SIS User ID,SIS Login ID,Section,A line through the data (70)\n    Points Possible,,,,,11",
    )  # fmt: skip


def _sakai_list() -> str:
    head = '"A line through the data","Points"\n\n"Display ID","ID","Last Name","First Name","grade","Submission date"'
    return _rows("{id}", "{login}", "{last}", "{first}", "", "", head=head, quote='"')


def _worksheet() -> str:
    head = (
        "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
        "Last modified (submission),Last modified (grade),Feedback comments"
    )
    row = ("Participant 20{n:02}", "{name}", "{email}", "-", "", "11.00", "Yes", "-", "-", "")
    return _rows(*row, head=head)


def _blackboard_list() -> bytes:
    head = '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Availability"\t"A line through the data [Total Pts: 11 Score] |1702852"'
    columns = ("{last}", "{first}", "{login}", "{id}", "Yes", "")
    return _rows(*columns, head=head, sep="\t", quote='"').encode("utf-16")


def _brightspace_list() -> str:
    head = (
        "OrgDefinedId,Username,Last Name,First Name,Email,A line through the data Points Grade <Numeric MaxPoints:11>,"
        "End-of-Line Indicator"
    )
    return _rows("#{id}", "#{login}", "{last}", "{first}", "{email}", "", "#", head=head)


@dataclass(frozen=True)
class Made:
    """What a platform hands over.

    Attributes:
        lay: its download.
        list: its class list, and
        file: what that is called in the guide.
        key: what the gradebook calls a student then.
        timed: whether lateness can be seen.
        unsure: students whom the download does not tell apart.
    """

    lay: Callable[[], Files]
    list: Callable[[], str | bytes]
    file: str
    key: Callable[[Student], str] = lambda s: s.id
    timed: bool = True
    unsure: frozenset[str] = frozenset()


def _own_list() -> str:
    return _rows("{id}", "{name}", "{email}", "{login}", head="id,name,email,github")


PLATFORMS = {
    "Blackboard": Made(_blackboard, _blackboard_list, "gradebook.xls"),
    "Brightspace": Made(
        _brightspace, _brightspace_list, "gradebook.csv", unsure=frozenset(NAMESAKES)
    ),
    "Canvas": Made(_canvas, _canvas_list, "gradebook.csv"),
    "Classroom 50": Made(
        _classroom50,
        lambda: _rows("{login}", "{first}", "{last}", "{email}", "S1", head="username,first_name,last_name,email,section"),
        "roster.csv",
        key=lambda s: s.login,
        timed=False,
    ),
    "Google Classroom": Made(
        _google,
        lambda: _rows("{last}", "{first}", "{email}", head="Last Name,First Name,Email Address"),
        "grades.csv",
        key=lambda s: s.email,
        timed=False,
        unsure=frozenset(NAMESAKES),
    ),
    "Gradescope": Made(
        _gradescope,
        lambda: _rows("{name}", "{id}", "{email}", "Student", head="Name,SID,Email,Role"),
        "roster.csv",
    ),
    "ILIAS": Made(
        _ilias,
        lambda: _rows("{login}", "{first}", "{last}", "{id}", head="Login;Vorname;Nachname;Matrikelnummer", sep=";"),
        "members.csv",
    ),
    "Moodle": Made(_moodle, _worksheet, "worksheet.csv", key=lambda s: s.email, timed=False),
    "nbgrader": Made(_nbgrader, _own_list, "roster.csv"),
    "OpenOlat": Made(
        _openolat,
        lambda: _rows("{login}", "{first}", "{last}", "{id}", head="Benutzername\tVorname\tNachname\tInstitutionsnummer", sep="\t"),
        "members.csv",
    ),
    "Sakai": Made(_sakai, _sakai_list, "grades.csv", key=lambda s: s.login),
    "Teams": Made(
        _teams,
        lambda: _rows("{first}", "{last}", "{email}", head="First Name,Last Name,Email Address"),
        "grades.csv",
        key=lambda s: s.email,
        timed=False,
        unsure=frozenset(NAMESAKES),
    ),
    "clones of repositories": Made(_clones, _own_list, "roster.csv"),
    "anything else": Made(_flat, _own_list, "roster.csv", timed=False),
}  # fmt: skip


def zipped(files: Files) -> bytes:
    """The files of a download in one zip."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return target.getvalue()
