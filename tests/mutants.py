"""Mechanical mutants: small mistakes made in every reference by a program, graded like a hand-in.

    python tests/mutants.py ex04              every mutant of one exercise; lists the survivors
    python tests/mutants.py ex04 --sample 40  forty of them
    python tests/mutants.py                   every exercise

A mutant that gets full marks is a survivor. Either a check is missing, or the mutant computes the
same as the reference wherever the handout says what to compute; then `mutants_equivalent.toml` says
why. `test_mutants.py` fails on a survivor that is not argued there.

Each mutant is graded by the exercise's own checks in a second process, which is ended from outside
when a mutant takes too long: many loop for ever.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import functools
import json
import os
import queue
import random
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
EQUIVALENT = Path(__file__).with_name("mutants_equivalent.toml")
LEAST_SECONDS = 20.0

OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
TWINS = [
    ("max", "min"),
    ("maximum", "minimum"),
    ("argmax", "argmin"),
    ("sum", "mean"),
    ("zeros", "ones"),
    ("sqrt", "square"),
    ("rows", "columns"),
    ("height", "width"),
    ("h", "w"),
    ("u", "v"),
    ("i", "j"),
    ("dw", "db"),
    ("w", "b"),
    ("w1", "w2"),
    ("b1", "b2"),
    ("x", "x_new"),
    ("pred", "target"),
    ("p", "q"),
]
TWIN = {a: b for pair in TWINS for a, b in (pair, pair[::-1])}
# What only guards the author (zip's strict) is no part of what a student is asked.
UNASKED_KEYWORDS = {"strict"}

Path_ = tuple[tuple[str, int | None], ...]


@dataclass(frozen=True)
class Mutant:
    """One small mistake.

    Attributes:
        exercise: the exercise's id.
        function: the function of the reference that was changed, private ones included.
        line: text of the changed line.
        mutation: what became of what; `#2` tells the second such place of the line.
        source: the whole module with the mistake.
    """

    exercise: str
    function: str
    line: str
    mutation: str
    source: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What names a mutant for as long as its line stays as it is."""
        return self.exercise, self.function, self.line, self.mutation


# Making mutants


