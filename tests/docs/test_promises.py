"""The table of promises is current, and no sentence of a handout that promises something is left out."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

spec = importlib.util.spec_from_file_location("promises", ROOT / "exercises" / "promises.py")
promises = importlib.util.module_from_spec(spec)
spec.loader.exec_module(promises)

FOLDERS = promises.handouts()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_sentence_names_the_check_that_would_fail(folder):
    """Each sentence with must, raise, each or any has one entry; its checks exist; none is left over."""
    listed = promises.entries(folder)
    assert promises.problems(folder, listed) == []
    assert any(listed.values())


def test_the_table_is_current():
    """docs/promises.md is what exercises/promises.py writes."""
    assert promises.TABLE.read_text(encoding="utf-8") == promises.table()


def test_what_is_missing_is_noticed():
    """A sentence without an entry, an entry without a sentence and an unknown check are problems."""
    folder = FOLDERS[0]
    listed = promises.entries(folder)
    start = next(start for start, checks in listed.items() if checks)
    without = {key: checks for key, checks in listed.items() if key != start}
    assert any("no entry for" in p for p in promises.problems(folder, without))
    more = {**listed, "No such sentence": [], start: ["test_nothing"]}
    found = "\n".join(promises.problems(folder, more))
    assert "no sentence begins: No such sentence" in found
    assert "no check test_nothing" in found
