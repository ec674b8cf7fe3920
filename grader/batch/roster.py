"""The class list: `id,name,email`, and whatever other names the systems know a student by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.export.tables import read_table
from grader.layouts import HandIn


@dataclass(frozen=True, slots=True)
class Person:
    """A student: `id` is what the gradebook calls them; `aliases` is what else does."""

    id: str
    name: str = ""
    email: str = ""
    aliases: tuple[str, ...] = ()


def read_roster(path: Path) -> tuple[Person, ...]:
    """The students of a roster: a CSV with a column `id`, and `name`, `email` and others if known.

    Every further column holds names by which a download may know the student, such as `github`.
    Raises `UsageError`.
    """
    (titles, *rows), _ = read_table(path)
    columns = [title.strip().lower() for title in titles]
    if "id" not in columns:
        raise UsageError(f"{path}: needs a column called id; it has {', '.join(columns)}")
    people: dict[str, Person] = {}
    for number, row in enumerate(rows, start=2):
        if not any(row):
            continue
        values = dict(zip(columns, (value.strip() for value in row), strict=False))
        id_ = values.pop("id", "")
        if not id_:
            raise UsageError(f"{path}, line {number}: the id is empty")
        if id_ in people:
            raise UsageError(f"{path}, line {number}: {id_} is there twice")
        name, email = values.pop("name", ""), values.pop("email", "")
        aliases = tuple(v for v in values.values() if v)
        people[id_] = Person(id_, name, email, aliases)
    if not people:
        raise UsageError(f"{path}: holds no students")
    return tuple(people.values())


def squashed(name: str) -> str:
    """A name as its letters and digits only: how systems write names differs in the rest."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in plain if c.isalnum())


class Roster:
    """Finds who handed something in.

    A hand-in belongs to the one person whom its key, its e-mail address or its name fits, tried in
    this order; with no roster, or nobody that fits, the layout's own words are the person.
    """

    def __init__(self, people: Iterable[Person] = ()) -> None:
        self.people = tuple(people)
        self._by_key: dict[str, list[Person]] = {}
        self._by_name: dict[str, list[Person]] = {}
        for person in self.people:
            local = person.email.partition("@")[0]
            for key in {
                k.casefold() for k in (person.id, person.email, local, *person.aliases) if k
            }:
                self._by_key.setdefault(key, []).append(person)
            for name in _orders(person.name):
                self._by_name.setdefault(name, []).append(person)

    def identify(self, handin: HandIn) -> tuple[Person, bool]:
        """The person behind a hand-in, and whether the roster knows them."""
        first = re.split(r"[_\- ]", handin.student, maxsplit=1)[0]
        for key in (handin.student, handin.email, first):
            found = self._by_key.get(key.casefold(), []) if key else []
            if len(found) == 1:
                return found[0], True
        for name in (handin.name, handin.student):
            found = self._by_name.get(squashed(name), []) if name else []
            if len(found) == 1:
                return found[0], True
        return Person(handin.student, handin.name, handin.email), False


def _orders(name: str) -> set[str]:
    """A name's squashed forms: as written, and with the last name first."""
    words = name.replace(",", " ").split()
    turns: Sequence[Sequence[str]] = [words[i:] + words[:i] for i in range(len(words))]
    return {squashed("".join(turn)) for turn in turns} - {""}
