#!/usr/bin/env bash
# Run once, when the container's image is built: Python, the grader, and folders closed to others.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
here="$root/source"

usable() { "$1" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
choose() {
  for name in python3.13 python3.12 python3.11 python3 python3.14; do
    if usable "$name"; then echo "$name"; return; fi
  done
}

python="$(choose)"
if [ -z "$python" ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq python3.12 python3.12-venv || apt-get install -y -qq python3.11 python3.11-venv
  python="$(choose)"
fi

"$python" -m venv "$root/venv"
pip() { "$root/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"; }
# The versions that the instructor has; where a package has none of them for this Python, others.
# `tzdata` because some images know no time zones.
pip -c "$here/constraints.txt" "$here"/*.whl tzdata || pip "$here"/*.whl tzdata

# The source holds the answers. Student code runs as a user who can read neither it nor the results.
mkdir -p "$root/results"
chmod 700 "$here" "$root/results"
"$root/venv/bin/grade" doctor || true
