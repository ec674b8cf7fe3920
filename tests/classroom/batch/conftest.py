"""What the tests of batches share: the small course and classes made for it."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def mixed():
    """The script that makes mixed classes and compares gradebooks."""
    path = ROOT / "benchmarks" / "batch_mixed.py"
    spec = importlib.util.spec_from_file_location("batch_mixed", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def submit_files(tmp_path):
    """Writes a flat download; returns its folder."""

    def write(**files):
        folder = tmp_path / "submissions"
        for student, text in files.items():
            (folder / student).mkdir(parents=True, exist_ok=True)
            (folder / student / "ex01_line.py").write_text(text, encoding="utf-8")
        return folder

    return write
