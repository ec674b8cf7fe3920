"""A folder like Gradescope's /autograder, and what the host does with it."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases"
SCHEMA = ROOT / "tests" / "render" / "schemas" / "gradescope.schema.json"


@dataclass(frozen=True)
class Host:
    """A folder like Gradescope's /autograder."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """What scripts need to take this folder for /autograder."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST"))}
        system = f"/usr/local/bin:/usr/bin:/bin:{os.environ['PATH']}"  # what a container has
        return {**kept, "AUTOGRADER_ROOT": str(self.root), "PATH": system}

    @property
    def command(self) -> list[str]:
        """How the host starts grading."""
        return [str(self.root / "source" / "run_autograder")]

    def unzip(self, data: bytes) -> None:
        """Unpack the package as the host does, with its permissions."""
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                path = Path(archive.extract(info, self.root / "source"))
                path.chmod(info.external_attr >> 16 & 0o777)

    def setup(self) -> None:
        """Run setup.sh."""
        command = [str(self.root / "source" / "setup.sh")]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def submit(self, *files: Path, **texts: str) -> None:
        """Put files, or texts as ex01_line.py, where the host puts a submission."""
        shutil.rmtree(self.root / "submission", ignore_errors=True)
        shutil.rmtree(self.root / "results", ignore_errors=True)
        (self.root / "submission_metadata.json").unlink(missing_ok=True)
        (self.root / "submission").mkdir()
        (self.root / "results").mkdir()
        for file in files:
            shutil.copy(file, self.root / "submission")
        for name, text in texts.items():
            (self.root / "submission" / f"{name}.py").write_text(text, encoding="utf-8")

    def run(self) -> tuple[dict[str, Any], str]:
        """Grade as the host does; the result, and what only instructors see."""
        done = subprocess.run(
            self.command,
            env=self.environment,
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=60,
        )
        assert done.returncode == 0
        return self.result(), done.stdout

    def result(self) -> dict[str, Any]:
        """results.json, which must be valid at any time, and alone in its folder."""
        path = self.root / "results" / "results.json"
        value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        jsonschema.validate(value, json.loads(SCHEMA.read_text(encoding="utf-8")))
        assert [p.name for p in path.parent.iterdir()] == [path.name]
        return value
