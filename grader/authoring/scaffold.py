"""Writes a new exercise: all its files, with blanks for the author to fill in.

The files can be loaded as they are, so an unfinished exercise never breaks another one. A blank is a
line with `FILL IN`; `grade verify` lists those that are left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from grader.authoring.scaffold_checks import BLANK, checks_of, pairs_of
from grader.authoring.with_babel import translation
from grader.checking.diagnosis.features import FEATURES_FILE
from grader.course.declarations import parse_class, parse_function
from grader.course.loader import EXERCISE_FOLDER, find_course, find_exercise
from grader.errors import ExerciseError, UsageError
from grader.language import say
from grader.model import Class, Course, Exercise, Function


def scaffold(
    course: Course,
    name: str,
    declarations: Sequence[str] = (),
    classes: Sequence[str] = (),
    members: Sequence[str] = (),
) -> list[Path]:
    """Write the files of a new exercise and return their paths.

    Args:
        course: the course to add it to.
        name: its folder's name, such as `ex16_batchnorm`.
        declarations: its functions, such as `scale_forward = x, s -> out, cache`; without any, and
            without a class, a forward and a backward function named after the exercise.
        classes: its classes with what the constructor takes, such as `Layer = weight, bias`.
        members: what the classes have: methods such as `Layer.forward = x -> out`, and attributes such as
            `Layer.weight` or `Layer.calls: integer`.

    Raises `UsageError` for a name that is wrong or taken, and for declarations that cannot be read.
    """
    if not EXERCISE_FOLDER.fullmatch(name):
        raise UsageError(
            say(
                "{name}: a name looks like ex16_batchnorm: ex, two digits, _, then lower-case "
                "letters, digits and _",
                name=name,
            )
        )
    for other in course.exercises:
        if other.id == name[:4]:
            raise UsageError(
                say(
                    "{name}: the number {number} is taken by {other}",
                    name=name,
                    number=name[2:4],
                    other=other.name,
                )
            )
    if course.solutions is None:
        raise UsageError(
            say(
                "{root}: there is no folder for the solution: course.toml has no `solutions`",
                root=course.root,
            )
        )
    folder, solution = course.root / name, course.solutions / f"{name}.py"
    for path in (folder, solution):
        if path.exists():
            raise UsageError(say("{path}: exists already", path=path))
    if not declarations and not classes:
        declarations = _default_declarations(name[5:])
    functions = [_parse_declaration(text) for text in declarations]
    declared = _parse_classes(classes, members)
    names = [f.name for f in functions] + [one.name for one in declared]
    if twice := [n for n in names if names.count(n) > 1]:
        raise UsageError(say("{twice}: declared twice", twice=twice[0]))
    text, points = checks_of(name, functions, declared)
    texts = {
        folder / "exercise.toml": _description(functions, declared, points),
        folder / "README.md": _handout(name, functions, declared),
        folder / f"test_{name[:4]}.py": text,
        folder / "misconceptions.py": _misconceptions(functions, declared),
        **({folder / FEATURES_FILE: _features(functions)} if functions else {}),
        solution: _solution(functions, declared),
    }
    tags = sorted(p.parent.name for p in course.root.glob("*/messages.po"))
    babel = translation() if tags else None  # before anything is written
    texts |= {folder / tag / "README.md": f"{BLANK}: the handout in {tag}\n" for tag in tags}
    for path, text in texts.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    if babel:
        made = find_exercise(find_course(course.root, course.root), name)
        for tag in tags:
            babel.update_exercise(course, made, tag)
    return list(texts)


def blanks(course: Course, exercise: Exercise) -> Iterator[str]:
    """Every blank that is left in an exercise: file, line, and what belongs there."""
    files = sorted(p for p in exercise.folder.iterdir() if p.suffix in (".toml", ".md", ".py"))
    files += sorted(exercise.folder.glob("*/README.md"))
    if course.solutions is not None:
        files.append(course.solutions / exercise.file)
    for path in files:
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        inner = path.parent.parent == exercise.folder
        shown = f"{path.parent.name}/{path.name}" if inner else path.name
        for number, line in enumerate(lines, start=1):
            if BLANK in line:
                what = line.partition(BLANK)[2].strip(' :"`,)')
                yield f"{shown}, line {number}: {BLANK}: {what or 'this'}"


def _default_declarations(word: str) -> tuple[str, ...]:
    return f"{word}_forward = x -> out, cache", f"{word}_backward = dout, cache -> dx"


def _parse_declaration(text: str) -> Function:
    name, equals, rest = (part.strip() for part in text.partition("="))
    if not equals or not name.isidentifier():
        raise UsageError(
            say("{text}: write a function as `name = parameters -> returned values`", text=text)
        )
    try:
        return parse_function(name, name, rest.strip("\"'"))
    except ExerciseError as error:
        raise UsageError(str(error)) from None


def _parse_classes(classes: Sequence[str], members: Sequence[str]) -> list[Class]:
    """Read classes, and the members that belong to them. Raises `UsageError`."""
    tables: dict[str, dict[str, Any]] = {}
    for text in classes:
        name, _, new = (part.strip() for part in text.partition("="))
        if name in tables:
            raise UsageError(say("{name}: declared twice", name=name))
        tables[name] = {"new": new, "attributes": "", "methods": {}}
    for text in members:
        left, equals, right = (part.strip() for part in text.partition("="))
        name, _, member = left.partition(".")
        if name not in tables or not member:
            raise UsageError(
                say(
                    "{text}: write a method as `Class.name = parameters -> returned values`, an attribute "
                    "as `Class.name`, and name the class with --class",
                    text=text,
                )
            )
        if equals:
            tables[name]["methods"][member] = right
        else:
            tables[name]["attributes"] += f"{', ' * bool(tables[name]['attributes'])}{member}"
    try:
        return [parse_class(name, name, table, list(tables)) for name, table in tables.items()]
    except ExerciseError as error:
        raise UsageError(str(error)) from None


def _values(function: Function) -> str:
    return ", ".join(name for name, _ in function.returns)


# The files


def _declaration(function: Function) -> str:
    """A function or method as `exercise.toml` writes it: `x, w -> out`."""
    arguments = _arguments(function)
    returns = _kinds(function.returns)
    return f"{arguments} -> {returns}".strip() if returns else arguments


def _arguments(function: Function) -> str:
    return ", ".join(p for p in _parameters(function) if p != "self").replace('"', "'")


def _kinds(values: Iterable[tuple[str, str]]) -> str:
    return ", ".join(
        name if kind in ("array", "cache") else f"{name}: {kind}" for name, kind in values
    )


def _description(functions: Sequence[Function], classes: Sequence[Class], points: int) -> str:
    lines = [
        f'title = "{BLANK}: what students call it"',
        f"points = {points}",
        f'covers = ["{BLANK}: one idea of the course that is practised here, in a sentence"]',
    ]
    if functions:
        lines += ["", "[functions]"]
    lines += [f'{function.name} = "{_declaration(function)}"' for function in functions]
    for one in classes:
        lines += [
            "",
            f"[classes.{one.name}]",
            f'new = "{_arguments(one.constructor)}"',
        ]
        if one.attributes:
            lines.append(f'attributes = "{_kinds(one.attributes.items())}"')
        if one.methods:
            lines += ["", f"[classes.{one.name}.methods]"]
        lines += [f'{name} = "{_declaration(method)}"' for name, method in one.methods.items()]
    return "\n".join(lines) + "\n"


def _solution(functions: Sequence[Function], classes: Sequence[Class]) -> str:
    parts = [f'"""{BLANK}: the idea of the exercise in one line."""\n\nimport numpy as np\n']
    for function in functions:
        described = "".join(
            f"    {name}: {BLANK}: what it is, and its shape.\n" for name, _ in function.parameters
        )
        parts.append(
            f"\n\ndef {function.signature}:\n"
            f'    """{BLANK}: what it computes, in one line.\n\n'
            f"{described}\n"
            f"    Returns {function.returned_names}: {BLANK}: shapes and meaning.\n"
            '    """\n'
            "    ### BEGIN SOLUTION\n"
            f"    raise NotImplementedError  # {BLANK}: the reference, clear and vectorised\n"
            "    ### END SOLUTION\n"
        )
    return "".join(parts) + "".join(map(_solution_of_class, classes))


