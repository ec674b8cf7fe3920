"""Starts the grading of one submission, waits for it, and makes sure that there is a valid result.

Three results replace one another: the one that `run_autograder` writes before Python starts, the one
that this module writes, which says that grading has begun, and the real one. If the grading process
is killed, raises, or takes too long, the result says so, and that it is not a grade.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys

from grader.files import replace_file
from grader.hosts.gradescope.paths import RESULTS, SOURCE
from grader.hosts.gradescope.settings import USUAL_SECONDS, loads
from grader.language import later, say
from grader.render.gradescope import failure

BEGUN = later(
    "Grading started, but was stopped from outside. Submit again, or ask your instructor."
)


def main() -> int:
    """Grade in another process; 0 if it wrote its result."""
    seconds = USUAL_SECONDS
    with contextlib.suppress(OSError, ValueError, TypeError):
        seconds = loads((SOURCE / "settings.json").read_text(encoding="utf-8")).seconds
    replace_file(RESULTS, failure(say(BEGUN)))
    grading = subprocess.Popen(
        [sys.executable, "-I", "-m", "grader.hosts.gradescope.run"],
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # so that its whole process group can be killed
    )
    try:
        code = grading.wait(seconds)
        reason = _reason(code)
    except subprocess.TimeoutExpired:
        reason = say("Grading was stopped after {seconds:g} seconds.", seconds=seconds)
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(grading.pid, signal.SIGKILL)
        grading.wait()
    if reason or not _is_graded():
        replace_file(RESULTS, failure(reason or say("The grading process ended without a result.")))
        return 1
    return 0


def _reason(code: int) -> str:
    """Why the grading process ended, unless it ended well."""
    if code < 0:
        return say("The grading process was killed (signal {signal}).", signal=-code)
    if code:
        return say(
            "The grading process failed (exit code {code}). The instructor sees why.", code=code
        )
    return ""


def _is_graded() -> bool:
    """Whether the result is the real one."""
    try:
        value = json.loads(RESULTS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(value, dict) and bool(value.get("extra_data", {}).get("outcomes"))


if __name__ == "__main__":
    sys.exit(main())
