"""The canary on the screen: whatever is said with the key in it, no pane, picture, file or word shows it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.canary import CANARY, CITED, DOCS, SAYS, found_in, lay_out, script
from tests.loopback import LoopbackServer
from tests.ui.harness import AppPilot, screen_text, until, until_shown
from workbench.cli import parse
from workbench.commands.app import screen
from workbench.startup.logs import logging_to
from workbench.startup.setup import read_plan
from workbench.ui.app import WorkbenchApp

WIDE = (120, 40)


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("workbench.conversation.limits.DRAIN", 0.1)
    return {**os.environ, "CO_API_KEY": CANARY, "COPY_OF_IT": CANARY}


def app_of(environ: dict[str, str], *flags: str) -> WorkbenchApp:
    return screen(read_plan(parse(flags), environ), environ)


async def ask(app: WorkbenchApp, question: str) -> None:
    """Until the question has its end; what it brought may still be on its way to the screen."""
    app.asking.put(question)
    async with asyncio.timeout(30):
        while app.busy:  # noqa: ASYNC110 - a look at the screen each time would take most of the test
            await asyncio.sleep(0.002)


async def shown_in_all_panes(pilot: AppPilot, app: WorkbenchApp) -> dict[str, str]:
    """The screen with each of the panes on it, what can be copied there, the picture of it, and all that is said."""
    shown = {}
    for name in ("events", "request", "tools"):  # the chat beside each, and sources with the tools
        app.navigation.show(name)
        await pilot.pause()
        shown[name] = f"{screen_text(app)}\n{app.commands.takings.here().text}"
    shown["picture"] = app.export_screenshot()
    shown["words"] = "\n".join(note.text for note in app.stage.said)
    shown["title"] = f"{app.title} {app.sub_title}"
    shown["clipboard"] = app.clipboard
    return shown


@pytest.mark.parametrize("part", range(4))
async def test_no_pane_shows_the_key(part: int, environ: dict[str, str], tmp_path: Path) -> None:
    """One app for many: what is left of one must not turn up with another."""
    says = SAYS[part::4]
    async with LoopbackServer(script) as server:
        flags = ("--base-url", server.url, "--tools", "tools.yaml", "--yes", "--record", "turn.jsonl")
        app = app_of(environ, *flags)
        with logging_to(tmp_path / "turn.log", app.conversation.redactor):
            async with app.run_test(size=WIDE) as pilot:
                await until(pilot, lambda: not app.loading)
                leaks = {}
                for say in says:
                    app.commands.run("/clear")
                    await ask(app, say.name)
                    turn = app.conversation.turns[-1]
                    places = {**await shown_in_all_panes(pilot, app), "error": str(turn.error), "text": turn.text}
                    # The frames of the events pane are as they came: spelled over several, its parts are there.
                    for place, text in places.items():
                        whole_only = say.spelled and place in ("events", "picture")
                        if found := found_in(text, pieces=not whole_only):
                            leaks[say.name, place] = found
                assert leaks == {}
        assert len(server.received) >= len(says)
        assert {received.headers["authorization"] for received in server.received} == {f"Bearer {CANARY}"}
        assert [found_in(received.raw) for received in server.received if found_in(received.raw)] == []
    (session,) = (Path(environ["XDG_STATE_HOME"]) / "workbench" / "sessions").glob("*")
    for path in (tmp_path / "turn.jsonl", session, tmp_path / "turn.log"):
        assert found_in(path.read_bytes(), pieces=path.suffix == ".log") == []
    looked = tmp_path / "environ"
    assert looked.exists() == any(say.name == "a tool that looks" for say in says)
    assert not looked.exists() or found_in(looked.read_bytes()) == []


async def test_what_a_person_types_or_a_document_holds_is_shown_masked(environ: dict[str, str], tmp_path: Path) -> None:
    assert CANARY in DOCS
    app = app_of(environ, "--offline", "--docs", "docs.json", "--theme", CANARY)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: not app.loading)
        app.prompt.insert(f"What is the key of the harbour, {CANARY}?")
        await pilot.pause()
        assert found_in(screen_text(app)) == []
        assert found_in(app.export_screenshot()) == []
        await pilot.press("enter")
        await until_shown(pilot, "The key of the harbour is ***")
        await until(pilot, lambda: not app.busy)
        app.commands.run("/copy answer.md")
        for command in (f"/model {CANARY}", f"/nosuch {CANARY}", f"/copy nosuch/{CANARY}", "/copy", "/docs"):
            app.commands.run(command)
        shown = await shown_in_all_panes(pilot, app)
        assert {name: found for name, text in shown.items() if (found := found_in(text))} == {}
    assert "***" in (tmp_path / "answer.md").read_text("utf-8")
    assert found_in((tmp_path / "answer.md").read_bytes()) == []


async def test_a_session_with_the_key_of_another_day_comes_back_without_it(environ: dict[str, str]) -> None:
    """Kept while the key was another one, and resumed when it is the key."""
    async with LoopbackServer(script) as server:
        app = app_of({**environ, "CO_API_KEY": "another-key-of-these-tests"}, "--base-url", server.url)
        async with app.run_test(size=WIDE) as pilot:
            await until(pilot, lambda: not app.loading)
            await ask(app, "text")
            await until_shown(pilot, CITED)
        app = app_of(environ, "--base-url", server.url, "--resume")
        async with app.run_test(size=WIDE) as pilot:
            await until_shown(pilot, "It is ***")
            shown = await shown_in_all_panes(pilot, app)
            assert {name: found for name, text in shown.items() if (found := found_in(text))} == {}
            await ask(app, "and now?")
        assert [found_in(received.raw) for received in server.received] == [[], []]
