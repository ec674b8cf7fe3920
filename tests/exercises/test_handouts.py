"""The handouts: what they promise is so, and their figures are current."""

import ast
import doctest
import importlib.util
import inspect
import math
import re
import sys
import unicodedata
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from grader.columns import columns
from grader.course.loader import EXERCISE_FILE, find_course, find_exercise

ROOT = Path(__file__).resolve().parents[2]
EXERCISES, SOLUTIONS = ROOT / "exercises", ROOT / "solutions"
NAMES = sorted(path.stem for path in SOLUTIONS.glob("ex*.py"))
SVG = "{http://www.w3.org/2000/svg}"
SECTIONS = [
    "The idea",
    "The mathematics",
    "The functions",
    "Check it by hand",
    "What the checks ask",
    "Further reading",
]

LANGUAGES = sorted(path.name.split(".")[1] for path in EXERCISES.glob("figures.*.toml"))

each_exercise = pytest.mark.parametrize("name", NAMES)
each_language = pytest.mark.parametrize("language", LANGUAGES)


def handout(name):
    """Return the handout's text."""
    return (EXERCISES / name / "README.md").read_bytes().decode("utf-8")


def fenced(text, language):
    """Return the contents of all fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def prose(text):
    """Return the text without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


@pytest.fixture
def reference(monkeypatch):
    """Make the reference solutions importable under the names of the students' files."""
    kept = {key: sys.modules.pop(key) for key in list(sys.modules) if key in NAMES}
    monkeypatch.syspath_prepend(str(SOLUTIONS))
    yield importlib.import_module
    for key in NAMES:
        sys.modules.pop(key, None)
    sys.modules.update(kept)


@pytest.fixture(scope="module")
def figures():
    """Return the module that draws the figures."""
    spec = importlib.util.spec_from_file_location("figures", EXERCISES / "figures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# The page


def test_every_exercise_has_a_handout():
    """One for each reference."""
    assert sorted(path.parent.name for path in EXERCISES.glob("ex*/README.md")) == NAMES


@each_exercise
def test_one_page_of_plain_text(name):
    """A handout is UTF-8 with simple line ends, composed characters, and at most 120 lines."""
    text = handout(name)
    lines = text.split("\n")
    assert "\r" not in text
    assert "\t" not in text
    assert text == unicodedata.normalize("NFC", text)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert [line for line in lines if line != line.rstrip()] == []
    assert 70 <= len(lines) - 1 <= 120
    assert max(map(len, lines)) <= 180


@each_exercise
def test_sections(name):
    """All handouts have the same sections in the same order, below a title with the number."""
    text = handout(name)
    assert text.startswith(f"# {name[:4]} · ")
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert [heading for heading in headings if heading != "Pitfalls"] == SECTIONS
    assert f"`{name}.py`" in text
    assert f"`grade {name[:4]}`" in text
    assert 2 <= text.split("## Further reading")[1].count("\n- ") <= 4


@each_exercise
def test_links_resolve(name):
    """Every link is relative and leads to a file of this repository."""
    text = prose(handout(name))
    for target in re.findall(r"\]\(([^)]*)\)", text):
        assert not target.startswith(("http:", "https:", "/"))
        assert (EXERCISES / name / target).is_file(), target
    assert "http" not in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ex01_neuron", "It fires **at** zero"),
        ("ex02_activations", "**At exactly 0 our ReLU has slope 0.**"),
        ("ex03_fully_connected", "slope 0 at exactly 0"),
        ("ex04_convolution", "The filter is **not flipped**"),
        ("ex05_pooling", "**In a tie** you may give it to any of the tied numbers"),
        ("ex05_pooling", "**Where `out` is 0 the gradient is 0.**"),
        ("ex06_dropout", "`p_drop`, is **the probability of dropping** a unit"),
        ("ex07_losses", "(the mean is over **all entries**)"),
        ("ex07_losses", "Both are means over the $N$ rows."),
        ("ex08_backpropagation", "ReLU's slope at exactly 0 is 0."),
        ("ex09_cnn", "`p_drop` is the probability of **dropping**"),
        ("ex10_locality", "Place $k$ of the shuffled picture holds what place $\\pi[k]$ held"),
        ("ex12_optimisers", "**Our forms are PyTorch's**"),
        ("ex15_attention", "**True in a mask means: may look.**"),
        ("ex15_attention", "**A query that may look nowhere gets zeros**"),
    ],
)
def test_conventions_are_stated(name, words):
    """Where the world has several conventions, the handout says which one is ours."""
    text = re.sub(r"\s+", " ", handout(name))
    assert words in text


