"""otter-grader: an autograder zip with exception-based tests, and notebooks."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
from meter import Command, Done

from peers.exercise import FUNCTIONS, checks, code_cell, notebook, write_kit
from peers.peer import Peer, PeerFailed, Setting

SUPPORT = ("plain_checks.py", "plain_run.py", "ex04_checks.py", "reference.py")

HEAD = '''"""The exercise for otter-grader."""

from types import SimpleNamespace

from otter.test_files import test_case
from plain_run import call

OK_FORMAT = False
name = "ex04"
points = None
'''

CASE = """

@test_case(name={name!r}, points={points}, hidden={hidden})
def {name}({functions}):
    call({name!r}, SimpleNamespace({given}))
"""


def source() -> str:
    """The test file."""
    functions = ", ".join(FUNCTIONS)
    given = ", ".join(f"{name}={name}" for name in FUNCTIONS)
    return HEAD + "".join(
        CASE.format(name=c.name, points=c.points, hidden=c.hidden, functions=functions, given=given)
        for c in checks()
    )


class Otter(Peer):
    """otter-grader."""

    name = environment = distribution = "otter-grader"
    how = "`otter run` on notebooks, one after another (`otter grade` takes many, but needs Docker)"

    def prepare(self, setting: Setting) -> None:
        """`otter generate`, and the submissions as notebooks of one cell."""
        write_kit(setting.folder)
        (setting.folder / "tests").mkdir()
        (setting.folder / "tests" / "ex04.py").write_text(source(), encoding="utf-8")
        words = ["generate", "-t", "tests", "-o", "autograder.zip", "--no-requirements"]
        setting.run(setting.program("otter"), *words, "--no-environment", *SUPPORT)
        for submission in setting.submissions:
            place = self._place(setting, submission.label)
            place.mkdir(parents=True)
            nbformat.write(notebook(code_cell(submission.source)), place / "ex04.ipynb")

    def commands(self, setting: Setting) -> list[Command]:
        """`otter run` for each."""
        zipped = str(setting.folder / "autograder.zip")
        words = [setting.program("otter"), "run", "--no-logo", "-a", zipped, "ex04.ipynb"]
        return [Command(words, self._place(setting, s.label)) for s in setting.submissions]

    def reset(self, setting: Setting) -> None:
        """Forget the results."""
        for submission in setting.submissions:
            (self._place(setting, submission.label) / "results.json").unlink(missing_ok=True)

    def verdicts(self, setting: Setting, done: list[Done]) -> dict[str, bool]:
        """Full marks if every test has them."""
        found = {}
        for submission, end in zip(setting.submissions, done, strict=True):
            file = self._place(setting, submission.label) / "results.json"
            if not file.is_file():
                raise PeerFailed(f"no results: {(end.errors or end.output)[-200:]}")
            tests = json.loads(file.read_text(encoding="utf-8"))["tests"]
            tests = [t for t in tests if t.get("max_score")]
            if not tests:
                raise PeerFailed(f"no test ran: {(end.errors or end.output)[-200:]}")
            found[submission.label] = all(t["score"] == t["max_score"] for t in tests)
        return found

    @staticmethod
    def _place(setting: Setting, label: str) -> Path:
        return setting.folder / "submissions" / label
