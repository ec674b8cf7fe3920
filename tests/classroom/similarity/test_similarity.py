"""Pairs that share more than the exercise explains are found, and nobody is accused."""

import re
from pathlib import Path

import pytest
from reports import report
from small_course import SMALL

from grader.classroom.similarity import compare
from grader.classroom.similarity.compare import Work, find_pairs
from grader.classroom.similarity.given import given_code
from grader.classroom.similarity.pages import lines
from grader.course.loader import find_course

ROOT = Path(__file__).resolve().parents[3]
LOOPS, GATHERED = (
    (ROOT / "examples" / f"{name}.py").read_text(encoding="utf-8")
    for name in ("ben_loops", "amira_im2col")
)
REFERENCE = (ROOT / "solutions" / "ex04_convolution.py").read_text(encoding="utf-8")
ACCUSING = re.compile(r"plagiar|cheat|copied|copying|copies|guilty|suspect|misconduct|fraud", re.I)


def disguised(text):
    """The same with other names, comments and spaces."""
    text = re.sub(r"\b(x|w|b|out|cols|pad|stride|i|j|dout|dx|dw|db)\b", r"my_\1", text)
    return "# all my own\n" + text.replace(" = ", "  =  ").replace("\n\n", "\n# then\n\n")


def students(*texts, **about):
    return [Work(f"s{n}", "", text, **about) for n, text in enumerate(texts)]


def test_other_names_make_no_difference():
    """The same work with other names, comments and spaces shares all; an honest other one is no pair."""
    (pair,) = find_pairs(students(LOOPS, GATHERED, disguised(GATHERED)), [REFERENCE])
    assert (pair.one.student, pair.two.student, round(pair.share, 2)) == ("s1", "s2", 1.0)


def test_what_the_exercise_explains():
    """Two who wrote what the reference says share nothing of their own, nor do two untouched stubs."""
    given = given_code(find_course(ROOT))
    assert find_pairs(students(REFERENCE, disguised(REFERENCE)), given) == []
    assert len(find_pairs(students(REFERENCE, disguised(REFERENCE)), [])) == 1
    from grader.course.stub import make_stub

    stub = make_stub(REFERENCE, "ex04")
    assert find_pairs(students(stub, stub), given) == []


def variant(number):
    """Code that nobody else has."""
    words = [f"{'(' * (number % 3)}{number * 7 + k} + {k}{')' * (number % 3)}" for k in range(40)]
    return "\n".join(f"def part_{k}(a, b):\n    return a * {w} - b" for k, w in enumerate(words))


def test_what_much_of_the_class_has():
    """What more than half of the class wrote is an idiom; what two have, besides, is theirs."""
    texts = [f"{LOOPS}\n{variant(n)}" for n in range(12)]
    assert find_pairs(students(*texts), [REFERENCE]) == []
    texts[7] = f"{LOOPS}\n{disguised(variant(3))}"
    (pair,) = find_pairs(students(*texts), [REFERENCE])
    assert (pair.one.student, pair.two.student) == ("s3", "s7")


def test_a_group_is_no_pair():
    """What a group handed in together is the same by design."""
    both = students(GATHERED, GATHERED, together="submission_11 abc")
    assert find_pairs(both, [REFERENCE]) == []
    assert len(find_pairs([*both, *students(GATHERED)], [REFERENCE])) == 2


def test_a_class_is_read_once(monkeypatch):
    """300 are compared without 45 000 comparisons of texts: each is read once."""
    read = []
    fingerprint = compare._fingerprint
    monkeypatch.setattr(compare, "_fingerprint", lambda t: read.append(t) or fingerprint(t))
    small = [f"def f(a):\n    return a + {n}" for n in range(300)]
    assert find_pairs(students(*small), [REFERENCE]) == []
    assert len(read) == 301


def test_marks_are_what_is_shared():
    """The marked characters of a line are those that the other work has, too."""
    (pair,) = find_pairs(students(f"y = 5\n\n{GATHERED}", disguised(GATHERED)), [REFERENCE])
    first, *rest = lines(pair.one, pair.marks[0])
    assert first == (1, [("y = 5", False)])
    marked = "".join(text for _, parts in rest for text, shared in parts if shared)
    assert "def conv" in marked
    assert "".join(t for _, parts in lines(pair.two, pair.marks[1]) for t, _ in parts) == (
        pair.two.text.replace("\n", "")
    )


def test_one_work_in_several_pairs():
    """A work shares one half with one and the other half with another: each pair marks its own half."""
    half, other = variant(1), variant(2)
    works = students(f"{half}\n\n{other}", half, other)
    pairs = find_pairs(works)
    assert [(p.one.student, p.two.student) for p in pairs] == [("s0", "s1"), ("s0", "s2")]
    first, second = (sum(end - start for start, end in pair.marks[0]) for pair in pairs)
    assert abs(first - len(half)) < 100
    assert abs(second - len(other)) < 100


@pytest.fixture
def class_of_three(book):
    """A gradebook with a file, the same as a notebook's cells, and something else."""
    cells = disguised(GATHERED).split("\n\n\n")
    for key, sources in (
        ("s1", {"ex01_line.py": GATHERED}),
        ("s2", {f"work.ipynb, cell {n:02}": cell for n, cell in enumerate(cells)}),
        ("s3", {"ex01_line.py": LOOPS}),
    ):
        name = "<b>Ada</b>" if key == "s1" else ""
        book.add_submission((key, name, ""), "ex01", f"h{key}", f"k{key}", origin=key)
        book.add_result(f"k{key}", f"h{key}", "e1", report(), sources)


def test_the_command(class_of_three, grade, tmp_path):
    """`grade similar` writes the pairs of a gradebook; a notebook is seen through, what students wrote is
    text, and the words accuse nobody."""
    words = ("similar", "ex01", "--gradebook", tmp_path / "grades.db", "-o", tmp_path / "alike")
    done = grade(*words, "--course", SMALL)
    assert (done.code, done.err) == (0, f"1 pair: open {tmp_path / 'alike' / 'index.html'}\n")
    index = (tmp_path / "alike" / "index.html").read_text(encoding="utf-8")
    page = (tmp_path / "alike" / "ex01_001.html").read_text(encoding="utf-8")
    assert "3 submissions, 1 pairs" not in index
    assert "3 submissions, 1 pair." in index
    assert 'href="ex01_001.html"' in index
    assert "&lt;b&gt;Ada&lt;/b&gt;" in page
    assert "<mark>" in page
    assert "<script" not in page
    for text in (index, page, grade("similar", "--help").out):
        assert not ACCUSING.search(re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL))


def test_without_the_course(class_of_three, grade, tmp_path):
    """A gradebook is enough, and it is said what that means."""
    words = ("similar", "ex01", "--gradebook", tmp_path / "grades.db", "-o", tmp_path / "alike")
    done = grade(*words, cwd=tmp_path)
    assert done.code == 0
    assert (
        "note: without the course's folder its stubs and solutions are not taken away" in done.err
    )
