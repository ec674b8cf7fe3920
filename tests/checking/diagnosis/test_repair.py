"""Finding the line of a mistake by trying small edits: what is named, and what must never happen."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from grader.checking.diagnosis.repair.bench import Bench
from grader.checking.diagnosis.repair.search import Search
from grader.checking.run import explain
from grader.checking.run.session import Job, run_jobs
from grader.course.loader import find_course, find_exercise
from grader.intake.submission import read_submission
from grader.model import Cell, Limits, Module, Submission

ROOT = Path(__file__).resolve().parents[3]
COURSE = find_course(ROOT / "exercises")


def graded(tmp_path, server, exercise, code, *, explain=True, limits=None):
    """The report on the reference solution of an exercise with other functions after it."""
    found = find_exercise(COURSE, exercise)
    found = replace(found, limits=limits or found.limits)
    text = (ROOT / "solutions" / found.file).read_text(encoding="utf-8")
    path = tmp_path / found.file
    path.write_text(f"{text}\n{code}", encoding="utf-8")
    for needed in found.requires:
        shutil.copy(ROOT / "solutions" / f"{needed}.py", tmp_path)
    reports = []
    submission = read_submission(tmp_path if found.requires else path, found)
    job = Job(found, submission=submission, label="hand-in", explain=explain)
    run_jobs(COURSE, [found], [job], lambda _, report: reports.append(report), server=server)
    assert not reports[0].notes, "an explanation that failed is told there"
    return reports[0], path.read_text(encoding="utf-8").splitlines()


def named(report, lines):
    """The texts of the lines that are named."""
    return {lines[c.suspect.line - 1].strip() for c in report.checks if c.suspect is not None}


CONV_BACKWARD = """
def conv_backward(dout, cache):
    x, w, stride, pad = cache
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dpadded = np.zeros(padded.shape)
    dw = np.zeros(w.shape)
    db = np.zeros(F)
    for n in range(N):
        for f in range(F):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    r, c = i * stride, j * stride
                    dpadded[n, :, r : r + HH, c : c + WW] += w[f] * dout[n, f, i, j]
                    dw[f] += padded[n, :, r : r + HH, c : c + WW] * dout[n, f, i, j]
                    db[f] += dout[n, f, i, j]
    dx = dpadded[:, :, pad : pad + H, pad : pad + W]
    return dx, dw, db
