"""Puts measured figures into a document, between the marks that keep their place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; all columns but the first hold numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def replace_between(path: Path, name: str, text: str) -> None:
    """Replace what lies between `<!-- name:begin -->` and `<!-- name:end -->` in a file.

    Raises `ValueError` if the file has no such marks.
    """
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    whole = path.read_text(encoding="utf-8")
    pattern = re.compile(f"{begin}.*?{end}", re.DOTALL)
    if not pattern.search(whole):
        raise ValueError(f"{path}: the marks {begin} and {end} are missing")
    filled = pattern.sub(lambda _: f"{begin}\n{text.strip()}\n{end}", whole)
    path.write_text(filled, encoding="utf-8", newline="\n")
