"""Where Gradescope puts what it gives, and wants what it gets."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(os.environ.get("AUTOGRADER_ROOT") or "/autograder")  # elsewhere only in tests
SOURCE = ROOT / "source"
SUBMISSION = ROOT / "submission"
METADATA = ROOT / "submission_metadata.json"
RESULTS = ROOT / "results" / "results.json"