"""

# Each: exercise, code, and the line that is wrong.
MISTAKES = {
    "assigned where it is to be added": (
        "ex04",
        CONV_BACKWARD.replace("dw[f] +=", "dw[f] ="),
        "dw[f] = padded[n, :, r : r + HH, c : c + WW] * dout[n, f, i, j]",
    ),
    "cut off wrongly": (
        "ex04",
        CONV_BACKWARD.replace("[:, :, pad : pad + H, pad : pad + W]", "[:, :, pad:-pad, pad:-pad]"),
        "dx = dpadded[:, :, pad:-pad, pad:-pad]",
    ),
    "rows for columns": (
        "ex04",
        CONV_BACKWARD.replace("pad : pad + W]", "pad : pad + H]"),
        "dx = dpadded[:, :, pad : pad + H, pad : pad + H]",
    ),
    "the stride is left out": (
        "ex04",
        CONV_BACKWARD.replace("r, c = i * stride, j * stride", "r, c = i, j"),
        "r, c = i, j",
    ),
    "another function": (
        "ex07",
        "def softmax(logits):\n"
        "    shifted = logits - logits.max(axis=1, keepdims=True)\n"
        "    powers = np.exp(shifted)\n"
        "    return powers / powers.sum(axis=0)\n",
        "return powers / powers.sum(axis=0)",
    ),
    "the sign": (
        "ex02",
        "def sigmoid_backward(dout, s):\n    slope = s * (s - 1)\n    return dout * slope\n",
        "slope = s * (s - 1)",
    ),
    "only one statement": (
        "ex01",
        "def or_gate(x):\n    return x\n",
        "return x",
    ),
    "a call that is not given enough": (
        "ex01",
        "def or_gate(x):\n    return threshold_neuron(x, -0.5)\n",
        "return threshold_neuron(x, -0.5)",
    ),
    "only what becomes of one value": (
        "ex04",
        CONV_BACKWARD.replace(
            "    dx = dpadded", "    db = np.cumsum(dout[:, :, 0, 0], axis=1)[-1]\n    dx = dpadded"
        ).replace("                    db[f] += dout[n, f, i, j]\n", ""),
        "db = np.cumsum(dout[:, :, 0, 0], axis=1)[-1]",
    ),
    "no random numbers are the same": (
        "ex06",
        "def dropout_forward(x, p_drop, training, rng):\n"
        "    if not 0 <= p_drop < 1:\n"
        "        raise ValueError\n"
        "    x = np.asarray(x, dtype=float)\n"
        "    if not training:\n"
        "        return x.copy(), np.ones(x.shape)\n"
        "    mask = (1 - rng.random(x.shape) > p_drop) * (1 - p_drop)\n"
        "    return x * mask, mask\n"
        "def dropout_backward(dout, mask):\n"
        "    return dout * mask\n",
        "mask = (1 - rng.random(x.shape) > p_drop) * (1 - p_drop)",
    ),
    "a limit is not looked at": (
        "ex04",
        "def output_size(size, field, stride, pad):\n"
        "    if field < 1 or stride < 1 or field > size + 2 * pad:\n"
        "        raise ValueError\n"
        "    return (size + 2 * pad - field) // stride + 1\n",
        "if field < 1 or stride < 1 or field > size + 2 * pad:",
    ),
    "a default": (
        "ex05",
        "def average_pool_forward(x, size=2, stride=1):\n"
        "    *_, rows, columns = x.shape\n"
        "    if min(size, stride) < 1 or size > min(rows, columns):\n"
        "        raise ValueError\n"
        "    seen = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))\n"
        "    return seen[:, :, ::stride, ::stride].mean(axis=(4, 5)), (x.shape, size, stride)\n",
        "def average_pool_forward(x, size=2, stride=1):",
    ),
    "a function is not called": (
        "ex07",
        "def cross_entropy_loss(logits, labels):\n"
        "    rows = np.arange(len(labels))\n"
        "    shifted = logits - logits.max(axis=1, keepdims=True)\n"
        "    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))\n"
        "    slope = np.array(logits)\n"
        "    slope[rows, labels] -= 1\n"
        "    return -logs[rows, labels].mean(), slope / len(rows)\n",
        "slope = np.array(logits)",
    ),
    "nothing is noted": (
        "ex03",
        "def mlp_backward(dout, cache):\n"
        "    layers, masks = cache\n"
        "    dx, dw, db = affine_backward(dout, layers[-1])\n"
        "    grads = []\n"
        "    for mask, layer in zip(reversed([*masks, None]), reversed(layers)):\n"
        "        on = dout if mask is None else dx * mask\n"
        "        dx, dw, db = affine_backward(on, layer)\n"
        "    grads.reverse()\n"
        "    return dx, grads\n",
        "dx, dw, db = affine_backward(on, layer)",
    ),
    "one of two is forgotten": (
        "ex08",
        "def sgd_step(params, grads, lr):\n"
        "    new = []\n"
        "    for i in range(len(params)):\n"
        "        w, b = params[i]\n"
        "        w = w - lr * grads[i][0]\n"
        "        new.append((w, b))\n"
        "    return new\n",
        "w, b = params[i]",
    ),
    "a helper that yields": (
        "ex05",
        "def spans(shape, size, stride):\n"
        "    rows, columns = (shape[2] - size) // stride + 1, (shape[2] - size) // stride + 1\n"
        "    for i, j in np.ndindex(rows, columns):\n"
        "        yield i, j, i * stride, j * stride\n"
        "def max_pool_forward(x, size=2, stride=2):\n"
        "    if min(size, stride) < 1 or size > min(x.shape[2:]):\n"
        "        raise ValueError\n"
        "    x = np.asarray(x, float)\n"
        "    shape = [(n - size) // stride + 1 for n in x.shape[2:]]\n"
        "    out = np.zeros((*x.shape[:2], *shape))\n"
        "    for i, j, top, left in spans(x.shape, size, stride):\n"
        "        seen = x[:, :, top : top + size, left : left + size]\n"
        "        out[:, :, i, j] = seen.max(axis=(2, 3))\n"
        "    return out, (x, size, stride)\n",
        "rows, columns = (shape[2] - size) // stride + 1, (shape[2] - size) // stride + 1",
    ),
    "nothing comes back from a layer": (
        "ex03",
        "def affine_forward(x, w, b):\n"
        "    flat = np.reshape(x, (len(x), -1)).astype(float)\n"
        "    def back(dout):\n"
        "        return None\n"
        "    return flat @ w + b, back\n"
        "def affine_backward(dout, cache):\n"
        "    return cache(dout)\n",
        "return None",
    ),
    "something of another kind": (
        "ex01",
        "def threshold_neuron(x, w, b):\n"
        "    x = np.asarray(x)\n"
        "    out = np.zeros(len(x))\n"
        "    for i in range(len(x)):\n"
        "        out[i] = (x[i, k] * w[k] for k in range(len(w))) + b + np.e ** np.pi\n"
        "    return out\n",
        "out[i] = (x[i, k] * w[k] for k in range(len(w))) + b + np.e ** np.pi",
    ),
    "something of another kind, where nothing is refused": (
        "ex07",
        "def output_delta(z, y, loss):\n"
        "    if loss not in ('mse', 'cross_entropy'):\n"
        "        raise ValueError(loss)\n"
        "    return (np.sinh(n) for n in z) - y\n",
        "return (np.sinh(n) for n in z) - y",
    ),
    "a step that is not there in what a cache keeps": (
        "ex03",
        "def affine_forward(x, w, b):\n"
        "    flat = np.reshape(x, (len(x), -1)).astype(float)\n"
        "    def back(dout):\n"
        "        pass\n"
        "        dw = flat.T @ dout + missing\n"
        "        return (dout @ w.T).reshape(np.shape(x)), np.sinh(dw), dout.sum(axis=0)\n"
        "    return flat @ w + b, back\n"
        "def affine_backward(dout, cache):\n"
        "    return cache(dout)\n",
        "pass",
    ),
    "an argument of any length": (
        "ex03",
        "two_layers = mlp_forward\n"
        "def mlp_forward(x, params):\n"
        "    first, second = params\n"
        "    return two_layers(x, [first, second])\n",
        "first, second = params",
    ),
    "a shape of other axes": (
        "ex05",
        "def average_pool_forward(x, size=2, stride=2):\n"
        "    height, width = x.shape\n"
        "    seen = np.lib.stride_tricks.sliding_window_view(x, (size, size))\n"
        "    return seen[::stride, ::stride].mean(axis=(2, 3)), (x.shape, size, stride)\n",
        "height, width = x.shape",
    ),
    "pairs that are taken for arrays": (
        "ex08",
        "def sgd_step(params, grads, lr):\n"
        "    new = []\n"
        "    for layer, slopes in zip(params, grads):\n"
        "        new.append(layer - lr * slopes)\n"
        "    return new\n",
        "new.append(layer - lr * slopes)",
    ),
    "all that a right function leaves to do": (
        "ex08",
        "def layer_gradient_norms(x, y, params, activation):\n"
        "    _, grads = loss_and_gradients(x, y, params, activation)\n"
        "    return np.array([np.sinh(np.cbrt(dw).sum()) for dw, _ in grads])\n",
        "return np.array([np.sinh(np.cbrt(dw).sum()) for dw, _ in grads])",
    ),
    "another source of chance": (
        "ex06",
        "def dropout_forward(x, p_drop, training, rng):\n"
        "    if not 0 <= p_drop < 1:\n"
        "        raise ValueError\n"
        "    x = np.asarray(x, dtype=float)\n"
        "    if not training:\n"
        "        return x.copy(), np.ones(x.shape)\n"
        "    mask = (np.random.random(x.shape) >= p_drop) / (1 - p_drop)\n"
        "    return x * mask, mask\n"
        "def dropout_backward(dout, mask):\n"
        "    return dout * mask\n",
        "mask = (np.random.random(x.shape) >= p_drop) / (1 - p_drop)",
    ),
    "what both passes lack": (
        "ex06",
        "def dropout_forward(x, p_drop, training, rng):\n"
        "    if not 0 <= p_drop < 1:\n"
        "        raise ValueError\n"
        "    x = np.asarray(x, dtype=float)\n"
        "    if not training:\n"
        "        return x.copy(), np.ones(x.shape, dtype=bool)\n"
        "    kept = rng.random(x.shape) >= p_drop\n"
        "    out = x * kept.astype(int)\n"
        "    return out, kept\n"
        "def dropout_backward(dout, kept):\n"
        "    return dout * kept\n",
        "out = x * kept.astype(int)",
    ),
    "the share that is dropped, twice": (
        "ex06",
        "def dropout_forward(x, p_drop, training, rng):\n"
        "    if not 0 <= p_drop < 1:\n"
        "        raise ValueError\n"
        "    x = np.array(x, dtype=float)\n"
        "    if not training:\n"
        "        return x, np.ones(x.shape)\n"
        "    mask = (rng.random(x.shape) < p_drop) / p_drop\n"
        "    return x * mask, mask\n"
        "def dropout_backward(dout, mask):\n"
        "    return dout * mask\n",
        "mask = (rng.random(x.shape) < p_drop) / p_drop",
    ),
    "a mean in each line": (
        "ex08",
        "summed = loss_and_gradients\n"
        "def loss_and_gradients(x, y, params, activation):\n"
        "    loss, grads = summed(x, y, params, activation)\n"
        "    n = len(x)\n"
        "    return loss, [((1 / n) * dw, (1 / n) * db) for dw, db in grads]\n",
        "return loss, [((1 / n) * dw, (1 / n) * db) for dw, db in grads]",
    ),
    "asserted of what is right": (
        "ex04",
        "def output_size(size, field, stride, pad):\n"
        "    if field < 1 or stride < 1 or pad < 0 or field > size + 2 * pad:\n"
        "        raise ValueError\n"
        "    assert size % 2 == 1\n"
        "    assert (size - field) % stride == 0\n"
        "    return (size + 2 * pad - field) // stride + 1\n",
        "assert size % 2 == 1",
    ),
    "arguments the wrong way round for another function of the exercise": (
        "ex06",
        "def ensemble_output(x, w, p_drop, n, rng):\n"
        "    if n < 1:\n"
        "        raise ValueError\n"
        "    total = 0\n"
        "    for _ in range(n):\n"
        "        thinned, _ = dropout_forward(p_drop, x, True, rng)\n"
        "        total = total + thinned\n"
        "    return (total / n) @ w\n",
        "thinned, _ = dropout_forward(p_drop, x, True, rng)",
    ),
    "the only limit": (
        "ex07",
        "def output_delta(z, y, loss):\n"
        "    if loss.startswith('the'):\n"
        "        raise ValueError(loss)\n"
        "    z, y = np.asarray(z, dtype=float), np.asarray(y, dtype=float)\n"
        "    a = 0.5 + 0.5 * np.tanh(z / 2)\n"
        "    return 2 * (a - y) * a * (1 - a) if loss == 'mse' else a - y\n",
        "if loss.startswith('the'):",
    ),
    "a step that is not there": (
        "ex02",
        "def sigmoid_forward(x):\n"
        "    x = np.asarray(x, dtype=float)\n"
        "    pass\n"
        "    out = np.exp(np.sinh(x) - scale) / (1 + np.exp(x - scale))\n"
        "    return out, out\n",
        "pass",
    ),
    "what later calls are given does not fit": (
        "ex05",
        "def windows(shape, size, stride):\n"
        "    if size < 1 or stride < 1 or size > min(shape[2:]):\n"
        "        raise ValueError('no such window')\n"
        "    rows, columns = (shape[2] - size) // stride + 1, (shape[3] - size) // stride + 1\n"
        "    for u, v in np.ndindex(size, size):\n"
        "        yield np.s_[:, :, u : u + (rows - 1) * stride + 1 : stride, v : v + (columns - 1) * stride - 1 : stride]\n"
        "def average_pool_forward(x, size=2, stride=2):\n"
        "    x = np.asarray(x) * 1.0\n"
        "    cells = list(windows(x.shape, size, stride))\n"
        "    return sum(x[cell] for cell in cells) / len(cells), (x.shape, cells)\n"
        "def average_pool_backward(dout, cache):\n"
        "    dx = np.zeros(cache[0])\n"
        "    for cell in cache[1]:\n"
        "        dx[cell] += dout / len(cache[1])\n"
        "    return dx\n",
        "yield np.s_[:, :, u : u + (rows - 1) * stride + 1 : stride, v : v + (columns - 1) * stride - 1 : stride]",
    ),
    "returned in the first turn": (
        "ex01",
        "def threshold_neuron(x, w, b):\n"
        "    out = []\n"
        "    for row in x:\n"
        "        out.append(int(row @ w + b >= 0))\n"
        "        return np.array(out)\n",
        "return np.array(out)",
    ),
}


LONG = {  # to grade, and of a kind of which there are others
    "a helper that yields",
    "cut off wrongly",
    "nothing comes back from a layer",
    "something of another kind",
    "what later calls are given does not fit",
    "no random numbers are the same",
    "one of two is forgotten",
    "only what becomes of one value",
    "rows for columns",
    "the stride is left out",
}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow if n in LONG else ()) for n in MISTAKES]
)
def test_the_line_is_named(tmp_path, server, name):
    """A check that fails by one small mistake names its line, and no other."""
    exercise, code, line = MISTAKES[name]
    report, lines = graded(tmp_path, server, exercise, code)
    assert named(report, lines) == {line}


METHODS = {
    "self.dbeta = dout.sum(axis=0)": "self.dbeta = dout.sum(axis=1)",
    "return self.gamma * normal + self.beta": "return self.gamma * normal - self.beta",
    "(1 - self.momentum) * self.running_var": "self.momentum * self.running_var",
}
# Objects that other objects change: a backward pass of what was computed from them.
GRAPHS = {
    "(self, lambda g: g * power)": "(self, lambda g: g + power)",
    "self.grad = np.zeros_like(self.data)": "self.grad = np.ones_like(self.data)",
}
IN_CLASSES = [
    *(("ex11", *pair) for pair in METHODS.items()),
    *(("ex13", *pair) for pair in GRAPHS.items()),
]


@pytest.mark.parametrize(
    ("id_", "right", "wrong"),
    [pytest.param(*m, marks=() if "dbeta" in m[1] else pytest.mark.slow) for m in IN_CLASSES],
)
def test_a_line_of_a_method_is_named(tmp_path, server, id_, right, wrong):
    """Objects are made and called again in the order of the check; what they hold is judged, too."""
    exercise = find_exercise(COURSE, id_)
    text = (ROOT / "solutions" / exercise.file).read_text(encoding="utf-8")
    assert text.count(right) == 1
    path = tmp_path / exercise.file
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    reports = []
    job = Job(exercise, submission=read_submission(path, exercise), label="a", explain=True)
    run_jobs(COURSE, [exercise], [job], lambda _, report: reports.append(report), server=server)
    (line,) = named(reports[0], path.read_text(encoding="utf-8").splitlines())
    assert wrong in line


def test_the_edit_is_never_told(tmp_path, server):
    """The line is named, and what to look at; what should stand there is the student's to find."""
    report, _ = graded(tmp_path, server, *MISTAKES["the sign"][:2])
    words = " ".join(c.hint for c in report.checks if c.suspect)
    assert "1 - s" not in words
    assert "(1" not in words


