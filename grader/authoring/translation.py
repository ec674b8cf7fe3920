"""What of an exercise is to be translated, and what of it is not translated yet.

An exercise keeps a language in a folder of its own, `ex04_convolution/zh-Hant/`: its handout, and a
catalogue with its titles, hints, misconceptions and reasons, and with the docstrings of its stub. The
framework's own catalogue has what `say` is given, and the help of the command. Needs Babel.
"""

from __future__ import annotations

import ast
import inspect
import io
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from babel.messages.catalog import Catalog
from jinja2.ext import babel_extract

import grader
from grader.authoring.catalogues import (
    NAME,
    Sentence,
    compile_below,
    compiled,
    is_language,
    is_translated,
    read,
    untranslated,
    update,
)
from grader.checking.diagnosis.features import FEATURES_FILE
from grader.checking.diagnosis.reference import MISCONCEPTIONS_FILE
from grader.course.hints import HANDOUT, HINTS_FILE
from grader.course.loader import COURSE_FILE, EXERCISE_FILE, find_course
from grader.course.stub import docstrings, make_stub
from grader.errors import UsageError
from grader.language import FOLDER, say, say_n
from grader.model import Course, Exercise

Files = Mapping[str, str]

# Where an author's sentence stands as it is, and the grader says it: keyword arguments and variables of
# these names, and what these calls are given.
SAID = ("because", "hint", "words", "title", "captions")
CALLS = ("fail", "Text", "Curves", "Pictures")
DEMO_FILE = "demo.py"
SPOKEN = {
    "say": None,
    "later": None,
    "say_n": (1, 2),
    "later_n": (1, 2),
}  # what says something, and which arguments have two forms
CLICK = {"_": None, "ngettext": (1, 2)}
NOT_LITERAL = Sentence("required", "click/core.py")  # which Click says by the key of a table
PACKAGE = Path(grader.__file__).parent

Message = str | tuple[str, str]


def sources(course: Course, exercise: Exercise) -> dict[str, str]:
    """The texts of an exercise that hold sentences for students, by file."""
    paths = [exercise.folder / n for n in (EXERCISE_FILE, HINTS_FILE, FEATURES_FILE, DEMO_FILE)]
    paths += [exercise.folder / MISCONCEPTIONS_FILE, *sorted(exercise.folder.glob("test_*.py"))]
    files = {p.name: p.read_text(encoding="utf-8") for p in paths if p.is_file()}
    if course.solutions is not None:
        solution = course.solutions / exercise.file
        files[exercise.file] = make_stub(solution.read_text(encoding="utf-8"), str(solution))
    return files


def sentences(files: Files) -> Iterator[Sentence]:
    """Everything in an exercise's files that a student may read, once."""
    seen: set[Message] = set()
    for name, text in files.items():
        for message in _of_file(name, text):
            if message and message not in seen:
                seen.add(message)
                yield Sentence(message, name)


def formatted(files: Files) -> Iterator[str]:
    """Where a sentence is an f-string, of which no catalogue can know what it will say."""
    for name, text in files.items():
        if name.endswith(".py"):
            for value in _said(ast.parse(text)):
                if isinstance(value, ast.JoinedStr):
                    yield say(
                        'an f-string in line {line} of {file}; use say("…{{x}}…", x=x)',
                        line=value.lineno,
                        file=name,
                    )


def update_exercise(course: Course, exercise: Exercise, language: str) -> list[str]:
    """Bring an exercise's catalogue up to date; returns the sentences that are left to translate."""
    found = sentences(sources(course, exercise))
    return untranslated(update(exercise.folder / language / NAME, language, found))


def update_course(course: Course, language: str) -> list[str]:
    """Likewise for what the course itself says, its title."""
    found = [Sentence(_title(course.root / COURSE_FILE), COURSE_FILE)]
    return untranslated(update(course.root / language / NAME, language, found))


def update_framework(language: str) -> list[str]:
    """Likewise for the framework: its sentences, the help of its commands, and Click's own."""
    path = FOLDER / language / "LC_MESSAGES" / NAME
    return untranslated(update(path, language, framework_sentences()))


def framework_sentences() -> Iterator[Sentence]:
    """Everything that the framework may say."""
    click_folder = Path(click.__file__).parent
    for root, spoken in ((PACKAGE, SPOKEN), (click_folder, CLICK)):
        for path in sorted([*root.rglob("*.py"), *root.rglob("*.html")]):
            name = path.relative_to(root.parent).as_posix()
            text = path.read_text(encoding="utf-8")
            yield from (Sentence(m, name) for m in _spoken(path.name, text, spoken) if m)
            if path.parent.name == "cli" and path.suffix == ".py":
                yield from (Sentence(m, name) for m in _help(ast.parse(text)))
    yield NOT_LITERAL


def languages(exercise: Exercise) -> list[str]:
    """The languages that an exercise has."""
    return sorted(p.parent.name for p in exercise.folder.glob(f"*/{NAME}"))


def missing(course: Course, exercise: Exercise, language: str) -> list[str]:
    """What of an exercise is not there in a language that it has."""
    folder = exercise.folder / language
    files = sources(course, exercise)
    known = read(folder / NAME, language)
    problems = [say("no {file}", file=HANDOUT)] if not (folder / HANDOUT).is_file() else []
    for message, file in sentences(files):
        one = message if isinstance(message, str) else message[0]
        entry = known.get(one)
        if entry is None or not is_translated(entry):
            problems.append(f"{file}: {one.partition(chr(10))[0]}")
    return problems + list(formatted(files))


