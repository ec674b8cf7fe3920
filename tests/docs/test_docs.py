"""Documents that are generated are current."""

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_command_reference_is_current():
    """docs/cli.md is what docs/cli_reference.py writes today."""
    module = runpy.run_path(str(ROOT / "docs" / "cli_reference.py"))
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == module["document"](), (
        "run: python docs/cli_reference.py"
    )
