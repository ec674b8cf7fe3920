"""Intake: a file, a folder or a zip becomes a `Submission`, read by value.

Nothing is executed or extracted, and no link is followed. The result holds source text only, so the
rest of the program never sees a path of the student's.
"""

from __future__ import annotations

import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from grader.errors import SubmissionError, UsageError, did_you_mean
from grader.intake.files import MAX_TOTAL, Files, bounded, decode, file_reader
from grader.intake.imports import imported_names, needed_modules
from grader.intake.notebook import notebook_cells, text_cells
from grader.intake.scripts import script_cells
from grader.intake.tree import SUBMISSION, Tree, folder_tree, zip_tree
from grader.language import say, series
from grader.model import Cell, Exercise, Module, Submission

MAX_MODULES = 200
MAX_DEPTH = 5  # of folders and a file in them; deeper lie installed packages, and nobody's homework
SOURCES = (".py", ".ipynb")
CODE_CELL = re.compile(rb"(?m)^```+ *\{(?:code-cell|python)\b")
DOCUMENTS = {
    ".qmd": "quarto convert {}",
    ".md": "jupytext --to ipynb {}",
    ".rmd": "jupytext --to ipynb {}",
}
DEFINED = re.compile(rb'(?m)(?:^|"|\\n)def ')  # in a script, or in the JSON of a notebook
FUNCTION = re.compile(r"^\s*(?:def|class) (\w+)", re.MULTILINE)
TO_WRITE = re.compile(rb"(?<!`)raise NotImplementedError")


def read_submission(path: Path, exercise: Exercise) -> Submission:
    """Read what a student handed in for `exercise`.

    Raises `UsageError` if there is nothing at `path`, `SubmissionError` if it cannot be graded.
    """
    try:
        mode = path.lstat().st_mode
    except OSError:
        reason = say("{path}: no such file or folder", path=path)
        step = _meant(path) or say("; name the file to grade, or the folder that it is in")
        raise UsageError(f"{reason}{step}") from None
    if stat.S_ISLNK(mode):  # one link is fine when the caller names it; links inside are not
        try:
            path = path.resolve(strict=True)
        except (OSError, RuntimeError):  # to nothing, or to itself
            raise UsageError(say("{path} is a broken link", path=path)) from None
        mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        return _from_tree(path.name or str(path), folder_tree(path), exercise)
    if not stat.S_ISREG(mode):
        raise SubmissionError(say("{path}: not a regular file", path=path))
    if path.suffix.lower() == ".zip":
        return _from_zip(path.name, file_reader(path)(), exercise)
    if path.suffix.lower() not in SOURCES:
        _refuse_documents({PurePosixPath(path.name): file_reader(path)})
        raise SubmissionError(
            say(
                "{path}: expected {file}, a notebook (.ipynb), a folder or a .zip",
                path=path,
                file=exercise.file,
            )
        )
    return _build(path.name, PurePosixPath(path.name), _with_siblings(path, exercise), exercise)


def _meant(path: Path) -> str:
    """A file of the same folder that may have been meant."""
    try:
        names = [p.name for p in path.parent.iterdir() if p.suffix in SOURCES or p.is_dir()]
    except OSError:
        return ""
    return did_you_mean(path.name, names)


def prefers_notebook(script: Callable[[], bytes], notebook: Callable[[], bytes]) -> bool:
    """Whether the notebook counts where a script has the same name: the script is an untouched stub,
    and the notebook is not."""

    def written(read: Callable[[], bytes]) -> bool:
        data = read()
        return len(DEFINED.findall(data)) > len(TO_WRITE.findall(data))

    try:
        return not written(script) and written(notebook)
    except SubmissionError:
        return False


def script_or_notebook(folder: Path, name: str) -> Path | None:
    """The file called `name` in a folder that is graded, if there is one."""
    script, notebook = folder / f"{name}.py", folder / f"{name}.ipynb"
    if not script.exists():
        return notebook if notebook.exists() else None
    if notebook.exists() and prefers_notebook(file_reader(script), file_reader(notebook)):
        return notebook
    return script


def _with_siblings(path: Path, exercise: Exercise) -> Files:
    """A file and those beside it that it needs: the student's earlier exercises and, if it has the
    exercise's own name, what it imports. (Under another name it may lie among other people's files.)
    """
    files: Files = {PurePosixPath(path.name): file_reader(path)}
    for name in exercise.requires:
        sibling = script_or_notebook(path.parent, name)
        if sibling is not None and sibling.name != path.name:
            files[PurePosixPath(sibling.name)] = file_reader(sibling)
    for suffix in SOURCES:  # only so that a note can tell of it
        if path.stem == exercise.name and (other := path.with_suffix(suffix)).exists():
            files.setdefault(PurePosixPath(other.name), file_reader(other))
    todo = [PurePosixPath(path.name)] if path.stem == exercise.name else []
    while todo:
        for name in _imported(todo.pop(), files):
            package = path.with_name(name)
            found: Files = {}
            if package.is_dir() and any(package.glob("*.py")):
                inside = folder_tree(package).files
                found = {PurePosixPath(name, p): entry.read for p, entry in inside.items()}
            elif (file := path.with_name(f"{name}.py")).is_file():
                found = {PurePosixPath(file.name): file_reader(file)}
            else:  # in a folder that the file puts on the path, perhaps
                nested = sorted(path.parent.glob(f"*/{name}.py"))
                found = {PurePosixPath(f.parent.name, f.name): file_reader(f) for f in nested}
            new = {inner: read for inner, read in found.items() if inner not in files}
            files |= new
            todo += new
    return files


