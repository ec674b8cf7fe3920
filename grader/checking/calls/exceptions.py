"""What a student reads about an exception: what was raised, where, and what to look at."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from grader.checking.calls.advice import about_values, advice
from grader.errors import CheckEnded
from grader.language import later, say, together
from grader.model import Outcome
from grader.sandbox.sentences import SENTENCES
from grader.sandbox.wire import clean

_EXERCISE_MISSING = re.compile(r"No module named '(ex\d\d_\w+)'")
# What Python and NumPy raise where a call is not given what it takes: the line of the call is wrong.
WRONG_CALL = re.compile(
    r"TypeError: .*(?:missing \d* ?required|positional arguments? but|unexpected keyword"
    r"|multiple values for|expected (?:at least )?\d+ arguments?, got"
    r"|takes at least \d+ positional arguments? \(|each subscript must be)"
    r"|ValueError: (?:either both or neither|more operands provided to einstein|invalid subscript '.*einstein"
    r"|must (?:specify|provide) .*(?:einstein|subscripts))"
    r"|AttributeError: module '\w+' has no attribute"
)


# Advice on what the line itself does wrong, whatever came before.
OF_THE_LINE = {
    "unknown_name",
    "truth_value",
    "array_for_integer",
    "shape_in_pieces",
    "boolean_minus",
    "function_entry",
    "generator_seed",
}


def call_error(error: Mapping[str, Any], name: str, earlier: Collection[str] = ()) -> CheckEnded:
    """What ends a check in which the function `name` raised, as the student's process describes it.

    Args:
        error: what was raised.
        name: the function that was called.
        earlier: the files of earlier exercises, which the submission imports.
    """
    message, where = describe_exception(error, name)
    kind, text = clean(str(error["type"])), clean(str(error["message"])).strip()
    bases = tuple(clean(str(base)) for base in error["bases"][:20])
    line = clean(str(error["frames"][:8][-1][3])) if error["frames"] else ""
    hint, key = advice(kind, text, line)
    known = about_values(key, line, error.get("values", ()))
    hint = known or hint
    if inside := _inside_earlier(error, earlier):
        hint = together(hint, inside) if known or key.split(" ")[0] in OF_SHAPES else inside
    return CheckEnded(
        Outcome.ERROR,
        message,
        hint=hint,
        where=where,
        exception=kind,
        advice=key,
        bases=bases,
        unwritten=_raising(error, name)
        if kind == "NotImplementedError" and not _left(error)
        else "",
        wrong_call=bool(error["frames"])
        and (WRONG_CALL.match(f"{kind}: {text}") is not None or key.split(" ")[0] in OF_THE_LINE),
    )


# Advice that helps also where the line itself is right: it names the shapes.
OF_SHAPES = {"matmul", "dot", "broadcast", "assigned_shape", "reshape"}
GIVEN_TO_EARLIER = later(
    "It came up in {function} of an earlier exercise, which line {line} of {file} calls. Print what you give it "
    "there: is it what {function} takes?"
)


def _inside_earlier(error: Mapping[str, Any], earlier: Collection[str]) -> str:
    """The sentence on an exception that came up in a function of an earlier exercise; empty elsewhere."""
    frames = [(clean(str(f)), int(n), clean(str(name))) for f, n, name, _ in error["frames"][:8]]
    if not frames or frames[-1][0] not in earlier or frames[0][0] in earlier:
        return ""
    at = next(index for index, frame in enumerate(frames) if frame[0] in earlier)
    file, line, _ = frames[at - 1]
    return say(GIVEN_TO_EARLIER, function=frames[at][2], line=line, file=file)


# Where code stands beside a `raise NotImplementedError`, and what to say of it.
LEFTOVERS = {
    "below": later(
        "{function} ends at line {line} of {file}, which raises NotImplementedError: the code below it "
        "never runs. Delete that line."
    ),
    "above": later(
        "{function} runs as far as line {line} of {file}, which raises NotImplementedError. If the code "
        "above it is complete, delete that line; what is left to write takes its place."
    ),
    "branch": later(
        "{function} reached line {line} of {file}, which raises NotImplementedError: this branch is not "
        "written yet."
    ),
}


def _left(error: Mapping[str, Any]) -> str:
    """The sentence on a `raise NotImplementedError` that was left beside code; empty for a stub."""
    return LEFTOVERS.get(str(error.get("leftover", "")), "") if error["frames"] else ""


def _raising(error: Mapping[str, Any], name: str) -> str:
    """The function that raised: `name`, or one of the submission that it called. A method goes by the name
    of its class, too."""
    inner = clean(str(error["frames"][:8][-1][2])) if error["frames"] else name
    if inner == name.rpartition(".")[2] or not inner.isidentifier():
        return name
    return f"{name}.{inner}" if inner == "__init__" else inner


def _unfinished(error: Mapping[str, Any], name: str) -> str:
    """The message for a function that raises `NotImplementedError`."""
    function, frames = _raising(error, name), error["frames"][:8]
    if not frames:
        return say("{function} is not written yet.", function=function)
    file, line = clean(str(frames[-1][0])), int(frames[-1][1])
    if sentence := _left(error):
        return say(sentence, function=function, line=line, file=file)
    if file == clean(str(frames[0][0])):
        return say("{function} is not written yet.", function=function)
    return say("{function} of {file} is not written yet.", function=function, file=file)


class _Frame(NamedTuple):
    """A line of the submission that an exception passed."""

    file: str
    line: int
    function: str
    code: str

    def words(self, called: str) -> str:
        """Where it is; its function is named unless it is the one that was `called`."""
        known = self._replace(function="") if self.function in ("<module>", called) else self
        return say(PLACES[bool(known.function), bool(known.code)], **known._asdict())


PLACES = {
    (False, False): later("{file}, line {line}"),
    (False, True): later("{file}, line {line}: {code}"),
    (True, False): later("{file}, line {line}, in {function}"),
    (True, True): later("{file}, line {line}, in {function}: {code}"),
}


def describe_exception(
    error: Mapping[str, Any], name: str = "", *, notebook: bool = False
) -> tuple[str, tuple[str, int] | None]:
    """The message for a student's exception, and the file and line of theirs that raised it."""
    kind = clean(str(error["type"]))
    frames = [
        _Frame(clean(str(label)), int(line), clean(str(function)), clean(str(source)))
        for label, line, function, source in error["frames"][:8]
    ]
    where = (frames[-1].file, frames[-1].line) if frames else None
    if kind == "NotImplementedError" and name:
        return _unfinished(error, name), where
    text = _reason(error)
    if kind in ("CellTooLong", "CellSetAside"):
        head = say("{text}:", text=text) if frames else say("{text}.", text=text)
    elif kind == "NotImplementedError" and text:
        head = say("Not written yet: {text}", text=text)
    else:
        declared = bool(name) and not frames and kind == "TypeError" and "argument" in text
        template = _heading(name, text, declared=declared, notebook=notebook)
        head = say(template, name=name, kind=kind, text=text)
    return "\n".join([head, *(f"  {frame.words(name)}" for frame in frames)]), where


