"""Seeds."""

from __future__ import annotations

from grader.checking.run.marks import derive_seed


def test_seeds_depend_on_every_part():
    """A seed changes with each of its parts, and with where one part ends."""
    seeds = {derive_seed("ex01", "a", "", 0), derive_seed("ex01", "b", "", 0),
             derive_seed("ex02", "a", "", 0), derive_seed("ex01", "a", "s", 0),
             derive_seed("ex01", "a", "", 1)}  # fmt: skip
    assert len(seeds) == 5
