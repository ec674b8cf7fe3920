"""Reports as one HTML page."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from browser import assert_readable, faults, show
from markupsafe import escape
from sample_reports import EVERYTHING, MARKUP, MIXED, RIGHT, SECRET, check, report

import grader
from grader.model import Outcome, Suspect
from grader.render import html, render
from grader.render.pages import STYLE, policy_source

VOID = {"meta", "rect"}
SOURCE = "import numpy as np\r\n\r\ndef f(x):\r\n    return x  # <script>alert(1)</script>\r\n"


class Reader(HTMLParser):
    """Reads tags and text, and proves that tags are closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.words = [], set(), []

    def handle_starttag(self, tag, attributes):
        """Note a tag; no attribute may run or load anything."""
        self.tags.add(tag)
        assert not [k for k, _ in attributes if k.startswith("on") or k in ("src", "style")]
        assert all(v.startswith("#") for k, v in attributes if k == "href")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """The last tag that was opened is closed."""
        if tag not in VOID:
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


def words_of(page):
    """The text of a page's main part."""
    return "".join(read(page[page.index("<main") : page.index("</main>") + 7]).words)


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    """A page about one mistake, as a student would open it, and its source."""
    wrong = check(
        "test_values",
        Outcome.FAILED,
        title="Entry [n, m] is the sum of example n's inputs times column m of the weights.",
        hint="layer would be right if line 4 of ex04_convolution.py were different. Look at the axis.",
        contrast="layer is right while there is one input, and wrong as soon as there are several.",
        suspect=Suspect("ex04_convolution.py", 4, "layer"),
        picture=MIXED.checks[1].picture,
        call="layer(np.array([[1.5, -0.5]]))\n# came back: 1",
    )
    after = check("test_after", Outcome.SKIPPED, message="“Entry” must pass first.")
    about = report(check("test_shape", Outcome.PASSED), wrong, after)
    path = tmp_path_factory.mktemp("page") / "report.html"
    texts = [{"ex04_convolution.py": SOURCE}]
    path.write_text(render([about], "html", sources=texts), encoding="utf-8")
    return path


def test_html_is_as_written_down(golden):
    """One of everything is the page of the golden file, apart from style and version."""
    text = render(EVERYTHING, "html").replace(STYLE, "STYLE")
    text = text.replace(escape(policy_source(STYLE)), "HASH")
    golden("report.html", text.replace(grader.__version__, "VERSION"))


def test_page_is_well_formed_and_loads_nothing():
    """Tags are closed in order, no script, no link to elsewhere, no picture; a policy forbids them as
    well."""
    text = html.render(EVERYTHING)
    assert not read(text).tags & {"script", "link", "img", "iframe", "b", "form"}
    assert f"default-src 'none'; style-src {policy_source(STYLE)}\"" in unescape(text)


def test_students_text_is_text():
    """What a student printed is shown as it is, but for control characters."""
    words = words_of(html.render([MIXED]))
    assert MARKUP.splitlines()[0] in words
    assert "\x1b" not in words


def test_hidden_checks_stay_hidden():
    """Of hidden checks a student reads how many passed: no title, message, hint, output or line."""
    text = html.render([MIXED])
    assert SECRET not in text
    assert "1 of 2 hidden checks passed, 3 of 6 points." in text
    assert "hidden_1" not in text


def test_addresses_are_unique():
    """Two submissions to one exercise on one page have addresses of their own."""
    text = html.render([MIXED, MIXED])
    found = re.findall(r' id="([^"]+)"', text)
    assert len(found) == len(set(found))


def test_full_marks_are_one_line():
    """Nothing is left to explain: the points and one line."""
    words = words_of(html.render([RIGHT]))
    assert "6 of 6 points" in words
    assert "all checks passed" in words


@pytest.mark.slow
def test_everybody_can_read_it(browser, axe, failing):
    """In light and in dark, on a phone as on a screen: nothing for axe to find, and no scrolling
    sideways."""
    browser.get_log("browser")
    assert_readable(browser, axe, failing)
    assert browser.get_log("browser") == []


def test_hostile_output_is_harmless(browser, axe, tmp_path):
    """The page of the worst that a student can print runs nothing, and is as readable."""
    path = tmp_path / "report.html"
    path.write_text(html.render(EVERYTHING, sources=[{"a.py": MARKUP}, {}]), encoding="utf-8")
    show(browser, path, width=360)
    assert faults(browser, axe) == []
    assert browser.execute_script("return document.scripts.length") == 0
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
    assert browser.get_log("browser") == []


def test_the_explanation_is_in_the_first_screen(browser, failing):
    """On a phone, without scrolling: points, hint, contrast and the line."""
    show(browser, failing, width=360, height=740)
    for css in (".points", ".card .hint", ".card .hint.more", ".card mark"):
        found = browser.find_element("css selector", css)
        assert found.rect["y"] + found.rect["height"] <= 740, css


def test_line_and_card_lead_to_each_other(browser, failing):
    """From the card to the marked line of the source, and back, by keyboard."""
    show(browser, failing, width=360)
    browser.find_element("css selector", ".card a").send_keys("\ue007")
    target = browser.find_element("css selector", ".code mark:target")
    assert "return x  # <script>" in target.text
    number = "return getComputedStyle(arguments[0].querySelector('i'), '::before').content"
    assert browser.execute_script(number, target) == "counter(line)"
    browser.find_element("css selector", ".code .pin").send_keys("\ue007")
    assert browser.execute_script("return location.hash") == "#ex04-m1"
