#!/usr/bin/env bash
# SQLAlchemy's floor division `//` of -7 by 2, on SQLite.
#
# One would expect -4, as in Python, where the operator rounds down. For whole numbers
# SQLAlchemy trusts the database's own division, and SQLite cuts off towards 0: -3. With a fraction on one side it
# calls FLOOR and gets -4.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check sqlalchemy==2.1.9

"$folder/venv/bin/python" - <<'PYTHON'
import sqlalchemy as sa

seven, two = sa.literal(-7, sa.Integer), sa.literal(2, sa.Integer)
fraction = sa.literal(-7.0, sa.Float)
with sa.create_engine("sqlite://").connect() as connection:
    whole = connection.execute(sa.select(seven // two)).scalar()
    connection.connection.create_function("floor", 1, __import__("math").floor)
    broken = connection.execute(sa.select(fraction // two)).scalar()
print(f"SQLAlchemy {sa.__version__}: -7 // 2 is {whole}, -7.0 // 2 is {broken}, in Python {-7 // 2}")
assert whole == -3
assert broken == -4
PYTHON
