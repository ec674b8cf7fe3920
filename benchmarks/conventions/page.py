"""The page's tables, made of answers, guesses and verdicts."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path

from documents import replaced, table

from conventions.environments import versions
from conventions.grading import Variant
from conventions.rows.registry import Row

GUESSES = Path(__file__).with_name("guesses.toml")
CLOSE = 0.02  # a number guessed to two per cent was not guessed wrong


def sections(
    rows: Mapping[str, Row], answers: Mapping[str, str], verdicts: Mapping[Variant, str]
) -> dict[str, str]:
    """What stands between each pair of marks of the page, by the marks' name."""
    topics = dict.fromkeys(row.topic for row in rows.values())
    found = {f"rows-{topic}": _rows(topic, rows, answers) for topic in topics}
    for topic in dict.fromkeys(variant.topic for variant in verdicts):
        lines = [[v.form, verdict] for v, verdict in verdicts.items() if v.topic == topic]
        found[f"checks-{topic}"] = table(["a solution with", "our checks"], lines, numbers=False)
    return found | {"versions": versions() + ".", "guesses": _guesses(rows, answers)}


def filled(page: str, found: Mapping[str, str]) -> str:
    """The page with each section in its place; raises ValueError if it has no marks for one."""
    for name, text in found.items():
        page = replaced(page, f"conventions-{name}", text)
    return page


def differences(page: str, new: str) -> list[str]:
    """What has changed, line by line; empty if nothing has."""
    names = "the page", "what is so today"
    return list(difflib.unified_diff(page.splitlines(), new.splitlines(), *names, lineterm="", n=0))


def _rows(topic: str, rows: Mapping[str, Row], answers: Mapping[str, str]) -> str:
    lines = [
        [row.library, row.call, _cell(answers[name])]
        for name, row in rows.items()
        if row.topic == topic
    ]
    return table(["library", "what is asked", "what it says"], lines, numbers=False)


def _cell(answer: str) -> str:
    """An answer as it stands in a table: a minus sign for numbers, names of errors as code."""
    parts = []
    for part in answer.split("; "):
        words = part.split(" ")
        if "raises" in words:
            place = words.index("raises") + 1
            words[place] = f"`{words[place]}`"
        parts.append(" ".join(words))
    return "; ".join(parts)


def _guesses(rows: Mapping[str, Row], answers: Mapping[str, str]) -> str:
    """How many guesses were wrong, and which."""
    guesses = tomllib.loads(GUESSES.read_text(encoding="utf-8"))["guess"]
    wrong = {n: g for n, g in guesses.items() if n in answers and not agrees(g, answers[n])}
    lines = [
        [rows[n].library, rows[n].call, _cell(guess), _cell(answers[n])]
        for n, guess in wrong.items()
    ]
    said = (
        f"Of {len(answers)} rows, {len(guesses)} were guessed before they were run; "
        f"{len(wrong)} of the guesses were wrong. (The other {len(answers) - len(guesses)} "
        f"were known from an earlier run and do not count.)"
    )
    heads = ["library", "what is asked", "guess", "what it says"]
    return f"{said}\n\n{table(heads, lines, numbers=False)}"


def agrees(guess: str, answer: str) -> bool:
    """Whether a guess is right: the same words, and numbers that are close."""
    mine, theirs = guess.split(" "), answer.split(" ")
    return len(mine) == len(theirs) and all(map(_close, mine, theirs))


def _close(mine: str, theirs: str) -> bool:
    try:
        one, other = float(mine.rstrip(",;")), float(theirs.rstrip(",;"))
    except ValueError:
        return mine == theirs
    return mine == theirs or abs(one - other) <= CLOSE * abs(other)
