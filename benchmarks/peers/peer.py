"""What the benchmark asks of a grader."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from meter import Command, Done, Reading

from peers.exercise import Submission, write_kit, write_submissions


class PeerFailed(Exception):
    """A grader could not be prepared or read; says why."""


@dataclass(frozen=True)
class Setting:
    """A grader's folder, its environment, and what it is to grade."""

    folder: Path
    python: Path
    variables: dict[str, str]
    submissions: list[Submission]

    def program(self, name: str) -> str:
        """A command of the environment."""
        return str(self.python.parent / name)

    def files(self) -> list[Path]:
        """The submissions as `Peer.prepare` writes them."""
        return [self.folder / "submissions" / f"{s.label}.py" for s in self.submissions]

    def run(self, *words: str, folder: Path | None = None) -> str:
        """Run a command outside the measurement; returns its standard output."""
        done = subprocess.run(
            words,
            cwd=folder or self.folder,
            env=self.variables,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode != 0:
            last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
            raise PeerFailed(f"{Path(words[0]).name} {words[1]}: {last}")
        return done.stdout


class Peer:
    """A grader, or one way to use it. By default: a process for each file, exit code 0 if right."""

    name: ClassVar[str]
    environment: ClassVar[str] = "pytest"
    distribution: ClassVar[str] = ""
    how: ClassVar[str]
    only_batch: ClassVar[bool] = False  # one submission would be the same as another row

    def prepare(self, setting: Setting) -> None:
        """Write the exercise and the submissions; not measured."""
        write_kit(setting.folder)
        write_submissions(setting.folder / "submissions", setting.submissions)

    def reset(self, setting: Setting) -> None:
        """Before each run, forget the run before it; not measured."""

    def commands(self, setting: Setting) -> list[Command]:
        """What grades the submissions, one after another; this is measured."""
        return [self.command(setting, file) for file in setting.files()]

    def command(self, setting: Setting, file: Path) -> Command:
        """What grades one file, for a grader that takes one at a time."""
        raise NotImplementedError

    def verdicts(self, setting: Setting, done: list[Done]) -> dict[str, bool]:
        """Whether each submission got full marks."""
        labels = (s.label for s in setting.submissions)
        return {label: d.code == 0 for label, d in zip(labels, done, strict=True)}

    def reading(self, measured: Reading, done: list[Done]) -> Reading:
        """What the measurement says, for a limit that holds its own clock."""
        return measured
