"""Schemas that are taken as valid at a glance."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from workbench.config.plain_schema import TYPES, is_plain

KEYWORDS = (
    "type", "title", "description", "properties", "required", "additionalProperties", "items", "enum", "const",
    "default", "examples", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength",
    "minItems", "maxItems", "uniqueItems", "pattern", "format", "$ref", "anyOf", "x-unknown",
)  # fmt: skip

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.floats() | st.sampled_from(["", "a", "(", *TYPES]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", *KEYWORDS]), inner, max_size=3)
    ),
    max_leaves=8,
)
SCHEMAS = st.dictionaries(st.sampled_from(KEYWORDS), VALUES, max_size=3)
META = Draft202012Validator(Draft202012Validator.META_SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


@settings(deadline=None, derandomize=True)
@given(SCHEMAS)
def test_what_is_plain_is_valid(schema: dict[str, Any]) -> None:
    if is_plain(schema):
        assert list(META.iter_errors(schema)) == []


@pytest.mark.parametrize("keyword", KEYWORDS)
@settings(deadline=None, derandomize=True)
@given(value=VALUES)
def test_no_keyword_alone_is_taken_for_valid_when_it_is_not(keyword: str, value: Any) -> None:
    if is_plain({keyword: value}):
        assert list(META.iter_errors({keyword: value})) == []


def test_the_schemas_of_most_tools_are_plain() -> None:
    place = {"type": "string", "description": "A place.", "enum": ["library", "museum"], "default": "library"}
    days = {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 31}, "minItems": 1}
    assert is_plain({"type": "object", "properties": {"place": place, "days": days}, "required": ["place"]})


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "text"},
        {"type": True},
        {"required": "place"},
        {"required": ["place", "place"]},
        {"properties": {"place": {"minLength": -1}}},
        {"items": [{"type": "string"}]},
        {"maximum": True},
        {"pattern": "("},
        "object",
    ],
)
def test_faults_are_left_to_the_validator(schema: Any) -> None:
    assert not is_plain(schema)
