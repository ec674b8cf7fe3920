"""A guide in another language says what the English one says: the same commands, code and links."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDES = sorted(DOCS.glob("*.zh-Hant.md"))
BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def blocks(text):
    """The blocks of code, without their comments."""
    return [re.sub(r"\s+# .*", "", block) for block in BLOCK.findall(text)]


def parts(text):
    """What stays as it is in any language: headings' levels, rows, bold words' number, code, links but
    those between the languages."""
    prose = re.sub(r"^\[(English|繁體中文)\]\(.+\)$", "", BLOCK.sub("", text), flags=re.MULTILINE)
    return {
        "headings": re.findall(r"^#+ ", prose, re.MULTILINE),
        "rows": len(re.findall(r"^\|", prose, re.MULTILINE)),
        "bold": prose.count("**"),
        "code": {" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)},
        "links": re.findall(r"\]\((.+?)\)", prose),
    }


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_nothing_is_left_behind(guide):
    """Blocks of code, words of code, tables and links are those of the English guide."""
    text = guide.read_text(encoding="utf-8")
    english = guide.with_name(guide.name.replace(".zh-Hant", "")).read_text(encoding="utf-8")
    assert blocks(text) == blocks(english)
    assert parts(text) == parts(english)


def test_there_are_guides():
    """Students and instructors have a guide in Chinese."""
    assert {guide.name for guide in GUIDES} >= {"students.zh-Hant.md", "instructors.zh-Hant.md"}


def test_the_site_finds_chinese_words():
    """The site's search begins a new word at each Chinese character, and goes on to know English ones."""
    settings = (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8")
    separator = re.search(r"separator: '(.+)'", settings)[1]
    words = re.split(separator, "共享權重的卷積（conv_forward）, weights")
    assert [word for word in words if word] == [*"共享權重的卷積", "conv_forward", "weights"]
