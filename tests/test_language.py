"""The language of what people read: which one is spoken, that nothing is missing, and that a report says
the same in each."""

import gettext
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path, PurePosixPath

import pytest

from grader import language
from grader.authoring import catalogues, translation
from grader.authoring.verify import _wrong
from grader.checking.run.session import run_jobs
from grader.cli.app import LAZY
from grader.columns import columns
from grader.course.loader import find_course, find_exercise
from grader.errors import ExerciseError
from grader.language import all_of, any_of, later, later_n, say, say_n, series
from grader.render import render
from grader.student.workspace_files import in_language

ROOT = Path(__file__).resolve().parents[1]
CHINESE = "zh-Hant"
FRAMEWORK = language.FOLDER / CHINESE / "LC_MESSAGES" / catalogues.NAME
EXERCISES = sorted(p.name for p in (ROOT / "exercises").glob("ex*") if p.is_dir())
CATALOGUES = [FRAMEWORK, *sorted(ROOT.glob(f"exercises/**/{CHINESE}/{catalogues.NAME}"))]
GLOSSARY = tomllib.loads((language.FOLDER / CHINESE / "glossary.toml").read_text(encoding="utf-8"))
HANDOUTS = sorted(ROOT.glob(f"exercises/*/{CHINESE}/README.md"))

# English words beside each other, which are no code, no list of names, and no exception's own words.
ENGLISH = re.compile(r"(?<![\w.'\"`(\[=/-])[A-Za-z][a-z]+(?: [a-z]{2,})+")
NAMES = re.compile(
    r"softmax|one-hot|target|pred\b|logits|max|log\b|rng|is not None|grade\b|operands|broadcast|shapes|could not be|together|own user|empty file|cnn|mlp|plain|shuffled|wh\b|norms"
)
# Commands and paths are not broken.
WHOLE = re.compile(r"^ex|grade |從這裡開始|接著寫|講義")
# An exception's own words, on several lines, up to what we say next.
# Half-width punctuation behind Chinese, brackets of a sentence, and a space inside of Chinese.
HALF = re.compile(
    r"[一-鿿）」][,;:!?]|[一-鿿]\.(?!\w)|[一-鿿]\(|[，。；：？！、（「] (?=\S)|[一-鿿] [一-鿿]"
)
RAISED = re.compile(r"\w+Error:.*?(?=\n\s*\n|提示：|試試看|看看|\Z)", re.DOTALL)


@pytest.fixture
def chinese():
    language.use(CHINESE)


def placeholders(text):
    return sorted(re.findall(r"\{\w[^{} ]*\}", text.replace("{{", "").replace("}}", "")))


def forms(value):
    return [value] if isinstance(value, str) else list(value)


# The sentences


def test_english_is_what_stands_in_the_source():
    """Without a catalogue a sentence is itself, with its values, and a number decides its form."""
    assert say("No such sentence: {name}.", name="x") == "No such sentence: x."
    assert say("Braces {are} braces.") == "Braces {are} braces."
    assert [say_n("{n} pear", "{n} pears", n) for n in (0, 1, 2)] == [
        "0 pears",
        "1 pear",
        "2 pears",
    ]
    assert (later("a"), later_n("a", "b")) == ("a", ("a", "b"))
    assert say("") == ""


def test_what_is_not_translated_is_english(chinese):
    """A sentence that no catalogue has is said as it stands; the others in Chinese."""
    assert say("No such sentence: {name}.", name="x") == "No such sentence: x."
    assert say_n("{n} pear", "{n} pears", 2) == "2 pears"
    assert say("Stuck? {command}", command="grade") == "卡住了嗎？grade"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"what": "dx", "found": -3}, "dx 是 -3，應為 0。"),
        ({"what": "dx 的總和", "found": 3}, "dx 的總和是 3，應為 0。"),
        ({"what": "第一個：", "found": "一個陣列"}, "第一個：是一個陣列，應為 0。"),
        ({"what": "它", "found": "x"}, "它是 x，應為 0。"),
    ],
)
def test_spaces_beside_what_stands_in_a_sentence(chinese, values, said):
    """Between Chinese and others is a space, whatever a placeholder holds; between Chinese is none."""
    assert say("{what} 是 {found}，應為{wanted}。", wanted=0, **values) == said


def test_spaces_that_are_no_sentences(chinese):
    """Names stay apart, paths together, and columns where their author put them."""
    assert say("{a} {b}", a="王", b="小明") == "王 小明"
    assert say("{folder}/{file}", folder="作業", file="第一題.py") == "作業/第一題.py"
    assert say("{a}  {n:>3} 分", a="總和", n=7) == "總和    7 分"
    assert say("{{{a}}}", a="字") == "{字}"


