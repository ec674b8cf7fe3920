"""Finds out whose a submission is: the people of a class, and whatever the platforms call them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from grader.classroom.downloads import LAYOUTS, DownloadedSubmission
from grader.classroom.downloads.notes import Unmatched
from grader.errors import UsageError
from grader.language import any_of, later, say

NUMBERING = {name for name, known in LAYOUTS.items() if known.numbers}
PLAIN_LETTERS = str.maketrans("łøđı", "lodi")  # they are letters of their own, without an accent
TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
NAMING = ("", "flat", "nbgrader")  # layouts where somebody typed the student's name


@dataclass(frozen=True, slots=True)
class Person:
    """A student: `id` is what the gradebook calls them, `aliases` are other names for them, and `last` is the
    last name, which ends the name, where the list has a column for it."""

    id: str
    name: str = ""
    email: str = ""
    aliases: tuple[str, ...] = ()
    last: str = ""


def first_and_last(name: str, known: str = "") -> tuple[str, str]:
    """The parts of `Ada Lovelace` and of `Lovelace, Ada`: `("Ada", "Lovelace")`.

    A last name that is `known` stays whole: `van der Berg` in `Ada van der Berg`.
    """
    if known and name.endswith(known):
        first, last = name.removesuffix(known), known
    elif "," in name:
        last, _, first = name.partition(",")
    else:
        first, _, last = name.rpartition(" ")
    return first.strip(), last.strip()


def normalised(name: str) -> str:
    """The letters and digits of a name, in lower case and without accents: platforms differ in the rest."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(PLAIN_LETTERS)).casefold()
    return "".join(c for c in plain if c.isalnum())


def spellings(name: str) -> set[str]:
    """A name normalised, also with letters for the accents that some platforms write as letters.

    >>> sorted(spellings("Müller"))
    ['mueller', 'muller']
    """
    composed = unicodedata.normalize("NFC", name).casefold()
    return {normalised(name), normalised(composed.translate(TWO_LETTERS))} - {""}


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
    Where a platform's id is one person's and its name another's, one of the two lists is wrong.
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

    def _named(self, name: str) -> set[Person]:
        """The people with this name, in whatever spelling and order."""
        return set().union(*(self._names.get(form, ()) for form in spellings(name)))

    def identify(
        self, submissions: Sequence[DownloadedSubmission], note: Callable[[str], None]
    ) -> list[Person]:
        """The person behind each submission; `note` is called for those who are not on the roster.

        Raises `UsageError` where the id and the name that a platform gives are two people's.
        """
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
        given = submission.name or ("" if numbered else submission.student)
        names = next(filter(None, map(self._named, (given, *submission.readings))), set())
        if not names and free:  # there may be numbers around a name
            words = re.split(r"[\W_]+", submission.student)
            names = self._named("".join(w for w in words if w.isalpha()))
        clues = [c for c in (*keys, names) if c]
        if not clues and free:
            clues = [self._logins.get(student) or set()]
        if not clues:  # a platform's number may happen to equal somebody's id
            return Match(frozenset(set().union(*ids)))
        common = set.intersection(*clues)
        if not common and not free:
            raise UsageError(_explain_contradiction(submission, clues))
        return Match(frozenset(common or set.union(*clues)), len(common) == 1, not any(keys))


def _explain_contradiction(submission: DownloadedSubmission, clues: Sequence[set[Person]]) -> str:
    """Who is who by the id, and who by the name, and what to do about it."""
    what = submission.origin or submission.student
    people = [any_of(sorted(f"{p.id} {p.name}".strip() for p in clue)) for clue in clues]
    who = say(", but also ").join(dict.fromkeys(people))
    says = " ".join(filter(None, (submission.student, submission.name, submission.email)))
    return say(
        "{what}: {says!r} is {who} on the class list, so the id and the name contradict each "
        "other; correct the list, or write {identity!r} into a further column in the row of "
        "the right person",
        what=what,
        says=says,
        who=who,
        identity=submission.identity,
    )


DOUBTED = later(
    "{what}: may be {who}; it is in the gradebook as {apart}. Write {identity!r} into a further column of "
    "the roster, in the row of the right person"
)
DOUBTED_TWICE = later(
    "{what}: may be {who}, and so may another submission; it is in the gradebook as {apart}. Write "
    "{identity!r} into a further column of the roster, in the row of the right person"
)


def _explain_doubt(submission: DownloadedSubmission, match: Match, apart: str) -> str:
    """Why a submission is given to nobody on the roster, and what to do about it."""
    what = submission.origin or submission.student
    if not match.people:
        return say(
            "{what}: matches nobody on the roster; it is in the gradebook as {apart}",
            what=what,
            apart=apart,
        )
    who = any_of(sorted(f"{p.id} {p.name}".strip() for p in match.people))
    return say(
        DOUBTED_TWICE if match.sure else DOUBTED,
        what=what,
        who=who,
        apart=apart,
        identity=submission.identity,
    )


def _name_orders(name: str) -> set[str]:
    """A name's normalised forms: its words in order, starting with each of them."""
    words = name.replace(",", " ").split()
    turns: Sequence[Sequence[str]] = [words[i:] + words[:i] for i in range(len(words))]
    return set().union(*(spellings("".join(turn)) for turn in turns))