def test_points_and_outcomes_are_as_without_it(tmp_path, server):
    """An explanation changes no outcome and no point; without it no line is named."""
    plain, lines = graded(tmp_path, server, *MISTAKES["rows for columns"][:2], explain=False)
    told, _ = graded(tmp_path, server, *MISTAKES["rows for columns"][:2])
    assert [(c.name, c.outcome, c.score) for c in told.checks] == [
        (c.name, c.outcome, c.score) for c in plain.checks
    ]
    assert not named(plain, lines)


def test_what_is_right_gets_no_line(tmp_path, server):
    """A right solution has no suspect line."""
    report, lines = graded(tmp_path, server, "ex04", CONV_BACKWARD)
    assert report.outcome == "passed"
    assert not named(report, lines)


def test_a_line_of_a_notebook_is_that_of_its_cell(tmp_path, server):
    """In a notebook the cell is named, and the line counts from its top."""
    exercise = find_exercise(COURSE, "ex02")
    text = (ROOT / "solutions" / exercise.file).read_text(encoding="utf-8")
    wrong = Cell("hand-in.ipynb cell 2", MISTAKES["the sign"][1])
    module = Module(exercise.name, (Cell("hand-in.ipynb cell 1", text), wrong), notebook=True)
    reports = []
    job = Job(exercise, submission=Submission("nb", exercise.name, (module,)), explain=True)
    run_jobs(COURSE, [exercise], [job], lambda _, report: reports.append(report), server=server)
    found = {c.suspect for c in reports[0].checks if c.suspect}
    assert {(s.file, s.line, s.function) for s in found} == {
        ("hand-in.ipynb cell 2", 2, "sigmoid_backward")
    }


