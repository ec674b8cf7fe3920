"""The mistakes of a class, by how many submissions have them: recognised ones, lines and contrasts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grader.language import later, say
from grader.model import CheckResult, Report, Suspect

AROUND = 2  # lines of code shown before and after a suspect line
# How `repair/words.py` names lines in its sentences.
ONE_LINE = later("line {line} of {file}")
TWO_LINES = later("line {line} or line {other} of {file}")
LINES = later("lines {lines} of {file}")
COMMENT = re.compile(r"#.*")
TEXT = re.compile(r"(\"\"\"|'''|\"|').*?\1")

Sources = Mapping[str, str]  # text by file or cell


@dataclass(frozen=True, slots=True)
class MistakeStats:
    """A mistake, in how many submissions it was found, and in what share of them.

    Attributes:
        name: the misconception's name, or the function with a suspect line or a contrast.
        hint: what a student is told about it.
        count: the submissions that have it.
        part: their share.
        excerpt: the code of one of them around the suspect line, without comments and texts; `""`
            if no line is known.
        key: tells it from the others of its exercise.
    """

    name: str
    hint: str
    count: int
    part: float
    excerpt: str = ""
    key: str = ""


def common_mistakes(
    reports: Sequence[Report], sources: Callable[[int], Sources] = lambda _: {}
) -> tuple[MistakeStats, ...]:
    """The mistakes of these reports, the most frequent first.

    Args:
        reports: of one exercise.
        sources: gives the texts of the submission that a report, by its number, is about.
    """
    count: Counter[str] = Counter()
    told: dict[str, tuple[str, str]] = {}
    examples: dict[str, tuple[int, Suspect]] = {}
    for number, report in enumerate(reports):
        found = {key: (key, c) for c in report.checks if (key := mistake_key(c))}
        count.update(found.keys())
        for key, check in found.values():
            told.setdefault(key, (_name(check), _of_any_line(check, check.hint or check.contrast)))
            if check.suspect is not None:
                examples.setdefault(key, (number, check.suspect))
    return tuple(
        MistakeStats(*told[key], k, k / len(reports), _excerpt(examples.get(key), sources), key)
        for key, k in count.most_common()
    )


def _of_any_line(check: CheckResult, text: str) -> str:
    """A sentence without the lines that it names, which differ from submission to submission."""
    if check.suspect is None:
        return text
    file = re.escape(check.suspect.file)
    one, either, several = (
        re.escape(say(words, line="LINE", other="LINE", lines="LINES", file="FILE"))
        .replace("LINES", r"\d[^.]*?\d")
        .replace("LINE", r"\d+")
        .replace("FILE", file)
        for words in (ONE_LINE, TWO_LINES, LINES)
    )
    text = re.sub(several, say("some lines"), text)
    return re.sub(f"{either}|{one}", say("one line"), text)


def mistake_key(check: CheckResult) -> str:
    """What makes two checks' mistakes the same; `""` if none was found."""
    if check.misconception:
        return check.misconception
    if check.suspect is not None:
        return f"{check.suspect.function} {_of_any_line(check, check.hint)}"
    return check.contrast


def _name(check: CheckResult) -> str:
    if check.misconception:
        return check.misconception
    return check.suspect.function if check.suspect else check.contrast.partition(" ")[0]


def _excerpt(example: tuple[int, Suspect] | None, sources: Callable[[int], Sources]) -> str:
    """A few lines of somebody's code without what may tell who that is."""
    if example is None:
        return ""
    number, suspect = example
    lines = sources(number).get(suspect.file, "").splitlines()
    first = max(0, suspect.line - 1 - AROUND)
    some = [
        TEXT.sub(r"\1…\1", COMMENT.sub("", line)).rstrip()
        for line in lines[first : suspect.line + AROUND]
    ]
    return "\n".join(line for line in some if line.strip())
