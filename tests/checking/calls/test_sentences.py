"""What the student's process tells in sentences of ours: said by the grader, in the reader's language."""

import gettext

import pytest

import grader.language
from grader.checking.calls.exceptions import call_error, describe_exception, sentence_from_inside
from grader.checking.calls.local_code import exception_as_dict
from grader.checking.calls.sandboxed_code import SandboxedCode
from grader.checking.run.grading import process_settings
from grader.errors import CheckEnded
from grader.model import Cell, Exercise, Function, Limits, Module, Submission
from grader.sandbox.sentences import FORBIDDEN, NO_KEYBOARD, SENTENCES, sentence


class Shouting(gettext.NullTranslations):
    """A language whose sentences are the English ones behind an exclamation mark."""

    def gettext(self, message):
        """See `gettext.NullTranslations`."""
        return f"!{message}"


@pytest.fixture
def shouting(monkeypatch):
    """Speak that language."""
    monkeypatch.setattr(grader.language, "_catalogue", Shouting())


ASKING = "def f(x): return input('?')"
RAISED_AGAIN = """
def f(x):
    try:
        input("?")
    except EOFError as error:
        raise ValueError(error.args[0]) from None
"""
OWN = "def f(x): raise EOFError('!input() cannot be used')"
DEEP = """
def f(x):
    y = []
    for _ in range(100):
        y = [y]
    return y
"""


@pytest.mark.usefixtures("shouting")
@pytest.mark.parametrize(
    ("source", "said"),
    [
        (ASKING, f"f raised EOFError: !{NO_KEYBOARD}"),
        (RAISED_AGAIN, f"f raised ValueError: !{NO_KEYBOARD}"),
        (OWN, "f raised EOFError: !input() cannot be used"),
        (DEEP, "!f returned something nested too deeply."),
        (
            "def f(x): import curses",
            "!curses cannot be imported while grading: it needs a terminal",
        ),
    ],
)
def test_it_crosses_and_is_said_in_the_readers_language(source, said, server, tmp_path):
    """What we say inside is English there, and translated here; what a student says stays as it is."""
    functions = {"f": Function("f", (("x", ...),), (("y", "number"),))}
    exercise = Exercise("ex00", "ex00_test", "Test", tmp_path, 1, functions, limits=Limits(1, 5))
    module = Module("ex00_test", (Cell("f.py", source),))
    submission = Submission("test", "ex00_test", (module,))
    code = SandboxedCode(server, exercise, submission, process_settings(exercise))
    with pytest.raises(CheckEnded) as caught:
        code.call("f", [((1,), {})], [], 0, 5.0)
    code.close()
    assert said in caught.value.message


def test_only_our_sentences_are_taken():
    """A process that sends another template, or one of ours without its values, is not believed."""
    assert sentence_from_inside([FORBIDDEN, {"name": "torch"}]).startswith("torch may not be")
    for told in (
        ["{name.__class__}", {"name": "x"}],
        [FORBIDDEN, {"x": "y"}],
        [FORBIDDEN],
        [[], {}],
    ):
        with pytest.raises((ValueError, KeyError, TypeError)):
            sentence_from_inside(told)


def test_each_sentence_is_there_once_and_whole():
    """Every one begins with its function or is text of an exception, and has named values only."""
    assert len(SENTENCES) > 15
    for message in SENTENCES:
        assert "{}" not in message
        assert "{0" not in message
    assert sentence(FORBIDDEN, name="torch") == "torch may not be used in this exercise"


CALLS = {
    "def f(x): return g()\ndef g(x): return x": True,
    "import numpy as np\ndef f(x): return np.einsum('ij->')": True,
    "import numpy as np\ndef f(x): return np.no_such_name(x)": True,
    "def f(x): return x + 'a'": False,
    "def f(x): raise ValueError('f() missing 1 required positional argument')": False,
}


@pytest.mark.parametrize("source", CALLS)
@pytest.mark.usefixtures("shouting")
def test_a_wrong_call_is_known_in_every_language(source):
    """Whether a call is not given what it takes is a fact of its own, and not read from the sentence."""
    names: dict[str, object] = {}
    exec(compile(source, "f.py", "exec"), names)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - any: what is said of it is tested
        names["f"](1)
    end = call_error(exception_as_dict(caught.value), "f")
    assert end.message.startswith("!f raised")
    assert end.wrong_call is CALLS[source]


@pytest.mark.usefixtures("shouting")
def test_an_exercise_that_is_missing_is_known_in_every_language():
    """What Python says of a module is read, not our sentence on it."""
    text = sentence(
        "No module named {name!r} here: while grading, only NumPy, the standard library and your own "
        "files ({files}) can be imported",
        name="ex02_activations",
        files="ex03",
    )
    error = exception_as_dict(ModuleNotFoundError(text))
    message, _ = describe_exception(error)
    assert "there is no ex02_activations.py next to your file" in message