# Mathematics


@each_exercise
def test_mathematics_renders(name):
    """Formulas keep to what GitHub and GitLab both show; Markdown finds nothing in them to change."""
    text = prose(handout(name))
    with_empty_lines_around = r"(?<=\n\n)\$\$\n(.*?)\n\$\$\n(?=\n)"
    displays = re.findall(with_empty_lines_around, text, flags=re.DOTALL)
    rest = re.sub(with_empty_lines_around, "", text, flags=re.DOTALL)
    rest = re.sub(r"`[^`\n]*`", "", rest)
    assert displays
    assert "$$" not in rest
    spans = re.findall(r"\$([^$\n]+)\$", rest)
    assert "$" not in re.sub(r"\$[^$\n]+\$", "", rest)
    for span in spans:
        assert span == span.strip()
    for before, after in re.findall(r"(.?)\$[^$\n]+\$(.?)", rest):
        assert before in {"", " ", "("}, before
        assert after in {"", " ", ")", ".", ",", ";", ":", "?"}, after
    for formula in [*spans, *displays]:
        assert formula.count("{") == formula.count("}")
        assert not re.search(r"\\[^A-Za-z]", formula), formula  # Markdown eats the backslash
        assert not re.search(r"[^A-Za-z0-9]_", formula), formula  # could begin italics
        assert not re.search(r"[*<>|`~#&]", formula), formula
    for formula in displays:
        assert not re.search(r"^\s*[-+=]", formula, re.MULTILINE), formula  # a list or a heading


# Numbers


@each_exercise
def test_lines_of_python_are_right(name, reference):
    """The worked numbers are what the reference answers, line by line."""
    test = doctest.DocTestParser().get_doctest(handout(name), {}, name, f"{name}/README.md", 0)
    runner = doctest.DocTestRunner(verbose=False)
    said = []
    runner.run(test, out=said.append)
    assert said == []
    assert runner.tries >= 4
    assert Path(reference(name).__file__).parent == SOLUTIONS  # nobody else's file was tried


def value(expression):
    """Compute a line of arithmetic as it is written on paper."""
    signs = {"·": "*", "−": "-", "²": "**2", "√": "sqrt", "ln(": "log("}
    for sign, code in signs.items():
        expression = expression.replace(sign, code)
    assert re.fullmatch(r"(?:[\d.\s+\-*/()]|sqrt|log|exp)+", expression), expression
    functions = {"sqrt": math.sqrt, "log": math.log, "exp": math.exp, "__builtins__": {}}
    return eval(compile(expression.strip(), "handout", "eval"), functions)


@each_exercise
def test_arithmetic_is_right(name):
    """Each line worked by hand is true: `=` exactly, `≈` to the decimals that are shown."""
    lines = [line for block in fenced(handout(name), "text") for line in block.splitlines()]
    assert len(lines) >= 2
    for line in lines:
        first, *others = re.split(r"([=≈])", line.rpartition(": ")[2])
        assert others, line
        for sign, other in zip(others[::2], others[1::2], strict=True):
            decimals = len(other.strip().partition(".")[2]) if sign == "≈" else 12
            assert abs(value(first) - value(other)) <= 0.5 * 10.0**-decimals + 1e-12, line


@pytest.mark.parametrize("wrong", ["1·2 + 1 = 4", "ln(2) ≈ 0.6932", "√(9) = 2"])
def test_wrong_arithmetic_is_noticed(wrong):
    """The check of the line-by-line arithmetic can fail."""
    first, sign, other = re.split(r"([=≈])", wrong)
    decimals = len(other.partition(".")[2]) if sign == "≈" else 12
    assert abs(value(first) - value(other)) > 0.5 * 10.0**-decimals + 1e-12


