"""Which failures only follow from other failures: a student should read one message for one mistake.

A function fails if another function that it uses is wrong. Which function uses which is read from the
source text, which is not run.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from grader.language import say
from grader.model import CheckResult, Outcome

# Longer sources are cut, so that a hostile one cannot cost much; nobody writes as much by hand.
MAX_SOURCE_LENGTH = 200_000  # characters
FAILURES = (Outcome.FAILED, Outcome.ERROR, Outcome.TIMEOUT, Outcome.CRASHED)


def skip_consequences(
    results: Sequence[CheckResult],
    called: Mapping[str, Sequence[str]],
    waiting: Mapping[str, str],
    used: Mapping[str, Collection[str]],
) -> list[CheckResult]:
    """The results; a failure that follows from an earlier one becomes skipped and names its first cause.

    A check follows from others if a function that it calls uses a broken one. A function is broken if
    the first check that calls it failed, or if two checks failed that call only it and what it uses,
    or that call it last, after functions with no failures (a backward after its forward).

    Args:
        results: in the order of the checks.
        called: for each check, the student's functions that it called.
        waiting: for each check that was skipped, the check that it depends on.
        used: for each function, the others that it uses.
    """
    waits = dict(waiting)
    failures: dict[str, list[str]] = {}  # function -> failed checks that point at it
    met: set[str] = set()
    broken: dict[str, str] = {}  # function -> the check that shows it
    for result in results:
        functions = called.get(result.name, ())
        failed = result.outcome in FAILURES
        used_here = [g for f in functions for g in used.get(f, ())]
        causes = [broken[g] for g in used_here if g in broken]
        if failed and causes:
            waits[result.name] = causes[0]
        elif failed and not result.hidden:
            innocent = met - set(failures) - set(broken)
            for function in functions:
                others = set(functions) - {function, *used.get(function, ())}
                if not others or (others <= innocent and function == functions[-1]):
                    failures.setdefault(function, []).append(result.name)
                if function not in met or len(failures.get(function, ())) >= 2:
                    first = failures.get(function, [result.name])[0]
                    broken.setdefault(function, first)
        met.update(functions)
    titles = {result.name: result.title for result in results}
    return [
        as_skipped(result, titles[_first_cause(result.name, waits)])
        if result.name in waits
        else result
        for result in results
    ]


def as_skipped(result: CheckResult, title: str) -> CheckResult:
    """The result as skipped, because the check called `title` did not pass."""
    return replace(
        result,
        outcome=Outcome.SKIPPED,
        message=skip_message(title),
        hint="",
        output="",
        picture=None,
        unwritten="",
    )


def skip_message(title: str) -> str:
    """Why a check was skipped that depends on the check called `title`."""
    return say("“{title}” must pass first.", title=title.rstrip(".。"))


def _first_cause(name: str, waits: Mapping[str, str]) -> str:
    while name in waits:
        name = waits[name]
    return name


def used_functions(source: str, names: Collection[str]) -> dict[str, frozenset[str]]:
    """For each of the functions `names`, the others of them that it uses, directly or indirectly.

    Args:
        source: a module's text; if it is not valid Python, the result is empty.
        names: functions that are defined at the left margin.
    """
    direct: dict[str, set[str]] = {}
    try:
        for function, name in _names_by_function(source[:MAX_SOURCE_LENGTH]):
            direct.setdefault(function, set())
            if name:
                direct[function].add(name)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return {}
    return {name: frozenset(_reachable(name, direct) & set(names) - {name}) for name in names}


def _names_by_function(source: str) -> Iterator[tuple[str, str]]:
    """Pairs of a function at the left margin and a name in it that the function does not assign."""
    function, before = "", ""
    found: list[str] = []
    assigned: set[str] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME:
            if token.start[1] == 0:
                yield from _used_names(function, found, assigned)
                function, found, assigned = "", [], set()
            elif before == "def" and not function:
                function = token.string
            elif before == "for":
                assigned.add(token.string)
            else:
                found.append(token.string)
        elif token.string == "=" and found and before == found[-1]:
            assigned.add(before)
        before = token.string
    yield from _used_names(function, found, assigned)


def _used_names(function: str, found: list[str], assigned: set[str]) -> Iterator[tuple[str, str]]:
    if function:
        yield function, ""
        yield from ((function, name) for name in found if name not in assigned)


def _reachable(name: str, direct: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    todo = [name]
    while todo:
        new = direct.get(todo.pop(), set()) - reached
        reached |= new
        todo += new
    return reached
