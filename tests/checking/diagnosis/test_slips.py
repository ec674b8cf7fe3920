"""Slips that the text alone shows; where it may be meant so, nothing is said."""

import ast

import pytest

from grader.checking.diagnosis.repair.source import Place
from grader.checking.diagnosis.slips import calls_a_variable, fraction, idle, only_return, slip

PAIR = "def pair(x):\n    return x, None\n\n"
LAYER = (
    "class Layer:\n    def __init__(self):\n        self.mean = 0\n\n    def forward(self, x):\n"
)
SLIPS = {
    "a variable for an attribute": (LAYER + "        mean = x\n        return x", "self.mean"),
    "one name for two values": (
        PAIR + "def f(x):\n    out = pair(x)\n    return out @ x",
        "pair returns 2 values",
    ),
}
MEANT = {
    "a variable that is read": LAYER + "        mean = x\n        return mean",
    "a variable of the module": LAYER + "        global mean\n        mean = x\n        return x",
    "a variable of its own": LAYER + "        other = x\n        return x",
    "a tuple that is unpacked later": PAIR + "def f(x):\n    out = pair(x)\n    return out[0] @ x",
    "a name with two values": PAIR
    + "def f(x):\n    out = pair(x)\n    out = out[0]\n    return out @ x",
    "a function of several sizes": "def pair(x):\n    if x: return x\n    return x, x\n\n"
    "def f(x):\n    out = pair(x)\n    return out @ x",
    "tuples that are added": PAIR + "def f(x):\n    out = pair(x)\n    return out + (1,)",
}


def places_of(source):
    """The functions and methods of a module."""
    found = []
    for top in ast.parse(source).body:
        inner = top.body if isinstance(top, ast.ClassDef) else [top]
        lead = f"{top.name}." if isinstance(top, ast.ClassDef) else ""
        found += [Place("m", lead + node.name, "m.py", node) for node in inner]
    return found


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip(name):
    """The line and what is meant there."""
    source, says = SLIPS[name]
    places = places_of(source)
    told = slip(places[-1], places)
    assert says in told.sentence
    assert told.suspect.line == source.count("\n")


@pytest.mark.parametrize("name", MEANT)
def test_what_may_be_meant_so(name):
    """A variable that is read, and a tuple that is one."""
    places = places_of(MEANT[name])
    assert [slip(place, places) for place in places] == [None] * len(places)


@pytest.mark.parametrize(
    ("call", "variable"),
    [("f(x)", False), ("np.sum(x)", False), ("g(x)", True), ("x[0](x)", True), ("h(x)", True)],
)
def test_a_call_of_a_variable(call, variable):
    """A function that has been given or looked up is told from one that is written there."""
    source = f"def f(x, g):\n    h = x[1]\n    return {call}"
    assert calls_a_variable(places_of(source)[0], 3) is variable


IDLE = {
    "a name alone": ("def f(x):\n    out = 2 * x\n    x.T\n    return out", 3),
    "nothing at the end of a loop that is to fill": (
        "def f(x):\n    out = []\n    for row in x:\n        y = 2 * row\n        pass\n    return out",
        5,
    ),
    "nothing at the end of a loop": (
        "def f(x):\n    out = []\n    for row in x:\n        out.append(row)\n        pass\n    return out",
        None,
    ),
    "nothing before more": ("def f(x):\n    pass\n    x = 2 * x\n    return x", 2),
    "a loop that does nothing": ("def f(x):\n    for row in x:\n        pass\n    return x", 3),
    "an unknown name": ("def f(x):\n    pass\n    return x + y", 2),
    "a condition that never holds": ("def f(x):\n    if False:\n        x = 0\n    return x", 2),
    "a value that is always the same": ("def f(x):\n    return 1 if True else x", 2),
    "nothing is given back": ("def f(x):\n    x = 2 * x\n    return None", 3),
    "something is given back": ("def f(x):\n    return x.value", None),
    "left over": ("def f(x):\n    x = 2 * x\n    pass\n    return x", None),
    "nothing to do": (
        "def f(x):\n    if x:\n        pass\n    else:\n        x = 1\n    return x",
        None,
    ),
    "an endless loop": ("def f(x):\n    while True:\n        x = x()\n    return x", None),
    "two of them": ("def f(x):\n    pass\n    x = 1\n    pass\n    x = 2\n    return x", None),
}


@pytest.mark.parametrize("name", IDLE)
def test_what_does_nothing(name):
    """It is told where it is the only one, and is not just left over."""
    source, line = IDLE[name]
    told = idle(places_of(source))
    assert (told and told.suspect.line) == line


def test_the_only_return():
    """The line that returns is known where there is one; not where another function's values are handed on."""
    (one,) = places_of(
        "def f(x):\n    y = lambda: x\n    def g():\n        return x\n    return x.sum()"
    )
    assert only_return(one.node) == 5
    (two,) = places_of("def f(x):\n    if x:\n        return x\n    return 0")
    assert only_return(two.node) == 0
    (handed_on,) = places_of("def f(x):\n    return g(x)")
    assert only_return(handed_on.node) == 0


FRACTIONS = {
    "a size": ("def f(x):\n    n = len(x) / 2 + 1\n    return np.zeros(n)", 3, 2),
    "one of two": (
        "def f(x, k):\n    n = len(x) // k\n    m = 1 / k\n    return np.ones((n, m))",
        4,
        3,
    ),
    "made whole": ("def f(x):\n    n = int(len(x) / 2)\n    return np.zeros(n)", 3, None),
    "changed": ("def f(x):\n    n = len(x) / 2\n    n = int(n)\n    return np.zeros(n)", 4, None),
    "in another line": ("def f(x):\n    n = 1 / 2\n    return np.zeros(x)", 3, None),
}


@pytest.mark.parametrize("name", FRACTIONS)
def test_a_size_that_is_a_fraction(name):
    """The division is named, where nothing else gives the size a value."""
    source, raised, line = FRACTIONS[name]
    (place,) = places_of(source)
    told = fraction(place, raised)
    assert (told and told.suspect.line) == line
