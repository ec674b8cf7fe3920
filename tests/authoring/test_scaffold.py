"""`grade new`: from nothing to an exercise that `grade verify` accepts, and what it refuses."""

import re
from pathlib import Path

import pytest

from grader.authoring.scaffold import scaffold
from grader.authoring.scaffold_checks import BLANK
from grader.course.loader import find_course, find_exercise

ROOT = Path(__file__).resolve().parents[2]

SCALE = [
    "scale_forward = x, s -> out, cache",
    "scale_backward = dout, cache -> dx, ds",
    "largest = x -> value: number",
]

# What an author writes into the blanks: for each file, the blank line (a part of it) and its content.
FILLED = {
    "exercise.toml": {
        "title = ": 'title = "A layer that scales"',
        "covers = ": 'covers = ["a layer may be as simple as one factor per feature"]',
    },
    "test_ex02.py": {
        "The checks of ex02": '"""The checks of ex02: a layer that scales."""',
        "fail(": "    assert_same(student.largest(np.array([[1.0, 5.0, 2.0]])), 5.0)",
        "that s is": "    s = grid_values(rng, 3)",
        "that x is": "    x = grid_values(rng, (n, 3))",
    },
    "misconceptions.py": {
        "as many as you know": "One is enough for a test.",
        "hint=": '    hint="Every example sends something back to s: add up over the examples.",',
        "def fill_in_a_name": "def scale_gradient_averaged(reference):",
        "return dx, ds": "        return dx, ds / len(dout)",
    },
    "ex02_scale.py": {
        "idea of the exercise": '"""One factor per feature."""',
        "what it computes": '    """Compute what the exercise says.',
        "what it is": "    As in the handout.",
        "Returns": "    Returns what the handout says.",
    },
    "README.md": {BLANK: "Told in plain words."},
}
BODIES = {
    "scale_forward": "return x * s, (x, s)",
    "scale_backward": "x, s = cache\n    return dout * s, (dout * x).sum(axis=0)",
    "largest": "return float(np.max(x))",
}


def fill(paths):
    """Fill every blank of a scaffold, as an author with an editor would."""
    for path in paths:
        lines = []
        for line in path.read_text(encoding="utf-8").splitlines():
            if BLANK in line and "NotImplementedError" not in line:
                line = next(new for old, new in FILLED[path.name].items() if old in line)  # noqa: PLW2901
            lines.append(line)
        text = "\n".join(lines) + "\n"
        if path.name.startswith("test_"):
            text = text.replace("import pytest\n", "import numpy as np\nimport pytest\n", 1)
            text = text.replace("    fail,\n", "")
        for name, body in BODIES.items() if path.name == "ex02_scale.py" else ():
            pattern = rf"(def {name}\([\s\S]*?)raise NotImplementedError.*"
            text = re.sub(pattern, lambda m, body=body: m[1] + body, text, count=1)
        path.write_text(text, encoding="utf-8")


def framework():
    """Every file of the framework, with its content."""
    return {p: p.read_bytes() for p in (ROOT / "grader").rglob("*") if p.suffix in (".py", ".ini")}


def test_from_an_empty_scaffold_to_a_green_exercise(small, grade):
    """With its blanks filled in, a scaffold is an exercise: verify proves it, and it can be graded;
    no file of the framework and none of the other exercises was touched."""
    before = framework(), {p: p.read_bytes() for p in small.exercise.rglob("*") if p.is_file()}
    words = [w for text in SCALE for w in ("--function", text)]
    made = grade("new", "ex02_scale", *words, cwd=small.root)
    assert made.code == 0, made.err
    paths = [small.root / line.split()[0] for line in made.out.splitlines()[:-1]]
    assert [p.name for p in paths] == [
        "exercise.toml",
        "README.md",
        "test_ex02.py",
        "misconceptions.py",
        "features.py",
        "ex02_scale.py",
    ]
    fill(paths)
    proven = grade("verify", "ex02", "-v", cwd=small.root)
    assert proven.code == 0, proven.out + proven.err
    assert "✓ ex02 misconception scale_gradient_averaged" in proven.out
    assert grade("ex02", small.root / "solutions" / "ex02_scale.py", cwd=small.root).code == 0
    assert grade("ex01", small.solution, cwd=small.root).code == 0
    assert before == (framework(), {p: p.read_bytes() for p in before[1]})


