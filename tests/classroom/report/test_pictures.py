"""Plots inside the page: in the page's colours, and nothing that its policy forbids."""

import re

import pytest

from grader.classroom.report.pictures import THEME, histogram, over_time

DAYS = tuple((f"2026-10-{day:02d}", day, day / 31) for day in range(1, 32))


@pytest.mark.parametrize(
    "svg", [histogram((0, 1, 2, 3, 0, 0, 5, 8, 13, 40), 'ten "bars"'), over_time(DAYS, "days")]
)
def test_plots_follow_the_theme(svg):
    """Every colour is a variable of the page; there are no styles, ids, links or fonts of its own."""
    colors = set(re.findall(r'(?:fill|stroke)="([^"]+)"', svg))
    assert colors <= {"none", *THEME.values()}
    assert len(colors) > 2
    assert not re.search(r" (?:style|id|href|clip-path|font-family)=|<style|<defs|http", svg)
    assert svg.startswith('<svg class="plot" role="img" aria-label="')
    assert "submissions</text>" in svg


def test_words_are_escaped():
    """What is read aloud is an attribute, and stays one."""
    assert 'aria-label="a&quot;&lt;b"' in histogram((1,), 'a"<b')
