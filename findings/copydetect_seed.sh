#!/usr/bin/env bash
# copydetect compares the same two files in four processes, with its default window.
#
# One would expect one answer. Its fingerprints are Python's hashes of strings, which begin with another seed in
# each process; winnowing keeps the least hash of each window, so other runs of tokens are kept each time, and
# the share moves. With a window of 1, which keeps them all, it stays.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check copydetect==0.5.0

cat > "$folder/compare.py" <<'PYTHON'
import inspect
import io
import sys
import textwrap

from copydetect import CodeFingerprint, compare_files

one = inspect.getsource(textwrap)
lines = one.split("\n")
two = "\n".join(lines[:150] + ["", "def other(a, b):", "    return [a[k] + b for k in a]", ""] + lines[260:])
prints = [CodeFingerprint("work.py", 25, int(sys.argv[1]), fp=io.StringIO(text)) for text in (one, two)]
print(round(float(compare_files(*prints)[1][0]), 4))
PYTHON

answers() {
  for seed in 0 1 2 3; do
    PYTHONHASHSEED=$seed "$folder/venv/bin/python" "$folder/compare.py" "$1"
  done | sort -u
}
echo "a window of 6, the default:" $(answers 6)
echo "a window of 1:" $(answers 1)
python3 - $(answers 6 | wc -l) $(answers 1 | wc -l) <<'PYTHON'
import sys

default, one = map(int, sys.argv[1:])
assert default > 1, "one answer in four processes"
assert one == 1, "several answers with a window of 1"
PYTHON