def test_a_half_written_exercise(small, grade, tmp_path):
    """It leaves the grading and the proof of the others as they are; only a release waits for it."""
    assert grade("new", "ex02_scale", cwd=small.root).code == 0
    assert grade("ex01", small.solution, cwd=small.root).code == 0
    assert grade("verify", "ex01", cwd=small.root).code == 0
    assert "ex02  FILL IN: what students call it: 1 claim tried\n" in (
        grade("verify", "ex02", cwd=small.root).out
    )
    stopped = grade("release", tmp_path / "workspace", cwd=small.root)
    assert (
        "ex02_scale: the reference does not pass test_worked_example: FILL IN" in stopped.complaint
    )
    assert not (tmp_path / "workspace").exists()


COUNTER = ["--class", "Counter = start", "--member", "Counter.add = x -> total: number"]
COUNTED = {  # what an author replaces, in whichever file it stands
    'fail("FILL IN: call student.Counter on small numbers, compare with assert_same")': (
        "assert_same(student.Counter(2.0).add(3.0), 5.0)"
    ),
    "    fail,\n": "",
    "return (), ()  # FILL IN: a tuple for each": (
        "return (float(rng.integers(5, 9)),), (float(rng.integers(2, 5)),)"
    ),
    "return super().add(x)  # FILL IN: make the mistake": "return super().add(2 * x)",
    "def fill_in_a_name(reference):  # FILL IN: what the mistake is called": (
        "def adds_twice(reference):"
    ),
    "raise NotImplementedError  # FILL IN: the reference": "self.total = START",
    "FILL IN": "Told",
}


def test_a_class_can_be_scaffolded(small, grade):
    """A class with a method and an attribute: with its blanks filled in, verify proves it."""
    made = grade(
        "new", "ex02_counter", *COUNTER, "--member", "Counter.total: number", cwd=small.root
    )
    assert made.code == 0, made.err
    paths = [small.root / line.split()[0] for line in made.out.splitlines()[:-1]]
    for path in paths:
        text = path.read_text(encoding="utf-8")
        for blank, filled in COUNTED.items():
            text = text.replace(blank, filled)
        text = text.replace("self.total = START", "self.total = start", 1)
        text = text.replace("self.total = START", "self.total += x\n        return self.total")
        path.write_text(text, encoding="utf-8")
    proven = grade("verify", "ex02", "-v", cwd=small.root)
    assert proven.code == 0, proven.out + proven.err
    assert "✓ ex02 misconception adds_twice" in proven.out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--member", "Counter.total"], "name the class with --class"),
        (["--class", "Counter", "--member", "total"], "write a method as"),
        (["--class", "Counter", "--class", "Counter"], "Counter: declared twice"),
        (["--class", "Counter = x y"], "is not a list of parameters"),
        (["--class", "Counter", "--member", "Counter.__enter__ = -> out"], "may be declared"),
    ],
)
def test_a_class_that_cannot_be_read(small, grade, words, complaint):
    """A class or a member that cannot be read is refused in one line, and nothing is written."""
    result = grade("new", "ex02_counter", *words, cwd=small.root)
    assert result.code == 2
    assert complaint in result.complaint
    assert not (small.root / "ex02_counter").exists()


def test_verify_lists_the_blanks_that_are_left(small, grade):
    """A scaffold that nobody has filled in is refused, and each blank is named with its line."""
    made = grade("new", "ex02_scale", cwd=small.root)
    counts = sum(int(n) for n in re.findall(r"(\d+) blanks?$", made.out, re.MULTILINE))
    refused = grade("verify", "ex02", cwd=small.root)
    assert refused.code == 1
    assert refused.out.count(f": {BLANK}: ") == counts > 20
    assert "exercise.toml, line 1: FILL IN: what students call it" in refused.out


