"""The private parts of pytest that grading needs. No other module uses anything of `_pytest`.

pytest promises nothing about these names, so `pyproject.toml` has an upper bound for pytest. Each function
here stands for one of them and says what to do when it is gone; `tests/checking/run/test_pytest_internals.py`
calls every one.
"""

from __future__ import annotations

from typing import Any

import pytest
from _pytest.mark.expression import Expression
from _pytest.runner import runtestprotocol


def run_protocol(item: pytest.Item, following: pytest.Item | None = None) -> None:
    """Run one item with fixtures, setup and teardown, and report nothing to the terminal.

    If `runtestprotocol` is gone, call `item.ihook.pytest_runtest_protocol` and drop its log, or see
    what pytest-rerunfailures uses: it needs the same function.
    """
    runtestprotocol(item, log=False, nextitem=following)


def abandon_item(item: pytest.Item) -> None:
    """End the setup of an item whose run was broken off, so that it can run again.

    If `_setupstate` is gone, end the session instead: whoever opened it opens another.
    """
    item.session._setupstate.teardown_exact(None)
    reset_fixtures(item)


def reset_fixtures(item: pytest.Item) -> None:
    """Let the next run of an item ask for its fixtures again.

    If `_initrequest` is gone, build a new item with `type(item).from_parent`.
    """
    if isinstance(item, pytest.Function):
        item._initrequest()


def requested_fixtures(item: pytest.Function) -> dict[str, str]:
    """The fixtures that an item's function takes, with the module that defines each.

    A name that no fixture defines (a parameter of `parametrize`) has `""`; so has one that pytest makes
    up for a parameter. If `_fixtureinfo` is gone, let `runner.direct_arguments` return None: every
    check then runs through pytest's protocol, more slowly.
    """
    info = item._fixtureinfo
    found = {}
    for name in info.initialnames:
        definitions = info.name2fixturedefs.get(name) or ()
        module = definitions[-1].func.__module__ if definitions else ""
        found[name] = "" if module.startswith("_pytest.python") else module
    return found


def parameters_of(item: pytest.Function) -> dict[str, Any]:
    """The values that `parametrize` gives an item; empty without that mark.

    If `callspec` is gone, let `runner.direct_arguments` return None (see `requested_fixtures`).
    """
    return dict(item.callspec.params) if hasattr(item, "callspec") else {}


def fixture_values(item: pytest.Function) -> dict[str, Any]:
    """What pytest has set up to call an item's function with, by the names of its parameters.

    If `_fixtureinfo` is gone, take the names from `inspect.signature(item.function)`.
    """
    return {name: item.funcargs[name] for name in item._fixtureinfo.argnames}


def keyword_error(keyword: str) -> str:
    """Why `-k` does not understand `keyword`; `""` if it does.

    If `Expression` is gone, drop this check: pytest then reports the error itself, less clearly.
    """
    try:
        Expression.compile(keyword)
    except Exception as error:  # its type differs between versions of pytest
        return str(getattr(error, "msg", error))
    return ""