def test_lists(chinese):
    """Lists have the marks of the language."""
    assert series(["dx", "dw", "db"]) == "dx、dw、db"
    assert all_of(["dx", "dw", "db"]) == "dx、dw 和 db"
    assert any_of(["列", "行"]) == "列或行"


def test_nothing_of_the_framework_is_missing():
    """Every sentence of the source is translated, and there are no others."""
    own = {
        m for m, file in translation.framework_sentences() if not file.startswith("click/") and m
    }
    known = catalogues.read(FRAMEWORK, CHINESE)
    wanted = {m if isinstance(m, str) else m[0] for m in own}
    there = {forms(m.id)[0] for m in known if m.id and catalogues.is_translated(m)}
    assert wanted - there == set(), "run: nox -s translate -- zh-Hant"
    assert catalogues.untranslated(known) == []


@pytest.mark.parametrize("name", EXERCISES)
def test_nothing_of_an_exercise_is_missing(name):
    """Handout, titles, hints, misconceptions, reasons, features, demo and docstrings are there."""
    course = find_course(ROOT)
    assert translation.missing(course, find_exercise(course, name), CHINESE) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda p: p.relative_to(ROOT).parts[1])
def test_translations_fit(path):
    """Placeholders are the same, forms as many as the language has, code is code, and no form is one
    that Taiwan does not use."""
    for message in catalogues.read(path, CHINESE):
        if not message.id:
            continue
        for text in forms(message.string):
            assert placeholders(text) in [placeholders(one) for one in forms(message.id)], (
                message.id
            )
            assert text.count("`") == forms(message.id)[0].count("`"), message.id
            assert [bad for bad in GLOSSARY["avoid"] if bad in text] == [], message.id
        assert len(forms(message.string)) == 1, message.id


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda p: p.relative_to(ROOT).parts[1])
def test_catalogues_are_compiled(path):
    """What is read is what was edited: the build makes it, and `nox -s translate` does."""
    known = catalogues.read(path, CHINESE)
    assert path.with_suffix(".mo").read_bytes() == catalogues.compiled(known)
    assert path.read_text(encoding="utf-8") == catalogues.text(known)


def test_one_sentence_has_one_translation():
    """The same English sentence says the same in every exercise."""
    said = {}
    for path in CATALOGUES[1:]:
        for message in catalogues.read(path, CHINESE):
            if message.id:
                said.setdefault(forms(message.id)[0], set()).update(forms(message.string))
    assert {key: found for key, found in said.items() if len(found) > 1} == {}


@pytest.mark.parametrize("path", HANDOUTS, ids=lambda p: p.parents[1].name)
def test_handouts_use_the_words_of_the_glossary(path):
    """No form that Taiwan does not use is in a handout."""
    text = path.read_text(encoding="utf-8")
    assert [bad for bad in GLOSSARY["avoid"] if bad in text] == []


def test_figures_use_the_words_of_the_glossary():
    """Nor is one in the words of a figure, nor a half-width mark."""
    path = ROOT / f"exercises/figures.{CHINESE}.toml"
    for english, text in tomllib.loads(path.read_text(encoding="utf-8"))["words"].items():
        assert [bad for bad in GLOSSARY["avoid"] if bad in text] == [], english
        assert half_width(text) == [], english


# Which language


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("zh-Hant", "zh-Hant"),
        ("zh_TW.UTF-8", "zh-Hant"),
        ("ZH-hk", "zh-Hant"),
        ("en_GB.UTF-8", "en"),
        ("C", "en"),
        ("POSIX", "en"),
        ("zh_CN.UTF-8", ""),
        ("fr_FR@euro", ""),
        ("", ""),
    ],
)
def test_tags_and_locales(tag, found):
    """A tag or a locale means a language of ours, or none."""
    assert language.known(tag) == found


def test_the_order_of_wishes(monkeypatch):
    """What was asked for counts before the course, and that before the system."""
    monkeypatch.setenv("LC_ALL", "zh_TW.UTF-8")
    language.settle(language.system_language())
    assert language.language() == "zh-Hant"
    language.settle("en")
    assert language.language() == "en"
    monkeypatch.setenv(language.VARIABLE, "zh-TW")
    language.settle("en")
    assert language.language() == "zh-Hant"


def test_click_speaks_english_again(chinese):
    """Click's words follow from Chinese back to English."""
    assert gettext.gettext("Usage:") != "Usage:"
    language.use(language.SOURCE)
    assert gettext.gettext("Usage:") == "Usage:"


