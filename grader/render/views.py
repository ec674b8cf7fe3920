"""What a page shows of a report, most important first: a card for each mistake, then what passed, what
was skipped, and the source with marks where the cards point."""

from __future__ import annotations

import html
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.language import later, say, say_n, series
from grader.model import CheckResult, Outcome, Picture, Report
from grader.render import (
    bare,
    guarantees_sentence,
    mistakes,
    place,
    points_sentence,
    printable,
)
from grader.render.pages import level, points

OPEN_CARDS = 3  # more at once are not read
AROUND = 1  # lines of code before and after the one that a card points to
WORDS = {
    Outcome.UNGRADED: later("not graded"),
    Outcome.TIMEOUT: later("out of time"),
    Outcome.CRASHED: later("crashed"),
}
NEWLINE = re.compile(r"\r\n?|\n")

Sources = Mapping[str, str]  # text by file or cell
Panel = tuple[str, list[list[tuple[str, str]]]]  # a title, and rows of numbers with their classes


@dataclass(frozen=True, slots=True)
class Card:
    """One mistake: the first check that shows it, and the titles of the others.

    Attributes:
        place, href: the line to look at, in words and as a fragment of the page's address.
        excerpt: the lines around it: number, text, and whether it is the one.
        picture, panels: the title of the first picture that one of its checks has, and what is in it.
    """

    number: int
    anchor: str
    check: CheckResult
    others: Sequence[CheckResult]
    lost: str
    outcome: str
    explanations: Sequence[str]
    place: str
    href: str
    excerpt: Sequence[tuple[int, str, bool]]
    picture: str
    panels: Sequence[Panel]


