"""A gradebook's URL and its database's errors, fit to be shown."""

from __future__ import annotations

import re


def without_password(url: str) -> str:
    """A URL, or any other word of a command, with passwords replaced by ***."""
    shown = re.sub(r"(://[^:@]*):.*@", r"\1:***@", url, flags=re.DOTALL)
    return re.sub(r"([?&]password=)[^&]*", r"\1***", shown)


def reason_of(error: BaseException) -> str:
    """The first line of the database's own message."""
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