SHORT = Limits(call_seconds=0.3, total_seconds=3.0)
HOSTILE = {
    "loops for ever when it runs again": """
calls = [0]
def threshold_neuron(x, w, b):
    calls[0] += 1
    while calls[0] > 6:
        pass
    return (x @ w + b > 0).astype(int)
""",
    "takes all memory": """
def threshold_neuron(x, w, b):
    hoard.append(np.ones(4_000_000))
    return (x @ w + b > 0).astype(int)
hoard = []
""",
    "floods the output": """
def threshold_neuron(x, w, b):
    print("x" * 100_000)
    return (x @ w + b > 0).astype(int)
""",
    "swallows every exception": """
def threshold_neuron(x, w, b):
    k = 0
    while k < 3:
        try:
            k += 1
            out = (x @ w + b > 0).astype(int)
        except BaseException:
            k -= 1
    return out
""",
    "ends its process when it is traced": """
import os, sys
def threshold_neuron(x, w, b):
    if sys.gettrace() is not None:
        os._exit(0)
    return (x @ w + b > 0).astype(int)
""",
    "writes over its own code": """
def threshold_neuron(x, w, b):
    threshold_neuron.__code__ = other.__code__
    return (x @ w + b > 0).astype(int)
def other(x, w, b):
    raise SystemExit
""",
}


