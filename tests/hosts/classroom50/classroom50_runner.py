"""What Classroom 50's runner does with an assignment's folder: its contract, written down again.

From foundation50/classroom50 at commit 0c499034: `main`, `run_entrypoint`, `finalize_result` and
`validate_result` of cli/gh-teacher/skeleton/dotgithub/scripts/runner.py; the archive as
.github/workflows/publish-pages.yaml makes it.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMITTED = "2026-06-01T14:32:01Z"
MAX_FETCH_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class Runner:
    """One run for a submission; `root` holds the runner's temporary folder and the checkout."""

    root: Path
    owner: str = "alice"

    @property
    def checkout(self) -> Path:
        """The student's repository."""
        return self.root / "checkout"

    @property
    def environment(self) -> dict[str, str]:
        """What the entry point finds in its environment."""
        url = f"https://github.com/org/cs-ex01-{self.owner}"
        tag = "submit/2026-06-01T14-32-05Z-a1b2c3d"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "GITHUB"))}
        return {
            **kept,
            "PAGES_BASE_URL": "https://org.github.io/classroom50",
            "CLASSROOM": "cs",
            "ASSIGNMENT": "ex01",
            "SUBMISSION_TAG": tag,
            "USERNAME": self.owner,
            "OWNER": self.owner,
            "ASSIGNMENT_TYPE": "individual",
            "COMMIT_URL": f"{url}/commit/a1b2c3d",
            "RELEASE_URL": f"{url}/releases/tag/submit%2Fx",
            "REVIEW_URL": "",
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(self.root / "output"),
            "GITHUB_WORKSPACE": str(self.checkout),
            "RUNNER_TEMP": str(self.root),
            "CLASSROOM50_BUNDLE_DIR": str(self.root / "bundle" / "ex01"),
        }

    def commit(self, **texts: str) -> None:
        """Put files, named by their stems, into a repository and commit them."""
        self.checkout.mkdir(exist_ok=True)
        for name, text in texts.items():
            (self.checkout / f"{name}.py").write_text(text, encoding="utf-8")
        person = ["-c", "user.name=A", "-c", "user.email=a@b.c"]
        dates = {"GIT_AUTHOR_DATE": COMMITTED, "GIT_COMMITTER_DATE": COMMITTED}
        for words in (["init", "-q"], ["add", "-A"], [*person, "commit", "-q", "-m", "Submit"]):
            command = ["git", *words]
            subprocess.run(command, cwd=self.checkout, env=os.environ | dates, check=True)

    def fetch(self, folder: Path) -> Path:
        """Pack the assignment's folder as it is published, and unpack it; returns the entry point."""
        published = io.BytesIO()
        with tarfile.open(fileobj=published, mode="w:gz") as archive:
            archive.add(folder, "ex01")
        assert published.tell() <= MAX_FETCH_BYTES
        published.seek(0)
        with tarfile.open(fileobj=published) as archive:
            archive.extractall(self.root / "bundle", filter="data")
        return self.root / "bundle" / "ex01" / "autograder.py"

    def execute(self, *command: object, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run Python with these arguments in the checkout."""
        return subprocess.run(
            [sys.executable, *map(str, command)],
            cwd=self.checkout,
            env={**self.environment, **changes},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def result(self) -> dict[str, Any]:
        """`result.json` with what the runner stamps on it, and valid as it demands."""
        value = json.loads((self.checkout / "result.json").read_text("utf-8"))
        value |= {"owner": self.owner, "assignment_type": "individual"}
        self._validate(value)
        return value

    def outputs(self) -> dict[str, str]:
        """The outputs of the step, one on a line."""
        lines = (self.root / "output").read_text("utf-8").splitlines()
        assert all(line.count("=") >= 1 for line in lines)
        return dict(line.split("=", 1) for line in lines)

    def _validate(self, value: dict[str, Any]) -> None:
        assert value["schema"] == "classroom50/result/v1"
        assert (value["classroom"], value["assignment"]) == ("cs", "ex01")
        assert value["submission"].startswith("submit/")
        for key in ("commit", "release", "review", "datetime"):
            assert isinstance(value[key], str)
            assert value[key]
        for one in (value, *value["tests"]):
            assert all(type(one[key]) is int for key in ("score", "max-score"))  # no bool, no float
            assert 0 <= one["score"] <= one["max-score"]
        for test in value["tests"]:
            assert isinstance(test["test-name"], str)
            assert test["test-name"]
            assert type(test["passed"]) is bool
