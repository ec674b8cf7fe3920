"""The two limits, plain pytest, and pytest-xdist."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

from meter import Command, Done, Reading

from peers.exercise import write_pytest
from peers.peer import Peer, PeerFailed, Setting


class Warm(Peer):
    """A process that has everything imported; imports each submission and calls each check."""

    name = "limit: warm process"
    how = "one process, checks called in it; its start and first submission are not counted"

    def commands(self, setting: Setting) -> list[Command]:
        """One for all."""
        words = [str(setting.python), "plain_warm.py", *map(str, setting.files())]
        return [Command(words, setting.folder)]

    def verdicts(self, setting: Setting, done: list[Done]) -> dict[str, bool]:
        """As printed."""
        return {Path(file).stem: passed for file, passed in _printed(done)["passed"].items()}

    def reading(self, measured: Reading, done: list[Done]) -> Reading:
        """Its own clock."""
        printed = _printed(done)
        return replace(measured, wall=printed["wall"], cpu=printed["cpu"])


class Fresh(Peer):
    """The same with a process for each submission."""

    name = "limit: fresh process"
    how = "a process for each, checks called in it, no test framework"

    def command(self, setting: Setting, file: Path) -> Command:
        """`python plain_run.py FILE`."""
        return Command([str(setting.python), "plain_run.py", str(file)], setting.folder)


class Pytest(Peer):
    """Plain pytest."""

    name = "pytest"
    distribution = "pytest"
    how = "`pytest -q`, a session for each"
    options: tuple[str, ...] = ("-p", "no:xdist")

    def prepare(self, setting: Setting) -> None:
        """The checks with pytest's marks, too."""
        super().prepare(setting)
        write_pytest(setting.folder)

    def command(self, setting: Setting, file: Path) -> Command:
        """A session for one file."""
        return self.session(setting, [file])

    def session(self, setting: Setting, files: list[Path]) -> Command:
        """A session for these files."""
        words = [str(setting.python), "-m", "pytest", "-q", *self.options]
        variables = {"SUBMISSIONS": os.pathsep.join(map(str, files)), "VERDICTS": "verdicts.json"}
        return Command(words, setting.folder, variables)


class Xdist(Pytest):
    """pytest-xdist as a student would use it."""

    name = "pytest-xdist, fresh"
    distribution = "pytest-xdist"
    how = "`pytest -q -n 2`, a session for each"
    options = ("-n", "2")


class XdistSession(Xdist):
    """pytest-xdist as a teacher would use it."""

    name = "pytest-xdist, one session"
    how = "`pytest -q -n 2`, one session over all submissions"
    only_batch = True

    def commands(self, setting: Setting) -> list[Command]:
        """One for all."""
        return [self.session(setting, setting.files())]

    def reset(self, setting: Setting) -> None:
        """Forget the verdicts."""
        (setting.folder / "verdicts.json").unlink(missing_ok=True)

    def verdicts(self, setting: Setting, done: list[Done]) -> dict[str, bool]:
        """Full marks for those that no failing test names."""
        try:
            text = (setting.folder / "verdicts.json").read_text(encoding="utf-8")
        except FileNotFoundError:
            raise PeerFailed(f"no verdicts: {done[0].output[-200:]}") from None
        failing = json.loads(text)
        return {
            s.label: not any(f"[{s.label}]" in name for name in failing)
            for s in setting.submissions
        }


def _printed(done: list[Done]) -> dict:  # type: ignore[type-arg]
    if done[0].code != 0:
        raise PeerFailed(done[0].errors[-200:])
    return dict(json.loads(done[0].output))
