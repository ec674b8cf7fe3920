"""Reports as text. Every renderer is a pure function of the reports: it reads and writes no files.

Students may see every format except `terminal` and `json`, so the others render `for_students(report)`.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from grader.errors import UsageError
from grader.language import later, say, series, together
from grader.model import CheckResult, Outcome, Report

FORMATS = ("terminal", "json", "junit", "github", "gradescope", "markdown", "html")
HIDDEN_MESSAGE = later("This check is hidden: you are told only whether it passed.")


def render(
    reports: Sequence[Report],
    name: str,
    *,
    sources: Sequence[Mapping[str, str]] = (),
    **terminal: Any,
) -> str:
    """The reports in the format called `name`.

    Args:
        reports: the reports.
        name: one of `FORMATS`.
        sources: the texts of each report's submission, by file, for pages.
        terminal: `color`, `width` and `verbose`, for the terminal only.

    Raises `UsageError` if there is no such format.
    """
    if name not in FORMATS:
        known = series(FORMATS)
        raise UsageError(say("{name}: no such format; there are {known}", name=name, known=known))
    module = importlib.import_module(f"grader.render.{name}")
    if name == "terminal":
        return str(module.render(reports, **terminal))
    if name == "html":
        return str(module.render(reports, sources=sources))
    return str(module.render(reports))


def printable(text: str) -> str:
    """Text without control characters, which could move the cursor or hide a line."""
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(
        c if c in "\n\t" or (c.isprintable()) else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def for_students(report: Report) -> Report:
    """The report without what would give its hidden checks away: their names, inputs, messages and
    output, how exactly they ended, and how long they took. Their points stay. Applying it twice is the
    same as applying it once."""
    hidden = [c for c in report.checks if c.hidden]
    titles = [bare(c.title) for c in hidden]
    numbers = iter(range(1, len(hidden) + 1))
    checks = (
        _redact_hidden(c, next(numbers)) if c.hidden else _redact_titles(c, titles)
        for c in report.checks
    )
    seconds = sum(c.duration for c in report.checks if not c.hidden) if hidden else report.duration
    return replace(report, checks=tuple(checks), duration=seconds)


def _redact_hidden(check: CheckResult, number: int) -> CheckResult:
    plain = (Outcome.PASSED, Outcome.SKIPPED, Outcome.UNGRADED)
    return CheckResult(
        name=f"hidden_{number}",
        title=say("Hidden check {number}.", number=number),
        outcome=check.outcome if check.outcome in plain else Outcome.FAILED,
        score=check.score,
        max_score=check.max_score,
        hidden=True,
        message="" if check.outcome is Outcome.PASSED else say(HIDDEN_MESSAGE),
    )


def _redact_titles(check: CheckResult, titles: Sequence[str]) -> CheckResult:
    """A visible check, without the titles of hidden ones: a skipped check names the one it depends on."""
    message = check.message
    for title in titles if check.outcome is Outcome.SKIPPED else ():
        message = message.replace(title, say("a hidden check"))
    return replace(check, message=message)


def bare(title: str) -> str:
    """A title without its full stop, for the middle of a sentence."""
    return title.rstrip(".。")


def explanations(check: CheckResult) -> list[str]:
    """What is known of why a check did not pass, beside its hint: the contrast of a right and a wrong
    call, and the line to look at."""
    return [said for said in (check.contrast, _where_to_look(check)) if said]


def _where_to_look(check: CheckResult) -> str:
    """The line that a repair found, if the hint does not name it."""
    suspect = check.suspect
    if suspect is None:
        return ""
    if suspect.file in check.hint and re.search(rf"(?<!\d){suspect.line}(?!\d)", check.hint):
        return ""
    return say(
        "Look at line {line} of {file}, in {function}.",
        line=suspect.line,
        file=suspect.file,
        function=suspect.function,
    )


def with_more(title: str, more: int) -> str:
    """The title of a check that stands for `more` others as well."""
    return say("{title} (and {n} more)", title=title, n=more) if more else title


def place(file: str, line: int) -> str:
    """Where something is: a file, and its line if that is known."""
    return say("{file}, line {line}", file=file, line=line) if line else file


def status_symbol(check: CheckResult) -> str:
    """A symbol for how a check ended: passed, ungraded, skipped, or failed."""
    return {Outcome.PASSED: "✓", Outcome.UNGRADED: "!", Outcome.SKIPPED: "–"}.get(
        check.outcome, "✗"
    )


def points_sentence(report: Report) -> str:
    """The points in words; if a check could not be graded, never the number alone."""
    message = say("{score:g} of {all:g} points", score=report.score, all=report.max_score)
    if report.outcome == "ungraded":
        message = say(
            "{points}, but some checks could not be graded; that is not your fault", points=message
        )
    if not report.selection:
        return message
    return say(
        "{points} (only the checks selected by -k {selection})",
        points=message,
        selection=report.selection,
    )


def mistakes(checks: Sequence[CheckResult]) -> list[list[CheckResult]]:
    """The checks that did not pass, by mistake: those together that have the same misconception, the same
    suspect line, or the same message at the same line. Skipped checks follow from others and are left
    out."""
    seen: dict[object, list[CheckResult]] = {}
    for check in checks:
        if check.outcome not in (Outcome.PASSED, Outcome.SKIPPED):
            alike = (check.file, check.line, check.message)
            seen.setdefault(check.misconception or check.suspect or alike, []).append(check)
    return list(seen.values())


def grouped_failures(checks: Sequence[CheckResult]) -> Iterator[tuple[CheckResult, int]]:
    """The first check of each mistake, and how many further ones it has."""
    for first, *more in mistakes(checks):
        yield first, len(more)


def guarantees_sentence(report: Report) -> str:
    """One sentence: which guarantees held for the student's process, and by which mechanism."""
    held = report.confinement
    if held.level == "none":
        return say("No student code was run.")
    names = [f.name for f in fields(held) if f.type == "bool"]
    values = {
        "held": series(n for n in names if getattr(held, n)) or say("none"),
        "missing": series(n for n in names if not getattr(held, n)),
        "level": held.level,
        "mechanism": series(map(say, held.mechanism.split(", "))),
    }
    if values["missing"]:
        return say("Guarantees: {held}; missing: {missing} (level {level}: {mechanism}).", **values)
    return say("Guarantees: {held} (level {level}: {mechanism}).", **values)


def headline(message: str) -> str:
    """The beginning of a message, in one line: a line that ends with a colon only leads to the next.

    >>> headline("For x (10, 3), b = 1.5:\\nout has shape (10,), expected (10, 1).\\nMore.")
    'For x (10, 3), b = 1.5: out has shape (10,), expected (10, 1).'
    """
    said = list[str]()
    for line in message.strip().splitlines():
        said.append(line.strip())
        if not line.rstrip().endswith((":", "：")):
            break
    return together(*said) if said else ""


def truncate(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, and a line that says how many more there were."""
    return (
        text
        if len(text) <= limit
        else text[:limit] + "\n" + say("… and {n:,} more", n=len(text) - limit)
    )
