"""Catalogues: what is to be translated is found, kept when the words change, and asked for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.authoring import catalogues, translation
from grader.authoring.scaffold import blanks, scaffold
from grader.authoring.verify import verify
from grader.course.loader import find_course, find_exercise
from grader.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]

CHECK = '''
@pytest.mark.points(1)
def test_one(student):
    """One is one."""
    assert_same(student.one(2), 3, because="Of two:")
    because = say("Of {n}:", n=1) if student else "Of nothing:"
    fail(say_n("{n} pear", "{n} pears", 2), hint="Count them.")
    fail(f"{because} again")
'''
STUB = '''"""One."""


def one(n):
    r"""Return one of n,
    at \\\\once.
    """
    raise NotImplementedError
'''
FILES = {
    "exercise.toml": 'title = "One"\ncovers = ["one thing"]\n',
    "hints.toml": 'one = ["What comes after none?"]\n',
    "test_ex01.py": CHECK,
    "misconceptions.py": '@misconception(hint="That is " "two.", caught_by="test_one")\ndef two(r): ...\n',
    "features.py": '@inputs_of("one", words={"n": ("n is 1", "it is not")})\ndef make(rng, n=1): ...\n',
    "demo.py": 'def demo(s, r):\n    yield Curves("A curve", {"loss": [1]})\n    yield Text("The end.")\n',
    "ex01_one.py": STUB,
}


@pytest.fixture
def course(tmp_path):
    """A course with one exercise, copied from this one."""
    for name in ("ex01_neuron", "course.toml"):
        source = ROOT / "exercises" / name
        copy = shutil.copytree if source.is_dir() else shutil.copyfile
        (tmp_path / "exercises").mkdir(exist_ok=True)
        copy(source, tmp_path / "exercises" / name)
    shutil.rmtree(tmp_path / "exercises/ex01_neuron/zh-Hant", ignore_errors=True)
    (tmp_path / "solutions").mkdir()
    shutil.copyfile(ROOT / "solutions/ex01_neuron.py", tmp_path / "solutions/ex01_neuron.py")
    return find_course(tmp_path)


def test_every_kind_of_sentence_is_found():
    """Titles, hints, reasons, misconceptions, features, the demo and docstrings; each once."""
    assert [message for message, _ in translation.sentences(FILES)] == [
        "One",
        "one thing",
        "What comes after none?",
        "One is one.",
        "Of {n}:",
        ("{n} pear", "{n} pears"),
        "Of nothing:",
        "Of two:",
        "Count them.",
        "That is two.",
        "n is 1",
        "it is not",
        "A curve",
        "The end.",
        "One.",
        "Return one of n,\nat \\\\once.",
    ]
    (found,) = translation.formatted(FILES)
    assert "in line 8 of test_ex01.py" in found


def test_a_catalogue_keeps_what_is_translated(tmp_path):
    """A sentence that changed is fuzzy until it was read, one that is gone is dropped, and the same
    sentences give the same file."""
    path = tmp_path / "messages.po"
    old = [catalogues.Sentence(m, "a.py") for m in ("Add up over all the examples.", "Gone.")]
    catalogue = catalogues.update(path, "zh-Hant", old)
    catalogue["Add up over all the examples."].string = "把所有樣本加起來。"
    path.write_text(catalogues.text(catalogue), encoding="utf-8")
    new = [catalogues.Sentence("Add up over all of the examples.", "a.py")]
    catalogue = catalogues.update(path, "zh-Hant", new)
    assert catalogues.untranslated(catalogue) == ["Add up over all of the examples."]
    assert catalogue["Add up over all of the examples."].string == "把所有樣本加起來。"
    text = path.read_text(encoding="utf-8")
    assert "Gone" not in text
    assert "Date" not in text
    catalogues.update(path, "zh-Hant", new)
    assert path.read_text(encoding="utf-8") == text


def test_a_third_language_needs_no_code(course):
    """`grade translate` makes the files of any language; what is missing is told by its claim."""
    [exercise] = course.exercises
    lines = list(translation.update_all(course, [exercise], "fr"))
    assert lines[0] == "exercises/fr/messages.po: 1 sentence left to translate"
    problems = translation.missing(course, exercise, "fr")
    assert problems[0] == "no README.md"
    assert "hints.toml: " in " ".join(problems)
    (proof,) = [p for p in verify(course, [exercise], server=None) if p.claim == "language fr"]
    assert list(proof.problems) == problems


def test_no_language_of_that_name(course):
    """A tag that no language has is a usage error of one line."""
    command = [
        sys.executable,
        "-m",
        "grader",
        "translate",
        "klingonese",
        "--course",
        str(course.root),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "grade: klingonese: is not the tag of a language, such as fr or zh-Hant\n"
    )


def test_a_new_exercise_gets_the_courses_languages(course):
    """The handout is a blank, and the catalogue has the scaffold's sentences."""
    list(translation.update_all(course, [], "zh-Hant"))
    scaffold(course, "ex02_next")
    made = find_exercise(find_course(course.root), "ex02")
    assert translation.languages(made) == ["zh-Hant"]
    assert any(line.startswith("zh-Hant/README.md, line 1") for line in blanks(course, made))


def test_students_get_no_sentence_of_a_hidden_check(course):
    """The catalogue that is released has the titles of the public checks only."""
    [exercise] = course.exercises
    path = exercise.folder / "zh-Hant" / catalogues.NAME
    translation.update_exercise(course, exercise, "zh-Hant")
    known = catalogues.read(path, "zh-Hant")
    for message in known:
        if message.id:
            message.string = ("字",) * (1 + message.pluralizable) if message.pluralizable else "字"
    path.write_text(catalogues.text(known), encoding="utf-8")
    public = 'def test_a(student):\n    """Shown."""\n'
    known.add("Shown.", "看得到。")
    path.write_text(catalogues.text(known), encoding="utf-8")
    data = translation.released(course, exercise, "zh-Hant", {"test_ex01.py": public})
    assert "看得到。".encode() in data
    hidden = exercise.folder / "test_ex01.py"
    titles = [m for m, _ in translation.sentences({"test_ex01.py": hidden.read_text("utf-8")})]
    assert titles
    assert not any(str(t).encode() in data for t in titles)


def test_a_workspace_cannot_be_translated(tmp_path):
    """It has no solutions; one line says so."""
    found = find_course(ROOT / "student_template")
    with pytest.raises(UsageError, match="without solutions"):
        list(translation.update_all(found, [], "fr"))
