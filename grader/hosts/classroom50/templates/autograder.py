"""Grades one submission on Classroom 50, with the checks beside this file, which everybody may read.

Made by `grade package classroom50`. The host runs it with the student's checkout as current folder. It
ends with 0 whenever it graded, whatever the points; anything else is no grade.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent


def install(folder: Path) -> str:
    """Install the grader, in the versions of `requirements.txt`; returns the Python that has it."""
    venv.create(folder, with_pip=False)
    name = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    python = str(folder / name)
    # `-I`: nothing of the student's, who owns the current folder, is imported.
    pip = [sys.executable, "-I", "-m", "pip", "--python", python, "install", "--quiet"]
    pip += ["--disable-pip-version-check", "--no-compile", "--only-binary", ":all:"]
    wheel = str(next(HERE.glob("*.whl")))
    pinned = [*pip, "-c", str(HERE / "requirements.txt"), wheel]
    if subprocess.run(pinned, check=False).returncode:
        print("Some pinned version has no wheel for this Python: installing others.", flush=True)
        subprocess.run([*pip, wheel], check=True)
    return python


def main() -> int:
    """Install and grade; the exit code."""
    for name in ("result.json", "release-body.md"):  # the student may have committed one
        Path(name).unlink(missing_ok=True)
    scratch = os.environ.get("RUNNER_TEMP") or None
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        python = install(Path(folder) / "venv")
        command = [python, "-I", "-m", "grader.hosts.classroom50.run", str(HERE / "course")]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