def make_mutants(exercise: str, source: str, *, methods: bool = False) -> list[Mutant]:
    """Every mutant of a module's functions, in the order of the source; no two are the same. With `methods`,
    those of the methods of its classes, too."""
    tree = ast.parse(source)
    lines = source.splitlines()
    parts = [ast.unparse(part) for part in tree.body]
    seen = {"\n".join(parts)}
    times: Counter[tuple[str, str, str]] = Counter()
    mutants = []
    for index, whole, name, function, start in _functions(tree, methods=methods):
        own = {n.arg for n in ast.walk(function) if isinstance(n, ast.arg)}
        own |= {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
        for path, node, old in _sites(function, start):
            for new in _changes(node):
                if isinstance(node, ast.Name) and isinstance(new, ast.Name) and new.id not in own:
                    continue
                changed = ast.fix_missing_locations(_replace(whole, path, new))
                try:
                    part = ast.unparse(changed)
                    compile(part, "mutant", "exec")
                except (SyntaxError, ValueError):
                    continue
                text = "\n".join([*parts[:index], part, *parts[index + 1 :]])
                if text in seen:
                    continue
                seen.add(text)
                line = lines[old - 1].strip()
                mutation = _words(node, new)
                times[name, line, mutation] += 1
                if (count := times[name, line, mutation]) > 1:
                    mutation += f" #{count}"
                mutants.append(Mutant(exercise, name, line, mutation, text))
    return mutants


def _functions(
    tree: ast.Module, *, methods: bool
) -> Iterator[tuple[int, ast.stmt, str, ast.FunctionDef, Path_]]:
    """Each function: which part of the module it is in, that part, its name, itself, and its place there."""
    for index, whole in enumerate(tree.body):
        if isinstance(whole, ast.FunctionDef):
            yield index, whole, whole.name, whole, ()
        elif isinstance(whole, ast.ClassDef) and methods:
            for at, member in enumerate(whole.body):
                if isinstance(member, ast.FunctionDef):
                    yield index, whole, f"{whole.name}.{member.name}", member, (("body", at),)


def _words(old: ast.AST, new: ast.AST) -> str:
    if isinstance(new, ast.Pass):
        return f"{ast.unparse(old).splitlines()[0]} → (nothing)"
    if isinstance(old, ast.stmt):
        return f"{ast.unparse(old).splitlines()[0]} → {ast.unparse(new).splitlines()[0]}"
    return f"{ast.unparse(old)} → {ast.unparse(new)}"


def _sites(node: ast.AST, path: Path_) -> Iterator[tuple[Path_, ast.AST, int]]:
    """Every node that may be changed, its place in the tree, and its line."""
    for name, value in ast.iter_fields(node):
        for index, child in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(child, ast.AST) or isinstance(child, ast.expr_context | ast.operator):
                continue
            where = (*path, (name, index if isinstance(value, list) else None))
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                continue  # the docstring
            if isinstance(child, ast.keyword) and child.arg in UNASKED_KEYWORDS:
                continue
            line = getattr(child, "lineno", None)
            if line is not None:
                yield where, child, line
            if isinstance(child, ast.Raise):
                continue  # what an error says is not graded
            if _is_call_of(child, "result_type"):
                continue  # only the floating-point-ness of its last argument matters: see _call
            yield from _sites(child, where)


def _is_call_of(node: ast.AST, name: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == name
    )


def _replace(tree: Any, path: Path_, new: ast.AST) -> Any:
    """The tree with another node at `path`; what is beside the path is shared, not copied."""
    if not path:
        return new
    (name, index), rest = path[0], path[1:]
    changed = copy.copy(tree)
    child = getattr(tree, name)
    if index is None:
        setattr(changed, name, _replace(child, rest, new))
    else:
        replaced = _replace(child[index], rest, new)
        setattr(changed, name, [*child[:index], replaced, *child[index + 1 :]])
    return changed


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """What a node may turn into."""
    for kind, change in CHANGES.items():
        if isinstance(node, kind):
            yield from change(node)


def _with(node: Any, **fields: Any) -> Any:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _binary(node: ast.BinOp) -> Iterator[ast.AST]:
    if type(node.op) in OPERATORS:  # of bits there are none to exchange
        yield _with(node, op=OPERATORS[type(node.op)]())
    yield node.left
    yield node.right
    if not isinstance(node.op, ast.Add | ast.Mult):
        yield _with(node, left=node.right, right=node.left)


def _unary(node: ast.UnaryOp) -> Iterator[ast.AST]:
    yield node.operand


def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for index, operator in enumerate(node.ops):
        for other in COMPARISONS[type(operator)]:
            yield _with(node, ops=[*node.ops[:index], other(), *node.ops[index + 1 :]])


def _bool(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield _with(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())
    for index in range(len(node.values)):
        rest = node.values[:index] + node.values[index + 1 :]
        yield rest[0] if len(rest) == 1 else _with(node, values=rest)


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)
        if isinstance(node.value, float) and node.value:
            yield ast.Constant(node.value * 0.5)
    elif isinstance(node.value, str):
        yield ast.Constant(node.value + "_")


def _name(node: ast.Name) -> Iterator[ast.AST]:
    if node.id in TWIN and isinstance(node.ctx, ast.Load):
        yield _with(node, id=TWIN[node.id])


def _attribute(node: ast.Attribute) -> Iterator[ast.AST]:
    if node.attr in TWIN:
        yield _with(node, attr=TWIN[node.attr])
    if node.attr == "T":
        yield node.value


def _call(node: ast.Call) -> Iterator[ast.AST]:
    args, words = node.args, node.keywords
    if _is_call_of(node, "result_type"):
        yield _with(node, args=args[:-1])  # whole numbers stay whole
        return
    for index in range(len(args) - 1):
        swapped = [*args[:index], args[index + 1], args[index], *args[index + 2 :]]
        yield _with(node, args=swapped)
    for index in range(len(args)):
        if len(args) + len(words) > 1:
            yield _with(node, args=args[:index] + args[index + 1 :])
    for index, word in enumerate(words):
        if word.arg not in UNASKED_KEYWORDS:
            yield _with(node, keywords=words[:index] + words[index + 1 :])
    if isinstance(node.func, ast.Attribute) and _root(node.func) not in ("np", "rng"):
        yield node.func.value  # a method that is not called
    elif args and not isinstance(args[0], ast.Starred):
        yield args[0]


def _root(node: ast.expr) -> str:
    """The name that a chain of attributes begins with."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _tuple(node: ast.Tuple | ast.List) -> Iterator[ast.AST]:
    for index in range(len(node.elts) - 1):
        a, b = node.elts[index : index + 2]
        yield _with(node, elts=[*node.elts[:index], b, a, *node.elts[index + 2 :]])


def _subscript(node: ast.Subscript) -> Iterator[ast.AST]:
    if isinstance(node.ctx, ast.Load):
        yield node.value


def _slice(node: ast.Slice) -> Iterator[ast.AST]:
    one = ast.Constant(1)
    if node.lower:
        yield _with(node, lower=None)
        yield _with(node, lower=ast.BinOp(node.lower, ast.Add(), one))
    if node.upper:
        yield _with(node, upper=None)
        yield _with(node, upper=ast.BinOp(node.upper, ast.Sub(), one))
    if node.step:
        yield _with(node, step=None)
    if not (node.lower or node.upper or node.step):
        yield _with(node, lower=one)
        yield _with(node, upper=ast.UnaryOp(ast.USub(), one))


def _condition(node: ast.If | ast.IfExp | ast.While) -> Iterator[ast.AST]:
    for test in (ast.UnaryOp(ast.Not(), node.test), ast.Constant(True), ast.Constant(False)):
        yield _with(node, test=test)


def _loop(node: ast.For) -> Iterator[ast.AST]:
    yield _with(node, iter=ast.List([], ast.Load()))
    yield _with(node, body=[*node.body, ast.Break()])


def _augmented(node: ast.AugAssign) -> Iterator[ast.AST]:
    if type(node.op) in OPERATORS:  # of bits there are none to exchange
        yield _with(node, op=OPERATORS[type(node.op)]())
    yield ast.Assign([node.target], node.value, lineno=node.lineno)


def _return(node: ast.Return) -> Iterator[ast.AST]:
    yield _with(node, value=ast.Constant(None))


def _removed(node: ast.stmt) -> Iterator[ast.AST]:
    yield ast.Pass()


CHANGES: dict[Any, Any] = {
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.BoolOp: _bool,
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    (ast.Tuple, ast.List): _tuple,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    (ast.If, ast.IfExp, ast.While): _condition,
    ast.For: _loop,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    (ast.Assign, ast.AugAssign, ast.Expr, ast.Raise, ast.Break, ast.Continue): _removed,
}


@functools.cache
def mutants_of(exercise: str) -> list[Mutant]:
    """Every mutant of the reference of one of the course's exercises."""
    path = next((ROOT / "solutions").glob(f"{exercise}_*.py"))
    return make_mutants(exercise, path.read_text(encoding="utf-8"))


# Grading them


@dataclass(frozen=True)
class Fate:
    """What became of a mutant: `survived`, `killed` (by the check `by`), `stopped` for taking too
    long, or `ungraded`, which is a fault of the check `by`."""

    mutant: Mutant
    outcome: str
    by: str = ""


def grade_mutants(
    exercise: str,
    mutants: Sequence[Mutant],
    *,
    keyword: str = "",
    least_seconds: float = LEAST_SECONDS,
) -> Iterator[Fate]:
    """Grade mutants one after the other, each for at most `least_seconds` and five times what the
    reference takes."""
    reference = next((ROOT / "solutions").glob(f"{exercise}_*.py")).read_text(encoding="utf-8")
    broken = 0
    worker = _Worker(exercise, keyword)
    started = time.monotonic()
    first = worker.grade(reference, 600)
    if first is None or first["outcome"] != "survived":
        worker.end()
        raise RuntimeError(f"{exercise}: the reference itself: {first}")
    seconds = least_seconds + 5 * (time.monotonic() - started)
    try:
        for mutant in mutants:
            verdict = worker.grade(mutant.source, seconds)
            fate = Fate(mutant, "stopped") if verdict is None else Fate(mutant, **verdict)
            if worker.ended or verdict is None:
                worker.end()
                worker = _Worker(exercise, keyword)
            broken = broken + 1 if fate.outcome == "ungraded" else 0
            if broken > 3:
                raise RuntimeError(f"{exercise}: cannot grade: {fate.by}")
            yield fate
    finally:
        worker.end()


class _Worker:
    """The process that grades."""

    def __init__(self, exercise: str, keyword: str) -> None:
        self.ended = False
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `end`
        command = [sys.executable, __file__, exercise, "--worker", "-k", keyword]
        one_thread = {f"{n}_NUM_THREADS": "1" for n in ("OMP", "OPENBLAS", "MKL")}
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            encoding="utf-8",
            env={**os.environ, **one_thread, "PYTHONIOENCODING": "utf-8"},
        )
        self._answers: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put("")

    def grade(self, source: str, seconds: float) -> dict[str, str] | None:
        """The verdict on a module, or None if it took too long."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(source) + "\n")
            self._process.stdin.flush()
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            return None
        except OSError:
            line = ""
        self.ended = not line
        return json.loads(line) if line else {"outcome": "ungraded", "by": self._last_words()}

    def _last_words(self) -> str:
        self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return f"the grader ended: {lines[-1] if lines else 'without a word'}"

    def end(self) -> None:
        """Kill it, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            assert stream is not None
            with contextlib.suppress(OSError):  # what was still to be written is of no interest
                stream.close()


