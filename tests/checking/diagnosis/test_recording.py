"""Recorded exceptions are known by their type and by the key of the advice, not by its words."""

import io
import json
from types import SimpleNamespace

import numpy as np
import pytest

from grader.checking.calls.advice import advice
from grader.checking.calls.advice_table import ADVICE
from grader.checking.calls.student import Call, error_summary
from grader.checking.diagnosis.recognition import answer_parts
from grader.checking.diagnosis.recording import Recorder, Recording
from grader.errors import CheckEnded
from grader.model import Misconception, Outcome

EXERCISE = SimpleNamespace(functions={}, classes={})
# What NumPy says, the advice of 1.0.0 and of 1.1.0 (as recorded: cut off), and the key of today.
SENTENCES = [
    (
        "ValueError: matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature "
        "(n?,k),(k,m?)->(n?,m?) (size 4 is different from 5)",
        "In A @ B, each row of A must be as long as each column of B; here 5 meets 4. Write both shapes "
        "below the product: is one of them to be transposed, or do th",
        "In A @ B, each row of A must be as long as each column of B; here 5 meets 4. Write both shapes "
        "below the product: which of them is not the one that you exp",
        "matmul 4 5",
    ),
    (
        "ValueError: operands could not be broadcast together with shapes (5,4) (4,1) () ",
        "Entry by entry, (5,4) and (4,1) and () do not fit: from the right, two lengths must be equal or",
        "The shapes (5,4) and (4,1) and () do not fit: compared from the right, two lengths must be equal",
        "broadcast (5,4) (4,1) ()",
    ),
    (
        "ValueError: cannot reshape array of size 6 into shape (3,8)",
        "reshape keeps the number of entries: 6 do not fill (3,8). Print the shape before it: is it the",
        "reshape keeps the number of entries, and 6 entries do not fill the shape (3,8). Print the shape",
        "reshape 6 (3,8)",
    ),
    (
        "UFuncTypeError: Cannot cast ufunc 'add' output from dtype('float64') to dtype('int64') with ",
        "The array on the left holds whole numbers, so += cannot put a fraction into it. Make it of",
        "The array on the left holds integers, so an operator that works in place cannot store a fraction",
        "inplace_integers",
    ),
    (
        "ValueError: zero-size array to reduction operation maximum which has no identity",
        "The maximum of no entries is asked for: a slice or a window is empty. Print its shape, and where",
        "The maximum of no entries is asked for: a slice or a window is empty. Print its shape, and where",
        "reduce_empty maximum",
    ),
    (
        "AttributeError: 'NoneType' object has no attribute 'shape'",
        "Something is None here. Does a function that you call lack its `return`?",
        "Something is None here. A function without `return` gives None, and so do methods that change",
        "none_used",
    ),
    (
        "IndexError: tuple index out of range",
        "A tuple, such as a shape, has fewer entries than that: of an array with one axis there is only",
        "A tuple, such as a shape, has fewer entries than that: an array with one axis has only shape[0].",
        "tuple_index",
    ),
    ("ValueError: unknown loss", "", "", ""),
]


def ended(said, hint=None):
    """The end of a check in which this was raised."""
    kind, text = said.split(": ", 1)
    given = advice(kind, text)
    hint = given.sentence if hint is None else hint
    return CheckEnded(Outcome.ERROR, "", hint=hint, exception=kind, advice=given.key)


def recording_of(said, tmp_path, change=lambda structure: structure, version=None):
    """What a copy of the course knows of a misconception that raised this in `test_f`."""
    recorder = Recorder()
    recorder.enabled = True
    recorder.finish_reference()
    recorder.observe("test_f", [Call("f", (), {}, None, error_summary(ended(said)), 0)])
    wrong = SimpleNamespace(name="odd", value=Misconception("odd", "Look.", "test_f"))
    recorder.finish_misconception(wrong, ["test_f"])
    with np.load(io.BytesIO(recorder.save())) as file:
        header, body = json.loads(file["header"].tobytes()), file["body"]
    (entry,) = (one["checks"]["test_f"] for one in header["misconceptions"].values())
    entry["structures"] = [change(one) for one in entry["structures"]]
    header["version"] = version or header["version"]
    path = tmp_path / "recorded.npz"
    np.savez(path, header=np.frombuffer(json.dumps(header).encode(), np.uint8), body=body)
    calls = [Call("f", (), {}, None, "", 0)]
    ((_, answers),) = Recording(path, EXERCISE).wrong("test_f", calls)
    return list(answers)


def parts_of(end):
    """What recognition compares."""
    return [answer_parts(None, error_summary(end))]


@pytest.mark.parametrize("said", [row[0] for row in SENTENCES])
def test_another_sentence_changes_no_recording(said, tmp_path):
    """In better words, or in another language, the same advice is the same fingerprint."""
    assert recording_of(said, tmp_path) == parts_of(ended(said, hint="Auf Deutsch."))


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("row", SENTENCES, ids=[row[-1] for row in SENTENCES])
def test_recorded_sentences_are_still_read(row, version, tmp_path):
    """A workspace of 1.0.0 or 1.1.0 holds sentences: the same exception is recognised by them."""
    said, *sentences, key = row
    kind = said.partition(":")[0]
    old = repr(f"(raised) {kind} {sentences[version - 2]}".strip())[:200]
    found = recording_of(said, tmp_path, lambda _: old, version)
    assert found == parts_of(ended(said))
    assert found[0][0].structure == repr(f"(raised) {kind} {key}".strip())
    other = ended(said.replace("5", "7").replace("6", "7").replace("maximum", "minimum"))
    assert (found == parts_of(other)) == (" " not in key)


def test_keys_are_names_and_each_is_one_advice():
    """A key is what a recording holds of the advice: it must be unique, and no sentence."""
    keys = [key for key, _, _ in ADVICE]
    assert len(keys) == len(set(keys))
    assert all(key.isidentifier() and key.islower() for key in keys)
