"""nbgrader: a course folder with a gradebook, a source notebook and submitted notebooks."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import nbformat
from meter import Command, Done

from peers.exercise import FUNCTIONS, SOLUTION, checks, code_cell, notebook, write_kit
from peers.peer import Peer, PeerFailed, Setting

GRADEBOOK = "gradebook.db"


def source() -> nbformat.NotebookNode:
    """The teacher's notebook: the solution, then a cell for each check."""
    student = ", ".join(f"{name}={name}" for name in FUNCTIONS)
    tools = (
        "from types import SimpleNamespace\n\nfrom plain_run import call\n\n"
        f"student = SimpleNamespace({student})"
    )
    return notebook(
        code_cell(SOLUTION.read_text(encoding="utf-8"), nbgrader=_cell("solution", solution=True)),
        code_cell(tools, nbgrader=_cell("tools", locked=True)),
        *(
            code_cell(
                f"# {check.title}\ncall({check.name!r}, student)",
                nbgrader=_cell(check.name, locked=True, grade=True, points=check.points),
            )
            for check in checks()
        ),
    )


def _cell(name: str, **more: Any) -> dict[str, Any]:
    about = {"grade": False, "locked": False, "solution": False, "task": False}
    return {"schema_version": 3, "grade_id": name} | about | more


class Nbgrader(Peer):
    """nbgrader."""

    name = environment = distribution = "nbgrader"
    how = "`nbgrader autograde` on notebooks, one command for all (it starts a kernel for each)"

    def prepare(self, setting: Setting) -> None:
        """`nbgrader generate_assignment`, and what each student hands in."""
        place = setting.folder / "source" / "ex04"
        write_kit(place)
        nbformat.write(source(), place / "ex04.ipynb")
        config = 'c = get_config()\nc.CourseDirectory.course_id = "course"\n'
        (setting.folder / "nbgrader_config.py").write_text(config, encoding="utf-8")
        setting.run(setting.program("nbgrader"), "generate_assignment", "ex04")
        released = nbformat.read(setting.folder / "release" / "ex04" / "ex04.ipynb", as_version=4)
        if "np.tensordot" in released.cells[0].source:
            raise PeerFailed("the released notebook holds the solution")
        for submission in setting.submissions:
            released.cells[0].source = submission.source
            handed = setting.folder / "submitted" / submission.label / "ex04"
            handed.mkdir(parents=True)
            nbformat.write(released, handed / "ex04.ipynb")
        shutil.copy(setting.folder / GRADEBOOK, setting.folder / "before.db")

    def reset(self, setting: Setting) -> None:
        """Forget the results."""
        shutil.rmtree(setting.folder / "autograded", ignore_errors=True)
        shutil.copy(setting.folder / "before.db", setting.folder / GRADEBOOK)

    def commands(self, setting: Setting) -> list[Command]:
        """One for all."""
        return [Command([setting.program("nbgrader"), "autograde", "ex04"], setting.folder)]

    def verdicts(self, setting: Setting, done: list[Done]) -> dict[str, bool]:
        """Full marks, as `nbgrader export` says."""
        if done[0].code != 0:
            raise PeerFailed(f"autograde: {done[0].errors[-200:]}")
        setting.run(setting.program("nbgrader"), "export", "--to", "grades.csv")
        with Path(setting.folder / "grades.csv").open(encoding="utf-8", newline="") as file:
            rows = {row["student_id"]: row for row in csv.DictReader(file)}
        return {
            s.label: float(rows[s.label]["raw_score"]) == float(rows[s.label]["max_score"])
            for s in setting.submissions
        }