def work(exercise_id: str, keyword: str) -> None:
    """In the worker: grade the modules that arrive on standard input until there are no more."""
    import pytest

    from grader.checking.calls.local_code import LocalCode
    from grader.checking.diagnosis.recognition import Recognition
    from grader.checking.diagnosis.reference import importable
    from grader.checking.run import grading, session
    from grader.course.loader import find_course, find_exercise
    from grader.model import Outcome

    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # a mutant may print; the answers go elsewhere
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    except ImportError:
        pass
    course = find_course(ROOT)
    exercise = find_exercise(course, exercise_id)

    class Quick(grading.Grading):
        """Runs no further check after one that did not pass, and explains nothing."""

        def begin(self, item: pytest.Item) -> None:
            outcomes = self._target.outcomes.values() if self._target else ()
            if any(outcome is not Outcome.PASSED for outcome in outcomes):
                self._run = None
                pytest.skip("an earlier check has found the mutant out")
            super().begin(item)

    session.Grading = Quick  # type: ignore[misc]
    grading.recognise = lambda *_: Recognition()

    def answer(outcome: str, by: str = "") -> None:
        answers.write(json.dumps({"outcome": outcome, "by": by}) + "\n")
        answers.flush()

    def jobs() -> Iterator[session.Job]:
        for line in sys.stdin:
            namespace: dict[str, Any] = {"__name__": exercise.name}
            try:
                with importable(course.solutions or ROOT):
                    exec(compile(json.loads(line), exercise.file, "exec"), namespace)
            except Exception as error:
                answer("killed", f"loading ({type(error).__name__})")
                continue
            yield session.Job(exercise, code=LocalCode(namespace, exercise))

    def report(_: session.Job, graded: Any) -> None:
        bad = [c for c in graded.checks if c.outcome is not Outcome.PASSED]
        if not bad:
            answer("survived" if graded.checks else "ungraded")
        else:
            answer("ungraded" if bad[0].outcome is Outcome.UNGRADED else "killed", bad[0].name)

    session.run_jobs(course, [exercise], jobs(), report, keyword=keyword)


