#!/usr/bin/env bash
# What pytest lists when one test file is named, with a rootdir and a configuration file elsewhere.
#
# One would expect that it lists folders from the rootdir on, as it does without `-c`: what lies above is not part
# of the project. But the folders that count end at `confcutdir`, whose default is the folder of the
# configuration file, not the rootdir. So every folder above the test file is listed up to one that also
# holds the configuration file, and each entry there goes through the hooks, whether it is a test or not.
# `--confcutdir` of the rootdir ends it.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pytest==9.2.0

mkdir -p "$folder/settings" "$folder/home/project"
echo "[pytest]" >"$folder/settings/pytest.ini"
echo "[pytest]" >"$folder/home/project/pytest.ini"
echo "def test_it(): pass" >"$folder/home/project/test_it.py"
(cd "$folder/home" && seq -f "note%g.txt" 3000 | xargs touch)

"$folder/venv/bin/python" - "$folder/home" "$folder/settings/pytest.ini" <<'PYTHON'
import os
import sys
from pathlib import Path

import pytest

home, settings = Path(sys.argv[1]), sys.argv[2]
project = home / "project"
scandir = os.scandir
print("pytest", pytest.__version__)


class Seen:
    """Counts the entries that pytest asks its hooks about."""

    def __init__(self):
        self.entries = 0

    def pytest_ignore_collect(self, collection_path):
        self.entries += 1


def seen(*options):
    """How many entries were looked at, and whether the folder above the project was listed."""
    listed, counter = [], Seen()
    os.scandir = lambda path=".": listed.append(Path(path)) or scandir(path)
    words = ["-q", "--no-summary", f"--rootdir={project}", *options, str(project / "test_it.py")]
    assert pytest.main(words, plugins=[counter]) == 0
    os.scandir = scandir
    return counter.entries, home in listed


plain = seen()
elsewhere = seen("-c", settings)
ended = seen("-c", settings, f"--confcutdir={project}")
print("entries looked at, and whether the folder above was listed:")
print("  without -c                    ", *plain)
print("  with -c elsewhere             ", *elsewhere)
print("  with -c elsewhere, confcutdir ", *ended)
assert not plain[1] and not ended[1]
assert elsewhere[1] and elsewhere[0] >= 3000
PYTHON