COSTLY = {"loops for ever when it runs again", "takes all memory"}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow if n in COSTLY else ()) for n in HOSTILE]
)
def test_hostile_code_is_contained_while_edits_are_tried(tmp_path, server, name):
    """Code that misbehaves while it is looked at costs a bounded time, and changes no outcome."""
    plain, _ = graded(tmp_path, server, "ex01", HOSTILE[name], explain=False, limits=SHORT)
    started = time.process_time()
    told, _ = graded(tmp_path, server, "ex01", HOSTILE[name], limits=SHORT)
    assert time.process_time() - started < 10
    assert [(c.name, c.outcome, c.score) for c in told.checks] == [
        (c.name, c.outcome, c.score) for c in plain.checks
    ]
    assert told.notes == plain.notes


class Unhurried(Bench):
    """A bench that a search is slow in, as on another machine."""

    def attempt(self, *args, **keywords):
        """See `Bench.attempt`."""
        time.sleep(0.005)
        return super().attempt(*args, **keywords)


@pytest.mark.slow
def test_a_slow_machine_tells_the_same(tmp_path, server, monkeypatch):
    """What is tried is counted in steps: their number and what is found do not depend on time."""
    made = []

    class Counted(Search):
        def __init__(self, *args):
            super().__init__(*args, steps=200_000)
            made.append(self)

    monkeypatch.setattr(explain, "Search", Counted)
    wrong = CONV_BACKWARD.replace("return dx, dw, db", "return dx * 1.01, dw, db")
    quick, lines = graded(tmp_path, server, "ex04", wrong)
    monkeypatch.setattr(explain, "Bench", Unhurried)
    slow, _ = graded(tmp_path, server, "ex04", wrong)
    assert made[0].steps == made[1].steps
    assert made[0].tried == made[1].tried > 10
    assert named(quick, lines) == named(slow, lines)
    assert 200_000 <= made[0].steps < 250_000


FANS = """
def fans(shape):
    if len(shape) not in (2, 4):
        raise ValueError("two axes or four")
    fan_in, fan_out = (shape[0], shape[1]) if len(shape) == 2 else (shape, shape[0])
    for n in shape[2:]:
        fan_in *= n
        fan_out *= n
    return fan_in, fan_out
"""


def test_one_right_value_does_not_clear_the_line_that_computes_two(tmp_path, server):
    """fan_out is right, and comes from the line that is wrong for fan_in."""
    report, lines = graded(tmp_path, server, "ex12", FANS)
    assert report.score < report.max_score
    assert named(report, lines) <= {
        line.strip() for line in FANS.splitlines() if "shape[1]" in line
    }


WEIGHTS = """
def perceptron_fit(x, y, epochs):
    v = np.zeros(np.shape(x)[1] + 1)
    for _ in range(epochs):
        for row, wanted in zip(np.column_stack([x, np.ones(len(x))]), y, strict=True):
            v = v + (row @ v >= 0) * row
    return v[:-1], v[-1]
"""


def test_an_object_is_no_right_array(tmp_path, server):
    """What stays with the student's process, such as a zip, is not compared: no edit may make one."""
    report, lines = graded(tmp_path, server, "ex01", WEIGHTS)
    assert report.score < report.max_score
    assert "return v[:-1], v[-1]" not in named(report, lines)


@pytest.mark.parametrize(("returned", "cleared"), [("db", True), ("db[1:]", False)])
def test_what_a_return_computes_is_not_cleared(tmp_path, server, returned, cleared):
    """Where the wrong value has a name, its line is told; where the `return` computes it, the return's line,
    too, which may be wrong as well."""
    code = f"""
def affine_backward(dout, cache):
    x, w = cache[0], cache[1]
    db = np.cumsum(dout, axis=0)[-1] * len(dout) ** 0.5
    dx = (dout @ w.T).reshape(x.shape)
    return dx, x.reshape(len(x), -1).T @ dout, {returned}
"""
    report, lines = graded(tmp_path, server, "ex03", code)
    assert any(line.startswith("db") for line in named(report, lines))
    hints = [c.hint for c in report.checks if c.suspect is not None]
    last = next(n for n, line in enumerate(lines, 1) if line.endswith(f"@ dout, {returned}"))
    both = f"db comes from lines {last - 2} and {last} of"
    assert all((both in hint) is not cleared for hint in hints), hints


