"""Runs the rows of some libraries in this environment; prints their answers as JSON.

python -m rows.run numpy torch …
"""

from __future__ import annotations

import contextlib
import json
import sys
import warnings

from .registry import answer, load


def main() -> None:
    """Print {row: answer} for the libraries that are named."""
    warnings.simplefilter("ignore")
    wanted = [row for row in load().values() if row.library in sys.argv[1:]]
    with contextlib.redirect_stdout(sys.stderr):  # what a library prints is no answer
        answers = {row.name: answer(row.function) for row in wanted}
    json.dump(answers, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
