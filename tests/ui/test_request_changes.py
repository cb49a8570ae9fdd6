"""What of a request differs from the one before it, in values and on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.loopback import message, stream
from tests.ui.harness import AppPilot, ask, rows_of, screen_text, served, settled, until_shown, workbench_app
from workbench.conversation import Options
from workbench.ui.app import WorkbenchApp
from workbench.ui.panes.request_changes import Change, changes, not_of_sdk

CALL = message(plan="I look.", tool_calls=[("c1", "train_status", "{}")], finish_reason="TOOL_CALL")
U, A, B = ({"role": "user", "content": text} for text in ("u", "a", "b"))


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ({"model": "m"}, {"model": "m"}, []),
        ({"model": "m", "k": 1}, {"model": "n", "p": 0.5},
         [Change("~", "model", "n", "m"), Change("+", "p", 0.5), Change("-", "k", 1)]),
        ({"messages": [U]}, {"messages": [U, A, B]},
         [Change(" ", "messages", item=True), *(Change("+", "messages", each, item=True) for each in (A, B))]),
        ({"messages": [U, A, B]}, {"messages": [U, B]},
         [Change(" ", "messages", item=True), Change("-", "messages", A, item=True),
          Change(" ", "messages", item=True)]),
        ({"messages": [U]}, {"messages": [A, U]},
         [Change("+", "messages", A, item=True), Change(" ", "messages", item=True)]),
        ({}, {"documents": ["d"]}, [Change("+", "documents", "d", item=True)]),
        ({"tools": [1, 2, 3, 4]}, {"tools": [1, 9, 3, 4]},
         [Change(" ", "tools", item=True), Change("-", "tools", 2, item=True), Change("+", "tools", 9, item=True),
          Change(" ", "tools", item=True, count=2)]),
        ({"messages": [U]}, {"messages": "odd"}, [Change("-", "messages", U, item=True)]),
    ],
)  # fmt: skip
def test_what_differs(before: Mapping[str, Any], now: Mapping[str, Any], expected: list[Change]) -> None:
    assert list(changes(before, now)) == expected


items = st.lists(st.integers(0, 5), max_size=12)


@given(items, items)
def test_the_changes_of_a_list_make_the_one_of_the_other(old: list[int], new: list[int]) -> None:
    at, made = 0, []
    for each in changes({"tools": old}, {"tools": new}):
        if each.sign == " ":
            made += old[at : at + each.count]
            at += each.count
        elif each.sign == "-":
            assert old[at] == each.value
            at += 1
        else:
            made.append(each.value)
    assert (made, at) == (new, len(old))


def test_what_the_sdk_does_not_take_is_named() -> None:
    assert not_of_sdk({"model": "m", "messages": [], "stream": True, "temperature": 1}) == ""
    assert (
        not_of_sdk({"model": "m", "raw_prompting": 1, "zeal\x1b[2J": 2})
        == "! no parameter of the SDK: raw_prompting, zeal␛[2J"
    )


async def shown(pilot: AppPilot, app: WorkbenchApp) -> str:
    await pilot.press("f6", "d", "home")
    await settled(pilot)
    return "\n".join(rows_of(app, "request")._row(at).head.plain for at in range(len(rows_of(app, "request").keys)))


async def test_a_step_and_a_turn_are_shown_against_the_one_before() -> None:
    app = workbench_app(tools=True, documents=False)
    async with app.run_test(size=(120, 40)) as pilot:
        async with served(app, [stream(CALL), stream(message("It is.")), stream(message("So?"))]):
            await ask(pilot, "Is the train on time?")
            app.conversation.options = replace(app.conversation.options, parameters={"temperature": 0.5, "zeal": 1})
            lines = (await shown(pilot, app)).splitlines()
            assert lines[0] == " step 1  POST /v2/chat  the first request"
            assert lines[1] == " step 2  POST /v2/chat  against step 1"
            assert lines[2] == "   messages: 1 is as before"
            assert lines[3].startswith(' + messages[]  {"role": "assistant"')
            assert lines[4].startswith(' + messages[]  {"role": "tool"')
            assert lines[-1].startswith("   as before: model")
            assert "what differs" in screen_text(app)
            await pilot.press("d")  # and all of it again
            await settled(pilot)
            assert "what differs" not in screen_text(app)
            assert rows_of(app, "request").keys[1] == "1.0"
            await ask(pilot, "And now?")
            lines = (await shown(pilot, app)).splitlines()
        assert lines[0].startswith(" step 1  POST /v2/chat  against turn 1, step 2  ! no parameter of the SDK: zeal")
        assert lines[1] == "   messages: 3 are as before"
        assert lines[2].startswith(' + messages[]  {"role": "assistant"')
        assert lines[3] == ' + messages[]  {"role": "user", "content": "And now?"}'
        assert " + temperature  0.5" in lines and " + zeal  1" in lines


async def test_a_change_opens_to_what_it_was_and_is() -> None:
    app = workbench_app(documents=False, options=Options(model="command-test", parameters={"temperature": 0.25}))
    async with app.run_test(size=(80, 24)) as pilot:
        async with served(app, [stream(message("Yes."))] * 2):
            await ask(pilot, "Is it?")
            app.conversation.options = Options(model="command-test", parameters={"temperature": 0.75})
            await ask(pilot, "Is it?")
        await pilot.press("f6", "d", "z")
        await settled(pilot)
        rows = rows_of(app, "request")
        place = next(at for at in range(len(rows.keys)) if "~ temperature  0.25 → 0.75" in rows._row(at).head.plain)
        rows.show(rows.keys[place])
        await pilot.press("space")
        await until_shown(pilot, "before", "now", "0.75")


async def test_the_same_request_again_says_that_nothing_differs() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=(80, 24)) as pilot:
        async with served(app, [stream(message("Yes."))] * 2):
            await ask(pilot, "Is it?")
            app.conversation.clear()
            await ask(pilot, "Is it?")
        lines = (await shown(pilot, app)).splitlines()
    assert lines == [" step 1  POST /v2/chat  the first request"]