# The survivors that are no mistakes


@dataclass(frozen=True)
class Argument:
    """Why a mutant is equivalent; `sometimes` if that depends on the version of NumPy."""

    why: str
    sometimes: bool


def read_equivalent(path: Path = EQUIVALENT) -> dict[tuple[str, str, str, str], Argument]:
    """The list of mutants that are argued to be equivalent, by the mutant's key."""
    arguments = {}
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["equivalent"]:
        for mutation in entry["mutations"]:
            key = entry["exercise"], entry["function"], entry["line"], mutation
            if key in arguments:
                raise ValueError(f"{path}: argued twice: {key}")
            arguments[key] = Argument(entry["why"], entry.get("sometimes", False))
    return arguments


def complaint(fate: Fate, known: Mapping[tuple[str, str, str, str], Argument]) -> str:
    """What is wrong with a mutant's fate; nothing if it is caught, or survives and is argued."""
    argument = known.get(fate.mutant.key)
    if fate.outcome == "ungraded":
        return f"cannot be graded: {fate.by}"
    if fate.outcome == "survived" and argument is None:
        return "survives, and nobody has argued that it is equivalent"
    if fate.outcome != "survived" and argument is not None and not argument.sometimes:
        return f"is argued to be equivalent, but {fate.by or 'its time'} catches it"
    return ""


