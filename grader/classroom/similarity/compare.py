"""Compares the submissions of an exercise, two by two.

The tokens and their fingerprints are those of copydetect: names of variables, comments, strings and
spaces make no difference. What the exercise itself explains is taken away: every run of tokens that is in
its stub, its reference or its handout counts nothing, and the more of the class has a run, the less it
counts.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from copydetect import CodeFingerprint

RUN = 25  # tokens of a run; shorter ones are in everybody's code
AT_LEAST = 0.6  # an honest other solution shares 0.2 to 0.5, the same one with other names all
ENOUGH = 60.0  # runs of their own that a pair must share, or too little is left to compare
FEW = 10  # submissions; of fewer no run is called common
COLUMNS = 20_000  # runs that are compared at a time, which bounds the memory

Span = tuple[int, int]  # characters of a text, from and to


@dataclass(frozen=True, slots=True)
class Work:
    """What somebody handed in for an exercise.

    Attributes:
        student, name: who.
        text: the source, a notebook's cells one after the other.
        together: works with the same one, which is not empty, were handed in by a group.
    """

    student: str
    name: str
    text: str
    together: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two works that share more than the exercise explains.

    Attributes:
        one, two: the works.
        share: of the runs that one of them has beyond the exercise, from 0 to 1, as they count.
        marks: what they share, in the text of each.
    """

    one: Work
    two: Work
    share: float
    marks: tuple[list[Span], list[Span]]


def find_pairs(
    works: Sequence[Work], explained: Iterable[str] = (), at_least: float = AT_LEAST
) -> list[Pair]:
    """The pairs that share at least this part of what is their own, most first.

    Args:
        works: of one exercise, one for each student.
        explained: what the exercise explains: its stub, its reference, code of its handout.
        at_least: the smallest share, from 0 to 1.
    """
    known: set[int] = set().union(*(_fingerprint(text).hashes for text in explained))
    prints = [_fingerprint(work.text) for work in works]
    own = [found.hashes - known for found in prints]
    weights = _weights(own)
    shared, totals = _shared(own, weights), [sum(weights[run] for run in runs) for runs in own]
    found = []
    for a, b in zip(*np.nonzero(np.triu(shared >= ENOUGH, 1)), strict=True):
        one, two = works[a], works[b]
        share = float(shared[a, b]) / max(min(totals[a], totals[b]), 1.0)
        if share >= at_least and not (one.together and one.together == two.together):
            common = {run for run in own[a] & own[b] if weights[run] > 0}
            marks = (_marks(prints[a], common), _marks(prints[b], common))
            found.append(Pair(one, two, min(share, 1.0), marks))
    return sorted(found, key=lambda p: (-p.share, p.one.student, p.two.student))


def _fingerprint(text: str) -> CodeFingerprint:
    from copydetect import CodeFingerprint  # loads matplotlib

    # A window of 1 keeps every run, so that the hashes, which differ from day to day, choose nothing.
    return CodeFingerprint("work.py", RUN, 1, language="python", fp=io.StringIO(text))


def _weights(own: Sequence[set[int]]) -> dict[int, float]:
    """What each run counts: 1 if two have it, and less and less up to half of the class."""
    count: dict[int, int] = {}
    for runs in own:
        for run in runs:
            count[run] = count.get(run, 0) + 1
    if len(own) < FEW:
        return dict.fromkeys(count, 1.0)
    most = np.log(len(own) / 2)
    weigh = {n: float(np.clip(np.log(len(own) / max(n, 2)) / most, 0, 1)) for n in count.values()}
    weigh |= {n: 0.0 for n in weigh if n * 2 > len(own)}
    return {run: weigh[n] for run, n in count.items()}


def _shared(own: Sequence[set[int]], weights: dict[int, float]) -> NDArray[np.float64]:
    """For each pair the sum of what the runs count that both have."""
    found = np.zeros((len(own), len(own)))
    for runs in _portions([run for run, weight in weights.items() if weight > 0]):
        place = {run: column for column, run in enumerate(runs)}
        has = np.zeros((len(own), len(runs)), np.float32)
        for row, mine in enumerate(own):
            has[row, [place[run] for run in mine if run in place]] = 1
        found += (has * np.array([weights[run] for run in runs], np.float32)) @ has.T
    return found


def _portions(runs: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(runs), COLUMNS):
        yield runs[start : start + COLUMNS]


def _marks(found: CodeFingerprint, common: set[int]) -> list[Span]:
    """Where the common runs are in a work's text."""
    from copydetect import compare_files

    narrowed = copy(found)  # the work may be in another pair, which has other runs in common
    narrowed.hashes = common
    narrowed.hash_idx = {run: at for run, at in found.hash_idx.items() if run in common}
    _, _, (spans, _) = compare_files(narrowed, narrowed)
    return [(int(start), int(end)) for start, end in zip(*spans, strict=True)]
