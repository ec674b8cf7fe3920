"""What the search for a line is made of, part by part: edits, texts, lines alone, the choice and the words."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from grader.checking.diagnosis.repair.alone import hands_on
from grader.checking.diagnosis.repair.cases import Growth
from grader.checking.diagnosis.repair.edits import Edit, edits
from grader.checking.diagnosis.repair.repair import ALONE, Repair, likeliest
from grader.checking.diagnosis.repair.source import Place, functions, readable, rewritten
from grader.checking.diagnosis.repair.words import told
from grader.course.loader import find_course, find_exercise
from grader.model import Cell, Module, Submission

ROOT = Path(__file__).resolve().parents[4]
COURSE = find_course(ROOT / "exercises")


def test_an_edit_is_undone():
    """After an edit of the catalogue, of whichever kind, the function is what it was before."""
    solution = ast.parse((ROOT / "solutions" / "ex04_convolution.py").read_text(encoding="utf-8"))
    function = next(f for f in solution.body if getattr(f, "name", "") == "conv_backward")
    before = ast.dump(function)
    found = edits(function)
    assert len(found) > 500
    seen: Counter[str] = Counter()
    for edit in found:
        seen[edit.kind] += 1
        if seen[edit.kind] > 20:
            continue
        with edit.made():
            ast.unparse(function)
        assert ast.dump(function) == before, edit


def test_only_the_edited_function_is_rewritten():
    """The other lines of a file stay as they are, comments and all."""
    text = (
        "# top\ndef f(x):\n    return x  # a\n\n\ndef g(x):\n    # odd   spacing\n    return  x\n"
    )
    module = Module("m", (Cell("m.py", text),))
    submission = Submission("m", "m", (module,))
    place = next(p for p in functions(submission) if p.name == "f")
    cell = rewritten(submission, place).modules[0].cells[0]
    assert cell.source.startswith("# top\ndef f(x):\n    return x\n")
    assert cell.source.endswith("def g(x):\n    # odd   spacing\n    return  x\n")


@pytest.mark.parametrize(
    "text", ["(" * 60 + "1" + ")" * 60, "x = 1" + " + 1" * 2000, "x = 1\n" * 20_000, "x = '''"]
)
def test_what_nobody_writes_is_not_parsed(text):
    """Deep, endless and broken texts are left alone: the parser runs in the grader."""
    assert not readable(text)
    module = Module("m", (Cell("m.py", f"def f():\n    return 1\n{text}\n"),))
    assert functions(replace(Submission("m", "m", ()), modules=(module,))) == []


def test_how_much_a_call_computes_grows_as_it_did():
    """Loops run longer for more numbers; what runs no loop does not."""
    loops = Growth.of([(4, 10), (8, 30), (6, 20)])
    assert [loops.at(2), loops.at(8), loops.at(108)] == [30, 30, 530]
    assert Growth.of([(4, 7), (900, 7)]).at(1_000_000) == 7
    assert Growth.of([(4, 7), (4, 9)]).at(8) == 9


LIMIT = "def g(x, size):\n    if size < 1:\n        raise ValueError\n    rows = len(x)\n    return rows\n"


# Each: what is there, what is meant, and another function of the file.
MEANT = {
    "a name that another function defines": (
        "def f(x, size):\n    return x / rows",
        "def f(x, size):\n    rows = len(x)\n    return x / rows",
        LIMIT,
    ),
    "the same in the place of nothing": (
        "def f(x, size):\n    pass\n    y = 2 * x\n    return y / rows",
        "def f(x, size):\n    rows = len(x)\n    y = 2 * x\n    return y / rows",
        LIMIT,
    ),
    "a name that is missing in the head of a loop": (
        "def f(x, size):\n    for i in range(rows):\n        x[i] = size\n    return x",
        "def f(x, size):\n    rows = len(x)\n    for i in range(rows):\n        x[i] = size\n    return x",
        LIMIT,
    ),
    "a limit that another function looks at": (
        "def f(x, size):\n    return x * size",
        "def f(x, size):\n    if size < 1:\n        raise ValueError\n    return x * size",
        LIMIT,
    ),
    "the condition of that limit": (
        "def f(x, size):\n    if True:\n        raise ValueError\n    return x * size",
        "def f(x, size):\n    if size < 1:\n        raise ValueError\n    return x * size",
        LIMIT,
    ),
    "a share of what a loop goes over": (
        "def f(x, cells):\n    for cell in cells:\n        x[cell] += 1.5\n    return x",
        "def f(x, cells):\n    for cell in cells:\n        x[cell] += 1.5 / len(cells)\n    return x",
        "",
    ),
    "what is to be divided": (
        "def f(x, size):\n    return size * size",
        "def f(x, size):\n    return x / (size * size)",
        "",
    ),
    "the slope of the sigmoid": (
        "def f(x, a):\n    return x * a",
        "def f(x, a):\n    return x * a * (1 - a)",
        "",
    ),
    "a matrix on the left": (
        "def f(x, w, b):\n    return w + b",
        "def f(x, w, b):\n    return x @ w + b",
        "def g(x, w):\n    return x @ w",
    ),
    "what an object holds": (
        "def f(self, x):\n    return x / self.mean",
        "def f(self, x):\n    return x / self.std",
        "def g(self, x):\n    self.std = x.std()\n    self.mean = x.mean()",
    ),
    "a factor that an object holds": (
        "def f(self, x):\n    return x",
        "def f(self, x):\n    return x * self.rate",
        "def g(self, rate):\n    self.rate = rate",
    ),
    "the shape in which an array was made": (
        "def f(x, n, k):\n    out = np.zeros((n, k * k))\n    out += x\n    return out",
        "def f(x, n, k):\n    out = np.zeros((n, k * k))\n    out += x.reshape((n, k * k))\n    return out",
        "",
    ),
    "the entry that another line takes": (
        "def f(x, y):\n    for i in range(len(x)):\n        x[i] += y[i]\n        if y == 0:\n            x[i] = 1",
        "def f(x, y):\n    for i in range(len(x)):\n        x[i] += y[i]\n        if y[i] == 0:\n            x[i] = 1",
        "",
    ),
    "pictures that become rows": (
        "def f(x, w):\n    flat = x\n    return flat @ w",
        "def f(x, w):\n    flat = x.reshape(len(x), -1)\n    return flat @ w",
        "",
    ),
    "the factor that keeps the mean": (
        "def f(x, p, on):\n    factors = np.zeros(x.shape)\n    factors[on] = 1\n    return x * factors",
        "def f(x, p, on):\n    factors = np.zeros(x.shape)\n    factors[on] = 1 / (1 - p)\n    return x * factors",
        "",
    ),
    "a conversion in the place of nothing": (
        "def f(x, p):\n    pass\n    x[0] = p\n    return x",
        "def f(x, p):\n    x = np.array(x, dtype=float)\n    x[0] = p\n    return x",
        "",
    ),
    "columns like the rows": (
        "def f(x, i, j, size, stride):\n    return x[:, i : i + size : stride, j:]",
        "def f(x, i, j, size, stride):\n    return x[:, i : i + size : stride, j : j + size : stride]",
        "",
    ),
    "rows like the columns": (
        "def f(x, top, left):\n    return x[top : x.shape[3] - top, left : x.shape[3] - left]",
        "def f(x, top, left):\n    return x[top : x.shape[2] - top, left : x.shape[3] - left]",
        "",
    ),
    "an entry of the example": (
        "def f(x, y):\n    for n, c in np.ndindex(2, 3):\n        y[x] += x[n, c]",
        "def f(x, y):\n    for n, c in np.ndindex(2, 3):\n        y[n, c][x] += x[n, c]",
        "",
    ),
    "a square": (
        "def f(x):\n    return x - x",
        "def f(x):\n    return x - x**2",
        "",
    ),
    "what is divided and never read": (
        "def f(dout, won):\n    share = won.sum(axis=1)\n    return share",
        "def f(dout, won):\n    share = dout / won.sum(axis=1)\n    return share",
        "",
    ),
    "what divides 1": (
        "def f(x):\n    return 1 + np.exp(-x)",
        "def f(x):\n    return 1 / (1 + np.exp(-x))",
        "",
    ),
    "as many values as there are names": (
        "def f(x):\n    height, width = x.shape\n    return height * width",
        "def f(x):\n    height, width = x.shape[2:]\n    return height * width",
        "",
    ),
    "other values of as many": (
        "def f(shape):\n    height, width = shape[:]\n    return height * width",
        "def f(shape):\n    height, width = shape[2:]\n    return height * width",
        "",
    ),
    "the first axes": (
        "def f(x):\n    for n, c in np.ndindex(x.shape):\n        x[n, c] = 0",
        "def f(x):\n    for n, c in np.ndindex(x.shape[:2]):\n        x[n, c] = 0",
        "",
    ),
    "a side of a shape": (
        "def f(x, sides):\n    return x[:, : sides[2], :sides]",
        "def f(x, sides):\n    return x[:, : sides[2], : sides[3]]",
        "",
    ),
    "the bias beside the weights": (
        "def f(x, layers):\n    for i in range(3):\n        x = x @ layers[i][0]\n    return x",
        "def f(x, layers):\n    for i in range(3):\n        x = x @ layers[i][0] + layers[i][1]\n    return x",
        "",
    ),
    "a length that is left": (
        "def f(side, field):\n    return (side - field + 1) * (side + 1)",
        "def f(side, field):\n    return (side - field + 1) * (side - field + 1)",
        "",
    ),
    "how many inputs there are": (
        "def f(inputs, outputs, rng):\n    return np.sqrt(2) * rng.standard_normal((inputs, outputs))",
        "def f(inputs, outputs, rng):\n    return np.sqrt(2 / inputs) * rng.standard_normal((inputs, outputs))",
        "",
    ),
    "in the loop rather than before": (
        "def f(n):\n    drawn = g(n)\n    total = 0\n    for _ in n:\n        total += drawn\n    return total",
        "def f(n):\n    total = 0\n    for _ in n:\n        drawn = g(n)\n        total += drawn\n    return total",
        "",
    ),
    "a mean that is not taken": (
        "def f(losses, slopes):\n    return losses, slopes / 2",
        "def f(losses, slopes):\n    return losses.mean(), slopes / 2",
        "",
    ),
    "nearer limits": (
        "def f(x):\n    return np.clip(x, -700, 700)",
        "def f(x):\n    return np.clip(x, -700 / 10, 700 / 10)",
        "",
    ),
    "a list that is made nowhere": (
        "def f(x):\n    for row in x:\n        kept.append(row)\n    return kept",
        "def f(x):\n    kept = []\n    for row in x:\n        kept.append(row)\n    return kept",
        "",
    ),
    "the same in the place of a pass": (
        "def f(x):\n    pass\n    for i, row in enumerate(x):\n        kept[i] = row\n    return kept",
        "def f(x):\n    kept = [None] * len(x)\n    for i, row in enumerate(x):\n        kept[i] = row\n    return kept",
        "",
    ),
    "a side that is left open": (
        "def f(x, n):\n    return x.reshape(n)",
        "def f(x, n):\n    return x.reshape(-1, n)",
        "",
    ),
    "places on a grid": (
        "def f(height):\n    for i, j in height:\n        print(i, j)",
        "def f(height):\n    for i, j in np.ndindex(height, height):\n        print(i, j)",
        "",
    ),
    "a list of them": (
        "def f(height, width):\n    width = int(width)\n    return list(height)",
        "def f(height, width):\n    width = int(width)\n    return list(np.ndindex(height, width))",
        "",
    ),
    "backward through what was noted": (
        "def f(notes, x):\n    for a, b in []:\n        x = a @ x + b\n    return x",
        "def f(notes, x):\n    for a, b in notes[::-1]:\n        x = a @ x + b\n    return x",
        "",
    ),
    "two lists side by side": (
        "def f(a, b):\n    for one, other in []:\n        print(one @ other)",
        "def f(a, b):\n    for one, other in zip(a, b):\n        print(one @ other)",
        "",
    ),
    "the first of a pair": (
        "def f(x, layers, k):\n    y = x @ layers[k][0]\n    return y @ layers[k].T",
        "def f(x, layers, k):\n    y = x @ layers[k][0]\n    return y @ layers[k][0].T",
        "",
    ),
    "the last one": (
        "def f(outs, w):\n    first = outs[-1] + 1\n    return outs @ w + first",
        "def f(outs, w):\n    first = outs[-1] + 1\n    return outs[-1] @ w + first",
        "",
    ),
    "an own function for its value": (
        "def f(x, u, v):\n    cell = lambda u, v: np.s_[u, v]\n    return x[u]",
        "def f(x, u, v):\n    cell = lambda u, v: np.s_[u, v]\n    return x[cell(u, v)]",
        "",
    ),
    "how many to put in order": (
        "def f(rows, rng):\n    return rng.permutation(rows)",
        "def f(rows, rng):\n    return rng.permutation(len(rows))",
        "",
    ),
    "a deviation": (
        "def f(n, rng):\n    return rng.normal(n) * np.sqrt(n)",
        "def f(n, rng):\n    return rng.normal(n) * np.sqrt(2 / n)",
        "",
    ),
    "a deviation for a small number": (
        "def f(sizes, i, rng):\n    return 0.05 * rng.normal(size=sizes[i])",
        "def f(sizes, i, rng):\n    return np.sqrt(2 / sizes[i]) * rng.normal(size=sizes[i])",
        "",
    ),
    "the generator that is given": (
        "def f(n, rng):\n    return np.random.uniform(0, 1, n)",
        "def f(n, rng):\n    return rng.uniform(0, 1, n)",
        "",
    ),
    "what a generator calls it": (
        "def f(n, k, rng):\n    return 2 * np.random.randn(n, k)",
        "def f(n, k, rng):\n    return 2 * rng.standard_normal((n, k))",
        "",
    ),
    "what else a cache holds": (
        "def f(dout, cache):\n    return dout * cache[0]",
        "def f(dout, cache):\n    return dout * cache[0] / cache[1]",
        "",
    ),
    "the slope of a sigmoid": (
        "def f(dout, outs, k):\n    dout = dout * outs[k]\n    return dout",
        "def f(dout, outs, k):\n    dout = dout * outs[k] * (1 - outs[k])\n    return dout",
        "",
    ),
    "a share of a tie": (
        "def f(cell):\n    return cell == cell.max(axis=1)[:, None]",
        "def f(cell):\n"
        "    return (cell == cell.max(axis=1)[:, None])"
        " / (cell == cell.max(axis=1)[:, None]).sum(axis=1, keepdims=True)",
        "",
    ),
    "a length for a number": (
        "def f(scores):\n    chosen = np.zeros(7)\n    return chosen - scores",
        "def f(scores):\n    chosen = np.zeros(scores.shape[1])\n    return chosen - scores",
        "",
    ),
    "nothing added by default": (
        "def f(p, tiny=1e-6):\n    return np.log(p + tiny)",
        "def f(p, tiny=0.0):\n    return np.log(p + tiny)",
        "",
    ),
    "nothing asserted": (
        "def f(x):\n    assert len(x) > 2\n    assert x.ndim == 2\n    return x",
        "def f(x):\n    return x",
        "",
    ),
    "a copy before it is shuffled": (
        "def f(rows, rng):\n    rng.shuffle(rows)\n    return rows",
        "def f(rows, rng):\n    rows = rows.copy()\n    rng.shuffle(rows)\n    return rows",
        "",
    ),
    "one mean in two lines": (
        "def f(x, d):\n    m = len(x)\n    a = (1 / m) * x.T\n    b = (1 / m) * d\n    return a, b",
        "def f(x, d):\n    m = len(x)\n    a = x.T\n    b = d\n    return a, b",
        "",
    ),
    "the other side": (
        "def f(shape):\n    height = shape[2]\n    return height, width",
        "def f(shape):\n    width = shape[3]\n    height = shape[2]\n    return height, width",
        "",
    ),
}


def function_of(text):
    """The tree of a text's only function."""
    (function,) = ast.parse(text).body
    return function


