#!/usr/bin/env bash
# Two JSON Schema validators on a score of 0.07, where scores are multiples of 0.01.
#
# One would expect both to accept it; seven hundredths are seven times a hundredth. fastjsonschema does,
# jsonschema does not: it divides in binary, where 0.07 / 0.01 is 7.000000000000001. And fastjsonschema refuses
# 1e308 as a multiple of 0.5, which jsonschema accepts.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check fastjsonschema==2.22.3 jsonschema==4.26.0

"$folder/venv/bin/python" - <<'PYTHON'
import importlib.metadata

import fastjsonschema
import jsonschema


def accepted(schema, value):
    try:
        jsonschema.validate(value, schema)
        first = True
    except jsonschema.ValidationError:
        first = False
    try:
        fastjsonschema.compile(schema)(value)
        second = True
    except fastjsonschema.JsonSchemaValueException:
        second = False
    return first, second


for name in ("jsonschema", "fastjsonschema"):
    print(name, importlib.metadata.version(name))
found = {}
for step, value in ((0.01, 0.07), (0.01, 19.99), (0.01, 0.06), (0.5, 1e308)):
    found[value] = accepted({"multipleOf": step}, value)
    print(f"{value} a multiple of {step}: jsonschema {found[value][0]}, fastjsonschema {found[value][1]}")
assert found[0.06] == (True, True)
assert found[0.07] == found[19.99] == (False, True)
assert found[1e308] == (True, False)
PYTHON
