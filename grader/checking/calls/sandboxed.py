"""How a call reaches somebody's code: what is known of it, and the way through the sandbox.

Values go in by copy, come back by copy, and what does not cross stays behind as an `Opaque` handle;
`grader.checking.calls.in_process` keeps the same contract in this process. Nothing here judges.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from grader.checking.calls.exceptions import advice
from grader.errors import CheckEnded, InternalError
from grader.model import Exercise, Outcome, Submission
from grader.sandbox.frames import WireError
from grader.sandbox.launch import Box, BoxEnded, Server
from grader.sandbox.wire import Decoder, Encoder, clean

_EXERCISE_MISSING = re.compile(r"No module named '(ex\d\d_\w+)'")
_DEFINED = re.compile(r"^(?:def|class) (\w+)", re.MULTILINE)

Arguments = tuple[tuple[Any, ...], Mapping[str, Any]]

# What reading an answer raises that is not shaped like one (Infinity is no line number, either).
MALFORMED = (
    LookupError, TypeError, ValueError, ArithmeticError, AttributeError, RecursionError, WireError
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call gave back.

    Attributes:
        value: the returned value; what did not cross is an `Opaque`.
        changed: which arguments the function changed in place, by position (keywords come last).
        drew: whether it drew from a generator that it was given.
        warnings: warnings that it raised, as text.
        shared: which arguments it gave back as they are, or as a view of them, by position.
    """

    value: Any
    changed: tuple[int, ...] = ()
    drew: bool = False
    warnings: tuple[str, ...] = ()
    shared: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a function is defined, and its parameters (None if they cannot be told)."""

    file: str
    line: int
    parameters: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Problem:
    """An exception at loading, in words, and the line it came from."""

    message: str
    where: tuple[str, int] | None


class Code(Protocol):
    """Somebody's functions, callable by name."""

    @property
    def functions(self) -> Mapping[str, Definition]:
        """The functions that are there."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """What else is there that may have been meant to be one of them."""
        ...

    @property
    def problems(self) -> Sequence[Problem]:
        """What went wrong at loading."""
        ...

    def call(
        self, name: str, calls: Sequence[Arguments], keep: Sequence[int], seed: int, seconds: float
    ) -> list[Answer]:
        """Call a function once for each of `calls`; `keep` says which returned values stay there.

        Raises `CheckEnded` if a call does not give back a value in time.
        """
        ...

    def forget(self) -> None:
        """A new check begins: handles given out so far are no longer needed."""
        ...

    def take_output(self) -> str:
        """What was printed since the last time."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class SandboxedCode:
    """A submission in a process of its own; started when first needed, and anew after it ended."""

    def __init__(
        self, server: Server, exercise: Exercise, submission: Submission, settings: dict[str, Any]
    ) -> None:
        self._server = server
        self._exercise = exercise
        self._submission = submission
        self._settings = settings
        self._box: Box | None = None
        self._fresh = True
        self._late: dict[str, int] = {}
        self._loaded = False
        self._unloadable = 0
        self._why: CheckEnded | None = None
        self._left = exercise.limits.total_seconds
        self.starts = 0
        self.messages = 0
        self.functions: dict[str, Definition] = {}
        self.problems: list[Problem] = []
        self.load_output = ""
        self.layers: tuple[str, ...] = ()

    @property
    def names(self) -> Sequence[str]:
        """See `Code.names`; read from the text, which is not run."""
        main = self._submission.modules[0]
        return [name for cell in main.cells for name in _DEFINED.findall(cell.source)]

    def load(self) -> None:
        """Start the process and load the submission, unless it is there already.

        Afterwards `functions`, `problems` and `layers` are known. Raises `CheckEnded` if the
        process ends while it loads; what ended twice, or took too long, is not tried again. Nor is
        anything when the submission's whole time is used up.
        """
        if self._left <= 0:
            raise self._out_of_time("not run")
        if self._box is not None:
            return
        if self._why is not None and self._unloadable >= 2:
            raise CheckEnded(self._why.outcome, self._why.message)
        try:
            self._load()
        except CheckEnded as end:
            self._why = end
            self._unloadable += 2 if end.outcome is Outcome.TIMEOUT else 1
            if not self._loaded and end.outcome is Outcome.TIMEOUT:
                end.message += (
                    ' Training and experiments belong below `if __name__ == "__main__":`, which is '
                    "not run while grading."
                )
            if not self._loaded:
                self.problems = [Problem(end.message, None)]
            raise
        self._loaded = True
        self._unloadable = 0

    def _load(self) -> None:
        self._box = self._server.start(self._settings)
        self.starts += 1
        self.layers = self._box.layers
        modules = [
            [m.name, [[c.label, c.source] for c in m.cells], m.notebook]
            for m in self._submission.modules
        ]
        seconds = 2 * self._exercise.limits.call_seconds
        header, _ = self._exchange(
            {
                "do": "load",
                "modules": modules,
                "main": self._submission.main,
                "functions": list(self._exercise.functions),
                "forbidden": list(self._exercise.forbidden_imports),
                "seed": 0,
                "seconds": seconds,
            },
            b"",
            seconds,
            "loading your file",
        )
        self.load_output = self._box.take_output()
        try:
            self.functions = {
                str(name): Definition(
                    str(label), int(line), None if names is None else tuple(names)
                )
                for name, (label, line, names) in header["functions"].items()
                if name in self._exercise.functions
            }
            self.problems = [
                Problem(*describe(p, notebook=self._submission.modules[0].notebook))
                for p in header["problems"][:20]
            ]
        except MALFORMED:
            raise self._violation() from None

    def call(
        self, name: str, calls: Sequence[Arguments], keep: Sequence[int], seed: int, seconds: float
    ) -> list[Answer]:
        """See `Code.call`. A function that was late twice is not waited for again."""
        if self._late.get(name, 0) >= 2:
            raise CheckEnded(
                Outcome.TIMEOUT,
                f"{name} was stopped for taking too long twice, so it was not run again.",
            )
        self.load()
        encoder = Encoder(_author_only)
        trees = [
            [
                [encoder.encode(a) for a in args],
                [[k, encoder.encode(v)] for k, v in keywords.items()],
            ]
            for args, keywords in calls
        ]
        header, body = self._exchange(
            {
                "do": "call",
                "function": name,
                "calls": trees,
                "keep": list(keep),
                "seed": seed,
                "fresh": self._fresh,
            },
            encoder.body,
            seconds,
            name,
        )
        self._fresh = False
        return self._answers(name, header, body, len(calls))

    def _answers(self, name: str, header: dict[str, Any], body: bytes, count: int) -> list[Answer]:
        decoder = Decoder(body)
        answers: list[Answer] = []
        ended: CheckEnded | None = None
        try:
            results = header["results"]
            for result in results:
                if "error" in result:
                    message, where = describe(result["error"], name)
                    kind = clean(str(result["error"]["type"]))
                    hint = advice(kind, clean(str(result["error"]["message"])).strip())
                    ended = CheckEnded(
                        Outcome.ERROR, message, hint=hint, where=where, exception=kind
                    )
                    continue
                if "unsendable" in result:
                    reason = clean(str(result["unsendable"]))[:200]
                    ended = CheckEnded(Outcome.FAILED, f"{name} returned something {reason}.")
                    continue
                answers.append(
                    Answer(
                        decoder.decode(result["value"]),
                        tuple(int(i) for i, kind in result["changed"] if kind == "changed"),
                        any(kind == "drew" for _, kind in result["changed"]),
                        tuple(clean(str(w))[:200] for w in result["warnings"][:10]),
                        tuple(int(i) for i, kind in result["changed"] if kind == "shared"),
                    )
                )
            if ended is None:
                decoder.finish()
        except MALFORMED:
            raise self._violation() from None
        if len(answers) != count and (ended is None or len(answers) >= count):
            raise self._violation()
        if ended is not None:
            ended.answers = answers
            raise ended
        return answers

    def _exchange(
        self, header: dict[str, Any], body: bytes, seconds: float, doing: str
    ) -> tuple[dict[str, Any], bytes]:
        assert self._box is not None
        box = self._box
        self.messages += 1
        try:
            return box.exchange(header, body, min(seconds, self._left))
        except BoxEnded as end:
            self._output_left = box.take_output()
            self._box = None
            self._fresh = True
            if self._server.was_killed:  # by somebody else: the student has nothing to do with it
                raise InternalError(
                    "the process that starts students' processes was killed from outside, perhaps "
                    "for lack of memory; grade again"
                ) from None
            if end.why == "timeout" and self._left < seconds:
                raise self._out_of_time("stopped") from None
            if end.why == "timeout":
                self._late[doing] = self._late.get(doing, 0) + 1
            raise CheckEnded(Outcome(end.why), f"{doing}: {end.message}") from None
        finally:
            self._left -= box.used

    def _out_of_time(self, what: str) -> CheckEnded:
        seconds = self._exercise.limits.total_seconds
        why = f"your code has used up the {seconds:g} seconds that all checks have together."
        problem = Problem(f"{why[0].upper()}{why[1:]}", None)
        if problem not in self.problems:
            self.problems.append(problem)
        return CheckEnded(Outcome.TIMEOUT, f"{what}: {why}")

    def _violation(self) -> CheckEnded:
        assert self._box is not None
        end = self._box.end("violation")
        self._output_left = self._box.take_output()
        self._box = None
        self._fresh = True
        return CheckEnded(Outcome.VIOLATION, end.message)

    _output_left = ""

    def forget(self) -> None:
        """See `Code.forget`."""
        self._fresh = True

    def take_output(self) -> str:
        """See `Code.take_output`."""
        left, self._output_left = self._output_left, ""
        return left + (self._box.take_output() if self._box is not None else "")

    def close(self) -> None:
        """See `Code.close`."""
        if self._box is not None:
            self._box.close()
            self._box = None
        self._server.end_submission()


