"""Makes a wheel of the installed grader, so that the host runs the same code as this machine."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import re
from pathlib import Path

import grader
from grader.course.bundle import make_zip
from grader.errors import InternalError

NAME = "nn-grader"
FOLDER = f"nn_grader-{grader.__version__}.dist-info"
KIND = "Wheel-Version: 1.0\nGenerator: nn-grader\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel_name() -> str:
    """The wheel's file name."""
    return f"nn_grader-{grader.__version__}-py3-none-any.whl"


def make_wheel() -> bytes:
    """The package as it is installed here; the same files give the same bytes."""
    root = Path(grader.__file__).parent
    files = {
        f"grader/{path.relative_to(root).as_posix()}": path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    facts = _distribution()
    files[f"{FOLDER}/METADATA"] = (facts.read_text("METADATA") or "").encode()
    files[f"{FOLDER}/entry_points.txt"] = (facts.read_text("entry_points.txt") or "").encode()
    files[f"{FOLDER}/WHEEL"] = KIND.encode()
    rows = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in files.items()]
    files[f"{FOLDER}/RECORD"] = "\n".join([*rows, f"{FOLDER}/RECORD,,", ""]).encode()
    return make_zip({name: (data, False) for name, data in files.items()})


def constraints() -> str:
    """The versions of all dependencies that are installed here, for pip's `-c`."""
    seen: dict[str, str] = {}
    waiting = [NAME]
    while waiting:
        try:
            found = importlib.metadata.distribution(waiting.pop())
        except importlib.metadata.PackageNotFoundError:
            continue  # a dependency on another system only
        if found.name not in seen:
            seen[found.name] = found.version
            waiting += [
                name[0]
                for line in found.requires or ()
                if "extra ==" not in line and (name := re.match(r"[\w.-]+", line))
            ]
    del seen[NAME]
    return "".join(f"{name}=={version}\n" for name, version in sorted(seen.items()))


def _distribution() -> importlib.metadata.Distribution:
    try:
        return importlib.metadata.distribution(NAME)
    except importlib.metadata.PackageNotFoundError:
        raise InternalError(f"{NAME} is not installed; run it from an installation") from None


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