def test_the_systems_language(monkeypatch):
    """The first variable that is set decides, as in gettext; another language than ours is English."""
    assert language.system_language() == "en"
    monkeypatch.setenv("LANG", "zh_TW.UTF-8")
    assert language.system_language() == "zh-Hant"
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert language.system_language() == "en"


def test_a_course_has_a_language(tmp_path):
    """`lang` in course.toml; one that we do not speak is the author's mistake."""
    text = 'title = "C"\nlang = "zh-TW"\n'
    (tmp_path / "ex01_one").mkdir()
    (tmp_path / "ex01_one/exercise.toml").write_text(
        'title = "One"\npoints = 1\n[functions]\none = "n -> out"\n', encoding="utf-8"
    )
    (tmp_path / "course.toml").write_text(text, encoding="utf-8")
    assert find_course(tmp_path).lang == "zh-Hant"
    assert language.language() == "zh-Hant"
    language.use("en")
    (tmp_path / "course.toml").write_text(text.replace("zh-TW", "tlh"), encoding="utf-8")
    with pytest.raises(ExerciseError, match="lang: unknown language 'tlh'; known are en, zh-Hant"):
        find_course(tmp_path)


def grade(*words, cwd=ROOT, **environ):
    kept = {k: v for k, v in os.environ.items() if k not in ("LANG", "LC_ALL", "LANGUAGE")}
    return subprocess.run(
        [sys.executable, "-m", "grader", *map(str, words)],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env=kept | environ,
        check=False,
    )


def test_the_command_speaks_it():
    """Help, errors, Click's own words and reports are in the language that --lang, the variable or the
    locale names; a tag that is none of ours is a usage error."""
    shown = grade("--help", LANG="zh_TW.UTF-8").stdout
    assert "檢查神經網路課程的練習。" in shown
    assert "用法" in shown
    assert "顯示這段說明後結束。" in shown
    assert not ENGLISH.findall(re.sub(r"`[^`]*`|^ +grade .*$", "", shown, flags=re.M))
    assert not HALF.findall(shown)
    done = grade("ex99", GRADE_LANG="zh-Hant")
    assert done.returncode == 2
    assert done.stderr.startswith("grade: ex99：沒有這個練習")
    done = grade("--lang", "tlh", "ex01")
    assert done.returncode == 2
    assert "tlh: no such language; known are en, zh-Hant" in done.stderr
    assert "所有檢查都通過了" in grade("ex01", "solutions", "--lang", "zh-Hant").stdout
    assert "all checks passed" in grade("ex01", "solutions").stdout


HELP = """
from grader import language
from grader.cli.app import LAZY, main
from grader.cli.help import in_language
def show(name):
    in_language(main).main([*name.split(), "--help"], prog_name="grade", standalone_mode=False)
    print(end="\\f")
language.use("zh-Hant")
for name in ("", *LAZY, "gradebook adjust", "package gitlab"):
    show(name)
language.use("en")
for name in ("", "report"):
    show(name)
"""


def test_every_help_is_in_chinese():
    """So are the names of parts and what Click adds; the columns fit, also where a name is wide. What is
    asked for in English after that is English."""
    done = subprocess.run(
        [sys.executable, "-c", HELP], capture_output=True, encoding="utf-8", check=True
    )
    *pages, whole, report, end = done.stdout.split("\f")
    assert (len(pages), end) == (len(LAZY) + 3, "")
    assert not re.search("[一-鿿]", whole + report)
    for shown in pages:
        assert shown.startswith("用法：grade")
        assert not re.search(r"required|\[default:|this message|Usage|Options:|Commands:", shown)
        assert half_width(shown) == []
        options = shown.partition("選項：")[2].partition("\n\n")[0]
        starts = {
            columns(line[: found.end()])
            for line in options.splitlines()
            if (found := re.match(r"  -.*?  +(?=[一-鿿])", line))
        }
        assert len(starts) == 1, shown
        assert max(map(columns, options.splitlines())) <= 100


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["batch"], "缺少參數 'SUBMISSIONS'。"),
        (["export"], "缺少選項 '--to'。請選一個：\n"),
        (["check", "--se"], "沒有這個選項：'--se'。你是指"),
        (["check", "ex01", "--seed", "x"], "'--seed' 的值無效：'x' 不是 integer。"),
    ],
)
def test_wrong_usage_is_said_in_chinese(words, said):
    """With its punctuation, and the usage above it."""
    done = grade(*words, GRADE_LANG=CHINESE)
    assert done.returncode == 2
    assert done.stderr.startswith(f"用法：grade {words[0]} ")
    assert f"錯誤：{said}" in done.stderr


