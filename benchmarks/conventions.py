"""What libraries do where a convention decides: runs every row and compares it with the page.

    python benchmarks/conventions.py             # exit code 1 and a comparison if anything differs
    python benchmarks/conventions.py --update    # write what is so today into docs/conventions.md

Builds virtual environments with pinned libraries (kept in --environments, about 3 GB), runs each row in
the one it belongs to, grades each variant of a solution with our own checks, and puts all of it
between the marks of the page. The date is that of the last update.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import sys
import tempfile
from pathlib import Path

from conventions import grading
from conventions.environments import run_all
from conventions.page import differences, filled, sections
from conventions.rows.registry import load

PAGE = Path(__file__).resolve().parents[1] / "docs" / "conventions.md"


def main() -> int:
    """Compare the page, or update it; the exit code."""
    cache = Path(tempfile.gettempdir()) / "nn-grader-conventions"
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--update", action="store_true", help="write the page")
    parser.add_argument("--environments", type=Path, default=cache, metavar="DIR")
    options = parser.parse_args()

    answers = run_all(options.environments.resolve())
    verdicts = grading.verdicts(grading.variants())
    page = PAGE.read_text(encoding="utf-8")
    found = sections(load(), answers, verdicts)
    if options.update:
        new = filled(page, found | {"run": today()})
        PAGE.write_text(new, encoding="utf-8", newline="\n")
        print(f"{PAGE}: {len(answers)} rows, {len(verdicts)} graded forms", file=sys.stderr)
        return 0
    lines = differences(page, filled(page, found))
    print("\n".join(lines) if lines else f"{len(answers)} rows are as the page says")
    return 1 if lines else 0


def today() -> str:
    """When and where the rows were run."""
    where = f"Python {platform.python_version()} on {platform.system()}, {platform.machine()}"
    return f"One run, on {datetime.datetime.now(datetime.UTC).date()}, with {where}:"


if __name__ == "__main__":
    sys.exit(main())
