"""What may be said of a gradebook's URL, and of what its database complains about."""

from __future__ import annotations

import re


def without_password(url: str) -> str:
    """A URL, or any other word of a command, as it may be shown."""
    shown = re.sub(r"(://[^:@]*):.*@", r"\1:***@", url, flags=re.DOTALL)
    return re.sub(r"([?&]password=)[^&]*", r"\1***", shown)


def reason_of(error: BaseException) -> str:
    """The first line of what the database itself says."""
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
