"""Ctrl+R: what was asked before is looked for as one types, taken into the prompt, and never sent by that."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.content import Content

from tests.ui.harness import in_focus, said, screen_text, settled, until, until_shown, workbench_app
from tests.ui.test_key_order import ESC, write
from workbench.cli import parse
from workbench.commands.app import screen
from workbench.startup.setup import read_plan
from workbench.ui.app import WorkbenchApp

CTRL_R = b"\x12"
ASKED = [
    "When does the tide turn?",
    "What does a permit cost?",
    "Where is the\nharbour tide measured?",
    "evil \x1b]0;x\x07",
]


def app_with_history() -> WorkbenchApp:
    app = workbench_app()
    app.prompt.asked.precede(ASKED)
    return app


async def test_one_that_has_the_words_is_taken_and_not_sent() -> None:
    app = app_with_history()
    async with app.run_test(size=(80, 24)) as pilot:
        write(app, b"a draft\x1b[D" + CTRL_R + b"TIDE tu")
        await until_shown(pilot, "▸ When does the tide turn?", "asked before", "Enter takes", "Esc back")
        assert "permit" not in screen_text(app)
        write(app, b"\r")
        await until(pilot, lambda: app.prompt.text == "When does the tide turn?")
        assert app.conversation.turns == []
        assert not app.prompt.choices.display
        write(app, b"\x1f!")
        await until(pilot, lambda: app.prompt.text == "a draf!t")


async def test_the_hits_are_marked() -> None:
    app = app_with_history()
    async with app.run_test(size=(80, 24)) as pilot:
        write(app, CTRL_R + b"tide")
        await until_shown(pilot, "▸ Where is the␤harbour tide measured?", "  When does the tide turn?")
        shown = app.prompt.choices.render()
        assert isinstance(shown, Content)
        marked = [shown.plain[span.start : span.end] for span in shown.spans if "underline" in str(span.style)]
        assert marked == ["tide", "tide"]


async def test_the_list_is_walked_and_escape_brings_the_draft_back() -> None:
    app = app_with_history()
    async with app.run_test(size=(80, 24)) as pilot:
        write(app, b"a draft" + CTRL_R)
        await until_shown(pilot, "▸ evil ␛]0;x␇")
        write(app, CTRL_R + b"\x1b[B\x1b[B")
        await until_shown(pilot, "▸ When does the tide turn?")
        write(app, b"\x1b[A")
        await until_shown(pilot, "▸ What does a permit cost?")
        write(app, b"zzz")
        await until_shown(pilot, "nothing of that was asked before")
        write(app, ESC + b"!")
        await until(pilot, lambda: app.prompt.text == "a draft!")
        assert not app.prompt.choices.display
        write(app, CTRL_R + b"permit\x03?")
        await until(pilot, lambda: app.prompt.text == "a draft!?")
        write(app, CTRL_R + b"permit\t.")
        await until(pilot, lambda: app.prompt.text == "What does a permit cost?.")
        assert in_focus(app) is app.prompt


@pytest.mark.parametrize("key", ["f2", "f5"])
async def test_whoever_goes_elsewhere_has_the_draft_again(key: str) -> None:
    app = app_with_history()
    async with app.run_test(size=(120, 40)) as pilot:
        write(app, b"a draft" + CTRL_R + b"tide")
        await until_shown(pilot, "▸ Where is the")
        await pilot.press(key)
        await until(pilot, lambda: app.prompt.text == "a draft")
        assert not app.prompt.choices.display


async def test_a_search_waits_below_a_dialog() -> None:
    app = app_with_history()
    async with app.run_test(size=(80, 24)) as pilot:
        write(app, b"a draft" + CTRL_R + b"tide\x1bOP")
        await until_shown(pilot, "Where you type")
        write(app, ESC + b" turn\r")
        await until(pilot, lambda: app.prompt.text == "When does the tide turn?")


async def test_up_goes_through_what_was_asked_earlier_behind_ones_own() -> None:
    app = app_with_history()
    sent: list[str] = []
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        app.asking.put = sent.append  # type: ignore[method-assign, assignment]
        write(app, b"mine\r" + b"\x1b[A" * 6 + b"!\r")  # one of them has two lines
        await until(pilot, lambda: len(sent) == 2)
        assert sent == ["mine", "When does the tide turn?!"]


async def kept_app(home: Path, *flags: str) -> WorkbenchApp:
    environ = {"HOME": str(home)}
    plan = read_plan(parse(["--offline", *flags], environ), environ, docs_later=True)
    return screen(plan, environ)


async def asked(home: Path, text: str, *flags: str) -> list[str]:
    """What Up would bring at the start of a program in which `text` is asked."""
    app = await kept_app(home, *flags)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.asking.ready.wait()
        await settled(pilot)
        before = app.prompt.asked.newest_first()
        app.asking.put = lambda prompt: None  # type: ignore[method-assign]
        write(app, text.encode() + b"\r")
        await until(pilot, lambda: text in app.prompt.asked.newest_first())
    return before


async def test_the_next_program_knows_what_was_asked_unless_it_is_not_kept(tmp_path: Path) -> None:
    assert await asked(tmp_path, "first") == []
    assert await asked(tmp_path, "second") == ["first"]
    assert await asked(tmp_path, "secret", "--no-session") == []
    assert await asked(tmp_path, "third") == ["second", "first"]


async def test_a_history_that_cannot_be_written_costs_a_line(tmp_path: Path) -> None:
    state = tmp_path / ".local" / "state" / "workbench"
    state.mkdir(parents=True)
    (state / "asked.jsonl").mkdir()
    app = await kept_app(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.asking.ready.wait()
        app.asking.put = lambda prompt: None  # type: ignore[method-assign]
        write(app, b"one\r")
        await until(pilot, lambda: "is not remembered" in said(app))
