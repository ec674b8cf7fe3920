"""The simplest call that is right beside the simplest that is wrong.

The features of a function's inputs are varied one at a time, and what comes back is compared with the
reference. A sentence is said only if it also holds on settings of the features that are drawn at random.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from grader.checking.calls.code import Answer
from grader.checking.calls.student import Call
from grader.checking.diagnosis.features import SEED, SEEDS, Inputs, Setting
from grader.checking.diagnosis.fingerprint import CacheHandle
from grader.checking.diagnosis.recognition import answer_parts
from grader.checking.diagnosis.recording import NotRecorded
from grader.checking.diagnosis.repair.bench import Bench, Tried
from grader.checking.diagnosis.repair.cases import Case, size_of
from grader.columns import columns, padded
from grader.errors import CheckEnded
from grader.language import all_of, any_of, later, say, together
from grader.model import Exercise
from grader.sandbox.trials import FIRST
from grader.sandbox.wire import Opaque

PROBE_SECONDS = 0.2
TINY = 4  # probes of a function that a repair is judged by, right ones and wrong ones
MOST_FEATURES = 3  # that one sentence may name
ENOUGH = 3  # wrong calls, to say that two features are wrong together only
LARGEST_CALL = 30  # numbers of one array that is printed in full
PRINTED = 1000  # characters of a call that may be told

PLAIN = later(
    "{function} is right with {feature} = {simplest}, and wrong as soon as {feature} is {value}."
)
IN_WORDS = later("{function} is right while {simplest}, and wrong as soon as {value}.")
ONE_OF_THEM = later(
    "{function} is right while {simplest}, and wrong as soon as one of these is different."
)
NEITHER = later("{function} is right while {one} or {other}, and wrong as soon as neither is so.")
DIVIDED = later("{function} is right with {feature} = {right}, and wrong with {feature} = {wrong}.")
DIVIDED_IN_WORDS = later("{function} is wrong while {simplest}, and right as soon as {value}.")
SOMETIMES_PLAIN = later(
    "{function} is right with {feature} = {simplest}, but not always where {feature} is {value}."
)
SOMETIMES_ONE_OF_THEM = later(
    "{function} is right while {simplest}, but not always where one of these is different."
)
SOMETIMES_IN_WORDS = later("{function} is right while {simplest}, but not always where {value}.")


@dataclass(frozen=True)
class Contrast:
    """What a comparison of simple calls tells of a wrong function.

    Attributes:
        function: the function.
        sentence: where it is right and where it is wrong; `""` if no sentence holds.
        call: the smallest wrong call, to be pasted; `""` if it is too large.
    """

    function: str
    sentence: str
    call: str


@dataclass(frozen=True)
class Probe:
    """One setting's calls with the reference's answers."""

    inputs: Inputs
    setting: Setting
    case: Case
    expected: Any  # the value of the last call


def probes(
    exercise: Exercise,
    every: Sequence[Inputs],
    reference: Mapping[str, Callable[..., Any]],
    more: int = 0,
    begin: Callable[[], None] = lambda: None,
) -> list[Probe]:
    """The calls of all settings; those that the reference does not answer are left out. With another
    `more`, the random ones have other features, and all have other values. `begin` is called before an
    object is made: see `Reference.begin_check`."""
    found = []
    for inputs in every:
        for number, setting in enumerate(inputs.settings(SEED + more)):
            arguments = inputs.arguments(setting, more + number % SEEDS)
            try:
                if inputs.function in exercise.classes:
                    begin()
                    steps = _steps_of_object(inputs, arguments, reference)
                    found.append(_probe(exercise, inputs, setting, steps))
                    continue
                value = reference[inputs.function](*arguments)
                found.append(
                    _probe(exercise, inputs, setting, [(inputs.function, arguments, value)])
                )
                if inputs.then:
                    *_, cache = value
                    dout = upstream_of(value[0])
                    grads = reference[inputs.then](dout, cache)
                    steps = [
                        (inputs.function, arguments, value),
                        (inputs.then, (dout, Opaque("cache", FIRST + len(value) - 1)), grads),
                    ]
                    found.append(_probe(exercise, inputs, setting, steps))
            except (NotRecorded, ValueError, TypeError):
                continue
    return found


def _steps_of_object(
    inputs: Inputs, arguments: Sequence[Any], reference: Mapping[str, Callable[..., Any]]
) -> list[tuple[str, Any, Any]]:
    """An object is made, and its method called, each time with other arguments."""
    name, (new, *calls) = inputs.function, arguments
    made, this = reference[name](*new), Opaque(name, FIRST)
    method = getattr(made, inputs.then.partition(".")[2])
    return [(name, new, this), *((inputs.then, (this, *args), method(*args)) for args in calls)]


def upstream_of(out: Any) -> np.ndarray:
    """A `dout` for an output: the same for the same shape."""
    rng = np.random.default_rng(SEED)
    return np.asarray((2 * rng.integers(-8, 8, np.shape(out)) + 1) / 8)


def _probe(
    exercise: Exercise, inputs: Inputs, setting: Setting, steps: Sequence[tuple[str, Any, Any]]
) -> Probe:
    calls = tuple(Call(f, args, {}, None, "", SEED) for f, args, _ in steps)
    right = tuple(
        answer_parts(Answer(_without_cache(exercise, function, value)))
        for function, _, value in steps
    )
    size = sum(size_of(a) for _, args, _ in steps for a in args)
    objects = [isinstance(value, Opaque) for _, _, value in steps]
    judged = tuple(
        frozenset() if made else frozenset(range(len(parts)))
        for parts, made in zip(right, objects, strict=True)
    )
    case = Case(calls, right, tuple([] for _ in right), size, "", judged)
    return Probe(inputs, setting, case, steps[-1][2])


def _without_cache(exercise: Exercise, function: str, value: Any) -> Any:
    returns = exercise.callables[function].returns
    if not isinstance(value, tuple) or len(value) != len(returns):
        return value
    return tuple(
        Opaque("cache", 0) if kind == "cache" or isinstance(v, CacheHandle) else v
        for v, (_, kind) in zip(value, returns, strict=True)
    )


def run_probes(bench: Bench, some: Sequence[Probe]) -> list[Tried]:
    """What the submission answers to each probe; nothing if its process ends over it."""
    if not some:
        return []
    try:
        bench.keep([probe.case for probe in some])
        (answers,) = bench.attempt(range(len(some)), each=PROBE_SECONDS)
    except CheckEnded:
        return []
    return answers or []


def tiny_cases(some: Sequence[Probe], answers: Sequence[Tried]) -> list[Case]:
    """The smallest probes, right and wrong ones of each function, as cases for a repair."""
    cases = [
        replace(probe.case, theirs=tuple(one.parts))
        for probe, one in zip(some, answers, strict=True)
    ]
    chosen: list[Case] = []
    for function in dict.fromkeys(case.function for case in cases):
        mine = sorted((c for c in cases if c.function == function), key=lambda c: c.size)
        chosen += [c for c in mine if c.wrong()][:TINY]
        chosen += [c for c in mine if not c.wrong()][:TINY]
    return chosen


def contrasts(
    exercise: Exercise, some: Sequence[Probe], answers: Sequence[Tried]
) -> list[Contrast]:
    """For each function that is wrong in a probe where nothing before it is: what that tells."""
    found = []
    for function in dict.fromkeys(probe.case.function for probe in some):
        mine = [
            (probe, one)
            for probe, one in zip(some, answers, strict=True)
            if probe.case.function == function
        ]
        first = [call.function for call in mine[0][0].case.calls].index(function)
        wrong = [{call for call, _ in probe.case.wrong(one.parts)} for probe, one in mine]
        if any(call < first for calls in wrong for call in calls):
            continue
        told = find_contrast(function, [probe for probe, _ in mine], [bool(w) for w in wrong])
        if told is not None:
            sentence, smallest = told
            answer = next(one for probe, one in mine if probe is smallest)
            found.append(Contrast(function, sentence, paste(smallest, exercise, answer)))
    return found


def find_contrast(
    function: str, some: Sequence[Probe], wrong: Sequence[bool]
) -> tuple[str, Probe] | None:
    """The sentence on a function, and its smallest wrong call; None if all calls are right.

    Args:
        function: the function that is called last in `some`.
        some: the probes of one maker of inputs, in the order of its settings.
        wrong: whether each was answered wrongly.
    """
    bad = [probe for probe, is_wrong in zip(some, wrong, strict=True) if is_wrong]
    if not bad:
        return None
    smallest = min(bad, key=lambda p: p.case.size)
    return _sentence(function, some, wrong), smallest


def _sentence(function: str, some: Sequence[Probe], wrong: Sequence[bool]) -> str:
    guilty, inputs = guilty_features(some, wrong), some[0].inputs
    if not guilty:
        return _of_partners(function, inputs, partners(some, wrong)) or _divided(
            function, some, wrong
        )
    first, *others = guilty
    every = all(  # a sentence in words, or on several features, means all of their other values
        len(set(map(repr, values))) == len(inputs.vary[name])
        for name, values in guilty.items()
        if others or name in inputs.words
    )
    always = every and not any(
        map(contradicts(guilty), some, wrong)
    )  # also where it was not made from
    if others and (always or _is_right_without(guilty, some, wrong)):
        simplest = all_of([_simplest(inputs, name) for name in guilty])
        words = ONE_OF_THEM if always else SOMETIMES_ONE_OF_THEM
        return say(words, function=function, simplest=simplest)
    if always:
        return _words((PLAIN, IN_WORDS), function, inputs, first, guilty[first])
    if not others and _is_right_without(guilty, some, wrong):
        return _words((SOMETIMES_PLAIN, SOMETIMES_IN_WORDS), function, inputs, first, guilty[first])
    return ""


def _of_partners(function: str, inputs: Inputs, names: tuple[str, str] | None) -> str:
    if names is None:
        return ""
    one, other = (_simplest(inputs, name) for name in names)
    return say(NEITHER, function=function, one=one, other=other)


def _divided(function: str, some: Sequence[Probe], wrong: Sequence[bool]) -> str:
    """The sentence on a feature whose simplest value makes every answer wrong, and another one none."""
    inputs = some[0].inputs
    found = [(name, *values) for name in inputs.vary if (values := divided(name, some, wrong))]
    if len(found) != 1:
        return ""
    name, right, bad = found[0]
    if name in inputs.words and len(bad) == 1:
        simplest, other = (say(word) for word in inputs.words[name])
        return say(DIVIDED_IN_WORDS, function=function, simplest=simplest, value=other)
    rights, bads = (any_of([str(value) for value in values]) for values in (right, bad))
    return say(DIVIDED, function=function, feature=name, right=rights, wrong=bads)


def divided(
    name: str, some: Sequence[Probe], wrong: Sequence[bool]
) -> tuple[list[Any], list[Any]] | None:
    """The values of a feature with which every answer is right, and those with which every one is wrong;
    None if there is a third kind, if either is rare, or if the simplest value is not among the wrong ones."""
    inputs = some[0].inputs
    judged: dict[str, list[bool]] = {}
    for probe, is_wrong in zip(some, wrong, strict=True):
        judged.setdefault(repr(probe.setting[name]), []).append(is_wrong)
    values = [inputs.simplest[name], *inputs.vary[name]]
    if any(len(set(judged.get(repr(value), ()))) != 1 for value in values):
        return None
    right = [value for value in values if not judged[repr(value)][0]]
    bad = [value for value in values if judged[repr(value)][0]]
    met = sum(len(judged[repr(value)]) for value in right)
    return (right, bad) if met >= ENOUGH and values[0] in bad else None


def _simplest(inputs: Inputs, name: str) -> str:
    """The simplest value of a feature, in a sentence."""
    if name in inputs.words:
        return say(inputs.words[name][0])
    return f"{name} = {inputs.simplest[name]}"


def _is_right_without(names: Collection[str], some: Sequence[Probe], wrong: Sequence[bool]) -> bool:
    """Whether no probe is answered wrongly in which features have their simplest values, and at least half
    of the others are."""
    simplest = some[0].inputs.simplest
    changed = [
        w
        for p, w in zip(some, wrong, strict=True)
        if any(p.setting[name] != simplest[name] for name in names)
    ]
    return sum(wrong) == sum(changed) and 2 * sum(changed) >= len(changed)


def guilty_features(some: Sequence[Probe], wrong: Sequence[bool]) -> dict[str, list[Any]]:
    """The features that alone make the simplest input one that is answered wrongly, with the values that
    do; nothing if they are none or many, or if the simplest input is answered wrongly, too."""
    simplest = dict(some[0].inputs.simplest)
    guilty: dict[str, list[Any]] = {}
    met = False
    for probe, is_wrong in zip(some, wrong, strict=True):
        changed = [n for n in simplest if probe.setting[n] != simplest[n]]
        if not changed:
            met = True
            if is_wrong:
                return {}
        elif len(changed) == 1 and is_wrong:
            guilty.setdefault(changed[0], []).append(probe.setting[changed[0]])
    return guilty if met and len(guilty) <= MOST_FEATURES else {}


def partners(some: Sequence[Probe], wrong: Sequence[bool]) -> tuple[str, str] | None:
    """The two features that make an answer wrong together, and neither of them alone; None if no two do in
    every probe, or if several do."""
    simplest = some[0].inputs.simplest
    found = [
        (one, other)
        for one, other in combinations(simplest, 2)
        if all(
            w == (p.setting[one] != simplest[one] and p.setting[other] != simplest[other])
            for p, w in zip(some, wrong, strict=True)
        )
    ]
    return found[0] if len(found) == 1 and sum(wrong) >= ENOUGH else None


def contradicts(guilty: Mapping[str, Sequence[Any]]) -> Callable[[Probe, bool], bool]:
    """Tells whether a probe's answer is right where it should be wrong, or the other way round."""

    def check(probe: Probe, is_wrong: bool) -> bool:
        return is_wrong != any(probe.setting[n] in values for n, values in guilty.items())

    return check


