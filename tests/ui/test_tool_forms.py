"""Forms that servers want filled in: what each field asks for, what a typed line makes of it, and who declines."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from workbench.tools.forms import FieldQuestion, described, filled
from workbench.tools.people import AlwaysApprove, FormAnswer, FormRequest, NoPeople, fill
from workbench.ui.screen_person import ScreenPerson
from workbench.ui.widgets.question_dock import Question

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "title": "Your name", "minLength": 2, "description": "As on the card."},
        "age": {"type": "integer", "minimum": 0},
        "ready": {"type": "boolean", "default": True},
        "colour": {"type": "string", "oneOf": [{"const": "r", "title": "Red"}, {"const": "g", "title": "Green"}]},
        "pets": {"type": "array", "items": {"type": "string", "enum": ["cat", "dog"]}, "maxItems": 2},
    },
    "required": ["name", "colour"],
}


async def answered(schema: Any, typed: Sequence[str | None]) -> tuple[FormAnswer, list[str]]:
    """The form with these lines typed, and what was asked."""
    waiting, asked = list(typed), list[str]()

    async def ask(question: FieldQuestion) -> str | None:
        asked.append(" | ".join(described(question)))
        return waiting.pop(0)

    answer = await filled(FormRequest("1", "the MCP server s", "Who?", schema), ask)
    assert waiting == []
    return answer, asked


async def test_a_form_is_asked_for_field_by_field() -> None:
    answer, asked = await answered(SCHEMA, ["Ada", "36", "-", "green", "cat, dog"])
    assert answer == FormAnswer(
        "accept", {"name": "Ada", "age": 36, "ready": True, "colour": "g", "pets": ["cat", "dog"]}
    )
    assert asked == [
        "the MCP server s asks: Who? | Your name (1 of 5): a text | As on the card.",
        "the MCP server s asks: Who? | age (2 of 5): a whole number; - leaves it out",
        "the MCP server s asks: Who? | ready (3 of 5): yes or no; - for yes",
        "the MCP server s asks: Who? | colour (4 of 5): one of r (Red), g (Green)",
        "the MCP server s asks: Who? | pets (5 of 5): some of cat, dog, with commas; - leaves it out",
    ]


async def test_a_line_that_does_not_fit_is_asked_for_again() -> None:
    typed = ["", "A", "Ada", "many", "-1", "1.5", "-", "maybe", "no", "blue", "r", "cow", "-"]
    answer, asked = await answered(SCHEMA, typed)
    assert answer == FormAnswer("accept", {"name": "Ada", "ready": False, "colour": "r"})
    wrong = [each.partition("not so: ")[2] for each in asked if "not so: " in each]
    assert wrong == [
        "it is required", "'A' is too short", "write a whole number", "-1 is less than the minimum of 0",
        "write a whole number", "write yes or no", "'blue' is none of r, g", "'cow' is none of cat, dog",
    ]  # fmt: skip


@pytest.mark.parametrize("typed", [[None], ["Ada", None]])
async def test_a_person_may_decline_at_any_field(typed: list[str | None]) -> None:
    assert (await answered(SCHEMA, typed))[0] == FormAnswer("decline")


@pytest.mark.parametrize(("typed", "action"), [("yes", "accept"), ("no", "decline")])
async def test_a_form_without_fields_asks_for_a_yes(typed: str, action: str) -> None:
    answer, _ = await answered({"type": "object", "properties": {}}, [typed])
    assert (answer.action, answer.values) == (action, {})


async def test_where_nobody_is_a_form_is_declined() -> None:
    request = FormRequest("1", "the MCP server s", "Who?", SCHEMA)
    assert await fill(NoPeople(), request) == FormAnswer("decline")
    assert await fill(AlwaysApprove(NoPeople()), request) == FormAnswer("decline")


class Stage:
    """Where questions are put, and answered with what was `typed`."""

    def __init__(self, *typed: str | None) -> None:
        self.asks_one_thing = asyncio.Lock()
        self.typed = list(typed)
        self.asked: list[Question] = []

    async def put_question(self, question: Question) -> str | None:
        self.asked.append(question)
        return self.typed.pop(0)


async def test_the_person_at_the_screen_fills_in_a_form() -> None:
    open_about: list[tuple[str, bool]] = []
    stage = Stage("Ada", "-", "-", "Red", "-")
    person = ScreenPerson(stage, lambda call, is_open: open_about.append((call, is_open)))
    request = FormRequest("call_1", "the MCP server \x1b[31ms", "Who?", SCHEMA)
    answer = await fill(person, request)
    assert answer == FormAnswer("accept", {"name": "Ada", "ready": True, "colour": "r"})
    assert open_about[:2] == [("call_1", True), ("call_1", False)]
    assert stage.asked[0].title == "Your name?"
    assert "\x1b" not in stage.asked[0].text.plain
    assert await fill(ScreenPerson(Stage(None), lambda *_: None), request) == FormAnswer("decline")
