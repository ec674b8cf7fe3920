"""Writes docs/promises.md: what the handouts promise or ask for, and the check that would fail.

    python exercises/promises.py            write the table anew
    python exercises/promises.py --check    say whether it is current

Every sentence of a handout with one of the words in WORDS has an entry in the `promises.toml` beside it:
the checks that fail where the sentence does not hold, or that it only explains.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
TABLE = HERE.parent / "docs" / "promises.md"
WORDS = re.compile(r"\b(must|raises?|each|any)\b", re.IGNORECASE)

HEAD = """# What the handouts promise, and the check that would fail

Made by `python exercises/promises.py` from the `promises.toml` of each exercise. A test proves that it is
current, that every sentence of the handouts with *must*, *raise*, *each* or *any* is in it, and that the
checks exist. Sentences that only explain are counted, not listed.
"""


def handouts() -> list[Path]:
    """The folders of the exercises, in their order."""
    return sorted(path.parent for path in HERE.glob("ex*/README.md"))


def sentences(text: str) -> Iterator[str]:
    """The sentences of a handout with one of the words, without its fences and its reading list."""
    text = text.partition("\n## Further reading")[0]
    text = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^\$\$.*?^\$\$$", "…", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^(#.*|!\[.*\))$", "", text, flags=re.MULTILINE)
    for block in re.split(r"\n\s*\n|\n(?=- |\| )", text):
        line = " ".join(block.split()).removeprefix("- ")
        for sentence in re.split(r"(?<=[.:;?])\*{0,2} (?=[A-Z`*(])", line):
            if WORDS.search(sentence):
                yield sentence


def checks_of(folder: Path) -> set[str]:
    """The names of an exercise's checks, read without running them."""
    names: set[str] = set()
    for path in folder.glob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names |= {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
    return {n for n in names if n.startswith("test_")}


def entries(folder: Path) -> dict[str, list[str]]:
    """The beginning of each sentence, and its checks; none where it only explains."""
    path = folder / "promises.toml"
    if not path.is_file():
        return {}
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return {**{start: [] for start in data.get("explains", [])}, **data.get("checks", {})}


def problems(folder: Path, listed: dict[str, list[str]]) -> list[str]:
    """Sentences without an entry, entries without a sentence, and checks that do not exist."""
    said = list(sentences((folder / "README.md").read_text(encoding="utf-8")))
    known = checks_of(folder)
    found = [
        f"{folder.name}: no entry for: {sentence}"
        for sentence in said
        if sum(sentence.startswith(start) for start in listed) != 1
    ]
    for start, checks in listed.items():
        if not any(sentence.startswith(start) for sentence in said):
            found.append(f"{folder.name}: no sentence begins: {start}")
        found += [f"{folder.name}: no check {name}" for name in checks if name not in known]
    return found


def table() -> str:
    """The table as Markdown: a part for each exercise."""
    parts = [HEAD]
    for folder in handouts():
        listed = entries(folder)
        rows, explaining = [], 0
        for sentence in sentences((folder / "README.md").read_text(encoding="utf-8")):
            checks = next((c for start, c in listed.items() if sentence.startswith(start)), [])
            explaining += not checks
            cell = sentence.strip("| ").replace("|", "\\|")
            if checks:
                rows.append(f"| {cell} | {', '.join(f'`{c}`' for c in checks)} |\n")
        title = f"\n## [{folder.name[:4]}](../exercises/{folder.name}/README.md)\n\n"
        left = f"\n{explaining} more only explain.\n" if explaining else ""
        parts.append(f"{title}| sentence | checks |\n| --- | --- |\n{''.join(rows)}{left}")
    return "".join(parts)


def main() -> int:
    """Write or check the table; returns 1 if something is wrong."""
    if wrong := [p for folder in handouts() for p in problems(folder, entries(folder))]:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    text = table()
    if "--check" in sys.argv[1:]:
        current = TABLE.is_file() and TABLE.read_text(encoding="utf-8") == text
        print(f"docs/promises.md {'is current' if current else ': run exercises/promises.py'}")
        return int(not current)
    TABLE.write_text(text, encoding="utf-8", newline="\n")
    print(f"docs/promises.md: {text.count(chr(10) + '| ')} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