def _words(
    words: tuple[str, str], function: str, inputs: Inputs, name: str, values: Sequence[Any]
) -> str:
    plain, in_words = words
    if name in inputs.words:
        simplest, other = inputs.words[name]
        return say(in_words, function=function, simplest=say(simplest), value=say(other))
    value = any_of([str(value) for value in dict.fromkeys(values)])
    return say(plain, function=function, feature=name, simplest=inputs.simplest[name], value=value)


def paste(probe: Probe, exercise: Exercise, answer: Tried) -> str:
    """The probe's calls as they can be pasted, with what came back and what was expected; `""` if
    they are too long to read, or tell nothing."""
    if answer.error.startswith("NotImplementedError"):
        return ""
    lines = []
    for call in probe.case.calls:
        function = exercise.callables[call.function]
        names = [n for n, _ in function.parameters]
        words, named = [], False  # what comes after a named argument is named, too
        owner, _, method = call.function.rpartition(".")
        for name, value in zip(names, call.args, strict=False):
            if isinstance(value, Opaque):
                words += [] if owner else ["cache"]
                continue
            if isinstance(value, np.ndarray) and value.size > LARGEST_CALL:
                return ""
            named = named or isinstance(value, bool | int | float | str)
            words.append(f"{name}={shown(value)}" if named else shown(value))
        called = f"{owner.lower()}.{method}" if owner else call.function
        lines.append(f"{_kept_as(call, probe, exercise)}{called}({', '.join(words)})")
    came, expected = (
        _answer(exercise, probe, answer.value),
        _answer(exercise, probe, probe.expected),
    )
    head, wanted = (together(one, "") for one in (say("came back:"), say("expected:")))
    wide = max(columns(head), columns(wanted))
    if answer.error:
        lines.append("# " + say("raised {error}", error=answer.error))
    elif came == expected:
        return ""  # what is wrong does not show in what is printed
    else:
        lines.append(f"# {padded(head, wide)}{came}")
    lines.append(f"# {padded(wanted, wide)}{expected}")
    return _unless_long(lines)


