"""The report in a real browser: it can be read, sorted and filtered, and nobody's name runs."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from browser import assert_readable, show
from reports import check, report

from grader.classroom.gradebook import open_gradebook
from grader.classroom.report.site import SHARED, page_path
from grader.classroom.report.stats import CheckStats, class_stats, correlation


def names(browser):
    """The students who are shown, in their order."""
    return browser.execute_script(
        "return Array.from(document.querySelectorAll('table.matrix tbody tr'))"
        ".filter(r => !r.hidden).map(r => r.cells[0].textContent)"
    )


def column(browser, number):
    """What a column of the matrix is sorted by, of the students who are shown."""
    return browser.execute_script(
        "return Array.from(document.querySelectorAll('table.matrix tbody tr'))"
        ".filter(r => !r.hidden).map(r => Number(r.cells[arguments[0]].dataset.value))",
        number,
    )


def choose(browser, menu, words):
    """Choose an entry of a menu by a part of its words."""
    browser.find_element("xpath", f"//select[@id='{menu}']/option[contains(., '{words}')]").click()


def test_no_hostile_text_runs_and_nothing_complains(browser, pages):
    """Names, files, messages, outputs and reasons with markup are shown, not obeyed."""
    browser.get_log("browser")
    harmful = "return document.querySelectorAll('[onerror],[onload],[style],main script').length"
    for page in pages:
        show(browser, page)
        assert browser.execute_script("return window.hacked") is None
        assert browser.execute_script(harmful) == 0
        assert browser.get_log("browser") == []
    show(browser, pages[0])
    text = browser.execute_script("return document.body.textContent")
    assert "<script>window.hacked=1</script>" in text
    assert "{{ 7*7 }}" in text
    assert "\u202e" not in text


def test_pages_need_nothing_else(pages):
    """No page names a server or a file of others; only its own script may run."""
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "default-src 'none'; style-src 'self' file:" in unescape(text)
        assert ("script-src" in text) == (page.name == "index.html")
        assert " src=" not in re.sub(r"&[^;]+;", "", text).replace("img src=x", "")
        links = re.findall(r'href="([^"]+)"', text)
        assert links
        assert all(
            a.startswith(("students/", "../index.html", "#", SHARED, f"../{SHARED}")) for a in links
        )


@pytest.mark.slow
def test_everybody_can_read_it(browser, axe, pages):
    """In light and in dark, on a phone as on a screen: nothing for axe to find, and no scrolling sideways,
    whatever names and code are."""
    for page in pages[:2]:
        assert_readable(browser, axe, page)


def test_the_style_is_one_file(browser, pages):
    """What pages share is a file beside them, and a page uses it, also from the disk."""
    for page in pages:
        assert "<style" not in page.read_text(encoding="utf-8")
        show(browser, page, theme="dark")
        color = "return getComputedStyle(document.body).backgroundColor"
        assert browser.execute_script(color) == "rgb(20, 24, 29)"


def test_sorting(browser, pages):
    """A click sorts by an exercise, a second one the other way; the Enter key does the same."""
    show(browser, pages[0])
    button = browser.find_element("xpath", "//th/button[text()='ex04']")
    button.click()
    shares = column(browser, 1)
    assert shares == sorted(shares)
    assert len(set(shares)) > 2
    assert button.find_element("xpath", "..").get_attribute("aria-sort") == "ascending"
    button.click()
    assert column(browser, 1) == shares[::-1]
    button = browser.find_element("xpath", "//th/button[text()='Student']")
    button.send_keys("\ue007")
    people = [name for name in names(browser) if name.startswith("Student")]
    assert people == sorted(people, key=lambda name: int(name.split()[1]))
    button.send_keys("\ue007")
    assert [name for name in names(browser) if name.startswith("Student")] == people[::-1]


def test_filtering(browser, pages):
    """Words, what is special, and a mistake narrow both tables, and the count is announced."""
    show(browser, pages[0])
    browser.find_element("id", "words").send_keys("student 1")
    assert len(names(browser)) == 4
    assert browser.find_element("id", "count").text == "4 of 15 students shown"
    choose(browser, "mistake", "not divided by n")
    assert len(names(browser)) == 2
    visible = "return Array.from(document.querySelectorAll('table.results tbody tr')).filter(r => !r.hidden).length"
    assert browser.execute_script(visible) == 2
    browser.find_element("id", "words").clear()
    browser.find_element("id", "words").send_keys(" ")
    choose(browser, "mistake", "any or none")
    choose(browser, "flag", "late")
    assert len(names(browser)) == 1
    choose(browser, "flag", "not handed in")
    assert [name.split()[0] for name in names(browser)] == ["Handed"]


def test_a_student_s_page(browser, site):
    """Hint, message, picture and the line in the student's own source are there, and lead to each other."""
    show(browser, site / "index.html")
    browser.find_element("partial link text", "Student 8").click()
    text = browser.execute_script("return document.body.textContent")
    for word in ("message Student 8", "hint Student 8", "What test_a says", "problem Student 8"):
        assert word in text
    captions = [c.text for c in browser.find_elements("css selector", ".picture caption")]
    assert captions == ["out[0,1], expected", "yours", "difference"]
    assert len(browser.find_elements("css selector", "td.wrong")) == 4
    browser.find_element("partial link text", "line 2").click()
    assert "Student 8 = 1" in browser.find_element("css selector", "mark:target").text
    browser.find_element("css selector", ".code .pin").click()
    target = "return document.querySelector(':target').textContent"
    assert "hint Student 8" in browser.execute_script(target)


