#!/usr/bin/env bash
# openpyxl writes the last moment of a day, as deadlines have it, and reads it again.
#
# One would expect 23:59:59 and a fraction, or the fraction cut off. It is rounded to full milliseconds on the way:
# the moment becomes the first of the next day, and a time of day comes back as a date in the year 1900.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check openpyxl==3.1.5

"$folder/venv/bin/python" - <<'PYTHON'
import datetime as dt
import io

import openpyxl

book = openpyxl.Workbook()
book.active.append([dt.datetime(2026, 10, 11, 23, 59, 59, 999999), dt.time(23, 59, 59, 999999)])
file = io.BytesIO()
book.save(file)
moment, time = next(openpyxl.load_workbook(file).active.values)
print(f"openpyxl {openpyxl.__version__}: {moment!r}, {time!r}")
assert moment == dt.datetime(2026, 10, 12)
assert time == dt.datetime(1900, 1, 1)
PYTHON