def test_an_unfilled_scaffold_stops_no_other_exercise(small, grade):
    """The course can still be listed, and its other exercises graded and proven."""
    grade("new", "ex02_scale", cwd=small.root)
    assert "ex02" in grade(cwd=small.root).out
    assert grade("ex01", small.solution, cwd=small.root).code == 0
    assert grade("verify", "ex01", cwd=small.root).code == 0


def test_without_declarations_there_is_a_forward_and_a_backward(small):
    """The functions are named after the exercise, and their gradient check is there."""
    paths = scaffold(find_course(small.root), "ex16_batchnorm")
    exercise = find_exercise(find_course(small.root), "ex16")
    assert list(exercise.functions) == ["batchnorm_forward", "batchnorm_backward"]
    checks = next(p for p in paths if p.name == "test_ex16.py").read_text(encoding="utf-8")
    assert "assert_gradients(student.batchnorm_forward, student.batchnorm_backward," in checks


def test_declarations_come_back_as_they_were_given(small):
    """Defaults and kinds of a declaration survive the way through exercise.toml."""
    given = 'pool = x, size=2, mode="max" -> out, cache', "my_loss = p, y -> loss: number, dp"
    scaffold(find_course(small.root), "ex02_pool", given)
    functions = find_exercise(find_course(small.root), "ex02").functions
    assert functions["pool"].parameters == (("x", ...), ("size", 2), ("mode", "max"))
    assert functions["my_loss"].returns == (("loss", "number"), ("dp", "array"))
    checks = (small.root / "ex02_pool" / "test_ex02.py").read_text(encoding="utf-8")
    assert "assert_loss_gradient(student.my_loss," in checks


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("batchnorm", "a name looks like ex16_batchnorm"),
        ("ex1_line", "a name looks like ex16_batchnorm"),
        ("ex16_Batch-Norm", "a name looks like ex16_batchnorm"),
        ("../ex16_batchnorm", "a name looks like ex16_batchnorm"),
        ("ex01_line", "the number 01 is taken by ex01_line"),
        ("ex01_other", "the number 01 is taken by ex01_line"),
        ("ex12_there", "ex12_there: exists already"),
        ("ex13_solved", "ex13_solved.py: exists already"),
    ],
)
def test_a_name_that_cannot_be_had(small, grade, name, words):
    """Bad names, taken numbers and existing files are refused in one line, and nothing is written."""
    (small.root / "ex12_there").mkdir()
    (small.root / "solutions" / "ex13_solved.py").write_text("", encoding="utf-8")
    before = sorted(small.root.rglob("*"))
    result = grade("new", name, cwd=small.root)
    assert result.code == 2
    assert words in result.complaint
    assert sorted(small.root.rglob("*")) == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("scale", "write a function as"),
        ("1x = a -> b", "write a function as"),
        ("f = x y -> out", "'x y' is not a list of parameters"),
        ("f = x", "parameters -> returned values"),
        ("f = x -> out: matrix", "'out: matrix' must be NAME or NAME: "),
    ],
)
def test_a_declaration_that_cannot_be_read(small, grade, text, words):
    """A declaration that is no declaration is refused in one line, and nothing is written."""
    result = grade("new", "ex02_scale", "--function", text, cwd=small.root)
    assert result.code == 2
    assert words in result.complaint
    assert not (small.root / "ex02_scale").exists()


def test_a_function_declared_twice(small, grade):
    """Two declarations of one name are refused."""
    twice = ["--function", "f = x -> out"] * 2
    result = grade("new", "ex02_scale", *twice, cwd=small.root)
    assert result.code == 2
    assert "f: declared twice" in result.complaint


def test_a_course_without_solutions(small, grade):
    """A student's workspace has no place for a solution, so no exercise is begun there."""
    small.edit(small.root / "course.toml", 'solutions = "solutions"\n', "")
    result = grade("new", "ex02_scale", cwd=small.root)
    assert result.code == 2
    assert "no folder for the solution" in result.complaint
