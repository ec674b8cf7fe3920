"""Reports as Markdown, for a job's summary, a comment or a file. Students' text is never markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from grader.language import later, say
from grader.model import CheckResult, Report
from grader.render import (
    explanations,
    for_students,
    grouped_failures,
    guarantees_sentence,
    place,
    points_sentence,
    printable,
    status_symbol,
    truncate,
    with_more,
)

TEXT_LIMIT = 8_000
CUT_NOTE = later("The rest is left out: a summary may be at most {limit:,} bytes long.")


def render(reports: Sequence[Report]) -> str:
    """All reports, one section each."""
    return "".join(sections(reports))


def summary(reports: Sequence[Report], limit: int = 1 << 20) -> str:
    """All reports, or as many sections as fit into `limit` bytes and a note that the rest is left out."""
    cut = f"\n**{say(CUT_NOTE, limit=limit)}**\n"
    room = limit - len(cut.encode())
    text, size = "", 0
    for section in sections(reports):
        size += len(section.encode())
        if size > room:
            return text + cut
        text += section
    return text


def sections(reports: Sequence[Report]) -> Iterator[str]:
    """The text in sections that can stand alone, most important first."""
    seen = [for_students(report) for report in reports]
    for report in seen:
        yield _table(report)
    for report in seen:
        for check, more in grouped_failures(report.checks):
            if not check.hidden:
                yield _details(report, check, more)
    for words in dict.fromkeys(guarantees_sentence(report) for report in seen):
        yield f"\n<sub>{escape_inline(words)}</sub>\n"


def _table(report: Report) -> str:
    mark = "✓" if report.outcome == "passed" else "✗"
    head = f"{report.exercise} {escape_inline(report.title)}"
    lines = [
        f"## {mark} "
        + say("{head}: {text}", head=head, text=escape_inline(points_sentence(report))),
        "",
        escape_inline(report.submission),
        "",
    ]
    lines += [f"> **{escape_inline(problem)}**\n" for problem in report.problems]
    lines += [code_block(note) for note in report.notes]
    lines += [say("| | Points | Check |"), "|---|---:|---|"]
    for check in report.checks:
        points = f"{check.score:g}/{check.max_score:g}"
        lines.append(f"| {status_symbol(check)} | {points} | {escape_inline(check.title)} |")
    return "\n".join(lines) + "\n\n"


def _details(report: Report, check: CheckResult, more: int) -> str:
    title = with_more(escape_inline(check.title), more)
    lines = ["### " + say("{head}: {text}", head=report.exercise, text=title), ""]
    if check.file:
        lines += [place(escape_inline(check.file), check.line), ""]
    lines += [code_block(check.message)]
    if check.hint:
        lines += [f"**{say('Hint:')}** {escape_inline(check.hint)}", ""]
    for said in explanations(check):
        lines += [escape_inline(said), ""]
    if check.call:
        lines += [say("To try it:"), "", code_block(check.call)]
    if check.output.strip():
        lines += [say("Your code printed:"), "", code_block(check.output)]
    return "\n".join(lines) + "\n"


def escape_inline(text: str) -> str:
    """Text for the middle of a line: no markup, no links, no mentions, no new lines."""
    words = html.escape(" ".join(printable(text).split()), quote=False)
    return re.sub(r"([\\`*_{}\[\]()#+!|~@$])", r"\\\1", words)


def code_block(text: str) -> str:
    """Text as it is, in a fence longer than any fence in it."""
    words = truncate(printable(text).rstrip(), TEXT_LIMIT)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", words)), default=0))
    return f"{fence}text\n{words}\n{fence}\n"