# Reports


def scenarios(name):
    """The reports of the stub, of an empty file and of every misconception of an exercise."""
    course = find_course(ROOT)
    exercise = find_exercise(course, name)
    reports = []
    jobs = [job for job, _ in _wrong(course, exercise)]
    run_jobs(course, [exercise], jobs, lambda _, report: reports.append(report), server=None)
    return reports


def left_in_english(text):
    text = RAISED.sub("", re.sub(r"`[^`]*`|#.*", "", text))
    return [found for found in ENGLISH.findall(text) if not NAMES.search(found)]


def half_width(text):
    text = RAISED.sub("x", re.sub(r"#.*| · |  +", "", re.sub(r"`[^`]*`", "x", text)))
    return [text[max(0, m.start() - 20) : m.end() + 20] for m in HALF.finditer(text)]


@pytest.mark.parametrize("exercise", ["ex01", pytest.param("ex03", marks=pytest.mark.slow)])
def test_no_english_is_left_in_reports(exercise, chinese):
    """Over more than sixty reports, in the terminal and as a page, no sentence is English; lines fit,
    and none begins with a mark that closes."""
    reports = list(scenarios(exercise))
    assert len(reports) > 30
    for report in reports:
        for width in (40, 60, 80, 100):
            shown = render([report], "terminal", width=width)
            assert left_in_english(shown) == []
            assert half_width(shown) == []
            for line in shown.splitlines():
                if columns(line) > len(line) and not WHOLE.search(line):  # a line of words
                    assert line.lstrip()[0] not in "，。；：」）"
                    longest = max(map(columns, line.split()))
                    assert columns(line) <= max(width, 12 + longest)
        page = re.sub(
            r"<(style|pre)[^>]*>.*?</\1>|<[^>]*>", "  ", render([report], "html"), flags=re.S
        )
        assert left_in_english(page) == []
        for text in (page, render([report], "markdown").replace("\\", "")):
            assert half_width(re.sub(r"\|", "  ", text)) == []
        assert '<html lang="zh-Hant">' in render([report], "html")


def test_what_can_happen_is_said_with_chinese_marks():
    """Over the golden scenarios but those that wait for a limit: exceptions, answers of a wrong kind,
    notebooks, files that cannot be loaded."""
    slow = re.compile("infinite|bomb|recursion|segfault|aborts|flood")
    cases = ROOT / "tests/cases"
    folders = [f for f in sorted(cases.glob("*/submission")) if not slow.search(f.parent.name)]
    shown = grade("--course", cases / "course", "ex01", *folders, GRADE_LANG=CHINESE).stdout
    assert len(folders) > 25
    assert shown.count("滿分 11 分") == len(folders)
    assert half_width(shown) == []
    assert "而不是元素為物件的 numpy.ndarray。" in "".join(map(str.strip, shown.splitlines()))


def test_plots_in_chinese(chinese):
    """Labels are text for the browser, and no font here must have them: a warning would fail this."""
    pictures = pytest.importorskip("grader.classroom.report.pictures")
    assert ">繳交</text>" in pictures.histogram([1, 2], "…")
    assert ">繳交</text>" in pictures.over_time([("2026-03-01", 3, 0.5)], "…")


@pytest.mark.slow
def test_the_same_is_found_in_both_languages():
    """The language changes words only: outcomes, points, misconceptions and lines are the same."""
    files = sorted(ROOT.glob("examples/*.py"))[:4]
    found = []
    for tag in ("en", CHINESE):
        done = grade("ex04", *files, "--format", "json", GRADE_LANG=tag)
        reports = json.loads(done.stdout)
        said = ("title", "message", "hint", "contrast", "call", "duration", "picture", "output")
        for report in reports:
            for check in report["checks"]:
                for key in said:
                    check.pop(key, None)
        found.append([(r["score"], r["outcome"], r["checks"]) for r in reports])
    assert found[0] == found[1]


# A class


