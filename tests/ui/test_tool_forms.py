"""Forms that servers want filled in: what each field asks for, what a typed line makes of it, and who declines."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from tests.ui.harness import AppPilot, listens, until, until_shown, workbench_app
from workbench.tools.forms import FieldQuestion, described, filled
from workbench.tools.people import AlwaysApprove, FormAnswer, FormRequest, NoPeople, fill
from workbench.ui.app import WorkbenchApp
from workbench.ui.forms import asked_form
from workbench.ui.screen_person import ScreenPerson
from workbench.ui.screens.asked_form import AskedFormScreen
from workbench.ui.screens.main import MainScreen
from workbench.ui.widgets import question_dock

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
        "the MCP server s asks: Who? | Your name (1 of 5): a text, at least 2 characters | As on the card.",
        "the MCP server s asks: Who? | age (2 of 5): a whole number, at least 0; - leaves it out",
        "the MCP server s asks: Who? | ready (3 of 5): yes or no; - for yes",
        "the MCP server s asks: Who? | colour (4 of 5): one of r (Red), g (Green)",
        "the MCP server s asks: Who? | pets (5 of 5): some of cat, dog, with commas, at most 2 items; - leaves it out",
    ]


async def test_a_line_that_does_not_fit_is_asked_for_again() -> None:
    typed = ["", "A", "Ada", "many", "-1", "1.5", "-", "maybe", "no", "blue", "r", "cow", "-"]
    answer, asked = await answered(SCHEMA, typed)
    assert answer == FormAnswer("accept", {"name": "Ada", "ready": False, "colour": "r"})
    wrong = [each.partition("not so: ")[2] for each in asked if "not so: " in each]
    assert wrong == [
        "it is required", "must have at least 2 characters", "a whole number is wanted", "must be at least 0",
        "a whole number is wanted", "write yes or no", 'must be one of "r", "g"', "'cow' is none of cat, dog",
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


async def asked(pilot: AppPilot, app: WorkbenchApp, open_about: list[tuple[str, bool]]) -> asyncio.Task[FormAnswer]:
    """A server asks for the form while nobody types, and the question has the keys."""
    person = ScreenPerson(app.stage, lambda call, is_open: open_about.append((call, is_open)))
    request = FormRequest("call_1", "the MCP server \x1b[31ms", "Who? [bold]", SCHEMA)
    task = asyncio.create_task(fill(person, request))
    await until(pilot, lambda: listens(app))
    return task


async def opened(pilot: AppPilot, app: WorkbenchApp) -> AskedFormScreen:
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, AskedFormScreen))
    assert isinstance(app.screen, AskedFormScreen)
    return app.screen


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody types, and what is pressed is meant."""
    for name in ("PAUSE_SECONDS", "SETTLED_SECONDS", "DEAF_SECONDS", "NO_SECONDS"):
        monkeypatch.setattr(question_dock, name, 0.01)
    monkeypatch.setattr(asked_form, "DEAF_SECONDS", 0.0)


@pytest.mark.usefixtures("at_once")
async def test_the_person_at_the_screen_fills_in_a_form() -> None:
    app, open_about = workbench_app(), list[tuple[str, bool]]()
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, open_about)
        await until_shown(pilot, "has a form for you", "Who? [bold]", "Enter opens the form", "Esc cancels")
        await opened(pilot, app)
        await until_shown(pilot, "Your name", "As on the card.", "2 values do not fit")
        await pilot.press("enter", *"Ada", "enter", "home", "enter")
        await until_shown(pilot, "1 value does not fit")
        assert not task.done()  # what does not fit is not sent
        await pilot.press("escape")  # answers nothing: what is filled in stays
        await until(pilot, lambda: listens(app))
        await opened(pilot, app)
        await until_shown(pilot, "Ada")
        await pilot.press("down", "enter", *"gre", "enter", "home", "enter")
        await until(pilot, task.done)
        assert task.result() == FormAnswer("accept", {"name": "Ada", "colour": "g", "ready": True})
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
    assert open_about == [("call_1", True), ("call_1", False)]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("keys", "action"),
    [(["n"], "decline"), (["escape"], "cancel"), (["enter", "home", "down", "enter"], "decline")],
)
async def test_a_form_on_the_screen_is_declined_or_cancelled(keys: list[str], action: str) -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, [])
        if keys[0] == "enter":
            await opened(pilot, app)
            keys = keys[1:]
        await pilot.press(*keys)
        await until(pilot, task.done)
        assert (task.result().action, dict(task.result().values)) == (action, {})


@pytest.mark.usefixtures("at_once")
async def test_a_form_goes_with_its_call_and_nothing_typed_elsewhere_answers_it() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, [])
        await pilot.press("x")  # is no answer: it goes into the prompt
        await until(pilot, lambda: app.stage.prompt.text == "x")
        assert (listens(app), task.done()) == (False, False)
        await pilot.press("backspace")
        await until(pilot, lambda: listens(app))
        await opened(pilot, app)
        await pilot.press("question_mark")
        task.cancel()
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert app.stage.question is None