def released(course: Course, exercise: Exercise, language: str, public: Files) -> bytes:
    """The compiled catalogue of an exercise, with what students may read: of `public` checks, by file,
    and not of hidden ones."""
    files = {n: t for n, t in sources(course, exercise).items() if not n.startswith("test_")}
    known = read(exercise.folder / language / NAME, language)
    kept = Catalog(known.locale)
    for message, _ in sentences({**files, **public}):
        entry = known.get(message if isinstance(message, str) else message[0])
        if entry is not None and is_translated(entry):
            kept.add(entry.id, entry.string)
    return compiled(kept)


def update_all(course: Course, exercises: Sequence[Exercise], language: str) -> Iterator[str]:
    """Update and compile the catalogues of a course and of these exercises; yields a line for each,
    with how much is left."""
    if not is_language(language):
        raise UsageError(
            say(
                "{tag}: is not the tag of a language, such as fr or zh-Hant",
                tag=language,
            )
        )
    if course.solutions is None:
        raise UsageError(
            say("{path}: a course without solutions cannot be translated", path=course.root)
        )
    yield _left(course.root.name, language, update_course(course, language))
    for exercise in exercises:
        yield _left(exercise.name, language, update_exercise(course, exercise, language))
    compile_below(course.root)


def _left(name: str, language: str, left: Sequence[str]) -> str:
    path = f"{name}/{language}/{NAME}"
    return say_n(
        "{path}: {n} sentence left to translate",
        "{path}: {n} sentences left to translate",
        len(left),
        path=path,
    )


def _of_file(name: str, text: str) -> Iterator[Message]:
    if name == HINTS_FILE:
        for hints in tomllib.loads(text).values():
            yield from hints
    elif name == EXERCISE_FILE:
        table = tomllib.loads(text)
        yield table["title"]
        yield from table.get("covers", [])
    elif name.startswith("test_") or name in (MISCONCEPTIONS_FILE, FEATURES_FILE, DEMO_FILE):
        tree = ast.parse(text)
        yield from _titles(tree)
        yield from _spoken(name, text, SPOKEN)
        yield from _texts(_said(tree))
    else:
        yield from (inspect.cleandoc(d.text) for d in docstrings(text))


def _titles(tree: ast.Module) -> Iterator[str]:
    """The first line of each check's docstring."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield (ast.get_docstring(node) or "").partition("\n")[0]


def _spoken(name: str, text: str, spoken: Mapping[str, Any]) -> Iterator[Message]:
    """What the text of a module or template says."""
    calls = _template_calls(text, spoken) if name.endswith(".html") else _calls(text, spoken)
    for function, texts in calls:
        plural = spoken[function] is not None and len(texts) > 1
        yield from [(texts[0], texts[1])] if plural else texts[:1]


def _calls(text: str, spoken: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """The calls that say something, also those inside of f-strings, with their sentences."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and _name(node) in spoken:
            yield _name(node), list(_texts(iter(node.args)))


def _template_calls(text: str, spoken: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    found: Any = babel_extract(io.BytesIO(text.encode()), list(spoken), (), {})
    for _, function, said, _ in found:
        yield function, [said] if isinstance(said, str) else [t for t in said or () if t]


def _help(tree: ast.Module) -> Iterator[str]:
    """The help of commands and of their options."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in ("help", "epilog"):
            yield from _texts(_strings(node.value))
        elif isinstance(node, ast.FunctionDef) and any(
            isinstance(d, ast.Call) and _name(d) in ("command", "group")
            for d in node.decorator_list
        ):
            yield ast.get_docstring(node) or ""


def _said(tree: ast.Module) -> Iterator[ast.expr]:
    """The strings in what is said as it stands, or by the name of a constant of the file."""
    roots: list[ast.expr] = []
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            roots += [k.value for k in node.keywords if k.arg in SAID]
            roots += node.args if _name(node) in CALLS else []
        elif isinstance(node, ast.Assign):
            names = {t.id for t in node.targets if isinstance(t, ast.Name)}
            roots += [node.value] if names & set(SAID) else []
    for root in roots:
        named = constants.get(root.id) if isinstance(root, ast.Name) else None
        yield from _strings(root if named is None else named)


def _texts(nodes: Iterator[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _strings(node: ast.expr) -> Iterator[ast.expr]:
    """The strings of a value, of its branches and of its parts, but not those in calls."""
    if isinstance(node, ast.Constant | ast.JoinedStr):
        yield node
    elif isinstance(node, ast.IfExp):
        yield from (s for part in (node.body, node.orelse) for s in _strings(part))
    elif isinstance(node, ast.List | ast.Tuple):
        yield from (s for part in node.elts for s in _strings(part))
    elif isinstance(node, ast.Dict):
        yield from (s for part in node.values for s in _strings(part))


def _name(call: ast.Call) -> str:
    function = call.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _title(path: Path) -> str:
    return str(tomllib.loads(path.read_text(encoding="utf-8"))["title"])


if __name__ == "__main__":  # `nox -s translate`, in a clone: the framework and the whole course
    (tag,) = sys.argv[1:]
    course = find_course(PACKAGE.parent)
    print(_left("grader", tag, update_framework(tag)))
    compile_below(FOLDER)
    for line in update_all(course, course.exercises, tag):
        print(line)
