"""gradescope-utils: unittest with its decorators and its JSON runner, as Gradescope runs them."""

from __future__ import annotations

import json
from pathlib import Path

from meter import Command, Done

from peers.exercise import checks
from peers.peer import Peer, Setting

HEAD = '''"""The exercise for Gradescope: python run_tests.py SUBMISSION RESULTS."""

import sys
import unittest

from gradescope_utils.autograder_utils.decorators import visibility, weight
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner
from plain_run import call, load


class TestConvolution(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.student = load(sys.argv[1])
'''

CASE = '''
    @weight({points})
    @visibility({visibility!r})
    def {name}(self):
        """{title}"""
        call({name!r}, self.student)
'''

TAIL = """

if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(TestConvolution)
    with open(sys.argv[2], "w", encoding="utf-8") as results:
        JSONTestRunner(visibility="visible", stream=results).run(suite)
"""


def source() -> str:
    """The unittest module."""
    cases = (
        CASE.format(
            points=check.points,
            visibility="after_published" if check.hidden else "visible",
            name=check.name,
            title=check.title,
        )
        for check in checks()
    )
    return HEAD + "".join(cases) + TAIL


class Gradescope(Peer):
    """gradescope-utils."""

    name = environment = "gradescope-utils"
    distribution = "gradescope-utils"
    how = "`python run_tests.py` with unittest and JSONTestRunner, a process for each"

    def prepare(self, setting: Setting) -> None:
        """The unittest module beside the rest."""
        super().prepare(setting)
        (setting.folder / "run_tests.py").write_text(source(), encoding="utf-8")

    def command(self, setting: Setting, file: Path) -> Command:
        """A process for one file."""
        words = [str(setting.python), "run_tests.py", str(file), f"{file.stem}.json"]
        return Command(words, setting.folder)

    def reset(self, setting: Setting) -> None:
        """Forget the results."""
        for submission in setting.submissions:
            (setting.folder / f"{submission.label}.json").unlink(missing_ok=True)

    def verdicts(self, setting: Setting, done: list[Done]) -> dict[str, bool]:
        """Full marks if every test has them."""
        found = {}
        for submission in setting.submissions:
            text = (setting.folder / f"{submission.label}.json").read_text(encoding="utf-8")
            tests = json.loads(text)["tests"]
            found[submission.label] = len(tests) == len(checks()) and all(
                t["score"] == t["max_score"] for t in tests
            )
        return found
