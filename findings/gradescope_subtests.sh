#!/usr/bin/env bash
# A unittest with three sub-tests, one of which fails, run by gradescope-utils.
#
# One would expect a failed test in the results. It is not in them at all, neither passed nor failed: the runner
# does not hear of sub-tests, so the student sees no failure and a smaller maximum. unittest itself counts it.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check gradescope-utils==0.5.0

"$folder/venv/bin/python" - <<'PYTHON'
import importlib.metadata
import io
import json
import unittest

from gradescope_utils.autograder_utils.decorators import weight
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner


class Checks(unittest.TestCase):
    @weight(3)
    def test_parts(self):
        for part in range(3):
            with self.subTest(part=part):
                self.assertNotEqual(part, 1)

    @weight(2)
    def test_whole(self):
        pass


def suite():
    return unittest.defaultTestLoader.loadTestsFromTestCase(Checks)


stream = io.StringIO()
JSONTestRunner(stream=stream).run(suite())
results = json.loads(stream.getvalue())
plain = unittest.TestResult()
suite().run(plain)
names = [test["name"].split()[0] for test in results["tests"]]
print(f"gradescope-utils {importlib.metadata.version('gradescope-utils')}: {names}, score {results['score']}")
print("unittest counts", len(plain.failures), "failure of", plain.testsRun, "tests")
assert len(plain.failures) == 1 and plain.testsRun == 2
assert names == ["test_whole"]
assert results["score"] == 2
PYTHON
