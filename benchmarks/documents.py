"""Puts measured figures into a document, between the marks that keep their place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = True) -> str:
    """A table in Markdown; all columns but the first hold numbers, if any does."""
    lines = [head, ["---", *["---:" if numbers else "---"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def replace_between(path: Path, name: str, text: str) -> None:
    """Replace what lies between `<!-- name:begin -->` and `<!-- name:end -->` in a file.

    Raises `ValueError` if the file has no such marks.
    """
    path.write_text(
        replaced(path.read_text(encoding="utf-8"), name, text), encoding="utf-8", newline="\n"
    )


def replaced(whole: str, name: str, text: str) -> str:
    """A text with what lies between `<!-- name:begin -->` and `<!-- name:end -->` replaced.

    Raises `ValueError` if it has no such marks.
    """
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    pattern = re.compile(f"{begin}.*?{end}", re.DOTALL)
    if not pattern.search(whole):
        raise ValueError(f"the marks {begin} and {end} are missing")
    return pattern.sub(lambda _: f"{begin}\n{text.strip()}\n{end}", whole)
