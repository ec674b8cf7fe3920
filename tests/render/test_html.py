"""Reports as one HTML page."""

from html.parser import HTMLParser

from sample_reports import EVERYTHING, MARKUP, MIXED, SECRET

from grader.render import html, render

VOID = {"meta"}


class Reader(HTMLParser):
    """Reads tags and text, and proves that tags are closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.words = [], set(), []

    def handle_starttag(self, tag, attributes):
        """Note a tag; no attribute may run or load anything."""
        self.tags.add(tag)
        assert not [k for k, _ in attributes if k.startswith("on") or k in ("src", "href", "style")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """The last tag that was opened is closed."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Note text."""
        self.words.append(data)


def read(text):
    """The page, read to its end."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert not reader.open
    return reader


def test_html_is_as_written_down(golden):
    """One of everything is the page of the golden file."""
    golden("report.html", render(EVERYTHING, "html"))


def test_page_is_well_formed_and_loads_nothing():
    """Tags are closed in order, no script, no link, no picture; a policy forbids them as well."""
    text = html.render(EVERYTHING)
    assert not read(text).tags & {"script", "link", "img", "iframe", "a", "b", "form"}
    assert "default-src 'none'" in text


def test_students_text_is_text():
    """What a student printed is shown as it is, but for control characters."""
    words = "".join(read(html.render([MIXED])).words)
    assert MARKUP.splitlines()[0] in words
    assert "\x1b" not in words


def test_hidden_checks_stay_hidden():
    """A hidden check is a row, without its title, message, hint, output or line."""
    text = html.render([MIXED])
    assert SECRET not in text
    assert text.count("Hidden check") == 2
