"""The `grade` command. Parses, calls the library, prints; no logic of grading lives here.

`main` starts the student's process before it imports anything else: the two processes load NumPy
side by side.
"""

from __future__ import annotations

import os
import re
import sys

GRADING = re.compile(r"\d{1,2}|ex\d{2}\w*/?|all")


def _needs_no_server(words: list[str]) -> bool:
    """Whether no student's process is wanted, or not the usual one."""
    return any(word.startswith(("--help", "--debug", "--level")) for word in words)


def main() -> None:
    """Run the command line and exit with an `ExitCode`."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(
            name, "1"
        )  # before NumPy: small matrices are slower on several threads
    server = None
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    if words and GRADING.fullmatch(words[0].lower()) and not _needs_no_server(sys.argv):
        from grader.sandbox.launch import Server

        server = Server()
    try:
        from grader.cli.app import run

        if server is not None:
            server.settle()
        code = run(server)
    finally:
        if server is not None:
            server.close()
    if server is not None:
        _exit_now(code)
    sys.exit(code)


def _exit_now(code: int) -> None:
    """End at once: everything is closed, and taking NumPy and pytest down politely would cost a
    tenth of the run. Returns where something could not be written, so that Python says so."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return
    os._exit(code)
