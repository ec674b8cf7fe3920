"""Reports as JSON, and the schema that is published for them."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.model import Outcome
from grader.render import FORMATS, render
from grader.render.json import as_dict, from_dict


def test_one_is_an_object_and_several_are_a_list(make, schema):
    """One report is an object, several are a list; both fit the schema."""
    one = make.report(make.check(), make.check(Outcome.FAILED, "test_two", picture=make.picture()))
    single = json.loads(render([one], "json"))
    several = json.loads(render([one, one], "json"))
    assert several == [single, single]
    schema.validate(single)
    schema.validate(several)
    schema.validate([])


def test_there_and_back(make):
    """A stored report is the same report again, pictures included; unknown keys are passed over."""
    one = make.report(make.check(), make.check(Outcome.FAILED, "test_two", picture=make.picture()))
    stored = json.loads(json.dumps({**as_dict(one), "from": "a later version"}))
    assert from_dict(stored) == one
    odd = make.report(make.check(Outcome.FAILED, picture=make.picture(got=float("nan"))))
    again = [from_dict(json.loads(json.dumps(as_dict(odd)))) for _ in range(2)]
    assert again[0] == again[1]


@pytest.mark.parametrize("got", ["nan", "inf", "-inf"])
def test_numbers_that_json_lacks(make, schema, got):
    """NaN and infinities in a picture are texts: the document stays JSON for every reader."""
    picture = make.picture(got=float(got))
    text = render([make.report(make.check(Outcome.FAILED, picture=picture))], "json")

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    value = json.loads(text, parse_constant=refuse)
    assert value["checks"][0]["picture"]["got"][0][0] == got
    schema.validate(value)


def test_score_and_outcome(make):
    """Points are sums over the checks; the outcome is passed only if every check passed."""
    value = as_dict(make.report(make.check(), make.check(Outcome.FAILED, "test_two")))
    assert (value["score"], value["max_score"], value["outcome"]) == (2, 4, "failed")
    assert as_dict(make.report(make.check()))["outcome"] == "passed"
    assert as_dict(make.report(make.check(), make.check(Outcome.UNGRADED)))["outcome"] == "ungraded"


def test_nothing_collected_is_not_a_pass(make):
    """A report without checks is ungraded."""
    assert as_dict(make.report())["outcome"] == "ungraded"


@given(text=st.text(max_size=40))
def test_any_text_crosses_unchanged(make, schema, text):
    """What a student wrote comes back from JSON as it was, and fits the schema."""
    one = make.check(Outcome.ERROR, message=text + "x", output=text)
    value = json.loads(render([make.report(one, submission=text)], "json"))
    assert value["checks"][0]["output"] == text
    assert value["submission"] == text
    schema.validate(value)


def test_unknown_format(make):
    """A format that does not exist is a usage error which lists those that do."""
    with pytest.raises(UsageError, match=r"yaml: no such format; there are .*terminal"):
        render([make.report(make.check())], "yaml")
    assert {"terminal", "json", "junit"} <= set(FORMATS)


# The schema itself


def test_schema_is_a_schema(schema):
    """The published document is valid JSON Schema 2020-12, and every field in it is described."""
    document = schema.schema
    jsonschema.Draft202012Validator.check_schema(document)
    for definition in document["$defs"].values():
        for name, field in definition.get("properties", {}).items():
            target = field.get("$ref", "").rpartition("/")[2]
            described = "description" in field or "description" in document["$defs"].get(target, {})
            assert described or target == "table", name


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.update(extra=1),
        lambda r: r.pop("grader"),
        lambda r: r.update(schema=2),
        lambda r: r.update(outcome="error"),
        lambda r: r.update(score=-1),
        lambda r: r.update(problems=[""]),
        lambda r: r["checks"][0].update(score=1),
        lambda r: r["checks"][0].update(message=""),
        lambda r: r["checks"][0].update(outcome="maybe"),
        lambda r: r["checks"][0].update(extra=1),
        lambda r: r["checks"][0]["picture"].update(got=[["1"]]),
        lambda r: r["checks"][1].update(message="but it passed"),
        lambda r: r["sandbox"].update(filesystem="yes"),
        lambda r: r["sandbox"].update(extra=True),
    ],
)
def test_schema_refuses_what_is_no_report(make, schema, change):
    """A field that is missing, unknown or impossible does not fit."""
    value = as_dict(
        make.report(make.check(Outcome.FAILED, picture=make.picture()), make.check(name="test_two"))
    )
    schema.validate(value)
    change(value)
    assert not schema.is_valid(value)
