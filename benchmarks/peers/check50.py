"""check50: a checks package, run locally."""

from __future__ import annotations

import json
from pathlib import Path

from meter import Command, Done

from peers.exercise import checks, write_kit, write_submissions
from peers.peer import Peer, PeerFailed, Setting

CONFIG = """check50:
  checks: __init__.py
  files:
    - !exclude "*"
    - !require ex04_convolution.py
"""

HEAD = '''"""The exercise for check50."""

import sys
from pathlib import Path

import check50

sys.path.insert(0, str(Path(__file__).parent))

from plain_run import call, load


def run(name):
    """A check that fails in check50's own way."""
    try:
        call(name, load("ex04_convolution.py"))
    except Exception as error:
        raise check50.Failure(str(error)) from None
'''

CASE = '''

@check50.check()
def {name}():
    """{title}"""
    run({name!r})
'''


def source() -> str:
    """The checks module."""
    return HEAD + "".join(CASE.format(name=c.name, title=c.title) for c in checks())


class Check50(Peer):
    """check50."""

    name = environment = distribution = "check50"
    how = "`check50 --dev -o json`, a process for each, with one worker a core in it"

    def prepare(self, setting: Setting) -> None:
        """A checks package, and a folder for each submission."""
        package = setting.folder / "checks"
        write_kit(package)
        (package / "__init__.py").write_text(source(), encoding="utf-8")
        (package / ".cs50.yaml").write_text(CONFIG, encoding="utf-8")
        for file in write_submissions(setting.folder / "submissions", setting.submissions):
            file.with_suffix("").mkdir()
            file.rename(file.with_suffix("") / "ex04_convolution.py")

    def command(self, setting: Setting, file: Path) -> Command:
        """A process for one folder."""
        words = [setting.program("check50"), "--dev", "-o", "json", "--output-file", "result.json"]
        return Command([*words, str(setting.folder / "checks")], file.with_suffix(""))

    def reset(self, setting: Setting) -> None:
        """Forget the results."""
        for file in setting.files():
            (file.with_suffix("") / "result.json").unlink(missing_ok=True)

    def verdicts(self, setting: Setting, done: list[Done]) -> dict[str, bool]:
        """Full marks if every check passed."""
        found = {}
        for file, end in zip(setting.files(), done, strict=True):
            text = (file.with_suffix("") / "result.json").read_text(encoding="utf-8")
            results = json.loads(text).get("results")
            if results is None or len(results) != len(checks()):
                raise PeerFailed(f"no results: {(text or end.errors)[-200:]}")
            found[file.stem] = all(result["passed"] for result in results)
        return found
