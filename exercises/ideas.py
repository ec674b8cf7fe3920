"""Writes docs/ideas.md: every idea of the course, and the exercise, functions and checks it is in.

    python exercises/ideas.py            write the table anew
    python exercises/ideas.py --check    say whether it is current

The ideas are in ideas.toml. What is named there must exist, and every sentence of an exercise's `covers`
must belong to an idea.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from functools import cache
from pathlib import Path

from grader.course.loader import find_course
from grader.model import Course

HERE = Path(__file__).parent
IDEAS = HERE / "ideas.toml"
TABLE = HERE.parent / "docs" / "ideas.md"

HEAD = """# Where each idea of the course is practised

Made by `python exercises/ideas.py` from `exercises/ideas.toml`; a test proves that it is current, and that
every exercise, function and check in it exists.

| idea | exercise | functions | checks |
| --- | --- | --- | --- |
"""

ADDED = """
## What the course adds, and why

The notes end with convolutional networks. What every network of today has besides, and other courses have
students write, follows from exercise 11 on.

| idea | exercise | functions | checks |
| --- | --- | --- | --- |
"""


@cache
def checks_in(folder: Path) -> frozenset[str]:
    """The names of an exercise's checks, read without running them."""
    names: set[str] = set()
    for path in folder.glob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names |= {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
    return frozenset(n for n in names if n.startswith("test_"))


def problems(ideas: list[dict], course: Course) -> list[str]:
    """What the list names that does not exist, and what it leaves out."""
    known = {e.id: e for e in course.exercises}
    found, covered = [], set()
    for idea in ideas:
        if not idea.get("where"):
            found.append(f"{idea['idea']}: no exercise")
        for where in idea.get("where", []):
            exercise = known.get(where["exercise"])
            if exercise is None:
                found.append(f"{where['exercise']}: no such exercise")
                continue
            sentences = [s for s in exercise.covers if s.startswith(where["covers"])]
            if len(sentences) != 1:
                found.append(f"{exercise.id}: {len(sentences)} sentences begin {where['covers']!r}")
            covered |= {(exercise.id, s) for s in sentences}
            for kind, names, real in (
                ("function", where["functions"], set(exercise.names)),
                ("check", where["checks"], checks_in(exercise.folder)),
            ):
                found += [f"{exercise.id}: no {kind} {n}" for n in names if n not in real]
                if not names:
                    found.append(f"{exercise.id}: {idea['idea']}: names no {kind}")
    for exercise in course.exercises:
        left = [s for s in exercise.covers if (exercise.id, s) not in covered]
        found += [f"{exercise.id}: belongs to no idea: {s}" for s in left]
    return found


def table(ideas: list[dict], course: Course) -> str:
    """The table as Markdown: a row for each idea and exercise."""
    known = {e.id: e for e in course.exercises}
    rows = []
    for idea in ideas:
        text = idea["idea"]
        for where in idea["where"]:
            name = known[where["exercise"]].name
            functions = ", ".join(f"`{n}`" for n in where["functions"])
            checks = ", ".join(f"`{n}`" for n in where["checks"])
            link = f"[{where['exercise']}](../exercises/{name}/README.md)"
            rows.append(f"| {text} | {link} | {functions} | {checks} |\n")
            text = ""
    return "".join(rows)


def page(ideas: list[dict], course: Course) -> str:
    """The whole page: the ideas of the notes, and below them what the course adds, and why."""
    notes = [one for one in ideas if "why" not in one]
    added = [{**one, "idea": f"{one['idea']} *{one['why']}*"} for one in ideas if "why" in one]
    return HEAD + table(notes, course) + ADDED + table(added, course)


def main() -> int:
    """Write or check the table; returns 1 if something is wrong."""
    course = find_course(HERE)
    ideas = tomllib.loads(IDEAS.read_text(encoding="utf-8"))["idea"]
    if wrong := problems(ideas, course):
        print("\n".join(wrong), file=sys.stderr)
        return 1
    text = page(ideas, course)
    if "--check" in sys.argv[1:]:
        current = TABLE.is_file() and TABLE.read_text(encoding="utf-8") == text
        print("docs/ideas.md is current" if current else "docs/ideas.md: run exercises/ideas.py")
        return int(not current)
    TABLE.write_text(text, encoding="utf-8", newline="\n")
    print(f"docs/ideas.md: {len(ideas)} ideas")
    return 0


if __name__ == "__main__":
    sys.exit(main())
