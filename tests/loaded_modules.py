"""Which modules a command loads: what is not needed costs time at every start."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def loaded(*words):
    """The modules that a `grade` command has loaded when it ends."""
    code = (
        "import json, os, sys\n"
        "from grader.cli import main\n"
        "os._exit = sys.exit\n"
        "sys.argv = ['grade', *sys.argv[1:]]\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    code = stop.code\n"
        "print(json.dumps([int(code or 0), sorted(sys.modules)]), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    code, modules = json.loads(done.stderr.splitlines()[-1])
    assert code in (0, 1)
    return set(modules)
