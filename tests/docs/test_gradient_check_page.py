"""The page about the gradient check says what is true: its examples run as they stand."""

import inspect
import re
from pathlib import Path

from grader.checks import check_gradient

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "gradient_check.md").read_text(encoding="utf-8")


def test_the_examples_run():
    """Batch norm, attention and an LSTM step are checked, and their mistakes found, as the page says."""
    first, *blocks = re.findall(r"^```python\n([\s\S]+?)^```", PAGE, re.MULTILINE)
    assert "verdict.outcome" in first
    assert len(blocks) == 4
    namespace = {}
    exec(compile("\n".join(blocks), "gradient_check.md", "exec"), namespace)
    assert namespace["verdict"].outcome == "wrong"


def test_the_signature_is_the_real_one():
    """The call at the top names the parameters that there are, with their defaults."""
    written = re.search(r"check_gradient\((forward.*?)\)$", PAGE, re.MULTILINE)[1]
    parameters = inspect.signature(check_gradient).parameters.values()
    defaults = [f"={p.default}" if p.default is not p.empty else "" for p in parameters]
    names = [str(p).partition(":")[0] for p in parameters]
    assert written.split(", ") == [n + d for n, d in zip(names, defaults, strict=True)]
