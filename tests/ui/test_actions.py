"""The table of actions on the screen: bindings, rebinding, the palette, and what works on a dialog."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from types import MappingProxyType

import pytest
from textual.command import CommandPalette
from textual.keys import _character_to_key
from textual.widgets import Input

from tests.loopback import Head, Wait
from tests.ui.harness import (
    AppPilot,
    ask,
    in_focus,
    rows_of,
    said,
    screen_text,
    served,
    settled,
    until,
    until_shown,
    workbench_app,
)
from workbench.ui.actions import ACTIONS, OF_THE_APP, SPOTS, Spot
from workbench.ui.app import WorkbenchApp
from workbench.ui.bindings import bindings
from workbench.ui.hints import hints
from workbench.ui.keymap import label, told
from workbench.ui.markdown.block_parser import DEEP, LONG_LINE, LONG_ROW
from workbench.ui.markdown.line import RenderedLine, Run
from workbench.ui.screens.help import HelpScreen
from workbench.ui.screens.main import MainScreen
from workbench.ui.screens.raw import RawScreen
from workbench.ui.widgets.caret import Caret, Place


class Text:
    """A line of text."""

    line_count, page_lines = 1, 1

    def line_at(self, y: int) -> RenderedLine:
        return RenderedLine((Run("words"),))


WIDE, TALL = (120, 40), (120, 260)
QUESTION = "When do the doors open on Saturdays?"


@pytest.mark.parametrize("character", "]G+,?_-/\\@[#~é&!")
def test_a_character_is_told_as_the_screen_tells_it(character: str) -> None:
    assert told(character) == (_character_to_key(character),)


def test_every_action_is_run_by_something() -> None:
    """By the app under its id, by a method of the widget whose it is, by the prompt, which reads keys itself, or by the
    view in which one selects."""
    app = workbench_app()
    performed = {action.id for action in ACTIONS if action.place in OF_THE_APP and not action.does}
    assert performed <= app.commands._actions.keys()
    assert {action.id for action in ACTIONS if action.slash} <= app.commands._actions.keys()
    bound = {binding.id for binding in bindings(*{action.place for action in ACTIONS})}
    by_view = {action.id for action in ACTIONS if action.place == "selecting"}
    by_prompt = {action.id for action in ACTIONS if action.id not in bound | by_view}
    assert by_prompt == {
        "send", "newline", "search-history", "earlier-question", "later-question", "chat-page-up", "chat-page-down",
    }  # fmt: skip
    assert all(app.prompt._perform(id) or id.endswith("-question") for id in by_prompt - {"send"})
    caret = Caret(Text(), Place(0, 0))
    assert {id for id in by_view if not caret.act(id)} == {"take", "take-to-file", "leave"}


def test_a_line_about_a_bound_names_a_command_and_no_key_that_may_be_another() -> None:
    labels = {label(key) for action in ACTIONS for key in action.keys} - {"a"}  # which is a word, too
    for line in (LONG_LINE, LONG_ROW, DEEP):
        assert not labels & set(line.split())
        assert "/raw" in line.split()


async def test_what_is_rebound_has_its_new_key_only_and_the_screen_says_so() -> None:
    app = workbench_app(
        keys={
            "help": ["f12"],
            "newline": ["ctrl+x"],
            "next-pane": [],
            "show-events": ["alt+5"],
            "next-citation": ["b"],
            "retry": ["ctrl+t"],
        }
    )
    async with app.run_test(size=TALL) as pilot:
        await until_shown(pilot, "F12 help", "^X newline")
        await pilot.press("a", "ctrl+j", "b", "ctrl+x", "c")
        assert app.prompt.text == "ab\nc"
        app.prompt.clear()
        await ask(pilot, QUESTION)
        await pilot.press("f2", "right_square_bracket")
        assert in_focus(app) is app.prompt
        assert app.prompt.text == "]"
        await pilot.press("backspace", "f2", "ctrl+o", "f5", "f1")
        await settled(pilot)
        assert in_focus(app) is app.chat.view
        assert app.chat.view.selected_citation is None
        assert len(app.screen_stack) == 1
        await pilot.press("b")
        assert app.chat.view.selected_citation == (1, 0)
        await pilot.press("alt+5")
        assert in_focus(app) is rows_of(app, "events")
        await pilot.press("f12")
        await until_shown(pilot, "Alt+5  ", "b    ", "Ctrl+T")
        text = screen_text(app)
        assert "the pane before" in text
        assert "the next pane" not in text
        await pilot.press("end")
        await until_shown(pilot, "F12")
        await pilot.press("f12")
        await until(pilot, lambda: not isinstance(app.screen, HelpScreen))
        await pilot.press("ctrl+p")
        await until(pilot, lambda: re.search(r"Next citation +b\b", screen_text(app)) is not None)
        await until_shown(pilot, "Ctrl+T", "Alt+5")
        assert "Tab, Ctrl+O" not in screen_text(app)
        await pilot.press("escape", "ctrl+t")
        await until(pilot, lambda: app.conversation.turns[-1].number == 2 and not app.busy)


async def test_a_tab_that_means_nothing_does_nothing() -> None:
    app = workbench_app(keys={"next-pane": [], "previous-pane": ["ctrl+o"]})
    async with app.run_test(size=WIDE) as pilot:
        for key in ("tab", "shift+tab"):
            await pilot.press(key)
            await settled(pilot)
            assert in_focus(app) is app.prompt
        await pilot.press("f2", "tab", "shift+tab")
        await settled(pilot)
        assert in_focus(app) is app.chat.view
        await pilot.press("ctrl+o")
        await until(pilot, lambda: in_focus(app) is not app.chat.view)


async def test_keys_of_rows_raw_text_and_questions_can_be_rebound_too() -> None:
    keys = {"row-up": ["j"], "row-down": ["k"], "close-raw": ["x"], "copy-raw": [], "scroll-end": ["e"], "close": ["x"]}
    app = workbench_app(keys=keys)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, QUESTION)
        await pilot.press("f5", "home", "k")
        rows = rows_of(app, "events")
        assert rows.cursor == 1
        await pilot.press("down", "up", "j")
        assert rows.cursor == 0
        await pilot.press("f7")
        await until_shown(pilot, "x close")
        assert "copy" not in screen_text(app).split("\n")[-1]
        await pilot.press("escape", "y")
        await pilot.pause()
        assert isinstance(app.screen, RawScreen)
        assert app.clipboard == ""
        await pilot.press("x")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("x")
        await until(pilot, lambda: len(app.screen_stack) == 1)


@pytest.mark.parametrize("key", ["ctrl+k", "ctrl+x", "alt+delete", "f6", "escape"])
async def test_a_turn_is_cancelled_from_the_prompt_by_whatever_key_means_that(key: str) -> None:
    """Also by one that edits text, and only once what was typed before it is there."""
    app = workbench_app(keys={"cancel": [key], "show-request": []})
    async with app.run_test(size=WIDE) as pilot, served(app, [[Head(), Wait(asyncio.Event())]]):
        await pilot.press(*"tide", "enter", *"two", "enter", *"three")
        await until(pilot, lambda: app.busy)
        await pilot.press(key)
        await until_shown(pilot, "■ cancelled")
        assert app.prompt.text == "two\nthree"


async def test_the_history_is_walked_from_anywhere_with_keys_that_move_no_cursor() -> None:
    app = workbench_app(keys={"earlier-question": ["up", "ctrl+x"]})
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "tide?")
        await pilot.press("a", "ctrl+j", "b", "up")
        assert app.prompt.text == "a\nb"
        await pilot.press("ctrl+j", "ctrl+x")
        assert app.prompt.text == "tide?"


async def by_name(pilot: AppPilot, name: str) -> None:
    """Run the first that the palette finds for a name: two letters by keys, what follows as a paste does."""
    app = pilot.app
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(app.screen, CommandPalette))
    palette = app.screen
    await pilot.press(*name[:2])
    palette.query_one(Input).insert_text_at_cursor(name[2:])
    await until_shown(pilot, name)
    await settled(pilot)
    await pilot.press("enter")
    await until(pilot, lambda: app.screen is not palette)
    await settled(pilot)


def _in_raw(app: WorkbenchApp) -> bool:
    return isinstance(app.screen, RawScreen)


FOUND: MappingProxyType[str, Callable[[WorkbenchApp], bool]] = MappingProxyType(
    {
        "Show Chat": lambda app: app.focused is app.chat.view,
        "Show Tools": lambda app: app.focused is app.tools.rows,
        "Show Sources": lambda app: app.focused is app.sources.rows,
        "Show Events": lambda app: app.focused is rows_of(app, "events"),
        "Show Request": lambda app: app.focused is rows_of(app, "request"),
        "Raw text": _in_raw,
        "Next citation": lambda app: app.chat.view.selected_citation == (1, 0),
        "Zoom": lambda app: not app.sources.display and app.chat.display,
        "Next pane": lambda app: app.focused is app.chat.view,
        "New conversation": lambda app: app.conversation.turns == [],
        "Copy the last answer": lambda app: app.clipboard == app.conversation.turns[-1].text,
        "Help": lambda app: isinstance(app.screen, HelpScreen),
        "New line in": lambda app: app.prompt.text == "\n",
        "Theme": lambda app: "Search for themes" in screen_text(app),
        "Model": lambda app: said(app) == "model: command-test",
    }
)


@pytest.mark.parametrize("part", range(3))
async def test_every_action_is_found_by_its_name_in_the_palette(part: int) -> None:
    for name, done in list(FOUND.items())[part::3]:
        app = workbench_app()
        async with app.run_test(size=WIDE, notifications=True) as pilot:
            await ask(pilot, QUESTION)
            await by_name(pilot, name)
            assert done(app), name


async def test_the_palette_offers_what_there_is_to_do_and_nothing_of_textuals_own() -> None:
    app = workbench_app()
    async with app.run_test(size=TALL) as pilot:
        await until(pilot, lambda: not app.loading)
        await pilot.press("ctrl+p")
        await until_shown(pilot, "Quit", "Theme", "Show Events")
        before = screen_text(app)
        own = {command.title.partition("  ")[0] for command in app.get_system_commands(app.screen_stack[0])}
        assert own <= {action.title for action in ACTIONS}
        for name in (
            "Maximize",
            "Minimize",
            "Screenshot",
            "Ask again",
            "Next citation",
            "Raw text",
            "fold the row",
        ):
            assert name not in before
        await pilot.press("escape")
        await ask(pilot, QUESTION)
        await ask(pilot, QUESTION)
        await pilot.press("f5", "home", "ctrl+p")
        await until_shown(pilot, "Ask again  /retry", "Next citation", "Raw text  /raw", "Expand or fold the row")
        titles = {command.title.partition("  ")[0] for command in app.get_system_commands(app.screen_stack[0])}
        absent = {
            *(f"Ask suggestion {number}" for number in (1, 2, 3)),
            "Send the question",
            "Cancel the turn",
            "Go on past the limit",
            "Source of the citation",
            "Expand or fold the thinking",
            "Next hit",
            "Previous hit",
            "Sessions",  # which this app keeps none of
            "Fork the conversation",
            *(action.title for action in ACTIONS if action.place == "replay"),
            "Event of what one stands on",
            *("Tools on and off", "Run a tool alone"),  # of which this app has none
            *(action.title for action in ACTIONS if action.place == "trace"),
        }
        assert {action.title for action in ACTIONS if action.title} - titles <= absent


async def test_palette_help_and_last_row_are_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handbook's page is compared with it where the table is tested."""
    app = workbench_app()
    monkeypatch.setattr(app.commands, "can", lambda _: True)
    keymap = app.stage.keymap
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: not app.loading)
        await pilot.press("f3")  # where all that works in rows does
        offered = [command.title for command in app.get_system_commands(app.screen)]
        titled = [action for action in ACTIONS if action.title and action.place not in ("raw", "reading", "question")]
        assert len(offered) == len(titled)
        for row, action in zip(offered, titled, strict=True):
            keys = keymap.label(action.id)
            assert row.startswith(f"{action.title}  /{action.command}" if action.slash else action.title)
            assert row.endswith((keys, keys.partition(", ")[0]))
        assert {provider.__name__ for provider in app.COMMANDS} == {"get_system_commands_provider"}
        assert not MainScreen.COMMANDS

    tables = HelpScreen(keymap, in_replay=True)._tables
    help_text = "\n".join(f"{keys}  {meaning}" for _, rows in tables for keys, meaning in rows)
    for action in ACTIONS:
        if action.slash or action.keys:
            assert action.meaning in help_text
            assert all(label(key) in help_text for key in action.keys)
            assert f"/{action.slash}" in help_text or not action.slash

    spots: tuple[Spot, ...] = ("prompt", "chat", "rows", "trace")
    for spot in spots:
        places = {place for place, spots in SPOTS.items() if spot in spots} | {"replay"}
        here = [action for action in ACTIONS if action.hint and action.place in places]
        named = [hint.partition(" ") for hint in hints(keymap, spot, lambda _: True)]
        assert {word for _, _, word in named} == {action.hint for action in here}
        labels = {label(key) for action in here for key in action.keys} | {keymap.short(action.id) for action in here}
        assert {key for keys, _, _ in named for key in (keys.split("/") if keys != "/" else keys)} <= labels | {"1-9"}


async def test_an_entry_of_the_palette_acts_where_the_focus_was() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, QUESTION)
        await pilot.press("f5", "home")
        before = len(screen_text(app))
        await by_name(pilot, "Expand or fold the row")
        rows = rows_of(app, "events")
        assert app.focused is rows
        assert rows._open == {rows.cursor_key}
        assert len(screen_text(app)) != before


@pytest.mark.parametrize("key", ["tab", "f5", "ctrl+n", "ctrl+g", "f7"])
async def test_on_a_dialog_no_key_reaches_what_is_beneath_it(key: str) -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, QUESTION)
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press(key)
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        assert app.screen.focused is None or app.screen.focused.screen is app.screen
        assert app.screen_stack[0].focused is app.prompt
        assert app.conversation.turns
        await pilot.press("q")
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_f1_closes_the_help_that_it_opened() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("f1")
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_the_palette_opens_once_also_from_the_help_over_it() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+p")
        await until_shown(pilot, "Search for commands")
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("ctrl+p", "escape")
        await until(pilot, lambda: not isinstance(app.screen, HelpScreen))
        assert len(app.screen_stack) == 2
