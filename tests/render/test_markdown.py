"""Reports as Markdown."""

import re

import pytest
from sample_reports import EVERYTHING, MARKUP, MIXED, RIGHT, SECRET, check, report

from grader.model import Outcome
from grader.render import markdown, render


def test_markdown_is_as_written_down(golden):
    """One of everything reads as in the golden file."""
    golden("markdown.md", render(EVERYTHING, "markdown"))


def test_nothing_of_a_students_is_markup():
    """Outside of fences no text of a student's is a tag, a link, a mention or a heading."""
    text = markdown.render([MIXED])
    outside = re.sub(r"^(`{3,})text\n[\s\S]*?\n\1$", "", text, flags=re.MULTILINE)
    for word in ("<script", "](http", "forged", "# Score", " @all"):
        assert word not in outside


@pytest.mark.parametrize("text", ["```", "a ```` b\n`````", "", MARKUP])
def test_fence_is_longer_than_any_in_the_text(text):
    """No text can close the fence around it."""
    first, *middle, last, _ = markdown.code_block(text).split("\n")
    assert first == f"{last}text"
    assert not [line for line in middle if line.strip().startswith(last)]


def test_hidden_checks_stay_hidden():
    """A hidden check is a line in the table, without its title; who waits for it does not name it."""
    text = markdown.render([MIXED])
    assert SECRET not in text
    assert "| ✗ | 0/3 | Hidden check 1. |" in text


def test_full_marks_read_well():
    """A right submission is a heading and a table."""
    text = markdown.render([RIGHT])
    assert text.startswith("## ✓ ex04 Convolution: 6 of 6 points\n")
    assert "###" not in text


def test_long_text_is_cut_and_says_so():
    """One check's output does not fill the summary."""
    text = markdown.render([report(check("test_a", Outcome.FAILED, message="x" * 20_000))])
    assert "… and 12,000 more" in text
