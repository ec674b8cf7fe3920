#!/usr/bin/env bash
# pytest.approx on two rows of grey values, with a tolerance of 1: once as arrays, once as lists of their numbers.
#
# One would expect white for black to be refused in both. The arrays are; in lists, tuples, dictionaries and alone the
# numbers are subtracted as the bytes they are, and 0 - 255 is 1. So the test passes, with a warning about an overflow
# at most; with the two the other way round it fails. Of signed bytes 100 and -100 are 56 apart.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pytest==9.2.0

cat > "$folder/test_row.py" <<'PYTHON'
import numpy as np
from pytest import approx

black, white = np.array([0, 10], dtype=np.uint8), np.array([255, 10], dtype=np.uint8)


def test_array():
    assert white == approx(black, abs=1)


def test_list():
    assert list(white) == approx(list(black), abs=1)


def test_dictionary():
    assert {"grey": white[0]} == approx({"grey": black[0]}, abs=1)


def test_number():
    assert white[0] == approx(black[0], abs=1)


def test_list_the_other_way_round():
    assert list(black) == approx(list(white), abs=1)


def test_signed():
    assert np.int8(-100) == approx(np.int8(100), abs=60)
PYTHON

cd "$folder"
venv/bin/python - <<'PYTHON'
import re
import subprocess
import sys

import numpy
import pytest

options = ["-v", "-p", "no:cacheprovider", "-W", "ignore::RuntimeWarning"]
command = [sys.executable, "-m", "pytest", *options, "test_row.py"]
output = subprocess.run(command, capture_output=True, text=True).stdout
found = dict(re.findall(r"^test_row.py::test_(\w+) (\w+)", output, re.MULTILINE))
print(f"pytest {pytest.__version__}, NumPy {numpy.__version__}")
for name, outcome in found.items():
    print(f"{name}: {outcome}")
refused = [name for name, outcome in found.items() if outcome == "FAILED"]
assert refused == ["array", "list_the_other_way_round"]
assert [name for name, outcome in found.items() if outcome == "PASSED"] == ["list", "dictionary", "number", "signed"]
PYTHON
