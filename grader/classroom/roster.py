"""The class list: `id,name,email`, and whatever other names the systems know a student by."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.classroom.downloads import LAYOUTS, DownloadedSubmission
from grader.classroom.downloads.notes import Unmatched
from grader.classroom.tables import read_table
from grader.errors import UsageError

NUMBERING = {name for name, known in LAYOUTS.items() if known.numbers}
FIRST = ("first name", "first_name", "firstname", "given name", "given_name", "forename")
LAST = ("last name", "last_name", "lastname", "family name", "family_name", "surname")
STAFF = ("teacher", "instructor", "hta", "ta")  # in Classroom 50's column `role`
NAMING = ("", "flat", "nbgrader")  # layouts where somebody typed the student's name


@dataclass(frozen=True, slots=True)
class Person:
    """A student: `id` is what the gradebook calls them, `aliases` are other names for them."""

    id: str
    name: str = ""
    email: str = ""
    aliases: tuple[str, ...] = ()


def read_roster(path: Path) -> tuple[Person, ...]:
    """The students of a roster: a CSV with a column `id`, and `name`, `email` and others if known.

    First and last names may have columns of their own. Every further column, such as `github`, holds
    names that a download may use for the student.

    Raises `UsageError` with the line if the roster makes no sense.
    """
    (titles, *rows), form = read_table(path, "id")
    columns = [title.strip().lower() for title in titles]
    if "id" not in columns:  # Classroom 50's roster.csv
        columns = ["id" if title == "username" else title for title in columns]
    if "id" not in columns:
        raise UsageError(f"{path}: needs a column called id; it has {', '.join(columns)}")
    people: dict[str, Person] = {}
    for number, row in enumerate(rows, start=form.above + 2):
        if not any(row):
            continue
        values = dict(zip(columns, (value.strip() for value in row), strict=False))
        id_ = values.pop("id", "")
        if not id_:
            raise UsageError(f"{path}, line {number}: the id is empty")
        if id_ in people:
            raise UsageError(f"{path}, line {number}: {id_} is there twice")
        parts = [values.pop(c, "") for names in (FIRST, LAST) for c in names]
        name, email = values.pop("name", ""), values.pop("email", "")
        name = name or " ".join(filter(None, parts))
        if values.pop("role", "") in STAFF:
            continue
        values.pop("section", "")
        aliases = tuple(v for v in values.values() if v)
        people[id_] = Person(id_, name, email, aliases)
    if not people:
        raise UsageError(f"{path}: holds no students")
    return tuple(people.values())


def first_and_last(name: str) -> tuple[str, str]:
    """The parts of `Ada Lovelace` and of `Lovelace, Ada`: `("Ada", "Lovelace")`."""
    if "," in name:
        last, _, first = name.partition(",")
    else:
        first, _, last = name.rpartition(" ")
    return first.strip(), last.strip()


def normalised(name: str) -> str:
    """The letters and digits of a name, in lower case and without accents: platforms differ in the rest."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in plain if c.isalnum())


@dataclass(frozen=True, slots=True)
class Match:
    """Whose a submission may be.

    Attributes:
        people: the candidates; empty if there are none.
        sure: whether there is one candidate, and no contradiction.
        weak: whether only the name says so, which two people may share.
    """

    people: frozenset[Person] = frozenset()
    sure: bool = False
    weak: bool = False


_Index = defaultdict[str, set[Person]]


class Roster:
    """Finds whose a submission is.

    It belongs to a person if all that it says of its student (number, address, name) leads to that
    one person. Otherwise it is kept under the platform's own name for the student, and a note says so.
    """

    def __init__(self, people: Iterable[Person] = ()) -> None:
        self.people = tuple(people)
        self._ids: _Index = defaultdict(set)
        self._aliases: _Index = defaultdict(set)
        self._addresses: _Index = defaultdict(set)
        self._logins: _Index = defaultdict(set)
        self._names: _Index = defaultdict(set)
        for person in self.people:
            self._ids[person.id.casefold()].add(person)
            for alias in person.aliases:
                self._aliases[alias.casefold()].add(person)
            if person.email:
                self._addresses[person.email.casefold()].add(person)
                self._logins[person.email.casefold().partition("@")[0]].add(person)
            for name in _name_orders(person.name):
                self._names[name].add(person)

    def identify(
        self, submissions: Sequence[DownloadedSubmission], note: Callable[[str], None]
    ) -> list[Person]:
        """The person behind each submission; `note` is called for those who are not on the roster."""
        matches = [self._match(h) for h in submissions]
        of_whom = {h.identity: m for h, m in zip(submissions, matches, strict=True)}
        claims = Counter(m.people for m in of_whom.values() if m.sure)
        found: list[Person] = []
        for submission, match in zip(submissions, matches, strict=True):
            if match.sure and not (match.weak and claims[match.people] > 1):
                found += match.people
                continue
            # A platform's number may be the id of another student, in this roster or in the next.
            taken = submission.layout in NUMBERING or submission.student.casefold() in self._ids
            apart = submission.identity if taken else submission.student
            found.append(Person(apart, submission.name, submission.email))
            if self.people:
                note(Unmatched(_explain_doubt(submission, match, apart)))
        return found

    def _match(self, submission: DownloadedSubmission) -> Match:
        student = submission.student.casefold()
        if declared := self._aliases.get(submission.identity.casefold()):
            return Match(frozenset(declared), len(declared) == 1)
        numbered, free = submission.layout in NUMBERING, submission.layout in NAMING
        ids = [self._ids[student]] if student in self._ids else []
        if not ids and free:  # two students may have put both ids into one name
            first, *words = re.split(r"[\W_]+", student)
            held = [w for w in (first, *(w for w in words if len(w) > 2)) if w in self._ids]
            ids = [self._ids[w] for w in held if any(c.isdigit() for c in w)]
        keys = [
            self._aliases.get(student),
            self._addresses.get(submission.email.casefold()),
            self._addresses.get(student),
            *([] if numbered else ids),
        ]
        names = self._names.get(
            normalised(submission.name or ("" if numbered else submission.student))
        )
        if names is None and free:  # there may be numbers around a name
            words = re.split(r"[\W_]+", submission.student)
            names = self._names.get(normalised("".join(w for w in words if w.isalpha())))
        clues = [c for c in (*keys, names) if c]
        if not clues and free:
            clues = [self._logins.get(student) or set()]
        if not clues:  # a platform's number may happen to equal somebody's id
            return Match(frozenset(set().union(*ids)))
        common = set.intersection(*clues)
        return Match(frozenset(common or set.union(*clues)), len(common) == 1, not any(keys))


def _explain_doubt(submission: DownloadedSubmission, match: Match, apart: str) -> str:
    """Why a submission is given to nobody on the roster, and what to do about it."""
    what = submission.origin or submission.student
    if not match.people:
        return f"{what}: matches nobody on the roster; it is in the gradebook as {apart}"
    who = " or ".join(sorted(f"{p.id} {p.name}".strip() for p in match.people))
    also = ", and so may another submission" if match.sure else ""
    return (
        f"{what}: may be {who}{also}; it is in the gradebook as {apart}. Write "
        f"{submission.identity!r} into a further column of the roster, in the row of the right person"
    )


def _name_orders(name: str) -> set[str]:
    """A name's normalised forms: its words in order, starting with each of them."""
    words = name.replace(",", " ").split()
    turns: Sequence[Sequence[str]] = [words[i:] + words[:i] for i in range(len(words))]
    return {normalised("".join(turn)) for turn in turns} - {""}