def _solution_of_class(declared: Class) -> str:
    """A class whose constructor and methods are blanks."""
    text = (
        f'\n\nclass {declared.name}:\n    """{BLANK}: what an object is, and its attributes."""\n'
    )
    new = ", ".join(["self", *_parameters(declared.constructor)])
    for head, what in (
        (f"__init__({new})", "what is kept"),
        *(
            (f"{name}({', '.join(_parameters(method))})", "what it does and returns, with shapes")
            for name, method in declared.methods.items()
        ),
    ):
        text += (
            f"\n    def {head}:\n"
            f'        """{BLANK}: {what}."""\n'
            "        ### BEGIN SOLUTION\n"
            f"        raise NotImplementedError  # {BLANK}: the reference\n"
            "        ### END SOLUTION\n"
        )
    return text


def _parameters(function: Function) -> list[str]:
    return [n if d is ... else f"{n}={d!r}" for n, d in function.parameters]


def _handout(name: str, functions: Sequence[Function], classes: Sequence[Class]) -> str:
    rows = "\n".join(
        f"| `{f.signature.replace('(self, ', '(').replace('(self)', '()')}` | "
        f"`{f.returned_names or 'nothing'}` | {BLANK}: the shape of each argument and result |"
        for f in (
            *functions,
            *(f for one in classes for f in (one.constructor, *one.methods.values())),
        )
    )
    return f"""# {name[:4]} · {BLANK}: the title

{BLANK}: what students write in `{name}.py`, in one sentence.

## The idea

{BLANK}: what it is for, for somebody who has never heard of it.

## The mathematics

{BLANK}: the formulas, forward and backward, with the shape of everything in them.

## The functions

| function | returns | shapes |
| --- | --- | --- |
{rows}

## Check it by hand

{BLANK}: two small numbers worked out step by step, the same as in test_worked_example.

## What the checks ask

{BLANK}: what is checked, so that nobody is surprised; also which sizes and extreme values.

## Pitfalls

{BLANK}: the two or three mistakes that nearly everybody makes.
"""


