"""Text in columns: no line is wider than asked, and none ends or begins where it must not."""

import doctest

from hypothesis import given
from hypothesis import strategies as st

from grader import columns

TEXT = "把 conv_forward 的 dx 加起來（每個視窗一次），再看看 `x[:, t]`：形狀是 (N, C, H, W)，不是 (N, H, W, C)。"


def test_examples():
    """The docstrings' examples are so."""
    assert doctest.testmod(columns).failed == 0


@given(st.integers(40, 120), st.text("列行，。（）「」 abc_[]", min_size=1, max_size=200))
def test_lines_fit(width, text):
    """Only a word that is longer than a line makes a longer one, and no letter is lost."""
    found = columns.lines(text, width)
    assert "".join("".join(found).split()) == "".join(text.split())
    for line in found:
        long_word = max((columns.columns(word) for word in line.split()), default=0)
        assert columns.columns(line) <= max(width, long_word)


def test_no_line_begins_with_what_closes():
    """A full stop or a closing bracket stays with what it closes, and words of letters are whole."""
    for width in range(20, 80):
        for line in columns.lines(TEXT, width)[1:]:
            assert line[0] not in "，。）」："
        joined = "\n".join(columns.lines(TEXT, width))
        assert "conv_forward" in joined


def test_english_is_wrapped_as_ever():
    """A text of letters is wrapped at spaces, also beside a sign that is not ASCII."""
    text = "Every entry of dx is 1/4 times what it should be – look at the mean – and at N."
    assert columns.lines(text, 40) == [
        "Every entry of dx is 1/4 times what it",
        "should be – look at the mean – and at N.",
    ]


def test_padding_and_cutting():
    """Widths count columns, not characters."""
    assert columns.columns(columns.padded("卷積", 9)) == 9
    assert columns.shortened("共享權重的卷積", 9) == "共享權 …"
    assert columns.shortened("short", 9) == "short"
