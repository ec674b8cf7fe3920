"""What a report tells a student to do: where to begin, and where to go when stuck."""

from __future__ import annotations

from collections.abc import Sequence

from grader.language import say, say_n, series, together
from grader.model import CheckResult, Guide, Outcome, Report
from grader.render import bare, printable
from grader.render.lines import Style, joined, wrapped


def unwritten_lines(
    report: Report, guide: Guide, style: Style, width: int, *, first: bool
) -> list[str]:
    """Which functions are still stubs; if nothing else failed (`first`), where to begin."""
    found = unwritten_functions(report)
    if not found:
        return []
    lines = []
    names = [printable(name) for name in found]
    if first:
        check = found[names[0]]
        where = names[0]
        if check.line:
            where = say(
                "{name}, line {line} of {file}",
                name=names[0],
                line=check.line,
                file=printable(check.file),
            )
        word = say("Go on with:") if report.score else say("Begin here:")
        begin = joined([where], width, "  " + together(word, ""), "    ", "")
        lines = [style(line, bold=True) for line in begin]
        lines += wrapped(printable(check.title), width, "    ", "    ")
        pieces = [say("handout {path}", path=guide.handout)] if guide.handout else []
        pieces += [hint_command(report, names[0], guide)] if guide.hints else []
        lines += [*joined(pieces, width, "    ", "    ", say("; ")), ""] if pieces else [""]
        names = names[1:]
    if names:
        lines += wrapped(_not_written(names, more=first), width, "  · ", "    ")
    waiting = sum(waits_for_unwritten(check, report) for check in report.checks)
    if waiting:
        said = say_n(
            "{n} check waits for what is not written yet.",
            "{n} checks wait for what is not written yet.",
            waiting,
        )
        lines += wrapped(said, width, "  – ", "    ")
    return lines


def _not_written(names: Sequence[str], *, more: bool) -> str:
    shown = series(names)
    if more:
        return say_n(
            "{n} more function is not written yet: {names}.",
            "{n} more functions are not written yet: {names}.",
            len(names),
            names=shown,
        )
    return say_n(
        "{n} function is not written yet: {names}.",
        "{n} functions are not written yet: {names}.",
        len(names),
        names=shown,
    )


def unwritten_functions(report: Report) -> dict[str, CheckResult]:
    """The functions that are still stubs, each with the first check that it ended."""
    found: dict[str, CheckResult] = {}
    for check in report.checks:
        if check.unwritten:
            found.setdefault(check.unwritten, check)
    return found


def waits_for_unwritten(check: CheckResult, report: Report) -> bool:
    """Whether a check was skipped because of a function that is still a stub."""
    causes = [bare(c.title) for c in report.checks if c.unwritten]
    return check.outcome is Outcome.SKIPPED and any(title in check.message for title in causes)


def concerned(report: Report) -> str:
    """The function that a student works on: the first that is wrong, else the first stub."""
    for check in report.checks:
        wrong = check.outcome not in (Outcome.PASSED, Outcome.SKIPPED, Outcome.UNGRADED)
        if wrong and not check.unwritten and (check.suspect or check.function):
            return _about(check)
    return next(iter(unwritten_functions(report)), "")


def _about(check: CheckResult) -> str:
    """The function that a failed check is about."""
    return check.suspect.function if check.suspect else check.function


def hint_command(report: Report, function: str, guide: Guide) -> str:
    """The command that shows the next hint for a function; without a name, if it has none."""
    owner = function.partition(".")[0]  # of a method, its class
    name = next((f" {word}" for word in (function, owner) if word in guide.hints), "")
    return f"grade hint {report.exercise}{name}"


def next_step(
    listed: Sequence[CheckResult], report: Report, guide: Guide, style: Style, width: int
) -> list[str]:
    """Where to go from the first check that failed: to a hint, and to the debugger."""
    ended = (Outcome.PASSED, Outcome.SKIPPED)
    failed = next((c for c in listed if c.outcome not in ended and not c.unwritten), None)
    if failed is None or failed.outcome is Outcome.UNGRADED:
        return []
    lines = []
    if guide.hints:
        lines += [
            "  " + say("Stuck? {command}", command=hint_command(report, _about(failed), guide))
        ]
    if failed.outcome in (Outcome.FAILED, Outcome.ERROR):
        again = f"grade {report.exercise} -k {failed.name} --debug"
        said = say("Debug it with print and breakpoint():")
        lines += joined([said, again], width, "  ", "    ", together(said, "").removeprefix(said))
    return [style(line, fg="bright_black") for line in lines]