def _imported(file: PurePosixPath, files: Files) -> set[str]:
    """The modules that a file imports, by the first part of their names."""
    try:
        cells = _module(file, file.stem, files[file]).cells
    except SubmissionError:
        return set()
    names = {name.partition(".")[0] for name in imported_names(c.source for c in cells)}
    return names - sys.stdlib_module_names - {"numpy"}


def submission_from_bytes(
    label: str, contents: Mapping[str, bytes | str], exercise: Exercise
) -> Submission:
    """What a student handed in for `exercise`, from the files of a batch.

    Args:
        label: what to call it.
        contents: by relative path, a file's bytes, or why they cannot be read.
        exercise: the exercise.

    A zip is graded if there is no source beside it, or if it is named after the exercise and no
    source is; a note names what is not graded. Raises `SubmissionError` if it cannot be graded.
    """

    def given(name: PurePosixPath) -> Callable[[], bytes]:
        def read() -> bytes:
            data = contents[str(name)]
            if isinstance(data, str):
                raise SubmissionError(data)
            return bounded(name.name, data)

        return read

    names = [PurePosixPath(n) for n in contents]
    sources = {n: given(n) for n in names if n.suffix.lower() in SOURCES}
    zips = [n for n in names if n.suffix.lower() == ".zip"]
    named = [n for n in (*sources, *zips) if n.name.lower().startswith(exercise.id)]
    candidates = named or ([] if sources else zips)
    if len(candidates) == 1 and (chosen := candidates[0]) in zips:
        submission = _from_zip(chosen.name, given(chosen)(), exercise)
        rest = [n for n in (*sources, *zips) if n != chosen]
    elif not sources:
        _refuse_documents({n: given(n) for n in names})
        held = series(n.name for n in names[:5]) or say("nothing")
        raise SubmissionError(
            say(
                "{label}: no {file} and no notebook (found: {found})",
                label=label,
                file=exercise.file,
                found=held,
            )
        )
    else:
        submission, rest = _from_sources(label, sources, exercise), zips
    notes = tuple(say("{file} was skipped: the exercise was found beside it", file=n) for n in rest)
    return replace(submission, notes=submission.notes + notes)


def _from_sources(label: str, sources: Files, exercise: Exercise) -> Submission:
    if len(sources) == 1:
        (only,) = sources
        other = re.match(r"ex\d\d(?=_|$)", only.stem.lower())
        if other and other[0] != exercise.id:
            raise SubmissionError(_missing(label, exercise, only.name))
        if len(only.parts) == 1:
            return _build(label, only, sources, exercise)
    return _from_files(label, _unwrapped(sources), exercise)


def _from_tree(label: str, tree: Tree, exercise: Exercise) -> Submission:
    if tree.escaping:
        raise SubmissionError(
            say(
                "{label}: the path {path!r} in it leads out of the zip; pack the folder again",
                label=label,
                path=tree.escaping[0],
            )
        )
    sources = {
        path: entry.read
        for path, entry in tree.files.items()
        if path.suffix.lower() in SOURCES and len(path.parts) <= MAX_DEPTH
    }
    if not sources:
        _refuse_documents({path: entry.read for path, entry in tree.files.items()})
    return _from_files(label, _unwrapped(sources), exercise)


def _refuse_documents(files: Files) -> None:
    """Say how to make a notebook of a document with code cells, if there is one."""
    for path, read in files.items():
        advice = DOCUMENTS.get(path.suffix.lower())
        if advice and CODE_CELL.search(read()):
            raise SubmissionError(
                say(
                    "{name}: such a document is not graded; make a notebook of it with `{command}`, and "
                    "hand that in",
                    name=path.name,
                    command=advice.format(path.name),
                )
            )


def _unwrapped(files: Files) -> Files:
    """The files without the folders that only wrap all the others."""
    while files and not any(len(n.parts) == 1 for n in files):
        if len({n.parts[0] for n in files}) > 1:
            break
        files = {PurePosixPath(*n.parts[1:]): read for n, read in files.items()}
    return files


def _from_zip(label: str, data: bytes, exercise: Exercise) -> Submission:
    with zip_tree(label, data, SUBMISSION) as tree:
        return _from_tree(label, tree, exercise)


