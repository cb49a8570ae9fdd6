"""The app as a person uses it: keys in, screen out."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest
from textual.app import ComposeResult

from tests.loopback import Chunk, Head, Reply, Wait, error, message, stream
from tests.ui.harness import (
    ask,
    chat_text,
    in_focus,
    listens,
    said,
    screen_text,
    served,
    settled,
    until,
    until_shown,
    workbench_app,
)
from workbench.conversation.turn import Turn
from workbench.events import ContentDelta
from workbench.ui.app import WorkbenchApp
from workbench.ui.arrangement import Panel
from workbench.ui.routes import route
from workbench.ui.screens.help import HelpScreen
from workbench.ui.widgets import question_dock

WIDE, NARROW = (120, 40), (80, 24)
PARTIAL = message("The tide turns", done=False).split(b"event: content-end")[0]


async def test_a_question_offline_is_answered_with_its_source() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        shown = screen_text(app)
        assert "On Saturdays the doors open at 10:00.[1]" in chat_text(app)
    assert "1 cited of 4" in shown
    assert "[1] Visitor guide › Hours" in shown
    assert "✓ complete" in shown


async def test_a_bracket_opens_the_passage_and_enter_goes_there_and_back() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        await pilot.press("f2", "right_square_bracket")
        await settled(pilot)
        assert app.sources.rows.cursor_key == "document:guide/hours.md#1"
        assert "The library opens at 09:00." in screen_text(app)
        assert in_focus(app) is app.chat.view
        await pilot.press("enter")
        await pilot.pause()
        assert in_focus(app) is app.sources.rows
        await pilot.press("enter")
        await pilot.pause()
        assert in_focus(app) is app.chat.view


async def test_a_citation_of_an_earlier_turn_opens_that_turns_source() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        await ask(pilot, "What does a day ticket cost?")
        assert "[1] … › Tickets" in screen_text(app)
        await pilot.press("f2", "left_square_bracket", "left_square_bracket")
        await settled(pilot)
        assert "[1] Visitor guide › Hours" in screen_text(app)


async def test_citations_of_an_answer_that_was_asked_for_again_still_open_its_sources() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When does the library open?")
        first = app.conversation.turns[-1]
        app.commands.run("/retry")
        await until(pilot, lambda: app.conversation.turns[-1] is not first and not app.busy)
        await pilot.press("f2", "home", "right_square_bracket")
        assert app.chat.view.selected_citation == (first.number, 0)
        await until_shown(pilot, "turn 1 of 2 · 1 cited")
        await pilot.press("enter", "f7")
        await until_shown(pilot, "Raw text of turn")
        app.commands.run("/clear")
        assert app.navigation.show_source(first.number, 0) is False


async def test_tools_are_traced_and_cited() -> None:
    app = workbench_app(tools=True, documents=False)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, 'What are the opening hours of the place "library"?')
        shown = screen_text(app)
    assert "✓ opening_hours" in shown
    assert "place: library" in shown
    assert "→ opens 09:00, closes 18:00" in shown
    assert "[1] opening_hours" in shown
    assert "step 2" in shown


def call_row(app: WorkbenchApp) -> str:
    """What the tools pane says of the first call; it may be behind a question."""
    rows = app.tools.rows
    return rows._row(rows._index["call 1.0"]).head.plain.strip() if "call 1.0" in rows.keys else ""


async def test_a_tool_asks_a_person_who_may_answer_or_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PAUSE_SECONDS", "SETTLED_SECONDS", "DEAF_SECONDS"):
        monkeypatch.setattr(question_dock, name, 0.01)
    script = [
        stream(message(tool_calls=[("c1", "ask_a_person", "{}")])), stream(message("So it is blue.")),
        stream(message(tool_calls=[("c2", "ask_a_person", "{}")])), stream(message("Nobody said.")),
    ]  # fmt: skip
    app = workbench_app(tools=True)
    async with app.run_test(size=WIDE) as pilot, served(app, script) as server:
        app.prompt.insert("Which colour?")
        await pilot.press("enter")
        await until(pilot, lambda: listens(app))
        await until(pilot, lambda: call_row(app) == "⏸ ask_a_person  asks you")
        await pilot.press(*"blue", "enter")
        await until_shown(pilot, "So it is blue.")
        assert call_row(app) == "✓ ask_a_person"
        await until(pilot, lambda: not app.busy)
        app.prompt.insert("Sure?")
        await pilot.press("enter")
        await until(pilot, lambda: listens(app))
        await pilot.press("escape")
        await until_shown(pilot, "Nobody said.", "⊘ ask_a_person  denied")
    documents = [body["messages"][-1]["content"][0]["document"]["data"] for body in (server.received[1].body,)]
    assert documents == [{"result": "blue"}]


async def test_escape_stops_a_turn_and_keeps_what_came() -> None:
    app = workbench_app()
    script: list[Reply] = [[Head(), Chunk(PARTIAL), Wait(asyncio.Event())], stream(message("Again."))]
    async with app.run_test(size=WIDE) as pilot, served(app, script):
        app.prompt.insert("Tide?")
        await pilot.press("enter")
        await until_shown(pilot, "The tide turns", "streaming")
        await pilot.press("escape")
        await until_shown(pilot, "■ cancelled")
        assert "The tide turns" in screen_text(app)
        await ask(pilot, "/retry")
        await until_shown(pilot, "Again.")
        assert app.is_running


async def test_a_question_typed_while_one_streams_is_asked_next() -> None:
    app, go = workbench_app(), asyncio.Event()
    script: list[Reply] = [[Head(), Chunk(PARTIAL), Wait(go), Chunk(b"")], stream(message("Second."))]
    async with app.run_test(size=WIDE) as pilot, served(app, script) as server:
        app.prompt.insert("one")
        await pilot.press("enter")
        await until_shown(pilot, "The tide turns")
        await pilot.press(*"two", "enter")
        await until_shown(pilot, "next: two")
        go.set()
        await until_shown(pilot, "Second.")
        await until(pilot, lambda: not app.busy)
        assert "next: two" not in screen_text(app)
        assert [body["messages"][-1]["content"] for body in (r.body for r in server.received)] == ["one", "two"]


async def test_cancelling_puts_what_was_queued_back_into_the_prompt() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot, served(app, [[Head(), Chunk(PARTIAL), Wait(asyncio.Event())]]):
        app.prompt.insert("one")
        await pilot.press("enter")
        await until_shown(pilot, "The tide turns")
        await pilot.press(*"two", "enter", "escape")
        await until_shown(pilot, "■ cancelled")
        assert app.prompt.text == "two"


async def test_an_error_is_said_where_it_happened_and_the_next_question_works() -> None:
    app = workbench_app()
    script = [error(401, {"message": "invalid api token"}), stream(message("Now it works."))]
    async with app.run_test(size=WIDE) as pilot, served(app, script):
        await ask(pilot, "Hello?")
        assert "✗ failed" in screen_text(app)
        assert "✗ failed" in screen_text(app)
        await ask(pilot, "/retry")
        await until_shown(pilot, "Now it works.")


async def test_an_answer_that_was_cut_says_so() -> None:
    app = workbench_app()
    script = [stream(message("The tide turns", finish_reason="MAX_TOKENS")), stream(message("Whole."))]
    async with app.run_test(size=WIDE) as pilot, served(app, script):
        await ask(pilot, "Tide?")
        assert "! the answer was cut short: MAX_TOKENS" in screen_text(app)
        await ask(pilot, "Again?")
        assert screen_text(app).count("cut short") == 1


async def test_unknown_and_malformed_frames_are_shown_not_lost() -> None:
    odd = b'event: sparkle\ndata: {"type":"sparkle"}\n\ndata: {"type":"content-del\n\n'
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot, served(app, [stream(odd + message("Still here."))]):
        await ask(pilot, "?")
        assert "unknown event 'sparkle'" in screen_text(app)
        await until_shown(pilot, "Still here.")
        await pilot.press("f5")
        await until_shown(pilot, "sparkle", "malformed")
        await pilot.press("f6")
        await pilot.press("end")
        await until_shown(pilot, '"stream": true')


async def test_text_from_outside_is_shown_literally_and_reaches_no_terminal() -> None:
    hostile = "[bold red]x[/] [@click=app.quit]y[/] \x1b]0;owned\x07 \u202eabc"
    call = [("c[red]", "tool[/]\x1b[2J", '{"a": "[link=x]\x1b[31m"}')]
    app = workbench_app(tools=True)
    script = [stream(message(hostile, thinking=hostile, plan=hostile, tool_calls=call)), stream(message(hostile))]
    async with app.run_test(size=WIDE) as pilot, served(app, script):
        await ask(pilot, hostile)
        await pilot.press("f5")
        await settled(pilot)
        shown = screen_text(app)
        assert "[bold red]x[/]" in shown
        assert not any(character in shown for character in "\x1b\x07\u202e")


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_every_pane_is_one_key_away(size: tuple[int, int]) -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=size) as pilot:
        keys: dict[str, Panel] = {"f3": "tools", "f4": "sources", "f5": "events", "f6": "request", "f2": "chat"}
        for key, name in keys.items():
            await pilot.press(key)
            await pilot.pause()
            pane = app.panes[name]
            assert pane.region.area > 0
            assert app.focused is not None
            assert pane in app.focused.ancestors


@pytest.mark.parametrize("size", [WIDE, NARROW, (40, 12)])
async def test_tab_walks_every_pane_and_comes_back(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        seen = []
        for _ in range(6):
            await pilot.press("tab")
            await pilot.pause()
            assert app.focused is not None
            assert app.focused.region.area > 0
            seen.append(app.focused.id)
        assert len(set(seen)) == 6
        assert seen[-1] == "prompt"


async def test_a_pane_grows_to_the_whole_screen_and_back() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f4", "z")
        await pilot.pause()
        assert app.sources.region.width == WIDE[0]
        assert not app.chat.display
        await pilot.press("escape")
        await pilot.pause()
        assert app.chat.display


async def test_at_80_columns_what_is_new_comes_to_the_front() -> None:
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        shown = screen_text(app)
    assert "[F4 Sources]" in shown
    assert "[1] Visitor guide › Hours" in shown


async def test_resizing_while_streaming_loses_nothing() -> None:
    app, go = workbench_app(), asyncio.Event()
    rest = message("The tide turns twice a day, says the table.").split(b"turns")[1]
    first = PARTIAL.rstrip() + b"\n\n"
    tail = message("x twice a day.").split(b"\n\n", 3)[3]
    assert rest
    async with app.run_test(size=WIDE) as pilot, served(app, [[Head(), Chunk(first), Wait(go), Chunk(tail)]]):
        app.prompt.insert("?")
        await pilot.press("enter")
        await until_shown(pilot, "The tide turns")
        for size in ((80, 24), (30, 10), (1, 1), (200, 60), (100, 30)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        go.set()
        await until_shown(pilot, "The tide turns twice a day.", "✓ complete")


async def test_history_and_new_lines_in_the_prompt() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot, served(app, lambda _: stream(message("Ok."))):
        await ask(pilot, "first")
        await ask(pilot, "second")
        await pilot.press(*"draft", "up")
        assert app.prompt.text == "second"
        await pilot.press("up")
        assert app.prompt.text == "first"
        await pilot.press("down", "down")
        assert app.prompt.text == "draft"
        await pilot.press("ctrl+j", "x")
        assert app.prompt.text == "draft\nx"


async def test_ctrl_c_cancels_then_clears_then_quits() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot, served(app, [[Head(), Chunk(PARTIAL), Wait(asyncio.Event())]]):
        app.prompt.insert("?")
        await pilot.press("enter")
        await until_shown(pilot, "The tide turns")
        await pilot.press(*"abc", "ctrl+c")
        await until_shown(pilot, "■ cancelled")
        assert app.prompt.text == "abc"
        await pilot.press("ctrl+c")
        assert app.prompt.text == ""
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "Ctrl+C again quits" in said(app))
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert app.return_code == 0


def is_said(app: WorkbenchApp, text: str) -> bool:
    return text in said(app)


async def test_slash_commands(tmp_path: Path) -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=WIDE) as pilot:
        for command, expected in (
            ("/modle", "did you mean /model?"),
            ("/model command-r", "model: command-r"),
            ("/copy", "nothing to copy yet"),
        ):
            app.prompt.put(command)
            await pilot.press("enter")
            await until(pilot, partial(is_said, app, expected))
        await ask(pilot, "When do the doors open on Saturdays?")
        assert app.conversation.turns[-1].steps[0].request["model"] == "command-r"
        app.prompt.insert(f"/copy {tmp_path / 'answer.md'}")
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "answer.md").exists())
        assert (tmp_path / "answer.md").read_text("utf-8") == app.conversation.turns[-1].text
        app.prompt.insert("/clear")
        await pilot.press("enter")
        await until_shown(pilot, "it is not a language model")
        assert app.conversation.turns == []
        app.prompt.insert("/help")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))


@pytest.mark.parametrize(
    "text",
    ["/exit code 137 means what?", "/clear the cache: how?", "/new in this release?", "/retry after 429?",
     "/model of the pump, where is it?", "/copy of the answer, where is it?", "/quit\nor not?", "/exti"],
)  # fmt: skip
async def test_prose_behind_a_command_does_nothing_and_is_asked_when_it_is_sent_again(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "tide?")
        turn, model = app.conversation.turns[0], app.conversation.options.model
        app.prompt.insert(text)
        await pilot.press("enter")
        await until(pilot, partial(is_said, app, "Enter again sends it as a question"))
        assert app.is_running
        assert app.conversation.turns == [turn]
        assert app.conversation.options.model == model
        assert list(tmp_path.iterdir()) == []
        assert app.prompt.text == text
        await pilot.press("enter")
        await until(pilot, lambda: len(app.conversation.turns) == 2 and not app.busy)
        assert app.conversation.turns[1].prompt == text
        assert app.prompt.text == ""


async def test_a_refused_line_that_is_changed_is_read_anew_and_nothing_typed_meanwhile_is_lost() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        app.prompt.insert("/exit now")
        await pilot.press("enter")
        await until(pilot, lambda: app.prompt.text == "/exit now")
        await pilot.press("!", "enter")
        await until(pilot, lambda: app.prompt.text == "/exit now!")
        assert app.conversation.turns == []
        app.prompt.put("and more")
        app.commands.run("/exit then")
        assert app.prompt.text == "/exit then\nand more"


@pytest.mark.parametrize("text", ["/etc/hosts what does this do?", "/usr is full, what now?", "//exit", "/tmp/x"])
async def test_prose_that_begins_with_a_slash_is_sent(text: str) -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, text)
        assert [turn.prompt for turn in app.conversation.turns] == [text]


async def test_a_copy_says_what_it_did() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        await pilot.press("f2", "y")
        await until(pilot, lambda: "OSC 52" in said(app))
        assert app.clipboard == app.conversation.turns[-1].text


async def test_panes_ignore_messages_of_another_turn() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        for pane, stale in route(Turn(99, "?"), ContentDelta(text="from another turn")):
            app.panes[pane].post_message(stale)
        await pilot.pause(0.2)
        assert "another turn" not in screen_text(app)


async def test_many_events_at_once_leave_the_app_alive() -> None:
    app = workbench_app()
    text = " ".join(f"word{number}" for number in range(3000))
    async with app.run_test(size=WIDE) as pilot, served(app, [stream(message(text))]):
        await ask(pilot, "?")
        await until_shown(pilot, "word2999")
        assert app.chat.view.answer_text(1) == text


async def test_a_second_conversation_starts_with_an_empty_screen() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        await pilot.press("ctrl+n")
        await until_shown(pilot, "it is not a language model", "Sources")
        await ask(pilot, "What does a day ticket cost?")
        assert "Saturdays" not in screen_text(app)
        assert "4 euros.[1]" in screen_text(app)


async def test_keys_pressed_in_a_row_count_from_where_the_last_one_led() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f4")
        for _ in range(3):
            app.action_perform("next-pane")
        assert app.focused is app.prompt


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c"])
async def test_quitting_works_with_a_screen_on_top(key: str) -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press(key, key)
        await pilot.pause()
        assert app.return_code == 0


@pytest.mark.parametrize("place", ["before", "while the screen is composed", "as soon as the loop turns"])
async def test_being_told_to_end_while_the_screen_is_built_is_no_fault(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = workbench_app()
    end = partial(app.exit, return_code=143)
    if place == "before":
        end()
    elif place == "as soon as the loop turns":
        asyncio.get_running_loop().call_soon(end)
    else:
        compose = app.compose

        def told() -> ComposeResult:
            end()
            yield from compose()

        monkeypatch.setattr(app, "compose", told)
    await app.run_async(headless=True, size=(80, 24))
    assert app.fault is None
    assert app.return_code == 143
