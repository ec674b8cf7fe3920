"""Reports as one HTML page that loads no other files and runs no scripts."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence

from grader.model import CheckResult, Outcome, Picture, Report
from grader.render import (
    explanations,
    for_students,
    grouped_failures,
    guarantees_sentence,
    points_sentence,
    printable,
    status_symbol,
    truncate,
)

TEXT_LIMIT = 20_000
STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.3rem } h2 { font-size: 1rem; margin-bottom: .3rem }
table { border-collapse: collapse } td, th { padding: .15rem .6rem .15rem 0; text-align: left }
.passed { color: #1a7f37 } .failed { color: #c62828 } .aside { color: #777 }
pre { overflow-x: auto; padding: .6rem; border-left: 3px solid #8886 }
.hint { border-left: 3px solid #d29922; padding-left: .6rem }
.picture { display: flex; flex-wrap: wrap; gap: 1.5rem; font: 13px ui-monospace, monospace }
.picture td { text-align: right } .wrong { background: #c6282833; font-weight: bold }
"""
HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
"""


def render(reports: Sequence[Report]) -> str:
    """One page with all reports, one below the other."""
    seen = [for_students(report) for report in reports]
    title = ", ".join(dict.fromkeys(f"{r.exercise} {r.title}" for r in seen))
    parts = [f"{HEAD}<title>{escape(title)}</title>\n<style>{STYLE}</style>\n"]
    parts += [_report(report) for report in seen]
    return "".join(parts) + "</html>\n"


def escape(words: str) -> str:
    """Text as HTML, without markup and control characters."""
    return html.escape(printable(words))


def _report(report: Report) -> str:
    lines = [
        "<article>",
        f"<h1>{escape(report.exercise)} {escape(report.title)}</h1>",
        f'<p><strong class="{_css_class(report.outcome == "passed")}">{escape(points_sentence(report))}</strong> '
        f'<span class="aside">{escape(report.submission)}</span></p>',
    ]
    lines += [f'<p class="failed">{escape(problem)}</p>' for problem in report.problems]
    lines += [f'<pre class="aside">{escape(note)}</pre>' for note in report.notes]
    lines += ["<table>", *map(_row, report.checks), "</table>"]
    lines += [_details(c, more) for c, more in grouped_failures(report.checks) if not c.hidden]
    lines += [f'<p class="aside">{escape(guarantees_sentence(report))}</p>', "</article>", ""]
    return "\n".join(lines)


def _css_class(good: bool) -> str:
    return "passed" if good else "failed"


def _row(check: CheckResult) -> str:
    aside = check.outcome in (Outcome.SKIPPED, Outcome.UNGRADED)
    tone = "aside" if aside else _css_class(check.outcome is Outcome.PASSED)
    return (
        f'<tr><td class="{tone}">{status_symbol(check)}</td>'
        f"<td>{check.score:g}/{check.max_score:g}</td><td>{escape(check.title)}</td></tr>"
    )


def _details(check: CheckResult, more: int) -> str:
    also = f" (and {more} more)" if more else ""
    lines = ["<section>", f"<h2>{escape(check.title)}{also}</h2>"]
    if check.file:
        line = f", line {check.line}" if check.line else ""
        lines.append(f'<p class="aside">{escape(check.file)}{line}</p>')
    lines.append(f"<pre>{escape(truncate(check.message, TEXT_LIMIT))}</pre>")
    if check.picture is not None:
        lines.append(_picture(check.picture))
    if check.hint:
        lines.append(f'<p class="hint">{escape(check.hint)}</p>')
    lines += [f'<p class="hint">{escape(said)}</p>' for said in explanations(check)]
    if check.call:
        lines.append(f"<p>To try it:</p><pre>{escape(check.call)}</pre>")
    if check.output.strip():
        printed = escape(truncate(check.output.rstrip(), TEXT_LIMIT))
        lines.append(f"<details><summary>Your code printed</summary><pre>{printed}</pre></details>")
    return "\n".join([*lines, "</section>"])


def _picture(picture: Picture) -> str:
    tables = [
        _matrix(f"{picture.title}, expected", picture.expected, picture.wrong, mark=False),
        _matrix("yours", picture.got, picture.wrong, mark=True),
    ]
    return f'<div class="picture">{"".join(tables)}</div>'


def _matrix(
    title: str, rows: Iterable[Sequence[float]], wrong: Iterable[Sequence[bool]], *, mark: bool
) -> str:
    lines = []
    for row, flags in zip(rows, wrong, strict=True):
        cells = (
            ('<td class="wrong">' if mark and flag else "<td>") + f"{_number(value)}</td>"
            for value, flag in zip(row, flags, strict=True)
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><caption>{escape(title)}</caption>{''.join(lines)}</table>"


def _number(value: float) -> str:
    return f"{value + 0.0:.4g}" if math.isfinite(value) else str(value)
