"""A form over a JSON Schema: its fields, what is typed there as values, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.tools.form_checking import WHOLE, FormChecker, placed
from workbench.tools.form_fields import FormField, fields_of, text_of, value_of

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "place": {"type": "string", "description": "Where. ", "maxLength": 8, "examples": ["library"]},
        "days": {"type": "integer", "minimum": 1, "maximum": 7, "default": 1},
        "unit": {"enum": ["C", "F"]},
        "fine": {"type": "boolean"},
        "near": {"$ref": "#/$defs/Near"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "kind": {"anyOf": [{"const": "a"}, {"const": "b"}, {"type": "null"}]},
        "any": True,
    },
    "required": ["place", "unit"],
    "$defs": {"Near": {"type": "object", "description": "Around it", "properties": {"km": {"type": "number"}}}},
}
FIELDS = {field.name: field for field in fields_of(SCHEMA, ["place", "more"])}


def test_a_property_is_told_with_its_type_choices_limits_and_default() -> None:
    assert list(FIELDS) == ["place", "days", "unit", "fine", "near", "note", "kind", "any", "more"]
    assert FIELDS["place"] == FormField(
        "place", frozenset({"string"}), "Where.", True, examples=("library",), limits=("at most 8 characters",)
    )
    assert FIELDS["days"].limits == ("at least 1", "at most 7")
    assert FIELDS["days"].default == (1,)
    assert (FIELDS["unit"].choices, FIELDS["unit"].types) == (("C", "F"), frozenset({"string"}))
    assert FIELDS["fine"].is_switch
    assert (FIELDS["near"].type_in_words, FIELDS["near"].description) == ("object", "Around it")
    assert (FIELDS["note"].type_in_words, FIELDS["note"].default) == ("string or null", (None,))
    assert FIELDS["kind"].choices == ("a", "b", None)
    assert FIELDS["any"].type_in_words == "any value"
    assert (FIELDS["more"].is_known, FIELDS["any"].is_known) == (False, True)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("place", "library", "library"),
        ("place", "  ", "  "),
        ("place", '""', ""),
        ("place", "", ...),
        ("place", "5", "5"),
        ("days", "3", 3),
        ("days", " ", ...),
        ("unit", "C", "C"),
        ("near", '{"km": 2}', {"km": 2}),
        ("note", "null", None),
        ("note", '"null"', "null"),
        ("note", "5", "5"),
        ("kind", "null", None),
        ("any", "09:00", "09:00"),
        ("any", "9", 9),
        ("any", '"9"', "9"),
        ("any", "[1]", [1]),
        ("more", "true", True),
    ],
)
def test_what_is_typed_is_a_value_and_is_typed_so_again(name: str, text: str, expected: Any) -> None:
    field = FIELDS[name]
    value = value_of(field, text)
    assert value == expected
    assert value is ... or value_of(field, text_of(field, value)) == value


TITLED: dict[str, Any] = {
    "properties": {
        "colour": {"title": "Colour", "oneOf": [{"const": "r", "title": "Red"}, {"const": "g", "title": "Green"}]},
        "old": {"type": "string", "enum": ["1", "2"], "enumNames": ["One", "Two"]},
        "pets": {"type": "array", "items": {"enum": ["cat", "dog"]}, "maxItems": 1},
        "days": {
            "type": "array",
            "items": {"anyOf": [{"const": 1, "title": "Monday"}, {"const": 2, "title": "Tuesday"}]},
        },
        "names": {"type": "array", "items": {"type": "string"}},
    }
}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("colour", "Red", "r"),
        ("colour", "GREEN", "g"),
        ("colour", "g", "g"),
        ("old", "two", "2"),
        ("pets", "cat, DOG", ["cat", "dog"]),
        ("pets", '["cat"]', ["cat"]),
        ("days", "monday,2", [1, 2]),
    ],
)
def test_a_value_may_be_called_as_people_call_it_and_several_have_commas(name: str, text: str, expected: Any) -> None:
    fields = {field.name: field for field in fields_of(TITLED)}
    assert value_of(fields[name], text) == expected
    assert (fields["colour"].title, fields["colour"].titled) == ("Colour", {"r": "Red", "g": "Green"})
    assert (fields["names"].items, fields["pets"].titled) == ((), {"cat": "", "dog": ""})
    with pytest.raises(ValueError, match="'cow' is none of cat, dog"):
        value_of(fields["pets"], "cat, cow")
    assert checked(TITLED, {"colour": "blue", "pets": ["cat", "dog"]}) == {
        "colour": 'must be one of "r", "g"',
        "pets": "must have at most 1 items",
    }


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("days", "3.5", "a whole number is wanted"),
        ("days", "three", "a whole number is wanted"),
        ("fine", "yes", "true or false is wanted"),
        ("near", "{", "this is JSON: Expecting property name enclosed in double quotes at line 1 column 2"),
        ("near", "[1]", "an object of JSON, in braces is wanted"),
        ("any", "{", "this is JSON: Expecting property name enclosed in double quotes at line 1 column 2"),
    ],
)
def test_what_is_no_value_of_its_type_is_refused_in_words(name: str, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words.replace('[', '.')}$"):
        value_of(FIELDS[name], text)


def checked(schema: dict[str, Any], values: dict[str, Any]) -> dict[str, str]:
    checker = FormChecker(schema)
    checker.prepare()
    return checker.problems(values)


def test_a_violation_is_told_at_its_property() -> None:
    assert checked(SCHEMA, {"days": 9, "unit": "K", "fine": 1, "near": {"km": "far"}}) == {
        "place": "is required",
        "days": "must be at most 7",
        "unit": 'must be one of "C", "F"',
        "fine": "must be boolean",
    }
    closed = {"type": "object", "properties": {"a": {}}, "additionalProperties": False, "minProperties": 3}
    assert checked(closed, {"a": 1, "b": 2}) == {
        "b": "is none of the parameters",
        WHOLE: "{'a': 1, 'b': 2} does not have enough properties",
    }
    assert placed(["$.near.km: 'far' is not a number", "$: no", "and more"]) == {
        "near": "'far' is not a number",
        WHOLE: "no",
    }


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"pattern": "(a+)+$"}}},
        {"properties": {"a": {"not": {"pattern": "(a+)+$"}}}},
        {"properties": {"a": {"oneOf": [{"pattern": "(a+)+$"}, {"pattern": "b"}]}}},
        {"properties": {"a": {"if": {"pattern": "(a+)+$"}, "then": False}}},
        {"patternProperties": {"(a+)+$": {}}, "additionalProperties": False},
        {"$ref": "#"},
        {"type": "nonsense"},
    ],
)
def test_nothing_that_may_take_for_ever_is_checked_while_somebody_types(schema: dict[str, Any]) -> None:
    assert checked(schema, {"a": "a" * 60 + "!"}) == {}


def test_a_schema_that_makes_no_sense_is_read_as_far_as_it_does() -> None:
    odd: Any = {"properties": {"a": 5, "b": {"type": ["string", 7], "enum": "x", "$ref": "#/nowhere"}}, "required": "a"}
    assert [(field.name, field.type_in_words) for field in fields_of(odd)] == [("a", "any value"), ("b", "string")]
    assert fields_of({"properties": [], "required": ["x"]}) == [FormField("x", is_required=True)]
    assert fields_of({"$ref": "#", "allOf": [{"$ref": "#"}, {"properties": {"c": {}}}]})[0].name == "c"