def _heading(name: str, text: str, *, declared: bool, notebook: bool) -> str:
    """What begins the message: the template of a sentence."""
    if declared:
        return later("{name} was called as the exercise says, but Python answered {kind}: {text}")
    if name:
        return later("{name} raised {kind}: {text}") if text else later("{name} raised {kind}.")
    if notebook:
        if text:
            return later("Passed over, because it raised {kind}: {text}")
        return later("Passed over, because it raised {kind}.")
    if text:
        return later("Your file cannot be loaded: {kind}: {text}")
    return later("Your file cannot be loaded: {kind}.")


def sentence_from_inside(told: Any, **more: str) -> str:
    """A sentence of ours that the student's process tells, as `sandbox.sentences` has it, in the reader's
    language. Raises `ValueError` if it is none of ours."""
    message, values = told
    if message not in SENTENCES:
        raise ValueError("no sentence of ours")
    given = {str(key): clean(str(value))[:400] for key, value in values.items()}
    return say(message, **{**given, **more})


def _reason(error: Mapping[str, Any]) -> str:
    """What an exception says, or what is more helpful."""
    kind, text = clean(str(error["type"])), clean(str(error["message"])).strip()
    if missing := _EXERCISE_MISSING.match(text):
        return say("there is no {module}.py next to your file, which needs it", module=missing[1])
    if error.get("said"):
        return sentence_from_inside(error["said"])
    if kind == "SystemExit":
        return say("sys.exit() ends the whole program; remove it")
    if kind == "MemoryError" and not text:
        return say("your code asked for more memory than a check may use")
    if kind in ("PermissionError", "FileNotFoundError") or text == "can't start new thread":
        if not text:
            return say("files, threads, processes and the network are not available while grading")
        return say(
            "{text}; files, threads, processes and the network are not available while grading",
            text=text.rstrip("."),
        )
    return text
