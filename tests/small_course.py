"""The small course that tests grade with, and how to forget it between two gradings."""

import sys
from pathlib import Path

SMALL = Path(__file__).resolve().parent / "cases" / "course"


def forget() -> None:
    """Unload the checks of small courses: pytest knows them by a name that all of them share."""
    for name in [n for n in sys.modules if n.startswith("ex01_")]:
        del sys.modules[name]