@pytest.mark.parametrize(
    ("name", "shared"),
    [
        ("ex04_convolution", ["[4.5, -0.5], [2.5, 6.5]", "520"]),
        ("ex07_losses", ["[0.5, 0.0], [-1.0, 0.5]", "[-0.375, 0.375], [0.125, -0.125]", "0.5108"]),
        ("ex08_backpropagation", ["x, y = np.array([[2.0]]), np.array([0])", "[-1.0, 1.0]"]),
        ("ex09_cnn", ["np.array([[1.0, 0.8]])", "[[5.0, 5.0]]"]),
        ("ex10_locality", ["np.array([2, 0, 3, 1])"]),
        ("ex11_normalisation", ["np.array([[1.0, 2.0], [3.0, 2.0], [5.0, 2.0], [7.0, 2.0]])"]),
        ("ex12_optimisers", ["0.1, momentum=0.5)", "[np.array([2.0])]", "[np.array([1.0])]"]),
        ("ex14_recurrence", ["np.array([[[1.0], [0.0]]])", "np.array([[0.5]])"]),
        (
            "ex15_attention",
            ["[[np.log(3), 0, 0, 0]]", "[[2.0, 0, 0, 0], [0.0, 5, 0, 0]]", "[[7.0]]"],
        ),
    ],
)
def test_an_example_of_the_handout_is_that_of_the_check(name, shared):
    """Where a check says that its example is the handout's, it is."""
    check = (EXERCISES / name / f"test_{name[:4]}.py").read_text(encoding="utf-8")
    for numbers in shared:
        assert numbers in check
        assert numbers in handout(name)


@each_exercise
def test_checks_that_name_the_handout_are_known(name):
    """No check speaks of the handout's example unless the test above compares the two."""
    check = EXERCISES / name / f"test_{name[:4]}.py"
    if not check.is_file():
        pytest.skip("no checks yet")
    known = {
        "ex04_convolution": 1,
        "ex07_losses": 3,
        "ex08_backpropagation": 1,
        "ex09_cnn": 1,
        "ex10_locality": 1,
        "ex11_normalisation": 1,
        "ex12_optimisers": 1,
        "ex14_recurrence": 1,
        "ex15_attention": 1,
    }
    text = check.read_text(encoding="utf-8")
    assert text.count("example of the handout") == known.get(name, 0)


# Functions


@each_exercise
def test_every_function_with_its_signature(name, reference):
    """The table lists the functions and classes of the reference, in its order, with their exact
    signatures; below a class its methods, and the operators that are declared."""
    table = handout(name).split("## The functions")[1].split("\n## ")[0]
    listed = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    module = reference(name)
    declared = find_exercise(find_course(EXERCISES), name[:4]).classes.values()
    operators = {key for one in declared for key in one.methods if key.startswith("_")}

    def public(names, prefix=""):
        for key, one in names.items():
            hidden = key.startswith("_") and key not in operators
            if getattr(one, "__module__", "") != name or hidden:
                continue
            written = str(inspect.signature(one)).replace("(self, ", "(").replace("(self)", "()")
            if inspect.isfunction(one) or isinstance(one, type):
                yield f"{prefix}{key}{written}"
            if isinstance(one, type):
                yield from public(vars(one), f"{key}.")

    assert listed == list(public(vars(module)))


@each_exercise
def test_the_handout_agrees_with_the_exercise(name):
    """Title and functions are those of exercise.toml."""
    if not (EXERCISES / name / EXERCISE_FILE).is_file():
        pytest.skip("no exercise.toml yet")
    exercises = {exercise.name: exercise for exercise in find_course(EXERCISES).exercises}
    text = handout(name)
    constructors = [c.constructor for c in exercises[name].classes.values()]
    methods = [m for c in exercises[name].classes.values() for m in c.methods.values()]
    for function in (*exercises[name].functions.values(), *constructors, *methods):
        assert f"| `{function.signature.replace('(self, ', '(').replace('(self)', '()')}` |" in text
    assert text.startswith(f"# {name[:4]} · {exercises[name].title}\n")


# Figures


