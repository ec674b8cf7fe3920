"""Loops that cannot end, as their text shows; of all others nothing is said."""

import pytest

from grader.sandbox.endless import endless

HEAD = "def f(x, n):\n    k, total = 0, 0\n"
ENDLESS = {
    "a count that stays": ("while k < n:\n        total += k", ["k", "n"]),
    "a comparison in the place of an assignment": (
        "while k < n:\n        k == k + 1",
        ["k", "n"],
    ),
    "another count": ("while k < n and n > 2:\n        total += 1\n        print(k)", ["k", "n"]),
    "True": ("while True:\n        for i in range(n):\n            break", []),
    "counted after the block": ("while k < n:\n        total += 1\n    k += 1", ["k", "n"]),
}
MAY_END = {
    "a count": "while k < n:\n        k += 1",
    "a count in a branch": "while k < n:\n        if x:\n            k += 1",
    "a break": "while k < n:\n        if x: break",
    "a break in an else": "while True:\n        if x: pass\n        else: break",
    "a break behind a loop": "while True:\n        for i in x: pass\n        else: break",
    "a return": "while True:\n        return n",
    "an exception": "while True:\n        raise StopIteration",
    "a list that shrinks": "while n:\n        n.pop()",
    "an array that is written into": "while n:\n        n[0] = 0",
    "an array with another name": "m = n\n    while n:\n        m -= 1",
    "an entry of a list": "n = x[0]\n    while n:\n        x[0] -= 1",
    "what a function may change": "while n:\n        change(n)",
    "what is not local": "while other:\n        k += 1",
    "what another function changes": "def g():\n        nonlocal k\n    while k < n:\n        g()",
    "a call": "while more():\n        total += 1",
    "a walrus": "while n:\n        print(n := 0)",
    "no name": "while 0:\n        total += 1",
    "no such line": "",
}


@pytest.mark.parametrize("mistake", ENDLESS)
def test_a_loop_that_cannot_end(mistake):
    """The line of the `while` and what its condition reads, from any line in its block."""
    body, names = ENDLESS[mistake]
    assert endless(f"{HEAD}    {body}", 4) == (3, names)


@pytest.mark.parametrize("code", MAY_END)
def test_a_loop_that_may_end(code):
    """Whatever may change the condition, or leave the loop, lets the question stand."""
    source = f"{HEAD}    {MAY_END[code]}"
    lines = range(3, source.count("\n") + 2)
    assert [endless(source, line) for line in lines] == [None] * len(lines)


def test_what_is_no_python():
    """A cell of a notebook may hold anything."""
    assert endless("%time while True:", 1) is None
