"""Writes a page with the pairs of each exercise, and one for each pair, with both works side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from grader.classroom.similarity.compare import Pair, Span, Work
from grader.files import writing
from grader.language import say
from grader.render.pages import make_page

TEMPLATES = Path(__file__).with_name("templates")
MOST = 200  # pairs of an exercise that get a page: nobody looks at more

Line = tuple[int, list[tuple[str, bool]]]  # its number, and its parts: text, whether it is shared


def write_pairs(
    pairs: Mapping[str, Sequence[Pair]], counts: Mapping[str, int], folder: Path
) -> int:
    """Write the pages; returns how many pairs there are.

    Args:
        pairs: by the exercise's short name.
        counts: how many submissions of each exercise were compared.
        folder: where to write.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        style = (TEMPLATES / "sides.css").read_text(encoding="utf-8")
        for exercise, found in pairs.items():
            for number, pair in enumerate(found[:MOST], start=1):
                sides = [
                    (pair.one, lines(pair.one, pair.marks[0])),
                    (pair.two, lines(pair.two, pair.marks[1])),
                ]
                text = make_page(
                    TEMPLATES / "pair.html",
                    title=say("{exercise}: two submissions", exercise=exercise),
                    style=style,
                    exercise=exercise,
                    pair=pair,
                    sides=sides,
                )
                _write(folder / page_name(exercise, number), text)
        shown = {exercise: list(found[:MOST]) for exercise, found in pairs.items()}
        text = make_page(
            TEMPLATES / "similar.html",
            title=say("Submissions that are alike"),
            pairs=shown,
            all=pairs,
            counts=counts,
            page=page_name,
        )
        _write(folder / "index.html", text)
    return sum(map(len, pairs.values()))


def page_name(exercise: str, number: int) -> str:
    """The file of a pair's page."""
    return f"{exercise}_{number:03}.html"


def lines(work: Work, marks: Sequence[Span]) -> list[Line]:
    """The lines of a work, each in parts that are shared or not.

    >>> lines(Work("s1", "", "a = 1\\nb = 2"), [(4, 7)])
    [(1, [('a = ', False), ('1', True)]), (2, [('b', True), (' = 2', False)])]
    """
    found, start = [], 0
    for number, text in enumerate(work.text.split("\n"), start=1):
        end = start + len(text)
        cuts = {start, end}
        for span in marks:
            cuts |= {min(max(edge, start), end) for edge in span}
        edges = sorted(cuts)
        parts = [
            (work.text[a:b], any(s <= a and b <= e for s, e in marks)) for a, b in pairwise(edges)
        ]
        found.append((number, parts))
        start = end + 1
    return found


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
