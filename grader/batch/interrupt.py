"""Ctrl-C in a long batch: heard at once where that works, and at the next step where it did not."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Gives a function to call at every step: it raises `KeyboardInterrupt` if one has got lost.

    Python raises it wherever it happens to be; in a destructor or in a library's callback it is
    printed and forgotten, and the batch would go on to its end.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler or (
        threading.current_thread() is not threading.main_thread()
    ):
        yield lambda: None
        return
    pressed = False

    def press(_: int, __: Any) -> None:
        nonlocal pressed
        pressed = True
        raise KeyboardInterrupt

    def check() -> None:
        if pressed:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, press)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)
