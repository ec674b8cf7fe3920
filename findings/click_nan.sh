#!/usr/bin/env bash
# A click option of type FloatRange(0, 1) is given the word nan.
#
# One would expect the error that 2 gets: NaN is not between 0 and 1. It is accepted, since no comparison with NaN is
# true; a probability or a penalty by option has to be checked again.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check click==8.5.1

"$folder/venv/bin/python" - <<'PYTHON'
import importlib.metadata

import click
from click.testing import CliRunner


@click.command()
@click.option("--penalty", type=click.FloatRange(0, 1))
def late(penalty):
    click.echo(penalty)


print(f"click {importlib.metadata.version('click')}")
found = {word: CliRunner().invoke(late, ["--penalty", word]) for word in ("0.5", "2", "inf", "nan")}
for word, result in found.items():
    print(f"--penalty {word}: exit code {result.exit_code}, {result.output.strip().splitlines()[-1]}")
assert [r.exit_code for r in found.values()] == [0, 2, 2, 0]
assert found["nan"].output == "nan\n"
PYTHON