@dataclass(frozen=True, slots=True)
class SourceView:
    """A file with line numbers and marks, as markup."""

    label: str
    marked: bool
    code: Markup


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report as `parts.html` shows it."""

    report: Report
    anchor: str
    tone: str
    points: str
    share: float
    problems: Sequence[str]
    notes: Sequence[str]
    cards: Sequence[Card]
    open: int
    hidden: Sequence[str]
    passed: Sequence[CheckResult]
    all_passed: bool
    unwritten: str
    skipped: str
    sources: Sequence[SourceView]
    guarantees: str


def view_report(
    report: Report,
    anchor: str,
    sources: Sources,
    *,
    hidden: bool = False,
    known: Sources | None = None,
) -> ReportView:
    """What a page shows of a report.

    Args:
        report: the report, as its reader may see it.
        anchor: begins the addresses of its parts; another report on the page has another one.
        sources: the submission's texts.
        hidden: whether hidden checks get cards, as for an instructor.
        known: texts that the page shows elsewhere; they are shown here only if a card points there.
    """
    shown = [c for c in report.checks if hidden or not c.hidden]
    said = set(report.problems)
    failed = [
        group
        for group in mistakes(shown)
        if group[0].message not in said and not group[0].unwritten
    ]
    cards = [
        _card(number, group, f"{anchor}-m{number}", anchor, sources)
        for number, group in enumerate(failed, start=1)
    ]
    passed = [c for c in shown if c.outcome is Outcome.PASSED]
    return ReportView(
        report=report,
        anchor=anchor,
        tone="passed" if report.outcome == "passed" else "failed",
        points=points_sentence(report),
        share=report.score / (report.max_score or 1),
        problems=report.problems,
        notes=report.notes,
        cards=cards,
        open=OPEN_CARDS,
        hidden=[] if hidden else _hidden_line(report),
        passed=passed,
        all_passed=len(passed) == len(report.checks),
        unwritten=_unwritten_line(shown),
        skipped=_skipped_line(shown),
        sources=_sources(cards, sources, anchor, known or {}),
        guarantees=guarantees_sentence(report),
    )


def _card(
    number: int, group: Sequence[CheckResult], own: str, anchor: str, sources: Sources
) -> Card:
    check, *others = group
    file, line = place_of(check)
    label = {name: i for i, name in enumerate(sources)}.get(file)
    where = place(file, line)
    if check.suspect is not None:
        where = say("{place}, in {function}", place=where, function=check.suspect.function)
    picture = next((c.picture for c in group if c.picture is not None), None)
    lost = sum(c.max_score - c.score for c in group if c.outcome is not Outcome.UNGRADED)
    return Card(
        number=number,
        anchor=own,
        check=check,
        others=others,
        lost=_lost(lost),
        outcome=say(WORDS.get(check.outcome, "")),
        explanations=[check.contrast] if check.contrast else [],
        place=where,
        href=f"{anchor}-s{label}-{line}" if label is not None and line else "",
        # Of an answer that is wrong, a check names only the function's first line.
        excerpt=excerpt(sources.get(file, ""), line)
        if check.suspect or check.outcome is not Outcome.FAILED
        else (),
        picture=picture.title if picture else "",
        panels=picture_panels(picture) if picture else (),
    )


def _lost(value: float) -> str:
    if not value:
        return ""
    shown = points(value)
    return (
        say("−{points} point", points=shown)
        if value == 1
        else say("−{points} points", points=shown)
    )


def place_of(check: CheckResult) -> tuple[str, int]:
    """The file and the line to look at: the one that a repair found, or the one that the check names."""
    suspect = check.suspect
    return (check.file, check.line) if suspect is None else (suspect.file, suspect.line)


def excerpt(text: str, line: int, around: int = AROUND) -> list[tuple[int, str, bool]]:
    """The lines around one: number, text, and whether it is the one. Empty if there is no such line."""
    lines = NEWLINE.split(text)
    if not 0 < line <= len(lines) or not text:
        return []
    first = max(1, line - around)
    some = textwrap.dedent("\n".join(lines[first - 1 : line + around])).split("\n")
    return [(n, words.rstrip(), n == line) for n, words in enumerate(some, start=first)]


def _hidden_line(report: Report) -> list[str]:
    """One sentence on hidden checks, of which students read the points only."""
    own = [c for c in report.checks if c.hidden]
    if not own:
        return []
    right = sum(c.outcome is Outcome.PASSED for c in own)
    score, most = sum(c.score for c in own), sum(c.max_score for c in own)
    return [
        say_n(
            "{right} of {n} hidden check passed, {score} of {all} points.",
            "{right} of {n} hidden checks passed, {score} of {all} points.",
            len(own),
            right=right,
            score=points(score),
            all=points(most),
        )
    ]


def _unwritten_line(checks: Sequence[CheckResult]) -> str:
    """The functions that are still stubs, and what they are worth."""
    waiting = [c for c in checks if c.unwritten]
    if not waiting:
        return ""
    names = series(dict.fromkeys(c.unwritten for c in waiting))
    worth = points(sum(c.max_score for c in waiting))
    return say("Not written yet: {names} ({points} points).", names=names, points=worth)


def _skipped_line(checks: Sequence[CheckResult]) -> str:
    skipped = [c for c in checks if c.outcome is Outcome.SKIPPED]
    if not skipped:
        return ""
    reasons = say("; ").join(dict.fromkeys(bare(c.message) for c in skipped if c.message))
    if not reasons:
        return say_n("{n} check was skipped.", "{n} checks were skipped.", len(skipped))
    return say_n(
        "{n} check was skipped: {reasons}.",
        "{n} checks were skipped: {reasons}.",
        len(skipped),
        reasons=reasons,
    )


def _sources(
    cards: Sequence[Card], sources: Sources, anchor: str, known: Sources
) -> list[SourceView]:
    views = []
    for index, (label, text) in enumerate(sources.items()):
        marks: dict[int, list[Card]] = {}
        for card in cards:
            if card.href and place_of(card.check)[0] == label:
                marks.setdefault(place_of(card.check)[1], []).append(card)
        if marks or known.get(label) != text:
            code = _code(text, marks, f"{anchor}-s{index}")
            views.append(SourceView(label, bool(marks), code))
    return views


def _code(text: str, marks: Mapping[int, Sequence[Card]], anchor: str) -> Markup:
    """A text by lines; a marked line has an address, and links back to its cards in the margin."""
    plain = NEWLINE.sub("\n", text).rstrip("\n")
    lines = html.escape(printable(plain), quote=False).split("\n")
    for number, cards in marks.items():
        if number <= len(lines):
            pins = "".join(
                f' <a class="pin" href="#{c.anchor}" aria-label="{html.escape(say("Mistake {n}", n=c.number))}">{c.number}</a>'
                for c in cards
            )
            line = f'<mark id="{anchor}-{number}"><i></i>{lines[number - 1]}</mark>{pins}'
            lines[number - 1] = line
    return Markup(
        "\n".join(line if line.startswith("<mark id=") else f"<i></i>{line}" for line in lines)
    )


def picture_panels(picture: Picture) -> list[Panel]:
    """Expected, yours and the difference, as numbers with the class of their colour. Expected and yours
    have one scale, or their colours could not be compared."""
    gap = [
        [g - e if w else 0.0 for g, e, w in zip(gs, es, ws, strict=True)]
        for gs, es, ws in zip(picture.got, picture.expected, picture.wrong, strict=True)
    ]
    both = max(_largest(picture.expected), _largest(picture.got))
    none = [[False] * len(row) for row in picture.wrong]
    return [
        (say("expected"), _panel(picture.expected, none, both)),
        (say("yours"), _panel(picture.got, picture.wrong, both)),
        (say("difference"), _panel(gap, picture.wrong, _largest(gap), blank="·")),
    ]


def _panel(
    rows: Sequence[Sequence[float]], wrong: Sequence[Sequence[bool]], most: float, blank: str = ""
) -> list[list[tuple[str, str]]]:
    return [
        [
            (
                blank if blank and not flag else number(value),
                f"{level(value / most)} wrong".strip() if flag else level(value / most),
            )
            for value, flag in zip(row, flags, strict=True)
        ]
        for row, flags in zip(rows, wrong, strict=True)
    ]


def _largest(rows: Sequence[Sequence[float]]) -> float:
    return max((abs(v) for row in rows for v in row if math.isfinite(v)), default=0.0) or 1.0


def number(value: float) -> str:
    """A number with three digits, in few characters."""
    return f"{value + 0.0:.3g}" if math.isfinite(value) else str(value)