@pytest.mark.parametrize("name", MEANT)
def test_what_is_meant_is_among_the_edits(name):
    """One small edit leads to it, and afterwards the tree is as it was."""
    wrong, right, other = MEANT[name]
    function = function_of(wrong)
    others = [function_of(other)] if other else []
    found = set()
    for edit in edits(function, others=others):
        with edit.made():
            found.add(ast.unparse(function))
    assert ast.unparse(function_of(right)) in found
    assert ast.unparse(function) == ast.unparse(function_of(wrong))


def test_whole_numbers_are_no_shares():
    """Of what counts or is a length nothing is taken from 1, nor turned round."""
    function = function_of(
        "def f(x, rate):\n    rows, columns = x.shape\n    return rate * rows + columns"
    )
    found = set()
    for edit in edits(function):
        with edit.made():
            found.add(ast.unparse(function.body[-1]))
    assert "return (1 - rate) * rows + columns" in found
    assert not any(word in text for text in found for word in ("1 - rows", "1 - columns", "rows.T"))


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    1 < 2",
        "def f(x):\n    kept = []\n    for _ in x:\n        print(x)\n    return kept",
    ],
)
def test_a_block_that_stores_nothing_has_edits(text):
    """Nothing has to have a name there."""
    assert isinstance(edits(function_of(text)), list)