def _features(functions: Sequence[Function]) -> str:
    """What the inputs of the first function can look like: an example to take in use."""
    pairs = pairs_of(functions)
    function = pairs[0].forward if pairs else functions[0]
    then = f'\n#     then="{pairs[0].backward.name}",' if pairs else ""
    required = [name for name, default in function.parameters if default is ...]
    values = ", ".join("grid_values(rng, (n, d))" for _ in required) or "()"
    return f'''"""What the inputs can look like, from the simplest on: one maker for each function.

The parameters of a maker are the features that matter. A wrong function is then told as right for the
defaults, and wrong as soon as one feature is different. Without makers nothing of this is said.
"""

# from grader.checks import grid_values, inputs_of
#
#
# @inputs_of(
#     "{function.name}",{then}
#     vary={{"n": (2, 3), "d": (3,)}},
#     words={{"n": ("there is one example", "there are several examples")}},
# )
# def some_inputs(rng, n=1, d=2):
#     return {values}
'''


def _misconceptions(functions: Sequence[Function], classes: Sequence[Class]) -> str:
    if not functions:
        return _misconception_of_class(classes[0])
    pairs = pairs_of(functions)
    function = pairs[0].backward if pairs else functions[0]
    word = function.name.removesuffix("_backward")
    check = "backward_is_the_gradient_of_forward" if pairs else "values"
    given = ", ".join(name for name, _ in function.parameters)
    return f'''"""Mistakes that people make with it, each a small change on the reference.

{BLANK}: as many as you know; eight is a good number for a small exercise.
"""

from grader.checks import misconception


@misconception(
    hint="{BLANK}: the sentence that a good teacher would say, ending in a question or a pointer.",
    caught_by="test_{word}_{check}",
)
def fill_in_a_name(reference):  # {BLANK}: what the mistake is called
    def {function.signature}:
        {_values(function)} = reference.{function.name}({given})
        return {_values(function)}  # {BLANK}: make the mistake

    return {function.name}
'''


def _misconception_of_class(declared: Class) -> str:
    name = declared.name
    method = next((m for m in declared.methods if not m.startswith("__")), "__init__")
    function = declared.methods.get(method, declared.constructor)
    given = ", ".join(n for n, _ in function.parameters if n != "self")
    head = ", ".join(["self", *(p for p in _parameters(function) if p != "self")])
    return f'''"""Mistakes that people make with it, each a class that differs in one method.

{BLANK}: as many as you know; eight is a good number for a small exercise.
"""

from grader.checks import misconception


@misconception(
    hint="{BLANK}: the sentence that a good teacher would say, ending in a question or a pointer.",
    caught_by="test_{name.lower()}_values",
)
def fill_in_a_name(reference):  # {BLANK}: what the mistake is called
    class {name}(reference.{name}):
        def {method}({head}):
            return super().{method}({given})  # {BLANK}: make the mistake

    return {name}
'''