def _kept_as(call: Call, probe: Probe, exercise: Exercise) -> str:
    """What a line of calls begins with: the names of values that are needed in a later line."""
    if call.function in exercise.classes:
        return f"{call.function.lower()} = "
    if "." in call.function or call is probe.case.calls[-1]:
        return ""
    return f"{', '.join(n for n, _ in exercise.callables[call.function].returns)} = "


def _unless_long(lines: Sequence[str]) -> str:
    text = "\n".join(lines)
    return text if len(text) <= PRINTED else ""


def _answer(exercise: Exercise, probe: Probe, value: Any) -> str:
    returns = exercise.callables[probe.case.function].returns
    if isinstance(value, tuple) and len(value) == len(returns):
        value = tuple(v for v, (_, kind) in zip(value, returns, strict=True) if kind != "cache")
        value = value[0] if len(value) == 1 else value
    return shown(value)


def shown(value: Any) -> str:
    """A value as Python text, on one line; arrays by `np.array`."""
    if isinstance(value, np.ndarray):
        return f"np.array({shown(value.tolist())})"
    if isinstance(value, np.generic):
        return shown(value.item())
    if isinstance(value, np.random.Generator):
        return f"np.random.default_rng({SEED})"
    if isinstance(value, tuple):
        return f"({', '.join(map(shown, value))}{',' * (len(value) == 1)})"
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, float):
        return _number(value)
    return repr(value)


def _number(value: float) -> str:
    if not np.isfinite(value):
        return "np.nan" if np.isnan(value) else "np.inf" if value > 0 else "-np.inf"
    word = repr(round(value, 4) if abs(value) >= 1e-3 else float(f"{value:.4g}"))
    return word[:-1] if word.endswith(".0") else word