def sample(mutants: Sequence[Mutant], count: int, seed: int = 0) -> list[Mutant]:
    """Some of the mutants, always the same ones."""
    if count >= len(mutants):
        return list(mutants)
    chosen = sorted(random.Random(seed).sample(range(len(mutants)), count))
    return [mutants[i] for i in chosen]


def main() -> int:
    """Run by hand; returns 1 if a survivor is not argued to be equivalent."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("exercises", nargs="*", help="ex04 …; all of them if none is given")
    parser.add_argument("--sample", type=int, default=1 << 30, help="grade only so many of each")
    parser.add_argument("--function", help="grade only the mutants of this function")
    parser.add_argument("-k", dest="keyword", default="", help="grade with these checks only")
    parser.add_argument("-v", action="store_true", help="tell the fate of each")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.exercises[0], options.keyword)
        return 0
    known = read_equivalent()
    exercises = options.exercises or sorted(
        p.name[:4] for p in (ROOT / "exercises").glob("ex*") if (p / "exercise.toml").is_file()
    )
    wrong = 0
    for exercise in exercises:
        chosen = [m for m in mutants_of(exercise) if options.function in (None, m.function)]
        started, counts = time.monotonic(), Counter[str]()
        for fate in grade_mutants(
            exercise, sample(chosen, options.sample), keyword=options.keyword
        ):
            mutant, problem = fate.mutant, complaint(fate, known)
            equal = fate.outcome == "survived" and mutant.key in known
            outcome = "equivalent" if equal else fate.outcome
            counts[outcome] += 1
            wrong += bool(problem)
            if problem or options.v:
                print(
                    f"{outcome} {fate.by}\n  {mutant.function}: {mutant.line}\n  {mutant.mutation}"
                )
        total = sum(counts.values())
        figures = ", ".join(f"{counts[o]} {o}" for o in
                            ("killed", "stopped", "equivalent", "survived", "ungraded"))  # fmt: skip
        print(
            f"{exercise}: {total} mutants: {figures}; {time.monotonic() - started:.0f} s",
            flush=True,
        )
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
