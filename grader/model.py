"""The values that the rooms pass to each other: frozen, plain, and importing nothing of the package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Outcome(StrEnum):
    """How one check ended. There is no default: a check that did not run is never `PASSED`."""

    PASSED = "passed"
    FAILED = "failed"  # the code ran and returned something wrong
    ERROR = "error"  # the student's code raised
    TIMEOUT = "timeout"  # the code was stopped because it took too long
    CRASHED = "crashed"  # the student's process ended
    VIOLATION = "violation"  # the student's process sent the grader something other than an answer
    SKIPPED = "skipped"  # a check that this one depends on did not pass
    UNGRADED = "ungraded"  # the grader's own fault; never a score


@dataclass(frozen=True, slots=True)
class Function:
    """A function that students write, as `exercise.toml` declares it.

    Attributes:
        name: the function's name.
        parameters: `(name, default)` in order; the default is `...` where there is none.
        returns: `(name, kind)` in order; a kind is `array`, `number`, `integer`, `dict`, `list`,
            `any`, `cache` for a value that stays in the student's process, or a declared class. Empty
            if what it returns does not matter.
    """

    name: str
    parameters: tuple[tuple[str, Any], ...]
    returns: tuple[tuple[str, str], ...]

    @property
    def signature(self) -> str:
        """The signature as a student would write it: `conv_forward(x, w, b, stride=1, pad=0)`."""
        words = (n if d is ... else f"{n}={d!r}" for n, d in self.parameters)
        return f"{self.name}({', '.join(words)})"

    @property
    def returned_names(self) -> str:
        """The names of what it returns: `(out, cache)`, or `loss` for a single value."""
        names = ", ".join(name for name, _ in self.returns)
        return f"({names})" if len(self.returns) > 1 else names


@dataclass(frozen=True, slots=True)
class Class:
    """A class that students write, as `exercise.toml` declares it.

    What an object does is a call of a function: `Linear` makes one, `Linear.forward` takes it as the
    first argument, `Linear.weight` reads an attribute and `Linear.weight=` sets it.

    Attributes:
        name: the class's name.
        constructor: what makes an object; it has the class's name.
        methods: the methods and operators by their own names, each with `self` as first parameter.
        attributes: the kinds of attributes that may be read and set, by name.
    """

    name: str
    constructor: Function
    methods: Mapping[str, Function]
    attributes: Mapping[str, str]

    @property
    def functions(self) -> dict[str, Function]:
        """All that can be called, by the names of the calls."""
        named = {f.name: f for f in (self.constructor, *self.methods.values())}
        for attribute, kind in self.attributes.items():
            name = f"{self.name}.{attribute}"
            named[name] = Function(name, (("self", ...),), ((attribute, kind),))
            named[f"{name}="] = Function(f"{name}=", (("self", ...), (attribute, ...)), ())
        return named


@dataclass(frozen=True, slots=True)
class Limits:
    """What one submission may use: seconds for one call, seconds for all calls of all checks together,
    and megabytes of memory."""

    call_seconds: float = 5.0
    total_seconds: float = 50.0
    memory_mb: int = 512


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise, as its folder describes it; read by `course.loader` without running any of its code."""

    id: str  # ex04
    name: str  # ex04_convolution
    title: str
    folder: Path
    points: float
    functions: Mapping[str, Function]
    classes: Mapping[str, Class] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    forbidden_imports: tuple[str, ...] = ()
    limits: Limits = Limits()

    @property
    def callables(self) -> dict[str, Function]:
        """All that checks may call, by the names of the calls: functions, constructors, members."""
        members = (m for one in self.classes.values() for m in one.functions.items())
        return {**self.functions, **dict(members)}

    @property
    def names(self) -> tuple[str, ...]:
        """The functions and classes that students write."""
        return (*self.functions, *self.classes)

    @property
    def attributes(self) -> list[str]:
        """The names of the calls that read an attribute of an object."""
        return [f"{c.name}.{a}" for c in self.classes.values() for a in c.attributes]

    @property
    def file(self) -> str:
        """The file that students submit."""
        return f"{self.name}.py"