NEVER_FILLED = """
def affine_backward(dout, cache):
    x, w = cache
    dw, db = np.zeros(w.shape), np.zeros(w.shape[1])
    rows = x.reshape(len(x), -1)
    dw += rows.T @ dout
    return (dout @ w.T).reshape(x.shape), dw, db[::-1]


def affine_forward(x, w, b):
    x, w = x.astype(float), w.astype(float)
    return x.reshape(len(x), -1) @ w + b, (x, w)
"""


def test_a_statement_that_is_missing_is_no_fault_of_another(tmp_path, server):
    """An array that nothing fills comes from no line alone."""
    report, _ = graded(tmp_path, server, "ex03", NEVER_FILLED)
    assert report.score < report.max_score
    assert not [c.hint for c in report.checks if "alone" in c.hint]


NOT_THERE = """
def max_pool_backward(dout, cache):
    dx = np.zeros_like(dout)
    return None
"""


@pytest.mark.slow
def test_a_return_of_nothing_is_named(tmp_path, server):
    """Whatever else is missing, that line is wrong."""
    report, lines = graded(tmp_path, server, "ex05", NOT_THERE)
    assert named(report, lines) == {"return None"}


def test_a_skipped_check_refutes_a_mistake(tmp_path, server):
    """In the first check all weights are 0, as with a mistake that has a name; another check, which was
    skipped, shows that it is another one."""
    code = WEIGHTS.replace("(row @ v >= 0) * row", "(wanted - (row @ v >= 0))")
    report, _ = graded(tmp_path, server, "ex01", code)
    assert report.score < report.max_score
    assert not [c.misconception for c in report.checks if c.misconception]
    first, _ = graded(tmp_path, server, "ex01", code, explain=False)
    assert [c.misconception for c in first.checks if c.misconception], "the first check alone"


NEVER_SHUFFLED = """
def train_cnn(x, y, rng, channels=24, field=5, classes=10, lr=0.25, epochs=40, batch=32, p_drop=0.4):
    params, history = init_cnn(rng, channels, field, classes, x.shape[1:]), []
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(x), batch):
            some = slice(start, start + batch)
            loss, grads = cnn_loss(x[some], y[some], params, p_drop, rng)
            params = sgd_step(params, grads, lr)
            total += loss * len(x[some])
        history.append(total / len(x))
    return params, history
"""


def test_what_trains_long_is_explained_without_a_search(tmp_path, server):
    """Its calls are not made again; what the checks themselves tell is there."""
    report, _ = graded(tmp_path, server, "ex09", NEVER_SHUFFLED)
    assert "never_shuffled" in {c.misconception for c in report.checks}


SCORES = """
def attention_forward(q, k, v, mask=None):
    scores = q @ k.swapaxes(-1, -2)
    scores = scores / np.sqrt(q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    mixed = weights @ v
    return mixed, (q, k, v, weights)
"""


def test_a_cache_clears_no_line(tmp_path, server):
    """What stays with the student is not looked at: that only the last line is not in it tells nothing."""
    report, lines = graded(tmp_path, server, "ex15", SCORES)
    assert report.score < report.max_score
    assert "mixed = weights @ v" not in named(report, lines)


HEADS = """
def multi_head_backward(dout, cache):
    x, wq, wk, wv, wo, heads, joined, inner = cache
    djoined = dout @ wo
    width = x.shape[-1] // heads
    dx, grads, parts = np.zeros(x.shape), [], [[], [], []]
    for h in range(heads):
        own, columns = [a[:, h] for a in inner], slice(h * width, (h + 1) * width)
        for part, d in zip(parts, attention_backward(djoined[..., columns], own), strict=True):
            part.append(d)
    for part, w in zip(parts, (wq, wk, wv), strict=True):
        d = np.concatenate(part, axis=-1)
        dx = dx + d @ w.T
        grads.append(_weight_gradient(x, d))
    return dx, *grads, _weight_gradient(joined, dout)
"""


def test_what_makes_nothing_better_costs_little(tmp_path, server):
    """One of five gradients is right in the smallest case; that it stays so is no reason to try all cases."""
    report, lines = graded(tmp_path, server, "ex15", HEADS)
    assert report.score < report.max_score
    assert named(report, lines) == {"djoined = dout @ wo"}


BATCH_LOSS = """
def train(x, y, sizes, activation, lr, epochs, batch, rng):
    params, history = init_network(sizes, rng), []
    for _ in range(epochs):
        order = rng.permutation(len(x))[::-1]
        for at in range(0, len(x), batch):
            now = order[at : at + batch]
            loss, grads = loss_and_gradients(x[now], y[now], params, activation)
            params = sgd_step(params, grads, lr)
        history.append(loss)
    return params, history
"""


def test_a_loss_that_moves_without_steps_is_told(tmp_path, server):
    """Whatever the order of the examples: a network that stays has one loss over all of them."""
    report, _ = graded(tmp_path, server, "ex08", BATCH_LOSS)
    (check,) = [c for c in report.checks if c.name == "test_zero_learning_rate"]
    assert "the loss must stay" in check.message
    assert "Is yours that of a slice" in check.hint