@pytest.mark.slow
def test_a_class_in_chinese(tmp_path):
    """What `grade batch`, the gradebook and the pages say has Chinese marks, and columns that fit."""
    cases = ROOT / "tests/cases"
    for student, case in (("ada", "wrong_value"), ("ben", "right"), ("cho", "returns_nan")):
        shutil.copytree(cases / case / "submission", tmp_path / "in" / student)
    people = "id,name,email\nada,王小明,a@x.tw\nben,Ben,b@x.tw\ndai,林美玲,d@x.tw\n"
    (tmp_path / "class.csv").write_text(people, encoding="utf-8")
    words = {"cwd": tmp_path, "GRADE_LANG": CHINESE, "GRADE_COURSE": str(cases / "course")}
    done = grade("batch", "in", "ex01", "--roster", "class.csv", **words)
    assert "class.csv：3 位學生；id 取自「id」、姓名取自「name」、信箱取自「email」" in done.stderr
    assert "3 份繳交：這次評了 3 份，" in done.stdout
    said = done.stdout + done.stderr
    for more in (["--add", "1"], ["--clear"]):
        who = "--reason", "口試", "--author", "老師"
        said += grade("gradebook", "adjust", "ada", "ex01", *more, *who, **words).stdout
    said += grade("gradebook", "history", "ada", **words).stdout
    listed = grade("gradebook", "list", **words).stdout
    assert "未通過" in listed
    assert len({columns(line.partition("ex01")[0]) for line in listed.splitlines()}) == 1
    assert grade("report", "-o", "pages", **words).returncode == 0
    pages = sorted((tmp_path / "pages").rglob("*.html"))
    assert len(pages) == 4
    said += "".join(
        re.sub(r"<(style|script|pre).*?</\1>|<[^>]*>", "  ", p.read_text("utf-8"), flags=re.S)
        for p in pages
    )
    assert half_width(said + listed) == []


def test_claims_in_chinese():
    """What `grade verify` tries is said in Chinese; the names of misconceptions stay."""
    course = ROOT / "tests/cases/course"
    shown = grade("--course", course, "verify", "ex01", "-v", GRADE_LANG=CHINESE).stdout
    assert "✓ ex01 骨架\n" in shown
    assert re.search(r"✓ ex01 迷思 \w+\n", shown)
    assert "參考解答\n" in shown
    assert half_width(shown) == []


# A workspace


def test_a_figure_moves_up_with_its_handout(chinese):
    """In a Chinese workspace a handout and its figure stand where the English ones were; other files of
    that folder, and other folders, stay."""
    folder, own = Path("exercises/ex04_convolution"), f"exercises/ex04_convolution/{CHINESE}"
    files = {
        PurePosixPath(path.relative_to(ROOT).as_posix()): path.read_bytes()
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".md", ".svg", ".po")
    }
    stub = {PurePosixPath("ex04_convolution.py"): b""}
    made = in_language(stub | files, find_course(ROOT))
    assert made[PurePosixPath(folder, "figure.svg")] == files[PurePosixPath(own, "figure.svg")]
    handout = made[PurePosixPath(folder, "README.md")].decode()
    assert handout.startswith("# ex04 · 共享權重的卷積")
    assert "](figure.svg)" in handout
    assert [path.name for path in made if CHINESE in path.parts] == [catalogues.NAME]


def test_a_workspace_in_chinese(tmp_path):
    """`grade init --lang` makes handouts, stubs, README and notebooks in Chinese, and remembers it; a file
    that is begun anew is Chinese, too."""
    done = grade("init", "--lang", CHINESE, "kurs", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "從這裡開始" in done.stdout
    folder = tmp_path / "kurs"
    assert (folder / "README.md").read_text("utf-8").startswith("# 用 NumPy 從零開始寫神經網路\n")
    assert 'lang = "zh-Hant"' in (folder / "exercises/course.toml").read_text("utf-8")
    stub = (folder / "ex03_fully_connected.py").read_text("utf-8")
    assert "計算全連接層的梯度。" in stub
    compile(stub, "ex03", "exec")
    handout = (folder / "exercises/ex04_convolution/README.md").read_text("utf-8")
    assert handout.startswith("# ex04 · 共享權重的卷積")
    for handout in folder.glob("exercises/*/README.md"):
        text = handout.read_text("utf-8")
        assert not ENGLISH.search(text.partition("\n")[0]), handout
        for link in re.findall(r"\]\(([\w./]+)\)", text):
            assert (handout.parent / link).exists(), (handout, link)
    shown = grade("ex03", cwd=folder).stdout
    assert left_in_english(shown) == []
    (folder / "ex03_fully_connected.py").write_text("x = 1\n", encoding="utf-8")
    assert "回到一開始的樣子了" in grade("reset", "ex03", cwd=folder).stdout
    assert (folder / "ex03_fully_connected.py").read_text("utf-8") == stub
    done = grade("init", "--lang", CHINESE, "--notebooks", "books", cwd=tmp_path)
    book = json.loads((tmp_path / "books/ex03_fully_connected.ipynb").read_text("utf-8"))
    assert "你的程式碼" in "".join("".join(cell["source"]) for cell in book["cells"])
