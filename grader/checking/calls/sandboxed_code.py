"""A submission in a process of its own: calls go through the sandbox, and answers are read with suspicion.

Nothing here judges whether an answer is right.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from grader.checking.calls.code import (
    Answer,
    Arguments,
    Definition,
    Endless,
    Place,
    Problem,
    stopped,
)
from grader.checking.calls.exceptions import (
    call_error,
    describe_exception,
    sentence_from_inside,
)
from grader.checking.calls.passed import Asked, PassedChecks, Question, digest
from grader.errors import CheckEnded, Interrupted
from grader.language import later, say
from grader.model import Exercise, Outcome, Submission
from grader.sandbox.frames import WireError
from grader.sandbox.launch import Box, BoxEnded, Server
from grader.sandbox.wire import Decoder, Encoder, clean

_DEFINED = re.compile(r"^(?:def|class) (\w+)", re.MULTILINE)

# By what has ended, see `BoxEnded.doubt`.
INTERRUPTED = {
    "server": later(
        "the process that starts students' processes was killed from outside, perhaps because "
        "memory ran out; grade again"
    ),
    "kill": later(
        "a student's process was killed from outside, perhaps because memory ran out; grade again"
    ),
}

# By nobody's fault but the check's own: it asks something else each time.
UNSTEADY = later("a check asked other questions than a moment before; grade again")

GRACE = 0.5  # seconds in which a process may say that its time is up, before it is killed
# What reading an answer of the wrong shape raises (`int(inf)`, for a line number, is an ArithmeticError).
MALFORMED_ANSWER = (
    LookupError, TypeError, ValueError, ArithmeticError, AttributeError, RecursionError, WireError
)  # fmt: skip


class SandboxedCode:
    """A submission in a process of its own, which is started when needed, also after it has ended.

    Attributes:
        excuses: the doubts (see `BoxEnded`) for which an ended process is not held against the
            submission: `Interrupted` is raised, and whoever grades grades again.
        asked: what the check has asked so far; None if its process ended.
        values: see `Code.values`.
        parameters: the names of each function's parameters, by its name.
    """

    epoch = 0

    def __init__(
        self, server: Server, exercise: Exercise, submission: Submission, settings: dict[str, Any]
    ) -> None:
        self._server = server
        self._exercise = exercise
        self._submission = submission
        self._settings = settings
        self._earlier = {
            cell.label
            for module in submission.modules
            if module.name in exercise.requires
            for cell in module.cells
        }
        self._box: Box | None = None
        self._new_check = True
        self._released: list[int] = []
        self._timeouts: dict[str, int] = {}
        self._loaded = False
        self._load_failures = 0
        self._load_failure: CheckEnded | None = None
        self._seconds_left = exercise.limits.total_seconds
        self._again: deque[tuple[Question, tuple[dict[str, Any], bytes] | CheckEnded]] = deque()
        self._forget_check: Callable[[], None] = lambda: None
        self.asked: list[Asked] | None = []
        self.excuses: frozenset[str] = frozenset()
        self.starts = 0
        self.messages = 0
        self.functions: dict[str, Definition] = {}
        self.values: frozenset[str] = frozenset()
        self.parameters: list[tuple[str, tuple[str, ...] | None]] = []
        self.problems: list[Problem] = []
        self.load_output = ""
        self.layers: tuple[str, ...] = ()

    @property
    def names(self) -> Sequence[str]:
        """See `Code.names`; read from the source, which is not run for it."""
        main = self._submission.modules[0]
        return [name for cell in main.cells for name in _DEFINED.findall(cell.source)]

    def load(self) -> None:
        """Start the process and load the submission, unless it is running already.

        Afterwards `functions`, `problems` and `layers` are known. Raises `CheckEnded` if the process
        ends while it loads, or if all of the submission's time is used up. A submission that crashed
        twice, or timed out once, while it loaded is not tried again.
        """
        if self._seconds_left <= 0:
            raise self._out_of_time(stopped=False)
        if self._box is not None:
            return
        if self._load_failure is not None and self._load_failures >= 2:
            raise CheckEnded(self._load_failure.outcome, self._load_failure.message)
        try:
            self._load()
        except CheckEnded as end:
            self._load_failure = end
            self._load_failures += 2 if end.outcome is Outcome.TIMEOUT else 1
            if not self._loaded and end.outcome is Outcome.TIMEOUT:
                advice = say(
                    'Put training and experiments below `if __name__ == "__main__":`; that part is '
                    "not run while grading."
                )
                end.message = f"{end.message} {advice}"
            if not self._loaded:
                self.problems = [Problem(end.message, None)]
            raise
        self._loaded = True
        self._load_failures = 0

    def _load(self) -> None:
        self._box = self._server.start(self._settings, self._submission.imports)
        self.starts += 1
        self.layers = self._box.layers
        modules = [
            [m.name, [[c.label, c.source, c.isolated] for c in m.cells], m.notebook]
            for m in self._submission.modules
        ]
        seconds = 2 * self._exercise.limits.call_seconds
        header, _ = self._exchange(
            {
                "do": "load",
                "modules": modules,
                "main": self._submission.main,
                "functions": [n for n in self._exercise.callables if not n.endswith("=")],
                "attributes": self._exercise.attributes,
                "forbidden": list(self._exercise.forbidden_imports),
                "absent": [n for n in self._exercise.requires if not self._submission.module(n)],
                "seed": 0,
                "seconds": seconds,
            },
            b"",
            seconds,
            "",
        )
        self.load_output = self._box.take_output()
        try:
            self.functions = {
                str(name): Definition(
                    str(label), int(line), None if names is None else tuple(names)
                )
                for name, (label, line, names) in header["functions"].items()
                if name in self._exercise.callables
            }
            self.values = frozenset(n for n in self._exercise.names if n in header["values"])
            self.parameters = sorted((name, d.parameters) for name, d in self.functions.items())
            self.problems = [
                Problem(*describe_exception(p, notebook=self._submission.modules[0].notebook))
                for p in header["problems"][:20]
            ]
        except MALFORMED_ANSWER:
            raise self._violation() from None

    @property
    def seconds_left(self) -> float:
        """How long it may compute yet."""
        return self._seconds_left

    def call(
        self,
        name: str,
        calls: Sequence[Arguments],
        keep: Sequence[int],
        seed: int,
        seconds: float,
        watch: Sequence[str] = (),
    ) -> list[Answer]:
        """See `Code.call`. A function that timed out twice is not called again."""
        if not self._again:
            if self._timeouts.get(name, 0) >= 2:
                raise CheckEnded(
                    Outcome.TIMEOUT,
                    say("{name} took too long twice, so it was not run again.", name=name),
                )
            self.load()
        allowed = min(seconds, self._seconds_left)
        encoder = Encoder(_reject_unencodable)
        trees = [
            [
                [encoder.encode(a) for a in args],
                [[k, encoder.encode(v)] for k, v in keywords.items()],
            ]
            for args, keywords in calls
        ]
        question = Question(
            {
                "do": "call",
                "function": name,
                "calls": trees,
                "keep": list(keep),
                "seed": seed,
                "watch": list(watch),
                "fresh": self._new_check,
                "release": self._released,
                "seconds": allowed,
            },
            encoder.body,
            seconds,
            name,
        )
        header, body = self._answer(question)
        used = self._box.used if self._box is not None else 0.0
        self._new_check = False
        self._released = []
        results = header.get("results")
        last = results[-1] if isinstance(results, list) and results else None
        if isinstance(last, dict) and "late" in last:
            raise self._late(name, last, seconds, whole=allowed < seconds)
        return self._answers(name, header, body, len(calls), used / len(calls))

    def _answers(
        self, name: str, header: dict[str, Any], body: bytes, count: int, seconds: float
    ) -> list[Answer]:
        decoder = Decoder(body)
        answers: list[Answer] = []
        ended: CheckEnded | None = None
        try:
            results = header["results"]
            for result in results:
                if "error" in result:
                    ended = call_error(result["error"], name, self._earlier)
                    continue
                if "unsendable" in result:
                    words = sentence_from_inside(result["unsendable"], function=name)
                    ended = CheckEnded(Outcome.FAILED, words)
                    continue
                answers.append(
                    Answer(
                        decoder.decode(result["value"]),
                        tuple(int(i) for i, kind in result["changed"] if kind == "changed"),
                        any(kind == "drew" for _, kind in result["changed"]),
                        tuple(clean(str(w))[:200] for w in result["warnings"][:10]),
                        tuple(int(i) for i, kind in result["changed"] if kind == "shared"),
                        any(kind == "overwrote" for _, kind in result["changed"]),
                        any(kind == "reached back" for _, kind in result["changed"]),
                        tuple(_watched(note) for note in result.get("watched", ())[:1000]),
                        _places(result.get("spent", ())),
                        seconds,
                    )
                )
            if ended is None:
                decoder.finish()
        except MALFORMED_ANSWER:
            raise self._violation() from None
        if len(answers) != count and (ended is None or len(answers) >= count):
            raise self._violation()
        if ended is not None:
            ended.answers = answers
            if (
                ended.exception == "MemoryError"
            ):  # what fills the memory must not fail the next check
                self._close_box()
            raise ended
        return answers

    def ask_again(self, passed: PassedChecks, start: bytes) -> tuple[Any, ...] | None:
        """Ask what a check asked that passed with another submission.

        Returns what it logged, if every answer is the same; else None, and the check, which runs then, is
        given the answers that came so far.
        """
        self._forget_check = lambda: passed.forget(start)
        key = start
        while isinstance(known := passed.after(key), Question):
            late = self._timeouts.get(known.function, 0) >= 2 or self._seconds_left < known.seconds
            if late or self._box is None:
                break
            try:
                answer = self._exchange(
                    dict(known.header), known.body, known.seconds, known.function
                )
            except CheckEnded as end:
                self._again.append((known, end))
                break
            self._again.append((known, answer))
            key = passed.following(key, digest(*answer))
        if isinstance(known, tuple):
            self._again.clear()
            self._new_check = False
            return known
        self._new_check = True
        return None

    def _answer(self, question: Question) -> tuple[dict[str, Any], bytes]:
        """The answer to a question, unless it is there already."""
        if not self._again:
            answer = self._exchange(
                question.header, question.body, question.seconds, question.function
            )
        else:
            known, was = self._again.popleft()
            if not known.same(question):
                self._forget_check()
                raise Interrupted(say(UNSTEADY), "check")
            if isinstance(was, CheckEnded):
                raise was
            answer = was
        if self.asked is not None:
            self.asked.append(Asked(question, digest(*answer), len(answer[1])))
        return answer

    def _exchange(
        self, header: dict[str, Any], body: bytes, seconds: float, function: str
    ) -> tuple[dict[str, Any], bytes]:
        """Send a request and wait for its answer; without a `function` it is that to load the file."""
        assert self._box is not None
        box = self._box
        self.messages += 1
        try:
            grace = GRACE if "seconds" in header else 0.0
            return box.exchange(header, body, min(seconds, self._seconds_left), grace)
        except BoxEnded as end:
            self._leftover_output = box.take_output()
            self._forget_box()
            if end.doubt in self.excuses or (end.doubt == "server" and self._server.was_killed):
                raise Interrupted(say(INTERRUPTED[end.doubt]), end.doubt) from None
            if end.why == "timeout" and self._seconds_left < seconds:
                raise self._out_of_time(stopped=True) from None
            if end.why == "timeout":
                self._timeouts[function] = self._timeouts.get(function, 0) + 1
            message = say(
                "{what}: {happened}",
                what=function or say("loading your file"),
                happened=end.message,
            )
            raise CheckEnded(Outcome(end.why), message) from None
        finally:
            self._seconds_left -= box.used

    def _late(self, name: str, result: Any, seconds: float, *, whole: bool) -> CheckEnded:
        """How a check ends in which a call computed for too long and said so itself.

        Args:
            name: the function.
            result: the answer of that call.
            seconds: how long it may compute.
            whole: whether the time for all checks was over before.
        """
        assert self._box is not None
        self._box.end("timeout")
        self._leftover_output = self._box.take_output()
        self._forget_box()
        try:
            places, endless = _places(result.get("spent", ())), _endless(result.get("endless"))
        except MALFORMED_ANSWER:
            places, endless = (), None
        if whole:
            return self._out_of_time(stopped=True)
        self._timeouts[name] = self._timeouts.get(name, 0) + 1
        return CheckEnded(
            Outcome.TIMEOUT,
            stopped(name, seconds, places, endless),
            where=next(((at.file, at.line) for at in (endless, *places) if at), None),
        )

    def _out_of_time(self, *, stopped: bool) -> CheckEnded:
        seconds = self._exercise.limits.total_seconds
        problem = Problem(
            say("Your code has used up the {seconds:g} seconds for all checks.", seconds=seconds),
            None,
        )
        if problem not in self.problems:
            self.problems.append(problem)
        if stopped:
            message = later(
                "stopped: your code has used up the {seconds:g} seconds for all checks."
            )
        else:
            message = later(
                "not run: your code has used up the {seconds:g} seconds for all checks."
            )
        return CheckEnded(Outcome.TIMEOUT, say(message, seconds=seconds))

    def _violation(self) -> CheckEnded:
        assert self._box is not None
        end = self._box.end("violation")
        self._leftover_output = self._box.take_output()
        self._forget_box()
        return CheckEnded(Outcome.VIOLATION, end.message)

    _leftover_output = ""

    def release(self, handle: int) -> None:
        """See `Code.release`; it is told with the next call."""
        self._released.append(handle)

    def begin_check(self) -> None:
        """See `Code.begin_check`."""
        self._new_check = True
        self._released = []
        self._again.clear()
        self.asked = []
        self.epoch += 1

    def _forget_box(self) -> None:
        """The process has ended, and with it all objects that it held."""
        self._box = None
        self._new_check = True
        self._released = []
        self.asked = None
        self.epoch += 1

    def take_output(self) -> str:
        """See `Code.take_output`."""
        left, self._leftover_output = self._leftover_output, ""
        return left + (self._box.take_output() if self._box is not None else "")

    def _close_box(self) -> None:
        """End the process, if there is one; the next call starts another."""
        if self._box is not None:
            self._box.close()
            self._leftover_output += self._box.take_output()
            self._forget_box()

    def close(self) -> None:
        """See `Code.close`."""
        self._close_box()
        self._server.end_submission()


def _places(notes: Any) -> tuple[Place, ...]:
    """Where the time went, as it came: names, numbers, and nothing else."""
    return tuple(
        Place(
            clean(str(name))[:100],
            clean(str(file))[:200],
            int(line),
            min(1.0, max(0.0, float(share))),
        )
        for name, file, line, share in notes[:3]
    )


def _endless(note: Any) -> Endless | None:
    """The loop that cannot end, as it came: names, a number, and nothing else."""
    if not note:
        return None
    file, line, names = note
    return Endless(
        clean(str(file))[:200], int(line), tuple(clean(str(n))[:100] for n in names[:10])
    )


def _watched(note: Any) -> tuple[str, dict[str, Any]]:
    """A watched call as it came: its numbers, and nothing else."""
    name, numbers = note
    return clean(str(name)), {
        clean(str(k)): v
        for k, v in dict(numbers).items()
        if isinstance(v, int | float)
        or (isinstance(v, list) and all(isinstance(p, int | float) for p in v))
    }


def _reject_unencodable(value: object) -> int:
    raise TypeError(
        say(
            "a check passed a {type}, which cannot be sent to the student's process",
            type=type(value).__name__,
        )
    )