def test_the_class_at_a_glance(site):
    """First come the commonest mistake with its share, and who handed in nothing."""
    text = (site / "index.html").read_text(encoding="utf-8")
    top = text[text.index('id="tomorrow"') : text.index('id="students"')]
    assert "not divided by n" in top
    assert "<strong>57 %</strong>" in top
    assert "8 of 14" in top
    assert re.search("1 handed in nothing: Handed in nothing <", top)
    assert "2026-10-10: 3" in text


def test_remarks_are_sentences(site):
    """A remark goes on where a line only leads to the next."""
    text = (site / "index.html").read_text(encoding="utf-8")
    assert "For x (10, 3): out has shape (10,), expected (10, 1)." in text


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
    assert "handed in nothing:" not in written()


def test_a_class_page_in_chinese(written, tmp_path):
    """Headings, sentences and plots are Chinese, down to the small words between values."""
    with open_gradebook(str(tmp_path / "grades.db"), create=True) as book:
        book.add_exercise("e1", "ex01", "線", 15)
        for n in range(12):
            wrong = check(outcome="failed", score=0.0, hint="加起來。", misconception="flipped")
            one = report(check(title="值", score=5.0), wrong if n % 2 else check(title="值"))
            book.add_submission((f"{n}", "", ""), "ex01", f"{n}", f"k{n}")
            book.add_result(f"k{n}", f"{n}", "e1", one)
    page = written("--lang", "zh-Hant")
    text = re.sub(r"<(script|style)[^>]*>.*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
    assert "誰可能需要幫助" in text
    english = r"\b(?:of|in|the|is|and|points?|submissions?|students?|passed|failed|mistakes?)\b"
    assert re.findall(english, text, re.IGNORECASE) == []


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
    assert f"By day of submission, in {zone or 'UTC'}" in text


def test_printing(browser, pages):
    """On paper there are no tools, and the page is not empty."""
    show(browser, pages[0])
    assert len(browser.print_page()) > 10_000


def test_statistics():
    """Difficulty is the part that passed; discrimination is the correlation with the rest; both have
    words."""
    assert correlation([0, 0, 1, 1], [1, 2, 9, 10]) == pytest.approx(0.99, abs=0.01)
    assert correlation([1, 1, 1], [1, 2, 3]) is None
    assert class_stats("ex01", "t", 10, [], {}).judged == 0

    def words(passed, discrimination):
        found = CheckStats("test_a", "A.", 1.0, False, passed, discrimination)
        return found.difficulty, found.tells

    assert words(0.95, None) == ("easy: nearly everybody passes", "")
    assert words(0.5, 0.5) == ("hard: about half pass", "who passes it does well in the rest, too")
    assert words(0.0, -0.3)[0] == "hardly anybody passes"
    assert "look at the check itself" in words(0.0, -0.3)[1]
