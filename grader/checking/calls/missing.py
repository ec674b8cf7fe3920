"""What is said of functions and classes that a submission does not have as the exercise declares them."""

from __future__ import annotations

from difflib import get_close_matches

from grader.checking.calls.code import Code, Definition
from grader.language import later, say
from grader.model import Exercise, Function


def accepts_declared_call(definition: Definition, declared: Function) -> bool:
    """Whether a student's function can be called like the declared one."""
    if definition.parameters is None:
        return True
    keywords = [n for n, default in declared.parameters if default is not ...]
    return len(definition.parameters) >= len(declared.parameters) and all(
        n in definition.parameters for n in keywords
    )


FUNCTION_MISSING = (
    later("The function {signature} is missing."),
    later("The function {signature} is missing; is {similar} meant to be it?"),
)
CLASS_MISSING = (
    later("The class {signature} is missing."),
    later("The class {signature} is missing; is {similar} meant to be it?"),
)

NOT_A_FUNCTION = later(
    "{name} is not a function here, and should be {signature}: which line gives the name to something else?"
)
NOT_A_CLASS = later(
    "{name} is not a class here, and should be {signature}: which line gives the name to something else?"
)


def missing_message(declared: Function, exercise: Exercise, code: Code) -> str:
    """The message for a function that is missing; it names a similar one, if there is one."""
    if declared.name in code.values:
        known = NOT_A_CLASS if declared.name in exercise.classes else NOT_A_FUNCTION
        return say(known, name=declared.name, signature=declared.signature)
    others = {name.lower(): name for name in code.names if name not in exercise.names}
    similar = get_close_matches(declared.name.lower(), others, n=1, cutoff=0.8)
    messages = CLASS_MISSING if declared.name in exercise.classes else FUNCTION_MISSING
    if similar:
        return say(messages[1], signature=declared.signature, similar=others[similar[0]])
    return say(messages[0], signature=declared.signature)


def wrong_parameters_message(definition: Definition, declared: Function) -> str:
    """The message for a function with other parameters than declared."""
    own = ", ".join(definition.parameters or ())
    return say(
        "{name}({own}) must have the parameters of {signature}.",
        name=declared.name,
        own=own,
        signature=declared.signature,
    )