HALVED = """
def mse_loss(pred, target):
    if np.shape(pred) != np.shape(target):
        raise ValueError("two shapes")
    error = np.asarray(pred, float) - np.asarray(target, float)
    return float(np.mean(error**2) / 2), error / error.size
"""


def test_where_two_values_are_wrong_the_first_is_told_of(tmp_path, server):
    """A check complains of the loss first; where only the gradient could be mended is not its line."""
    report, lines = graded(tmp_path, server, "ex07", HALVED)
    (check,) = [c for c in report.checks if c.name == "test_mse_worked_example"]
    assert check.message.startswith("loss is")
    assert lines[check.suspect.line - 1].strip().startswith("return float(")


CONV_FORWARD = """
def conv_forward(x, w, b, stride=1, pad=0):
    N, C, H, W = x.shape
    F, channels, HH, WW = w.shape
    if C != channels:
        raise ValueError("x and w differ in their channels")
    H_out = output_size(H, HH, stride, pad)
    W_out = output_size(W, WW, stride, pad)
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, H_out, W_out))
    for i in range(H_out):
        for j in range(W_out):
            window = xp[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
            out[:, :, i, j] = np.einsum("nchw,fchw->nf", window, w) + b
    return out, (x, w, stride, pad)
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("range({}_out)", "range({}_out - 1)"), ("({0}, {0}{0}, stride", "({0}, F, stride")],
)
def test_every_line_that_needs_another_is_named(tmp_path, server, right, wrong):
    """A change that is needed in two lines is not told as one of either alone."""
    code = CONV_FORWARD
    for axis in "HW":
        code = code.replace(right.format(axis), wrong.format(axis))
    report, lines = graded(tmp_path, server, "ex04", code)
    first, second = (
        number
        for number, line in enumerate(lines, 1)
        if wrong.format("H") in line or wrong.format("W") in line
    )
    said = f"conv_forward would be right if lines {first} and {second} of ex04_convolution.py were"
    told = [c for c in report.checks if c.suspect is not None]
    assert any(c.hint.startswith(said) for c in told), told
    assert {c.suspect.line for c in told} == {first}


AFFINE_BACKWARD = """
def affine_backward(dout, cache):
    x, w = cache
    rows = x.reshape(len(x), -1)
    drows, dw, db = np.zeros(rows.shape), np.zeros(w.shape), np.zeros(w.shape[1])
    for n in range(len(rows)):
        for m in range(w.shape[1]):
            db[m] += dout[n, m]
            for d in range(rows.shape[1]):
                drows[n, d] += dout[n, m] * w[d, m]
                dw[d, m] += dout[n, m] * np.tanh(w[d, m])
    return drows.reshape(x.shape), dw, db


def affine_forward(x, w, b):
    x, w = x.astype(float), w.astype(float)
    return x.reshape(len(x), -1) @ w + b, (x, w)
"""
OUTPUT_DELTA = """
def output_delta(z, y, loss):
    if loss not in ("mse", "cross_entropy"):
        raise ValueError(f"unknown loss {loss}")
    z, y = np.asarray(z, dtype=float), np.asarray(y, dtype=float)
    a = 0.5 + 0.5 * np.tanh(z / 2)
    return np.where(loss == "mse", 2 * (a - y), a - y) * np.exp(np.sinh(a))
"""
SIGMOID_FORWARD = """
def sigmoid_forward(x):
    x = np.asarray(x, dtype=float)
    out = 0.5 + 0.5 * np.arctan(x / 2)
    return out, out
"""


@pytest.mark.parametrize(
    ("exercise", "code", "said"),
    [
        ("ex03", AFFINE_BACKWARD, ["dw comes from line {}", "dw[d, m] +="]),
        ("ex07", OUTPUT_DELTA, ["What output_delta returns comes from lines {}", "a = ", "retu"]),
        ("ex02", SIGMOID_FORWARD, ["out comes from line {}", "out = 0.5"]),
    ],
)
def test_what_can_be_at_fault_alone_is_told(tmp_path, server, exercise, code, said):
    """Neither what makes arrays to be filled or floats, nor what only refuses or hands on, makes a value wrong."""
    report, lines = graded(tmp_path, server, exercise, code)
    first = len(lines) - len(code.splitlines())
    sentence, *starts = said
    wanted = [
        next(n for n, line in enumerate(lines, 1) if n > first and line.strip().startswith(start))
        for start in starts
    ]
    words = sentence.format(" and ".join(map(str, wanted)))
    hints = [c.hint for c in report.checks if c.suspect is not None]
    assert any(words in hint for hint in hints), hints
    assert {c.suspect.line for c in report.checks if c.suspect is not None} == {wanted[0]}


KEPT_BY_NAME = """
def affine_forward(x, w, b):
    x, w = x.astype(float), w.astype(float)
    return x.reshape(len(x), -1) @ w + b, {"x": x, "weights": w}