def test_what_is_never_read_is_likely_to_be_missing():
    """A value that is computed and not used costs less than others, where it is put in."""
    function = function_of("def f(x, y):\n    slope = x * (1 - y)\n    return x + y")
    costs = {}
    for edit in edits(function):
        with edit.made():
            costs.setdefault(ast.unparse(function.body[-1]), edit.cost)
    assert costs["return (x + y) * slope"] < costs["return (x + y) * x"]


def test_what_is_compared_takes_another_way():
    """To change a side of a comparison is told from a change of the comparison, and of other numbers."""
    function = function_of("def f(x):\n    return np.where(x > 3, x, 5)")
    told = {}
    for edit in edits(function):
        with edit.made():
            told[ast.unparse(function.body[0])] = edit.in_comparison
    assert told["return np.where(x > 4, x, 5)"]
    assert not told["return np.where(x >= 3, x, 5)"]
    assert not told["return np.where(x > 3, x, 4)"]


def test_a_borrowed_statement_uses_nothing_unknown():
    """What another function does with names of its own is not offered."""
    other = function_of("def g(x, grid):\n    rows = len(grid)\n    return rows")
    function = function_of("def f(x):\n    return x / rows")
    for edit in edits(function, others=[other]):
        with edit.made():
            assert "grid" not in ast.unparse(function)