@dataclass(frozen=True, slots=True)
class Course:
    """A course: its exercises, and the folder of its solutions (`None` in a workspace).

    `due`, `late` and `rubric` are the tables of these names in `course.toml`; `grader.course.late` and
    `grader.course.rubric` read them. `lang` is the language that it wants, `""` if any.
    """

    title: str
    root: Path
    exercises: tuple[Exercise, ...]
    solutions: Path | None
    salt: str = ""
    require: tuple[str, ...] = ()
    due: Mapping[str, Any] = field(default_factory=dict)
    late: Mapping[str, Any] = field(default_factory=dict)
    rubric: Mapping[str, Any] = field(default_factory=dict)
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """Source code that runs as a unit: a whole `.py` file, or one cell of a notebook.

    Attributes:
        label: what a traceback calls it, such as `ex04_convolution.py` or `hw.ipynb cell 3`.
        source: Python source text.
        isolated: whether its names with a leading underscore are its own, as in marimo.
    """

    label: str
    source: str
    isolated: bool = False


@dataclass(frozen=True, slots=True)
class Module:
    """One importable module of a submission; in a `notebook`, a statement that raises is passed over."""

    name: str
    cells: tuple[Cell, ...]
    notebook: bool = False


@dataclass(frozen=True, slots=True)
class Submission:
    """What a student submitted, read completely: nothing here refers to a file any more.

    `imports` names the modules of the standard library and of NumPy that it seems to import.
    """

    label: str
    main: str
    modules: tuple[Module, ...]
    notes: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()

    @property
    def texts(self) -> dict[str, str]:
        """The source text of each file or cell."""
        return {c.label: c.source for m in self.modules for c in m.cells}

    def module(self, name: str) -> Module | None:
        """The module called `name`, or None."""
        return next((m for m in self.modules if m.name == name), None)


@dataclass(frozen=True, slots=True)
class Picture:
    """A small two-dimensional slice of a wrong value, to look at.

    Attributes:
        title: which slice of which value it is.
        expected, got: rows of numbers, at most 12 by 12.
        wrong: which entries differ, in the same shape.
    """

    title: str
    expected: tuple[tuple[float, ...], ...]
    got: tuple[tuple[float, ...], ...]
    wrong: tuple[tuple[bool, ...], ...]


@dataclass(frozen=True, slots=True)
class Misconception:
    """A known mistake: its name, the hint that a good teacher would give, the check that it always fails
    (`""` if that is not known here), and the functions that are wrong with it."""

    name: str
    hint: str
    caught_by: str = ""
    functions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspect:
    """The line of a submission where a small change would make a wrong answer right.

    Attributes:
        file: the file, or the notebook and its cell.
        line: counted from 1, in that file or cell.
        function: the function that the line is in.
    """

    file: str
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check for one submission.

    Attributes:
        function: the function of the exercise that is wrong by its misconception, or else that it called
            last, if it did not pass.
        unwritten: the function that is still a stub, if that ended the check.
        called: all that it called; not part of what is kept or told.
    """

    name: str
    title: str
    outcome: Outcome
    score: float
    max_score: float
    hidden: bool = False
    message: str = ""
    hint: str = ""
    misconception: str = ""
    output: str = ""
    file: str = ""
    line: int = 0
    picture: Picture | None = None
    duration: float = 0.0
    suspect: Suspect | None = None
    contrast: str = ""
    call: str = ""
    function: str = ""
    unwritten: str = ""
    called: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Guide:
    """Where a student finds help with an exercise: the path of its handout, and the functions that have
    hints."""

    handout: str = ""
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Confinement:
    """Which guarantees hold for the student's process, and by which mechanism. A guarantee is true only
    if it was tried and held.

    Attributes:
        level: T3 to T0, or `none` where no student's process was started.
        mechanism: the names of what enforces them.
    """

    filesystem: bool = False
    network: bool = False
    processes: bool = False
    memory: bool = False
    cpu: bool = False
    disk: bool = False
    output: bool = False
    environment: bool = False
    level: str = "none"
    mechanism: str = "none"


@dataclass(frozen=True, slots=True)
class Report:
    """The report of one submission to one exercise."""

    exercise: str
    title: str
    submission: str
    checks: tuple[CheckResult, ...]
    confinement: Confinement
    grader: str
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    selection: str = ""
    duration: float = 0.0

    @property
    def score(self) -> float:
        """Points earned."""
        return float(sum(c.score for c in self.checks))

    @property
    def max_score(self) -> float:
        """Points that could be earned."""
        return float(sum(c.max_score for c in self.checks))

    @property
    def outcome(self) -> str:
        """`passed` if checks ran and all of them passed; `ungraded` if none ran, or at least one could
        not be graded; else `failed`. Problems cost nothing by themselves: a stray cell of a notebook
        may raise."""
        outcomes = {c.outcome for c in self.checks}
        if not outcomes or Outcome.UNGRADED in outcomes:
            return "ungraded"
        return "passed" if outcomes == {Outcome.PASSED} else "failed"
