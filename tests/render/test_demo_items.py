"""What a demo shows, in a terminal and on a page."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from grader.demos import Curves, Pictures, Text
from grader.render.demo import page, terminal

COLOUR = re.compile(r"\x1b\[[\d;]*m")
DIGITS = Pictures("Digits", [np.eye(8), np.zeros((8, 8))], ["1", "7, is 1"], [True, False])
FALLING = Curves("Loss", {"loss": [2.0, 1.0, float("nan"), 0.5]})


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("item", [Text("word " * 60), DIGITS, FALLING])
def test_it_fits_the_terminal(item, color, width):
    """No line is longer than the terminal is wide."""
    many = item if item is not DIGITS else Pictures("Many", [np.eye(8)] * 9, ["a word"] * 9)
    shown = COLOUR.sub("", terminal(many, color=color, width=width))
    assert max(map(len, shown.splitlines())) <= width


def test_pictures_have_words_and_marks():
    """Each picture has its guess below it, and whether that is right."""
    shown = terminal(DIGITS)
    assert "✓ 1 " in shown
    assert "✗ 7, is 1" in shown
    assert shown.count("██") == 8
    assert "\x1b" not in shown
    assert "▀" in terminal(DIGITS, color=True)


def test_a_curve_has_its_ends():
    """The largest and the smallest number stand beside the curve; what is no number leaves a gap."""
    lines = terminal(FALLING).splitlines()
    assert lines[1].split() == ["2", "█"]
    assert lines[6].split()[0] == "0.5"
    assert lines[6].endswith(" ██ ▁")
    assert terminal(Curves("Nothing", {"loss": [float("inf")]})) == "  Nothing\n"


@pytest.mark.parametrize("picture", [np.zeros(3), np.zeros((2, 2, 2)), np.zeros((0, 4))])
def test_what_is_no_picture(picture):
    """A wrong shape is said."""
    with pytest.raises(ValueError, match="rows and columns"):
        terminal(Pictures("x", [np.zeros((2, 2)), picture]))


def test_the_page_is_whole_and_harmless(make):
    """One file without scripts and addresses; hostile words stay words."""
    items = [Text(make.HOSTILE), DIGITS, Curves(make.HOSTILE, {make.HOSTILE: [1.0, 2.0]})]
    text = page("ex09", items)
    assert text.startswith("<!doctype html>")
    assert "<script" not in text
    assert "http" not in text
    assert "<b>" not in text
    ET.fromstring(text.partition("<main>")[2].partition("</main>")[0].join(["<main>", "</main>"]))
    assert text.count("<rect") == 128
