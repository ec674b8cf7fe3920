#!/usr/bin/env bash
# The first call of np.unique or np.median in a process.
#
# One would expect both to use what `import numpy` has loaded. They ask whether an array is masked, and that loads
# `numpy.ma`, three modules of masked arrays that nobody uses: milliseconds, where the second call takes
# microseconds. Where each test has a process of its own, every process pays for it. np.sort and np.mean load
# nothing.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6

for call in "np.sort(x)" "np.mean(x)" "np.unique(x)" "np.median(x)"; do
  "$folder/venv/bin/python" - "$call" <<'PYTHON'
import sys
import time

import numpy as np

call, x = sys.argv[1], np.array([1.0, 2.0, 2.0])
before = set(sys.modules)
turns = []
for _ in range(2):
    start = time.perf_counter()
    eval(call)
    turns.append(time.perf_counter() - start)
new = sorted(set(sys.modules) - before)
print(f"NumPy {np.__version__} {call}: first {turns[0] * 1e6:,.0f} us, then {turns[1] * 1e6:,.0f} us; loads {new}")
assert ("numpy.ma" in new) == (call in ("np.unique(x)", "np.median(x)"))
PYTHON
done