@each_exercise
def test_the_figure_is_shown_and_described(name):
    """The handout shows its figure, with words for those who do not see it."""
    words = re.findall(r"!\[([^\]]*)\]\(figure\.svg\)", handout(name))
    assert len(words) == 1
    assert len(words[0]) >= 40


@each_exercise
@each_language
def test_a_translated_handout_shows_its_own_figure(name, language):
    """It is the one beside the handout, with words for those who do not see it."""
    text = (EXERCISES / name / language / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", text)
    assert [target for _, target in shown] == ["figure.svg"]
    assert columns(shown[0][0]) >= 40


def test_figures_are_current(figures, tmp_path, capsys):
    """`python exercises/figures.py` draws the stored figures again, in each language, to the byte."""
    assert list(figures.FIGURES) == NAMES
    assert "zh-Hant" in LANGUAGES
    figures.main(["--output", str(tmp_path)])
    stored = sorted(path.relative_to(EXERCISES) for path in EXERCISES.glob("ex*/**/figure.svg"))
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.svg")) == stored
    assert len(capsys.readouterr().out.splitlines()) == len(NAMES) * (1 + len(LANGUAGES))
    for path in stored:
        drawn = (tmp_path / path).read_bytes()
        assert drawn == (EXERCISES / path).read_bytes(), f"draw {path} again"


def words_of(figure):
    """The words of a figure: what is read of it and has two letters beside each other."""
    root = ET.fromstring(figure)
    said = [element.text for element in root.iter() if element.text and element.text.strip()]
    return {text for text in said if re.search(r"[A-Za-z]{2}", text)}


@each_language
def test_every_word_of_the_figures_is_translated(figures, language):
    """The catalogue has what the English figures say, and nothing else; numbers stay as they are."""
    said = set().union(*(words_of(draw()) for draw in figures.FIGURES.values()))
    words = figures.catalogues()[language]["words"]
    assert said - set(words) == set(), "not translated"
    assert set(words) - said == set(), "in no figure"
    for english, other in words.items():
        numbers = [sorted(re.findall(r"\d+(?:\.\d+)?", text)) for text in (english, other)]
        assert numbers[0] == numbers[1], english


@each_exercise
@each_language
def test_only_words_differ_between_languages(name, figures, language):
    """The drawing is the English one; without a translation its words are as well."""
    drawn, empty = figures.FIGURES[name](), {"font": figures.FONT, "words": {}}
    own = (EXERCISES / name / language / "figure.svg").read_text(encoding="utf-8")
    assert words_of(figures.translated(drawn, language, empty)) == words_of(drawn)
    marks = [
        [(element.tag, element.attrib) for element in ET.fromstring(one).iter()][1:]
        for one in (drawn, own)
    ]
    assert marks[0] == marks[1]


def test_figures_need_only_python():
    """The script that draws the figures imports the standard library only."""
    tree = ast.parse((EXERCISES / "figures.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module]
        assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def _luminance(color):
    parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one, other):
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@each_exercise
@pytest.mark.parametrize("folder", ["", *LANGUAGES])
def test_figures_are_accessible(name, folder, figures):
    """A figure has a title, a description and its own paper; its words stand out and stay on it."""
    root = ET.fromstring((EXERCISES / name / folder / "figure.svg").read_bytes())
    assert root.get("role") == "img"
    assert [child.tag for child in root[:3]] == [SVG + "title", SVG + "desc", SVG + "rect"]
    assert root.get("aria-labelledby").split() == [root[0].get("id"), root[1].get("id")]
    assert columns(root[0].text) >= (8 if folder else 15)
    assert columns(root[1].text) >= 80
    width, height = float(root.get("width")), float(root.get("height"))
    assert root[2].get("fill") == figures.PAPER
    assert float(root[2].get("width")) >= width - 1
    assert width <= 800
    assert {element.tag for element in root.iter()} <= {
        SVG + tag for tag in ("svg", "title", "desc", "rect", "circle", "path", "text")
    }
    for element in root.iter(SVG + "text"):
        behind = figures.ORANGE if element.get("fill") == figures.WHITE else figures.PAPER
        assert _contrast(element.get("fill"), behind) >= 4.5, element.text
        assert float(element.get("font-size")) >= 12
        assert 0 <= float(element.get("x")) <= width
        assert 0 <= float(element.get("y")) <= height
        # About 0.62 of its size is the width of a letter; a Chinese one is as wide as high.
        wide = columns(element.text) - len(element.text)
        letters = 0.62 * (len(element.text) - wide) + wide
        room = letters * float(element.get("font-size"))
        start = {"middle": 0.5, "end": 1.0, "start": 0.0}[element.get("text-anchor")]
        left = float(element.get("x")) - start * room
        assert left >= -8, element.text
        assert left + room <= width + 8, element.text


def test_the_digit_is_from_the_data(figures):
    """The digit in the figures of ex09 and ex10 is the row of the data that the script names."""
    with np.load(EXERCISES / "data" / "digits.npz") as data:
        np.testing.assert_array_equal(data["images"][13], figures.DIGIT)
        assert data["labels"][13] == 3


def test_gradient_norms_are_measured(figures, reference):
    """The gradient norms in the figure of ex08 are what its function answers."""
    module = reference("ex08_backpropagation")
    with np.load(EXERCISES / "data" / "digits.npz") as data:
        rows = data["train"][:200]
        x, y = data["images"][rows] / 16, data["labels"][rows].astype(int)
    params = module.init_network([64, *[32] * 7, 10], np.random.default_rng(0))
    for activation, norms in figures.GRADIENT_NORMS.items():
        measured = module.layer_gradient_norms(x, y, params, activation)
        np.testing.assert_allclose(measured, norms, rtol=0.02)


def test_norms_through_time_are_measured(figures, reference):
    """The gradient norms in the figure of ex14 are what its function answers."""
    norms = reference("ex14_recurrence").gradient_norms
    rng = np.random.default_rng(0)
    x, wx = 0.1 * rng.normal(size=(8, 20, 4)), rng.normal(size=(4, 16)) / 2
    swap = np.eye(16)[rng.permutation(16)]
    gates, back, b = rng.normal(size=(4, 64)) / 2, rng.normal(size=(16, 64)) / 8, np.zeros(64)
    b[16:32] = 2
    networks = {f"rnn {s}": (wx, s * swap, np.zeros(16), "rnn") for s in (0.7, 1.3)}
    networks["lstm"] = gates, back, b, "lstm"
    assert set(networks) == set(figures.STEP_NORMS)
    for name, network in networks.items():
        np.testing.assert_allclose(norms(x, *network), figures.STEP_NORMS[name], rtol=0.01)


def sums(rng, count, digits):
    """Binary numbers to add, lowest digit first, and the digits of their sums."""
    x, carry = rng.integers(0, 2, (count, digits, 2)), np.zeros(count, int)
    y = np.zeros((count, digits, 1), int)
    for k in range(digits):
        total = x[:, k].sum(axis=1) + carry
        y[:, k, 0], carry = total % 2, total // 2
    return x, y


def test_a_window_of_columns_cannot_add(reference):
    """What the handout of ex14 says of 97 parameters: a recurrent network gets the digits of long sums
    right, and a feed-forward network that sees three columns as many as can be: the carry that it does
    not see matters in a quarter of the cases, and then a guess is right half of the time."""
    text = handout("ex14_recurrence")
    rng = np.random.default_rng(2)
    x, y = sums(rng, 64, 8)
    start = [rng.normal(size=s) / np.sqrt(s[0]) for s in ((2, 8), (8, 8), (8, 1))]
    params = [np.sqrt(2) * start[0], start[1], np.zeros(8), start[2], np.zeros(1)]
    module = reference("ex14_recurrence")
    (wx, wh, b, v, c), _ = module.train_rnn(x, y, params, 2.0, 0.5, 400)
    assert f"One with {sum(p.size for p in params)} parameters" in text
    long, wanted = sums(rng, 1000, 40)
    out, _ = module.rnn_forward(long, np.zeros((1000, 8)), wx, wh, b)
    assert np.mean((out @ v + c > 0) == wanted) > 0.999

    def windows(x):
        padded = np.pad(x, ((0, 0), (2, 0), (0, 0))).astype(float)
        parts = [padded[:, k : k + x.shape[1]] for k in range(3)]
        return np.concatenate(parts, axis=2).reshape(-1, 6)

    train = reference("ex08_backpropagation").train
    layers, _ = train(windows(x), y.ravel(), [6, 11, 2], "relu", 0.3, 60, 16, rng)
    assert sum(w.size + b.size for w, b in layers) == 101
    (w, b), (v, c) = layers
    guesses = np.argmax(np.maximum(windows(long) @ w + b, 0) @ v + c, axis=1)
    share = np.mean(guesses == wanted.ravel())
    assert f"gets {100 * share:.0f} % of them" in text
    assert abs(share - (1 - 1 / 4 / 2)) < 0.02


def test_numbers_in_figures_are_right(figures, reference):
    """The numbers written into the figures of ex07 and ex09 are what the references answer."""
    p, q = np.array([[0.5, 0.5]]), np.array([[0.9, 0.1]])
    kl = reference("ex07_losses").kl_divergence
    assert f"KL(p ‖ q) = {kl(p, q):.2f}, KL(q ‖ p) = {kl(q, p):.2f}" in figures.ex07_losses()
    params = reference("ex09_cnn").init_cnn(np.random.default_rng(0), 24, 5, 10, (1, 8, 8))
    for w, b in params:
        assert f"{w.size + b.size} parameters" in figures.ex09_cnn()


def sheets():
    """The digits of ex10, somewhere on a sheet of 12 by 12: to learn from, and to measure on."""
    with np.load(EXERCISES / "data" / "digits.npz") as data:
        images, labels = data["images"] / 16, data["labels"].astype(int)
        train, test, offsets = data["train"], data["test"], data["offsets"]
    placed = np.zeros((len(images), 1, 12, 12))
    for sheet, image, (row, column) in zip(placed, images, offsets, strict=True):
        sheet[:, row : row + 8, column : column + 8] = image
    return [(placed[rows], labels[rows]) for rows in (train, test)]


def test_the_nearest_neighbour_is_measured(figures):
    """The table of ex10 is what its code answers, and what the figure says of the networks."""
    text = handout("ex10_locality")
    rule = re.search(r"`(y\[.*argmin.*\])`", text)[1]
    (x, y), (pictures, classes) = sheets()
    rows = {}
    for line in text.splitlines():
        name, *cells = [c.strip() for c in line.strip("|").split("|")]
        if len(cells) == 4 and all(c.isdigit() for c in cells):
            rows[name] = [int(c) for c in cells]
    assert rows.pop("training pictures") == list(figures.SIZES)
    shares = []
    for size in figures.SIZES:
        for seed in (1, 2, 3):
            chosen = np.random.default_rng(seed).permutation(len(x))[:size]
            flat = {"known": x[chosen].reshape(size, -1), "new": pictures.reshape(len(classes), -1)}
            guess = eval(rule, {**flat, "y": y[chosen]})
            shares.append(100 * np.mean(guess == classes))
    measured = np.reshape(shares, (4, 3)).mean(axis=1)
    np.testing.assert_allclose(rows.pop("nearest neighbour, plain or shuffled"), measured, atol=0.5)
    for name, cells in rows.items():
        model, pixels = name.lower().split(", ")
        np.testing.assert_allclose(
            cells, 100 * np.array(figures.ACCURACY[model, pixels]), atol=0.51
        )
    assert len(rows) == 2


@pytest.mark.slow
def test_accuracies_are_measured(figures, reference):
    """The accuracies in the figure of ex10 are what its function answers, mean of three seeds."""
    table = reference("ex10_locality").accuracy_table
    pairs = sheets()
    permutation = np.random.default_rng(11).permutation(144)
    sums = dict.fromkeys(figures.ACCURACY, 0)
    for seed in (1, 2, 3):
        rows = table(*pairs, permutation, list(figures.SIZES), np.random.default_rng(seed))
        for key in sums:
            sums[key] = sums[key] + np.array(
                [row["accuracy"] for row in rows if (row["model"], row["pixels"]) == key]
            )
    for key, stated in figures.ACCURACY.items():
        np.testing.assert_allclose(sums[key] / 3, stated, atol=0.03)
