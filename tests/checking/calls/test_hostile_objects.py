"""Classes that share, lie or grow: each earns what its honest part is worth, and harms no other.

All are graded in one go, as submissions of the small course with classes; the last one is honest.
"""

import json

import pytest
from small_course import SMALL

OBJECTS = SMALL.parent / "objects"
HONEST = (OBJECTS / "solutions/ex01_layer.py").read_text("utf-8")
INIT = "    def __init__(self, weight, bias):\n"
KEEP = "        self.weight, self.bias = weight, bias\n"
FORWARD = "        return x @ self.weight + self.bias\n"
ADD = "        return Linear(self.weight + other.weight, self.bias + other.bias)\n"
NO_FORWARD = {"forward": "failed", "gradients": "skipped", "gradients_add_up": "skipped"}
NO_OBJECT = NO_FORWARD | {"forward": "error", "sum": "error", "total": "error"}


def edited(old: str, *lines: str) -> str:
    """The honest class with other lines of a method in place of one."""
    assert HONEST.count(old) == 1
    return HONEST.replace(old, "".join(f"        {line}\n" for line in lines))


def extended(head: str, *lines: str) -> str:
    """The honest class with one more method."""
    return HONEST.replace(
        INIT, f"    def {head}:\n        " + "\n        ".join(lines) + f"\n\n{INIT}"
    )


def made_of(members: str) -> str:
    """The honest class whose sum is an object of another class."""
    return edited(ADD, f"return type('Linear', (), {{{members}}})()")


# What a class does, its text, and how those checks end that do not pass.
HOSTILE = {
    "keeps its parameters in the class": (
        edited(KEEP, "Linear.weight, Linear.bias = weight, bias"),
        {"sum": "failed"},
    ),
    "keeps its gradients in the class, and is never cleared": (
        HONEST.replace("        self.clear()\n", "")
        .replace(INIT, f"    dweight, dbias = np.zeros((3, 2)), np.zeros(2)\n\n{INIT}")
        .replace("self.dweight = self.dweight", "Linear.dweight = Linear.dweight")
        .replace("self.dbias = self.dbias", "Linear.dbias = Linear.dbias"),
        {"gradients": "failed", "gradients_add_up": "failed"},
    ),
    "has one object only": (
        extended(
            "__new__(cls, *_)",
            "cls.one = vars(cls).get('one') or object.__new__(cls)",
            "return cls.one",
        ),
        {"gradients": "failed", "sum": "failed"},
    ),
    "returns itself in place of an object": (edited(ADD, "return self"), {"sum": "failed"}),
    "returns itself in place of an array": (edited(FORWARD, "return self"), NO_FORWARD),
    "returns a new object that shares its state": (
        edited(
            ADD,
            "self.weight, self.bias = self.weight + other.weight, self.bias + other.bias",
            "new = object.__new__(Linear)",
            "new.__dict__ = self.__dict__",
            "return new",
        ),
        {"sum": "failed"},
    ),
    "returns its class": (edited(ADD, "return Linear"), {"sum": "error"}),
    "returns objects in a list": (edited(ADD, "return [self, other]"), {"sum": "failed"}),
    # An object is what it answers: a class that nobody declared may answer right.
    "returns an object of another class": (made_of("'weight': self.weight + other.weight"), {}),
    "says that everything equals it": (
        made_of("'weight': type('W', (), {'__eq__': lambda *_: True})()"),
        {"sum": "failed"},
    ),
    "says that it is an array": (
        edited(FORWARD, "return self").replace(
            INIT, f"    __class__ = property(lambda self: np.ndarray)\n\n{INIT}"
        ),
        NO_FORWARD,
    ),
    "has every attribute": (
        extended("__getattr__(self, name)", "return self").replace(KEEP, ""),
        NO_OBJECT,
    ),
    "has no attribute": (
        extended("__getattribute__(self, name)", "raise KeyError(name)"),
        NO_OBJECT,
    ),
    "keeps what it has": (
        extended(
            "__setattr__(self, name, value)",
            "if name != 'weight' or 'weight' not in vars(self):",
            "    vars(self)[name] = value",
        ),
        {"total": "failed"},
    ),
    "returns more objects than may be held": (
        edited(ADD, "return [Linear(1, 1) for _ in range(20_000)]"),
        {"sum": "failed"},
    ),
    "keeps every object that it ever made": (
        HONEST.replace(KEEP, f"{KEEP}        every.append(self)\n") + "\n\nevery = []\n",
        {},
    ),
    "is honest": (HONEST, {}),
}


@pytest.fixture(scope="module")
def reports(grade_for_several, tmp_path_factory):
    """The report of each submission."""
    folder = tmp_path_factory.mktemp("hostile")
    files = [folder / f"{number:02}.py" for number in range(len(HOSTILE))]
    for file, (source, _) in zip(files, HOSTILE.values(), strict=True):
        file.write_text(source, "utf-8")
    result = grade_for_several("ex01", *files, "--format", "json", cwd=OBJECTS)
    return dict(zip(HOSTILE, json.loads(result.out), strict=True))


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_class_has_an_outcome_of_its_own(reports, what):
    """Each check ends as it should, and those that pass have their points."""
    ended = {c["name"].removeprefix("test_"): c["outcome"] for c in reports[what]["checks"]}
    assert {name: outcome for name, outcome in ended.items() if outcome != "passed"} == HOSTILE[
        what
    ][1]
    earned = sum(c["max_score"] for c in reports[what]["checks"] if c["outcome"] == "passed")
    assert reports[what]["score"] == earned