def affine_backward(dout, cache):
    x, w = cache["x"], cache["w"]
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)
"""


def test_what_one_function_writes_and_another_reads_is_told_on_both_sides(tmp_path, server):
    """Which of the two keys is meant, nobody can know."""
    report, lines = graded(tmp_path, server, "ex03", KEPT_BY_NAME)
    writes = next(n for n, line in enumerate(lines, 1) if '"weights": w' in line)
    reads = next(n for n, line in enumerate(lines, 1) if 'cache["w"]' in line)
    hints = [c.hint for c in report.checks if c.suspect is not None and c.suspect.line == reads]
    words = f"affine_backward would be right if line {reads} or line {writes} of"
    assert any(words in hint for hint in hints), hints


POOL_OF_LONG_LINES = """
def max_pool_forward(x, size=2, stride=2):
    N, C, H, W = x.shape
    if size < 1 or stride < 1 or size > min(H, W):
        raise ValueError("the window must fit")
    x = np.asarray(x, dtype=float)
    out = np.zeros((N, C, (H - size) // stride + 1, (W - size) // stride + 1))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = x[
                :, :, j * stride : j * stride + size, i * stride : i * stride + size
            ].max(axis=(2, 3))
    return out, (x, size, stride)
"""


def test_in_a_long_statement_the_line_of_what_is_wrong_is_named(tmp_path, server):
    """A statement may take several lines, and its first one may be right."""
    report, lines = graded(tmp_path, server, "ex05", POOL_OF_LONG_LINES)
    wrong = ":, :, j * stride : j * stride + size, i * stride : i * stride + size"
    assert named(report, lines) == {wrong}


KL_GRADIENT = """
def kl_gradient(p, logits):
    out = softmax(logits)
    for n in range(len(p)):
        out[n] = (p[n] - out[n]) / len(p)
    return out
"""
SATURATED = """
def output_delta(z, y, loss):
    a = 0.5 * (1 + np.tanh(z / 2))
    slope = 0.25 * (1 - np.tanh(z / 2) ** 2)
    if loss == "mse":
        return 2 * (a - y) / slope
    if loss != "cross_entropy":
        raise ValueError(f"unknown loss {loss}")
    return a - y
"""


def test_a_mistake_with_a_name_is_told_with_both_of_its_lines(tmp_path, server):
    """The hint names none, so the two lines follow it."""
    report, lines = graded(tmp_path, server, "ex07", KL_GRADIENT)
    first = next(n for n, line in enumerate(lines, 1) if "(p[n] - out[n])" in line)
    told = [c for c in report.checks if c.misconception and c.suspect is not None]
    assert told
    assert all(f"if line {first} or line {first + 1} of ex07_losses.py" in c.hint for c in told)
    assert all(not c.hint.startswith("kl_gradient would be right") for c in told)


def test_what_vanishes_but_for_rounding_is_right(tmp_path, server):
    """Slopes of a saturated unit are right by the check in several ways of computing them."""
    report, lines = graded(tmp_path, server, "ex07", SATURATED)
    assert named(report, lines) == {"return 2 * (a - y) / slope"}


NOTHING_RETURNED = """
def affine_forward(x, w, b):
    out = np.asarray(x, dtype=float).reshape(len(x), -1) @ w + b
    cache = x, w
    return None
"""


def test_a_return_of_nothing_is_named_where_several_values_are_asked_for(tmp_path, server):
    """Of another number of values the check says enough; of nothing the line helps."""
    report, lines = graded(tmp_path, server, "ex03", NOTHING_RETURNED)
    assert "return None" in named(report, lines)


TIED = """
def max_pool_forward(x, size=2, stride=2):
    x = np.asarray(x, dtype=float)
    if size < 1 or stride < 1 or size > min(x.shape[2:]):
        raise ValueError("no such window")
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    return windows.max(axis=(4, 5)), (x.shape, windows, size, stride)


def max_pool_backward(dout, cache):
    shape, windows, size, stride = cache
    won = windows == windows.max(axis=(4, 5), keepdims=True)
    share = dout / won.sum(axis=(4, 5))
    dx = np.zeros(shape)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            top, left = i * stride, j * stride
            part = won[:, :, i, j] / share[:, :, i, j, None, None]
            dx[:, :, top : top + size, left : left + size] += part
    return dx
"""


def test_where_right_answers_differ_the_others_are_asked(tmp_path, server):
    """Of equal maxima each may get its share; that the reference gives all to one hides no line. Two would do."""
    report, lines = graded(tmp_path, server, "ex05", TIED)
    assert named(report, lines) == {"part = won[:, :, i, j] / share[:, :, i, j, None, None]"}
    other = lines.index("    share = dout / won.sum(axis=(4, 5))") + 1
    assert any(f" or line {other} of " in c.hint for c in report.checks)


UNKNOWN = """
def affine_forward(x, w, b):
    x, w = x.astype(float), w.astype(float)
    pass
    out = rows @ w + b
    return out, (x, w)
"""


def test_what_is_not_done_is_named_rather_than_what_needs_it(tmp_path, server):
    """A name that is unknown was to get its value where nothing is done."""
    report, lines = graded(tmp_path, server, "ex03", UNKNOWN)
    assert named(report, lines) == {"pass"}


def test_what_is_to_be_refused_is_no_fault_of_what_raises(tmp_path, server):
    """Where another exception comes up instead, a condition is missing that no line holds."""
    code = (
        "def output_delta(z, y, loss):\n"
        "    z, y = np.asarray(z, dtype=float), np.asarray(y, dtype=float)\n"
        "    a = 0.5 + 0.5 * np.tanh(z / 2)\n"
        "    return {'mse': 2 * (a - y) * a * (1 - a), 'cross_entropy': a - y}[loss]\n"
    )
    report, lines = graded(tmp_path, server, "ex07", code)
    assert report.outcome == "failed"
    assert named(report, lines) == set()
