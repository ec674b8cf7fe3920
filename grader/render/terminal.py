"""Reports for the terminal: what is wrong, why, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby

import click

from grader.columns import columns, padded
from grader.language import later_n, say, say_n, series, together
from grader.model import CheckResult, Guide, Outcome, Picture, Report
from grader.render import explanations, printable
from grader.render.guidance import next_step, unwritten_lines, waits_for_unwritten
from grader.render.lines import INDENT, Style, wrapped, wrapped_code

SYMBOLS = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.FAILED: ("✗", "red"),
    Outcome.ERROR: ("✗", "red"),
    Outcome.TIMEOUT: ("⧗", "red"),
    Outcome.CRASHED: ("✗", "red"),
    Outcome.VIOLATION: ("✗", "red"),
    Outcome.SKIPPED: ("–", "bright_black"),
    Outcome.UNGRADED: ("!", "magenta"),
}
OUTPUT_LINES = 12
# So many failures of one function are shown in full; of further ones, only the titles.
MAX_IN_FULL = 2
# So many checks that others wait for are named.
MAX_CAUSES = 2

# Why checks are counted only; each is said of one check, and of several.
Reason = tuple[str, str]
PASSED = later_n("{n} check passed", "{n} checks passed")
NOT_RUN = later_n(
    "{n} check could not run for the reason above",
    "{n} checks could not run for the reason above",
)
SKIPPED = later_n("{n} check skipped: {why}", "{n} checks skipped: {why}")
MISTAKE_ABOVE = later_n(
    "{n} more did not pass, probably because of a mistake named above",
    "{n} more did not pass, probably because of a mistake named above",
)
REASON_ABOVE = later_n(
    "{n} more did not pass for a reason given above",
    "{n} more did not pass for a reason given above",
)


def render(
    reports: Sequence[Report],
    *,
    color: bool = False,
    width: int = 80,
    verbose: bool = False,
    guides: Mapping[str, Guide] | None = None,
) -> str:
    """The reports one after the other; several are followed by a table of their points.

    Checks that passed, and checks that were skipped for the same reason, are counted in one line. Of
    many failures of one function, only the first are shown in full. Functions that are not written yet
    are named in one line. `verbose` shows everything. `guides` tells by exercise where help is.
    """

    def style(text: str, **attributes: object) -> str:
        return click.style(text, **attributes) if color else text  # type: ignore[arg-type]

    width = max(40, min(width, 100))
    known = guides or {}
    parts = [_report(r, known.get(r.exercise, Guide()), style, width, verbose) for r in reports]
    if len(reports) > 1:
        parts.append(_table(reports, style))
    return "\n".join(parts)


def _table(reports: Sequence[Report], style: Style) -> str:
    """One line for each report: points, exercise, submission, and the recognised misconceptions."""
    lines = []
    wide = max(columns(printable(r.submission)) for r in reports)
    for report in reports:
        mark, fg = SYMBOLS[Outcome.PASSED if report.outcome == "passed" else Outcome.FAILED]
        named = dict.fromkeys(c.misconception for c in report.checks if c.misconception)
        points = f"{report.score:g}/{report.max_score:g}"
        line = f" {points:>7}  {report.exercise}  {padded(printable(report.submission), wide)}"
        lines.append(f"  {style(mark, fg=fg)}{line}  {', '.join(named)}".rstrip())
    return "\n".join(lines) + "\n"


def _report(report: Report, guide: Guide, style: Style, width: int, verbose: bool) -> str:
    head = f"{report.exercise}  {report.title}"
    lines = [
        style(head, bold=True) + style(f"   {printable(report.submission)}", fg="bright_black"),
        "",
    ]
    for problem in report.problems:
        lines += wrapped(printable(problem), width, "  ! ", "    ")
    if report.problems:
        lines.append("")
    for note in report.notes:
        lines += wrapped(say("note: {text}", text=printable(note)), width, "  ", "    ")
    listed, folded = _split_listed(report, verbose=verbose)
    brief = set() if verbose else _titles_only(listed)
    for index, check in enumerate(listed):
        lines += _title(check, style, width) if index in brief else _check(check, style, width)
        if index in brief and index + 1 not in brief:
            lines.append("")
    if brief:
        text = say(
            "Further failures of the same function are listed by title only; -v shows everything."
        )
        lines += [style(line, fg="bright_black") for line in wrapped(text, width, "  ", "  ")]
    lines += _count_lines(folded, report, style, width)
    only = not any(c.outcome not in (Outcome.PASSED, Outcome.SKIPPED) for c in listed)
    lines += unwritten_lines(report, guide, style, width, first=only)
    lines += ["", _total(report, style)]
    lines += next_step(listed, report, guide, style, width)
    lines += _missing_guarantees(report, style, width)
    return "\n".join(lines) + "\n"


def _split_listed(
    report: Report, *, verbose: bool
) -> tuple[list[CheckResult], list[tuple[CheckResult, Reason]]]:
    """The checks to list, and the checks to count only, each with the reason for that."""
    listed: list[CheckResult] = []
    folded: list[tuple[CheckResult, Reason]] = []
    said: set[object] = set()
    nothing_ran = _nothing_ran(report)
    for check in report.checks:
        if not verbose and (check.unwritten or waits_for_unwritten(check, report)):
            continue  # these have a line of their own
        hinted = (check.hint, check.file, check.line)
        reason: Reason | None = None
        if nothing_ran:
            reason = NOT_RUN
        elif check.outcome is Outcome.PASSED:
            reason = PASSED
        elif check.outcome is Outcome.SKIPPED:
            reason = SKIPPED
        elif check.message in report.problems:
            reason = NOT_RUN
        elif (check.misconception and check.misconception in said) or (
            check.suspect and check.suspect in said
        ):
            reason = MISTAKE_ABOVE
        elif check.message in said or (check.hint and hinted in said):
            reason = REASON_ABOVE
        said |= {check.message, check.misconception, hinted, check.suspect}
        if verbose or not reason:
            listed.append(check)
        else:
            folded.append((check, reason))
    return listed, folded


def _nothing_ran(report: Report) -> bool:
    """Whether no check ran, because the submission could not be loaded."""
    return bool(report.problems) and all(
        check.outcome is Outcome.SKIPPED or check.message in report.problems
        for check in report.checks
    )


def _titles_only(listed: Sequence[CheckResult]) -> set[int]:
    """The indices of the listed checks that are shown by title only."""
    shown: Counter[tuple[str, int]] = Counter()
    brief = set()
    for index, check in enumerate(listed):
        place = check.file, check.line
        if shown[place] >= MAX_IN_FULL and check.line and not check.misconception:
            brief.add(index)
        shown[place] += 1
    return brief


def _count_lines(
    checks: Sequence[tuple[CheckResult, Reason]], report: Report, style: Style, width: int
) -> list[str]:
    """One line for each reason: how many checks are not listed because of it."""
    causes = {check.message for check, reason in checks if reason is SKIPPED}
    several = say("they build on checks that did not pass") if len(causes) > MAX_CAUSES else ""
    groups: dict[tuple[Reason, str], list[CheckResult]] = {}
    for check, reason in checks:
        why = (several or printable(check.message)) if reason is SKIPPED else ""
        groups.setdefault((reason, why), []).append(check)
    lines = []
    for ((one, many), why), found in groups.items():
        text = say_n(one, many, len(found), why=why)
        if (one, many) == PASSED and len(found) == len(report.checks):
            text = say("all checks passed")
        mark, fg = SYMBOLS[found[0].outcome]
        parts = wrapped(text, width, f"  {mark} ", "    ")
        parts[0] = parts[0].replace(mark, style(mark, fg=fg), 1)
        lines += parts
    return lines


def _title(check: CheckResult, style: Style, width: int) -> list[str]:
    """Symbol, points and title of a check."""
    mark, fg = SYMBOLS[check.outcome]
    points = f"{check.score:g}/{check.max_score:g}"
    lines = wrapped(check.title, width, f"  {mark} {points:>5} ", INDENT)
    lines[0] = lines[0].replace(mark, style(mark, fg=fg), 1)
    return lines


def _check(check: CheckResult, style: Style, width: int) -> list[str]:
    """A check with its message, picture, hint and output."""
    fg = SYMBOLS[check.outcome][1]
    lines = _title(check, style, width)
    if check.outcome is Outcome.PASSED:
        return lines
    message = printable(check.message)
    if check.outcome is Outcome.SKIPPED:
        return lines + [style(x, fg=fg) for x in wrapped(say("skipped: {why}", why=message), width)]
    if check.outcome is Outcome.UNGRADED:
        message = say("Not your fault and not counted: {message}", message=message)
    lines += wrapped(message, width)
    if check.picture is not None:
        lines += ["", *_picture(check.picture, style, width)]
        lines += [""] * bool(
            check.hint or explanations(check) or check.call or check.output.strip()
        )
    if check.hint:
        head = INDENT + together(say("Hint:"), "")
        hint = wrapped(printable(check.hint), width, head, " " * columns(head))
        lines += [style(line, fg="yellow") for line in hint]
    for said in explanations(check):
        lines += [style(line, fg="yellow") for line in wrapped(printable(said), width)]
    if check.call:
        lines += [INDENT + say("To try it:")]
        lines += wrapped_code(printable(check.call), width, f"{INDENT}  ")
    if check.output.strip():
        lines += _output(printable(check.output), style)
    return [*lines, ""]


def _tells_of_dropped_output(line: str) -> bool:
    """Whether it is the sandbox's note, whatever its number, in the reader's language."""
    before, _, after = say("… {n} more bytes of output were dropped", n="\n").partition("\n")
    number = line.removeprefix(before).removesuffix(after)
    return line == before + number + after and number.replace(",", "").isdigit()


def _output(text: str, style: Style) -> list[str]:
    """The first lines of what was printed; a line that repeats is shown once, with its count."""
    runs = [(line[:200], len(list(same))) for line, same in groupby(text.rstrip().splitlines())]
    dropped = [runs.pop()[0]] if _tells_of_dropped_output(runs[-1][0]) else []
    while runs and not runs[-1][0]:  # blank lines before the note about dropped output
        runs.pop()
    shown = [line + (f"   (×{count})" if count > 1 else "") for line, count in runs[:OUTPUT_LINES]]
    if len(runs) > OUTPUT_LINES:
        more = sum(count for _, count in runs[OUTPUT_LINES:])
        shown.append(say_n("… and {n} more line", "… and {n} more lines", more))
    return [
        INDENT + say("Your code printed:"),
        *(style(f"{INDENT}  {line}", fg="cyan") for line in [*shown, *dropped]),
    ]


def _picture(picture: Picture, style: Style, width: int) -> list[str]:
    """Expected, yours and the difference: side by side if there is room, else one below the other."""
    gap = [
        [g - e if w else 0.0 for g, e, w in zip(gs, es, ws, strict=True)]
        for gs, es, ws in zip(picture.got, picture.expected, picture.wrong, strict=True)
    ]
    blocks = [
        _block(say("expected"), picture.expected, picture.wrong, style, ""),
        _block(say("yours"), picture.got, picture.wrong, style, "red"),
        _block(say("difference"), gap, picture.wrong, style, "red", blank="·"),
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
    """One matrix as lines of equal visible width; wrong entries have a star and a colour."""
    cells = [
        [
            blank if blank and not w else f"{v + 0.0:.4g}" + ("*" if w and fg else " ")
            for v, w in zip(r, ws, strict=True)
        ]
        for r, ws in zip(rows, wrong, strict=True)
    ]
    cells = [[c if c != blank else f"{c} " for c in row] for row in cells]
    wide = max(len(c) for row in cells for c in row)
    total = max(columns(title), len(cells[0]) * (wide + 1) - 1)
    lines = [padded(title, total)]
    for row, marks in zip(cells, wrong, strict=True):
        words = [
            style(f"{c:>{wide}}", fg=fg) if w and fg else f"{c:>{wide}}"
            for c, w in zip(row, marks, strict=True)
        ]
        visible = len(row) * (wide + 1) - 1
        lines.append(" ".join(words) + " " * (total - visible))
    return total, lines


def _total(report: Report, style: Style) -> str:
    score = {"score": report.score, "all": report.max_score}
    words = "  " + (
        say(
            "{score:g} of {all:g} points (only the checks selected by -k {selection})",
            **score,
            selection=report.selection,
        )
        if report.selection
        else say("{score:g} of {all:g} points", **score)
    )
    if report.outcome == "ungraded":
        words += "  " + say("some checks could not be graded")
    fg = {"passed": "green", "failed": "red", "ungraded": "magenta"}[report.outcome]
    return style(words, fg=fg, bold=True) + style(f"   {report.duration:.2f} s", fg="bright_black")


def _missing_guarantees(report: Report, style: Style, width: int) -> list[str]:
    """A line about missing guarantees; nothing in the normal case."""
    held = report.confinement
    missing = [
        name for name in ("filesystem", "network", "processes", "memory") if not getattr(held, name)
    ]
    if not missing or held.mechanism == "none":
        return []
    text = say(
        "Not isolated on this machine: {missing}. Run `grade doctor` for details.",
        missing=series(missing),
    )
    return [style(line, fg="bright_black") for line in wrapped(text, width, "  ", "  ")]
