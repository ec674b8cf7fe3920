"""Writes a new exercise: all its files, with blanks for the author to fill in.

The files can be loaded as they are, so an unfinished exercise never breaks another one. A blank is a
line with `FILL IN`; `grade verify` lists those that are left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import checks
from grader.checking.diagnosis.features import FEATURES_FILE
from grader.course.declarations import parse_function
from grader.course.loader import EXERCISE_FOLDER
from grader.errors import ExerciseError, UsageError
from grader.model import Course, Exercise, Function

BLANK = "FILL IN"


@dataclass(frozen=True, slots=True)
class Pair:
    """A forward function, and the backward function that returns its gradients."""

    forward: Function
    backward: Function


def scaffold(course: Course, name: str, declarations: Sequence[str] = ()) -> list[Path]:
    """Write the files of a new exercise and return their paths.

    Args:
        course: the course to add it to.
        name: its folder's name, such as `ex11_batchnorm`.
        declarations: its functions, such as `scale_forward = x, s -> out, cache`; without any, a
            forward and a backward function named after the exercise.

    Raises `UsageError` for a name that is wrong or taken, and for declarations that cannot be read.
    """
    if not EXERCISE_FOLDER.fullmatch(name):
        raise UsageError(
            f"{name}: a name looks like ex11_batchnorm: ex, two digits, _, then lower-case letters, digits and _"
        )
    for other in course.exercises:
        if other.id == name[:4]:
            raise UsageError(f"{name}: the number {name[2:4]} is taken by {other.name}")
    if course.solutions is None:
        raise UsageError(
            f"{course.root}: there is no folder for the solution: course.toml has no `solutions`"
        )
    folder, solution = course.root / name, course.solutions / f"{name}.py"
    for path in (folder, solution):
        if path.exists():
            raise UsageError(f"{path}: exists already")
    functions = [
        _parse_declaration(text) for text in declarations or _default_declarations(name[5:])
    ]
    names = [f.name for f in functions]
    if twice := [n for n in names if names.count(n) > 1]:
        raise UsageError(f"{twice[0]}: declared twice")
    text, points = _checks(name, functions)
    texts = {
        folder / "exercise.toml": _description(functions, points),
        folder / "README.md": _handout(name, functions),
        folder / f"test_{name[:4]}.py": text,
        folder / "misconceptions.py": _misconceptions(functions),
        folder / FEATURES_FILE: _features(functions),
        solution: _solution(functions),
    }
    folder.mkdir()
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return list(texts)


def blanks(course: Course, exercise: Exercise) -> Iterator[str]:
    """Every blank that is left in an exercise: file, line, and what belongs there."""
    files = sorted(p for p in exercise.folder.iterdir() if p.suffix in (".toml", ".md", ".py"))
    if course.solutions is not None:
        files.append(course.solutions / exercise.file)
    for path in files:
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        for number, line in enumerate(lines, start=1):
            if BLANK in line:
                what = line.partition(BLANK)[2].strip(' :"`,)')
                yield f"{path.name}, line {number}: {BLANK}: {what or 'this'}"


def _default_declarations(word: str) -> tuple[str, ...]:
    return f"{word}_forward = x -> out, cache", f"{word}_backward = dout, cache -> dx"


def _parse_declaration(text: str) -> Function:
    name, equals, rest = (part.strip() for part in text.partition("="))
    if not equals or not name.isidentifier():
        raise UsageError(f"{text}: write a function as `name = parameters -> returned values`")
    try:
        return parse_function(name, name, rest.strip("\"'"))
    except ExerciseError as error:
        raise UsageError(str(error)) from None


def _pairs(functions: Sequence[Function]) -> list[Pair]:
    """Each `f_forward` that returns an array and a cache, with its `f_backward`."""
    known = {f.name: f for f in functions}
    pairs = []
    for function in functions:
        backward = known.get(re.sub("_forward$", "_backward", function.name))
        kinds = [kind for _, kind in function.returns]
        if backward not in (None, function) and (kinds[0], kinds[-1]) == ("array", "cache"):
            assert backward is not None
            pairs.append(Pair(function, backward))
    return pairs


def _values(function: Function) -> str:
    return ", ".join(name for name, _ in function.returns)


# The files


def _description(functions: Sequence[Function], points: int) -> str:
    lines = [
        f'title = "{BLANK}: what students call it"',
        f"points = {points}",
        f'covers = ["{BLANK}: one idea of the course that is practised here, in a sentence"]',
        "",
        "[functions]",
    ]
    for function in functions:
        arguments = function.signature.partition("(")[2][:-1].replace('"', "'")
        returns = ", ".join(
            name if kind in ("array", "cache") else f"{name}: {kind}"
            for name, kind in function.returns
        )
        lines.append(f'{function.name} = "{arguments} -> {returns}"')
    return "\n".join(lines) + "\n"


def _solution(functions: Sequence[Function]) -> str:
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
    return "".join(parts)


def _handout(name: str, functions: Sequence[Function]) -> str:
    rows = "\n".join(
        f"| `{f.signature}` | `{f.returned_names}` | {BLANK}: the shape of each argument and result |"
        for f in functions
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


def _checks(name: str, functions: Sequence[Function]) -> tuple[str, int]:
    """The file of checks, and their points in total."""
    pairs = _pairs(functions)
    second = [p.backward.name for p in pairs]
    body = f'''

@pytest.mark.points(1)
def test_worked_example(student):
    """The example of the handout, worked by hand."""
    fail("{BLANK}: call student.{functions[0].name} on small numbers, compare with assert_same")
'''
    for function in functions:
        if function.name not in second:
            body += _inputs(function) + _value_checks(function) + _loss_check(function)
    body += "".join(_gradient_checks(pair) for pair in pairs)
    words = sorted(set(re.findall(r"\w+", body)) & set(checks.__all__))
    imported = "".join(f"    {word},\n" for word in words)
    head = (
        f'"""The checks of {name[:4]}: {BLANK}: the title in small letters."""\n\n'
        f"import pytest\n\nfrom grader.checks import (\n{imported})\n"
    )
    return head + body, sum(int(n) for n in re.findall(r"points\((\d+)\)", body))


def _inputs(function: Function) -> str:
    needed = [name for name, default in function.parameters if default is ...]
    lines = "".join(
        f"    {name} = grid_values(rng, {'(n, 3)' if name == needed[0] else '3'})"
        f"  # {BLANK}: the shape, or the number, that {name} is\n"
        for name in needed
    )
    result = f"({needed[0]},)" if len(needed) == 1 else ", ".join(needed) or "()"
    return f'''

def {_stem(function)}_inputs(rng, n=4):
    """Arguments of {function.name}: axes that mean different things have different sizes."""
{lines}    return {result}
'''


def _stem(function: Function) -> str:
    return function.name.removesuffix("_forward")


def _value_checks(function: Function) -> str:
    name, stem = function.name, _stem(function)
    names = [n for n, kind in function.returns if kind != "cache"]
    cut = "" if len(names) == len(function.returns) else f"[:{len(names)}]"
    title = names[0]
    if len(function.returns) > 1:
        cut, title = ("[0]", title) if len(names) == 1 else (cut, f"({', '.join(names)})")
    if function.returns[0][1] != "array":
        return f'''

@pytest.mark.points(2)
def test_{stem}_values(student, reference, rng):
    """{name} returns the right values, for one example and for several."""
    for n in (1, 4):
        given = {stem}_inputs(rng, n)
        got, want = student.{name}(*given), reference.{name}(*given)
        assert_same(got{cut}, want{cut}, name="{title}")
'''
    first = "[0]" if len(function.returns) > 1 else ""
    return f'''

@pytest.mark.points(2)
def test_{stem}_shape(student, reference, rng):
    """{name} answers in the right shape, for one example and for several."""
    for n in (1, 4):
        given = {stem}_inputs(rng, n)
        got, want = student.{name}(*given), reference.{name}(*given)
        assert_shape(got{first}, want{first}.shape, name="{names[0]}")


@pytest.mark.points(2)
@pytest.mark.after("test_{stem}_shape")
def test_{stem}_values(student, reference, rng):
    """{name} returns the right values."""
    given = {stem}_inputs(rng)
    got, want = student.{name}(*given), reference.{name}(*given)
    assert_same(got{cut}, want{cut}, name="{title}")
'''


def _loss_check(function: Function) -> str:
    """The gradient check for a function that returns a loss and its gradients."""
    kinds = [kind for _, kind in function.returns]
    if kinds[0] != "number" or "array" not in kinds[1:]:
        return ""
    stem = _stem(function)
    return f'''

@pytest.mark.points(3)
@pytest.mark.after("test_{stem}_values")
def test_{stem}_gradient(student, rng):
    """The gradient is that of the loss that you return beside it."""
    assert_loss_gradient(student.{function.name}, *{stem}_inputs(rng))
'''


def _gradient_checks(pair: Pair) -> str:
    forward, backward, stem = pair.forward.name, pair.backward.name, _stem(pair.forward)
    outs = ", ".join(n for n, _ in pair.forward.returns)
    first = pair.forward.returns[0][0]
    names = ", ".join(f'"{n}"' for n, _ in pair.backward.returns)
    single = len(pair.backward.returns) == 1
    returned = f"student.{backward}(upstream(rng, {first}.shape), cache)"
    return f'''

@pytest.mark.points(1)
@pytest.mark.after("test_{stem}_shape")
def test_{stem}_gradient_shapes(student, rng):
    """Each gradient has the shape of its argument."""
    given = {stem}_inputs(rng)
    {outs} = student.{forward}(*given)
    names = ({names}{"," if single else ""})
    gradients = {f"({returned},)" if single else returned}
    for name, gradient, argument in zip(names, gradients, given, strict=False):
        assert_shape(gradient, argument.shape, name=name)


@pytest.mark.points(3)
@pytest.mark.after("test_{stem}_gradient_shapes")
def test_{stem}_backward_is_the_gradient_of_forward(student, rng):
    """The backward pass is the gradient of your own forward pass."""
    assert_gradients(student.{forward}, student.{backward}, *{stem}_inputs(rng))


@pytest.mark.points(1)
@pytest.mark.after("test_{stem}_gradient_shapes")
def test_{stem}_arguments_are_left_alone(student, rng):
    """What the functions are given is the same after the call as before it."""
    {outs} = assert_arguments_unchanged(student.{forward}, *{stem}_inputs(rng))
    assert_arguments_unchanged(student.{backward}, upstream(rng, {first}.shape), cache)
'''


def _features(functions: Sequence[Function]) -> str:
    """What the inputs of the first function can look like: an example to take in use."""
    pairs = _pairs(functions)
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


def _misconceptions(functions: Sequence[Function]) -> str:
    pairs = _pairs(functions)
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
