"""The report in a real browser: it can be read, sorted and filtered, and nobody's name runs."""

import math
import re
from datetime import UTC, datetime

import pytest
from reports import check, report

from grader.classroom.gradebook import open_gradebook
from grader.classroom.report.pictures import comparison
from grader.classroom.report.site import page_path
from grader.classroom.report.stats import class_stats, correlation
from grader.model import Picture
from grader.render.json import as_dict, from_dict

SERIOUS = ("serious", "critical")


def width(browser, pixels):
    """Give the page a width, also one that a window could not have."""
    metrics = {"width": pixels, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def scheme(browser, name):
    """Light or dark."""
    features = [{"name": "prefers-color-scheme", "value": name}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def rows(browser, column):
    """What is shown in a column of the students' table."""
    return browser.execute_script(
        "return Array.from(document.querySelectorAll('table.students tbody tr'))"
        ".filter(r => !r.hidden).map(r => r.cells[arguments[0]].textContent)",
        column,
    )


def test_no_hostile_text_runs_and_nothing_complains(browser, pages):
    """Names, files, messages, outputs and reasons with markup are shown, not obeyed."""
    browser.get_log("browser")
    for page in pages:
        browser.get(page.as_uri())
        assert browser.execute_script("return window.hacked") is None
        assert (
            browser.execute_script("return document.querySelectorAll('[onerror],[onload]').length")
            == 0
        )
        assert browser.get_log("browser") == []
    browser.get(pages[0].as_uri())
    assert "<script>window.hacked=1</script>" in browser.execute_script(
        "return document.body.innerText"
    )
    assert "{{ 7*7 }}" in browser.execute_script("return document.body.innerText")


def test_pages_need_nothing_else(pages):
    """No page names a file or a server; only its own script may run."""
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.findall(r"(?:src|href)=[\"']?(?:https?:|//|file:)", text)
        assert "default-src 'none'" in text
        assert all(
            a.startswith(("students/", "../index.html", "#"))
            for a in re.findall(r'href="([^"]+)"', text)
        )


def test_sorting(browser, pages):
    """A click sorts by a column, a second one the other way; numbers sort as numbers."""
    browser.get(pages[0].as_uri())
    button = browser.find_element("xpath", "//th/button[text()='Score']")
    button.click()
    scores = [float(s) for s in rows(browser, 3)]
    assert scores == sorted(scores)
    assert len(set(scores)) > 2
    assert button.find_element("xpath", "..").get_attribute("aria-sort") == "ascending"
    button.click()
    assert [float(s) for s in rows(browser, 3)] == scores[::-1]


def test_sorting_by_keyboard(browser, pages):
    """The Enter key on a focused column does what a click does."""
    browser.get(pages[0].as_uri())
    button = browser.find_element("xpath", "//th/button[text()='Student']")
    button.send_keys("\ue007")
    button.send_keys("\ue007")
    assert rows(browser, 0) == sorted(rows(browser, 0), reverse=True)


def test_filtering(browser, pages):
    """Words and outcome narrow the table, and the count is announced."""
    browser.get(pages[0].as_uri())
    browser.find_element("id", "filter").send_keys("student 1")
    assert len(rows(browser, 0)) == 4
    assert browser.find_element("id", "count").text == "4 of 14 shown"
    browser.find_element("xpath", "//select/option[text()='passed']").click()
    assert set(rows(browser, 5)) == {"passed"}
    assert len(rows(browser, 0)) == 1


@pytest.mark.parametrize("pixels", [360, 1280])
def test_no_horizontal_scrolling(browser, pages, pixels):
    """On a phone as on a screen the page is no wider than the window, whatever names and code are."""
    width(browser, pixels)
    for page in pages:
        browser.get(page.as_uri())
        for _ in browser.find_elements("tag name", "details"):
            browser.execute_script(
                "document.querySelectorAll('details').forEach(d => d.open = true)"
            )
        assert browser.execute_script("return document.documentElement.scrollWidth") <= pixels
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("name", ["light", "dark"])
def test_accessibility(browser, pages, axe, name):
    """axe-core finds nothing serious, in light and in dark."""
    scheme(browser, name)
    for page in pages:
        browser.get(page.as_uri())
        browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
        browser.execute_script(axe)
        found = browser.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
        bad = [
            (v["id"], [n["html"] for n in v["nodes"]][:3])
            for v in found["violations"]
            if v["impact"] in SERIOUS
        ]
        assert bad == []
        assert found["passes"]
    scheme(browser, "light")


def test_a_student_s_page(browser, site):
    """Check, message, hint, picture and the line in the student's own source are there."""
    browser.get((site / "index.html").as_uri())
    browser.find_element("xpath", "//td[text()='Student 8']/../td/a").click()
    text = browser.execute_script("return document.body.textContent")
    for word in ("message Student 8", "hint Student 8", "What test_a says", "problem Student 8"):
        assert word in text
    (picture,) = browser.find_elements("css selector", "article img")
    assert picture.get_attribute("alt").endswith("2 entries differ.")
    assert browser.execute_script("return arguments[0].naturalWidth", picture) > 100
    browser.find_element("partial link text", "line 2").click()
    hit = browser.find_element("css selector", ".hit:target")
    assert "Student 8 = 1" in hit.text


def test_the_class_at_a_glance(site):
    """The page says what part of the class made which mistake, and who submitted nothing."""
    text = (site / "index.html").read_text(encoding="utf-8")
    assert "<strong>64 %</strong> (9): not divided by n." in text
    assert "Submitted nothing" in text
    assert "2026-10-10: 3" in text


@pytest.fixture
def graded(tmp_path):
    """Put a submission into the gradebook from which `grade report` writes into `out`."""

    def call(key, identity, **about):
        with open_gradebook(str(tmp_path / "grades.db"), create=True) as book:
            book.add_exercise("e1", "ex01", "A line", 15)
            book.add_submission((key, "", ""), "ex01", "s", "k", identity=identity, **about)
            book.add_result("k", "s", "e1", report(check(score=9.0, max_score=15.0)))

    return call


@pytest.fixture
def written(grade, tmp_path):
    """Run `grade report`; returns the class's page."""

    def call(*words):
        words = ("--gradebook", tmp_path / "grades.db", "-o", tmp_path / "out", *words)
        done = grade("report", *words, cwd=tmp_path)
        assert done.code == 0, done.err
        return (tmp_path / "out" / "index.html").read_text(encoding="utf-8")

    return call


def test_who_is_missing(graded, written):
    """A submission that moved to its student leaves nobody behind who submitted nothing."""
    graded("3001", "moodle 3001")
    graded("s1", "moodle 3001")
    assert "Nothing submitted" not in written()


def test_pages_of_an_earlier_report_go(graded, written, tmp_path):
    """Pages of students who are not in this report are removed from the folder; nothing else is."""
    graded("3001", "moodle 3001")
    written()
    students = tmp_path / "out" / "students"
    assert [p.name for p in students.iterdir()] == [page_path("3001").partition("/")[2]]
    own = {"0123456789abcdef.html": "my own page", "notes.html": "<footer>Made by nn-grader 1"}
    for name, text in own.items():
        (students / name).write_text(text, encoding="utf-8")
    graded("s1", "moodle 3001")
    written()
    assert {p.name for p in students.iterdir()} == {page_path("s1").partition("/")[2], *own}


@pytest.mark.parametrize(
    ("zone", "day"), [(None, "2026-10-14"), ("Europe/Berlin", "2026-10-15"), ("UTC", "2026-10-14")]
)
def test_days_are_the_course_s(graded, written, small, zone, day):
    """Progress over time is by the days of the course's time zone, which the page names."""
    graded("ada", "", submitted=datetime(2026, 10, 14, 22, 30, tzinfo=UTC))
    if zone:
        with (small.root / "course.toml").open("a", encoding="utf-8") as file:
            file.write(f'\n[late]\ntimezone = "{zone}"\n')
    text = written(*(("--course", small.root) if zone else ()))
    assert f"{day}: 1, 60 %" in text
    assert f"Days in {zone or 'UTC'}." in text


def test_printing(browser, pages):
    """On paper there are no tools, and the page is not empty."""
    browser.get(pages[0].as_uri())
    assert len(browser.print_page()) > 10_000


def test_statistics():
    """Difficulty is the part that passed; discrimination is the correlation with the rest."""
    assert correlation([0, 0, 1, 1], [1, 2, 9, 10]) == pytest.approx(0.99, abs=0.01)
    assert correlation([1, 1, 1], [1, 2, 3]) is None
    assert class_stats("ex01", "t", 10, [], {}).judged == 0


def test_the_same_mistake_is_drawn_once():
    """Two equal pictures are one drawing; numbers that are none can be drawn."""
    picture = Picture("t", ((1.0,),), ((math.inf, math.nan),), ((True, True),))
    stored = from_dict(as_dict(report(check(picture=picture)))).checks[0].picture
    assert comparison(stored) is comparison(
        from_dict(as_dict(report(check(picture=stored)))).checks[0].picture
    )
