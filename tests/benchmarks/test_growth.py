"""The script that measures how a batch grows says and draws what it measured, every time the same."""

import importlib.util
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def script():
    """The script as a module."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    path = ROOT / "benchmarks" / "batch_growth.py"
    spec = importlib.util.spec_from_file_location("batch_growth", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["batch_growth"] = module  # dataclasses look it up there
    spec.loader.exec_module(module)
    yield module
    del sys.modules["batch_growth"]
    sys.path.remove(str(ROOT / "benchmarks"))


def runs(script):
    """Two made-up classes that take time in proportion."""
    return [
        script.Run(count, wall=count / 10, cpu=count / 5, samples=[(0, 50, 40), (count, 60, 45)])
        for count in (10, 1000)
    ]


def test_the_table_says_what_was_measured(script):
    """Rates, peaks and the exponent."""
    text = script.table(runs(script))
    assert "| 1,000 | 100.0 | 10.0 | 200 | 60 MB | 45 MB |" in text
    assert "grows with the power 1.00" in text


def test_the_same_numbers_draw_the_same_picture(script, tmp_path):
    """The plot is a well-formed SVG without a date."""
    first, second = tmp_path / "1.svg", tmp_path / "2.svg"
    script.draw(runs(script), first)
    script.draw(runs(script), second)
    assert first.read_bytes() == second.read_bytes()
    assert "graded of 1,000" in "".join(ET.parse(first).getroot().itertext())