@pytest.mark.parametrize(
    ("statement", "clear"),
    [
        ("x = np.asarray(x)", True),
        ("x, w = np.array(x, dtype=float), w.astype(np.float64, copy=False)", True),
        ("return out, mask", True),
        ("return out", True),
        ("x = np.asarray(x, dtype=int)", False),
        ("x = np.asarray(w)", False),
        ("x, w = np.asarray(w), np.asarray(x)", False),
        ("x = x.reshape(-1)", False),
        ("return out + 1, mask", False),
        ("x = y = np.asarray(x)", False),
    ],
)
def test_what_hands_on_a_name_is_told_from_what_computes(statement, clear):
    """A conversion that could make a value wrong is never passed over."""
    assert hands_on(ast.parse(statement).body[0], {0}) is clear


def repair_at(file, line, cost, also=()):
    """A repair of `f` that is right in all cases."""
    place = Place(file, "f", file, function_of("def f(x):\n    return x"))
    edit = Edit("order", cost, line, line, (), also)
    empty = frozenset()
    return Repair("f", place, edit, None, frozenset({0}), empty, False, cost, empty)


@pytest.mark.parametrize(
    ("found", "line", "others"),
    [
        ([("here", 2, 1.0), ("here", 7, 1.2)], 2, (7,)),
        ([("here", 2, 1.0), ("here", 7, 3.0)], 2, ()),
        ([("there", 2, 1.0), ("here", 7, 1.2)], 7, ()),
        ([("there", 2, 1.0), ("there", 7, 1.2)], 2, (7,)),
        ([("here", 2, 1.0, (3,)), ("here", 7, 1.2)], 7, ()),
        ([("here", 2, 1.0, (3,)), ("here", 7, 1.2, (8,))], 2, ()),
        ([("here", 2, 4.0), ("here", 7, 4.1), ("here", 9, 4.2)], None, ()),
    ],
)
def test_which_of_several_repairs_is_told(found, line, others):
    """One line before several, the file of the wrong function before an earlier one, and no line of another
    file beside one; of three unlikely ones none."""
    told = likeliest([repair_at(*one) for one in found], "here")
    assert [(r.edit.line, r.rivals) for r in told] == ([(line, others)] if line else [])


