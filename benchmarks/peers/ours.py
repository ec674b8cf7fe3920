"""This checkout: `grade ex04 FILE`, and `grade batch`."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from meter import Command, Done

from peers.exercise import CHECKS, SOLUTION, write_submissions
from peers.peer import Peer, PeerFailed, Setting


class Ours(Peer):
    """nn-grader."""

    name = environment = distribution = "nn-grader"
    how = "`grade ex04 FILE`; `grade batch DIR ex04`, one worker process a core"

    def prepare(self, setting: Setting) -> None:
        """The course as it is now, so that edits during a long run change nothing."""
        for folder in (CHECKS.parent.parent, SOLUTION.parent):
            shutil.copytree(folder, setting.folder / "course" / folder.name)
        write_submissions(setting.folder / "submissions", setting.submissions)

    def reset(self, setting: Setting) -> None:
        """Forget the results."""
        (setting.folder / "grades.db").unlink(missing_ok=True)

    def commands(self, setting: Setting) -> list[Command]:
        """One for all."""
        grade, course = setting.program("grade"), setting.folder / "course"
        if len(setting.submissions) == 1:
            return [Command([grade, "ex04", str(setting.files()[0])], course)]
        words = ["batch", "submissions", "ex04", "--course", str(course)]
        return [Command([grade, *words, "--gradebook", "grades.db"], setting.folder)]

    def verdicts(self, setting: Setting, done: list[Done]) -> dict[str, bool]:
        """Full marks, by the exit code or the gradebook."""
        if len(setting.submissions) == 1:
            return super().verdicts(setting, done)
        if done[0].code != 0:
            raise PeerFailed(f"grade batch: {done[0].errors[-200:]}")
        words = ["export", "--course", str(setting.folder / "course"), "--gradebook", "grades.db"]
        setting.run(setting.program("grade"), *words, "--to", "csv", "-o", "grades.csv")
        with Path(setting.folder / "grades.csv").open(encoding="utf-8", newline="") as file:
            rows = {row["student"]: row for row in csv.DictReader(file)}
        return {
            s.label: float(rows[s.label]["score"]) == float(rows[s.label]["max_score"])
            for s in setting.submissions
        }


def level(setting: Setting) -> str:
    """The sandbox's level on this machine, as `grade doctor` says it."""
    lines = setting.run(setting.program("grade"), "doctor").splitlines()
    return next((line for line in lines if line.startswith("Level")), "unknown")
