"""A virtual environment per grader, with pinned versions; kept until its pins change."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from peers.exercise import ROOT

REQUIREMENTS = Path(__file__).resolve().parent / "requirements"
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class CannotInstall(Exception):
    """An environment could not be made; says why."""


def environment(folder: Path, name: str, requirements: Path = REQUIREMENTS) -> Path:
    """The Python of the environment that holds `<name>.txt` of a folder of requirements."""
    pins = (requirements / f"{name}.txt").read_text(encoding="utf-8")
    place = folder / name
    python, stamp = place / "bin" / "python", place / "pins.txt"
    wanted = f"# Python {sys.version}\n{pins}"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(place, ignore_errors=True)
        _call(sys.executable, "-m", "venv", str(place))
        pip(python, "-r", str(requirements / f"{name}.txt"))
        stamp.write_text(wanted, encoding="utf-8")
    return python


def install_ours(python: Path) -> None:
    """This checkout as it is now, a copy: edits during a long run do not change what is measured."""
    pip(python, "--force-reinstall", "--no-deps", str(ROOT))


def pip(python: Path, *words: str) -> None:
    """`pip install`."""
    _call(str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *words)


def _call(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise CannotInstall(last)


def variables(python: Path, home: Path) -> dict[str, str]:
    """The same environment variables for every grader: its own programs first, one BLAS thread."""
    home.mkdir(parents=True, exist_ok=True)
    kept = {"TMPDIR": os.environ["TMPDIR"]} if "TMPDIR" in os.environ else {}
    return kept | dict.fromkeys(THREADS, "1") | {
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "PATH": os.pathsep.join((str(python.parent), os.environ.get("PATH", os.defpath))),
    }  # fmt: skip
