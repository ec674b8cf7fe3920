"""Single keys from a terminal, without waiting for Enter. Ctrl-C keeps its meaning."""

from __future__ import annotations

import os
import sys
from types import TracebackType


class Keys:
    """Reads keys inside its block. Where standard input is no terminal, none is ever pressed."""

    def __init__(self) -> None:
        self._kept: list[object] | None = None

    def __enter__(self) -> Keys:
        if sys.platform != "win32" and sys.stdin.isatty():
            import termios
            import tty

            self._kept = termios.tcgetattr(sys.stdin.fileno())
            tty.setcbreak(sys.stdin.fileno())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if sys.platform != "win32" and self._kept is not None:
            import termios

            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, self._kept)  # type: ignore[arg-type]
            self._kept = None

    def read(self) -> str:
        """The key that was pressed, in lower case; empty if there was none, or it was no letter."""
        if sys.platform == "win32":
            import msvcrt

            return msvcrt.getwch().lower() if sys.stdin.isatty() and msvcrt.kbhit() else ""
        if self._kept is None:
            return ""
        import select

        if not select.select([sys.stdin], [], [], 0)[0]:
            return ""
        typed = os.read(sys.stdin.fileno(), 64).decode(errors="replace")
        return typed.lower() if len(typed) == 1 else ""  # a longer one is an arrow or the like