def test_a_factor_of_a_helper_is_that_of_its_caller():
    """What is done to all that a helper returns, and to what the caller makes of it, may be meant in either."""
    helper = function_of("def slope(x):\n    return x * x")
    caller = function_of("def f(x):\n    y = x\n    return y * slope(x)")
    found = [
        Repair(
            "f",
            Place(name, name, "here", tree),
            edit,
            None,
            frozenset({0}),
            frozenset(),
            False,
            3.5,
            frozenset(),
        )
        for name, tree in (("slope", helper), ("f", caller))
        for edit in edits(tree)
        if edit.kind == "scale" and any(getattr(new, "op", 0) for _, new in edit.changes)
        if isinstance(edit.changes[0][0].owner, ast.Return)
    ]
    (first,) = likeliest([found[0], next(r for r in found if r.place.path == "f")], "here")
    assert (first.place.path, first.edit.line) == ("f", 3)
    assert first.rivals == (2,)


def test_several_values_come_from_a_line():
    """The sentence has the plural of the values, not of the lines."""
    place = Place("f.py", "f", "f.py", function_of("def f(x):\n    return x"))
    edit = Edit(ALONE, 0.0, 2, 2, (), ())
    none = frozenset()
    exercise = find_exercise(COURSE, "ex03")
    repair = Repair("affine_backward", place, edit, 1, frozenset({1, 2}), none, False, 0.0, none)
    assert (
        told(repair, exercise).sentence == "dw and db come from line 2 of f.py alone: look there."
    )
    one = replace(repair, parts=frozenset({1}), edit=edit._replace(also=(4,)))
    assert told(one, exercise).sentence == "dw comes from lines 2 and 4 of f.py alone: look there."


def test_one_of_three_lines_is_told_with_all_of_them():
    """Of three lines of which each would do, none is told as if it were the one; of more, the likeliest is."""
    exercise = find_exercise(COURSE, "ex03")
    repair = replace(repair_at("f.py", 9, 1.0), function="affine_backward", part=0, rivals=(4, 7))
    said = told(repair, exercise)
    assert said.sentence.startswith("dx would be right if one of the lines 4, 7 and 9 of f.py were")
    assert (said.either, said.suspect.line) == (True, 9)
    many = told(replace(repair, rivals=(4, 7, 8)), exercise)
    assert many.sentence.startswith("dx would be right if line 9 of f.py were")
    assert not many.either
