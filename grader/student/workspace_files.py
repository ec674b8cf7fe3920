"""The files of a workspace before they are written, by path: in a language, as scripts or as notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from grader.course.hints import HANDOUT, HINTS_FILE
from grader.course.loader import COURSE_FILE
from grader.course.stub import translated
from grader.course.stub_notebook import LINK, for_notebooks, outside_code, stub_notebook
from grader.language import SOURCE, language, say, together
from grader.model import Course, Exercise

Files = dict[PurePosixPath, bytes]

EXERCISES = PurePosixPath("exercises")
README = PurePosixPath("README.md")
TRANSLATED = (HANDOUT, "*.svg", "*.png")  # what the folder of a language has for a workspace
MARKER = "This folder is made by `grade release`"


def course_file(course: Course) -> bytes:
    """The workspace's `course.toml`: the course's title, and the language if it is not English."""
    text = f"title = {_toml(course.title)}\n"
    if language() != SOURCE:
        text += f"lang = {_toml(language())}\n"
    return text.encode()


def in_language(files: Files, course: Course) -> Files:
    """The files of an English workspace in the language in use: handouts with their figures, README,
    docstrings."""
    if language() == SOURCE:
        return files
    made = dict(files)
    for exercise in course.exercises:
        script = PurePosixPath(exercise.file)
        if script in made:
            made[script] = translated(made[script].decode()).encode()
    for own in [p for p in made if _is_translated(p)]:
        data = made.pop(own)
        if own.name == HANDOUT:
            data = _moved_up(data.decode()).encode()
        made[own.parents[1] / own.name] = data
    made[EXERCISES / COURSE_FILE] = course_file(course)
    made[README] = readme(course, [e for e in course.exercises if _is_in(e, made)]).encode()
    return made


def as_notebooks(files: Files, course: Course) -> Files:
    """The files with a notebook in the place of each script, and the handout in it."""
    made = dict(files)
    for exercise in course.exercises:
        if not _is_in(exercise, made):
            continue
        handout = EXERCISES / exercise.name / HANDOUT
        text = for_notebooks(exercise, made.get(handout, b"").decode())
        if handout in made:
            made[handout] = text.encode()
        stub = made.pop(PurePosixPath(exercise.file)).decode()
        book = stub_notebook(exercise, stub, text, f"{EXERCISES}/{exercise.name}")
        made[PurePosixPath(f"{exercise.name}.ipynb")] = book
    text = made[README].decode().replace("`ex….py`", "`ex….ipynb`")
    for exercise in course.exercises:
        text = text.replace(exercise.file, f"{exercise.name}.ipynb")
    made[README] = text.encode()
    return made


def readme(course: Course, exercises: Sequence[Exercise]) -> str:
    """The README of a workspace of scripts."""
    rows = "\n".join(
        f"| [{e.id}]({EXERCISES}/{e.name}/{HANDOUT}) | {e.title} | `{e.file}` |" for e in exercises
    )
    first = exercises[0]
    stuck = say("Stuck? `grade hint {exercise}` has hints, one step at a time.", exercise=first.id)
    begin = say(
        "Read an exercise's handout, and fill in its file. This says where to begin, and checks whenever "
        "you save:"
    )
    words = say(
        "`grade {exercise}` checks once, `grade` alone shows how far you are, `grade {exercise} -k NAME` "
        "runs one check, and\n`grade {exercise} --debug` runs your code where `print` and `breakpoint()` work.",
        exercise=first.id,
    )
    columns = say("| exercise | | your file |")
    made = say(
        "This folder is made by `grade release`; your own files are the `ex….py` at its top."
    )
    if MARKER not in made:  # an earlier release is known by it
        made += f"\n\n<!-- {MARKER} -->"
    if (first.folder / HINTS_FILE).is_file():
        words = together(words, stuck)
    return f"""# {course.title}

{begin}

```sh
pip install nn-grader
grade watch
```

{words}

{columns}
|---|---|---|
{rows}

{made}
"""


def _is_in(exercise: Exercise, files: Files) -> bool:
    return PurePosixPath(exercise.file) in files


def _is_translated(path: PurePosixPath) -> bool:
    return any(path.match(f"{language()}/{pattern}") for pattern in TRANSLATED)


def _moved_up(handout: str) -> str:
    """A handout whose links are followed from the folder above; what is beside it moves with it."""
    return outside_code(handout, lambda t: LINK.sub(lambda m: m.group().removeprefix("../"), t))


def _toml(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