def _from_files(label: str, files: Files, exercise: Exercise) -> Submission:
    return _build(label, _find_main(label, files, exercise), files, exercise)


def _find_main(label: str, files: Files, exercise: Exercise) -> PurePosixPath:
    """The file with the exercise: the one with its name, with its number, or the only one."""
    tops = [n for n in files if len(n.parts) == 1]
    if exact := _exact(exercise.name, files):
        return exact
    for candidates in (
        [n for n in tops if n.name.lower().startswith((exercise.id, exercise.name))],
        [n for n in files if n.stem.lower() == exercise.name],
        tops if len(files) == 1 else [],
    ):
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            names = series(str(c) for c in candidates[:5])
            raise SubmissionError(
                say(
                    "{label}: several files could be {file}: {names}; keep one",
                    label=label,
                    file=exercise.file,
                    names=names,
                )
            )
    held = series(str(n) for n in list(files)[:5]) or say("no .py and no .ipynb")
    raise SubmissionError(_missing(label, exercise, held))


def _missing(label: str, exercise: Exercise, found: str) -> str:
    return say(
        "{label}: {file} is missing (found: {found})", label=label, file=exercise.file, found=found
    )


def _exact(name: str, files: Files) -> PurePosixPath | None:
    script, notebook = PurePosixPath(f"{name}.py"), PurePosixPath(f"{name}.ipynb")
    if script in files and notebook in files:
        return notebook if prefers_notebook(files[script], files[notebook]) else script
    return next((file for file in (script, notebook) if file in files), None)


def _build(label: str, main: PurePosixPath, files: Files, exercise: Exercise) -> Submission:
    notes = []
    script, notebook = main.with_suffix(".py"), main.with_suffix(".ipynb")
    if script in files and notebook in files:
        notes.append(
            say(
                "both {script} and {notebook} are there; {main} was graded",
                script=script,
                notebook=notebook,
                main=main,
            )
        )
    modules = [_module(main, exercise.name, files[main])]
    notes += _not_run(main, modules[0], files[main], exercise)
    total = 0
    for name, read in files.items():
        module_name = ".".join(name.with_suffix("").parts).removesuffix(".__init__")
        if name == main or module_name == exercise.name:
            continue
        if len(modules) >= MAX_MODULES:
            raise SubmissionError(
                say("{label}: holds more than {most} modules", label=label, most=MAX_MODULES)
            )
        if name.suffix.lower() != ".py" and module_name not in exercise.requires:
            continue  # only a notebook that another exercise asks for is a module
        if module_name in exercise.requires and name != (_exact(module_name, files) or name):
            continue
        try:
            module = _module(name, module_name, read)
        except SubmissionError as error:
            if module_name in exercise.requires:
                raise
            notes.append(say("skipped: {error}", error=error))
            continue
        total += sum(len(c.source) for c in module.cells)
        if total > MAX_TOTAL:
            raise SubmissionError(
                say(
                    "{label}: more than {most} megabytes of source",
                    label=label,
                    most=MAX_TOTAL >> 20,
                )
            )
        modules.append(module)
    needed = needed_modules(modules)
    notes += _absent(modules, exercise)
    return Submission(label, exercise.name, tuple(modules), tuple(notes), needed)


def _absent(modules: Iterable[Module], exercise: Exercise) -> Iterator[str]:
    """A note on earlier exercises that the submission imports and does not hold."""
    held = {module.name for module in modules}
    imported = imported_names(c.source for module in modules for c in module.cells)
    absent = [f"{n}.py" for n in exercise.requires if n in imported and n not in held]
    if absent:
        yield (
            say(
                "not part of the submission: {files}; functions that need them cannot be graded",
                files=series(absent),
            )
        )


def _not_run(
    main: PurePosixPath, module: Module, read: Callable[[], bytes], exercise: Exercise
) -> Iterator[str]:
    """Notes on functions that are only in text cells of a notebook."""

    def without(sources: Iterable[str], names: Iterable[str]) -> list[str]:
        found = {name for source in sources for name in FUNCTION.findall(source)}
        return [name for name in names if name not in found]

    left = without((c.source for c in module.cells), exercise.names)
    if main.suffix.lower() != ".ipynb" or not left:
        return
    still_left = without(text_cells(main.name, read()), left)
    for name in left:
        if name not in still_left:
            yield say(
                "{name} is in a text cell of {file}, which is not run; make it a code cell",
                name=name,
                file=main,
            )


def _module(path: PurePosixPath, name: str, read: Callable[[], bytes]) -> Module:
    data = read()
    if path.suffix.lower() == ".ipynb":
        return Module(name, notebook_cells(path.name, data), notebook=True)
    label = path.name if len(path.parts) == 1 else str(path)
    text = decode(path.name, data)
    if cells := script_cells(label, text):
        return Module(name, cells, notebook=True)
    return Module(name, (Cell(label, text),))
