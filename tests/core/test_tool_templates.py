"""Templates: what `{argument}` becomes, and what is none."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.tools.templates import Template, names_in, value_of


@pytest.mark.parametrize(
    ("text", "arguments", "filled"),
    [
        ("<{x}>", {"x": "a b"}, "<a b>"),
        ("{x}{y}", {"x": 1, "y": True}, "1true"),
        ("{x}", {"x": {"a": [1, None]}}, '{"a":[1,null]}'),
        ("{{x}} {x}", {"x": "{y}"}, "{x} {y}"),
        ("a{x}b", {}, "ab"),
        ("a{x}b", {"x": None}, "ab"),
        ("{äö-1}", {"äö-1": "ü€"}, "ü€"),
        ("", {"x": 1}, ""),
    ],
)
def test_a_template_is_filled_with_the_arguments_as_text(text: str, arguments: dict[str, Any], filled: str) -> None:
    assert Template.read(text).filled(arguments) == filled


def test_each_argument_is_spelled_as_its_place_wants_it() -> None:
    assert Template.read("{{{x}/").filled({"x": "a"}, lambda text: text * 2) == "{aa/"


@pytest.mark.parametrize("text", ["{", "}", "a {b", "{}", "{ x }", "{a b}", "{{x}"])
def test_a_brace_that_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="brace"):
        Template.read(text)


def test_a_text_that_is_one_argument_becomes_its_value() -> None:
    data = {"n": "{n}", "list": ["{n}", "{gone}", "<{n}>"], "gone": "{gone}", "deep": {"x": "{o}"}, "one": 1}
    arguments = {"n": 3, "o": {"a": "{n}"}}
    assert value_of(data, arguments) == {"n": 3, "list": [3, "<3>"], "deep": {"x": {"a": "{n}"}}, "one": 1}
    assert value_of("{gone}", {}) is None
    assert names_in(data) == {"n", "gone", "o"}