def _author_only(value: object) -> int:
    raise TypeError(f"a check passed a {type(value).__name__}, which cannot cross to the student")


def describe(
    error: Mapping[str, Any], name: str = "", *, notebook: bool = False
) -> tuple[str, tuple[str, int] | None]:
    """What a student's exception says, in words, and the line of theirs that raised it."""
    kind, text = clean(str(error["type"])), clean(str(error["message"])).strip()
    frames = [
        (clean(str(label)), int(line), clean(str(function)), clean(str(source)))
        for label, line, function, source in error["frames"][:8]
    ]
    where = (frames[-1][0], frames[-1][1]) if frames else None
    if kind == "NotImplementedError" and name:
        file, _, inner, _ = frames[-1] if frames else ("", 0, name, "")
        of = f" of {file}" if frames and file != frames[0][0] else ""
        return f"{inner if inner.isidentifier() else name}{of} is not written yet.", where
    if missing := _EXERCISE_MISSING.match(text):
        text = f"there is no {missing[1]}.py beside your file, which builds on it"
    if kind == "SystemExit":
        text = "sys.exit() ends the whole program; take it out"
    if kind == "MemoryError" and not text:
        text = "more memory was asked for than a check may use"
    if kind in ("PermissionError", "FileNotFoundError") or text == "can't start new thread":
        text = text.rstrip(".")
        text += "; while grading, files, threads, processes and the network cannot be used"
    if not frames and name and kind == "TypeError" and "argument" in text:
        head = f"{name} was called as the exercise says, but Python answered"
    else:
        head = f"{name} raised" if name else "This raised"
        if not name and not notebook:
            head = "Your file cannot be loaded:"
    lines = [f"{head} {kind}: {text}" if text else f"{head} {kind}."]
    for label, number, function, source in frames:
        inside = f", in {function}" if function and function not in ("<module>", name) else ""
        lines.append(f"  {label}, line {number}{inside}" + (f": {source}" if source else ""))
    if kind == "CellTooLong":
        lines[0] = f"{text}:"
    if kind == "NotImplementedError" and text:
        lines[0] = f"Not written yet: {text}"
    return "\n".join(lines), where
