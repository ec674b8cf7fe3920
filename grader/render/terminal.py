"""Reports for a person at a terminal: what is wrong, why, and what to do next."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

import click

from grader.model import CheckResult, Outcome, Picture, Report
from grader.render import printable

MARKS = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.FAILED: ("✗", "red"),
    Outcome.ERROR: ("✗", "red"),
    Outcome.TIMEOUT: ("⧗", "red"),
    Outcome.CRASHED: ("✗", "red"),
    Outcome.VIOLATION: ("✗", "red"),
    Outcome.SKIPPED: ("–", "bright_black"),
    Outcome.UNGRADED: ("!", "magenta"),
}
INDENT = " " * 10
OUTPUT_LINES = 12

Style = Callable[..., str]


def render(reports: Sequence[Report], *, color: bool = False, width: int = 80) -> str:
    """The reports one after the other, and a total where there are several."""

    def style(text: str, **attributes: object) -> str:
        return click.style(text, **attributes) if color else text  # type: ignore[arg-type]

    width = max(40, min(width, 100))
    parts = [_report(report, style, width) for report in reports]
    if len(reports) > 1:
        score, most = sum(r.score for r in reports), sum(r.max_score for r in reports)
        parts.append(style(f"All together: {score:g} of {most:g} points\n", bold=True))
    return "\n".join(parts)


def _report(report: Report, style: Style, width: int) -> str:
    head = f"{report.exercise}  {report.title}"
    lines = [style(head, bold=True) + style(f"   {printable(report.submission)}", fg="bright_black"), ""]
    for problem in report.problems:
        lines += _wrapped(printable(problem), width, "  ! ", "    ")
    if report.problems:
        lines.append("")
    for note in report.notes:
        lines += _wrapped(f"note: {printable(note)}", width, "  ", "    ")
    said: dict[str, str] = dict.fromkeys(report.problems, "above")
    for check in report.checks:
        lines += _check(check, report, said, style, width)
    lines += ["", _total(report, style)]
    lines += _isolation(report, style, width)
    return "\n".join(lines) + "\n"


def _check(
    check: CheckResult, report: Report, said: dict[str, str], style: Style, width: int
) -> list[str]:
    mark, fg = MARKS[check.outcome]
    points = f"{check.score:g}/{check.max_score:g}"
    first = f"  {mark} {points:>5} "
    lines = _wrapped(check.title, width, first, INDENT)
    lines[0] = lines[0].replace(mark, style(mark, fg=fg), 1)
    if check.outcome is Outcome.PASSED:
        return lines
    message = printable(check.message)
    if check.outcome is Outcome.SKIPPED:
        return lines + [style(line, fg="bright_black") for line in _wrapped(f"skipped: {message}", width)]
    if check.message in said:
        lines += [style(f"{INDENT}(as {said[check.message]})", fg="bright_black")]
        return lines
    said[check.message] = f"in “{check.title}”" if len(check.title) < 50 else "above"
    if check.outcome is Outcome.UNGRADED:
        message = f"Not your fault, and not counted: {message}"
    lines += _wrapped(message, width)
    if check.picture is not None:
        lines += ["", *_picture(check.picture, style, width), ""]
    if check.hint:
        hint = _wrapped(printable(check.hint), width, f"{INDENT}Hint: ", f"{INDENT}      ")
        lines += [style(line, fg="yellow") for line in hint]
    if check.output.strip():
        lines += _output(printable(check.output), style)
    again = f"grade {report.exercise} -k {check.name} --debug"
    lines += [style(f"{INDENT}Again, with print and breakpoint(): {again}", fg="bright_black"), ""]
    return lines


def _wrapped(text: str, width: int, first: str = INDENT, rest: str = INDENT) -> list[str]:
    """Lines wrapped to the width; a line that is indented already (numbers, code) stays whole."""
    lines: list[str] = []
    for index, line in enumerate(text.splitlines() or [""]):
        lead = first if index == 0 else rest
        if line.startswith(" "):
            lines.append((lead + line)[: max(width, 100)])
        else:
            lines += textwrap.wrap(
                line,
                width,
                initial_indent=lead,
                subsequent_indent=rest,
                break_on_hyphens=False,
            ) or [lead]
    return lines


def _output(text: str, style: Style) -> list[str]:
    lines = text.rstrip().splitlines()
    shown = [f"{INDENT}  {line[:200]}" for line in lines[:OUTPUT_LINES]]
    if len(lines) > OUTPUT_LINES:
        shown.append(f"{INDENT}  … and {len(lines) - OUTPUT_LINES} more lines")
    return [f"{INDENT}Your code printed:", *(style(line, fg="cyan") for line in shown)]


def _picture(picture: Picture, style: Style, width: int) -> list[str]:
    """Expected, yours and the difference: side by side where there is room, else one below another."""
    gap = [
        [g - e if w else 0.0 for g, e, w in zip(gs, es, ws, strict=True)]
        for gs, es, ws in zip(picture.got, picture.expected, picture.wrong, strict=True)
    ]
    blocks = [
        _block("expected", picture.expected, picture.wrong, style, ""),
        _block("yours", picture.got, picture.wrong, style, "red"),
        _block("difference", gap, picture.wrong, style, "red", blank="·"),
    ]
    lines = [f"{INDENT}{picture.title}"]
    if len(INDENT) + sum(w for w, _ in blocks) + 6 <= width:
        for row in zip(*(b for _, b in blocks), strict=True):
            lines.append(INDENT + "   ".join(row))
    else:
        for _, block in blocks:
            lines += [INDENT + line for line in block]
    return [line.rstrip() for line in lines]


def _block(
    title: str,
    rows: Sequence[Sequence[float]],
    wrong: Sequence[Sequence[bool]],
    style: Style,
    fg: str,
    blank: str = "",
) -> tuple[int, list[str]]:
    """One matrix as lines of equal visible width; wrong entries carry a star, and colour."""
    cells = [
        [blank if blank and not w else f"{v:.4g}" + ("*" if w and fg else " ") for v, w in zip(r, ws, strict=True)]
        for r, ws in zip(rows, wrong, strict=True)
    ]
    cells = [[c if c != blank else f"{c} " for c in row] for row in cells]
    wide = max(len(c) for row in cells for c in row)
    total = max(len(title), len(cells[0]) * (wide + 1) - 1)
    lines = [f"{title:<{total}}"]
    for row, marks in zip(cells, wrong, strict=True):
        words = [
            style(f"{c:>{wide}}", fg=fg) if w and fg else f"{c:>{wide}}"
            for c, w in zip(row, marks, strict=True)
        ]
        visible = len(row) * (wide + 1) - 1
        lines.append(" ".join(words) + " " * (total - visible))
    return total, lines


def _total(report: Report, style: Style) -> str:
    words = f"  {report.score:g} of {report.max_score:g} points"
    if report.selection:
        words += f" (only the checks that -k {report.selection} selects)"
    if report.outcome == "passed":
        words += "  all checks passed"
    elif report.outcome == "ungraded":
        words += "  the grader could not judge every check"
    fg = {"passed": "green", "failed": "red", "ungraded": "magenta"}[report.outcome]
    return style(words, fg=fg, bold=True) + style(f"   {report.duration:.2f} s", fg="bright_black")


def _isolation(report: Report, style: Style, width: int) -> list[str]:
    """A word where student code was not kept apart; silence is for the normal case."""
    held = report.confinement
    missing = [
        name
        for name in ("filesystem", "network", "processes", "memory")
        if not getattr(held, name)
    ]
    if not missing or held.mechanism == "none":
        return []
    text = f"Not isolated here: {', '.join(missing)}. Run `grade doctor` for more."
    return [style(line, fg="bright_black") for line in _wrapped(text, width, "  ", "  ")]
