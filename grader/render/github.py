"""Reports for a GitHub Actions job: annotations, the log, the job's summary.

Theory of operation. A runner reads commands (`::error …::`) from a job's log, so a student's text
must never begin a line of its own there. In an annotation, new lines are escaped; the rest of the
log stands between `::stop-commands::TOKEN` and `::TOKEN::`. The token is a digest of the very text
that it encloses: the same report gives the same log, and to end the pause early a student would
have to print the digest of a text that contains this very digest, which nobody can find.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Sequence
from dataclasses import replace

from grader.language import say, say_n
from grader.model import CheckResult, Outcome, Report
from grader.render import (
    explanations,
    for_students,
    grouped_failures,
    guarantees_sentence,
    markdown,
    printable,
    terminal,
    truncate,
    with_more,
)

MAX_ANNOTATIONS = 10
MESSAGE_LIMIT = 2_000
SUMMARY_LIMIT = 1 << 20
CELL = re.compile(r"(.+\.ipynb) cell (\d+)")


def render(reports: Sequence[Report]) -> str:
    """What a job prints: annotations first, then the reports with commands switched off."""
    seen = [for_students(report) for report in reports]
    made = annotation_commands(seen)
    lines = made[:MAX_ANNOTATIONS]
    if left := len(made) - len(lines):
        lines.append(
            say_n(
                "{n} more check did not pass; the summary lists all of them.",
                "{n} more checks did not pass; the summary lists all of them.",
                left,
            )
        )
    guarantees = "\n".join(dict.fromkeys(guarantees_sentence(report) for report in seen))
    log = f"{terminal.render(seen, width=100)}\n{guarantees}\n"
    token = hashlib.sha256(log.encode("utf-8", "replace")).hexdigest()
    return "\n".join([*lines, f"::stop-commands::{token}", f"{log}::{token}::", ""])


def summary(reports: Sequence[Report]) -> str:
    """Markdown for `$GITHUB_STEP_SUMMARY`."""
    return markdown.summary(reports, SUMMARY_LIMIT)


def annotation_commands(reports: Sequence[Report]) -> list[str]:
    """One command for each check that did not pass, at the line that caused it; checks with the same
    message at the same line share one."""
    lines = []
    for report in map(for_students, reports):
        for found, more in grouped_failures(report.checks):
            check = _at_suspect(found)
            kind = "warning" if check.outcome is Outcome.UNGRADED else "error"
            title = with_more(check.title, more)
            places = {**_location(report, check), "title": f"{report.exercise}: {title}"}
            words = ",".join(f"{key}={_property(value)}" for key, value in places.items())
            lines.append(f"::{kind} {words}::{_message(_text(check))}")
    return lines


def _at_suspect(check: CheckResult) -> CheckResult:
    """The check's result placed at the line that a repair found, if one did."""
    if check.suspect is None:
        return check
    return replace(check, file=check.suspect.file, line=check.suspect.line)


def _text(check: CheckResult) -> str:
    """The text of an annotation. A line of a notebook's cell is not a line of its file, so it is named."""
    cell = CELL.fullmatch(check.file)
    where = ""
    if cell and check.line:
        where = say("Cell {cell}, line {line}:", cell=cell[2], line=check.line)
    hint = check.hint and say("Hint: {hint}", hint=check.hint)
    return printable("\n".join(filter(None, [where, check.message, hint, *explanations(check)])))


def _location(report: Report, check: CheckResult) -> dict[str, str]:
    """`file`, the path in the repository, and `line`, as far as they are known.

    A check's file is relative to the submission, which is the file itself, a folder, or a zip. GitHub
    shows no annotations in a zip, and none outside of the repository: these have no location.
    """
    submission = report.submission.replace("\\", "/")
    suffix = posixpath.splitext(submission)[1].lower()
    if suffix == ".zip" or check.hidden:
        return {}
    alone = suffix in (".py", ".ipynb")
    cell = CELL.fullmatch(check.file)
    label = cell[1] if cell else check.file or (posixpath.basename(submission) if alone else "")
    if not label or ".." in label.split("/"):
        return {}
    folder = posixpath.dirname(submission) if alone else submission
    path = posixpath.normpath(posixpath.join(folder, label))
    if path.startswith(("/", "../")):
        return {}
    return {"file": path} | ({"line": str(check.line)} if check.line and not cell else {})


def _message(text: str) -> str:
    words = truncate(text, MESSAGE_LIMIT)
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(printable(text)).replace(":", "%3A").replace(",", "%2C")
